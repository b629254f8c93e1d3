# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Functions that are traced whenever they run.

A plain function is traced from call to return. A generator, a coroutine and an asynchronous
generator are traced only while they themselves run: from each resumption to the next suspension,
so that what other tasks do in between is not theirs.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any, TypeVar

    from pyrometer._api import Trace

    Function = TypeVar("Function", bound=Callable[..., Any])


def traced(function: Function, trace: Trace) -> Function:
    """Return `function` so wrapped that `trace` runs while it runs; see `Trace.__call__`."""
    section = _Section(trace)
    if inspect.iscoroutinefunction(function):
        wrapper = _coroutine(function, section)
    elif inspect.isasyncgenfunction(function):
        wrapper = _async_generator(function, section)
    elif inspect.isgeneratorfunction(function):
        wrapper = _generator(function, section)
    else:
        wrapper = _plain(function, section)
    functools.update_wrapper(wrapper, function)
    wrapper.trace = trace  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


class _Section:
    """Runs the trace while at least one thread is inside; entering again changes nothing."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def __enter__(self) -> None:
        self._trace.enter_call()

    def __exit__(self, *exc_info: object) -> None:
        self._trace.leave_call()


def _plain(function: Callable[..., Any], section: _Section) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with section:
            return function(*args, **kwargs)

    return wrapper


def _generator(function: Callable[..., Any], section: _Section) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        return (yield from _Steps(function(*args, **kwargs), section))

    return wrapper


def _coroutine(function: Callable[..., Any], section: _Section) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await _Steps(function(*args, **kwargs), section)

    return wrapper


def _async_generator(function: Callable[..., Any], section: _Section) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        inner = function(*args, **kwargs)
        step = inner.__anext__()
        try:
            while True:
                value = await _Steps(step.__await__(), section)
                try:
                    sent = yield value
                except GeneratorExit:
                    await _Steps(inner.aclose().__await__(), section)
                    raise
                except BaseException as error:
                    step = inner.athrow(error)
                else:
                    step = inner.asend(sent)
        except StopAsyncIteration:
            return

    return wrapper


class _Steps:
    """A generator or coroutine that is traced while it runs; for ``yield from`` and ``await``."""

    def __init__(self, inner: Any, section: _Section) -> None:
        self._inner = inner
        self._section = section

    def __iter__(self) -> _Steps:
        return self

    __await__ = __iter__

    def __next__(self) -> Any:
        with self._section:
            return self._inner.send(None)

    def send(self, value: Any) -> Any:
        with self._section:
            return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        with self._section:
            return self._inner.throw(*error)

    def close(self) -> None:
        with self._section:
            self._inner.close()
