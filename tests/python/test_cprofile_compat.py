# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Our cProfile beside Python's: what CPython's own tests do not ask."""

from __future__ import annotations

import _lsprof as their_lsprof
import cProfile as theirs
import inspect
import io
import marshal
import os
import pickle
import pstats
import re
import subprocess
import sys
import threading
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import pyrometer
from pyrometer.compat import _lsprof as our_lsprof
from pyrometer.compat import cProfile as ours

BOTH = pytest.mark.parametrize("module", [theirs, ours], ids=["theirs", "ours"])


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def work() -> int:
    return fib(10) + len([1]) + sum(sorted([3, 2], key=abs))


def shape(stats: dict[Any, Any]) -> dict[Any, Any]:
    """Return the counts of pstats' table, of functions that any implementation must see."""
    return {
        key: (cc, nc, {c: v[:2] for c, v in callers.items()})
        for key, (cc, nc, _, _, callers) in stats.items()
        if key[0] == __file__
        or (key[0] == "~" and "disable" not in key[2] and "exec" not in key[2])
    }


def test_the_same_names_are_there() -> None:
    assert set(ours.__all__) == set(theirs.__all__)
    for name in ("run", "runctx", "Profile", "label", "main"):
        assert callable(getattr(ours, name))
    public = {name for name in dir(theirs.Profile) if not name.startswith("__")}
    assert public <= set(dir(ours.Profile))
    assert {n for n in dir(their_lsprof) if not n.startswith("__")} <= set(dir(our_lsprof))


@pytest.mark.parametrize("name", ["run", "runctx", "print_stats", "runcall", "dump_stats"])
def test_the_same_parameters_are_taken(name: str) -> None:
    for a, b in ((theirs, ours), (theirs.Profile, ours.Profile)):
        if hasattr(a, name):
            expected, got = inspect.signature(getattr(a, name)), inspect.signature(getattr(b, name))
            assert [(p.name, p.kind, p.default) for p in expected.parameters.values()] == [
                (p.name, p.kind, p.default) for p in got.parameters.values()
            ]


def test_every_way_of_making_one() -> None:
    for args, kwargs in [
        ((), {}),
        ((None, 0.0, True, True), {}),
        ((lambda: 1,), {}),
        ((), {"timer": None, "timeunit": 0.5, "subcalls": False, "builtins": False}),
    ]:
        profile = ours.Profile(*args, **kwargs)  # theirs tries to call a timer of None
        assert profile.runcall(fib, 5) == 5
        profile.create_stats()
    with pytest.raises(TypeError):
        ours.Profile(nonsense=1)


def test_all_counts_are_equal() -> None:
    tables = []
    for module in (theirs, ours):
        profile = module.Profile()
        assert profile.runcall(work) == 61
        profile.create_stats()
        tables.append(shape(profile.stats))
    assert tables[0] == tables[1]
    assert tables[1][__file__, fib.__code__.co_firstlineno, "fib"][:2] == (1, 177)


def test_the_text_is_equal_but_for_times() -> None:
    texts = []
    for module in (theirs, ours):
        with redirect_stdout(io.StringIO()) as out:
            module.runctx("work()", {"work": work}, {}, sort="stdname")
        texts.append(re.sub(r"\d+\.\d+", "T", out.getvalue()))
    assert texts[0] == texts[1]


def test_a_file_is_equal_but_for_times(tmp_path: Path) -> None:
    tables = []
    for module in (theirs, ours):
        path = tmp_path / module.__name__
        module.runctx("work()", {"work": work}, {}, str(path))
        table = marshal.loads(path.read_bytes())
        tables.append(shape(table))
        assert all(type(x) is float for v in table.values() for x in v[2:4])
        loaded = pstats.Stats(str(path))
        assert loaded.total_calls == sum(v[1] for v in table.values())
    assert tables[0] == tables[1]


@BOTH
def test_the_entries(module: Any) -> None:
    profile = module.Profile()
    profile.runcall(work)
    entries = {e.code if isinstance(e.code, str) else e.code.co_name: e for e in profile.getstats()}
    entry = entries["fib"]
    assert (entry.code, entry.callcount, entry.reccallcount) == (fib.__code__, 177, 176)
    assert entry[:3] == (entry.code, 177, 176) and entry[3] == entry.totaltime
    assert entry.inlinetime <= entry.totaltime
    assert [(sub.code, sub.callcount, sub.reccallcount) for sub in entry.calls] == [
        (fib.__code__, 176, 174)
    ]
    assert entries["<built-in method builtins.len>"].calls is None
    assert repr(entry).startswith("_lsprof.profiler_entry(code=<code object fib")
    assert len(entry) == 6 and len(entry.calls[0]) == 5


