#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Check that functions and files stay small enough to be read in one go.

A C function has at most 70 lines from brace to brace and 6 parameters; a Python function 70 lines
of code beside its docstring and 6 positional parameters; a source file 600 lines.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import csource

MAX_FUNCTION_LINES = 70
MAX_PARAMETERS = 6
MAX_FILE_LINES = 600
SOURCES = (".c", ".h", ".py", ".pyi", ".sh", ".ts", ".tsx")
# "path" or "path:function" -> why it may be larger.
EXCEPTIONS: dict[str, str] = {}


def check(root: Path) -> Iterator[str]:
    """Yield one complaint per function or file that is too large."""
    for path in csource.files(root, *SOURCES):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > MAX_FILE_LINES and name not in EXCEPTIONS:
            yield f"{name}:1: {lines} lines, and a file has at most {MAX_FILE_LINES}"
        if path.suffix in (".c", ".h"):
            found = csource.functions(text)
        elif path.suffix == ".py":
            found = _python_functions(text)
        else:
            continue
        for function in found:
            if f"{name}:{function.name}" not in EXCEPTIONS:
                yield from _judge(name, function)


def _judge(name: str, function: csource.Function) -> Iterator[str]:
    where = f"{name}:{function.first_line}: {function.name}"
    for what, count, limit in (
        ("lines", function.lines, MAX_FUNCTION_LINES),
        ("parameters", function.parameters, MAX_PARAMETERS),
    ):
        if count > limit:
            yield f"{where} has {count} {what}, and at most {limit} are allowed"


def _python_functions(text: str) -> Iterator[csource.Function]:
    """Yield a module's functions; a docstring and keyword-only parameters cost nothing."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        first = node.body[0]
        last_line = node.end_lineno or node.lineno
        if ast.get_docstring(node, clean=False) is not None:
            last_line -= (first.end_lineno or first.lineno) - first.lineno + 1
        positional = [*node.args.posonlyargs, *node.args.args]
        if positional and positional[0].arg in ("self", "cls"):
            positional.pop(0)
        yield csource.Function(node.name, len(positional), node.lineno, last_line)


if __name__ == "__main__":
    sys.exit(csource.run_check(check))
