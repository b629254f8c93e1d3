# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The command in a folder of its own, as a user has it at the prompt.

The command is the installed one, or the one that PYROMETER in the environment names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
DATA = HERE / "data"
GOLDEN = HERE / "golden"


class Result(NamedTuple):
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        """Return the last line that was said on standard error."""
        return self.err.splitlines()[-1] if self.err else ""


def find_command() -> str | None:
    """Return the command under test."""
    named = os.environ.get("PYROMETER")
    if named:
        return named
    beside = Path(sys.executable).parent / "pyrometer"
    return str(beside) if beside.exists() else shutil.which("pyrometer")


class Shell:
    """A folder with the sample profiles, and the command to run in it."""

    def __init__(self, command: str, folder: Path) -> None:
        self.command = command
        self.folder = folder
        self.env: dict[str, str] = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "COLUMNS": "100",
        }
        for name in ("PYTHONPATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        for sample in DATA.iterdir():
            shutil.copy(sample, folder)

    def __call__(
        self, *words: str, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> Result:
        """Run `pyrometer` with these words."""
        done = subprocess.run(
            [self.command, *words],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            input=stdin.encode(),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `pyrometer` with these words; the caller sees to its end."""
        return subprocess.Popen(
            [self.command, *words],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def write(self, name: str, text: str, mode: int = 0o644) -> str:
        """Write a file into the folder; return its name."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return name
