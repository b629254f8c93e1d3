# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Stacks of machine code between Python's frames, and what stopping does to a program: nothing."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any, Callable

import pytest
from recordings import Recorder
from remote_targets import Python, Target, eventually

Start = Callable[..., Target]
SIGNALS = 500
PTRACE_SEIZE = 0x4206
C_LIBRARY = re.compile(r"libc[.-]|libpthread|ld-")


@pytest.fixture(scope="module", autouse=True)
def _native_stacks(command: str) -> None:
    """Skip where this build, or this machine, has no native stacks."""
    done = subprocess.run(
        [command, "dump", "--native", str(os.getpid())], capture_output=True, check=False
    )
    if b"libdw" in done.stderr:
        pytest.skip(done.stderr.decode())


def is_native(frame: dict[str, Any]) -> bool:
    return "module" in frame


def layers(frames: list[dict[str, Any]]) -> list[str]:
    """Return the names of Python's frames, and "C" for each run of others between them."""
    found: list[str] = []
    for frame in frames:
        name = "C" if is_native(frame) else frame["name"]
        if name != "C" or not found or found[-1] != "C":
            found.append(name)
    return found


def still(target: Target) -> list[dict[str, Any]] | None:
    """Return the main thread's frames once it stands still."""
    frames = target.dump("--native")["threads"][0]["frames"]
    stands = any(not is_native(it) and it["name"] == "spot" for it in frames)
    return frames if stands and frames[0]["name"] != "spot" else None


def state(pid: int, key: str) -> str:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    found = re.search(rf"^{key}:\s*(\S+)", status, re.MULTILINE)
    assert found is not None
    return found[1]


def test_frames_of_c_stand_between_their_callers_and_what_they_call(start: Start) -> None:
    with start("layers.py") as target:
        truth = ["spot", *(it["name"] for it in target.hear()["stack"])]
        frames = eventually(lambda: still(target), "the program stands still")
    assert [it["name"] for it in frames if not is_native(it)] == truth
    names = layers(frames)
    if has_symbols(frames):
        # spot() waits in C; sum() runs numbers(), sorted() key(), qsort() compare(), reduce()
        # fold(). Calls of Python by Python have no C between them.
        at = truth.index("recurse")
        tip = ["C", "spot", "numbers", "C", "innermost", "key", "C", "sort", "compare", "C", "fold"]
        assert names == [*tip, "C", *truth[at:]]
    modules = between(frames, "compare", "fold")
    assert any("libffi" in it["module"] or "_ctypes" in it["module"] for it in modules)
    sorting = [it for it in modules if C_LIBRARY.match(it["module"])]
    assert any(it["name"] in ("qsort", "qsort_r") for it in sorting)
    assert names[names.index("recurse") :].count("C") == 0
    assert all(it["name"] != "_PyEval_EvalFrameDefault" for it in frames)


def has_symbols(frames: list[dict[str, Any]]) -> bool:
    """Tell whether the interpreter's own static functions have names here."""
    return any(it["name"] in ("builtin_sorted", "list_sort", "list_sort_impl") for it in frames)


def between(frames: list[dict[str, Any]], inner: str, outer: str) -> list[dict[str, Any]]:
    names = ["" if is_native(it) else it["name"] for it in frames]
    return frames[names.index(inner) + 1 : names.index(outer)]


def test_the_innermost_frames_are_where_the_program_waits(start: Start) -> None:
    with start("layers.py") as target:
        target.hear()
        frames = eventually(lambda: still(target), "the program stands still")
    assert C_LIBRARY.match(frames[0]["module"])
    assert any(it["name"] in ("read", "__read", "__libc_read") for it in frames[:3])


def test_trampolines_for_perf_are_crossed(command: str, python: Python) -> None:
    if python.minor < 12:
        pytest.skip("python -X perf is there since 3.12")
    with Target(command, python, "layers.py", within=("env", "PYTHONPERFSUPPORT=1")) as target:
        truth = ["spot", *(it["name"] for it in target.hear()["stack"])]
        frames = eventually(lambda: still(target), "the program stands still")
        Path(f"/tmp/perf-{target.pid}.map").unlink(missing_ok=True)
    assert [it["name"] for it in frames if not is_native(it)] == truth
    names = layers(frames)
    at = names.index("compare")
    assert names[at : at + 3] == ["compare", "C", "fold"]
    assert all(not it["name"].startswith("py::") for it in frames)


