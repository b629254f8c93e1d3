# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What starting costs: the command itself, and an empty script, beside bare Python and cProfile.

    python bench/trace/startup.py [--runs N] [--json FILE]

Whole processes in turn, A B C A B C; the medians of their wall and CPU seconds. The CPU time counts
the processes that were waited for: the traced program and the command that started it.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from pyrometer.__main__ import find_command


def timed(words: list[str], folder: str) -> tuple[float, float]:
    """Run a command and return its wall and CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run(words, cwd=folder, stdout=quiet, stderr=quiet, check=True)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(runs: int) -> dict[str, tuple[float, float]]:
    command = find_command()
    ways = {
        "pyrometer --version": [command, "--version"],
        "python empty.py": [sys.executable, "empty.py"],
        "pyrometer trace empty.py": [command, "trace", "--python", sys.executable, "empty.py"],
        "python -m cProfile empty.py": [sys.executable, "-m", "cProfile", "empty.py"],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "empty.py"), "w", encoding="utf-8"):
            pass
        for round_number in range(runs + 1):
            for name, words in ways.items():
                times = timed(words, folder)
                if round_number > 0:  # the first round warms the file cache
                    found[name].append(times)
    return {
        name: (statistics.median(t[0] for t in times), statistics.median(t[1] for t in times))
        for name, times in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json")
    options = parser.parse_args()
    medians = measure(options.runs)
    version = sys.version.split()[0]
    print(f"CPython {version}: whole processes, median of {options.runs}, milliseconds")
    print(f"{'':32}{'wall':>8}{'CPU':>8}")
    for name, (wall, cpu) in medians.items():
        print(f"{name:32}{wall * 1e3:8.1f}{cpu * 1e3:8.1f}")
    bare, traced = medians["python empty.py"], medians["pyrometer trace empty.py"]
    print(f"trace over bare: wall {(traced[0] - bare[0]) * 1e3:+.1f} ms, ", end="")
    print(f"CPU {(traced[1] - bare[1]) * 1e3:+.1f} ms")
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": version, "startup": medians}) + "\n")


if __name__ == "__main__":
    main()
