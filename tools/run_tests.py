#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Run every test suite and add up what passed and what failed.

First the C units and the fuzz corpus under the address and undefined-behaviour sanitizers, then
the package as a stranger gets it, then the Python suites: in the main environment, and in one of
its own for each further version of Python on this machine, two at a time; last the tracer's tests
under sanitizers. The last line is the sum. Logs are kept in build/test-logs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pythons

ROOT = pythons.ROOT
LOGS = ROOT / "build" / "test-logs"
C_BUILD = ROOT / "build" / "sanitized"
SUITE_TIMEOUT_S = 40 * 60
AT_ONCE = 2
SHOWN_LINES = 60
AGAIN = (
    "measured again"  # what a test that repeats itself says, and in its report (tests/conftest.py)
)
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
CMOCKA = re.compile(r"\[\s*(PASSED|FAILED)\s*\]\s*(\d+) test\(s\)")


class Result(NamedTuple):
    """The counts of one suite, and what to show of it besides."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    repeated: int = 0  # measured more than once, whether that passed in the end or not
    shown: str = ""
    broken: tuple[str, ...] = ()  # the names of what failed, where they are known


def run(name: str, command: Sequence[str], env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a command with its words going to its log; return its status and the log's end."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(SUITE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            out.write(f"\nended after {SUITE_TIMEOUT_S} s\n".encode())
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return status, "\n".join(lines[-SHOWN_LINES:])


def c_suites(tools: Path) -> Iterator[Result]:
    """Build the C tests with sanitizers, run them, and yield their results."""
    meson = str(tools / "bin" / "meson")
    path = {"PATH": f"{tools / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    setup = [
        *(meson, "setup", str(C_BUILD), "--wipe"),
        *("-Dprobe=false", "-Dunit_tests=true", "-Dwerror=true", "-Dbuildtype=debugoptimized"),
        *("-Db_sanitize=address,undefined", "-Dc_args=-fno-sanitize-recover=all"),
    ]
    steps = [("c-compile", [meson, "compile", "-C", str(C_BUILD)])]
    if not (C_BUILD / "build.ninja").exists():
        steps.insert(0, ("c-setup", setup))
    for name, command in steps:
        status, tail = run(name, command, path)
        if status != 0:
            yield Result("C units", failed=1, shown=tail)
            return
    test = [meson, "test", "-C", str(C_BUILD), "--no-rebuild", "--print-errorlogs"]
    _, tail = run("c-test", test, {**path, **SANITIZERS})
    yield from _meson_results(C_BUILD / "meson-logs" / "testlog.json", tail)


def _meson_results(log: Path, tail: str) -> Iterator[Result]:
    """Yield the counts of meson's log, test by test for cmocka's and program by program else."""
    counts = {"unit": [0, 0, 0], "corpus": [0, 0, 0]}
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        test = json.loads(line)
        words = test.get("stdout", "") + test.get("stderr", "")
        found = {kind: int(count) for kind, count in CMOCKA.findall(words)}
        good = test["result"] == "OK"
        passed = found.get("PASSED", int(good and not found))
        # A program that crashed has reported no failed test.
        failed = found.get("FAILED", 0) if not good else 0
        suite = counts["corpus" if "fuzz_" in test["name"] else "unit"]
        suite[0] += passed
        suite[1] += max(failed, int(not good))
        suite[2] += len(set(re.findall(f"^{AGAIN}: .+", words, re.M)))
    for name, key in (("C units, ASan + UBSan", "unit"), ("fuzz corpus, ASan + UBSan", "corpus")):
        passed, failed, repeated = counts[key]
        if passed + failed == 0:
            yield Result(name, failed=1, shown="no test ran\n" + tail)
        else:
            yield Result(name, passed, failed, 0, repeated, tail if failed else "")


def script_suite(name: str, script: str, tools: Path) -> Result:
    """Run a script of tools/ that prints a line `passed: …` or `failed: …` for each test."""
    log = script.removesuffix(".py")
    status, tail = run(log, [str(tools / "bin" / "python"), f"tools/{script}"])
    words = (LOGS / f"{log}.log").read_text(encoding="utf-8", errors="replace")
    passed, failed, repeated = (
        len(re.findall(f"^{it}: ", words, re.M)) for it in ("passed", "failed", AGAIN)
    )
    failed = max(failed, int(status != 0))
    return Result(name, passed, failed, repeated=repeated, shown=tail if failed else "")


def python_suite(job: tuple[str, str, str], is_main: bool) -> Result:
    """Build for one interpreter and run the Python tests there.

    Those of the main environment also look into programs on Pythons that none of the suites runs
    on, and at the terminal, which is the same for all.
    """
    version, executable, venv = job
    name = f"Python {version}"
    status, tail = run(f"build-{version}", ["tools/build.sh", executable, venv])
    if status != 0:
        return Result(name, failed=1, shown=tail)
    report = LOGS / f"python-{version}.xml"
    report.unlink(missing_ok=True)
    folders = ["tests/python", "tests/cli", "tests/remote", *(["tests/tui"] if is_main else [])]
    command = [f"{venv}/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    env = {"PYROMETER_OLD_TARGETS": "1"} if is_main else {}
    status, tail = run(f"python-{version}", [*command, f"--junitxml={report}", *folders], env)
    result = _junit_result(name, report)
    if status != 0:
        return result._replace(failed=max(result.failed, 1), shown=tail)
    return result


def _junit_result(name: str, report: Path) -> Result:
    """Return the counts of a JUnit file, and the reasons of what was skipped or measured again."""
    if not report.exists():
        return Result(name)
    passed = skipped = repeated = 0
    broken = []
    reasons = set()
    for case in ET.parse(report).getroot().iter("testcase"):
        skip = case.find("skipped")
        properties = case.iterfind(f"properties/property[@name='{AGAIN}']")
        again = [str(it.get("value")) for it in properties]
        if again:
            repeated += 1
            reasons.add(f"{AGAIN}: {case.get('name')}: {'; '.join(again)}")
        if case.find("failure") is not None or case.find("error") is not None:
            broken.append(f"{case.get('classname')}.{case.get('name')}")
        elif skip is not None:
            skipped += 1
            reasons.add(f"skipped: {case.get('name')}: {skip.get('message')}")
        else:
            passed += 1
    shown = "\n".join(f"  {it}" for it in sorted(reasons))
    return Result(name, passed, len(broken), skipped, repeated, shown, tuple(broken))


def python_jobs(venv: str) -> list[tuple[str, str, str]]:
    """Return version, executable and environment of each suite; the main environment's first."""
    main = pythons.probe(Path(venv) / "bin" / "python", in_venv=True) or "main"
    jobs = [(main, f"{venv}/bin/python", venv)]
    for it in pythons.find_interpreters():
        if it.version != main:
            jobs.append((it.version, it.executable, f".venv-{it.version}"))
    return jobs


