#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=100
"""Which camera is which, for foyerd on a real kernel: known again, never taken
for another, and what is said of one that fails."""

import contextlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmhouse  # noqa: E402
import vmlab  # noqa: E402
import dbuslab  # noqa: E402
import houselab  # noqa: E402

N_REUSES = 2
# The ioctls of videodev2.h before which a camera is pulled out, each time by another
# one: whose call, since when, and which of that kind. All of foyer-camera's, on a device
# that is made up: test-vanish.c. GStreamer asks for controls without an end once that
# fails.
VANISHING = [
    ('foyerd', 'plugged', 'QUERYCAP', 0x80685600, 1),
    ('foyerd', 'plugged', 'QUERYCAP', 0x80685600, 2),
    ('foyerd', 'known', 'QUERYCAP', 0x80685600, 1),
    ('foyer-camera', 'known', 'ENUM_FMT', 0xc0405602, 1),
    ('foyer-camera', 'known', 'QUERYCTRL', 0xc0445624, 2),
    ('foyer-camera', 'known', 'S_FMT', 0xc0d05605, 1),
    ('foyer-camera', 'known', 'QBUF', 0xc058560f, 1),
    ('foyer-camera', 'known', 'STREAMON', 0x40045612, 1),
    ('foyer-camera', 'known', 'DQBUF', 0xc0585611, 3),
]
TWINS = ['--ids', '1209:f0e3', '--rate', '10', '--serial', '']
PORT = 'path:platform-vhci_hcd.0-usb-0:{}:1.0@1209:f0e3'
CAMERA = f'{houselab.NAME}.Camera'
serial = vmhouse.serial


def setUpModule():
    vmhouse.set_up()
    vmhouse.load_usb()


