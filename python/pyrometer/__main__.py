# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m pyrometer``: the command `pyrometer`, for the interpreter it is called with."""

import os
import sys

_COMMAND = "pyrometer"
_VERBS_FOR_A_PYTHON = ("trace",)


def find_command() -> str:
    """Return the path of the installed command.

    Raises
    ------
    FileNotFoundError
        It is not where the distribution's list of files says, nor among the scripts.
    """
    tried = []
    for path in _candidates():
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
        tried.append(path)
    raise FileNotFoundError(
        f"the command {_COMMAND!r} is not installed: looked for {', '.join(tried)}; "
        "install the package again"
    )


def _candidates() -> "list[str]":
    import sysconfig
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        files = distribution(_COMMAND).files or []
    except PackageNotFoundError:
        files = []
    found = [str(file.locate()) for file in files if file.name == _COMMAND]
    found.append(os.path.join(sysconfig.get_path("scripts"), _COMMAND))
    found.append(os.path.join(os.path.dirname(sys.executable), _COMMAND))
    return list(dict.fromkeys(map(os.path.realpath, found)))


def main() -> None:
    """Become the command, told which interpreter to use where it needs one."""
    words = sys.argv[1:]
    if words and words[0] in _VERBS_FOR_A_PYTHON:
        words[1:1] = ["--python", sys.executable]
    try:
        command = find_command()
        os.execv(command, [_COMMAND, *words])
    except OSError as error:
        print(f"pyrometer: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
