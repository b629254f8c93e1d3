# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What tracing costs, ours beside cProfile and Yappi, in one process: A B A B, medians.

    python bench/trace/cost.py [--tools a,b] [--programs a,b] [--pairs N] [--json FILE]

For each program and tool the program runs unprofiled (A) and profiled (B) in turn; the figure is
the median of B/A in CPU time of the process, which other load on the machine disturbs least.
"cost" is the geometric mean of the slowdowns over the programs, less 1; the last lines give our
cost over the peer's, and over that of empty callbacks.
"""

import argparse
import gc
import json
import math
import os
import statistics
import sys
import time
from typing import Any, Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import programs
from profilers import TOOLS

MIN_PAIRS = 3


def cpu_time(program: Callable[[], object]) -> float:
    gc.collect()
    before = time.process_time()
    program()
    return time.process_time() - before


def slowdown(program: Callable[[], object], tool: Any, pairs: int) -> float:
    ratios: list[float] = []
    for _ in range(max(pairs, MIN_PAIRS)):
        program()
        plain = cpu_time(program)
        tool.start()
        try:
            traced = cpu_time(program)
        finally:
            tool.stop()
        ratios.append(traced / plain)
    return statistics.median(ratios)


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(math.log(v) for v in values) / len(values))


def measure(tools: list[str], names: list[str], pairs: int) -> dict[str, dict[str, float]]:
    made = {name: TOOLS[name]() for name in tools}
    table: dict[str, dict[str, float]] = {name: {} for name in tools}
    for program in names:
        for tool in tools:
            table[tool][program] = slowdown(programs.PROGRAMS[program], made[tool], pairs)
    return table


def comparisons(costs: dict[str, float]) -> list[tuple[str, str, float]]:
    """(ours, peer, ratio of costs) which the targets are stated in."""
    pairs = [("pyrometer", "cprofile"), ("pyrometer", "yappi"), ("pyrometer", "floor-clock")]
    pairs.append(("pyrometer-nobuiltins", "floor-clock-nobuiltins"))
    # From 3.14 on cProfile ignores builtins=False, so the peer is what its users get.
    plain_peer = "cprofile" if sys.version_info >= (3, 14) else "cprofile-nobuiltins"
    pairs += [("pyrometer-nobuiltins", plain_peer), ("pyrometer-nobuiltins", "yappi-nobuiltins")]
    return [(a, b, costs[a] / costs[b]) for a, b in pairs if a in costs and b in costs]


def default_tools() -> str:
    """Ours, cProfile where it has the setting, and the floor where there is one."""
    names = ["cprofile", "pyrometer", "pyrometer-nobuiltins", "floor-clock-nobuiltins"]
    if sys.version_info < (3, 14):
        names.insert(1, "cprofile-nobuiltins")
    if sys.version_info >= (3, 12):
        names.append("floor-clock")
    return ",".join(names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tools", default=default_tools())
    parser.add_argument("--programs", default=",".join(programs.PROGRAMS))
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--json")
    options = parser.parse_args()
    tools, names = options.tools.split(","), options.programs.split(",")
    table = measure(tools, names, options.pairs)
    version = sys.version.split()[0]
    print(f"CPython {version}: slowdown, median of {options.pairs} pairs")
    print(f"{'':23}" + "".join(f"{name[:9]:>10}" for name in names) + f"{'geomean':>10}{'cost':>8}")
    costs = {}
    for tool in tools:
        mean = geometric_mean(list(table[tool].values()))
        costs[tool] = mean - 1
        cells = "".join(f"{table[tool][name]:10.2f}" for name in names)
        print(f"{tool:23}{cells}{mean:10.2f}{mean - 1:8.2f}")
    for ours, peer, ratio in comparisons(costs):
        print(f"cost of {ours} / cost of {peer}: {ratio:.2f}")
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": version, "slowdown": table, "cost": costs}) + "\n")


if __name__ == "__main__":
    main()
