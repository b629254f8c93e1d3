# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What `pyrometer record` says of programs whose answer is known."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import xml.etree.ElementTree
from pathlib import Path
from typing import Callable

import pytest
from recordings import Recorder, certain
from remote_targets import TARGETS, Python, Target, eventually

Start = Callable[..., Target]
BURNERS = {"tenth": 0.1, "fifth": 0.2, "third": 0.3, "most": 0.4}
BOUND = 0.08  # of a share, with some hundred samples and other work on the machine
FORMATS = [
    "pyro",
    "pstats",
    "callgrind",
    "speedscope",
    "pprof",
    "chrome",
    "json",
    "svg",
    "collapsed",
]
READABLE = ["pyro", "pstats", "callgrind", "speedscope", "pprof", "collapsed"]
PTRACE_SEIZE = 0x4206


@pytest.fixture
def recorder(command: str, tmp_path: Path) -> Recorder:
    """Return what records, in a folder of its own."""
    return Recorder(command, tmp_path)


def script(name: str) -> str:
    """Return the path of a target's script."""
    return str(TARGETS / name)


@pytest.mark.measured
@pytest.mark.parametrize("mode", ["auto", "compared"])
def test_burners_get_the_shares_that_they_took(
    recorder: Recorder, python: Python, mode: str
) -> None:
    ended = recorder(
        "--python", python.executable, "-r", "200", "--mode", mode, "-o", "b.pyro",
        script("burners.py"), "4",
    )  # fmt: skip
    certain(ended.status == 3, ended.err)
    said = json.loads(ended.out.splitlines()[-1])
    whole = sum(said.values())
    for name in BURNERS:
        assert abs(recorder.share("b.pyro", name) - said[name] / whole) < BOUND
    counts = recorder.counts("b.pyro")
    certain(counts.asked == 200)
    assert counts.exact > 100
    assert counts.lost + counts.torn <= (counts.exact + counts.lost + counts.torn) / 20


def test_lines_are_those_that_ran(recorder: Recorder, python: Python) -> None:
    recorder("--python", python.executable, "-q", "-o", "b.pyro", script("burners.py"), "1")
    source = Path(script("burners.py")).read_text(encoding="utf-8").splitlines()
    loop = source.index("    while time.perf_counter() < start + seconds:") + 1
    lines = recorder.report("b.pyro", "--report", "lines", "--match", "burn ")
    assert f"burners.py:{loop}" in lines
    tree = recorder.report("b.pyro", "--tree")
    assert tree.index("main") < tree.index("most") < tree.index("burn ")


@pytest.mark.measured
def test_attaching_leaves_the_target_alone(recorder: Recorder, start: Start) -> None:
    with start("burners.py") as target:
        target.hear()
        ended = recorder(str(target.pid), "-d", "1", "-o", "b.pyro")
        certain(ended.status == 0, ended.err)
        certain(target.process.poll() is None)
    certain("Hottest functions" in ended.err)
    assert recorder.share("b.pyro", "main") > 0.95


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_recording_and_the_profile_is_complete(
    recorder: Recorder, start: Start, name: str
) -> None:
    with start("burners.py") as target:
        target.hear()
        running = recorder.start(str(target.pid), "-o", "b.pyro")
        eventually(lambda: recorder.has_samples("b.pyro"), "samples are written")
        running.send_signal(getattr(signal, name))
        ended = recorder.end(running)
        assert ended.status == 0, ended.err
        assert target.process.poll() is None
    assert "Call tree" in ended.err
    assert "unfinished" not in recorder.report("b.pyro")


def test_a_target_that_dies_leaves_a_complete_profile(recorder: Recorder, start: Start) -> None:
    with start("burners.py") as target:
        target.hear()
        running = recorder.start(str(target.pid), "-o", "b.pyro")
        eventually(lambda: recorder.has_samples("b.pyro"), "samples are written")
        target.process.kill()
        ended = recorder.end(running)
    assert ended.status == 0, ended.err
    assert "unfinished" not in recorder.report("b.pyro")


@pytest.mark.measured
def test_a_killed_recorder_leaves_all_but_the_last_second(recorder: Recorder, start: Start) -> None:
    recorder.empty()
    with start("burners.py") as target:
        target.hear()
        running = recorder.start(str(target.pid), "-o", "b.pyro")
        eventually(lambda: recorder.has_samples("b.pyro"), "samples are written")
        once = recorder.size("b.pyro")
        eventually(lambda: recorder.size("b.pyro") > once, "more of them are")
        running.kill()
        recorder.end(running)
    certain("unfinished" in recorder.report("b.pyro"))
    assert recorder.share("b.pyro", "main") > 0.95


