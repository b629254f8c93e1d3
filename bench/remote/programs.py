# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that readers look into from outside, and the judge of what they saw."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

TOWERS = 4
FLOOR = re.compile(r"\bt(\d)_(\d+)\b")
# The reader's check counts lines from `def drive` to the first call.
DRIVE = "def drive():\n    print('up', flush=True)\n    while True:\n"
STATIC = """
import sys, time
sys.setrecursionlimit(10000)
{functions}
def s{last}():
    print('up', flush=True)
    x = 0
    while True:
        x += 1
s0()
"""
WINDOWS = """
import sys, time
def work():
    total = 0
    for i in range(300):
        total += i
    return total
def spend(seconds, window):
    done = [0, 0]
    time_in = [0.0, 0.0]
    end = time.monotonic() + seconds
    last = time.monotonic()
    while last < end:
        work()
        now = time.monotonic()
        side = int(now / window) % 2
        if int(last / window) % 2 == side:
            done[side] += 1
            time_in[side] += now - last
        last = now
    print(done[0] / time_in[0], done[1] / time_in[1], flush=True)
print('up', flush=True)
spend(float(sys.argv[1]), float(sys.argv[2]))
"""
THREADS = """
import sys, threading, time
def down(n):
    return down(n - 1) if n else threading.Event().wait()
for _ in range(int(sys.argv[1])):
    threading.Thread(target=down, args=(8,), daemon=True).start()
print('up', flush=True)
x = 0
while True:
    x += 1
"""


def towers(depth: int) -> str:
    """Give a program of four towers of functions, called in turn: no stack ever mixes them."""
    lines = ["import sys", "sys.setrecursionlimit(10000)"]
    for k in range(TOWERS):
        lines.append(f"def t{k}_{depth - 1}():\n    x = 1\n    return x")
        for d in reversed(range(depth - 1)):
            lines.append(f"def t{k}_{d}():\n    x = t{k}_{d + 1}()\n    return x")
    calls = "".join(f"        t{k}_0()\n" for k in range(TOWERS))
    return "\n".join(lines) + f"\n{DRIVE}{calls}drive()\n"


def static(depth: int) -> str:
    """Give a program with a stack of so many frames that does not move."""
    last = max(depth - 2, 0)
    functions = "\n".join(f"def s{i}():\n    return s{i + 1}()" for i in range(last))
    return STATIC.format(functions=functions, last=last)


@contextmanager
def running(
    python: str, source: str, *arguments: str
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run the program until the block ends; give its pid once it is up."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.py")
        with open(path, "w", encoding="utf-8") as out:
            out.write(source)
        program = subprocess.Popen(
            [python, path, *arguments], stdout=subprocess.PIPE, text=True, cwd=folder
        )
        try:
            assert program.stdout is not None
            if program.stdout.readline().strip() != "up":
                sys.exit(f"{python} could not run the program")
            yield program.pid, program
        finally:
            program.kill()
            program.communicate()


@dataclass
class Judged:
    """What stacks of a program of towers are worth."""

    samples: int = 0
    impossible: int = 0
    floors: int = 0

    @property
    def valid(self) -> int:
        return self.samples - self.impossible

    @property
    def depth(self) -> float:
        return self.floors / max(self.samples, 1)


def judge(lines: Iterable[str], weighted: bool = True) -> Judged:
    """Judge collapsed stacks; a line's number counts samples, or is something else."""
    found = Judged()
    for line in lines:
        stack, _, number = line.strip().rpartition(" ")
        if not stack or line.startswith("#") or "drive" not in stack:
            continue
        count = int(number) if weighted else 1
        floors = [(int(k), int(d)) for k, d in FLOOR.findall(stack)]
        true = all(k == floors[0][0] and d == i for i, (k, d) in enumerate(floors))
        found.samples += count
        found.impossible += 0 if true else count
        found.floors += count * len(floors)
    return found