class CamerasTest(vmhouse.Kitchen):
    """USB cameras that come and go."""

    config = vmhouse.CONFIG + vmhouse.small(
        'SN-A', 'SN-B', 'SN-24', 'SN-61', 'SN-62', 'SN-71', 'SN-91', 'SN-93')

    def test_reuse(self):
        """What is plugged in on A's node is not A (I1). Each other time B is
        there before anybody looked whether A's session ends. More often, and
        for nodes, in case_reuse."""
        for i in range(N_REUSES):
            one = self.plug(41, '--serial', 'SN-A', *vmhouse.USUAL)
            node = self.house.wait_camera(serial('SN-A'))['Node']
            since = self.begin()
            session = self.cast(serial('SN-A'))
            one.unplug()
            if i % 2 == 0:
                self.house.wait_end(session)
            other = self.plug(42, '--serial', 'SN-B', *vmhouse.USUAL)
            reason, _ = self.house.wait_end(session)
            self.assertEqual(reason, 'camera-gone')
            found = self.house.wait_camera(serial('SN-B'))
            self.assertTrue(set(self.marks(since)) <= {41})
            self.assertEqual(found['Node'], node)
            other.unplug()
            self.house.wait_gone(serial('SN-B'))

    def test_twins(self):
        """Without numbers: both refused, then named, then right."""
        first, second = PORT.format(1), PORT.format(2)
        self.plug(51, *TWINS, '--port', '0')
        self.house.wait_camera(first)
        self.plug(52, *TWINS, '--port', '1')
        self.house.wait_camera(second, 'ambiguous')
        self.house.wait_camera(first, 'ambiguous')
        for identity in (first, second):
            with self.assertRaises(dbuslab.BusError):
                self.call_cast(identity)
        for identity, name in ((first, 'Left'), (second, 'Right')):
            self.house.caller.call(
                'SetName', 's', name, interface=CAMERA,
                path=self.house.cameras()[identity]['Path'])
        self.house.wait_camera(first)
        self.house.wait_camera(second)
        for identity, number in ((first, 51), (second, 52)):
            self.check_shown(identity, number)

    def test_keep(self):
        """Plugged in again, a kept session starts anew; with another, not."""
        one = self.plug(61, '--serial', 'SN-61', *vmhouse.USUAL)
        self.house.wait_camera(serial('SN-61'))
        session = self.cast(serial('SN-61'), keep=dbuslab.Variant('b', True))
        one.unplug()
        reason, _ = self.house.wait_end(session)
        self.assertEqual(reason, 'camera-gone')
        since = self.begin()
        other = self.plug(62, '--serial', 'SN-62', *vmhouse.USUAL)
        self.house.wait_camera(serial('SN-62'))
        other.unplug()
        self.assertEqual(self.marks(since), [])
        self.plug(61, '--serial', 'SN-61', *vmhouse.USUAL)
        self.assertEqual(self.wait_marks(since), {61})
        for session in self.house.all('Session'):
            self.stop_session(session['Path'])

    def controls(self, identity):
        """{name: value} as the camera says them."""
        told = self.house.caller.call(
            'ListControls', path=self.house.cameras()[identity]['Path'],
            interface=CAMERA)
        return {c['name']: c['value'] for c in told}

    def test_controls(self):
        """What is set is set again when the camera is opened anew."""
        identity = serial('SN-91')

        def is_set(value):
            def told():
                return self.controls(identity)['brightness'] == value
            return told
        one = self.plug(91, '--serial', 'SN-91', *vmhouse.USUAL)
        path = self.house.wait_camera(identity)['Path']
        vmlab.wait_until(is_set(128))
        self.house.caller.call('SetControl', 'si', 'brightness', 200,
                               path=path, interface=CAMERA)
        vmlab.wait_until(is_set(200))
        for name, value in (('brightness', 999), ('none', 1)):
            with self.assertRaises(dbuslab.BusError):
                self.house.caller.call('SetControl', 'si', name, value,
                                       path=path, interface=CAMERA)
        one.unplug()
        self.house.wait_gone(identity)
        self.plug(91, '--serial', 'SN-91', *vmhouse.USUAL)
        self.house.wait_camera(identity)
        vmlab.wait_until(is_set(128))
        session = self.cast(identity)
        vmlab.wait_until(is_set(200))
        self.stop_session(session)

    def test_busy(self):
        """A camera that another program streams from: an error that says so,
        the doctor says which, and the program goes on undisturbed."""
        camera = self.plug(93, '--serial', 'SN-93', *vmhouse.USUAL)
        node = self.house.wait_camera(serial('SN-93'))['Node']
        other = vmlab.Talker('v4l2-ctl', '-d', node, '--stream-mmap')
        self.addCleanup(other.kill)
        camera.expect('^streaming')
        reason, words = self.house.wait_end(self.call_cast(serial('SN-93')))
        self.assertEqual(reason, 'camera-failed')
        who = f'{node} is open in v4l2-ctl ({other.process.pid})'
        self.assertIn(f'another program has it: {who}', words)
        self.assertIn(who, self.house.wait_camera(serial('SN-93'))['Problem'])
        said = self.house.ctl('cast', serial('SN-93'), 'Kitchen')
        self.assertEqual(said.returncode, 1)
        self.assertIn(who, said.stdout + said.stderr)
        said = json.loads(self.house.ctl('doctor', '--json').stdout)
        self.assertIn(who, str(said))
        self.assertIsNone(other.process.poll())
        self.assertNotIn('idle', ' '.join(camera.catch_up()))
        other.kill()
        self.check_shown(serial('SN-93'), 93)

    def test_wedge(self):
        """A camera that goes silent: an end with a reason; then it works again,
        and it is shown again."""
        camera = self.plug(71, '--serial', 'SN-71', '--wedge-after', '40',
                           *vmhouse.USUAL)
        self.house.wait_camera(serial('SN-71'))
        session = self.cast(serial('SN-71'))
        reason, words = self.house.wait_end(session)
        self.assertEqual(reason, 'camera-failed', words)
        camera.say('resume')
        self.check_shown(serial('SN-71'), 71)

    def test_endless(self):
        """Pictures that never end are none: the session ends, and says why."""
        self.plug(97, '--serial', 'SN-97', '--endless', *vmhouse.USUAL)
        self.house.wait_camera(serial('SN-97'))
        session = self.call_cast(serial('SN-97'))
        reason, words = self.house.wait_end(session, 2 * vmlab.TIMEOUT_S)
        self.assertEqual(reason, 'camera-failed', words)

    def test_lies(self):
        """Whatever a camera claims: it is refused or it is shown, and an honest
        one beside it is shown."""
        for lie in ('no-formats', 'zero-size', 'huge-size', 'zero-interval',
                    'many-sizes', 'cut'):
            with self.subTest(lie):
                liar = self.plug(23, '--lie', lie, '--serial', 'LIAR',
                                 product='Liar', *vmhouse.USUAL)
                # Some get no node. The kernel looks at one after the other.
                honest = self.plug(24, '--serial', 'SN-24', '--port', '1',
                                   *vmhouse.USUAL)
                self.house.wait_camera(serial('SN-24'))
                self.look_at_liar(lie)
                liar.kill()
                self.house.wait_gone(serial('LIAR'))
                if lie == 'cut':
                    self.check_shown(serial('SN-24'), 24)
                honest.kill()
                self.house.wait_gone(serial('SN-24'))

    def look_at_liar(self, lie):
        """Casts it, if the kernel gave it a node; says how that went."""
        said = vmlab.run('udevadm', 'settle')
        self.assertEqual(said.returncode, 0, said.stdout)
        if serial('LIAR') not in self.house.cameras():
            print(f'# {lie}: no camera', flush=True)
            return
        session = self.call_cast(serial('LIAR'))

        def settled():
            state = self.house.get(session, 'Session', 'State') or 'over'
            return state if state in ('live', 'over') else None
        state = self.house.wait(settled, f'{lie} settles')
        if state == 'live':
            self.stop_session(session)
        reason, words = self.house.wait_end(session)
        self.assertIn(reason, ('stopped', 'camera-failed', 'camera-gone'))
        print(f'# {lie}: {state}, {reason}: {words}', flush=True)


