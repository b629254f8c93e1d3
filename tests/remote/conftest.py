# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Which command is tested, and on targets of which Pythons.

Targets run on the Python that runs the tests. With PYROMETER_OLD_TARGETS in the environment, which
one of the suites of `make test` has, they also run on the Pythons that are too old for the rest of
Pyrometer, as far as they are on this machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Callable

import pytest
from remote_targets import Python, Target, find_command

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import pythons


def target_pythons() -> list[Python]:
    """Return the Pythons on which targets run."""
    found = [Python(sys.executable, sys.version_info[1])]
    if os.environ.get("PYROMETER_OLD_TARGETS"):
        for it in pythons.find_targets():
            found.append(Python(it.executable, int(it.version.split(".")[1])))
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs one with every Python for targets."""
    if "python" in metafunc.fixturenames:
        all_of_them = target_pythons()
        ids = [f"3.{it.minor}" for it in all_of_them]
        metafunc.parametrize("python", all_of_them, ids=ids, scope="session")


@pytest.fixture(scope="session")
def command() -> str:
    """Return the path of the command."""
    found = find_command()
    if found is None:
        pytest.skip("no pyrometer beside this Python or on PATH; PYROMETER can name one")
    return found


@pytest.fixture
def start(command: str, python: Python) -> Callable[..., Target]:
    """Give what starts a target: start("lines.py", "an argument")."""

    def start_target(name: str, *arguments: str) -> Target:
        return Target(command, python, name, *arguments)

    return start_target
