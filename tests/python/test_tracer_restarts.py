# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Traces that start and stop often, in many threads, or never stop."""

from __future__ import annotations

import threading

from tracing import leaf

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
