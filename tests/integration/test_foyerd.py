#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyerd as it ships, with its own workers and software displays: who may, who may
not, and that nothing leaves once it was said that nothing leaves."""

import hashlib
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PROGRAM = BUILD / 'daemon' / 'control' / 'foyerd'
NAME = houselab.NAME
JUMP = BUILD / 'tests' / 'lib' / 'libfoyer-clock-jump.so'
# Plugins of Debian that can encode H.264 or VP8.
ENCODERS = re.compile(r'gst(x264|openh264|vpx|va|vaapi|nvcodec|video4linux2)\.so')
H264_ENCODERS = re.compile(
    r'gst(x264|openh264|va|vaapi|nvcodec|video4linux2)\.so')
N_DEATHS = int(os.environ.get('FOYER_TEST_DEATHS', '10'))


def option(kind, value):
    """An option of Cast."""
    return dbuslab.Variant(kind, value)


def is_allowed(house):
    """Whether the rules let the nursery on a node now."""
    return house.caller.call('Explain', 'ssa{sv}', 'test:Nursery', 'node:Desk',
                             {}, interface=f'{NAME}.Policy')[0]


def fill_rules(path, n_rules):
    """Writes the one rule of a file of rules so many times, under other numbers."""
    head, rule = path.read_text('utf-8').split('[end]\n')[0].split('[rule 1]\n')
    body = head + ''.join(f'[rule {i + 1}]\n{rule}' for i in range(n_rules))
    digest = hashlib.sha256(body.encode()).hexdigest()
    path.write_text(f'{body}[end]\nsha256={digest}\n', 'utf-8')


class HouseTest(unittest.TestCase):
    """What the cases share. What a test starts ends with it."""

    def make_display(self, name, **options):
        """A software display."""
        display = foyerlab.Display(BUILD, name, **options)
        self.addCleanup(display.stop)
        return display

    def make_house(self, *displays, **options):
        """A house that serves."""
        house = houselab.House(BUILD, displays=displays, **options)
        self.addCleanup(house.stop)
        return house.start()

    def make_live(self):
        """(house, display, session): the nursery on the kitchen's display."""
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        house.probe('Kitchen')
        house.pair('Kitchen')
        session = house.cast('Nursery', 'Kitchen')
        house.wait_state(session, ['live'])
        return house, display, session

    def expect_error(self, name, call, *arguments, **options):
        """The call must fail by that name."""
        with self.assertRaises(dbuslab.BusError) as caught:
            call(*arguments, **options)
        self.assertEqual(caught.exception.name, name, caught.exception)
        return caught.exception.message

    def wait_frames(self, display, n_frames):
        """Until a display decoded so many frames."""
        houselab.wait_until(
            lambda: display.read() is not None
            and len(display.frames) >= n_frames, f'{n_frames} frames')

    def wait_over(self, display):
        """Until the display has left the app: what comes to it then goes
        nowhere."""
        houselab.wait_until(display.is_over, f'{display.name} is free')

    def find_end(self, house, session):
        """What the log says of a session that is over."""
        number = int(session.rsplit('/', 1)[1])
        return houselab.wait_until(
            lambda: next((e for e in house.history(kind=option('s', 'session'))
                          if e['session'] == number and e['reason']), None),
            f'the end of {session}')

    def expect_silence(self, house, display, session):
        """Nothing left after it was said that nothing leaves: what left before
        had been counted by then, and no more was ever decoded."""
        self.wait_over(display)
        entry = self.find_end(house, session)
        last = max((f['session'] for f in display.frames), default=0)
        decoded = [f for f in display.frames
                   if f['session'] == last and f['camera'] is not None]
        self.assertLessEqual(len(decoded), entry['frames'])


