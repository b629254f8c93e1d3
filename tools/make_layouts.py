#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Generate src/remote/layout_rows.h: where CPython's fields are, in each version and build.

tools/layout_probe.c is compiled against the headers of each version that this machine has, once per
build (release, traced references, free-threaded), and run. With --check nothing is written: the
figures of the headers that are here are compared with the file, and 1 is returned if they differ.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROBE = ROOT / "tools" / "layout_probe.c"
LAYOUT = ROOT / "src" / "remote" / "layout.h"
ROWS = ROOT / "src" / "remote" / "layout_rows.h"
MINORS = range(6, 16)
FIRST_WITH_TABLE = 13
FIRST_UNTRACED_DEBUG = 8
NONE = "NONE"
# Not offsets, and computed by layout.c.
COMPUTED = {"thread_size"}
# Up to 3.7.3 the collector's heads were aligned as a double is, which moved what follows them in
# the runtime. Nothing else moved between the releases of a version up to 3.12.
MINOR_REALIGNED = 7
LAST_BEFORE_ALIGNMENT = 0x030703F0

HEAD = """/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Written by tools/make_layouts.py, which has the figures from CPython's headers. A line per field
 * of struct pyr_layout, a column per version, for x86-64. A column holds for the releases up to its
 * own, and the last of a version for those after too. Only layout.c and layout_debug.c include
 * this. */
#pragma once

#include "remote/layout_table.h"

/* clang-format off */
#define NONE PYR_LAYOUT_NONE
"""


@dataclass
class Column:
    """The figures of one version in one build."""

    version: int
    figures: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)

    @property
    def minor(self) -> int:
        """The minor version: 12 for 3.12."""
        return self.version >> 16 & 0xFF


@dataclass
class Group:
    """Versions that stand beside each other in one table of the file."""

    name: str
    about: str
    columns: list[Column]


def layout_fields() -> list[str]:
    """Return the fields of struct pyr_layout that rows fill, in order."""
    text = LAYOUT.read_text(encoding="utf-8")
    body = text[text.index("struct pyr_layout {") : text.index("\n};")]
    names = re.findall(r"^ {4}uint32_t (\w+);", body, re.MULTILINE)
    return [name for name in names if name != "version" and name not in COMPUTED]


