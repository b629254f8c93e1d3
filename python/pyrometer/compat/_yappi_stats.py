# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The lists of `pyrometer.compat.yappi`'s statistics: filled, sorted, merged, printed, saved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pyrometer.compat import _yappi
from pyrometer.compat._yappi import YappiError
from pyrometer.compat._yappi_rows import (
    COLUMN_GAP,
    LINESEP,
    PUBLIC_MODULE,
    YChildFuncStat,
    YContextStat,
    YFuncStat,
    YGreenletStat,
    YStat,
    YThreadStat,
    full_name_of,
    time_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, ClassVar, Optional, TextIO, Union

    from typing_extensions import Self

    from pyrometer.compat._yappi_rows import Columns

    Files = Union[str, Iterable[str]]
    Filter = Optional[dict[str, Any]]
    FilterCallback = Optional[Callable[[YFuncStat], object]]

COLUMNS_FUNCSTATS = ["name", "ncall", "ttot", "tsub", "tavg"]
_FUNC_COLUMNS: Columns = {
    0: ("name", 36),
    1: ("ncall", 5),
    2: ("tsub", 8),
    3: ("ttot", 8),
    4: ("tavg", 8),
}
# Sort types to column numbers.
SORT_TYPES_FUNCSTATS = {
    "name": 0,
    "callcount": 3,
    "totaltime": 6,
    "subtime": 7,
    "avgtime": 14,
    "ncall": 3,
    "ttot": 6,
    "tsub": 7,
    "tavg": 14,
}
SORT_TYPES_CHILDFUNCSTATS = {
    "name": 10,
    "callcount": 1,
    "totaltime": 3,
    "subtime": 4,
    "avgtime": 5,
    "ncall": 1,
    "ttot": 3,
    "tsub": 4,
    "tavg": 5,
}
SORT_ORDERS = {"ascending": 0, "asc": 0, "descending": 1, "desc": 1}
DEFAULT_SORT_TYPE = "totaltime"
DEFAULT_SORT_ORDER = "desc"


def _chosen(what: str, value: str, allowed: Iterable[str]) -> str:
    """Return `value` in lower case, which must be one of `allowed`."""
    if value.lower() not in allowed:
        raise YappiError(f"{what} is one of {', '.join(allowed)}, not {value!r}")
    return value.lower()


class YStats:
    """Rows in an order; equal ones are added up.

    `stats[n]` and slices go by place; a place that is not there gives None.
    """

    __module__ = PUBLIC_MODULE
    _SORT_TYPES: ClassVar[dict[str, int]] = {}
    _COLUMNS: ClassVar[list[str]] = []
    _DEFAULT_COLUMNS: ClassVar[Columns] = {}

    def __init__(self) -> None:
        self._clock_type: str | None = None
        self._as_dict: dict[Any, Any] = {}
        self._as_list: list[Any] = []

    def get(self) -> Self:
        """Return itself, in the usual order."""
        self._clock_type = _yappi.get_clock_type()
        return self.sort(DEFAULT_SORT_TYPE, DEFAULT_SORT_ORDER)

    def sort(self, sort_type: str, sort_order: str = DEFAULT_SORT_ORDER) -> Self:
        """Sort, text without regard to case; raises YappiError for an unknown column or order."""
        place = self._SORT_TYPES[_chosen("the sort type", sort_type, self._SORT_TYPES)]
        descending = SORT_ORDERS[_chosen("the sort order", sort_order, SORT_ORDERS)]

        def key(stat: YStat) -> Any:
            value = stat[place]
            return value.lower() if isinstance(value, str) else value

        self._as_list.sort(key=key, reverse=bool(descending))
        return self

    def clear(self) -> None:
        """Drop all rows."""
        self._as_list.clear()
        self._as_dict.clear()

    def empty(self) -> bool:
        """Tell whether there is no row."""
        return not self._as_list

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._as_list[key]
        except IndexError:
            return None

    def count(self, item: object) -> int:
        """Return how many rows are equal to `item`."""
        return self._as_list.count(item)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._as_list)

    def __contains__(self, item: object) -> bool:
        return item in self._as_dict

    def __len__(self) -> int:
        return len(self._as_list)

    def pop(self) -> Any:
        """Take the last row away and return it."""
        item = self._as_list.pop()
        self._as_dict.pop(item, None)
        return item

    def append(self, item: Any) -> None:
        """Add a row, to the one that is equal if there is one."""
        existing = self._as_dict.setdefault(item, item)
        if existing is item:
            self._as_list.append(item)
        else:
            existing += item

    def strip_dirs(self) -> Any:
        """Leave only the last part of files' names."""

    def print_all(
        self,
        out: TextIO | None = None,
        columns: Columns | None = None,
        limit: int | None = None,
    ) -> None:
        """Print a table; nothing when there is no row.

        Parameters
        ----------
        out : text file, optional
            Default: standard output.
        columns : dict of int to (str, int), optional
            Titles and widths, in the order of the keys.
        limit : int, optional
            So many rows at most.

        Raises
        ------
        YappiError
            There is no such column, or its title is wider than it.
        """
        out = sys.stdout if out is None else out
        columns = self._DEFAULT_COLUMNS if columns is None else columns
        if self.empty() or not columns:
            return
        for place in sorted(columns):
            title, size = columns[place]
            _chosen("a column", title, self._COLUMNS)
            if len(title) > size:
                raise YappiError(f"the title {title!r} is wider than its column of {size}")
        titles = (columns[place] for place in sorted(columns))
        gap = " " * COLUMN_GAP
        out.write(self._heading())
        out.write("".join(title.ljust(size) + gap for title, size in titles) + LINESEP)
        for stat in self._as_list[:limit]:
            stat._print(out, columns)

    def _heading(self) -> str:
        return LINESEP

    def _debug_check_sanity(self) -> bool:
        """Tell whether no two rows are equal."""
        return len(set(self._as_list)) == len(self._as_list)


