# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Ours and the peers: how each samples a process, and what each says it took.

The peers come from the package registry into an environment of their own. One that is not to be had
is left out and named. Tachyon is CPython 3.15's own profiler and comes with that.
"""

import functools
import glob
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Optional

import mojo
from towers import Stack, Target

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEERS = os.path.join(ROOT, "build", "bench-peers")
PACKAGES = ("py-spy", "austin-dist")
START_PATIENCE_S = 60


@dataclass
class Taken:
    """What a tool took in one go."""

    seconds: float  # of sampling, as the tool says, else as it was let
    cpu: float  # seconds of the whole process
    samples: "Counter[Stack]"
    lost: int = 0  # given up, as the tool itself says
    late: int = 0  # left out because their time had passed
    memory_kib: int = 0  # the most that the process had
    file_bytes: int = 0
    mode: str = ""  # ours: frozen, compared or stopped
    rounds: Optional[int] = None  # looks at all threads; None where the tool does not say

    @property
    def taken(self) -> int:
        return sum(self.samples.values())


@dataclass
class Ended:
    wall: float
    cpu: float
    text: str
    memory_kib: int


def high_water(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next((int(it.split()[1]) for it in status if it.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def go_first(cpu: int) -> None:
    """Keep this process on one CPU, and let it go before others there, where we may."""
    os.sched_setaffinity(0, {cpu})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass


def run(
    words: list[str],
    stop_after: Optional[float] = None,
    memory: bool = False,
    cpu: Optional[int] = None,
) -> Ended:
    """Run a tool to its end, or send it Ctrl-C after so many seconds; count its CPU time.

    With a CPU it stays there and goes first.

    Raises
    ------
    RuntimeError
        It failed; the message has its last words.
    """
    began, peak = time.monotonic(), 0
    env = {**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=env,
        preexec_fn=None if cpu is None else functools.partial(go_first, cpu),
    ) as process:
        if stop_after is not None:
            time.sleep(stop_after)
            process.send_signal(signal.SIGINT)
        while (
            memory
            and os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None
        ):
            peak = max(peak, high_water(process.pid))
            time.sleep(0.05)
        assert process.stdout is not None
        text = process.stdout.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 and stop_after is None:
        last = text.strip().splitlines()[-1:] or ["nothing said"]
        raise RuntimeError(f"{shlex.join(words)}: {process.returncode}: {last[0]}")
    wall = time.monotonic() - began
    return Ended(wall, usage.ru_utime + usage.ru_stime, text, peak)


@dataclass(frozen=True)
class Tool:
    """A sampler: its name, which CPythons it can look into, and how it does."""

    name: str
    supports: Callable[[int], bool]
    # (target, rate, seconds) -> the words, the file, and after how many seconds Ctrl-C is due.
    words: Callable[[Target, int, float], tuple[list[str], str, Optional[float]]]
    read: Callable[[str, Ended, float], Taken]
    catches_up: bool = False  # takes the samples that it missed later, in a burst
    same_cpu: bool = False  # works from the target's CPU, where both are kept meanwhile

    def sample(self, target: Target, rate: int, seconds: float, memory: bool = False) -> Taken:
        """Sample a target, and read what was written.

        Raises
        ------
        RuntimeError
            The tool failed, or wrote nothing.
        """
        words, path, stop_after = self.words(target, rate, seconds)
        if not self.same_cpu:
            return self.collect(path, run(words, stop_after, memory), seconds)
        everywhere = os.sched_getaffinity(target.pid)
        cpu = max(everywhere)
        os.sched_setaffinity(target.pid, {cpu})
        ended = run(words, stop_after, memory, cpu)
        os.sched_setaffinity(target.pid, everywhere)
        return self.collect(path, ended, seconds)

    def start(self, target: Target, rate: int, seconds: float) -> "subprocess.Popen[bytes]":
        """Start sampling without an end, to be stopped by signals; what it says is not read."""
        words, _, _ = self.words(target, rate, seconds)
        quiet = subprocess.DEVNULL
        return subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet)

    def collect(self, path: str, ended: Ended, seconds: float) -> Taken:
        if not os.path.exists(path):
            last = ended.text.strip().splitlines()[-1:] or ["nothing said"]
            raise RuntimeError(f"{self.name} wrote nothing: {last[0]}")
        taken = self.read(path, ended, seconds)
        taken.memory_kib, taken.file_bytes = ended.memory_kib, os.path.getsize(path)
        os.unlink(path)
        return taken


# -- ours ----------------------------------------------------------------------------------------


def read_json(path: str, ended: Ended, _: float) -> Taken:
    """Read our own JSON: nodes of the tree of calls, and what was seen at each itself."""
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    column = [it["name"] for it in profile["metrics"]].index("samples")
    names = [it["qualname"] for it in profile["functions"]]
    stacks: list[Stack] = []
    samples: Counter[Stack] = Counter()
    for node in profile["nodes"]:
        outer = () if node["parent"] is None else stacks[node["parent"]]
        stacks.append((*outer, (names[node["function"]], node["line"] or 0)))
        if node["self"][column]:
            samples[stacks[-1]] += node["self"][column]
    meta = profile["meta"]
    return Taken(
        seconds=meta["duration_ns"] * 1e-9,
        cpu=ended.cpu,
        samples=samples,
        lost=meta.get("lost_samples", 0),
        late=meta.get("lost_rounds", 0),
        mode=meta["mode"],
        rounds=meta["rounds"],
    )


def ours(
    name: str, command: str, *options: str, form: str = "json", same_cpu: bool = False
) -> Tool:
    def words(target: Target, rate: int, seconds: float) -> tuple[list[str], str, Optional[float]]:
        path = os.path.join(target.folder, f"ours.{form}")
        line = [command, "record", str(target.pid), "-q", "-r", str(rate), "-f", form, "-o", path]
        return [*line, "-d", f"{int(seconds * 1000)}ms", *options], path, None

    def read_pyro(path: str, ended: Ended, seconds: float) -> Taken:
        run([command, "report", path, "-f", "json", "-o", f"{path}.json"])
        taken = read_json(f"{path}.json", ended, seconds)
        os.unlink(f"{path}.json")
        return taken

    read = read_pyro if form == "pyro" else read_json
    return Tool(name, lambda minor: True, words, read, same_cpu=same_cpu)


# -- py-spy --------------------------------------------------------------------------------------


def split_weight(line: str) -> tuple[str, int]:
    stack, _, weight = line.rpartition(" ")
    return stack, int(weight)


def read_raw(path: str, ended: Ended, seconds: float) -> Taken:
    samples: Counter[Stack] = Counter()
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            stack, weight = split_weight(line)
            frames = (re.fullmatch(r"(.*?) \(.*?:?(\d*)\)", it) for it in stack.split(";"))
            key = tuple((it[1], int(it[2] or 0)) if it else ("?", 0) for it in frames)
            samples[key] += weight
    errors = re.search(r"Errors: (\d+)", ended.text)
    lost = int(errors[1]) if errors else 0
    return Taken(seconds, ended.cpu, samples, lost)


def py_spy(command: str, *options: str) -> Tool:
    def words(target: Target, rate: int, seconds: float) -> tuple[list[str], str, Optional[float]]:
        path = os.path.join(target.folder, "py-spy.raw")
        line = [command, "record", "-p", str(target.pid), "-r", str(rate), "-f", "raw", "-o", path]
        return [*line, *options], path, seconds

    name = "py-spy" + (" --nonblocking" if "--nonblocking" in options else "")
    return Tool(name, lambda minor: True, words, read_raw, catches_up=True)


# -- Tachyon -------------------------------------------------------------------------------------


def read_tachyon(path: str, ended: Ended, seconds: float) -> Taken:
    """Read "thread;file:name:line;... count"."""
    samples: Counter[Stack] = Counter()
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            stack, weight = split_weight(line)
            frames = (it.rsplit(":", 2) for it in stack.split(";")[1:])
            key = tuple((it[1], int(it[2])) if len(it) == 3 else (it[0], 0) for it in frames)
            samples[key] += weight
    captured = re.search(r"Captured ([\d,]+) samples in ([\d.]+) seconds", ended.text)
    share = re.search(r"Error rate: ([\d.]+)", ended.text)
    asked = int(captured[1].replace(",", "")) if captured else 0
    lost = round(asked * float(share[1]) / 100) if share else 0
    length = float(captured[2]) if captured else seconds
    return Taken(length, ended.cpu, samples, lost, rounds=asked)


def tachyon(python: str, *options: str) -> Tool:
    """Return Tachyon, which looks at the main thread only unless told "-a"."""

    def words(target: Target, rate: int, seconds: float) -> tuple[list[str], str, Optional[float]]:
        path = os.path.join(target.folder, "tachyon.txt")
        line = [python, "-m", "profiling.sampling", "attach", "-r", str(rate)]
        line += ["-d", str(max(1, round(seconds)))]  # it takes whole seconds only
        return [*line, "--collapsed", "-o", path, *options, str(target.pid)], path, None

    return Tool(
        " ".join(("Tachyon", *options)),
        lambda minor: minor == 15,
        words,
        read_tachyon,
        catches_up=True,
    )


# -- Austin --------------------------------------------------------------------------------------


def read_mojo(path: str, ended: Ended, seconds: float) -> Taken:
    with open(path, "rb") as file:
        samples = mojo.read_stacks(file.read())
    errors = re.search(r"Error rate[^\d\n]*?(?:\x1b\[[\d;]*m)*(\d+)/(\d+)", ended.text)
    lost = int(errors[1]) if errors else 0
    return Taken(seconds, ended.cpu, samples, lost)


def austin(words_before: list[str]) -> Tool:
    def words(target: Target, rate: int, seconds: float) -> tuple[list[str], str, Optional[float]]:
        path = os.path.join(target.folder, "austin.mojo")
        interval = str(max(1, round(1e6 / rate)))
        line = [*words_before, "-i", interval, "-p", str(target.pid), "-o", path]
        return line, path, seconds

    return Tool("Austin", lambda minor: 9 <= minor <= 14, words, read_mojo)


# -- what there is -------------------------------------------------------------------------------


def newer_loader(root: str = ROOT) -> list[str]:
    """Return words that run a program with the C library of `make pythons`, if it is there."""
    folder = os.path.join(root, ".pythons", "sid", "usr", "lib", "x86_64-linux-gnu")
    loader = os.path.join(folder, "ld-linux-x86-64.so.2")
    return [loader, "--library-path", folder] if os.path.exists(loader) else []


@functools.cache
def peers_folder() -> str:
    """Return where the peers' commands are, which are installed the first time."""
    folder = os.path.join(PEERS, "bin")
    if not os.path.exists(os.path.join(folder, "python")):
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    for package in PACKAGES:
        if not glob.glob(os.path.join(PEERS, "lib", "*", "*", f"{package.replace('-', '_')}-*")):
            pip = [os.path.join(folder, "python"), "-m", "pip", "install", "--quiet"]
            if subprocess.run([*pip, package], check=False).returncode != 0:
                print(f"bench: {package} does not install: not measured", file=sys.stderr)
    return folder


