# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""How asyncio's tasks come and go in a trace, whatever loop they run in."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import weakref
from collections import Counter
from typing import Any

import pytest
from contexts import Context, contexts, run_tasks, tasks
from hypothesis import given, settings
from hypothesis import strategies as st
from tracing import functions, leaf, lost, trace

from pyrometer import _probe


@st.composite
def programs(draw: Any, depth: int = 3) -> list[Any]:
    """Make the steps of a task: how often to call, how to give way, whom to await."""
    steps: list[Any] = []
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["call", "yield", "sleep", "await", "gather", "raise"]))
        if kind == "call":
            steps.append(("call", draw(st.integers(1, 9))))
        elif kind == "yield":
            steps.append(("yield", draw(st.integers(1, 3))))
        elif kind == "sleep":
            steps.append(("sleep", draw(st.integers(1, 3))))
        elif kind == "raise":
            steps.append(("raise", draw(st.integers(1, 3))))
        elif depth > 0:
            count = 1 if kind == "await" else draw(st.integers(0, 3))
            steps.append((kind, [draw(programs(depth=depth - 1)) for _ in range(count)]))
    return steps


class Reference:
    """Runs such programs and counts what it does, by name of the task."""

    def __init__(self) -> None:
        self.calls: dict[str, Counter[str]] = {}
        self.tasks = 0

    def new_task(self, steps: list[Any]) -> asyncio.Task[None]:
        """Start a task for these steps."""
        self.tasks += 1
        name = f"task {self.tasks}"
        self.calls[name] = Counter()
        return asyncio.create_task(self.perform(name, steps), name=name)

    def raise_it(self) -> None:
        """Fail, below the task."""
        leaf()
        raise KeyError

    async def perform(self, name: str, steps: list[Any]) -> None:
        """Do the steps as part of the task."""
        counts = self.calls[name]
        counts["perform"] += 1
        for kind, what in steps:
            if kind == "call":
                for _ in range(what):
                    leaf()
                counts["leaf"] += what
            elif kind == "yield":
                for _ in range(what):
                    await asyncio.sleep(0)
            elif kind == "sleep":
                await asyncio.sleep(what * 1e-5)
            elif kind == "await":
                await self.perform(name, what[0])
            elif kind == "gather":
                await asyncio.gather(*[self.new_task(steps) for steps in what])
            else:
                counts["raise_it"] += 1
                counts["leaf"] += 1
                with pytest.raises(KeyError):
                    self.raise_it()

    async def main(self, program: list[list[Any]]) -> None:
        """Run several at once."""
        await asyncio.gather(*[self.new_task(steps) for steps in program])


def counts_of(task: Context) -> Counter[str]:
    """Return how often the functions of the reference were called."""
    by_name: Counter[str] = Counter()
    for name, count in task.calls.items():
        short = name.rpartition(".")[2]
        if short in ("leaf", "perform", "raise_it"):
            by_name[short] += count
    return by_name


@pytest.mark.parametrize("builtins", [False, True])
@given(program=st.lists(programs(), max_size=4))
@settings(max_examples=25)
def test_calls_are_counted_for_the_task_that_made_them(
    program: list[list[Any]], builtins: bool
) -> None:
    reference = Reference()
    found = tasks(run_tasks(lambda: reference.main(program), builtins=builtins))
    by_task = {name: task for name, task in found.items() if name.startswith("task ")}
    assert {name: counts_of(task) for name, task in by_task.items()} == reference.calls
    for task in by_task.values():
        assert task.entry.rpartition(".")[2] == "perform"
        assert task.start <= task.end
        assert task.total() + (task.starved or 0) <= 1.02 * task.alive + 20_000


@pytest.mark.parametrize("builtins", [False, True])
def test_without_tasks_all_is_the_threads(builtins: bool) -> None:
    reference = Reference()
    program: list[list[Any]] = [[("call", 3), ("yield", 2)], [("await", [[("call", 4)]])]]
    profile = run_tasks(lambda: reference.main(program), builtins=builtins, tasks=False)
    assert tasks(profile) == {}
    assert functions(profile)["leaf"]["calls"] == 7


# Loops


