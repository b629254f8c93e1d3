# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""pyrometer.trace, what it gives, and pyrometer.load."""

from __future__ import annotations

import asyncio
import inspect
import io
import os
import pstats
import pty
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import pyrometer


def leaf() -> None:
    pass


def work(n: int = 3) -> int:
    for _ in range(n):
        leaf()
    return n


def calls(trace: Any) -> dict[str, int]:
    """Return the calls of this file's functions, by their last name."""
    return {
        row["qualname"].rpartition(".")[2]: row["calls"]
        for row in trace.functions
        if row["file"] == __file__ and row["calls"]
    }


def test_the_public_names() -> None:
    assert set(pyrometer.__all__) <= set(dir(pyrometer))
    for name in pyrometer.__all__:
        assert getattr(pyrometer, name) is not None
    assert pyrometer.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="nonsense"):
        _ = pyrometer.nonsense
    for name in ("UsageError", "FormatError", "LimitError", "UnsupportedError"):
        assert issubclass(getattr(pyrometer, name), pyrometer.Error)


def test_importing_it_loads_nothing_else() -> None:
    show = "import sys; a = set(sys.modules); import pyrometer; print(*set(sys.modules) - a)"
    out = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["pyrometer"]


def test_a_with_block() -> None:
    with pyrometer.trace() as p:
        assert isinstance(p, pyrometer.Trace) and p.running
        work()
    assert not p.running
    assert calls(p) == {"work": 1, "leaf": 3}


def test_by_hand_and_many_times() -> None:
    p = pyrometer.trace(builtins=False)
    for n in (1, 2, 3):
        p.start()
        work(n)
        p.stop()
        work(10)
    p.stop()
    assert calls(p) == {"work": 3, "leaf": 6}
    p.clear()
    assert calls(p) == {}
    assert repr(p) == "<pyrometer.Trace, stopped>"


def test_a_snapshot_of_a_running_trace() -> None:
    with pyrometer.trace() as p:
        work(1)
        first = p.profile
        work(2)
    assert calls(first) == {"work": 1, "leaf": 1}
    assert calls(p) == {"work": 2, "leaf": 3}


def test_two_traces_at_once_are_refused() -> None:
    with pyrometer.trace() as p:
        with pytest.raises(pyrometer.UsageError, match="running"):
            pyrometer.trace().start()
        with pytest.raises(pyrometer.UsageError, match="running"):
            p.start()
        work(1)
    assert calls(p) == {"work": 1, "leaf": 1}


