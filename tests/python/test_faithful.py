# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""A traced program behaves as without us: same output, errors and exit status, byte for byte."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

import pyrometer

LAUNCH = "from pyrometer._launch import main; main()"
TIMEOUT_S = 60


class Outcome(NamedTuple):
    """What a process showed to the world."""

    stdout: bytes
    stderr: bytes
    status: int


def run(words: list[str], cwd: Path, **kwargs: object) -> Outcome:
    done = subprocess.run(
        words,
        cwd=cwd,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        **kwargs,
    )
    address = re.compile(rb"0x[0-9a-f]{6,}")
    return Outcome(
        address.sub(b"0x", done.stdout), address.sub(b"0x", done.stderr), done.returncode
    )


def both(
    words: list[str], cwd: Path, flags: tuple[str, ...] = (), **kwargs: object
) -> tuple[Outcome, Outcome]:
    """Run a program plainly and traced, in the same place."""
    output = cwd.parent / "out.pyro"
    plain = run([sys.executable, *flags, *words], cwd, **kwargs)
    traced = run(
        [sys.executable, *flags, "-c", LAUNCH, f"output={output}", "--", *words], cwd, **kwargs
    )
    return plain, traced


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def write(cwd: Path, name: str, source: str) -> None:
    path = cwd / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source))


SHOW = """\
    import sys, __main__
    for name, value in list(globals().items()):
        if name not in ("sys", "__builtins__"):
            print(name, "=", str(value).partition(" object at ")[0])
    print(type(__builtins__), vars(__main__) is globals(), sys.modules["__main__"] is __main__)
    print(sys.argv, sys.path[:2], getattr(sys, "orig_argv", None))
"""

