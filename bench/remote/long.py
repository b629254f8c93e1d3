# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What an hour of recording takes.

    python bench/remote/long.py [--json FILE] [--build DIR] [--target PYTHON]... [--scale X]

An hour at 100 Hz is 360,000 samples. A busy program of many libraries is recorded twice at 5 kHz,
the second time four times as long; memory and file grow with the call paths that are new, which
become rarer. Taken for the hour is the line through both: more than it will be. The hour itself is
not waited for.
"""

from typing import Any

from samplers import ours
from setting import Setting, setting
from towers import BUSY_PROGRAM, running

MINORS = (13,)
RATE = 5000
SECONDS = (3.0, 12.0)
HOUR = 360_000


def measure(given: Setting) -> list[dict[str, Any]]:
    rows = []
    for minor, python in given.chosen(*MINORS):
        with running(python, BUSY_PROGRAM) as target:
            tool = ours("ours", given.command, "--mode", "compared", form="pyro")
            found = [
                tool.sample(target, RATE, seconds * given.scale, memory=True) for seconds in SECONDS
            ]
        first, second = found
        row: dict[str, Any] = {"minor": minor}
        both = {
            "memory": [it.memory_kib * 1024 for it in found],
            "file": [it.file_bytes for it in found],
        }
        for name, sizes in both.items():
            slope = max(0.0, (sizes[1] - sizes[0]) / (second.taken - first.taken))
            row[name] = sizes
            row[f"{name}, an hour, MiB"] = (sizes[1] + slope * (HOUR - second.taken)) / 2**20
        row["samples"] = [it.taken for it in found]
        row["paths"] = [len(it.samples) for it in found]
        rows.append(row)
        print(
            f"3.{minor}: {row['samples']} samples, {row['paths']} stacks: "
            f"memory {row['memory']} bytes, file {row['file']}; "
            f"an hour: {row['memory, an hour, MiB']:.1f} and {row['file, an hour, MiB']:.2f} MiB"
        )
    return rows


def main() -> None:
    given = setting(__doc__)
    given.write("long", measure(given))


if __name__ == "__main__":
    main()
