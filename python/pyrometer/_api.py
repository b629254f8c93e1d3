# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Tracing from within a program: `trace`, what it gives, and `load`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, overload

from pyrometer import _probe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextvars import ContextVar
    from typing import Any, Literal, TextIO, TypeVar

    from typing_extensions import Unpack

    from pyrometer._probe import ReportOptions

    Function = TypeVar("Function", bound=Callable[..., Any])
    AnyPath = str | os.PathLike[str]


_TIMELINE_EVENTS = 1_000_000


class _Views:
    """The ways of looking at a profile; what has a `_raw()` profile has them."""

    def _raw(self) -> _probe.Profile:
        raise NotImplementedError

    def report(self, name: str = "summary", **options: Unpack[ReportOptions]) -> str:
        """Return a report as text.

        Parameters
        ----------
        name : {"summary", "flat", "tree", "callers", "callees", "threads", "tasks", "coroutines", \
"greenlets", "tags"}, optional
            Which report.
        sort : str, optional
            The column to sort by; its name as the report shows it.
        module : str, optional
            Keep the functions of this module or package.
        match : str, optional
            Keep the functions whose ``module.qualname file:line`` this POSIX extended regular
            expression finds.
        function : str, optional
            Of the reports callers and callees: whose, as a regular expression. Default: the most
            expensive ones.
        thread : str, optional
            Name, operating-system id or number of one thread or greenlet, with all that ran in it.
            Default: all together.
        task : str, optional
            Name, number or coroutine of asyncio tasks. Default: all.
        tag : str, optional
            Only work done under this tag.
        by : {"thread", "task", "coroutine", "greenlet", "context", "tag"}, optional
            Of the reports summary, flat and tree: a part for each, the most expensive first.
        limit : int, optional
            Rows, or nodes of a tree. 0: the report's default.
        min_share : float, optional
            Hide nodes of a tree below this share of the whole, 0 to 1. Negative: the default.
        width : int, optional
            Columns of text. 0: unlimited.
        reverse, color, ascii, full_paths : bool, optional
            Turn the order round; colours by escape codes; no box-drawing characters; paths of
            files not shortened.
        compensated : bool, optional
            Show, beside each time, what is left of it without the cost of measuring.

        Returns
        -------
        str
            Lines of text.

        Raises
        ------
        UsageError
            There is no such report, column or thread, or a pattern is wrong.
        """
        return self._raw().report(name, **options)

    def show(
        self,
        name: str = "summary",
        *,
        file: TextIO | None = None,
        **options: Unpack[ReportOptions],
    ) -> None:
        """Print a report.

        Parameters
        ----------
        name : str, optional
            Which report; see `report`, which also describes the options. Colour, width and the
            set of characters suit `file` where they are not given.
        file : text file, optional
            Default: standard output.
        """
        out = sys.stdout if file is None else file
        text = self.report(name, **_suiting(out, options))
        encoding = getattr(out, "encoding", None) or "utf-8"
        out.write(text.encode(encoding, "replace").decode(encoding))

    def save(
        self,
        path: AnyPath,
        format: str | None = None,
        *,
        min_duration: float = 0.0,
        max_depth: int = 0,
    ) -> None:
        """Write a file.

        Parameters
        ----------
        path : path
            An existing file is replaced once the new one is complete.
        format : str, optional
            pyro, pstats, callgrind, collapsed, speedscope, pprof, chrome, json or svg. Default: by
            the extension of `path`, else pyro.
        min_duration : float, optional
            Of a timeline (format chrome): leave out slices shorter than this, in seconds.
        max_depth : int, optional
            The same for slices with so many around them or more. 0: none.

        Raises
        ------
        UsageError
            There is no such format.
        OSError
            The file cannot be written.
        """
        self._raw().save(os.fspath(path), format, min_duration=min_duration, max_depth=max_depth)

    def export(self, format: str, *, min_duration: float = 0.0, max_depth: int = 0) -> bytes:
        """Return what `save` would write in `format`."""
        return self._raw().export(format, min_duration=min_duration, max_depth=max_depth)

    def diff(self, after: Profile | Trace, **options: Unpack[ReportOptions]) -> str:
        """Return, as text, what changed from this profile to `after`, function by function.

        Parameters
        ----------
        after : Profile or Trace
            The later one.
        **options
            As for `report`.
        """
        return self._raw().diff(after._raw(), **options)

    @property
    def functions(self) -> list[dict[str, Any]]:
        """One dict for each function.

        Its keys are ``qualname``, ``module``, ``file``, ``first_line``, ``kind`` ("python",
        "builtin", "native" or "synthetic"), and three figures for each metric of the profile: of
        the function itself under the metric's name, of its outermost calls in a recursion under
        ``<name>_primitive``, and with all that it called under ``<name>_inclusive``. A trace has
        the metrics ``calls``, ``resumes`` (of generators and coroutines, which are not calls) and
        ``wall`` (nanoseconds).
        """
        return self._raw().functions

    @property
    def meta(self) -> dict[str, str | int]:
        """What the profile says about itself: command, versions, clock, counts of what is lost."""
        return self._raw().meta


