# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Valid samples per second, ours beside other samplers on the same program, and CPU per sample.

    python bench/remote/rates.py [--seconds S] [--python PATH] [--json FILE]

Valid are samples that were taken and are not impossible. The program runs free: four towers of
calls. "per CPU s" is what one core gives that does nothing else, whatever else the machine does.
Then the CPU time of our own reader per sample of a stack that does not move.
"""

import argparse
import json
import sys
from typing import Any

import peers
import programs
import reader

DEPTHS = (10, 50, 200)
OURS = (("frozen", 1000), ("compared", 10000), ("compared", 0))


def ours(driver: str, pid: int, seconds: float) -> list[dict[str, Any]]:
    rows = []
    for mode, rate in OURS:
        checked = reader.read(driver, pid, mode, rate, seconds, "check")
        found = reader.read(driver, pid, mode, rate, seconds)
        cpu = found["cpu_us_per_round"] * 1e-6 * found["rounds"]
        share = 1 - checked["impossible"] / max(checked["checked"], 1)
        valid = (found["samples"] - found["torn"]) * share
        rows.append(
            {
                "name": f"Pyrometer, {mode}",
                "asked": f"{rate // 1000} kHz" if rate else "free",
                "impossible": 1 - share,
                "valid_per_s": valid / found["elapsed_s"],
                "valid_per_cpu_s": valid / cpu,
            }
        )
    return rows


def others(pid: int, seconds: int, python: str) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "asked": one.asked,
            "impossible": one.judged.impossible / one.judged.samples,
            "valid_per_s": one.valid_per_s,
            "valid_per_cpu_s": one.valid_per_cpu_s,
        }
        for one in peers.sample(pid, seconds, python)
    ]


def static_costs(driver: str, python: str, depth: int) -> dict[str, float]:
    """Microseconds of CPU per sample, the best of three runs of each way."""
    with programs.running(python, programs.static(depth)) as (pid, _):
        return {
            mode: min(reader.read(driver, pid, mode, 0, 1)["cpu_us_per_round"] for _ in range(3))
            for mode in ("frozen", "compared")
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json")
    options = parser.parse_args()
    driver = reader.build()
    print(f"{options.python}: valid samples of a program that runs free")
    for depth in DEPTHS:
        with programs.running(options.python, programs.towers(depth)) as (pid, _):
            rows = ours(driver, pid, options.seconds)
            rows += others(pid, options.seconds, options.python)
        static = static_costs(driver, options.python, depth)
        for row in rows:
            print(
                f"  {depth:4} {row['name']:22}{row['asked']:>9}{row['valid_per_s']:12.0f}/s"
                f"{row['valid_per_cpu_s']:12.0f} per CPU s{100 * row['impossible']:9.3f} % wrong"
            )
        costs = ", ".join(f"{mode} {cost:.1f} us" for mode, cost in static.items())
        print(f"  {depth:4} CPU per sample of a static stack: {costs}")
        if options.json:
            figures = {"depth": depth, "rows": rows, "static_us": static}
            with open(options.json, "a", encoding="utf-8") as out:
                out.write(json.dumps({"python": options.python, "remote_rates": figures}) + "\n")


if __name__ == "__main__":
    main()
