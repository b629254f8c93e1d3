# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Each checker of `make lint` catches what it is there for, and lets right code pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
# In pieces, so that the checkers do not take these examples for the real thing.
C_HEAD = (
    "/* SPDX-FileCopyrightText: 2026 The Pyrometer authors\n"
    " * SPDX-License-Identifier: Apache-2.0 */\n"
)
HASH_HEAD = (
    "# SPDX-FileCopyrightText: 2026 The Pyrometer authors\n# SPDX-License-Identifier: Apache-2.0\n"
)


def complaints(checker: str, root: Path, files: dict[str, str]) -> list[str]:
    """Write a small tree and return what the checker says about it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(TOOLS / f"{checker}.py"), str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == (1 if done.stdout else 0)
    return done.stdout.splitlines()


def c_function(lines: int, parameters: str = "void") -> str:
    """Return a C file with one function whose body has so many lines, braces included."""
    return f"static void burn({parameters})\n{{\n" + "    (void)0;\n" * (lines - 2) + "}\n"


@pytest.mark.parametrize(
    ("name", "include", "complaint"),
    [
        ("src/base/a.c", '"model/strtab.h"', "base may not include model/strtab.h"),
        ("src/model/a.c", '"formats/format.h"', "model may not include formats/format.h"),
        ("src/formats/a.c", '"reports/report.h"', "formats may not include reports/report.h"),
        ("src/reports/a.h", '"remote/maps.h"', "reports may not include remote/maps.h"),
        ("src/remote/a.c", '"probe/trace.h"', "remote may not include probe/trace.h"),
        ("src/probe/a.c", '"cli/options.h"', "probe may not include cli/options.h"),
        ("src/cli/a.c", '"probe/trace.h"', "cli may not include probe/trace.h"),
        ("src/model/a.c", "<Python.h>", "only src/probe includes <Python.h>"),
        ("src/cli/a.c", "<frameobject.h>", "only src/probe includes <frameobject.h>"),
        ("src/model/a.c", '"zstd.h"', "zstd.h belongs to formats"),
        ("src/model/a.c", '"strtab.h"', "write includes from src/"),
        ("src/model/a.c", '"../base/err.h"', "write includes from src/"),
        ("src/other/a.c", "<stdio.h>", "this folder has no layer"),
    ],
)
def test_an_include_against_the_layers_is_caught(
    tmp_path: Path, name: str, include: str, complaint: str
) -> None:
    """Every arrow that the picture of the layers does not have."""
    found = complaints("check_includes", tmp_path, {name: f"#pragma once\n#include {include}\n"})
    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("name", "include"),
    [
        ("src/base/a.c", '"base/err.h"'),
        ("src/formats/a.c", '"zstd.h"'),
        ("src/formats/a.c", '"model/profile.h"'),
        ("src/probe/a.c", "<Python.h>"),
        ("src/probe/a.c", '"formats/native.h"'),
        ("src/cli/a.c", '"reports/report.h"'),
    ],
)
def test_an_include_along_the_layers_passes(tmp_path: Path, name: str, include: str) -> None:
    """The arrows that it has."""
    assert complaints("check_includes", tmp_path, {name: f"#include {include}\n"}) == []


def test_a_header_is_included_once_and_first_by_its_own_file(tmp_path: Path) -> None:
    """Otherwise a header may lean on what others happened to include before it."""
    files = {
        "src/base/a.h": "int a;\n",
        "src/base/a.c": '#include "base/b.h"\n#include "base/a.h"\n',
        "src/base/b.h": "#pragma once\n",
        "src/base/c.c": "#include <base/b.h>\n",
    }
    found = complaints("check_includes", tmp_path, files)
    assert [it.split(":")[0] for it in found] == ["src/base/a.c", "src/base/a.h", "src/base/c.c"]


def test_long_functions_are_caught_at_the_limit(tmp_path: Path) -> None:
    """Seventy lines pass, seventy-one do not, whatever strings and comments hold."""
    assert complaints("check_size", tmp_path, {"src/a.c": c_function(70)}) == []
    found = complaints("check_size", tmp_path, {"src/a.c": c_function(71)})
    assert found == ["src/a.c:2: burn has 71 lines, and at most 70 are allowed"]
    tricky = '/* } */\nstatic const char *const brace = "}{";\n' + c_function(71)
    assert "burn has 71 lines" in complaints("check_size", tmp_path, {"src/a.c": tricky})[0]


def test_many_parameters_are_caught_at_the_limit(tmp_path: Path) -> None:
    """A callback's own parameters are not the function's."""
    six = "int a, int b, int c, int d, void (*e)(int, int), int f[2]"
    assert complaints("check_size", tmp_path, {"src/a.c": c_function(4, six)}) == []
    found = complaints("check_size", tmp_path, {"src/a.c": c_function(4, six + ", int g")})
    assert found == ["src/a.c:2: burn has 7 parameters, and at most 6 are allowed"]


def test_large_python_functions_and_files_are_caught(tmp_path: Path) -> None:
    """A docstring, `self` and keyword-only parameters are free."""
    good = "class C:\n    def f(self, a, b, c, d, e, g, *, h, i):\n" + '        """One.\n\n'
    good += "        Two.\n" * 60 + '        """\n' + "        pass\n" * 60
    assert complaints("check_size", tmp_path, {"python/a.py": good}) == []
    files = {
        "python/a.py": "def f(a, b, c, d, e, f, g):\n" + "    pass\n" * 70,
        "python/b.py": "x = 1\n" * 601,
    }
    found = complaints("check_size", tmp_path, files)
    assert found == [
        "python/a.py:1: f has 71 lines, and at most 70 are allowed",
        "python/a.py:1: f has 7 parameters, and at most 6 are allowed",
        "python/b.py:1: 601 lines, and a file has at most 600",
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("src/cli/a.c", "sprintf(text, format);"),
        ("tests/unit/a.c", "strcpy(to, from);"),
        ("src/cli/a.c", "strtok(text, from);"),
        ("src/cli/a.c", "x = malloc(3);"),
        ("src/model/a.c", "free(x);"),
        ("src/probe/a.c", "exit(1);"),
        ("src/remote/a.c", "abort();"),
        ("src/formats/a.c", 'printf("x");'),
        ("src/reports/a.c", "fprintf(stderr, x);"),
        ("src/model/a.c", "_Atomic int x;"),
        ("src/probe/a.c", "__atomic_load_n(&x, 0);"),
        ("src/base/a.c", "#define FAIL(x) \\\n    return x"),
        ("src/probe/a.c", "int f(void)\n{\n#if PY_VERSION_HEX > 3\n    g();\n#endif\n}"),
    ],
)
def test_a_banned_thing_is_caught(tmp_path: Path, name: str, code: str) -> None:
    """One example for each rule about C."""
    assert len(complaints("check_banned", tmp_path, {name: f"{C_HEAD}{code}\n"})) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("src/base/mem.c", "x = malloc(3);"),
        ("src/base/atomic.h", "__atomic_load_n(&x, 0);"),
        ("src/cli/a.c", 'printf("x");'),
        ("src/model/a.c", "table->free(x);"),
        ("src/model/a.c", "pyr_free(x); /* not free(x) */"),
        ("src/model/a.c", 'say("malloc(3)");'),
        ("src/probe/a.c", "#if PY_VERSION_HEX > 3\nint f(void)\n{\n}\n#endif"),
    ],
)
def test_what_only_looks_banned_passes(tmp_path: Path, name: str, code: str) -> None:
    """The places that may, and the words in comments, strings and longer names."""
    assert complaints("check_banned", tmp_path, {name: f"{C_HEAD}{code}\n"}) == []


