#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=45 loopback
"""foyerd's nodes on a real v4l2loopback: on demand, for several readers, and
never a picture of the camera's where it was not granted or is over. The danger
itself is shown in case_loopback."""

import collections
import os
import pathlib
import re
import signal
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402
import houselab  # noqa: E402

CAMERA = 1  # the mark of the first drawn camera
WIDTH_PX, HEIGHT_PX = 320, 180
CAMERA_IDENTITY = 'test:Nursery'
# As foyer-house-nodes.c has it; and what the guest's processor takes to notice
# and to act, of its own time.
LINGER_S = 5
SLACK_S = 1
MAX_FIRST_S = 1  # a drawn camera starts at once
N_SLATES = 2
N_TRIES = 3  # to see both
# More than any ring holds; and a node without a producer gives none.
N_UNREAD, UNREAD_MS = 6, 500
# Slates come five times a second: the camera is there before half of them.
N_READ = 12
LOOPBACK = ['video_nr=40', 'card_label=Foyer-1', 'exclusive_caps=1']


def setUpModule():
    vmhouse.set_up(has_codecs=False)
    vmlab.insert_loopback(*LOOPBACK)


def has_camera(lines):
    """Whether a picture of the camera's is among them."""
    return any(f'camera {CAMERA} ' in line for line in lines)


def hashes(lines):
    """Of what has no mark."""
    return {m.group(1) for m in map(re.compile(
        r'^(?:buffer|picture) \d+ unmarked \d+ (\w+)').match, lines) if m}


class Nodes(vmhouse.House):
    """One drawn camera, and one node."""

    def __init__(self):
        super().__init__(cameras=('Nursery',))

    def expose(self):
        """On the one node there is."""
        self.check('grant', 'any', 'node:nursery')
        self.check('expose', '1', '--name', 'nursery', '--size',
                   f'{WIDTH_PX}x{HEIGHT_PX}', '--fps', '15')

    def node(self, key):
        """A property of the one node there is; None if there is none."""
        return self.nodes().get('nursery', {}).get(key)

    def camera_state(self):
        """Of the one camera there is."""
        return self.all('Camera')[0]['State']

    def wait_idle(self):
        """Until nobody reads the node; its properties."""
        return self.wait_node('nursery', 'idle')

    def wait_closed(self):
        """Until the camera is."""
        self.wait_camera(CAMERA_IDENTITY)

    def worker(self):
        """The one that has the node."""
        return self.workers('loopback')[0]


