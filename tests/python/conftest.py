# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What several tests need."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest


def strange(callback: object) -> bool:
    """Tell whether a callback of collections is Hypothesis's."""
    return str(getattr(callback, "__module__", "")).startswith("hypothesis")


@pytest.fixture(autouse=True)
def no_stranger_in_collections() -> None:
    """Take Hypothesis's function out of collections, which come at any time and would be counted.

    It times them, and needs that only for deadlines, which no test of ours has.
    """
    gc.callbacks[:] = [it for it in gc.callbacks if not strange(it)]


@pytest.fixture(scope="session")
def command() -> str:
    """Return the path of the installed command."""
    from pyrometer.__main__ import find_command

    try:
        return find_command()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
