# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The tracer at its edges: refusals, forks, kills, exits, deep recursion, long runs."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from tracing import branch, calls, functions, lost, trace

import pyrometer
from pyrometer import _probe


def test_the_second_trace_and_another_profiler_are_refused_in_words() -> None:
    second = pyrometer.trace()
    with pyrometer.trace(), pytest.raises(pyrometer.UsageError, match="running in this process"):
        second.start()
    if sys.version_info >= (3, 12):
        sys.monitoring.use_tool_id(sys.monitoring.PROFILER_ID, "somebody")
        try:
            with pytest.raises(pyrometer.UsageError, match="somebody"):
                pyrometer.trace().start()
        finally:
            sys.monitoring.free_tool_id(sys.monitoring.PROFILER_ID)
    else:
        sys.setprofile(lambda *args: None)
        try:
            with pytest.raises(pyrometer.UsageError, match="setprofile"):
                pyrometer.trace().start()
        finally:
            sys.setprofile(None)
    assert functions(trace(lambda: branch(1)))["leaf"]["calls"] == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"threads": "some"}, ValueError),
        ({"node_limit": -1}, ValueError),
        ({"include": [1]}, TypeError),
        ({"path": "no/such/folder/x.pyro"}, OSError),
        ({"nonsense": 1}, TypeError),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        _probe.Tracer(**options).start()
    assert functions(trace(lambda: branch(1)))["leaf"]["calls"] == 1


def run(code: str, here: Path, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def test_a_subinterpreter_is_refused_in_words(here: Path) -> None:
    done = run(
        """
        import sys
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        inner = interpreters.create()
        code = (
            "try:\\n import pyrometer._probe\\n"
            "except ImportError as e:\\n print('refused:', e)\\n"
        )
        error = interpreters.run_string(inner, code)
        print(error or "")
        """,
        here,
    )
    assert "refused:" in done.stdout, done.stderr
    assert "interpreter" in done.stdout
    assert done.returncode == 0


@pytest.mark.measured
def test_a_killed_program_loses_at_most_its_last_second(here: Path) -> None:
    done = run(
        """
        import os, signal, time
        from pyrometer import _probe
        def leaf(): pass
        tracer = _probe.Tracer(path="killed.pyro")
        tracer.start()
        for _ in range(1000):
            leaf()
        time.sleep(2.5)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        here,
    )
    assert done.returncode == -signal.SIGKILL
    profile = _probe.Profile.load(str(here / "killed.pyro"))
    found = functions(profile)
    assert found["leaf"]["calls"] == 1000
    assert found["sleep"]["wall"] > 1.0e9  # what runs is charged before it returns
    assert profile.meta["finished"] == 0


def test_a_forked_child_goes_on_in_a_file_of_its_own(here: Path) -> None:
    done = run(
        """
        import os, sys, warnings
        warnings.simplefilter("error")
        from pyrometer import _probe
        def leaf(): pass
        def in_child():
            for _ in range(20):
                leaf()
        tracer = _probe.Tracer(path="fork.pyro")
        tracer.start()
        for _ in range(5):
            leaf()
        pid = os.fork()
        if pid == 0:
            in_child()
            tracer.stop()
            os._exit(0)
        os.waitpid(pid, 0)
        leaf()
        tracer.stop()
        print(pid)
        """,
        here,
    )
    assert done.returncode == 0, done.stderr
    parent = _probe.Profile.load(str(here / "fork.pyro"))
    child = _probe.Profile.load(str(here / f"fork.{done.stdout.strip()}.pyro"))
    assert lost(parent) == lost(child) == {}
    assert functions(parent)["leaf"]["calls"] == 6
    assert functions(child)["leaf"]["calls"] == 20
    assert child.meta["pid"] == int(done.stdout)
    assert "fork" not in calls(child)  # called before the child was


def test_what_is_traced_at_exit_does_not_crash(here: Path) -> None:
    done = run(
        """
        import threading, time
        from pyrometer import _probe
        def endless():
            while True:
                time.sleep(0.0001)
        threading.Thread(target=endless, daemon=True).start()
        tracer = _probe.Tracer(path="open.pyro")
        tracer.start()
        time.sleep(0.05)
        """,
        here,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_deep_recursion_never_overflows_the_c_stack(here: Path) -> None:
    done = run(
        """
        import sys
        from pyrometer import _probe
        def deep(n):
            return deep(n - 1) + 1 if n else 0
        sys.setrecursionlimit(40_000)
        depth = 30_000 if sys.version_info >= (3, 11) else 12_000
        tracer = _probe.Tracer(builtins=False)
        tracer.start()
        print(deep(depth) == depth)
        tracer.stop()
        meta = tracer.profile().meta
        seen = {f["qualname"]: f["calls"] for f in tracer.profile().functions}["deep"]
        print(seen == depth + 1 or meta["lost_deep"] > 0)
        """,
        here,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "True"]


def test_ten_million_calls_stay_small(here: Path) -> None:
    done = run(
        """
        import resource
        from pyrometer import _probe
        def leaf(): pass
        def twice(): leaf(); leaf()
        def body():
            for _ in range(3_333_333):
                twice()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        tracer = _probe.Tracer(builtins=False, path="long.pyro")
        tracer.start()
        body()
        tracer.stop()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(after - before)
        """,
        here,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 32 * 1024  # KiB
    found = functions(_probe.Profile.load(str(here / "long.pyro")))
    assert found["leaf"]["calls"] == 6_666_666
    assert os.path.getsize(here / "long.pyro") < 100_000


def test_objects_live_no_longer_than_without_us() -> None:
    class Thing:
        alive = 0

        def __init__(self) -> None:
            Thing.alive += 1

        def __del__(self) -> None:
            Thing.alive -= 1

    def body() -> None:
        thing = Thing()
        held = [thing]
        held.append(thing)
        held.count(thing)

    tracer = _probe.Tracer()
    tracer.start()
    body()
    alive = Thing.alive
    tracer.stop()
    gc.collect()
    assert (alive, Thing.alive) == (0, 0)


def test_the_launcher_adds_nothing_to_the_program(here: Path, command: str) -> None:
    (here / "app.py").write_text("def f():\n    pass\nf()\nf()\nlen('')\nraise SystemExit(3)\n")
    done = subprocess.run([command, "trace", "-q", "--python", sys.executable, "app.py"])
    assert done.returncode == 3
    profile = _probe.Profile.load(str(here / "app.pyro"))
    assert calls(profile) == {"<module>": 1, "f": 2, "len": 1}
    assert profile.meta["command"] == "app.py"
    assert lost(profile) == {}


@pytest.mark.measured
def test_starting_and_stopping_is_not_the_programs_time() -> None:
    spent = []
    for _ in range(20):
        tracer = _probe.Tracer()
        tracer.start()
        tracer.stop()
        spent.append(sum(f["wall"] for f in tracer.profile().functions))
    assert min(spent) < 10_000  # ns; the work of a start is more than ten times that


def test_an_exception_of_a_signals_handler_is_never_swallowed(here: Path) -> None:
    done = run(
        """
        import signal
        from pyrometer import _probe
        class Bell(Exception): pass
        def ring(number, frame): raise Bell
        signal.signal(signal.SIGALRM, ring)
        tracer = _probe.Tracer()
        tracer.start()
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            tracer.stop()  # calibrates, for longer than that
            while True:
                pass
        except Bell:
            tracer.stop()
            print("heard", tracer.running)
        """,
        here,
        timeout=20,
    )
    assert done.stdout == "heard False\n", done.stderr
