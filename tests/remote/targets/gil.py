# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""One thread computes, all others wait."""

import threading

from spot import say, spot

stop = []


def compute():
    n = 0
    while not stop:
        n += 1


computing = threading.Thread(target=compute, name="computes")
waiting = threading.Thread(target=threading.Event().wait, name="waits", daemon=True)
computing.start()
waiting.start()
say(ready=True)
spot()
stop.append(1)
