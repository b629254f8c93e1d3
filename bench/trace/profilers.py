# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The profilers that are timed, each as an object with start() and stop()."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from typing import Any, Callable, Optional


class Nothing:
    """Runs the program as it is: its ratio shows how far the machine is from still."""

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


class CProfile:
    def __init__(self, builtins: bool) -> None:
        import cProfile

        self._new = lambda: cProfile.Profile(builtins=builtins)

    def start(self) -> None:
        self._profile = self._new()
        self._profile.enable()

    def stop(self) -> None:
        self._profile.disable()


class Pyrometer:
    """Ours, with the options of `pyrometer.trace`."""

    def __init__(self, **options: Any) -> None:
        import pyrometer

        self._new = lambda: pyrometer.trace(**options)
        trace = self._new()  # calibrates once, outside the measurement
        trace.start()
        trace.stop()

    def start(self) -> None:
        self._trace = self._new()
        self._trace.start()

    def stop(self) -> None:
        self._trace.stop()


class Yappi:
    def __init__(
        self,
        builtins: bool,
        clock: str = "wall",
        backend: str = "native_thread",
        tag: Optional[Callable[[], int]] = None,
    ) -> None:
        import yappi

        self._yappi = yappi
        self._builtins = builtins
        self._clock = clock
        self._backend = backend
        self._tag = tag

    def start(self) -> None:
        self._yappi.set_clock_type(self._clock)
        self._yappi.set_context_backend(self._backend)
        self._yappi.set_tag_callback(self._tag)
        self._yappi.start(builtins=self._builtins)

    def stop(self) -> None:
        self._yappi.stop()
        self._yappi.clear_stats()


def load_floor() -> Any:
    """Compile floor_events.c for this interpreter, and import it."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "floor_events.c")
    folder = tempfile.mkdtemp()
    module = os.path.join(folder, "floor_events" + sysconfig.get_config_var("EXT_SUFFIX"))
    words = ["cc", "-O3", "-fPIC", "-shared", "-I" + sysconfig.get_path("include")]
    subprocess.run([*words, source, "-o", module], check=True)
    sys.path.insert(0, folder)
    try:
        return __import__("floor_events")
    finally:
        sys.path.remove(folder)
        shutil.rmtree(folder)


class HookFloor:
    """A frame hook that does nothing but read the clock twice, before CPython 3.12."""

    def __init__(self) -> None:
        self._hook = load_floor().hook

    def start(self) -> None:
        self._hook(True)

    def stop(self) -> None:
        self._hook(False)


class Floor:
    """Empty callbacks on the events that a tracer needs, from CPython 3.12 on."""

    EVENTS = ("PY_START", "PY_RESUME", "PY_THROW", "PY_RETURN", "PY_YIELD", "PY_UNWIND")
    BUILTIN_EVENTS = ("CALL", "C_RETURN", "C_RAISE")
    TOOL_ID = 2

    def __init__(self, builtins: bool, clock: bool) -> None:
        monitoring = sys.monitoring  # type: ignore[attr-defined]
        self._monitoring = monitoring
        names = self.EVENTS + (self.BUILTIN_EVENTS if builtins else ())
        self._bits = [getattr(monitoring.events, name) for name in names]
        self._set = sum(getattr(monitoring.events, n) for n in names if not n.startswith("C_"))
        self._callback = load_floor().callback(clock)

    def start(self) -> None:
        self._monitoring.use_tool_id(self.TOOL_ID, "floor")
        for bit in self._bits:
            self._monitoring.register_callback(self.TOOL_ID, bit, self._callback)
        self._monitoring.set_events(self.TOOL_ID, self._set)

    def stop(self) -> None:
        self._monitoring.set_events(self.TOOL_ID, 0)
        for bit in self._bits:
            self._monitoring.register_callback(self.TOOL_ID, bit, None)
        self._monitoring.free_tool_id(self.TOOL_ID)


TOOLS: dict[str, Callable[[], Any]] = {
    "nothing": Nothing,
    "cprofile": lambda: CProfile(True),
    "cprofile-nobuiltins": lambda: CProfile(False),
    "pyrometer": lambda: Pyrometer(),
    "pyrometer-nobuiltins": lambda: Pyrometer(builtins=False),
    "floor": lambda: Floor(True, False),
    "floor-nobuiltins": lambda: Floor(False, False),
    "floor-clock": lambda: Floor(True, True),
    "floor-clock-nobuiltins": lambda: (
        Floor(False, True) if sys.version_info >= (3, 12) else HookFloor()
    ),
    "yappi": lambda: Yappi(True),
    "yappi-nobuiltins": lambda: Yappi(False),
}
