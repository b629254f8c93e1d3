# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Our Yappi beside the real one: names, the session, contexts and tags, and the command line."""

from __future__ import annotations

import inspect
import io
import re
import subprocess
import sys
import threading
import time
from contextlib import redirect_stdout
from contextvars import ContextVar, copy_context
from pathlib import Path
from typing import Any

import pytest
import yappi_programs
from yappi_programs import (
    BOTH,
    Basket,
    afresh,
    collect,
    fib,
    function_rows,
    other,
    program,
    their_core,
    theirs,
)

import pyrometer
from pyrometer.compat import _yappi as our_core
from pyrometer.compat import yappi as ours

__all__ = ["afresh"]

ROW_KINDS = ("YFuncStat", "YChildFuncStat", "YThreadStat", "YGreenletStat")


# Names


def public(module: Any) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }


def test_the_same_names_are_there() -> None:
    not_theirs = {"contextmanager", "get_ident", "GREENLET_COUNTER"}
    assert public(theirs) - not_theirs <= set(ours.__all__) <= set(dir(ours))
    assert set(theirs.__all__) <= set(ours.__all__)
    assert {name for name in dir(their_core) if not name.startswith("__")} <= set(dir(our_core))


def test_classes_have_the_same_members() -> None:
    for name in sorted(public(theirs)):
        value = getattr(theirs, name)
        if inspect.isclass(value) and value.__module__ == "yappi":
            members = {it for it in dir(value) if not it.startswith("_")}
            assert members <= set(dir(getattr(ours, name))), name


@pytest.mark.parametrize("name", ROW_KINDS)
def test_rows_have_the_same_columns(name: str) -> None:
    assert getattr(ours, name)._KEYS == getattr(theirs, name)._KEYS


def test_constants_are_equal() -> None:
    for name in sorted(public(theirs)):
        if name.isupper() and name != "GREENLET_COUNTER":
            assert getattr(ours, name) == getattr(theirs, name), name


CALLABLES = sorted(
    name for name in public(theirs) if inspect.isfunction(getattr(theirs, name)) and name != "main"
)


@pytest.mark.parametrize(
    "name",
    [
        *(it for it in CALLABLES if it not in ("contextmanager", "set_tag_callback")),
        *(f"YFuncStats.{it}" for it in ("add", "save", "sort", "print_all", "get", "append")),
        *(f"YThreadStats.{it}" for it in ("print_all", "sort")),
        *(f"YChildFuncStats.{it}" for it in ("print_all", "sort")),
        "StatString.ltrim",
    ],
)
def test_the_same_parameters_are_taken(name: str) -> None:
    their, our = theirs, ours
    for part in name.split("."):
        their, our = getattr(their, part), getattr(our, part)
    expected, got = (inspect.signature(it).parameters for it in (their, our))
    if len(expected) == 1 and name.startswith("set_"):
        assert len(got) == 1  # a callback, or a type
        return
    assert list(got) == list(expected)
    for parameter, theirs_has in expected.items():
        if parameter not in ("out", "columns", "filter"):  # None here, for the same
            assert got[parameter].default == theirs_has.default, parameter


# The session


@BOTH
def test_starting_and_stopping_twice_is_ignored(module: Any) -> None:
    module.stop()
    module.start()
    module.start(builtins=True)
    assert module.is_running() is True
    fib(3)
    module.stop()
    module.stop()
    assert module.is_running() is False
    fib(3)
    module.start()
    fib(3)
    module.stop()
    assert {row.name: row.ncall for row in module.get_func_stats()}["fib"] == 10
    assert len(module.get_thread_stats()) == 1


def test_other_flags_add_to_what_there_is() -> None:
    for builtins in (False, True, True):
        ours.start(builtins=builtins)
        time.sleep(0)
        fib(3)
        ours.stop()
    rows = {row.name: row.ncall for row in ours.get_func_stats()}
    assert rows["fib"] == 15 and rows["sleep"] == 2
    assert len(ours.get_thread_stats()) == 1


@BOTH
def test_clearing_while_running_goes_on(module: Any) -> None:
    module.start()
    fib(3)
    module.clear_stats()
    assert module.is_running()
    fib(2)
    module.stop()
    assert {row.name: row.ncall for row in module.get_func_stats()}["fib"] == 3
    module.clear_stats()
    assert module.get_func_stats().empty() and module.get_thread_stats().empty()


