# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Memory of ours: per call path, for ten million calls, and per file.

python bench/trace/memory.py [--json FILE]
"""

import argparse
import json
import os
import sys
import tempfile
from typing import Any, Callable

import pyrometer
from pyrometer import _probe


def leaf() -> None:
    pass


def twice() -> None:
    leaf()
    leaf()


def ten_million_calls() -> None:
    for _ in range(3_333_333):
        twice()


def make_functions(count: int) -> list[Callable[[], None]]:
    space: dict[str, Any] = {}
    exec("".join(f"def f{i}():\n    pass\n" for i in range(count)), space)
    return [space[f"f{i}"] for i in range(count)]


def many_paths(functions: list[Callable[[], None]], depth: int) -> None:
    for function in functions:
        function()
    if depth:
        many_paths(functions, depth - 1)


def peak_kib() -> int:
    """Return the most this process has had; getrusage would count what started it, too."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def measure(folder: str) -> dict[str, float]:
    path = os.path.join(folder, "long.pyro")
    before = peak_kib()
    tracer = _probe.Tracer(builtins=False, path=path)
    with tracer:
        ten_million_calls()
    found = {"ten million calls, MiB": (peak_kib() - before) / 1024}
    found["their file, kB"] = os.path.getsize(path) / 1000
    functions = make_functions(1000)
    with pyrometer.trace(builtins=False) as trace:
        many_paths(functions, 260)  # just under the 262,112 nodes that fill whole chunks
    nodes, size = trace.memory
    found["call paths"] = nodes
    found["bytes per call path"] = size / nodes
    trace.save(path)
    found["file bytes per call path"] = os.path.getsize(path) / nodes
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(folder)
    version = sys.version.split()[0]
    print(f"CPython {version}: memory")
    for name, value in found.items():
        print(f"  {name:28}{value:12.1f}")
    if options.json:
        with open(options.json, "a", encoding="utf-8") as out:
            out.write(json.dumps({"python": version, "memory": found}) + "\n")


if __name__ == "__main__":
    main()
