# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Tracers that are dropped while they run, wherever the thread is that drops them."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest
from tracing import branch, calls, leaf, lost

from pyrometer import _probe


def started() -> Any:
    """Return a tracer that runs. With builtins the interpreter holds it, before 3.12."""
    tracer = _probe.Tracer(calibrate=False, builtins=False)
    tracer.start()
    return tracer


def check_that_tracing_goes_on() -> None:
    """Trace what another trace would have to be stopped for."""
    thread = threading.Thread(target=branch, args=(100,))
    thread.start()
    thread.join()
    tracer = started()
    branch(100)
    tracer.stop()
    assert calls(tracer.profile())["leaf"] == 100
    assert lost(tracer.profile()) == {}


def test_a_tracer_is_stopped_that_is_dropped_where_its_calls_are_left_out() -> None:
    tracer = started()
    assert tracer.suspend() is False
    del tracer
    branch(10)
    assert _probe.Tracer().resume() is True, "leaving out is the thread's, not the trace's"
    check_that_tracing_goes_on()


def test_a_tracer_is_stopped_that_is_dropped_while_another_is_looked_at() -> None:
    first = started()
    branch(1)
    first.stop()
    held = []

    class Ticks:
        def __float__(self) -> float:
            held.clear()
            return 1.0

    held.append(started())
    branch(1)
    functions, _ = first.context_totals({"leaf_1": Ticks()})  # type: ignore[dict-item]
    assert held == []
    assert any(row[5] > 0 for row in functions)
    check_that_tracing_goes_on()


def test_an_exception_outlives_the_running_tracer_that_it_drops() -> None:
    def fail() -> None:
        raise KeyError("mine")

    for _ in range(3):
        with pytest.raises(KeyError, match="mine"):
            (started(), fail())
        check_that_tracing_goes_on()


def test_finalizers_run_while_many_nested_functions_are_met() -> None:
    ended = []

    class Cycle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            leaf()
            ended.append(1)

    text = "".join(
        f"def f{i}():\n    def g{i}():\n        def h{i}():\n            pass\n"
        for i in range(3000)
    )
    code = compile(text, "nested", "exec")
    tracer = started()
    for _ in range(50):
        Cycle()
    exec(code, {"__name__": "nested"})
    gc.collect()
    tracer.stop()
    assert len(ended) == 50
    assert calls(tracer.profile())["leaf"] == 50
