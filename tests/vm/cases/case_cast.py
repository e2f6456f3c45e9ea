#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=90
"""Real drivers' cameras on displays: each shows its own, fresh, in order."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402
import foyerlab  # noqa: E402

N_PICTURES = 20
N_ATTEMPTS = 4
# An emulated processor needs longer than a real one, and gets to show a
# picture later than it meant to.
TARGET_DELAY_MS = 2000
SLACK_MS = 1000
RAW = 'video/x-raw,width=320,height=180'


def setUpModule():
    vmlab.warm_up()
    foyerlab.START_TIMEOUT_S = vmlab.TIMEOUT_S
    foyerlab.TARGET_DELAY_MS = TARGET_DELAY_MS
    vmlab.load('vivid', 'n_devs=1', 'node_types=0x1', 'num_inputs=1',
               'input_types=0x00', 'no_error_inj=1')
    vmlab.load('vhci-hcd')
    vmlab.load('uvcvideo')


class MarkedCamera(foyerlab.Camera):
    """A camera whose driver paints the mark, so that nothing between it and
    the display needs to be believed."""

    def pipeline(self):
        return self.source


class CastTest(vmlab.VmTest):
    """One camera, one display."""

    def run_cast(self, camera, display):
        """Casts until enough was shown, or it has ended. Returns its words."""
        cast = foyerlab.Cast(vmlab.BUILD, camera, display)
        self.addCleanup(foyerlab.stop_process, cast.process)

        def shown_or_over():
            display.read()
            shown = sum(map(foyerlab.is_shown, display.frames))
            return shown >= N_PICTURES or cast.process.poll() is not None
        vmlab.wait_until(shown_or_over, 2 * vmlab.TIMEOUT_S)
        cast.stop()
        return cast.words()

    def check_cast(self, camera):
        """Casts, and has judged what was shown. On a processor that gets no
        time a display does not answer in time, and a sender rightly gives up:
        that is tried again."""
        display = foyerlab.Display(vmlab.BUILD, camera.name)
        self.addCleanup(foyerlab.stop_process, display.process)
        for _ in range(N_ATTEMPTS):
            words = self.run_cast(camera, display)
            if not re.search(r'no \w+ within \d+ ms', words):
                break
        figures = foyerlab.judge(display.frames, camera.number,
                                 TARGET_DELAY_MS + SLACK_MS)
        print(f'# {camera.name}: {figures}', flush=True)
        self.assertGreaterEqual(figures['shown'], N_PICTURES, words[-3000:])
        self.assertTrue(figures['ok'], figures)
        self.assertEqual(figures['unreadable'], 0, figures)

    def test_vivid(self):
        def there():
            return vmlab.find_nodes('vivid')
        node = vmlab.wait_until(there)[0]
        self.check_cast(foyerlab.Camera('Vivid', 51, [
            'v4l2src', f'device={node}', '!', RAW, '!', 'videoconvert', '!',
            'video/x-raw,format=I420']))

    def test_usb(self):
        node = self.plug(52, '--rate', '15').find_node()
        self.check_cast(MarkedCamera('USB raw', 52, [
            'v4l2src', f'device={node}', '!', RAW, '!', 'videoconvert', '!',
            'video/x-raw,format=I420']))

    def test_usb_jpeg(self):
        node = self.plug(53, '--formats', 'mjpeg', '--rate', '10').find_node()
        self.check_cast(MarkedCamera('USB JPEG', 53, [
            'v4l2src', f'device={node}', '!',
            'image/jpeg,width=640,height=480', '!', 'jpegdec', '!',
            'videoscale', '!', 'video/x-raw,width=320,height=240', '!',
            'videoconvert']))

    def test_usb_h264(self):
        """The camera's own H.264 is sent as it came."""
        node = self.plug(54, '--formats', 'h264', '--rate', '10',
                         '--key-every', '10').find_node()
        self.check_cast(MarkedCamera('USB H.264', 54, [
            'v4l2src', f'device={node}', '!',
            'video/x-h264,width=320,height=240', '!', 'h264parse',
            'config-interval=-1']))


if __name__ == '__main__':
    vmlab.main()
