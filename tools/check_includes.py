#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Check that each folder of src/ includes only what its layer may, and in the house's way.

- base <- model <- formats, reports, remote <- server, tui <- cli
- model, formats, reports, remote <- probe (and Python's headers)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import csource

CORE = {"base", "model"}
COLLECTED = CORE | {"formats", "reports", "remote"}
# Folder -> the folders it may include. None of formats, reports and remote knows another.
ALLOWED: dict[str, set[str]] = {
    "base": {"base"},
    "model": CORE,
    "formats": CORE | {"formats"},
    "reports": CORE | {"reports"},
    "remote": CORE | {"remote"},
    "probe": COLLECTED | {"probe"},
    "server": COLLECTED | {"server"},
    "tui": COLLECTED | {"tui"},
    "cli": COLLECTED | {"server", "tui", "cli"},
}
# Headers that come from outside src/ in quotes, and the folders that may have them.
THIRD_PARTY = {"zstd.h": {"formats"}, "zstd_errors.h": {"formats"}}
# One folder speaks Python's C API, so that one core serves the wheel and the binary.
PYTHON_HEADER = re.compile(
    r"(Python|frameobject|opcode|structmember|patchlevel|pyconfig|py\w+)\.h|(cpython|internal)/.*"
)
PYTHON_FOLDER = "probe"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def check(root: Path) -> Iterator[str]:
    """Yield one complaint per include that crosses a layer."""
    source = root / "src"
    for path in csource.files(source, ".c", ".h"):
        inside = path.relative_to(source)
        if len(inside.parts) < 2 or inside.parts[0] not in ALLOWED:
            yield f"{path.relative_to(root)}:1: this folder has no layer in tools/check_includes.py"
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".h" and "#pragma once" not in text:
            yield f"{path.relative_to(root)}:1: a header says #pragma once"
        quoted = []
        for match in INCLUDE.finditer(text):
            where = f"{path.relative_to(root)}:{csource.line_of(text, match.start())}"
            if match.group(1) == '"':
                quoted.append(match.group(2))
            yield from _judge(where, inside.parts[0], match.group(1), match.group(2), source)
        own = inside.with_suffix(".h").as_posix()
        if path.suffix == ".c" and (source / own).exists() and quoted[:1] != [own]:
            yield f'{path.relative_to(root)}:1: a .c includes its own header first: "{own}"'


def _judge(where: str, folder: str, quote: str, header: str, source: Path) -> Iterator[str]:
    """Yield what is wrong with one include of a file in src/`folder`."""
    if quote == "<":
        if PYTHON_HEADER.fullmatch(header) and folder != PYTHON_FOLDER:
            yield f"{where}: only src/{PYTHON_FOLDER} includes <{header}>"
        elif (source / header).exists():
            yield f'{where}: write "{header}", as it is ours'
        return
    if header in THIRD_PARTY:
        if folder not in THIRD_PARTY[header]:
            allowed = ", ".join(sorted(THIRD_PARTY[header]))
            yield f"{where}: {header} belongs to {allowed}, not to {folder}"
        return
    if PYTHON_HEADER.fullmatch(header) and not (source / header).exists():
        yield f"{where}: write <{header}>, and only in src/{PYTHON_FOLDER}"
        return
    target = header.split("/")[0]
    if "/" not in header or target not in ALLOWED:
        yield f'{where}: write includes from src/: "folder/file.h", not "{header}"'
    elif target not in ALLOWED[folder]:
        allowed = ", ".join(sorted(ALLOWED[folder]))
        yield f"{where}: {folder} may not include {header}, only from: {allowed}"


if __name__ == "__main__":
    sys.exit(csource.run_check(check))
