# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Runs reader.c, the sampler alone; builds it first, from the sources as they are."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, "build", "bench")
LIBRARIES = ("remote", "model", "base")


def tool(name: str) -> str:
    """Return a tool of the project's own, or the one on the path."""
    own = os.path.join(ROOT, ".venv-tools", "bin", name)
    return own if os.path.exists(own) else name


def build() -> str:
    """Build the driver with the libraries' own options and return its path."""
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        command = [tool("meson"), "setup", BUILD, ROOT, "-Dprobe=false", "-Dbuildtype=release"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    archives = [f"src/{name}/libpyr_{name}.a" for name in LIBRARIES]
    subprocess.run([tool("ninja"), "-C", BUILD, *archives], check=True, stdout=subprocess.DEVNULL)
    out = os.path.join(BUILD, "reader")
    options = ["-std=c11", "-O2", "-D_GNU_SOURCE", "-I", os.path.join(ROOT, "src")]
    source = os.path.join(HERE, "reader.c")
    paths = [os.path.join(BUILD, archive) for archive in archives]
    subprocess.run(["cc", *options, source, "-o", out, *paths, "-ldl", "-lpthread"], check=True)
    return out


def read(reader: str, pid: int, mode: str, rate: int, seconds: float, *words: str) -> Any:
    """Sample a process and return the figures."""
    done = subprocess.run(
        [reader, str(pid), mode, str(rate), str(seconds), *words],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)
