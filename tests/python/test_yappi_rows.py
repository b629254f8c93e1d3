# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The rows, tables and files of our Yappi beside those of the real one."""

from __future__ import annotations

import io
import os
import pickle
import pstats
import re
import shutil
import subprocess
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yappi_programs
from hypothesis import given
from hypothesis import strategies as st
from yappi_programs import (
    BOTH,
    afresh,
    collect,
    context_rows,
    fib,
    function_rows,
    printed,
    program,
    theirs,
)

import pyrometer
from pyrometer.compat import yappi as ours

__all__ = ["afresh"]


FUNC_COLUMNS = ["name", "ncall", "tsub", "ttot", "tavg"]


@pytest.mark.parametrize("sort_order", ["asc", "ascending", "desc", "descending", "DESC"])
@pytest.mark.parametrize("sort_type", theirs.SORT_TYPES_FUNCSTATS)
def test_function_tables_are_equal(sort_type: str, sort_order: str) -> None:
    texts = [
        printed(function_rows(module).sort(sort_type, sort_order)) for module in (theirs, ours)
    ]
    assert texts[0] == texts[1]
    assert texts[1].startswith(f"\nClock type: WALL\nOrdered by: {sort_type}, ")


def test_children_tables_are_equal() -> None:
    for sort_type in theirs.SORT_TYPES_CHILDFUNCSTATS:
        texts = [
            "".join(printed(it.children.sort(sort_type)) for it in function_rows(module))
            for module in (theirs, ours)
        ]
        assert texts[0] == texts[1] != ""


@pytest.mark.parametrize("kind", ["Thread", "Greenlet"])
def test_context_tables_are_equal(kind: str) -> None:
    for sort_type in getattr(theirs, f"Y{kind}Stats")._SORT_TYPES:
        if kind == "Thread" or sort_type != "tid":
            texts = [printed(context_rows(it, kind).sort(sort_type)) for it in (theirs, ours)]
            assert texts[0] == texts[1] != ""


@given(
    st.dictionaries(
        st.integers(), st.tuples(st.sampled_from(FUNC_COLUMNS), st.integers(5, 50)), min_size=1
    ),
    st.none() | st.integers(0, 8),
)
def test_tables_of_any_columns_are_equal(columns: Any, limit: int | None) -> None:
    texts = [printed(function_rows(it).sort("name"), columns, limit) for it in (theirs, ours)]
    assert texts[0] == texts[1]


@given(st.text(), st.integers(2, 40))
def test_texts_are_cut_the_same(text: str, length: int) -> None:
    for name in ("ltrim", "rtrim"):
        their, our = (getattr(it.StatString(text), name)(length) for it in (theirs, ours))
        assert our == their and len(our) == length


def test_what_is_printed_goes_to_todays_standard_output() -> None:
    with redirect_stdout(io.StringIO()) as out:
        function_rows(ours).print_all()
    assert "tavg" in out.getvalue()


@BOTH
def test_columns_that_are_not_there_are_refused(module: Any) -> None:
    for columns in ({0: ("nonsense", 9)}, {0: ("name", 3)}):
        for stats in (function_rows(module), context_rows(module, "Thread")):
            with pytest.raises(module.YappiError):
                printed(stats, columns)
    assert printed(module.YFuncStats(), {0: ("nonsense", 9)}) == ""


@BOTH
def test_the_ways_to_reach_a_row(module: Any) -> None:
    stats = function_rows(module)
    row = stats[3]
    assert row.index == 3 and row[0] == row.name == "d3"
    assert stats[row.full_name] is row and stats[row] is row
    assert stats[99] is None and stats["nothing"] is None
    assert row in stats and stats.count(row) == 1 and len(stats) == 6
    assert len(stats[0:2]) == 2
    last = stats.pop()
    assert len(stats) == 5 and last not in stats and stats[last.index] is None
    child = row.children[1]
    assert row.children[module.YFuncStat([*[0] * 8, 1, *[0] * 7])] is child
    threads = context_rows(module, "Thread")
    assert threads[0].id == 0 and threads[9] is None
    stats.clear()
    assert stats.empty() and not list(stats)


