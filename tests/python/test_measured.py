# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The marker `measured` forgives what disturbs, nothing else, and what it forgave is counted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
TESTS = """
import pytest
attempts = []

@pytest.fixture
def attempt():
    attempts.clear()
    return lambda: attempts.append(0) or len(attempts)

@pytest.mark.measured
def test_disturbed_twice(attempt):
    assert attempt() == 3, "twice"

@pytest.mark.measured
@pytest.mark.parametrize("lucky", [5, 6])
def test_disturbed(attempt, lucky):
    assert attempt() == lucky

@pytest.mark.measured
def test_undisturbed(attempt):
    assert attempt() == 1

@pytest.mark.measured
def test_error(attempt):
    assert [][attempt()]

def test_unmarked(attempt):
    assert attempt() == 2
"""


@pytest.fixture
def run_tests(monkeypatch: pytest.MonkeyPatch) -> object:
    """Return the module that adds up the results of all suites."""
    monkeypatch.syspath_prepend(str(TOOLS))
    import run_tests

    return run_tests


def test_a_bound_is_measured_five_times_at_most(tmp_path: Path, run_tests: object) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(TESTS)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"]
    done = subprocess.run(
        [*words, "-c", "/dev/null", f"--rootdir={tmp_path}", "--junitxml=it.xml", "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout
    result = run_tests._junit_result("Python", tmp_path / "it.xml")  # type: ignore[attr-defined]
    assert (result.passed, result.failed, result.repeated) == (3, 3, 3)
    assert result.broken == (
        "test_it.test_disturbed[6]",
        "test_it.test_error",
        "test_it.test_unmarked",
    )
    repeated = [line for line in done.stdout.splitlines() if line.startswith("measured again: ")]
    assert sorted(line.rpartition("::")[2] for line in repeated) == [
        "test_disturbed[5]",
        "test_disturbed[6]",
        "test_disturbed_twice",
    ]
    assert done.stdout.count("  attempt ") == 2 + 4 + 4
    assert "  attempt 2 at test_disturbed_twice:" in done.stdout
