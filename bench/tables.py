# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/benchmarks.md from the figures of a run; bench/run.py calls it.

bench/page.md is the page with a line `{{name}}` where each table goes.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Callable, Optional

import remote_tables
from markdown import NONE, table

PEERS = ("py-spy", "austin-dist")  # named by version on the page
# Figures of one interpreter: what each script wrote, under the key that it writes them with.
Run = dict[str, Any]
KINDS = ("slowdown", "share", "startup", "memory", "contexts", "fanout", "timeline")


@dataclass(frozen=True)
class Goal:
    """A figure that should stay at or below a target, which may depend on the version."""

    name: str
    value: Callable[[Run], Optional[float]]
    target: Callable[[int], float]
    digits: int = 2


def ratio(ours: str, peer: str) -> Callable[[Run], Optional[float]]:
    def of(run: Run) -> Optional[float]:
        costs = run["cost"]
        return costs[ours] / costs[peer] if ours in costs and peer in costs else None

    return of


def without_builtins(run: Run) -> Optional[float]:
    """From 3.14 on cProfile ignores builtins=False, so the peer is what its users get."""
    peer = "cprofile-nobuiltins" if run["minor"] < 14 else "cprofile"
    return ratio("pyrometer-nobuiltins", peer)(run)


def beside_yappi(group: str, end: str = "") -> Callable[[Run], Optional[float]]:
    def of(run: Run) -> Optional[float]:
        found: Optional[float] = run["contexts"][group]["ratio"].get(group + end)
        return found

    return of


def fanout(tool: str, order: str) -> Callable[[Run], Optional[float]]:
    return lambda run: run["fanout"][tool][order] / run["fanout"][tool]["one"]


def by_version(from_12: float, of_11: float, before: float) -> Callable[[int], float]:
    return lambda minor: from_12 if minor >= 12 else of_11 if minor == 11 else before


def always(value: float) -> Callable[[int], float]:
    return lambda minor: value


BARE = "-nobuiltins"
GOALS = {
    "cprofile": Goal("over cProfile", ratio("pyrometer", "cprofile"), by_version(0.48, 0.80, 0.60)),
    "cprofile-bare": Goal(
        "over cProfile, without builtins", without_builtins, by_version(0.28, 0.20, 0.20)
    ),
    "wall": Goal("wall over Yappi's", beside_yappi("wall"), by_version(0.20, 0.32, 0.25), 3),
    "wall-bare": Goal(
        "wall over Yappi's, without builtins",
        beside_yappi("wall", BARE),
        by_version(0.09, 0.07, 0.07),
        3,
    ),
    **{
        group + ("-bare" if end else ""): Goal(
            f"{name} over Yappi's" + (", without builtins" if end else ""),
            beside_yappi(group, end),
            always(0.05),
            3,
        )
        for group, name in (
            ("cpu", "CPU clock"),
            ("greenlets", "greenlets"),
            ("greenlets-cpu", "greenlets, CPU clock"),
            ("tags", "tags"),
            ("tags-cpu", "tags, CPU clock"),
        )
        for end in ("", BARE)
    },
    "turn": Goal("2,000 callees in turn", fanout("pyrometer", "in turn"), always(1.3)),
    "mixed": Goal("2,000 callees shuffled", fanout("pyrometer", "shuffled"), always(1.3)),
    "turn-bare": Goal(
        "2,000 callees in turn, without builtins",
        fanout("pyrometer-nobuiltins", "in turn"),
        always(1.3),
    ),
    "mixed-bare": Goal(
        "2,000 callees shuffled, without builtins",
        fanout("pyrometer-nobuiltins", "shuffled"),
        always(1.3),
    ),
    "ring": Goal(
        "memory of an event, bytes",
        lambda run: run["timeline"]["memory, bytes per event"],
        always(16),
        1,
    ),
    "file": Goal(
        "file bytes of an event", lambda run: run["timeline"]["file, the largest"], always(8)
    ),
}


