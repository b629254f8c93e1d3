#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Check that every source file is named where the build looks for it.

A C file that no meson.build names is not compiled, a test that is not registered is not run, and a
Python file that is not listed is missing from the wheel: none of these fails on its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import csource


def check(root: Path) -> Iterator[str]:
    """Yield one complaint per file that the build does not know."""
    for folder in sorted(it for it in (root / "src").glob("*") if it.is_dir()):
        yield from _unlisted(root, folder, csource.files(folder, ".c"), "'{path}'")
    for name, pattern in (("unit", "test_*.c"), ("fuzz", "fuzz_*.c")):
        folder = root / "tests" / name
        yield from _unlisted(root, folder, folder.glob(pattern), "'{stem}'")
    package = root / "python" / "pyrometer"
    yield from _unlisted(root, package, csource.files(package, ".py", ".pyi", ".typed"), "'{path}'")


def _unlisted(root: Path, folder: Path, paths: Iterator[Path], form: str) -> Iterator[str]:
    """Yield a complaint for each of `paths` that the folder's meson.build does not name."""
    build = folder / "meson.build"
    listed = ""
    if build.exists():
        listed = re.sub(r"#.*", "", build.read_text(encoding="utf-8"))
    for path in sorted(paths):
        name = form.format(path=path.relative_to(folder).as_posix(), stem=path.stem)
        if name not in listed:
            yield f"{path.relative_to(root)}:1: {build.relative_to(root)} does not list {name}"


if __name__ == "__main__":
    sys.exit(csource.run_check(check))
