# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""CPython's own tests of cProfile, of the interpreter that runs this, with our module in place.

Each suite runs twice: with Python's own modules, which says which tests there are and which of
them this machine can pass, and with ours, which must pass the same ones.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import pyrometer
from pyrometer import compat

HERE = Path(__file__).resolve().parent
VERSION = sys.version_info[:2]
TIMEOUT_S = 250
CPROFILE_SUITE = (
    "test.test_profiling.test_tracing_profiler" if VERSION >= (3, 15) else "test.test_cprofile"
)
# At least so many tests does each version bring; fewer would mean that the harness lost some.
LEAST_TESTS = {
    CPROFILE_SUITE: {(3, 12): 18, (3, 13): 21, (3, 14): 27, (3, 15): 30}.get(VERSION, 16),
    "test.test_profile": 7 if VERSION >= (3, 13) else 6,
    "test.test_pstats": {(3, 9): 9, (3, 10): 8, (3, 11): 9, (3, 12): 9}.get(VERSION, 12),
    "test.test_sys_setprofile": 24,
    "test.test_monitoring": 60,
}
# Tests that cannot apply, each with its reason.
SEES_TWO_TOOLS = {
    "test.test_sys_setprofile.TestEdgeCases.test_method_with_c_function": (
        "the interpreter reports the return from sys.setprofile() itself where any other tool, of "
        "whatever make, has asked for calls; the test expects to be alone"
    ),
}


def module_of(suite: str) -> str:
    found = importlib.util.find_spec("test") and importlib.util.find_spec("test.support")
    if found:
        parent = suite.rpartition(".")[0]
        if importlib.util.find_spec(parent) and importlib.util.find_spec(suite):
            return suite
    pytest.skip(
        f"this Python does not bring {suite}; Debian has it in the package "
        f"libpython{VERSION[0]}.{VERSION[1]}-testsuite"
    )


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment that `substitute` can act in, from links alone."""
    root = tmp_path_factory.mktemp("environment")
    base = Path(os.path.realpath(sys.executable))
    executable = root / "bin" / "python"
    executable.parent.mkdir()
    executable.symlink_to(base)
    (root / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n"
    )
    folder = Path(
        sysconfig.get_path("purelib", "posix_prefix", {"base": str(root), "platbase": str(root)})
    )
    folder.mkdir(parents=True)
    (folder / "substitute.py").write_text((HERE / "substitute.py").read_text())
    ours = Path(pyrometer.__file__).absolute().parent.parent
    (folder / "ours.pth").write_text(f"{ours}\nimport substitute\n")
    return executable


def outcomes(
    python: Path, folder: Path, suite: str, how: str, environment: dict[str, str]
) -> dict[str, str]:
    """Run a suite and return what became of each of its tests."""
    folder.mkdir()
    output = folder / "outcomes.json"
    # -u and the like of the machine that tests must not reach the tests.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [python, HERE / "suite_runner.py", output, how, suite],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert output.exists(), f"the run ended early with {done.returncode}:\n{done.stderr}"
    result: dict[str, str] = json.loads(output.read_text())
    return result


def assert_same(
    suite: str, expected: dict[str, str], ours: dict[str, str], cannot_apply: dict[str, str]
) -> None:
    assert len(expected) >= LEAST_TESTS[suite]
    assert ours.keys() == expected.keys()
    wrong = {
        name: text
        for name, text in ours.items()
        if text != expected[name] and expected[name] == "passed" and name not in cannot_apply
    }
    assert not wrong, "\n\n".join(f"{name}:\n{text}" for name, text in wrong.items())
    passed = sum(text == "passed" for text in ours.values())
    print(f"{suite}: {passed} of {len(ours)} passed")
    for name, reason in cannot_apply.items():
        print(f"not applicable: {name}: {reason}")


@pytest.mark.parametrize("suite", [CPROFILE_SUITE, "test.test_profile", "test.test_pstats"])
def test_our_cprofile_passes_cpythons_tests(suite: str, python: Path, tmp_path: Path) -> None:
    suite = module_of(suite)
    log = tmp_path / "log"
    log.touch()
    compat_folder = os.path.dirname(os.path.abspath(compat.__file__))
    theirs = outcomes(python, tmp_path / "theirs", suite, "plain", {})
    ours = outcomes(
        python,
        tmp_path / "ours",
        suite,
        "plain",
        {"SUBSTITUTE_COMPAT": compat_folder, "SUBSTITUTE_LOG": str(log)},
    )
    assert_same(suite, theirs, ours, {})
    if suite == CPROFILE_SUITE:
        uses = [line.split() for line in log.read_text().splitlines()]
        assert {name for _, name in uses} >= {"_lsprof", CPROFILE_MODULE}
        assert len({process for process, _ in uses}) > 1, "the children did not use our modules"


CPROFILE_MODULE = "profiling.tracing" if VERSION >= (3, 15) else "cProfile"


@pytest.mark.parametrize(
    ("suite", "how"),
    [
        ("test.test_sys_setprofile", "traced without builtins"),
        ("test.test_sys_setprofile", "traced"),
        ("test.test_sys_setprofile", "after a trace"),
        # Each of its tests begins by asserting that no tool has any events.
        ("test.test_monitoring", "after a trace"),
    ],
)
def test_tracing_does_not_disturb_other_tools(
    suite: str, how: str, python: Path, tmp_path: Path
) -> None:
    if VERSION < (3, 12) and suite == "test.test_monitoring":
        pytest.skip("sys.monitoring is new in 3.12")
    if VERSION < (3, 12) and how == "traced":
        pytest.skip("builtins take the place of sys.setprofile's function before 3.12, by design")
    suite = module_of(suite)
    plain = outcomes(python, tmp_path / "plain", suite, "plain", {})
    traced = outcomes(python, tmp_path / "traced", suite, how, {})
    cannot_apply = SEES_TWO_TOOLS if how == "traced" else {}
    assert_same(suite, plain, traced, cannot_apply)
