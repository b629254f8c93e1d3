# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Random programs, as hypothesis makes them, and a tracer in pure Python to compare with.

A program is some functions that call one another in all the ways Python has: directly,
recursively, through exceptions, generators, coroutines and threads. A common stock of fuel, used
up by one at each call, makes each program end, and always in the same way.
"""

from __future__ import annotations

import sys
import textwrap
import threading
from collections import Counter
from types import CodeType, FrameType
from typing import Any

from hypothesis import strategies as st

FUNCTIONS = 4
FUEL = 60
FILE = "<generated>"

# The functions f*, generators g*, coroutines c*, and raisers r* call each other by number.
STATEMENTS = [
    "f{n}()",
    "x = len([1, 2])",
    "x = max([3, 4], key=abs)",
    "[].append(1)",
    "try:\n    r{n}()\nexcept ValueError:\n    pass",
    "try:\n    f{n}()\nfinally:\n    x = divmod(7, 2)",
    "for x in g{n}():\n    pass",
    "for x in g{n}():\n    f{n}()\n    break",
    "it = g{n}()\nnext(it, None)\nit.close()",
    "it = g{n}()\nnext(it, None)\ntry:\n    it.throw(ValueError)\nexcept ValueError:\n    pass",
    "x = sorted([2, 1], key=lambda y: f{n}() or y)",
    "x = [f{n}() for y in (1, 2)]",
    "x = sum(f{n}() or 1 for y in (1, 2))",
    "run(c{n}())",
    "C{n}().method()",
    "try:\n    int('x')\nexcept ValueError:\n    f{n}()",
    "list(map(lambda y: f{n}(), (1, 2)))",
]
AWAITS = ["await c{n}()", "await switch()", "f{n}()", "x = len('')"]
THREADS = ["spawn(f{n})", "f{n}()", "for x in g{n}():\n    pass", "x = len('')"]

HEADER = f"""
import threading
fuel = [{FUEL}]

def burn():
    fuel[0] -= 1
    return fuel[0] < 0

class switch:
    def __await__(self):
        yield

def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        pass

def spawn(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()
"""

FUNCTION = """
def f{n}():
    if burn():
        return
{body}

def r{n}():
    if burn():
        return
{body}
    raise ValueError

def g{n}():
    if burn():
        return
    yield 1
{body}
    yield from g{next}()

async def c{n}():
    if burn():
        return
{awaits}

class C{n}:
    def method(self):
        return f{n}()
"""


def statements(kinds: list[str]) -> st.SearchStrategy[str]:
    """Make some statements of these kinds, as the text of a function's body."""
    number = st.integers(0, FUNCTIONS - 1)
    one = st.builds(lambda kind, n: kind.format(n=n), st.sampled_from(kinds), number)
    return st.lists(one, min_size=1, max_size=4).map(
        lambda lines: textwrap.indent("\n".join(lines), "    ")
    )


def programs(kinds: list[str] = STATEMENTS) -> st.SearchStrategy[CodeType]:
    """Make whole programs; `main` in their namespace runs them."""
    parts = [
        st.builds(
            lambda body, awaits, n=n: FUNCTION.format(
                n=n, next=(n + 1) % FUNCTIONS, body=body, awaits=awaits
            ),
            statements(kinds),
            statements(AWAITS),
        )
        for n in range(FUNCTIONS)
    ]
    return st.tuples(*parts).map(
        lambda functions: compile(
            HEADER + "".join(functions) + "\ndef main():\n    f0()\n    run(c0())\n", FILE, "exec"
        )
    )


def main_of(program: CodeType) -> Any:
    """Load a program afresh; its `main` gives the same calls each time."""
    names: dict[str, Any] = {"__name__": "generated"}
    exec(program, names)
    return names["main"]


class Reference:
    """Counts calls, resumptions and calls of builtins of generated code, by `sys.setprofile`."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()  # by name and line
        self.resumes: Counter[str] = Counter()
        self.builtins: Counter[str] = Counter()
        self.arcs: Counter[tuple[str, str]] = Counter()
        self._begun: dict[int, FrameType] = {}  # generators' frames, kept so that ids stay theirs

    def run(self, function: Any, threads: bool = False) -> None:
        """Call `function` and count."""
        if threads:
            threading.setprofile(self._event)
        sys.setprofile(self._event)
        try:
            function()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _event(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code.co_filename != FILE:
            return
        if event == "call":
            key = name_of(code)
            if id(frame) in self._begun:
                self.resumes[key] += 1
                return
            if code.co_flags & 0x2A0:  # generator, coroutine, asynchronous generator
                self._begun[id(frame)] = frame
            self.calls[key] += 1
            if frame.f_back is not None and frame.f_back.f_code.co_filename == FILE:
                self.arcs[name_of(frame.f_back.f_code), key] += 1
        elif event == "c_call":
            self.builtins[argument.__name__] += 1


def name_of(code: CodeType) -> str:
    """Return what stands for a function in the counters."""
    return f"{code.co_name}:{code.co_firstlineno}"
