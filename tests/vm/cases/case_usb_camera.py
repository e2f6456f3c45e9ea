#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=40
"""USB cameras of ours behind the kernel's own uvcvideo."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402

N_PICTURES = 10
N_RAW = 5
# What gst-launch is told to make of each format.
DECODERS = {
    'yuyv': ['video/x-raw,width=640,height=360'],
    'mjpeg': ['image/jpeg,width=640,height=480', '!', 'jpegdec'],
    'h264': ['video/x-h264,width=320,height=240', '!', 'avdec_h264'],
}


def setUpModule():
    vmlab.load('vhci-hcd')
    vmlab.load('uvcvideo')


class UsbCameraTest(vmlab.VmTest):
    """What is plugged in is found, and its pictures are its own."""

    def check_pictures(self, node, camera, decoder):
        """Pictures of that camera, in order."""
        marks, said = vmlab.gst_read(node, N_PICTURES, *decoder)
        self.assertGreaterEqual(len(marks), N_PICTURES - 2, said[-2000:])
        self.assertEqual({c for c, _ in marks}, {camera})
        numbers = [n for _, n in marks]
        self.assertEqual(numbers, sorted(set(numbers)))

    def check_raw(self, node, camera):
        """The same without a pipeline, which takes a fraction of the time."""
        said = vmlab.node_tool('read', node, N_RAW, 5000)
        pictures = [line for line in said if line.startswith('picture')]
        self.assertEqual(len(pictures), N_RAW, said)
        self.assertTrue(all(f' camera {camera} ' in p for p in pictures), said)

    def test_formats(self):
        """Each format of one camera carries readable marks."""
        camera = self.plug(11, '--serial', 'SN-11', '--formats',
                           ','.join(DECODERS))
        node = camera.find_node()
        for name, decoder in DECODERS.items():
            with self.subTest(name):
                self.check_pictures(node, 11, decoder)
                camera.expect(f'^streaming {name}')
                camera.expect('^idle')

    def test_bulk(self):
        camera = self.plug(12, '--bulk')
        self.check_raw(camera.find_node(), 12)
        camera.expect('^idle')

    def test_identity(self):
        """udev knows its number and where it sits."""
        camera = self.plug(13, '--serial', 'SN-13', '--ids', '1209:f0e1',
                           '--port', '2')
        told = vmlab.properties(camera.find_node())
        self.assertEqual(told['ID_SERIAL_SHORT'], 'SN-13')
        self.assertEqual((told['ID_VENDOR_ID'], told['ID_MODEL_ID']),
                         ('1209', 'f0e1'))
        self.assertEqual(told['ID_PATH'], 'platform-vhci_hcd.0-usb-0:3:1.0')

    def test_controls(self):
        """Brightness reaches the camera and its pictures."""
        camera = self.plug(14)
        node = camera.find_node()
        said = vmlab.run('v4l2-ctl', '-d', node, '--list-ctrls-menus').stdout
        self.assertRegex(said, r'brightness .* min=0 max=255 .* default=128')
        self.assertRegex(said, r'power_line_frequency .*\(menu\)')
        said = vmlab.run('v4l2-ctl', '-d', node, '--set-ctrl', 'brightness=200',
                         '--get-ctrl', 'brightness').stdout
        self.assertIn('brightness: 200', said)

    def test_two_nodes(self):
        """One camera makes a node for pictures and one for metadata."""
        camera = self.plug(15)
        camera.find_node()

        def both():
            names = [p.read_text('utf-8')
                     for p in vmlab.SYS_NODES.glob('video*/name')]
            return sum(n.startswith(camera.product) for n in names) == 2
        vmlab.wait_until(both)
        self.assertEqual(len(vmlab.find_nodes(camera.product)), 1)

    def test_node_is_used_again(self):
        """The danger that identity is checked for: another camera on the node
        of the one before."""
        first = self.plug(16, '--serial', 'SN-AAAA', product='Camera A')
        node = first.find_node()
        self.check_raw(node, 16)
        first.unplug()
        second = self.plug(17, '--serial', 'SN-BBBB', product='Camera B')
        self.assertEqual(second.find_node(), node)
        self.check_raw(node, 17)
        self.assertEqual(vmlab.properties(node)['ID_SERIAL_SHORT'], 'SN-BBBB')

    def test_held_node_is_not_used_again(self):
        """Who still holds the old one keeps the new one off its number."""
        first = self.plug(18, product='Camera A')
        node = first.find_node()
        holder = self.start_tool('hold', node)
        holder.expect('^held')
        first.unplug()
        second = self.plug(25, product='Camera B')
        self.assertNotEqual(second.find_node(), node)

    def test_unplug_ends_a_reader(self):
        camera = self.plug(26)
        reader = self.start_tool('read', camera.find_node(), 10000, 20000)
        reader.expect('^picture \\d+ camera 26')
        camera.say('unplug')
        reader.expect('^error DQBUF (EINVAL|ENODEV)')

    def test_twins_without_serial(self):
        """Only the port tells them apart."""
        one = self.plug(19, '--port', '0', product='Twin')
        first = one.find_node()
        two = self.plug(20, '--port', '1', product='Twin')
        second = two.find_node(besides=[first])
        told = [vmlab.properties(node) for node in (first, second)]
        self.assertEqual(told[0]['ID_SERIAL'], told[1]['ID_SERIAL'])
        self.assertNotIn('ID_SERIAL_SHORT', told[0])
        self.assertNotEqual(told[0]['ID_PATH'], told[1]['ID_PATH'])
        self.check_raw(first, 19)
        self.check_raw(second, 20)

    def test_wedge(self):
        """A camera that stops sending is only a stall to its reader."""
        camera = self.plug(21, '--wedge-after', '5')
        said = vmlab.node_tool('read', camera.find_node(), 20, 2000)
        self.assertEqual(said[-1], 'stall')
        self.assertEqual(sum('camera 21' in line for line in said), 5)

    def test_short_pictures(self):
        """uvcvideo drops what is shorter than announced."""
        camera = self.plug(22, '--short-every', '2')
        said = vmlab.node_tool('read', camera.find_node(), 10, 5000)
        marks = [line for line in said if 'camera 22' in line]
        self.assertEqual(len(marks), 10, said)
        self.assertTrue(all(int(m.split()[-1]) % 2 == 0 for m in marks), said)

    def test_damaged_pictures(self):
        """JPEG with damage in it: the pictures between are whole."""
        camera = self.plug(27, '--formats', 'mjpeg', '--corrupt-every', '2')
        marks, said = vmlab.gst_read(camera.find_node(), 12,
                                     *DECODERS['mjpeg'])
        whole = [n for c, n in marks if n % 2 == 0]
        self.assertGreaterEqual(len(whole), 3, said[-2000:])
        self.assertEqual({c for c, _ in marks}, {27})

    def test_endless_pictures(self):
        """What never ends is no picture; the next camera is unharmed."""
        endless = self.plug(28, '--endless')
        said = vmlab.node_tool('read', endless.find_node(), 3, 2000)
        self.assertEqual(said[-1], 'stall', said)
        endless.unplug()
        self.check_raw(self.plug(29).find_node(), 29)

    def test_compliance(self):
        failed, total = vmlab.compliance(self.plug(30).find_node())
        print(f'# {total}', flush=True)
        self.assertEqual(failed, [])

    def test_lies(self):
        """Whatever a camera claims, the kernel stays; some get no node."""
        for lie in ('no-formats', 'zero-size', 'huge-size', 'zero-interval',
                    'many-sizes', 'cut'):
            with self.subTest(lie):
                liar = self.plug(23, '--lie', lie, '--ids', '1209:f0e2',
                                 product='Liar')
                honest = self.plug(24, '--port', '1', product='Honest')
                self.check_raw(honest.find_node(), 24)
                for node in vmlab.find_nodes('Liar'):
                    vmlab.run('v4l2-ctl', '-d', node, '--list-formats-ext')
                liar.kill()
                honest.unplug()


if __name__ == '__main__':
    vmlab.main()
