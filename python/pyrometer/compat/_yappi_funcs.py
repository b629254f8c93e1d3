# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The statistics of functions of `pyrometer.compat.yappi`: filled, merged, saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrometer.compat import _yappi
from pyrometer.compat._yappi import YappiError
from pyrometer.compat._yappi_files import WRITERS, load_ystat
from pyrometer.compat._yappi_rows import (
    LINESEP,
    PUBLIC_MODULE,
    YChildFuncStat,
    YFuncStat,
    full_name_of,
    time_text,
)
from pyrometer.compat._yappi_stats import (
    DEFAULT_SORT_ORDER,
    DEFAULT_SORT_TYPE,
    SORT_TYPES_FUNCSTATS,
    YChildFuncStats,
    YStatsIndexable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Optional, Union

    from typing_extensions import Self

    Files = Union[str, Iterable[str]]
    Filter = Optional[dict[str, Any]]
    FilterCallback = Optional[Callable[[YFuncStat], object]]


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

    @_yappi.uncounted
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

    @_yappi.uncounted
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

    @_yappi.uncounted
    def strip_dirs(self) -> Self:
        """Leave only the last part of files' names."""
        for stat in self:
            stat.children.strip_dirs()
        return super().strip_dirs()

    @_yappi.uncounted
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
        if type.lower() != "ystat":
            raise NotImplementedError(f"statistics are read from ystat files, not from {type!r}")
        for path in [files] if isinstance(files, str) else files:
            rows, clock_type = load_ystat(path)
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

    @_yappi.uncounted
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
        writer = WRITERS.get(type.lower())
        if writer is None:
            raise NotImplementedError(
                f"statistics are saved as {', '.join(WRITERS)}, not as {type!r}"
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

    @_yappi.uncounted
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
