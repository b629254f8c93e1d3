# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The rows of `pyrometer.compat.yappi`'s statistics, and how they are printed.

A row is a dict by column number with the same values as attributes; both are in saved files.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, ClassVar, TextIO

    from typing_extensions import Self

    from pyrometer.compat._yappi import Function
    from pyrometer.compat._yappi_stats import YChildFuncStats

    Columns = dict[int, tuple[str, int]]

PUBLIC_MODULE = "pyrometer.compat.yappi"  # where the classes are found by name, in files too

LINESEP = os.linesep
COLUMN_GAP = 2


def time_text(seconds: float, width: int = 8) -> str:
    """Return `seconds` with as many of six decimals as `width` has room for, at least one."""
    for decimals in range(6, 1, -1):
        text = f"{seconds:.{decimals}f}"
        if len(text) <= width:
            return text
    return f"{seconds:.1f}"


def full_name_of(builtin: bool, module: str, lineno: int, name: str) -> str:
    return f"{module}.{name}" if builtin else f"{module}:{lineno} {name}"


class StatString:
    """A text for a column: filled up with spaces, or cut, where two dots tell that it was.

    Parameters
    ----------
    s : object
        Its `str` is the text.
    """

    def __init__(self, s: object) -> None:
        self._text = str(s)

    def ltrim(self, length: int) -> str:
        """Return `length` characters, with the end of the text."""
        if len(self._text) <= length:
            return self._text.ljust(length)
        return "." * min(length, 2) + self._text[len(self._text) - max(length - 2, 0) :]

    def rtrim(self, length: int) -> str:
        """Return `length` characters, with the start of the text."""
        if len(self._text) <= length:
            return self._text.ljust(length)
        return self._text[: max(length - 2, 0)] + "." * min(length, 2)


class YStat(dict):  # type: ignore[type-arg]
    """A row: its columns as attributes, and as items by column number."""

    __module__ = PUBLIC_MODULE
    _KEYS: ClassVar[dict[str, int]] = {}
    _LAST_COLUMN: ClassVar[str] = ""  # after which there is no gap

    def __init__(self, values: Sequence[Any]) -> None:
        super().__init__()
        for key, place in self._KEYS.items():
            setattr(self, key, values[place])

    def __setattr__(self, name: str, value: Any) -> None:
        place = self._KEYS.get(name)
        if place is not None:
            self[place] = value
        super().__setattr__(name, value)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __getstate__(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in self._KEYS}

    def _cell(self, title: str, size: int) -> str:
        raise NotImplementedError

    def _print(self, out: TextIO, columns: Columns) -> None:
        for place in sorted(columns):
            title, size = columns[place]
            title = title.lower()
            gap = 0 if title == self._LAST_COLUMN else COLUMN_GAP
            out.write(self._cell(title, size) + " " * gap)
        out.write(LINESEP)


