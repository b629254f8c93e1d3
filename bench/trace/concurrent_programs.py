# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Programs with greenlets, tasks and context variables, that tracers are timed on.

They need greenlet and gevent. Each takes 2 to 10 ms unprofiled.
"""

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Callable

import gevent
import greenlet
import programs

TAG: ContextVar[int] = ContextVar("TAG")


def step(i: int) -> int:
    return programs.first(i, 1) + programs.first(i, 2)


def ping_pong() -> None:
    """Two greenlets that hand over to each other after every few calls."""

    def turns(number: int) -> None:
        for i in range(4_000):
            step(i)
            pair[1 - number].switch(1 - number)

    pair = [greenlet.greenlet(turns), greenlet.greenlet(turns)]
    while not (pair[0].dead and pair[1].dead):  # who ends first leaves the other where it switched
        number = 1 if pair[0].dead else 0
        pair[number].switch(number)


def greenlet_networks() -> None:
    """Run the program "oo" four times at once, in greenlets that take turns day by day."""

    def days(network: programs.Network) -> None:
        for _ in range(60):
            network.run(1)
            hub.switch()

    hub = greenlet.getcurrent()
    networks = []
    for _ in range(4):
        network = programs.Network(50)
        for i in range(60):
            network.deliver(programs.Parcel(i % 50, i, 0))
        networks.append((greenlet.greenlet(days), network))
    while networks:
        for worker, network in networks:
            worker.switch(network)
        networks = [pair for pair in networks if not pair[0].dead]


def gevent_workers() -> None:
    """Sixty workers of gevent's, each a few calls and a turn for the others, twenty times."""

    def worker(number: int) -> None:
        for i in range(20):
            step(number + i)
            programs.fibonacci(4)
            gevent.sleep(0)

    gevent.joinall([gevent.spawn(worker, i) for i in range(60)])


async def handle(number: int) -> int:
    TAG.set(number % 50 + 1)
    total = 0
    for i in range(4):
        total += step(i) + programs.fibonacci(5)
        await asyncio.sleep(0)
    return total + await programs.two_pauses(number)


async def handle_all(count: int) -> int:
    results = await asyncio.gather(*[handle(i) for i in range(count)])
    return len(results)


def in_a_loop(main: Callable[[], Awaitable[object]]) -> object:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


def tagged_tasks() -> None:
    """Two hundred tasks, each of which sets the variable, calls and waits."""
    in_a_loop(lambda: handle_all(200))


def tagged(program: Callable[[], object]) -> Callable[[], None]:
    """Return an ordinary program that runs while the variable has a value."""

    def run() -> None:
        token = TAG.set(7)
        try:
            program()
        finally:
            TAG.reset(token)

    return run


GREENLETS: dict[str, Callable[[], object]] = {
    "ping-pong": ping_pong,
    "networks": greenlet_networks,
    "gevent": gevent_workers,
}
TAGGED: dict[str, Callable[[], object]] = {
    "tasks": tagged_tasks,
    "oo": tagged(programs.run_oo),
    "json": tagged(programs.run_json),
}
TASKS: dict[str, Callable[[], object]] = {
    "asyncio": programs.run_asyncio,
    "tasks": tagged_tasks,
}
