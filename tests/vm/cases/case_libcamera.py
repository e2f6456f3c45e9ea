#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=30
"""vimc, the kernel's make-believe sensor, as foyerd finds it by libcamera: what
stands in for a camera on a CSI connector. vivid, beside it, is nobody's part."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402

IDENTITY = 'csi:Sensor_B@platform/vimc.0'
N_PICTURES = 6
# What vimc shows, three quarters bright (SMPTE): which of red, green and blue
# are on, from left to right.
BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0),
        (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)]
MIDDLE = 100


def setUpModule():
    vmhouse.set_up()
    vmlab.load('vivid', 'n_devs=1', 'node_types=0x1', 'num_inputs=1',
               'input_types=0x00', 'no_error_inj=1')
    vmlab.load('vimc')


def read_bars(path):
    """A pixel of each of the eight bars of a picture."""
    raw = path.with_suffix('.rgb')
    said = vmlab.run('gst-launch-1.0', 'filesrc', f'location={path}', '!',
                     'pngdec', '!', 'videoconvertscale', '!',
                     'video/x-raw,format=RGB,width=160,height=90', '!',
                     'filesink', f'location={raw}')
    if said.returncode != 0:
        raise AssertionError(said.stdout)
    data = raw.read_bytes()
    at = [(160 * 30 + 10 + 20 * i) * 3 for i in range(len(BARS))]
    return [tuple(int(c > MIDDLE) for c in data[i:i + 3]) for i in at]


def devices_of(pid):
    """The device nodes that a process has open."""
    found = set()
    for fd in pathlib.Path(f'/proc/{pid}/fd').iterdir():
        target = os.readlink(fd)
        if target.startswith(('/dev/video', '/dev/media', '/dev/v4l')):
            found.add(target)
    return found


def nodes_of(driver):
    """The nodes that sysfs has for a platform device."""
    folder = pathlib.Path(f'/sys/devices/platform/{driver}.0')
    names = [*folder.glob('video4linux/*'), *folder.glob('media*')]
    return {f'/dev/{path.name}' for path in names}


class SensorTest(vmhouse.Kitchen):
    """The sensor that libcamera knows of vimc's two."""

    def setUp(self):
        """Both are there."""

    def wait_pictures(self, since):
        """Until pictures were shown, none of which has a mark."""
        def shown():
            self.display.read()
            return len(self.display.frames) - since >= N_PICTURES
        self.house.wait(shown, 'pictures are shown')

    def test_cast(self):
        """End to end. Nothing of vimc is offered twice; the process that has it
        has nothing else."""
        self.house.wait_camera(IDENTITY)
        identities = sorted(self.house.cameras())
        self.assertEqual(len(identities), 2, identities)
        self.assertIn('vivid', identities[1])
        since = self.begin()
        session = self.cast(IDENTITY)
        self.addCleanup(self.stop_session, session)
        self.wait_pictures(since)
        shown = self.display.take_snapshot(vmlab.TIMEOUT_S)
        self.assertEqual(read_bars(shown), BARS)
        worker, = self.house.workers('camera')
        devices = devices_of(worker)
        self.assertIn(self.house.cameras()[IDENTITY]['Node'], devices)
        self.assertLessEqual(devices, nodes_of('vimc'))
        self.assertFalse(nodes_of('vimc') & nodes_of('vivid'))

    def test_walls(self):
        """Landlock's part of them, which not every host's kernel has."""
        said = vmlab.run(vmlab.BUILD / 'tests' / 'integration' / 'test-landlock')
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertNotIn('SKIP', said.stdout)

    def test_replug(self):
        """Gone with its driver, and found again."""
        self.house.wait_camera(IDENTITY)

        def unloaded():
            return vmlab.run('rmmod', 'vimc').returncode == 0
        vmlab.wait_until(unloaded)
        self.house.wait_gone(IDENTITY)
        vmlab.load('vimc')
        self.house.wait_camera(IDENTITY)


if __name__ == '__main__':
    vmlab.main()
