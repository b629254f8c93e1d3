# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the checkers know of the tree and of C: its files, and where a file's functions are.

This is no C parser. It relies on the tree being formatted by clang-format and compiling, and finds
function bodies, parameters and the code outside comments and strings, which is all that is asked.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Not ours to judge: what others wrote, what was made, and data that is meant to be strange.
SKIPPED = ("build", "dist", "third_party", "tests/data", "node_modules")

_NOT_CODE = re.compile(
    r"""
    //[^\n]*
  | /\*.*?\*/
  | "(?:\\.|[^"\\\n])*"
  | '(?:\\.|[^'\\\n])*'
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


class Function(NamedTuple):
    """A function definition: lines count from 1, and its body runs from brace to brace."""

    name: str
    parameters: int
    first_line: int
    last_line: int

    @property
    def lines(self) -> int:
        """The length of the body, both braces included."""
        return self.last_line - self.first_line + 1


def files(root: Path, *suffixes: str) -> Iterator[Path]:
    """Yield the tree's own files with one of `suffixes` (all files without any), in order."""
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        relative = here.relative_to(root).as_posix()
        folders[:] = sorted(
            name
            for name in folders
            if (not name.startswith(".") or name == ".ci")
            and name != "__pycache__"
            and (f"{relative}/{name}" if relative != "." else name) not in SKIPPED
        )
        for name in sorted(names):
            # A pipe that some test left behind would keep its reader waiting.
            if (not suffixes or name.endswith(suffixes)) and (here / name).is_file():
                yield here / name


def code_only(text: str) -> str:
    """Return `text` with comments and the inside of literals blanked; every position stays."""

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return _NOT_CODE.sub(blank, text)


def line_of(text: str, position: int) -> int:
    """Return the number, from 1, of the line that holds `position`."""
    return text.count("\n", 0, position) + 1


def functions(text: str) -> Iterator[Function]:
    """Yield the functions that the C source `text` defines."""
    code = _DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), code_only(text))
    depth = 0
    declaration = opened = 0
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        if match.group() == "{":
            if depth == 0:
                opened = at
            depth += 1
        elif match.group() == "}":
            depth -= 1
            if depth == 0:
                head = code[declaration:opened].strip()
                named = _signature(head)
                if named is not None:
                    yield Function(*named, line_of(code, opened), line_of(code, at))
                declaration = at + 1
        elif depth == 0:
            declaration = at + 1


def _signature(head: str) -> tuple[str, int] | None:
    """Return the name and the parameter count in a definition's head, or None of another block."""
    if "=" in head or not head.endswith(")"):
        return None
    # The last parenthesis at the outer level holds the parameters; attributes come before.
    depth = 0
    opening = -1
    for at in range(len(head) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(head[at], 0)
        if depth == 0:
            opening = at
            break
    name = re.search(r"([A-Za-z_]\w*)\s*$", head[:opening])
    if name is None:
        return None
    return name.group(1), _count_parameters(head[opening + 1 : -1])


def _count_parameters(text: str) -> int:
    if text.strip() in ("", "void"):
        return 0
    depth = 0
    commas = 0
    for char in text:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
        commas += char == "," and depth == 0
    return commas + 1


def run_check(check: Callable[[Path], Iterator[str]]) -> int:
    """Print what `check` finds in the tree (or the one named as argument); the exit status."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    found = list(check(root))
    for complaint in found:
        print(complaint)
    return 1 if found else 0
