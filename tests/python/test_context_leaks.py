# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What traces of concurrent programs hold on to is gone with them, whatever was asked of them."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import threading
import weakref
from typing import Any, Callable

import pytest
import test_leaks
from test_leaks import assert_flat, work

from pyrometer import _probe

VARIABLE: contextvars.ContextVar[Any] = contextvars.ContextVar("VARIABLE")


class Tag:
    """A tag that is neither number nor text."""

    def __repr__(self) -> str:
        return "a tag"


TAG = Tag()


async def coroutine(n: int) -> int:
    await asyncio.sleep(0)
    work()
    return n


async def some_tasks() -> None:
    await asyncio.gather(*(coroutine(n) for n in range(3)))


LOOP = asyncio.new_event_loop()


def run_loop() -> None:
    LOOP.run_until_complete(some_tasks())


def run_threads() -> None:
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def tracer(**options: Any) -> _probe.Tracer:
    return _probe.Tracer(calibrate=False, **options)


def cpu_clock() -> None:
    with tracer(clock="cpu"):
        work()


def both_clocks() -> None:
    with tracer(clock="both") as t:
        run_threads()
    t.contexts(), t.profile()


def tasks() -> None:
    with tracer() as t:
        run_loop()
    t.profile().export("json")


def tags_of_a_variable() -> None:
    with tracer(tag=VARIABLE) as t:
        for value in (TAG, "x", 3, None, Tag()):
            token = VARIABLE.set(value)
            work()
            VARIABLE.reset(token)
    t.context_totals()


def tags_of_a_callable() -> None:
    values = iter(range(10**9))
    with tracer(tag=lambda: next(values) % 7, context_limit=3) as t:
        work()
    t.context_totals(), t.records()


def contexts_of_a_callable() -> None:
    values = iter(range(10**9))
    with tracer(context=lambda: next(values) % 7, context_limit=3) as t:
        work()
    t.contexts(), t.context_totals({"work_1": 3})


def names_of_a_callable() -> None:
    with tracer(context=threading.get_ident, context_name=lambda: "name") as t:
        run_threads()
    t.contexts()


def callbacks_changed() -> None:
    with tracer() as t:
        t.set_tag(lambda: TAG)
        t.set_context(lambda: 3)
        t.set_context_name(lambda: "y")
        work()
        t.set_tag(VARIABLE)
        t.set_context(None)
        work()


def callbacks_that_fail() -> None:
    def fail() -> Any:
        raise KeyError

    usual, sys.unraisablehook = sys.unraisablehook, lambda args: None
    try:
        with tracer(tag=fail, context=fail, context_name=fail):
            work()
    finally:
        sys.unraisablehook = usual


def a_timeline() -> None:
    with tracer(timeline=100) as t:
        run_threads()
    t.profile().export("chrome")


def cleared_while_running() -> None:
    with tracer(tag=lambda: TAG, clock="both", timeline=50, context=lambda: 3) as t:
        run_loop()
        t.clear()
        work()
        t.clear()


def one_context_alone() -> None:
    with tracer(threads="context") as t:
        run_threads()
        t.clear()
        work()


def started_again() -> None:
    t = tracer(context=lambda: 1, tag=lambda: "x", clock="cpu")
    for _ in range(3):
        t.start()
        work()
        t.stop()


def refused_options() -> None:
    for wrong in (
        {"clock": "x"},
        {"tag": 3},
        {"context": 3},
        {"timeline": -1},
        {"timer": 1, "clock": "cpu"},
    ):
        with pytest.raises((TypeError, ValueError)):
            tracer(**wrong)


def a_cycle() -> None:
    class Holder:
        pass

    holder = Holder()
    holder.tracer = tracer(tag=lambda: holder)  # type: ignore[attr-defined]
    with holder.tracer:  # type: ignore[attr-defined]
        work()


ENTRIES = [
    cpu_clock,
    both_clocks,
    tasks,
    tags_of_a_variable,
    tags_of_a_callable,
    contexts_of_a_callable,
    names_of_a_callable,
    callbacks_changed,
    callbacks_that_fail,
    a_timeline,
    cleared_while_running,
    one_context_alone,
    started_again,
    refused_options,
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_nothing_leaks_from(entry: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_leaks, "ROUNDS", 300 if "thread" in entry.__code__.co_names else 1000)
    before = references()
    assert_flat(entry)
    gc.collect()
    after = references()
    assert max(abs(a - b) for a, b in zip(after, before)) < 50


def references() -> list[int]:
    """Count references to what the traces were given and met."""
    met = [TAG, VARIABLE, work.__code__, coroutine.__code__, run_threads.__code__]
    return [sys.getrefcount(thing) for thing in met]


def test_a_trace_keeps_neither_tasks_nor_threads_alive() -> None:
    alive: list[weakref.ref[Any]] = []

    async def main() -> None:
        made = [asyncio.create_task(coroutine(n)) for n in range(3)]
        alive.extend(map(weakref.ref, made))
        await asyncio.gather(*made)

    loop = asyncio.new_event_loop()
    with tracer(clock="both", tag=VARIABLE) as t:
        loop.run_until_complete(main())
        thread = threading.Thread(target=work)
        alive.append(weakref.ref(thread))
        thread.start()
        thread.join()
        del thread
        gc.collect()
        assert [one for one in alive if one() is not None] == []
    loop.close()
    assert t.profile().functions


def test_a_trace_lets_go_of_code_tags_and_callbacks_with_it() -> None:
    space: dict[str, Any] = {}
    exec("def fleeting():\n    pass\n", space)
    tag, callback = Tag(), lambda: tag
    watched = [space["fleeting"].__code__, tag, callback]
    before = [sys.getrefcount(thing) for thing in watched]
    t = tracer(tag=callback)
    with t:
        space["fleeting"]()
    assert [sys.getrefcount(thing) for thing in watched] != before
    t.profile(), t.context_totals(), t.records()
    del t
    gc.collect()
    assert [sys.getrefcount(thing) for thing in watched] == before


def test_a_trace_in_a_cycle_with_its_tags_is_collected() -> None:
    a_cycle()
    gc.collect()
    before = sum(isinstance(thing, _probe.Tracer) for thing in gc.get_objects())
    for _ in range(20):
        a_cycle()
    gc.collect()
    assert sum(isinstance(thing, _probe.Tracer) for thing in gc.get_objects()) == before
