# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What a dump says of a stack is what the program says of itself: names, files, lines, columns."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from remote_targets import Python, Target, eventually

MAX_NAME = 1024
DEFAULT_DEPTH = 20000
FEWEST_PLACES = 35  # in lines.py, where the program stands still

Start = Callable[..., Target]


def main_stack(target: Target) -> list[dict[str, Any]] | None:
    """Return the frames of the main thread, without the helper's, once it stands still."""
    thread = target.dump()["threads"][0]
    frames = thread["frames"]
    assert not thread["torn"]
    if thread["state"] != "idle" or not frames or frames[0]["name"] != "spot":
        return None
    return list(frames[1:])


def compared(frames: list[dict[str, Any]], with_columns: bool) -> list[tuple[Any, ...]]:
    keys = ["name", "file", "line"]
    keys += ["end_line", "column", "end_column"] if with_columns else []
    return [tuple(frame[key] for key in keys) for frame in frames]


def test_every_place_is_where_the_program_says(start: Start, python: Python) -> None:
    places = 0
    with start("lines.py") as target:
        while "ended" not in (said := target.hear()):
            found = eventually(lambda: main_stack(target), "the program stands still")
            columns = python.minor >= 11
            assert compared(found, columns) == compared(said["stack"], columns)
            places += 1
            target.go_on()
    assert places >= FEWEST_PLACES


def test_names_are_whole_however_they_are_stored(start: Start) -> None:
    with start("unicode_names.py") as target:
        said = target.hear()["stack"]
        found = eventually(lambda: main_stack(target), "the program stands still")
    assert len(found) == len(said)
    cut = 0
    for frame, truth in zip(found, said):
        name = truth["name"]
        if len(name) > MAX_NAME:
            name = name[:MAX_NAME] + "\u2026"
            cut += 1
        assert frame["name"] == name
        assert frame["file"] == truth["file"]
    assert cut == 3
    kinds = {max(ord(c) for c in it["name"] + it["file"]).bit_length() for it in said}
    assert min(kinds) <= 7 and max(kinds) > 16


@pytest.mark.parametrize("depth", [12000, 30000])
def test_deep_stacks_are_whole_up_to_the_stated_depth(start: Start, depth: int) -> None:
    with start("deep.py", str(depth)) as target:
        target.hear()

        def look() -> dict[str, Any] | None:
            thread = target.threads().get("deep")
            still = thread and thread["frames"] and thread["frames"][0]["name"] == "stand_still"
            return thread if still else None

        thread = eventually(look, "the recursion stands still")
    frames = thread["frames"]
    assert not thread["torn"]
    assert thread["truncated"] == (depth > DEFAULT_DEPTH)
    deepest = min(depth + 1, DEFAULT_DEPTH - 1)
    names = [it["name"] for it in frames]
    assert names[1 : deepest + 1] == ["down"] * deepest
    lines = {it["line"] for it in frames[2:deepest]}
    assert len(lines) == 1
    if depth <= DEFAULT_DEPTH:
        assert names[depth + 2].endswith("run")
