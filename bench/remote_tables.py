# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/benchmarks.md on sampling from outside; bench/tables.py puts them in."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Optional

from markdown import NONE, table

Row = dict[str, Any]
# The rows of each script of bench/remote, under its name.
Remote = dict[str, Any]
SCRIPTS = ("truth", "rates", "slowdown", "attach", "threads", "long")

STOPPED = "stopped, 3 kHz"
FROZEN = "1 kHz"
COMPARED = "compared, 10 kHz"
WAYS = {
    "100 Hz": "ours, 100 Hz",
    FROZEN: "ours, 1 kHz",
    COMPARED: "ours, `--mode compared`, 10 kHz",
    "py-spy, 1 kHz": "py-spy",
    "py-spy --nonblocking, 1 kHz": "py-spy `--nonblocking`",
    "Tachyon, 1 kHz": "Tachyon",
    "Austin, 1 kHz": "Austin",
}
ALONE = "the sampler alone"
RATE_TOOLS = (ALONE, "ours", "py-spy", "py-spy --nonblocking", "Tachyon", "Austin")


def pick(rows: Iterable[Row], **wanted: object) -> list[Row]:
    return [
        it
        for it in rows
        if "failed" not in it and all(it.get(key) == value for key, value in wanted.items())
    ]


def minors(rows: Iterable[Row]) -> list[int]:
    return sorted({it["minor"] for it in rows})


def unique(rows: Iterable[Row], key: str) -> list[Any]:
    return list(dict.fromkeys(it[key] for it in rows))


def bad_share(rows: list[Row]) -> Optional[float]:
    """Return the impossible of what was taken."""
    taken = sum(it["taken"] for it in rows)
    return sum(it["impossible"] for it in rows) / taken if taken else None


def lost_share(rows: list[Row]) -> Optional[float]:
    """Return what was given up or is torn of what there should have been."""
    there = sum(it["taken"] + it["lost"] for it in rows)
    return sum(it["lost"] + it["torn"] for it in rows) / there if there else None


def depth_ratio(rows: list[Row], way: str, **wanted: object) -> Optional[float]:
    """Return the mean depth beside that of the stopped target, over all towers and versions."""
    found = []
    for row in pick(rows, way=way, **wanted):
        same = pick(rows, way=STOPPED, minor=row["minor"], towers=row["towers"])
        if same and same[0]["depth"] and row["depth"]:
            found.append((row["depth"] / same[0]["depth"], min(row["taken"], same[0]["taken"])))
    weight = sum(count for _, count in found)
    return sum(ratio * count for ratio, count in found) / weight if weight else None


def percent(share: Optional[float], digits: int = 2) -> str:
    if share is None:
        return NONE
    return "0" if share == 0 else f"{share * 100:.{digits}f} %"


def impossible_table(remote: Remote) -> str:
    rows = remote["truth"]

    def cells(**wanted: object) -> list[str]:
        return [percent(bad_share(pick(rows, way=way, **wanted))) for way in WAYS]

    lines = [[f"3.{it}", *cells(minor=it)] for it in minors(rows)]
    totals = [pick(rows, way=way) for way in WAYS]
    lines.append(["samples", *(f"{sum(it['taken'] for it in group):,}" for group in totals)])
    return table(["CPython", *WAYS.values()], lines)


def lost_table(remote: Remote) -> str:
    rows = remote["truth"]
    lines = [
        [f"3.{it}", *(percent(lost_share(pick(rows, way=way, minor=it))) for way in WAYS)]
        for it in minors(rows)
    ]
    return table(["CPython", *WAYS.values()], lines)


def off(ratio: Optional[float]) -> str:
    return NONE if ratio is None else f"{(ratio - 1) * 100:+.1f} %"


def depth_table(remote: Remote) -> str:
    rows = remote["truth"]
    lines = [
        [str(it), *(off(depth_ratio(rows, way, towers=it)) for way in WAYS)]
        for it in unique(rows, "towers")
    ]
    lines.append(["all", *(off(depth_ratio(rows, way)) for way in WAYS)])
    return table(["depth", *WAYS.values()], lines)


def rate_cell(rows: list[Row]) -> str:
    if not rows:
        return NONE
    row = rows[0]
    there = row["taken"] + row["lost"]
    bad = row["lost"] + row["torn"] + row["impossible"]
    return f"{row['valid/CPU s']:,.0f}" + (f" ({100 * bad / there:.0f} %)" if bad else "")


