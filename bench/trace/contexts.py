# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What tracing costs by clock, greenlet, tag and task: ours beside Yappi, A B A B, medians.

    python bench/trace/contexts.py [--groups a,b] [--pairs N] [--json FILE]

As cost.py measures: the median of profiled over unprofiled, in CPU time of the process; "cost" is
the geometric mean over the programs, less 1. Each group has its programs, and ours and Yappi's way
of doing the same; the last lines give our cost over Yappi's. Yappi takes three pairs: what it costs
is far above the noise.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from typing import Any, Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import concurrent_programs
import programs
from cost import MIN_PAIRS, geometric_mean, slowdown
from profilers import Pyrometer, Yappi

EVENTS = 1_000_000


@dataclass(frozen=True)
class Group:
    """Programs, the profilers to run them under, and which cost goes over which."""

    programs: dict[str, Callable[[], object]]
    tools: dict[str, Callable[[], Any]]
    ratios: list[tuple[str, str]]


def tag() -> int:
    return concurrent_programs.TAG.get(0)


def beside_yappi(
    group: str, of: dict[str, Callable[[], object]], yappi: dict[str, Any], **options: Any
) -> Group:
    """Ours with these options and Yappi with those, with and without builtins."""
    tools: dict[str, Callable[[], Any]] = {
        group: lambda: Pyrometer(**options),
        f"{group}-nobuiltins": lambda: Pyrometer(builtins=False, **options),
        f"yappi-{group}": lambda: Yappi(True, **yappi),
        f"yappi-{group}-nobuiltins": lambda: Yappi(False, **yappi),
    }
    ends = ("", "-nobuiltins")
    return Group(of, tools, [(group + end, f"yappi-{group}{end}") for end in ends])


def only_ours(group: str, of: dict[str, Callable[[], object]], **options: Any) -> Group:
    return Group(
        of,
        {
            group: lambda: Pyrometer(**options),
            f"{group}-nobuiltins": lambda: Pyrometer(builtins=False, **options),
        },
        [],
    )


GREENLETS, TAGGED = concurrent_programs.GREENLETS, concurrent_programs.TAGGED
BACKEND: dict[str, Any] = {"backend": "greenlet"}
CALLBACK: dict[str, Any] = {"tag": tag}
VARIABLE: dict[str, Any] = {"tag": concurrent_programs.TAG}
CPU: dict[str, Any] = {"clock": "cpu"}

GROUPS = {
    "wall": beside_yappi("wall", programs.PROGRAMS, {}),
    "cpu": beside_yappi("cpu", programs.PROGRAMS, CPU, **CPU),
    "both": only_ours("both", programs.PROGRAMS, clock="both"),
    "timeline": only_ours("timeline", programs.PROGRAMS, timeline=EVENTS),
    "greenlets": beside_yappi("greenlets", GREENLETS, BACKEND),
    "greenlets-cpu": beside_yappi("greenlets-cpu", GREENLETS, {**BACKEND, **CPU}, **CPU),
    "tags": beside_yappi("tags", TAGGED, CALLBACK, **VARIABLE),
    "tags-cpu": beside_yappi("tags-cpu", TAGGED, {**CALLBACK, **CPU}, **VARIABLE, **CPU),
    "tasks": only_ours("tasks", concurrent_programs.TASKS, tasks=True),
    "no-tasks": only_ours("no-tasks", concurrent_programs.TASKS, tasks=False),
}


def measure(group: Group, pairs: int) -> dict[str, dict[str, float]]:
    """Return the slowdown of each program by tool, the tools in turn program by program."""
    made = {name: make() for name, make in group.tools.items()}
    table: dict[str, dict[str, float]] = {name: {} for name in made}
    for program, run in group.programs.items():
        for name, tool in made.items():
            count = MIN_PAIRS if isinstance(tool, Yappi) else pairs
            table[name][program] = slowdown(run, tool, count)
    return table


def show(name: str, table: dict[str, dict[str, float]], costs: dict[str, float]) -> None:
    columns = GROUPS[name].programs
    print(f"{name:28}" + "".join(f"{it[:9]:>10}" for it in columns) + f"{'cost':>8}")
    for tool, row in table.items():
        cells = "".join(f"{value:10.2f}" for value in row.values())
        print(f"  {tool:26}{cells}{costs[tool]:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--groups", default=",".join(GROUPS))
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--json")
    options = parser.parse_args()
    version = sys.version.split()[0]
    print(f"CPython {version}: slowdown, median of {options.pairs} pairs")
    found: dict[str, Any] = {}
    for name in options.groups.split(","):
        table = measure(GROUPS[name], options.pairs)
        costs = {tool: geometric_mean(list(row.values())) - 1 for tool, row in table.items()}
        show(name, table, costs)
        ratios = {ours: costs[ours] / costs[peer] for ours, peer in GROUPS[name].ratios}
        for ours, peer in GROUPS[name].ratios:
            print(f"    cost of {ours} / cost of {peer}: {ratios[ours]:.3f}", flush=True)
        found[name] = {"slowdown": table, "cost": costs, "ratio": ratios}
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": version, "contexts": found}) + "\n")


if __name__ == "__main__":
    main()
