#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Find the Python interpreters on this machine that Pyrometer supports, one per version.

As a program it prints one line per interpreter: the version, a tab, the executable.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED_MINORS = range(9, 16)
# Programs on these can be looked into from outside, but nothing of Pyrometer runs on them.
TARGET_MINORS = range(6, 9)
PROBE_TIMEOUT_S = 20

# Prints "3.14" or "3.14t", and fails where an extension cannot be compiled or a venv not be made.
PROBE = """
import ensurepip, os, platform, sys, sysconfig, venv
assert platform.python_implementation() == "CPython"
assert sys.prefix == sys.base_prefix or "venv" in sys.argv
assert os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
free_threaded = sysconfig.get_config_var("Py_GIL_DISABLED")
print("%d.%d%s" % (*sys.version_info[:2], "t" if free_threaded else ""))
"""

# The same without demands.
VERSION = """
import platform, sys
assert platform.python_implementation() == "CPython"
print("%d.%d" % sys.version_info[:2])
"""


class Interpreter(NamedTuple):
    """A working interpreter: its version, such as ``3.14`` or ``3.14t``, and its executable."""

    version: str
    executable: str


def supported_names() -> list[str]:
    """Return the versions that Pyrometer supports, oldest first, as text."""
    return [f"3.{minor}" for minor in SUPPORTED_MINORS]


def target_names() -> list[str]:
    """Return the older versions of which there may be programs to look into, as text."""
    return [f"3.{minor}" for minor in TARGET_MINORS]


def candidates(root: Path = ROOT, versions: Iterable[str] | None = None) -> Iterable[Path]:
    """Yield executables that may be interpreters, the preferred one of each version first.

    What `make pythons` made comes first, then pyenv's, then the search path and the system's.
    """
    wanted = supported_names() if versions is None else list(versions)
    names = [f"python{name}{t}" for name in wanted for t in ("", "t")]
    for name in names:
        yield root / ".pythons" / "bin" / name
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    if pyenv.is_dir():
        # The newest patch release of a version first.
        for folder in sorted(pyenv.iterdir(), key=_release_key, reverse=True):
            yield folder / "bin" / "python"
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/local/bin", "/usr/bin"]
    for folder_name in folders:
        if folder_name and not folder_name.endswith("/shims"):
            for name in (*names, "python3"):
                yield Path(folder_name) / name


def _release_key(folder: Path) -> list[int]:
    return [int(part) for part in folder.name.split(".") if part.isdigit()]


def probe(executable: Path, in_venv: bool = False) -> str | None:
    """Return the version of a working interpreter, or None of anything else.

    The executable of a virtual environment counts as one only when asked for.
    """
    if not os.access(executable, os.X_OK):
        return None
    try:
        answer = subprocess.run(
            [str(executable), "-I", "-c", PROBE, *(["venv"] if in_venv else [])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROBE_TIMEOUT_S,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
    return answer if answer.rstrip("t") in supported_names() else None


def find_interpreters(root: Path = ROOT) -> list[Interpreter]:
    """Return one working interpreter per version, oldest version first.

    Broken ones, those without headers or without venv, and virtual environments are passed over.
    """
    found: dict[str, Interpreter] = {}
    seen: set[Path] = set()
    for candidate in candidates(root):
        if not candidate.exists() or candidate.resolve() in seen:
            continue
        seen.add(candidate.resolve())
        version = probe(candidate)
        if version is not None and version not in found:
            found[version] = Interpreter(version, str(candidate))
    order = supported_names()
    return sorted(found.values(), key=lambda it: (order.index(it.version.rstrip("t")), it.version))


def find_targets(root: Path = ROOT) -> list[Interpreter]:
    """Return one interpreter for each of the older versions, oldest first."""
    found: dict[str, str] = {}
    for candidate in candidates(root, target_names()):
        if os.access(candidate, os.X_OK) and len(found) < len(target_names()):
            try:
                answer = subprocess.run(
                    [str(candidate), "-I", "-S", "-c", VERSION],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=PROBE_TIMEOUT_S,
                    check=True,
                ).stdout.strip()
            except (OSError, subprocess.SubprocessError):
                continue
            if answer in target_names():
                found.setdefault(answer, str(candidate))
    return [Interpreter(name, found[name]) for name in target_names() if name in found]


def main() -> int:
    """Print what is found, and name on standard error what is not."""
    found = find_interpreters()
    for interpreter in found:
        print(f"{interpreter.version}\t{interpreter.executable}")
    missing = [name for name in supported_names() if name not in {it.version for it in found}]
    if missing:
        print(f"not found: {' '.join(missing)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