@functools.cache
def austin_command() -> Optional[list[str]]:
    """Return the words that start Austin, through a newer C library where this one is too old."""
    path = os.path.join(peers_folder(), "austin")
    for words in ([path], [*newer_loader(), path]):
        try:
            done = subprocess.run([*words, "--version"], capture_output=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return words
    return None


def peer_versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        stem = os.path.join(PEERS, "lib", "*", "*", f"{package.replace('-', '_')}-*.dist-info")
        for path in glob.glob(stem):
            found[package] = os.path.basename(path)[: -len(".dist-info")].split("-")[1]
    return found


def peers(python_315: Optional[str], *tachyon_options: str) -> list[Tool]:
    """Return the peers that there are."""
    found = []
    spy = os.path.join(peers_folder(), "py-spy")
    if os.path.exists(spy):
        found += [py_spy(spy), py_spy(spy, "--nonblocking")]
    if python_315 is not None:
        found.append(tachyon(python_315, *tachyon_options))
    words = austin_command()
    if words is not None:
        found.append(austin(words))
    for name, there in (("py-spy", os.path.exists(spy)), ("Austin", words is not None)):
        if not there:
            print(f"bench: no {name} here: not measured", file=sys.stderr)
    return found


def supporting(tools: Iterable[Tool], minor: int) -> list[Tool]:
    return [it for it in tools if it.supports(minor)]
