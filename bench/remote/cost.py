# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What being sampled costs a program, and what a program of a hundred threads costs the reader.

    python bench/remote/cost.py [--seconds S] [--python PATH] [--json FILE]

The program counts what it does in windows of 40 ms, of which every other one is sampled, so that
both halves see the same machine. The slowdown is that of the sampled windows, the median of runs.
"""

import argparse
import json
import statistics
import subprocess
import sys

import programs
import reader

WINDOW_S = 0.04
RUNS = 5
THREADS = 100
WAYS = (("frozen", 100), ("frozen", 1000), ("compared", 10000), ("stopped", 100), ("stopped", 1000))


def slowdown(driver: str, python: str, mode: str, rate: int, seconds: float) -> float:
    """Return by how much sampled windows are slower, as a share."""
    arguments = (str(seconds), str(WINDOW_S))
    with programs.running(python, programs.WINDOWS, *arguments) as (pid, program):
        words = [str(pid), mode, str(rate), str(seconds), "toggle", str(round(WINDOW_S * 1000))]
        with subprocess.Popen([driver, *words], stdout=subprocess.DEVNULL):
            assert program.stdout is not None
            sampled, alone = map(float, program.stdout.readline().split())
    return alone / sampled - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json")
    options = parser.parse_args()
    driver = reader.build()
    figures: dict[str, float] = {}
    print(f"{options.python}: slowdown of a program while it is sampled")
    for mode, rate in WAYS:
        runs = [slowdown(driver, options.python, mode, rate, options.seconds) for _ in range(RUNS)]
        figures[f"{mode} {rate}"] = statistics.median(runs)
        least, most = min(runs), max(runs)
        print(
            f"  {mode:9}{rate:>6} Hz{100 * statistics.median(runs):8.2f} %"
            f"   ({100 * least:.2f} to {100 * most:.2f})"
        )
    with programs.running(options.python, programs.THREADS, str(THREADS)) as (pid, _):
        found = reader.read(driver, pid, "frozen", 100, options.seconds)
    figures["threads_core"] = found["cpu_us_per_round"] * 100 * 1e-6
    print(f"  {THREADS} threads at 100 Hz: {100 * figures['threads_core']:.2f} % of a core")
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": options.python, "remote_cost": figures}) + "\n")


if __name__ == "__main__":
    main()
