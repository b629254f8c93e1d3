# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of our Yappi share: programs to run under it, and rows made by hand."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from pyrometer.compat import yappi as ours

theirs: Any = pytest.importorskip("yappi")
their_core: Any = pytest.importorskip("_yappi")

BOTH = pytest.mark.parametrize("module", [theirs, ours], ids=["theirs", "ours"])


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    """Leave both as they were."""
    yield
    for module in (theirs, ours):
        module.stop()
        module.clear_stats()
        module.set_clock_type("cpu")
        module.set_context_backend("native_thread")
        module.set_context_id_callback(None)
        module.set_context_name_callback(None)
        module.set_tag_callback(None)


def collect(module: Any, function: Callable[[], object], **options: Any) -> Any:
    module.clear_stats()
    module.start(**options)
    try:
        function()
    finally:
        module.stop()
    return module.get_func_stats()


def counts(stats: Any) -> dict[str, Any]:
    """Return calls, primitive calls and both by callee, of what is called in these programs."""

    def wanted(stat: Any) -> bool:
        return stat.module == __file__ or (stat.builtin and stat.name not in ("stop", "start"))

    return {
        stat.full_name: (
            *(stat.name, stat.lineno, stat.builtin, stat.ncall, stat.nactualcall),
            {it.full_name: (it.ncall, it.nactualcall) for it in stat.children if wanted(it)},
        )
        for stat in stats
        if wanted(stat)
    }


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class Basket:
    def __init__(self) -> None:
        self.content: list[int] = []

    def add(self, number: int) -> Basket:
        self.content.append(number)
        return self

    @staticmethod
    def static() -> None:
        pass

    @classmethod
    def of_class(cls) -> None:
        pass

    def __len__(self) -> int:
        return len(self.content)

    def nested(self) -> int:
        def inner() -> int:
            return sum(self.content)

        return inner()


def mutual(n: int) -> None:
    if n:
        other(n - 1)


def other(n: int) -> None:
    mutual(n)


def raising(n: int) -> None:
    if n == 0:
        raise KeyError
    raising(n - 1)


def program() -> None:
    fib(9)
    basket = Basket().add(1).add(2)
    len(basket)
    basket.nested()
    Basket.static()
    Basket.of_class()
    mutual(4)
    mutual(1)
    try:
        raising(3)
    except KeyError:
        pass
    sorted([3, 1, 2], key=lambda it: -it)
    time.sleep(0)
    {}.get(1)
    dict.fromkeys([1])
    "a".join(["b", "c"])


# Rows made by hand


def function_rows(module: Any) -> Any:
    """Return statistics made by hand, the same for both."""
    stats = module.YFuncStats()
    for number in range(6):
        name, builtin = f"{'abCdeF'[number]}{number}", number % 2
        file = "time" if builtin else f"/a/rather/long/path/to/module_{number}.py"
        full = f"{file}.{name}" if builtin else f"{file}:{number} {name}"
        total, own = (number * 7 % 6 + 1) * 1234.5, number * 3 % 5 / 7
        calls = (number * 5 % 6) + 1
        values = [name, file, number, calls, max(calls - number, 0), builtin, total, own, number]
        values += [module.YChildFuncStats(), 0, "T", 0, None, total / calls, full]
        stat = module.YFuncStat(values)
        for index in range(number):
            child = [index, 2, 1, total / 2, own / 2, total / 4, 0, f"f{index}", "f.py", 3, "f"]
            stat.children.append(module.YChildFuncStat(child))
        stats.append(stat)
    stats._clock_type = "wall"
    return stats


def context_rows(module: Any, kind: str) -> Any:
    stats = getattr(module, f"Y{kind}Stats")()
    for number in range(5):
        values = ["abCdE"[number] * number * 5, number, 10**14 + number, number * 3 % 5, 9 - number]
        stats.append(getattr(module, f"Y{kind}Stat")(values))
    return stats


def printed(stats: Any, *args: Any, **kwargs: Any) -> str:
    out = io.StringIO()
    stats.print_all(out, *args, **kwargs)
    return out.getvalue()
