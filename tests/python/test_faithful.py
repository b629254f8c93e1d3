# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""A traced program behaves as without us: same output, errors and exit status, byte for byte."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from faithful_programs import PROCESSES, PROGRAMS, SCRIPTS, SHOW

import pyrometer

LAUNCH = "from pyrometer._launch import main; main()"
TIMEOUT_S = 60


class Outcome(NamedTuple):
    """What a process showed to the world."""

    stdout: bytes
    stderr: bytes
    status: int


def run(words: list[str], cwd: Path, **kwargs: object) -> Outcome:
    done = subprocess.run(
        words,
        cwd=cwd,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        **kwargs,
    )
    address = re.compile(rb"0x[0-9a-f]{6,}")
    return Outcome(
        address.sub(b"0x", done.stdout), address.sub(b"0x", done.stderr), done.returncode
    )


def both(
    words: list[str], cwd: Path, flags: tuple[str, ...] = (), **kwargs: object
) -> tuple[Outcome, Outcome]:
    """Run a program plainly and traced, in the same place."""
    output = cwd.parent / "out.pyro"
    plain = run([sys.executable, *flags, *words], cwd, **kwargs)
    traced = run(
        [sys.executable, *flags, "-c", LAUNCH, f"output={output}", "--", *words], cwd, **kwargs
    )
    return plain, traced


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def write(cwd: Path, name: str, source: str) -> None:
    path = cwd / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that(name: str, cwd: Path) -> None:
    write(cwd, "script.py", SCRIPTS[name])
    plain, traced = both(["script.py", "one", "-m", "--two=3"], cwd, input=b"typed\nlines\n")
    assert traced == plain


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_script_with_processes_by(method: str, cwd: Path) -> None:
    write(cwd, "script.py", PROCESSES)
    for words in (["script.py", method], ["-m", "script", method]):
        plain, traced = both(words, cwd)
        assert traced == plain
        assert plain.status == 0, plain.stderr


def test_a_closed_pipe(cwd: Path) -> None:
    write(cwd, "script.py", "for n in range(100_000): print(n)")
    line = '"$PYTHON" "$@" | head -n 1; echo ${PIPESTATUS[0]}'
    environment = {**os.environ, "PYTHON": sys.executable}
    launch = ["-c", LAUNCH, f"output={cwd}/out.pyro", "--"]
    plain, traced = (
        run(["bash", "-c", line, "bash", *words, "script.py"], cwd, env=environment)
        for words in ([], launch)
    )
    assert traced == plain


@pytest.fixture
def programs(cwd: Path) -> Path:
    """Write the files that PROGRAMS names."""
    for path in ("package/__main__.py", "package/module.py", "folder/__main__.py", "show.py"):
        write(cwd, path, SHOW)
    write(cwd, "script", SHOW)
    write(cwd, "folder/other.py", SHOW)
    for path in ("package/__init__.py", "empty/__init__.py", "blank.py", "failing/module.py"):
        write(cwd, path, "")
    write(cwd, "failing/__init__.py", "1 / 0")
    write(cwd, "fails.py", "def f():\n    1 / 0\nf()\n")
    write(cwd, "interrupted.py", "raise KeyboardInterrupt")
    write(cwd, "wrong.py", "x = 1\ndef f(:\n    pass\n")
    write(cwd, "indented.py", "x = 1\n    y = 2\n")
    (cwd / "latin.py").write_bytes(b"x = 1\ny = '\xe9'\n")
    (cwd / "unknown.py").write_text("# coding: there-is-none\n")
    (cwd / "link.py").symlink_to("folder/other.py")
    with zipfile.ZipFile(cwd / "archive.zip", "w") as archive:
        archive.write(cwd / "folder" / "__main__.py", "__main__.py")
    compiled = "import py_compile; py_compile.compile('show.py', 'compiled.pyc')"
    run([sys.executable, "-c", compiled], cwd)
    return cwd


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_named_as(name: str, programs: Path) -> None:
    plain, traced = both(PROGRAMS[name], programs)
    assert traced == plain


@pytest.mark.parametrize("flags", [("-O",), ("-I",), ("-E", "-s", "-B")], ids=" ".join)
@pytest.mark.parametrize("name", ["module", "package", "folder", "archive", "script below", "code"])
def test_a_program_with_flags(name: str, flags: tuple[str, ...], programs: Path) -> None:
    plain, traced = both(PROGRAMS[name], programs, flags)
    assert traced == plain


@pytest.mark.skipif(sys.version_info < (3, 11), reason="-P is new in 3.11")
@pytest.mark.parametrize("name", ["script", "module", "code"])
def test_a_safe_path(name: str, cwd: Path) -> None:
    write(cwd, "show.py", SHOW)
    words = {"script": ["show.py"], "module": ["-m", "timeit", "-h"], "code": ["-c", "pass"]}[name]
    plain, traced = both(words, cwd, ("-P",))
    assert traced == plain
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    plain, traced = both(words, cwd, env=environment)
    assert traced == plain


ENDS = {
    "its end": ("", 0),
    "an error": ("1 / 0", 1),
    "sys.exit": ("import sys; sys.exit(3)", 3),
    "os._exit": ("import os; os._exit(4)", 4),
    "abort": ("import os; os.abort()", -signal.SIGABRT),
    "exec": ("import os; os.execlp('true', 'true')", 0),
    "an interrupt": ("raise KeyboardInterrupt", -signal.SIGINT),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_trace_is_whole_after(name: str, cwd: Path) -> None:
    source, status = ENDS[name]
    write(cwd, "script.py", f"def f():\n    pass\nfor _ in range(1000):\n    f()\n{source}\n")
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "builtins=0", "--", "script.py"]
    assert run(words, cwd).status == status
    profile = pyrometer.load(output)
    row = next(row for row in profile.functions if row["qualname"] == "f")
    assert (row["calls"], row["module"]) == (1000, "__main__")
    assert profile.meta["finished"] == 1


