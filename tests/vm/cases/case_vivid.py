#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=8
"""vivid: two webcams of the kernel's own, with faults on demand."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402

RATE_FPS = 30


def setUpModule():
    vmlab.load('vivid', 'n_devs=2', 'node_types=0x1,0x1', 'num_inputs=1,1',
               'input_types=0x00,0x00')


class VividTest(vmlab.VmTest):
    """What Foyer's cases may count on."""

    def test_two_cameras(self):
        def both():
            return len(vmlab.find_nodes('vivid')) == 2
        vmlab.wait_until(both)

    def test_rate(self):
        """By the driver's own time stamps, which know nothing of the load."""
        node = vmlab.find_nodes('vivid')[0]
        said = vmlab.run('v4l2-ctl', '-d', node, '--set-fmt-video',
                         'width=320,height=180,pixelformat=YUYV',
                         '--set-parm', '30',
                         '--stream-mmap', '--stream-count=40', '--verbose')
        stamps = [float(s) for s in re.findall(r'ts: ([\d.]+)', said.stdout)]
        self.assertEqual(len(stamps), 40, said.stdout[-500:])
        sequences = [int(s) for s in re.findall(r'seq: *(\d+)', said.stdout)]
        rate = (sequences[-1] - sequences[0]) / (stamps[-1] - stamps[0])
        self.assertAlmostEqual(rate, RATE_FPS, delta=0.5)

    def test_disconnect(self):
        """A reader of a camera that fails gets an error; the node stays."""
        node = vmlab.find_nodes('vivid')[1]
        reader = self.start_tool('read', node, 1000, 20000)
        reader.expect('^picture')
        said = vmlab.run('v4l2-ctl', '-d', node, '--set-ctrl', 'disconnect=1')
        self.assertEqual(said.returncode, 0, said.stdout)
        reader.expect('^error DQBUF (ENODEV|EIO|EINVAL)')
        self.assertTrue(pathlib.Path(node).exists())


if __name__ == '__main__':
    vmlab.main()
