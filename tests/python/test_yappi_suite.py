# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Yappi's own tests, of its source distribution, with our modules in the place of its own.

They sleep most of their time, so that all modules run at once. They compare times with what they
should be on a machine that does nothing else; so what failed is run again, alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree

import pytest

HERE = Path(__file__).resolve().parent
RELEASE = "1.7.6"
SHA256 = "c94281936af77c00c6ac2306a0e7f85a67e354d717120df85fcc5dfb9243d4dd"
TIMEOUT_S = 250

# How many tests each module has; fewer would mean that the harness lost some.
COUNTS = {
    "test_functionality": 56,
    "test_hooks": 13,
    "test_tags": 4,
    "test_asyncio": 4,
    "test_asyncio_context_vars": 10,
    "test_gevent": 14,
}
# Tests that cannot apply, each with its reason.
HIDDEN_BUILTINS = (
    "it expects that time in a builtin is not its caller's own even where builtins were not asked "
    "for: Yappi measures them all the same, at their full cost, and does not show them"
)
CANNOT_APPLY = {
    "test_tags.MultiThreadTests.test_tagging_walltime": HIDDEN_BUILTINS,
    "test_asyncio.MultiThreadTests.test_basic": HIDDEN_BUILTINS,
}

# The module that stands for another; it notes that it was used.
PROXY = """
import os, sys
from pyrometer.compat import {name}
with open({log!r}, "a") as log:
    log.write("%d {name}\\n" % os.getpid())
sys.modules[__name__] = {name}
"""
COMMAND = """#!{python}
import yappi
yappi.main()
"""


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pyrometer-tests"


def download(folder: Path) -> Path:
    """Return the source distribution, which pip fetches the first time."""
    archive = folder / f"yappi-{RELEASE}.tar.gz"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            words = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=yappi"]
            done = subprocess.run(
                [sys.executable, "-m", "pip", "download", *words, f"yappi=={RELEASE}"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
            if done.returncode != 0:
                pytest.skip(f"Yappi's source can't be downloaded: {done.stderr.strip()[-200:]}")
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == SHA256, f"{archive} is another one"
    return archive


class Suite:
    """One module of tests in a folder of its own, as they write files beside themselves."""

    def __init__(self, module: str, tests: Path, folder: Path) -> None:
        self.module = module
        self.folder = folder
        self.found: dict[str, str] = {}
        self.judged = False
        self.log = folder / "log"
        place = folder / "place"
        place.mkdir(parents=True)
        copytree(tests, folder / "tests")
        for name in ("yappi", "_yappi"):
            (place / f"{name}.py").write_text(PROXY.format(name=name, log=str(self.log)))
        command = place / "yappi"
        command.write_text(COMMAND.format(python=sys.executable))
        command.chmod(0o755)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self.environment = {
            **inherited,
            "PATH": f"{place}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(map(str, (place, folder / "tests", folder))),
        }

    def outcomes(self) -> dict[str, str]:
        """Return what became of each test; when asked again, of what failed in another run."""
        if self.judged and len(self.found) == COUNTS[self.module]:
            again = [f"tests.{name}" for name in failed(self.found)]
            if again:
                self.found.update(self.wait(self.start(*again)))
        self.judged = True
        return self.found

    def start(self, *names: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, HERE / "suite_runner.py", "outcomes", "plain", *names],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("wb"),
        )

    def wait(self, process: subprocess.Popen[bytes]) -> dict[str, str]:
        try:
            process.wait(TIMEOUT_S)
        finally:
            process.kill()
        output = self.folder / "outcomes"
        words = (self.folder / "stderr").read_text(errors="replace")
        assert output.exists(), f"the run ended early with {process.returncode}:\n{words}"
        result: dict[str, str] = json.loads(output.read_text())
        output.unlink()
        return {name.removeprefix("tests."): outcome for name, outcome in result.items()}


def failed(outcomes: dict[str, str]) -> list[str]:
    return [
        name
        for name, outcome in outcomes.items()
        if outcome not in ("passed", "skipped") and name not in CANNOT_APPLY
    ]


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Suite]:
    root = tmp_path_factory.mktemp("yappi")
    with tarfile.open(download(cache_folder())) as archive:
        for member in archive.getmembers():
            if member.isfile() and member.name.startswith(f"yappi-{RELEASE}/tests/"):
                path = root / "tests" / Path(member.name).name
                path.parent.mkdir(exist_ok=True)
                content = archive.extractfile(member)
                assert content is not None
                path.write_bytes(content.read())
    made = {module: Suite(module, root / "tests", root / module) for module in COUNTS}
    processes = {module: suite.start(f"tests.{module}") for module, suite in made.items()}
    for module, process in processes.items():
        made[module].found = made[module].wait(process)
    return made


@pytest.mark.measured
@pytest.mark.parametrize("module", COUNTS)
def test_ours_passes_yappis_tests(module: str, suites: dict[str, Suite]) -> None:
    found = suites[module].outcomes()
    assert len(found) == COUNTS[module], found
    wrong = {name: found[name] for name in failed(found)}
    assert not wrong, "\n\n".join(f"{name}:\n{text}" for name, text in wrong.items())
    skipped = [name for name, outcome in found.items() if outcome == "skipped"]
    if module == "test_gevent" and find_spec("gevent") is None:
        pytest.skip(f"gevent is not installed for this Python, which {len(skipped)} tests need")
    assert not skipped
    for name, reason in CANNOT_APPLY.items():
        if name.split(".")[0] == module:
            assert found[name] != "passed", f"{name} does apply"
            print(f"not applicable: {name}: {reason}")
    uses = [line.split() for line in suites[module].log.read_text().splitlines()]
    assert "yappi" in {name for _, name in uses}
    if module == "test_functionality":
        assert "_yappi" in {name for _, name in uses}
        assert len({process for process, _ in uses}) > 1, "the command was not ours"
