# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""`pyrometer top` on real terminals: its pictures, its keys, and how it leaves."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Callable, NamedTuple

import pytest
from terminal import PROMPT, Terminal, masked

HERE = Path(__file__).parent
Start = Callable[..., "subprocess.Popen[bytes]"]

SPIN_IS_HOT = r"^ *(9\d\.\d|100) % .* spin "


def top(terminal: Terminal, command: str, pid: int, *options: str, env: str = "") -> None:
    """Start it in the terminal, and wait for the first figures."""
    terminal.run(*(["env", *env.split()] if env else []), command, "top", str(pid), *options)
    terminal.wait_for(SPIN_IS_HOT)


def running(terminal: Terminal) -> int:
    """Return the process of the command in the terminal's shell."""
    children = Path(f"/proc/{terminal.pane_pid()}/task/{terminal.pane_pid()}/children")
    return int(children.read_text().split()[0])


class View(NamedTuple):
    """A golden screen, the keys that lead to it, and how one knows that it is there."""

    name: str
    keys: list[str]
    shows: str


VIEWS = [
    View("functions", [], SPIN_IS_HOT),
    View("lines", ["l"], r"spin +target_one\.py:12"),
    View("threads", ["2"], r"GIL +\d.* MainThread +spin"),
    View("processes", ["3"], r"^ +pid"),
    View("flame", ["4"], r"^▏spin"),
    View("details", ["Enter"], r"called by"),
    View("help", ["?"], r"quit$"),
]


@pytest.mark.parametrize("view", VIEWS, ids=[view.name for view in VIEWS])
def test_the_views_are_as_they_were(
    terminal: Terminal,
    command: str,
    start: Start,
    request: pytest.FixtureRequest,
    view: View,
) -> None:
    top(terminal, command, start("target_one.py").pid)
    if view.keys:
        terminal.type(*view.keys)
    terminal.wait_for(view.shows)
    golden = HERE / "golden" / f"{view.name}.txt"
    if request.config.getoption("--golden"):
        golden.write_text(masked(terminal.screen()))
    expected = golden.read_text()
    terminal.wait_until(lambda screen: masked(screen) == expected, f"golden/{view.name}.txt")


def test_the_threads_are_named_with_what_they_are_at(
    terminal: Terminal, command: str, start: Start
) -> None:
    top(terminal, command, start("target_many.py").pid)
    terminal.type("2")
    terminal.wait_for(r"^ +GIL +(9\d\.\d|100) %.* MainThread +spin$")
    terminal.wait_for(r"^ +idle +[0-2]\.\d % .* Dozer +")


def test_only_the_chosen_thread_is_shown_and_all_again(
    terminal: Terminal, command: str, start: Start
) -> None:
    top(terminal, command, start("target_many.py").pid, "--idle")
    terminal.wait_for(r"doze ")
    terminal.type("2")
    terminal.wait_for(r"Dozer")
    terminal.type("Down", "t")
    terminal.wait_for(r"only Dozer")
    terminal.wait_for(r"doze ")
    terminal.wait_until(lambda seen: "spin " not in seen, "the other thread to be left out")
    terminal.type("t")
    terminal.wait_for(r" spin ")


def test_idle_threads_come_and_go(terminal: Terminal, command: str, start: Start) -> None:
    top(terminal, command, start("target_many.py").pid)
    terminal.type("i")
    terminal.wait_for(r"^ +0\.0 % +(9\d\.\d|100) % .* doze ")
    terminal.type("i")
    terminal.wait_until(lambda seen: "with idle" not in seen, "the filter to be gone")


def test_children_have_rows_of_their_own(terminal: Terminal, command: str, start: Start) -> None:
    target = start("target_many.py", "target_one.py")
    top(terminal, command, target.pid, "--subprocesses")
    terminal.type("3")
    terminal.wait_for(r"target_one\.py$")
    terminal.wait_for(rf"^ +{target.pid} .*target_many\.py")
    terminal.wait_for(r"processes 2")
    terminal.type("Down", "Enter")
    terminal.wait_for(r"only process \d+")


def test_the_sorted_column_is_marked_and_turned_round(
    terminal: Terminal, command: str, start: Start
) -> None:
    top(terminal, command, start("target_one.py").pid)
    assert "▾own now" in terminal.screen()
    terminal.type("s")
    terminal.wait_for("▾total now")
    terminal.type("r")
    terminal.wait_for("▴total now")
    terminal.type("<", "<")
    terminal.wait_for("▴where")