@BOTH
def test_rows_add_up(module: Any) -> None:
    stats, more = function_rows(module), function_rows(module)
    for row in more:
        stats.append(row)
    assert len(stats) == 6
    row = stats[5]
    assert (row.ncall, row[3]) == (2 * more[5].ncall, 2 * more[5].ncall)
    assert row.ttot == pytest.approx(2 * more[5].ttot)
    assert row.tavg == pytest.approx(row.ttot / row.ncall)
    assert row.children[2].ncall == 4 and len(row.children) == 5
    row.ttot = 1.5
    assert row[6] == 1.5


@BOTH
def test_folders_can_be_stripped(module: Any) -> None:
    stats = function_rows(module).strip_dirs()
    assert stats[2].module == "module_2.py" and stats[2].full_name == "module_2.py:2 C2"
    assert stats[1].full_name == "time.b1"


def test_a_stripped_row_is_found_by_its_new_name() -> None:
    stats = function_rows(ours).strip_dirs()
    assert stats["module_2.py:2 C2"] is stats[2] and stats[2] in stats


# Files


def figures(stats: Any) -> dict[str, Any]:
    """Return every column of every row but the index, which a file has its own of."""

    def columns(row: Any, *drop: str) -> dict[str, Any]:
        return {key: getattr(row, key) for key in row._KEYS if key not in ("index", *drop)}

    return {
        row.full_name: (
            columns(row, "children"),
            sorted((columns(child) for child in row.children), key=lambda it: it["full_name"]),
        )
        for row in stats
    }


@BOTH
def test_saved_statistics_can_be_read_by_ours(module: Any, here: Path) -> None:
    stats = collect(module, program, builtins=True)
    stats.save("saved")
    loaded = ours.YFuncStats("saved")
    assert figures(loaded) == figures(stats)
    assert printed(loaded.sort("name")) == printed(stats.sort("name"))
    fib_row = next(row for row in loaded if row.name == "fib")
    assert fib_row.children[fib_row].ncall == 108
    assert not ours.func_matches(fib_row, [fib])
    twice = ours.YFuncStats(["saved", "saved"])
    assert twice[fib_row.full_name].ncall == 218


def test_ours_can_be_read_by_theirs(here: Path) -> None:
    stats = collect(ours, program, builtins=True)
    stats.save("saved", "YSTAT")
    assert figures(theirs.YFuncStats(["saved"])) == figures(stats)


def test_what_is_running_can_be_added_to() -> None:
    stats = collect(ours, program)
    total = {row.full_name: row.ncall for row in stats}
    indexes = [row.index for row in stats]
    assert len(set(indexes)) == len(indexes)
    before = ours.get_func_stats()
    for row in stats:
        before.append(row)
    assert {row.full_name: row.ncall for row in before} == {k: 2 * v for k, v in total.items()}


@BOTH
def test_clocks_are_not_mixed(module: Any, here: Path) -> None:
    collect(module, program).save("cpu")
    module.clear_stats()
    module.set_clock_type("wall")
    wall = collect(module, program)
    with pytest.raises(module.YappiError):
        wall.add("cpu")
    module.YFuncStats().add("cpu")


@BOTH
def test_files_that_cannot_be_read(module: Any, here: Path) -> None:
    with pytest.raises(OSError):
        module.YFuncStats("missing")
    Path("empty").touch()
    Path("text").write_text("something else")
    for path in ("empty", "text"):
        with pytest.raises(module.YappiError, match=path):
            module.YFuncStats(path)
    with pytest.raises(NotImplementedError):
        module.YFuncStats().add("text", "pstat")
    with pytest.raises(NotImplementedError):
        module.YFuncStats().save("out", "nonsense")


class Evil:
    def __reduce__(self) -> Any:
        return os.mkdir, ("evil",)


