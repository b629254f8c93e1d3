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
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, ClassVar, TextIO

    from typing_extensions import Self

    from pyrometer.compat._yappi_rows import Columns


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

    @_yappi.uncounted
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

    @_yappi.uncounted
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
        self._index(item, self._as_dict[item])

    def _index(self, item: Any, kept: Any) -> None:
        for key in (item.index, item.full_name):
            self._additional_indexing.setdefault(key, kept)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, str)):
            return self._additional_indexing.get(key)
        if isinstance(key, YFuncStat):
            return self._additional_indexing.get(key.index)
        return super().__getitem__(key)

    @_yappi.uncounted
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
            self._index(stat, self._as_dict.setdefault(stat, stat))


class YChildFuncStats(YStatsIndexable):
    """What a function called: rows are `YChildFuncStat`."""

    __module__ = PUBLIC_MODULE
    _SORT_TYPES = SORT_TYPES_CHILDFUNCSTATS

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[YChildFuncStat]: ...


class _ContextStats(YStats):
    """What the lists of threads and of greenlets have in common."""

    __module__ = PUBLIC_MODULE
    _BACKEND: ClassVar[str] = ""
    _STAT: ClassVar[type[YContextStat]] = YContextStat

    @_yappi.uncounted
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
