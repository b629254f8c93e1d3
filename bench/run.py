# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Every benchmark, under every interpreter that has pyrometer built: `make bench`.

    python bench/run.py [--out FILE] [--page FILE] [--python PATH]... [--note TEXT] [--only-page]

Prints what each script prints, and appends its figures as JSON lines to FILE
(build/bench.jsonl), headed by the machine and the commit. Then writes docs/benchmarks.md from
bench/page.md and these figures; with --only-page from those that are there.
"""

import argparse
import glob
import json
import os
import platform
import subprocess
import sys
from typing import Optional

import remote_tables
import tables

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SCRIPTS = [
    f"trace/{name}.py"
    for name in ("cost", "contexts", "fanout", "timeline", "truth", "startup", "memory")
]
# Once for all: these look into programs on every Python that there is.
REMOTE_SCRIPTS = [f"remote/{name}.py" for name in remote_tables.SCRIPTS]


def build(python: str) -> None:
    """Install the sources as they are, if the interpreter is that of a virtual environment."""
    venv = os.path.dirname(os.path.dirname(os.path.abspath(python)))
    if not os.path.exists(os.path.join(venv, "pyvenv.cfg")):
        return
    code = "import sys; print(getattr(sys, '_base_executable', None) or sys.executable)"
    base = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    subprocess.run([os.path.join(ROOT, "tools", "build.sh"), base.stdout.strip(), venv], check=True)


def interpreters(given: list[str]) -> list[str]:
    """Return the interpreters to measure, oldest first.

    They are those given, else those of the virtual environments that `make test` made. What is
    measured is what is there now, so each is built first, where something has changed.
    """
    found = given or [sys.executable, *glob.glob(os.path.join(ROOT, ".venv-3.*", "bin", "python"))]
    code = "import sys, pyrometer, yappi, gevent; print(sys.version_info[1])"
    versions: dict[int, str] = {}
    for python in found:
        build(python)
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            versions.setdefault(int(done.stdout), python)
        else:
            print(f"bench: leaving out {python}: {done.stderr.strip().splitlines()[-1]}")
    return [versions[minor] for minor in sorted(versions)]


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


def measure(out: str, pythons: list[str], note: str) -> int:
    """Run all scripts, append their figures to `out`, and return how many failed."""
    found = interpreters(pythons)
    head = {"machine": machine(), "commit": commit(), "note": note and f" {note}"}
    with open(out, "a", encoding="utf-8") as file:
        file.write(json.dumps(head) + "\n")
    print(f"{head['machine']}, commit {head['commit']}", flush=True)
    todo = [(python, script) for python in found for script in SCRIPTS]
    todo += [(python, script) for python in found[-1:] for script in REMOTE_SCRIPTS]
    failed = 0
    for python, script in todo:
        words = [python, os.path.join(HERE, script), "--json", out]
        failed += subprocess.run(words, check=False).returncode != 0
    print(f"bench done: figures in {os.path.relpath(out)}, {failed} failed")
    return failed


def write_page(figures: str, path: str) -> Optional[str]:
    """Write the page, or return why there is none."""
    head, runs, remote = tables.read_runs(figures)
    with open(os.path.join(HERE, "page.md"), encoding="utf-8") as file:
        template = file.read()
    try:
        if not runs:
            return f"there are no figures in {figures}"
        text = tables.page(template, head, runs, remote)
    except ValueError as error:
        return str(error)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench.jsonl"))
    parser.add_argument("--page", default=os.path.join(ROOT, "docs", "benchmarks.md"))
    parser.add_argument("--python", action="append", default=[], metavar="PATH")
    parser.add_argument("--note", default="", help="what to say of the machine on the page")
    parser.add_argument("--only-page", action="store_true")
    options = parser.parse_args()
    out = os.path.abspath(options.out)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    failed = 0 if options.only_page else measure(out, options.python, options.note)
    problem = write_page(out, options.page)
    if problem is not None:
        print(f"bench: {options.page} is left as it was: {problem}", file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
