# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Austin's binary files, as far as stacks go; its documentation describes the format."""

from collections import Counter
from typing import Optional

METADATA, STACK, FRAME, INVALID, REFERENCE, KERNEL, GC, IDLE = range(1, 9)
TIME, MEMORY, STRING, STRING_REFERENCE = range(9, 13)
FRAME_FIELDS = 7  # key, file, scope, line, end of line, column, end of column


class Reader:
    """The numbers and strings of such a file, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        """Return an integer: six bits and the sign first, then seven at a time."""
        byte = self.data[self.at]
        self.at += 1
        value, shift, negative = byte & 0x3F, 6, byte & 0x40
        while byte & 0x80:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
        return -value if negative else value

    def text(self) -> str:
        end = self.data.index(0, self.at)
        found = self.data[self.at : end].decode("utf-8", "replace")
        self.at = end + 1
        return found


def read_stacks(data: bytes) -> "Counter[tuple[tuple[str, int], ...]]":
    """Return how often each stack of names and lines was seen, outermost frame first.

    A frame that Austin calls invalid is named so. The last stack of a file that ends within it is
    left out.

    Raises
    ------
    ValueError
        It is not such a file.
    """
    if not data.startswith(b"MOJ"):
        raise ValueError("not a MOJO file")
    reader = Reader(data)
    reader.at = 3
    reader.number()  # the version
    strings: dict[int, str] = {}
    frames: dict[int, tuple[str, int]] = {}
    found: Counter[tuple[tuple[str, int], ...]] = Counter()
    keys: Optional[list[int]] = None
    try:
        while reader.at < len(data):
            event = data[reader.at]
            reader.at += 1
            if event == REFERENCE:
                key = reader.number()
                if keys is not None:
                    keys.append(key)
            elif event == STACK:
                reader.number(), reader.number(), reader.text()
                keys = []
            elif event == FRAME:
                fields = [reader.number() for _ in range(FRAME_FIELDS)]
                frames[fields[0]] = (strings.get(fields[2], "?"), fields[3])
            elif event == STRING:
                string = reader.number()
                strings[string] = reader.text()
            elif event == TIME:
                reader.number()
                if keys is not None:
                    found[tuple(frames.get(it, ("?", 0)) for it in keys)] += 1
                keys = None
            elif event == INVALID:
                if keys is not None:
                    keys.append(0)
                    frames[0] = ("<invalid>", 0)
            elif event == METADATA:
                reader.text(), reader.text()
            elif event == KERNEL:
                reader.text()
            elif event in (MEMORY, STRING_REFERENCE):
                reader.number()
            elif event not in (GC, IDLE):
                raise ValueError(f"event {event} at byte {reader.at - 1}")
    except IndexError:
        pass  # it was ended while it wrote
    return found