def test_struct_sequences_are_alike() -> None:
    for name in ("profiler_entry", "profiler_subentry"):
        a, b = getattr(their_lsprof, name), getattr(our_lsprof, name)
        assert (a.__name__, a.__module__, a.n_fields) == (b.__name__, b.__module__, b.n_fields)
        fields = range(a.n_fields)
        assert repr(a(fields)) == repr(b(fields))
        assert tuple(a(fields)) == tuple(b(fields))
        assert pickle.loads(pickle.dumps(tuple(b(fields)))) == tuple(fields)
        for wrong in ((), range(a.n_fields + 1)):
            with pytest.raises(TypeError) as their_error:
                a(wrong)
            with pytest.raises(TypeError) as our_error:
                b(wrong)
            assert str(their_error.value) == str(our_error.value)
        with pytest.raises(AttributeError):
            b(fields).code = None


def test_without_subcalls_there_are_no_callers() -> None:
    profile = ours.Profile(subcalls=False)
    profile.runcall(work)
    assert profile.getstats() and all(entry.calls is None for entry in profile.getstats())


def test_without_builtins_there_are_none() -> None:
    """Python's own ignores this from 3.14 on."""
    profile = ours.Profile(builtins=False)
    profile.runcall(work)
    assert not [entry for entry in profile.getstats() if isinstance(entry.code, str)]


def test_enable_may_change_the_settings_and_keeps_what_there_is() -> None:
    profile = ours.Profile()
    for builtins in (True, False, True):
        profile.enable(builtins=builtins)
        work()
        profile.disable()
    entries = {e.code: e for e in profile.getstats()}
    assert entries[fib.__code__].callcount == 3 * 177
    assert entries["<built-in method builtins.len>"].callcount == 2
    callees = {sub.code: sub.callcount for sub in entries[work.__code__].calls}
    assert callees[fib.__code__] == 3 and callees["<built-in method builtins.len>"] == 2
    profile.clear()
    assert profile.getstats() == []


@BOTH
def test_clear_and_use_again(module: Any) -> None:
    profile = module.Profile()
    profile.runcall(fib, 5)
    profile.clear()
    assert profile.getstats() == []
    profile.runcall(fib, 3)
    profile.create_stats()
    assert profile.stats[__file__, fib.__code__.co_firstlineno, "fib"][:2] == (1, 5)


@BOTH
def test_a_snapshot_goes_on(module: Any) -> None:
    profile = module.Profile()
    key = (__file__, fib.__code__.co_firstlineno, "fib")
    profile.enable()
    fib(3)
    profile.snapshot_stats()
    first = profile.stats[key][1]
    fib(3)
    profile.disable()
    profile.create_stats()
    assert (first, profile.stats[key][1]) == (5, 10)


@BOTH
def test_disable_twice_is_allowed(module: Any) -> None:
    profile = module.Profile()
    profile.disable()
    profile.enable()
    profile.disable()
    profile.disable()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="earlier, the newer profiler takes over")
@BOTH
def test_a_second_profiler_is_refused_in_the_same_words(module: Any) -> None:
    text = (
        "tool 2 is already in use"
        if sys.version_info >= (3, 14)
        else "Another profiling tool is already active"
    )
    first, second = module.Profile(), module.Profile()
    first.enable()
    try:
        with pytest.raises(ValueError, match=f"^{text}$"):
            second.enable()
        with pytest.raises(ValueError, match=f"^{text}$"):
            first.enable()
    finally:
        first.disable()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="later, the newer profiler is refused")
@BOTH
def test_a_second_profiler_takes_over(module: Any) -> None:
    first, second = module.Profile(), module.Profile()
    first.enable()
    second.enable()
    assert sys.getprofile() is second
    fib(3)
    second.disable()
    assert sys.getprofile() is None
    first.disable()
    assert {e.code: e.callcount for e in second.getstats()}[fib.__code__] == 5


@BOTH
def test_timers_of_every_kind(module: Any) -> None:
    for step, unit in ((1, 0.25), (0.25, 0.0)):
        now = [0]

        def timer(now: list[Any] = now, step: Any = step) -> Any:
            now[0] += step
            return now[0]

        profile = module.Profile(timer, unit) if unit else module.Profile(timer)
        profile.runcall(fib, 1)
        entry = next(e for e in profile.getstats() if e.code is fib.__code__)
        assert entry.totaltime == entry.inlinetime == 0.25


