# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The command dump: its text, its JSON, children, core files, and what is no Python program."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from remote_targets import TARGETS, Python, Target, eventually

DUMP_S = 60
ERROR = 1
USAGE = 2
KERNEL_THREAD = 2  # kthreadd, where the kernel's threads can be seen
LOOKS = 30

Start = Callable[..., Target]


def run(command: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `pyrometer dump` with these words."""
    return subprocess.run(
        [command, "dump", *words],
        capture_output=True,
        text=True,
        timeout=DUMP_S,
        check=False,
        env={"LC_ALL": "C.UTF-8"},
    )


def at_rest(target: Target, *options: str) -> dict[str, Any] | None:
    dumped = target.dump(*options)
    return dumped if all(it["state"] == "idle" for it in dumped["threads"]) else None


def test_the_text_shows_threads_with_their_innermost_calls_first(
    start: Start, command: str, python: Python
) -> None:
    with start("variables.py", "arguments") as target:
        target.hear()
        eventually(lambda: at_rest(target), "the program stands still")
        done = run(command, str(target.pid))
        assert done.returncode == 0 and done.stderr == ""
        lines = done.stdout.splitlines()
        assert lines[0].startswith(f"Process {target.pid}: ")
        assert lines[0].endswith("variables.py arguments")
        assert re.match(rf"Python v3\.{python.minor}\.\d+ \(/.*\), 1 thread, innermost", lines[1])
        assert lines[3] == f'Thread {target.pid} (idle): "MainThread"'
        assert re.fullmatch(r"    stand_still \(spot\.py:\d+\)", lines[4])
        assert re.fullmatch(r"    arguments \(variables\.py:\d+\)", lines[5])
        assert re.fullmatch(r"    <module> \(variables\.py:\d+\)", lines[6])
        assert len(lines) == 7


def test_the_text_has_whole_paths_and_variables_when_asked(start: Start, command: str) -> None:
    with start("variables.py", "arguments") as target:
        target.hear()
        eventually(lambda: at_rest(target), "the program stands still")
        done = run(command, "--full-filenames", "-l", "-p", str(target.pid))
    assert f"    arguments ({TARGETS}/variables.py:" in done.stdout
    position = done.stdout.index("        Arguments:\n            first: 'f'\n")
    assert done.stdout.index("        Locals:\n") > position
    assert "            captured: 'in a cell'\n" in done.stdout


def test_hostile_names_can_not_speak_to_the_terminal(start: Start, command: str) -> None:
    with start("unicode_names.py") as target:
        target.hear()
        eventually(lambda: at_rest(target), "the program stands still")
        done = run(command, str(target.pid))
        assert done.returncode == 0
        assert "\x1b" not in done.stdout


def test_the_text_shows_tasks_as_a_tree(start: Start, command: str, python: Python) -> None:
    with start("tasks.py") as target:
        target.hear()
        target.hear()
        eventually(lambda: at_rest(target), "the loop waits")
        done = run(command, "--async", str(target.pid))
    assert done.returncode == 0
    if python.minor < 7:
        assert "Tasks: asyncio's tasks can be read from Python 3.7 on\n" in done.stdout
    elif python.minor >= 8:
        assert re.search(r"\n\d+ asyncio tasks\n", done.stdout)
        tree = done.stdout[done.stdout.index('\nTask "gathering"') :]
        expected = ['Task "gathering" ', "    gathering (", "    waits for", '    Task "gather-1" ']
        places = [tree.index("\n" + it) for it in expected]
        assert places == sorted(places)
        assert re.search(r'\n    Task "shared" \(waiting, thread \d+\), see above\n', done.stdout)


def test_every_way_of_reading_says_the_same(start: Start, command: str) -> None:
    with start("threads.py", "5") as target:
        target.hear()
        first = eventually(lambda: at_rest(target), "all threads wait")
        modes = {"--nonblocking": ("frozen", "compared"), "--blocking": ("stopped",)}
        for option, names in modes.items():
            other = target.dump(option)
            assert other.pop("mode") in names
            assert {k: v for k, v in first.items() if k != "mode"} == other
        assert first["pid"] == target.pid
        assert first["executable"].startswith("/")
        assert re.fullmatch(r"3\.\d+\.\d+", first["python"])
        assert "threads.py 5" in first["command"]


@pytest.mark.parametrize("how", ["--nonblocking", "--blocking"])
def test_stacks_of_a_busy_program_are_whole(start: Start, how: str) -> None:
    """Its functions call each other in an order that only a torn stack could break."""
    with start("gil.py") as target:
        target.hear()
        target.hear()
        torn = 0
        for _ in range(LOOKS):
            thread = next(it for it in target.dump(how)["threads"] if it["name"] == "computes")
            names = [it["name"] for it in thread["frames"]]
            torn += thread["torn"]
            assert thread["torn"] or names[-1].endswith("_bootstrap")
            assert "compute" in names
        assert torn <= LOOKS // 10


def test_children_are_shown_with_theirs(start: Start, command: str) -> None:
    with start("family.py") as target:
        said = target.hear()
        below = json.loads(said["line"])["below"]
        dumped = target.dump("--subprocesses")
        children = {it["pid"]: it for it in dumped["subprocesses"]}
        assert set(children) == {said["child"], below}
        assert children[said["child"]]["parent"] == target.pid
        assert children[below]["parent"] == said["child"]
        assert children[below]["threads"][0]["frames"][0]["name"] == "stand_still"
        assert "subprocesses" not in target.dump()
        text = run(command, "-s", str(target.pid)).stdout
        assert f"\nProcess {below}: " in text and f"(child of {said['child']})" in text
        target.go_on()
        target.process.wait()


def test_native_frames_are_between_those_of_python(start: Start) -> None:
    with start("extension.py") as target:
        target.hear()
        eventually(lambda: at_rest(target), "the program stands still")
        outcome = target.try_dump("--native")
        if outcome.status != 0 and "libdw" in outcome.err:
            pytest.skip("this build is without libdw")
        assert outcome.status == 0, outcome.err
        dumped = json.loads(outcome.out)
    assert dumped["mode"] == "stopped"
    frames = dumped["threads"][0]["frames"]
    names = [it["name"] for it in frames]
    native = [i for i, it in enumerate(frames) if "module" in it]
    python_names = [it["name"] for it in frames if "module" not in it]
    assert python_names == ["stand_still", "compare", "sort", "<module>"]
    between = range(names.index("compare") + 1, names.index("sort"))
    assert set(between) <= set(native)
    assert any(names[i].startswith("qsort") for i in between)
    assert names.index("stand_still") > 0 and 0 in native  # the system call


def wait_for_zombie(pid: int) -> None:
    def is_zombie() -> bool:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    eventually(is_zombie, "the child has ended")


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return what is said of a failure: one line, and nothing else."""
    assert done.stdout == ""
    assert done.stderr.startswith("pyrometer: ") and done.stderr.count("\n") == 1
    return done.stderr


def test_what_is_no_python_process_is_told(command: str) -> None:
    done = run(command, "4194305")
    assert done.returncode == ERROR and "there is no process 4194305" in one_line(done)

    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as other:
        done = run(command, str(other.pid))
        assert done.returncode == ERROR and "no Python" in one_line(done)

    with subprocess.Popen(["true"]) as ended:
        wait_for_zombie(ended.pid)
        done = run(command, str(ended.pid))
        assert done.returncode == ERROR and "zombie" in one_line(done)

    comm = Path(f"/proc/{KERNEL_THREAD}/comm")
    if comm.exists() and comm.read_text() == "kthreadd\n":
        done = run(command, str(KERNEL_THREAD))
        assert done.returncode == ERROR and "kernel" in one_line(done)


def test_bad_words_are_usage_errors(command: str) -> None:
    for words in (
        (),
        ("0",),
        ("99999999999",),
        ("12x",),
        ("/does/not/exist",),
        ("1", "2"),
        ("-p", "1", "2"),
        ("-p", "1", "--core", "x"),
        ("1", "--executable", "x"),
        ("--subprocesses", __file__),
        ("--what",),
    ):
        done = run(command, *words)
        assert done.returncode == USAGE, words
        one_line(done)


def test_files_that_are_no_core_files_are_told(command: str, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("hello\n")
    empty = tmp_path / "empty"
    empty.touch()
    for path in (text, empty, tmp_path, Path(command)):
        done = run(command, "--core", str(path))
        assert done.returncode == ERROR, path
        assert "not a core file" in one_line(done)


def kernel_core(process: subprocess.Popen[bytes], folder: Path) -> Path | None:
    """Let the process crash; return the core file, if the kernel writes it into its folder."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if "|" in pattern or "/" in pattern:
        return None
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    try:
        resource.prlimit(process.pid, resource.RLIMIT_CORE, unlimited)
    except (PermissionError, ValueError):
        return None
    process.send_signal(signal.SIGABRT)
    process.wait()
    return next(folder.iterdir(), None)


def gdb_core(process: subprocess.Popen[bytes], folder: Path) -> Path:
    """Let gdb write a core file of the process."""
    if shutil.which("gcore") is None:
        pytest.skip("neither the kernel nor gdb writes a core file here")
    done = subprocess.run(
        ["gcore", "-o", str(folder / "core"), str(process.pid)],
        capture_output=True,
        text=True,
        timeout=DUMP_S,
        check=True,
    )
    unread = re.findall("Memory read failed .* at 0x([0-9a-f]+)", done.stdout + done.stderr)
    if any(len(it) < 16 for it in unread):  # but that of the kernel
        pytest.skip("this gdb gives up stacks that have guard pages")
    return folder / f"core.{process.pid}"


@pytest.fixture
def core(command: str, python: Python, tmp_path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give a core file, and the dump of the process as it was."""
    with subprocess.Popen(
        [python.executable, "-B", str(TARGETS / "threads.py"), "3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()

        def look() -> dict[str, Any] | None:
            dumped = json.loads(run(command, "--json", str(process.pid)).stdout)
            rests = all(it["state"] == "idle" for it in dumped["threads"])
            return dumped if rests else None

        live = eventually(look, "all threads wait")
        path = kernel_core(process, tmp_path) or gdb_core(process, tmp_path)
        process.kill()
    yield path, live
    path.unlink()


def test_a_core_file_says_what_the_process_said(
    command: str, core: tuple[Path, dict[str, Any]]
) -> None:
    path, live = core
    done = run(command, "--json", "-ll", str(path))
    assert done.returncode == 0, done.stderr
    dead = json.loads(done.stdout)
    assert dead["core"] == str(path) and dead["mode"] == "core"
    assert dead["pid"] == live["pid"] and dead["python"] == live["python"]
    found = {it["name"]: it for it in dead["threads"]}
    assert len(found) == len(live["threads"])
    for thread in live["threads"]:
        again = found[thread["name"]]
        assert again["tid"] == thread["tid"] and not again["torn"]
        keys = ("name", "file", "line", "column")
        frames = [[it[key] for key in keys] for it in again["frames"]]
        assert frames == [[it[key] for key in keys] for it in thread["frames"]]
    values = [
        it["value"]
        for frame in found["worker 1"]["frames"]
        for it in frame["locals"]
        if it["name"] == "self"
    ]
    assert any("extra=[1]" in it for it in values)
    named = run(command, "-j", str(path), "--executable", os.path.realpath(live["executable"]))
    assert named.returncode == 0, named.stderr
    assert len(json.loads(named.stdout)["threads"]) == len(live["threads"])


def test_a_cut_core_file_is_told(command: str, core: tuple[Path, dict[str, Any]]) -> None:
    path, _ = core
    size = path.stat().st_size
    for share in (2, 10, 1000):
        os.truncate(path, size // share)
        done = run(command, str(path))
        if done.returncode != 0:  # enough may be left to tell
            assert done.returncode == ERROR
            one_line(done)
    os.truncate(path, 100)
    done = run(command, str(path))
    assert done.returncode == ERROR
    one_line(done)


def test_a_process_that_ends_meanwhile_is_told(start: Start, command: str) -> None:
    for delay_s in (0.0, 0.001, 0.002, 0.004, 0.008):
        with start("gil.py") as target:
            target.hear()
            looking = subprocess.Popen(
                [command, "dump", "--json", "-l", str(target.pid)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            time.sleep(delay_s)
            target.process.kill()
            out, err = looking.communicate(timeout=DUMP_S)
        if looking.returncode == 0:
            json.loads(out)
        else:
            assert looking.returncode == ERROR
            assert out == "" and err.startswith("pyrometer: ") and err.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs another user")
def test_another_users_process_is_refused_with_the_cause(command: str, start: Start) -> None:
    with start("variables.py", "arguments") as target:
        target.hear()
        done = subprocess.run(
            [command, "dump", str(target.pid)],
            capture_output=True,
            text=True,
            timeout=DUMP_S,
            check=False,
            user=65534,
            extra_groups=[],
        )
    if "Permission denied" in done.stderr and "execute" in done.stderr:
        pytest.skip("the other user can't run the command")
    assert done.returncode == ERROR
    one_line(done)
