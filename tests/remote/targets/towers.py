# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Calls four towers of functions in turn: t<k>_0 calls t<k>_1 and so on, so that a stack that mixes
towers, or leaves a floor out, is one that this program never has.

    towers.py DEPTH
"""

import json
import sys

depth = int(sys.argv[1])
lines = []
for tower in range(4):
    lines.append(f"def t{tower}_{depth - 1}():\n    x = 1\n    return x")
    for floor in reversed(range(depth - 1)):
        lines.append(f"def t{tower}_{floor}():\n    x = t{tower}_{floor + 1}()\n    return x")
lines.append("def drive():\n    while True:")
lines.extend(f"        t{tower}_0()" for tower in range(4))
space: dict = {}
sys.setrecursionlimit(10000)
exec(compile("\n".join(lines), "towers", "exec"), space)
print(json.dumps({"ready": True}), flush=True)
space["drive"]()
