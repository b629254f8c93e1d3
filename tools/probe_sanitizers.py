#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Run the tracer's tests with the extension module under sanitizers.

    .venv-tools/bin/python tools/probe_sanitizers.py

The interpreter is an ordinary one, the sanitizer's library is loaded before it, and only our code
is instrumented. First all tests of the tracer under the address and undefined-behaviour sanitizers,
then the churn of threads and tasks, one that writes the file among them, under the thread
sanitizer; and where a test environment of a Python with sys.monitoring is there, the tests of what
may end in the midst of an event once more with that. Prints a line `passed: NAME` or `failed: NAME`
for each test, and `measured again: NAME` besides for one that tests/conftest.py repeated.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pythons

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "python"
TIMEOUT_S = 900
FIRST_WITH_MONITORING = 12


class Sanitizer(NamedTuple):
    """A sanitizer as meson calls it, with its libraries and settings."""

    name: str
    libraries: list[str]
    env: dict[str, str]


ADDRESS = Sanitizer(
    "address,undefined",
    ["libasan.so", "libubsan.so"],
    {
        # What the interpreter keeps until its end is no leak of ours; tests count ours.
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "PYTHONMALLOC": "malloc",
    },
)
THREAD = Sanitizer(
    "thread", ["libtsan.so"], {"TSAN_OPTIONS": "halt_on_error=1:exitcode=66:history_size=4"}
)
ENDS = [
    "test_tracer_ends.py",
    "test_tracer_churn.py",
    "test_callbacks.py",
    "test_concurrent_edges.py",
    "test_context_churn.py",
]
ALL = ["test_tracer.py", *ENDS, "test_timeline.py", "test_concurrent_truth.py"]
CHURN = ["test_tracer_churn.py", "test_context_churn.py"]


def run(words: list[str], env: dict[str, str] | None = None) -> str:
    """Run a command and return what it says; end with its words when it fails."""
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        sys.stdout.write(done.stdout)
        print(f"failed: {' '.join(words[:3])} ended with {done.returncode}")
        sys.exit(1)
    return done.stdout


def build(sanitizer: Sanitizer, python: str) -> Path:
    """Build the extension module with a sanitizer; return a folder to import it from."""
    own = python == sys.executable
    name = "probe-" + sanitizer.name.split(",")[0] + ("" if own else "-monitoring")
    folder = ROOT / "build" / name
    meson = [sys.executable, "-m", "mesonbuild.mesonmain"]
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    if not (folder / "build.ninja").exists():
        options = [f"-Db_sanitize={sanitizer.name}", "-Dbuildtype=debugoptimized"]
        if not own:
            native = folder.with_suffix(".ini")
            native.write_text(f"[binaries]\npython = '{python}'\n", encoding="utf-8")
            options.append(f"--native-file={native}")
        run([*meson, "setup", str(folder), *options, "-Db_lundef=false"], path)
    run([*meson, "compile", "-C", str(folder)], path)
    stage = folder / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    package = stage / "pyrometer"
    shutil.copytree(ROOT / "python" / "pyrometer", package)
    (module,) = (folder / "src" / "probe").glob("_probe.*.so")
    shutil.copy(module, package)
    return stage


def libraries(names: list[str]) -> str:
    """Return the sanitizer libraries of the compiler, as LD_PRELOAD takes them."""
    cc = os.environ.get("CC", "cc")
    return " ".join(run([cc, f"-print-file-name={name}"]).strip() for name in names)


def monitoring_python() -> str | None:
    """Return a test environment's Python that has sys.monitoring, unless this one has it."""
    if sys.version_info[1] >= FIRST_WITH_MONITORING:
        return None
    for it in pythons.find_interpreters():
        python = ROOT / f".venv-{it.version}" / "bin" / "python"
        minor = it.version.partition(".")[2]
        if minor.isdigit() and int(minor) >= FIRST_WITH_MONITORING and python.exists():
            return str(python)
    return None


def test(sanitizer: Sanitizer, python: str, files: list[str]) -> bool:
    """Run tests with a sanitizer, say how each went, and return whether all passed."""
    env = {
        **os.environ,
        **sanitizer.env,
        "LD_PRELOAD": libraries(sanitizer.libraries),
        "PYTHONPATH": str(build(sanitizer, python)),
    }
    # What a sanitizer says goes to the descriptor, which must not be captured.
    words = [python, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--capture=sys"]
    done = subprocess.run(
        [*words, *(str(TESTS / file) for file in files)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    passed = re.findall(r"::(\S+?(?:\[.*?\])?) PASSED", done.stdout)
    broken = re.findall(r"::(\S+?(?:\[.*?\])?) (?:FAILED|ERROR)", done.stdout)
    for name in passed:
        print(f"passed: {name} ({sanitizer.name})")
    for name in re.findall(r"^measured again: \S+?::(.+)$", done.stdout, re.M):
        print(f"measured again: {name} ({sanitizer.name})")
    if done.returncode == 0 and passed:
        return True
    sys.stdout.write(done.stdout[-6000:])
    for name in broken or ["the suite"]:
        print(f"failed: {name} ({sanitizer.name})")
    return False


def main() -> int:
    """Build and test with each sanitizer; return the exit status."""
    suites = [(ADDRESS, sys.executable, ALL), (THREAD, sys.executable, CHURN)]
    newer = monitoring_python()
    if newer is not None:
        suites.append((ADDRESS, newer, ENDS))
    results = [test(*suite) for suite in suites]
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main())
