# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the tracer share: two functions to call, and ways to look at a profile."""

from __future__ import annotations

from typing import Any, Callable

from pyrometer import _probe


def leaf() -> None:
    """Do nothing."""


def branch(n: int) -> None:
    """Call `leaf` so many times."""
    for _ in range(n):
        leaf()


def functions(profile: Any) -> dict[str, dict[str, Any]]:
    """Return the figures of each function by qualified name, which is unique in these tests."""
    return {f["qualname"]: f for f in profile.functions}


def lost(profile: Any) -> dict[str, int]:
    """Return the honesty counters that are not zero."""
    return {k: v for k, v in profile.meta.items() if k.startswith("lost_") and v}


def calls(profile: Any) -> dict[str, int]:
    """Return the counts of the functions that were called."""
    return {f["qualname"]: f["calls"] for f in profile.functions if f["calls"]}


def trace(body: Callable[[], object], **options: Any) -> Any:
    """Trace one call and return the profile, which must have lost nothing."""
    tracer = _probe.Tracer(**options)
    tracer.start()
    try:
        body()
    finally:
        tracer.stop()
    profile = tracer.profile()
    assert lost(profile) == {}
    return profile
