# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""A process with a Python child, that has one too, and a child that is no Python."""

import subprocess
import sys

from spot import say, stand_still


def start(*command):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


if sys.argv[1:] == ["grandchild"]:
    stand_still()
elif sys.argv[1:] == ["child"]:
    below = start(sys.executable, __file__, "grandchild")
    below.stdout.readline()
    say(below=below.pid)
    sys.stdin.read(1)
    below.communicate(b".")
else:
    child = start(sys.executable, __file__, "child")
    other = start("cat")
    line = child.stdout.readline().decode()
    say(child=child.pid, other=other.pid, line=line)
    sys.stdin.read(1)
    child.communicate(b".")
    other.communicate()
