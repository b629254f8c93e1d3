# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Tasks of asyncio that wait for each other in every way there is, and say which and where."""

import asyncio
import sys

from spot import say, stand_still

LINES = {}


def here():
    """Note the line after the caller's, where it is about to wait."""
    frame = sys._getframe(1)
    LINES[frame.f_code.co_name] = frame.f_lineno + 1


async def leaf():
    here()
    await asyncio.sleep(1000)


async def middle():
    here()
    await leaf()


async def worker():
    here()
    await middle()


async def items():
    for i in range(3):
        here()
        await asyncio.sleep(0 if i == 0 else 1000)
        yield i


async def iterating():
    here()
    async for _ in items():
        pass


class Old:
    def __await__(self):
        here()
        yield from asyncio.sleep(1000).__await__()


async def by_await():
    here()
    await Old()


async def waiting():
    here()
    await asyncio.wait([task("wait-1", worker()), task("wait-2", worker())])


async def gathering():
    here()
    await asyncio.gather(task("gather-1", worker()), task("gather-2", worker()))


async def limited():
    here()
    await asyncio.wait_for(task("limited-1", worker()), 900)


async def limited_gathering():
    here()
    await asyncio.wait_for(asyncio.gather(task("both-1", worker())), 900)


async def shielding():
    here()
    await asyncio.shield(task("shield-1", worker()))


async def direct(of):
    here()
    await of


async def grouping():
    async with asyncio.TaskGroup() as group:
        for i in (1, 2):
            group.create_task(worker()).set_name("group-%d" % i)


async def nothing():
    pass


def computing():
    stand_still()


async def running():
    await asyncio.sleep(0)
    computing()


def task(name, coroutine):
    made = asyncio.get_event_loop().create_task(coroutine)
    if hasattr(made, "set_name"):
        made.set_name(name)
    return made


async def main():
    shared = task("shared", worker())
    kept = [
        shared,
        task("direct-1", direct(shared)),
        task("direct-2", direct(shared)),
        task("Task-2", worker()),
        task("Task-10", worker()),
    ]
    for function in (waiting, gathering, limited, limited_gathering, shielding):
        kept.append(task(function.__name__, function()))
    for function in (iterating, by_await):
        kept.append(task(function.__name__, function()))
    if sys.version_info >= (3, 11):
        kept.append(task("grouping", grouping()))
    done = task("done", nothing())
    await done
    await asyncio.sleep(0.05)
    say(lines=LINES, done=done.done())
    if sys.argv[1:] == ["running"]:
        kept.append(task("runs", running()))
        await kept[-1]
    loop = asyncio.get_event_loop()
    await loop.run_in_executor(None, stand_still)


if sys.argv[1:] != ["import"]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
else:
    stand_still()
