#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Fuzz each target of tests/fuzz for a while, two at a time, starting from its corpus.

What a target finds grows in build/fuzz-corpus; an input that breaks it is kept in build/fuzz-found,
and belongs into tests/data/corpus once the fault is mended.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "fuzz"
GROWN = ROOT / "build" / "fuzz-corpus"
FOUND = ROOT / "build" / "fuzz-found"
MAX_INPUT_BYTES = 1 << 16
MEMORY_LIMIT_MB = 1024
SLOWEST_INPUT_S = 10


def compile_targets() -> None:
    """Build the targets with clang, instrumented for coverage and with sanitizers."""
    tools = Path(sys.executable).parent
    env = {
        **os.environ,
        "CC": shutil.which("clang-14") or "clang",
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
    }
    meson = str(tools / "meson")
    if not (BUILD / "build.ninja").exists():
        setup = [
            *(meson, "setup", str(BUILD), "-Dprobe=false", "-Dfuzz=true"),
            *("-Dbuildtype=debugoptimized", "-Db_sanitize=address,undefined", "-Db_lundef=false"),
            "-Dc_args=-fsanitize=fuzzer-no-link -fno-sanitize-recover=all",
        ]
        subprocess.run(setup, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([meson, "compile", "-C", str(BUILD)], cwd=ROOT, env=env, check=True)


def fuzz(target: Path, seconds: int) -> tuple[str, int, str]:
    """Fuzz one target; return its name, exit status and the end of what it said."""
    grown = GROWN / target.name
    found = FOUND / target.name
    grown.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "tests" / "data" / "corpus" / target.name
    done = subprocess.run(
        [
            str(target),
            *(f"-max_total_time={seconds}", f"-max_len={MAX_INPUT_BYTES}"),
            *(f"-rss_limit_mb={MEMORY_LIMIT_MB}", f"-timeout={SLOWEST_INPUT_S}"),
            *(f"-artifact_prefix={found}/", "-print_final_stats=1"),
            *(str(grown), *([str(seeds)] if seeds.is_dir() else [])),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return target.name, done.returncode, "\n".join(done.stdout.splitlines()[-40:])


def main() -> int:
    """Fuzz all targets, or those named; 1 if one broke."""
    parser = argparse.ArgumentParser(description="Fuzz the readers of hostile input.")
    parser.add_argument("--seconds", type=int, default=30, help="for each target")
    parser.add_argument("targets", nargs="*", help="only these")
    options = parser.parse_args()
    compile_targets()
    targets = sorted(
        path
        for path in (BUILD / "tests" / "fuzz").glob("fuzz_*")
        if path.is_file() and (not options.targets or path.name in options.targets)
    )
    if not targets:
        print("fuzz: there is no such target in tests/fuzz", file=sys.stderr)
        return 1
    broken = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, status, tail in pool.map(lambda it: fuzz(it, options.seconds), targets):
            executed = [it.split()[-1] for it in tail.splitlines() if "executed_units" in it]
            if status != 0:
                broken += 1
                print(f"--- {name}\n{tail}\n---")
            state = f"broke: its input is in build/fuzz-found/{name}" if status else "held"
            print(f"{name}: {state}, {''.join(executed) or '?'} inputs", flush=True)
    print(f"{len(targets) - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
