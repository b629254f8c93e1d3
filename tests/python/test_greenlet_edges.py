# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Greenlets at the edges: dead, dropped and too many, trace functions, stops, clears and forks."""

from __future__ import annotations

import functools
import gc
import os
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
from greenlet_programs import (
    burn,
    burn_in_turns,
    by_context,
    contexts,
    greenlet,
    hop,
    leaf,
    named,
    nothing_is_left_behind,  # noqa: F401
    tracer,
)
from test_tracer_ends import run
from tracing import lost


def test_a_dead_greenlets_time_stands_still() -> None:
    with tracer() as t:
        named("short", burn, 100).switch()
        (before,) = [c.wall_s for c in contexts(t) if c.name == "short"]
        burn(200_000)
        (after,) = [c.wall_s for c in contexts(t) if c.name == "short"]
    assert before == after


def test_memory_is_bounded_and_no_greenlet_is_kept() -> None:
    limit = 50
    seen = []
    with tracer(context_limit=limit) as t:
        for number in range(5000):
            made = greenlet.greenlet(functools.partial(leaf, {"leaf": 0}))
            if number % 500 == 0:
                seen.append(weakref.ref(made))
            made.switch()
            del made
    assert [ref() for ref in seen] == [None] * len(seen)
    homes = [c for c in contexts(t) if c.kind == "greenlet"]
    assert len(homes) == limit
    assert sum(counts.get("leaf", 0) for counts in by_context(t).values()) == 5000
    assert t.profile().meta["lost_contexts"] == 5000 - limit


def dropped_while_suspended(in_a_cycle: bool) -> tuple[list[int], int]:
    """Return which of 200 greenlets have ended, and how many are still there."""
    main = greenlet.getcurrent()
    ended: list[int] = []
    seen = []
    kept: list[Any] = []

    def body(number: int) -> None:
        try:
            main.switch()
        finally:
            ended.append(number)

    for number in range(200):
        made = named(f"g{number}", body, number)
        made.switch()
        seen.append(weakref.ref(made))
        kept = [made]
        if in_a_cycle:
            kept.append(kept)
        del made
        if number % 10 == 9:
            kept = []
            gc.collect()
    return ended, sum(ref() is not None for ref in seen)


@pytest.mark.parametrize("in_a_cycle", [False, True])
def test_suspended_greenlets_that_are_dropped_end_as_without_us(in_a_cycle: bool) -> None:
    expected = dropped_while_suspended(in_a_cycle)
    with tracer(context_limit=20) as t:
        found = dropped_while_suspended(in_a_cycle)
    assert found == expected
    assert sum(counts.get("body", 0) for counts in by_context(t).values()) == 200
    assert lost(t.profile()).keys() <= {"lost_contexts"}
    if found[0]:
        assert sum(c.kind == "greenlet" for c in contexts(t)) <= 30


def test_starting_and_stopping_in_a_greenlet_is_bounded() -> None:
    t = tracer(context_limit=10)

    def body() -> None:
        for _ in range(200):
            t.start()
            leaf({"leaf": 0})
            t.stop()

    named("g", body).switch()
    assert sum(counts.get("leaf", 0) for counts in by_context(t).values()) == 200
    assert sum(c.kind == "greenlet" for c in contexts(t)) <= 10


# From 3.12 on the interpreter reports nothing of what a trace function does.
SEEN_TWICE = {"watch": 2} if sys.version_info < (3, 12) else {}


def test_a_trace_function_of_the_programs_is_still_called() -> None:
    main = greenlet.getcurrent()
    events: list[tuple[str, Any, Any]] = []

    def watch(event: str, args: Any) -> None:
        events.append((event, *args))

    assert greenlet.settrace(watch) is None
    try:
        made = named("g", burn_in_turns, 1, 1, main)
        with tracer() as t:
            made.switch()
            assert greenlet.gettrace() is not watch
            made.switch()
        assert greenlet.gettrace() is watch
        assert events == [("switch", main, made), ("switch", made, main)] * 2
        assert by_context(t)["g"] == {"burn_in_turns": 1, "burn": 1, **SEEN_TWICE}
    finally:
        greenlet.settrace(None)


def test_a_trace_function_that_is_set_later_does_not_stop_us() -> None:
    main = greenlet.getcurrent()
    events = []

    def watch(event: str, args: Any) -> None:
        events.append(event)

    def first() -> None:
        pass

    with tracer() as t:
        greenlet.settrace(watch)  # and what was there is dropped
        first()  # a new function: we look after ourselves
        made = named("g", burn_in_turns, 1, 1, main)
        made.switch()
        made.switch()
    assert greenlet.gettrace() is watch
    greenlet.settrace(None)
    assert events == ["switch"] * 4
    assert by_context(t)["g"] == {"burn_in_turns": 1, "burn": 1, **SEEN_TWICE}


def test_a_failing_trace_function_of_the_programs_fails_as_without_us() -> None:
    def watch(event: str, args: Any) -> None:
        raise LookupError("from a trace function")

    greenlet.settrace(watch)
    with tracer() as t:
        with pytest.raises(LookupError):
            named("g", leaf, {"leaf": 0}).switch()
        named("h", leaf, {"leaf": 0}).switch()
        leaf({"leaf": 0})
    assert greenlet.gettrace() is None
    assert t.profile() is not None


