# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""How many samples can be had, and what one costs.

    python bench/remote/rates.py [--json FILE] [--build DIR] [--target PYTHON]... [--scale X]

Each tool as fast as it goes, on towers of depth 10, 50 and 200 that run freely. Counted are valid
samples: taken, not given up, not torn, possible; per second, and per second of CPU time that the
tool took beyond what its start takes. Then the CPU time of a sample where the stack stands still.
"The sampler alone" is bench/remote/reader.c: our reader without making a profile of what it reads.
"""

import json
import subprocess
from typing import Any, Optional

from samplers import Tool, ours, peers, supporting
from setting import Setting, setting
from towers import Target, judge, running, still_program, towers_program

DEPTHS = (10, 50, 200)
MINORS = (13, 15)
SECONDS = 1.0
FASTEST = 1_000_000
OUR_FASTEST = 100_000  # what `record --rate` takes at most
ALONE = "the sampler alone"


def start_cost(tool: Tool, target: Target) -> float:
    """Return the CPU seconds of as good as no samples."""
    return tool.sample(target, 5, 0.2).cpu


def fastest(tool: Tool, target: Target, first: int, seconds: float) -> dict[str, Any]:
    rate = OUR_FASTEST if tool.name == "ours" else FASTEST
    start = start_cost(tool, target)
    taken = tool.sample(target, rate, seconds)
    judged = judge(taken.samples.items(), first)
    cpu = max(taken.cpu - start, 1e-3)
    return {
        "valid/s": judged.valid / taken.seconds,
        "valid/CPU s": judged.valid / cpu,
        "cpu": cpu / taken.seconds,
        "taken": judged.taken,
        "lost": taken.lost,
        "impossible": judged.impossible,
        "torn": judged.torn,
    }


def read_alone(
    reader: str, target: Target, seconds: float, *, check: bool = False
) -> dict[str, Any]:
    words = [reader, str(target.pid), "compared", "0", str(seconds), *(["check"] if check else [])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def alone(reader: str, target: Target, seconds: float) -> dict[str, Any]:
    """Return the same of the sampler alone.

    To check a stack takes longer than to read it, so that what is valid is counted in another run.
    """
    checked = read_alone(reader, target, seconds / 2, check=True)
    found = read_alone(reader, target, seconds)
    invalid = (checked["impossible"] + checked["torn"]) / max(checked["samples"], 1)
    cpu = found["cpu_us_per_round"] * found["rounds"] * 1e-6
    valid = found["samples"] * (1 - invalid)
    return {
        "valid/s": valid / found["elapsed_s"],
        "valid/CPU s": valid / cpu,
        "cpu": cpu / found["elapsed_s"],
        **{key: checked[key] for key in ("lost", "torn", "impossible")},
        "taken": checked["samples"],
    }


def still(given: Setting, python: str, depth: int) -> dict[str, Optional[float]]:
    """Return the CPU microseconds of a sample of a stack that stands still."""
    found: dict[str, Optional[float]] = {"alone": None}
    seconds = 0.4 * given.scale
    with running(python, still_program(depth)) as target:
        if given.reader is not None:
            # What disturbs can only add: the least of three.
            costs = [read_alone(given.reader, target, seconds) for _ in range(3)]
            found["alone"] = min(it["cpu_us_per_round"] for it in costs)
        tool = ours("ours", given.command, "--mode", "compared")
        start = start_cost(tool, target)
        taken = tool.sample(target, OUR_FASTEST, 2 * seconds)
        found["record"] = (taken.cpu - start) / max(taken.taken, 1) * 1e6
    return found


def measure(given: Setting) -> dict[str, Any]:
    others = peers(given.python_315)
    rows: list[dict[str, Any]] = []
    stills: list[dict[str, Any]] = []
    for minor, python in given.chosen(*MINORS):
        for depth in DEPTHS:
            program, first = towers_program(depth)
            with running(python, program) as target:
                tools = [ours("ours", given.command, "--mode", "compared")]
                if given.reader is not None:
                    found = alone(given.reader, target, SECONDS * given.scale)
                    rows.append({"minor": minor, "towers": depth, "tool": ALONE, **found})
                    show(rows[-1])
                for tool in tools + supporting(others, minor):
                    row = {"minor": minor, "towers": depth, "tool": tool.name}
                    try:
                        row.update(fastest(tool, target, first, SECONDS * given.scale))
                    except RuntimeError as error:
                        row["failed"] = str(error)
                    rows.append(row)
                    show(row)
            found = still(given, python, depth)
            stills.append({"minor": minor, "depth": depth, **found})
            words = ", ".join(f"{key} {it:.1f}" for key, it in found.items() if it is not None)
            print(f"3.{minor} {depth:4} deep, still: CPU us per sample: {words}", flush=True)
    return {"free": rows, "still": stills}


def show(row: dict[str, Any]) -> None:
    head = f"3.{row['minor']} {row['towers']:4} {row['tool']:22}"
    if "failed" in row:
        print(f"{head} {row['failed']}", flush=True)
        return
    print(
        f"{head}{row['valid/s']:9.0f} valid/s {row['valid/CPU s']:9.0f} per CPU second "
        f"{row['cpu']:5.2f} CPUs; {row['taken']} taken, {row['lost']} lost, {row['torn']} torn, "
        f"{row['impossible']} impossible",
        flush=True,
    )


def main() -> None:
    given = setting(__doc__)
    given.write("rates", measure(given))


if __name__ == "__main__":
    main()
