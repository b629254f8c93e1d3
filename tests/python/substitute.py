# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Puts our modules in the place of Python's own, in every interpreter of an environment.

A `.pth` file of the environment imports this, so that it works even in children started with
`-I`, which ignore PYTHONPATH; CPython's tests start such children.
"""

import os
import sys

_compat = os.environ.get("SUBSTITUTE_COMPAT")  # the folder of pyrometer.compat; not set: do nothing
_log = os.environ.get("SUBSTITUTE_LOG")

_FILES = {"_lsprof": "_lsprof.py", "cProfile": "cProfile.py"}
if sys.version_info >= (3, 15):
    # The real code is in this package there, and `cProfile` only passes its names on.
    del _FILES["cProfile"]
    _FILES["profiling.tracing"] = _FILES["profiling.tracing.__main__"] = "cProfile.py"


class Finder:
    """Finds our files under the names of Python's modules, and writes down that it did."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """See `importlib.abc.MetaPathFinder.find_spec`."""
        if name not in _FILES:
            return None
        from importlib.util import spec_from_file_location

        with open(_log, "a", encoding="utf-8") as log:
            log.write(f"{os.getpid()} {name}\n")
        folders = [_compat] if name == "profiling.tracing" else None
        file = os.path.join(_compat, _FILES[name])
        return spec_from_file_location(name, file, submodule_search_locations=folders)


if _compat:
    sys.meta_path.insert(0, Finder)
