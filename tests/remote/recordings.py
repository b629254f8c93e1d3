# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Recordings made by the command, and what is in them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

PATIENCE_S = 120
HEADER_BYTES = 16  # of a .pyro file: with more, something was written


class Ended(NamedTuple):
    """How a recording ended, and what was said."""

    status: int
    out: str
    err: str


class Counts(NamedTuple):
    """What a profile says of its samples."""

    rate: float
    asked: int
    mode: str
    exact: int
    torn: int
    lost: int
    late: int
    rounds: int


def certain(holds: bool, why: str = "") -> None:
    """Fail at once, in a measured test too: on no machine may it be otherwise."""
    if not holds:
        pytest.fail(why or "what has to be so on every machine is not")


class Recorder:
    """The command `record` in a folder of its own."""

    def __init__(self, command: str, folder: Path) -> None:
        self.command = command
        self.folder = folder
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "200",
            "HOME": str(folder),
        }

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `pyrometer record` with these words; `end` waits for it."""
        return subprocess.Popen(
            [self.command, "record", *words],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def end(self, process: subprocess.Popen[bytes]) -> Ended:
        """Wait for the end of what was started."""
        try:
            out, err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Ended(process.returncode, out.decode(), err.decode())

    def __call__(self, *words: str) -> Ended:
        """Run `pyrometer record` with these words to its end."""
        return self.end(self.start(*words))

    def path(self, name: str) -> Path:
        """Return a file of the folder."""
        return self.folder / name

    def empty(self) -> None:
        """Remove what an earlier attempt of a measured test has left."""
        for path in self.folder.iterdir():
            if path.is_file():
                path.unlink()

    def size(self, name: str) -> int:
        """Return how large a file is, 0 when it is not there."""
        path = self.path(name)
        return path.stat().st_size if path.exists() else 0

    def has_samples(self, name: str) -> bool:
        """Tell whether a recording has written samples."""
        return self.size(name) > HEADER_BYTES

    def report(self, name: str, *words: str) -> str:
        """Return what `pyrometer report` says of a file, which must work."""
        done = subprocess.run(
            [self.command, "report", name, *words],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def stacks(self, name: str) -> dict[str, int]:
        """Return the weight of each stack, its functions without modules, with ';' between.

        The time that nobody saw, as the machine was busy elsewhere, is not among them.
        """
        found: dict[str, int] = {}
        for line in self.report(name, "--format", "collapsed").splitlines():
            stack, _, weight = line.rpartition(" ")
            if stack.endswith("<not sampled>"):
                continue
            stack = ";".join(it.removeprefix("__main__.") for it in stack.split(";"))
            found[stack] = found.get(stack, 0) + int(weight)
        return found

    def share(self, name: str, function: str) -> float:
        """Return the share of the time in which a function was on the stack."""
        stacks = self.stacks(name)
        inside = sum(it for stack, it in stacks.items() if function in stack.split(";"))
        return inside / sum(stacks.values())

    def counts(self, name: str) -> Counts:
        """Return what the header says of the samples."""
        line = re.search(
            r"Sampled +at ([\d.]+) of (\d+) Hz, (\w+): ([\d,]+) exact, ([\d,]+) torn, "
            r"([\d,]+) lost; ([\d,]+) of ([\d,]+) rounds late",
            self.report(name),
        )
        assert line is not None
        rate, asked, mode, *numbers = line.groups()
        return Counts(float(rate), int(asked), mode, *(int(it.replace(",", "")) for it in numbers))
