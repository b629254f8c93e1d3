# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Stands still in functions whose names are stored in each way that texts are, in one stack."""

from spot import spot

NAMES = ["plain", "caf\u00e9", "\u03bb\u03b5\u03b9\u03c4\u03bf\u03c5\u03c1\u03b3\u03af\u03b1",
         "\U00010330\U00010331", "n" * 1000000, "\u00e9" * 2000, "\U00010330" * 1025]  # fmt: skip
FILES = ["plain.py", "caf\u00e9.py", "\u0444\u0430\u0439\u043b.py", "\U0001f525 \u0444.py"]

call = spot
for i, name in enumerate(NAMES):
    source = "def {}(): return call()".format(name)
    space = {"call": call}
    exec(compile(source, FILES[i % len(FILES)], "exec"), space)
    call = space[name]
call()
