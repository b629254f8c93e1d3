# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Files of a process that forks: each process keeps to its own, and goes on writing it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from test_tracer_ends import run
from tracing import calls, functions

from pyrometer import _probe


@pytest.mark.parametrize("running", [True, False])
def test_a_child_that_starts_again_leaves_its_parents_file_alone(running: bool, here: Path) -> None:
    done = run(
        f"""
        import os
        from pyrometer import _probe
        def in_parent(): pass
        def in_child(): pass
        tracer = _probe.Tracer(path="own.pyro")
        tracer.start()
        in_parent()
        if not {running}:
            tracer.stop()
        pid = os.fork()
        if pid == 0:
            tracer.stop()
            tracer.start()  # as after an exec that failed
            in_child()
            tracer.stop()
            os._exit(0)
        os.waitpid(pid, 0)
        if {running}:
            in_parent()
            tracer.stop()
        print(pid)
        """,
        here,
    )
    assert done.returncode == 0, done.stderr
    parent = calls(_probe.Profile.load(str(here / "own.pyro")))
    child = calls(_probe.Profile.load(str(here / f"own.{done.stdout.strip()}.pyro")))
    assert "in_child" not in parent
    assert parent["in_parent"] == (2 if running else 1)
    assert child["in_child"] == 1


@pytest.mark.measured
def test_the_file_is_written_on_when_a_thread_forks_while_the_main_thread_waits(
    here: Path,
) -> None:
    done = run(
        """
        import os, signal, threading, time
        from pyrometer import _probe
        def leaf(): pass
        def work():
            time.sleep(0.2)  # until the main thread waits
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
            leaf()
            time.sleep(2.5)
            os.kill(os.getpid(), signal.SIGKILL)
        tracer = _probe.Tracer(path="waits.pyro")
        tracer.start()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """,
        here,
    )
    assert done.returncode == -signal.SIGKILL
    assert functions(_probe.Profile.load(str(here / "waits.pyro")))["leaf"]["calls"] == 1
