# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Code that takes the place of other code is not taken for it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Callable

from remote_targets import Target

SECONDS = 2
RATE_HZ = 200
FEWEST_STEPS = 4  # of 0.3 s each, in two seconds
MOST_MIXED = 0.005  # of all samples; they are at most a moment late where code is not frozen


def test_each_function_has_its_own_name(
    command: str, start: Callable[..., Target], tmp_path: Path
) -> None:
    out = tmp_path / "made.txt"
    with start("made_anew.py") as target:
        target.hear()
        subprocess.run(
            [
                *(command, "record", f"--duration={SECONDS}", f"--rate={RATE_HZ}", "--idle"),
                *("--format=collapsed", f"--output={out}", str(target.pid)),
            ],
            check=True,
            capture_output=True,
        )
    steps: set[str] = set()
    mixed = total = 0
    for line in out.read_text(encoding="utf-8").splitlines():
        stack, _, weight = line.rpartition(" ")
        numbers = re.findall(r"_(\d{3})\b", stack)
        steps.update(numbers)
        total += int(weight)
        # A step is one <module> in another, and within it only what it made itself.
        if len(set(numbers)) > 1 or stack.count("<module>") > 2:
            mixed += int(weight)
    assert len(steps) >= FEWEST_STEPS
    assert mixed <= total * MOST_MIXED
