# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Stays within a run of the garbage collector, and keeps the GIL there."""

import gc
import sys

from spot import say


def during(phase, info):
    if phase == "start":
        say(ready=True)
        while sys:
            pass


def outside():
    gc.collect()


gc.disable()
gc.callbacks.append(during)
outside()
