# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Python that calls C that calls Python: stands still in the innermost of several layers."""

import ctypes
import functools

from spot import spot

LIBC = ctypes.CDLL(None)
COMPARISON = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int)
)


def numbers():
    yield spot()


def innermost(number):
    return sum(numbers()) + number


def key(number):
    return innermost(number)


def sort():
    return sorted([1], key=key)


def compare(left, right):
    sort()
    return left[0] - right[0]


def fold(total, number):
    values = (ctypes.c_int * 2)(1, 2)
    LIBC.qsort(values, 2, ctypes.sizeof(ctypes.c_int), COMPARISON(compare))
    return total + number


def recurse(depth):
    if depth == 0:
        return functools.reduce(fold, [1, 2])
    return recurse(depth - 1)


def main():
    recurse(20)


main()
