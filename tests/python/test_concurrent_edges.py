# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Figures where threads share a context, and where a trace stops and goes on in between."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import json
import os
import subprocess
import sys
import threading
import time
from typing import Any, Callable

import pytest
from contexts import contexts
from tracing import branch, calls, leaf, lost

from pyrometer import _probe

STOPPED_S = 0.2


def threads_below(depths: list[int], go: list[threading.Event]) -> list[threading.Thread]:
    """Start threads that wait so many calls deep, and return through all of them."""
    ready = threading.Semaphore(0)

    def deep(depth: int, event: threading.Event) -> None:
        if depth > 0:
            deep(depth - 1, event)
        else:
            ready.release()
            event.wait()
        leaf()

    threads = [threading.Thread(target=deep, args=pair) for pair in zip(depths, go)]
    for thread in threads:
        thread.start()
        ready.acquire()
    return threads


def test_threads_that_share_a_context_return_from_what_ran_before_the_trace() -> None:
    for seed in (True, False):
        go = [threading.Event(), threading.Event()]
        threads = threads_below([30, 3], go)
        tracer = _probe.Tracer(calibrate=False, builtins=False, context=lambda: 0, seed=seed)
        tracer.start()
        for event, thread in zip(go, threads):
            event.set()
            thread.join()
        tracer.stop()
        assert calls(tracer.profile())["leaf"] == 31 + 4


def test_a_thread_in_anothers_context_is_not_taken_for_a_silent_one() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=lambda: [stop.wait(0.001) for _ in iter(stop.is_set, True)])
    thread.start()
    tracer = _probe.Tracer(calibrate=False, context=lambda: 7)
    tracer.start()
    time.sleep(0.05)
    tracer.stop()
    stop.set()
    thread.join()
    wall = {(kind, name): wall for kind, _, name, _, _, wall, _, _ in tracer.contexts()}
    assert wall.pop(("context", None)) > 0
    assert set(wall.values()) == {0.0}, "what the threads did is all in the context"


def test_what_sleeps_through_the_calibration_is_not_charged_with_it() -> None:
    def excess() -> float:
        tracer = _probe.Tracer(clock="both")  # whose costs are measured for each trace
        tracer.start()
        tracer.stop()
        wall = max(row[5] for row in tracer.contexts() if row[2] == "sleeper")
        return float(wall) / (float(tracer.profile().meta["duration_ns"]) / 1e9)

    event = threading.Event()
    thread = threading.Thread(target=event.wait, name="sleeper")
    thread.start()
    try:
        assert min(excess() for _ in range(5)) < 2
    finally:
        event.set()
        thread.join()


@pytest.mark.measured
def test_a_task_was_not_starved_while_the_trace_was_stopped() -> None:
    tracer = _probe.Tracer(calibrate=False)

    async def always_ready() -> None:
        while True:
            await asyncio.sleep(0)

    async def main() -> None:
        task = asyncio.get_running_loop().create_task(always_ready())
        await asyncio.sleep(0)
        tracer.stop()
        time.sleep(STOPPED_S)
        await asyncio.sleep(0)
        tracer.start()
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()

    tracer.start()
    asyncio.run(main())
    tracer.stop()
    tasks = [c for c in contexts(tracer.profile()) if c.kind == "task" and "ready" in c.entry]
    assert len(tasks) == 1
    assert tasks[0].starved is not None
    assert tasks[0].starved < STOPPED_S / 2 * 1e9


def tagged(tag: contextvars.ContextVar[int], body: Callable[[], Any]) -> None:
    """Call `body` with another value of the tag each time."""
    for value in range(3):
        token = tag.set(value)
        body()
        tag.reset(token)


def test_tags_are_true_in_a_trace_that_was_calibrated_and_goes_on() -> None:
    tag = contextvars.ContextVar("tag", default=-1)
    tracer = _probe.Tracer(tag=tag, builtins=False)
    for _ in range(2):
        tracer.start()
        tagged(tag, lambda: branch(5))
        tracer.stop()
    counts = {c.tag: c.calls["leaf"] for c in contexts(tracer.profile()) if c.calls["leaf"]}
    assert counts == {"0": 10, "1": 10, "2": 10}
    assert lost(tracer.profile()) == {}


def test_coroutines_beyond_the_node_limit_lead_back_to_who_ran_them() -> None:
    async def child() -> None:
        leaf()
        await asyncio.sleep(0)
        leaf()

    async def main() -> None:
        branch(1)
        await asyncio.gather(*[asyncio.ensure_future(child()) for _ in range(5)])

    for limit in range(10, 400, 15):
        tracer = _probe.Tracer(calibrate=False, builtins=False, node_limit=limit)
        tracer.start()
        asyncio.run(main())
        tracer.stop()
        assert calls(tracer.profile())["leaf"] == 11
        assert set(lost(tracer.profile())) <= {"lost_paths"}


