#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The judge of the demo and the rigs must catch what it is there for."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import foyerlab  # noqa: E402
import tap  # noqa: E402

MS = foyerlab.NS_PER_MS
PERIOD_NS = 33 * MS


def make_frames(n_frames=10, camera=1):
    """What a display tells of a good session."""
    return [{
        'camera': camera, 'number': i, 'readable': True,
        'capture_ns': i * PERIOD_NS,
        'complete_ns': i * PERIOD_NS + 8 * MS,
        'decoded_ns': i * PERIOD_NS + 12 * MS,
        'shown_ns': i * PERIOD_NS + 400 * MS,
    } for i in range(n_frames)]


class JudgeTest(unittest.TestCase):
    """One fault at a time."""

    def test_good_session(self):
        verdict = foyerlab.judge(make_frames(), 1)
        self.assertTrue(verdict['ok'])
        self.assertEqual(verdict['shown'], 10)
        self.assertEqual(verdict['delay_p50_ms'], 8)
        self.assertEqual(verdict['age_max_ms'], 400)

    def test_nothing_shown(self):
        self.assertFalse(foyerlab.judge([], 1)['ok'])

    def test_foreign_frame(self):
        frames = make_frames()
        frames[4]['camera'] = 2
        verdict = foyerlab.judge(frames, 1)
        self.assertEqual(verdict['foreign'], 1)
        self.assertFalse(verdict['ok'])

    def test_stale_frame(self):
        frames = make_frames()
        frames[4]['shown_ns'] = frames[4]['capture_ns'] + 501 * MS
        verdict = foyerlab.judge(frames, 1)
        self.assertEqual(verdict['stale'], 1)
        self.assertFalse(verdict['ok'])

    def test_late_frame_never_shown(self):
        frames = make_frames()
        frames[4]['shown_ns'] = None
        verdict = foyerlab.judge(frames, 1)
        self.assertEqual(verdict['shown'], 9)
        self.assertTrue(verdict['ok'])

    def test_repeated_frame(self):
        frames = make_frames()
        frames[5]['number'] = frames[4]['number']
        verdict = foyerlab.judge(frames, 1)
        self.assertEqual(verdict['unordered'], 1)
        self.assertFalse(verdict['ok'])

    def test_nothing_readable(self):
        frames = make_frames()
        for frame in frames:
            frame['readable'] = False
        verdict = foyerlab.judge(frames, 1)
        self.assertEqual(verdict['unreadable'], 10)
        self.assertFalse(verdict['ok'])

    def test_one_unreadable_of_a_thousand(self):
        frames = make_frames(1000)
        frames[400]['readable'] = False
        self.assertTrue(foyerlab.judge(frames, 1)['ok'])
        frames[600]['readable'] = False
        self.assertFalse(foyerlab.judge(frames, 1)['ok'])

    def test_foreign_frame_never_shown(self):
        frames = make_frames()
        frames[4].update(camera=2, shown_ns=None)
        verdict = foyerlab.judge(frames, 1)
        self.assertEqual(verdict['foreign'], 1)
        self.assertFalse(verdict['ok'])

    def test_percentiles(self):
        values = list(range(1, 101))
        self.assertEqual(foyerlab.percentile(values, 50), 51)
        self.assertEqual(foyerlab.percentile(values, 99), 100)
        self.assertIsNone(foyerlab.percentile([], 50))


if __name__ == '__main__':
    tap.main()
