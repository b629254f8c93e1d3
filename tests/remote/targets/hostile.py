# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Says where its structures are, and then stays in C for good, so that they may be spoilt."""

import ctypes
import sys
import threading

from spot import say


def stay(n):
    if n:
        return stay(n - 1)
    frames = []
    frame = sys._getframe()
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    api = ctypes.pythonapi
    api.PyThreadState_Get.restype = ctypes.c_void_p
    code = stay.__code__
    table = getattr(code, "co_linetable", None) or code.co_lnotab
    state = api.PyThreadState_Get()
    words = ctypes.cast(state, ctypes.POINTER(ctypes.c_uint64))
    areas = {
        "thread": [state, 320],
        "frame": [id(frames[0]), 128],
        "frame behind": [id(frames[1]), 128],
        "code": [id(code), 256],
        "name": [id(code.co_name), 64],
        "file": [id(code.co_filename), 64],
        "lines": [id(table), 64],
        "modules": [id(sys.modules), 64],
        "threading": [id(threading), 64],
        "names": [id(threading._active), 64],
        "thread object": [id(threading.main_thread()), 64],
        "type": [id(threading.Thread), 512],
        "code type": [id(type(code)), 256],
        "str type": [id(str), 256],
        "dict type": [id(dict), 256],
    }
    pause = ctypes.PyDLL(None).pause
    # What the words of the thread point at comes too: frames, the data stack, the interpreter.
    pointed = [words[i] for i in range(40)]
    say(ready=True, areas=areas, pointed=pointed)
    while True:
        pause()


threading.Thread(target=threading.Event().wait, daemon=True).start()
stay(20)
