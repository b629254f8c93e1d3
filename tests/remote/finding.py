# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that are hard to find an interpreter in, and what the command says of them."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Callable

import pytest
from remote_targets import PATIENCE_S, Outcome, Python, eventually

NOBODY = 65534
READY = "ready"
# Says that it is ready, from a function whose name a dump must have.
WAITS = """
import sys, time
def waits_for_the_end():
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    time.sleep(600)
waits_for_the_end()
"""


# Prints where a Python has its parts, and whether it runs from a library.
PARTS = """
import json, os, sysconfig
get = sysconfig.get_config_var
print(json.dumps([
    os.path.abspath(os.__file__ + "/../../.."),
    get("LIBDIR"), get("INSTSONAME"), get("LIBPL"), get("LIBRARY"),
    "libpython" in open("/proc/self/maps").read(),
    sysconfig.get_path("include"),
    (get("LIBS") or "") + " " + (get("SYSLIBS") or ""),
]))
"""


class Running:
    """A program that runs, to be used in a `with` statement, at whose end it is no more."""

    def __init__(self, words: Sequence[str | Path], **options: Any) -> None:
        self.process = subprocess.Popen(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            **options,
        )
        self.pid = self.process.pid

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def await_ready(self) -> bool:
        """Wait for the first line; False when the program ended without one."""
        assert self.process.stdout is not None
        line: bytes = self.process.stdout.readline()
        return line.strip() == READY.encode()

    def await_sleep(self) -> None:
        """Wait until a program that says nothing has been loaded, and has gone to sleep."""

        def sleeps() -> bool:
            return "(sleeping)" in Path(f"/proc/{self.pid}/status").read_text()

        eventually(sleeps, "the program sleeps")


def dump(
    command: str, *words: str | int | Path, prefix: Sequence[str] = (), **options: Any
) -> Outcome:
    """Run `pyrometer dump`, behind the words of `prefix`."""
    done = subprocess.run(
        [*prefix, command, "dump", "--json", *(str(word) for word in words)],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        **options,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_found(outcome: Outcome, python: Python | None = None) -> dict[str, Any]:
    """Assert that the dump has the program's own function; return the dump."""
    assert outcome.status == 0, outcome.err
    dumped = json.loads(outcome.out)
    assert isinstance(dumped, dict)
    names = [frame["name"] for frame in dumped["threads"][0]["frames"]]
    assert names == ["waits_for_the_end", "<module>"]
    if python is not None:
        assert dumped["python"].startswith(f"3.{python.minor}.")
    return dumped


def assert_refused(outcome: Outcome, words: str) -> None:
    """Assert that the dump failed with one line that has these words."""
    assert outcome.status != 0
    assert outcome.out == ""
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


class Installation:
    """Where a Python has its parts."""

    def __init__(self, python: Python) -> None:
        said = subprocess.run(
            [python.executable, "-c", PARTS], check=True, capture_output=True, text=True
        ).stdout
        prefix, libraries, shared, static_folder, static, is_shared, include, needed = json.loads(
            said
        )
        self.prefix = Path(prefix)
        self.library = Path(libraries) / shared if is_shared else None
        self.static = Path(static_folder) / static.replace("$(VERSION)", f"3.{python.minor}")
        self.include = Path(include)
        self.needed = needed.split()
        self.program = Path(python.executable).resolve()

    def copy_to(self, folder: Path, change: Callable[[Path], None]) -> Path:
        """Copy what has the interpreter, changed; return the program, to be run with `env`."""
        (folder / "bin").mkdir(parents=True)
        program = folder / "bin" / "python3"
        shutil.copy2(self.program, program)
        program.chmod(0o755)
        change(program)
        if self.library is not None:
            library = folder / self.library.name
            shutil.copy2(self.library, library)
            library.chmod(0o755)
            change(library)
        return program

    def env(self, folder: Path) -> Mapping[str, str]:
        """Return what a copy has to have in its environment."""
        # Preloaded, as a library path does not come before one that is written in the program.
        preload = {"LD_PRELOAD": str(folder / self.library.name)} if self.library else {}
        return {"PYTHONHOME": str(self.prefix), "PYTHONDONTWRITEBYTECODE": "1", **preload}


def strip(path: Path) -> None:
    """Take away what is not needed to run."""
    program = shutil.which("strip")
    if program is None:
        pytest.skip("there is no strip here")
    subprocess.run([program, "--strip-all", str(path)], check=True)


def drop_sections(path: Path) -> None:
    """Take away the section headers, and with them every way to the names of symbols."""
    with path.open("r+b") as file:
        file.seek(40)  # e_shoff
        file.write(struct.pack("<Q", 0))
        file.seek(60)  # e_shnum, e_shstrndx
        file.write(struct.pack("<HH", 0, 0))


def descendants(pid: int) -> list[int]:
    """Return the process's children, and theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def python_for_nobody(pythons: Sequence[str]) -> str:
    """Return a Python that other users may run."""
    for executable in pythons:
        tried = subprocess.run(
            [
                "setpriv",
                f"--reuid={NOBODY}",
                f"--regid={NOBODY}",
                "--clear-groups",
                executable,
                "-V",
            ],
            capture_output=True,
            check=False,
            cwd="/",
        )
        if tried.returncode == 0:
            return executable
    pytest.skip("there is no Python here that another user may run")


def needs_root() -> None:
    """Skip where we may not become another user or enter namespaces."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None or shutil.which("unshare") is None:
        pytest.skip("needs to be root, and setpriv and unshare")


class Filter(ctypes.Structure):
    """One instruction of a filter of system calls."""

    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint),
    )


class FilterProgram(ctypes.Structure):
    """A whole filter."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter)))


def forbid_reading_memory() -> None:
    """Let this process, and what it becomes, do without process_vm_readv(), as in a sandbox."""
    rows = (Filter * 4)(
        Filter(0x20, 0, 0, 0),  # load the number of the call
        Filter(0x15, 0, 1, 310),  # process_vm_readv on x86-64?
        Filter(0x06, 0, 0, 0x00050001),  # then EPERM
        Filter(0x06, 0, 0, 0x7FFF0000),  # else allow
    )
    libc = ctypes.CDLL(None, use_errno=True)
    program = FilterProgram(4, rows)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
        os._exit(77)


def eventually_found(command: str, pid: int) -> Outcome:
    """Dump until it works: of a program that begins and does not tell when it has."""
    end = time.monotonic() + PATIENCE_S
    while True:
        outcome = dump(command, pid)
        if outcome.status == 0 or time.monotonic() > end:
            return outcome
        time.sleep(0.02)


def make_core(pid: int, folder: Path) -> Path:
    """Return a core file of a process, which goes on."""
    program = shutil.which("gcore")
    if program is None:
        pytest.skip("there is no gcore here")
    subprocess.run([program, "-o", str(folder / "core"), str(pid)], check=True, capture_output=True)
    return folder / f"core.{pid}"
