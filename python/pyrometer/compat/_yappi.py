# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What Yappi's `_yappi` offers, over Pyrometer's tracer: one session of the whole process.

The settings stay until they are changed; statistics, from the first `start` until `clear_stats`.
"""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple

from pyrometer import _probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType, FrameType
    from typing import Any, Optional, TypeVar, Union

    from typing_extensions import ParamSpec

    Arguments = ParamSpec("Arguments")
    Result = TypeVar("Result")
    Callback = Optional[Callable[[], Any]]
    Tag = Union[ContextVar[Any], Callable[[], Any], None]

WALL, CPU = 0, 1
NATIVE_THREAD, GREENLET = 0, 1
_CLOCKS = ("wall", "cpu")
_BACKENDS = ("NATIVE_THREAD", "GREENLET")
UNNAMED = "N/A"
_ID_MASK = 2**64 - 1  # ids are equal when their lowest 64 bits are, as a C `unsigned long`
_SINCE_EPOCH = time.time() - time.perf_counter()


class YappiError(Exception):
    """What was asked for can't be done."""


class error(YappiError):
    """What was asked for can't be done now, or was given a wrong argument."""

    __module__ = "_yappi"


class Function(NamedTuple):
    """How a function is called and where it is from, in Yappi's terms."""

    name: str
    module: str  # the file, or the Python module of a builtin
    lineno: int
    builtin: bool
    descriptor: CodeType | str  # a builtin's as text, such as "<built-in method time.sleep>"
    python_module: str


class Context(NamedTuple):
    """A native thread, a greenlet, or what the user's callback says it is."""

    id: int
    name: str | None
    tid: int
    ttot: float
    sched_count: int


class _Session:
    """The settings, and the tracers that collected under them since the last clearing."""

    def __init__(self) -> None:
        self.clock = CPU
        self.backend = NATIVE_THREAD
        self.tag: Tag = None
        self.context_id: Callback = None
        self.context_name: Callback = None
        self.builtins = 0
        self.multicontext = 0
        self.paused = False
        # More than one where `start` was called with other flags while there were statistics.
        self.tracers: list[_probe.Tracer] = []
        self.forget()

    def forget(self) -> None:
        """Leave the numbers that were given out, and the timings for tests."""
        self.timings: dict[str, float] | None = None
        self.indexes: dict[object, int] = {}
        self.ids: dict[tuple[Any, ...], int] = {}

    @property
    def running(self) -> bool:
        return bool(self.tracers) and self.tracers[-1].running

    def new_tracer(self) -> _probe.Tracer:
        return _probe.Tracer(
            builtins=bool(self.builtins),
            threads="all" if self.multicontext else "context",
            clock=_CLOCKS[self.clock],  # type: ignore[arg-type]
            tasks=self.clock == WALL,  # so that a coroutine's time while it is suspended is known
            greenlets=self.backend == GREENLET,
            tag=self.tag,
            context=self.context_id,
            context_name=self.context_name,
            tool_name="yappi",
            seed=False,
            calibrate=False,
        )

    def id_of(self, key: tuple[Any, ...]) -> int:
        """Return the number of a thread or greenlet; they count from 0 and from 1."""
        return self.ids.setdefault(key, len(self.ids) + (self.backend == GREENLET))


_session = _Session()