@pytest.mark.parametrize(
    "options",
    [{"threads": "some"}, {"node_limit": -1}, {"include": 3}, {"nonsense": 1}, {"path": 3}],
    ids=str,
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises((pyrometer.UsageError, TypeError)):
        pyrometer.trace(**options)


def test_wrong_ways_to_decorate_are_refused() -> None:
    for wrong in (3, "name"):
        with pytest.raises(pyrometer.UsageError, match="decorate"):
            pyrometer.trace(wrong)
    with pytest.raises(pyrometer.UsageError, match="decorate"):
        pyrometer.trace(work, builtins=False)


def test_an_error_in_the_block_is_passed_on_and_the_trace_kept() -> None:
    with pytest.raises(ZeroDivisionError), pyrometer.trace() as p:
        work(1)
        _ = 1 / 0
    assert not p.running
    assert calls(p) == {"work": 1, "leaf": 1}


def test_filters() -> None:
    import json

    with pyrometer.trace(include="json") as p:
        work()
        json.dumps([1], indent=1)
    assert {row["module"].split(".")[0] for row in p.functions if row["kind"] == "python"} == {
        "json"
    }
    with pyrometer.trace(exclude=["json", "builtins"]) as p:
        work()
        json.dumps([1], indent=1)
    assert "json" not in {row["module"].split(".")[0] for row in p.functions}
    assert calls(p) == {"work": 1, "leaf": 3}


def test_only_the_current_thread() -> None:
    for threads, expected in (("all", 2), ("current", 1)):
        with pyrometer.trace(threads=threads) as p:
            other = threading.Thread(target=work)
            other.start()
            other.join()
            work()
        assert calls(p)["work"] == expected


def test_a_node_limit_folds_and_says_so() -> None:
    def deep(n: int) -> None:
        if n:
            deep(n - 1)

    with pyrometer.trace(node_limit=20) as p:
        deep(100)
    assert calls(p)["deep"] == 101
    assert p.meta["lost_paths"]
    assert "fold" in p.report()


# Decorators


def test_a_decorator_without_brackets() -> None:
    @pyrometer.trace
    def decorated(n: int) -> int:
        """Work a little."""
        return work(n)

    assert (decorated(2), decorated(n=3)) == (2, 3)
    assert (decorated.__name__, decorated.__doc__) == ("decorated", "Work a little.")
    assert calls(decorated.trace) == {"decorated": 2, "work": 2, "leaf": 5}
    assert not decorated.trace.running


def test_a_decorator_with_brackets() -> None:
    p = pyrometer.trace(builtins=False)

    @p
    def one() -> int:
        return work(1)

    @p
    def two() -> int:
        return one() + len("x")

    assert two() == 2
    assert calls(p) == {"two": 1, "one": 1, "work": 1, "leaf": 1}
    assert not [row for row in p.functions if row["kind"] == "builtin"]


def test_a_decorator_leaves_nothing_of_itself_in_the_profile() -> None:
    @pyrometer.trace
    def decorated(n: int) -> int:
        return decorated(n - 1) if n else len("x")

    decorated(2)
    names = {row["qualname"] for row in decorated.trace.functions if row["calls"]}
    assert {name.rpartition(".")[2] for name in names} == {"decorated", "len"}


def test_a_decorated_method_recursion_and_error() -> None:
    class C:
        @pyrometer.trace
        def method(self, n: int) -> int:
            return self.method(n - 1) if n else 1 // n

    with pytest.raises(ZeroDivisionError):
        C().method(3)
    assert calls(C.method.trace) == {"method": 4}
    assert not C.method.trace.running


def test_a_decorated_function_in_threads() -> None:
    barrier = threading.Barrier(4)

    @pyrometer.trace
    def decorated() -> None:
        barrier.wait()
        for _ in range(100):
            leaf()
        barrier.wait()

    threads = [threading.Thread(target=decorated) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls(decorated.trace)["leaf"] == 400
    assert not decorated.trace.running


def test_a_decorated_function_under_a_running_trace_is_part_of_it() -> None:
    p = pyrometer.trace()
    decorated = p(work)
    with p:
        decorated(2)
        assert p.running
        leaf()
    assert calls(p) == {"work": 1, "leaf": 3}


def test_a_decorated_generator_is_traced_only_while_it_runs() -> None:
    @pyrometer.trace
    def generator(n: int) -> Any:
        got = []
        try:
            for _ in range(n):
                leaf()
                got.append((yield n))
        except ValueError:
            got.append("thrown")
        return got

    assert inspect.isgeneratorfunction(generator)
    it = generator(3)
    assert next(it) == 3
    assert not generator.trace.running
    work(50)
    assert it.send("sent") == 3
    with pytest.raises(StopIteration) as end:
        it.throw(ValueError)
    assert end.value.value == ["sent", "thrown"]
    counts = calls(generator.trace)
    assert (counts["generator"], counts["leaf"]) == (1, 2)
    assert "work" not in counts
    unfinished = generator(2)
    next(unfinished)
    unfinished.close()
    assert list(generator(0)) == []


@pytest.mark.measured
def test_a_decorated_coroutine_is_traced_only_while_it_runs() -> None:
    @pyrometer.trace
    async def coroutine(n: int) -> int:
        await asyncio.sleep(0.01)
        leaf()
        return n

    async def others() -> None:
        for _ in range(5):
            await asyncio.sleep(0.001)
            work(1)

    async def main() -> Any:
        return await asyncio.gather(coroutine(1), others(), coroutine(2))

    assert inspect.iscoroutinefunction(coroutine)
    assert asyncio.run(main()) == [1, None, 2]
    counts = calls(coroutine.trace)
    assert (counts["coroutine"], counts["leaf"]) == (2, 2)
    assert "work" not in counts
    row = next(r for r in coroutine.trace.functions if r["qualname"].endswith("coroutine"))
    assert row["resumes"] == 2
    assert row["wall_inclusive"] < 10e6  # asleep is not running


def test_a_decorated_coroutine_can_be_cancelled() -> None:
    seen = []

    @pyrometer.trace
    async def coroutine() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def main() -> None:
        task = asyncio.ensure_future(coroutine())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert seen == ["cancelled"]
    assert not coroutine.trace.running


def test_a_decorated_asynchronous_generator() -> None:
    closed = []

    @pyrometer.trace
    async def generator(n: int) -> Any:
        try:
            for i in range(n):
                await asyncio.sleep(0)
                leaf()
                try:
                    yield i
                except ValueError:
                    yield "caught"
        finally:
            closed.append(n)

    async def main() -> None:
        assert [i async for i in generator(3)] == [0, 1, 2]
        it = generator(2)
        assert await it.__anext__() == 0
        work(50)
        assert await it.athrow(ValueError) == "caught"
        assert await it.asend(None) == 1
        await it.aclose()
        with pytest.raises(StopAsyncIteration):
            await it.__anext__()

    assert inspect.isasyncgenfunction(generator)
    asyncio.run(main())
    assert closed == [3, 2]
    counts = calls(generator.trace)
    assert (counts["generator"], counts["leaf"]) == (2, 5)
    assert "work" not in counts


# Results


def test_reports() -> None:
    with pyrometer.trace() as p:
        work()
    for name in ("summary", "flat", "tree", "callers", "callees", "threads"):
        text = p.report(name, limit=10_000, min_share=0.0)
        assert text.endswith("\n")
        assert "leaf" in text or name == "threads"
        assert p.profile.report(name, limit=10_000, min_share=0.0) == text
    lines = p.report("flat", limit=1, sort="calls", module=__name__).splitlines()
    assert any("leaf" in line for line in lines) and not any(" work " in line for line in lines)
    assert "\x1b[" in p.report(color=True) and "\x1b[" not in p.report()
    assert "└" in p.report("tree") and "└" not in p.report("tree", ascii=True)
    with pytest.raises(pyrometer.UsageError, match="nonsense"):
        p.report("nonsense")
    with pytest.raises(pyrometer.UsageError, match="nonsense"):
        p.report("flat", sort="nonsense")
    with pytest.raises(TypeError):
        p.report(nonsense=1)


def test_show_suits_what_it_writes_to(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    with pyrometer.trace() as p:
        work()
    p.show("flat")
    assert capsys.readouterr().out == p.report("flat")
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    p.show(file=out)
    out.flush()
    assert out.buffer.getvalue().isascii()
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    p.show()
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    p.show()
    assert "\x1b[" not in capsys.readouterr().out


@pytest.mark.parametrize("no_color", [False, True])
def test_show_on_a_terminal(no_color: bool) -> None:
    program = "import pyrometer\nwith pyrometer.trace() as p:\n    len('')\np.show()\n"
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE")}
    environment.update({"TERM": "xterm"}, **({"NO_COLOR": "1"} if no_color else {}))
    ours, theirs = pty.openpty()
    child = subprocess.Popen([sys.executable, "-c", program], stdout=theirs, env=environment)
    os.close(theirs)
    text = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        text += chunk
    os.close(ours)
    assert child.wait(30) == 0
    assert (b"\x1b[" in text) is not no_color


def test_save_and_load(tmp_path: Path) -> None:
    with pyrometer.trace() as p:
        work()
    path = tmp_path / "x.pyro"
    p.save(path)
    loaded = pyrometer.load(path)
    assert isinstance(loaded, pyrometer.Profile)
    assert calls(loaded) == calls(p)
    assert loaded.meta["collector"] == "trace" and repr(loaded).startswith("<pyrometer.Profile of")
    p.profile.save(str(tmp_path / "x.pstats"))
    stats = pstats.Stats(str(tmp_path / "x.pstats"))
    assert {k[2]: v[1] for k, v in stats.stats.items() if k[0] == __file__}["leaf"] == 3
    p.save(tmp_path / "x.txt", "collapsed")
    assert b"leaf" in (tmp_path / "x.txt").read_bytes()
    assert b"leaf" in p.export("speedscope") and b"leaf" in loaded.export("callgrind")


def test_files_that_cannot_be_written_or_read(tmp_path: Path) -> None:
    with pyrometer.trace() as p:
        work()
    with pytest.raises(OSError):
        p.save(tmp_path / "no" / "x.pyro")
    with pytest.raises(pyrometer.UsageError, match="nonsense"):
        p.save(tmp_path / "x", "nonsense")
    with pytest.raises(pyrometer.UsageError, match="nonsense"):
        p.export("nonsense")
    with pytest.raises(OSError):
        pyrometer.load(tmp_path / "missing")
    (tmp_path / "garbage").write_bytes(b"\xff\xfe garbage")
    with pytest.raises(pyrometer.FormatError):
        pyrometer.load(tmp_path / "garbage")
    with pytest.raises(OSError), pyrometer.trace(path=tmp_path / "no" / "x.pyro"):
        pass


def test_a_file_is_written_while_tracing(tmp_path: Path) -> None:
    path = tmp_path / "x.pyro"
    with pyrometer.trace(path=path) as p:
        work()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            time.sleep(0.1)
            try:
                if calls(pyrometer.load(path)).get("leaf") == 3:
                    break
            except pyrometer.FormatError:
                pass  # nothing but a head yet
        else:
            pytest.fail("the file was not brought up to date")
    assert calls(pyrometer.load(path)) == calls(p)
    assert pyrometer.load(path).meta["finished"] == 1


def test_diff_and_compensate() -> None:
    before, after = pyrometer.trace(), pyrometer.trace()
    with before:
        work(3)
    with after:
        work(500)
    for a, b in ((before, after), (before.profile, after.profile), (before, after.profile)):
        assert "leaf" in a.diff(b)
    profile = after.profile
    profile.compensate()
    row = next(row for row in profile.functions if row["qualname"] == "leaf")
    assert 0 <= row["wall_corrected"] <= row["wall"]
    assert "leaf" in after.report("flat", compensated=True)


def test_python_m_pyrometer_is_the_command(command: str) -> None:
    for words in (["--version"], ["report", "--help"]):
        theirs = subprocess.run([command, *words], capture_output=True, check=False)
        ours = subprocess.run(
            [sys.executable, "-m", "pyrometer", *words], capture_output=True, check=False
        )
        assert (ours.returncode, ours.stdout, ours.stderr) == (
            theirs.returncode,
            theirs.stdout,
            theirs.stderr,
        )


def test_python_m_pyrometer_traces_with_its_own_interpreter(command: str, here: Path) -> None:
    words = ["trace", "-o", "x.pyro", "-c", "import sys; print(sys.executable); sys.exit(5)"]
    done = subprocess.run(
        [sys.executable, "-m", "pyrometer", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 5, done.stderr
    assert done.stdout.splitlines()[0] == sys.executable
    assert pyrometer.load(here / "x.pyro").meta["collector"] == "trace"