@BOTH
def test_settings_are_refused_while_there_are_statistics(module: Any) -> None:
    module.start()
    for _ in range(2):  # running, and stopped
        with pytest.raises(Exception, match="clear"):
            module.set_clock_type("wall")
        with pytest.raises(Exception, match="clear"):
            module.set_context_backend("greenlet")
        module.set_clock_type("CPU")
        module.set_context_backend("NATIVE_THREAD")
        module.stop()
    module.clear_stats()
    module.set_clock_type("Wall")
    assert module.get_clock_type() == "wall"


@BOTH
def test_wrong_arguments(module: Any) -> None:
    for wrong in (
        lambda: module.set_clock_type("nonsense"),
        lambda: module.set_context_backend("nonsense"),
        lambda: module.YFuncStats().sort("nonsense"),
        lambda: module.YFuncStats().sort("name", "nonsense"),
        lambda: module.YThreadStats().sort("tavg"),
        lambda: module.get_greenlet_stats(),
        lambda: module.func_matches("x", [fib]),
        lambda: module.func_matches(function_rows(module)[0], fib),
        lambda: module.func_matches(function_rows(module)[0], []),
        lambda: module.module_matches("x", [sys]),
        lambda: module.module_matches(function_rows(module)[0], sys),
        lambda: module.module_matches(function_rows(module)[0], []),
        lambda: module.convert2pstats([]),
    ):
        with pytest.raises(module.YappiError):
            wrong()
    for setter in ("tag", "context_id", "context_name"):
        with pytest.raises(TypeError):
            getattr(module, f"set_{setter}_callback")(1)


def test_errors_of_the_core_are_yappi_errors_too() -> None:
    assert issubclass(our_core.error, ours.YappiError)
    ours.start()
    for wrong in ({"tag": "1"}, {"ctx_id": 1.5}, {"tag": 2**64}):
        with pytest.raises(our_core.error):
            ours.get_func_stats(filter=wrong)
    with pytest.raises(our_core.error):
        our_core._set_test_timings([])  # type: ignore[arg-type]
    for enumerate_all in (our_core.enum_func_stats, our_core.enum_context_stats):
        with pytest.raises(our_core.error):
            enumerate_all(1, *([{}] if enumerate_all is our_core.enum_func_stats else []))


def test_the_core_enumerates_as_theirs() -> None:
    for core, module in ((their_core, theirs), (our_core, ours)):
        collect(module, program)
        rows: list[Any] = []
        core.enum_func_stats(rows.append, {"name": "fib"})
        (row,) = rows
        assert (
            len(row) == 14
            and row[:2] == ("fib", yappi_programs.__file__)
            and row[3:6] == (109, 1, 0)
        )
        assert row[13] is fib.__code__ and [it[1:3] for it in row[9]] == [(108, 0)]
        threads: list[Any] = []
        core.enum_thread_stats(threads.append)
        ((name, number, ident, seconds, count),) = threads
        assert (name, number, ident) == ("_MainThread", 0, threading.get_ident())
        assert seconds > 0 and count == 1


def test_clocks() -> None:
    for clock in ("cpu", "wall"):
        ours.set_clock_type(clock)
        times = [ours.get_clock_time() for _ in range(5)]
        assert times == sorted(times)
        assert set(ours.get_clock_info()) == {"api", "resolution"}
    assert abs(ours.get_clock_time() - time.time()) < 60


def test_memory_is_told() -> None:
    assert ours.get_mem_usage() == 0
    collect(ours, program)
    assert ours.get_mem_usage() > 1000


def test_filters() -> None:
    stats = collect(ours, program, builtins=True)

    def names(**options: Any) -> list[str]:
        return sorted(row.name for row in ours.get_func_stats(**options))

    assert names(filter={"name": "fib"}) == ["fib"]
    assert names(filter={"module": "time", "ncall": 7}) == ["sleep"]
    assert names(ctx_id=0) == names() == sorted(row.name for row in stats)
    assert names(ctx_id=1) == names(tag=3) == []
    assert names(filter_callback=lambda it: it.ncall == 109) == ["fib"]
    filters = {"name": "fib"}
    assert names(tag=0, filter=filters) == ["fib"] and filters == {"name": "fib"}


