# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Stands still in every kind of call and statement that line tables have trouble with."""

import asyncio
import contextlib
import functools

from spot import say, spot

# fmt: off
# ruff: noqa


def several_lines(a,
                  b=2,
                  *c):
    x = [spot(a,
              b)
         for _ in (
             1,)]; y = (
        spot(),
        spot(
            b
        ))
    return (x,
            max(y,
                key=lambda k: (
                    spot(k,
                         a)
                )),
            b)


def decorated_with(*arguments):
    def decorate(function):
        @functools.wraps(function)
        def inner(*args):
            return (
                function(
                    *args)
            )
        return inner
    spot(arguments)
    return decorate


@decorated_with(1,
                2)
@decorated_with(
    3)
def decorated(n):
    return spot(
        n
    )


def generator(depth):
    if depth:
        yield from generator(
            depth - 1
        )
    else:
        for i in range(1):
            yield spot(
                i)


class Basket:
    spot()

    def __init__(self, stop=False):
        self.items = [
            1, 2]
        if stop:
            spot(self,
                 1)

    def __len__(self):
        return spot(
        ) - 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        spot()

    @property
    def full(self):
        return [
            k for k in self.items
            if spot()
        ]

    def __lt__(self, other):
        return bool(spot())


def blocks():
    try:
        try:
            raise ValueError(
                spot())
        finally:
            spot()
    except (ValueError,
            KeyError):
        spot()
    with Basket() as basket, \
            contextlib.suppress(KeyError):
        if (len(basket)
                and basket.full):
            pass
        raise KeyError
    while spot(
    ) > 2:
        pass
    assert spot(), (
        "no")


async def waits(n):
    if n:
        return await waits(
            n
            - 1)
    async with Asynchronous(
    ):
        async for _ in Asynchronous():
            return [
                spot(k)
                async for k in Asynchronous()]


class Asynchronous:
    def __init__(self):
        self.left = 1

    async def __aenter__(self):
        spot()

    async def __aexit__(self, *_):
        spot()

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        spot()
        return 1


def warm(n):
    for i in range(n):
        Basket(i
               == n - 1)


# More lines apart than fit a byte, in both directions.
FAR_APART = """
def far_apart():
    spot(); return (
""" + "\n" * 300 + """
        spot()), [
""" + "\n" * 140 + """
        spot(
""" + "\n" * 130 + """
)]
far_apart()
"""

MADE = """
def made(n):
    return [
        spot(n),
        (lambda: spot(
            n))(
        )]


made(
    1)
"""


def main():
    several_lines(
        1
    )
    decorated(1)
    for _ in generator(3): pass
    list(generator(
        2))
    Basket(
        True)
    blocks()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(waits(2))
    loop.close()
    sorted([Basket(), Basket()
            ])
    warm(300)
    exec(compile(FAR_APART, "<far apart>", "exec"), {"spot": spot})
    for i in range(3):
        # Each takes the place in memory of the one before.
        exec(compile("\n" * i + MADE, "<made %d>" % i, "exec"), {"spot": spot})


main()
say(ended=True)
