# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""towers.py in an interpreter that the main thread made and another thread runs.

lent.py DEPTH
"""

import json
import sys
import threading
from pathlib import Path

try:
    import _interpreters as interpreters

    run = interpreters.exec
except ImportError:
    try:
        import _xxsubinterpreters as interpreters

        run = interpreters.run_string
    except ImportError:
        print(json.dumps({"ready": False}), flush=True)
        sys.exit()

towers = (Path(__file__).parent / "towers.py").read_text(encoding="utf-8")
code = f"import sys\nsys.argv = ['towers.py', {sys.argv[1]!r}]\n" + towers
lent = interpreters.create()
runner = threading.Thread(target=lambda: run(lent, code))
runner.start()
runner.join()
