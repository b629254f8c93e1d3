# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What an event of the timeline takes: bytes of memory, and of the file.

    python bench/trace/timeline.py [--json FILE]

Memory: all the programs that tracers are timed on run one after the other, until a ring of a
million events is full; it is what the process grew by, less what it grew by without a timeline,
medians of five processes each. The file: each program fills a ring of 50,000 events; it is the
size of the profile saved, less that of the same program's without.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from typing import Any, Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import programs

import pyrometer

RING = 1_000_000
FILE_RING = 50_000


def resident_kib() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def run_all() -> None:
    for program in programs.PROGRAMS.values():
        program()


def growth(timeline: int) -> int:
    """Return the bytes that this process grows by when all programs are traced twice."""
    run_all()
    before = resident_kib()
    trace = pyrometer.trace(timeline=timeline)
    with trace:
        run_all()
        run_all()
    grown = (resident_kib() - before) * 1024
    if timeline and not trace.profile.meta.get("lost_runs"):
        raise SystemExit("timeline: the ring is not full, so its events are not known")
    return grown


def growth_of_a_process(timeline: int) -> float:
    """Return the median of five processes: where the allocator puts things moves one of them."""
    words = [sys.executable, os.path.abspath(__file__), "--growth", str(timeline)]
    return statistics.median(
        int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    )


def file_size(program: Callable[[], object], timeline: int, path: str) -> int:
    """Return the bytes of the file of a program that has run until its ring was full."""
    trace = pyrometer.trace(timeline=timeline)
    for _ in range(20):
        with trace:
            program()
        if not timeline or trace.profile.meta.get("lost_runs"):
            trace.save(path)
            return os.path.getsize(path)
    raise SystemExit("timeline: a program has too few events")


def file_bytes() -> dict[str, float]:
    """Return the bytes per event of each program."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.pyro")
        return {
            name: (file_size(program, FILE_RING, path) - file_size(program, 0, path)) / FILE_RING
            for name, program in programs.PROGRAMS.items()
        }


def measure() -> dict[str, Any]:
    files = file_bytes()
    return {
        "memory, bytes per event": (growth_of_a_process(RING) - growth_of_a_process(0)) / RING,
        "file, bytes per event": sum(files.values()) / len(files),
        "file, the largest": max(files.values()),
        "by program": files,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json")
    parser.add_argument("--growth", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.growth is not None:
        print(growth(options.growth))
        return
    found = measure()
    version = sys.version.split()[0]
    print(f"CPython {version}: timeline")
    for name, value in found.items():
        if name != "by program":
            print(f"  {name:28}{value:8.2f}")
    print("  " + ", ".join(f"{name} {it:.2f}" for name, it in found["by program"].items()))
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": version, "timeline": found}) + "\n")


if __name__ == "__main__":
    main()
