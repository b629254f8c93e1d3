# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Are the stacks true: towers of calls on every Python, where a wrong stack shows.

    python bench/remote/truth.py [--json FILE] [--build DIR] [--target PYTHON]... [--scale X]

Four towers of depth 8, 10, 50 and 200 run in turn, as fast as they can. Counted are the stacks that
never were, those given up, and how deep the stacks are on average beside what a stopped target
shows: a sampler that fails on fast-moving deep stacks makes them look rarer than they are.

The target is stopped by ptrace from its own CPU. From another one the stacks of 200 look deeper:
likely because it runs on until the interrupt reaches it or until it enters the kernel.
"""

from dataclasses import asdict
from typing import Any

from samplers import Tool, ours, peer_versions, peers, supporting
from setting import Setting, setting
from towers import Target, judge, running, towers_program

DEPTHS = (8, 10, 50, 200)
STOPPED = "stopped, 3 kHz"


def ways(given: Setting, depth: int) -> list[tuple[str, Tool, int, float]]:
    """Return what of ours is measured: a name, the tool, the rate, the seconds."""
    found = [
        (STOPPED, ours("ours", given.command, "--blocking", same_cpu=True), 3000, 0.7),
        ("1 kHz", ours("ours", given.command), 1000, 1.2),
        ("compared, 10 kHz", ours("ours", given.command, "--mode", "compared"), 10000, 0.5),
    ]
    if depth == 50:
        found.append(("100 Hz", ours("ours", given.command), 100, 1.0))
    return found


def one(tool: Tool, target: Target, first: int, rate: int, seconds: float) -> dict[str, Any]:
    taken = tool.sample(target, rate, seconds)
    judged = judge(taken.samples.items(), first)
    return {
        "rate": rate,
        **asdict(judged),
        "lost": taken.lost,
        "seconds": taken.seconds,
        "mode": taken.mode,
    }


def measure(given: Setting) -> list[dict[str, Any]]:
    others = peers(given.python_315)
    rows: list[dict[str, Any]] = []
    for minor, python in given.pythons.items():
        for depth in DEPTHS:
            program, first = towers_program(depth)
            with running(python, program) as target:
                todo = ways(given, depth)
                todo += [(f"{it.name}, 1 kHz", it, 1000, 0.4) for it in supporting(others, minor)]
                for name, tool, rate, seconds in todo:
                    row = {"minor": minor, "towers": depth, "way": name}
                    try:
                        row.update(one(tool, target, first, rate, seconds * given.scale))
                    except RuntimeError as error:
                        row["failed"] = str(error)
                    rows.append(row)
                    show(row)
    return rows


def show(row: dict[str, Any]) -> None:
    head = f"3.{row['minor']:<3}{row['towers']:4} {row['way']:30}"
    if "failed" in row:
        print(f"{head} {row['failed']}", flush=True)
        return
    counts = "".join(f"{row[it]:8} {it}" for it in ("taken", "lost", "torn", "impossible"))
    print(f"{head}{counts}{row['depth']:8.1f} deep", flush=True)


def main() -> None:
    given = setting(__doc__)
    rows = measure(given)
    frozen = [it for it in rows if it.get("mode") == "frozen"]
    bad, all_of_them = (sum(it[key] for it in frozen) for key in ("impossible", "taken"))
    print(f"frozen: {bad} of {all_of_them} stacks impossible")
    given.write("truth", rows)
    given.write("peers", peer_versions())


if __name__ == "__main__":
    main()
