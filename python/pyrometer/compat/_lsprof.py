# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What Python's `_lsprof` offers, over Pyrometer's tracer.

`Profiler` counts and times calls as Python's does, except where Python's is wrong: each thread
has a stack of its own, and `builtins=False` is obeyed on every version.
"""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import TYPE_CHECKING

from pyrometer import _probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType
    from typing import Any, Union

    from typing_extensions import Self

    Function = Union[CodeType, str]

__all__ = ["Profiler", "profiler_entry", "profiler_subentry"]

# Before 3.12 Python's profiler sees the thread that enabled it, from 3.12 on all of them.
_THREADS = "all" if sys.version_info >= (3, 12) else "current"
_IN_USE = (
    "tool 2 is already in use"
    if sys.version_info >= (3, 14)
    else "Another profiling tool is already active"
)
# What a profile of Python's contains of the profiler itself.
_DISABLE = "<method 'disable' of '_lsprof.Profiler' objects>"


class _Record(tuple):  # type: ignore[type-arg]
    """A struct sequence: a tuple made from one sequence, with named, read-only fields."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()
    n_fields = n_sequence_fields = n_unnamed_fields = 0

    def __new__(cls, sequence: Iterable[Any]) -> Self:
        self = super().__new__(cls, sequence)
        if len(self) != cls.n_fields:
            raise TypeError(
                f"{cls.__module__}.{cls.__name__}() takes a {cls.n_fields}-sequence "
                f"({len(self)}-sequence given)"
            )
        return self

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.n_fields = cls.n_sequence_fields = len(cls.__match_args__)
        for place, name in enumerate(cls.__match_args__):
            setattr(cls, name, property(itemgetter(place)))
        cls.__module__ = "_lsprof"  # what Python's own print and say

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self.__match_args__, self))
        return f"_lsprof.{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[type, tuple[tuple[Any, ...]]]:
        return type(self), (tuple(self),)


class profiler_subentry(_Record):
    """The calls of one function by one caller: times in seconds."""

    __slots__ = ()
    __match_args__ = ("code", "callcount", "reccallcount", "totaltime", "inlinetime")

    if TYPE_CHECKING:
        code: Function
        callcount: int
        reccallcount: int
        totaltime: float
        inlinetime: float


class profiler_entry(_Record):
    """The calls of one function: times in seconds, `calls` the functions that it called."""

    __slots__ = ()
    __match_args__ = (
        "code",
        "callcount",
        "reccallcount",
        "totaltime",
        "inlinetime",
        "calls",
    )

    if TYPE_CHECKING:
        code: Function
        callcount: int
        reccallcount: int
        totaltime: float
        inlinetime: float
        calls: list[profiler_subentry] | None