def test_a_file_is_data_and_no_program(here: Path) -> None:
    evil: list[Any] = [(Evil(), "cpu"), Evil(), (function_rows(ours), Evil())]
    stats = function_rows(ours)
    stats._clock_type = Evil()  # type: ignore[assignment]
    evil.append((stats, "cpu"))
    for content in evil:
        Path("file").write_bytes(pickle.dumps(content, 2))
        with pytest.raises(ours.YappiError):
            ours.YFuncStats("file")
    assert not Path("evil").exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [("ncall", "1"), ("ncall", 0), ("name", 1), ("ttot", None), ("index", 1.5), ("children", [])],
)
def test_a_file_with_wrong_columns_is_refused(column: str, value: object, here: Path) -> None:
    stats = function_rows(ours)
    setattr(stats[2], column, value)
    Path("file").write_bytes(pickle.dumps((stats, "cpu"), 2))
    with pytest.raises(ours.YappiError):
        ours.YFuncStats("file")


def test_a_damaged_file_is_refused_wherever_it_is_cut(here: Path) -> None:
    function_rows(ours).save("whole")
    content = Path("whole").read_bytes()
    for end in range(0, len(content), 97):
        Path("cut").write_bytes(content[:end])
        with pytest.raises(ours.YappiError):
            ours.YFuncStats("cut")


def test_pstat_files_have_the_right_figures(here: Path) -> None:
    stats = collect(ours, program, builtins=True)
    stats.save("out", "pstat")
    table = pstats.Stats("out").stats  # type: ignore[attr-defined]
    assert len(table) == len(stats)
    key = (yappi_programs.__file__, fib.__code__.co_firstlineno, "fib")
    row = next(row for row in stats if row.name == "fib")
    primitive, calls, own, total, callers = table[key]
    assert (primitive, calls, own, total) == (1, 109, row.tsub, row.ttot)
    assert callers[key][:2] == (108, 0)
    assert pyrometer.load("out", "pstats").functions
    assert ours.convert2pstats(ours.YFuncStats()).total_calls == 0  # type: ignore[attr-defined]
    with pytest.raises(ours.YappiError):
        ours.convert2pstats(ours.YThreadStats())


def test_callgrind_files_open_in_callgrind_annotate(here: Path) -> None:
    stats = function_rows(ours)
    stats.save("out", "callgrind")
    text = Path("out").read_text()
    definitions = re.findall(r"^c?f[ln]=(\(\d+\)) ", text, re.M)
    assert len(definitions) == len(re.findall(r"^c?f([ln])=(\(\d+\)) ", text, re.M))
    for kind in "ln":
        numbers = re.findall(rf"^c?f{kind}=\((\d+)\) ", text, re.M)
        assert len(numbers) == len(set(numbers))
    program = shutil.which("callgrind_annotate")
    if program is None:
        pytest.skip("callgrind_annotate is not installed; it comes with valgrind")
    done = subprocess.run(
        [program, "--threshold=100", "--auto=no", "--tree=both", "out"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "Line " not in done.stderr, done.stderr
    ticks = sum(round(row.tsub * 1e6) for row in stats)
    assert f"{ticks:,}" in re.search(r".*PROGRAM TOTALS", done.stdout)[0]  # type: ignore[index]
    for row in stats:
        assert f"{row.name} {row.module}:{row.lineno}" in done.stdout


def test_callgrind_files_open_in_ours(here: Path) -> None:
    stats = collect(ours, program, builtins=True)
    stats.save("out", "callgrind")
    names = {it["qualname"] for it in pyrometer.load("out", "callgrind").functions}
    for row in stats:
        assert any(name.startswith(f"{row.name} ") for name in names), row.name


def test_hostile_names_stay_in_their_line(here: Path) -> None:
    stats = function_rows(ours)
    stats[2].name = "a\nfn=(1) b\x1b[2J"
    stats[2].module = "x\ny"
    stats.save("out", "callgrind")
    text = Path("out").read_text()
    assert "\x1b" not in text and len(re.findall(r"^fn=\(1\) ", text, re.M)) == 1
