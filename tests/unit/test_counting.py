#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A case that failed is told once, by its name, with why."""

import contextlib
import io
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import count_tests  # noqa: E402
import tap  # noqa: E402


class Rough:
    """Cases that are not this program's own."""

    class Cases(unittest.TestCase):
        """What can happen to one."""

        def test_all_at_once(self):
            self.addCleanup(lambda: 1 / 0)
            with self.subTest('one'):
                self.fail('a part')
            with self.subTest('two'):
                self.fail('another')
            self.fail('the rest')

        def test_good(self):
            pass

        @unittest.expectedFailure
        def test_good_after_all(self):
            pass

        def test_skipped(self):
            self.skipTest('no reason')

    class NoFixture(unittest.TestCase):
        """One whose class can't be set up."""

        @classmethod
        def setUpClass(cls):
            raise OSError('no fixture')

        def test_never(self):
            pass


def run_rough(*classes):
    """What the TAP of these comes to."""
    cases = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(c) for c in classes)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        cases.run(tap.TapResult())
    return [case._replace(name=case.name.split('.')[-1])
            for case in count_tests.count_cases(told.getvalue())]


class TapTest(unittest.TestCase):
    """A line a case."""

    def test_one_line_each(self):
        self.assertEqual(
            [(case.name, case.result) for case in run_rough(Rough.Cases)],
            [('test_all_at_once', 'failed'), ('test_good', 'passed'),
             ('test_good_after_all', 'failed'), ('test_skipped', 'skipped')])

    def test_fixture(self):
        (case,) = run_rough(Rough.NoFixture)
        self.assertEqual((case.result, case.words),
                         ('failed', 'OSError: no fixture'))


class CountTest(unittest.TestCase):
    """Of what a program said."""

    @staticmethod
    def count(result, stdout, stderr=''):
        """One program's cases."""
        return count_tests.count_program(
            {'name': 'x', 'result': result, 'stdout': stdout,
             'stderr': stderr})

    def test_reason(self):
        _, case = self.count('FAIL', 'ok 1 - /a\n# ValueError: it\n'
                             '# and more\nnot ok 2 - /b\n')
        self.assertEqual(case, ('failed', '/b', 'ValueError: it'))

    def test_crash_is_one_more(self):
        _, case = self.count('ERROR', 'ok 1 - /a\nBail out! ERROR:x.c:1: no\n')
        self.assertEqual(
            case, ('failed', 'error after /a', 'Bail out! ERROR:x.c:1: no'))

    def test_crash_beside_a_failure_is_not(self):
        self.assertEqual(len(self.count('ERROR', 'not ok 1 - /a\n')), 1)

    def test_leak(self):
        _, case = self.count('ERROR', 'ok 1 - /a\n', 'ERROR: Leak\nbye\n')
        self.assertEqual(case.words, 'ERROR: Leak')

    def test_no_tap(self):
        self.assertEqual(self.count('OK', ''), [('passed', 'ok', '')])
        self.assertEqual(self.count('FAIL', 'oh\n'), [('failed', 'fail', 'oh')])
        self.assertEqual(self.count('SKIP', 'no tool\n'),
                         [('skipped', '', 'no tool')])


if __name__ == '__main__':
    tap.main()