def test_errors_in_the_program_are_passed_on() -> None:
    profile = ours.Profile()
    with pytest.raises(ZeroDivisionError):
        profile.runcall(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError), profile:
        _ = 1 / 0
    profile.runcall(fib, 1)
    with redirect_stdout(io.StringIO()) as out:
        ours.run("import sys; sys.exit(3)")
    assert "function calls" in out.getvalue()


def test_an_unwritable_file_loses_nothing(tmp_path: Path) -> None:
    profile = ours.Profile()
    profile.runcall(fib, 3)
    with pytest.raises(OSError):
        profile.dump_stats(tmp_path / "no" / "folder")
    profile.dump_stats(tmp_path / "file")
    assert pyrometer.load(tmp_path / "file", "pstats").functions


def test_functions_with_one_label_are_added_up() -> None:
    """Python's own keeps the last one only."""
    one, two = (lambda: 1), (lambda: 2)  # fmt: skip
    profile = ours.Profile()
    profile.runcall(lambda: [one(), two(), two()])
    profile.create_stats()
    line = one.__code__.co_firstlineno
    assert profile.stats[__file__, line, "<lambda>"][1] == 3


def test_a_profile_in_another_thread() -> None:
    found: list[int] = []

    def target() -> None:
        profile = ours.Profile()
        profile.runcall(fib, 5)
        found.extend(e.callcount for e in profile.getstats() if e.code is fib.__code__)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    assert found == [15]


def command(module: str, *words: str, cwd: Path) -> tuple[int, str, str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    times = re.compile(r"\d+\.\d+")
    return done.returncode, times.sub("T", done.stdout), done.stderr


PRELUDE = "import sys, os\nprint(sys.argv, __name__, __file__, __package__, sys.path[0])\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-h"],
        ["-o"],
        ["-s", "demo", "script.py"],
        ["-s", "calls", "script.py", "-s", "x", "--long=1"],
        ["--sort=stdname", "script.py"],
        ["-x"],
        ["-m"],
        ["missing.py"],
        ["wrong.py"],
    ],
    ids=" ".join,
)
def test_the_command_line(words: list[str], here: Path) -> None:
    (here / "script.py").write_text(PRELUDE + "def f():\n    pass\nfor _ in range(9): f()\n")
    (here / "wrong.py").write_text("x x\n")
    their, our = (command(m, *words, cwd=here) for m in ("cProfile", "pyrometer.compat.cProfile"))
    assert our[0] == their[0]
    # Rows that are equal by what they are sorted by may come in any order.
    assert sorted(our[1].splitlines()) == sorted(their[1].splitlines())
    assert our[2].splitlines()[-1:] == their[2].splitlines()[-1:]


def test_the_command_line_with_a_module(here: Path) -> None:
    (here / "module.py").write_text("import __main__\ndef f():\n    pass\nf()\nprint(__name__)\n")
    status, out, err = command(
        "pyrometer.compat.cProfile", "-s", "stdname", "-m", "module", cwd=here
    )
    assert (status, err) == (0, "")
    assert out.startswith("__main__\n") and "module.py:2(f)" in out


def test_the_command_line_gives_the_script_a_main_module(here: Path) -> None:
    (here / "script.py").write_text(
        "import __main__, pickle\n"
        "class C:\n    pass\n"
        "assert __main__.C is C and vars(__main__) is globals()\n"
        "pickle.dumps(C())\n"
    )
    status, _, err = command("pyrometer.compat.cProfile", "script.py", cwd=here)
    assert (status, err) == (0, "")


def test_the_command_line_writes_where_it_was_started(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "script.py").write_text("import os; os.chdir('sub')\n")
    assert command("pyrometer.compat.cProfile", "-o", "out", "script.py", cwd=here)[0] == 0
    assert pstats.Stats(str(here / "out")).total_calls > 0


def test_the_command_line_survives_a_closed_pipe(here: Path) -> None:
    (here / "script.py").write_text("for n in range(100_000): print(n)\n")
    line = '"$0" -m "$1" script.py | head -n 1; echo "${PIPESTATUS[0]}"'
    their, our = (
        subprocess.run(
            ["bash", "-c", line, sys.executable, module],
            cwd=here,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for module in ("cProfile", "pyrometer.compat.cProfile")
    )
    assert (our.stdout, our.stderr) == (their.stdout, their.stderr)
