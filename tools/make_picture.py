#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Draw the README's picture: what `pyrometer trace` prints for the example, as an SVG.

    tools/make_picture.py COMMAND [OUT]

COMMAND is an installed `pyrometer`. Colours are those of the report's escape codes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 104
CHAR_PX, LINE_PX, MARGIN_PX, FONT_PX = 7.8, 18, 18, 13
CODE = re.compile(r"\x1b\[([0-9;]*)m")
COLORS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
BACKGROUND, FOREGROUND, DIM = "#0d1117", "#e6edf3", "#8b949e"


def report(command: str) -> str:
    """Trace the example and return its report, in colour."""
    with tempfile.TemporaryDirectory() as folder:
        profile = os.path.join(folder, "search.pyro")
        quiet = subprocess.DEVNULL
        words = [command, "trace", "-q", "-o", profile, "examples/search.py"]
        subprocess.run(words, cwd=ROOT, check=True, stdout=quiet, stderr=quiet)
        done = subprocess.run(
            [command, "report", "--color", "always", profile],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "COLUMNS": str(COLUMNS)},
        )
    return "$ pyrometer trace examples/search.py\n" + done.stdout.rstrip("\n")


def style(codes: str, now: dict[str, str]) -> dict[str, str]:
    """Return the SVG attributes after an escape code."""
    new = dict(now)
    for code in codes.split(";"):
        if code in ("", "0"):
            new = {}
        elif code == "1":
            new["font-weight"] = "bold"
        elif code == "2":
            new["fill"] = DIM
        elif code in COLORS:
            new["fill"] = COLORS[code]
    return new


def draw_line(line: str, y: float) -> str:
    """Return one line of text; each piece is placed by its column, whatever the font."""
    pieces = []
    now: dict[str, str] = {}
    column = 0
    for i, part in enumerate(CODE.split(line)):
        if i % 2 == 1:
            now = style(part, now)
        elif part:
            attributes = "".join(f' {name}="{value}"' for name, value in now.items())
            x = MARGIN_PX + column * CHAR_PX
            width = len(part) * CHAR_PX
            pieces.append(
                f'<tspan x="{x:.1f}" textLength="{width:.1f}"{attributes}>{escape(part)}</tspan>'
            )
            column += len(part)
    return f'<text y="{y}" xml:space="preserve">{"".join(pieces)}</text>' if pieces else ""


def draw(text: str) -> str:
    """Return the picture of a terminal that shows `text`."""
    lines = text.split("\n")
    widest = max(len(CODE.sub("", line)) for line in lines)
    width = round(2 * MARGIN_PX + widest * CHAR_PX)
    height = round(2 * MARGIN_PX + len(lines) * LINE_PX)
    body = "\n".join(
        draw_line(line, MARGIN_PX + (i + 1) * LINE_PX - 4) for i, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-size="{FONT_PX}" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" '
        f'fill="{FOREGROUND}">\n'
        f'<rect width="{width}" height="{height}" rx="10" fill="{BACKGROUND}"/>\n{body}\n</svg>\n'
    )


def main() -> None:
    """Write the picture."""
    command = os.path.abspath(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "picture.svg"
    out.write_text(draw(report(command)), encoding="utf-8")


if __name__ == "__main__":
    main()
