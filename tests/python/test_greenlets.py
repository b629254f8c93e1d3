# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Greenlets: each has its own calls, times and stacks, however they switch."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from greenlet_programs import (
    Counts,
    burn_in_turns,
    by_context,
    callers,
    contexts,
    greenlet,
    hop,
    leaf,
    named,
    nothing_is_left_behind,  # noqa: F401
    tracer,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from test_tracer_ends import run
from tracing import lost

# Programs of the property tests. Each function counts its calls in the dictionary of the
# greenlet it runs for, with nothing that is a call itself.


def dig(mine: Counts, depth: int, to: Any) -> None:
    mine["dig"] += 1
    if depth:
        dig(mine, depth - 1, to)
    else:
        hop(mine, to)
    leaf(mine)


def walk(mine: Counts, to: Any) -> Iterator[int]:
    mine["walk"] += 1
    yield 1
    mine["walk"] += 1  # these totals count an entry that goes on, too
    hop(mine, to)
    yield 2
    mine["walk"] += 1


def script(mine: Counts, steps: list[tuple[str, int, int]], everyone: list[Any]) -> None:
    mine["script"] += 1
    for what, depth, to in steps:
        target = everyone[to % len(everyone)]
        if what == "leaf":
            leaf(mine)
        elif what == "hop":
            hop(mine, target)
        elif what == "walk":
            for _ in walk(mine, target):
                leaf(mine)
        else:
            dig(mine, depth, target)


def counted(tracer: Any) -> dict[str, Counts]:
    """Return the calls of these functions; the test's own tool has callbacks, too."""
    functions = {"leaf", "hop", "dig", "walk", "script"}
    found = {
        name: {f: n for f, n in counts.items() if f in functions}
        for name, counts in by_context(tracer).items()
    }
    return {name: counts for name, counts in found.items() if counts}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["leaf", "hop", "dig", "walk"]), st.integers(0, 5), st.integers(0, 7)
    ),
    max_size=12,
)


def interleave(scripts: list[list[tuple[str, int, int]]], prefix: str) -> dict[str, Counts]:
    """Run a greenlet for each script, until all have ended; return what each has counted."""
    everyone = [greenlet.getcurrent()]
    counted: dict[str, Counts] = {}
    for number, steps in enumerate(scripts):
        name = f"{prefix}{number}"
        counted[name] = {"leaf": 0, "hop": 0, "dig": 0, "walk": 0, "script": 0}
        everyone.append(named(name, script, counted[name], steps, everyone))
    while any(not each.dead for each in everyone[1:]):
        for each in everyone[1:]:
            each.switch()
    return {name: {f: n for f, n in counts.items() if n} for name, counts in counted.items()}


@settings(max_examples=60)
@given(scripts=st.lists(STEPS, min_size=1, max_size=6), builtins=st.booleans())
def test_calls_are_exact_for_each_greenlet_under_any_interleaving(
    scripts: list[list[tuple[str, int, int]]], builtins: bool
) -> None:
    with tracer(builtins=builtins) as t:
        expected = interleave(scripts, "g")
    assert counted(t) == expected
    assert lost(t.profile()) == {}


