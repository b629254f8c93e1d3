# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Forks; the child works and then becomes another program, which works, too."""

import os
import sys
import time

SECONDS = 1.0
NEXT = """
import time
def after_exec():
    end = time.perf_counter() + {0}
    while time.perf_counter() < end:
        pass
after_exec()
"""


def spin():
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        pass


def in_parent():
    spin()


def in_child():
    spin()


child = os.fork()
if child == 0:
    in_child()
    os.execv(sys.executable, [sys.executable, "-c", NEXT.format(SECONDS)])
in_parent()
os.waitpid(child, 0)
