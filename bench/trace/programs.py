# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The programs that tracers are timed on: nine small ones that stress one thing, three larger.

Each takes 2 to 15 ms unprofiled, needs the standard library only, and runs on CPython 3.9 to 3.15.
"""

import _pydecimal
import ast
import asyncio
import copy
import difflib
import html.parser
import io
import json.decoder
import json.encoder
import json.scanner
import os
import pickle
import textwrap
import threading
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Callable


def fibonacci(n: int) -> int:
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def run_fib() -> int:
    return fibonacci(24)


def first(a: int, b: int) -> int:
    return a


def run_tiny() -> None:
    call = first
    for i in range(150_000):
        call(i, 1)


class Parcel:
    __slots__ = ("hops", "target", "weight")

    def __init__(self, target: int, weight: int, hops: int) -> None:
        self.target = target
        self.weight = weight
        self.hops = hops


class Depot:
    def __init__(self, network: "Network", number: int) -> None:
        self.network = network
        self.number = number
        self.queue: list[Parcel] = []
        self.handled = 0

    @property
    def load(self) -> int:
        return len(self.queue)

    def accept(self, parcel: Parcel) -> None:
        self.queue.append(parcel)

    def work(self) -> int:
        if not self.queue:
            return self.rest()
        return self.send(self.queue.pop())

    def rest(self) -> int:
        return 0

    def send(self, parcel: Parcel) -> int:
        self.book(parcel.weight)
        target = self.choose(parcel)
        return self.network.deliver(Parcel(target, parcel.weight + 1, parcel.hops + 1))

    def book(self, weight: int) -> None:
        self.handled = (self.handled + weight) & 0xFFFF

    def choose(self, parcel: Parcel) -> int:
        return (self.number * 5 + parcel.weight * 11 + parcel.hops) % self.network.size


class NightDepot(Depot):
    def rest(self) -> int:
        return super().rest()


class Network:
    def __init__(self, size: int) -> None:
        self.size = size
        self.depots = [(NightDepot if i % 3 else Depot)(self, i) for i in range(size)]

    def deliver(self, parcel: Parcel) -> int:
        self.depots[parcel.target].accept(parcel)
        return 1

    def fullest(self) -> int:
        return max(depot.load for depot in self.depots)

    def run(self, days: int) -> int:
        moved = 0
        for _ in range(days):
            for depot in self.depots:
                moved += depot.work()
        return moved


def simulate(size: int, parcels: int, days: int) -> int:
    network = Network(size)
    for i in range(parcels):
        network.deliver(Parcel(i % size, i, 0))
    network.run(days)
    return network.fullest()


def run_oo() -> int:
    return simulate(50, 60, 320)


def numbers(n: int) -> Iterator[int]:
    yield from range(n)


def doubled(source: Iterable[int]) -> Iterator[int]:
    for x in source:
        yield 2 * x


def every_third(source: Iterable[int]) -> Iterator[int]:
    for i, x in enumerate(source):
        if i % 3 == 0:
            yield x


def joined(*sources: Iterable[int]) -> Iterator[int]:
    for source in sources:
        yield from source


def run_gen() -> int:
    return sum(every_third(doubled(joined(numbers(22_000), numbers(22_000)))))


def run_builtin() -> int:
    table = {i: str(i) for i in range(64)}
    total = 0
    for _ in range(700):
        seen: list[str] = []
        for i in range(64):
            seen.append(table.get(i, ""))
            total += len(seen)
            isinstance(i, int)
    return total


DOCUMENT = {
    "orders": [
        {
            "id": i,
            "customer": f"customer {i}\n",
            "lines": [{"sku": f"{i:04x}", "price": i * 1.25, "tags": ["new", "é", None]}],
            "paid": i % 3 == 0,
        }
        for i in range(130)
    ]
}


class PurePythonEncoder(json.encoder.JSONEncoder):
    def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
        encode = json.encoder._make_iterencode(  # type: ignore[attr-defined]
            {},
            self.default,
            json.encoder.py_encode_basestring_ascii,  # type: ignore[attr-defined]
            None,
            float.__repr__,
            ": ",
            ", ",
            False,
            False,
            _one_shot,
        )
        result: Iterator[str] = encode(o, 0)
        return result


class PurePythonDecoder(json.decoder.JSONDecoder):
    def __init__(self) -> None:
        super().__init__()
        self.parse_string = json.decoder.py_scanstring  # type: ignore[attr-defined]
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def run_json() -> Any:
    return PurePythonDecoder().decode("".join(PurePythonEncoder().iterencode(DOCUMENT)))


SOURCE = (Path(os.__file__).parent / "textwrap.py").read_text(encoding="utf-8")


class NameCounter(ast.NodeVisitor):
    def __init__(self) -> None:
        self.names = 0

    def visit_Name(self, node: ast.Name) -> None:
        self.names += 1

    def visit_Call(self, node: ast.Call) -> None:
        self.names += 1
        self.generic_visit(node)


def run_ast() -> int:
    counter = NameCounter()
    counter.visit(ast.parse(SOURCE))
    return counter.names + sum(1 for _ in tokenize.generate_tokens(io.StringIO(SOURCE).readline))


def run_threads() -> None:
    def body() -> None:
        simulate(20, 25, 260)
        fibonacci(14)

    threads = [threading.Thread(target=body) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def pause(i: int) -> int:
    await asyncio.sleep(0)
    return i


async def two_pauses(i: int) -> int:
    return await pause(i) + await pause(i + 1)


async def produce_and_consume(n: int) -> int:
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def produce() -> None:
        for i in range(n):
            await queue.put(i)

    async def consume() -> None:
        for _ in range(n):
            await queue.get()

    results = await asyncio.gather(produce(), consume(), *[two_pauses(i) for i in range(n)])
    return len(results)


def run_asyncio() -> int:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(produce_and_consume(600))
    finally:
        loop.close()


def run_decimal() -> str:
    """Compute pi in the decimal module's pure-Python half: methods, properties, recursion."""
    with _pydecimal.localcontext() as context:
        context.prec = 60
        pi = _pydecimal.Decimal(0)
        power = _pydecimal.Decimal(1)
        for k in range(45):
            eight = 8 * k
            term = (
                _pydecimal.Decimal(4) / (eight + 1)
                - _pydecimal.Decimal(2) / (eight + 4)
                - _pydecimal.Decimal(1) / (eight + 5)
                - _pydecimal.Decimal(1) / (eight + 6)
            )
            pi += power * term
            power /= 16
        return str(+pi)