def test_a_search_finds_as_it_is_typed(terminal: Terminal, command: str, start: Start) -> None:
    top(terminal, command, start("target_one.py").pid)
    terminal.type("/", "m", "a", "i")
    terminal.wait_for(r"^/mai")
    terminal.type("Enter", "Enter")
    terminal.wait_for(r"^main +target_one\.py:\d+ ")
    terminal.type("Escape", "Escape", "/", "x", "y", "z")
    terminal.wait_for("nothing matches")
    terminal.type("Escape")
    terminal.wait_for("^q quit")


def test_a_paused_picture_stands_still(terminal: Terminal, command: str, start: Start) -> None:
    def own_time(screen: str) -> str:
        found = re.search(r"([\d.]+) s +spin", screen)
        assert found is not None, screen
        return found.group(1)

    top(terminal, command, start("target_one.py").pid)
    terminal.type("p")
    paused = own_time(terminal.wait_for(" paused"))
    clock = terminal.screen().split("\n")[0]
    terminal.wait_until(lambda seen: seen.split("\n")[0] != clock, "a second to pass")
    assert own_time(terminal.screen()) == paused
    terminal.type("p")
    terminal.wait_until(lambda seen: own_time(seen) != paused, "the picture to go on")


def test_the_rate_can_be_changed(terminal: Terminal, command: str, start: Start) -> None:
    top(terminal, command, start("target_one.py").pid, "--rate", "20")
    terminal.wait_for(r"^rate 20 Hz")
    terminal.type("+")
    terminal.wait_for(r"^rate 50 Hz +reached (2[1-9]|[3-5]\d)")


def test_every_size_is_drawn_and_redrawn(terminal: Terminal, command: str, start: Start) -> None:
    top(terminal, command, start("target_one.py").pid)
    for columns, rows in ((20, 5), (40, 10), (200, 60), (1, 1), (500, 200), (100, 24)):
        terminal.resize(columns, rows)
        for view in "12341":
            terminal.type(view)
        if columns >= 20:
            screen = terminal.wait_for(r"% .*spin")
            assert max(len(line) for line in screen.split("\n")) <= columns
    terminal.wait_for(SPIN_IS_HOT)
    assert "own time" in terminal.screen()


def test_the_last_picture_stays_when_the_target_ends(
    terminal: Terminal, command: str, start: Start
) -> None:
    target = start("target_one.py")
    top(terminal, command, target.pid)
    target.kill()
    target.wait()
    screen = terminal.wait_for("has ended.* q quits$")
    assert re.search(SPIN_IS_HOT, screen, re.MULTILINE)
    terminal.type("2", "4", "?", "Escape", "1")
    terminal.wait_for(SPIN_IS_HOT)
    terminal.type("q")
    terminal.wait_for("^status 0$")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (None, 0),
        (signal.SIGINT, 0),
        (signal.SIGTERM, 143),
        (signal.SIGHUP, 129),
        (signal.SIGSEGV, 139),
    ],
)
def test_the_terminal_is_given_back_whatever_ends_it(
    terminal: Terminal, command: str, start: Start, sent: signal.Signals | None, status: int
) -> None:
    target = start("target_one.py")
    terminal.type("stty -a | cksum; echo was here", "Enter")
    terminal.wait_for("^was here")
    before = re.findall(r"^\d+ \d+$", terminal.screen(), re.MULTILINE)
    top(terminal, command, target.pid)
    assert "was here" not in terminal.screen()
    if sent is None:
        terminal.type("q")
    else:
        os.kill(running(terminal), sent)
    screen = terminal.wait_for(f"^status {status}$")
    assert "was here" in screen
    terminal.type("clear; stty -a | cksum", "Enter")
    after = terminal.wait_for(r"^\d+ \d+$")
    assert re.findall(r"^\d+ \d+$", after, re.MULTILINE) == before
    assert target.poll() is None, "the target goes on"


def test_ctrl_c_quits(terminal: Terminal, command: str, start: Start) -> None:
    top(terminal, command, start("target_one.py").pid)
    terminal.type("C-c")
    terminal.wait_for("^status 0$")


def test_it_can_be_stopped_and_goes_on(terminal: Terminal, command: str, start: Start) -> None:
    terminal.type("set -m", "Enter")
    top(terminal, command, start("target_one.py").pid)
    terminal.type("C-z")
    terminal.wait_for(rf"Stopped(.*\n)+{PROMPT}")
    terminal.type("fg", "Enter")
    terminal.wait_for(SPIN_IS_HOT)
    terminal.type("q")
    terminal.wait_for(rf"{PROMPT}$")


