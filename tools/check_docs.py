#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Check that the documentation does not point at what is not there.

Links between pages (and to their headings), the files of this repository that a page names, and the
`make` targets it tells the reader to type.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import csource

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
# A path in code marks, as `src/model/stacks.c`; with a wildcard or a placeholder it names no file.
NAMED = re.compile(r"`((?:src|python|tests|tools|bench|docs|examples|third_party)/[\w./-]+)`")
TARGET = re.compile(r"(?:^|[`\n] *)make ([a-z]+)\b")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def check(root: Path) -> Iterator[str]:
    """Yield one complaint per dead link, file or target."""
    makefile = root / "Makefile"
    targets = set()
    if makefile.exists():
        targets = set(re.findall(r"^([a-z]+):", makefile.read_text(encoding="utf-8"), re.MULTILINE))
    for page in csource.files(root, ".md"):
        text = page.read_text(encoding="utf-8")
        prose = FENCED.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
        for match in LINK.finditer(prose):
            link = match.group(1) or match.group(2)
            if not re.match(r"[a-z]+:", link) and not _leads_somewhere(page, link):
                yield f"{_where(root, page, prose, match)}: the link {link} leads nowhere"
        for match in NAMED.finditer(prose):
            if not (root / match.group(1)).exists():
                yield f"{_where(root, page, prose, match)}: there is no {match.group(1)}"
        for match in TARGET.finditer(text):
            if match.group(1) not in targets:
                yield f"{_where(root, page, text, match)}: there is no target {match.group(1)}"


def _where(root: Path, page: Path, text: str, match: re.Match[str]) -> str:
    return f"{page.relative_to(root)}:{csource.line_of(text, match.start(match.lastindex or 0))}"


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    if not anchor or target.suffix != ".md":
        return True
    headings = HEADING.findall(target.read_text(encoding="utf-8"))
    return anchor in {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    """Return the name that a heading's link has: lower case, hyphens, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


if __name__ == "__main__":
    sys.exit(csource.run_check(check))
