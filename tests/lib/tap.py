# SPDX-License-Identifier: LGPL-2.1-or-later
"""unittest that speaks TAP, so that meson and ./check see each case."""

import os
import sys
import unittest


class TapResult(unittest.TestResult):
    """Prints a line per case as it ends; what went wrong comes before it. However
    much goes wrong in a case, in its parts and in what cleans up, it is one line."""

    def __init__(self):
        super().__init__()
        self.number = 0
        self.running = None
        self.has_failed = False
        self.directive = ''

    def _tell(self, test):
        self.number += 1
        word = 'not ok' if self.has_failed else 'ok'
        name = test.id().removeprefix('__main__.')
        print(f'{word} {self.number} - {name}{self.directive}', flush=True)
        self.running = None
        self.has_failed = False
        self.directive = ''

    def _fail(self, test, text):
        print('\n'.join('# ' + line for line in text.splitlines()))
        self.has_failed = True
        # What is made for a whole class fails outside of its cases.
        if self.running is None:
            self._tell(test)

    def startTest(self, test):
        super().startTest(test)
        self.running = test

    def stopTest(self, test):
        super().stopTest(test)
        self._tell(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(test, f'{subtest}\n{self._exc_info_to_string(err, test)}')

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._fail(test, 'succeeded, which nobody expected')

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.directive = f' # SKIP {reason}'
        if self.running is None:
            self._tell(test)


def main():
    """Runs the cases of the program itself, or those that its command names. What
    they write others read, too: daemons that are not root, and other users."""
    os.umask(0o022)
    module = sys.modules['__main__']
    cases = unittest.defaultTestLoader.loadTestsFromNames(
        sys.argv[1:], module) if sys.argv[1:] \
        else unittest.defaultTestLoader.loadTestsFromModule(module)
    result = TapResult()
    print(f'1..{cases.countTestCases()}', flush=True)
    cases.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
