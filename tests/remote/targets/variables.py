# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Waits in functions whose local variables it has said, in the words of repr()."""

import asyncio
import collections
import datetime
import enum
import sys

from spot import say, stand_still


class Color(enum.Enum):
    RED = 1


class Number(enum.IntEnum):
    TWO = 2


class Slots:
    __slots__ = ("a", "unset", "b")

    def __init__(self):
        self.a = 1
        self.b = "x"


class Basket:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def add(self):
        pass


class Plain:
    def __init__(self):
        self.items = [1, 2]
        self.owner = "Ann"


class MyList(list):
    pass


class MyInt(int):
    pass


class MyDict(dict):
    pass


class float_like:  # noqa: N801
    """Called nearly like a type of the interpreter's own."""


class Liar:
    """Calls itself a float, which it is not."""


Liar.__name__ = "float"

Point = collections.namedtuple("Point", "x y")


async def coroutine():
    await asyncio.sleep(1)


def numbers():
    zero, small, negative = 0, 7, -12345
    yes, no, none, dots = True, False, None, ...
    two_digits, three_digits = 2**31, -(2**65)
    big, big_negative = 10**100 + 7, -(10**60)
    f1, f2, f3, f4, f5 = 1.5, 1e100, 0.1, 1e16, 123456789.123
    f6, f7, f8, f9 = float("nan"), 1e-5, 100.0, float("-inf")
    f10, f11, f12, f13 = 0.0001, -0.0, 1234567890123456.0, 12345678901234567.0
    f14, f15, f16, f17 = 1 / 3, 5e-324, 1.7976931348623157e308, 1e22
    c1, c2, c3, c4 = 1 + 2j, -1j, complex(-0.0, 1), 1.5 - 0.25j
    say(expected={k: repr(v) for k, v in locals().items()})
    stand_still()


def texts():
    empty, one, quotes, both = "", "x", "it's", "'\""
    latin, wide, wider = "caf\u00e9", "\u20ac\u4e16", "\U0001f600!"
    lines, control, backslash = "a\nb\r\t", "\x00\x1b\x7f\x85", "a\\b"
    lonely = "\udc80 \ud800"
    b1, b2, b3 = b"", b"by\x00\xff", b"\n\\"
    ba = bytearray(b"abc")
    gone = bytearray(b"xxabc")
    del gone[:2]
    say(expected={k: repr(v) for k, v in locals().items()})
    stand_still()


def containers():
    t0, t1, t3 = (), (1,), (1, "a", None)
    l0, l3, nested = [], [1, 2.0, "x"], [[1], [2]]
    cyclic = []
    cyclic.append(cyclic)
    d0, d2 = {}, {"a": 1, "b": [2]}
    general = {1: "x", (2,): None}
    deleted = {"a": 1, "b": 2, "c": 3}
    del deleted["b"]
    s0, s1, s2 = set(), {1}, {10, 2, 3}
    s2.discard(10)
    f0, f1 = frozenset(), frozenset(["x"])
    q0, q3 = collections.deque(), collections.deque([1, 2, 3])
    rotated = collections.deque(range(100))
    for _ in range(97):
        rotated.popleft()
    r1, r2, r3 = range(3), range(1, 10), range(10, 1, -2)
    sl = slice(1, None)
    point, color, number = Point(1, "y"), Color.RED, Number.TWO
    day, moment = datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4)
    precise = datetime.datetime(2024, 12, 31, 23, 59, 58, 123456, tzinfo=datetime.timezone.utc)
    clock, clock0 = datetime.time(1, 2, 3), datetime.time(1, 0)
    span, nothing = datetime.timedelta(days=-1, microseconds=5), datetime.timedelta(0)
    zone = datetime.timezone(datetime.timedelta(hours=2))
    say(expected={k: repr(v) for k, v in locals().items() if k != "_"})
    stand_still()


def things():
    function, kind, kind2, kind3 = things, Basket, int, collections.deque
    builtin, builtin_method = len, [].append
    generator = (i for i in ())
    awaitable = coroutine()
    error, error2 = ValueError("bad", 1), OSError()
    say(expected={k: repr(v) for k, v in locals().items()})
    stand_still()
    awaitable.close()


def bounded():
    """Some are too long to be shown whole, others have no repr() that tells of them."""
    plain, slots = Plain(), Slots()
    late = Basket(one=1, two="2")
    my_list, my_int, my_dict = MyList([1]), MyInt(5), MyDict(a=1)
    counter = collections.Counter("aab")
    ordered = collections.OrderedDict([("z", 1)])
    long_text, long_bytes, long_list = "x" * 5000, b"y" * 5000, list(range(1000))
    deep = [[[[[[[[1]]]]]]]]
    huge = 1 << 100000
    module = sys
    method = plain.__init__
    many = {i: str(i) for i in range(1000)}
    nothing, liar = float_like(), Liar()
    stand_still()


def arguments(first, second=2, *rest, only="o", **others):
    captured = "in a cell"

    def inner():
        return captured, first

    if first is None:
        unset = 1
    stand_still()
    return inner


if __name__ == "__main__":
    if sys.argv[1] == "arguments":
        arguments("f", 22, "r1", "r2", only="p", z=26)
    else:
        globals()[sys.argv[1]]()
