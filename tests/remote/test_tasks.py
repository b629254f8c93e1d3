# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Asyncio's tasks: which there are, where each waits, and who waits for whom."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from remote_targets import Python, Target, eventually

OLDEST = 7  # 3.6 has its tasks where nobody else can find them
OLDEST_NAMES = 8
OLDEST_GROUPS = 11

# Who waits for each: what the target does.
AWAITED_BY = {
    "wait-1": ["waiting"],
    "wait-2": ["waiting"],
    "gather-1": ["gathering"],
    "gather-2": ["gathering"],
    "limited-1": ["limited"],
    "both-1": ["limited_gathering"],
    "shield-1": ["shielding"],
    "shared": ["direct-1", "direct-2"],
    "Task-2": [],
    "Task-10": [],
    "waiting": [],
    "gathering": [],
    "limited": [],
    "limited_gathering": [],
    "shielding": [],
    "direct-1": [],
    "direct-2": [],
    "iterating": [],
    "by_await": [],
}
GROUP = {"group-1": ["grouping"], "group-2": ["grouping"], "grouping": []}
# The target's own functions on the stack of some tasks, innermost first.
STACKS = {
    "wait-1": ["leaf", "middle", "worker"],
    "shared": ["leaf", "middle", "worker"],
    "waiting": ["waiting"],
    "gathering": ["gathering"],
    "limited": ["limited"],
    "direct-1": ["direct"],
    "iterating": ["items", "iterating"],
    "by_await": ["__await__", "by_await"],
}

Start = Callable[..., Target]


@pytest.fixture(autouse=True)
def needs_readable_tasks(python: Python) -> None:
    if python.minor < OLDEST:
        pytest.skip("tasks can be read from 3.7 on")


def tasks_at_rest(target: Target, *options: str) -> list[dict[str, Any]] | None:
    """Dump; return the tasks once the loop waits."""
    dumped = target.dump("--async", *options)
    assert "tasks_problem" not in dumped
    main = dumped["threads"][0]
    if main["state"] != "idle" or dumped["tasks_missed"]:
        return None
    tasks = dumped["tasks"]
    assert isinstance(tasks, list)
    assert [it["id"] for it in tasks] == list(range(len(tasks)))
    return tasks


def own_frames(task: dict[str, Any]) -> list[tuple[str, int]]:
    """Return names and lines of the target's functions."""
    return [
        (it["name"].rpartition(".")[2], it["line"])
        for it in task["frames"]
        if it["file"].endswith("/targets/tasks.py")
    ]


def waiting_tasks(target: Target, *options: str) -> list[dict[str, Any]]:
    found = eventually(lambda: tasks_at_rest(target, *options), "the loop waits")
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("how", ["--nonblocking", "--blocking"])
def test_tasks_tell_who_waits_for_whom(start: Start, python: Python, how: str) -> None:
    with start("tasks.py") as target:
        assert target.hear()["done"]
        target.hear()
        tasks = waiting_tasks(target, how)
        pid = target.pid
    if python.minor < OLDEST_NAMES:  # then they have no names, but what they run
        links = {it["name"]: [tasks[by]["name"] for by in it["awaited_by"]] for it in tasks}
        assert len(tasks) == len(AWAITED_BY) + 1
        assert links["gathering"] == []
        by = sorted(tasks[by]["name"] for it in tasks for by in it["awaited_by"])
        expected = sorted(name for names in AWAITED_BY.values() for name in names)
        assert by == [name.partition("-")[0] for name in expected]
        return
    expected_links = {**AWAITED_BY, **(GROUP if python.minor >= OLDEST_GROUPS else {})}
    links = {it["name"]: sorted(tasks[by]["name"] for by in it["awaited_by"]) for it in tasks}
    assert links.pop("Task-1") == []
    assert links == expected_links
    assert all(it["tid"] == pid and not it["running"] for it in tasks)
    names = [it["name"] for it in tasks]
    assert names.index("Task-1") < names.index("Task-2") < names.index("Task-10")


def test_stacks_of_tasks_have_names_and_lines(start: Start, python: Python) -> None:
    if python.minor < OLDEST_NAMES:
        pytest.skip("tasks have names from 3.8 on")
    with start("tasks.py") as target:
        lines = target.hear()["lines"]
        target.hear()
        tasks = {it["name"]: it for it in waiting_tasks(target)}
    for name, functions in STACKS.items():
        found = own_frames(tasks[name])
        assert [it[0] for it in found] == functions
        assert found == [(it, lines[it]) for it in functions], name
    assert tasks["wait-1"]["frames"][0]["name"] == "sleep"


def test_a_running_task_has_the_stack_of_its_thread(start: Start, python: Python) -> None:
    with start("tasks.py", "running") as target:
        target.hear()
        target.hear()

        def look() -> dict[str, Any] | None:
            running = [it for it in target.dump("--async")["tasks"] if it["running"]]
            deep = running and running[0]["frames"][0]["name"] == "stand_still"
            return running[0] if deep else None

        task = eventually(look, "a task runs")
        assert [it[0] for it in own_frames(task)] == ["computing", "running"]
        assert task["tid"] == target.pid
        if python.minor >= OLDEST_NAMES:
            assert task["name"] == "runs"


def test_programs_without_tasks_have_none(start: Start) -> None:
    with start("tasks.py", "import") as target:
        target.hear()
        assert target.dump("--async")["tasks"] == []
    with start("variables.py", "arguments") as target:
        target.hear()
        assert target.dump("--async")["tasks"] == []


def test_tasks_written_in_python_are_read_as_well(start: Start, python: Python) -> None:
    with start("python_tasks.py") as target:
        target.hear()
        tasks = waiting_tasks(target)
    assert len(tasks) == 4
    if python.minor >= OLDEST_NAMES:
        links = {it["name"]: [tasks[by]["name"] for by in it["awaited_by"]] for it in tasks}
        assert links["leaf-0"] == links["leaf-1"] == ["top"]
        assert links["top"] == []


def test_local_variables_of_tasks_are_shown(start: Start) -> None:
    with start("tasks.py") as target:
        target.hear()
        target.hear()
        tasks = waiting_tasks(target, "--locals")
    frames = [frame for it in tasks for frame in it["frames"] if frame["name"] == "sleep"]
    assert frames
    for frame in frames:
        values = {it["name"]: it["value"] for it in frame["locals"]}
        assert values["delay"] == "1000"


def test_tasks_are_asked_for(start: Start) -> None:
    with start("tasks.py") as target:
        target.hear()
        assert "tasks" not in target.dump()