def test_functions_are_matched() -> None:
    collect(ours, program, builtins=True)

    def names(*funcs: Any) -> set[str]:
        found = ours.get_func_stats(filter_callback=lambda it: ours.func_matches(it, list(funcs)))
        return {row.name for row in found}

    assert names(fib) == {"fib"}
    assert names(Basket.add, Basket().nested) == {"Basket.add", "Basket.nested"}
    assert names(time.sleep, len) == {"sleep", "len"}
    assert names(list.append) == names([].append) == {"<method 'append' of 'list' objects>"}
    assert names(dict.fromkeys) == {"fromkeys"}
    assert names(str.upper, public) == set()
    with pytest.raises(ours.YappiError):
        names(1)
    children = next(row for row in ours.get_func_stats() if row.name == "mutual").children
    assert [ours.func_matches(it, [other]) for it in children] == [True]


def test_modules_are_matched() -> None:
    collect(ours, program, builtins=True)

    def names(*modules: Any) -> set[str]:
        found = ours.get_func_stats(
            filter_callback=lambda it: ours.module_matches(it, list(modules))
        )
        return {row.name for row in found}

    assert names(time) == {"sleep"}
    assert {"fib", "Basket.add", "program"} <= names(yappi_programs)
    assert names(re) == set()
    with pytest.raises(ours.YappiError):
        names("time")


# Contexts and tags


def test_tags_by_callback_and_by_context_variable() -> None:
    variable: ContextVar[int] = ContextVar("variable", default=1)

    def tagged() -> None:
        fib(3)
        copy_context().run(lambda: (variable.set(2), fib(4)))

    for tag in (variable.get, variable):
        ours.set_tag_callback(tag)
        collect(ours, tagged)
        calls = [
            {row.name: row.ncall for row in ours.get_func_stats(tag=number)}.get("fib", 0)
            for number in (1, 2, 3)
        ]
        assert calls == [5, 9, 0]
        (row,) = ours.get_func_stats(filter={"name": "fib"})
        assert row.ncall == 14


def test_tags_may_be_text(here: Path) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="one")
    ours.set_tag_callback(variable)  # type: ignore[arg-type]
    collect(ours, lambda: fib(3))
    stats = ours.get_func_stats(filter_callback=lambda it: it.tag == "one" and it.name == "fib")
    assert [row.ncall for row in stats] == [5]
    assert ours.get_func_stats(tag=1).empty()
    stats.save("saved")
    assert [row.tag for row in ours.YFuncStats("saved")] == ["one"]


