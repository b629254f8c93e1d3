# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of tasks share: the contexts of a profile, each with its figures."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Callable

from tracing import trace

Values = dict[str, int]

SHARE = 0.04  # of the whole by which a share may be off


@dataclass
class Context:
    """A thread of the profile's model, with what ran in it."""

    name: str
    kind: str
    entry: str
    tag: str
    start: int
    end: int
    switches: int
    starved: int | None  # None: not known
    parent: int | None
    functions: dict[str, Values] = field(default_factory=dict)  # by qualified name: self values
    paths: dict[tuple[str, ...], Values] = field(default_factory=dict)  # outermost first

    @property
    def calls(self) -> Counter[str]:
        """Return the counts of the functions that were called."""
        return Counter({n: v["calls"] for n, v in self.functions.items() if v["calls"]})

    def total(self, metric: str = "wall") -> int:
        """Return the sum of what ran in it: its running time."""
        return sum(values[metric] for values in self.functions.values())

    @property
    def alive(self) -> int:
        """Return the time from its begin to its end."""
        return self.end - self.start

    @property
    def awaiting(self) -> int:
        """Return the time it neither ran nor could have."""
        return self.alive - self.total() - (self.starved or 0)


def contexts(profile: Any) -> list[Context]:
    """Return all threads of the model, in its order."""
    data = json.loads(profile.export("json"))
    metrics = [metric["name"] for metric in data["metrics"]]
    found = [
        Context(
            name=thread["name"],
            kind=thread["kind"],
            entry=thread["entry"],
            tag=thread["tag"],
            start=thread["start_ns"],
            end=thread["end_ns"],
            switches=thread["switches"],
            starved=thread["starved_ns"],
            parent=thread["parent"],
        )
        for thread in data["threads"]
    ]
    paths: list[tuple[str, ...]] = []
    for node in data["nodes"]:
        above = () if node["parent"] is None else paths[node["parent"]]
        paths.append((*above, data["functions"][node["function"]]["qualname"]))
    for node, thread, values in data["rows"]:
        named = dict(zip(metrics, values))
        add(found[thread].functions.setdefault(paths[node][-1], {}), named)
        add(found[thread].paths.setdefault(paths[node], {}), named)
    return found


def add(to: Values, values: Values) -> None:
    """Add values to those of the same name."""
    for name, value in values.items():
        to[name] = to.get(name, 0) + value


def tasks(profile: Any) -> dict[str, Context]:
    """Return the asyncio tasks by name, which is unique in these tests."""
    found = [context for context in contexts(profile) if context.kind == "task"]
    by_name = {task.name: task for task in found}
    assert len(by_name) == len(found)
    return by_name


def burn(seconds: float) -> float:
    """Keep the processor busy; return for how long, by the wall clock."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        pass
    return time.perf_counter() - begin


def run_tasks(body: Callable[[], Coroutine[Any, Any, object]], **options: Any) -> Any:
    """Trace one program of asyncio's, and no tasks but its own."""

    def main() -> None:
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(body())
        finally:
            loop.close()

    return trace(main, **options)


def close(measured: float, seconds: float, whole: float) -> bool:
    """Compare nanoseconds of a profile with seconds that the program took itself."""
    return abs(measured / 1e9 - seconds) < SHARE * whole
