# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""A target whose structures hold garbage: a dump says what it can, and never breaks or runs away.

The target stays in C while the test writes over its memory, looks, and puts back what was there.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from remote_targets import Python, Target

SEEDS = 60
WORDS = 3  # spoilt at a time
POINTED_BYTES = 256  # of what a thread state points at
GOOD_STATUSES = {0, 1, 2, 3, 4, 5}  # any but that of a signal or a crash

Start = Callable[..., Target]


class Memory:
    """The memory of a process, to read and to write."""

    def __init__(self, pid: int) -> None:
        self.file = os.open(f"/proc/{pid}/mem", os.O_RDWR)

    def close(self) -> None:
        os.close(self.file)

    def read(self, address: int, size: int) -> bytes:
        return os.pread(self.file, size, address)

    @contextmanager
    def spoilt(self, words: dict[int, bytes]) -> Iterator[None]:
        """Write words at addresses; afterwards put back what was there."""
        before = {address: self.read(address, len(word)) for address, word in words.items()}
        try:
            for address, word in words.items():
                os.pwrite(self.file, word, address)
            yield
        finally:
            for address, word in before.items():
                os.pwrite(self.file, word, address)


def places(memory: Memory, said: dict[str, Any]) -> list[tuple[int, int]]:
    """Return the areas of memory to spoil: address and size."""
    found = [(address, size) for address, size in said["areas"].values()]
    for address in said["pointed"]:
        try:
            if address % 8 == 0 and memory.read(address, POINTED_BYTES):
                found.append((address, POINTED_BYTES))
        except (OSError, OverflowError):
            continue
    return found


def garbage(chance: random.Random, areas: list[tuple[int, int]]) -> bytes:
    """Return a word: any, a small one, a huge one, a pointer to where something is."""
    address, size = chance.choice(areas)
    word = chance.choice(
        [
            chance.getrandbits(64),
            chance.getrandbits(8),
            (1 << 63) - 1 - chance.getrandbits(8),
            (1 << 64) - 1,
            address + chance.randrange(0, size, 8),
            address,
        ]
    )
    return word.to_bytes(8, "little")


def test_garbage_never_breaks_a_dump(start: Start, python: Python) -> None:
    said_something = 0
    with start("hostile.py") as target:
        said = target.hear()
        memory = Memory(target.pid)
        try:
            areas = places(memory, said)
            whole = target.dump()
            for seed in range(SEEDS):
                chance = random.Random(seed)
                words = {}
                for _ in range(WORDS):
                    address, size = chance.choice(areas)
                    words[address + chance.randrange(0, size, 8)] = garbage(chance, areas)
                with memory.spoilt(words):
                    outcome = target.try_dump()
                assert outcome.status in GOOD_STATUSES, f"seed {seed}: {outcome}"
                if outcome.status == 0:
                    json.loads(outcome.out)
                    said_something += 1
                else:
                    assert outcome.err.startswith("pyrometer: "), f"seed {seed}: {outcome}"
            # All is as it was, and nothing of the garbage stayed behind.
            assert target.dump() == whole
        finally:
            memory.close()
    assert said_something >= SEEDS // 4


def test_cycles_and_huge_lengths_cost_little(start: Start, python: Python) -> None:
    with start("hostile.py") as target:
        said = target.hear()
        memory = Memory(target.pid)
        try:
            whole = target.dump()
            # Each word of an object in turn as huge as can be, and as a pointer back to itself.
            for name in ("frame", "code", "name", "lines", "modules"):
                address, size = said["areas"][name]
                for at in range(address, address + min(size, 48), 8):
                    for word in ((1 << 62).to_bytes(8, "little"), address.to_bytes(8, "little")):
                        with memory.spoilt({at: word}):
                            outcome = target.try_dump()
                        assert outcome.status in GOOD_STATUSES, f"{name} + {at - address}"
            assert target.dump() == whole
        finally:
            memory.close()