def read_runs(path: str) -> tuple[dict[str, str], list[Run], remote_tables.Remote]:
    """Return the head of the last run in the file and its figures.

    Those of tracing stand by version, oldest first, those of sampling from outside by script.
    """
    head: dict[str, str] = {}
    runs: dict[int, Run] = {}
    remote: remote_tables.Remote = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if "machine" in record:
                head, runs, remote = record, {}, {}
                continue
            if "remote" in record:
                remote[record["remote"]] = record["found"]
                continue
            minor = int(record["python"].split(".")[1])
            runs.setdefault(minor, {"minor": minor}).update(record)
    return head, [runs[minor] for minor in sorted(runs)], remote


def judged(key: str, run: Run) -> str:
    """Return a goal's figure: bold where it is met, as rounded here, else with the target."""
    goal = GOALS[key]
    value = goal.value(run)
    if value is None:
        return NONE
    text, target = f"{value:.{goal.digits}f}", goal.target(run["minor"])
    return f"**{text}**" if float(text) <= target else f"{text} (goal {target:g})"


def number(values: dict[str, float], key: str, digits: int = 2) -> str:
    return f"{values[key]:.{digits}f}" if key in values else NONE


def per_version(heads: list[str], runs: list[Run], cells: Callable[[Run], list[str]]) -> str:
    return table(["CPython", *heads], [[f"3.{run['minor']}", *cells(run)] for run in runs])


def cost_table(runs: list[Run]) -> str:
    heads = ["cProfile", "Pyrometer", "ratio", "floor"]
    heads += ["cProfile without builtins", "Pyrometer without", "ratio", "floor"]

    def cells(run: Run) -> list[str]:
        costs = run["cost"]
        peer = "cprofile-nobuiltins" if run["minor"] < 14 else "cprofile"
        return [
            *(number(costs, key) for key in ("cprofile", "pyrometer")),
            judged("cprofile", run),
            number(costs, "floor-clock"),
            *(number(costs, key) for key in (peer, "pyrometer-nobuiltins")),
            judged("cprofile-bare", run),
            number(costs, "floor-clock-nobuiltins"),
        ]

    return per_version(heads, runs, cells)


def programs_table(runs: list[Run]) -> str:
    run = next((it for it in runs if it["minor"] == 12), runs[-1])
    rows = []
    for tool, name in (
        ("cprofile", "cProfile"),
        ("pyrometer", "Pyrometer"),
        ("cprofile-nobuiltins", "cProfile without builtins"),
        ("pyrometer-nobuiltins", "Pyrometer without builtins"),
    ):
        if tool in run["slowdown"]:
            rows.append([name, *(f"{it:.2f}" for it in run["slowdown"][tool].values())])
    return f"On 3.{run['minor']}:\n\n" + table(["", *run["slowdown"]["pyrometer"]], rows)


def contexts_table(*groups: str) -> Callable[[list[Run]], str]:
    """Ours, Yappi's and the ratio, with and without builtins, of these groups."""

    def render(runs: list[Run]) -> str:
        heads = []
        for group in groups:
            for way in ("with", "without"):
                words = group.replace("-cpu", ", CPU clock")
                heads += [f"{words}, {way} builtins", "Yappi", "ratio"]

        def cells(run: Run) -> list[str]:
            found = []
            for group in groups:
                costs = run["contexts"][group]["cost"]
                for end, bare in (("", ""), (BARE, "-bare")):
                    found += [number(costs, group + end), number(costs, f"yappi-{group}{end}")]
                    found.append(judged(group + bare, run))
            return found

        return per_version(heads, runs, cells)

    return render


def figures_table(runs: list[Run]) -> str:
    names = ("both", "timeline", "tasks", "no-tasks")
    words = ("both clocks", "timeline", "asyncio, tasks", "asyncio, no tasks")
    heads = [f"{it}, {way} builtins" for it in words for way in ("with", "without")]

    def cells(run: Run) -> list[str]:
        contexts = run["contexts"]
        return [number(contexts[it]["cost"], it + end) for it in names for end in ("", BARE)]

    return per_version(heads, runs, cells)


