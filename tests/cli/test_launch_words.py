# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the command hands to the interpreter: seen through one that only prints its words."""

from __future__ import annotations

from shell import Shell

# Asked whether it is an interpreter, it says so, to be left in peace.
ECHO = """#!/bin/sh
[ "$2" = "raise SystemExit(57)" ] && exit 57
shift 2
for word in "$@"; do printf "%s\\n" "$word"; done
exit 5
"""


def words(pyrometer: Shell, *options: str) -> list[str]:
    pyrometer.write("echo", ECHO, 0o755)
    pyrometer.write("app.py", "")
    result = pyrometer("trace", "--python", "./echo", *options)
    assert result.status == 5
    assert result.err == ""
    return result.out.splitlines()


def test_defaults(pyrometer: Shell) -> None:
    assert words(pyrometer, "app.py", "-x") == [
        "output=app.pyro",
        "builtins=1",
        "threads=all",
        "--",
        "app.py",
        "-x",
    ]


def test_every_option(pyrometer: Shell) -> None:
    assert words(
        pyrometer, "--no-builtins", "--include=a", "--exclude", "b*", "--include", "c.d",
        "--threads=main", "--node-limit", "1000", "-o", "out.speedscope.json", "-mshop", "x",
    ) == [
        "output=out.speedscope.json.pyro",
        "builtins=0",
        "threads=main",
        "node_limit=1000",
        "include=a",
        "exclude=b*",
        "include=c.d",
        "--",
        "-m",
        "shop",
        "x",
    ]  # fmt: skip


def test_what_to_tell_apart_and_by_which_clock(pyrometer: Shell) -> None:
    assert words(
        pyrometer, "--clock=both", "--no-tasks", "--no-greenlets", "--tag", "shop.web:user",
        "--context-limit", "50", "--timeline", "app.py",
    ) == [
        "output=app.pyro",
        "builtins=1",
        "threads=all",
        "clock=both",
        "tasks=0",
        "greenlets=0",
        "tag=shop.web:user",
        "context_limit=50",
        "timeline=1000000",
        "--",
        "app.py",
    ]  # fmt: skip
    assert "timeline=5000" in words(pyrometer, "--timeline=5000", "app.py")


def test_nothing_recorded_leaves_nothing_behind(pyrometer: Shell) -> None:
    pyrometer.write("app.pyro", "precious")
    words(pyrometer, "app.py")
    assert (pyrometer.folder / "app.pyro").read_text() == "precious"
    assert not (pyrometer.folder / "app.pyro.old").exists()
