# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""What all Python tests share: how a machine that others use, too, is allowed for.

Counts decide most tests, and a busy machine changes none of them. Where a time has to decide, the
test is marked ``measured``: a bound that does not hold is measured again, after a pause, up to
`ATTEMPTS` times in all. What disturbs one measurement is gone in the next, and what is wrong by
itself is wrong in every one. Only `AssertionError` counts as a bound: any other exception, and
`pytest.fail`, fail at once. A marked test asserts nothing that is not measured but what any attempt
would show, and begins each time from nothing.
"""

from __future__ import annotations

import functools
import signal
import time
from collections.abc import Sequence
from typing import Any, Callable

import pytest
from hypothesis import HealthCheck, settings

ATTEMPTS = 5
PAUSE_S = 0.2  # before the second attempt; each later one waits that much longer
AGAIN = "measured again"  # the property of a test's report; tools/run_tests.py reads it

# How long an example takes says nothing about it.
settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and interrupts heard, which a shell's background jobs ignore."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers",
        f"measured: a measured time decides; up to {ATTEMPTS} attempts, as other programs disturb",
    )


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Let the marked tests repeat themselves."""
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("measured"):
            item.obj = repeated(item.obj, item.user_properties)


def repeated(test: Callable[..., None], told: list[tuple[str, object]]) -> Callable[..., None]:
    """Return the test as one that tries anew, and adds to `told` what made it."""

    @functools.wraps(test)
    def attempts(*args: Any, **kwargs: Any) -> None:
        for attempt in range(1, ATTEMPTS):
            try:
                return test(*args, **kwargs)
            except AssertionError as error:
                why = " ".join(str(error).split())[:200]
                told.append((AGAIN, f"attempt {attempt} at {where(error)}: {why}"))
            time.sleep(attempt * PAUSE_S)
        return test(*args, **kwargs)

    return attempts


def where(error: AssertionError) -> str:
    """Return the place in the test at which a bound did not hold."""
    place = error.__traceback__
    assert place is not None
    while place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were measured more than once, and why, whether they passed or not."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            reasons = [why for name, why in report.user_properties if name == AGAIN]
            if report.when == "call" and reasons:
                terminalreporter.write_line(f"{AGAIN}: {report.nodeid}")
                for why in reasons:
                    terminalreporter.write_line(f"  {why}")
