# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Local variables are shown in the words of repr(), and bounded where those have no end."""

from __future__ import annotations

import re
from typing import Any, Callable

import pytest
from remote_targets import Python, Target, eventually

FEWEST_VALUES = 8
SHORT_TOTAL = 260  # bytes of a value with --locals, and the mark that it was cut
LONG_TOTAL = 16400  # and with it twice
# Of which 3.6 has another repr() than all later versions.
SHOWN_AS_LATER = {"span", "nothing", "zone", "error", "error2"}

Start = Callable[..., Target]


def frame_of(target: Target, function: str, *options: str) -> dict[str, Any] | None:
    """Dump; return the frame of a function once the main thread stands still."""
    thread = target.dump(*options)["threads"][0]
    assert not thread["torn"]
    names = [it["name"].rpartition(".")[2] for it in thread["frames"]]
    if thread["state"] != "idle" or function not in names or names[0] != "stand_still":
        return None
    frame = thread["frames"][names.index(function)]
    assert isinstance(frame, dict)
    return frame


def locals_of(target: Target, function: str, *options: str) -> dict[str, str]:
    """Return the local variables of a function, which the program has come to."""
    frame = eventually(lambda: frame_of(target, function, *options), "the program stands still")
    return {it["name"]: it["value"] for it in frame["locals"]}


@pytest.mark.parametrize("kind", ["numbers", "texts", "containers", "things"])
@pytest.mark.parametrize("how", ["--nonblocking", "--blocking"])
def test_values_are_shown_as_repr_has_them(
    start: Start, python: Python, kind: str, how: str
) -> None:
    with start("variables.py", kind) as target:
        expected = target.hear()["expected"]
        found = locals_of(target, kind, "-ll", how)
    if python.minor == 6:
        expected = {k: v for k, v in expected.items() if k not in SHOWN_AS_LATER}
    assert len(expected) >= FEWEST_VALUES
    for name in set(expected) & {"_", "k", "v"}:
        del expected[name]
    assert {name: found.get(name) for name in expected} == expected


def test_what_has_no_short_repr_is_told_of(start: Start) -> None:
    with start("variables.py", "bounded") as target:
        target.hear()
        found = locals_of(target, "bounded", "--locals")
    plain = re.sub("0x[0-9a-f]+", "ADDRESS", "\n".join(f"{k}: {v}" for k, v in found.items()))
    lines = dict(line.split(": ", 1) for line in plain.splitlines())
    assert lines["plain"] == "<Plain at ADDRESS items=[1, 2], owner='Ann'>"
    assert lines["slots"] == "<Slots at ADDRESS a=1, b='x'>"
    assert lines["late"] == "<Basket at ADDRESS one=1, two='2'>"
    assert lines["my_list"] == "MyList([1])"
    assert lines["my_int"] == "MyInt(5)"
    assert lines["my_dict"] == "MyDict({'a': 1})"
    assert lines["counter"] == "Counter({'a': 2, 'b': 1})"
    assert lines["ordered"] == "OrderedDict({'z': 1})"
    assert lines["long_text"] == "'" + "x" * 100 + "'…"
    assert lines["long_bytes"] == "b'" + "y" * 100 + "'…"
    assert lines["long_list"] == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 990 more]"
    assert lines["deep"] == "[[[… 1 more]]]"
    assert re.fullmatch("<int of about 1000[0-9]{2} bits>", lines["huge"])
    assert lines["module"] == "<module 'sys'>"
    assert lines["method"].startswith("<bound method ") and "__init__ of <Plain" in lines["method"]
    assert lines["many"].startswith("{0: '0', 1: '1'") and lines["many"].endswith("… 990 more}")
    assert lines["nothing"] == "<float_like at ADDRESS>"
    assert lines["liar"] == "<float at ADDRESS>"
    assert all(len(it.encode()) <= SHORT_TOTAL for it in found.values())


def test_twice_shows_more(start: Start) -> None:
    with start("variables.py", "bounded") as target:
        target.hear()
        found = locals_of(target, "bounded", "-l", "-l")
    assert found["long_text"] == "'" + "x" * 2048 + "'…"
    assert found["long_list"].endswith(", 98, 99, … 900 more]")
    assert found["deep"] == "[[[[[[[… 1 more]]]]]]]"
    assert all(len(it.encode()) <= LONG_TOTAL for it in found.values())


def test_arguments_come_first_and_cells_are_looked_through(start: Start) -> None:
    with start("variables.py", "arguments") as target:
        target.hear()
        frame = eventually(
            lambda: frame_of(target, "arguments", "--locals"), "the program stands still"
        )
    told = [(it["name"], it["value"]) for it in frame["locals"] if it["argument"]]
    assert sorted(told) == [
        ("first", "'f'"),
        ("only", "'p'"),
        ("others", "{'z': 26}"),
        ("rest", "('r1', 'r2')"),
        ("second", "22"),
    ]
    others = {it["name"]: it["value"] for it in frame["locals"] if not it["argument"]}
    assert others["captured"] == "'in a cell'"
    assert "inner" in others["inner"]
    assert "unset" not in others
    flags = [it["argument"] for it in frame["locals"]]
    assert flags == sorted(flags, reverse=True)


def test_there_are_none_unless_asked_for(start: Start) -> None:
    with start("variables.py", "numbers") as target:
        target.hear()
        assert all("locals" not in it for it in target.dump()["threads"][0]["frames"])
