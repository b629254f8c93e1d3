# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""`pyrometer trace` around real programs: the program is as without us, and nothing is lost."""

from __future__ import annotations

import os
import pstats
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shell import Shell

pytestmark = pytest.mark.usefixtures("needs_probe")

PROGRAM = """
import sys

def work(n):
    return sum(len(str(i)) for i in range(n))

def main():
    print("answer", work(1000))
    return int(sys.argv[1]) if len(sys.argv) > 1 else 0

if __name__ == "__main__":
    sys.exit(main())
"""


def test_the_output_stays_the_programs_and_the_report_goes_elsewhere(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    result = pyrometer("trace", "app.py")
    assert result.out == "answer 2890\n"
    assert "Hottest functions" in result.err
    assert "Call tree" in result.err
    assert re.search(r"^ +1,0\d\d .* len +\[builtins\]$", result.err, re.M)
    assert "wrote app.pyro; look again with: " in result.last_line
    # as it was called: with its path if it had one
    assert result.last_line.endswith(f"{pyrometer.command} report app.pyro --tree")
    assert result.status == 0
    again = pyrometer("report", "app.pyro", "--flat", "--match", r"\.work ")
    assert re.search(r"^ +1 .* work +app.py:4$", again.out, re.M)


def test_on_a_terminal_the_report_follows_the_output(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [pyrometer.command, "trace", "app.py"],
        cwd=pyrometer.folder,
        env=pyrometer.env,
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
    _, err = process.communicate(timeout=60)
    os.close(ours)
    text = said.decode()
    assert text.index("answer 2890") < text.index("Hottest functions")
    assert "\x1b[" in text
    assert err.decode().startswith("pyrometer: wrote app.pyro")


@pytest.mark.parametrize("status", [0, 1, 3, 255])
def test_the_exit_status_is_the_programs(pyrometer: Shell, status: int) -> None:
    pyrometer.write("app.py", PROGRAM)
    assert pyrometer("trace", "-q", "app.py", str(status)).status == status


def test_quiet_says_nothing_but_writes_the_profile(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    result = pyrometer("trace", "-q", "-o", "x.pyro", "app.py")
    assert (result.out, result.err) == ("answer 2890\n", "")
    assert pyrometer("report", "x.pyro").status == 0


def test_all_words_after_the_script_are_the_programs(pyrometer: Shell) -> None:
    pyrometer.write("app.py", "import sys; print(sys.argv)")
    words = ["--sort", "x", "-o", "y", "--", "-q", "", "a b"]
    result = pyrometer("trace", "--no-report", "app.py", *words)
    assert result.out == f"{['app.py', *words]}\n"
    assert (pyrometer.folder / "app.pyro").exists()


def test_modules_and_code_run_too(pyrometer: Shell) -> None:
    (pyrometer.folder / "shop").mkdir()
    pyrometer.write("shop/__init__.py", "")
    pyrometer.write("shop/run.py", "import sys; print(sys.argv[1:], __name__)")
    result = pyrometer("trace", "-q", "-m", "shop.run", "-x")
    assert result.out == "['-x'] __main__\n"
    assert (pyrometer.folder / "shop.run.pyro").exists()
    result = pyrometer("trace", "-q", "-c", "import sys; print(sys.argv)", "-m", "z")
    assert result.out == "['-c', '-m', 'z']\n"
    assert (pyrometer.folder / "trace.pyro").exists()


def test_a_file_of_the_default_name_is_kept_as_old(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    pyrometer.write("app.pyro", "precious")
    assert pyrometer("trace", "-q", "app.py").status == 0
    assert (pyrometer.folder / "app.pyro.old").read_text() == "precious"
    assert pyrometer("report", "app.pyro").status == 0


def test_a_file_named_with_o_is_replaced(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    pyrometer.write("x.pyro", "not precious")
    assert pyrometer("trace", "-q", "-o", "x.pyro", "app.py").status == 0
    assert pyrometer("report", "x.pyro").status == 0
    assert not (pyrometer.folder / "x.pyro.old").exists()


@pytest.mark.parametrize("words", [["app.py"], ["-o", "app.pyro", "app.py"]])
def test_a_syntax_error_costs_nobody_a_profile(pyrometer: Shell, words: list[str]) -> None:
    pyrometer.write("app.py", "def (:\n")
    pyrometer.write("app.pyro", "precious")
    result = pyrometer("trace", *words)
    assert "SyntaxError" in result.err
    assert "Hottest" not in result.err
    assert result.status == 1
    assert (pyrometer.folder / "app.pyro").read_text() == "precious"
    assert not (pyrometer.folder / "app.pyro.old").exists()


def test_the_name_or_the_option_chooses_a_format(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    result = pyrometer("trace", "--no-report", "-o", "x.collapsed", "app.py")
    assert result.err == "pyrometer: wrote x.collapsed\n"
    assert not (pyrometer.folder / "x.collapsed.pyro").exists()
    assert "work" in (pyrometer.folder / "x.collapsed").read_text()
    result = pyrometer("trace", "--no-report", "--format", "speedscope", "app.py")
    assert result.err.startswith("pyrometer: wrote app.pyro and app.speedscope.json;")
    assert (pyrometer.folder / "app.pyro").exists()


def test_cprofiles_extension_means_its_format(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    assert pyrometer("trace", "-q", "-o", "app.prof", "app.py").status == 0
    stats = pstats.Stats(str(pyrometer.folder / "app.prof"))
    assert any(name == "work" for _, _, name in stats.stats)  # type: ignore[attr-defined]
    assert pyrometer("trace", "-q", "-o", "plain", "app.py").status == 0
    assert (pyrometer.folder / "plain").read_bytes()[1:4] == b"PYR"


def test_a_report_that_fails_leaves_the_profile_and_the_status(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    result = pyrometer("trace", "--thread", "Nobody", "app.py", "3")
    assert "pyrometer: no thread 'Nobody' in this profile" in result.err
    assert "wrote app.pyro" in result.last_line
    assert result.err.count("\n") == 2
    assert result.status == 3
    assert pyrometer("trace", "--thread", "Nobody", "app.py").status == 0


def test_reports_are_chosen_as_by_report(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    assert "called by" in pyrometer("trace", "--callers=work", "app.py").err
    assert "Hottest" not in pyrometer("trace", "--by-thread", "app.py").err
    result = pyrometer("report", "app.pyro", "--callers=app")
    assert "no function" not in result.err  # an expression still finds the file's functions
    result = pyrometer("report", "app.pyro", "--callees=main")
    assert result.out.count("calls\n") == 1  # not all those of the module __main__


def test_a_folder_with_a_main_runs_as_python_runs_it(pyrometer: Shell) -> None:
    (pyrometer.folder / "tool").mkdir()
    pyrometer.write("tool/__main__.py", "import sys, part; print(sys.argv, part.__name__)")
    pyrometer.write("tool/part.py", "")
    result = pyrometer("trace", "-q", "tool/", "-x")
    assert result.out == "['tool/', '-x'] part\n"
    assert (pyrometer.folder / "tool.pyro").exists()


def test_when_all_was_filtered_out_the_report_says_why(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    result = pyrometer("trace", "--include", "nosuchmodule", "app.py")
    assert "No function was recorded" in result.err
    assert "__main__" in result.err


def test_what_is_no_interpreter_is_told_in_one_line(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    result = pyrometer("trace", "--python", "/bin/false", "app.py")
    assert "/bin/false ended with status 1 and ran nothing" in result.err
    assert result.err.count("\n") == 1
    assert result.status == 1
    pyrometer.write("broken.py", "def (:\n")
    result = pyrometer("trace", "--python", sys.executable, "broken.py")
    assert "is it a Python" not in result.err


def test_builtins_and_modules_can_be_left_out(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    pyrometer("trace", "-q", "--no-builtins", "app.py")
    report = pyrometer("report", "--flat", "app.pyro").out
    assert "(no builtins)" in report
    assert "[builtins]" not in report
    pyrometer("trace", "-q", "--include", "__main__", "app.py")
    assert "importlib" not in pyrometer("report", "--flat", "--limit", "0", "app.pyro").out


def test_report_options_shape_the_report(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    result = pyrometer("trace", "-s", "calls", "--report", "flat", "--limit", "1", "app.py")
    assert "Call tree" not in result.err
    assert re.search(r"1,0\d\d", result.err)
    assert "more functions" in result.err
    result = pyrometer("trace", "--compensate", "app.py")
    assert "corrected" in result.err


SLEEPER = """
import os, signal, sys, time
def handler(number, frame):
    os.write(1, b"got %d\\n" % number)
    sys.exit(7)
for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP):
    signal.signal(number, handler)
def snooze():
    os.write(1, b"ready\\n")  # not print: a signal might come in the middle of it
    while True:
        time.sleep(0.05)
try:
    snooze()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
"""


def wait_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 30)
    assert ready
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.2)  # so that the time asleep outweighs the start


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP])
def test_signals_sent_to_us_reach_the_program(pyrometer: Shell, number: signal.Signals) -> None:
    pyrometer.write("app.py", SLEEPER)
    process = pyrometer.start("trace", "--no-report", "app.py")
    wait_ready(process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert out == f"got {int(number)}\n".encode()
    assert b"wrote app.pyro" in err
    assert process.returncode == 7


@pytest.mark.measured
def test_an_interrupt_sent_by_kill_reaches_the_program_and_ends_us_alike(pyrometer: Shell) -> None:
    pyrometer.write("app.py", SLEEPER)
    process = pyrometer.start("trace", "app.py")
    wait_ready(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert out == b"interrupted\n"
    assert b"KeyboardInterrupt" in err
    assert b"snooze" in err.split(b"Hottest functions")[1]
    assert process.returncode == -signal.SIGINT


@pytest.mark.measured
def test_a_program_killed_outright_leaves_its_profile_and_we_end_alike(pyrometer: Shell) -> None:
    pyrometer.write(
        "app.py",
        "import os, signal, time\n"
        "def busy():\n"
        "    end = time.monotonic() + 2.5\n"
        "    while time.monotonic() < end:\n"
        "        pass\n"
        "busy_before = [busy() for _ in range(1)]\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
    )
    result = pyrometer("trace", "app.py")
    assert result.err.count("Warning ") == 1
    assert "unfinished" in result.err
    assert "monotonic" in result.err
    assert result.status == -signal.SIGKILL


def test_forked_children_are_named(pyrometer: Shell) -> None:
    pyrometer.write(
        "app.py",
        "import os\n"
        "def child():\n"
        "    return sum(range(1000))\n"
        "for _ in range(2):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        child()\n"
        "        raise SystemExit(0)\n"
        "    os.waitpid(pid, 0)\n",
    )
    result = pyrometer("trace", "--no-report", "app.py")
    match = re.search(
        r"2 forked processes wrote a profile of their own: (app\.\d+\.pyro), …", result.err
    )
    assert match, result.err
    assert "child" in pyrometer("report", "--flat", match.group(1)).out


def test_a_file_of_the_current_folder_does_not_take_our_packages_place(pyrometer: Shell) -> None:
    pyrometer.write("app.py", PROGRAM)
    pyrometer.write("pyrometer.py", "raise SystemExit('the wrong one')")
    assert pyrometer("trace", "-q", "app.py").out == "answer 2890\n"


def test_a_standard_output_that_is_closed_early_is_no_drama(pyrometer: Shell) -> None:
    command = f"{pyrometer.command} report --flat shop.pyro | head -1"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=pyrometer.folder,
        env=pyrometer.env,
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""


@pytest.mark.measured
@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="sanitizers take their time to start")
def test_the_version_is_told_at_once(pyrometer: Shell) -> None:
    import pyrometer as package

    assert pyrometer("--version").out == f"pyrometer {package.__version__}\n"
    times = []
    for _ in range(10):
        start = time.perf_counter()
        pyrometer("--version")
        times.append(time.perf_counter() - start)
    bare = []
    for _ in range(10):
        start = time.perf_counter()
        subprocess.run(["/bin/true"], check=True, capture_output=True)
        bare.append(time.perf_counter() - start)
    assert min(times) - min(bare) < 0.010


def test_an_interpreter_without_the_package_is_told_how_to_get_it(
    pyrometer: Shell, tmp_path: Path
) -> None:
    pyrometer.write("app.py", PROGRAM)
    bare = tmp_path / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    result = pyrometer("trace", "--python", str(bare), "app.py")
    assert "can't load the package pyrometer" in result.err
    assert "-m pip install . in a checkout" in result.err
    assert result.err.count("\n") == 1
    assert result.status == 1
    assert not (pyrometer.folder / "app.pyro").exists()


def test_on_a_full_disk_what_was_collected_is_kept_elsewhere(pyrometer: Shell) -> None:
    pyrometer.write(
        "app.py",
        "import random\n"
        "source = random.Random(1)\n"
        "names = [f'f{i}_{source.getrandbits(200):x}' for i in range(6000)]\n"
        "space = {}\n"
        "exec(''.join(f'def {n}(): pass\\n' for n in names), space)\n"
        "for name in names:\n"
        "    space[name]()\n"
        "print('done')\n",
    )
    full, spare = pyrometer.folder / "full", pyrometer.folder / "spare"
    full.mkdir()
    spare.mkdir()
    mount = f"mount -t tmpfs -o size=32k tmpfs {full}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode != 0:
        pytest.skip("no file system of a small size can be mounted here (unshare -rm)")
    done = subprocess.run(
        [
            "unshare",
            "-rm",
            "sh",
            "-c",
            f"{mount} && exec {pyrometer.command} trace -o full/x.pyro app.py",
        ],
        cwd=pyrometer.folder,
        env={**pyrometer.env, "TMPDIR": str(spare)},
        capture_output=True,
        text=True,
    )
    (rescued,) = spare.iterdir()
    assert done.stdout == "done\n"
    assert re.search(
        r"full/x\.pyro: No space left on device; what was collected is in", done.stderr
    )
    assert rescued.name in done.stderr
    assert re.search(r"Calls +1\d,\d{3} of 6,\d{3} functions", done.stderr)
    assert pyrometer("report", str(rescued), "--flat", "--match", "f5999_").status == 0
    assert done.returncode == 0
