# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Yappi over Pyrometer's tracer: the same names, options, tables and files.

Replace ``import yappi`` by ``from pyrometer.compat import yappi``, and the command ``yappi`` by
``python -m pyrometer.compat.yappi``.
"""

from __future__ import annotations

import sys
import threading
from functools import wraps
from types import BuiltinFunctionType, ModuleType
from typing import TYPE_CHECKING

from pyrometer.compat import _yappi
from pyrometer.compat._yappi import (
    YappiError,
    clear_stats,
    get_clock_info,
    get_clock_time,
    get_clock_type,
    get_mem_usage,
    set_context_id_callback,
    set_tag_callback,
)
from pyrometer.compat._yappi_files import YPICKLE_PROTOCOL, convert2pstats
from pyrometer.compat._yappi_funcs import YFuncStats
from pyrometer.compat._yappi_rows import (
    COLUMN_GAP,
    LINESEP,
    StatString,
    YChildFuncStat,
    YFuncStat,
    YGreenletStat,
    YStat,
    YThreadStat,
    time_text,
)
from pyrometer.compat._yappi_stats import (
    COLUMNS_FUNCSTATS,
    DEFAULT_SORT_ORDER,
    DEFAULT_SORT_TYPE,
    SORT_ORDERS,
    SORT_TYPES_CHILDFUNCSTATS,
    SORT_TYPES_FUNCSTATS,
    YChildFuncStats,
    YGreenletStats,
    YStats,
    YStatsIndexable,
    YThreadStats,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Optional, TypeVar

    from typing_extensions import ParamSpec

    from pyrometer.compat._yappi import Callback

    Arguments = ParamSpec("Arguments")
    Result = TypeVar("Result")
    Function = Callable[Arguments, Result]
    ReturnCallback = Optional[Callable[[Callable[..., Any], YFuncStats], object]]

__all__ = [
    "BACKEND_TYPES",
    "CLOCK_TYPES",
    "COLUMNS_FUNCSTATS",
    "COLUMN_GAP",
    "DEFAULT_SORT_ORDER",
    "DEFAULT_SORT_TYPE",
    "GREENLET",
    "LINESEP",
    "NATIVE_THREAD",
    "SORT_ORDERS",
    "SORT_TYPES_CHILDFUNCSTATS",
    "SORT_TYPES_FUNCSTATS",
    "YPICKLE_PROTOCOL",
    "StatString",
    "YChildFuncStat",
    "YChildFuncStats",
    "YFuncStat",
    "YFuncStats",
    "YGreenletStat",
    "YGreenletStats",
    "YStat",
    "YStats",
    "YStatsIndexable",
    "YThreadStat",
    "YThreadStats",
    "YappiError",
    "clear_stats",
    "convert2pstats",
    "func_matches",
    "get_clock_info",
    "get_clock_time",
    "get_clock_type",
    "get_func_stats",
    "get_greenlet_stats",
    "get_mem_usage",
    "get_thread_stats",
    "is_running",
    "main",
    "module_matches",
    "profile",
    "run",
    "set_clock_type",
    "set_context_backend",
    "set_context_id_callback",
    "set_context_name_callback",
    "set_tag_callback",
    "start",
    "stop",
]

CLOCK_TYPES = {"WALL": _yappi.WALL, "CPU": _yappi.CPU}
NATIVE_THREAD = "NATIVE_THREAD"
GREENLET = "GREENLET"
BACKEND_TYPES = {NATIVE_THREAD: _yappi.NATIVE_THREAD, GREENLET: _yappi.GREENLET}


# Starting and stopping


def start(
    builtins: bool = False, profile_threads: bool = True, profile_greenlets: bool = True
) -> None:
    """Start collecting, or go on after a stop; does nothing while running.

    Parameters
    ----------
    builtins : bool, optional
        Show functions of C, too.
    profile_threads, profile_greenlets : bool, optional
        With the backend of this name: all of them, or only the one that calls this.

    Raises
    ------
    pyrometer.UsageError
        Another profiler is active.
    """
    threads = _yappi.get_context_backend() == NATIVE_THREAD
    _yappi.start(bool(builtins), bool(profile_threads if threads else profile_greenlets))


def stop() -> None:
    """Stop collecting; does nothing when stopped."""
    _yappi.stop()


def is_running() -> bool:
    """Tell whether it is collecting."""
    return bool(_yappi.is_running())


class run:
    """Collect inside of a ``with`` block, or of a function that this decorates.

    A block inside of another one ends the collecting when it ends.

    Parameters
    ----------
    builtins, profile_threads, profile_greenlets : bool, optional
        See `start`.
    """

    def __init__(
        self, builtins: bool = False, profile_threads: bool = True, profile_greenlets: bool = True
    ) -> None:
        self._options = builtins, profile_threads, profile_greenlets

    def __enter__(self) -> None:
        start(*self._options)

    def __exit__(self, *exc_info: object) -> None:
        stop()

    def __call__(self, func: Function[Arguments, Result]) -> Function[Arguments, Result]:
        """Decorate a function: it is run inside such a block."""

        @wraps(func)
        def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            with self:
                return func(*args, **kwargs)

        return wrapper


def profile(
    clock_type: str = "cpu",
    profile_builtins: bool = False,
    return_callback: ReturnCallback = None,
) -> Callable[[Function[Arguments, Result]], Function[Arguments, Result]]:
    """Decorate a function: each call is profiled on its own, and ends what was collected before.

    Parameters
    ----------
    clock_type : {"cpu", "wall"}, optional
        See `set_clock_type`.
    profile_builtins : bool, optional
        Show functions of C, too.
    return_callback : callable, optional
        Called with the function and its `YFuncStats` after each outermost call. Default: they
        are printed.
    """

    def decorate(func: Function[Arguments, Result]) -> Function[Arguments, Result]:
        depth = 0

        @wraps(func)
        def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            nonlocal depth
            if depth == 0:
                stop()
                clear_stats()
                set_clock_type(clock_type)
                start(profile_builtins, profile_threads=False)
            depth += 1
            try:
                return func(*args, **kwargs)
            finally:
                depth -= 1
                if depth == 0:
                    stop()
                    try:
                        _hand_over(func, clock_type, return_callback)
                    finally:
                        clear_stats()

        return wrapper

    return decorate


def _hand_over(func: Callable[..., Any], clock_type: str, callback: ReturnCallback) -> None:
    stats = get_func_stats()
    if callback is not None:
        callback(func, stats)
        return
    threads = _yappi.get_context_backend() == NATIVE_THREAD
    contexts: Any = get_thread_stats() if threads else get_greenlet_stats()
    took = time_text(sum(it.ttot for it in contexts))
    sys.stdout.write(f"{LINESEP}Executed in {took} {clock_type.upper()} clock seconds{LINESEP}")
    stats.print_all()


# Settings


@_yappi.uncounted
def set_clock_type(type: str) -> None:
    """Set the clock, "cpu" or "wall", of the statistics to come.

    Raises
    ------
    YappiError
        There is no such clock, or there are statistics: `clear_stats` first.
    """
    if type.upper() not in CLOCK_TYPES:
        raise YappiError(f"the clock type is cpu or wall, not {type!r}")
    _yappi.set_clock_type(CLOCK_TYPES[type.upper()])


@_yappi.uncounted
def set_context_backend(type: str) -> None:
    """Set what a context is, "native_thread" or "greenlet"; its callbacks become the default ones.

    Raises
    ------
    YappiError
        There is no such backend, the package greenlet is not installed, or there are statistics:
        `clear_stats` first.
    """
    if type.upper() not in BACKEND_TYPES:
        raise YappiError(f"the context backend is native_thread or greenlet, not {type!r}")
    name = _thread_class
    if type.upper() == GREENLET:
        try:
            from greenlet import getcurrent  # type: ignore[import-untyped,unused-ignore]
        except ImportError as cause:
            raise YappiError(f"contexts by greenlet need the package greenlet: {cause}") from cause

        def name() -> str:
            return str(getcurrent().__class__.__name__)

    _yappi.set_context_backend(BACKEND_TYPES[type.upper()])
    _yappi.set_context_id_callback(None)
    _yappi.set_context_name_callback(name)


@_yappi.uncounted
def set_context_name_callback(callback: Callback) -> None:
    """Have `callback` name each context once; it is asked again after it returned None.

    None: the name is that of the thread's class. A thread is not asked for before `threading`
    knows it.
    """
    if callback is None or not callable(callback):
        _yappi.set_context_name_callback(_thread_class if callback is None else callback)
        return

    @wraps(callback, updated=())
    def name() -> Any:
        return callback() if _thread_is_known() else None

    _yappi.set_context_name_callback(name)


_MAX_TRIES = 100


class _Tries(threading.local):
    """How often this thread was not known."""

    count = 0


_tries = _Tries()


def _thread_is_known() -> bool:
    """Tell whether this thread can be asked for, as one that is not of `threading` may be, too.

    Its first calls are those by which it makes itself known. threading.current_thread() would
    take it for one that never does.
    """
    if threading.get_ident() in threading._active:  # type: ignore[attr-defined]
        return True
    _tries.count += 1
    return _tries.count > _MAX_TRIES


def _thread_class() -> str | None:
    if not _thread_is_known():
        return None
    # Not by threading.current_thread(), which takes locks and makes threads up.
    thread = threading._active.get(threading.get_ident())  # type: ignore[attr-defined]
    return _yappi.UNNAMED if thread is None else thread.__class__.__name__


set_context_name_callback(None)


# Statistics


@_yappi.uncounted
def get_func_stats(
    tag: int | None = None,
    ctx_id: int | None = None,
    filter: dict[str, Any] | None = None,
    filter_callback: Callable[[YFuncStat], object] | None = None,
) -> YFuncStats:
    """Return the statistics of functions so far.

    Parameters
    ----------
    tag, ctx_id : int, optional
        Only of the calls with this tag; in this context.
    filter : dict, optional
        Only functions whose `name`, `module`, `tag` and `ctx_id` are these; deprecated.
    filter_callback : callable, optional
        Called with each `YFuncStat`, says whether to keep it.

    Raises
    ------
    YappiError
        A filter is not of the type that it should be.
    """
    filter = dict(filter or {})
    for key, value in (("tag", tag), ("ctx_id", ctx_id)):
        if value is not None:
            filter[key] = value
    return YFuncStats().get(filter, filter_callback)


def get_thread_stats() -> YThreadStats:
    """Return the statistics of threads so far; raises YappiError with the greenlet backend."""
    return YThreadStats().get()


def get_greenlet_stats() -> YGreenletStats:
    """Return the statistics of greenlets so far; raises YappiError with the thread backend."""
    return YGreenletStats().get()


def _check_matching(stat: object, what: str, candidates: object) -> None:
    if not isinstance(stat, YStat):
        raise YappiError(f"a row of statistics is matched, not {stat!r}")
    if not isinstance(candidates, list) or not candidates:
        raise YappiError(f"{what} is a list with something in it, not {candidates!r}")


@_yappi.uncounted
def func_matches(stat: YStat, funcs: list[Any]) -> bool:
    """Tell whether a row is of one of `funcs`; False for rows that were loaded from a file.

    Parameters
    ----------
    stat : YFuncStat
        From `get_func_stats`, or inside of its `filter_callback`.
    funcs : list of callables
        Functions, methods, and functions and methods of C, such as `time.sleep` and
        `list.append`.

    Raises
    ------
    YappiError
        An argument is of another type.
    """
    _check_matching(stat, "funcs", funcs)
    for func in funcs:
        if not callable(func):
            raise YappiError(f"funcs has callables, not {func!r}")
    wanted = [getattr(func, "__code__", None) or _builtin_label(func) for func in funcs]
    return any(
        it.descriptor == it_wanted if it.builtin else it.descriptor is it_wanted
        for it in getattr(stat, "_functions", ())
        for it_wanted in wanted
    )


def _builtin_label(func: Any) -> str:
    """Return how a function of C is written in profiles."""
    if isinstance(func, BuiltinFunctionType):  # of methods that are bound, too
        owner = func.__self__
        if owner is not None and not isinstance(owner, (ModuleType, type)):
            return repr(getattr(type(owner), func.__name__, func))
        name = f"{func.__module__}.{func.__name__}" if func.__module__ else func.__name__
        return f"<built-in method {name}>"
    return repr(func)


@_yappi.uncounted
def module_matches(stat: YStat, modules: list[Any]) -> bool:
    """Tell whether a row is of a function of `modules`; False for rows loaded from a file.

    Parameters
    ----------
    stat : YFuncStat
        From `get_func_stats`, or inside of its `filter_callback`.
    modules : list of modules
        The modules themselves, not their names.

    Raises
    ------
    YappiError
        An argument is of another type.
    """
    _check_matching(stat, "modules", modules)
    for module in modules:
        if not isinstance(module, ModuleType):
            raise YappiError(f"modules has modules, not {module!r}")
    names = {module.__name__ for module in modules}
    return any(it.python_module in names for it in getattr(stat, "_functions", ()))


# The command line

_USAGE = (
    "%prog [-b] [-c clock_type] [-o output_file] [-f output_format] [-s] "
    "[-m module | scriptfile] args ..."
)


def main() -> None:
    """Do what the command line asks for."""
    from optparse import OptionParser

    parser = OptionParser(usage=_USAGE)
    parser.allow_interspersed_args = False
    parser.add_option(
        "-c",
        "--clock-type",
        default="cpu",
        choices=("cpu", "wall"),
        metavar="clock_type",
        help="the clock: cpu (default) or wall",
    )
    parser.add_option(
        "-b",
        "--builtins",
        action="store_true",
        default=False,
        help="show functions of C, too",
    )
    parser.add_option(
        "-o",
        "--output-file",
        metavar="output_file",
        help="write the statistics to a file instead of printing them",
    )
    parser.add_option(
        "-f",
        "--output-format",
        default="pstat",
        choices=("pstat", "callgrind", "ystat"),
        metavar="output_format",
        help="the file's format: pstat (default), callgrind or ystat",
    )
    parser.add_option(
        "-s",
        "--single_thread",
        action="store_true",
        default=False,
        help="only the thread that the program starts in",
    )
    parser.add_option(
        "-m",
        dest="module",
        action="store_true",
        default=False,
        help="the program is a module, not a script",
    )
    if not sys.argv[1:]:
        parser.print_usage()
        sys.exit(2)
    options, args = parser.parse_args()
    sys.argv[:] = args
    if args:
        _run_program(options)
    else:
        parser.print_usage()


def _run_program(options: Any) -> None:
    import os
    import runpy

    from pyrometer.compat.cProfile import _main_module

    name = sys.argv[0]
    # Absolute now, as the program may change its directory.
    path = os.path.abspath(options.output_file) if options.output_file else None
    if not options.module:
        sys.path.insert(0, os.path.dirname(name))
        code, namespace = _main_module(name)
    set_clock_type(options.clock_type)
    start(options.builtins, profile_threads=not options.single_thread)
    try:
        if options.module:
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        else:
            exec(code, namespace)
    finally:
        stop()
        if path is not None:
            get_func_stats().save(path, options.output_format)
        else:
            get_func_stats().print_all()
            get_thread_stats().print_all()


if __name__ == "__main__":
    # By its name, so that the program, when it imports it, gets the same one.
    from pyrometer.compat import yappi

    yappi.main()
