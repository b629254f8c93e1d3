# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Threads that live for milliseconds, one after the other and a few at once, until killed."""

import json
import threading
import time


def flicker():
    end = time.perf_counter() + 0.002
    while time.perf_counter() < end:
        pass


print(json.dumps({"ready": True}), flush=True)
while True:
    threads = [threading.Thread(target=flicker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
