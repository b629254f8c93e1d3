# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What every script of this folder does alike: options, the Pythons there are, and the figures."""

import argparse
import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from samplers import ROOT

sys.path.insert(0, os.path.join(ROOT, "tools"))
import pythons


@dataclass(frozen=True)
class Setting:
    """What is measured with what."""

    command: str
    reader: Optional[str]  # bench/remote/reader.c, compiled, if there is what it takes
    pythons: dict[int, str]  # of targets, by minor version
    json: Optional[str]
    scale: float  # of the seconds that each measurement takes

    @property
    def python_315(self) -> Optional[str]:
        return self.pythons.get(15)

    def chosen(self, *minors: int) -> list[tuple[int, str]]:
        """Return those of these versions that are there, else the newest."""
        found = [(it, self.pythons[it]) for it in minors if it in self.pythons]
        return found or [max(self.pythons.items())]

    def write(self, name: str, found: Any) -> None:
        """Append figures to the file as one line."""
        if self.json:
            with open(self.json, "a", encoding="utf-8") as out:
                out.write(json.dumps({"remote": name, "found": found}) + "\n")


def build_folder() -> str:
    """Return where tools/build.sh compiles for the environment of this Python."""
    return os.path.join(ROOT, "build", os.path.basename(sys.prefix))


def compile_reader(build: str) -> Optional[str]:
    """Compile bench/remote/reader.c with the libraries of a build."""
    source = os.path.join(ROOT, "bench", "remote", "reader.c")
    out = os.path.join(ROOT, "build", "bench-reader")
    names = ("remote", "model", "base")
    libraries = [os.path.join(build, "src", it, f"libpyr_{it}.a") for it in names]
    if not all(map(os.path.exists, libraries)):
        print(f"bench: no libraries in {build}: the sampler alone is not measured", file=sys.stderr)
        return None
    link = ["-Wl,--start-group", *libraries, "-Wl,--end-group", "-lpthread", "-lm"]
    flags = ["-O3", "-std=c11", "-D_GNU_SOURCE", f"-I{os.path.join(ROOT, 'src')}"]
    compiler = shlex.split(os.environ.get("CC", "cc"))
    done = None
    for more in ([], ["-ldw", "-lelf"]):
        words = [*compiler, *flags, source, "-o", out, *link, *more]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return out
    print(f"bench: the reader does not compile: {done and done.stderr}", file=sys.stderr)
    return None


def target_pythons(given: list[str]) -> dict[int, str]:
    if given:
        code = "import sys; print(sys.version_info[1])"
        return {
            int(subprocess.run([it, "-c", code], stdout=subprocess.PIPE, check=True).stdout): it
            for it in given
        }
    found = [*pythons.find_targets(Path(ROOT)), *pythons.find_interpreters(Path(ROOT))]
    return {
        int(it.version.split(".")[1]): it.executable for it in found if not it.version.endswith("t")
    }


def setting(description: str) -> Setting:
    """Read the command line that all these scripts have."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--json", help="append the figures to this file")
    parser.add_argument("--build", help="measure what this meson build folder has")
    parser.add_argument("--target", action="append", default=[], help="a Python to look into")
    parser.add_argument("--scale", type=float, default=1, help="measure so many times as long")
    options = parser.parse_args()
    if options.build:
        command = os.path.join(options.build, "src", "cli", "pyrometer")
    else:
        from pyrometer.__main__ import find_command

        command = find_command()
    reader = compile_reader(options.build or build_folder())
    found = target_pythons(options.target)
    return Setting(command, reader, found, options.json, options.scale)
