# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Three tasks of asyncio that burn one, two and three parts of the time; until killed."""

import asyncio
import json
import sys
import time


async def burn(parts):
    while True:
        end = time.perf_counter() + parts * 0.005
        while time.perf_counter() < end:
            pass
        await asyncio.sleep(0)


async def main():
    if sys.version_info >= (3, 8):
        tasks = [asyncio.ensure_future(burn(parts)) for parts in (1, 2, 3)]
        for task, name in zip(tasks, ("one", "two", "three")):
            task.set_name(name)
    else:
        tasks = [asyncio.ensure_future(burn(parts)) for parts in (1, 2, 3)]
    print(json.dumps({"ready": True}), flush=True)
    await asyncio.wait(tasks)


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
