#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=45
"""foyerd with USB cameras of each format: cast at their best, and their own
H.264 as it is."""

import contextlib
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402
import foyerlab  # noqa: E402

N_SLICES = 4
# A fourth of what the camera sends.
SELDOM = (f'[profile seldom]\nsize=320x180\nfps=5\n[camera Seldom]\n'
          f'identity={vmhouse.serial("SN-84")}\nprofile=seldom\n')
LEAST_GAP = 3
# Before each NAL unit (H.264, annex B).
START = re.compile(rb'\x00*\x00\x00\x01')


def setUpModule():
    vmhouse.set_up()
    vmhouse.load_usb()


def find_slices(stream, is_whole=True):
    """The coded pictures of a byte stream; but for the last, of one that may
    still be written."""
    units = START.split(stream)[1:]
    if not is_whole:
        units = units[:-1]
    return [u.rstrip(b'\0') for u in units if u and u[0] & 0x1f in (1, 5)]


class Recorder:
    """A display that keeps what it is sent, coded as it is."""

    name = 'Recorder'

    def __init__(self):
        self.keep = tempfile.TemporaryDirectory(prefix='foyer-recorder-')
        self.path = pathlib.Path(self.keep.name) / 'stream'
        with socket.create_server(('127.0.0.1', 0)) as free:
            self.port = free.getsockname()[1]
        credentials = pathlib.Path(self.keep.name) / 'credentials'
        foyerlab.take_credentials(credentials)
        self.process = subprocess.Popen(
            ['gst-launch-1.0', 'foyercastsrc', f'port={self.port}',
             f'certificate-file={credentials}', f'friendly-name={self.name}',
             '!', 'video/x-h264', '!', 'filesink', f'location={self.path}',
             'buffer-mode=unbuffered'],
            env=foyerlab.environment(vmlab.BUILD), stdout=subprocess.DEVNULL,
            stderr=sys.stderr)
        vmlab.wait_until(self._listens)
        self.start = {'ca_file': credentials / 'root.pem', 'port': self.port}

    def _listens(self):
        with contextlib.suppress(ConnectionError):
            socket.create_connection(('127.0.0.1', self.port)).close()
            return True
        return False

    def slices(self):
        """The coded pictures that came so far."""
        return find_slices(self.path.read_bytes(), False) \
            if self.path.exists() else []

    def stop(self):
        foyerlab.stop_process(self.process)
        self.keep.cleanup()


class FormatsTest(vmhouse.Kitchen):
    """One camera of each kind."""

    config = vmhouse.CONFIG + SELDOM

    def check_format(self, number, formats, captures, *options):
        """A camera of one kind is cast; what its worker said."""
        identity = vmhouse.serial(f'SN-{number}')
        self.plug(number, '--serial', f'SN-{number}', '--formats', formats,
                  *vmhouse.USUAL, *options)
        self.house.wait_camera(identity)
        said = len(self.house.words())
        self.check_shown(identity, number)
        words = self.house.words()[said:]
        self.assertIn(f'captures {captures}', words)
        return words

    def test_raw(self):
        self.check_format(31, 'yuyv', 'YUYV, 640x360')

    def test_jpeg(self):
        self.check_format(32, 'mjpeg', 'MJPG, 1280x720', '--rate', '5')

    def test_profile(self):
        """Captured as small, and shown as seldom, as its owner has it."""
        since = self.begin()
        self.check_format(84, 'yuyv', 'YUYV, 320x180', '--rate', '20')
        numbers = [f['number'] for f in self.display.frames[since:]
                   if foyerlab.is_shown(f)]
        gaps = [b - a for a, b in zip(numbers, numbers[1:])]
        self.assertGreaterEqual(min(gaps), LEAST_GAP, numbers)

    def test_short_frames(self):
        """Cut off, they do no harm to those between."""
        self.check_format(81, 'yuyv', 'YUYV', '--short-every', '3')

    def test_damaged_jpeg(self):
        self.check_format(83, 'mjpeg', 'MJPG', '--rate', '5',
                          '--corrupt-every', '4', '--short-every', '5')


class PassedThroughTest(vmlab.VmTest):
    """A camera's own H.264."""

    def test_identical(self):
        """Neither decoded nor coded anew: what the display gets is, byte by
        byte, what the camera made."""
        recorder = Recorder()
        self.addCleanup(recorder.stop)
        # With clock=true it would be coded anew; auto leaves it as it is.
        house = vmhouse.House(displays=[recorder], config=vmhouse.CONFIG.replace(
            'clock=false', 'clock=auto'))
        self.addCleanup(house.stop)
        house.start()
        house.allow('any', recorder.name)
        house.bring(recorder)
        made = house.folder / 'made'
        self.plug(33, '--serial', 'SN-33', '--formats', 'h264', *vmhouse.USUAL,
                  '--key-every', '2', '--rate', '2', '--keep', made)
        path = house.wait_camera(vmhouse.serial('SN-33'))['Path']
        house.caller.call('Cast', 'ooa{sv}', path,
                          house.find('Display', recorder.name), {})

        def enough():
            return len(recorder.slices()) >= N_SLICES
        house.wait(enough, 'pictures come')
        self.assertIn('captures H264, 640x480', house.words())
        self.assertNotIn('coded anew', house.words())
        got, sent = recorder.slices(), find_slices(made.read_bytes())
        first = sent.index(got[0])
        self.assertEqual(got, sent[first:first + len(got)])
        print(f'# {len(got)} pictures, {sum(map(len, got))} bytes, identical',
              flush=True)


if __name__ == '__main__':
    vmlab.main()