@pytest.mark.parametrize("name", ["xterm-256color", "screen", "linux", "vt100"])
def test_many_terminals_are_known(
    terminal: Terminal, command: str, start: Start, name: str
) -> None:
    if subprocess.run(["infocmp", name], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"this machine knows no terminal {name}")
    top(terminal, command, start("target_one.py").pid, env=f"TERM={name}")
    terminal.type("4")
    terminal.wait_for(r"^▏spin")


def test_colours_are_left_out_where_they_are_not_wanted(
    terminal: Terminal, command: str, start: Start
) -> None:
    color = re.compile(r"\x1b\[[\d;]*\b(3[1-7]|4[1-7])m")
    target = start("target_one.py")
    top(terminal, command, target.pid)
    assert color.search(terminal.screen(colors=True))
    terminal.type("q")
    terminal.wait_for("^status 0$")
    terminal.type("clear", "Enter")
    top(terminal, command, target.pid, env="NO_COLOR=1")
    terminal.type("4")
    terminal.wait_for(r"^▏spin")
    assert not color.search(terminal.screen(colors=True))


def test_a_locale_without_utf8_gets_ascii(terminal: Terminal, command: str, start: Start) -> None:
    top(terminal, command, start("target_one.py").pid, env="LC_ALL=C")
    assert "vown now" in terminal.screen()
    assert "##########" in terminal.screen()
    terminal.type("4")
    screen = terminal.wait_for(r"^\|spin")
    assert screen.isascii()


def test_a_terminal_that_can_not_be_drawn_on_is_refused(
    terminal: Terminal, command: str, start: Start
) -> None:
    pid = str(start("target_one.py").pid)
    terminal.run("env", "TERM=dumb", command, "top", pid)
    terminal.wait_for("^status 2$")
    terminal.wait_for("TERM is dumb")
    terminal.type("clear", "Enter")
    terminal.run("env", "TERM=nonsense", command, "top", pid)
    terminal.wait_for("^status 2$")
    terminal.wait_for("terminal 'nonsense'")


def test_a_process_that_can_not_be_shown_leaves_the_terminal_alone(
    terminal: Terminal, command: str
) -> None:
    terminal.run(command, "top", "999999999")
    assert "pyrometer: " in terminal.wait_for("^status 1$")


@pytest.mark.parametrize("dashes", [[], ["--", sys.executable]], ids=["script", "command"])
def test_a_program_can_be_started_for_the_view_and_ends_with_it(
    terminal: Terminal, command: str, dashes: list[str]
) -> None:
    option = [] if dashes else ["--python", sys.executable]
    terminal.type(f"cd {shlex.quote(str(HERE))}; clear", "Enter")
    terminal.run(command, "top", *option, *dashes, "target_one.py", "its own words")
    screen = terminal.wait_for(SPIN_IS_HOT)
    found = re.search(r"^pyrometer top +(\d+) .*target_one\.py its own words", screen)
    assert found is not None
    assert "started" not in screen, "what it prints is not shown"
    terminal.type("q")
    terminal.wait_for("^status 0$")
    assert not Path("/proc", found.group(1)).exists()


def test_a_program_that_is_no_python_is_told_so(terminal: Terminal, command: str) -> None:
    terminal.run(command, "top", "--", "sleep", "0.2")
    terminal.wait_for("^it ended before a Python was seen in it")
    terminal.type("q")
    terminal.wait_for("^status 0$")


def test_without_a_terminal_it_says_so_and_ends(command: str, start: Start) -> None:
    pid = str(start("target_one.py").pid)
    done = subprocess.run(
        [command, "top", pid], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"pyrometer: top needs a terminal")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "what shall be shown? pyrometer top PID, script.py, -m module or -- command"),
        (["--"], "which command? pyrometer top -- command …"),
        (["0"], "'0' is not the number of a process"),
        (["--pid", "one"], "'one' is not the number of a process"),
        (["1", "2"], "process 1 and '2' at once: one of them at a time"),
        (["--pid", "1", "--", "2"], "a process and a command at once: leave out one"),
        (["1", "--rate", "0"], "--rate takes samples per second, from 1 to 100000; not '0'"),
        (["1", "--rate", "1e9"], "--rate takes samples per second, from 1 to 100000; not '1e9'"),
        (["1", "--color", "red"], "--color takes auto, always or never, not 'red'"),
    ],
)
def test_a_bad_command_line_is_told_in_one_line(command: str, words: list[str], said: str) -> None:
    done = subprocess.run([command, "top", *words], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (2, f"pyrometer: {said}\n")
