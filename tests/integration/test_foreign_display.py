#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyercastsink to a receiver that shares no code with it: both codecs, loss in
both directions, key frames on demand."""

import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import foyerlab  # noqa: E402
import tap  # noqa: E402
from foreign import ForeignDisplay  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
N_FRAMES = 60
KEY_REQUEST_FRAMES = 20
LOSS = 0.05
PATIENCE_S = 60


def run_cast(display, codec, sound):
    """gst-launch casting until the display has seen enough: (status, output)."""
    with tempfile.TemporaryFile('w+') as output:
        process = subprocess.Popen(
            ['gst-launch-1.0', '-e', '-m', 'videotestsrc', 'is-live=true', '!',
             'video/x-raw,width=640,height=360,framerate=30/1', '!',
             *foyerlab.NEWEST, '!', 'foyercastsink', 'name=cast',
             'host=127.0.0.1', f'port={display.port}', 'auth=any',
             f'codec={codec}', *sound],
            env=foyerlab.environment(BUILD), stdout=output,
            stderr=subprocess.STDOUT)
        until = time.monotonic() + PATIENCE_S
        while not is_enough(display) and process.poll() is None \
                and time.monotonic() < until:
            time.sleep(0.1)
        # To its end, not at once.
        status = foyerlab.stop_process(process)
        output.seek(0)
        return status, output.read()


def is_enough(display):
    """Whether it saw so many frames, and was sent a key frame that it asked for."""
    return display.checkpoint + 1 >= N_FRAMES and display.n_answered >= 1


class ForeignTest(unittest.TestCase):
    """What such a receiver sees."""

    def check(self, codec, loss, sound=()):
        """A cast must follow the rules and answer what is asked of it."""
        with ForeignDisplay(codec, loss, KEY_REQUEST_FRAMES) as display:
            status, output = run_cast(display, codec, sound)
        steps = zip(display.sequences, display.sequences[1:])
        self.assertEqual(status, 0, output)
        self.assertEqual(display.problems, set())
        self.assertTrue(display.is_report_first)
        self.assertTrue(all((b - a) % 65536 == 1 for a, b in steps))
        self.assertEqual(display.n_lost > 0, loss > 0)
        self.assertTrue(is_enough(display), output)
        self.assertEqual(display.keys[0], 0)
        # The last may still be on its way.
        self.assertLessEqual(display.n_requests - display.n_answered, 1)

    def test_h264(self):
        self.check('h264', 0)

    def test_vp8(self):
        self.check('vp8', 0)

    def test_h264_lossy(self):
        self.check('h264', LOSS)

    def test_vp8_lossy_with_sound_offered(self):
        self.check('vp8', LOSS, [
            'audiotestsrc', 'is-live=true', '!', 'cast.audio'])


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
