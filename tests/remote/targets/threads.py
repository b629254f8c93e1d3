# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Many threads with names, which wait, and say how the kernel knows them."""

import ctypes
import os
import sys
import threading

from spot import say

GETTID = {"x86_64": 186, "aarch64": 178}[os.uname().machine]
syscall = ctypes.CDLL(None).syscall
numbers = {}
ready = threading.Semaphore(0)
done = threading.Event()


def wait():
    numbers[threading.current_thread().name] = syscall(GETTID)
    ready.release()
    done.wait()


class Worker(threading.Thread):
    def __init__(self, name):
        super().__init__(target=wait, name=name)
        self.extra = [1]


def renamed():
    threading.current_thread().name = "renamed \u20ac \U0001f525"
    threading.current_thread().__dict__["own"] = 1  # no longer kept in the object itself
    wait()


count = int(sys.argv[1])
threads = [Worker("worker %d" % i) for i in range(count)]
threads.append(threading.Thread(target=renamed))
threads.append(threading.Thread(target=wait, name="caf\u00e9"))
for thread in threads:
    thread.start()
for _ in threads:
    ready.acquire()
say(ready=True, numbers=numbers, main=syscall(GETTID))
os.read(0, 1)
done.set()
