# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Terminals and programs to look into, for the tests of `pyrometer top`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest
from terminal import Terminal, find_command

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know the option here, too, when this folder is tested alone."""
    with contextlib.suppress(ValueError):
        parser.addoption("--golden", action="store_true", help="rewrite the golden transcripts")


@pytest.fixture(scope="session")
def command() -> str:
    """Return the path of the command."""
    found = find_command()
    if found is None:
        pytest.skip("no pyrometer beside this Python or on PATH; PYROMETER can name one")
    return found


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Give a terminal of 100 by 24."""
    if shutil.which("tmux") is None:
        pytest.skip("no tmux here: tools/setup.sh test installs it")
    with Terminal(tmp_path) as opened:
        yield opened


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Give what starts a target: start("target_one.py"). All end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start_target(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, name, *arguments],
            cwd=HERE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        return process

    yield start_target
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