def uncounted(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Decorate a function of ours: nothing that is called inside of it is in the statistics."""

    @wraps(function)
    def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        tracer = _session.tracers[-1] if _session.tracers else None
        if tracer is None or not tracer.running or tracer.suspend():
            return function(*args, **kwargs)
        try:
            return function(*args, **kwargs)
        finally:
            tracer.resume()

    return wrapper


# Starting and stopping


def start(builtins: int, multicontext: int) -> None:
    """Start collecting, or go on; does nothing while running."""
    if _session.running:
        return
    flags = int(builtins), int(multicontext)
    if not _session.tracers or flags != (_session.builtins, _session.multicontext):
        _session.builtins, _session.multicontext = flags
        _session.tracers.append(_session.new_tracer())
        try:
            _session.tracers[-1].start()  # nothing may come after it: it would be traced
        except BaseException:
            _session.tracers.pop()
            raise
    else:
        _session.tracers[-1].start()


def stop() -> None:
    """Stop collecting; does nothing when stopped."""
    if _session.running:
        _session.tracers[-1].stop()


def is_running() -> int:
    """Return 1 while collecting, else 0."""
    return int(_session.running)


def clear_stats() -> None:
    """Drop all statistics. What is running goes on."""
    if not _session.tracers:
        return
    if _session.running:
        del _session.tracers[:-1]
        _session.tracers[-1].clear()
    else:
        _session.tracers.clear()
    _session.forget()


def _pause() -> None:
    _session.paused = _session.running
    stop()


def _resume() -> None:
    if _session.paused:
        _session.paused = False
        _session.tracers[-1].start()


def _wait_for_callbacks() -> None:
    """Return at once: clearing waits by itself for callbacks that are going on."""


def _profile_event(frame: FrameType, event: str, arg: object, /) -> None:
    """Ignore an event of `threading.setprofile`: the tracer finds new threads without it."""


def _get_start_flags() -> dict[str, int] | None:
    if not _session.tracers:
        return None
    return {
        "profile_builtins": _session.builtins,
        "profile_multicontext": _session.multicontext,
    }


# Settings


def _chosen(what: str, value: int, before: int, choices: tuple[str, str]) -> int:
    """Return `value`, which chooses; another than `before` only while there are no statistics."""
    if value != before:
        if _session.tracers:
            raise error(
                f"the {what} can't be changed while there are statistics: clear_stats() first"
            )
        if value not in (0, 1):
            raise error(f"the {what} is 0 ({choices[0]}) or 1 ({choices[1]}), not {value!r}")
    return (0, 1).index(value)


@uncounted
def set_clock_type(clock_type: int, /) -> None:
    """Set the clock, `WALL` or `CPU`, of the statistics to come."""
    _session.clock = _chosen("clock type", clock_type, _session.clock, _CLOCKS)


def get_clock_type() -> str:
    """Return "wall" or "cpu"."""
    return _CLOCKS[_session.clock]


@uncounted
def get_clock_time() -> float:
    """Return the CPU time of this thread, or the seconds since 1970."""
    if _session.clock == CPU:
        return time.thread_time()
    return _SINCE_EPOCH + time.perf_counter()


@uncounted
def get_clock_info() -> dict[str, str]:
    """Return what `get_clock_time` reads, and in what steps it goes."""
    info = time.get_clock_info("thread_time" if _session.clock == CPU else "perf_counter")
    return {"api": info.implementation, "resolution": f"{info.resolution * 1e9:.0f}ns"}


@uncounted
def get_mem_usage() -> int:
    """Return the bytes that the collected calls take."""
    return sum(tracer.memory[1] for tracer in _session.tracers)


@uncounted
def set_context_backend(backend: int, /) -> None:
    """Set what a context is, `NATIVE_THREAD` or `GREENLET`, in the statistics to come."""
    choices = ("threads", "greenlets")
    _session.backend = _chosen("context backend", backend, _session.backend, choices)


def get_context_backend() -> str:
    """Return "NATIVE_THREAD" or "GREENLET"."""
    return _BACKENDS[_session.backend]


def _checked(callback: object) -> None:
    if callback is not None and not callable(callback):
        raise TypeError(f"a callback is a function or None, not {type(callback).__name__}")


def _pass_on(callback: Tag, to: Callable[[_probe.Tracer, Any], None]) -> None:
    """Have what collects use the new callback, too."""
    for tracer in _session.tracers:
        to(tracer, callback)


@uncounted
def set_tag_callback(callback: Tag, /) -> None:
    """Have every call tagged with the int that `callback` returns; None: no tags.

    A context variable may be given instead, which is much cheaper; what it has need not be an int.
    """
    if not isinstance(callback, ContextVar):
        _checked(callback)
    _session.tag = callback
    _pass_on(callback, _probe.Tracer.set_tag)


@uncounted
def set_context_id_callback(callback: Callback, /) -> None:
    """Have the int that `callback` returns say which context a call is in; None: the backend."""
    _checked(callback)
    _session.context_id = callback
    _pass_on(callback, _probe.Tracer.set_context)


@uncounted
def set_context_name_callback(callback: Callback, /) -> None:
    """Have `callback` name each context once; it is asked again after it returned None."""
    _checked(callback)
    _session.context_name = callback
    _pass_on(callback, _probe.Tracer.set_context_name)


@uncounted
def _set_test_timings(timings: dict[str, float], /) -> None:
    """Take all times from `timings`, ``{name_level: ticks}``, until the statistics are cleared."""
    if not isinstance(timings, dict):
        raise error(f"timings are a dict, not {type(timings).__name__}")
    _session.timings = timings


# Statistics


@uncounted
def enum_func_stats(enumfn: Callable[[tuple[Any, ...]], object], filter: dict[str, Any], /) -> None:
    """Call `enumfn` with a tuple for each function in each context and with each tag.

    Its items: name, module, line, calls, primitive calls, builtin, total s, own s, index,
    children, context id, context name, tag, descriptor; children is a list of (index, calls,
    primitive calls, total s, own s). `filter` may have the keys name, module, tag and ctx_id.
    """
    if not callable(enumfn):
        raise error("what is called for each function must be callable")
    for entry, _ in func_entries(filter):
        enumfn(entry)


@uncounted
def enum_context_stats(enumfn: Callable[[tuple[Any, ...]], object], /) -> None:
    """Call `enumfn` with (name, id, tid, total s, schedule count) for each context."""
    if not callable(enumfn):
        raise error("what is called for each context must be callable")
    found: dict[int, Context] = {}
    for tracer in _session.tracers:
        for it in _contexts(tracer):
            if it.sched_count == 0:
                continue  # no call has been seen in it
            before = found.get(it.id)
            if before is not None:
                it = it._replace(
                    name=before.name or it.name,
                    ttot=before.ttot + it.ttot,
                    sched_count=before.sched_count + it.sched_count,
                )
            found[it.id] = it
    for it in found.values():
        enumfn((it.name or UNNAMED, it.id, it.tid, it.ttot, it.sched_count))


enum_thread_stats = enum_context_stats


def func_entries(filter: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], Function]]:
    """Yield the tuples of `enum_func_stats`, each with its function."""
    if not isinstance(filter, dict):
        raise error(f"a filter is a dict, not {type(filter).__name__}")
    tag, ctx_id = (_id_filter(filter, key) for key in ("tag", "ctx_id"))
    name, module = (filter.get(key) for key in ("name", "module"))
    for tracer in _session.tracers:
        functions, edges = tracer.context_totals(_session.timings)
        contexts = _contexts(tracer)  # after the figures, as a running trace may learn of some
        known = [None if it is None else _described(*it) for it in tracer.records()]
        indexes = _indexes(known, sorted({row[2] for row in functions}))
        children: dict[tuple[int, int | None, int], list[tuple[Any, ...]]] = {}
        for place, its_tag, caller, callee, calls, primitive, ttot, tsub in edges:
            children.setdefault((place, its_tag, caller), []).append(
                (indexes.get(callee, -1), calls or 1, primitive, max(ttot, 0.0), max(tsub, 0.0))
            )
        for place, its_tag, number, calls, primitive, ttot, tsub in functions:
            function, context = known[number], contexts[place]
            shown_tag = 0 if its_tag is None else its_tag
            if (
                function is None
                or (function.builtin and not _session.builtins)
                or not _fits(shown_tag, tag)
                or not _fits(context.id, ctx_id)
                or (name is not None and function.name != name)
                or (module is not None and function.module != module)
            ):
                continue
            entry = (
                *(function.name, function.module, function.lineno, calls or 1, primitive),
                *(int(function.builtin), max(ttot, 0.0), max(tsub, 0.0), indexes[number]),
                children.get((place, its_tag, number), []),
                *(context.id, context.name, shown_tag, function.descriptor),
            )
            yield entry, function


def _fits(value: object, wanted: int | None) -> bool:
    return wanted is None or (isinstance(value, int) and value & _ID_MASK == wanted)


def _id_filter(filter: dict[str, Any], key: str) -> int | None:
    value = filter.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or not -(2**63) <= value <= _ID_MASK:
        raise error(f"{key} is an int of 64 bits, not {value!r}")
    return value & _ID_MASK


def _indexes(known: list[Function | None], numbers: Iterable[int]) -> dict[int, int]:
    """Return the index of each function by its number; it has it until the next clearing."""
    found = {}
    for number in numbers:
        function = known[number]
        if function is not None:
            # Code objects of different files may be equal.
            key = function.descriptor if function.builtin else id(function.descriptor)
            found[number] = _session.indexes.setdefault(key, len(_session.indexes))
    return found


def _contexts(tracer: _probe.Tracer) -> list[Context]:
    """Return a tracer's contexts, under the ids that users see."""
    found = []
    # The one that runs here; which one it is by the user's callback is not known.
    here = threading.get_ident() if _session.context_id is None else None
    for place, it in enumerate(tracer.contexts()):
        kind, own_id, name, ident, tid, wall, cpu, switches = it
        if own_id is not None:
            number = own_id
        elif kind == "thread":
            number = _session.id_of((kind, ident, tid))  # one that went on after a stop is one
        else:
            number = _session.id_of((kind, id(tracer), place))
        if tracer.running and ident == here:
            switches = switches or 1  # after a clearing, nothing needs to have been called
        total = cpu if _session.clock == CPU else wall
        found.append(Context(number, name, ident, total, switches))
    return found


def _described(
    descriptor: CodeType | str, qualname: str, module: str, file: str, line: int, builtin: bool
) -> Function:
    """Name a function as Yappi does."""
    if isinstance(descriptor, str):
        # "<built-in method time.sleep>", or "<method 'append' of 'list' objects>" as it is
        text = descriptor
        within, name = "", descriptor
        if text.startswith("<built-in method "):
            within, _, name = text[len("<built-in method ") : -1].rpartition(".")
        return Function(name, within or "builtins", 0, True, descriptor, module)
    name = descriptor.co_name
    if descriptor.co_argcount and descriptor.co_varnames[0] == "self":
        name = ".".join(qualname.rpartition("<locals>.")[2].split(".")[-2:])
    return Function(name, file, line, builtin, descriptor, module)
