# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Counts the signals that it gets, one by one, while some threads work and others wait."""

import os
import signal
import sys
import threading
import time
import zlib

from spot import say

EXPECTED = int(sys.argv[1])
DATA = os.urandom(100000)


def work():
    while True:
        zlib.compress(DATA)


def wait():
    while True:
        time.sleep(0.001)


def main():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    # The handler in C writes a byte for each signal; Python's own would join several.
    signal.signal(signal.SIGRTMIN, lambda *_: None)
    signal.set_wakeup_fd(writing)
    for target in (work, work, wait, wait):
        threading.Thread(target=target, daemon=True).start()
    say(ready=True)
    received = 0
    while received < EXPECTED:
        received += len(os.read(reading, 65536))
        say(received=received)
    while True:
        time.sleep(0.01)
        say(alive=True)


main()
