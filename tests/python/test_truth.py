# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the tracer says is true: counts exactly, times within bounds."""

from __future__ import annotations

import cProfile
import math
import sys
import threading
import time
from collections import Counter
from types import CodeType
from typing import Any

import pytest
from hypothesis import given, settings
from programs import FILE, THREADS, Reference, main_of, name_of, programs

import pyrometer
from pyrometer import _probe
from pyrometer.compat import cProfile as ours

MANY = settings(max_examples=150)
FEW = settings(max_examples=40)


def counts(profile: Any) -> dict[Any, Any]:
    """Return all counts of a cProfile.Profile, without the call that ends it and the times."""
    profile.create_stats()
    return {
        key: (primitive, calls, {k: v[:2] for k, v in callers.items() if k[0] == FILE})
        for key, (primitive, calls, _, _, callers) in profile.stats.items()
        if key[0] == FILE or (key[0] == "~" and any(c[0] == FILE for c in callers))
    }


def own_counts(trace: pyrometer.Trace) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Return calls and resumptions of the generated functions, and calls of builtins by them."""
    calls: Counter[str] = Counter()
    resumes: Counter[str] = Counter()
    builtins: Counter[str] = Counter()
    functions = _probe.Tracer.functions(trace)
    for caller, callee, n, resumed, *_ in _probe.Tracer.edges(trace):
        function = functions[callee]
        if isinstance(function, CodeType):
            if function.co_filename == FILE:
                calls[name_of(function)] += n
                resumes[name_of(function)] += resumed
        else:
            code = functions[caller] if caller >= 0 else None
            if isinstance(code, CodeType) and code.co_filename == FILE:
                builtins[function] += n
    return +calls, +resumes, +builtins


@given(program=programs())
@MANY
def test_counts_equal_those_of_pythons_cprofile(program: CodeType) -> None:
    theirs, mine = cProfile.Profile(), ours.Profile()
    theirs.runcall(main_of(program))
    mine.runcall(main_of(program))
    assert counts(mine) == counts(theirs)


@given(program=programs())
@MANY
def test_counts_equal_those_of_a_reference_in_python(program: CodeType) -> None:
    reference = Reference()
    reference.run(main_of(program))
    main = main_of(program)
    with pyrometer.trace(threads="current") as trace:
        main()
    calls, resumes, builtins = own_counts(trace)
    assert calls == reference.calls
    assert resumes == reference.resumes
    assert sum(builtins.values()) == sum(reference.builtins.values())


@given(program=programs())
@FEW
def test_counts_do_not_depend_on_builtins(program: CodeType) -> None:
    reference = Reference()
    reference.run(main_of(program))
    main = main_of(program)
    with pyrometer.trace(builtins=False) as trace:
        main()
    calls, resumes, builtins = own_counts(trace)
    assert (calls, resumes) == (reference.calls, reference.resumes)
    assert not builtins


@given(program=programs(THREADS))
@FEW
def test_counts_of_threads_equal_those_of_a_reference(program: CodeType) -> None:
    reference = Reference()
    reference.run(main_of(program), threads=True)
    main = main_of(program)
    with pyrometer.trace() as trace:
        main()
    calls, resumes, _ = own_counts(trace)
    assert calls == reference.calls
    assert resumes == reference.resumes


@given(program=programs())
@FEW
def test_self_times_add_up_to_the_total(program: CodeType) -> None:
    tracer = _probe.Tracer(seed=False, threads="current")
    main = main_of(program)
    with tracer:
        main()
    own = sum(self_s for *_, self_s in tracer.totals())
    whole = sum(total for caller, _, _, _, _, _, _, total in tracer.edges() if caller == -1)
    assert math.isclose(own, whole, rel_tol=1e-6, abs_tol=1e-9)


@given(program=programs())
@FEW
def test_a_profile_says_the_same_as_the_tracer(program: CodeType) -> None:
    main = main_of(program)
    with pyrometer.trace(threads="current") as trace:
        main()
    calls, resumes, _ = own_counts(trace)
    rows = [row for row in trace.functions if row["file"] == FILE]
    by_line: Counter[str] = Counter()
    resumed: Counter[str] = Counter()
    for row in rows:
        key = f"{row['qualname'].rpartition('.')[2]}:{row['first_line']}"
        by_line[key] += row["calls"]
        resumed[key] += row["resumes"]
    assert (+by_line, +resumed) == (calls, resumes)


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def burn(self, ticks: int) -> None:
        self.now += ticks


def test_shares_by_a_clock_of_ones_own_are_exact() -> None:
    clock = Clock()

    def ten() -> None:
        clock.now += 10

    def twenty() -> None:
        clock.now += 20

    def thirty() -> None:
        clock.now += 25
        ten()
        clock.now += 5

    def main() -> None:
        for _ in range(10):
            ten()
            twenty()
            thirty()
            clock.now += 40

    profile = ours.Profile(clock, 0.5)
    profile.runcall(main)
    profile.create_stats()
    seconds = {key[2]: value[2:4] for key, value in profile.stats.items() if key[0] == __file__}
    assert seconds == {
        "ten": (100.0, 100.0),
        "twenty": (100.0, 100.0),
        "thirty": (150.0, 200.0),
        "main": (200.0, 550.0),
    }


@pytest.mark.measured
def test_burners_have_their_shares() -> None:
    """Beside a stopwatch of their own: both see the turns that other programs take, too."""
    watch: Counter[str] = Counter()
    clock = time.perf_counter_ns

    def burn_10() -> None:
        began, x = clock(), 1
        for _ in range(2_000):
            x = x * 31 % 1_000_003
        watch["burn_10"] += clock() - began

    def burn_20() -> None:
        began, x = clock(), 1
        for _ in range(4_000):
            x = x * 31 % 1_000_003
        watch["burn_20"] += clock() - began

    def burn_30() -> None:
        began, x = clock(), 1
        for _ in range(6_000):
            x = x * 31 % 1_000_003
        watch["burn_30"] += clock() - began

    def burn_40() -> None:
        began, x = clock(), 1
        for _ in range(8_000):
            x = x * 31 % 1_000_003
        watch["burn_40"] += clock() - began

    with pyrometer.trace(builtins=False) as trace:
        for _ in range(200):
            burn_10()
            burn_20()
            burn_30()
            burn_40()
    rows = {row["qualname"].rpartition(".")[2]: row for row in trace.functions}
    whole, whole_watch = sum(rows[name]["wall"] for name in watch), sum(watch.values())
    assert abs(whole / whole_watch - 1) < 0.05
    for name, ns in watch.items():
        share, truth = 100 * rows[name]["wall"] / whole, 100 * ns / whole_watch
        assert abs(share - truth) < 2
        assert rows[name]["calls"] == 200


def test_time_asleep_is_of_the_function_that_slept() -> None:
    def sleeper() -> None:
        time.sleep(0.05)

    began = time.perf_counter_ns()
    with pyrometer.trace() as trace:
        sleeper()
    elapsed = time.perf_counter_ns() - began
    rows = {row["qualname"]: row for row in trace.functions}
    slept = next(row for name, row in rows.items() if name.endswith("sleeper"))
    assert slept["calls"] == 1
    assert 50e6 <= rows["sleep"]["wall"] <= slept["wall_inclusive"] <= elapsed


@pytest.mark.measured
def test_time_suspended_is_not_time_running() -> None:
    def generator() -> Any:
        yield 1
        yield 2

    with pyrometer.trace() as trace:
        for _ in generator():
            time.sleep(0.03)
    row = next(r for r in trace.functions if r["qualname"].endswith("generator"))
    assert (row["calls"], row["resumes"]) == (1, 2)
    assert row["wall_inclusive"] < 20e6


def test_each_thread_has_a_stack_of_its_own() -> None:
    def leaf() -> None:
        time.sleep(0.0005)

    def worker() -> None:
        for _ in range(50):
            leaf()

    profile = ours.Profile()
    everything = pyrometer.trace()
    for start, stop, current in (
        (everything.start, everything.stop, everything),
        (profile.enable, profile.disable, profile),
    ):
        threads = [threading.Thread(target=worker) for _ in range(4)]
        start()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stop()
        functions = _probe.Tracer.functions(current)
        totals = {
            functions[number].co_name: (calls, recursive, total)
            for number, calls, recursive, total, _ in _probe.Tracer.totals(current)
            if isinstance(functions[number], CodeType) and functions[number].co_filename == __file__
        }
        if current is profile and sys.version_info < (3, 12):
            assert not totals  # as cProfile: only the thread that enabled it
        else:
            assert totals["leaf"][:2] == (200, 0)
            assert totals["worker"][:2] == (4, 0)
            assert totals["leaf"][2] <= totals["worker"][2]


def test_the_counts_survive_start_and_stop() -> None:
    def counted() -> None:
        pass

    trace = pyrometer.trace(builtins=False)
    for _ in range(20):
        trace.start()
        counted()
        trace.stop()
        counted()
    row = next(r for r in trace.functions if r["qualname"].endswith("counted"))
    assert row["calls"] == 20
