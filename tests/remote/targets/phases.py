# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Does one thing until it is told to go on, and then another until it is killed."""

import json
import sys
import threading

changed = threading.Event()


def wait_for_word():
    sys.stdin.buffer.read(1)
    changed.set()


def first_phase():
    while not changed.is_set():
        sum(range(100))


def second_phase():
    while True:
        sum(range(100))


threading.Thread(target=wait_for_word, daemon=True).start()
print(json.dumps({"ready": True}), flush=True)
first_phase()
print(json.dumps({"second": True}), flush=True)
second_phase()
