# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Every benchmark, under every interpreter that has pyrometer built: `make bench`.

    python bench/run.py [--out FILE]

Prints what each script prints, and appends its figures as JSON lines to FILE
(build/bench.jsonl), headed by the machine and the commit. docs/benchmarks.md quotes such a run.
"""

import argparse
import glob
import json
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SCRIPTS = ["trace/cost.py", "trace/truth.py", "trace/startup.py", "trace/memory.py"]


def interpreters() -> list[str]:
    """Return the interpreters of the virtual environments that `make test` made, oldest first."""
    found = [
        sys.executable,
        *sorted(
            glob.glob(os.path.join(ROOT, ".venv-3.*", "bin", "python")),
            key=lambda path: int(path.split(".venv-3.")[1].split("/")[0].rstrip("t")),
        ),
    ]
    versions = {}
    for python in found:
        code = "import sys, pyrometer; print(sys.version_info[1], end='')"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            versions.setdefault(done.stdout, python)
    return [versions[v] for v in sorted(versions, key=int)]


def machine() -> str:
    model = platform.processor() or "unknown processor"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            model = next(
                line.split(":")[1].strip() for line in info if line.startswith("model name")
            )
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} CPUs, Linux {platform.release()}"


def commit() -> str:
    words = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown commit"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench.jsonl"))
    options = parser.parse_args()
    out = os.path.abspath(options.out)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    with open(out, "a", encoding="utf-8") as file:
        file.write(json.dumps({"machine": machine(), "commit": commit()}) + "\n")
    print(f"{machine()}, commit {commit()}")
    failed = 0
    for python in interpreters():
        for script in SCRIPTS:
            words = [python, os.path.join(HERE, script), "--json", out]
            failed += subprocess.run(words, check=False).returncode != 0
    print(f"bench done: figures in {os.path.relpath(out)}, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
