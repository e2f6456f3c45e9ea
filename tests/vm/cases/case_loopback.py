#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=10 loopback
"""What v4l2loopback does by itself, and above all what it keeps: the danger
that Foyer has to close. A test that fails here after an update of the module
says that the driver has changed, not that Foyer leaks."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402

NODE = '/dev/video40'
CONTROL_DEVICE = '/dev/v4l2loopback'
CAMERA = 33
WIDTH_PX, HEIGHT_PX = 320, 180
# Of 45, in both generations, with both capabilities announced.
MAX_FAILED = 7
IS_OLD = vmlab.GENERATION == 'debian'


def setUpModule():
    vmlab.insert_loopback('video_nr=40', 'card_label=Loopback',
                          'exclusive_caps=0', 'max_buffers=4')


def shows_camera(lines):
    """Whether a picture of the producer's is among them."""
    return any(f'camera {CAMERA} ' in line for line in lines)


def in_buffers(lines):
    """Of what was said, what was said of mapped buffers."""
    return [line for line in lines if line.startswith('buffer')]


class LoopbackTest(vmlab.VmTest):
    """Of one generation."""

    def produce(self, n_pictures=8):
        """A producer that has written its pictures and holds the node."""
        producer = self.start_tool('write', NODE, CAMERA, n_pictures, WIDTH_PX,
                                   HEIGHT_PX)
        producer.expect('^written')
        return producer

    def hold(self):
        """Somebody who has the node open and does nothing."""
        holder = self.start_tool('hold', NODE)
        holder.expect('^held')
        return holder

    def set_keep_format(self, value):
        said = vmlab.run('v4l2-ctl', '-d', NODE, '--set-ctrl',
                         f'keep_format={value}')
        self.assertEqual(said.returncode, 0, said.stdout)

    def test_reader(self):
        """The producer's last picture, then nothing."""
        producer = self.produce()
        lines = vmlab.node_tool('read', NODE, 1, 5000)
        self.assertTrue(shows_camera(lines), lines)
        producer.end()

    def test_nothing_left_if_nobody_holds_it(self):
        self.produce().end()
        lines = vmlab.node_tool('read', NODE, 1, 500)
        self.assertFalse(shows_camera(lines), lines)
        self.assertFalse(shows_camera(vmlab.node_tool('map', NODE)))

    def test_residue_if_somebody_holds_it(self):
        """The danger: an idle holder keeps the last pictures alive."""
        holder = self.hold()
        self.produce().end()
        read = vmlab.node_tool('read', NODE, 1, 500)
        mapped = vmlab.node_tool('map', NODE)
        self.assertTrue(shows_camera(in_buffers(mapped)), mapped)
        self.assertEqual(shows_camera(read), IS_OLD, read)
        holder.end()

    def test_residue_of_a_killed_producer(self):
        holder = self.hold()
        self.produce().kill()
        mapped = vmlab.node_tool('map', NODE)
        self.assertTrue(shows_camera(in_buffers(mapped)), mapped)
        holder.end()

    def test_residue_with_keep_format(self):
        """The danger: nobody holds the node, and it keeps them still."""
        self.set_keep_format(1)
        try:
            self.produce().end()
            lines = vmlab.node_tool('read', NODE, 1, 1000)
            self.assertTrue(shows_camera(lines), lines)
        finally:
            self.set_keep_format(0)

    def test_residue_for_the_next_producer(self):
        """The danger: it may look into what it is to overwrite."""
        holder = self.hold()
        self.produce().end()
        lines = vmlab.node_tool('map-output', NODE, 'yuyv', WIDTH_PX,
                                 HEIGHT_PX)
        self.assertTrue(shows_camera(lines), lines)
        holder.end()

    def test_reader_across_the_end(self):
        """It is not told: no error, no end, no picture."""
        producer = self.produce()
        reader = self.start_tool('read', NODE, 1000, 2000)
        reader.expect(f'camera {CAMERA}')
        producer.end()
        reader.expect('^stall')

    def test_usage_event(self):
        """Who listens is told of readers; the old generation can't."""
        producer = self.produce()
        listener = self.start_tool('events', NODE)
        if IS_OLD:
            listener.expect('^error SUBSCRIBE_EVENT EINVAL')
            producer.end()
            return
        listener.expect('^subscribed 0x10e00001')
        listener.expect('^usage 0')
        reader = self.start_tool('read', NODE, 1000, 20000)
        reader.expect('^picture')
        listener.expect('^usage 1')
        reader.kill()
        listener.expect('^usage 0')
        producer.end()

    def test_one_streaming_reader(self):
        """The newer generation has one at a time, the old one many."""
        producer = self.produce()
        first = self.start_tool('read', NODE, 1000, 20000)
        first.expect('^picture')
        second = vmlab.node_tool('read', NODE, 1, 2000)
        if IS_OLD:
            self.assertTrue(shows_camera(second), second)
        else:
            self.assertIn('error REQBUFS EBUSY', second)
        producer.end()

    def test_compliance(self):
        """What the bare module fails, which Foyer's nodes may fail too."""
        failed, total = vmlab.compliance(NODE)
        print(f'# {total}', flush=True)
        for name in failed:
            print(f'# bare module fails: {name}', flush=True)
        self.assertLessEqual(len(failed), MAX_FAILED, failed)

    def test_control_device(self):
        """Nodes on demand, with the newer generation."""
        added = vmlab.node_tool('add', CONTROL_DEVICE, 'On demand')
        if IS_OLD:
            self.assertEqual(added, ['error open ENOENT'])
            return
        self.assertRegex(added[0], r'^added \d+$')
        number = added[0].split()[1]

        def there():
            return vmlab.find_nodes('On demand') == [f'/dev/video{number}']
        vmlab.wait_until(there)
        holder = self.start_tool('hold', f'/dev/video{number}')
        holder.expect('^held')
        self.assertEqual(vmlab.node_tool('remove', CONTROL_DEVICE, number),
                         ['error remove EBUSY'])
        holder.end()

        def removed():
            # udev may still be looking at it.
            said = vmlab.node_tool('remove', CONTROL_DEVICE, number)
            return said == ['removed']
        vmlab.wait_until(removed)


if __name__ == '__main__':
    vmlab.main()