def rates_table(remote: Remote) -> str:
    rows = remote["rates"]["free"]
    lines = []
    for minor in minors(rows):
        for depth in unique(rows, "towers"):
            of = [pick(rows, minor=minor, towers=depth, tool=tool) for tool in RATE_TOOLS]
            lines.append([f"3.{minor}", str(depth), *map(rate_cell, of)])
    heads = [ALONE, "ours, `record`", "py-spy", "py-spy `--nonblocking`", "Tachyon", "Austin"]
    return table(["CPython", "depth", *heads], lines)


def still_table(remote: Remote) -> str:
    rows = remote["rates"]["still"]
    depths = unique(rows, "depth")
    heads = [f"{name}, {it} deep" for name in (ALONE, "`record`") for it in depths]

    def cell(minor: int, depth: int, key: str) -> str:
        found = pick(rows, minor=minor, depth=depth)
        value = found[0][key] if found else None
        return NONE if value is None else f"{value:.1f}"

    lines = [
        [f"3.{minor}", *(cell(minor, it, key) for key in ("alone", "record") for it in depths)]
        for minor in minors(rows)
    ]
    return table(["CPython", *heads], lines)


def slowdown_table(remote: Remote) -> str:
    rows = remote["slowdown"]
    kinds = [(minor, rate) for minor in minors(rows) for rate in (100, 1000)]
    heads = [f"3.{minor}, {rate:,} Hz" for minor, rate in kinds]

    def cell(tool: str, minor: int, rate: int) -> str:
        found = pick(rows, tool=tool, minor=minor, rate=rate)
        if not found:
            return NONE
        reached = f" ({found[0]['reached']:.0f} Hz)" if found[0]["reached"] else ""
        return f"{found[0]['slowdown'] * 100:+.1f} %{reached}"

    lines = [
        [tool, *(cell(tool, minor, rate) for minor, rate in kinds)] for tool in unique(rows, "tool")
    ]
    return table(["", *heads], lines)


def attach_table(remote: Remote) -> str:
    rows = remote["attach"]

    def cell(tool: str, minor: int) -> str:
        found = pick(rows, tool=tool, minor=minor)
        return f"{found[0]['wall_ms']:.0f} ({found[0]['cpu_ms']:.1f})" if found else NONE

    versions = minors(rows)
    lines = [[tool, *(cell(tool, it) for it in versions)] for tool in unique(rows, "tool")]
    return table(["", *(f"3.{it}" for it in versions)], lines)


def threads_table(remote: Remote) -> str:
    rows = remote["threads"]
    kinds = [(minor, name) for minor in minors(rows) for name in unique(rows, "threads")]

    def cell(tool: str, minor: int, name: str) -> str:
        found = pick(rows, tool=tool, minor=minor, threads=name)
        return f"{100 * found[0]['cpu']:.1f} % ({found[0]['samples/s']:,.0f})" if found else NONE

    lines = [
        [tool, *(cell(tool, minor, name) for minor, name in kinds)] for tool in unique(rows, "tool")
    ]
    return table(["", *(f"3.{minor}, {name}" for minor, name in kinds)], lines)


def long_table(remote: Remote) -> str:
    lines = []
    for row in remote["long"]:
        lines.append(
            [
                f"3.{row['minor']}",
                " and ".join(f"{it:,}" for it in row["samples"]),
                " and ".join(f"{it / 2**20:.1f}" for it in row["memory"]),
                " and ".join(f"{it / 1000:.0f}" for it in row["file"]),
                f"{row['memory, an hour, MiB']:.1f}",
                f"{row['file, an hour, MiB']:.2f}",
            ]
        )
    heads = ["CPython", "samples", "memory, MiB", "file, kB", "an hour: memory, MiB", "file, MiB"]
    return table(heads, lines)


def versus(remote: Remote, peers: tuple[str, ...], depth: int) -> Optional[float]:
    """Return our rate over the fastest of these, on the version that favours us least."""
    rows, found = remote["rates"]["free"], []
    for minor in minors(rows):
        ours = pick(rows, minor=minor, towers=depth, tool=ALONE)
        for peer in peers:
            other = pick(rows, minor=minor, towers=depth, tool=peer)
            if ours and other:
                found.append(ours[0]["valid/CPU s"] / max(other[0]["valid/CPU s"], 1))
    return min(found, default=None)


