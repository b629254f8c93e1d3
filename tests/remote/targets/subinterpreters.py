# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Stands still in a function of another interpreter, with this one's main thread waiting."""

import os
import threading

from spot import say, stand_still

CODE = """
import os
def elsewhere():
    os.write({0}, b".")
    os.read({1}, 1)
elsewhere()
"""


def run(code):
    try:
        import _interpreters

        _interpreters.exec(_interpreters.create(), code)
        return
    except ImportError:
        pass
    try:
        import _xxsubinterpreters

        _xxsubinterpreters.run_string(_xxsubinterpreters.create(), code)
        return
    except ImportError:
        pass
    import _testcapi

    _testcapi.run_in_subinterp(code)


def begin():
    try:
        run(CODE.format(told[1], wait[0]))
    except ImportError:
        say(missing=True)
        os.write(told[1], b".")


told = os.pipe()
wait = os.pipe()
thread = threading.Thread(target=begin, daemon=True, name="carries the other")
thread.start()
os.read(told[0], 1)
stand_still()
os._exit(0)
