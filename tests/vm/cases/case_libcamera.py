#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=70
"""vimc, the kernel's make-believe sensor, through libcamera: what stands in
for a CSI camera."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402

N_PICTURES = 5
N_ATTEMPTS = 3


def setUpModule():
    vmlab.load('vimc')

    def ready():
        return list(pathlib.Path('/dev').glob('media*'))
    vmlab.wait_until(ready)


class LibcameraTest(vmlab.VmTest):
    """What Foyer's cases may count on."""

    def test_list(self):
        said = vmlab.run('cam', '-l',
                         timeout_s=vmlab.PIPELINE_TIMEOUT_S).stdout
        self.assertRegex(said, r"(?m)^1: .*Sensor B")

    def capture(self):
        """Whether libcamerasrc gave its pictures. It is killed, not asked to
        end: on a busy machine libcamera 0.0.3 may hang when it is stopped, and
        now and then when it is started."""
        pipeline = vmlab.Talker(
            'gst-launch-1.0', '-m', 'libcamerasrc', '!',
            'video/x-raw,format=BGR,width=480,height=270', '!', 'videoconvert',
            '!', 'foyermark', 'camera=41', '!', 'foyermarkread', '!',
            'fakesink')
        self.addCleanup(pipeline.kill)
        try:
            for _ in range(N_PICTURES):
                pipeline.expect('foyer-mark, readable=.boolean.true, '
                                'camera=.uint.41')
        except AssertionError as error:
            print('# ' + str(error)[-500:].replace('\n', ' '), flush=True)
            return False
        finally:
            pipeline.kill()
        return True

    def test_capture(self):
        self.assertTrue(any(self.capture() for _ in range(N_ATTEMPTS)))


if __name__ == '__main__':
    vmlab.main()
