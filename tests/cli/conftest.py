# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command need."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell import Shell, find_command


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden transcripts")


@pytest.fixture
def pyrometer(tmp_path: Path) -> Shell:
    """Give the command in an empty folder with the sample profiles."""
    command = find_command()
    if command is None:
        pytest.skip("no pyrometer beside this Python or on PATH; PYROMETER can name one")
    return Shell(command, tmp_path)


@pytest.fixture(scope="session")
def needs_probe() -> None:
    """Skip where this Python can't import what traces it."""
    pytest.importorskip("pyrometer._probe")
