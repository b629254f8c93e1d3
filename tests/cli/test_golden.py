# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the command prints, word for word.

The samples in data/ were written by tests/unit/make_samples.c; their figures are told in
tests/unit/report_fixture.h. `make golden` rewrites the transcripts after a wanted change: read
the difference before you commit it.
"""

from __future__ import annotations

import shlex

import pytest
from shell import GOLDEN, Shell

SESSIONS: dict[str, list[str]] = {
    "help": [
        "--help",
        "help report",
        "trace --help",
        "record --help",
        "diff -h",
        "completion --help",
        "help help",
    ],
    "summary": ["report shop.pyro"],
    "recorded": [
        "report recorded.pyro",
        "report --report lines recorded.pyro",
        "report --tree --report lines --sort line --limit 1 recorded.pyro",
        "report --report lines shop.pyro",
    ],
    "narrow": ["report shop.pyro"],
    "ascii": ["report shop.pyro"],
    "colour": ["report --color always shop.pyro"],
    "flat": [
        "report --flat shop.pyro",
        "report --flat --sort calls --limit 3 shop.pyro",
        "report --flat --sort name --reverse shop.pyro",
        "report --flat --module shop shop.pyro",
        "report --flat --match 'price|len' shop.pyro",
        "report --flat --thread Worker shop.pyro",
    ],
    "tree": [
        "report --tree shop.pyro",
        "report --tree --min-share 30 shop.pyro",
        "report --tree --match builtins.len shop.pyro",
    ],
    "arcs": [
        "report --callers=walk shop.pyro",
        "report --callees=main shop.pyro",
        "report --callers --limit 1 shop.pyro",
    ],
    "threads": ["report --by-thread shop.pyro", "report --report threads --limit 1 shop.pyro"],
    "concurrent": [
        "report concurrent.pyro",
        "report --report threads --limit 1 concurrent.pyro",
        "report --report tasks concurrent.pyro",
        "report --report tasks --sort elapsed --thread Task-1 concurrent.pyro",
        "report --report coroutines concurrent.pyro",
        "report --report greenlets concurrent.pyro",
        "report --report tags concurrent.pyro",
        "report --callers=loop concurrent.pyro",
        "report --report tasks shop.pyro",
    ],
    "by": [
        "report --by thread --limit 2 concurrent.pyro",
        "report --flat --by task concurrent.pyro",
        "report --tree --by coroutine concurrent.pyro",
        "report --flat --by tag --task fetch concurrent.pyro",
        "report --flat --tag alice concurrent.pyro",
        "report --flat --by greenlet shop.pyro",
        "diff --by thread shop.pyro concurrent.pyro",
    ],
    "compensate": ["report --flat --compensate shop.pyro"],
    "diff": [
        "diff shop.pyro shop-after.pyro",
        "diff --sort name --limit 2 shop-after.pyro shop.pyro",
        "diff shop.pyro shop.pyro",
    ],
    "formats": [
        "report --format collapsed shop.pyro",
        "report shop.collapsed --flat",
        "report shop.pstats --flat",
    ],
    "evil": ["report evil.pyro", "report --by-thread evil.pyro"],
}
ENVIRONMENTS = {"narrow": {"COLUMNS": "60"}, "ascii": {"LC_ALL": "C"}}


def transcript(pyrometer: Shell, name: str) -> str:
    """Run a session; return it as a terminal would have shown it."""
    lines = []
    for line in SESSIONS[name]:
        result = pyrometer(*shlex.split(line), env=ENVIRONMENTS.get(name))
        lines += [f"$ pyrometer {line}\n", result.out, result.err]
        if result.status:
            lines.append(f"[exit status {result.status}]\n")
    return "".join(lines)


@pytest.mark.parametrize("name", SESSIONS)
def test_the_command_prints_what_it_always_has(
    pyrometer: Shell, name: str, request: pytest.FixtureRequest
) -> None:
    path = GOLDEN / f"{name}.txt"
    said = transcript(pyrometer, name)
    if request.config.getoption("--golden"):
        path.write_text(said)
    assert said == path.read_text(), "if the change is wanted: make golden"


def test_no_transcript_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(SESSIONS)
