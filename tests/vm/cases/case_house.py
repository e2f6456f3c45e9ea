#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=240
"""foyerd with real drivers' cameras: found, known again, cast at their best
format, and never taken for another."""

import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402

IDS = ('1209', 'f0e1')
N_PICTURES = 8
N_REUSES = int(os.environ.get('FOYER_VM_REUSES', '6'))
PORTS = 'path:platform-vhci_hcd.0-usb-0:{}:1.0@1209:f0e1'
USUAL = ['--ids', ':'.join(IDS), '--rate', '10']
N_TRIES = 3


def setUpModule():
    vmlab.warm_up()
    foyerlab.START_TIMEOUT_S = vmlab.TIMEOUT_S
    foyerlab.TARGET_DELAY_MS = 2000
    houselab.START_TIMEOUT_S = 2 * vmlab.TIMEOUT_S
    vmlab.load('vhci-hcd')
    vmlab.load('uvcvideo')


def serial(number):
    """The identity of a camera by its serial number."""
    return f'usb:{IDS[0]}:{IDS[1]}:{number}'


class HouseTest(vmlab.VmTest):
    """One house and one display for all."""

    @classmethod
    def setUpClass(cls):
        cls.display = foyerlab.Display(vmlab.BUILD, 'Kitchen')
        cls.addClassCleanup(cls.display.stop)
        cls.house = houselab.House(
            vmlab.BUILD, cameras=(), displays=[cls.display],
            devices=pathlib.Path('/dev'),
            config='[service]\nclock=false\ntarget-delay-ms=2000\n'
                   'max-age-ms=3000\n')
        cls.addClassCleanup(cls.house.stop)
        cls.house.start()
        cls.house.allow('any', 'Kitchen')
        cls.house.probe('Kitchen')
        cls.house.pair('Kitchen')

    def setUp(self):
        """The last test's cameras are gone: what is plugged into a port before
        that may stay unnoticed."""
        def empty():
            return not self.cameras()
        vmlab.wait_until(empty)

    def cameras(self):
        """{identity: properties} of all that the service knows."""
        name = f'{houselab.NAME}.Camera'
        return {i[name]['Identity']: i[name] | {'Path': p}
                for p, i in self.house.objects().items() if name in i}

    def wait_camera(self, identity, state='closed'):
        """Until the service knows it in that state; its properties."""
        seen = []

        def known():
            seen[:] = [self.cameras()]
            found = seen[0].get(identity)
            return found if found and found['State'] == state else None
        try:
            return vmlab.wait_until(known)
        except AssertionError:
            raise AssertionError(
                f'{identity} is not {state}: {seen}; '
                f'{self.house.words()[-2000:]}') from None

    def wait_gone(self, identity):
        """Until the service knows it no longer."""
        def gone():
            return identity not in self.cameras()
        vmlab.wait_until(gone)

    def cast(self, identity, **options):
        """A session that is live; its path. An emulated display may be too
        slow for its first session."""
        for _ in range(N_TRIES):
            session = self.house.caller.call(
                'Cast', 'ooa{sv}', self.cameras()[identity]['Path'],
                self.house.find('Display', 'Kitchen'), options)

            def settled(path=session):
                state = self.house.get(path, 'Session', 'State') or 'over'
                return state if state in ('live', 'over') else None
            try:
                if vmlab.wait_until(settled, 2 * vmlab.TIMEOUT_S) == 'live':
                    return session
            except AssertionError:
                break
        raise AssertionError(self.house.words()[-3000:])

    def marks(self, since):
        """Camera numbers on the display since so many frames."""
        self.display.read()
        return [f['camera'] for f in self.display.frames[since:]
                if foyerlab.is_shown(f)]

    def wait_marks(self, since, n_pictures=N_PICTURES):
        """Until the display showed so many."""
        def shown():
            return len(self.marks(since)) >= n_pictures
        try:
            vmlab.wait_until(shown, 2 * vmlab.TIMEOUT_S)
        except AssertionError:
            raise AssertionError(f'{self.marks(since)}: '
                                 f'{self.house.words()[-3000:]}') from None
        return set(self.marks(since))

    def begin(self):
        """How many frames the display has seen."""
        self.display.read()
        return len(self.display.frames)

    def stop_session(self, session):
        self.house.stop_session(session)
        self.house.wait_end(session)

    def check_format(self, number, formats, captures, *options):
        """A camera of one kind is cast; what its worker said."""
        self.plug(number, '--serial', f'SN-{number}', '--formats', formats,
                  *USUAL, *options)
        self.wait_camera(serial(f'SN-{number}'))
        said, since = len(self.house.words()), self.begin()
        session = self.cast(serial(f'SN-{number}'))
        self.assertEqual(self.wait_marks(since), {number})
        self.stop_session(session)
        words = self.house.words()[said:]
        self.assertIn(f'captures {captures}', words)
        return words

    def test_1_raw(self):
        self.check_format(31, 'yuyv', 'YUYV, 640x360')

    def test_2_jpeg(self):
        self.check_format(32, 'mjpeg', 'MJPG, 1280x720', '--rate', '5')

    def test_3_h264(self):
        """Handed on as it comes: neither decoder nor encoder."""
        # Its pictures are large.
        words = self.check_format(33, 'h264', 'H264, 640x480', '--key-every',
                                  '2', '--rate', '2')
        self.assertNotIn('coded anew', words)

    def wait_reason(self, session):
        """Until a session is told to end, and why; it may be over by then."""
        def told():
            reason = self.house.get(session, 'Session', 'Reason')
            return 'over' if reason is None else reason
        return vmlab.wait_until(told)

    def test_4_reuse(self):
        """What is plugged in on A's node is not A (I1). Each other time B is
        there before anybody looked whether A's session ends."""
        took = []
        for i in range(N_REUSES):
            one = self.plug(41, '--serial', 'SN-A', *USUAL)
            node = self.wait_camera(serial('SN-A'))['Node']
            since = self.begin()
            session = self.cast(serial('SN-A'))
            one.unplug()
            began = time.monotonic()
            if i % 2:
                other = self.plug(42, '--serial', 'SN-B', *USUAL)
            else:
                self.wait_reason(session)
                took.append(time.monotonic() - began)
                other = self.plug(42, '--serial', 'SN-B', *USUAL)
            reason, _ = self.house.wait_end(session)
            self.assertEqual(reason, 'camera-gone')
            reused = self.wait_camera(serial('SN-B'))['Node'] == node
            self.assertTrue(set(self.marks(since)) <= {41})
            other.unplug()
            self.wait_gone(serial('SN-B'))
            self.assertTrue(reused, i)
        print(f'# {N_REUSES} times; the session ended at most '
              f'{max(took):.2f} s after the node was gone', flush=True)

    def test_5_twins(self):
        """Without numbers: both refused, then named, then right."""
        first, second = PORTS.format(1), PORTS.format(2)
        self.plug(51, '--serial', '', '--port', '0', *USUAL)
        self.wait_camera(first)
        self.plug(52, '--serial', '', '--port', '1', *USUAL)
        self.wait_camera(second, 'ambiguous')
        self.wait_camera(first, 'ambiguous')
        for identity in (first, second):
            with self.assertRaises(dbuslab.BusError):
                self.cast(identity)
        for identity, name in ((first, 'Left'), (second, 'Right')):
            self.house.caller.call(
                'SetName', 's', name, path=self.cameras()[identity]['Path'],
                interface=f'{houselab.NAME}.Camera')
        self.wait_camera(first)
        self.wait_camera(second)
        for identity, number in ((first, 51), (second, 52)):
            since = self.begin()
            session = self.cast(identity)
            self.assertEqual(self.wait_marks(since), {number})
            self.stop_session(session)

    def test_6_keep(self):
        """Plugged in again, a kept session starts anew; with another, not."""
        one = self.plug(61, '--serial', 'SN-61', *USUAL)
        self.wait_camera(serial('SN-61'))
        session = self.cast(serial('SN-61'), keep=dbuslab.Variant('b', True))
        one.unplug()
        reason, _ = self.house.wait_end(session)
        self.assertEqual(reason, 'camera-gone')
        since = self.begin()
        other = self.plug(62, '--serial', 'SN-62', *USUAL)
        self.wait_camera(serial('SN-62'))
        other.unplug()
        self.assertEqual(self.marks(since), [])
        self.plug(61, '--serial', 'SN-61', *USUAL)
        self.assertEqual(self.wait_marks(since), {61})
        for path, interfaces in self.house.objects().items():
            if f'{houselab.NAME}.Session' in interfaces:
                self.stop_session(path)

    def test_7_wedge(self):
        """A camera that goes silent: a slate, then an end with a reason."""
        self.plug(71, '--serial', 'SN-71', '--wedge-after', '60', *USUAL)
        self.wait_camera(serial('SN-71'))
        session = self.cast(serial('SN-71'))
        reason, words = self.house.wait_end(session)
        self.assertEqual(reason, 'camera-failed', words)

    def test_8_broken(self):
        """Frames cut short or damaged do no harm."""
        self.check_format(81, 'yuyv', 'YUYV', '--short-every', '3')
        self.check_format(82, 'mjpeg', 'MJPG', '--short-every', '3',
                          '--rate', '5', '--port', '1')
        self.check_format(83, 'mjpeg', 'MJPG', '--rate', '5', '--port', '2',
                          '--corrupt-every', '4')

    def controls(self, identity):
        """{name: value} as the camera says them."""
        told = self.house.caller.call(
            'ListControls', path=self.cameras()[identity]['Path'],
            interface=f'{houselab.NAME}.Camera')
        return {c['name']: c['value'] for c in told}

    def test_9_controls(self):
        """What is set is set again when the camera is opened anew."""
        def is_set(value):
            def told():
                return self.controls(serial('SN-91'))['brightness'] == value
            return told
        one = self.plug(91, '--serial', 'SN-91', *USUAL)
        path = self.wait_camera(serial('SN-91'))['Path']
        vmlab.wait_until(is_set(128))
        self.house.caller.call('SetControl', 'si', 'brightness', 200,
                               path=path,
                               interface=f'{houselab.NAME}.Camera')
        vmlab.wait_until(is_set(200))
        for name, value in (('brightness', 999), ('none', 1)):
            with self.assertRaises(dbuslab.BusError):
                self.house.caller.call('SetControl', 'si', name, value,
                                       path=path,
                                       interface=f'{houselab.NAME}.Camera')
        one.unplug()
        self.wait_gone(serial('SN-91'))
        self.plug(91, '--serial', 'SN-91', *USUAL)
        self.wait_camera(serial('SN-91'))
        vmlab.wait_until(is_set(128))
        session = self.cast(serial('SN-91'))
        vmlab.wait_until(is_set(200))
        self.stop_session(session)

    def test_a_busy(self):
        """A camera that another program streams from: an error that says so,
        and the program goes on undisturbed."""
        self.plug(93, '--serial', 'SN-93', *USUAL)
        node = self.wait_camera(serial('SN-93'))['Node']
        other = self.start_tool('read', node, 100, 60000)
        other.expect('camera 93')
        session = self.house.caller.call(
            'Cast', 'ooa{sv}', self.cameras()[serial('SN-93')]['Path'],
            self.house.find('Display', 'Kitchen'), {})
        reason, words = self.house.wait_end(session)
        self.assertEqual(reason, 'camera-failed')
        self.assertIn('another program has it', words)
        self.assertIn('another program', self.wait_camera(
            serial('SN-93'))['Problem'])
        other.expect('camera 93')


if __name__ == '__main__':
    vmlab.main()
