# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The files of `pyrometer.compat.yappi`: ystat, read and written, pstat and callgrind, written."""

from __future__ import annotations

import os
import pickle
import sys
from typing import TYPE_CHECKING

from pyrometer.compat._yappi import YappiError, uncounted
from pyrometer.compat._yappi_rows import PUBLIC_MODULE, YChildFuncStat, YFuncStat, YStat
from pyrometer.compat._yappi_stats import YChildFuncStats, YStatsIndexable

if TYPE_CHECKING:
    import pstats
    from collections.abc import Callable, Iterator
    from typing import Any, ClassVar, TypeVar

    from pyrometer.compat._yappi_funcs import YFuncStats

    Row = TypeVar("Row", bound=YStat)
    Label = tuple[str, int, str]

YPICKLE_PROTOCOL = 2
_TICKS_PER_SECOND = 1_000_000  # callgrind has whole numbers

# Types of the columns in a file; all others are not used.
_TYPES: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "module": (str,),
    "full_name": (str,),
    "lineno": (int,),
    "ncall": (int,),
    "nactualcall": (int,),
    "index": (int,),
    "ctx_id": (int,),
    "tag": (int, str),
    "builtin": (int,),
    "ttot": (float, int),
    "tsub": (float, int),
    "tavg": (float, int),
    "ctx_name": (str, type(None)),
}


# ystat: the pickled statistics and the clock's name


class _SavedRow(dict):  # type: ignore[type-arg]
    """A row as it comes out of a file, with anything in it."""

    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


class _SavedChild(_SavedRow):
    pass


class _SavedList:
    _as_list: object = None


class _SavedChildren(_SavedList):
    pass


class _Unpickler(pickle.Unpickler):
    """Reads our files and Yappi's, and makes nothing but the above: a file is only data."""

    _CLASSES: ClassVar[dict[str, type]] = {
        "YFuncStats": _SavedList,
        "YFuncStat": _SavedRow,
        "YChildFuncStats": _SavedChildren,
        "YChildFuncStat": _SavedChild,
    }

    def find_class(self, module: str, name: str) -> Any:
        """See `pickle.Unpickler`."""
        if module not in ("yappi", PUBLIC_MODULE) or name not in self._CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of saved statistics")
        return self._CLASSES[name]


def load_ystat(path: str) -> tuple[list[YFuncStat], str]:
    """Return the rows of a file, and its clock; raises YappiError for a damaged one."""
    with open(path, "rb") as file:
        try:
            stats, clock_type = _Unpickler(file).load()
            if clock_type is not None and clock_type not in ("wall", "cpu"):
                raise ValueError(f"{clock_type!r} is no clock")
            rows = []
            saved: Any
            for saved in _saved_rows(stats, _SavedList, _SavedRow):
                row = _checked(saved, YFuncStat)
                row.children = YChildFuncStats()
                for child in _saved_rows(saved.children, _SavedChildren, _SavedChild):
                    row.children.append(_checked(child, YChildFuncStat))
                rows.append(row)
        except Exception as cause:  # a pickle can raise anything
            raise YappiError(f"{path} has no statistics that can be read: {cause}") from cause
    return rows, clock_type


def _saved_rows(stats: Any, kind: type, row_kind: type) -> list[Any]:
    rows = getattr(stats, "_as_list", None) if type(stats) is kind else None
    if not isinstance(rows, list) or any(type(it) is not row_kind for it in rows):
        raise ValueError("a list of rows is missing")
    return rows


def _checked(saved: Any, kind: type[Row]) -> Row:
    """Return what was saved as a row, with every column of its type."""
    values: list[Any] = [None] * (max(kind._KEYS.values()) + 1)
    for name, place in kind._KEYS.items():
        if name in _TYPES:
            value = vars(saved)[name]
            if not isinstance(value, _TYPES[name]):
                raise ValueError(f"a row has {value!r} as its {name}")
            values[place] = value
    if values[kind._KEYS["ncall"]] < 1:
        raise ValueError("a row has no calls")
    return kind(values)


