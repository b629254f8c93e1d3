# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a program under the tracer, as the interpreter itself would run it.

The command `pyrometer trace` starts ``python -c 'from pyrometer._launch import main; main()'``
followed by words ``key=value``, then ``--``, then the program and its arguments:

    output=PATH builtins=0|1 include=MODULE exclude=MODULE threads=all|main node_limit=N

The program finds `sys.argv`, `sys.path`, `sys.modules["__main__"]` and the rest as if we were not
there. This file imports nothing that the interpreter has not loaded by itself: what it needs
would be missing from the imports that the program pays for, and would delay its start.
"""

import os
import sys

from pyrometer import _probe

TYPE_CHECKING = False  # mypy takes it for typing's, which would cost an import
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any, NoReturn, Optional

    Program = tuple[Callable[..., int], tuple[Any, Any]]  # how to run it, and with what

_USAGE_STATUS = 2
_kept: "list[object]" = []  # the launcher's own __main__, whose code is still on the stack


def main() -> None:
    """Run the program that the command line names, then exit with its status."""
    options, words = _parse(sys.argv[1:])
    _hide_launcher(words)
    try:
        if words[0] == "-c":
            run, arguments = _command(words[1], words[2:])
        elif words[0] == "-m":
            run, arguments = _module(words[1], words[2:])
        else:
            run, arguments = _script(words[0], words[1:])
    except (OSError, SyntaxError, ValueError):
        _let_python_complain(words)
    _start(options, _shown(words))
    status = run(*arguments)
    if status:
        raise SystemExit(status)  # calling sys.exit would be one more call of the program's


def _parse(words: "list[str]") -> "tuple[dict[str, Any], list[str]]":
    """Split into the tracer's arguments and the words of the program."""
    options: dict[str, Any] = {"include": [], "exclude": []}
    end = words.index("--")
    for word in words[:end]:
        key, _, value = word.partition("=")
        if key == "output":
            # Absolute now, as the program may change its directory.
            options["path"] = os.path.abspath(value)
        elif key == "builtins":
            options[key] = value == "1"
        elif key in ("include", "exclude"):
            options[key].append(value)
        elif key == "threads":
            options[key] = "all" if value == "all" else "current"
        elif key in ("node_limit", "context_limit", "timeline"):
            options[key] = int(value)
        elif key in ("tasks", "greenlets"):
            options[key] = value == "1"
        elif key in ("clock", "tag"):
            options[key] = value
    return options, words[end + 1 :]


def _hide_launcher(words: "list[str]") -> None:
    """Make the interpreter look as if it had been started with `words` alone."""
    if hasattr(sys, "orig_argv"):
        before = len(sys.orig_argv) - len(sys.argv) + 1
        before -= 2 if sys.orig_argv[before - 2] in ("-c", "-m") else 1
        sys.orig_argv[:] = [*sys.orig_argv[:before], *words]
    if not _path_is_safe():
        del sys.path[0]
    _kept.append(sys.modules["__main__"])
    sys.modules.pop("linecache", None)  # 3.13 and later keep the text of -c, which was ours


def _path_is_safe() -> bool:
    """Tell whether the interpreter was to keep the program's folder off `sys.path`."""
    return bool(getattr(sys.flags, "safe_path", sys.flags.isolated))


def _new_main() -> "dict[str, Any]":
    """Make a new ``__main__``; its names, as every one has them, in their usual order."""
    module = sys.modules["__main__"] = type(sys)("__main__")
    names = vars(module)
    names["__loader__"] = sys.modules["_frozen_importlib"].BuiltinImporter
    if sys.version_info < (3, 14):
        names["__annotations__"] = {}
    names["__builtins__"] = sys.modules["builtins"]
    return names


def _command(source: str, arguments: "list[str]") -> "Program":
    """Prepare ``-c source``."""
    sys.argv[:] = ["-c", *arguments]
    if not _path_is_safe():
        sys.path.insert(0, "")
    names = _new_main()
    if sys.version_info >= (3, 14):
        from textwrap import dedent

        source = dedent(source)
    code = compile(source, "<string>", "exec", dont_inherit=True)
    if sys.version_info >= (3, 13):
        import linecache

        by_code = hasattr(linecache, "_interactive_cache")  # in the newer releases
        key = code if by_code else "<string>"
        linecache._register_code(key, source, "<string>")  # type: ignore[attr-defined,unused-ignore]
    return _probe.run_main, (code, names)