@pytest.mark.measured
def test_a_killed_program_leaves_what_it_did(cwd: Path) -> None:
    write(
        cwd,
        "script.py",
        """
        import os, signal, time
        def f():
            pass
        for _ in range(1000):
            f()
        time.sleep(2.5)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == -signal.SIGKILL
    rows = pyrometer.load(output).functions
    assert next(row for row in rows if row["qualname"] == "f")["calls"] == 1000


def test_threads_after_the_end_of_main_are_traced(cwd: Path) -> None:
    write(
        cwd,
        "script.py",
        """
        import atexit, threading, time
        def late():
            time.sleep(0.2)
            for _ in range(50):
                leaf()
        def leaf():
            pass
        @atexit.register
        def last():
            leaf()
        threading.Thread(target=late).start()
        """,
    )
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == 0
    rows = pyrometer.load(output).functions
    assert next(row for row in rows if row["qualname"] == "leaf")["calls"] == 51


def test_nothing_of_ours_is_in_the_profile(cwd: Path) -> None:
    write(cwd, "script.py", "def f():\n    pass\nf()\n")
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == 0
    functions = pyrometer.load(output).functions
    assert not [row for row in functions if row["module"].split(".")[0] == "pyrometer"]
    assert {row["qualname"] for row in functions} >= {"<module>", "f"}


def test_a_child_process_writes_a_file_of_its_own(cwd: Path) -> None:
    write(
        cwd,
        "script.py",
        """
        import os
        def in_child():
            pass
        def in_parent():
            pass
        in_parent()
        pid = os.fork()
        if pid == 0:
            for _ in range(7):
                in_child()
            os._exit(0)
        os.waitpid(pid, 0)
        in_parent()
        """,
    )
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == 0
    files = sorted(cwd.glob("*.pyro"))
    assert len(files) == 2 and output in files
    calls = [
        {row["qualname"]: row["calls"] for row in pyrometer.load(file).functions} for file in files
    ]
    parent, child = calls if files[0] == output else reversed(calls)
    assert parent["in_parent"] == 2 and "in_child" not in parent
    assert child["in_child"] == 7


@pytest.mark.parametrize("word", ["output=/nonexistent/x.pyro", "output=/"])
def test_an_unwritable_output_is_refused_before_the_program_runs(word: str, cwd: Path) -> None:
    words = [sys.executable, "-c", LAUNCH, word, "--", "-c", "print('ran')"]
    out, err, status = run(words, cwd)
    assert (out, status) == (b"", 2)
    assert err.startswith(b"pyrometer: ") and err.count(b"\n") == 1


def test_the_launcher_is_light(cwd: Path) -> None:
    write(cwd, "empty.py", "")
    show = "import sys; sys.stderr.write(' '.join(sorted(sys.modules)))"
    write(cwd, "show.py", show)
    plain, traced = both(["show.py"], cwd)
    extra = set(traced.stderr.decode().split()) - set(plain.stderr.decode().split())
    ours = {"pyrometer", "pyrometer._launch", "pyrometer._probe", "atexit"}
    if sys.version_info < (3, 11):
        ours.add("gc")  # to find the qualified names of functions
    assert extra <= ours


@pytest.mark.parametrize("name", ["raises", "exits with 3", "is interrupted", "is terminated"])
def test_the_command_passes_on_how_a_program_ends(name: str, command: str, cwd: Path) -> None:
    write(cwd, "script.py", SCRIPTS[name])
    plain = run([sys.executable, "script.py", "-x"], cwd)
    words = [command, "trace", "--python", sys.executable, "-q", "-o", "x.pyro", "script.py", "-x"]
    assert run(words, cwd) == plain
    if name != "is terminated":  # which may cost the last second, here all there was
        assert pyrometer.load(cwd / "x.pyro").functions


def test_a_missing_or_wrong_script_is_refused_by_the_command(command: str, cwd: Path) -> None:
    write(cwd, "wrong.py", "x x\n")
    for script, status in (("missing.py", 2), ("wrong.py", 1)):
        plain = run([sys.executable, script], cwd)
        traced = run([command, "trace", "--python", sys.executable, "-q", script], cwd)
        assert plain.status == traced.status == status
        words = b"No such file or directory" if script == "missing.py" else b"invalid syntax"
        assert plain.stderr.strip().endswith(words) and traced.stderr.strip().endswith(words)


def test_a_full_disk_is_told_before_the_program_runs(cwd: Path) -> None:
    words = [sys.executable, "-c", LAUNCH, "output=/dev/full", "--", "-c", "print(1)"]
    assert run(words, cwd) == (b"", b"pyrometer: /dev/full: No space left on device\n", 2)


@pytest.mark.parametrize(("end", "status"), [("sys.exit(3)", 3), ("os._exit(4)", 4)])
def test_a_disk_that_fills_up_costs_only_the_trace(end: str, status: int, cwd: Path) -> None:
    functions = "".join(
        f"def function_{n}_{n * 7919}(): pass\nfunction_{n}_{n * 7919}()\n" for n in range(3000)
    )
    write(cwd, "script.py", f"import os, sys\n{functions}\nprint('done', flush=True)\n{end}\n")
    limited = 'ulimit -f 8; exec "$@"'  # in units of 1024 bytes
    words = [sys.executable, "-B", "-c", LAUNCH, "output=out.pyro", "--", "script.py"]
    done = run(["bash", "-c", limited, "bash", *words], cwd)
    assert (done.stdout, done.status) == (b"done\n", status)
    assert done.stderr.startswith(b"pyrometer: ") and done.stderr.count(b"\n") == 1
