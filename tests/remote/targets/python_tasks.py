# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Tasks of asyncio's implementation in Python, which wait for each other."""

import sys

sys.modules["_asyncio"] = None  # so that it is not found

import asyncio  # noqa: E402

from spot import stand_still  # noqa: E402


async def leaf():
    await asyncio.sleep(1000)


async def parent(of):
    await asyncio.gather(*of)


async def main():
    loop = asyncio.get_event_loop()
    leaves = [loop.create_task(leaf()) for _ in range(2)]
    top = loop.create_task(parent(leaves))
    if hasattr(top, "set_name"):
        top.set_name("top")
        for i, it in enumerate(leaves):
            it.set_name("leaf-%d" % i)
    await asyncio.sleep(0.05)
    await loop.run_in_executor(None, stand_still)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