def _module(name: str, arguments: "list[str]", archive: "Optional[str]" = None) -> "Program":
    """Prepare ``-m name``, or the ``__main__`` of a folder or an archive."""
    sys.argv[:] = [archive or "-m", *arguments]
    if archive is None and not _path_is_safe():
        sys.path.insert(0, os.getcwd())
    _new_main()
    # By the interpreter's own function, as its frames are seen in every traceback.
    from runpy import _run_module_as_main as run  # type: ignore[attr-defined]

    return _probe.call_main, (run, (name, archive is None))


def _script(path: str, arguments: "list[str]") -> "Program":
    """Prepare a file of Python code, or a folder or an archive with a ``__main__.py``."""
    full = path if path.startswith("/") else f"{os.getcwd()}/{path}"
    if _importer(full) is not None:
        sys.path.insert(0, full)
        return _module("__main__", arguments, path)
    sys.argv[:] = [path, *arguments]
    if not _path_is_safe():
        sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    with open(full, "rb") as file:
        content = file.read()
    names = _new_main()
    loaders = sys.modules["_frozen_importlib_external"]
    if content[:4] == loaders.MAGIC_NUMBER:
        names["__loader__"] = loader = loaders.SourcelessFileLoader("__main__", full)
        code: CodeType = loader.get_code("__main__")
    else:
        names["__loader__"] = loaders.SourceFileLoader("__main__", full)
        code = compile(content, full, "exec", dont_inherit=True)
    names["__file__"] = full
    if sys.version_info < (3, 15):
        names["__cached__"] = None
    return _probe.run_main, (code, names)


def _importer(path: str) -> object:
    """Return what imports from the folder or archive `path`; None for other files."""
    cache = sys.path_importer_cache
    if path not in cache:
        cache[path] = None
        for hook in sys.path_hooks:
            try:
                cache[path] = hook(path)
                break
            except ImportError:
                pass
    return cache[path]


def _let_python_complain(words: "list[str]") -> "NoReturn":
    """Have a program that can't be read or compiled refused in the interpreter's own words."""
    plain = getattr(sys, "orig_argv", None)
    if plain is None:
        from subprocess import _args_from_interpreter_flags  # type: ignore[attr-defined]

        plain = [sys.executable, *_args_from_interpreter_flags(), *words]
    os.execv(sys.executable, plain)


def _fail(message: str) -> "NoReturn":
    print(message, file=sys.stderr)
    sys.exit(_USAGE_STATUS)


def _shown(words: "list[str]") -> str:
    """Return the program's command line as one would type it."""
    return " ".join(
        word if word and not set(word) & set(" \t\n'\"\\$`;&|<>*?()[]{}#~!") else repr(word)
        for word in words
    )


def _start(options: "dict[str, Any]", command: str) -> None:
    """Start tracing, and see to it that the trace is complete, however the program ends."""
    import atexit

    # The frames running now are the launcher's: no part of the program's profile.
    tracer = _probe.Tracer(command=command, seed=False, **options)

    def finish() -> None:
        try:
            tracer.stop()
            if isinstance(tracer.tag, str) and sys.stderr is not None:
                print(
                    f"pyrometer: --tag {tracer.tag}: the program has no such context variable"
                    " (of the script itself: __main__:NAME)",
                    file=sys.stderr,
                )
        except (OSError, _probe.Error) as error:
            if sys.stderr is not None:  # else print would take standard output
                print(f"pyrometer: {error}", file=sys.stderr)

    atexit.register(finish)  # the first to register is the last to be called
    posix = sys.modules["posix"]
    for name in ("_exit", "abort", "execv", "execve"):
        ending = _probe.Ending(getattr(posix, name), finish, tracer.start)
        setattr(posix, name, ending)
        setattr(os, name, ending)
    try:
        tracer.start()  # the last thing done here, so that nothing of ours is in the profile
    except (OSError, _probe.Error) as error:
        _fail(f"pyrometer: {error}")


if __name__ == "__main__":
    main()
