# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""A thread at work, one that waits, and with an argument a child that is at work, too."""

from __future__ import annotations

import subprocess
import sys
import threading


def spin() -> int:
    """Take a second or so."""
    total = 0
    for i in range(10_000_000):
        total += i
    return total


def doze() -> None:
    """Wait for what never comes."""
    threading.Event().wait()


def main() -> None:
    """Go on until somebody ends it."""
    threading.Thread(target=doze, name="Dozer", daemon=True).start()
    if len(sys.argv) > 1:
        subprocess.Popen([sys.executable, sys.argv[1]], stdout=subprocess.DEVNULL)
    print("started", flush=True)
    while True:
        spin()


main()
