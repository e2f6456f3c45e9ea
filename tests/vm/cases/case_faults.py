#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=30 loopback
"""A camera that fails in all the ways that vivid can, watched through a node:
a slate within the bound and never an old picture, and the camera's pictures
again once it works."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402

VIVID = ['n_devs=1', 'node_types=0x1', 'num_inputs=1', 'input_types=0x00']
# The config's max-age-ms, and what the guest's processor may take.
BOUND_S, PATIENCE_S = 3, 3
N_PICTURES = 4
MAX_ENDED = 3
QUERYCTRL = 0xc0445624  # videodev2.h


def setUpModule():
    vmhouse.set_up(has_codecs=False)
    vmlab.load('vivid', *VIVID)
    vmlab.insert_loopback('video_nr=40', 'card_label=Foyer-1',
                          'exclusive_caps=1')


def hash_of(line):
    """Of a picture without a mark; None for what says something else."""
    words = line.split()
    return words[-1] if words[2:3] == ['unmarked'] else None


class FaultsTest(vmlab.VmTest):
    """vivid, of which no picture is like the one before: each shows a clock."""

    def setUp(self):
        self.house = vmhouse.House()
        self.addCleanup(self.house.stop)
        self.page = vmhouse.StandStill(self.house)
        self.house.start()
        self.identity = self.wait_vivid()
        self.house.check('grant', self.identity, 'node:desk')
        self.house.check('expose', '1', '--name', 'desk', '--size', '320x180',
                         '--fps', '15')
        device = self.house.wait_node('desk', 'idle')['Device']
        self.reader = self.start_tool('read', device, 10**9, 60000)
        self.wait_pictures()

    def wait_vivid(self):
        """Its identity, once it can be used."""
        def there():
            return next((i for i, c in self.house.cameras().items()
                         if 'vivid' in i and c['State'] == 'closed'), None)
        return self.house.wait(there, 'vivid is there')

    def next_hash(self):
        """Of the reader's next picture."""
        line = self.reader.expect('^picture').string
        return hash_of(line)

    def wait_last(self, is_it):
        """Until is_it(the last pictures' hashes)."""
        last = []
        until = time.monotonic() + 2 * vmlab.TIMEOUT_S
        while len(last) < N_PICTURES or not is_it(last):
            if time.monotonic() > until:
                raise AssertionError(f'{last}; {self.house.nodes()}; '
                                     f'{self.house.words()[-4000:]}')
            last = [*last, self.next_hash()][-N_PICTURES:]

    def wait_pictures(self):
        """Until the camera is seen: pictures that are all different."""
        def is_lively(last):
            return len(set(last)) == N_PICTURES
        self.wait_last(is_lively)

    def wait_slate(self, began):
        """Until one picture stays; how long after the fault that began."""
        def is_still(last):
            return len(set(last)) == 1
        self.wait_last(is_still)
        took_s = self.reader.when - began
        self.assertLess(took_s, BOUND_S + PATIENCE_S)
        return took_s

    def inject(self, name, value=1):
        """Sets one of vivid's controls."""
        node = vmlab.find_nodes('vivid')[0]
        said = vmlab.run('v4l2-ctl', '-d', node, '--set-ctrl',
                         f'{name}={value}')
        self.assertEqual(said.returncode, 0, said.stdout)
        return time.monotonic()

    def check_recovers(self, name):
        """The camera is seen again, in a session of its own."""
        began = time.monotonic()
        self.wait_pictures()
        print(f'# {name}: seen again after {time.monotonic() - began:.1f} s',
              flush=True)
        self.assertEqual({reason for _, reason, _, _ in self.house.ended()},
                         {'camera-failed'}, self.house.words()[:6000])

    def test_flagged_buffer(self):
        """One picture that the driver says is broken: it is left out."""
        self.inject('inject_v4l2_buf_flag_error')
        self.wait_pictures()
        self.assertEqual(self.house.ended(), [])

    def test_fatal_error(self):
        """EIO: the session ends, and the next one works."""
        began = self.inject('inject_fatal_streaming_error')
        took_s = self.wait_slate(began)
        print(f'# EIO: slate after {took_s:.1f} s', flush=True)
        self.check_recovers('EIO')
        # There is a while between one try and the next.
        self.assertLessEqual(len(self.house.ended()), MAX_ENDED)

    def test_no_frames(self):
        """A wedge: all frames are lost."""
        began = self.inject('percentage_of_dropped_buffers', 100)
        took_s = self.wait_slate(began)
        print(f'# wedge: slate after {took_s:.1f} s', flush=True)

        def ended():
            return self.house.ended()
        self.house.wait(ended, 'the session ends')
        self.inject('percentage_of_dropped_buffers', 0)
        self.check_recovers('wedge')

    def put_in_anew(self):
        """Its driver is."""
        def unloaded():
            return vmlab.run('rmmod', 'vivid').returncode == 0
        vmlab.wait_until(unloaded)
        vmlab.load('vivid', *VIVID)

    def test_disconnect(self):
        """ENODEV, and the node stays until the driver is loaded anew."""
        began = self.inject('disconnect')
        took_s = self.wait_slate(began)
        print(f'# disconnect: slate after {took_s:.1f} s', flush=True)

        self.put_in_anew()
        self.wait_pictures()
        reasons = {reason for _, reason, _, _ in self.house.ended()}
        self.assertLessEqual(reasons, {'camera-failed', 'camera-gone'})

    def camera(self, key):
        """A property of vivid's."""
        return self.house.cameras()[self.identity][key]

    def test_endless_controls(self):
        """Gone, with its node still there, while GStreamer asks for controls, of
        which it finds no end then: its worker ends itself, the reader sees the
        slate and nothing else, and the camera once it is back."""
        generation = self.camera('Generation')
        self.page.stop_before(QUERYCTRL, 1)
        self.wait_slate(self.inject('inject_fatal_streaming_error'))
        pid, name = self.page.wait()
        self.assertEqual(name, 'foyer-camera')
        n_ended = len(self.house.ended())
        self.reader.forget()
        began = self.inject('disconnect')
        self.page.let_go()

        def ended():
            return self.house.ended()[n_ended:]
        _, reason, words, when = self.house.wait(ended, 'it is ended')[0]
        took_s = when / 1e9 - began
        print(f'# endless: ended after {took_s:.1f} s: {words}', flush=True)
        self.assertEqual(reason, 'camera-failed')
        self.assertIn(self.camera('Name'), words)
        self.assertLess(took_s, BOUND_S)
        self.assertFalse(pathlib.Path(f'/proc/{pid}').exists())
        self.assertNotEqual(self.camera('Problem'), '')
        shown = {hash_of(line) for line in self.reader.catch_up()
                 if line.startswith('picture')}
        # One of a camera that is closed, one of a camera that gives none yet.
        self.assertLessEqual(len(shown), 2, shown)
        self.put_in_anew()
        self.wait_pictures()
        self.assertGreater(self.camera('Generation'), generation)
        self.assertEqual(self.camera('Problem'), '')

    def test_refused_calls(self):
        """The driver refuses once what is asked when it is opened. Each failure
        lets the next try wait for longer."""
        for name in ('inject_vidioc_streamon_error',
                     'inject_vidioc_reqbufs_error'):
            n_ended = len(self.house.ended())
            self.inject(name)
            self.inject('inject_fatal_streaming_error')

            def ended(n_before=n_ended):
                return len(self.house.ended()) > n_before
            self.house.wait(ended, 'the session ends')
            self.check_recovers(name)


if __name__ == '__main__':
    vmlab.main()
