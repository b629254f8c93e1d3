# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that show whether they are run as the interpreter runs them; see test_faithful.py."""

from __future__ import annotations

import textwrap

SHOW = """\
    import sys, __main__
    for name, value in list(globals().items()):
        if name not in ("sys", "__builtins__"):
            print(name, "=", str(value).partition(" object at ")[0])
    print(type(__builtins__), vars(__main__) is globals(), sys.modules["__main__"] is __main__)
    print(sys.argv, sys.path[:2], getattr(sys, "orig_argv", None))
"""

# Each is run as a script; what matters is in what they print and how they end.
SCRIPTS = {
    "shows its surroundings": SHOW,
    "raises": """
        def f(n):
            if n == 0:
                raise KeyError("zero")
            f(n - 1)
        try:
            f(3)
        except KeyError as error:
            raise RuntimeError("again") from error
        """,
    "raises in a module that it imports": """
        import json
        json.loads("{")
        """,
    "exits with 0": "import sys; print('x'); sys.exit(0)",
    "exits with 3": "import sys; sys.exit(3)",
    "exits with None": "raise SystemExit",
    "exits with a message": "import sys; print('out'); sys.exit('cause and cure')",
    "exits with an object": "import sys; sys.exit([1, 2])",
    "exits with True": "import sys; sys.exit(True)",
    "exits with a large number": "import sys; sys.exit(2**70)",
    "exits with -1": "import sys; sys.exit(-1)",
    "exits from a function in a finally": """
        import sys
        def f():
            try:
                1 / 0
            finally:
                sys.exit(7)
        f()
        """,
    "is interrupted": "raise KeyboardInterrupt",
    "is interrupted by a signal": """
        import os, signal, time
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
        """,
    "is terminated": """
        import os, signal, time
        print("before", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        """,
    "catches an interrupt": """
        import os, signal
        try:
            os.kill(os.getpid(), signal.SIGINT)
            while True:
                pass
        except KeyboardInterrupt:
            print("caught")
        """,
    "fails in code from a string": "exec('def f():\\n    1 / 0\\nf()')",
    "has an excepthook": """
        import sys
        def hook(kind, value, traceback):
            depth = 0
            while traceback:
                depth, traceback = depth + 1, traceback.tb_next
            print("hook", kind, value, depth)
        sys.excepthook = hook
        def f():
            1 / 0
        f()
        """,
    "has an excepthook that fails": """
        import sys
        def hook(*args):
            raise ValueError("in the hook")
        sys.excepthook = hook
        1 / 0
        """,
    "looks at its last exception at exit": """
        import atexit, sys
        def show():
            print(sys.last_type, sys.last_value, sys.last_traceback.tb_frame.f_code.co_name)
        atexit.register(show)
        1 / 0
        """,
    "runs atexit callbacks": """
        import atexit, sys
        atexit.register(print, "first")
        atexit.register(print, "second")
        @atexit.register
        def fails():
            1 / 0
        sys.exit(4)
        """,
    "ends by os._exit": """
        import os, sys
        sys.stdout.write("not flushed")
        sys.stderr.write("written")
        os._exit(5)
        """,
    "ends by posix._exit": "import posix; posix._exit(6)",
    "calls os._exit wrongly": "import os; os._exit('x')",
    "calls os._exit by keyword": "import os; os._exit(status=9)",
    "aborts": "import os; os.abort()",
    "kills itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "becomes another program": """
        import os, sys
        print("one", flush=True)
        os.execv(sys.executable, [sys.executable, "-c", "print('two'); raise SystemExit(8)"])
        """,
    "becomes another program by name": """
        import os
        os.execlp("sh", "sh", "-c", "echo from the shell; exit 11")
        """,
    "does not find the other program": """
        import os
        try:
            os.execvp("there-is-no-such-program", ["x"])
        except FileNotFoundError as error:
            print("still here:", error.errno)
        os.execv("/", ["x"])
        """,
    "leaves a thread behind": """
        import threading, time
        def work():
            time.sleep(0.2)
            print("thread is done")
        threading.Thread(target=work).start()
        print("main is done")
        """,
    "leaves a daemon behind": """
        import threading, time
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        print("main is done")
        """,
    "fails in a thread": """
        import threading
        thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        thread.start()
        thread.join()
        """,
    "exits in a thread": """
        import sys, threading
        thread = threading.Thread(target=sys.exit, args=(3,))
        thread.start()
        thread.join()
        """,
    "fails where nobody can catch": """
        class C:
            def __del__(self):
                1 / 0
        C()
        """,
    "warns at its caller": """
        import warnings
        warnings.warn("one", stacklevel=1)
        warnings.warn("two", stacklevel=2)
        def f():
            warnings.warn("three", stacklevel=2)
        f()
        """,
    "looks down its stack": """
        import faulthandler, inspect, sys, traceback
        def f():
            traceback.print_stack()
            faulthandler.dump_traceback(all_threads=False)
            print(len(inspect.stack()))
            return sys._getframe(1)
        print(f().f_back)
        sys._getframe(1)
        """,
    "recurses too deeply": """
        def f():
            f()
        try:
            f()
        except RecursionError as error:
            print(error)
        """,
    "forks": """
        import os, sys
        sys.stdout.flush()
        for end in (os._exit, sys.exit):
            pid = os.fork()
            if pid == 0:
                print("child", flush=True)
                end(12)
            print("status", os.waitpid(pid, 0)[1])
        """,
    "pickles its classes": """
        import pickle
        class C:
            pass
        print(pickle.dumps(C()), pickle.loads(pickle.dumps(C())).__class__ is C)
        """,
    "knows its source": """
        import inspect
        def f():
            return 1  # a comment
        print(inspect.getsource(f), inspect.getfile(f))
        """,
    "is a unit test": """
        import unittest
        class Test(unittest.TestCase):
            def test_right(self):
                pass
            @unittest.expectedFailure
            def test_wrong(self):
                self.assertTrue(False)
        import io, sys
        unittest.main(testRunner=unittest.TextTestRunner(stream=io.StringIO()))
        """,
    "is a doctest": '''
        """
        >>> 1 + 1
        3
        """
        import doctest
        print(doctest.testmod().failed)
        ''',
    "has types": """
        import dataclasses, sys, typing
        @dataclasses.dataclass
        class C:
            x: "int"
        y: "C" = C(1)
        print(typing.get_type_hints(C), typing.get_type_hints(sys.modules["__main__"]))
        """,
    "has a coding": "# -*- coding: latin-1 -*-\nprint(ascii('é'))",
    "reads its input": "import sys; print(sys.stdin.read()); print(input())",
    "writes without a newline": "import sys; sys.stdout.write('x'); sys.stderr.write('y')",
    "closes its output": "import os; print('x'); os.close(1)",
    "runs a task": """
        import asyncio
        async def inner(n):
            await asyncio.sleep(0.001)
            return n
        async def main():
            print(await asyncio.gather(*map(inner, range(5))))
            raise ValueError("from a task")
        asyncio.run(main())
        """,
    "removes its main": "import sys; del sys.modules['__main__']; print(sys.path[0] != '')",
}

PROCESSES = """
    import multiprocessing, os, sys
    class Point:
        def __init__(self, x):
            self.x = x
        def __eq__(self, other):
            return type(other) is Point and self.x == other.x
    def double(point):
        return Point(point.x * 2)
    def fail(point):
        raise ValueError(point.x)
    def leave(point):
        sys.exit(point.x)
    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        with context.Pool(2) as pool:
            print(pool.map(double, [Point(1), Point(2)]) == [Point(2), Point(4)])
            try:
                pool.apply(fail, (Point(3),))
            except ValueError as error:
                print(repr(error))
        child = context.Process(target=leave, args=(Point(5),))
        child.start()
        child.join()
        print(child.exitcode, Point.__module__)
    else:
        assert __name__ == "__mp_main__"
"""

PROGRAMS = {
    "module": ["-m", "package.module", "one"],
    "package": ["-m", "package", "one"],
    "package without main": ["-m", "empty"],
    "no such module": ["-m", "there_is_no_such_module"],
    "module in a package that fails": ["-m", "failing.module"],
    "module that fails": ["-m", "fails"],
    "module with wrong syntax": ["-m", "wrong"],
    "module that is interrupted": ["-m", "interrupted"],
    "standard module": ["-m", "timeit", "-n", "1", "-r", "1", "-s", "import sys", "sys.exit(3)"],
    "folder": ["folder", "one"],
    "folder with a slash": ["./folder/", "one"],
    "folder without main": ["empty", "one"],
    "archive": ["archive.zip", "one"],
    "script below": ["folder/other.py"],
    "script by another way": ["./folder/../show.py", "x"],
    "script by a link": ["link.py", "x"],
    "script without suffix": ["script", "x"],
    "compiled script": ["compiled.pyc", "x"],
    "no such script": ["nothing.py"],
    "no such folder": ["nothing/script.py"],
    "unreadable name": ["show.py/x"],
    "wrong syntax": ["wrong.py"],
    "wrong indentation": ["indented.py"],
    "undeclared coding": ["latin.py"],
    "unknown coding": ["unknown.py"],
    "empty script": ["blank.py"],
    "code": ["-c", textwrap.dedent(SHOW), "one", "-m"],
    "code that fails": ["-c", "def f():\n    1 / 0\nf()"],
    "code that is wrong": ["-c", "x x"],
    "code that exits": ["-c", "import sys; sys.exit(sys.argv[1])", "text"],
    "code that is interrupted": ["-c", "raise KeyboardInterrupt"],
    "code that is empty": ["-c", ""],
}
