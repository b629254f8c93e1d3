# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Spends its time in C: in zlib below squeeze(), and in sorting below order()."""

import os
import random
import zlib

from spot import say

DATA = os.urandom(1 << 18)
NUMBERS = [random.random() for _ in range(20000)]


def squeeze():
    return zlib.compress(DATA, 9)


def order():
    return sorted(NUMBERS)


def main():
    say(ready=True)
    while True:
        squeeze()
        order()


main()
