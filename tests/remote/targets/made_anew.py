# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Makes a function, lets it compute for a while, and lets go of it, again and again.

What is made is alike but for its number, so that each takes the place in memory of the one before.
"""

import time

from spot import say

SOURCE = """
def inner_{0}(end):
    while time() < end:
        pass
def outer_{0}(end):
    inner_{0}(end)
outer_{0}(time() + {1})
"""
STEP_S = 0.3  # longer than codes are believed to be the same

say(ready=True)
number = 100
while number < 999:
    exec(
        compile(SOURCE.format(number, STEP_S), "<made {}>".format(number), "exec"),
        {"time": time.time},
    )
    number += 1
