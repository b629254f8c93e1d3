# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Threads and interpreters: names, the kernel's numbers, the GIL's holder, the collector."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any, Callable

import pytest
from remote_targets import Python, Target, eventually

MANY = 100
LOOKS = 10

Start = Callable[..., Target]


def at_rest(target: Target) -> dict[str, Any] | None:
    """Dump the target; return that if no thread of it runs."""
    dumped = target.dump()
    return dumped if all(it["state"] == "idle" for it in dumped["threads"]) else None


def test_threads_have_their_names_and_numbers(start: Start) -> None:
    with start("threads.py", str(MANY)) as target:
        said = target.hear()
        expected = {**said["numbers"], "MainThread": said["main"]}
        assert len(expected) == MANY + 3
        dumped = eventually(lambda: at_rest(target), "all threads wait")
        assert {it["name"]: it["tid"] for it in dumped["threads"]} == expected
        assert dumped["threads"][0]["tid"] == target.pid
        assert [it["name"] for it in dumped["threads"] if it["main"]] == ["MainThread"]
        for thread in dumped["threads"]:
            assert not thread["torn"] and not thread["gil"] and not thread["gc"]
            last = thread["frames"][-1]["name"]
            assert last == "<module>" if thread["main"] else last.endswith("_bootstrap")


def inner_numbers(pid: int) -> dict[int, int]:
    """Return our numbers of a process's threads, by those that they have to themselves."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        status = (task / "status").read_text("utf-8", "replace")  # with a name that was cut
        (line,) = re.findall(r"^NSpid:(.*)$", status, re.MULTILINE)
        found[int(line.split()[-1])] = int(task.name)
    return found


def test_numbers_are_ours_in_a_container_too(command: str, python: Python) -> None:
    apart = ("unshare", "--pid", "--fork", "--kill-child")
    if os.geteuid() != 0:
        apart = (*apart, "--user")
    try:
        subprocess.run([*apart, "true"], check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"no namespaces: {error}")
    with Target(command, python, "threads.py", "5", within=apart) as target:
        said = target.hear()
        target.step_within()
        assert said["main"] != target.pid
        ours = inner_numbers(target.pid)
        inner = {**said["numbers"], "MainThread": said["main"]}
        dumped = target.dump()
        expected = {name: ours[number] for name, number in inner.items()}
        assert {it["name"]: it["tid"] for it in dumped["threads"]} == expected


def test_the_thread_that_computes_holds_the_gil(start: Start) -> None:
    with start("gil.py") as target:
        target.hear()
        target.hear()
        held = 0
        for _ in range(LOOKS):
            threads = target.threads()
            assert set(threads) == {"MainThread", "computes", "waits"}
            assert not threads["MainThread"]["gil"]
            assert not threads["waits"]["gil"]
            held += threads["computes"]["gil"]
            innermost = threads["computes"]["frames"][0]
            assert innermost["name"] == "compute"
        assert held >= LOOKS // 2  # it is between two holds for a moment only


def test_a_run_of_the_collector_is_seen(start: Start, python: Python) -> None:
    with start("collector.py") as target:
        target.hear()

        def look() -> dict[str, Any] | None:
            thread = target.dump()["threads"][0]
            names = [it["name"] for it in thread["frames"]]
            inside = "during" in names and "say" not in names
            return thread if inside and thread["gil"] else None

        thread = eventually(look, "the collector runs")
    assert thread["gc"] == (python.minor >= 7)  # 3.6 keeps it to itself
    assert "outside" in [it["name"] for it in thread["frames"]]


def test_other_interpreters_are_seen(start: Start, python: Python) -> None:
    with start("subinterpreters.py") as target:
        said = target.hear()
        if "missing" in said:
            pytest.skip("this Python has no module that makes interpreters")

        def look() -> list[dict[str, Any]] | None:
            found = [
                it
                for it in target.dump()["threads"]
                if "elsewhere" in [frame["name"] for frame in it["frames"]]
            ]
            return found or None

        dumped = target.dump()["threads"]
        (thread,) = eventually(look, "the other interpreter stands still")
    if python.minor >= 7:  # 3.6 has no numbers for them
        assert thread["interpreter"] != dumped[0]["interpreter"]
    assert dumped[0]["name"] == "MainThread"
    assert [it["name"] for it in thread["frames"]] == ["elsewhere", "<module>"]
