#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=60
"""vimc, the kernel's make-believe sensor, through libcamera: what stands in
for a CSI camera."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402

N_PICTURES = 5


def setUpModule():
    vmlab.load('vimc')

    def ready():
        return list(pathlib.Path('/dev').glob('media*'))
    vmlab.wait_until(ready)


class LibcameraTest(vmlab.VmTest):
    """What Foyer's cases may count on."""

    def test_list(self):
        said = vmlab.run('cam', '-l').stdout
        self.assertRegex(said, r"(?m)^1: .*Sensor B")

    def test_capture(self):
        said = vmlab.run(
            'gst-launch-1.0', 'libcamerasrc', '!', 'identity',
            f'eos-after={N_PICTURES}', '!',
            'video/x-raw,format=BGR,width=480,height=270', '!', 'videoconvert',
            '!', 'foyermark', 'camera=41', '!', 'foyermarkread', '!',
            'fakesink', '-m').stdout
        marks = vmlab.read_marks(said)
        self.assertGreaterEqual(len(marks), N_PICTURES - 1, said[-3000:])


if __name__ == '__main__':
    vmlab.main()
