#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=10 loopback
"""foyerloopbacksink by itself, on a real v4l2loopback."""

import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402

NODE = '/dev/video40'
CAMERA = 44
CAPS = 'video/x-raw,format=I420,width=320,height=180,framerate=15/1'


def setUpModule():
    vmlab.insert_loopback('video_nr=40', 'card_label=Loopback',
                          'exclusive_caps=1')


def has_camera(lines):
    """Whether a picture of the pipeline's is among them."""
    return any(f'camera {CAMERA} ' in line for line in lines)


class LoopbackSinkTest(vmlab.VmTest):
    """A pipeline into a device."""

    def start(self, *options):
        """It runs until the end of the test."""
        process = subprocess.Popen(
            ['gst-launch-1.0', '-e', 'videotestsrc', 'is-live=true', *options,
             '!', CAPS, '!', 'foyermark', f'camera={CAMERA}', '!',
             'foyerloopbacksink', f'device={NODE}', 'slate-text=Test'],
            stdout=subprocess.DEVNULL, stderr=sys.stderr)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def read(self):
        """A reader that sees pictures."""
        def sees():
            lines = vmlab.node_tool('read', NODE, 4, 3000)
            return has_camera(lines)
        vmlab.wait_until(sees)
        reader = self.start_tool('read', NODE, 100000, 10000)
        reader.expect(f'camera {CAMERA} ')
        return reader

    def hold(self):
        """Somebody who has the node open and does nothing."""
        holder = self.start_tool('hold', NODE)
        holder.expect('^held')
        return holder

    def test_ended(self):
        """At the end of the stream the ring is clean."""
        pipeline = self.start()
        self.read().kill()
        holder = self.hold()
        pipeline.send_signal(signal.SIGINT)
        pipeline.wait(vmlab.TIMEOUT_S)
        self.assertFalse(has_camera(vmlab.node_tool('map-ring', NODE, 320,
                                                    180)))
        self.assertFalse(has_camera(vmlab.node_tool('map-output', NODE, 'i420', 320,
                                                    180)))
        holder.end()

    def test_frozen(self):
        """A source that stops leaves the slate, not its last picture."""
        self.start('num-buffers=60')
        reader = self.read()
        reader.expect('unmarked')
        reader.kill()


if __name__ == '__main__':
    vmlab.main()
