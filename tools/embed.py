#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Make a C file of text files: tools/embed.py OUT.c HEADER NAME=FILE...

Each FILE becomes the NUL-terminated `const char NAME[]` that HEADER declares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

BYTES_PER_LINE = 20


def lines(header: str, named: list[str]) -> Iterator[str]:
    """Yield the lines of the C file."""
    yield f'#include "{header}"'
    for pair in named:
        name, _, path = pair.partition("=")
        data = Path(path).read_bytes() + b"\0"
        yield f"const char {name}[] = {{"
        for start in range(0, len(data), BYTES_PER_LINE):
            part = data[start : start + BYTES_PER_LINE]
            yield "".join(f"{byte - 256 if byte > 127 else byte}," for byte in part)
        yield "};"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join(lines(sys.argv[2], sys.argv[3:])) + "\n")
