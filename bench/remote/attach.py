# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""How long it takes from the command to the stacks of a process.

    python bench/remote/attach.py [--json FILE] [--build DIR] [--target PYTHON]... [--scale X]

Whole processes in turn, A B C A B C; the medians of their wall milliseconds, and their CPU
milliseconds. The program has imported real libraries and is busy in them.
"""

import os
import statistics
import subprocess
from typing import Any

from samplers import austin_command, peers_folder, run
from setting import Setting, setting
from towers import BUSY_PROGRAM, running

MINORS = (11, 13, 15)
RUNS = 15


def ways(given: Setting, minor: int, pid: str) -> dict[str, list[str]]:
    found = {"ours": [given.command, "dump", pid]}
    spy = os.path.join(peers_folder(), "py-spy")
    if os.path.exists(spy):
        found["py-spy"] = [spy, "dump", "--pid", pid]
        found["py-spy --nonblocking"] = [*found["py-spy"], "--nonblocking"]
    words = austin_command()
    if words is not None and 9 <= minor <= 14:
        found["Austin"] = [*words, "--where", pid]
    if minor == 15:
        assert given.python_315 is not None
        found["Tachyon"] = [given.python_315, "-m", "profiling.sampling", "dump", "-a", pid]
    return found


def works(words: list[str]) -> bool:
    try:
        return "target.py" in run(words).text
    except (RuntimeError, subprocess.SubprocessError):
        return False


def measure(given: Setting) -> list[dict[str, Any]]:
    rows = []
    for minor, python in given.chosen(*MINORS):
        with running(python, BUSY_PROGRAM) as target:
            found = ways(given, minor, str(target.pid))
            # What fails is not fast; the first time also warms the file cache.
            done: dict[str, list[tuple[float, float]]] = {}
            for name, words in found.items():
                if works(words):
                    done[name] = []
                else:
                    print(f"3.{minor} {name:22}  fails here: not measured")
            for _ in range(max(3, round(RUNS * given.scale))):
                for name, times in done.items():
                    try:
                        ended = run(found[name])
                        times.append((ended.wall * 1e3, ended.cpu * 1e3))
                    except RuntimeError:
                        continue
        for name, times in done.items():
            if not times:
                continue
            wall, cpu = (statistics.median(it[i] for it in times) for i in (0, 1))
            best = min(it[0] for it in times)
            rows.append(
                {"minor": minor, "tool": name, "wall_ms": wall, "cpu_ms": cpu, "best_ms": best}
            )
            print(f"3.{minor} {name:22}{wall:8.1f} ms wall, {cpu:6.1f} CPU, {best:6.1f} at best")
    return rows


def main() -> None:
    given = setting(__doc__)
    given.write("attach", measure(given))


if __name__ == "__main__":
    main()
