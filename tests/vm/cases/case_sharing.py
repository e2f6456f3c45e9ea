#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=40 loopback
"""A USB camera on a node, on a display, in a program and in a still at once:
opened once, and only while somebody watches."""

import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402

IS_OLD = vmlab.GENERATION == 'debian'
# The newer module has one streaming reader.
N_READERS = 3 if IS_OLD else 1
NUMBER = 45
N_PICTURES = 3
MARK = re.compile(r'foyer-mark, readable=\(boolean\)true, camera=\(uint\)(\d+), '
                  r'number=\(guint64\)\d+, capture-time=\(guint64\)(\d+)')
# As foyer-house-nodes.c has it; and what the guest's processor takes to notice
# and to act, of its own time.
LINGER_S = 5
SLACK_S = 1
# From the camera's start to the reader's first picture.
MAX_FIRST_S = 1
# I420 of 320x180; and pictures over which copies are counted.
PICTURE_BYTES = 320 * 180 * 3 // 2
N_COUNTED = 20
IDENTITY = vmhouse.serial('SN-45')
OFTEN = ['--ids', ':'.join(vmhouse.USB_IDS), '--rate', '15']


def setUpModule():
    vmhouse.set_up()
    vmhouse.load_usb()
    vmlab.insert_loopback('video_nr=40', 'card_label=Foyer-1',
                          'exclusive_caps=1')


class SharingTest(vmhouse.Kitchen):
    """One camera for all."""

    config = vmhouse.CONFIG + vmhouse.small('SN-45')

    @classmethod
    def prepare(cls, house):
        cls.copies = {name: vmhouse.Copies(house, name)
                      for name in ('foyer-camera', 'foyer-loopback')}

    def check_copies(self):
        """A raw frame on its way into the node: after it was converted, it is
        copied once in each process, into the link and out of it into the ring."""
        for name, copies in self.copies.items():
            copied, queued = copies.read()

            def enough(since=queued, now=copies):
                return now.read()[1] >= since + N_COUNTED
            vmlab.wait_until(enough)
            copied, queued = (b - a for a, b in zip((copied, queued),
                                                    copies.read()))
            print(f'# {name}: {copied} bytes copied for {queued} pictures',
                  flush=True)
            # One may be under way at both looks.
            self.assertLessEqual(abs(copied - queued * PICTURE_BYTES),
                                 PICTURE_BYTES, name)

    def start_program(self):
        """A pipeline with foyersrc, under a grant for that program."""
        self.house.check('grant', IDENTITY, 'app:viewer')
        program = vmlab.Talker(
            'gst-launch-1.0', '-m', 'foyersrc', f'camera={IDENTITY}',
            'app=viewer', f'bus={self.house.bus.address}', '!',
            'video/x-raw,width=320,height=180', '!', 'foyermarkread', '!',
            'fakesink', 'sync=false')
        self.addCleanup(program.kill)
        return program

    def check_still(self):
        """A picture that was captured after it was asked for."""
        path = self.house.folder / 'still.png'
        refused = self.house.ctl('snapshot', IDENTITY, str(path))
        self.assertEqual(refused.returncode, 3, refused.stdout)
        self.assertFalse(path.exists())
        self.house.check('grant', IDENTITY, 'app:foyerctl', '--media', 'stills')
        asked_ns = time.monotonic_ns()
        self.house.check('snapshot', IDENTITY, str(path))
        said = vmlab.run('gst-launch-1.0', '-m', 'filesrc', f'location={path}',
                         '!', 'pngdec', '!', 'videoconvert', '!',
                         'foyermarkread', '!', 'fakesink').stdout
        mark = MARK.search(said)
        self.assertIsNotNone(mark, said)
        self.assertEqual(int(mark.group(1)), NUMBER)
        self.assertGreaterEqual(int(mark.group(2)), asked_ns)

    def expose(self):
        """The camera, and the path of its node."""
        camera = self.plug(NUMBER, '--serial', 'SN-45', *OFTEN)
        path = self.house.wait_camera(IDENTITY)['Path']
        self.house.check('grant', IDENTITY, 'node:desk')
        self.house.check('expose', path.rsplit('/', 1)[1], '--name', 'desk',
                         '--size', '320x180', '--fps', '15')
        self.addCleanup(self.house.check, 'unexpose', 'desk')
        return camera, self.house.wait_node('desk', 'idle')['Device']

    def test_one_capture(self):
        """On demand, for several readers and a display."""
        camera, device = self.expose()
        self.assertEqual(camera.catch_up()[1:], [])
        began = time.monotonic()
        readers = [self.start_tool('read', device, 10**9, 60000)]
        readers[0].expect(f'camera {NUMBER} ')
        seen = readers[0].when
        camera.expect('^streaming')
        print(f'# read: the camera streams {camera.when - began:.2f} s after '
              f'the open, the first picture comes {seen - camera.when:.2f} s '
              'after that', flush=True)
        self.assertLessEqual(seen - camera.when, MAX_FIRST_S)
        self.assertLessEqual(camera.when - began, MAX_FIRST_S)
        self.check_copies()
        readers += [self.start_tool('read', device, 10**9, 60000)
                    for _ in range(N_READERS - 1)]
        since = self.begin()
        session = self.cast(IDENTITY)
        self.assertEqual(self.wait_marks(since), {NUMBER})
        program = self.start_program()
        found = [int(program.expect(MARK).group(1)) for _ in range(N_PICTURES)]
        self.assertEqual(set(found), {NUMBER})
        self.check_still()
        program.forget()
        program.expect(MARK)
        for reader in readers:
            reader.forget()
            reader.expect(f'camera {NUMBER} ')
        self.assertEqual(len(self.house.workers('camera')), 1)
        node = self.house.cameras()[IDENTITY]['Node']
        # Its worker, and nobody else.
        self.assertEqual(set(vmhouse.holders(node).values()),
                         {'foyer-camera'})
        self.stop_session(session)
        program.kill()
        if IS_OLD:
            readers.pop().kill()
        # Longer than the camera would stay open for nobody.
        until = time.monotonic() + LINGER_S + 1
        while time.monotonic() < until:
            for reader in readers:
                reader.forget()
                reader.expect(f'camera {NUMBER} ')
        for reader in readers:
            reader.kill()
        left = time.monotonic()
        camera.expect('^idle')
        self.assertGreaterEqual(camera.when - left, LINGER_S - SLACK_S)
        self.assertLessEqual(camera.when - left, LINGER_S + SLACK_S)
        print(f'# closed {camera.when - left:.2f} s after the last left',
              flush=True)
        self.house.wait_camera(IDENTITY, 'closed')
        words = camera.catch_up()
        self.assertEqual(sum('streaming' in word for word in words), 1, words)
        self.assertEqual(vmhouse.holders(node), {})


if __name__ == '__main__':
    vmlab.main()
