# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that are looked into from outside: started, waited for, dumped and ended."""

from __future__ import annotations

import json
import os
import resource
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple

HERE = Path(__file__).resolve().parent
TARGETS = HERE / "targets"
PATIENCE_S = 60  # until a target must have said something, and a condition must hold
DUMP_S = 60
# No dump needs a tenth of it; work without bound would.
DUMP_MEMORY_BYTES = 4 << 30


class Python(NamedTuple):
    """An interpreter that runs targets, and its minor version: 12 of 3.12."""

    executable: str
    minor: int


class Outcome(NamedTuple):
    """How a dump ended, and what it said."""

    status: int
    out: str
    err: str


def find_command() -> str | None:
    """Return the command under test."""
    named = os.environ.get("PYROMETER")
    if named:
        return named
    beside = Path(sys.executable).parent / "pyrometer"
    return str(beside) if beside.exists() else shutil.which("pyrometer")


def eventually(look: Callable[[], Any], why: str) -> Any:
    """Return what `look` gives as soon as that is true."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        result = look()
        if result:
            return result
        time.sleep(0.005)
    raise AssertionError(f"{PATIENCE_S} s, and still not: {why}")


class Target:
    """A running target, to be used in a `with` statement, at whose end it is no more."""

    def __init__(
        self,
        command: str,
        python: Python,
        name: str,
        *arguments: str,
        within: tuple[str, ...] = (),
    ) -> None:
        self.command = command
        self.python = python
        self.name = name
        self.process = subprocess.Popen(
            [*within, python.executable, "-B", str(TARGETS / name), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(TARGETS), "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
            cwd=TARGETS,
        )
        self.pid = self.process.pid
        self._said = b""

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()

    def hear(self) -> dict[str, Any]:
        """Return what the target says next."""
        assert self.process.stdout is not None
        end = time.monotonic() + PATIENCE_S
        while b"\n" not in self._said:
            left = end - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            piece = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
            assert piece, f"{self.name} said no more (status {self.process.poll()})"
            self._said += piece
        line, _, self._said = self._said.partition(b"\n")
        said = json.loads(line)
        assert isinstance(said, dict)
        return said

    def step_within(self) -> None:
        """Look into the child of the process that was started, which began it."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        self.pid = int(children.split()[0])

    def go_on(self) -> None:
        """Let a target that stands still go on."""
        assert self.process.stdin is not None
        self.process.stdin.write(b".")
        self.process.stdin.flush()

    def try_dump(self, *options: str) -> Outcome:
        """Dump the target, within bounds of time and memory."""
        done = subprocess.run(
            [self.command, "dump", "--json", *options, str(self.pid)],
            capture_output=True,
            timeout=DUMP_S,
            check=False,
            env={"LC_ALL": "C.UTF-8"},
            preexec_fn=limit_memory,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def dump(self, *options: str) -> dict[str, Any]:
        """Dump the target, which must work."""
        outcome = self.try_dump(*options)
        assert outcome.status == 0, outcome.err
        dumped = json.loads(outcome.out)
        assert isinstance(dumped, dict)
        return dumped

    def threads(self) -> dict[str, dict[str, Any]]:
        """Dump the target; return its threads by their names."""
        return {it["name"]: it for it in self.dump()["threads"]}


def limit_memory() -> None:
    """Let the process that comes have no more memory than anything here can need."""
    if "ASAN_OPTIONS" not in os.environ:  # a sanitizer takes terabytes of addresses
        resource.setrlimit(resource.RLIMIT_AS, (DUMP_MEMORY_BYTES, DUMP_MEMORY_BYTES))
