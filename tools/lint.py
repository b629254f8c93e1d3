#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Run every checker over the tree, two at a time, and print what they complain about.

The slow ones (clang-tidy and gcc's analyzer) run once per C file, and are not run again while that
file, the headers and the settings stay as they are: build/lint remembers what was clean.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import csource

ROOT = csource.ROOT
REMEMBERED = ROOT / "build" / "lint"
HERE = Path(__file__).resolve().parent
JOB_TIMEOUT_S = 200
C_FLAGS = [
    "-std=c11",
    "-D_GNU_SOURCE",
    '-DPYROMETER_VERSION="0"',
    "-Isrc",
    "-isystemthird_party/zstd",
]
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wvla", "-Wcast-qual", "-Wundef"]


class Job(NamedTuple):
    """A checker's command line. `key` is a digest of all it reads, or empty to run it always."""

    name: str
    command: list[str]
    key: str = ""


class Outcome(NamedTuple):
    """What came of a job; `complaint` is empty when the checker had nothing to say."""

    name: str
    complaint: str


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def _version(program: str) -> bytes:
    return subprocess.run([program, "--version"], capture_output=True, check=True).stdout


def _find(program: str) -> str:
    """Return the program's pinned version where it is installed, or else any."""
    return shutil.which(f"{program}-14") or shutil.which(program) or program


def c_jobs() -> Iterator[Job]:
    """Yield the jobs over the C files, the slow ones file by file."""
    tidy, formatter = _find("clang-tidy"), _find("clang-format")
    tree = list(csource.files(ROOT / "src", ".c", ".h"))
    tests = [*csource.files(ROOT / "tests" / "unit", ".c", ".h")]
    tests += csource.files(ROOT / "tests" / "fuzz", ".c", ".h")
    yield Job("clang-format", [formatter, "--dry-run", "-Werror", *_names([*tree, *tests])])
    yield Job("cppcheck", [*_cppcheck(), "src"])
    python = ["-isystem", sysconfig.get_path("include")]
    shared = [
        *(path.read_bytes() for path in tree if path.suffix == ".h"),
        (ROOT / ".clang-tidy").read_bytes(),
        Path(__file__).read_bytes(),
        _version(tidy),
        _version("gcc"),
        repr((C_FLAGS, python)).encode(),
    ]
    for path in tree:
        if path.suffix != ".c":
            continue
        name = path.relative_to(ROOT).as_posix()
        flags = [*C_FLAGS, *(python if name.startswith("src/probe/") else [])]
        key = _digest([name.encode(), path.read_bytes(), *shared])
        yield Job(f"clang-tidy {name}", [tidy, "--quiet", name, "--", *flags, *WARNINGS], f"t{key}")
        analyzer = ["gcc", "-c", "-o", os.devnull, "-O1", "-fanalyzer", "-Werror", *WARNINGS]
        yield Job(f"gcc -fanalyzer {name}", [*analyzer, *flags, name], f"g{key}")


def _cppcheck() -> list[str]:
    """Return cppcheck's command line up to the folders."""
    memory = REMEMBERED / "cppcheck"
    memory.mkdir(parents=True, exist_ok=True)
    return [
        *("cppcheck", "--quiet", "--std=c11", "--error-exitcode=1", "--inline-suppr"),
        "--enable=warning,performance,portability",
        f"--cppcheck-build-dir={memory}",
        # Its parser gives up on a compound literal in a conditional expression, which is C11.
        "--suppress=internalAstError",
        # A local's address given to a function is to it a local's address kept; clang's analyzer
        # follows where it goes.
        *("--suppress=returnDanglingLifetime", "--suppress=autoVariables"),
        # Python's headers are not for it to read.
        "--suppress=missingInclude",
        *("-Isrc", "-D_GNU_SOURCE", "-D__x86_64__", '-DPYROMETER_VERSION="0"'),
        *(f"-DPy_RETURN_{what}=return NULL" for what in ("NONE", "TRUE", "FALSE")),
    ]


def other_jobs() -> Iterator[Job]:
    """Yield the jobs over the whole tree and over what is not C."""
    for checker in sorted(HERE.glob("check_*.py")):
        yield Job(checker.stem, [sys.executable, str(checker)])
    layouts = ("tools/layout_probe.c", "tools/make_layouts.py", "src/remote/layout.h")
    rows = [(ROOT / it).read_bytes() for it in (*layouts, "src/remote/layout_rows.h")]
    check = [sys.executable, "tools/make_layouts.py", "--check"]
    yield Job("layouts", check, f"l{_digest(rows)}")
    scripts = [*_names(csource.files(ROOT, ".sh")), ".ci/run"]
    yield Job("shellcheck", ["shellcheck", *scripts])
    tool = [sys.executable, "-m"]
    yield Job("ruff check", [*tool, "ruff", "check", "--quiet", "."])
    yield Job("ruff format", [*tool, "ruff", "format", "--check", "--diff", "--quiet", "."])
    yield Job("mypy", [*tool, "mypy", "--no-error-summary", "python/pyrometer", "tools"])


def _names(paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def run(job: Job) -> Outcome:
    """Run a job, unless it is remembered to have been clean."""
    memory = REMEMBERED / job.key if job.key else None
    if memory is not None and memory.exists():
        return Outcome(job.name, "")
    try:
        done = subprocess.run(
            job.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=JOB_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Outcome(job.name, str(error))
    if done.returncode != 0:
        return Outcome(job.name, done.stdout.strip() or f"exit status {done.returncode}")
    if memory is not None:
        memory.touch()
    return Outcome(job.name, "")


def main() -> int:
    """Run the jobs whose names contain the words given, or all; 1 if any had a complaint."""
    parser = argparse.ArgumentParser(description="Run the checkers.")
    parser.add_argument("words", nargs="*", help="only the checkers whose names contain a word")
    words = parser.parse_args().words
    started = time.monotonic()
    REMEMBERED.mkdir(parents=True, exist_ok=True)
    jobs = [
        job
        for job in [*other_jobs(), *c_jobs()]
        if not words or any(word in job.name for word in words)
    ]
    failed = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for outcome in pool.map(run, jobs):
            if outcome.complaint:
                failed += 1
                print(f"--- {outcome.name}\n{outcome.complaint}\n", flush=True)
    print(f"lint: {len(jobs) - failed} clean, {failed} not, {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
