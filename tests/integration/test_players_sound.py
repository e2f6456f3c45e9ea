#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sound over HTTP, as players that others wrote decode and play it."""

import pathlib
import statistics
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import foreignplayers  # noqa: E402
import houselab  # noqa: E402
import lipsync  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
ALLOWED = {'allow-clear': dbuslab.Variant('b', True),
           'media': dbuslab.Variant('as', ['video', 'audio'])}
ASKED = {'transport': dbuslab.Variant('s', 'http'),
         'audio': dbuslab.Variant('b', True),
         'max-age-ms': dbuslab.Variant('u', 5000)}
PROBLEM = foreignplayers.find_problem(BUILD)
N_TONES = 5  # between two pictures that were shown, of which the newest are judged
PLAY_TIMEOUT_S = 60


@unittest.skipIf(PROBLEM, PROBLEM)
class SoundTest(unittest.TestCase):
    """Players in Chromium, before one service; one at a time, since a machine that is
    slow plays late."""

    @classmethod
    def setUpClass(cls):
        cls.displays = foreignplayers.Displays(
            BUILD, {'Hls': 'hls,sound', 'Shaka': 'shaka,sound'})
        cls.addClassCleanup(cls.displays.stop)
        cls.house = houselab.House(BUILD,
                                   displays=cls.displays.displays.values())
        cls.addClassCleanup(cls.house.stop)
        cls.house.start()
        cls.house.bring(*cls.displays.displays.values())
        cls.displays.browse()

    def check(self, name, camera):
        """The sound of the camera that is shown, with its picture. What a busy machine
        plays late is no fault of what it was sent, and passes: that is late always."""
        display, offsets = self.displays[name], []

        def is_in_time():
            offsets[:] = [o.offset_ms for o in
                          lipsync.find_offsets(display.tones, display.due)]
            return len(offsets) >= N_TONES and abs(
                statistics.median(offsets[-N_TONES:])) <= lipsync.MOST_MS
        self.house.allow(camera, name, **ALLOWED)
        session = self.house.cast(camera, name, **ASKED)
        try:
            houselab.wait_until(is_in_time, f'{name} hears', PLAY_TIMEOUT_S)
        except TimeoutError:
            self.fail(f'{name}: sound after picture, ms: {offsets}')
        self.house.stop_session(session)
        print(f'# {name}: sound after picture, ms: '
              f'{[round(o, 1) for o in offsets]}')
        numbers = {t['camera'] for t in display.tones}
        self.assertEqual(len(numbers), 1)
        self.assertEqual({s.camera for s in display.shown}, numbers)
        return numbers

    def test_lips(self):
        self.assertNotEqual(self.check('Hls', 'Nursery'),
                            self.check('Shaka', 'Porch'))


if __name__ == '__main__':
    tap.main()
