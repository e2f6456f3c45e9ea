#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=15
"""vimc, the kernel's make-believe sensor, through libcamera onto a display: what
stands in for a CSI camera."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmcast  # noqa: E402
import vmlab  # noqa: E402
import foyerlab  # noqa: E402


def setUpModule():
    vmcast.set_up()
    vmlab.load('vimc')

    def ready():
        return list(pathlib.Path('/dev').glob('media*'))
    vmlab.wait_until(ready)


class LibcameraTest(vmcast.CastTest):
    """The sensor that libcamera knows."""

    def test_list(self):
        said = vmlab.run('cam', '-l',
                         timeout_s=vmlab.PIPELINE_TIMEOUT_S).stdout
        self.assertRegex(said, r"(?m)^1: .*Sensor B")

    def test_cast(self):
        """On a busy machine libcamera 0.0.3 may hang when it is started or
        stopped: then it is tried again."""
        self.check_cast(foyerlab.Camera('CSI', 41, [
            'libcamerasrc', '!',
            'video/x-raw,format=BGR,width=480,height=270', '!',
            'videoconvert', '!', 'video/x-raw,format=I420']))


if __name__ == '__main__':
    vmlab.main()
