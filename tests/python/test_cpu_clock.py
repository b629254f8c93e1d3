# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""CPU, wall and waiting times of threads, against what the kernel and the program measured itself.

CPU times are compared with CPU times, so that a busy machine matters only where it comes between
the two readings.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from typing import Any, Callable

import pytest
from tracing import functions, trace

from pyrometer import _probe

pytestmark = pytest.mark.measured

BURNT = 0.02  # share of CPU time by which the trace and the kernel may differ
SLEPT = 0.01  # the same of wall time

Measured = dict[str, tuple[float, float]]  # wall and CPU seconds by function


def cpu_used() -> float:
    """Return the CPU time of this thread, as the kernel tells everyone."""
    usage = resource.getrusage(resource.RUSAGE_THREAD)
    return usage.ru_utime + usage.ru_stime


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        for _ in range(1000):
            pass


def burner_a() -> None:
    spin(0.25)


def burner_b() -> None:
    spin(0.4)


def sleeper_a() -> None:
    time.sleep(0.2)


def sleeper_b() -> None:
    for _ in range(10):
        time.sleep(0.03)


def measure(function: Callable[[], None], into: Measured) -> None:
    wall, cpu = time.perf_counter(), cpu_used()
    function()
    into[function.__name__] = time.perf_counter() - wall, cpu_used() - cpu


ALL = (burner_a, burner_b, sleeper_a, sleeper_b)


def run_beside_each_other(**options: Any) -> tuple[dict[str, dict[str, Any]], Measured]:
    """Trace burners and sleepers; return the trace's figures and their own."""
    measured: Measured = {}

    def body() -> None:
        threads = [threading.Thread(target=measure, args=(f, measured)) for f in ALL]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return functions(trace(body, **options)), measured


@pytest.mark.parametrize("builtins", [False, True])
@pytest.mark.parametrize("clock", ["cpu", "both"])
def test_cpu_time_of_burners_is_the_kernels(clock: str, builtins: bool) -> None:
    found, measured = run_beside_each_other(clock=clock, builtins=builtins)
    for function in ALL:
        cpu = found[function.__name__]["cpu_inclusive"] / 1e9
        burnt = measured[function.__name__][1]
        assert abs(cpu - burnt) < BURNT * burnt + 2e-3, function.__name__
        assert ("wall" in found[function.__name__]) == (clock == "both")


def test_wall_time_of_sleepers_is_what_they_saw() -> None:
    found, measured = run_beside_each_other(clock="both")
    for function in ALL:
        wall = found[function.__name__]["wall_inclusive"] / 1e9
        seen = measured[function.__name__][0]
        # To a thread that waits for its turn between its own reading and ours that is waiting, too.
        assert abs(wall - seen) < SLEPT * seen + 0.02, function.__name__


def test_wall_time_of_one_sleeper_is_exact() -> None:
    measured: Measured = {}
    found = functions(trace(lambda: measure(sleeper_b, measured)))
    seen = measured["sleeper_b"][0]
    assert abs(found["sleeper_b"]["wall_inclusive"] / 1e9 - seen) < SLEPT * seen


def test_waiting_for_the_interpreter_is_no_cpu_time() -> None:
    found, measured = run_beside_each_other(clock="both", builtins=False)
    for function in (burner_a, burner_b):
        figures = found[function.__name__]
        waiting = (figures["wall_inclusive"] - figures["cpu_inclusive"]) / 1e9
        wall, cpu = measured[function.__name__]
        assert abs(waiting - (wall - cpu)) < 0.04 * wall + 0.02
        assert waiting > 0.1 * wall  # there are two of them, and one interpreter


def test_a_sleeper_waits() -> None:
    found, _measured = run_beside_each_other(clock="both")
    figures = found["sleeper_b"]
    assert figures["cpu_inclusive"] < 0.2 * figures["wall_inclusive"]


def test_contexts_have_their_threads_cpu_time() -> None:
    used: dict[int, float] = {}

    def body(function: Callable[[], None]) -> None:
        before = cpu_used()
        function()
        used[threading.get_ident()] = cpu_used() - before

    with _probe.Tracer(clock="both", calibrate=False) as tracer:
        threads = [threading.Thread(target=body, args=(f,)) for f in (burner_a, burner_b)]
        for thread in threads:
            thread.start()
        idents = [thread.ident for thread in threads]
        for thread in threads:
            thread.join()
    cpu = {ident: cpu_s for _, _, _, ident, _, _, cpu_s, _ in tracer.contexts()}
    for ident in idents:
        assert ident is not None
        assert abs(cpu[ident] - used[ident]) < BURNT * used[ident] + 2e-3


CHILD = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import test_cpu_clock as here
from pyrometer import _probe
measured = {}
with _probe.Tracer(clock="both", calibrate=False) as tracer:
    here.measure(here.burner_b, measured)
    here.measure(here.sleeper_b, measured)