def fanout_table(runs: list[Run]) -> str:
    heads = ["one callee, ns", "in turn", "shuffled"]
    heads += ["without builtins: one, ns", "in turn", "shuffled"]
    heads += ["floor", "cProfile", "Yappi, one, ns", "Yappi, ns"]

    def cells(run: Run) -> list[str]:
        found = run["fanout"]
        floor, cprofile = "floor-clock-nobuiltins", "cprofile"
        return [
            number(found["pyrometer"], "one", 0),
            *(judged(key, run) for key in ("turn", "mixed")),
            number(found["pyrometer-nobuiltins"], "one", 0),
            *(judged(key, run) for key in ("turn-bare", "mixed-bare")),
            *(f"{fanout(it, 'shuffled')(run):.2f}" for it in (floor, cprofile)),
            number(found["yappi-nobuiltins"], "one", 0),
            number(found["yappi-nobuiltins"], "shuffled", 0),
        ]

    return per_version(heads, runs, cells)


def timeline_table(runs: list[Run]) -> str:
    heads = ["memory, bytes per event", "file, mean of the programs", "file, the largest"]

    def cells(run: Run) -> list[str]:
        mean = number(run["timeline"], "file, bytes per event")
        return [judged("ring", run), mean, judged("file", run)]

    return per_version(heads, runs, cells)


def truth_table(runs: list[Run]) -> str:
    names = ["truth", "cProfile", "raw", "compensated"]
    names += ["raw, no builtins", "compensated, no builtins"]
    return per_version(names, runs, lambda run: [f"{run['share'][it]:.0f}" for it in names])


def startup_table(runs: list[Run]) -> str:
    names = ["pyrometer --version", "python empty.py", "pyrometer trace empty.py"]
    names.append("python -m cProfile empty.py")
    heads = [f"`{it}`" for it in names]

    def cells(run: Run) -> list[str]:
        walls = [run["startup"][it][0] * 1e3 for it in names]
        found = [f"{walls[0]:.1f}", *(f"{it:.0f}" for it in walls[1:])]
        return [*found[:3], f"**{walls[2] - walls[1]:+.0f}**", found[3]]

    return per_version([*heads[:3], "more", heads[3]], runs, cells)


def memory_table(runs: list[Run]) -> str:
    names = ["ten million calls, MiB", "their file, kB", "call paths"]
    digits = dict(zip(names, (1, 1, 0)))
    names += ["bytes per call path", "file bytes per call path"]
    return per_version(
        names, runs, lambda run: [number(run["memory"], it, digits.get(it, 1)) for it in names]
    )


def goals_table(runs: list[Run]) -> str:
    """Every goal by version: what is missed stands with its target."""
    rows = []
    for key, goal in GOALS.items():
        rows.append([goal.name, *(judged(key, run) for run in runs)])
    return table(["", *(f"3.{run['minor']}" for run in runs)], rows)


TABLES: dict[str, Callable[[list[Run]], str]] = {
    "goals": goals_table,
    "cost": cost_table,
    "programs": programs_table,
    "wall": contexts_table("wall"),
    "cpu": contexts_table("cpu"),
    "greenlets": contexts_table("greenlets"),
    "greenlets-cpu": contexts_table("greenlets-cpu"),
    "tags": contexts_table("tags"),
    "tags-cpu": contexts_table("tags-cpu"),
    "figures": figures_table,
    "fanout": fanout_table,
    "timeline": timeline_table,
    "truth": truth_table,
    "startup": startup_table,
    "memory": memory_table,
}


def page(template: str, head: dict[str, str], runs: list[Run], remote: remote_tables.Remote) -> str:
    """Return the page: the template with its tables and the machine filled in.

    Raises
    ------
    ValueError
        A script has no figures for a version, or the template names a table that is none.
    """
    for run in runs:
        missing = [kind for kind in KINDS if kind not in run]
        if missing:
            raise ValueError(f"there are no figures of 3.{run['minor']} for {', '.join(missing)}")
    absent = [it for it in remote_tables.SCRIPTS if it not in remote]
    if absent:
        raise ValueError(f"there are no figures of bench/remote for {', '.join(absent)}")

    def fill(match: "re.Match[str]") -> str:
        name = match.group(1)
        if name in head:
            return head[name]
        if name in PEERS:
            return str(remote.get("peers", {}).get(name, "(not installed)"))
        if name in remote_tables.TABLES:
            return remote_tables.TABLES[name](remote)
        if name not in TABLES:
            raise ValueError(f"there is no table '{name}'")
        return TABLES[name](runs)

    return re.sub(r"\{\{([\w-]+)\}\}", fill, template)
