# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The timeline of a trace: its runs, what falls out of the ring, and the slices made of them."""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Callable

import pytest
from tracing import branch, leaf

from pyrometer import _probe

Run = tuple[int, int, int, int]  # start, duration (ns), thread, node


def run(body: Callable[[], object], **options: Any) -> Any:
    tracer = _probe.Tracer(calibrate=False, **{"timeline": 100_000, **options})
    with tracer:
        body()
    return tracer.profile()


def runs_of(profile: Any) -> tuple[dict[str, Any], dict[int, list[Run]]]:
    """Return the exported profile, and the runs by native thread, in their order."""
    data = json.loads(profile.export("json"))
    by_thread: dict[int, list[Run]] = defaultdict(list)
    for one in data["timeline"]:
        thread = one[2]
        while data["threads"][thread]["parent"] is not None:
            thread = data["threads"][thread]["parent"]
        by_thread[thread].append(tuple(one))
    return data, by_thread


def assert_in_order(by_thread: dict[int, list[Run]]) -> None:
    for runs in by_thread.values():
        for before, after in zip(runs, runs[1:]):
            assert before[0] + before[1] <= after[0] + 1  # ns, of rounding


def slices(profile: Any) -> dict[int, list[dict[str, Any]]]:
    """Return the slices of the Chrome export by track, which must nest."""
    by_track: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in json.loads(profile.export("chrome"))["traceEvents"]:
        if event["ph"] == "X":
            by_track[event["tid"]].append(event)
    for track in by_track.values():
        open_until: list[float] = []
        for event in sorted(track, key=lambda e: (e["ts"], -e["dur"])):
            end = event["ts"] + event["dur"]
            while open_until and open_until[-1] <= event["ts"] + 0.0011:
                open_until.pop()
            assert not open_until or end <= open_until[-1] + 0.0011  # us, of rounding
            open_until.append(end)
    return by_track


def names(profile: Any) -> Counter[str]:
    return Counter(
        event["name"].rpartition(".")[2] for track in slices(profile).values() for event in track
    )


def sleep_in_turn() -> None:
    for _ in range(3):
        time.sleep(0.01)
        leaf()


def test_a_program_of_known_calls_gives_its_slices() -> None:
    def body() -> None:
        branch(7)
        sleep_in_turn()

    profile = run(body)
    found = names(profile)
    assert (found["branch"], found["leaf"], found["sleep_in_turn"], found["sleep"]) == (1, 10, 1, 3)
    (track,) = slices(profile).values()
    sleeps = [event["dur"] for event in track if event["name"] == "time.sleep"]
    assert min(sleeps) >= 10_000


@pytest.mark.measured
def test_runs_are_in_order_and_add_up_to_the_wall_time() -> None:
    profile = run(sleep_in_turn, clock="both")
    data, by_thread = runs_of(profile)
    assert_in_order(by_thread)
    wall = [metric["name"] for metric in data["metrics"]].index("wall")
    spent = sum(values[wall] for _, _, values in data["rows"])
    ran = sum(duration for runs in by_thread.values() for _, duration, _, _ in runs)
    # What it took to learn a function is part of the runs, not of any function's time.
    assert 0.999 * spent < ran < 1.5 * spent
    per_node: Counter[int] = Counter()
    for _, duration, _, node in data["timeline"]:
        per_node[node] += duration
    for node, _, values in data["rows"]:
        if values[wall] > 1_000_000:
            assert per_node[node] == pytest.approx(values[wall], rel=0.05)


