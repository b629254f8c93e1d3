# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""A terminal of its own for one test, in tmux: type, look, resize."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Callable

PATIENCE_S = 60.0  # for what comes within a second unless the machine is very busy
LOOK_AGAIN_S = 0.1
PROMPT = "ready>"


def find_command() -> str | None:
    """Return the command under test."""
    named = os.environ.get("PYROMETER")
    if named:
        return named
    beside = Path(sys.executable).parent / "pyrometer"
    return str(beside) if beside.exists() else shutil.which("pyrometer")


class Terminal:
    """A shell in a terminal of `columns` by `rows`.

    It is a tmux server of its own, which ends with the block it is used in, and with it all that
    was started in it.
    """

    def __init__(self, folder: Path, columns: int = 100, rows: int = 24) -> None:
        self._socket = str(folder / "tmux")
        self._columns = columns
        self._rows = rows
        self._folder = folder

    def __enter__(self) -> Terminal:
        """Start it, and wait for the prompt."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self._folder), "PS1": PROMPT}
        env |= {name: os.environ[name] for name in ("ASAN_OPTIONS",) if name in os.environ}
        size = ["-x", str(self._columns), "-y", str(self._rows)]
        words = ["-f", "/dev/null", "-u", "new-session", "-d", *size]
        shell = ["env", "-i", *(f"{name}={value}" for name, value in env.items())]
        shell += ["LANG=C.UTF-8", "TERM=screen-256color", "sh"]
        self._tmux(*words, shlex.join(shell))
        self.wait_for(PROMPT)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the server."""
        if error is not None:
            print(self.screen())
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], check=False)

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *words], capture_output=True, check=True, timeout=60
        )
        return done.stdout.decode()

    def run(self, *words: str) -> None:
        """Type a command, after which its status is told."""
        self.type(f"{shlex.join(words)}; echo status $?", "Enter")

    def type(self, *keys: str) -> None:
        """Type keys, by tmux's names: "a", "Enter", "C-c"."""
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, colors: bool = False) -> str:
        """Return what is seen, its colours as escape sequences if asked for."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colors else []))

    def pane_pid(self) -> int:
        """Return the process of the shell."""
        return int(self._tmux("list-panes", "-F", "#{pane_pid}"))

    def wait_until(self, seen: Callable[[str], bool], what: str) -> str:
        """Return the first screen of which `seen` is true."""
        end = time.monotonic() + PATIENCE_S
        while True:
            screen = self.screen()
            if seen(screen):
                return screen
            assert time.monotonic() < end, f"waited for {what}; seen:\n{screen}"
            time.sleep(LOOK_AGAIN_S)

    def wait_for(self, pattern: str) -> str:
        """Return the first screen in which the regular expression is found."""
        found = re.compile(pattern, re.MULTILINE)
        return self.wait_until(lambda screen: bool(found.search(screen)), pattern)


def masked(screen: str) -> str:
    """Return the screen without what differs from run to run.

    Figures become '#', bars and rows of spaces one space; what was lost is not told.
    """
    text = re.sub(r"[█▏▎▍▌▋▊▉]+ (?=\s*[\d-])|[▏▎▍▌▋▊▉█]{2,}", " ", screen)
    text = re.sub(r" (late|lost) [\d,]+ ?", " ", text)
    text = re.sub(r"mode \w+", "mode", text)
    text = re.sub(r"top  \d+  .*target_\w+\.py\S*", "top  #  target", text)
    text = re.sub(r"Python [\w.+]+", "Python", text)
    text = re.sub(r"\d[\d,.:]*", "#", text)
    lines = [re.sub(r" +", " ", line).strip() for line in text.split("\n")]
    return "\n".join(lines).strip() + "\n"
