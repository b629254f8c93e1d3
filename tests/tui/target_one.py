# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""One thread that is always in one function, as far as any sampler can see."""

from __future__ import annotations


def spin() -> int:
    """Take a second or so."""
    total = 0
    for i in range(10_000_000):
        total += i
    return total


def main() -> None:
    """Go on until somebody ends it."""
    print("started", flush=True)
    while True:
        spin()


main()