def test_a_program_keeps_its_streams_and_its_status(recorder: Recorder, python: Python) -> None:
    ended = recorder("--python", python.executable, script("burners.py"), "0.5")
    assert ended.status == 3
    assert set(json.loads(ended.out.splitlines()[-1])) == set(BURNERS)
    assert "exit status 3" in ended.err
    recorder("-q", "--python", python.executable, script("burners.py"), "0.5")
    assert recorder.path("burners.pyro").exists()
    assert recorder.path("burners.pyro.old").exists()


def test_a_signal_sent_to_us_is_the_programs(recorder: Recorder, python: Python) -> None:
    running = recorder.start("--python", python.executable, "-o", "b.pyro", script("burners.py"))
    eventually(lambda: recorder.has_samples("b.pyro"), "samples are written")
    running.send_signal(signal.SIGTERM)
    ended = recorder.end(running)
    assert ended.status == -signal.SIGTERM
    assert "unfinished" not in recorder.report("b.pyro")


@pytest.mark.measured
def test_modules_code_and_commands_are_run_too(recorder: Recorder, python: Python) -> None:
    code = "import time\nend = time.time() + 1\nwhile time.time() < end: pass\nraise SystemExit(5)"
    ended = recorder("--python", python.executable, "-o", "c.pyro", "-c", code)
    certain(ended.status == 5, ended.err)
    assert recorder.share("c.pyro", "<module>") > 0.4
    recorder.env["PYTHONPATH"] = str(TARGETS)
    ended = recorder("--python", python.executable, "-o", "m.pyro", "-m", "burners", "1")
    certain(ended.status == 3, ended.err)
    assert recorder.share("m.pyro", "main") > 0.4
    shell = f"sleep 0.2; exec {python.executable} {script('burners.py')} 1"
    ended = recorder("-o", "s.pyro", "--", "sh", "-c", shell)
    certain(ended.status == 3, ended.err)
    assert recorder.share("s.pyro", "main") > 0.4


@pytest.mark.measured
def test_what_a_shell_starts_is_a_subprocess(recorder: Recorder, python: Python) -> None:
    shell = f"{python.executable} {script('burners.py')} 1; exit 7"
    ended = recorder("-s", "-o", "s.pyro", "--", "sh", "-c", shell)
    certain(ended.status == 7, ended.err)
    assert recorder.share("s.pyro", "main") > 0.4
    ended = recorder("-o", "none.pyro", "--", "sh", "-c", "exit 4")
    certain(ended.status == 4, ended.err)
    certain("--subprocesses" in ended.err)
    certain(not recorder.path("none.pyro").exists())


@pytest.mark.measured
def test_forked_children_and_what_they_become_are_merged(
    recorder: Recorder, python: Python
) -> None:
    ended = recorder("-s", "--python", python.executable, "-o", "f.pyro", script("forks.py"))
    certain(ended.status == 0, ended.err)
    for name in ("in_parent", "in_child", "after_exec"):
        assert recorder.share("f.pyro", name) > 0.15, name
    levels = {
        level
        for stack in recorder.stacks("f.pyro")
        for level in stack.split(";")
        if level.startswith("process ")
    }
    assert len({level.split()[1] for level in levels}) == 2  # processes …
    assert len(levels) == 3  # … one of which has been two programs


@pytest.mark.measured
def test_which_samples_are_kept_is_as_asked(recorder: Recorder, start: Start) -> None:
    with start("roles.py") as target:
        target.hear()
        common = [str(target.pid), "-d", "1.5", "-q"]
        certain(recorder(*common, "-o", "plain.pyro").status == 0)
        certain(recorder(*common, "-i", "-o", "idle.pyro").status == 0)
        certain(recorder(*common, "-g", "-o", "gil.pyro").status == 0)
        certain(recorder(*common, "--cpu", "-o", "cpu.pyro").status == 0)
    assert recorder.share("plain.pyro", "compute") > 0.2
    assert recorder.share("plain.pyro", "digest") > 0.2
    assert recorder.share("plain.pyro", "wait") < 0.05
    assert recorder.share("idle.pyro", "wait") > 0.2
    assert recorder.share("gil.pyro", "compute") > 0.8
    assert recorder.share("gil.pyro", "wait") == 0
    assert recorder.share("cpu.pyro", "compute") > 0.2
    assert recorder.share("cpu.pyro", "wait") < 0.05
    duration = 1.5e9
    assert sum(recorder.stacks("gil.pyro").values()) < 1.3 * duration
    cpus = os.cpu_count() or 1
    assert sum(recorder.stacks("cpu.pyro").values()) < 1.3 * cpus * duration


