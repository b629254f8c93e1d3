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
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from typing import Any, Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import programs

MIN_PAIRS = 3


class Nothing:
    """Runs the program as it is: its ratio shows how far the machine is from still."""

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


class CProfile:
    def __init__(self, builtins: bool) -> None:
        import cProfile

        self._new = lambda: cProfile.Profile(builtins=builtins)

    def start(self) -> None:
        self._profile = self._new()
        self._profile.enable()

    def stop(self) -> None:
        self._profile.disable()


class Pyrometer:
    def __init__(self, builtins: bool) -> None:
        import pyrometer

        self._new = lambda: pyrometer.trace(builtins=builtins)
        trace = self._new()  # calibrates once, outside the measurement
        trace.start()
        trace.stop()

    def start(self) -> None:
        self._trace = self._new()
        self._trace.start()

    def stop(self) -> None:
        self._trace.stop()


class Yappi:
    def __init__(self, builtins: bool) -> None:
        import yappi

        self._yappi = yappi
        self._builtins = builtins
        yappi.set_clock_type("wall")

    def start(self) -> None:
        self._yappi.start(builtins=self._builtins)

    def stop(self) -> None:
        self._yappi.stop()
        self._yappi.clear_stats()


def load_floor() -> Any:
    """Compile floor_events.c for this interpreter, and import it."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "floor_events.c")
    folder = tempfile.mkdtemp()
    module = os.path.join(folder, "floor_events" + sysconfig.get_config_var("EXT_SUFFIX"))
    words = ["cc", "-O3", "-fPIC", "-shared", "-I" + sysconfig.get_path("include")]
    subprocess.run([*words, source, "-o", module], check=True)
    sys.path.insert(0, folder)
    try:
        return __import__("floor_events")
    finally:
        sys.path.remove(folder)
        shutil.rmtree(folder)


class HookFloor:
    """A frame hook that does nothing but read the clock twice, before CPython 3.12."""

    def __init__(self) -> None:
        self._hook = load_floor().hook

    def start(self) -> None:
        self._hook(True)

    def stop(self) -> None:
        self._hook(False)


class Floor:
    """Empty callbacks on the events that a tracer needs, from CPython 3.12 on."""

    EVENTS = ("PY_START", "PY_RESUME", "PY_THROW", "PY_RETURN", "PY_YIELD", "PY_UNWIND")
    BUILTIN_EVENTS = ("CALL", "C_RETURN", "C_RAISE")
    TOOL_ID = 2

    def __init__(self, builtins: bool, clock: bool) -> None:
        monitoring = sys.monitoring  # type: ignore[attr-defined]
        self._monitoring = monitoring
        names = self.EVENTS + (self.BUILTIN_EVENTS if builtins else ())
        self._bits = [getattr(monitoring.events, name) for name in names]
        self._set = sum(getattr(monitoring.events, n) for n in names if not n.startswith("C_"))
        self._callback = load_floor().callback(clock)

    def start(self) -> None:
        self._monitoring.use_tool_id(self.TOOL_ID, "floor")
        for bit in self._bits:
            self._monitoring.register_callback(self.TOOL_ID, bit, self._callback)
        self._monitoring.set_events(self.TOOL_ID, self._set)

    def stop(self) -> None:
        self._monitoring.set_events(self.TOOL_ID, 0)
        for bit in self._bits:
            self._monitoring.register_callback(self.TOOL_ID, bit, None)
        self._monitoring.free_tool_id(self.TOOL_ID)


TOOLS: dict[str, Callable[[], Any]] = {
    "nothing": Nothing,
    "cprofile": lambda: CProfile(True),
    "cprofile-nobuiltins": lambda: CProfile(False),
    "pyrometer": lambda: Pyrometer(True),
    "pyrometer-nobuiltins": lambda: Pyrometer(False),
    "floor": lambda: Floor(True, False),
    "floor-nobuiltins": lambda: Floor(False, False),
    "floor-clock": lambda: Floor(True, True),
    "floor-clock-nobuiltins": lambda: (
        Floor(False, True) if sys.version_info >= (3, 12) else HookFloor()
    ),
    "yappi": lambda: Yappi(True),
    "yappi-nobuiltins": lambda: Yappi(False),
}


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
    """(ours, peer, ratio of costs) as docs/benchmarks/trace.md states the targets."""
    pairs = [("pyrometer", "cprofile"), ("pyrometer", "yappi"), ("pyrometer", "floor-clock")]
    pairs.append(("pyrometer-nobuiltins", "floor-clock-nobuiltins"))
    # From 3.14 on cProfile ignores builtins=False, so the peer is what its users get.
    plain_peer = "cprofile" if sys.version_info >= (3, 14) else "cprofile-nobuiltins"
    pairs += [("pyrometer-nobuiltins", plain_peer), ("pyrometer-nobuiltins", "yappi-nobuiltins")]
    return [(a, b, costs[a] / costs[b]) for a, b in pairs if a in costs and b in costs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default_tools = "cprofile,cprofile-nobuiltins,pyrometer,pyrometer-nobuiltins"
    parser.add_argument("--tools", default=default_tools)
    parser.add_argument("--programs", default=",".join(programs.PROGRAMS))
    parser.add_argument("--pairs", type=int, default=7)
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
