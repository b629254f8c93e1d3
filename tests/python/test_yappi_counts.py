# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Our Yappi counts and computes what the real one does, on the same programs."""

from __future__ import annotations

import re
import sys
import threading
from typing import Any

import pytest
import yappi_programs
from hypothesis import given, settings
from hypothesis import strategies as st
from yappi_programs import afresh, collect, counts, fib, program, their_core, theirs

from pyrometer.compat import _yappi as our_core
from pyrometer.compat import yappi as ours

__all__ = ["afresh"]


@pytest.mark.parametrize("builtins", [False, True])
@pytest.mark.parametrize("clock", ["cpu", "wall"])
def test_calls_are_counted_the_same(builtins: bool, clock: str) -> None:
    tables = []
    for module in (theirs, ours):
        module.set_clock_type(clock)
        tables.append(counts(collect(module, program, builtins=builtins)))
    if not builtins:
        # Yappi records sorted() and len(), too, but does not show whom they called.
        callees = next(it for it in tables[1].values() if it[0] == "program")[5]
        for name in [it for it in callees if it.endswith((" <lambda>", " Basket.__len__"))]:
            assert callees.pop(name)[0] > 0
    assert tables[0] == tables[1]
    assert tables[1][f"{yappi_programs.__file__}:{fib.__code__.co_firstlineno} fib"][3:5] == (
        109,
        1,
    )
    assert ("time.sleep" in tables[1]) == builtins


def test_threads_are_counted_the_same() -> None:
    def in_threads() -> None:
        threads = [threading.Thread(target=fib, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
            thread.join()

    tables = []
    for module in (theirs, ours):
        stats = collect(module, in_threads)
        per_thread = [
            [
                (stat.ncall, stat.nactualcall)
                for stat in module.get_func_stats(filter={"ctx_id": it.id, "name": "fib"})
            ]
            for it in module.get_thread_stats()
            if it.name == "Thread"
        ]
        tables.append((counts(stats), sorted(per_thread)))
    assert tables[0] == tables[1]
    assert tables[1][1] == sorted([[(n, 1)] for n in (1, 1, 3, 5, 9, 15)])


def test_coroutines_are_counted_the_same() -> None:
    import asyncio

    async def leaf(n: int) -> int:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return n

    async def branch(n: int) -> int:
        return await leaf(n) + await leaf(n)

    async def both() -> None:
        await asyncio.gather(branch(1), branch(2), leaf(3))

    if sys.version_info >= (3, 15):
        pytest.skip("Yappi does not recognise coroutines there")
    for name, calls in (("leaf", 5), ("branch", 2), ("both", 1)):
        for module in (theirs, ours):
            collect(module, lambda: asyncio.run(both()))
            (row,) = module.get_func_stats(filter={"name": name})
            assert (row.ncall, row.nactualcall) == (calls, calls), name


def run_plan(plan: tuple[int, ...]) -> None:
    """Call f0 to f3 as `plan` says: a number is a call of that function, a -1 its return."""
    steps = iter(plan)

    def go_on() -> None:
        for step in steps:
            if step < 0:
                return
            (f0, f1, f2, f3)[step]()

    # One frame for each call, so that the timings are of these functions alone.
    def f0() -> None:
        for step in steps:
            if step < 0:
                return
            (f0, f1, f2, f3)[step]()

    def f1() -> None:
        for step in steps:
            if step < 0:
                return
            (f0, f1, f2, f3)[step]()

    def f2() -> None:
        for step in steps:
            if step < 0:
                return
            (f0, f1, f2, f3)[step]()

    def f3() -> None:
        for step in steps:
            if step < 0:
                return
            (f0, f1, f2, f3)[step]()

    go_on()


TIMINGS = st.dictionaries(
    st.builds("f{}_{}".format, st.integers(0, 3), st.integers(1, 4)), st.integers(0, 50)
)


def computed(
    module: Any, core: Any, plan: tuple[int, ...], timings: dict[str, int]
) -> dict[str, Any]:
    """Return all figures of f0 to f3, whose times come from `timings`."""
    module.clear_stats()
    core._set_test_timings(timings)
    module.start()
    run_plan(plan)
    module.stop()
    return {
        row.name: (
            *(row.ncall, row.nactualcall, row.ttot, row.tsub, row.tavg),
            {it.name: (it.ncall, it.nactualcall, it.ttot, it.tsub) for it in row.children},
        )
        for row in module.get_func_stats(filter_callback=lambda it: re.match("f[0-3]", it.name))
    }


@settings(max_examples=60)
@given(st.lists(st.integers(-1, 3), max_size=40).map(tuple), TIMINGS)
def test_times_are_computed_the_same(plan: tuple[int, ...], timings: dict[str, int]) -> None:
    our = computed(ours, our_core, plan, timings)
    their = computed(theirs, their_core, plan, timings)
    if our != their:
        # About once in a thousand runs of one program Yappi's own figures are others.
        their = computed(theirs, their_core, plan, timings)
    assert our == their
