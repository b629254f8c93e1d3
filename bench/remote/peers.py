# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Other samplers, run on the same program: what they asked for, took, and cost.

py-spy and Austin come from the package registry (py-spy, austin-dist), Tachyon is the
profiling.sampling of CPython 3.15 and reads only that version.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import programs

PATIENCE_S = 60


@dataclass
class Sampled:
    """What one run of a sampler gave."""

    name: str
    asked: str
    wall_s: float
    cpu_s: float
    judged: programs.Judged

    @property
    def valid_per_s(self) -> float:
        return self.judged.valid / self.wall_s

    @property
    def valid_per_cpu_s(self) -> float:
        return self.judged.valid / max(self.cpu_s, 1e-9)


def beside(name: str) -> str | None:
    """Return a program of this environment or on the path."""
    own = os.path.join(os.path.dirname(sys.executable), name)
    return own if os.path.exists(own) else shutil.which(name)


def run(name: str, asked: str, command: list[str], out: str, weighted: bool) -> Sampled | None:
    """Run a sampler to its end; None where it does not work on this program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode != 0 or not os.path.exists(out):
        return None
    with open(out, encoding="utf-8", errors="replace") as lines:
        judged = programs.judge(lines, weighted)
    return Sampled(name, asked, wall, cpu, judged) if judged.samples else None


def tachyon(
    pid: int, seconds: int, python: str, out: str
) -> list[tuple[str, str, list[str], bool]]:
    base = [python, "-m", "profiling.sampling", "attach", "--collapsed", "-o", out]
    base += ["-d", str(seconds), "-r"]
    return [
        ("Tachyon", "1 kHz", [*base, "1000", str(pid)], True),
        ("Tachyon", "100 kHz", [*base, "100000", str(pid)], True),
        ("Tachyon, blocking", "100 kHz", [*base, "100000", "--blocking", str(pid)], True),
    ]


def has_tachyon(python: str) -> bool:
    done = subprocess.run([python, "-c", "import profiling.sampling"], capture_output=True)
    return done.returncode == 0


def py_spy(pid: int, seconds: int, out: str) -> list[tuple[str, str, list[str], bool]]:
    program = beside("py-spy")
    if program is None:
        return []
    base = [program, "record", "-f", "raw", "-o", out, "-d", str(seconds), "-p", str(pid), "-r"]
    return [
        ("py-spy", "1 kHz", [*base, "1000"], True),
        ("py-spy", "10 kHz", [*base, "10000"], True),
        ("py-spy, nonblocking", "10 kHz", [*base, "10000", "--nonblocking"], True),
    ]


def austin(pid: int, seconds: int, out: str) -> list[tuple[str, str, list[str], bool]]:
    program = beside("austin")
    if program is None:
        return []
    base = [program, "-x", str(seconds), "-o", out, "-p", str(pid), "-i"]
    return [
        ("Austin", "1 kHz", [*base, "1000"], False),
        ("Austin", "100 kHz", [*base, "10"], False),
    ]


def sample(pid: int, seconds: int, python: str) -> list[Sampled]:
    """Run all that can read this program, one after the other."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "stacks")
        runs = [*py_spy(pid, seconds, out), *austin(pid, seconds, out)]
        if has_tachyon(python):
            runs += tachyon(pid, seconds, python, out)
        for name, asked, command, weighted in runs:
            one = run(name, asked, command, out, weighted)
            if one is not None:
                found.append(one)
            if os.path.exists(out):
                os.remove(out)
    return found