class Profile(_Views):
    """What has been collected: a snapshot of a `Trace`, or a file opened by `load`."""

    def __init__(self, raw: _probe.Profile) -> None:
        self._profile = raw

    def _raw(self) -> _probe.Profile:
        return self._profile

    def compensate(self) -> None:
        """Subtract the calibrated cost of measuring from all times, for good.

        Raises
        ------
        UsageError
            The profile does not tell its costs, or they are subtracted already.
        """
        self._profile.compensate()

    def __repr__(self) -> str:
        meta = self.meta
        return f"<pyrometer.Profile of {meta.get('command', '')!r} by {meta.get('collector')}>"


class Trace(_probe.Tracer, _Views):
    """Counts and times every call, between `start` and `stop`; made by `trace`.

    It is a context manager and a decorator, and may be started and stopped many times: values add
    up. Only one trace may run in a process at a time.

    Attributes
    ----------
    running : bool
        Whether calls are being counted now.
    """

    def __init__(
        self,
        *,
        builtins: bool = True,
        threads: Literal["all", "current", "context"] = "all",
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        node_limit: int = 0,
        path: AnyPath | None = None,
        clock: Literal["wall", "cpu", "both"] = "wall",
        tasks: bool = True,
        greenlets: bool = True,
        tag: ContextVar[Any] | Callable[[], Any] | str | None = None,
        context: Callable[[], int] | None = None,
        context_name: Callable[[], str | None] | None = None,
        context_limit: int = 0,
        timeline: int | bool = 0,
    ) -> None:
        super().__init__(
            builtins=builtins,
            threads=threads,
            include=(include,) if isinstance(include, str) else tuple(include),
            exclude=(exclude,) if isinstance(exclude, str) else tuple(exclude),
            node_limit=node_limit,
            path=None if path is None else os.path.abspath(os.fspath(path)),
            command=" ".join(sys.argv),
            clock=clock,
            tasks=tasks,
            greenlets=greenlets,
            tag=tag,
            context=context,
            context_name=context_name,
            context_limit=context_limit,
            timeline=_TIMELINE_EVENTS if timeline is True else timeline,
        )

    @property
    def profile(self) -> Profile:  # type: ignore[override]
        """A snapshot of what has been collected so far, which a running trace leaves alone."""
        return Profile(super().profile())

    functions = _Views.functions  # type: ignore[assignment]

    def _raw(self) -> _probe.Profile:
        return super().profile()

    def __call__(self, function: Function) -> Function:
        """Decorate `function`: each of its calls is traced, and what they cost adds up."""
        from pyrometer._decorate import traced

        return traced(function, self)

    def __repr__(self) -> str:
        return f"<pyrometer.Trace, {'running' if self.running else 'stopped'}>"


@overload
def trace(function: Function, /) -> Function: ...


@overload
def trace(
    *,
    builtins: bool = True,
    threads: Literal["all", "current", "context"] = "all",
    include: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    node_limit: int = 0,
    path: AnyPath | None = None,
    clock: Literal["wall", "cpu", "both"] = "wall",
    tasks: bool = True,
    greenlets: bool = True,
    tag: ContextVar[Any] | Callable[[], Any] | str | None = None,
    context: Callable[[], int] | None = None,
    context_name: Callable[[], str | None] | None = None,
    context_limit: int = 0,
    timeline: int | bool = 0,
) -> Trace: ...


