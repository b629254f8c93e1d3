# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What many threads cost the sampler.

    python bench/remote/threads.py [--json FILE] [--build DIR] [--target PYTHON]... [--scale X]

A hundred threads at 100 Hz, once with 99 that wait and one that is busy, once with all of them busy
and in turn with the GIL. The share of a core that the sampler takes, its start left out, and the
rate that it reached.
"""

from typing import Any, Optional

from samplers import Tool, ours, peers, supporting
from setting import Setting, setting
from towers import THREADS_PROGRAM, Target, running

MINORS = (13, 15)
RATE = 100
SECONDS = 1.2
IDLE = {"99 wait": 99, "all busy": 0}


def ways(given: Setting, minor: int) -> list[Tool]:
    found = [ours("ours", given.command), ours("ours --idle", given.command, "--idle")]
    return found + supporting(peers(given.python_315, "-a"), minor)


def one(tool: Tool, target: Target, seconds: float) -> dict[str, Optional[float]]:
    start = tool.sample(target, 5, 0.4).cpu
    taken = tool.sample(target, RATE, seconds)
    return {
        "cpu": max(taken.cpu - start, 0) / taken.seconds,
        "rounds/s": taken.rounds / taken.seconds if taken.rounds is not None else None,
        "samples/s": taken.taken / taken.seconds,
    }


def measure(given: Setting) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for minor, python in given.chosen(*MINORS):
        for name, idle in IDLE.items():
            with running(python, THREADS_PROGRAM, str(idle)) as target:
                for tool in ways(given, minor):
                    row: dict[str, Any] = {"minor": minor, "threads": name, "tool": tool.name}
                    try:
                        row.update(one(tool, target, SECONDS * given.scale))
                        words = f"{100 * row['cpu']:6.1f} % of a core, "
                        words += f"{row['rounds/s'] or 0:6.1f} rounds/s, "
                        words += f"{row['samples/s']:8.0f} samples/s"
                    except RuntimeError as error:
                        row["failed"] = words = str(error)
                    rows.append(row)
                    print(f"3.{minor} {name:10} {tool.name:22} {words}", flush=True)
    return rows


def main() -> None:
    given = setting(__doc__)
    given.write("threads", measure(given))


if __name__ == "__main__":
    main()