@pytest.mark.parametrize("suffix", [".c", ".h", ".py", ".sh"])
def test_a_missing_licence_head_is_caught(tmp_path: Path, suffix: str) -> None:
    """After the line that names a script's interpreter, if there is one."""
    head = C_HEAD if suffix in (".c", ".h") else "#!/bin/sh\n" + HASH_HEAD
    assert complaints("check_banned", tmp_path, {f"tools/a{suffix}": f"{head}x\n"}) == []
    found = complaints("check_banned", tmp_path, {f"tools/a{suffix}": "x\n"})
    assert found == [f"tools/a{suffix}:1: does not start with the two SPDX lines"]


@pytest.mark.parametrize(
    "words",
    [
        "TO" + "DO: later",
        "FIX" + "ME",
        "pypi" + ".org",
        "deb.debian" + ".org",
        "/wor" + "k/x",
    ],
)
def test_unfinished_work_and_hosts_are_caught_in_any_file(tmp_path: Path, words: str) -> None:
    """In documentation too."""
    assert len(complaints("check_banned", tmp_path, {"docs/a.md": f"One.\n{words}\n"})) == 1


def test_a_pipe_in_the_tree_does_not_stop_the_checkers(tmp_path: Path) -> None:
    """What is no regular file is not read."""
    (tmp_path / "src").mkdir()
    os.mkfifo(tmp_path / "src" / "pipe.c")
    assert complaints("check_banned", tmp_path, {"src/a.c": C_HEAD}) == []