class YFuncStat(YStat):
    """The calls of a function; times in seconds.

    Attributes
    ----------
    name : str
        Of a method ``Class.name``, of other functions the plain name.
    module : str
        The file; of builtins the Python module.
    lineno : int
        First line; 0 of builtins.
    ncall, nactualcall : int
        Calls, and those of them that were not inside another call of the function.
    builtin : bool
        Is it a function of C?
    ttot, tsub, tavg : float
        Time in it and what it called; in itself; and `ttot` per call.
    index : int
        Names the function until statistics are cleared.
    children : YChildFuncStats
        What it called.
    ctx_id, ctx_name, tag : int, str or None, int
        The context and tag of the calls; of merged rows those of the first.
    full_name : str
        ``file:line name``, or ``module.name`` of a builtin.
    """

    __module__ = PUBLIC_MODULE
    _LAST_COLUMN = "tavg"
    _KEYS: ClassVar[dict[str, int]] = {
        "name": 0,
        "module": 1,
        "lineno": 2,
        "ncall": 3,
        "nactualcall": 4,
        "builtin": 5,
        "ttot": 6,
        "tsub": 7,
        "index": 8,
        "children": 9,
        "ctx_id": 10,
        "ctx_name": 11,
        "tag": 12,
        "tavg": 14,
        "full_name": 15,
    }

    # What was called, for func_matches() and module_matches(); in no file.
    _functions: tuple[Function, ...] = ()

    if TYPE_CHECKING:
        name: str
        module: str
        lineno: int
        ncall: int
        nactualcall: int
        builtin: bool
        ttot: float
        tsub: float
        index: int
        children: YChildFuncStats
        ctx_id: int
        ctx_name: str | None
        tag: int
        tavg: float
        full_name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, YFuncStat) and self.full_name == other.full_name

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.full_name)

    def __add__(self, other: YFuncStat) -> Self:
        if self is not other:
            self._add_figures(other)
            for child in other.children:
                self.children.append(child)
        return self

    def _add_figures(self, other: YFuncStat) -> None:
        self.ncall += other.ncall
        self.nactualcall += other.nactualcall
        self.ttot += other.ttot
        self.tsub += other.tsub
        self.tavg = self.ttot / self.ncall
        new = tuple(it for it in other._functions if it not in self._functions)
        if new:
            self._functions += new

    def is_recursive(self) -> bool:
        """Tell whether some of the calls were inside others."""
        return self.nactualcall not in (0, self.ncall)

    def strip_dirs(self) -> Self:
        """Leave only the last part of the file's name."""
        self.module = os.path.basename(self.module)
        self.full_name = full_name_of(self.builtin, self.module, self.lineno, self.name)
        return self

    def _cell(self, title: str, size: int) -> str:
        if title == "name":
            return StatString(self.full_name).ltrim(size)
        if title == "ncall":
            both = f"{self.ncall}/{self.nactualcall}" if self.is_recursive() else self.ncall
            return StatString(both).rtrim(size)
        return StatString(time_text(getattr(self, title), size)).rtrim(size)


class YChildFuncStat(YFuncStat):
    """The calls of a function by one caller; the attributes are those of `YFuncStat`."""

    __module__ = PUBLIC_MODULE
    _KEYS: ClassVar[dict[str, int]] = {
        "index": 0,
        "ncall": 1,
        "nactualcall": 2,
        "ttot": 3,
        "tsub": 4,
        "tavg": 5,
        "builtin": 6,
        "full_name": 7,
        "module": 8,
        "lineno": 9,
        "name": 10,
    }

    def __add__(self, other: YFuncStat | None) -> Self:
        if other is not None and other is not self:
            self._add_figures(other)
        return self


class YContextStat(YStat):
    """What threads and greenlets have in common."""

    __module__ = PUBLIC_MODULE
    _LAST_COLUMN = "scnt"

    if TYPE_CHECKING:
        name: str
        id: int
        tid: int
        ttot: float
        sched_count: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, YContextStat) and self.id == other.id

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.id)

    def __add__(self, other: YContextStat) -> Self:
        if self is not other:
            self.ttot += other.ttot
            self.sched_count += other.sched_count
        return self

    def _cell(self, title: str, size: int) -> str:
        if title == "name":
            return StatString(self.name).ltrim(size)
        if title == "ttot":
            return StatString(time_text(self.ttot, size)).rtrim(size)
        value = self.sched_count if title == "scnt" else getattr(self, title)
        return StatString(value).rtrim(size)


class YThreadStat(YContextStat):
    """A thread.

    Attributes
    ----------
    name : str
        Of its class, or what the user's callback said; "N/A" when it has none.
    id, tid : int
        Its number here, and `threading.get_ident`.
    ttot : float
        Seconds.
    sched_count : int
        How often it went on after another.
    """

    __module__ = PUBLIC_MODULE
    _KEYS: ClassVar[dict[str, int]] = {"name": 0, "id": 1, "tid": 2, "ttot": 3, "sched_count": 4}


class YGreenletStat(YContextStat):
    """A greenlet; the attributes are those of `YThreadStat` without `tid`."""

    __module__ = PUBLIC_MODULE
    _KEYS: ClassVar[dict[str, int]] = {"name": 0, "id": 1, "ttot": 3, "sched_count": 4}
