#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Test the package as a stranger gets it, step by step, each on what the one before made.

The source archive of the last commit is built into a wheel in isolation, the wheel is looked at by
auditwheel, and is installed into an empty environment where command and module must work.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "package"
# The backend looks for meson and ninja on the path.
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def call(*command: str | Path) -> str:
    """Run a command and return its output; what it says goes into the error if it fails."""
    done = subprocess.run(
        [str(it) for it in command],
        cwd=ROOT,
        env={**os.environ, "PATH": PATH},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}")
    return done.stdout


def only(pattern: str) -> Path:
    """Return the one file in the work folder that matches."""
    (found,) = WORK.glob(pattern)
    return found


def source_archive() -> None:
    """Make the source archive of the last commit."""
    call(sys.executable, "-c", f"import mesonpy; mesonpy.build_sdist({str(WORK)!r})")
    only("pyrometer-*.tar.gz")


def wheel() -> None:
    """Build a wheel from nothing but the source archive."""
    call(*PIP, "wheel", "--no-deps", "-w", WORK, only("pyrometer-*.tar.gz"))


def manylinux() -> None:
    """Ask auditwheel which generation of Linux the wheel runs on."""
    said = call(sys.executable, "-m", "auditwheel", "show", only("*.whl"))
    if not re.search(r"manylinux_2_\d+_", said):
        raise RuntimeError(said)


def bare_environment() -> None:
    """Install the wheel alone and try its command and its module."""
    venv = WORK / "venv"
    call(sys.executable, "-m", "venv", venv)
    call(venv / "bin" / "pip", "install", "--no-index", only("*.whl"))
    command = call(venv / "bin" / "pyrometer", "--version")
    version = call(venv / "bin" / "python", "-c", "import pyrometer; print(pyrometer.__version__)")
    if version.strip() not in command:
        raise RuntimeError(f"the command says {command!r}, the module {version!r}")


STEPS = (
    ("the source archive is made from the last commit", source_archive),
    ("the source archive holds all it takes to build a wheel", wheel),
    ("the wheel runs on every Linux of a manylinux generation", manylinux),
    ("command and module work in a bare environment, and agree on the version", bare_environment),
)


def main() -> int:
    """Run the steps until one fails; print a line for each."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for sentence, step in STEPS:
        try:
            step()
        except (RuntimeError, ValueError, OSError) as error:
            print(f"{error}\nfailed: {sentence}", flush=True)
            return 1
        print(f"passed: {sentence}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