def tell(result: Result, seconds: float) -> None:
    """Print one suite's line, and above it what went wrong."""
    if result.failed and result.shown:
        print(f"--- {result.name}\n{result.shown}\n---")
    skipped = f", {result.skipped} skipped" if result.skipped else ""
    repeated = f", {result.repeated} {AGAIN}" if result.repeated else ""
    counts = f"{result.passed} passed, {result.failed} failed{skipped}{repeated}"
    print(f"{result.name}: {counts} ({seconds:.0f} s so far)", flush=True)
    if result.shown and not result.failed:
        print(result.shown, flush=True)


def main() -> int:
    """Run everything; the status is 1 if any test failed."""
    parser = argparse.ArgumentParser(description="Run every test suite.")
    parser.add_argument("--venv", required=True, help="the main environment, with Pyrometer in it")
    parser.add_argument("--tools-venv", required=True, help="where meson and auditwheel are")
    options = parser.parse_args()
    started = time.monotonic()
    tools = ROOT / options.tools_venv
    results = []

    def add(result: Result) -> None:
        results.append(result)
        tell(result, time.monotonic() - started)

    for result in c_suites(tools):
        add(result)
    add(script_suite("the package", "package_test.py", tools))
    jobs = python_jobs(options.venv)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for result in pool.map(lambda job: python_suite(job, job is jobs[0]), jobs):
            add(result)
    # Last, as it may use an environment that the suites have made.
    add(script_suite("the tracer, ASan + UBSan, TSan", "probe_sanitizers.py", tools))

    covered = [version for version, _, _ in jobs]
    missing = [it for it in pythons.supported_names() if it not in covered]
    print(f"Python versions covered: {' '.join(covered)}")
    if missing:
        print(f"Python versions NOT covered, as not found here: {' '.join(missing)}")
        print("(`make pythons` brings 3.14 and 3.15)")
    for result in results:
        for name in result.broken:
            print(f"failed: {result.name}: {name}")
    failed = sum(it.failed for it in results)
    repeated = sum(it.repeated for it in results)
    print(f"{AGAIN}, as a bound on a time did not hold at first: {repeated}")
    print(f"{sum(it.passed for it in results)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
