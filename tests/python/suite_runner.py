# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Runs modules of unit tests and writes each test's outcome as JSON.

suite_runner.py OUTPUT plain|traced MODULE...
"""

import contextlib
import json
import sys
import unittest


class Outcomes(unittest.TextTestResult):
    """Remembers what became of each test."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcomes = {}

    def stopTest(self, test):
        """See `unittest.TestResult`."""
        super().stopTest(test)
        self.outcomes.setdefault(test.id(), "passed")

    def addSkip(self, test, reason):
        """See `unittest.TestResult`."""
        super().addSkip(test, reason)
        self.outcomes[test.id()] = "skipped"

    def addError(self, test, err):
        """See `unittest.TestResult`."""
        super().addError(test, err)
        self.outcomes[test.id()] = self._exc_info_to_string(err, test)

    def addFailure(self, test, err):
        """See `unittest.TestResult`."""
        super().addFailure(test, err)
        self.outcomes[test.id()] = self._exc_info_to_string(err, test)

    def addSubTest(self, test, subtest, err):
        """See `unittest.TestResult`."""
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.outcomes[test.id()] = self._exc_info_to_string(err, test)


def main():
    """Do what the command line says."""
    output, how, *modules = sys.argv[1:]
    del sys.argv[1:]
    suite = unittest.defaultTestLoader.loadTestsFromNames(modules)
    around = contextlib.nullcontext()
    if how != "plain":
        import pyrometer

        trace = pyrometer.trace(builtins=how != "traced without builtins")
        if how == "after a trace":
            with trace:
                json.dumps(sys.version)
        else:
            around = trace
    with around:
        result = unittest.TextTestRunner(resultclass=Outcomes, verbosity=0).run(suite)
    with open(output, "w", encoding="utf-8") as file:
        json.dump(result.outcomes, file)


if __name__ == "__main__":
    main()
