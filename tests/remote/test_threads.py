# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Threads and interpreters: names, the kernel's numbers, the GIL's holder, the collector."""

from __future__ import annotations

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
