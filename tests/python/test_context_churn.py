# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Everything at once: threads, tasks, tags, both clocks, a timeline, a file and onlookers."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from contexts import contexts
from tracing import branch, leaf

from pyrometer import UsageError, _probe

SECONDS = 2.2  # so that the flushing thread reads twice meanwhile
TAG: contextvars.ContextVar[Any] = contextvars.ContextVar("TAG")


class Churn:
    """Threads that run tasks under tags, and count their calls of `leaf` by tag."""

    def __init__(self) -> None:
        self.until = time.monotonic() + SECONDS
        self.counts: list[Counter[str]] = []

    def thread(self, number: int) -> None:
        counts: Counter[str] = Counter()
        self.counts.append(counts)
        while time.monotonic() < self.until:
            asyncio.run(self.tasks(number, counts))
            brief = threading.Thread(target=branch, args=(3,))
            brief.start()
            brief.join()
            counts[""] += 3

    async def tasks(self, number: int, counts: Counter[str]) -> None:
        await asyncio.gather(*(self.task(f"tag {number % 2} {i}", counts) for i in range(4)))

    async def task(self, tag: str, counts: Counter[str]) -> None:
        token = TAG.set(tag)
        for _ in range(3):
            branch(5)
            counts[tag] += 5
            await asyncio.sleep(0)
        TAG.reset(token)
        leaf()
        counts[""] += 1

    def run(self, tracer: _probe.Tracer) -> Counter[str]:
        """Return the counts, once all threads have ended."""
        threads = [threading.Thread(target=self.thread, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        while time.monotonic() < self.until:
            tracer.profile()
            tracer.contexts()
            tracer.context_totals()
            time.sleep(0.02)
        for thread in threads:
            thread.join()
        return sum(self.counts, Counter())


def leaves(profile: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    for context in contexts(profile):
        counts[context.tag] += context.calls["leaf"]
    return +counts


@pytest.mark.parametrize("builtins", [False, True])
def test_counts_stay_exact_whoever_looks_and_writes(builtins: bool, tmp_path: Path) -> None:
    path = str(tmp_path / "churn.pyro")
    tracer = _probe.Tracer(
        builtins=builtins, path=path, clock="both", tag=TAG, timeline=5000, context_limit=50
    )
    with tracer:
        reference = Churn().run(tracer)
    for profile in (tracer.profile(), _probe.Profile.load(path)):
        assert leaves(profile) == reference
        meta = profile.meta
        assert meta["lost_unmatched"] == meta["lost_memory"] == 0
        assert meta["lost_contexts"] > 0  # tasks beyond the limit are taken together
        data = json.loads(profile.export("json"))
        assert 0 < len(data["timeline"]) <= 5000


def test_clearing_starting_and_stopping_meanwhile_loses_no_thread() -> None:
    tracer = _probe.Tracer(clock="both", tag=TAG, timeline=5000, calibrate=False)
    tracer.start()
    churn = Churn()
    stopping = threading.Event()

    def meddle() -> None:
        while not stopping.wait(0.005):
            tracer.clear()
            tracer.stop()
            try:
                tracer.start()
            except UsageError:
                pass  # it runs already

    meddler = threading.Thread(target=meddle)
    meddler.start()
    churn.run(tracer)
    stopping.set()
    meddler.join()
    tracer.clear()
    churn = Churn()
    churn.until = time.monotonic() + 0.3
    reference = churn.run(tracer)
    tracer.stop()
    assert leaves(tracer.profile()) == reference
