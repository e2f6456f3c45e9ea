#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=20
"""Real drivers' cameras on displays by the plugin alone: each shows its own,
fresh, in order. Through foyerd: case_house."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmcast  # noqa: E402
import vmlab  # noqa: E402
import foyerlab  # noqa: E402

RAW = 'video/x-raw,width=320,height=180'


def setUpModule():
    vmcast.set_up()
    vmlab.load('vivid', 'n_devs=1', 'node_types=0x1', 'num_inputs=1',
               'input_types=0x00', 'no_error_inj=1')
    vmlab.load('vhci-hcd')
    vmlab.load('uvcvideo')


class DriversTest(vmcast.CastTest):
    """Of two drivers, one of which paints the mark itself."""

    def test_vivid(self):
        def there():
            return vmlab.find_nodes('vivid')
        node = vmlab.wait_until(there)[0]
        self.check_cast(foyerlab.Camera('Vivid', 51, [
            'v4l2src', f'device={node}', '!', RAW, '!', 'videoconvert', '!',
            'video/x-raw,format=I420']))

    def test_usb(self):
        node = self.plug(52, '--rate', '15').find_node()
        self.check_cast(vmcast.MarkedCamera('USB raw', 52, [
            'v4l2src', f'device={node}', '!', RAW, '!', 'videoconvert', '!',
            'video/x-raw,format=I420']))


if __name__ == '__main__':
    vmlab.main()
