# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Programs to look into whose every stack is known, and what their samples say.

A program of towers calls four towers of as many functions each in turn, as fast as it can: every
stack is `drive` at the line of tower k, then t<k>_0, t<k>_1 and so on. A stack that mixes towers,
leaves out a level or calls a tower from another's line never was. bench/remote/reader.c checks the
same program, so `drive` is laid out as it expects.
"""

import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TOWERS = 4
FIRST_CALL = 3  # lines from `def drive` to the call of the first tower
LEVEL = re.compile(r"t(\d+)_(\d+)")
TORN = "<torn>"
# A stack from the outermost frame in: names and the lines that ran.
Stack = tuple[tuple[str, int], ...]

READY = "print('ready', flush=True)"
DEEP = "import sys\nsys.setrecursionlimit(20000)"


def towers_program(depth: int) -> tuple[str, int]:
    """Return the program, for any Python, and the line of the call of its first tower."""
    lines = DEEP.splitlines()
    for tower in range(TOWERS):
        for level in reversed(range(depth)):
            lines.append(f"def t{tower}_{level}():")
            lines.append("    x = 1" if level == depth - 1 else f"    x = t{tower}_{level + 1}()")
            lines.append("    return x")
    lines += [READY, "def drive():", "    n = 0", "    while True:"]
    first = len(lines) + 1
    lines += [f"        t{tower}_0()" for tower in range(TOWERS)]
    lines += ["        n += 1", "drive()"]
    return "\n".join(lines) + "\n", first


def still_program(depth: int) -> str:
    """Return a program that is busy in one function, `depth` calls down from `drive`."""
    lines = [f"def t0_{i}(): t0_{i + 1}()" for i in range(depth - 1)]
    lines += [f"def t0_{depth - 1}():", "    while True:", "        pass"]
    return "\n".join([DEEP, *lines, READY, "def drive(): t0_0()", "drive()", ""])


# A slice is the number of passes in 10 ms of CLOCK_MONOTONIC; all are told at the end.
SLICES_PROGRAM = f"""\
import json, signal, time
def inner(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total

def work():
    return sum(inner(20) for _ in range(5))

ending = []
signal.signal(signal.SIGINT, lambda *_: ending.append(1))
clock, slices, passes = time.monotonic, [], 0
slice = int(clock() * 100)
{READY}
while not ending:
    work()
    passes += 1
    now = int(clock() * 100)
    if now != slice:
        slices.append((slice, passes))
        slice, passes = now, 0
print(json.dumps(slices), flush=True)
"""

THREADS_PROGRAM = f"""\
import sys, threading
def waiting(depth, event):
    if depth:
        return waiting(depth - 1, event)
    event.wait()

def busy():
    gate.wait()
    n = 0
    while True:
        n += sum(i * i for i in range(50))

event = threading.Event()
gate = threading.Event()  # else the first ones would keep the others from being started
idle = int(sys.argv[1])
for i in range(100):
    words = (waiting, (8, event)) if i < idle else (busy, ())
    threading.Thread(target=words[0], args=words[1], daemon=True).start()
gate.set()
{READY}
event.wait()
"""

# Real libraries on inputs of their own: many functions, deep stacks, several phases.
BUSY_PROGRAM = f"""\
import ast, difflib, fractions, io, json, pprint, random, re, string, textwrap, tokenize
import argparse, collections, csv, decimal, email.message, html.parser, inspect, pickle, statistics

source = "".join(inspect.getsource(it) for it in (ast, difflib, textwrap, string, fractions))
modules = [json, textwrap, argparse, csv, string, collections, re, statistics, pprint, tokenize]
texts = [inspect.getsource(it) for it in modules]

def documents(n):
    if n == 0:
        return {{"words": random.sample(source.split(), 40)}}
    return {{"id": n, "inner": [documents(n - 1) for _ in range(2)]}}

def parsed(text):
    tree = ast.parse(text)
    return sum(1 for _ in ast.walk(tree)) + len(ast.dump(tree))

def compared():
    lines = random.choice(texts).splitlines()[:80]
    other = [it.upper() if random.random() < 0.2 else it for it in lines]
    return len(list(difflib.unified_diff(lines, other)))

def mail():
    message = email.message.EmailMessage()
    message["Subject"] = "figures " + "x" * random.randrange(100)
    message.set_content(random.choice(texts)[:2000])
    return len(bytes(message))

def sums():
    numbers = [fractions.Fraction(random.randrange(1, 99), 7) for _ in range(30)]
    return statistics.stdev(numbers), sum(map(decimal.Decimal, range(50)))

work = [
    lambda: json.loads(json.dumps(documents(5), indent=1)),
    lambda: parsed(random.choice(texts)),
    lambda: list(tokenize.generate_tokens(io.StringIO(random.choice(texts)).readline)),
    lambda: pprint.pformat(documents(3)),
    lambda: textwrap.wrap(random.choice(texts), 60),
    lambda: html.parser.HTMLParser().feed("<a href='x'>text</a>" * 100),
    lambda: pickle.loads(pickle.dumps(documents(6))),
    compared, mail, sums,
]
{READY}
while True:
    random.choice(work)()
"""


@dataclass
class Target:
    """A running program, and the folder that it and what is written of it are in."""

    process: "subprocess.Popen[bytes]"
    folder: str
    python: str

    @property
    def pid(self) -> int:
        return self.process.pid


@contextlib.contextmanager
def running(python: str, program: str, *arguments: str) -> Iterator[Target]:
    """Run a program that says "ready", and end it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "target.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(program)
        words = [python, path, *arguments]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
            try:
                assert process.stdout is not None
                if process.stdout.readline() != b"ready\n":
                    raise RuntimeError(f"{python} did not run the program")
                time.sleep(0.1)  # until it is past that line
                yield Target(process, folder, python)
            finally:
                process.kill()


@dataclass
class Judged:
    """Samples by what they are: what is torn says so, and counts for no other."""

    taken: int = 0
    torn: int = 0
    impossible: int = 0
    depth: float = 0  # of the towers, mean of all that are neither torn nor impossible

    @property
    def valid(self) -> int:
        return self.taken - self.torn - self.impossible


def tower_depth(stack: Stack, first: int) -> int:
    """Return how many of its frames are of a tower, or -1 of a stack that never was."""
    names = [name for name, _ in stack]
    if "drive" not in names:
        return -1
    at = names.index("drive")
    tower, levels = stack[at][1] - first, names[at + 1 :]
    for level, name in enumerate(levels):
        match = LEVEL.fullmatch(name)
        if match is None or (int(match[1]), int(match[2])) != (tower, level):
            return -1
    return len(levels)


def judge(samples: Iterable[tuple[Stack, int]], first: int) -> Judged:
    found, depths = Judged(), 0
    for stack, count in samples:
        found.taken += count
        if any(name == TORN for name, _ in stack):
            found.torn += count
            continue
        depth = tower_depth(stack, first)
        if depth < 0:
            found.impossible += count
        else:
            depths += depth * count
    found.depth = depths / found.valid if found.valid else 0
    return found