def test_the_last_events_are_kept_and_the_others_counted() -> None:
    def body() -> None:
        branch(5000)
        sleep_in_turn()

    whole = run(body, builtins=False)
    assert whole.meta["lost_runs"] == 0
    kept = run(body, builtins=False, timeline=1000)
    events = len(runs_of(whole)[0]["timeline"])
    assert abs(kept.meta["lost_runs"] - (events - 1000)) <= 8
    data, by_thread = runs_of(kept)
    assert_in_order(by_thread)
    assert 990 <= len(data["timeline"]) <= 1000
    last = [
        data["functions"][data["nodes"][node]["function"]]["qualname"]
        for *_, node in data["timeline"]
    ]
    assert last.count("sleep_in_turn") == 4  # before and after each leaf
    assert names(kept)["sleep_in_turn"] == 1
    assert 450 < names(kept)["leaf"] <= 500
    # The figures do not depend on what the ring keeps.
    assert {f["qualname"]: f["calls"] for f in kept.functions}["leaf"] == 5003


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_smallest_rings_work(size: int) -> None:
    profile = run(lambda: branch(50), timeline=size)
    assert profile.meta["lost_runs"] > 90
    slices(profile)


def hammer(n: int) -> None:
    for _ in range(n):
        branch(20)


def test_threads_have_runs_of_their_own() -> None:
    def body() -> None:
        threads = [threading.Thread(target=hammer, args=(10,), name=f"T{i}") for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    profile = run(body, builtins=False)
    _data, by_thread = runs_of(profile)
    assert_in_order(by_thread)
    assert len(by_thread) == 5
    found = names(profile)
    assert (found["hammer"], found["branch"], found["leaf"]) == (4, 40, 800)


def test_tasks_and_tags_nest_in_the_timeline() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

    async def worker(n: int) -> None:
        variable.set(f"tag {n}")
        for _ in range(5):
            branch(3)
            await asyncio.sleep(0.001)

    async def main() -> None:
        await asyncio.gather(*(worker(n) for n in range(4)))

    profile = run(lambda: asyncio.run(main()), builtins=False, tag=variable, clock="both")
    data, by_thread = runs_of(profile)
    assert_in_order(by_thread)
    found = names(profile)
    assert (found["branch"], found["leaf"]) == (20, 60)
    tags = {data["threads"][one[2]]["tag"] for one in data["timeline"]}
    assert tags == {"", "tag 0", "tag 1", "tag 2", "tag 3"}


def test_a_running_trace_shows_its_timeline_so_far() -> None:
    tracer = _probe.Tracer(calibrate=False, timeline=1000)
    with tracer:
        branch(5)
        first = tracer.profile()
        branch(6)
    assert names(first)["leaf"] == 5
    assert names(tracer.profile())["leaf"] == 11
    assert_in_order(runs_of(first)[1])


def test_a_cleared_timeline_begins_with_what_runs() -> None:
    tracer = _probe.Tracer(calibrate=False, timeline=1000, builtins=False)

    def after() -> None:
        tracer.clear()
        time.sleep(0.05)
        leaf()

    with tracer:
        branch(5)
        after()
    profile = tracer.profile()
    assert names(profile)["leaf"] == 1
    (track,) = slices(profile).values()
    (one,) = (event for event in track if event["name"].endswith("after"))
    assert one["dur"] > 45_000


def test_a_file_has_the_same_timeline(tmp_path: Path) -> None:
    path = str(tmp_path / "t.pyro")
    with _probe.Tracer(calibrate=False, timeline=10_000, path=path) as tracer:
        branch(50)
        thread = threading.Thread(target=branch, args=(60,))
        thread.start()
        thread.join()
    loaded = _probe.Profile.load(path)
    assert names(loaded) == names(tracer.profile())
    assert names(loaded)["leaf"] == 110


def test_a_forked_child_has_a_timeline_of_its_own() -> None:
    told, tell = os.pipe()
    with _probe.Tracer(calibrate=False, timeline=10_000, clock="both", tag=lambda: "x") as tracer:
        branch(50)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                branch(7)
                tracer.stop()
                os.write(tell, json.dumps(names(tracer.profile())).encode())
                status = 0
            finally:
                os._exit(status)
        branch(3)
    assert os.waitpid(child, 0)[1] == 0
    found = json.loads(os.read(told, 100_000))
    os.close(told)
    os.close(tell)
    assert found["leaf"] == 7
    assert names(tracer.profile())["leaf"] == 53