def test_a_coroutine_that_is_left_out_begins_no_step() -> None:
    space: dict[str, Any] = {"__name__": "left_out"}
    exec("async def outer(body):\n    await body()\n", space)

    async def inner() -> None:
        for _ in range(4):
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.ensure_future(space["outer"](inner))

    tracer = _probe.Tracer(calibrate=False, builtins=False, exclude=["left_out"])
    for _ in range(2):  # functions are known from the second time on
        tracer.start()
        asyncio.run(main())
        tracer.stop()
    found = [c for c in contexts(tracer.profile()) if c.kind == "task" and "inner" in c.entry]
    assert [c.switches for c in found] == [5, 5]


LEARNING = """
import sys
from pyrometer import _probe
space = {}
exec("".join(f"def f{i}(): pass\\n" for i in range(5000)), space)
functions = [f for name, f in space.items() if name != "__builtins__"]
tracer = _probe.Tracer(calibrate=False, builtins=False, clock="both")
tracer.start()
for function in functions:
    function()
tracer.stop()
*_, wall, cpu, _ = tracer.contexts()[0]
print(tracer.profile().meta["cpu_clock"], cpu / wall)
"""


@pytest.mark.measured
def test_meeting_functions_is_no_more_cpu_time_than_wall_time() -> None:
    for tunables in ("", "glibc.pthread.rseq=0"):
        done = subprocess.run(
            [sys.executable, "-c", LEARNING],
            env={**os.environ, "GLIBC_TUNABLES": tunables},
            capture_output=True,
            text=True,
            check=True,
        )
        clock, share = done.stdout.split()
        assert clock == "syscall" or not tunables
        assert 0 < float(share) < 1.1, clock


def test_a_trace_that_finalizers_clear_and_end_while_tasks_are_met() -> None:
    tracer = _probe.Tracer(calibrate=False, builtins=False)

    class Ending:
        def __init__(self, end: Callable[[], None]) -> None:
            self.me = self
            self.end = end

        def __del__(self) -> None:
            with contextlib.suppress(RuntimeError):  # in the midst of a start or stop
                self.end()

    async def step(number: int) -> None:
        Ending(tracer.clear if number % 3 else tracer.stop)
        if not tracer.running:
            tracer.start()

    async def main() -> None:
        await asyncio.gather(*[asyncio.ensure_future(step(n)) for n in range(300)])

    thresholds = gc.get_threshold()
    try:
        for threshold in range(1, 12):
            gc.set_threshold(threshold)
            asyncio.run(main())
            gc.set_threshold(*thresholds)
            gc.collect()
            tracer.stop()
            tracer.clear()
    finally:
        gc.set_threshold(*thresholds)
    tracer.start()
    branch(3)
    tracer.stop()
    assert calls(tracer.profile())["leaf"] == 3


def test_clearing_gives_the_limit_of_tasks_and_tags_back() -> None:
    number = [0]
    tracer = _probe.Tracer(calibrate=False, builtins=False, context_limit=5, tag=lambda: number[0])

    async def main() -> None:
        branch(2)

    for _ in range(4):
        number[0] += 1
        with tracer:
            asyncio.run(main())
        assert tracer.profile().meta["lost_contexts"] == 0
        tracer.clear()


def test_labels_take_no_more_nodes_than_there_may_be() -> None:
    number = [0]
    tracer = _probe.Tracer(calibrate=False, builtins=False, node_limit=20, tag=lambda: number[0])
    with tracer:
        for number[0] in range(500):
            branch(2)
    assert calls(tracer.profile())["leaf"] == 1000
    # Each function that is folded has one node besides.
    assert tracer.memory[0] < 40
    assert tracer.profile().meta["lost_paths"] > 0


def test_a_task_made_under_a_tag_tells_what_it_began_with() -> None:
    tag: contextvars.ContextVar[str] = contextvars.ContextVar("tag")

    async def child() -> None:
        branch(1)

    async def main() -> None:
        tag.set("a")
        await asyncio.gather(child(), child())

    with _probe.Tracer(calibrate=False, builtins=False, tag=tag) as tracer:
        asyncio.run(main())
    data = json.loads(tracer.profile().export("json"))
    entries = [t["entry"] for t in data["threads"] if t["kind"] == "task" and not t["tag"]]
    assert sum(entry.endswith("child") for entry in entries) == 2
