# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Threads of three kinds: one computes, one computes without the GIL, one waits; until killed."""

import json
import threading
import zlib

DATA = b"x" * (1 << 24)
never = threading.Event()


def compute():
    while True:
        sum(range(100))


def digest():
    while True:
        zlib.crc32(DATA)


def wait():
    never.wait()


for work in (compute, digest, wait):
    threading.Thread(target=work, name=work.__name__, daemon=True).start()
print(json.dumps({"ready": True}), flush=True)
never.wait()
