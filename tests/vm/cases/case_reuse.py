#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=60 loopback
"""Cameras that follow one another on one device node, each with a node of its
own that is read all the time: no frame of one ever comes to the other's reader
(I1), and each session ends when its camera is gone."""

import os
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402

N_REUSES = int(os.environ.get('FOYER_VM_REUSES', '50'))
CAMERAS = {'one': (41, 'SN-A'), 'two': (42, 'SN-B')}
# Of nine in ten; a host that is busy may be late to end what the guest waits for.
MAX_END_S, MAX_LATE_S = 1, 10
SMALL = vmhouse.small(*(text for _, text in CAMERAS.values()))


def setUpModule():
    vmhouse.set_up(has_codecs=False)
    vmhouse.load_usb()
    vmlab.insert_loopback('devices=2', 'video_nr=40,41',
                          'card_label=Foyer-1,Foyer-2', 'exclusive_caps=1,1')


class ReuseTest(vmlab.VmTest):
    """A unplugged, B plugged in at A's node, and the other way round."""

    def setUp(self):
        self.house = vmhouse.House(config=vmhouse.CONFIG + SMALL)
        self.addCleanup(self.house.stop)
        self.house.start()
        self.readers = {}
        self.shown = dict.fromkeys(CAMERAS, 0)

    def plug_one(self, name):
        """The camera of a node is plugged in."""
        number, text = CAMERAS[name]
        return self.plug(number, '--serial', text, *vmhouse.USUAL)

    def expose(self, name):
        """A camera on a node of its own, which somebody reads from now on."""
        identity = vmhouse.serial(CAMERAS[name][1])
        camera = self.plug_one(name)
        path = self.house.wait_camera(identity)['Path']
        self.house.check('grant', identity, f'node:{name}')
        self.house.check('expose', path.rsplit('/', 1)[1], '--name', name,
                         '--size', '320x180', '--fps', '10')
        device = self.house.wait_node(name, 'idle')['Device']
        camera.unplug()
        self.house.wait_gone(identity)
        self.readers[name] = self.start_tool('read', device, 10**9, 600000)
        self.readers[name].expect('unmarked')

    def take_in(self, name):
        """What a reader saw since it was last looked at: its own camera, and no
        other."""
        mark = f'camera {CAMERAS[name][0]} '
        lines = self.readers[name].catch_up()
        strange = [line for line in lines
                   if 'camera' in line and mark not in line]
        self.assertEqual(strange, [])
        self.shown[name] += sum(mark in line for line in lines)
        lines.clear()

    def wait_shown(self, name):
        """Until the camera that was just plugged in is seen: what came before
        it is taken in, and ended with the slate."""
        self.take_in(name)
        self.readers[name].expect('unmarked')
        try:
            self.readers[name].expect(f'camera {CAMERAS[name][0]} ')
        except AssertionError as error:
            raise AssertionError(
                f'{error}; {self.house.words()[-4000:]}') from None

    def test_reuse(self):
        for name in CAMERAS:
            self.expose(name)
        said = len(self.house.words())
        gone = []
        nodes = set()
        for i in range(N_REUSES + 1):
            name = list(CAMERAS)[i % 2]
            camera = self.plug_one(name)
            self.wait_shown(name)
            node = camera.find_node()
            nodes.add(node)
            # The next one is plugged in whether or not anybody noticed.
            camera.unplug(node)
            gone.append(time.monotonic_ns())
        ended = self.wait_all_ended(len(gone))
        captured = re.findall(r'captures (\w+, \w+)', self.house.words()[said:])
        self.assertEqual(set(captured), {'YUYV, 320x180'})
        self.assertEqual({reason for _, reason, _, _ in ended},
                         {'camera-gone'})
        self.assertEqual(len(nodes), 1)
        took_s = sorted(max(0, when - at) / 1e9
                        for (*_, when), at in zip(ended, gone))
        print(f'# {N_REUSES} times {nodes.pop()} was used again; a session '
              f'ended {took_s[len(took_s) // 2]:.2f} s (median), '
              f'{took_s[-1]:.2f} s (most) after the node was gone', flush=True)
        self.assertLess(took_s[len(took_s) * 9 // 10], MAX_END_S)
        self.assertLess(took_s[-1], MAX_LATE_S)
        for name in CAMERAS:
            self.take_in(name)
        print(f'# pictures of its own each reader saw: {self.shown}; others: 0',
              flush=True)

    def wait_all_ended(self, n_sessions):
        """Of each session that was live: how it ended, in order."""
        def all_ended():
            ended = self.house.ended()
            return ended if len(ended) >= n_sessions else None
        ended = self.house.wait(all_ended, f'{n_sessions} sessions end; '
                                f'{self.house.ended()}')
        self.assertEqual(len(ended), n_sessions)
        return ended


if __name__ == '__main__':
    vmlab.main()