class YStatsIndexable(YStats):
    """Rows of functions: `stats[key]` goes by index, full name, or a row of the function."""

    __module__ = PUBLIC_MODULE
    _COLUMNS = COLUMNS_FUNCSTATS
    _DEFAULT_COLUMNS = _FUNC_COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self._additional_indexing: dict[int | str, Any] = {}

    def clear(self) -> None:
        """Drop all rows."""
        super().clear()
        self._additional_indexing.clear()

    def pop(self) -> Any:
        """Take the last row away and return it."""
        item = super().pop()
        for key in (item.index, item.full_name):
            self._additional_indexing.pop(key, None)
        return item

    def append(self, item: Any) -> None:
        """Add a row, to the one of the same function if there is one."""
        super().append(item)
        kept = self._as_dict[item]
        self._additional_indexing.setdefault(item.index, kept)
        self._additional_indexing.setdefault(item.full_name, kept)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, str)):
            return self._additional_indexing.get(key)
        if isinstance(key, YFuncStat):
            return self._additional_indexing.get(key.index)
        return super().__getitem__(key)

    def strip_dirs(self) -> Self:
        """Leave only the last part of files' names."""
        for stat in self:
            stat.strip_dirs()
        self._find_anew()
        return self

    def _find_anew(self) -> None:
        """Find rows by their new names and indexes, which had others."""
        self._as_dict = {}
        self._additional_indexing = {}
        for stat in self:
            self._as_dict.setdefault(stat, stat)
            self._additional_indexing.setdefault(stat.index, stat)
            self._additional_indexing.setdefault(stat.full_name, stat)


class YChildFuncStats(YStatsIndexable):
    """What a function called: rows are `YChildFuncStat`."""

    __module__ = PUBLIC_MODULE
    _SORT_TYPES = SORT_TYPES_CHILDFUNCSTATS

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[YChildFuncStat]: ...


