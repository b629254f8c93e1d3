# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Asyncio's tasks as the tracer tells them apart: what each ran, awaited and was kept from."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from contexts import Context, burn, close, run_tasks, tasks
from tracing import functions, leaf, trace


class Diary:
    """What a task itself says about its time."""

    def __init__(self) -> None:
        self.made = time.perf_counter()
        self.late = 0.0
        self.ran = 0.0
        self.waited = 0.0

    def burn(self, seconds: float) -> None:
        """Run."""
        self.ran += burn(seconds)

    def begin(self) -> None:
        """Take the time that it was kept from its first step."""
        self.late = time.perf_counter() - self.made

    async def sleep(self, seconds: float) -> None:
        """Wait; longer when the loop is busy."""
        begin = time.perf_counter()
        await asyncio.sleep(seconds)
        self.waited += time.perf_counter() - begin

    def check(self, task: Context, asleep: float) -> None:
        """Compare with the profile, which knows how much of the waiting was not its own."""
        whole = self.ran + self.waited
        assert task.starved is not None
        assert close(task.total(), self.ran, whole)
        assert close(task.awaiting, asleep, whole)
        assert close(task.starved, self.waited - asleep, whole)


@pytest.mark.measured
def test_running_awaiting_and_starved_are_told_apart() -> None:
    diaries: dict[str, Diary] = {}

    async def hungry(diary: Diary) -> None:
        diary.burn(0.04)
        await diary.sleep(0.05)  # ... while the other one keeps the loop busy

    async def greedy(diary: Diary) -> None:
        diary.begin()
        await diary.sleep(0.02)
        diary.burn(0.15)

    async def main() -> None:
        diaries["hungry"] = Diary()
        diaries["greedy"] = Diary()
        await asyncio.gather(
            asyncio.create_task(hungry(diaries["hungry"]), name="hungry"),
            asyncio.create_task(greedy(diaries["greedy"]), name="greedy"),
        )

    found = tasks(run_tasks(main))
    diaries["hungry"].check(found["hungry"], asleep=0.05)
    # Its first step had to wait, too.
    diaries["greedy"].waited += diaries["greedy"].late
    diaries["greedy"].check(found["greedy"], asleep=0.02)
    assert found["hungry"].entry.endswith("hungry")
    assert found["hungry"].switches == found["greedy"].switches == 2


@pytest.mark.measured
def test_a_task_that_is_made_starves_until_its_first_step() -> None:
    async def late() -> None:
        leaf()

    async def main() -> None:
        task = asyncio.create_task(late(), name="late")
        burn(0.1)
        await task

    late_task = tasks(run_tasks(main))["late"]
    assert late_task.starved is not None
    assert late_task.starved > 0.9 * late_task.alive
    assert late_task.starved > 0.099 * 1e9


@pytest.mark.measured
def test_what_a_programs_own_timer_does_is_not_starving() -> None:
    late: list[float] = []  # that is, the timer on a busy machine
    ran: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        due = time.perf_counter() + 0.02

        def callback() -> None:
            late.append(time.perf_counter() - due)
            ran.append(burn(0.1))
            future.set_result(None)

        loop.call_later(0.02, callback)
        await future

    (task,) = tasks(run_tasks(main)).values()
    assert task.starved is not None
    assert task.starved / 1e9 < late[0] + 0.2 * ran[0]
    assert task.awaiting / 1e9 > 0.9 * ran[0]


@pytest.mark.measured
def test_an_event_loop_that_keeps_another_time_is_not_believed() -> None:
    class Ahead(asyncio.SelectorEventLoop):
        def time(self) -> float:
            return super().time() / 2

    async def main() -> None:
        for _ in range(5):
            await asyncio.sleep(0.005)

    def body() -> None:
        loop = Ahead()
        try:
            loop.run_until_complete(main())
        finally:
            loop.close()

    (task,) = tasks(trace(body)).values()
    assert task.starved is not None
    assert task.starved < 0.2 * task.alive


@pytest.mark.measured
def test_a_task_in_a_deadlock_of_timers_awaits() -> None:
    lived: list[float] = []  # longer than the timer on a busy machine, which is no awaiting

    async def main() -> None:
        began = time.perf_counter()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), 0.05)
        lived.append(time.perf_counter() - began)

    found = tasks(run_tasks(main))
    (task,) = (task for task in found.values() if task.entry.endswith("main"))
    assert close(task.awaiting, 0.05, lived[0])


def test_the_path_to_a_task_is_whole() -> None:
    async def inner() -> None:
        leaf()

    async def outer() -> None:
        await inner()

    (task,) = tasks(run_tasks(outer)).values()
    (path,) = (path for path in task.paths if path[-1] == "leaf")
    short = [name.rpartition(".")[2] for name in path]
    assert short[-3:] == ["outer", "inner", "leaf"]
    assert "run" in short and "_run_once" in short and "_run" in short


@pytest.mark.measured
def test_nested_awaits_wait_each_for_themselves() -> None:
    diary = Diary()

    async def inner() -> None:
        begin = time.perf_counter()
        await asyncio.sleep(0.05)
        diary.waited += time.perf_counter() - begin

    async def outer() -> None:
        await inner()
        diary.burn(0.05)

    (task,) = tasks(run_tasks(outer)).values()
    suspended = {
        name.rpartition(".")[2]: values["awaited"] + values["starved"]
        for name, values in task.functions.items()
    }
    for name in ("outer", "inner", "sleep"):
        assert close(suspended[name], diary.waited, diary.waited)
    diary.check(task, asleep=0.05)


