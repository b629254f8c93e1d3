# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Stands still in a recursion as deep as the first argument says."""

import sys
import threading

from spot import say, stand_still


def down(n):
    if n == 0:
        stand_still()
        return 0
    return 1 + down(n - 1)


depth = int(sys.argv[1])
sys.setrecursionlimit(depth + 1000)
threading.stack_size((depth // 1000 + 8) << 20)
thread = threading.Thread(target=down, args=(depth,), name="deep")
thread.start()
thread.join()
say(ended=True)