profile = tracer.profile()
found = {f["qualname"]: f["cpu_inclusive"] / 1e9 for f in profile.functions}
print(json.dumps([profile.meta["cpu_clock"], found, measured]))
"""


@pytest.mark.parametrize("rseq", [True, False])
def test_both_ways_of_reading_the_clock_agree_with_the_kernel(rseq: bool) -> None:
    env = dict(os.environ)
    if not rseq:
        env["GLIBC_TUNABLES"] = "glibc.pthread.rseq=0"
    words = [sys.executable, "-c", CHILD, json.dumps(sys.path)]
    out = subprocess.run(words, env=env, stdout=subprocess.PIPE, check=True).stdout
    kind, found, measured = json.loads(out)
    assert kind in ({"rseq", "syscall"} if rseq else {"syscall"})
    burnt = measured["burner_b"][1]
    assert abs(found["burner_b"] - burnt) < BURNT * burnt + 1e-3
    assert found["sleeper_b"] < 0.05


def test_times_begin_anew_when_a_trace_is_cleared() -> None:
    before: Measured = {}
    after: Measured = {}
    with _probe.Tracer(clock="both", calibrate=False, builtins=False) as tracer:
        measure(burner_b, before)
        tracer.clear()
        measure(burner_a, after)
    found = functions(tracer.profile())
    assert "burner_b" not in found
    burnt = after["burner_a"][1]
    assert abs(found["burner_a"]["cpu_inclusive"] / 1e9 - burnt) < BURNT * burnt + 1e-3
    assert found["measure"]["cpu_inclusive"] / 1e9 < burnt * (1 + BURNT) + 2e-3


def burn_unseen(begin: int, burnt: int, end: int) -> None:
    """Burn without any event that a trace sees."""
    os.read(begin, 1)
    until = time.thread_time() + 0.3
    while time.thread_time() < until:
        pass
    os.write(burnt, b"x")
    os.read(end, 1)


@pytest.mark.parametrize("clock", ["cpu", "both"])
def test_what_a_thread_used_before_a_clear_is_not_counted(clock: str) -> None:
    pipes = [os.pipe() for _ in range(3)]
    (begins, begin), (burnt, burns), (ends, end) = pipes
    thread = threading.Thread(target=burn_unseen, args=(begins, burns, ends))
    thread.start()
    tracer = _probe.Tracer(clock=clock, calibrate=False, builtins=False)
    tracer.start()
    os.write(begin, b"x")
    os.read(burnt, 1)
    tracer.clear()
    tracer.stop()
    cpu = {ident: cpu_s for _, _, _, ident, _, _, cpu_s, _ in tracer.contexts()}
    os.write(end, b"x")
    thread.join()
    for pipe in pipes:
        os.close(pipe[0])
        os.close(pipe[1])
    assert cpu[thread.ident or 0] < 0.05


@pytest.mark.parametrize("clock", ["cpu", "both"])
def test_a_forked_child_begins_at_nothing(clock: str) -> None:
    told, tell = os.pipe()
    tracer = _probe.Tracer(clock=clock, calibrate=False, builtins=False, timeline=1000)
    tracer.start()
    spin(0.3)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            measured: Measured = {}
            measure(burner_a, measured)
            tracer.stop()
            found = functions(tracer.profile())["burner_a"]["cpu_inclusive"] / 1e9
            os.write(tell, json.dumps([found, measured["burner_a"][1]]).encode())
            status = 0
        finally:
            os._exit(status)
    tracer.stop()
    assert os.waitpid(child, 0)[1] == 0
    found, burnt = json.loads(os.read(told, 1000))
    os.close(told)
    os.close(tell)
    assert abs(found - burnt) < BURNT * burnt + 1e-3


ROUNDS = 200


def hand_over(mine: threading.Lock, other: threading.Lock) -> None:
    for _ in range(ROUNDS):
        mine.acquire()
        step()
        other.release()


def step() -> None:
    pass


def test_two_threads_that_take_turns_are_switched_as_often() -> None:
    locks = threading.Lock(), threading.Lock()
    locks[1].acquire()
    with _probe.Tracer(calibrate=False) as tracer:
        threads = [threading.Thread(target=hand_over, args=pair) for pair in (locks, locks[::-1])]
        for thread in threads:
            thread.start()
        idents = {thread.ident for thread in threads}
        for thread in threads:
            thread.join()
    switches = [n for _, _, _, ident, _, _, _, n in tracer.contexts() if ident in idents]
    assert len(switches) == 2
    for n in switches:
        assert ROUNDS <= n <= 3 * ROUNDS + 50


def test_a_program_of_one_thread_is_hardly_switched() -> None:
    profile = trace(burner_a)
    (thread,) = json.loads(profile.export("json"))["threads"]
    assert thread["switches"] <= 2
