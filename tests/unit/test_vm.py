#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the harness of the guest makes of what it sees; no guest is booted."""

import json
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / 'vm'), str(TESTS / 'lib')]
import count_tests  # noqa: E402
import first  # noqa: E402
import guest  # noqa: E402
import machine  # noqa: E402
import packages  # noqa: E402
import suite  # noqa: E402
import tap  # noqa: E402


class ResultTest(unittest.TestCase):
    """A case is good only if it did all it had planned."""

    def test_results(self):
        good = '1..2\nok 1 - a\nok 2 - b\n'
        for status, output, result in [
                (0, good, 'OK'),
                (0, '1..2\nok 1 - a\nok 2 - b # SKIP why\n', 'OK'),
                (1, good, 'FAIL'),
                (0, '1..2\nok 1 - a\n', 'FAIL'),
                (0, '1..2\nok 1 - a\nnot ok 2 - b\n', 'FAIL'),
                (0, good + 'not ok - the kernel had no trouble\n', 'FAIL'),
                (0, '', 'FAIL'),
                (machine.TIMED_OUT, good, 'TIMEOUT'),
                (137, good, 'TIMEOUT')]:
            with self.subTest(output=output, status=status):
                self.assertEqual(suite.result_of(status, output), result)


class FakeMachine:
    """Hears what it is told, and works for a second on each."""

    def __init__(self, job):
        self.job = job
        self.heard = []

    def say(self, line):
        self.heard.append(line.split()[0])

    def spent_s(self):
        return float(len(self.heard))


class BootTest(unittest.TestCase):
    """Cases that machines ask for, and what is left if one is lost."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.job = pathlib.Path(folder.name)
        self.queue = suite.Queue(
            [suite.Case(name, self.job, usual_s)
             for name, usual_s in (('b', 20), ('c', 10), ('a', 30))])
        self.machine = FakeMachine(self.job)
        self.boot = suite.Boot(self.queue, self.machine, lambda text: None)
        (self.job / 'a.tap').write_text('1..1\nok 1 - x\n', 'utf-8')

    def tell(self, text):
        with open(self.job / 'output.log', 'a', encoding='utf-8') as log:
            log.write(text)
        return self.boot.look()

    def results(self):
        return [(run.case.name, run.result) for run in self.boot.runs]

    def test_nothing_told(self):
        self.assertFalse(self.boot.look())
        self.assertEqual(self.results(), [])

    def test_longest_first(self):
        self.tell('next\nend 0\nnext\nend 0\nnext\nend 0\nnext\n')
        self.assertEqual(self.machine.heard, ['a', 'b', 'c', 'done'])
        self.assertTrue(self.queue.is_empty())
        self.assertEqual(self.results(),
                         [('a', 'OK'), ('b', 'FAIL'), ('c', 'FAIL')])

    def test_two_machines(self):
        other = suite.Boot(self.queue, FakeMachine(self.job / 'other'),
                           lambda text: None)
        self.tell('next\n')
        other.job.mkdir()
        (other.job / 'output.log').write_text('next\n', 'utf-8')
        other.look()
        self.assertEqual(self.boot.current.name, 'a')
        self.assertEqual(other.current.name, 'b')

    def test_lines_in_pieces(self):
        self.assertTrue(self.tell('next\nen'))
        self.assertFalse(self.tell('d 0'))
        self.assertEqual(self.results(), [])
        self.assertTrue(self.tell('\nnext\n'))
        self.assertEqual(self.results(), [('a', 'OK')])
        self.assertEqual(self.boot.current.name, 'b')

    def test_machine_lost(self):
        self.tell('next\nend 0\nnext\n')
        self.boot.end_lost(machine.MACHINE_FAILED)
        self.assertEqual(self.results(), [('a', 'OK'), ('b', 'ERROR')])
        self.assertEqual(self.queue.take().name, 'c')

    def test_never_up(self):
        """Else it would be booted for ever."""
        self.boot.end_lost(machine.TIMED_OUT)
        self.assertEqual(self.results(), [('a', 'TIMEOUT')])

    def test_lost_between_cases(self):
        self.tell('next\nend 0\n')
        self.boot.end_lost(machine.MACHINE_FAILED)
        self.assertEqual(self.results(), [('a', 'OK')])
        self.assertEqual(self.queue.take().name, 'b')

    def test_log_is_counted(self):
        self.tell('next\nend 0\nnext\n')
        self.boot.end_lost(machine.TIMED_OUT)
        path = self.job / 'testlog.json'
        suite.write_log(self.boot.runs, path)
        runs = [json.loads(line) for line in path.read_text().splitlines()]
        counted = [count_tests.count_program(run) for run in runs]
        self.assertEqual([[case.result for case in c] for c in counted],
                         [['passed'], ['failed']])


class CasesTest(unittest.TestCase):
    """Which cases there are."""

    def test_generations(self):
        names = [c.name for c in suite.find_cases({'x': 'm', 'y': 'n'}, [])]
        self.assertIn('loopback-x', names)
        self.assertIn('loopback-y', names)
        self.assertNotIn('chromium', names)
        self.assertEqual(names.count('vivid'), 1)

    def test_wanted(self):
        names = [c.name for c in suite.find_cases({'x': 'm'}, ['usb'])]
        self.assertEqual(names, ['usb-camera'])
        names = [c.name for c in suite.find_cases({'x': 'm', 'y': 'n'},
                                                   ['chromium'])]
        self.assertEqual(names, ['chromium-x', 'chromium-y'])
        names = [c.name for c in suite.find_cases({'x': 'm', 'y': 'n'},
                                                   ['chromium-y'])]
        self.assertEqual(names, ['chromium-y'])
        self.assertEqual(suite.find_cases({'x': 'm'}, ['chro']), [])


class PrepareTest(unittest.TestCase):
    """What is made once."""

    def test_made_whole_or_not_at_all(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name) / 'made'

            def fail(new):
                (new / 'half').touch()
                raise OSError

            self.assertRaises(OSError, guest.make_once, folder, fail)
            self.assertFalse(folder.exists())
            guest.make_once(folder, lambda new: (new / 'all').touch())
            guest.make_once(folder, fail)
            self.assertEqual([p.name for p in folder.iterdir()], ['all'])

    def prepare(self, n_old, user):
        """Where apt's lists are old so often; what apt was asked."""
        gone = [packages.NotToBeHad('gone')] * n_old
        with unittest.mock.patch.multiple(
                guest, prepare_from_lists=unittest.mock.Mock(
                    side_effect=[*gone, 'a guest'])), \
             unittest.mock.patch.object(packages, 'run_tool') as tool, \
             unittest.mock.patch('os.geteuid', return_value=user):
            self.assertEqual(guest.prepare('cache', str), 'a guest')
            return [call.args[0][-1] for call in tool.call_args_list]

    def test_old_lists(self):
        """Asked for once, and by root alone."""
        self.assertEqual(self.prepare(0, 0), [])
        self.assertEqual(self.prepare(1, 0), ['update'])
        self.assertRaises(packages.NotToBeHad, self.prepare, 2, 0)
        self.assertRaises(packages.NotToBeHad, self.prepare, 1, 1000)

    def test_archive(self):
        """Known answer: members start at multiples of four."""
        entry = first.cpio_entry('abc', 0o100644, b'hello')
        self.assertEqual(len(entry) % 4, 0)
        self.assertTrue(entry.startswith(b'070701' + b'0' * 8 + b'000081A4'))
        self.assertEqual(entry[110:116], b'abc\0\0\0')
        self.assertEqual(entry[116:], b'hello\0\0\0')


if __name__ == '__main__':
    tap.main()