class NodesTest(vmlab.VmTest):
    """One camera, exposed on one node."""

    slates = frozenset()

    def setUp(self):
        self.house = Nodes()
        self.addCleanup(self.house.stop)
        self.house.start()
        self.house.wait_closed()
        self.house.expose()
        self.path = self.house.wait_idle()['Device']
        if not self.slates:
            self.learn_slates()

    def learn_slates(self):
        """What is shown before there was any picture of the camera's: two
        slates, of a camera that is closed and of one that gives none yet. The old
        module also gives a picture that is being written: never the same again."""
        seen = collections.Counter(hashes(self.map_ring()))
        for _ in range(N_TRIES):
            # Looking into the ring was reading, for the old module: a camera that
            # is open already may be seen at once.
            self.house.wait_idle()
            self.house.wait_closed()
            reader = self.read()
            seen.update(hashes(reader.lines))
            reader.kill()
            if len(seen) == N_SLATES:
                break
        self.house.wait_idle()
        slates = {h for h, n in seen.items() if n > 1 or len(seen) == N_SLATES}
        self.assertEqual(len(slates), N_SLATES, seen)
        type(self).slates = slates

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

    def check_clean(self, what):
        """All memory of the ring is slate and nothing else. Looking into it is
        reading, for the old module, and may change one slate for the other."""
        self.check_slates(what, self.map_ring())

    def check_slates(self, what, lines):
        """What was mapped is that."""
        self.assertFalse(has_camera(lines), (what, lines))
        self.assertTrue(hashes(lines), (what, lines))
        self.assertLessEqual(hashes(lines), self.slates, (what, lines))

    def check_unread(self):
        """Who reads now, when no session can begin, sees none of it either."""
        lines = vmlab.node_tool('read', self.path, N_UNREAD, UNREAD_MS)
        self.assertFalse(has_camera(lines), lines)
        self.assertLessEqual(hashes(lines), self.slates, lines)

    def map_ring(self):
        """What is in all memory of the ring."""
        return vmlab.node_tool('map-ring', self.path, WIDTH_PX, HEIGHT_PX)

    def map_output(self):
        """What a producer of such pictures finds before it writes any."""
        return vmlab.node_tool('map-output', self.path, 'i420', WIDTH_PX,
                               HEIGHT_PX)

    def test_on_demand(self):
        """The camera is open while somebody reads."""
        # Looking into the ring was reading, for the old module.
        self.house.wait_idle()
        self.house.wait_closed()
        began = time.monotonic()
        reader = self.read()
        took_s = time.monotonic() - began
        print(f'# first picture {took_s:.2f} s after the open', flush=True)
        self.assertLessEqual(took_s, MAX_FIRST_S)
        self.assertEqual(self.house.node('State'), 'open')
        self.assertEqual(self.house.camera_state(), 'open')
        reader.kill()
        left = time.monotonic()
        self.house.wait_idle()
        self.house.wait_closed()
        took_s = time.monotonic() - left
        self.assertGreaterEqual(took_s, LINGER_S - SLACK_S)
        self.assertLessEqual(took_s, LINGER_S + SLACK_S)
        self.check_clean('the reader left')
        # And again.
        self.read().kill()

    def test_listing_opens_nothing(self):
        """A program that only looks at the device gets no camera for long."""
        said = vmlab.run('v4l2-ctl', '-d', self.path, '--all')
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertIn(f'{WIDTH_PX}/{HEIGHT_PX}', said.stdout)
        self.assertIn(self.house.node('Label'), said.stdout)
        self.house.wait_idle()
        self.house.wait_closed()

    def test_revoked(self):
        """A reader that stays sees the slate, and goes on."""
        reader = self.read()
        self.house.check('revoke', 'rule:1')
        # Of what was shown before the revoke some may be unread.
        reader.expect('unmarked')
        for _ in range(10):
            line = reader.expect('^picture').string
            self.assertNotIn(f'camera {CAMERA} ', line)
        reader.kill()
        self.house.wait_idle()
        self.check_clean('revoked')
        self.check_unread()

    def lock_down(self):
        """So that no new session follows: for the old module whoever holds the
        node reads it."""
        # foyerctl waits for a second, which may be too short here.
        self.house.caller.call('SetLockdown', 'b', True)

    def test_killed_worker(self):
        """Whoever holds the node sees nothing of it afterwards."""
        holder = self.hold()
        reader = self.read()
        os.kill(self.house.worker(), signal.SIGKILL)
        reader.expect('unmarked')
        reader.kill()
        self.lock_down()
        self.check_clean('the worker was killed')
        self.check_unread()
        holder.end()

    def test_wedged_worker(self):
        """A worker that does not answer is killed, and another one scrubs
        before the revoke returns."""
        holder = self.hold()
        reader = self.read()
        os.kill(self.house.worker(), signal.SIGSTOP)
        self.house.check('revoke', 'rule:1')
        reader.kill()
        self.check_clean('the worker was wedged')
        self.check_unread()
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
        self.check_clean('foyerd was killed')
        self.check_unread()
        self.check_slates('the next producer, after foyerd', self.map_output())
        holder.end()
        self.house.start()
        self.house.wait_idle()
        self.check_clean('foyerd came back')
        self.assertEqual(self.house.node('Name'), 'nursery')

    def test_unexposed(self):
        """The next producer finds nothing."""
        holder = self.hold()
        self.read().kill()
        self.house.check('unexpose', 'nursery')
        lines = self.map_output()
        # The newer module lets nobody be that while it is held.
        if lines != ['error S_FMT EINVAL'] or vmlab.GENERATION == 'debian':
            self.check_slates('the next producer', lines)
        lines = self.map_ring()
        self.assertFalse(has_camera(lines), lines)
        self.assertLessEqual(hashes(lines), self.slates, lines)
        self.check_unread()
        holder.end()
        houselab.wait_until(lambda: self.house.node('Name') is None,
                            'the node is gone')

    def test_programs(self):
        """What people read nodes with."""
        self.read().kill()
        marks, words = vmlab.gst_read(
            self.path, N_READ, f'video/x-raw,format=I420,width={WIDTH_PX}')
        self.assertIn(CAMERA, {camera for camera, _ in marks}, words)
        target = self.house.folder / 'pictures'
        size = WIDTH_PX * HEIGHT_PX * 3 // 2
        for line in (
                ['ffmpeg', '-loglevel', 'error', '-f', 'v4l2', '-i', self.path,
                 '-frames:v', N_READ, '-pix_fmt', 'yuv420p', '-f', 'rawvideo',
                 '-y', target],
                ['v4l2-ctl', '-d', self.path, '--stream-mmap', f'--stream-count={N_READ}',
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


class ModuleTest(vmlab.VmTest):
    """What others do to the module and its node."""

    def setUp(self):
        self.house = Nodes()
        self.addCleanup(self.house.stop)
        self.house.start()

    def wait_problem(self, *words):
        """Until the node has a problem that these words are of."""
        def told():
            said = self.house.node('Problem') or ''
            return said if all(word in said for word in words) else None
        return self.house.wait(told, f'the problem is {words}')

    def test_taken(self):
        """Somebody else writes into it, in another size: it is not exposed, it
        is said why, and it is exposed once they have left. With the newer module
        Foyer makes a node of its own."""
        other = self.start_tool('write', '/dev/video40', 7, 8, 640, 360)
        other.expect('^written')
        self.house.expose()
        if vmlab.GENERATION != 'debian':
            self.assertNotEqual(self.house.wait_idle()['Device'],
                                '/dev/video40')
            self.house.check('unexpose', 'nursery')
            return
        self.wait_problem('another program has it open')
        said = self.house.check('nodes')
        self.assertIn('another program has it open', said)
        other.end()
        self.path = self.house.wait_idle()['Device']
        self.assertFalse(any('camera 7 ' in line for line in vmlab.node_tool(
            'map-ring', self.path, WIDTH_PX, HEIGHT_PX)))
        self.house.check('unexpose', 'nursery')

    def test_unloaded(self):
        """Not while the node is exposed; if it was unloaded meanwhile, that is
        said, and made good by itself."""
        self.house.expose()
        self.house.wait_idle()
        said = vmlab.run('rmmod', 'v4l2loopback')
        self.assertNotEqual(said.returncode, 0)
        self.assertIn('in use', said.stdout)
        self.house.end()

        def unloaded():
            return vmlab.run('rmmod', 'v4l2loopback').returncode == 0
        vmlab.wait_until(unloaded)
        self.house.start()
        self.wait_problem('v4l2loopback')
        self.assertEqual(self.house.node('State'), 'missing')
        vmlab.insert_loopback(*LOOPBACK)
        self.house.wait_idle()
        self.house.check('unexpose', 'nursery')


if __name__ == '__main__':
    vmlab.main()
