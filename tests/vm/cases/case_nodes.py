#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=150 loopback
"""foyerd's nodes on a real v4l2loopback: on demand, for several readers, and
never a picture of the camera's where it was not granted or is over. The danger
itself is shown in case_loopback."""

import os
import pathlib
import re
import signal
import struct
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402
import houselab  # noqa: E402

CAMERA = 1  # the mark of the first drawn camera
WIDTH_PX, HEIGHT_PX = 320, 180
IS_OLD = vmlab.GENERATION == 'debian'
CTL = vmlab.BUILD / 'daemon' / 'ctl' / 'foyerctl'
LINGER_S = 5
houselab.START_TIMEOUT_S = vmlab.TIMEOUT_S


def setUpModule():
    vmlab.insert_loopback('video_nr=40', 'card_label=Foyer-1',
                          'exclusive_caps=1')


def has_camera(lines):
    """Whether a picture of the camera's is among them."""
    return any(f'camera {CAMERA} ' in line for line in lines)


def hashes(lines):
    """Of what has no mark."""
    return {m.group(1) for m in map(re.compile(
        r'^(?:buffer|picture) \d+ unmarked \d+ (\w+)').match, lines) if m}


class Nodes(houselab.House):
    """A house whose cameras and nodes are the kernel's."""

    def __init__(self):
        super().__init__(vmlab.BUILD, cameras=('Nursery',))
        self.devices = pathlib.Path('/dev')

    def ctl(self, *words, fails=False):
        """foyerctl; what it said."""
        said = vmlab.run(CTL, '--bus', self.bus.address, *words)
        if (said.returncode != 0) != fails:
            raise AssertionError(f'{words}: {said.stdout}\n{self.words()}')
        return said.stdout

    def node(self, key):
        """A property of the one node there is."""
        for interfaces in self.objects().values():
            properties = interfaces.get(f'{houselab.NAME}.Node')
            if properties:
                return properties[key]
        return None

    def camera_state(self):
        """Of the one camera there is."""
        for interfaces in self.objects().values():
            properties = interfaces.get(f'{houselab.NAME}.Camera')
            if properties:
                return properties['State']
        return None

    def wait_node(self, state):
        """Until the node is in that state."""
        houselab.wait_until(lambda: self.node('State') == state,
                            f'node {state}: {self.words()[-4000:]}')

    def wait_camera(self, state):
        """Until the camera is in that state."""
        houselab.wait_until(lambda: self.camera_state() == state,
                            f'camera {state}: {self.words()[-4000:]}')

    def worker(self, name='foyer-loopback'):
        """Process of a worker; None if there is none."""
        for pid, comm in houselab.children(self.process.pid).items():
            if comm == name[:15]:
                return pid
        return None

    def kill(self):
        """Gives foyerd no time for anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class NodesTest(vmlab.VmTest):
    """One camera, exposed on one node."""

    def setUp(self):
        self.house = Nodes()
        self.addCleanup(self.house.stop)
        self.house.start()
        houselab.wait_until(self.house.camera_state, 'a camera')
        self.house.ctl('grant', 'any', 'node:nursery')
        self.house.ctl('expose', '1', '--name', 'nursery', '--size',
                       f'{WIDTH_PX}x{HEIGHT_PX}', '--fps', '15')
        self.house.wait_node('idle')
        self.path = self.house.node('Device')
        self.slate = hashes(vmlab.node_tool('map-ring', self.path))
        self.assertEqual(len(self.slate), 1)

    def read(self):
        """A reader that sees the camera."""
        reader = self.start_tool('read', self.path, 100000, 10000)
        reader.expect(f'camera {CAMERA} ')
        return reader

    def hold(self):
        """Somebody who has the node open and does nothing."""
        holder = self.start_tool('hold', self.path)
        holder.expect('^held')
        return holder

    def check_clean(self, what, is_idle=True):
        """All memory of the ring is one slate and nothing else."""
        lines = vmlab.node_tool('map-ring', self.path)
        self.assertFalse(has_camera(lines), (what, lines))
        if is_idle:
            self.assertEqual(hashes(lines), self.slate, (what, lines))
        self.assertLessEqual(len(hashes(lines)), 1, (what, lines))

    def test_on_demand(self):
        """The camera is open while somebody reads."""
        # Looking into the ring was reading, for the old module.
        self.house.wait_node('idle')
        self.house.wait_camera('closed')
        began = time.monotonic()
        reader = self.read()
        took_s = time.monotonic() - began
        print(f'# first picture {took_s:.2f} s after the open', flush=True)
        self.assertEqual(self.house.node('State'), 'open')
        self.assertEqual(self.house.camera_state(), 'open')
        reader.kill()
        left = time.monotonic()
        self.house.wait_node('idle')
        self.assertGreaterEqual(time.monotonic() - left, LINGER_S - 1)
        self.house.wait_camera('closed')
        self.check_clean('the reader left')
        # And again.
        self.read().kill()

    def test_listing_opens_nothing(self):
        """A program that only looks at the device gets no camera for long."""
        said = vmlab.run('v4l2-ctl', '-d', self.path, '--all')
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertIn(f'{WIDTH_PX}/{HEIGHT_PX}', said.stdout)
        self.assertIn(self.house.node('Label'), said.stdout)
        self.house.wait_node('idle')
        self.house.wait_camera('closed')

    def test_revoked(self):
        """A reader that stays sees the slate, and goes on."""
        reader = self.read()
        self.house.ctl('revoke', 'rule:1')
        # Of what was shown before the revoke some may be unread.
        reader.expect('unmarked')
        for _ in range(10):
            line = reader.expect('^picture').string
            self.assertNotIn(f'camera {CAMERA} ', line)
        reader.kill()
        self.house.wait_node('idle')
        self.check_clean('revoked')

    def lock_down(self):
        """So that no new session follows: for the old module whoever holds the
        node reads it."""
        self.house.ctl('lockdown')

    def test_killed_worker(self):
        """Whoever holds the node sees nothing of it afterwards."""
        holder = self.hold()
        reader = self.read()
        os.kill(self.house.worker(), signal.SIGKILL)
        reader.expect('unmarked')
        reader.kill()
        self.lock_down()
        self.check_clean('the worker was killed')
        holder.end()

    def test_wedged_worker(self):
        """A worker that does not answer is killed, and another one scrubs
        before the revoke returns."""
        holder = self.hold()
        reader = self.read()
        os.kill(self.house.worker(), signal.SIGSTOP)
        self.house.ctl('revoke', 'rule:1')
        reader.kill()
        self.check_clean('the worker was wedged')
        holder.end()

    def test_killed_foyerd(self):
        """The worker scrubs, since nobody else can."""
        holder = self.hold()
        reader = self.read()
        worker = self.house.worker()
        self.house.kill()
        houselab.wait_until(
            lambda: not pathlib.Path(f'/proc/{worker}').exists(),
            'the worker ends')
        reader.kill()
        self.check_clean('foyerd was killed', is_idle=False)
        lines = vmlab.node_tool('map-output', self.path, WIDTH_PX, HEIGHT_PX)
        self.assertFalse(has_camera(lines), lines)
        holder.end()
        self.house.start()
        self.house.wait_node('idle')
        self.check_clean('foyerd came back')
        self.assertEqual(self.house.node('Name'), 'nursery')

    def test_unexposed(self):
        """The next producer finds nothing."""
        holder = self.hold()
        self.read().kill()
        self.house.ctl('unexpose', 'nursery')
        lines = vmlab.node_tool('map-output', self.path, WIDTH_PX, HEIGHT_PX)
        self.assertFalse(has_camera(lines), lines)
        holder.end()
        houselab.wait_until(lambda: self.house.node('Name') is None,
                            'the node is gone')

    @unittest.skipUnless(IS_OLD, 'the newer module has one reader')
    def test_several_readers(self):
        """All are live, of one capture."""
        readers = [self.read() for _ in range(3)]
        for reader in readers:
            reader.expect(f'camera {CAMERA} ')
        self.assertEqual(self.house.camera_state(), 'open')
        readers.pop().kill()
        time.sleep(LINGER_S + 1)
        for reader in readers:
            reader.lines.clear()
            while not reader.new.empty():
                reader.new.get()
            reader.expect(f'camera {CAMERA} ')

    def test_programs(self):
        """What people read nodes with."""
        self.read().kill()
        marks, words = vmlab.gst_read(
            self.path, 20, f'video/x-raw,format=I420,width={WIDTH_PX}')
        self.assertIn(CAMERA, {camera for camera, _ in marks}, words)
        target = self.house.folder / 'pictures'
        size = WIDTH_PX * HEIGHT_PX * 3 // 2
        for line in (
                ['ffmpeg', '-loglevel', 'error', '-f', 'v4l2', '-i', self.path,
                 '-frames:v', '20', '-pix_fmt', 'yuv420p', '-f', 'rawvideo',
                 '-y', target],
                ['v4l2-ctl', '-d', self.path, '--stream-mmap', '--stream-count=20',
                 f'--stream-to={target}']):
            said = vmlab.run(*line)
            self.assertEqual(said.returncode, 0, said.stdout)
            said = vmlab.run(
                'gst-launch-1.0', '-m', 'filesrc', f'location={target}',
                f'blocksize={size}', '!', 'rawvideoparse', 'format=i420',
                f'width={WIDTH_PX}', f'height={HEIGHT_PX}', '!',
                'foyermarkread', 'post-unreadable=true', '!', 'fakesink')
            marks = vmlab.read_marks(said.stdout)
            self.assertEqual({camera for camera, _ in marks}, {CAMERA},
                             (line, said.stdout[-2000:]))

    def test_who_may_open(self):
        """The group "video" may not, nor anybody but the one user."""
        status = os.stat(self.path)
        self.assertEqual(status.st_mode & 0o007, 0)
        acl = os.getxattr(self.path, 'system.posix_acl_access')
        # Version, then tag, permissions and id of each entry.
        entries = set(struct.iter_unpack('<HHI', acl[4:]))
        self.assertIn((2, 6, 0), entries)
        self.assertIn((4, 0, 0xffffffff), entries)
        self.assertIn((32, 0, 0xffffffff), entries)


if __name__ == '__main__':
    vmlab.main()
