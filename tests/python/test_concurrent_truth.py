# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What a trace says of threads, tasks and tags that interleave is exact, whatever the program."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from concurrent_programs import (
    COUNTED,
    FUNCTIONS,
    TAG,
    TAGS,
    Key,
    Node,
    begin,
    current_tag,
    expected,
    named,
    programs,
    shown,
)
from contexts import contexts
from hypothesis import given, settings
from tracing import lost

from pyrometer import _probe

MANY = settings(max_examples=80)
FEW = settings(max_examples=25)
ROUNDING = 1e-6  # of whole nanoseconds per function and path


@pytest.fixture(autouse=True, scope="module")
def frequent_switches() -> Iterator[None]:
    """Let threads take turns as often as may be."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def run(program: Node, **options: Any) -> _probe.Tracer:
    tracer = _probe.Tracer(calibrate=False, **options)
    with tracer:
        begin(program)
    assert lost(tracer.profile()) == {}
    return tracer


def of_profile(profile: Any) -> Counter[Key]:
    """Return the calls per context, tag and function, as the exported profile has them."""
    counts: Counter[Key] = Counter()
    for context in contexts(profile):
        for function, calls in context.calls.items():
            if function in COUNTED:
                counts[context.name, context.tag, function] += calls
    return counts


def of_totals(tracer: _probe.Tracer) -> Counter[Key]:
    """Return the calls per thread, tag and function, as the tracer itself tells them."""
    names = [name for _, _, name, *_ in tracer.contexts()]
    records = tracer.records()
    counts: Counter[Key] = Counter()
    for context, tag, number, calls, primitive, total, own in tracer.context_totals()[0]:
        record = records[number]
        assert record is not None and primitive <= calls and own <= total * (1 + 1e-9) + 1e-9
        if record[1] in COUNTED and not record[1].startswith("g"):  # of those, entries
            counts[names[context] or "", shown(tag), record[1]] += calls
    return counts


def without_tasks(program: Node) -> Counter[Key]:
    """Return what is expected where tasks are part of the thread they run in."""
    counts: Counter[Key] = Counter()

    def add(node: Node, thread: str, context: str, tag: Any) -> None:
        if node.kind == "thread":
            thread, context, tag = node.name, node.name, None
        elif node.kind in ("task", "loop"):
            context = node.name
        alone = Node(node.kind, node.number, node.tag, [], node.name)
        for (_, its_tag, function), calls in expected(alone, context, tag).items():
            if not function.startswith("g"):
                counts[thread, its_tag, function] += calls
        tag = tag if node.tag is None or node.kind == "generator" else node.tag
        for child in node.children:
            add(child, thread, context, tag)

    add(program, "MainThread", "MainThread", None)
    return counts


@given(program=programs())
@MANY
def test_calls_per_context_and_tag_are_those_of_the_program(program: Node) -> None:
    tracer = run(program, tag=TAG)
    assert of_profile(tracer.profile()) == expected(program)
    assert of_totals(tracer) == without_tasks(program)


@given(program=programs())
@FEW
def test_a_callable_tells_the_same_tags_as_a_variable(program: Node) -> None:
    tracer = run(program, tag=current_tag, builtins=False, clock="both", timeline=100_000)
    assert of_profile(tracer.profile()) == expected(program)
    assert of_totals(tracer) == without_tasks(program)


@given(program=programs())
@FEW
def test_sums_over_tags_and_tasks_are_the_counts_without(program: Node) -> None:
    plain = of_profile(run(program, tasks=False).profile())
    by_thread: Counter[Key] = Counter()
    for (thread, _, function), calls in without_tasks(program).items():
        by_thread[thread, "", function] += calls
    assert Counter({k: v for k, v in plain.items() if not k[2].startswith("g")}) == by_thread
    tagged = of_profile(run(program, tag=TAG, clock="cpu").profile())
    assert per_function(tagged) == per_function(plain)


def per_function(counts: Counter[Key]) -> Counter[str]:
    total: Counter[str] = Counter()
    for (_, _, function), calls in counts.items():
        total[function] += calls
    return total


def of_threads(tracer: _probe.Tracer) -> list[tuple[float, float, float, float]]:
    """Return each thread's wall time, what its tasks and tags miss of it, and both of CPU time."""
    homes = tracer.contexts()
    found = contexts(tracer.profile())
    wall: Counter[int] = Counter()
    cpu: Counter[int] = Counter()
    threads = [i for i, context in enumerate(found) if context.parent is None]
    for i, context in enumerate(found):
        top = i
        while found[top].parent is not None:
            top = found[top].parent  # type: ignore[assignment]
        wall[top] += context.total("wall")
        cpu[top] += context.total("cpu")
    assert len(threads) == len(homes)
    return [
        (home[5], home[5] - wall[place] / 1e9, home[6], home[6] - cpu[place] / 1e9)
        for home, place in zip(homes, threads)
    ]


@given(program=programs())
@FEW
def test_times_of_tasks_and_tags_are_no_more_than_their_threads(program: Node) -> None:
    tracer = run(program, tag=TAG, clock="both")
    rows = of_threads(tracer)
    for _, missing, _, missing_cpu in rows:
        assert missing > -ROUNDING and missing_cpu > -ROUNDING
    own = sum(row[6] for row in tracer.context_totals()[0])
    assert own < sum(wall for wall, *_ in rows) * (1 + 1e-9)


def busy(kind: str, number: int, tag: Any) -> Node:
    return Node(kind, number, tag, [Node("call", i % FUNCTIONS) for i in range(1000)])


@pytest.mark.measured
def test_times_of_tasks_and_tags_add_up_to_their_threads() -> None:
    loops = [
        Node("loop", n, None, [busy("task", i % FUNCTIONS, tag) for i, tag in enumerate(TAGS)])
        for n in range(FUNCTIONS)
    ]
    threads = [Node("thread", loop.number, "red", [loop]) for loop in loops[1:]]
    program = named(Node("call", 0, None, [*threads, busy("generator", 0, "green"), loops[0]]))
    for wall, missing, cpu, missing_cpu in of_threads(run(program, tag=TAG, clock="both")):
        # What passed before a thread's first call is its own alone.
        assert wall > 0.01
        assert missing < 0.02 * wall + 1e-3
        assert missing_cpu < 0.02 * cpu + 1e-3


@given(program=programs())
@FEW
def test_pairs_add_up_to_what_was_called(program: Node) -> None:
    functions, pairs = run(program, tag=TAG).context_totals()
    called: Counter[tuple[int, int]] = Counter()
    entered: Counter[tuple[int, int]] = Counter()
    for context, _, number, calls, *_ in functions:
        called[context, number] += calls
    for context, _, _, callee, calls, *_ in pairs:
        entered[context, callee] += calls
    for (context, number), calls in called.items():
        below = entered[context, number]
        assert below == calls or (below < calls and context > 0)  # a thread's outermost has none
