# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Pyrometer: one profiler for Python.

`trace` counts and times every call that a piece of code makes; `load` opens a saved profile.
Importing this package loads nothing else: the parts are fetched when first used, so that a
program which merely decorates a function, or is started by the `pyrometer` command, starts fast.
"""

TYPE_CHECKING = False  # mypy takes it for typing's, which would cost an import
if TYPE_CHECKING:
    from pyrometer._api import Profile, Trace, load, trace
    from pyrometer._probe import (
        Error,
        FormatError,
        LimitError,
        UnsupportedError,
        UsageError,
        __version__,
    )

__all__ = [
    "Error",
    "FormatError",
    "LimitError",
    "Profile",
    "Trace",
    "UnsupportedError",
    "UsageError",
    "__version__",
    "load",
    "trace",
]

_FROM_API = ("Profile", "Trace", "load", "trace")


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _FROM_API:
        from pyrometer import _api as source
    else:
        from pyrometer import _probe as source  # type: ignore[no-redef]
    value: object = getattr(source, name)
    globals()[name] = value
    return value


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