class YFuncStats(YStatsIndexable):
    """The statistics of functions: rows are `YFuncStat`.

    Parameters
    ----------
    files : str or iterable of str, optional
        Saved statistics to begin with; see `add`.
    """

    __module__ = PUBLIC_MODULE
    _SORT_TYPES = SORT_TYPES_FUNCSTATS
    _idx_max = 0
    _sort_type: str | None = None
    _sort_order: str | None = None

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[YFuncStat]: ...

    def __init__(self, files: Files = ()) -> None:
        super().__init__()
        self._filter_callback: FilterCallback = None
        self.add(files)

    def sort(self, sort_type: str, sort_order: str = DEFAULT_SORT_ORDER) -> Self:
        """Sort, text without regard to case.

        Parameters
        ----------
        sort_type : str
            name, ncall or callcount, ttot or totaltime, tsub or subtime, tavg or avgtime.
        sort_order : str, optional
            asc or ascending, desc or descending.

        Raises
        ------
        YappiError
            There is no such type or order.
        """
        super().sort(sort_type, sort_order)
        self._sort_type, self._sort_order = sort_type.lower(), sort_order.lower()
        return self

    def get(self, filter: Filter = None, filter_callback: FilterCallback = None) -> Self:
        """Fill itself with the session's statistics; see `yappi.get_func_stats`."""
        self.clear()
        calls: list[tuple[YFuncStat, list[tuple[Any, ...]]]] = []
        for entry, function in _yappi.func_entries(filter or {}):
            stat = _new_row(entry, function)
            if filter_callback is None or filter_callback(stat):
                # Its children are in `calls` until each callee's row is there.
                calls.append((stat, entry[_CHILDREN]))
                self.append(stat)
        self._idx_max = max((stat.index for stat in self), default=0)
        for stat, callees in calls:
            children = self[stat.full_name].children
            for callee in callees:
                row = self[callee[0]]
                if row is not None:
                    children.append(_new_child(callee, row))
        return super().get()

    def strip_dirs(self) -> Self:
        """Leave only the last part of files' names."""
        for stat in self:
            stat.children.strip_dirs()
        return super().strip_dirs()

    def add(self, files: Files, type: str = "ystat") -> Self:
        """Add what was saved before, here or by Yappi.

        Parameters
        ----------
        files : str or iterable of str
            Paths.
        type : {"ystat"}, optional
            Their format.

        Raises
        ------
        YappiError
            A file is damaged, or its times are of the other clock.
        NotImplementedError
            The format can't be read.
        OSError
            A file can't be opened.
        """
        from pyrometer.compat import _yappi_files

        if type.lower() != "ystat":
            raise NotImplementedError(f"statistics are read from ystat files, not from {type!r}")
        for path in [files] if isinstance(files, str) else files:
            rows, clock_type = _yappi_files.load_ystat(path)
            self._merge(rows, clock_type, path)
        return self.sort(DEFAULT_SORT_TYPE, DEFAULT_SORT_ORDER)

    def _merge(self, rows: list[YFuncStat], clock_type: str, path: str) -> None:
        if not self.empty() and self._clock_type not in (None, clock_type):
            raise YappiError(
                f"{path} has times of the {clock_type} clock: they can't be added to times of the "
                f"{self._clock_type} clock"
            )
        self._clock_type = clock_type
        indexes = {row.full_name: row.index for row in self}
        for row in rows:
            if row.full_name not in indexes:
                self._idx_max += 1
                indexes[row.full_name] = self._idx_max
            row.index = indexes[row.full_name]
        for row in rows:
            for child in row.children:
                child.index = indexes.get(child.full_name, -1)
            row.children._find_anew()
            self.append(row)

    def save(self, path: str, type: str = "ystat") -> None:
        """Write a file.

        Parameters
        ----------
        path : str
            An existing file is replaced.
        type : {"ystat", "pstat", "callgrind"}, optional
            The format: what `add` reads, what `pstats` reads, or what kcachegrind reads.

        Raises
        ------
        NotImplementedError
            There is no such format.
        OSError
            The file can't be written.
        """
        from pyrometer.compat import _yappi_files

        writer = _yappi_files.WRITERS.get(type.lower())
        if writer is None:
            raise NotImplementedError(
                f"statistics are saved as {', '.join(_yappi_files.WRITERS)}, not as {type!r}"
            )
        writer(self, path)

    def _heading(self) -> str:
        lines = [
            "",
            f"Clock type: {(self._clock_type or 'none').upper()}",
            f"Ordered by: {self._sort_type}, {self._sort_order}",
            "",
            "",
        ]
        return LINESEP.join(lines)

    def debug_print(self) -> None:
        """Print every figure of every row, and of what it called."""
        for stat in self:
            print(*_details(stat, "full_name", ""), "children: ", sep=LINESEP)
            for child in stat.children:
                print("", *_details(child, "child_full_name", " " * 5), sep=LINESEP)
            print()