def test_our_trace_function_takes_whatever_it_is_called_with() -> None:
    with tracer() as t:
        ours = greenlet.gettrace()
        for args in [
            (),
            (1,),
            ("switch", 1),
            ("switch", (1, 2)),
            ("switch", (None,) * 3),
            (1,) * 9,
        ]:
            assert ours(*args) is None
        assert ours("switch", args=1) is None
        named("g", leaf, {"leaf": 0}).switch()
    assert ours("switch", (1, 2)) is None
    assert by_context(t)["g"] == {"leaf": 1}


def test_a_trace_may_stop_inside_a_greenlet() -> None:
    t = tracer()

    def body() -> None:
        leaf({"leaf": 0})
        t.stop()
        leaf({"leaf": 0})

    t.start()
    named("g", body).switch()
    leaf({"leaf": 0})
    assert by_context(t)["g"] == {"body": 1, "leaf": 1}
    assert greenlet.gettrace() is None


def test_a_trace_may_be_cleared_inside_a_greenlet() -> None:
    main = greenlet.getcurrent()

    def body() -> None:
        leaf({"leaf": 0})
        t.clear()
        leaf({"leaf": 0})
        main.switch()
        leaf({"leaf": 0})

    other = named("other", burn_in_turns, 1, 2, main)
    made = named("g", body)
    with tracer() as t:
        other.switch()
        made.switch()
        made.switch()
        other.switch()
    found = by_context(t)
    assert found["g"] == {"leaf": 2}
    assert found["other"] == {"burn": 1}
    assert [c.name for c in contexts(t) if c.kind == "greenlet"] == ["g", "other"]
    assert lost(t.profile()) == {}


def test_a_process_may_fork_inside_a_greenlet() -> None:
    main = greenlet.getcurrent()

    def body() -> None:
        leaf({"leaf": 0})
        pids.append(os.fork())
        leaf({"leaf": 0})
        main.switch()
        leaf({"leaf": 0})

    pids: list[int] = []
    made = named("g", body)
    with tracer() as t:
        made.switch()
        made.switch()
        if pids[0] == 0:
            status = 1
            try:
                t.stop()
                found = by_context(t)["g"]
                # Others' hooks that run in a child are among the greenlet's calls, too.
                status = 0 if found["leaf"] == 2 and lost(t.profile()) == {} else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(pids[0], 0)[1]) == 0
    found = by_context(t)["g"]
    assert found["body"] == 1 and found["leaf"] == 3


def test_one_greenlet_alone_can_be_traced() -> None:
    main = greenlet.getcurrent()
    t = tracer(threads="context")

    def mine() -> None:
        t.start()
        leaf({"leaf": 0})
        main.switch()
        leaf({"leaf": 0})
        t.stop()

    def other() -> None:
        hop({"hop": 0, "leaf": 0}, main)

    traced = named("mine", mine)
    traced.switch()
    second = named("other", other)
    second.switch()
    second.switch()
    traced.switch()
    found = by_context(t)
    assert {name for name, counts in found.items() if counts} == {"mine"}
    assert found["mine"]["leaf"] == 2
    assert "hop" not in found["mine"]


def test_without_greenlets_all_is_the_threads() -> None:
    with tracer(greenlets=False) as t:
        assert greenlet.gettrace() is None
        named("g", leaf, {"leaf": 0}).switch()
    assert [c.kind for c in contexts(t) if c.kind == "greenlet"] == []
    assert by_context(t)[threading.current_thread().name]["leaf"] == 1


def test_gevents_pool_and_hub_are_told_apart(here: Path) -> None:
    pytest.importorskip("gevent", reason="gevent is not installed for this Python")
    done = run(
        """
        import gevent, gevent.pool
        from pyrometer import _probe
        def leaf(): pass
        def job(n):
            for _ in range(n):
                leaf()
                gevent.sleep(0.001)
            return n
        tracer = _probe.Tracer(builtins=False)
        tracer.start()
        print(sum(gevent.pool.Pool(3).map(job, range(1, 7))))
        tracer.stop()
        names = [c[2] for c in tracer.contexts()]
        records = tracer.records()
        for row in tracer.context_totals()[0]:
            if records[row[2]][1] == "leaf":
                print(row[3], names[row[0]].split("-")[0])
        print("Hub" in names)
        print({k: v for k, v in tracer.profile().meta.items() if k.startswith("lost_") and v})
        """,
        here,
    )
    assert done.returncode == 0, done.stderr
    total, *rows, hub, losses = done.stdout.splitlines()
    assert total == "21" and hub == "True" and losses == "{}"
    assert sorted(rows) == [f"{n} Greenlet" for n in range(1, 7)]


def test_greenlets_of_several_threads_go_on_after_a_clear_at_the_limit() -> None:
    ready = threading.Semaphore(0)
    go = threading.Event()

    def body() -> None:
        ready.release()
        go.wait()
        leaf({"leaf": 0})

    threads = [threading.Thread(target=lambda: greenlet.greenlet(body).switch()) for _ in range(3)]
    with tracer(context_limit=1) as t:
        for thread in threads:
            thread.start()
            ready.acquire()
        t.clear()
        go.set()
        for thread in threads:
            thread.join()
    assert sum(counts.get("leaf", 0) for counts in by_context(t).values()) == 3
