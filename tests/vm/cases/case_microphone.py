#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=20
"""What ALSA's drivers capture, for foyerd on a real kernel: opened for a session
with sound, closed with it; and what is said where there is none."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402

AUDIO = {'audio': dbuslab.Variant('b', True)}
BOTH = {'media': dbuslab.Variant('as', ['video', 'audio'])}
MICROPHONE = '/dev/snd/pcmC0D0c'
CONFIG = (f'{vmhouse.CONFIG}[camera Named]\nidentity={vmhouse.serial("NAMED")}\n'
          'microphone=hw:CARD=Dummy,DEV=0\n')


def setUpModule():
    vmhouse.set_up()
    vmhouse.load_usb()
    vmlab.load('snd-dummy', 'pcm_substreams=1')


class MicrophoneTest(vmhouse.Kitchen):
    """A camera whose microphone the owner named, and one that has none."""

    @classmethod
    def setUpClass(cls):
        cls.display = foyerlab.Display(vmlab.BUILD, 'Kitchen')
        cls.addClassCleanup(cls.display.stop)
        cls.house = vmhouse.House(displays=[cls.display], config=CONFIG)
        cls.addClassCleanup(cls.house.stop)
        cls.house.start()
        cls.house.allow('any', 'Kitchen', **BOTH)
        cls.house.bring(cls.display)

    def begin_with(self, number):
        """A session with sound of a camera of that serial number."""
        self.plug(61, '--serial', number, *vmhouse.USUAL)
        self.house.wait_camera(vmhouse.serial(number))
        return self.cast(vmhouse.serial(number), **AUDIO)

    def wait_sound(self, session, sound):
        """Until that is heard; why, if it is lost."""
        def told():
            return self.house.get(session, 'Session', 'Sound') == sound
        self.house.wait(told, f'sound is not {sound}')
        return self.house.get(session, 'Session', 'SoundProblem')

    def test_named(self):
        """It reaches the display, and nobody has it afterwards."""
        session = self.begin_with('NAMED')
        self.wait_sound(session, 'camera')

        def heard():
            self.display.read()
            return self.display.figures.get('sound_packets', 0) > 0
        self.house.wait(heard, 'sound is heard')
        self.assertIn('hears 16 bits, 2 channels, 48000 Hz', self.house.words())
        self.assertEqual(list(vmhouse.holders(MICROPHONE).values()),
                         ['foyer-camera'])
        self.stop_session(session)
        self.house.wait(lambda: not vmhouse.holders(MICROPHONE),
                        'the microphone is closed')

    def test_busy(self):
        """Another program has it: that is said, and pictures come."""
        other = os.open(MICROPHONE, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, other)
        since = self.begin()
        session = self.begin_with('NAMED')
        self.assertEqual(self.wait_sound(session, 'lost'),
                         'another program has the microphone')
        self.assertEqual(self.wait_marks(since), {61})
        self.stop_session(session)

    def test_none(self):
        """The card of the machine is not taken for the camera's."""
        session = self.begin_with('ALONE')
        self.assertEqual(self.wait_sound(session, 'lost'),
                         'this camera has no microphone')
        self.assertEqual(vmhouse.holders(MICROPHONE), {})
        self.stop_session(session)


if __name__ == '__main__':
    vmlab.main()
