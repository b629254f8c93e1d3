# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Truth of times: two functions of equal true time, one that makes tiny calls and one plain loop.

    python bench/trace/truth.py [--rounds N] [--json FILE]

A profiler that charges its own work to the program shows the caller as the larger one. Prints the
share of caller / (caller + loop) in percent: without a profiler (what each should show), as
cProfile shows it, as we do raw, and as we do with compensation. Minima of many short rounds, so
that other load disturbs least.
"""

import argparse
import cProfile
import json
import sys
import time
from typing import Callable

import pyrometer

CALLS = 20_000
Times = tuple[float, float]


def tiny(x: int) -> int:
    return x


def caller(n: int) -> None:
    call = tiny
    for i in range(n):
        call(i)


def loop(n: int) -> None:
    total = 0
    for i in range(n):
        total += i & 7


def timed(function: Callable[[int], None], n: int) -> float:
    before = time.perf_counter()
    function(n)
    return time.perf_counter() - before


def share(times: Times) -> float:
    return 100 * times[0] / (times[0] + times[1])


def best(rounds: list[Times]) -> Times:
    return min(t[0] for t in rounds), min(t[1] for t in rounds)


def plain(turns: int) -> Times:
    return timed(caller, CALLS), timed(loop, turns)


def equal_turns(rounds: int) -> int:
    """How many turns of the loop take as long as the calls."""
    turns = 2 * CALLS
    for _ in range(4):
        a, b = best([plain(turns) for _ in range(rounds)])
        turns = max(1, round(turns * a / b))
    return turns


def by_cprofile(turns: int) -> Times:
    profile = cProfile.Profile()
    profile.enable()
    caller(CALLS)
    loop(turns)
    profile.disable()
    profile.create_stats()
    times = {key[2]: entry[3] for key, entry in profile.stats.items()}  # type: ignore[attr-defined]
    return times["caller"], times["loop"]


def by_pyrometer(turns: int, builtins: bool, compensate: bool) -> Times:
    with pyrometer.trace(builtins=builtins) as trace:
        caller(CALLS)
        loop(turns)
    profile = trace.profile
    metric = "wall"
    if compensate:
        profile.compensate()
        metric = "wall_corrected"
    found = {f["qualname"]: f[metric + "_inclusive"] for f in profile.functions}
    return found["caller"], found["loop"]


def measure(rounds: int) -> dict[str, float]:
    turns = equal_turns(rounds)
    ways: dict[str, Callable[[], Times]] = {
        "truth": lambda: plain(turns),
        "cProfile": lambda: by_cprofile(turns),
        "raw": lambda: by_pyrometer(turns, True, False),
        "compensated": lambda: by_pyrometer(turns, True, True),
        "raw, no builtins": lambda: by_pyrometer(turns, False, False),
        "compensated, no builtins": lambda: by_pyrometer(turns, False, True),
    }
    found: dict[str, list[Times]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    return {name: share(best(times)) for name, times in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json")
    options = parser.parse_args()
    shares = measure(options.rounds)
    version = sys.version.split()[0]
    print(f"CPython {version}: share of the function that makes calls, percent (50 is right)")
    for name, value in shares.items():
        print(f"  {name:26}{value:6.1f}")
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": version, "share": shares}) + "\n")


if __name__ == "__main__":
    main()
