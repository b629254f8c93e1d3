# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What a call costs from a caller with 2,000 distinct callees, against one callee as often.

    python bench/trace/fanout.py [--pairs N] [--tools a,b] [--json FILE]

The caller goes through a list of functions: one function all along, 2,000 in turn, or the same
2,000 in random order. The cost per call is the traced less the unprofiled CPU time of the same
list, over its length; medians. Nothing here calls a builtin.
"""

import argparse
import gc
import json
import os
import random
import statistics
import sys
from typing import Any, Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cost import cpu_time
from profilers import TOOLS

CALLEES = 2_000
CALLS = 40_000
Functions = list[Callable[[], None]]


def make_functions(count: int) -> Functions:
    space: dict[str, Any] = {}
    exec("".join(f"def f{i}():\n    pass\n" for i in range(count)), space)
    return [space[f"f{i}"] for i in range(count)]


def call_all(functions: Functions) -> None:
    for function in functions:
        function()


def orders() -> dict[str, Functions]:
    """Return the lists to call; each way has functions of its own."""
    turns = make_functions(CALLEES) * (CALLS // CALLEES)
    mixed = make_functions(CALLEES) * (CALLS // CALLEES)
    random.Random(3).shuffle(mixed)
    return {"one": make_functions(1) * CALLS, "in turn": turns, "shuffled": mixed}


def cost_ns(functions: Functions, tool: Any, pairs: int) -> float:
    """Nanoseconds that a call takes more when traced.

    The callees are run once traced first, so that what is counted is calls, not first calls.
    """
    costs = []
    for _ in range(pairs):
        call_all(functions)
        plain = cpu_time(lambda: call_all(functions))
        tool.start()
        try:
            call_all(functions)
            traced = cpu_time(lambda: call_all(functions))
        finally:
            tool.stop()
        costs.append((traced - plain) / len(functions) * 1e9)
    gc.collect()
    return statistics.median(costs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=7)
    default_tools = "pyrometer,pyrometer-nobuiltins,cprofile,yappi-nobuiltins,"
    default_tools += "floor-clock-nobuiltins"
    parser.add_argument("--tools", default=default_tools)
    parser.add_argument("--json")
    options = parser.parse_args()
    version = sys.version.split()[0]
    lists = orders()
    print(f"CPython {version}: ns per call, median of {options.pairs}; over those of one callee")
    found: dict[str, dict[str, float]] = {}
    for name in options.tools.split(","):
        tool = TOOLS[name]()
        pairs = min(options.pairs, 3) if name.startswith("yappi") else options.pairs
        found[name] = {order: cost_ns(it, tool, pairs) for order, it in lists.items()}
        one = found[name]["one"]
        cells = "".join(f"{it:10.1f} ({it / one:6.2f})" for it in found[name].values())
        print(f"  {name:24}{cells}", flush=True)
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": version, "fanout": found}) + "\n")


if __name__ == "__main__":
    main()
