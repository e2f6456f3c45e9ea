#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How surely the mark is read, and what it costs.

FOYER_BENCH_FRAMES (100000) pictures go through H.264 and VP8 at 300 kbit/s and
are read at 320x180; see bench-mark.c."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import tap  # noqa: E402
from figures import Figures  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()


class Mark(unittest.TestCase):
    """One run of bench-mark."""

    def tell_readable(self, figures, what, marks):
        """At least 99.9 % read."""
        figures.tell(f'{what}: readable of {marks["pictures"]}',
                     100 * marks['readable'] / marks['pictures'], '%',
                     limit=99.9, is_least=True, judge=True)

    def test_mark(self):
        """Readable behind codecs and noise; never wrong."""
        run = subprocess.run([BUILD / 'tests' / 'bench' / 'bench-mark'],
                             check=True, stdout=subprocess.PIPE)
        told = json.loads(run.stdout)
        figures = Figures(BUILD, 'mark')
        for what in ('h264', 'vp8', 'noise'):
            self.tell_readable(figures, what, told[what])
        for what in ('h264', 'vp8', 'noise', 'damage', 'without'):
            marks = told[what]
            figures.tell(f'{what}: read wrong of {marks["pictures"]}',
                         marks['wrong'], '', limit=0, judge=True)
        for what in ('paint', 'read', 'search'):
            figures.tell(f'{what} a picture of 720p',
                         told[f'{what}_720p_us'], 'us')
        self.assertEqual(figures.broken, [])


if __name__ == '__main__':
    tap.main()