class VanishingTest(vmhouse.Kitchen):
    """Pulled out between two calls of the process that uses it."""

    config = vmhouse.CONFIG + vmhouse.small('SN-95', 'SN-96')

    @classmethod
    def prepare(cls, house):
        cls.page = vmhouse.StandStill(house)

    def pull_out(self, who, since, request, nth):
        """Just before that call of that process; what was asked."""
        asked = None
        if since == 'plugged':
            self.page.stop_before(request, nth)
        camera = self.plug(95, '--serial', 'SN-95', *vmhouse.USUAL)
        try:
            if since == 'known':
                camera_path = self.house.wait_camera(serial('SN-95'))['Path']
                display_path = self.house.find('Display', 'Kitchen')
                self.page.stop_before(request, nth)
                # Whoever would answer may be who stands still.
                asked = self.house.caller.send('Cast', 'ooa{sv}', camera_path,
                                               display_path, {})
            self.assertEqual(self.page.wait()[1], who)
        finally:
            camera.kill()
            self.page.let_go()
        return asked

    def check_gone(self, asked):
        """Its session ended with the reason, and nothing is left of it."""
        if asked is not None:
            with contextlib.suppress(dbuslab.BusError):
                session = self.house.caller.wait(asked)
                reason, words = self.house.wait_end(session)
                self.assertIn(reason, ('camera-gone', 'camera-failed'), words)
        self.house.wait_gone(serial('SN-95'))

        def is_empty():
            return not self.house.all('Session') and not self.house.workers()
        self.house.wait(is_empty, 'nothing is left')

    def test_vanishing(self):
        """Nothing is left of it, and the next camera is shown."""
        fds = pathlib.Path(f'/proc/{self.house.process.pid}/fd')
        n_before = len(list(fds.iterdir()))
        for who, since, name, request, nth in VANISHING:
            with self.subTest(f'{who}, {since}, {name} {nth}'):
                self.check_gone(self.pull_out(who, since, request, nth))
        self.page.stop_before(0, 1)
        self.plug(96, '--serial', 'SN-96', *vmhouse.USUAL)
        self.house.wait_camera(serial('SN-96'))
        self.check_shown(serial('SN-96'), 96)

        def is_closed():
            return self.house.cameras()[serial('SN-96')]['State'] == 'closed'
        self.house.wait(is_closed, 'the camera is closed')
        # One place may have had foyerd open its history or the like.
        self.assertLessEqual(len(list(fds.iterdir())),
                             n_before + len(VANISHING) // 2)


if __name__ == '__main__':
    vmlab.main()