def test_threads_have_names_and_a_level_if_asked(recorder: Recorder, start: Start) -> None:
    with start("roles.py") as target:
        target.hear()
        recorder(str(target.pid), "-d", "1", "-q", "-i", "-t", "-o", "t.pyro")
    levels = {stack.split(";")[1] for stack in recorder.stacks("t.pyro")}
    assert {it[it.index("(") :] for it in levels} == {
        "(MainThread)",
        "(compute)",
        "(digest)",
        "(wait)",
    }


@pytest.mark.measured
def test_tasks_are_told_apart(recorder: Recorder, start: Start, python: Python) -> None:
    with start("loops.py") as target:
        target.hear()
        target.go_on()
        before = target.hear()
        ended = recorder(str(target.pid), "-d", "2", "-q", "--async", "-o", "a.pyro")
        certain(ended.status == 0, ended.err)
        target.go_on()
        after = target.hear()
    burnt = {task: after[task] - before[task] for task in after}
    stacks = recorder.stacks("a.pyro")
    whole = sum(stacks.values())
    if python.minor < 8:  # tasks have no names
        assert sum(it for stack, it in stacks.items() if "(burn)" in stack) > 0.8 * whole
        return
    for task, seconds in burnt.items():
        level = f"task {task} (burn)"
        share = sum(it for stack, it in stacks.items() if level in stack.split(";")[0]) / whole
        assert abs(share - seconds / sum(burnt.values())) < BOUND, task


@pytest.mark.measured
def test_threads_that_come_and_go_lose_nothing(recorder: Recorder, start: Start) -> None:
    with start("churn.py") as target:
        target.hear()
        ended = recorder(str(target.pid), "-d", "2", "-r", "500", "-o", "c.pyro")
        certain(ended.status == 0, ended.err)
    counts = recorder.counts("c.pyro")
    assert counts.exact > 0
    assert counts.lost + counts.torn <= (counts.exact + counts.lost + counts.torn) / 5
    assert recorder.share("c.pyro", "flicker") > 0.2


def test_an_idle_target_is_no_error(recorder: Recorder, start: Start) -> None:
    with start("phases.py") as target:
        target.hear()
        sleeper = recorder("--no-report", "-o", "s.pyro", "-d", "0.5", "-g", str(target.pid))
        assert sleeper.status == 0, sleeper.err
    code = "import time; time.sleep(1)"
    ended = recorder("--python", sys.executable, "-d", "0.5", "-o", "i.pyro", "-c", code)
    assert ended.status == 0, ended.err
    assert recorder.counts("i.pyro").rounds > 0


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written(recorder: Recorder, start: Start, name: str) -> None:
    with start("burners.py") as target:
        target.hear()
        ended = recorder(str(target.pid), "-d", "0.5", "-f", name, "-o", "out", "--no-report")
        assert ended.status == 0, ended.err
    path = recorder.path("out")
    assert sorted(it.name for it in recorder.folder.iterdir()) == ["out"]
    if name in READABLE:
        assert "most" in recorder.report("out", "--flat")
    elif name == "svg":
        xml.etree.ElementTree.parse(path)
    else:
        json.loads(path.read_text(encoding="utf-8"))


def test_periods_have_files_of_their_own(recorder: Recorder, start: Start) -> None:
    with start("phases.py") as target:
        target.hear()
        running = recorder.start(str(target.pid), "--every", "300ms", "-o", "p.pyro")
        eventually(lambda: recorder.path("p.0001.pyro").exists(), "the first period is over")
        target.go_on()
        target.hear()
        seen = len(list(recorder.folder.glob("p.*.pyro")))
        after = recorder.path(f"p.{seen + 2:04}.pyro")
        eventually(after.exists, "two more are")
        running.send_signal(signal.SIGINT)
        ended = recorder.end(running)
    assert ended.status == 0, ended.err
    assert not recorder.path("p.pyro").exists()
    assert recorder.share("p.0001.pyro", "second_phase") == 0
    assert recorder.share(after.name, "first_phase") == 0
    assert "unfinished" not in recorder.report("p.0001.pyro")


@pytest.mark.measured
def test_numbered_files_of_another_recording_are_kept(recorder: Recorder, start: Start) -> None:
    recorder.empty()
    kept = recorder.path("p.0001.pyro")
    kept.write_bytes(b"another's")
    with start("burners.py") as target:
        target.hear()
        recorder(str(target.pid), "--every", "300ms", "-d", "1", "-o", "p.pyro")
    certain(kept.read_bytes() == b"another's")
    assert recorder.share("p.0002.pyro", "main") > 0.9


