# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Traces that start and stop often, in many threads, or never stop."""

from __future__ import annotations

import threading
from pathlib import Path

from test_tracer_ends import run
from tracing import calls, leaf

import pyrometer
from pyrometer import _probe


def test_a_thread_keeps_its_name_when_a_later_one_has_its_ident() -> None:
    done = threading.Event()
    tracer = _probe.Tracer()
    tracer.start()
    first = threading.Thread(target=leaf, name="the first")
    first.start()
    first.join()
    second = threading.Thread(target=done.wait, name="the second")
    second.start()
    tracer.stop()
    done.set()
    second.join()
    report = tracer.profile().report("threads", match="leaf")
    assert "the first" in report


def test_threads_that_only_wait_are_found_again_at_every_stop() -> None:
    done = threading.Event()
    waiting = [threading.Thread(target=done.wait) for _ in range(3)]
    for thread in waiting:
        thread.start()
    tracer = _probe.Tracer()
    sizes = set()
    for _ in range(20):
        tracer.start()
        leaf()
        tracer.stop()
        sizes.add(tracer.memory)
    done.set()
    for thread in waiting:
        thread.join()
    assert len(sizes) == 1


def test_every_call_of_a_decorated_function_counts_in_many_threads(here: Path) -> None:
    # In a process of its own: the first stop measures what tracing costs, and takes longer.
    done = run(
        """
        import sys, threading
        import pyrometer
        def inner(): pass
        @pyrometer.trace
        def outer():
            inner()
        def work():
            for _ in range(200):
                outer()
        sys.setswitchinterval(1e-5)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = {f["qualname"]: f["calls"] for f in outer.trace.functions}
        print(counts["outer"], counts["inner"])
        """,
        here,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "1600 1600"


def test_threads_that_stop_and_clear_one_trace_at_once_do_not_harm_it(here: Path) -> None:
    done = run(
        """
        import sys, threading
        import pyrometer
        from pyrometer import _probe
        def toggle():
            for _ in range(300):
                for step in (tracer.start, tracer.clear, tracer.stop):
                    try:
                        step()
                    except pyrometer.UsageError:
                        pass
        sys.setswitchinterval(1e-6)
        for _ in range(3):
            tracer = _probe.Tracer(builtins=False)
            threads = [threading.Thread(target=toggle) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            tracer.functions()
            tracer.profile().functions
        """,
        here,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_trace_that_is_never_stopped_is_complete_at_exit(here: Path) -> None:
    done = run(
        """
        import pyrometer
        def leaf(): pass
        trace = pyrometer.trace(path="left.pyro")
        trace.start()
        leaf()
        """,
        here,
    )
    assert (done.returncode, done.stderr) == (0, "")
    profile = pyrometer.load(here / "left.pyro")
    assert calls(profile)["leaf"] == 1
    assert profile.meta["finished"] == 1