def worst(values: Iterable[Optional[float]]) -> Optional[float]:
    return max((it for it in values if it is not None), default=None)


def mean_slowdown(remote: Remote, tool: str, rate: int) -> Optional[float]:
    found = pick(remote["slowdown"], tool=tool, rate=rate)
    return 100 * statistics.fmean(it["slowdown"] for it in found) if found else None


def in_percent(value: Optional[float]) -> Optional[float]:
    return None if value is None else 100 * value


@dataclass(frozen=True)
class Goal:
    """A figure and what it should be: at most the target, or at least."""

    name: str
    value: Optional[float]
    target: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        if self.value is None:
            return False
        return self.value >= self.target if self.at_least else self.value <= self.target

    def cells(self) -> list[str]:
        bound = f"{'at least' if self.at_least else 'at most'} {self.target:g}{self.unit}"
        if self.value is None:
            return [self.name, NONE, bound]
        digits = 2 if self.value == 0 or abs(self.value) >= 0.01 else 4
        text = f"{self.value:.{digits}f}".rstrip("0").rstrip(".") + self.unit
        return [self.name, f"**{text}**" if self.met else text, bound]


def truth_goals(rows: list[Row]) -> list[Goal]:
    frozen = [*pick(rows, way="100 Hz"), *pick(rows, way=FROZEN)]
    compared = pick(rows, way=COMPARED)
    depths = [depth_ratio(rows, FROZEN, towers=it) for it in unique(rows, "towers")]
    off_by = worst(abs(it - 1) for it in depths if it is not None)
    return [
        Goal("impossible stacks, frozen", in_percent(bad_share(frozen)), 0, " %"),
        Goal("impossible stacks, compared", in_percent(bad_share(compared)), 0.1, " %"),
        Goal("lost or torn, frozen", in_percent(lost_share(frozen)), 1, " %"),
        Goal("lost or torn, compared", in_percent(lost_share(compared)), 1, " %"),
        Goal("mean depth at 1 kHz, off the truth, at worst", in_percent(off_by), 5, " %"),
    ]


def rate_goals(remote: Remote) -> list[Goal]:
    found = []
    depths = unique(remote["rates"]["free"], "towers")
    spies = ("py-spy", "py-spy --nonblocking")
    for names, target in ((("Tachyon",), 3), (spies, 20), (("Austin",), 20)):
        for depth in depths:
            name = f"valid samples over {names[0]}'s, {depth} deep"
            found.append(Goal(name, versus(remote, names, depth), target, " times", True))
    still = remote["rates"]["still"]
    for depth, target in zip(depths, (7, 9, 15)):
        cost = worst(it["alone"] for it in pick(still, depth=depth))
        found.append(Goal(f"CPU time of a sample, {depth} deep", cost, target, " µs"))
    return found


def other_goals(remote: Remote) -> list[Goal]:
    threads = [it["cpu"] for it in pick(remote["threads"]) if "ours" in it["tool"]]
    attach = [it["wall_ms"] for it in pick(remote["attach"], tool="ours")]
    memory, file = (
        worst(it[f"{kind}, an hour, MiB"] for it in remote["long"]) for kind in ("memory", "file")
    )
    return [
        Goal("slowdown at 100 Hz", mean_slowdown(remote, "ours", 100), 1, " %"),
        Goal("slowdown at 1 kHz", mean_slowdown(remote, "ours", 1000), 4, " %"),
        Goal("from the command to the stacks", worst(attach), 20, " ms"),
        Goal("100 threads at 100 Hz, of a core", in_percent(worst(threads)), 10, " %"),
        Goal("an hour's memory", memory, 50, " MiB"),
        Goal("an hour's file", file, 20, " MiB"),
    ]


def goals_table(remote: Remote) -> str:
    goals = [*truth_goals(remote["truth"]), *rate_goals(remote), *other_goals(remote)]
    return table(["", "measured", "goal"], [it.cells() for it in goals])


TABLES: dict[str, Callable[[Remote], str]] = {
    "remote-goals": goals_table,
    "remote-impossible": impossible_table,
    "remote-lost": lost_table,
    "remote-depth": depth_table,
    "remote-rates": rates_table,
    "remote-still": still_table,
    "remote-slowdown": slowdown_table,
    "remote-attach": attach_table,
    "remote-threads": threads_table,
    "remote-long": long_table,
}