def run_pickle() -> int:
    """Copy a document and send it through the pure-Python pickle: recursion, dispatch tables."""
    total = 0
    for _ in range(3):
        document = copy.deepcopy(DOCUMENT)
        stream = io.BytesIO()
        pickle._Pickler(stream, 4).dump(document)  # type: ignore[attr-defined]
        stream.seek(0)
        total += len(pickle._Unpickler(stream).load()["orders"])  # type: ignore[attr-defined]
    return total


class TextOf(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def run_documents() -> int:
    """Pages parsed, their text wrapped and compared: a mixture of Python, regex and builtins."""
    page = "".join(
        f"<p class='c{i % 7}'>Paragraph {i} says <b>{i * i}</b> &amp; some more words.</p>\n"
        for i in range(220)
    )
    before = TextOf()
    before.feed(page)
    after = TextOf()
    after.feed(page.replace("some", "a few"))
    lines = [textwrap.wrap("".join(parser.parts), 60) for parser in (before, after)]
    return sum(1 for _ in difflib.unified_diff(lines[0][:120], lines[1][:120]))


PROGRAMS: dict[str, Callable[[], object]] = {
    "fib": run_fib,
    "tiny": run_tiny,
    "oo": run_oo,
    "gen": run_gen,
    "builtin": run_builtin,
    "json": run_json,
    "ast": run_ast,
    "threads": run_threads,
    "asyncio": run_asyncio,
    "decimal": run_decimal,
    "pickle": run_pickle,
    "documents": run_documents,
}
