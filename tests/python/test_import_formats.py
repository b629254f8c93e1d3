# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Files of other profilers open here, and show the figures that their own programs show."""

from __future__ import annotations

import cProfile
import json
import marshal
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from exchange import TIMEOUT_S, fib, figures, is_even, total, traced

import pyrometer

Stats = dict[Any, Any]


@pytest.fixture
def profile() -> pyrometer.Profile:
    return traced()


def leaf(n: int) -> int:
    return sum(i * i for i in range(n))


def left(n: int) -> int:
    return leaf(n) + shared(n)


def right(n: int) -> int:
    return shared(10 * n) + shared(20 * n)


def shared(n: int) -> int:
    return leaf(n) + len(str(n))


def program() -> None:
    for i in range(30):
        left(i)
        right(i)


def round_trip(stats: Stats, here: Path) -> Stats:
    (here / "in.pstats").write_bytes(marshal.dumps(stats))
    return marshal.loads(pyrometer.load(here / "in.pstats").export("pstats"))


def recorded(function: Any, *args: Any) -> Stats:
    profiler = cProfile.Profile()
    profiler.runcall(function, *args)
    profiler.create_stats()
    return profiler.stats  # type: ignore[attr-defined]


def test_a_file_of_cprofile_comes_back_the_same(here: Path) -> None:
    before = recorded(program)
    after = round_trip(before, here)
    assert set(after) == set(before)
    for key, (primitive, calls, own, cumulative, callers) in before.items():
        assert after[key][:2] == (primitive, calls), key
        assert after[key][2] == pytest.approx(own, abs=2e-9), key
        assert after[key][3] == pytest.approx(cumulative, rel=1e-3, abs=1e-7), key
        assert set(after[key][4]) == set(callers), key
        for caller, figures_of in callers.items():
            assert after[key][4][caller][:2] == figures_of[:2], (key, caller)
            assert after[key][4][caller][2] == pytest.approx(figures_of[2], abs=2e-9), (key, caller)
            assert after[key][4][caller][3] == pytest.approx(figures_of[3], rel=1e-3, abs=1e-7)


def test_recursion_comes_back_the_same(here: Path) -> None:
    for function, n in ((fib, 15), (is_even, 30)):
        before = recorded(function, n)
        after = round_trip(before, here)
        for key, (primitive, calls, own, cumulative, callers) in before.items():
            assert after[key][:2] == (primitive, calls), key
            assert after[key][2] == pytest.approx(own, abs=2e-9), key
            assert after[key][3] == pytest.approx(cumulative, rel=1e-3, abs=1e-7), key
            for caller, figures_of in callers.items():
                assert after[key][4][caller][:2] == figures_of[:2], (key, caller)


def test_the_estimate_is_said_to_be_one(here: Path) -> None:
    (here / "in").write_bytes(marshal.dumps(recorded(program)))
    meta = pyrometer.load(here / "in").meta
    assert meta["collector"] == "import:pstats"
    assert meta["stacks"] == "estimated from callers and callees"


