# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the exchange formats share: a program whose calls are known, traced once."""

from __future__ import annotations

import functools
import threading
from typing import Any

import pyrometer

FORMATS = [
    "pyro",
    "pstats",
    "callgrind",
    "speedscope",
    "pprof",
    "chrome",
    "json",
    "svg",
    "collapsed",
]
TIMEOUT_S = 120


class Basket:
    """Something with methods."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def add(self, item: int) -> None:
        self.items.append(item)


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def is_even(n: int) -> bool:
    return True if n == 0 else is_odd(n - 1)


def is_odd(n: int) -> bool:
    return False if n == 0 else is_even(n - 1)


def in_thread() -> None:
    basket = Basket()
    for i in range(40):
        basket.add(i)


def work() -> None:
    fib(12)
    is_even(20)
    sorted(range(10), key=lambda v: -v)
    thread = threading.Thread(target=in_thread, name="worker; of\nbaskets")
    thread.start()
    thread.join()


@functools.cache
def traced() -> pyrometer.Profile:
    """Trace the program."""
    with pyrometer.trace() as trace:
        work()
    return trace.profile


def figures(profile: pyrometer.Profile, qualname: str) -> dict[str, Any]:
    """Return the only function of that qualified name."""
    (found,) = (f for f in profile.functions if f["qualname"] == qualname)
    return found


def total(profile: pyrometer.Profile, metric: str) -> int:
    return sum(f[metric] for f in profile.functions)
