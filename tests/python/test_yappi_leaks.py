# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What our Yappi offers, called a thousand times, leaves memory as it was."""

from __future__ import annotations

import io
import threading
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable

import pytest
from test_leaks import assert_flat, leaf, work

from pyrometer.compat import yappi

VARIABLE: ContextVar[int] = ContextVar("VARIABLE", default=1)


def look() -> None:
    yappi.get_func_stats(filter_callback=lambda it: yappi.func_matches(it, [work, len])).sort(
        "name"
    )
    yappi.get_func_stats().strip_dirs().print_all(io.StringIO())
    yappi.get_thread_stats().print_all(io.StringIO())
    yappi.convert2pstats(yappi.get_func_stats())


def session(**options: Any) -> None:
    with yappi.run(**options):
        work()
    look()
    yappi.clear_stats()


def looked_at_while_running() -> None:
    with yappi.run():
        work()
        look()
    yappi.clear_stats()


def with_builtins() -> None:
    session(builtins=True)


def one_thread_by_wall_clock() -> None:
    yappi.set_clock_type("wall")
    session(profile_threads=False)
    yappi.set_clock_type("cpu")


def with_callbacks() -> None:
    yappi.set_tag_callback(lambda: 3)
    yappi.set_context_id_callback(lambda: 4)
    yappi.set_context_name_callback(lambda: "name")
    session()
    yappi.set_tag_callback(VARIABLE)
    yappi.set_context_id_callback(None)
    yappi.set_context_name_callback(None)
    session()
    yappi.set_tag_callback(None)


def with_other_flags_in_between() -> None:
    for builtins in (True, False, True):
        with yappi.run(builtins=builtins):
            leaf()
    session()


def cleared_while_running() -> None:
    yappi.start()
    work()
    yappi.clear_stats()
    yappi.stop()
    yappi.clear_stats()


@yappi.profile(return_callback=lambda func, stats: None)
def decorated() -> None:
    work()


def refused() -> None:
    yappi.start()
    for wrong in (
        lambda: yappi.set_clock_type("wall"),
        lambda: yappi.set_context_backend("greenlet"),
        lambda: yappi.get_func_stats(filter={"tag": "x"}),
        lambda: yappi.get_greenlet_stats(),
        lambda: yappi.set_tag_callback(1),  # type: ignore[arg-type]
    ):
        with pytest.raises((yappi.YappiError, TypeError)):
            wrong()
    yappi.stop()
    yappi.clear_stats()


ENTRIES = [
    session,
    with_builtins,
    looked_at_while_running,
    one_thread_by_wall_clock,
    with_callbacks,
    with_other_flags_in_between,
    cleared_while_running,
    decorated,
    refused,
]


@pytest.fixture(scope="module", autouse=True)
def warmed_up() -> None:
    """Let the interpreter's caches fill, which takes some thousand starts of any trace."""
    for _ in range(2000):
        session()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_nothing_leaks_from(entry: Callable[[], Any]) -> None:
    assert_flat(entry)


def test_nothing_leaks_from_threads() -> None:
    def entry() -> None:
        with yappi.run():
            thread = threading.Thread(target=leaf)
            thread.start()
            thread.join()
        look()
        yappi.clear_stats()

    assert_flat(entry)


def test_nothing_leaks_from_greenlets() -> None:
    if find_spec("greenlet") is None:
        pytest.skip("greenlet is not installed")
    from greenlet import greenlet

    def entry() -> None:
        with yappi.run():
            greenlet(leaf).switch()
        yappi.get_func_stats()
        yappi.get_greenlet_stats()
        yappi.clear_stats()

    yappi.set_context_backend("greenlet")
    try:
        assert_flat(entry)
    finally:
        yappi.set_context_backend("native_thread")


def test_nothing_leaks_from_files(here: Path) -> None:
    with yappi.run(builtins=True):
        work()
    stats = yappi.get_func_stats()
    yappi.clear_stats()

    def entry() -> None:
        for format in ("ystat", "pstat", "callgrind"):
            stats.save("file", format)
        stats.save("file")
        yappi.YFuncStats(["file", "file"])

    assert_flat(entry)
