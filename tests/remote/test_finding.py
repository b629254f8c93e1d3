# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The interpreter is found in programs of every make, and what can't be read is told in words."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from finding import (
    NOBODY,
    WAITS,
    Installation,
    Running,
    assert_found,
    assert_refused,
    descendants,
    drop_sections,
    dump,
    eventually_found,
    forbid_reading_memory,
    make_core,
    needs_root,
    python_for_nobody,
    strip,
)
from remote_targets import Python, eventually

EMBEDDING = """
#include <Python.h>
int main(int argc, char **argv)
{
    (void)argc;
    Py_Initialize();
    return PyRun_SimpleString(argv[1]);
}
"""
SWITCHED_OFF = "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
CALLED_BACK = """
import ctypes
callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1)
assert callback() == 1
"""
# exit(2) is never reached: pause(), again and again, in 32-bit code.
PAUSES_32 = bytes.fromhex("b81d000000cd80ebf7")


@pytest.fixture
def installed(python: Python) -> Installation:
    """Give where the target's Python has its parts."""
    return Installation(python)


def nothing(_: Path) -> None:
    """Change nothing."""


@pytest.fixture(params=[nothing, strip, drop_sections], ids=["whole", "stripped", "no-sections"])
def copied(
    request: pytest.FixtureRequest, installed: Installation, tmp_path: Path
) -> Iterator[Running]:
    """Give a program that runs a changed copy of the interpreter."""
    program = installed.copy_to(tmp_path / "copy", request.param)
    env = installed.env(tmp_path / "copy")
    with Running([program, "-c", WAITS], env=env, cwd=tmp_path) as running:
        if not running.await_ready():
            pytest.skip("this Python can't be copied")
        yield running


def test_stripped_or_not(command: str, python: Python, copied: Running) -> None:
    assert_found(dump(command, copied.pid), python)


def test_files_that_are_gone(command: str, python: Python, copied: Running, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "copy")
    assert_found(dump(command, copied.pid), python)


def test_files_that_are_others_now(
    command: str, python: Python, copied: Running, tmp_path: Path
) -> None:
    for path in (tmp_path / "copy").rglob("*"):
        if path.is_file():
            path.unlink()
            path.write_bytes(b"something else")
    assert_found(dump(command, copied.pid), python)


