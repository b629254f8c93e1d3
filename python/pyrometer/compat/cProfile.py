# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Python's `cProfile` over Pyrometer's tracer: the same names, options, texts and files.

Replace ``import cProfile`` by ``from pyrometer.compat import cProfile``, and
``python -m cProfile`` by ``python -m pyrometer.compat.cProfile``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pyrometer.compat._lsprof import Profiler

if TYPE_CHECKING:
    from collections.abc import Callable
    from optparse import OptionParser
    from os import PathLike
    from types import CodeType
    from typing import Any, TypeVar, Union

    from typing_extensions import ParamSpec, Self

    Arguments = ParamSpec("Arguments")
    Result = TypeVar("Result")
    Path = Union[str, bytes, PathLike[str], PathLike[bytes]]
    Sort = Union[str, int, tuple[Union[str, int], ...]]
    Label = tuple[str, int, str]
    Callers = dict[Label, tuple[int, int, float, float]]

__all__ = ["Profile", "run", "runctx"]

_DEFAULT_SORT = 2 if sys.version_info >= (3, 11) else -1  # of the command line
_USAGE = "cProfile.py [-o output_file_path] [-s sort] [-m module | scriptfile] [arg] ..."


class Profile(Profiler):
    """Counts and times calls, and prints or saves them through `pstats`.

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
        Count calls of functions written in C, too. Python's own ignores False from 3.14 on; here
        it is obeyed.

    Attributes
    ----------
    stats : dict
        ``{(file, line, name): (primitive calls, calls, inline s, cumulative s, callers)}`` with
        callers ``{(file, line, name): (calls, primitive calls, inline s, cumulative s)}``, as
        of the last `create_stats` or `snapshot_stats`.
    """

    stats: dict[Label, tuple[int, int, float, float, Callers]]

    def print_stats(self, sort: Sort = -1) -> None:
        """Stop, and print to standard output in the order(s) `sort`, as `pstats` names them."""
        from pstats import Stats

        keys = sort if isinstance(sort, tuple) else (sort,)
        stats: Any = Stats(self)  # type: ignore[arg-type]
        stats.strip_dirs().sort_stats(*keys).print_stats()

    def dump_stats(self, file: Path) -> None:
        """Stop, and write `file` for `pstats`. Raises OSError if that cannot be done."""
        import marshal

        with open(file, "wb") as out:  # first, so that an unwritable file costs nothing collected
            self.create_stats()
            marshal.dump(self.stats, out)

    def create_stats(self) -> None:
        """Stop, and set `stats`."""
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self) -> None:
        """Set `stats` to what has been collected so far, and go on."""
        entries = self.getstats()
        stats: dict[Label, tuple[int, int, float, float, Callers]] = {}
        for entry in entries:
            key = label(entry.code)
            # Functions with one label, such as two lambdas of one line, are shown as one.
            primitive, calls, inline, total, callers = stats.get(key, (0, 0, 0.0, 0.0, {}))
            stats[key] = (
                primitive + entry.callcount - entry.reccallcount,
                calls + entry.callcount,
                inline + entry.inlinetime,
                total + entry.totaltime,
                callers,
            )
        for entry in entries:
            caller = label(entry.code)
            for sub in entry.calls or ():
                callers = stats[label(sub.code)][4]
                calls, primitive, inline, total = callers.get(caller, (0, 0, 0.0, 0.0))
                callers[caller] = (
                    calls + sub.callcount,
                    primitive + sub.callcount - sub.reccallcount,
                    inline + sub.inlinetime,
                    total + sub.totaltime,
                )
        self.stats = stats

    def run(self, cmd: str | CodeType) -> Self:
        """Execute `cmd` in the namespace of ``__main__``."""
        import __main__

        namespace = __main__.__dict__
        return self.runctx(cmd, namespace, namespace)

    def runctx(
        self,
        cmd: str | CodeType,
        globals: dict[str, Any],
        locals: Any,
    ) -> Self:
        """Execute `cmd` in the given namespaces."""
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(
        self,
        func: Callable[Arguments, Result],
        /,
        *args: Arguments.args,
        **kw: Arguments.kwargs,
    ) -> Result:
        """Call `func` with the arguments that follow, and give what it returns."""
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self) -> Self:
        self.enable()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.disable()


def label(code: CodeType | str) -> Label:
    """Return the key of a function in `stats`; builtins sort last by their ``~``."""
    if isinstance(code, str):
        return "~", 0, code
    return code.co_filename, code.co_firstlineno, code.co_name


def run(
    statement: str | CodeType,
    filename: Path | None = None,
    sort: Sort = -1,
) -> None:
    """Execute `statement` in ``__main__``, then print its profile, or write it to `filename`.

    Parameters
    ----------
    statement : str or code object
        A `SystemExit` ends it, but not the caller.
    filename : path, optional
        Write a file for `pstats` instead of printing.
    sort : str, int or tuple of them, optional
        The order(s) in which to print, as `pstats` names them.
    """
    _profiled(lambda profile: profile.run(statement), filename, sort)


def runctx(
    statement: str | CodeType,
    globals: dict[str, Any],
    locals: Any,
    filename: Path | None = None,
    sort: Sort = -1,
) -> None:
    """Do as `run` does, in the given namespaces."""
    _profiled(lambda profile: profile.runctx(statement, globals, locals), filename, sort)


def _profiled(execute: Callable[[Profile], object], filename: Path | None, sort: Sort) -> None:
    profile = Profile()
    try:
        execute(profile)
    except SystemExit:
        pass
    finally:
        if filename is not None:
            profile.dump_stats(filename)
        else:
            profile.print_stats(sort)


def _main_module(path: str) -> tuple[CodeType, dict[str, Any]]:
    """Return the code of a script, and the namespace of a new ``__main__`` to run it in.

    The module is a real one, with no spec, so that the script sees its own names in ``__main__``
    and multiprocessing's children can import it.
    """
    import io

    with io.open_code(path) as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    module = sys.modules["__main__"] = type(sys)("__main__")
    namespace = module.__dict__
    namespace.update(__file__=path, __package__=None, __cached__=None)
    return code, namespace


def main() -> OptionParser:
    """Do what the command line asks for."""
    import os
    import pstats
    import runpy
    from optparse import OptionParser

    parser = OptionParser(usage=_USAGE)
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", help="Save stats to <outfile>")
    parser.add_option(
        "-s",
        "--sort",
        default=_DEFAULT_SORT,
        choices=sorted(pstats.Stats.sort_arg_dict_default),
        help="Sort order when printing to stdout, based on pstats.Stats class",
    )
    parser.add_option(
        "-m",
        dest="module",
        action="store_true",
        default=False,
        help="Profile a library module",
    )
    if not sys.argv[1:]:
        parser.print_usage()
        sys.exit(2)
    options, args = parser.parse_args()
    sys.argv[:] = args
    if not args:
        parser.print_usage()
        return parser
    # Absolute now, as the program may change its directory.
    outfile = None if options.outfile is None else os.path.abspath(options.outfile)
    statement: str | CodeType
    if options.module:
        statement = "run_module(name, run_name='__main__', alter_sys=True)"
        namespace: dict[str, Any] = {"run_module": runpy.run_module, "name": args[0]}
    else:
        sys.path.insert(0, os.path.dirname(args[0]))
        statement, namespace = _main_module(args[0])
    try:
        runctx(statement, namespace, None, outfile, options.sort)
    except BrokenPipeError as error:
        sys.stdout = None  # else it complains again at the very end
        sys.exit(error.errno)
    return parser


if __name__ == "__main__":
    main()