def trace(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Count and time every call: make a `Trace`, to be started.

    As context manager (``with pyrometer.trace() as p:``), by hand (``p = pyrometer.trace();
    p.start()``), or as decorator, with or without brackets (``@pyrometer.trace``). The docs' page
    "Tracing" tells what a decorator measures; the result is the decorated function's attribute
    ``trace``.

    Parameters
    ----------
    function : callable, optional
        Only as a decorator without brackets.
    builtins : bool, optional
        Count calls of functions written in C, too. Without them tracing costs less.
    threads : {"all", "current", "context"}, optional
        Which threads: all of the process, also those that begin later or outside of Python; only
        the one that calls `start`; or only the context that does: the thread, the greenlet, or
        what `context` says.
    include, exclude : str or sequence of str, optional
        Trace only, or leave out, the functions of these modules, and of the modules in these
        packages. Time in functions that are left out counts as their caller's.
    node_limit : int, optional
        At most this many call paths are told apart; deeper ones are folded, and the report says
        so. 0: one million, which takes 64 MB.
    path : path, optional
        A ``.pyro`` file to write while tracing, at least once a second, so that a process that is
        killed loses at most its last second. An existing file is replaced.
    clock : {"wall", "cpu", "both"}, optional
        What time to measure: elapsed, that of the processor, or both, whose difference is the time
        spent waiting.
    tasks : bool, optional
        Tell asyncio's tasks apart, and how long coroutines were suspended.
    greenlets : bool, optional
        Follow switches between greenlets, which gevent is made of, and tell them apart.
    tag : contextvars.ContextVar, str or callable, optional
        A context variable, or ``"module:name"`` of one that may come later, or a callable. What is
        called while the variable has a value, or the callable gives one that is not None, is told
        apart by it. The callable is asked at every call; the variable costs little.
    context : callable, optional
        Gives an int at every call and return that tells which context runs, in place of the
        thread: each has a stack of its own.
    context_name : callable, optional
        Gives the name of the context that runs, or None to be asked again later. A callback that
        raises, or gives what does not fit, is reported once and asked no more.
    context_limit : int, optional
        At most so many tasks, greenlets and tags (each) are told apart; the others are taken
        together, and the report says so. 0: one thousand.
    timeline : int or bool, optional
        Keep the last so many events with their times, 16 bytes each, for a timeline (format
        "chrome"). True: one million.

    Returns
    -------
    Trace, or the decorated function

    Raises
    ------
    UsageError
        An option is wrong.
    OSError
        `path` cannot be written.

    Examples
    --------
    >>> import pyrometer
    >>> with pyrometer.trace() as p:
    ...     total = sum(x * x for x in range(1000))
    >>> p.show("flat", limit=10)  # doctest: +SKIP
    """
    if function is None:
        return Trace(**options)
    if options or not callable(function):
        raise _probe.UsageError(
            "pyrometer.trace() takes one function, to decorate it, or options by their names"
        )
    return Trace()(function)


def load(path: AnyPath, format: str | None = None) -> Profile:
    """Open a saved profile.

    Parameters
    ----------
    path : path
        A file in a format that can be read: pyro, pstats, callgrind, collapsed, speedscope, pprof.
    format : str, optional
        Which one. Default: what the file's content shows.

    Raises
    ------
    FormatError
        The file is not in the format, or damaged; the message names the byte.
    OSError
        The file cannot be read.
    """
    return Profile(_probe.Profile.load(os.fspath(path), format))


def _suiting(out: TextIO, options: ReportOptions) -> ReportOptions:
    """`options`, completed by what suits `out`."""
    on_terminal = out.isatty()
    chosen: ReportOptions = {"color": _wants_color(on_terminal), "ascii": not _draws_boxes(out)}
    if on_terminal:
        try:
            chosen["width"] = os.get_terminal_size(out.fileno()).columns
        except OSError:  # a terminal that has no size, or a stream that is only like a file
            pass
    chosen.update(options)
    return chosen


def _wants_color(on_terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0")
    return forced or (on_terminal and os.environ.get("TERM") != "dumb")


def _draws_boxes(out: TextIO) -> bool:
    try:
        "─│█…".encode(getattr(out, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
