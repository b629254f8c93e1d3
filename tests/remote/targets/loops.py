# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Three tasks of asyncio that burn one, two and three parts of the time; until killed.

For each byte of input it says how long each task has burnt so far, in seconds by the clock.
"""

import asyncio
import os
import sys
import time

from spot import say

burnt = {"one": 0.0, "two": 0.0, "three": 0.0}


async def burn(name, parts):
    while True:
        start = time.perf_counter()
        end = start + parts * 0.005
        while time.perf_counter() < end:
            pass
        burnt[name] += time.perf_counter() - start
        await asyncio.sleep(0)


def tell():
    if os.read(0, 1):
        say(**burnt)


async def main():
    tasks = [
        asyncio.ensure_future(burn(name, parts))
        for name, parts in (("one", 1), ("two", 2), ("three", 3))
    ]
    if sys.version_info >= (3, 8):
        for task, name in zip(tasks, burnt):
            task.set_name(name)
    asyncio.get_event_loop().add_reader(0, tell)
    say(ready=True)
    await asyncio.wait(tasks)


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
