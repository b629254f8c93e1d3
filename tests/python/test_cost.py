# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The cost of an event, in instructions counted by callgrind: a budget that no timing can blur."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CALLS = 100_000
# What our own code may run per event, start-up shared out over all of them: about 22 for a call
# from Python to Python; a builtin's event first looks at what is called. Before 3.12 our frame hook
# also keeps watch over the C stack and over frames that were running before us.
PYTHON_BUDGET = 32 if sys.version_info >= (3, 12) else 64
BUILTIN_BUDGET = 44 if sys.version_info >= (3, 12) else 64

PROGRAM = """
from pyrometer import _probe
def leaf(): pass
def python(n):
    for _ in range(n):
        leaf()
def builtin(n, f=callable):
    for _ in range(n):
        f(n)
tracer = _probe.Tracer(builtins={builtins}, calibrate=False)
tracer.start()
{name}({calls})
tracer.stop()
"""


def own_instructions(profile: str) -> int:
    """Return the self cost, in a callgrind file, of what is in our extension module."""
    names: dict[str, str] = {}
    ours = False
    total = 0
    lines = iter(profile.splitlines())
    for line in lines:
        if line.startswith("ob="):
            number, _, name = line[3:].partition(" ")
            names.setdefault(number, name)
            ours = "_probe" in names[number]
        elif line.startswith("calls="):
            next(lines)  # the cost of what was called is in its own place
        elif ours and line and (line[0].isdigit() or line[0] in "+-*"):
            total += int(line.split()[1])
        elif line.startswith("cob="):
            number, _, name = line[4:].partition(" ")
            names.setdefault(number, name)
    return total


def instructions_per_event(program: str, folder: Path) -> float:
    """Run a program that makes CALLS calls, and return what each event cost of our own code."""
    out = folder / "callgrind.out"
    code = f"import sys; sys.path[:0] = {sys.path[1:]!r}\n{program}"
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    done = subprocess.run(
        [*valgrind, sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode != 0 and "valgrind" in done.stderr and "Traceback" not in done.stderr:
        pytest.skip("valgrind can't run this interpreter: " + done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return own_instructions(out.read_text()) / (2 * CALLS)


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
@pytest.mark.parametrize(
    ("name", "builtins", "budget"),
    [("python", False, PYTHON_BUDGET), ("builtin", True, BUILTIN_BUDGET)],
)
def test_an_event_costs_no_more_instructions_than_its_budget(
    name: str, builtins: bool, budget: int, tmp_path: Path
) -> None:
    program = PROGRAM.format(builtins=builtins, name=name, calls=CALLS)
    assert instructions_per_event(program, tmp_path) <= budget


FILTERED = """
from pyrometer import _probe
def leaf(): pass
def python(n):
    for _ in range(n):
        leaf()
tracer = _probe.Tracer(builtins=True, calibrate=False, include=["nowhere"])
tracer.start()
python({calls})
tracer.stop()
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="events can be disabled from 3.12 on")
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_what_is_filtered_out_runs_at_full_speed(tmp_path: Path) -> None:
    assert instructions_per_event(FILTERED.format(calls=CALLS), tmp_path) < 3