class CallersTest(HouseTest):
    """Who may do what, and that nothing happens where nothing may."""

    def test_denied_starts_nothing(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        words = self.expect_error('Denied', house.cast, 'Nursery', 'Kitchen')
        self.assertIn('rule', words)
        house.allow('Porch', 'Kitchen')
        self.expect_error('Denied', house.cast, 'Nursery', 'Kitchen')
        rule = house.allow('any', 'display:any')
        house.allow('Nursery', 'Kitchen', verdict='deny')
        self.assertIn('rule', self.expect_error(
            'Denied', house.cast, 'Nursery', 'Kitchen'))
        self.assertTrue(rule)
        self.assertEqual(house.workers(), [])
        refusals = house.history(kind=option('s', 'refusal'))
        self.assertEqual([r['reason'] for r in refusals], ['denied'] * 3)
        self.assertFalse(any('/session/' in p for p in house.objects()))

    def test_wrong_arguments(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('any', 'display:any')
        call = house.caller.call
        camera = house.find('Camera', 'Nursery')
        screen = house.find('Display', 'Kitchen')
        paths = ['/', '/org', screen, camera + '/1', camera + '0',
                 houselab.ROOT + '/camera/01', houselab.ROOT + '/camera/x',
                 houselab.ROOT + '/camera/99999999999999999999999',
                 houselab.ROOT + '/camera/0']
        for path in paths:
            if path != screen:
                with self.assertRaises(dbuslab.BusError):
                    call('Cast', 'ooa{sv}', path, screen, {})
        for options in ({'duration-s': option('u', 0)},
                        {'duration-s': option('s', '30')},
                        {'delay-ms': option('u', 99)},
                        {'delay-ms': option('u', 2001)},
                        {'max-age-ms': option('u', 5001)},
                        {'keep': option('u', 1)},
                        {'clock': option('s', 'yes')},
                        {'transport': option('s', 'pigeon')},
                        {'transport': option('b', True)},
                        {'no\u202esuch\n': option('b', True)}):
            words = self.expect_error('Invalid', call, 'Cast', 'ooa{sv}',
                                      camera, screen, options)
            self.assertNotIn('\u202e', words)
        for options in ({'width': option('u', 14)}, {'width': option('u', 17)},
                        {'height': option('u', 4098)}, {'fps': option('u', 61)},
                        {'fps': option('s', '30')}, {'name': option('s', '')},
                        {'name': option('s', 'a\nb')},
                        {'device': option('s', '/dev/video0')}):
            self.expect_error('Invalid', call, 'Expose', 'oa{sv}', camera,
                              options)
        for signature, values in (('s', ['x']), ('', []),
                                  ('ssa{sv}', ['a', 'b', {}]),
                                  ('ooa{ss}', [camera, screen, {}])):
            with self.assertRaises(dbuslab.BusError):
                call('Cast', signature, *values)
        for member in ('cast', 'Casts', 'Explode'):
            with self.assertRaises(dbuslab.BusError):
                call(member)
        with self.assertRaises(dbuslab.BusError):
            call('Stop', path=houselab.ROOT + '/session/1',
                 interface=f'{NAME}.Session')
        with self.assertRaises(dbuslab.BusError):
            call('Set', 'ssv', f'{NAME}.Manager', 'LockedDown',
                 option('b', True), interface=houselab.PROPERTIES)
        self.assertEqual(house.workers(), [])

    def test_huge_arrays(self):
        house = self.make_house()
        many = {f'key{i}': option('s', 'x' * 100) for i in range(20000)}
        self.expect_error('Invalid', house.caller.call, 'AddRule', 'a{sv}',
                          many, interface=f'{NAME}.Policy')
        self.expect_error(
            'Invalid', house.caller.call, 'AddRule', 'a{sv}',
            {'verdict': option('s', 'allow'),
             'schedule': option('as', ['mon'] * 100000)},
            interface=f'{NAME}.Policy')
        self.expect_error('Invalid', house.caller.call, 'AddDisplay', 'ssq',
                          'x' * 1000000, 'localhost', 1)
        self.expect_error('Invalid', house.caller.call, 'AddDisplay', 'ssq',
                          'Hall', 'h' * 1000000, 1)
        self.assertEqual(house.caller.call(
            'ListRules', interface=f'{NAME}.Policy'), [])

    def test_names(self):
        house = self.make_house()
        camera = house.find('Camera', 'Porch')
        for name in ('', 'a\nb', 'a\u202eb', 'x' * 65, '\x1b[2J', ' a', 'a ',
                     '\u2067a'):
            self.expect_error('Invalid', house.caller.call, 'SetName', 's',
                              name, path=camera, interface=f'{NAME}.Camera')
            self.expect_error('Invalid', house.caller.call, 'AddDisplay',
                              'ssq', name, '127.0.0.1', 8009)
        for host in ('', '-x', 'a b', 'a/b', 'a\nb', '$(x)'):
            self.expect_error('Invalid', house.caller.call, 'AddDisplay',
                              'ssq', 'Hall', host, 8009)
        self.expect_error('Invalid', house.caller.call, 'AddDisplay', 'ssq',
                          'Hall', '127.0.0.1', 0)
        house.caller.call('SetName', 's', '客厅', path=camera,
                          interface=f'{NAME}.Camera')
        self.assertEqual(house.find('Camera', '客厅'), camera)
        house.caller.call('AddDisplay', 'ssq', 'Hall', 'fe80::1%lo', 8009)
        # Names outlive the service, and numbers where a rule has them.
        house.allow('Porch', 'Hall')
        house.end()
        house.start()
        self.assertEqual(house.find('Camera', '客厅'), camera)
        self.assertTrue(house.find('Display', 'Hall'))

    def test_flood(self):
        house = self.make_house()
        flood = dbuslab.Caller(house.bus.address)
        self.addCleanup(flood.close)
        serials = [flood.send('ListRules', interface=f'{NAME}.Policy')
                   for _ in range(5000)]
        # Somebody else is served all the while.
        self.assertEqual(house.caller.call(
            'ListRules', interface=f'{NAME}.Policy'), [])
        refused = 0
        for serial in serials:
            try:
                flood.wait(serial)
            except dbuslab.BusError as error:
                # Ours, or the bus's own.
                self.assertIn(error.name, (
                    'Full', 'org.freedesktop.DBus.Error.LimitsExceeded'))
                refused += 1
        self.assertLess(refused, 5000)
        # The limit is on what is under way: afterwards all is well.
        flood.call('ListRules', interface=f'{NAME}.Policy')

    def test_full_tables(self):
        """What there is stays, what is too much is refused and not kept either."""
        house = self.make_house(config=''.join(
            f'[display Room {i}]\nhost=127.0.0.1\nport=9\n' for i in range(63)))
        call = house.caller.call

        def n_displays():
            return sum('/display/' in path for path in house.objects())

        def list_rules():
            return call('ListRules', interface=f'{NAME}.Policy')
        house.allow('Nursery', 'Room 1')
        call('AddDisplay', 'ssq', 'Room 63', '127.0.0.1', 8009)
        self.expect_error('Full', call, 'AddDisplay', 'ssq', 'Room 64',
                          '127.0.0.1', 8009)
        house.end()
        fill_rules(house.folder / 'state' / 'policy', 255)
        house.start()
        house.allow('Nursery', 'Room 2')
        self.expect_error('Full', house.allow, 'Nursery', 'Room 3')
        self.assertEqual((n_displays(), len(list_rules())), (64, 256))
        house.end()
        house.start()
        self.assertEqual((n_displays(), len(list_rules())), (64, 256))
        # There is room for what takes the place of another.
        call('RemoveRule', 't', 1, interface=f'{NAME}.Policy')
        house.allow('Nursery', 'Room 2', 'deny')
        self.expect_error('Denied', house.cast, 'Nursery', 'Room 2')

    def test_vanishing_caller(self):
        house = self.make_house()
        for _ in range(50):
            caller = dbuslab.Caller(house.bus.address)
            for _ in range(20):
                caller.send('ListRules', interface=f'{NAME}.Policy')
                caller.send('SetLockdown', 'b', False)
            caller.close()
        self.assertEqual(house.caller.call(
            'ListRules', interface=f'{NAME}.Policy'), [])
        self.assertIsNone(house.process.poll())

    def test_explain(self):
        house = self.make_house()

        def explain(camera, target, **options):
            return house.caller.call('Explain', 'ssa{sv}', camera, target,
                                     options, interface=f'{NAME}.Policy')
        rule = house.allow('Nursery', 'display:static:Kitchen')
        self.assertEqual(
            explain('test:Nursery', 'display:static:Kitchen')[:2],
            [True, rule])
        self.assertEqual(explain('test:Porch', 'display:static:Kitchen')[:2],
                         [False, 0])
        house.caller.call('SetLockdown', 'b', True)
        told = explain('test:Nursery', 'display:static:Kitchen')
        self.assertEqual(told[:2], [True, rule])
        self.assertIn('locked down: run foyerctl lockdown off', told[2])
        for target in ('', 'display:', 'display:any', 'x:y', 'any'):
            self.expect_error('Invalid', explain, 'test:Nursery', target)
        self.expect_error('Invalid', explain, 'test:Nursery', 'display:x',
                          at=option('s', 'now'))

    def test_second_daemon(self):
        house = self.make_house()
        run = subprocess.run([str(w) for w in house.line()], timeout=60,
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn('another foyerd', run.stderr)
        self.assertIsNone(house.process.poll())

    def test_no_bus(self):
        house = self.make_house()
        line = [str(w) for w in house.line()]
        line[2] = 'unix:path=/nonexistent/bus'
        run = subprocess.run(line, timeout=60, capture_output=True, text=True,
                             check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn('there is no bus', run.stderr)

    def test_usage(self):
        for line, status in ((['--version'], 0), (['--nonsense'], 2),
                             (['--system', '--session'], 2), (['word'], 2)):
            run = subprocess.run([PROGRAM, *line], timeout=60, check=False,
                                 capture_output=True, text=True)
            self.assertEqual(run.returncode, status, run.stderr)

    @unittest.skipIf(os.getuid() != 0, 'needs another user')
    def test_another_user(self):
        """May see what there is, ask the rules for himself, and close the house; and
        nothing of what another began, allowed or paired is his to change."""
        house, _display, session = self.make_live()
        rules = house.caller.call('ListRules', interface=f'{NAME}.Policy')
        paths = (session, house.find('Display', 'Kitchen'),
                 house.find('Camera', 'Nursery'))
        os.chmod(house.bus.folder.name, 0o755)
        os.chmod(pathlib.Path(house.bus.folder.name) / 'bus', 0o777)
        pid = os.fork()
        if pid == 0:
            status = 3
            try:
                status = self.be_stranger(house, *paths)
            except (OSError, TimeoutError) as error:
                print('#', repr(error), flush=True)
            finally:
                os._exit(status)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        # He closed it as his last deed.
        self.assertEqual(house.wait_end(session)[0], 'lockdown')
        self.assertEqual(
            house.caller.call('ListRules', interface=f'{NAME}.Policy'), rules)
        house.caller.call('SetLockdown', 'b', False)
        house.wait_state(house.cast('Nursery', 'Kitchen'), ['live'])

    def be_stranger(self, house, session, screen, camera):
        """In a child, as nobody: 0 if it was refused all that it should be."""
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        caller = dbuslab.Caller(house.bus.address, uid=65534)
        calls = [
            ('AddRule', 'a{sv}', [{'verdict': option('s', 'allow')}],
             'Policy', houselab.ROOT),
            ('RemoveRule', 't', [1], 'Policy', houselab.ROOT),
            ('SetLockdown', 'b', [False], 'Manager', houselab.ROOT),
            ('AddDisplay', 'ssq', ['Hall', '127.0.0.1', 8009], 'Manager',
             houselab.ROOT),
            ('Stop', '', [], 'Session', session),
            ('Probe', '', [], 'Display', screen),
            ('Pair', 'ss', ['sha256:' + 'ab' * 32, 'any'], 'Display', screen),
            ('Forget', '', [], 'Display', screen),
            ('SetName', 's', ['Mine'], 'Camera', camera),
            ('SetControl', 'si', ['brightness', 1], 'Camera', camera),
        ]
        for member, signature, values, interface, path in calls:
            try:
                caller.call(member, signature, *values, path=path,
                            interface=f'{NAME}.{interface}')
                print(f'# {member} was allowed', flush=True)
                return 1
            except dbuslab.BusError as error:
                if error.name != 'NotAuthorized':
                    print(f'# {member}: {error.name}', flush=True)
                    return 2
        if caller.call('Get', 'ss', f'{NAME}.Session', 'State', path=session,
                       interface=houselab.PROPERTIES) != 'live':
            return 4
        if house.history(caller=caller):
            return 5
        caller.call('SetLockdown', 'b', True)
        return 0


class SessionsTest(HouseTest):
    """Cameras on displays, from grant to a clean display."""

    def test_pair_then_live(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        # The first cast finds out who is there, and shows nothing.
        session = house.cast('Nursery', 'Kitchen')
        reason, words = house.wait_end(session)
        self.assertEqual(reason, 'not-paired')
        self.assertIn('pair', words)
        screen = house.find('Display', 'Kitchen')
        seen = house.get(screen, 'Display', 'SeenFingerprint')
        self.assertRegex(seen, '^sha256:[0-9a-f]{64}$')
        self.assertFalse(house.get(screen, 'Display', 'Paired'))
        display.read()
        self.assertEqual(display.frames, [])
        house.pair('Kitchen', 'device-auth')
        self.assertEqual(house.get(screen, 'Display', 'Fingerprint'), seen)
        session = house.cast('Nursery', 'Kitchen')
        house.wait_state(session, ['live'])
        self.wait_frames(display, 10)
        account = house.caller.call('GetAccount', path=session,
                                    interface=f'{NAME}.Session')
        self.assertGreater(account['frames'], 0)
        house.allow('Porch', 'Kitchen')
        self.expect_error('Busy', house.cast, 'Porch', 'Kitchen')
        self.check_sockets(house)

    def check_sockets(self, house):
        """Nobody can come in from the network: there is one connection of each kind
        to the display, the worker's, and nothing that listens or takes from all."""
        self.assertEqual(houselab.sockets(house.process.pid), [])
        for pid in house.workers():
            for protocol, remote, state in houselab.sockets(pid):
                self.assertIn(pid, house.workers('cast'))
                self.assertIn(protocol, ('tcp', 'udp'))
                self.assertEqual(state, '01', (protocol, remote))  # established
        worker, = house.workers('cast')
        self.assertEqual(sorted(s[0] for s in houselab.sockets(worker)),
                         ['tcp', 'udp'])

    def test_two_cameras(self):
        """Each display shows the one camera that it was granted, and fresh."""
        displays = [self.make_display('Kitchen'), self.make_display('Hall')]
        house = self.make_house(*displays)
        pairs = (('Nursery', displays[0]), ('Porch', displays[1]))
        for camera, display in pairs:
            house.allow(camera, display.name)
            house.probe(display.name)
            house.pair(display.name)
        self.expect_error('Denied', house.cast, 'Nursery', 'Hall')
        sessions = [house.cast(c, d.name) for c, d in pairs]
        for display in displays:
            self.wait_frames(display, 60)
        for session in sessions:
            house.stop_session(session)
        for number, display in enumerate(displays, 1):
            figures = foyerlab.judge(display.frames, number)
            self.assertTrue(figures['ok'], figures)

    def test_key_change(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        screen = house.find('Display', 'Kitchen')
        house.caller.call('Pair', 'ss', 'sha256:' + 'ab' * 32, 'pinned',
                          path=screen, interface=f'{NAME}.Display')
        session = house.cast('Nursery', 'Kitchen')
        self.assertEqual(house.wait_end(session)[0], 'key-changed')
        display.read()
        self.assertEqual(display.frames, [])
        self.expect_error(
            'NotVerified', house.caller.call, 'Pair', 'ss',
            'sha256:' + 'cd' * 32, 'device-auth', path=screen,
            interface=f'{NAME}.Display')

    def test_stop(self):
        house, display, session = self.make_live()
        self.wait_frames(display, 10)
        house.stop_session(session)
        self.expect_silence(house, display, session)
        self.assertEqual(house.wait_end(session)[0], 'stopped')
        entry = house.history(kind=option('s', 'session'))[0]
        self.assertEqual(entry['reason'], 'stopped')
        self.assertGreater(entry['frames'], 0)
        # The camera is closed when nobody has watched for 2 s.
        houselab.wait_until(lambda: not house.workers(), 'no workers')

    def test_revoke(self):
        house, display, session = self.make_live()
        self.wait_frames(display, 10)
        rule = house.get(session, 'Session', 'Rule')
        house.caller.call('RemoveRule', 't', rule, interface=f'{NAME}.Policy')
        self.expect_silence(house, display, session)
        self.assertEqual(house.wait_end(session)[0], 'revoked')
        self.expect_error('Denied', house.cast, 'Nursery', 'Kitchen')

    def test_lockdown(self):
        house, display, session = self.make_live()
        self.wait_frames(display, 10)
        house.caller.call('SetLockdown', 'b', True)
        self.expect_silence(house, display, session)
        self.assertEqual(house.wait_end(session)[0], 'lockdown')
        self.expect_error('LockedDown', house.cast, 'Nursery', 'Kitchen')
        self.assertEqual(house.workers(), [])
        house.end()
        house.start()
        self.expect_error('LockedDown', house.cast, 'Nursery', 'Kitchen')
        house.caller.call('SetLockdown', 'b', False)
        house.wait_state(house.cast('Nursery', 'Kitchen'), ['live'])

    def test_lockdown_of_a_caller_who_left(self):
        """Who wants all to end does not wait for a service that hangs, and what
        was asked for happens all the same."""
        house, display, session = self.make_live()
        house.process.send_signal(signal.SIGSTOP)
        try:
            run = house.ctl('lockdown')
        finally:
            house.process.send_signal(signal.SIGCONT)
        self.assertEqual(run.returncode, 1)
        self.assertIn(f'kill -KILL {house.process.pid}', run.stderr)
        self.assertEqual(house.wait_end(session)[0], 'lockdown')
        self.expect_silence(house, display, session)
        self.assertTrue(house.get(houselab.ROOT, 'Manager', 'LockedDown'))

    def test_lockdown_beside_deaf_workers(self):
        """Whoever does not answer is killed, and nobody waits for more."""
        house, display, session = self.make_live()
        deaf = house.workers()
        for pid in deaf:
            os.kill(pid, signal.SIGSTOP)
        run = house.ctl('lockdown')
        self.assertEqual(run.returncode, 0, run.stderr)
        # What there is now cleans the display, and never had a frame.
        self.assertEqual(set(deaf) & set(house.workers()), set())
        self.assertEqual(house.wait_end(session)[0], 'lockdown')
        self.expect_silence(house, display, session)

    def test_duration(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        house.probe('Kitchen')
        house.pair('Kitchen')
        session = house.cast('Nursery', 'Kitchen',
                             **{'duration-s': option('u', 2)})
        self.assertEqual(house.wait_end(session)[0], 'expired')
        self.expect_silence(house, display, session)

    def test_forget(self):
        house, display, session = self.make_live()
        screen = house.find('Display', 'Kitchen')
        house.caller.call('Forget', path=screen, interface=f'{NAME}.Display')
        self.expect_silence(house, display, session)
        self.assertIn(house.wait_end(session)[0], ('target-gone', 'revoked'))
        self.assertFalse(house.get(screen, 'Display', 'Paired'))
        self.assertEqual(house.caller.call(
            'ListRules', interface=f'{NAME}.Policy'), [])

    def test_kill_cast(self):
        house, display, session = self.make_live()
        os.kill(house.workers('cast')[0], signal.SIGKILL)
        self.assertEqual(house.wait_end(session)[0], 'worker-died')
        self.expect_silence(house, display, session)
        house.wait_state(house.cast('Nursery', 'Kitchen'), ['live'])

    def test_kill_camera(self):
        house, display, session = self.make_live()
        os.kill(house.workers('camera')[0], signal.SIGKILL)
        self.assertEqual(house.wait_end(session)[0], 'camera-failed')
        self.expect_silence(house, display, session)
        house.wait_state(house.cast('Nursery', 'Kitchen'), ['live'])

    def test_kill_daemon(self):
        house, display, session = self.make_live()
        self.wait_frames(display, 10)
        workers = house.workers()
        house.kill()
        for pid in workers:
            houselab.wait_until(
                lambda p=pid: not os.path.exists(f'/proc/{p}'), 'workers die')
        self.wait_over(display)
        house.start()
        entry = house.history(kind=option('s', 'session'))[0]
        self.assertEqual(entry['reason'], 'service-restarted')
        # What had left was counted, and what was counted is known.
        self.expect_silence(house, display, session)
        self.assertGreaterEqual(entry['frames'], 10)
        self.assertGreater(entry['bytes'], 0)
        self.assertEqual(
            list((house.folder / 'run').glob('tally-*')), [])
        # Numbers of sessions go on.
        again = house.cast('Nursery', 'Kitchen')
        self.assertGreater(int(again.rsplit('/', 1)[1]),
                           int(session.rsplit('/', 1)[1]))
        house.wait_state(again, ['live'])

    def test_display_dies_and_is_kept(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        house.probe('Kitchen')
        house.pair('Kitchen')
        session = house.cast('Nursery', 'Kitchen', keep=option('b', True))
        house.wait_state(session, ['live'])
        display.process.kill()
        reason = house.wait_end(session)[0]
        self.assertIn(reason, ('display-lost', 'display-failed'))
        self.assertEqual(house.get(session, 'Session', 'State'), 'waiting')
        # Whoever began it may end the waiting.
        house.stop_session(session)
        houselab.wait_until(
            lambda: house.get(session, 'Session', 'State') is None, 'gone')

    def test_end(self):
        house, display, session = self.make_live()
        self.assertEqual(house.end(), 0)
        house.start()
        self.expect_silence(house, display, session)
        entry = house.history(kind=option('s', 'session'))[0]
        self.assertEqual(entry['reason'], 'stopped')


class RulesTest(HouseTest):
    """What is told of rules."""

    def wait_changes(self, house, n_changes):
        """Until rules changed so often."""
        def count():
            with house.caller.changed:
                return sum(s.fields[dbuslab.MEMBER] == 'Changed'
                           for s in house.caller.signals) >= n_changes
        houselab.wait_until(count, f'{n_changes} changes of the rules')

    def test_expiry_is_told(self):
        """Nothing else happens in the house, so nothing else wakes it."""
        house = self.make_house()
        house.allow('Nursery', 'node:any',
                    expires=option('t', int(time.time()) + 4))
        self.wait_changes(house, 1)
        self.wait_changes(house, 2)
        entry = house.history(kind=option('s', 'rule'))[0]
        self.assertTrue(entry['words'].startswith('expired: '), entry)
        self.assertFalse(is_allowed(house))


class FullDiskTest(HouseTest):
    """A disk with no room left: what can't be saved has not happened."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest('a small file system needs root')
        self.house = houselab.House(
            BUILD, config='[display Kitchen]\nhost=127.0.0.1\nport=9\n')
        self.addCleanup(self.house.stop)
        state = self.house.folder / 'state'
        state.mkdir()
        # Of its own, in a mount namespace that ends with it.
        self.house.inside = [
            'unshare', '--mount', '--propagation', 'private', 'sh', '-c',
            'mount -t tmpfs -o size=512k none "$0" && exec "$@"', str(state)]
        self.house.start()

    def fill(self):
        """Not a byte more fits; a function that makes room again."""
        path = pathlib.Path(f'/proc/{self.house.process.pid}/root'
                            f'{self.house.folder}/state/filler')
        with self.assertRaises(OSError), open(path, 'wb', 0) as filler:
            while True:
                filler.write(bytes(512))
        return path.unlink

    def list_rules(self):
        """Their numbers."""
        return [r['id'] for r in self.house.caller.call(
            'ListRules', interface=f'{NAME}.Policy')]

    def test_rules(self):
        house = self.house
        rule = house.allow('Nursery', 'node:any')
        make_room = self.fill()
        words = self.expect_error('Failed', house.allow, 'Porch', 'node:any')
        self.assertIn('No space left', words)
        self.expect_error('Failed', lambda: house.caller.call(
            'RemoveRule', 't', rule, interface=f'{NAME}.Policy'))
        # The old is kept, and in force.
        self.assertEqual(self.list_rules(), [rule])
        self.assertTrue(is_allowed(house))
        make_room()
        second = house.allow('Porch', 'node:any')
        self.assertEqual(self.list_rules(), [rule, second])

    def test_lockdown(self):
        """It begins all the same, and its caller hears that it will not last."""
        house = self.house
        house.allow('Nursery', 'display:any')
        make_room = self.fill()
        words = self.expect_error('Failed', lambda: house.caller.call(
            'SetLockdown', 'b', True))
        self.assertIn('could not be saved', words)
        self.expect_error('LockedDown', house.cast, 'Nursery', 'Kitchen')
        make_room()
        house.caller.call('SetLockdown', 'b', False)

    def test_log(self):
        """What can't be logged is not shown."""
        house = self.house
        house.allow('Nursery', 'display:any')
        make_room = self.fill()
        # A few rows may still find room in what the log has already.
        for _ in range(64):
            try:
                house.wait_end(house.cast('Nursery', 'Kitchen'))
            except dbuslab.BusError as error:
                self.assertEqual(error.name, 'Failed')
                self.assertIn('history', error.message)
                break
        else:
            self.fail('a session that is in no log')
        self.assertEqual(house.workers('cast'), [])
        self.assertTrue(house.get(houselab.ROOT, 'Manager', 'Problems'))
        make_room()
        house.wait_end(house.cast('Nursery', 'Kitchen'))


class ClockTest(HouseTest):
    """The time of day is set, forwards and back; nothing else happens."""

    def make_timed_house(self, *displays):
        """(house, function that sets its clock by so many seconds)."""
        folder = tempfile.TemporaryDirectory(prefix='foyer-clock-')
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        (path / 'offset').write_bytes(bytes(8))
        os.mkfifo(path / 'jumps')
        preload = foyerlab.environment(BUILD).get('LD_PRELOAD', '')
        house = self.make_house(*displays, variables={
            'FOYER_TEST_CLOCK': folder.name, 'TZ': 'UTC',
            'LD_PRELOAD': f'{preload}:{JUMP}'.lstrip(':')})

        def jump(seconds):
            with open(path / 'offset', 'r+b', 0) as offset:
                offset.write(seconds.to_bytes(8, sys.byteorder, signed=True))
            with open(path / 'jumps', 'wb', 0) as jumps:
                jumps.write(bytes(8))
        return house, jump

    def wait_rules(self, house, words):
        """Until the log tells that of a rule last."""
        houselab.wait_until(
            lambda: house.history(kind=option('s', 'rule'))[0]['words']
            .startswith(words), words)

    def test_rule_expires(self):
        house, jump = self.make_timed_house()
        house.allow('Nursery', 'node:any',
                    expires=option('t', int(time.time()) + 3600))
        self.assertTrue(is_allowed(house))
        jump(7200)
        self.wait_rules(house, 'expired: ')
        self.assertFalse(is_allowed(house))
        jump(0)
        self.wait_rules(house, 'in force again: ')
        self.assertTrue(is_allowed(house))

    def test_session_expires(self):
        """A session whose rule is over by the new time ends by that alone."""
        display = self.make_display('Kitchen')
        house, jump = self.make_timed_house(display)
        house.allow('Nursery', 'Kitchen',
                    expires=option('t', int(time.time()) + 3600))
        house.bring(display)
        session = house.cast('Nursery', 'Kitchen')
        house.wait_state(session, ['live'])
        jump(7200)
        self.assertEqual(house.wait_end(session)[0], 'expired')
        self.expect_silence(house, display, session)

    def test_session_out_of_schedule(self):
        """Back, to before the schedule's time."""
        display = self.make_display('Kitchen')
        house, jump = self.make_timed_house(display)
        hour = time.gmtime().tm_hour
        house.allow('Nursery', 'Kitchen', schedule=option(
            'as', [f'{hour:02}:00-{(hour + 2) % 24:02}:00']))
        house.bring(display)
        session = house.cast('Nursery', 'Kitchen')
        house.wait_state(session, ['live'])
        # Out of it from any minute of its first hour.
        jump(-3600)
        self.assertEqual(house.wait_end(session)[0], 'revoked')
        self.expect_silence(house, display, session)
        self.expect_error('Denied', house.cast, 'Nursery', 'Kitchen')
        jump(0)
        house.wait_state(house.cast('Nursery', 'Kitchen'), ['live'])


class RoughTest(HouseTest):
    """Everything dies, and nothing is lost but the session."""

    def test_no_descriptors(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display, descriptors=28)
        house.allow('any', 'display:any')
        # As many as it has room for begin; whatever does not says why.
        for _ in range(6):
            session = house.cast('Nursery', 'Kitchen')
            self.assertTrue(house.wait_end(session)[0])
        self.assertIsNone(house.process.poll())
        self.assertEqual(len(house.history(kind=option('s', 'session'))), 6)

    def test_no_workers(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('any', 'display:any')
        for path in house.libexec.iterdir():
            path.unlink()
        session = house.cast('Nursery', 'Kitchen')
        self.assertIn(house.wait_end(session)[0],
                      ('camera-failed', 'worker-died'))
        self.assertIsNone(house.process.poll())

    def make_house_without(self, plugins, display):
        """A house that knows the display, and lacks some of GStreamer."""
        folder = tempfile.TemporaryDirectory(prefix='foyer-plugins-')
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        for plugin in foyerlab.plugin_files():
            if not plugins.search(plugin.name):
                (path / plugin.name).symlink_to(plugin)
        house = self.make_house(display, variables={
            'GST_PLUGIN_SYSTEM_PATH_1_0': folder.name,
            'GST_REGISTRY': str(path / 'registry')})
        house.allow('Nursery', 'Kitchen')
        house.bring(display)
        return house

    def test_no_encoder(self):
        display = self.make_display('Kitchen')
        house = self.make_house_without(ENCODERS, display)
        reason, words = house.wait_end(house.cast('Nursery', 'Kitchen'))
        self.assertEqual(reason, 'no-encoder')
        self.assertIn('apt install', words)
        self.assertIsNone(house.process.poll())
        # Nothing was launched there.
        display.read()
        self.assertNotIn('session', display.figures)

    def test_one_encoder(self):
        """Only what can be made is offered, though the display likes both."""
        display = self.make_display('Kitchen')
        house = self.make_house_without(H264_ENCODERS, display)
        session = house.cast('Nursery', 'Kitchen')
        house.wait_state(session, ['live'])
        self.assertEqual(house.get(session, 'Session', 'Codec'), 'vp8')
        self.wait_frames(display, 10)

    def expect_vp8(self, house, display):
        """A cast is VP8, though all could be H.264."""
        house.allow('Nursery', 'Kitchen')
        house.bring(display)
        session = house.cast('Nursery', 'Kitchen')
        house.wait_state(session, ['live'])
        self.assertEqual(house.get(session, 'Session', 'Codec'), 'vp8')

    def test_codec_of_a_display(self):
        """What the owner says of a display goes before what it says itself."""
        display = self.make_display('Kitchen')
        self.expect_vp8(self.make_house(display, config='codec=vp8\n'), display)

    def test_codec_of_an_unlisted_display(self):
        """One that the configuration does not say the address of."""
        display = self.make_display('Kitchen')
        house = self.make_house(config='[display Kitchen]\ncodec=vp8\n')
        self.assertEqual(house.get(houselab.ROOT, 'Manager', 'Problems'), [])
        house.caller.call('AddDisplay', 'ssq', 'Kitchen', '127.0.0.1',
                          display.port)
        self.expect_vp8(house, display)

    def test_url_without_h264(self):
        """A display that is told a URL is shown H.264 or nothing."""
        display = self.make_display('Kitchen')
        house = self.make_house_without(H264_ENCODERS, display)
        house.allow('Nursery', 'Kitchen', **{'allow-clear': option('b', True)})
        session = house.cast('Nursery', 'Kitchen',
                             transport=option('s', 'http'))
        reason, words = house.wait_end(session)
        self.assertEqual(reason, 'no-encoder', words)
        # Nothing was launched there.
        display.read()
        self.assertEqual(display.events['media-loading'], 0)

    def test_damaged_rules(self):
        house = self.make_house()
        house.allow('any', 'display:any')
        house.end()
        path = house.folder / 'state' / 'policy'
        text = path.read_bytes()
        path.write_bytes(text[:-20])
        house.start()
        self.assertTrue(house.get(houselab.ROOT, 'Policy', 'Damaged'))
        self.assertTrue(house.get(houselab.ROOT, 'Manager', 'Problems'))
        self.assertEqual(house.caller.call(
            'ListRules', interface=f'{NAME}.Policy'), [])
        self.expect_error('Damaged', house.allow, 'any', 'display:any')
        kept = list(path.parent.glob('policy.damaged-*'))
        self.assertEqual([p.read_bytes() for p in kept], [text[:-20]])

    def test_many_displays(self):
        """A reconnect storm: all come back at once, a few at a time start."""
        displays = [self.make_display(f'Room {i}') for i in range(6)]
        house = self.make_house(*displays)
        house.allow('Nursery', 'display:any')
        for display in displays:
            house.probe(display.name)
            house.pair(display.name)
        sessions = [house.cast('Nursery', d.name) for d in displays]
        for session in sessions:
            house.wait_state(session, ['live'])
        # One opening and one encode for all.
        self.assertEqual(len(house.workers('camera')), 1)
        self.assertEqual(len(house.workers('cast')), len(displays))
        house.caller.call('SetLockdown', 'b', True)
        self.assertEqual(house.workers('camera'), [])
        for session, display in zip(sessions, displays):
            self.assertEqual(house.wait_end(session)[0], 'lockdown')
            self.expect_silence(house, display, session)

    def test_random_deaths(self):
        """Anything is killed at any moment. Seeded: a failure comes again."""
        chance = random.Random(3)
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        rules = [house.allow('Nursery', 'Kitchen')]
        house.probe('Kitchen')
        house.pair('Kitchen')
        n_begun = 0
        for round_ in range(N_DEATHS):
            if chance.random() < 0.1:
                rules.append(house.allow('Porch', 'Kitchen', 'deny'))
            try:
                session = house.cast('Nursery', 'Kitchen')
                n_begun += 1
            except dbuslab.BusError as error:
                self.assertEqual(error.name, 'Busy')
                session = None
            time.sleep(chance.random() * 0.3)
            victims = [*house.workers(), house.process.pid]
            victim = chance.choice(victims)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
            if victim == house.process.pid:
                house.process.wait()
                for pid in victims[:-1]:
                    houselab.wait_until(
                        lambda p=pid: not os.path.exists(f'/proc/{p}'),
                        f'worker {pid} dies in round {round_}')
                house.start()
            elif session and round_ % 3 == 0:
                try:
                    house.stop_session(session)
                except dbuslab.BusError:
                    pass
        have = house.caller.call('ListRules', interface=f'{NAME}.Policy')
        self.assertEqual([rule['id'] for rule in have], rules)
        house.caller.call('SetLockdown', 'b', True)
        houselab.wait_until(lambda: not house.workers(), 'no workers')
        houselab.wait_until(
            lambda: not any('/session/' in p for p in house.objects()),
            'no sessions')
        ends = house.history(kind=option('s', 'session'),
                             limit=option('u', 10000))
        # Every session that began has an end with a reason.
        self.assertEqual(len({e['session'] for e in ends}), n_begun)
        self.assertTrue(all(e['reason'] for e in ends))
        self.wait_over(display)
        figures = foyerlab.judge(display.frames, 1)
        self.assertEqual(figures['foreign'], 0)


if __name__ == '__main__':
    tap.main()
