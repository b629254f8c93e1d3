# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The C extension: the tracer and the profile, as `src/probe/module.c` offers them."""

from collections.abc import Callable, Sequence
from types import CodeType, TracebackType
from typing import Any, Literal, TypedDict, type_check_only

from typing_extensions import Self, Unpack

__version__: str

class Error(Exception): ...
class UsageError(Error, ValueError): ...
class FormatError(Error, ValueError): ...
class LimitError(Error): ...
class UnsupportedError(Error, RuntimeError): ...

class Tracer:
    def __init__(
        self,
        *,
        builtins: bool = ...,
        threads: Literal["all", "current"] = ...,
        include: Sequence[str] = ...,
        exclude: Sequence[str] = ...,
        node_limit: int = ...,
        path: str | None = ...,
        timer: Callable[[], float] | None = ...,
        timeunit: float = ...,
        tool_name: str = ...,
        seed: bool = ...,
        command: str = ...,
        calibrate: bool = ...,
    ) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...
    @property
    def running(self) -> bool: ...
    @property
    def memory(self) -> tuple[int, int]: ...
    def clear(self) -> None: ...
    def profile(self) -> Profile: ...
    def functions(self) -> list[CodeType | str]: ...
    def edges(self) -> list[tuple[int, int, int, int, int, int, float, float]]: ...
    def totals(self) -> list[tuple[int, int, int, float, float]]: ...

@type_check_only
class ReportOptions(TypedDict, total=False):
    """Options of every report, as `src/reports/report.h` explains them."""

    sort: str | None
    module: str | None
    match: str | None
    function: str | None
    thread: str | None
    limit: int
    min_share: float
    width: int
    reverse: bool
    color: bool
    ascii: bool
    compensated: bool
    full_paths: bool

class Profile:
    @staticmethod
    def load(path: str, format: str | None = ...) -> Profile: ...
    def save(self, path: str, format: str | None = ...) -> None: ...
    def report(self, name: str = ..., **options: Unpack[ReportOptions]) -> str: ...
    def diff(self, after: Profile, **options: Unpack[ReportOptions]) -> str: ...
    def export(self, format: str) -> bytes: ...
    def compensate(self) -> None: ...
    @property
    def meta(self) -> dict[str, str | int]: ...
    @property
    def functions(self) -> list[dict[str, Any]]: ...

class Ending:
    def __init__(
        self,
        function: Callable[..., Any],
        before: Callable[[], object],
        after: Callable[[], object],
        /,
    ) -> None: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

def run_main(code: CodeType, globals: dict[str, Any], /) -> int: ...
def call_main(function: Callable[..., Any], arguments: tuple[Any, ...], /) -> int: ...
