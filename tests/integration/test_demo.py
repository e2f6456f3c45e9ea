#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The demo, and that its judge would notice."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'lib'))
import foyerlab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PNG = b'\x89PNG\r\n\x1a\n'


def run_demo(*options):
    """(exit status, output) of the demo."""
    run = subprocess.run(
        [sys.executable, TESTS / 'lib' / 'demo.py', *options],
        env={**os.environ, 'FOYER_BUILD': str(BUILD)},
        stdout=subprocess.PIPE, text=True, check=False)
    return run.returncode, run.stdout


class DemoTest(unittest.TestCase):
    """Whole runs."""

    def check_pair(self, pair):
        """A pair that is as it should be."""
        self.assertTrue(pair['ok'], pair)
        self.assertGreater(pair['shown'], 10)
        self.assertEqual((pair['foreign'], pair['stale'], pair['unordered']),
                         (0, 0, 0))
        self.assertLess(pair['delay_p50_ms'], foyerlab.TARGET_DELAY_MS)
        picture = pathlib.Path(pair['snapshot']).read_bytes()
        self.assertEqual(picture[:len(PNG)], PNG)

    def check_end(self, result):
        """What must be refused, and what comes after the end."""
        refusal, lockdown = result['refusal'], result['lockdown']
        self.assertEqual((refusal['ok'], refusal['exit_status']), (True, 3))
        self.assertEqual(refusal['camera'], result['pairs'][0]['camera'])
        self.assertEqual(refusal['display'], result['pairs'][1]['display'])
        self.assertIn('no rule', refusal['words'])
        self.assertEqual((lockdown['ok'], lockdown['frames_after'],
                          lockdown['sessions_in_history'],
                          lockdown['refusals_in_history']), (True, 0, 2, 1))

    def test_json(self):
        with tempfile.TemporaryDirectory() as out:
            status, output = run_demo('--seconds', '3', '--json', '--out', out)
            result = json.loads(output)
            self.assertEqual(status, 0, output)
            self.assertTrue(result['ok'])
            self.assertEqual(result['schema'], 2)
            self.assertGreaterEqual(len(result['pairs']), 1)
            ids = [pair['camera_id'] for pair in result['pairs']]
            self.assertEqual(len(set(ids)), len(ids))
            for pair in result['pairs']:
                self.check_pair(pair)
            self.check_end(result)

    def test_table_and_loss(self):
        with tempfile.TemporaryDirectory() as out:
            status, output = run_demo('--seconds', '3', '--loss', '2', '--out',
                                      out)
        self.assertEqual(status, 0, output)
        self.assertIn('frames/s', output)
        self.assertIn('allowed by no rule: refused', output)
        self.assertIn('$ foyerctl lockdown', output)
        self.assertIn('Every display showed its own camera', output)

    def test_slates_are_told_from_pictures(self):
        def frame(number, capture_ms):
            ns = None if capture_ms is None else \
                capture_ms * foyerlab.NS_PER_MS
            return {'readable': ns is not None, 'camera': 1, 'number': number,
                    'capture_ns': ns, 'shown_ns': (ns or 0) + 1,
                    'complete_ns': (ns or 0) + 1}
        slate = frame(None, None)
        a, b, late = frame(1, 100), frame(2, 133), frame(3, 1300)
        for frames, n_left in (([slate, a, b], 0), ([a, slate, b], 1),
                               ([b, slate, late], 0), ([a, b, slate], 0)):
            verdict = foyerlab.judge(frames, 1, has_slates=True)
            self.assertEqual(verdict['unreadable'], n_left)
            self.assertEqual(verdict['ok'], n_left == 0)
            self.assertFalse(foyerlab.judge(frames, 1)['ok'])

    def test_wrong_usage(self):
        status, _ = run_demo('--loss', '101')
        self.assertEqual(status, 2)

    def test_crossed_cameras_are_noticed(self):
        """Nursery's display, given Porch's pictures."""
        nursery, porch = foyerlab.drawn_cameras()
        display = foyerlab.Display(BUILD, nursery.name)
        cast = foyerlab.Cast(BUILD, porch, display)
        until = time.monotonic() + foyerlab.START_TIMEOUT_S
        while len(display.frames) < 10 and time.monotonic() < until:
            time.sleep(0.1)
            display.read()
        cast.stop()
        display.stop()
        verdict = foyerlab.judge(display.frames, nursery.number)
        self.assertFalse(verdict['ok'])
        self.assertGreaterEqual(verdict['foreign'], 10)


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