_CHILDREN = YFuncStat._KEYS["children"]


def _new_row(entry: tuple[Any, ...], function: _yappi.Function) -> YFuncStat:
    name, module, lineno, calls = entry[:4]
    full_name = full_name_of(function.builtin, module, lineno, name)
    stat = YFuncStat((*entry, entry[6] / calls, full_name))
    stat.builtin = function.builtin
    stat.children = YChildFuncStats()
    stat._functions = (function,)
    return stat


def _new_child(callee: tuple[Any, ...], row: YFuncStat) -> YChildFuncStat:
    _, calls, primitive, total, own = callee
    child = YChildFuncStat(
        (
            *(row.index, calls, primitive, total, own, total / calls),
            *(row.builtin, row.full_name, row.module, row.lineno, row.name),
        )
    )
    child._functions = row._functions
    return child


def _details(stat: YFuncStat, title: str, margin: str) -> list[str]:
    return [
        f"{margin}index: {stat.index}",
        f"{margin}{title}: {stat.full_name}",
        f"{margin}ncall: {stat.ncall}/{stat.nactualcall}",
        f"{margin}ttot: {time_text(stat.ttot)}",
        f"{margin}tsub: {time_text(stat.tsub)}",
    ]


class _ContextStats(YStats):
    """What the lists of threads and of greenlets have in common."""

    __module__ = PUBLIC_MODULE
    _BACKEND: ClassVar[str] = ""
    _STAT: ClassVar[type[YContextStat]] = YContextStat

    def get(self) -> Self:
        """Fill itself with the session's statistics; raises YappiError for the other backend."""
        backend = _yappi.get_context_backend()
        if backend != self._BACKEND:
            raise YappiError(
                f"contexts are told apart by {backend}: there are no statistics by {self._BACKEND}"
            )
        self.clear()
        _yappi.enum_context_stats(lambda entry: self.append(self._STAT(entry)))
        return super().get()


class YThreadStats(_ContextStats):
    """The statistics of threads: rows are `YThreadStat`."""

    __module__ = PUBLIC_MODULE
    _BACKEND = "NATIVE_THREAD"
    _STAT = YThreadStat
    _SORT_TYPES: ClassVar[dict[str, int]] = {
        "name": 0,
        "id": 1,
        "tid": 2,
        "totaltime": 3,
        "schedcount": 4,
        "ttot": 3,
        "scnt": 4,
    }
    _COLUMNS: ClassVar[list[str]] = ["name", "id", "tid", "ttot", "scnt"]
    _DEFAULT_COLUMNS: ClassVar[Columns] = {
        0: ("name", 13),
        1: ("id", 5),
        2: ("tid", 15),
        3: ("ttot", 8),
        4: ("scnt", 10),
    }

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[YThreadStat]: ...


class YGreenletStats(_ContextStats):
    """The statistics of greenlets: rows are `YGreenletStat`."""

    __module__ = PUBLIC_MODULE
    _BACKEND = "GREENLET"
    _STAT = YGreenletStat
    _SORT_TYPES: ClassVar[dict[str, int]] = {
        "name": 0,
        "id": 1,
        "totaltime": 3,
        "schedcount": 4,
        "ttot": 3,
        "scnt": 4,
    }
    _COLUMNS: ClassVar[list[str]] = ["name", "id", "ttot", "scnt"]
    _DEFAULT_COLUMNS: ClassVar[Columns] = {
        0: ("name", 13),
        1: ("id", 5),
        2: ("ttot", 8),
        3: ("scnt", 10),
    }

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[YGreenletStat]: ...