def test_a_file_that_the_build_does_not_know_is_caught(tmp_path: Path) -> None:
    """Sources, tests, fuzz targets and Python files alike; a comment does not list."""
    files = {
        "src/base/meson.build": "files('a.c')\n# files('b.c')\n",
        "src/base/a.c": "",
        "src/base/b.c": "",
        "tests/unit/meson.build": "{'test_a': base_dep}\n",
        "tests/unit/test_a.c": "",
        "tests/unit/test_b.c": "",
        "tests/fuzz/fuzz_a.c": "",
        "python/pyrometer/meson.build": "files('__init__.py')\n",
        "python/pyrometer/__init__.py": "",
        "python/pyrometer/compat/b.py": "",
    }
    assert [it.split(":")[0] for it in complaints("check_listed", tmp_path, files)] == [
        "src/base/b.c",
        "tests/unit/test_b.c",
        "tests/fuzz/fuzz_a.c",
        "python/pyrometer/compat/b.py",
    ]


def test_a_broken_interpreter_is_passed_over(tmp_path: Path) -> None:
    """One that cannot run, one that says a wrong version, and one that works."""
    sys.path.insert(0, str(TOOLS))
    try:
        import pythons
    finally:
        sys.path.remove(str(TOOLS))
    for name, text in (("broken", "#!/bin/sh\nexit 3\n"), ("old", "#!/bin/sh\necho 3.8\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        os.chmod(tmp_path / name, 0o755)
        assert pythons.probe(tmp_path / name) is None
    assert pythons.probe(tmp_path / "absent") is None
    expected = "{}.{}".format(*sys.version_info[:2])
    assert (pythons.probe(Path(sys.executable), in_venv=True) or "").rstrip("t") == expected


def test_documentation_that_points_at_nothing_is_caught(tmp_path: Path) -> None:
    """Links, headings, files and make targets, the good ones among them."""
    page = (
        "# One page\n[good](b.md#two-words) [dead](c.md)\n[no heading](b.md#three)\n"
        "`src/base/err.h` and `src/base/nothing.h`\nType `make test`, then `make coffee`.\n"
    )
    files = {
        "Makefile": "test: ## all\n",
        "docs/a.md": page,
        "docs/b.md": "## Two words\n",
        "src/base/err.h": "",
    }
    assert complaints("check_docs", tmp_path, files) == [
        "docs/a.md:2: the link c.md leads nowhere",
        "docs/a.md:3: the link b.md#three leads nowhere",
        "docs/a.md:4: there is no src/base/nothing.h",
        "docs/a.md:5: there is no target coffee",
    ]
