# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""How much slower a program is that is looked into.

    python bench/remote/slowdown.py [--json FILE] [--build DIR] [--target PYTHON]... [--scale X]

A busy program counts its passes in slices of 10 ms. A sampler runs beside it, and is halted by
SIGSTOP in every other window of 100 ms: the slowdown is the median, over all pairs of neighbouring
windows, of the passes without over the passes with it. Samplers that take missed samples later in a
burst are asked for half the rate, as they are halted for half the time; which rate was reached in
the windows stands beside. The line of nothing is what the machine itself varies by.
"""

import json
import os
import signal
import statistics
import subprocess
import time
from typing import Any, Optional

from samplers import Ended, Tool, ours, peers, supporting
from setting import Setting, setting
from towers import SLICES_PROGRAM, Target, running

WINDOW_S = 0.1
SLICES_A_WINDOW = 10
START_S = 0.6  # until every sampler is at work
SECONDS = 2.4
RATES = (100, 1000)
MINORS = (13, 15)


def is_stopped(pid: int) -> bool:
    """Tell whether a sampler holds it."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "t"


def halt(sampler: "subprocess.Popen[bytes]", target: Target) -> None:
    """Halt a sampler at a moment when it does not hold the target."""
    for _ in range(100):
        sampler.send_signal(signal.SIGSTOP)
        time.sleep(0.0005)
        if not is_stopped(target.pid):
            return
        sampler.send_signal(signal.SIGCONT)
        time.sleep(0.001)
    raise RuntimeError("the sampler never lets go")


def windows(
    sampler: "Optional[subprocess.Popen[bytes]]", target: Target, seconds: float
) -> list[tuple[float, bool]]:
    """Halt the sampler and let it go in turn; return when each window began, and if it sampled."""
    found = []
    end = time.monotonic() + seconds
    edge = (time.monotonic() // WINDOW_S + 1) * WINDOW_S
    on = True
    while edge < end:
        time.sleep(max(0, edge - time.monotonic()))
        on = not on
        if sampler is not None:
            if on:
                sampler.send_signal(signal.SIGCONT)
            else:
                halt(sampler, target)
        found.append((edge, on))
        edge += WINDOW_S
    if sampler is not None:
        sampler.send_signal(signal.SIGCONT)
    return found


def slices_of(target: Target) -> dict[int, int]:
    """End the program and return its passes by slice of 10 ms."""
    target.process.send_signal(signal.SIGINT)
    assert target.process.stdout is not None
    return dict(json.loads(target.process.stdout.readline()))


def ratio(edges: list[tuple[float, bool]], slices: dict[int, int]) -> float:
    """Return the passes of windows without over those with the sampler; slices on edges are out."""
    passes: dict[bool, list[float]] = {False: [], True: []}
    for edge, on in edges:
        first = round(edge * 100)
        inner = [slices.get(first + i, 0) for i in range(1, SLICES_A_WINDOW)]
        passes[on].append(statistics.fmean(inner))
    pairs = [off / on for off, on in zip(passes[False], passes[True]) if on > 0 and off > 0]
    return statistics.median(pairs)


def one(tool: Optional[Tool], python: str, rate: int, seconds: float) -> tuple[float, float]:
    """Return the ratio and the rate reached while the sampler was let."""
    with running(python, SLICES_PROGRAM) as target:
        if tool is None:
            edges = windows(None, target, seconds)
            return ratio(edges, slices_of(target)), 0
        asked = rate // 2 if tool.catches_up else rate
        _, path, _ = tool.words(target, asked, seconds)
        began = time.monotonic()
        whole = START_S + seconds + 0.2
        with tool.start(target, asked, whole) as sampler:
            time.sleep(START_S)
            edges = windows(sampler, target, seconds)
            if tool.words(target, asked, whole)[2] is not None:
                sampler.send_signal(signal.SIGINT)
            sampler.wait(timeout=30)
        on_s = time.monotonic() - began - sum(WINDOW_S for _, on in edges if not on)
        taken = tool.collect(path, Ended(0, 0, "", 0), on_s) if os.path.exists(path) else None
        return ratio(edges, slices_of(target)), taken.taken / on_s if taken else 0


def measure(given: Setting) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for minor, python in given.chosen(*MINORS):
        tools: list[Optional[Tool]] = [None, ours("ours", given.command)]
        tools.append(ours("ours --blocking", given.command, "--blocking"))
        tools += supporting(peers(given.python_315), minor)
        for tool in tools:
            for rate in RATES if tool else RATES[:1]:
                row: dict[str, Any] = {"minor": minor, "tool": tool.name if tool else "nothing"}
                try:
                    found, reached = one(tool, python, rate, SECONDS * given.scale)
                    row.update(rate=rate, slowdown=found - 1, reached=reached)
                    words = f"{100 * row['slowdown']:+6.2f} % at {reached:6.0f} of {rate} Hz"
                except RuntimeError as error:
                    row.update(rate=rate, failed=str(error))
                    words = str(error)
                rows.append(row)
                print(f"3.{minor} {row['tool']:22} {words}", flush=True)
    return rows


def main() -> None:
    given = setting(__doc__)
    given.write("slowdown", measure(given))


if __name__ == "__main__":
    main()