@pytest.mark.parametrize("flags", [["-pie"], ["-no-pie"]], ids=["pie", "no-pie"])
@pytest.mark.parametrize("static", [True, False], ids=["static", "shared"])
def test_programs_that_embed_python(
    command: str,
    python: Python,
    installed: Installation,
    tmp_path: Path,
    flags: list[str],
    static: bool,
) -> None:
    compiler = shutil.which("cc")
    library = installed.static if static else installed.library
    if compiler is None or library is None or not library.exists():
        pytest.skip("no compiler, or no such library of this Python")
    (tmp_path / "game.c").write_text(EMBEDDING)
    built = subprocess.run(
        [
            *(compiler, "-w", *flags, f"-I{installed.include}", "game.c", str(library)),
            *(f"-Wl,-rpath,{library.parent}", *installed.needed, "-lm", "-ldl", "-lpthread"),
            *("-Wl,--export-dynamic" if static else "-Wl,--as-needed", "-o", "game"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode != 0:
        pytest.skip(f"can't be linked here: {built.stderr[-200:]}")
    env = {"PYTHONHOME": str(installed.prefix)}
    with Running([tmp_path / "game", WAITS], env=env) as running:
        assert running.await_ready()
        assert_found(dump(command, running.pid), python)


def test_a_second_mapping_of_the_program(command: str, python: Python) -> None:
    with Running([python.executable, "-c", CALLED_BACK + WAITS]) as running:
        if not running.await_ready():
            pytest.skip("this Python has no ctypes")
        assert_found(dump(command, running.pid), python)


def test_a_mount_namespace_of_its_own(
    command: str, python: Python, installed: Installation
) -> None:
    needs_root()
    script = 'mount --bind "$0" /mnt && exec "/mnt/$1" -c "$2"'
    inside = installed.program.relative_to(installed.prefix.resolve())
    words = ["unshare", "-m", "sh", "-c", script, str(installed.prefix), str(inside), WAITS]
    with Running(words, env={"PYTHONHOME": "/mnt", "PATH": os.environ["PATH"]}) as running:
        if not running.await_ready():
            pytest.skip("nothing can be mounted here")
        assert_found(dump(command, running.pid), python)


def test_a_root_folder_of_its_own(
    command: str, python: Python, installed: Installation, tmp_path: Path
) -> None:
    needs_root()
    script = """
        set -e
        for each in usr lib lib64; do
            [ -d "/$each" ] && mkdir -p "$3/$each" && mount --rbind "/$each" "$3/$each"
        done
        mkdir -p "$3/python"
        mount --rbind "$0" "$3/python"
        exec chroot "$3" "/python/$1" -c "$2"
    """
    inside = installed.program.relative_to(installed.prefix.resolve())
    folders = [str(installed.prefix), str(inside), WAITS, str(tmp_path)]
    words = ["unshare", "-m", "sh", "-c", script, *folders]
    env = {"PYTHONHOME": "/python", "LD_LIBRARY_PATH": "/python/lib", "PATH": os.environ["PATH"]}
    with Running(words, env=env) as running:
        if not running.await_ready():
            pytest.skip("this Python does not run in another root folder")
        assert_found(dump(command, running.pid), python)


def test_process_numbers_of_its_own(command: str, python: Python) -> None:
    needs_root()
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    with Running([*words, python.executable, "-c", WAITS]) as running:
        if not running.await_ready():
            pytest.skip("there are no namespaces of processes here")
        (inner,) = descendants(running.pid)
        dumped = assert_found(dump(command, inner), python)
        assert dumped["threads"][0]["tid"] == inner


def test_a_sandbox_without_the_call(command: str, python: Python) -> None:
    with Running([python.executable, "-c", WAITS]) as running:
        assert running.await_ready()
        assert_found(dump(command, running.pid, preexec_fn=forbid_reading_memory), python)


def as_nobody() -> list[str]:
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def test_another_users_rights(command: str) -> None:
    needs_root()
    python = python_for_nobody([sys.executable, "/usr/bin/python3", sys.base_prefix])
    probe = subprocess.run(
        [*as_nobody(), command, "--version"], capture_output=True, check=False, cwd="/"
    )
    if probe.returncode != 0:
        pytest.skip("another user may not run the command here")
    scoped = Path("/proc/sys/kernel/yama/ptrace_scope").exists()
    with Running([python, "-c", WAITS], cwd="/") as ours:
        assert ours.await_ready()
        outcome = dump(command, ours.pid, prefix=as_nobody(), cwd="/")
        assert_refused(outcome, f"belongs to user 0, and we are user {NOBODY}")
        assert "sudo" in outcome.err
    with Running([*as_nobody(), python, "-c", WAITS], cwd="/") as theirs:
        assert theirs.await_ready()
        if not scoped:
            assert_found(dump(command, theirs.pid, prefix=as_nobody(), cwd="/"))
        assert_found(dump(command, theirs.pid))
    with Running([*as_nobody(), python, "-c", SWITCHED_OFF + WAITS], cwd="/") as closed:
        assert closed.await_ready()
        outcome = dump(command, closed.pid, prefix=as_nobody(), cwd="/")
        assert_refused(outcome, "undumpable")
        assert_found(dump(command, closed.pid))


def test_a_container_without_the_capability(command: str) -> None:
    needs_root()
    prefix = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
    with Running([sys.executable, "-c", WAITS]) as running:
        assert running.await_ready()
        outcome = dump(command, running.pid, prefix=prefix)
        assert_refused(outcome, "capabilities that we lack")
        assert "SYS_PTRACE" in outcome.err


def test_processes_that_are_no_programs(command: str) -> None:
    assert_refused(dump(command, 2**31 - 1), "there is no process")
    if Path("/proc/2/comm").exists() and Path("/proc/2/comm").read_text() == "kthreadd\n":
        assert_refused(dump(command, 2), "a thread of the kernel")
    ended = subprocess.Popen(["true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert_refused(dump(command, ended.pid), "zombie")
    ended.wait()


def test_programs_that_are_no_python(command: str, tmp_path: Path) -> None:
    sleep = shutil.which("sleep")
    assert sleep is not None
    shutil.copy(sleep, tmp_path / "pypy3")
    with Running([sleep, "600"]) as running:
        running.await_sleep()
        assert_refused(dump(command, running.pid), "no Python interpreter")
    with Running([tmp_path / "pypy3", "600"]) as running:
        running.await_sleep()
        assert_refused(dump(command, running.pid), "PyPy")


def elf_32(code: bytes) -> bytes:
    """Return a 32-bit program of one segment."""
    start = 0x08048000
    head = b"\x7fELF\x01\x01\x01" + bytes(9)
    words = [(2, 2), (3, 2), (1, 4), (start + 84, 4), (52, 4), (0, 4), (0, 4)]
    words += [(52, 2), (32, 2), (1, 2), (0, 2), (0, 2), (0, 2)]
    size = 84 + len(code)
    words += [(it, 4) for it in (1, 0, start, start, size, size, 5, 0x1000)]
    return head + b"".join(value.to_bytes(size, "little") for value, size in words) + code


def test_a_32_bit_program(command: str, tmp_path: Path) -> None:
    program = tmp_path / "python3"
    program.write_bytes(elf_32(PAUSES_32))
    program.chmod(0o755)
    try:
        with Running([program]) as running:
            running.await_sleep()
            assert_refused(dump(command, running.pid), "32-bit")
    except OSError:
        pytest.skip("this kernel runs no 32-bit programs")


def test_a_python_that_is_not_up_yet(
    command: str, python: Python, installed: Installation, tmp_path: Path
) -> None:
    """It reads the file that says whether it is in a virtual environment, which does not end."""
    program = installed.copy_to(tmp_path / "copy", nothing)
    os.mkfifo(tmp_path / "copy" / "pyvenv.cfg")
    env = {**installed.env(tmp_path / "copy"), "PYTHONHOME": ""}
    with Running([program, "-S", "-c", WAITS], env=env) as running:

        def waits_for_the_file() -> bool:
            call = Path(f"/proc/{running.pid}/wchan").read_text()
            return running.process.poll() is not None or "partner" in call

        eventually(waits_for_the_file, "Python reads its file")
        if running.process.poll() is not None:
            pytest.skip("this Python can't be copied")
        outcome = dump(command, running.pid)
        if outcome.status != 0:
            assert_refused(outcome, "not up yet")
        writer = os.open(tmp_path / "copy" / "pyvenv.cfg", os.O_WRONLY | os.O_NONBLOCK)
        os.close(writer)


def test_a_version_that_is_too_old(command: str) -> None:
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for old in (Path("/usr/bin/python2.7"), *versions.glob("2.7*/bin/python2.7")):
        if old.exists():
            with Running([old, "-c", WAITS]) as running:
                assert running.await_ready()
                assert_refused(dump(command, running.pid), "Python 2.7")
            return
    pytest.skip("there is no Python 2 here")


def test_a_core_file(command: str, python: Python, tmp_path: Path) -> None:
    with Running([python.executable, "-c", WAITS]) as running:
        assert running.await_ready()
        core = make_core(running.pid, tmp_path)
        live = assert_found(dump(command, running.pid), python)
    dead = assert_found(dump(command, core), python)
    for key in ("name", "tid", "frames"):
        assert dead["threads"][0][key] == live["threads"][0][key]
    assert dead["pid"] == live["pid"]


def test_a_core_file_of_the_kernel(
    command: str, python: Python, copied: Running, tmp_path: Path
) -> None:
    """Also once the program has moved, if we are told where to."""
    if Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core":
        pytest.skip("the kernel gives core files to another program here")
    resource.prlimit(copied.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    os.kill(copied.pid, signal.SIGABRT)
    copied.process.wait()
    cores = list(tmp_path.glob("core*"))
    if not cores:
        pytest.skip("the kernel wrote no core file")
    assert_found(dump(command, cores[0]), python)
    moved = tmp_path / "moved"
    (tmp_path / "copy" / "bin" / "python3").rename(moved)
    assert_found(dump(command, cores[0], "--executable", moved), python)
    assert_refused(
        dump(command, cores[0], "--executable", "/bin/sh"), "is not the program that made"
    )


def test_core_files_that_are_none(command: str, python: Python, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a core file\n")
    assert_refused(dump(command, tmp_path / "text"), "not a core file")
    assert_refused(dump(command, python.executable), "not a core file")
    assert_refused(dump(command, tmp_path / "nothing"), "nothing")
    with Running([python.executable, "-c", WAITS]) as running:
        assert running.await_ready()
        core = make_core(running.pid, tmp_path)
    whole = core.read_bytes()
    for share in (1, 3, 30, 60, 90):
        core.write_bytes(whole[: len(whole) * share // 100])
        assert dump(command, core).status in range(1, 8)


def test_a_program_that_is_another_one_now(command: str, python: Python) -> None:
    script = "import os, sys; os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])"
    with Running([python.executable, "-c", script, WAITS]) as running:
        assert running.await_ready()
        assert_found(eventually_found(command, running.pid), python)
