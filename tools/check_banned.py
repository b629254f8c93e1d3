#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Check for calls, words and names that have no place in the tree, and for the licence heads.

Every rule here stands for a mistake that is easy to make and hard to see in a review.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import csource

AUTHORS = "SPDX-FileCopyrightText: 2026 The Pyrometer authors"
LICENCE = "SPDX-License-Identifier: Apache-2.0"
C_HEAD = f"/* {AUTHORS}\n * {LICENCE} */\n"
HASH_HEAD = f"# {AUTHORS}\n# {LICENCE}\n"
HASH_NAMES = ("Makefile", "meson.build", "meson.options", "run", "pyproject.toml")
HASH_SUFFIXES = (".py", ".pyi", ".sh", ".toml", ".yml", ".yaml")


class Rule(NamedTuple):
    """A pattern that may not occur in the code of the C files under one of `folders`."""

    pattern: re.Pattern[str]
    folders: tuple[str, ...]
    but_in: tuple[str, ...]
    reason: str


def _call(names: str) -> re.Pattern[str]:
    # A member of that name, as in table->free(row), is not the library's function.
    return re.compile(rf"(?<![\w.>])(?:{names})\s*\(")


C_RULES = (
    Rule(
        _call("sprintf|vsprintf|strcpy|strcat|strtok|gets"),
        ("src", "tests"),
        (),
        "writes without a bound, or keeps hidden state",
    ),
    Rule(
        _call(
            "malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf"
            "|posix_memalign|aligned_alloc"
        ),
        ("src",),
        ("src/base/mem.c",),
        "goes past base/mem.h, where a test can make it fail",
    ),
    Rule(
        _call("exit|_exit|_Exit|quick_exit|abort|printf|vprintf|puts|putchar|perror"),
        ("src/base", "src/model", "src/formats", "src/reports", "src/remote", "src/probe"),
        (),
        "ends or writes in a program that is not ours: return a struct pyr_err",
    ),
    Rule(
        re.compile(r"(?<![\w.>])fprintf\s*\(\s*(?:stderr|stdout)\b"),
        ("src/base", "src/model", "src/formats", "src/reports", "src/remote", "src/probe"),
        (),
        "writes in a program that is not ours: return a struct pyr_err",
    ),
    Rule(
        re.compile(r"\b(?:_Atomic|atomic_\w+|__atomic_\w+|__sync_\w+|stdatomic\.h)\b"),
        ("src",),
        ("src/base/atomic.h", "src/base/ring.h"),
        "is an atomic outside base/atomic.h",
    ),
    Rule(
        re.compile(r"^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*\b(?:return|goto)\b", re.MULTILINE),
        ("src", "tests"),
        (),
        "is a macro that hides a jump",
    ),
)
VERSION_BRANCH = re.compile(r"^[ \t]*#[ \t]*(?:el)?if[^\n]*\bPY_VERSION_HEX\b", re.MULTILINE)
# Written with brackets, so that this file does not contain what it looks for.
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b")
HOSTS = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|deb\.debian\.org|snapshot\.debian\.org|archive\.ubuntu\.com"
    r"|registry\.npmjs\.org|crates\.io|proxy\.golang\.org|repo1?\.maven\.)"
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}/-])/(?:wor[k]|roo[t])/")


def check(root: Path) -> Iterator[str]:
    """Yield one complaint per banned thing."""
    for path in csource.files(root):
        name = path.relative_to(root).as_posix()
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if not _has_head(path, text):
            yield f"{name}:1: does not start with the two SPDX lines"
        yield from _words(name, text)
        if path.suffix in (".c", ".h"):
            yield from _c_rules(name, text)


def _has_head(path: Path, text: str) -> bool:
    if path.suffix in (".c", ".h"):
        return text.startswith(C_HEAD)
    if path.name in HASH_NAMES or path.suffix in HASH_SUFFIXES:
        if text.startswith("#!"):
            text = text[text.find("\n") + 1 :]
        return text.startswith(HASH_HEAD) or text == ""
    return True


def _words(name: str, text: str) -> Iterator[str]:
    for pattern, reason in (
        (UNFINISHED, "marks unfinished work: finish it, or say it in an issue"),
        (HOSTS, "names a registry's host: leave that to its client's settings"),
        (MACHINE_PATHS, "is a path of somebody's machine"),
    ):
        for match in pattern.finditer(text):
            yield f"{name}:{csource.line_of(text, match.start())}: {match.group()!r} {reason}"


def _c_rules(name: str, text: str) -> Iterator[str]:
    code = csource.code_only(text)
    for rule in C_RULES:
        if name in rule.but_in or not name.startswith(tuple(f"{it}/" for it in rule.folders)):
            continue
        for match in rule.pattern.finditer(code):
            shown = " ".join(match.group().split())
            yield f"{name}:{csource.line_of(code, match.start())}: {shown!r} {rule.reason}"
    bodies = list(csource.functions(text))
    for match in VERSION_BRANCH.finditer(code):
        line = csource.line_of(code, match.start())
        if any(it.first_line <= line <= it.last_line for it in bodies):
            yield f"{name}:{line}: what differs by Python version belongs in a compat file"


if __name__ == "__main__":
    sys.exit(csource.run_check(check))
