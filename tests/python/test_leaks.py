# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Each entry point, called a thousand times, leaves memory as it was."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

import pyrometer
from pyrometer import _probe
from pyrometer.compat import _lsprof, cProfile

ROUNDS = 1000
WARM_UP = 200
# The allocator's arenas and the growing of tables come in steps; a leak of 64 bytes a round, the
# least there is, is seen by the count of blocks, and one outside of Python by this.
RSS_BYTES = 400_000


def leaf() -> int:
    return len([1])


def work() -> int:
    def inner(n: int) -> int:
        return inner(n - 1) if n else leaf()

    return inner(3) + sum(leaf() for _ in range(3))


def rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


PROFILE = None


def profile() -> _probe.Profile:
    with _probe.Tracer(calibrate=False) as tracer:
        work()
    return tracer.profile()


def traced() -> None:
    with _probe.Tracer(calibrate=False):
        work()


def traced_without_builtins() -> None:
    with _probe.Tracer(builtins=False, calibrate=False):
        work()


def traced_with_filters() -> None:
    with _probe.Tracer(include=("json", "a*"), exclude=["x"], calibrate=False):
        work()


def traced_with_a_timer() -> None:
    with _probe.Tracer(timer=lambda: 1, timeunit=0.5, calibrate=False):
        work()


def a_snapshot() -> None:
    with _probe.Tracer(calibrate=False) as tracer:
        work()
        tracer.profile()
        tracer.functions(), tracer.edges(), tracer.totals()
        tracer.clear()
        work()


def initialized_again() -> None:
    tracer = _probe.Tracer(calibrate=False)
    tracer.__init__(calibrate=False, timer=lambda: 1)


def never_stopped() -> None:
    _probe.Tracer(calibrate=False).stop()


def refused() -> None:
    for wrong in ({"threads": "x"}, {"include": (1,)}, {"node_limit": -1}, {"timer": 1, "x": 2}):
        try:
            _probe.Tracer(**wrong)
        except (TypeError, ValueError):
            pass


def the_api() -> None:
    p = pyrometer.trace()
    p.start()
    work()
    p.stop()
    assert p.functions and p.meta and p.profile and repr(p)


DECORATED = pyrometer.trace(work)


def decorated() -> None:
    DECORATED()
    DECORATED.trace.clear()


def lsprof() -> None:
    profiler = _lsprof.Profiler()
    profiler.enable()
    work()
    profiler.disable()
    assert profiler.getstats()
    profiler.clear()


def the_cprofile() -> None:
    p = cProfile.Profile(subcalls=False)
    p.runcall(work)
    p.enable(builtins=False)
    work()
    p.create_stats()


def reports() -> None:
    for name in ("summary", "flat", "tree", "callers", "callees", "threads"):
        PROFILE.report(name, color=True, match="leaf|inner")
    try:
        PROFILE.report("nonsense")
    except ValueError:
        pass


def exports() -> None:
    for name in (
        "pyro",
        "pstats",
        "callgrind",
        "collapsed",
        "speedscope",
        "pprof",
        "chrome",
        "json",
    ):
        PROFILE.export(name)


def attributes() -> None:
    assert PROFILE.functions and PROFILE.meta
    PROFILE.diff(PROFILE)


def run_main() -> None:
    _probe.run_main(compile("x = 1", "x", "exec"), {})
    _probe.call_main(len, ("x",))
    ending = _probe.Ending(len, never_stopped, never_stopped)
    assert ending.__name__ == "len" and ending("xy") == 2


ENTRIES = [
    traced,
    traced_without_builtins,
    traced_with_filters,
    traced_with_a_timer,
    a_snapshot,
    initialized_again,
    never_stopped,
    refused,
    the_api,
    decorated,
    lsprof,
    the_cprofile,
    reports,
    exports,
    attributes,
    run_main,
]


def growth(entry: Callable[[], Any]) -> tuple[int, int, int]:
    """Return how many references, blocks and bytes a thousand calls leave behind."""
    counted = [work.__code__, leaf.__code__, None, entry, _probe.Tracer, _probe.Profile]
    gc.collect()
    references = [sys.getrefcount(thing) for thing in counted]
    blocks, memory = sys.getallocatedblocks(), rss()
    for _ in range(ROUNDS):
        entry()
    gc.collect()
    more = [sys.getrefcount(thing) - before for thing, before in zip(counted, references)]
    return max(map(abs, more)), sys.getallocatedblocks() - blocks, rss() - memory


def assert_flat(entry: Callable[[], Any]) -> None:
    for _ in range(WARM_UP):
        entry()
    least = (sys.maxsize,) * 3
    for _ in range(5):  # a leak grows every time, caches and free lists only once
        least = tuple(map(min, least, growth(entry)))
        references, blocks, memory = least
        if max(references, blocks) < ROUNDS / 10 and memory < RSS_BYTES:
            return
    pytest.fail(f"left behind: {references} references, {blocks} blocks, {memory} bytes")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_nothing_leaks_from(entry: Callable[[], Any]) -> None:
    global PROFILE
    PROFILE = profile()
    assert_flat(entry)


def test_nothing_leaks_from_files(tmp_path: Path) -> None:
    path = str(tmp_path / "x.pyro")

    def entry() -> None:
        with _probe.Tracer(path=path, calibrate=False):
            work()
        loaded = _probe.Profile.load(path)
        loaded.save(path)
        loaded.compensate()
        try:
            _probe.Profile.load(__file__)
        except ValueError:
            pass

    descriptors = len(os.listdir("/proc/self/fd"))
    assert_flat(entry)
    assert len(os.listdir("/proc/self/fd")) == descriptors
