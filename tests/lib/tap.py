# SPDX-License-Identifier: LGPL-2.1-or-later
"""unittest that speaks TAP, so that meson and ./check see each case."""

import sys
import unittest


class TapResult(unittest.TestResult):
    """Prints a line per case as it ends; what went wrong comes before it."""

    def __init__(self):
        super().__init__()
        self.number = 0
        self.failed_parts = set()

    def _tell(self, word, test, directive='', trouble=None):
        self.number += 1
        if trouble:
            text = self._exc_info_to_string(trouble, test)
            print('\n'.join('# ' + line for line in text.splitlines()))
        name = test.id().removeprefix('__main__.')
        print(f'{word} {self.number} - {name}{directive}', flush=True)

    def addSuccess(self, test):
        self._tell('ok', test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._tell('not ok', test, trouble=err)

    def addError(self, test, err):
        super().addError(test, err)
        self._tell('not ok', test, trouble=err)

    def addSubTest(self, test, subtest, err):
        # A case with a part that failed is told once, as failed.
        super().addSubTest(test, subtest, err)
        if err is None:
            return
        text = self._exc_info_to_string(err, test)
        print('\n'.join('# ' + line
                        for line in [str(subtest), *text.splitlines()]))
        self.failed_parts.add(test.id())

    def stopTest(self, test):
        super().stopTest(test)
        if test.id() in self.failed_parts:
            self.failed_parts.remove(test.id())
            self._tell('not ok', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._tell('ok', test, f' # SKIP {reason}')


def main():
    """Runs the cases of the program itself, or those that its command names."""
    module = sys.modules['__main__']
    cases = unittest.defaultTestLoader.loadTestsFromNames(
        sys.argv[1:], module) if sys.argv[1:] \
        else unittest.defaultTestLoader.loadTestsFromModule(module)
    result = TapResult()
    print(f'1..{cases.countTestCases()}', flush=True)
    cases.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