def save_ystat(stats: YFuncStats, path: str) -> None:
    """Write what `load_ystat` and Yappi's readers of pickles read."""
    with open(path, "wb") as file:
        pickle.dump((stats, stats._clock_type), file, YPICKLE_PROTOCOL)


# pstat: Python's own


class _Holder:
    """What `pstats.Stats` takes."""

    def __init__(self, stats: dict[Label, Any]) -> None:
        self.stats = stats

    def create_stats(self) -> None:
        """Do nothing: the statistics are there."""


@uncounted
def convert2pstats(stats: YFuncStats) -> pstats.Stats:
    """Return the statistics as Python's own.

    Parameters
    ----------
    stats : YFuncStats
        Their functions' `module` is the file name there.

    Raises
    ------
    YappiError
        `stats` are no statistics of functions.
    """
    import pstats

    if not isinstance(stats, YStatsIndexable) or isinstance(stats, YChildFuncStats):
        raise YappiError(f"statistics of functions are converted, not {type(stats).__name__}")
    callers: dict[str, dict[Label, tuple[int, int, float, float]]] = {}
    for caller in stats:
        for it in caller.children:
            # Of a caller all calls come first, of a function the primitive ones.
            figures = (it.ncall, it.nactualcall, it.tsub, it.ttot)
            callers.setdefault(it.full_name, {})[_label(caller)] = figures
    table = {
        _label(it): (it.nactualcall, it.ncall, it.tsub, it.ttot, callers.get(it.full_name, {}))
        for it in stats
    }
    if not table:
        return pstats.Stats()  # which refuses an empty table
    return pstats.Stats(_Holder(table))  # type: ignore[arg-type]


def _label(stat: YFuncStat) -> Label:
    return stat.module, stat.lineno, stat.name


def save_pstat(stats: YFuncStats, path: str) -> None:
    """Write what `pstats.Stats` reads."""
    convert2pstats(stats).dump_stats(path)


# callgrind


class _Names:
    """Writes a name with its number where it is used first, and then the number alone."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        number = self._numbers.get(name)
        if number is not None:
            return f"({number})"
        number = self._numbers[name] = len(self._numbers) + 1
        return f"({number}) {_one_line(name)}"


def _one_line(text: str) -> str:
    return "".join(it if it.isprintable() else "?" for it in text) or "?"


def _ticks(seconds: float) -> int:
    return round(seconds * _TICKS_PER_SECOND)


def _callgrind_lines(stats: YFuncStats) -> Iterator[str]:
    yield "# callgrind format"
    yield "version: 1"
    yield f"creator: {PUBLIC_MODULE}"
    yield f"pid: {os.getpid()}"
    yield f"cmd:  {_one_line(' '.join(sys.argv))}"
    yield "part: 1"
    yield ""
    yield "events: Ticks"
    files, functions = _Names(), _Names()

    def lines(prefix: str, stat: YFuncStat) -> Iterator[str]:
        yield f"{prefix}fl={files(stat.module)}"
        yield f"{prefix}fn={functions(f'{stat.name} {stat.module}:{stat.lineno}')}"

    # First every name, as speedscope and others look for them in fl= and fn= lines alone.
    for stat in stats:
        for it in (stat, *stat.children):
            yield from lines("", it)
    for stat in stats:
        yield ""
        yield from lines("", stat)
        yield f"{stat.lineno} {_ticks(stat.tsub)}"
        for child in stat.children:
            yield from lines("c", child)
            yield f"calls={child.ncall} {child.lineno}"
            yield f"{stat.lineno} {_ticks(child.ttot)}"
    yield ""
    yield f"totals: {sum(_ticks(stat.tsub) for stat in stats)}"


def save_callgrind(stats: YFuncStats, path: str) -> None:
    """Write what kcachegrind, callgrind_annotate and speedscope read; a tick is a microsecond."""
    with open(path, "w", encoding="utf-8", errors="replace") as file:
        for line in _callgrind_lines(stats):
            file.write(line + "\n")


WRITERS: dict[str, Callable[[YFuncStats, str], None]] = {
    "ystat": save_ystat,
    "pstat": save_pstat,
    "callgrind": save_callgrind,
}
