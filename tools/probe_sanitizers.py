#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Run the tracer's tests with the extension module under sanitizers.

    .venv-tools/bin/python tools/probe_sanitizers.py

The interpreter is an ordinary one, the sanitizer's library is loaded before it, and only our code
is instrumented. First all tests of the tracer under the address and undefined-behaviour sanitizers,
then the churn of threads and tasks, one that writes the file among them, under the thread
sanitizer. Prints a line `passed: NAME` or `failed: NAME` for each test, and `measured again: NAME`
besides for one that tests/conftest.py repeated.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "python"
TIMEOUT_S = 900
SUITES = {
    "address,undefined": (
        ["libasan.so", "libubsan.so"],
        {
            # What the interpreter keeps until its end is no leak of ours; tests count ours.
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
            "PYTHONMALLOC": "malloc",
        },
        [
            "test_tracer.py",
            "test_tracer_ends.py",
            "test_tracer_churn.py",
            "test_callbacks.py",
            "test_timeline.py",
            "test_concurrent_truth.py",
            "test_context_churn.py",
        ],
    ),
    "thread": (
        ["libtsan.so"],
        {"TSAN_OPTIONS": "halt_on_error=1:exitcode=66:history_size=4"},
        ["test_tracer_churn.py", "test_context_churn.py"],
    ),
}


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


def build(sanitizer: str) -> Path:
    """Build the extension module with a sanitizer; return a folder to import it from."""
    name = "probe-" + sanitizer.split(",")[0]
    folder = ROOT / "build" / name
    meson = [sys.executable, "-m", "mesonbuild.mesonmain"]
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    if not (folder / "build.ninja").exists():
        options = [f"-Db_sanitize={sanitizer}", "-Dbuildtype=debugoptimized", "-Db_lundef=false"]
        run([*meson, "setup", str(folder), *options], path)
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


def main() -> int:
    """Build and test with each sanitizer; return the exit status."""
    failed = False
    for sanitizer, (names, options, tests) in SUITES.items():
        stage = build(sanitizer)
        env = {**os.environ, **options, "LD_PRELOAD": libraries(names), "PYTHONPATH": str(stage)}
        # What a sanitizer says goes to the descriptor, which must not be captured.
        words = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--capture=sys"]
        done = subprocess.run(
            [*words, *(str(TESTS / test) for test in tests)],
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
        for test in passed:
            print(f"passed: {test} ({sanitizer})")
        for test in re.findall(r"^measured again: \S+?::(.+)$", done.stdout, re.M):
            print(f"measured again: {test} ({sanitizer})")
        if done.returncode != 0 or not passed:
            failed = True
            sys.stdout.write(done.stdout[-6000:])
            for test in broken or ["the suite"]:
                print(f"failed: {test} ({sanitizer})")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
