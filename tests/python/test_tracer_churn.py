# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The tracer while threads come and go, meet new functions, and a file is written."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tracing import branch, functions, lost

from pyrometer import _probe

SECONDS = 2.2  # so that the flushing thread reads twice meanwhile


def meet_new_functions(number: int, until: float, counts: list[int]) -> None:
    """Call functions that did not exist a moment ago, so that trees and registry grow."""
    count = 0
    while time.monotonic() < until:
        space: dict[str, Any] = {}
        exec(f"def new_{number}_{count}():\n    pass\n", space)
        space[f"new_{number}_{count}"]()
        branch(30)
        count += 1
        time.sleep(0.0005)
    counts[number] = count


@pytest.mark.parametrize("builtins", [False, True])
def test_nothing_is_lost_while_threads_churn_and_the_file_is_written(
    builtins: bool, tmp_path: Path
) -> None:
    path = str(tmp_path / "churn.pyro")
    counts = [0] * 4
    short = 0
    tracer = _probe.Tracer(builtins=builtins, path=path)
    tracer.start()
    until = time.monotonic() + SECONDS
    threads = [
        threading.Thread(target=meet_new_functions, args=(i, until, counts)) for i in range(4)
    ]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        brief = threading.Thread(target=branch, args=(3,))
        brief.start()
        brief.join()
        short += 1
        tracer.profile()
    for thread in threads:
        thread.join()
    tracer.stop()
    for profile in (tracer.profile(), _probe.Profile.load(path)):
        assert lost(profile) == {}
        found = functions(profile)
        assert found["leaf"]["calls"] == 30 * sum(counts) + 3 * short
        assert sum(1 for name in found if name.startswith("new_")) == sum(counts)


MEETING = """
import gc, threading, time
from pyrometer import _probe

methods = [
    method
    for kind in (str, bytes, bytearray, list, dict, set, frozenset, float, memoryview, int)
    for name, method in vars(kind).items()
    if type(method).__name__ == "method_descriptor" and not name.startswith("__")
]
def meet(share):
    for method in share:
        try:
            method({1}, {2}, {3}, {4}, {5}, {6}) # a collection is due when the call is met
        except TypeError:
            pass
gc.callbacks.append(lambda phase, info: time.sleep(1e-4))
gc.set_threshold(3, 2, 2)
for _ in range(10):
    tracer = _probe.Tracer(calibrate=False)
    tracer.start()
    threads = [threading.Thread(target=meet, args=(methods[i::4],)) for i in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    tracer.stop()
print("met", len(methods))
"""


def test_a_collection_while_a_builtin_is_met_keeps_nobody_waiting() -> None:
    """The program's callbacks let go of the GIL in the middle of what we do."""
    result = subprocess.run(
        [sys.executable, "-c", MEETING], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.startswith("met ")