def test_a_file_of_the_pure_python_profiler_is_read(here: Path) -> None:
    """Its callers have a count and nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pure = pytest.importorskip("profile", reason="this Python has no profile module")
    profiler = pure.Profile()
    profiler.runcall(program)
    profiler.dump_stats("pure.pstats")
    loaded = pyrometer.load(here / "pure.pstats")
    assert figures(loaded, "shared")["calls"] == 90
    profiler.create_stats()
    expected = sum(value[2] for value in profiler.stats.values())
    assert total(loaded, "wall") == pytest.approx(expected * 1e9, rel=1e-6, abs=1000)


def test_a_file_of_the_sampling_profiler_is_read(here: Path) -> None:
    """As Python 3.15 writes it: samples, lines that ran, callers with a count."""
    main, work = ("app.py", 20, "main"), ("app.py", 10, "work")
    stats = {
        work: (6, 9, 0.006, 0.009, {main: 9}),
        ("lib.py", 3, "step"): (3, 3, 0.003, 0.003, {work: 3}),
        main: (1, 10, 0.001, 0.010, {}),
        ("__sampled__",): True,
    }
    (here / "in").write_bytes(marshal.dumps(stats))
    loaded = pyrometer.load(here / "in")
    assert figures(loaded, "work")["samples"] == 6
    assert figures(loaded, "work")["samples_inclusive"] == 9
    assert figures(loaded, "main")["samples_inclusive"] == 10
    assert figures(loaded, "main")["wall_inclusive"] == 10_000_000
    assert "calls" not in figures(loaded, "main")


@pytest.mark.parametrize("version", range(marshal.version + 1))
def test_every_version_of_marshal_is_read(here: Path, version: int) -> None:
    (here / "in").write_bytes(marshal.dumps(recorded(program), version))
    assert figures(pyrometer.load(here / "in"), "leaf")["calls"] == 120


@pytest.mark.parametrize(
    "data", [[1, 2], {"a": 1}, {(1, 2, 3): 4}, {"x": compile("1", "", "eval")}, 7]
)
def test_marshal_that_is_no_pstats_file_is_refused(here: Path, data: Any) -> None:
    (here / "in").write_bytes(marshal.dumps(data))
    with pytest.raises(pyrometer.FormatError, match="in: "):
        pyrometer.load(here / "in", "pstats")


@pytest.mark.parametrize("format", ["callgrind", "speedscope", "pprof", "collapsed"])
def test_our_own_files_come_back(profile: pyrometer.Profile, here: Path, format: str) -> None:
    profile.save(here / "out", format)
    back = pyrometer.load(here / "out")
    assert back.meta["collector"] == f"import:{format}"
    metric = "samples" if format == "collapsed" else "wall"
    assert total(back, metric) == total(profile, "wall")
    found = [f for f in back.functions if f["qualname"].endswith("fib")]
    assert sum(f[metric] for f in found) == figures(profile, "fib")["wall"]


def test_a_file_of_valgrind_is_read(here: Path) -> None:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        pytest.skip("valgrind is not installed")
    subprocess.run(
        [valgrind, "--tool=callgrind", "--callgrind-out-file=out", "--quiet", "/bin/true"],
        check=True,
        timeout=TIMEOUT_S,
    )
    lines = (here / "out").read_text(errors="replace").splitlines()
    expected = next(line.split()[1] for line in lines if line.startswith(("totals:", "summary:")))
    assert total(pyrometer.load(here / "out"), "Ir") == int(expected)


def test_an_evented_speedscope_file_is_read(here: Path) -> None:
    document = {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "profiles": [
            {
                "type": "evented",
                "name": "thread",
                "unit": "seconds",
                "startValue": 0,
                "endValue": 4,
                "events": [
                    {"type": "O", "frame": 0, "at": 0},
                    {"type": "O", "frame": 1, "at": 1},
                    {"type": "C", "frame": 1, "at": 3.5},
                    {"type": "C", "frame": 0, "at": 4},
                ],
            }
        ],
        "shared": {"frames": [{"name": "a"}, {"name": "b", "file": "b.py", "line": 2}]},
    }
    (here / "in").write_text(json.dumps(document))
    loaded = pyrometer.load(here / "in")
    assert figures(loaded, "a")["wall"] == 1_500_000_000
    assert figures(loaded, "b")["wall"] == 2_500_000_000
    assert figures(loaded, "b")["first_line"] == 2


def test_every_cut_of_a_file_is_refused_or_read(profile: pyrometer.Profile, here: Path) -> None:
    for format in ("pstats", "callgrind", "speedscope", "pprof", "collapsed"):
        data = profile.export(format)
        for size in range(0, len(data), max(1, len(data) // 50)):
            (here / "cut").write_bytes(data[:size])
            try:
                pyrometer.load(here / "cut", format)
            except pyrometer.FormatError as error:
                assert "cut: " in str(error)


def test_what_is_no_profile_is_refused_with_the_formats_there_are(here: Path) -> None:
    (here / "in").write_text("nothing of the sort\n")
    with pytest.raises(pyrometer.FormatError, match=r"name its format.*pstats"):
        pyrometer.load(here / "in")
    assert sys.exc_info() == (None, None, None)
