# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of greenlets share: programs, and ways to look at contexts."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple

import pytest

from pyrometer import _probe

greenlet = pytest.importorskip("greenlet", reason="greenlet is not installed for this Python")

Counts = dict[str, int]


class Context(NamedTuple):
    kind: str
    id: Any
    name: str
    ident: int
    tid: int
    wall_s: float
    cpu_s: float
    switches: int


def tracer(**options: Any) -> Any:
    return _probe.Tracer(**{"builtins": False, "calibrate": False, **options})


def contexts(tracer: Any) -> list[Context]:
    return [Context(*context) for context in tracer.contexts()]


def by_context(tracer: Any, column: int = 3) -> dict[str, dict[str, Any]]:
    """Return calls (or another column) by context's name and function's, where there are any."""
    records = tracer.records()
    figures: dict[str, dict[str, Any]] = {}
    names = [context.name for context in contexts(tracer)]
    for row in tracer.context_totals()[0]:
        if row[column]:
            mine = figures.setdefault(names[row[0]], {})
            name = records[row[2]][1].split(".")[-1]
            mine[name] = mine.get(name, 0) + row[column]
    return figures


def callers(tracer: Any, name: str) -> set[tuple[str, str]]:
    """Return caller and callee of all calls in a context."""
    records = tracer.records()
    names = [context.name for context in contexts(tracer)]
    return {
        (records[edge[2]][1].split(".")[-1], records[edge[3]][1].split(".")[-1])
        for edge in tracer.context_totals()[1]
        if names[edge[0]] == name
    }


def named(name: str, body: Callable[..., Any], *args: Any) -> Any:
    made = greenlet.greenlet(functools.partial(body, *args))
    made.name = name
    return made


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    greenlet.greenlet(int).switch()
    assert greenlet.gettrace() is None


def leaf(mine: Counts) -> None:
    mine["leaf"] += 1


def hop(mine: Counts, to: Any) -> None:
    mine["hop"] += 1
    to.switch()
    leaf(mine)


def burn(n: int) -> int:
    total = 0
    for i in range(n):
        total += i & 3
    return total


def burn_in_turns(work: int, turns: int, to: Any) -> None:
    for _ in range(turns):
        burn(work)
        to.switch()
