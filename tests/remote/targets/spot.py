# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What targets are made of: places at which the program stands still and says where it is.

Targets run on every Python from 3.6 on, so that nothing newer may be used in them.
"""

import json
import os
import sys


def place(frame):
    """Say where a frame is, as the interpreter itself has it."""
    code = frame.f_code
    line = frame.f_lineno
    where = {
        "name": getattr(code, "co_qualname", code.co_name),
        "file": code.co_filename,
        "line": -1 if line is None else line,
    }
    if hasattr(code, "co_positions"):
        position = list(code.co_positions())[frame.f_lasti // 2]
        names = ("line", "end_line", "column", "end_column")
        where.update((k, -1 if v is None else v) for k, v in zip(names, position))
    return where


def say(**what):
    """Tell the test something."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def spot(*_):
    """Tell the test the whole stack, and stand still here until it has looked."""
    stack = []
    frame = sys._getframe(1)
    while frame is not None:
        stack.append(place(frame))
        frame = frame.f_back
    say(stack=stack)
    os.read(0, 1)
    return 1


def stand_still():
    """Tell the test that all is ready, and wait for it."""
    say(ready=True)
    os.read(0, 1)