@pytest.mark.parametrize("failing", [lambda: 1 / 0, lambda: None, lambda: 2**70])
def test_a_failing_callback_is_reported_once_and_given_up(
    failing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", reported.append)
    ours.set_context_id_callback(failing)
    stats = collect(ours, lambda: fib(5))
    assert len(reported) == 1
    assert {row.name: row.ncall for row in stats}["fib"] == 15


def test_the_greenlets_have_statistics_of_their_own() -> None:
    greenlet = pytest.importorskip("greenlet").greenlet

    class Named(greenlet):  # type: ignore[misc, valid-type]
        pass

    def switching(other: Any) -> None:
        for n in range(4):
            fib(n)
            if other is not None:
                other.switch()

    def run() -> None:
        main = greenlet.getcurrent()
        workers = [Named(lambda: switching(main)) for _ in range(3)]
        for _ in range(5):
            for worker in workers:
                worker.switch()

    def calls(**options: Any) -> list[int]:
        return [row.ncall for row in ours.get_func_stats(filter={"name": "fib", **options})]

    ours.set_context_backend("greenlet")
    collect(ours, run)
    contexts = {it.id: it.name for it in ours.get_greenlet_stats()}
    assert sorted(contexts.values()) == ["Named"] * 3 + ["greenlet"]
    assert calls() == [3 * (1 + 1 + 3 + 5)]
    named = [number for number, name in contexts.items() if name == "Named"]
    assert [calls(ctx_id=number) for number in named] == [[10]] * 3
    (row,) = ours.get_func_stats(filter={"name": "switching"})
    assert (row.ncall, row.nactualcall) == (3, 3)


@BOTH
def test_the_decorator(module: Any) -> None:
    seen: list[Any] = []

    @module.profile(clock_type="wall", return_callback=lambda *it: seen.append(it))
    def work(n: int) -> int:
        return work(n - 1) if n else fib(3)

    assert work(2) == 2
    ((func, stats),) = seen
    assert func.__name__ == "work"
    assert {row.name: row.ncall for row in stats if row.name in ("work", "fib")} == {
        "work": 3,
        "fib": 5,
    }
    assert module.get_func_stats().empty() and not module.is_running()


def test_the_decorator_prints() -> None:
    @ours.profile()
    def work() -> None:
        """Work."""
        fib(3)

    assert (work.__name__, work.__doc__) == ("work", "Work.")
    with redirect_stdout(io.StringIO()) as out:
        work()
    assert re.match(
        r"\nExecuted in \d\.\d{6} CPU clock seconds\n\nClock type: CPU\n", out.getvalue()
    )


@BOTH
def test_the_context_manager(module: Any) -> None:
    with module.run(builtins=True) as value:
        time.sleep(0)
    assert value is None and not module.is_running()
    assert "sleep" in {row.name for row in module.get_func_stats()}
    module.clear_stats()

    @module.run()
    def work() -> int:
        return fib(4)

    assert work() == 3 and not module.is_running()
    assert {row.name: row.ncall for row in module.get_func_stats()}["fib"] == 9


def test_the_profiler_is_not_in_its_statistics() -> None:
    with ours.run(builtins=True):
        ours.get_func_stats().print_all(io.StringIO())
        ours.get_thread_stats().sort("name")
        fib(2)
    assert {row.name for row in ours.get_func_stats()} == {"fib"}


# The command line


def command(*words: str, cwd: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pyrometer.compat.yappi", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


SCRIPT = """
import __main__, pickle, sys, threading, time
class C:
    pass
assert __main__.C is C and pickle.dumps(C()) and __name__ == "__main__"
def f():
    time.sleep(0)
f()
thread = threading.Thread(target=f)
thread.start()
thread.join()
print(sys.argv)
"""


def test_the_command_line_prints(here: Path) -> None:
    (here / "script.py").write_text(SCRIPT)
    status, out, err = command("script.py", "-s", "x", cwd=here)
    assert (status, err) == (0, "")
    assert out.startswith(
        "['script.py', '-s', 'x']\n\nClock type: CPU\nOrdered by: totaltime, desc"
    )
    assert re.search(r"^script.py:6 f +2 ", out, re.M)
    assert re.search(r"^_MainThread +0 ", out, re.M) and re.search(r"^Thread +1 ", out, re.M)
    assert "time.sleep" not in out


def test_the_command_lines_options(here: Path) -> None:
    (here / "script.py").write_text(SCRIPT)
    status, out, err = command("-b", "-s", "-c", "wall", "script.py", cwd=here)
    assert (status, err) == (0, "")
    assert "Clock type: WALL" in out and re.search(r"^time.sleep +1 ", out, re.M)
    assert re.search(r"^script.py:6 f +1 ", out, re.M) and "\nThread " not in out


def test_the_command_line_with_a_module(here: Path) -> None:
    (here / "module.py").write_text(SCRIPT)
    status, out, err = command("-m", "module", "x", cwd=here)
    assert (status, err) == (0, "")
    assert re.search(r"module.py:6 f +2 ", out)


def test_the_command_line_writes_where_it_was_started(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "script.py").write_text(SCRIPT + "import os; os.chdir('sub')")
    for format in ("pstat", "callgrind", "ystat"):
        status, out, _ = command("-o", "out", "-f", format, "script.py", cwd=here)
        assert status == 0 and out == "['script.py']\n"
        if format == "ystat":
            rows = {row.name: row.ncall for row in ours.YFuncStats(str(here / "out"))}
            assert rows["f"] == 2
        else:
            own = {"pstat": "pstats"}.get(format, format)
            assert len(pyrometer.load(here / "out", own).functions) > 2


def test_the_command_line_passes_the_end_on(here: Path) -> None:
    (here / "script.py").write_text("import sys; sys.exit(3)\n")
    status, out, _ = command("script.py", cwd=here)
    assert status == 3 and "Clock type" in out
    (here / "script.py").write_text("1 / 0\n")
    status, out, err = command("script.py", cwd=here)
    assert status == 1 and "ZeroDivisionError" in err and "Clock type" in out


@pytest.mark.parametrize("words", [[], ["-c", "sun"], ["-f", "pstats", "x.py"], ["-x"]])
def test_a_wrong_command_line_is_refused(words: list[str], here: Path) -> None:
    status, out, err = command(*words, cwd=here)
    assert status == 2 and "sage:" in out + err
