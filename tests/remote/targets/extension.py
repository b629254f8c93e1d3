# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""C code that is called from Python and calls Python: qsort() with a function to compare by."""

import ctypes

from spot import say, stand_still

looked = []


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def compare(a, b):
    if not looked:
        looked.append(1)
        stand_still()
    return 0


def sort():
    ctypes.CDLL(None).qsort((ctypes.c_int * 2)(2, 1), 2, 4, compare)


sort()
say(ended=True)
