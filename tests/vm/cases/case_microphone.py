#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=60
"""What ALSA's drivers capture, for foyerd on a real kernel: opened for a session
with sound, closed with it, tried again if it was lost; and what is said where there is
none."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import lipsync  # noqa: E402

AUDIO = {'audio': dbuslab.Variant('b', True)}
BOTH = {'media': dbuslab.Variant('as', ['video', 'audio'])}
MICROPHONE = '/dev/snd/pcmC0D0c'
CONFIG = (f'{vmhouse.CONFIG}[camera Named]\nidentity={vmhouse.serial("NAMED")}\n'
          'microphone=hw:CARD=Dummy,DEV=0\n')


def setUpModule():
    vmhouse.set_up()
    vmhouse.load_usb()
    vmlab.load('snd-dummy', 'pcm_substreams=1')
    vmlab.load('snd-usb-audio')


class MicrophoneTest(vmhouse.Kitchen):
    """Cameras with a microphone of their own, one whose microphone the owner named,
    and one that has none."""

    @classmethod
    def setUpClass(cls):
        keep = tempfile.TemporaryDirectory(prefix='foyer-sounds-')
        cls.addClassCleanup(keep.cleanup)
        cls.sounds = pathlib.Path(keep.name) / 'sounds.jsonl'
        cls.display = foyerlab.Display(vmlab.BUILD, 'Kitchen',
                                       options=('--sounds', cls.sounds))
        cls.addClassCleanup(cls.display.stop)
        cls.house = vmhouse.House(displays=[cls.display], config=CONFIG)
        cls.addClassCleanup(cls.house.stop)
        cls.house.start()
        cls.house.allow('any', 'Kitchen', **BOTH)
        cls.house.bring(cls.display)

    def begin_with(self, number, *options, camera=61):
        """A session with sound of a camera of that serial number."""
        self.usb = self.plug(camera, '--serial', number, *options,
                             *vmhouse.USUAL)
        self.house.wait_camera(vmhouse.serial(number))
        return self.cast(vmhouse.serial(number), **AUDIO)

    def heard(self, since=0):
        """Who was heard at the display, since so many tones."""
        return [t['camera'] for t in lipsync.read_tones(self.sounds)[since:]]

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

    def test_own(self):
        """The one in the camera's USB device is heard at the display, among two
        such cameras and a card that is nobody's. Switched off, that is said, and
        that it is back."""
        self.plug(5, '--port', '1', '--serial', 'OTHER', '--sound',
                  *vmhouse.USUAL)
        self.house.wait_camera(vmhouse.serial('OTHER'))
        since = len(self.heard())
        session = self.begin_with('OWN', '--sound', camera=6)
        self.wait_sound(session, 'camera')
        self.house.wait(lambda: len(self.heard(since)) >= 3, 'tones are heard')
        self.assertEqual(set(self.heard(since)), {6})
        self.assertIn('hears 16 bits, 1 channels, 48000 Hz', self.house.words())
        held = [n for n in pathlib.Path('/dev/snd').glob('pcmC*c')
                if vmhouse.holders(str(n))]
        self.assertEqual(len(held), 1)
        self.assertNotEqual(str(held[0]), MICROPHONE)
        self.usb.say('mute')
        self.assertIn('zeros', self.wait_sound(session, 'muted'))
        self.usb.say('unmute')
        self.assertEqual(self.wait_sound(session, 'camera'), '')
        self.stop_session(session)

    def test_lies(self):
        """Another rate than its descriptors say: lost, and not for good."""
        session = self.begin_with('LIAR', '--sound', '--sound-rate', '40000')
        self.assertEqual(self.wait_sound(session, 'lost'),
                         "the microphone's rate is not what it says")
        self.wait_sound(session, 'camera')
        self.assertEqual(self.house.get(session, 'Session', 'State'), 'live')
        self.stop_session(session)

    def test_busy(self):
        """Another program has it: that is said, pictures come, and sound does as soon
        as it is let go of."""
        other = os.fdopen(os.open(MICROPHONE, os.O_RDWR | os.O_NONBLOCK), 'rb',
                          buffering=0)
        self.addCleanup(other.close)
        since = self.begin()
        session = self.begin_with('NAMED')
        self.assertEqual(self.wait_sound(session, 'lost'),
                         'another program has the microphone')
        self.assertEqual(self.wait_marks(since), {61})
        other.close()
        self.assertEqual(self.wait_sound(session, 'camera'), '')
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