@pytest.mark.measured
def test_time_in_c_is_told_below_the_function_that_spends_it(
    start: Start, command: str, tmp_path: Path
) -> None:
    record = Recorder(command, tmp_path)
    with start("crunch.py") as target:
        target.hear()
        done = record("--native", "-r", "100", "-d", "3", "-o", "it.pyro", str(target.pid))
    assert done.status == 0, done.err
    counts = record.counts("it.pyro")
    assert counts.mode == "stopped"
    assert counts.exact > 20
    assert counts.torn == 0
    inside = total = 0
    for stack, weight in record.stacks("it.pyro").items():
        frames = stack.split(";")
        assert "main" in frames, stack
        if "squeeze" in frames:
            total += weight
            inside += weight * any("deflate" in it for it in frames[frames.index("squeeze") :])
    assert total > 0
    assert inside / total > 0.8


def test_no_signal_is_lost_and_none_is_made(start: Start, command: str, tmp_path: Path) -> None:
    record = Recorder(command, tmp_path)
    with start("signals.py", str(SIGNALS)) as target:
        target.hear()
        recording = record.start(
            "--native", "-r", "500", "-d", "600", "-o", "it.pyro", str(target.pid)
        )
        eventually(lambda: state(target.pid, "TracerPid") != "0", "it is being stopped")
        for _ in range(SIGNALS):
            os.kill(target.pid, signal.SIGRTMIN)
        received = 0
        while received < SIGNALS:
            received = target.hear()["received"]
        assert received == SIGNALS
        assert "alive" in target.hear()
        recording.send_signal(signal.SIGINT)
        done = record.end(recording)
        assert done.status == 0, done.err
        assert target.process.poll() is None
    assert record.counts("it.pyro").exact > 0


def test_a_program_that_is_killed_meanwhile_leaves_a_whole_profile(
    start: Start, command: str, tmp_path: Path
) -> None:
    record = Recorder(command, tmp_path)
    with start("signals.py", str(SIGNALS)) as target:
        target.hear()
        recording = record.start(
            "--native", "-r", "200", "-d", "600", "-o", "it.pyro", str(target.pid)
        )
        eventually(lambda: state(target.pid, "TracerPid") != "0", "it is being stopped")
        eventually(lambda: record.has_samples("it.pyro"), "samples are written")
        target.process.kill()
        done = record.end(recording)
    assert done.status == 0, done.err
    assert record.counts("it.pyro").exact > 0


def test_a_profiler_that_is_killed_leaves_the_program_running(
    start: Start, command: str, tmp_path: Path
) -> None:
    record = Recorder(command, tmp_path)
    with start("signals.py", "0") as target:
        target.hear()
        recording = record.start("--native", "-r", "500", "-d", "600", str(target.pid))
        eventually(lambda: state(target.pid, "TracerPid") != "0", "it is being stopped")
        recording.kill()
        record.end(recording)
        for _ in range(5):
            assert "alive" in target.hear()
        assert state(target.pid, "TracerPid") == "0"


def test_what_job_control_stopped_can_be_looked_into_and_stays_stopped(start: Start) -> None:
    with start("signals.py", "0") as target:
        target.hear()
        os.kill(target.pid, signal.SIGSTOP)
        eventually(lambda: state(target.pid, "State") == "T", "it has stopped")
        threads = target.dump("--native")["threads"]
        assert len(threads) == 5
        assert all(it["frames"] for it in threads)
        eventually(lambda: state(target.pid, "State") == "T", "it is stopped as before")
        os.kill(target.pid, signal.SIGCONT)
        assert "alive" in eventually(target.hear, "it goes on")


def test_who_traces_the_program_already_is_named(start: Start) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    with start("layers.py") as target:
        target.hear()
        if libc.ptrace(PTRACE_SEIZE, target.pid, None, None) != 0:
            pytest.skip("this machine allows no tracing")
        outcome = target.try_dump("--native")
    assert outcome.status != 0
    assert f"traced by process {os.getpid()}" in outcome.err