@pytest.mark.measured
def test_a_cancelled_task_ends_where_it_was() -> None:
    async def stuck() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            leaf()

    lived: list[float] = []

    async def main() -> None:
        began = time.perf_counter()
        task = asyncio.create_task(stuck(), name="stuck")
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        lived.append(time.perf_counter() - began)
        burn(0.15)

    stuck_task = tasks(run_tasks(main))["stuck"]
    assert stuck_task.calls["leaf"] == 1
    assert stuck_task.switches == 2
    assert close(stuck_task.alive, lived[0], lived[0])
    assert close(stuck_task.awaiting, lived[0], lived[0])


def test_a_task_that_is_cancelled_before_it_ran_runs_nothing() -> None:
    async def never() -> None:
        leaf()

    async def main() -> None:
        task = asyncio.create_task(never(), name="never")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    profile = run_tasks(main)
    assert "leaf" not in {f["qualname"] for f in profile.functions if f["calls"]}
    never_task = tasks(profile).get("never")
    # Before 3.12 what is thrown into it is a call of it.
    assert never_task is None or all(name.endswith("never") for name in never_task.calls)


@pytest.mark.measured
def test_a_task_that_raises_is_over() -> None:
    async def fails() -> None:
        leaf()
        await asyncio.sleep(0)
        raise KeyError

    async def main() -> None:
        task = asyncio.create_task(fails(), name="fails")
        with pytest.raises(KeyError):
            await task
        burn(0.1)

    profile = run_tasks(main)
    fails_task = tasks(profile)["fails"]
    assert fails_task.calls["leaf"] == 1
    assert fails_task.alive < 0.5 * profile.meta["duration_ns"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no TaskGroup before 3.11")
def test_the_tasks_of_a_group_are_tasks() -> None:
    async def work(n: int) -> None:
        for _ in range(n):
            await asyncio.sleep(0)
            leaf()

    async def main() -> None:
        async with asyncio.TaskGroup() as group:  # type: ignore[attr-defined]
            for n in range(5):
                group.create_task(work(n), name=f"n{n}")

    found = tasks(run_tasks(main))
    assert {n: found[f"n{n}"].calls["leaf"] for n in range(5)} == {n: n for n in range(5)}
    assert {n: found[f"n{n}"].switches for n in range(5)} == {n: n + 1 for n in range(5)}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no eager tasks before 3.12")
def test_an_eager_task_is_told_from_the_one_that_made_it() -> None:
    async def eager(name: str) -> None:
        leaf()
        await asyncio.sleep(0)
        leaf()

    async def done_at_once() -> None:
        leaf()

    async def main() -> None:
        factory = asyncio.eager_task_factory  # type: ignore[attr-defined]
        asyncio.get_running_loop().set_task_factory(factory)
        leaf()
        task = asyncio.create_task(eager("a"), name="eager")
        leaf()
        await asyncio.create_task(done_at_once(), name="at once")
        await task
        leaf()

    found = {task.entry.rpartition(".")[2]: task for task in tasks(run_tasks(main)).values()}
    assert {entry: task.calls["leaf"] for entry, task in found.items()} == {
        "eager": 2,
        "done_at_once": 1,
        "main": 3,
    }
    assert found["eager"].switches == 2
    assert found["done_at_once"].switches == 1


@pytest.mark.measured
def test_tasks_written_in_python_are_tasks() -> None:
    python_task: Any = asyncio.tasks._PyTask  # type: ignore[attr-defined]
    made: list[Any] = []

    late: list[float] = []

    async def inner() -> None:
        leaf()
        due = time.perf_counter() + 0.05
        await asyncio.sleep(0.05)
        late.append(time.perf_counter() - due)
        leaf()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        made.append(python_task(inner(), loop=loop, name="python"))
        await asyncio.sleep(0.02)
        burn(0.1)
        await made[0]

    found = tasks(run_tasks(main))
    task = next(task for task in found.values() if task.entry.endswith("inner"))
    assert task.name == "python"
    assert task.calls["leaf"] == 2
    assert task.starved is not None
    assert close(task.starved, late[0], 0.12)


def test_tasks_in_debug_mode_are_tasks() -> None:
    async def inner() -> None:
        leaf()
        await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.create_task(inner(), name="inner")

    found = tasks(trace(lambda: asyncio.run(main(), debug=True)))
    assert found["inner"].calls["leaf"] == 1


@pytest.mark.measured
def test_an_async_generator_that_nobody_asks_does_not_await() -> None:
    async def numbers() -> AsyncIterator[int]:
        for i in range(5):
            await asyncio.sleep(0.005)
            yield i

    async def main() -> None:
        async for _ in numbers():
            burn(0.02)

    (task,) = tasks(run_tasks(main)).values()
    values = {name.rpartition(".")[2]: v for name, v in task.functions.items()}
    assert values["numbers"]["awaited"] < 1.3 * values["sleep"]["awaited"]
    assert values["numbers"]["awaited"] > 0.97 * values["sleep"]["awaited"]


def test_a_coroutine_driven_by_hand_is_nobodys_task() -> None:
    class Once:
        def __await__(self) -> Any:
            yield

    async def work() -> None:
        leaf()
        await Once()
        leaf()

    def body() -> None:
        coroutine = work()
        coroutine.send(None)
        with pytest.raises(StopIteration):
            coroutine.send(None)

    profile = trace(body)
    assert tasks(profile) == {}
    assert functions(profile)["leaf"]["calls"] == 2


def test_a_coroutine_driven_by_hand_within_a_task_is_the_tasks() -> None:
    async def work() -> None:
        leaf()

    async def main() -> None:
        with pytest.raises(StopIteration):
            work().send(None)

    (task,) = tasks(run_tasks(main)).values()
    assert task.calls["leaf"] == 1