@pytest.mark.measured
@pytest.mark.parametrize("how", ["--nonblocking", "--blocking"])
def test_threads_that_wait_are_left_out(recorder: Recorder, start: Start, how: str) -> None:
    with start("threads.py", "3") as target:
        target.hear()
        for more, name in ((), "w.pyro"), (("--idle",), "i.pyro"):
            ended = recorder(str(target.pid), how, *more, "-d", "1", "-o", name)
            certain(ended.status == 0, ended.err)
    asleep = sum(recorder.stacks("w.pyro").values())
    assert asleep < sum(recorder.stacks("i.pyro").values()) / 4


@pytest.mark.measured
def test_the_last_moments_are_written_when_asked_for(recorder: Recorder, start: Start) -> None:
    recorder.empty()
    with start("phases.py") as target:
        target.hear()
        running = recorder.start(str(target.pid), "--keep-last", "400ms", "-o", "k.pyro")
        recorder(str(target.pid), "-d", "0.6", "-q", "-o", "meanwhile.pyro")
        running.send_signal(signal.SIGUSR1)
        eventually(lambda: recorder.path("k.0001.pyro").exists(), "the first one is written")
        target.go_on()
        target.hear()
        recorder(str(target.pid), "-d", "1", "-q", "-o", "meanwhile.pyro")
        running.send_signal(signal.SIGUSR1)
        eventually(lambda: recorder.path("k.0002.pyro").exists(), "the second one is written")
        running.send_signal(signal.SIGINT)
        certain(recorder.end(running).status == 0)
    certain(recorder.share("k.0001.pyro", "second_phase") == 0)
    certain(recorder.share("k.0002.pyro", "first_phase") == 0)
    assert recorder.share("k.pyro", "second_phase") > 0.5
    assert sum(recorder.stacks("k.0002.pyro").values()) < 2 * 0.4e9


@pytest.mark.measured
def test_a_busy_target_triggers_by_itself(recorder: Recorder, start: Start) -> None:
    recorder.empty()
    with start("burners.py") as target:
        target.hear()
        running = recorder.start(
            str(target.pid), "--keep-last", "1", "--trigger-cpu", "1%", "-o", "k.pyro"
        )
        eventually(lambda: recorder.path("k.0001.pyro").exists(), "it is written")
        running.send_signal(signal.SIGINT)
        certain(recorder.end(running).status == 0)
    assert recorder.share("k.0001.pyro", "main") > 0.9


def test_long_names_are_shortened_in_formats_that_show_them(
    recorder: Recorder, start: Start
) -> None:
    with start("burners.py") as target:
        target.hear()
        for words, whole in (([], False), (["--full-filenames"], True)):
            recorder(str(target.pid), "-d", "0.4", "-q", "-o", "o.speedscope.json", *words)
            text = recorder.path("o.speedscope.json").read_text(encoding="utf-8")
            assert (f'"file":"{script("burners.py")}"' in text) == whole
        recorder(str(target.pid), "-d", "0.4", "-q", "-o", "o.pyro")
    assert script("burners.py") in recorder.report("o.pyro", "--flat", "--full-paths")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["999999999"], 1, "999999999"),
        (["0"], 2, "not the number of a process"),
        (["-r", "0", "1"], 2, "--rate takes samples per second"),
        (["-r", "1000000000", "1"], 2, "--rate takes samples per second"),
        (["-d", "0", "1"], 2, "--duration takes a time"),
        (["1", "script.py"], 2, "one of them at a time"),
        (["-f", "x", "1"], 2, "unknown format"),
        (["no/such.py"], 2, "no script"),
        (["--", "no-such-program-at-all"], 2, "no program"),
        ([], 2, "what shall be recorded?"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    recorder: Recorder, words: list[str], status: int, said: str
) -> None:
    ended = recorder(*words)
    assert ended.status == status
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert list(recorder.folder.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told_at_once(recorder: Recorder, start: Start) -> None:
    with start("burners.py") as target:
        target.hear()
        ended = recorder(str(target.pid), "-o", "no/such/folder/x.pyro")
    assert ended.status == 1
    assert "can't write the profile" in ended.err


def test_a_program_that_another_traces_cannot_be_stopped_for_samples(
    recorder: Recorder, start: Start
) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    with start("layers.py") as target:
        target.hear()
        if libc.ptrace(PTRACE_SEIZE, target.pid, None, None) != 0:
            pytest.skip("this machine allows no tracing")
        ended = recorder("--blocking", "-d", "600", "-o", "t.pyro", str(target.pid))
    assert ended.status != 0
    assert f"traced by process {os.getpid()}" in ended.err
