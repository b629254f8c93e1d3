# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""`pyrometer trace` on a concurrent program, and what `report` makes of it."""

from __future__ import annotations

import re

import pytest
from shell import Shell

pytestmark = pytest.mark.usefixtures("needs_probe")

VARIABLE = "import contextvars\nuser = contextvars.ContextVar('user', default=None)\n"
PROGRAM = """
import asyncio
import threading

from ctx import user


def burn(n):
    return sum(i * i for i in range(n))


async def read():
    await asyncio.sleep(0.001)
    burn(2000)


async def fetch(number):
    user.set(f"user{number % 2}")
    await read()
    await read()


async def main():
    await asyncio.gather(*(fetch(number) for number in range(4)))


worker = threading.Thread(target=burn, args=(5000,), name="Worker")
worker.start()
asyncio.run(main())
worker.join()
"""


@pytest.fixture
def web(pyrometer: Shell) -> Shell:
    """Give the command beside a program with a thread, tasks and tags."""
    pyrometer.write("ctx.py", VARIABLE)
    pyrometer.write("web.py", PROGRAM)
    return pyrometer


def section(text: str, title: str) -> str:
    """Return what stands under a title, up to the next one."""
    found = re.search(rf"^  {re.escape(title)}(?:  [^\n]*)?\n\n(.*?)(?:\n\n|\Z)", text, re.M | re.S)
    assert found is not None, text
    return found.group(1)


def test_the_closing_report_can_be_split(web: Shell) -> None:
    result = web("trace", "--by", "thread", "--flat", "web.py")
    assert result.status == 0
    assert re.search(r"^  Calls .* on 2 threads, \d+ tasks$", result.err, re.M)
    assert "burn" in section(result.err, "Worker")
    assert "fetch" not in section(result.err, "Worker")


def test_tasks_coroutines_and_tags_have_their_tables(web: Shell) -> None:
    assert web("trace", "-q", "--clock", "both", "--tag", "ctx:user", "web.py").status == 0
    tasks = web("report", "--report", "tasks", "web.pyro").out
    assert re.search(r"^ +4 .* fetch$", section(tasks, "By coroutine"), re.M)
    assert len(re.findall(r" fetch +user[01]$", section(tasks, "Tasks"), re.M)) == 4
    coroutines = web("report", "--report", "coroutines", "web.pyro").out
    assert re.search(r"^ +4 +8 .* fetch +web\.py:\d+$", coroutines, re.M)
    assert re.search(r"^ +8 +8 .* read +web\.py:\d+$", coroutines, re.M)
    tags = web("report", "--report", "tags", "web.pyro").out
    assert {"user0", "user1"} <= set(tags.split())
    flat = web("report", "--flat", "--limit", "0", "--tag", "user0", "web.pyro").out
    assert re.search(r"^ +4 .* burn +web\.py:\d+$", flat, re.M)
    assert "waiting" in flat


def test_what_is_not_wanted_is_not_told_apart(web: Shell) -> None:
    assert web("trace", "-q", "--no-tasks", "--clock", "cpu", "web.py").status == 0
    assert "No task was seen" in web("report", "--report", "tasks", "web.pyro").out
    flat = web("report", "--flat", "--sort", "cpu", "web.pyro").out
    assert re.search(r"^  Measured .*CPU by (rseq|syscall)", flat, re.M)
    assert " waiting" not in flat


def test_a_timeline_too_long_says_what_it_lost(web: Shell) -> None:
    assert web("trace", "-q", "--timeline=100", "web.py").status == 0
    said = web("report", "web.pyro").out
    assert re.search(r"Warning +[\d,]+ events no longer fitted into the timeline", said)