def include_folders(root: Path = ROOT) -> Iterable[Path]:
    """Yield the folders of headers that may be on this machine, the preferred first."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for prefix in (*sorted(pyenv.glob("3.*")), root / ".pythons" / "sid" / "usr", Path("/usr")):
        yield from sorted((prefix / "include").glob("python3.*"))


def find_headers() -> dict[int, Path]:
    """Return the folder of headers of each minor version that has the internal ones too."""
    found: dict[int, Path] = {}
    for folder in include_folders():
        match = re.fullmatch(r"python3\.(\d+)m?", folder.name)
        minor = int(match[1]) if match else 0
        complete = (folder / "internal").is_dir() or minor == MINORS.start
        if minor in MINORS and minor not in found and complete and (folder / "Python.h").exists():
            found[minor] = folder
    return found


def probe(folder: Path, defines: Iterable[str] = ()) -> Column:
    """Compile and run the probe against one folder of headers."""
    parent = folder.parent
    configured = [f"-I{it}" for it in parent.glob(f"*-linux-gnu/{folder.name}")]
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch) / "probe"
        subprocess.run(
            [
                *(os.environ.get("CC", "cc"), "-w", "-DPy_BUILD_CORE", *defines),
                *(f"-I{folder}", f"-I{folder / 'internal'}", *configured),
                *("-idirafter", str(parent), str(PROBE), "-o", str(program)),
            ],
            check=True,
        )
        output = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    column = Column(0)
    for line in output.splitlines():
        *kind, name, value = line.split()
        if name == "version":
            column.version = int(value)
        else:
            (column.told if kind else column.figures)[name] = int(value)
    return column


def probe_all(headers: dict[int, Path]) -> list[Group]:
    """Return the tables that these headers give."""
    before = {minor: folder for minor, folder in headers.items() if minor < FIRST_WITH_TABLE}
    since = {minor: folder for minor, folder in headers.items() if minor >= FIRST_WITH_TABLE}
    own = [probe(folder) for _, folder in sorted(since.items())]
    free = [probe(folder, ["-DPy_GIL_DISABLED=1"]) for _, folder in sorted(since.items())]
    for minor, folder in headers.items():
        check_debug_build(folder, minor)
    return [
        Group("rows", "Release and debug builds.", probe_each(before)),
        Group(
            "traced_rows",
            "Builds that trace references: debug builds up to 3.7, --with-trace-refs after.",
            probe_each(before, ["-DPy_TRACE_REFS"]),
        ),
        Group(
            "later_rows", "What the interpreter's own table leaves out, and a measure of it.", own
        ),
        Group("free_rows", "The same of free-threaded builds.", free),
        Group(
            "told_rows",
            "Where the interpreter's own table has the figure: positions in it, in bytes.",
            [Column(it.version, it.told) for it in own],
        ),
    ]


def probe_each(headers: dict[int, Path], defines: Iterable[str] = ()) -> list[Column]:
    """Probe each version, oldest first."""
    columns = [probe(folder, defines) for _, folder in sorted(headers.items())]
    if MINOR_REALIGNED in headers:
        columns.append(probe_before_alignment(headers[MINOR_REALIGNED], defines))
    return sorted(columns, key=lambda it: it.version)


def probe_before_alignment(folder: Path, defines: Iterable[str]) -> Column:
    """Probe 3.7 as it was up to 3.7.3, from the headers of a later one."""
    with tempfile.TemporaryDirectory() as scratch:
        older = Path(scratch) / folder.name
        shutil.copytree(folder, older)
        header = older / "objimpl.h"
        text = header.read_text(encoding="utf-8")
        header.write_text(text.replace("long double dummy", "double dummy"), encoding="utf-8")
        column = probe(older, defines)
    column.version = LAST_BEFORE_ALIGNMENT
    return column


def check_debug_build(folder: Path, minor: int) -> None:
    """Make sure that a debug build has the figures of its release (from 3.8), or is traced."""
    release = ["-DPy_TRACE_REFS"] if minor < FIRST_UNTRACED_DEBUG else []
    figures = probe(folder, release).figures
    debug = probe(folder, ["-DPy_DEBUG", *release]).figures
    if figures != debug:
        moved = sorted(name for name in figures if figures[name] != debug.get(name))
        raise SystemExit(f"make_layouts: a debug build of 3.{minor} moves {', '.join(moved)}")


def write_group(group: Group, names: list[str]) -> str:
    """Return one table as C."""
    extra = ["within_gc", "within_gil", "table_size"] if group.name == "told_rows" else []
    width = max(len(name) for name in names) + 1
    lines = [f"/* {group.about} */"]
    versions = ", ".join(f"0x{it.version:08x}" for it in group.columns)
    lines.append(f"static const uint32_t {group.name}_versions[] = {{{versions}}};")
    lines.append(f"static const struct layout_field {group.name}[] = {{")
    for name in names:
        values = [it.figures.get(name) for it in group.columns]
        if any(value is not None for value in values):
            shown = ", ".join(f"{NONE if it is None else it:>6}" for it in values)
            lines.append(f"    FIELD({name + ',':<{width}} {shown}),")
    lines.append("};")
    for name in extra:
        shown = ", ".join(str(it.figures[name]) for it in group.columns)
        lines.append(f"static const uint32_t {group.name}_{name}[] = {{{shown}}};")
    return "\n".join(lines)


def write_rows(groups: list[Group]) -> str:
    """Return the whole file."""
    names = layout_fields()
    probed = {name for group in groups for it in group.columns for name in it.figures}
    strange = probed - set(names) - {"within_gc", "within_gil", "table_size"}
    if strange:
        raise SystemExit(f"make_layouts: struct pyr_layout has no {', '.join(sorted(strange))}")
    missing = set(names) - probed
    if missing - {"frame_tlbc_index"}:
        raise SystemExit(f"make_layouts: no version has {', '.join(sorted(missing))}")
    tables = "\n\n".join(write_group(group, names) for group in groups)
    return f"{HEAD}\n{tables}\n#undef NONE\n/* clang-format on */\n"


def main() -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description="Generate src/remote/layout_rows.h.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    headers = find_headers()
    missing = [f"3.{minor}" for minor in MINORS if minor not in headers]
    if missing:
        print(f"make_layouts: no headers here of {' '.join(missing)}", file=sys.stderr)
        return 0 if options.check else 1
    text = write_rows(probe_all(headers))
    if not options.check:
        ROWS.write_text(text, encoding="utf-8")
        return 0
    if text != ROWS.read_text(encoding="utf-8"):
        print("make_layouts: src/remote/layout_rows.h is not what the headers say", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