class Profiler(_probe.Tracer):
    """Counts and times calls.

    Parameters
    ----------
    timer : callable, optional
        Gives the time: an int of `timeunit` seconds each if `timeunit` is given, else a float
        of seconds. Default: the processor's clock.
    timeunit : float, optional
        Seconds per unit of an integer `timer`.
    subcalls : bool, optional
        Tell also who called whom.
    builtins : bool, optional
        Count calls of functions written in C, too.
    """

    def __init__(
        self,
        timer: Callable[[], int | float] | None = None,
        timeunit: float = 0.0,
        subcalls: bool = True,
        builtins: bool = True,
    ) -> None:
        if self.running:
            raise RuntimeError("a profiler that is enabled can't be initialized again")
        self._timer = timer
        self._timeunit = float(timeunit)
        self._subcalls = bool(subcalls)
        self._builtins = bool(builtins)
        self._earlier: list[profiler_entry] = []
        self._starts = 0  # since the last clear(), with builtins
        self._prepare()

    def _prepare(self) -> None:
        super().__init__(
            builtins=self._builtins,
            threads=_THREADS,  # type: ignore[arg-type]
            timer=self._timer,
            timeunit=self._timeunit,
            tool_name="cProfile",
            seed=False,
            calibrate=False,
            tasks=False,
        )

    def enable(self, subcalls: bool | None = None, builtins: bool | None = None) -> None:
        """Start collecting.

        Parameters
        ----------
        subcalls, builtins : bool, optional
            Replace what the constructor was given; by default that stays as it is.

        Raises
        ------
        ValueError
            Another profiler is active (3.12+; before, the newer one takes over).
        """
        if _tool_in_use():
            raise ValueError(_IN_USE)
        if self.running:
            return
        _end_of_older()
        subcalls = self._subcalls if subcalls is None else bool(subcalls)
        builtins = self._builtins if builtins is None else bool(builtins)
        if (subcalls, builtins) != (self._subcalls, self._builtins):
            # What was collected under the old settings is set aside and added in getstats().
            self._earlier, self._starts = self.getstats(), 0
            self._subcalls, self._builtins = subcalls, builtins
            self._prepare()
        self.start()
        self._starts += self._builtins

    disable = _probe.Tracer.stop  # in C, so that no frame of ours is measured

    def clear(self) -> None:
        """Drop what has been collected so far."""
        super().clear()
        self._earlier = []
        self._starts = int(self.running and self._builtins)

    def getstats(self) -> list[profiler_entry]:
        """Return what has been collected, one `profiler_entry` for each function."""
        edges, totals = self.edges(), self.totals()
        functions = self.functions()  # last, as a running trace may yet learn of some
        called: dict[int, list[profiler_subentry]] = {}
        for caller, callee, calls, resumes, _, recursive, inline, total in edges:
            if caller >= 0 and self._subcalls:
                called.setdefault(caller, []).append(
                    profiler_subentry(
                        (functions[callee], calls + resumes, recursive, total, inline)
                    )
                )
        entries = [
            profiler_entry((functions[n], calls, recursive, total, inline, called.get(n)))
            for n, calls, recursive, total, inline in totals
        ]
        disabled = self._starts - (self.running and self._builtins)
        if disabled:
            entries.append(profiler_entry((_DISABLE, disabled, 0, 0.0, 0.0, None)))
        return _merged(self._earlier, entries) if self._earlier else entries

    if sys.version_info >= (3, 12):
        # Python's profiler is called by the interpreter through these. Ours is called in C; they
        # are here for programs that look for them, and calling them records nothing.

        def _pystart_callback(self, code: CodeType, offset: int, /) -> None:
            pass

        def _pyreturn_callback(self, code: CodeType, offset: int, value: object, /) -> None:
            pass

        def _ccall_callback(
            self, code: CodeType, offset: int, function: object, argument: object, /
        ) -> None:
            pass

        def _creturn_callback(
            self, code: CodeType, offset: int, function: object, argument: object, /
        ) -> None:
            pass

    if sys.version_info >= (3, 14):

        def _pythrow_callback(
            self, code: CodeType, offset: int, exception: BaseException, /
        ) -> None:
            pass


def _tool_in_use() -> bool:
    """Tell whether there is a profiler, of any make, that must not be replaced."""
    if sys.version_info >= (3, 12):
        return sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) is not None
    else:
        return False


def _end_of_older() -> None:
    """Before 3.12, where a thread has one profile function, let the newer profiler take over."""
    older: object = sys.getprofile()
    if isinstance(older, _probe.Tracer):
        older.stop()


def _merged(earlier: list[profiler_entry], later: list[profiler_entry]) -> list[profiler_entry]:
    """Return both lists as one, with a function that is in both as one entry."""
    names: dict[Function, Function] = {}  # equal functions as one object, as callers join by it
    sums: dict[Function, list[Any]] = {}
    calls: dict[Function, dict[Function, list[Any]]] = {}
    for entry in (*earlier, *later):
        code = names.setdefault(entry.code, entry.code)
        _add(sums.setdefault(code, [0, 0, 0.0, 0.0]), entry)
        for sub in entry.calls or ():
            callee = names.setdefault(sub.code, sub.code)
            _add(calls.setdefault(code, {}).setdefault(callee, [0, 0, 0.0, 0.0]), sub)
    return [
        profiler_entry(
            (
                code,
                *total,
                [profiler_subentry((callee, *part)) for callee, part in calls[code].items()]
                if code in calls
                else None,
            )
        )
        for code, total in sums.items()
    ]


def _add(sums: list[Any], entry: profiler_entry | profiler_subentry) -> None:
    for place, value in enumerate(entry[1:5]):
        sums[place] += value