# Each is run as a script; what matters is in what they print and how they end.
SCRIPTS = {
    "shows its surroundings": SHOW,
    "raises": """
        def f(n):
            if n == 0:
                raise KeyError("zero")
            f(n - 1)
        try:
            f(3)
        except KeyError as error:
            raise RuntimeError("again") from error
        """,
    "raises in a module that it imports": """
        import json
        json.loads("{")
        """,
    "exits with 0": "import sys; print('x'); sys.exit(0)",
    "exits with 3": "import sys; sys.exit(3)",
    "exits with None": "raise SystemExit",
    "exits with a message": "import sys; print('out'); sys.exit('cause and cure')",
    "exits with an object": "import sys; sys.exit([1, 2])",
    "exits with True": "import sys; sys.exit(True)",
    "exits with a large number": "import sys; sys.exit(2**70)",
    "exits with -1": "import sys; sys.exit(-1)",
    "exits from a function in a finally": """
        import sys
        def f():
            try:
                1 / 0
            finally:
                sys.exit(7)
        f()
        """,
    "is interrupted": "raise KeyboardInterrupt",
    "is interrupted by a signal": """
        import os, signal, time
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
        """,
    "is terminated": """
        import os, signal, time
        print("before", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        """,
    "catches an interrupt": """
        import os, signal
        try:
            os.kill(os.getpid(), signal.SIGINT)
            while True:
                pass
        except KeyboardInterrupt:
            print("caught")
        """,
    "fails in code from a string": "exec('def f():\\n    1 / 0\\nf()')",
    "has an excepthook": """
        import sys
        def hook(kind, value, traceback):
            depth = 0
            while traceback:
                depth, traceback = depth + 1, traceback.tb_next
            print("hook", kind, value, depth)
        sys.excepthook = hook
        def f():
            1 / 0
        f()
        """,
    "has an excepthook that fails": """
        import sys
        def hook(*args):
            raise ValueError("in the hook")
        sys.excepthook = hook
        1 / 0
        """,
    "looks at its last exception at exit": """
        import atexit, sys
        def show():
            print(sys.last_type, sys.last_value, sys.last_traceback.tb_frame.f_code.co_name)
        atexit.register(show)
        1 / 0
        """,
    "runs atexit callbacks": """
        import atexit, sys
        atexit.register(print, "first")
        atexit.register(print, "second")
        @atexit.register
        def fails():
            1 / 0
        sys.exit(4)
        """,
    "ends by os._exit": """
        import os, sys
        sys.stdout.write("not flushed")
        sys.stderr.write("written")
        os._exit(5)
        """,
    "ends by posix._exit": "import posix; posix._exit(6)",
    "calls os._exit wrongly": "import os; os._exit('x')",
    "calls os._exit by keyword": "import os; os._exit(status=9)",
    "aborts": "import os; os.abort()",
    "kills itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "becomes another program": """
        import os, sys
        print("one", flush=True)
        os.execv(sys.executable, [sys.executable, "-c", "print('two'); raise SystemExit(8)"])
        """,
    "becomes another program by name": """
        import os
        os.execlp("sh", "sh", "-c", "echo from the shell; exit 11")
        """,
    "does not find the other program": """
        import os
        try:
            os.execvp("there-is-no-such-program", ["x"])
        except FileNotFoundError as error:
            print("still here:", error.errno)
        os.execv("/", ["x"])
        """,
    "leaves a thread behind": """
        import threading, time
        def work():
            time.sleep(0.2)
            print("thread is done")
        threading.Thread(target=work).start()
        print("main is done")
        """,
    "leaves a daemon behind": """
        import threading, time
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        print("main is done")
        """,
    "fails in a thread": """
        import threading
        thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        thread.start()
        thread.join()
        """,
    "exits in a thread": """
        import sys, threading
        thread = threading.Thread(target=sys.exit, args=(3,))
        thread.start()
        thread.join()
        """,
    "fails where nobody can catch": """
        class C:
            def __del__(self):
                1 / 0
        C()
        """,
    "warns at its caller": """
        import warnings
        warnings.warn("one", stacklevel=1)
        warnings.warn("two", stacklevel=2)
        def f():
            warnings.warn("three", stacklevel=2)
        f()
        """,
    "looks down its stack": """
        import faulthandler, inspect, sys, traceback
        def f():
            traceback.print_stack()
            faulthandler.dump_traceback(all_threads=False)
            print(len(inspect.stack()))
            return sys._getframe(1)
        print(f().f_back)
        sys._getframe(1)
        """,
    "recurses too deeply": """
        def f():
            f()
        try:
            f()
        except RecursionError as error:
            print(error)
        """,
    "forks": """
        import os, sys
        sys.stdout.flush()
        for end in (os._exit, sys.exit):
            pid = os.fork()
            if pid == 0:
                print("child", flush=True)
                end(12)
            print("status", os.waitpid(pid, 0)[1])
        """,
    "pickles its classes": """
        import pickle
        class C:
            pass
        print(pickle.dumps(C()), pickle.loads(pickle.dumps(C())).__class__ is C)
        """,
    "knows its source": """
        import inspect
        def f():
            return 1  # a comment
        print(inspect.getsource(f), inspect.getfile(f))
        """,
    "is a unit test": """
        import unittest
        class Test(unittest.TestCase):
            def test_right(self):
                pass
            @unittest.expectedFailure
            def test_wrong(self):
                self.assertTrue(False)
        import io, sys
        unittest.main(testRunner=unittest.TextTestRunner(stream=io.StringIO()))
        """,
    "is a doctest": '''
        """
        >>> 1 + 1
        3
        """
        import doctest
        print(doctest.testmod().failed)
        ''',
    "has types": """
        import dataclasses, sys, typing
        @dataclasses.dataclass
        class C:
            x: "int"
        y: "C" = C(1)
        print(typing.get_type_hints(C), typing.get_type_hints(sys.modules["__main__"]))
        """,
    "has a coding": "# -*- coding: latin-1 -*-\nprint(ascii('é'))",
    "reads its input": "import sys; print(sys.stdin.read()); print(input())",
    "writes without a newline": "import sys; sys.stdout.write('x'); sys.stderr.write('y')",
    "closes its output": "import os; print('x'); os.close(1)",
    "runs a task": """
        import asyncio
        async def inner(n):
            await asyncio.sleep(0.001)
            return n
        async def main():
            print(await asyncio.gather(*map(inner, range(5))))
            raise ValueError("from a task")
        asyncio.run(main())
        """,
    "removes its main": "import sys; del sys.modules['__main__']; print(sys.path[0] != '')",
}

PROCESSES = """
    import multiprocessing, os, sys
    class Point:
        def __init__(self, x):
            self.x = x
        def __eq__(self, other):
            return type(other) is Point and self.x == other.x
    def double(point):
        return Point(point.x * 2)
    def fail(point):
        raise ValueError(point.x)
    def leave(point):
        sys.exit(point.x)
    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        with context.Pool(2) as pool:
            print(pool.map(double, [Point(1), Point(2)]) == [Point(2), Point(4)])
            try:
                pool.apply(fail, (Point(3),))
            except ValueError as error:
                print(repr(error))
        child = context.Process(target=leave, args=(Point(5),))
        child.start()
        child.join()
        print(child.exitcode, Point.__module__)
    else:
        assert __name__ == "__mp_main__"
"""


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that(name: str, cwd: Path) -> None:
    write(cwd, "script.py", SCRIPTS[name])
    plain, traced = both(["script.py", "one", "-m", "--two=3"], cwd, input=b"typed\nlines\n")
    assert traced == plain


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_script_with_processes_by(method: str, cwd: Path) -> None:
    write(cwd, "script.py", PROCESSES)
    for words in (["script.py", method], ["-m", "script", method]):
        plain, traced = both(words, cwd)
        assert traced == plain
        assert plain.status == 0, plain.stderr


def test_a_closed_pipe(cwd: Path) -> None:
    write(cwd, "script.py", "for n in range(100_000): print(n)")
    line = '"$PYTHON" "$@" | head -n 1; echo ${PIPESTATUS[0]}'
    environment = {**os.environ, "PYTHON": sys.executable}
    launch = ["-c", LAUNCH, f"output={cwd}/out.pyro", "--"]
    plain, traced = (
        run(["bash", "-c", line, "bash", *words, "script.py"], cwd, env=environment)
        for words in ([], launch)
    )
    assert traced == plain


PROGRAMS = {
    "module": ["-m", "package.module", "one"],
    "package": ["-m", "package", "one"],
    "package without main": ["-m", "empty"],
    "no such module": ["-m", "there_is_no_such_module"],
    "module in a package that fails": ["-m", "failing.module"],
    "module that fails": ["-m", "fails"],
    "module with wrong syntax": ["-m", "wrong"],
    "module that is interrupted": ["-m", "interrupted"],
    "standard module": ["-m", "timeit", "-n", "1", "-r", "1", "-s", "import sys", "sys.exit(3)"],
    "folder": ["folder", "one"],
    "folder with a slash": ["./folder/", "one"],
    "folder without main": ["empty", "one"],
    "archive": ["archive.zip", "one"],
    "script below": ["folder/other.py"],
    "script by another way": ["./folder/../show.py", "x"],
    "script by a link": ["link.py", "x"],
    "script without suffix": ["script", "x"],
    "compiled script": ["compiled.pyc", "x"],
    "no such script": ["nothing.py"],
    "no such folder": ["nothing/script.py"],
    "unreadable name": ["show.py/x"],
    "wrong syntax": ["wrong.py"],
    "wrong indentation": ["indented.py"],
    "undeclared coding": ["latin.py"],
    "unknown coding": ["unknown.py"],
    "empty script": ["blank.py"],
    "code": ["-c", textwrap.dedent(SHOW), "one", "-m"],
    "code that fails": ["-c", "def f():\n    1 / 0\nf()"],
    "code that is wrong": ["-c", "x x"],
    "code that exits": ["-c", "import sys; sys.exit(sys.argv[1])", "text"],
    "code that is interrupted": ["-c", "raise KeyboardInterrupt"],
    "code that is empty": ["-c", ""],
}


@pytest.fixture
def programs(cwd: Path) -> Path:
    """Write the files that PROGRAMS names."""
    for path in ("package/__main__.py", "package/module.py", "folder/__main__.py", "show.py"):
        write(cwd, path, SHOW)
    write(cwd, "script", SHOW)
    write(cwd, "folder/other.py", SHOW)
    for path in ("package/__init__.py", "empty/__init__.py", "blank.py", "failing/module.py"):
        write(cwd, path, "")
    write(cwd, "failing/__init__.py", "1 / 0")
    write(cwd, "fails.py", "def f():\n    1 / 0\nf()\n")
    write(cwd, "interrupted.py", "raise KeyboardInterrupt")
    write(cwd, "wrong.py", "x = 1\ndef f(:\n    pass\n")
    write(cwd, "indented.py", "x = 1\n    y = 2\n")
    (cwd / "latin.py").write_bytes(b"x = 1\ny = '\xe9'\n")
    (cwd / "unknown.py").write_text("# coding: there-is-none\n")
    (cwd / "link.py").symlink_to("folder/other.py")
    with zipfile.ZipFile(cwd / "archive.zip", "w") as archive:
        archive.write(cwd / "folder" / "__main__.py", "__main__.py")
    compiled = "import py_compile; py_compile.compile('show.py', 'compiled.pyc')"
    run([sys.executable, "-c", compiled], cwd)
    return cwd


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_named_as(name: str, programs: Path) -> None:
    plain, traced = both(PROGRAMS[name], programs)
    assert traced == plain


@pytest.mark.parametrize("flags", [("-O",), ("-I",), ("-E", "-s", "-B")], ids=" ".join)
@pytest.mark.parametrize("name", ["module", "package", "folder", "archive", "script below", "code"])
def test_a_program_with_flags(name: str, flags: tuple[str, ...], programs: Path) -> None:
    plain, traced = both(PROGRAMS[name], programs, flags)
    assert traced == plain


@pytest.mark.skipif(sys.version_info < (3, 11), reason="-P is new in 3.11")
@pytest.mark.parametrize("name", ["script", "module", "code"])
def test_a_safe_path(name: str, cwd: Path) -> None:
    write(cwd, "show.py", SHOW)
    words = {"script": ["show.py"], "module": ["-m", "timeit", "-h"], "code": ["-c", "pass"]}[name]
    plain, traced = both(words, cwd, ("-P",))
    assert traced == plain
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    plain, traced = both(words, cwd, env=environment)
    assert traced == plain


ENDS = {
    "its end": ("", 0),
    "an error": ("1 / 0", 1),
    "sys.exit": ("import sys; sys.exit(3)", 3),
    "os._exit": ("import os; os._exit(4)", 4),
    "abort": ("import os; os.abort()", -signal.SIGABRT),
    "exec": ("import os; os.execlp('true', 'true')", 0),
    "an interrupt": ("raise KeyboardInterrupt", -signal.SIGINT),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_trace_is_whole_after(name: str, cwd: Path) -> None:
    source, status = ENDS[name]
    write(cwd, "script.py", f"def f():\n    pass\nfor _ in range(1000):\n    f()\n{source}\n")
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "builtins=0", "--", "script.py"]
    assert run(words, cwd).status == status
    profile = pyrometer.load(output)
    row = next(row for row in profile.functions if row["qualname"] == "f")
    assert (row["calls"], row["module"]) == (1000, "__main__")
    assert profile.meta["finished"] == 1


def test_a_killed_program_leaves_what_it_did(cwd: Path) -> None:
    write(
        cwd,
        "script.py",
        """
        import os, signal, time
        def f():
            pass
        for _ in range(1000):
            f()
        time.sleep(2.5)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == -signal.SIGKILL
    rows = pyrometer.load(output).functions
    assert next(row for row in rows if row["qualname"] == "f")["calls"] == 1000


def test_threads_after_the_end_of_main_are_traced(cwd: Path) -> None:
    write(
        cwd,
        "script.py",
        """
        import atexit, threading, time
        def late():
            time.sleep(0.2)
            for _ in range(50):
                leaf()
        def leaf():
            pass
        @atexit.register
        def last():
            leaf()
        threading.Thread(target=late).start()
        """,
    )
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == 0
    rows = pyrometer.load(output).functions
    assert next(row for row in rows if row["qualname"] == "leaf")["calls"] == 51


def test_nothing_of_ours_is_in_the_profile(cwd: Path) -> None:
    write(cwd, "script.py", "def f():\n    pass\nf()\n")
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == 0
    functions = pyrometer.load(output).functions
    assert not [row for row in functions if row["module"].split(".")[0] == "pyrometer"]
    assert {row["qualname"] for row in functions} >= {"<module>", "f"}


def test_a_child_process_writes_a_file_of_its_own(cwd: Path) -> None:
    write(
        cwd,
        "script.py",
        """
        import os
        def in_child():
            pass
        def in_parent():
            pass
        in_parent()
        pid = os.fork()
        if pid == 0:
            for _ in range(7):
                in_child()
            os._exit(0)
        os.waitpid(pid, 0)
        in_parent()
        """,
    )
    output = cwd / "out.pyro"
    words = [sys.executable, "-c", LAUNCH, f"output={output}", "--", "script.py"]
    assert run(words, cwd).status == 0
    files = sorted(cwd.glob("*.pyro"))
    assert len(files) == 2 and output in files
    calls = [
        {row["qualname"]: row["calls"] for row in pyrometer.load(file).functions} for file in files
    ]
    parent, child = calls if files[0] == output else reversed(calls)
    assert parent["in_parent"] == 2 and "in_child" not in parent
    assert child["in_child"] == 7


@pytest.mark.parametrize("word", ["output=/nonexistent/x.pyro", "output=/"])
def test_an_unwritable_output_is_refused_before_the_program_runs(word: str, cwd: Path) -> None:
    words = [sys.executable, "-c", LAUNCH, word, "--", "-c", "print('ran')"]
    out, err, status = run(words, cwd)
    assert (out, status) == (b"", 2)
    assert err.startswith(b"pyrometer: ") and err.count(b"\n") == 1


def test_the_launcher_is_light(cwd: Path) -> None:
    write(cwd, "empty.py", "")
    show = "import sys; sys.stderr.write(' '.join(sorted(sys.modules)))"
    write(cwd, "show.py", show)
    plain, traced = both(["show.py"], cwd)
    extra = set(traced.stderr.decode().split()) - set(plain.stderr.decode().split())
    ours = {"pyrometer", "pyrometer._launch", "pyrometer._probe", "atexit"}
    if sys.version_info < (3, 11):
        ours.add("gc")  # to find the qualified names of functions
    assert extra <= ours


@pytest.mark.parametrize("name", ["raises", "exits with 3", "is interrupted", "is terminated"])
def test_the_command_passes_on_how_a_program_ends(name: str, command: str, cwd: Path) -> None:
    write(cwd, "script.py", SCRIPTS[name])
    plain = run([sys.executable, "script.py", "-x"], cwd)
    words = [command, "trace", "--python", sys.executable, "-q", "-o", "x.pyro", "script.py", "-x"]
    assert run(words, cwd) == plain
    if name != "is terminated":  # which may cost the last second, here all there was
        assert pyrometer.load(cwd / "x.pyro").functions


def test_a_missing_or_wrong_script_is_refused_by_the_command(command: str, cwd: Path) -> None:
    write(cwd, "wrong.py", "x x\n")
    for script, status in (("missing.py", 2), ("wrong.py", 1)):
        plain = run([sys.executable, script], cwd)
        traced = run([command, "trace", "--python", sys.executable, "-q", script], cwd)
        assert plain.status == traced.status == status
        words = b"No such file or directory" if script == "missing.py" else b"invalid syntax"
        assert plain.stderr.strip().endswith(words) and traced.stderr.strip().endswith(words)


def test_a_full_disk_is_told_before_the_program_runs(cwd: Path) -> None:
    words = [sys.executable, "-c", LAUNCH, "output=/dev/full", "--", "-c", "print(1)"]
    assert run(words, cwd) == (b"", b"pyrometer: /dev/full: No space left on device\n", 2)


@pytest.mark.parametrize(("end", "status"), [("sys.exit(3)", 3), ("os._exit(4)", 4)])
def test_a_disk_that_fills_up_costs_only_the_trace(end: str, status: int, cwd: Path) -> None:
    functions = "".join(
        f"def function_{n}_{n * 7919}(): pass\nfunction_{n}_{n * 7919}()\n" for n in range(3000)
    )
    write(cwd, "script.py", f"import os, sys\n{functions}\nprint('done', flush=True)\n{end}\n")
    limited = 'ulimit -f 8; exec "$@"'  # in units of 1024 bytes
    words = [sys.executable, "-B", "-c", LAUNCH, "output=out.pyro", "--", "script.py"]
    done = run(["bash", "-c", limited, "bash", *words], cwd)
    assert (done.stdout, done.status) == (b"done\n", status)
    assert done.stderr.startswith(b"pyrometer: ") and done.stderr.count(b"\n") == 1
