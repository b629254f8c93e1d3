# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Four functions that burn 10, 20, 30 and 40 % of the time, until the target is killed.

With an argument: for so many seconds, and what each really took is said at the end; then the
status is 3.
"""

import json
import sys
import time

STEP_S = 0.01
spent = {"tenth": 0.0, "fifth": 0.0, "third": 0.0, "most": 0.0}


def burn(name, seconds):
    start = time.perf_counter()
    while time.perf_counter() < start + seconds:
        pass
    spent[name] += time.perf_counter() - start


def tenth():
    burn("tenth", STEP_S)


def fifth():
    burn("fifth", 2 * STEP_S)


def third():
    burn("third", 3 * STEP_S)


def most():
    burn("most", 4 * STEP_S)


def main():
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else None
    start = time.perf_counter()
    print(json.dumps({"ready": True}), flush=True)
    while limit is None or time.perf_counter() < start + limit:
        tenth()
        fifth()
        third()
        most()
    print(json.dumps(spent), flush=True)
    sys.exit(3)


if __name__ == "__main__":
    main()