@settings(max_examples=15)
@given(scripts=st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=2, max_size=4))
def test_threads_have_greenlets_of_their_own(
    scripts: list[list[list[tuple[str, int, int]]]],
) -> None:
    expected: dict[str, Counts] = {}

    def body(number: int) -> None:
        expected.update(interleave(scripts[number], f"t{number}-"))

    with tracer() as t:
        threads = [threading.Thread(target=body, args=(n,)) for n in range(len(scripts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = counted(t)
    assert {name: counts for name, counts in found.items() if name in expected} == expected
    idents = {c.name: c.ident for c in contexts(t) if c.kind == "greenlet"}
    for number in range(len(scripts)):
        assert len({idents[f"t{number}-{i}"] for i in range(len(scripts[number]))}) == 1
    assert lost(t.profile()) == {}


@pytest.mark.measured
def test_cpu_time_is_charged_to_the_greenlet_that_ran() -> None:
    main = greenlet.getcurrent()
    shares = {"small": 0.1, "medium": 0.3, "large": 0.6}
    made = [named(n, burn_in_turns, int(10_000 * s), 200, main) for n, s in shares.items()]
    with tracer(clock="cpu") as t:
        for _ in range(200):
            for each in made:
                each.switch()
    seconds = {n: f["burn"] for n, f in by_context(t, 6).items() if "burn" in f}
    found = {n: s / sum(seconds.values()) for n, s in seconds.items()}
    assert found == pytest.approx(shares, abs=0.05)


def test_the_time_of_switches_is_exact_and_adds_up() -> None:
    clock = [0.0]  # a clock that only goes on when the program says so
    main = greenlet.getcurrent()

    def take(seconds: float) -> None:
        clock[0] += seconds

    def take_in_turns(seconds: float) -> None:
        for _ in range(10):
            take(seconds)
            clock[0] += seconds / 2
            main.switch()
            clock[0] += seconds / 4  # after the switch back

    with tracer(timer=lambda: clock[0]) as t:
        made = [named(f"g{n}", take_in_turns, float(n)) for n in range(1, 5)]
        for _ in range(11):
            for each in made:
                clock[0] += 0.5
                each.switch()
    found = by_context(t, 6)
    for n in range(1, 5):
        assert found[f"g{n}"]["take"] == pytest.approx(10 * n)
        assert found[f"g{n}"]["take_in_turns"] == pytest.approx(7.5 * n)
        assert [c.switches for c in contexts(t) if c.name == f"g{n}"] == [11]
    (native,) = [c for c in contexts(t) if c.kind == "thread"]
    # From first sight to the end, as of every greenlet: the others run in its life.
    assert native.wall_s == pytest.approx(clock[0])
    assert clock[0] == pytest.approx(11 * 4 * 0.5 + 17.5 * (1 + 2 + 3 + 4))


def test_stacks_begin_at_the_greenlet() -> None:
    main = greenlet.getcurrent()

    def outer() -> None:
        made.switch()

    def body() -> None:
        inner()
        main.switch()
        inner()

    def inner() -> None:
        pass

    made = named("g", body)
    with tracer() as t:
        outer()
        outer()
    assert callers(t, "g") == {("body", "inner")}
    assert by_context(t)["g"] == {"body": 1, "inner": 2}
    main_calls = by_context(t)[threading.current_thread().name]
    assert main_calls["outer"] == 2 and "body" not in main_calls and "inner" not in main_calls


def suspended_below(depth: int, main: Any) -> None:
    if depth:
        suspended_below(depth - 1, main)
    else:
        main.switch()
    leaf({"leaf": 0})


@pytest.mark.parametrize("seed", [True, False])
def test_a_greenlet_that_was_suspended_before_the_start_goes_on_where_it_was(seed: bool) -> None:
    made = named("g", suspended_below, 3, greenlet.getcurrent())
    made.switch()
    with tracer(seed=seed) as t:
        made.switch()
    assert made.dead
    assert by_context(t)["g"] == {"leaf": 4}
    if seed:
        assert ("suspended_below", "leaf") in callers(t, "g")
    assert lost(t.profile()) == {}


def test_a_trace_that_starts_in_a_greenlet_has_it_as_a_context() -> None:
    t = tracer()

    def body() -> None:
        t.start()
        leaf({"leaf": 0})
        main.switch()
        leaf({"leaf": 0})
        t.stop()

    def between() -> None:
        pass

    main = greenlet.getcurrent()
    made = named("g", body)
    made.switch()
    between()
    made.switch()
    found = by_context(t)
    assert found.pop("g")["leaf"] == 2
    assert [counts.get("between") for counts in found.values()] == [1]
    assert lost(t.profile()) == {}


def test_greenlets_without_names_are_numbered() -> None:
    class Worker(greenlet.greenlet):  # type: ignore[misc]
        pass

    with tracer() as t:
        for _ in range(2):
            Worker(lambda: None).switch()
        greenlet.greenlet(lambda: None).switch()
    names = [c.name for c in contexts(t) if c.kind == "greenlet"]
    assert names == ["Worker-1", "Worker-2", "greenlet-3"]


def test_attributes_that_run_code_are_never_asked() -> None:
    class Odd(greenlet.greenlet):  # type: ignore[misc]
        @property
        def parent(self) -> None:
            asked.append("parent")

        @property
        def dead(self) -> bool:
            asked.append("dead")
            return True

        @property
        def name(self) -> str:
            asked.append("name")
            return "odd"

        def __getattribute__(self, name: str) -> Any:
            asked.append(name)
            return super().__getattribute__(name)

        def __eq__(self, other: object) -> bool:
            asked.append("eq")
            return True

        def __hash__(self) -> int:
            asked.append("hash")
            return 1

    asked: list[str] = []
    main = greenlet.getcurrent()
    made = Odd(functools.partial(burn_in_turns, 1, 2, main))
    switch = greenlet.greenlet.switch
    with tracer() as t:
        for _ in range(3):
            switch(made)
    assert set(asked) <= {"run"}
    assert by_context(t)["Odd-1"] == {"burn_in_turns": 1, "burn": 2}


def test_greenlet_may_be_loaded_after_the_start(here: Path) -> None:
    done = run(
        """
        import threading  # which knows the main thread's name
        from pyrometer import _probe
        def leaf(): pass
        def body():
            leaf()
            main.switch()
            leaf()
        tracer = _probe.Tracer(builtins=False)
        tracer.start()
        import greenlet
        main = greenlet.getcurrent()
        made = greenlet.greenlet(body)
        made.switch()
        leaf()
        made.switch()
        tracer.stop()
        names = [c[2] for c in tracer.contexts()]
        records = tracer.records()
        for row in tracer.context_totals()[0]:
            if records[row[2]][1] in ("leaf", "body"):
                print(names[row[0]], records[row[2]][1], row[3])
        print({k: v for k, v in tracer.profile().meta.items() if k.startswith("lost_") and v})
        """,
        here,
    )
    assert done.returncode == 0, done.stderr
    *rows, losses = done.stdout.splitlines()
    assert sorted(rows) == ["MainThread leaf 1", "greenlet-1 body 1", "greenlet-1 leaf 2"]
    assert losses == "{}"


def test_another_thread_may_load_greenlet_while_this_one_is_traced(here: Path) -> None:
    done = run(
        """
        import threading
        from pyrometer import _probe
        def leaf(): pass
        def body():
            leaf()
            main.switch()
            leaf()
        ready, go = threading.Event(), threading.Event()
        def work():
            global main
            ready.set()
            go.wait()
            main = greenlet.getcurrent()
            made = greenlet.greenlet(body)
            made.switch()
            leaf()
            made.switch()
        tracer = _probe.Tracer(builtins=False)
        tracer.start()
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        ready.wait()
        import greenlet
        go.set()
        thread.join()
        tracer.stop()
        names = [c[2] for c in tracer.contexts()]
        records = tracer.records()
        for row in tracer.context_totals()[0]:
            if records[row[2]][1] in ("leaf", "body", "work"):
                print(names[row[0]], records[row[2]][1], row[3])
        """,
        here,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == [
        "greenlet-1 body 1",
        "greenlet-1 leaf 2",
        "worker leaf 1",
        "worker work 1",
    ]


def test_exceptions_cross_greenlets() -> None:
    main = greenlet.getcurrent()

    def fails() -> None:
        leaf({"leaf": 0})
        raise LookupError("in a greenlet")

    def catches() -> None:
        try:
            main.switch()
        except KeyError:
            leaf({"leaf": 0})
        main.switch()

    with tracer() as t:
        with pytest.raises(LookupError):
            named("fails", fails).switch()
        made = named("catches", catches)
        made.switch()
        made.throw(KeyError)
        made.throw()  # GreenletExit ends it
        assert made.dead
        unborn = named("unborn", leaf, {"leaf": 0})
        unborn.throw()
    found = by_context(t)
    assert found["fails"] == {"fails": 1, "leaf": 1}
    assert found["catches"] == {"catches": 1, "leaf": 1}
    assert "unborn" not in found
    assert lost(t.profile()) == {}


def test_greenlets_start_greenlets_and_end_into_their_parents() -> None:
    main = greenlet.getcurrent()

    def nest(level: int) -> None:
        if level:
            made[level - 1].switch()
        else:
            main.switch()
        leaf({"leaf": 0})

    made = [named(f"level {n}", nest, n) for n in range(4)]
    with tracer() as t:
        made[3].switch()
        made[0].switch()  # ends into its parent, which is the main greenlet, as nobody's is another
        for level in (1, 2, 3):
            assert not made[level].dead
            made[level].switch()
    assert all(each.dead for each in made)
    found = by_context(t)
    assert {n: c for n, c in found.items() if n.startswith("level")} == {
        f"level {n}": {"nest": 1, "leaf": 1} for n in range(4)
    }
    assert lost(t.profile()) == {}