def test_each_loop_has_its_tasks_whatever_thread_it_runs_in() -> None:
    together = threading.Barrier(3)

    async def work(n: int) -> None:
        for _ in range(n):
            leaf()
            await asyncio.sleep(0.0001)

    async def main(thread: int) -> None:
        names = [f"{thread}.{n}" for n in range(4)]
        await asyncio.gather(
            *[asyncio.create_task(work(10 * thread + n), name=names[n]) for n in range(4)]
        )

    def in_thread(thread: int) -> None:
        together.wait()
        asyncio.run(main(thread))

    def body() -> None:
        threads = [threading.Thread(target=in_thread, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    profile = trace(body)
    all_contexts = contexts(profile)
    found = {task.name: task for task in all_contexts if task.kind == "task"}
    parents: dict[int, set[int | None]] = {}
    for thread in range(3):
        for n in range(4):
            task = found[f"{thread}.{n}"]
            assert task.calls["leaf"] == 10 * thread + n
            parents.setdefault(thread, set()).add(task.parent)
    assert all(len(parent) == 1 for parent in parents.values())
    assert len(set.union(*parents.values())) == 3


def test_loops_one_after_another_have_tasks_of_their_own() -> None:
    async def main(name: str, n: int) -> None:
        async def work() -> None:
            for _ in range(n):
                leaf()

        await asyncio.create_task(work(), name=name)

    def body() -> None:
        asyncio.run(main("first", 3))
        asyncio.run(main("second", 4))

    found = tasks(trace(body))
    assert found["first"].calls["leaf"] == 3
    assert found["second"].calls["leaf"] == 4
    assert found["first"].end <= found["second"].start


@pytest.mark.measured
def test_uvloops_tasks_are_tasks() -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed for this Python")

    async def work(n: int) -> None:
        for _ in range(n):
            leaf()
            await asyncio.sleep(0.005)

    async def main() -> None:
        await asyncio.gather(*[asyncio.create_task(work(n), name=f"n{n}") for n in range(4)])

    def body() -> None:
        loop = uvloop.new_event_loop()
        try:
            loop.run_until_complete(main())
        finally:
            loop.close()

    found = tasks(trace(body))
    assert {n: found[f"n{n}"].calls["leaf"] for n in range(4)} == {n: n for n in range(4)}
    assert {n: found[f"n{n}"].switches for n in range(4)} == {n: n + 1 for n in range(4)}
    assert found["n3"].starved is None
    assert found["n3"].awaiting > 0.7 * found["n3"].alive


# Lives


def test_a_task_that_is_renamed_keeps_its_figures() -> None:
    async def work() -> None:
        leaf()
        task = asyncio.current_task()
        assert task is not None
        task.set_name("new")
        await asyncio.sleep(0)
        leaf()

    async def main() -> None:
        await asyncio.create_task(work(), name="old")

    found = tasks(run_tasks(main))
    (task,) = (task for name, task in found.items() if name in ("old", "new"))
    assert task.calls["leaf"] == 2


def test_a_task_that_is_collected_unfinished_stays_in_the_profile() -> None:
    async def stuck() -> None:
        leaf()
        await asyncio.get_running_loop().create_future()

    async def main() -> None:
        _ = asyncio.create_task(stuck(), name="stuck")
        del _
        await asyncio.sleep(0)
        gc.collect()
        await asyncio.sleep(0)

    def body() -> None:
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)
        loop.run_until_complete(main())
        loop.close()

    found = tasks(trace(body))
    assert found["stuck"].calls["leaf"] == 1


def test_no_task_is_kept_alive() -> None:
    seen: list[weakref.ref[Any]] = []

    async def work() -> None:
        await asyncio.sleep(0)

    async def main() -> None:
        task = asyncio.create_task(work(), name="work")
        seen.append(weakref.ref(task))
        await task

    tracer = _probe.Tracer()
    with tracer:
        asyncio.run(main())
        gc.collect()
        assert seen[0]() is None
    assert tasks(tracer.profile())["work"].switches == 2


def test_tasks_beyond_the_limit_share_one_entry() -> None:
    limit = 10

    async def work() -> None:
        leaf()
        await asyncio.sleep(0)
        leaf()

    async def main() -> None:
        for _ in range(25):
            await asyncio.create_task(work())

    tracer = _probe.Tracer(context_limit=limit)
    loop = asyncio.new_event_loop()
    with tracer:
        loop.run_until_complete(main())
    loop.close()
    profile = tracer.profile()
    found = [context for context in contexts(profile) if context.kind == "task"]
    (others,) = (task for task in found if task.name == "(other tasks)")
    assert len(found) == limit + 1
    assert others.calls["leaf"] == 2 * (25 - (limit - 1))
    assert sum(task.calls["leaf"] for task in found) == 50
    assert lost(profile) == {"lost_contexts": 25 + 1 - limit}


def test_memory_stays_flat_however_many_tasks_come_and_go() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        leaf()

    async def rounds(count: int) -> None:
        for _ in range(count):
            await asyncio.gather(work(), work())

    tracer = _probe.Tracer(context_limit=20)
    with tracer:
        for _ in range(3):
            asyncio.run(rounds(50))
        before = tracer.memory
        asyncio.run(rounds(1000))
        assert tracer.memory == before


def test_a_trace_may_begin_and_end_within_a_task() -> None:
    tracer = _probe.Tracer()

    async def traced() -> None:
        with tracer:
            leaf()
            await asyncio.sleep(0.02)
            leaf()

    async def main() -> None:
        leaf()
        await asyncio.create_task(traced(), name="traced")
        leaf()

    asyncio.run(main())
    profile = tracer.profile()
    assert lost(profile) == {}
    assert functions(profile)["leaf"]["calls"] == 2
    assert sum(c.calls["leaf"] for c in contexts(profile) if c.name == "traced") >= 1


def test_a_trace_that_ends_in_another_task_than_it_began_in_counts_both() -> None:
    tracer = _probe.Tracer()

    async def begins() -> None:
        tracer.start()
        await asyncio.sleep(0)
        leaf()

    async def ends() -> None:
        await asyncio.sleep(0.01)
        leaf()
        tracer.stop()
        leaf()

    async def main() -> None:
        await asyncio.gather(
            asyncio.create_task(begins(), name="begins"),
            asyncio.create_task(ends(), name="ends"),
        )

    asyncio.run(main())
    found = tasks(tracer.profile())
    assert found["begins"].calls["leaf"] == 1
    assert found["ends"].calls["leaf"] == 1


def test_clearing_within_a_task_forgets_what_was() -> None:
    tracer = _probe.Tracer()

    async def work() -> None:
        for _ in range(5):
            leaf()
        await asyncio.sleep(0)
        tracer.clear()
        leaf()
        await asyncio.sleep(0)
        leaf()

    async def main() -> None:
        await asyncio.create_task(work(), name="work")

    with tracer:
        asyncio.run(main())
    profile = tracer.profile()
    assert lost(profile) == {}
    assert functions(profile)["leaf"]["calls"] == 2
    assert tasks(profile)["work"].calls["leaf"] == 2
    assert tasks(profile)["work"].switches <= 2


# What must not happen


def test_no_code_of_the_programs_runs_in_an_event() -> None:
    asked: list[str] = []

    class Loop(asyncio.SelectorEventLoop):
        def __hash__(self) -> int:
            if sys._getframe(1).f_code.co_name == "victim":
                asked.append("hash")
            return 1

    class Task(asyncio.Task):  # type: ignore[type-arg]
        def __getattribute__(self, name: str) -> Any:
            if sys._getframe(1).f_code.co_name == "victim":
                asked.append(name)
            return super().__getattribute__(name)

        def get_name(self) -> str:
            asked.append("get_name")
            return "wrong"

    async def victim() -> None:
        leaf()
        await asyncio.sleep(0)

    def body() -> None:
        loop = Loop()
        try:
            loop.run_until_complete(Task(victim(), loop=loop, name="right"))
        finally:
            loop.close()

    found = tasks(trace(body))
    assert asked == []
    assert found["right"].calls["leaf"] == 1


def test_an_exception_under_way_is_left_alone() -> None:
    async def inner() -> None:
        leaf()

    async def main() -> None:
        try:
            raise KeyError("mine")
        except KeyError:
            task = asyncio.create_task(inner(), name="inner")
            await task
            assert isinstance(sys.exc_info()[1], KeyError)
        with pytest.raises(ZeroDivisionError):
            await thrown_into()

    async def thrown_into() -> None:
        coroutine = inner()
        coroutine.throw(ZeroDivisionError())

    assert tasks(run_tasks(main))["inner"].calls["leaf"] == 1


def test_a_program_without_asyncio_never_loads_it() -> None:
    code = (
        "import sys\n"
        "from pyrometer import _probe\n"
        "async def work(): pass\n"
        "with _probe.Tracer():\n"
        "    try:\n"
        "        work().send(None)\n"
        "    except StopIteration:\n"
        "        pass\n"
        "print('asyncio' in sys.modules, '_asyncio' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]
