# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Stacks of a program that changes them as fast as Python can, checked against all it may have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable, NamedTuple

import pytest
from recordings import Recorder, certain
from remote_targets import Python, Target

Start = Callable[..., Target]
FLOOR = re.compile(r"t(\d)_(\d+)")
MAX_COMPARED_IMPOSSIBLE = 0.001
# On a quiet machine one in a hundred at most. The more others want the processors, the more can't
# be proved in time, which is counted and shown.
MAX_LOST = 0.2


class Verdict(NamedTuple):
    """What the stacks of a recording of towers.py are worth, by their weight."""

    impossible: float  # share
    depth: float  # mean floors on the stack


@pytest.fixture
def recorder(command: str, tmp_path: Path) -> Recorder:
    return Recorder(command, tmp_path)


def judge(stacks: dict[str, int]) -> Verdict:
    """Check that each stack is one tower, floor by floor from the ground."""
    total = sum(stacks.values())
    wrong = 0
    floors_seen = 0
    for stack, weight in stacks.items():
        floors = [match for it in stack.split(";") if (match := FLOOR.fullmatch(it))]
        one_tower = len({match[1] for match in floors}) <= 1
        in_order = [int(match[2]) for match in floors] == list(range(len(floors)))
        wrong += 0 if one_tower and in_order else weight
        floors_seen += weight * len(floors)
    return Verdict(wrong / total, floors_seen / total)


def stay_possible(recorder: Recorder, limit: float) -> None:
    """Fail at once, and not measure again, where more stacks than that never were."""
    impossible = judge(recorder.stacks("towers.pyro")).impossible
    certain(impossible <= limit, f"{impossible:.4%} of the time is in stacks that never were")


def test_a_mixed_stack_would_be_noticed() -> None:
    assert judge({"drive;t0_0;t0_1": 1, "drive": 1}) == Verdict(0, 1)
    assert judge({"drive;t0_0;t1_1": 1, "drive;t0_0;t0_1": 3}).impossible == 0.25
    assert judge({"drive;t0_0;t0_2": 1}).impossible == 1


@pytest.mark.measured
@pytest.mark.parametrize("depth", [8, 50, 200])
def test_frozen_stacks_are_all_true(
    recorder: Recorder, start: Start, python: Python, depth: int
) -> None:
    with start("towers.py", str(depth)) as target:
        assert target.hear()["ready"]
        done = recorder("-p", str(target.pid), "-d", "1", "-r", "1000", "-o", "towers.pyro")
    assert done.status == 0, done.err
    counts = recorder.counts("towers.pyro")
    stay_possible(recorder, 0)
    assert counts.exact > 0
    assert counts.lost <= MAX_LOST * counts.exact
    if counts.mode == "frozen":
        assert counts.torn == 0


@pytest.mark.parametrize("mode", ["frozen", "compared"])
def test_stacks_of_an_interpreter_that_another_thread_runs_are_true(
    recorder: Recorder, start: Start, python: Python, mode: str
) -> None:
    with start("lent.py", "50") as target:
        if not target.hear()["ready"]:
            pytest.skip("this Python has no sub-interpreters")
        words = ["-p", str(target.pid), "-d", "1", "-r", "1000", "-i", "--mode", mode]
        done = recorder(*words, "-o", "towers.pyro")
    assert done.status == 0, done.err
    limit = 0 if mode == "frozen" else MAX_COMPARED_IMPOSSIBLE
    stay_possible(recorder, limit)


def test_stopped_stacks_are_all_true(recorder: Recorder, start: Start, python: Python) -> None:
    with start("towers.py", "50") as target:
        assert target.hear()["ready"]
        words = ["-p", str(target.pid), "-d", "1", "-r", "200", "--blocking", "-o", "towers.pyro"]
        done = recorder(*words)
    assert done.status == 0, done.err
    counts = recorder.counts("towers.pyro")
    assert counts.mode == "stopped"
    stay_possible(recorder, 0)
    assert counts.exact > 0
    assert counts.torn == 0


@pytest.mark.measured
@pytest.mark.parametrize("depth", [8, 50, 200])
def test_compared_stacks_are_true_but_for_one_in_a_thousand(
    recorder: Recorder, start: Start, python: Python, depth: int
) -> None:
    with start("towers.py", str(depth)) as target:
        assert target.hear()["ready"]
        done = recorder("-p", str(target.pid), "-d", "1", "-r", "10000", "-o", "towers.pyro")
    assert done.status == 0, done.err
    counts = recorder.counts("towers.pyro")
    assert counts.mode == "compared"
    stay_possible(recorder, MAX_COMPARED_IMPOSSIBLE)
    assert counts.exact > 0
    assert counts.lost <= MAX_LOST * (counts.exact + counts.torn)


@pytest.mark.measured
def test_both_ways_see_the_same_depths(recorder: Recorder, start: Start, python: Python) -> None:
    with start("towers.py", "50") as target:
        assert target.hear()["ready"]
        pid = str(target.pid)
        frozen = recorder("-p", pid, "-d", "2", "-r", "500", "-o", "frozen.pyro")
        stopped = recorder("-p", pid, "-d", "2", "-r", "500", "--blocking", "-o", "stopped.pyro")
    assert frozen.status == 0, frozen.err
    assert stopped.status == 0, stopped.err
    truth = judge(recorder.stacks("stopped.pyro")).depth
    assert judge(recorder.stacks("frozen.pyro")).depth == pytest.approx(truth, rel=0.2)
