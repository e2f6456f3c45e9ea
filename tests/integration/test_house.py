#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A house from end to end by its real programs: what an owner types into foyerctl,
and what then comes to displays, datagram by datagram."""

import json
import os
import pathlib
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
NAME = houselab.NAME
SMALL = ['--width', '320', '--height', '180']
NURSERY, PORCH = '1', '2'  # in their marks
DONE, FAILED, DENIED, NOT_FOUND, NO_SERVICE = 0, 1, 3, 4, 5
# Until whatever is under way on loopback has come.
QUIET_S = 0.3
N_FRAMES = 10
# What is granted for no longer, and yet for long enough to be seen to be there.
SHORT, SHORT_NS = '4s', 4_000_000_000
# Pictures that left, and were under way when whoever sent them was killed.
MOST_LATE = 5


class HouseTest(unittest.TestCase):
    """What the cases share."""

    @classmethod
    def setUpClass(cls):
        # Keys are made once: that takes a while.
        cls.keys = tempfile.TemporaryDirectory(prefix='foyer-keys-')

    @classmethod
    def tearDownClass(cls):
        cls.keys.cleanup()

    def make_displays(self, *names, keys='keys', port=0):
        """Displays in one process; each decodes all it gets."""
        crowd = foyerlab.Crowd(
            BUILD, len(names), names=names,
            credentials=pathlib.Path(self.keys.name) / keys,
            options=[*SMALL, '--full', len(names), '--port', port])
        self.addCleanup(crowd.stop)
        return crowd

    def make_house(self, crowd, config=''):
        """A house that serves, and knows no key yet."""
        house = houselab.House(BUILD, displays=crowd.displays, config=config)
        self.addCleanup(house.stop)
        return house.start()

    def run_ctl(self, house, *words, status=DONE):
        """foyerctl must end like that; all it said."""
        run = house.ctl(*words)
        self.assertEqual(run.returncode, status,
                         f'{words}: {run.stdout}{run.stderr}')
        return run.stdout + run.stderr

    def pair(self, house, crowd):
        """Accepts the keys that the displays show their owner."""
        for display in crowd.displays:
            self.run_ctl(house, 'pair', display.name, '--fingerprint',
                         display.start['fingerprint'])

    def wait_frames(self, crowd, number, camera):
        """Until a display has decoded some pictures of a camera."""
        def come():
            counts = crowd.counts()[number]
            return counts['cameras'].get(camera, 0) >= N_FRAMES and counts
        counts = houselab.wait_until(come, 'pictures')
        self.assertEqual(list(counts['cameras']), [camera])
        self.assertEqual(counts['unordered'], 0)

    def expect_nothing_after(self, crowd, number, moment_ns):
        """No byte of a camera came to a display after a moment, but before."""
        time.sleep(QUIET_S)
        before = crowd.after(number, 0)
        after = crowd.after(number, moment_ns)
        self.assertGreater(before['camera_bytes'], 0)
        self.assertEqual((after['camera_bytes'], after['unknown_bytes']),
                         (0, 0))

    def expect_dark(self, crowd):
        """No display was ever shown anything."""
        self.assertEqual([(c['frames'], c['bytes']) for c in crowd.counts()],
                         [(0, 0)] * len(crowd.displays))

    def make_live(self, *names):
        """(house, crowd): the nursery on all of these."""
        crowd = self.make_displays(*names)
        house = self.make_house(crowd)
        self.pair(house, crowd)
        for number, name in enumerate(names):
            self.run_ctl(house, 'grant', 'Nursery', name)
            self.run_ctl(house, 'cast', 'Nursery', name)
            self.wait_frames(crowd, number, NURSERY)
        return house, crowd

    def read_json(self, house, *words):
        """What a listing says."""
        return json.loads(self.run_ctl(house, *words, '--json'))

    def wait_ends(self, house):
        """Until no session is left; entries of those that ended, the newest
        first."""
        houselab.wait_until(
            lambda: not self.read_json(house, 'sessions')['sessions'],
            'sessions end')
        return self.read_json(house, 'history', '--kind',
                              'session')['entries']

    def wait_seen(self, crowd, entry, most_late):
        """Until the display has got through what was counted, but for so many
        pictures; and it saw no more than that."""
        names = [display.name for display in crowd.displays]
        number = names.index(entry['target_name'])

        def seen():
            return crowd.counts()[number]['cameras'][NURSERY]
        houselab.wait_until(lambda: entry['frames'] - seen() <= most_late,
                            f'{seen()} pictures of {entry}')
        self.assertGreaterEqual(entry['frames'], seen(), entry)

    def check_figures(self, crowd, entry):
        """All that the display got was counted, and all that was counted was on
        its way to it."""
        self.wait_seen(crowd, entry, MOST_LATE)
        self.assertGreater(entry['bytes'], 0)
        self.assertGreaterEqual(
            entry['last_sequence'] - entry['first_sequence'] + 1,
            entry['frames'])


class OwnerTest(HouseTest):
    """Yes and no."""

    def test_pair_cast_stop(self):
        crowd = self.make_displays('Kitchen')
        house = self.make_house(crowd)
        self.run_ctl(house, 'grant', 'Nursery', 'Kitchen')
        words = house.ctl('cast', 'Nursery', 'Kitchen')
        self.assertNotEqual(words.returncode, DONE)
        self.assertIn('foyerctl pair', words.stderr)
        self.expect_dark(crowd)
        self.pair(house, crowd)
        self.run_ctl(house, 'cast', 'Nursery', 'Kitchen')
        self.wait_frames(crowd, 0, NURSERY)
        session, = self.read_json(house, 'sessions')['sessions']
        self.assertEqual(session['state'], 'live')
        self.run_ctl(house, 'stop', 'Kitchen')
        self.expect_nothing_after(crowd, 0, time.monotonic_ns())
        entry = self.wait_ends(house)[0]
        self.assertEqual(entry['reason'], 'stopped')
        # Nothing was lost: the log and the display agree.
        self.wait_seen(crowd, entry, 1)

    def test_foreign_attempts(self):
        house, crowd = self.make_live('Kitchen', 'Hall')
        self.run_ctl(house, 'stop', '--all')
        self.wait_ends(house)
        before = crowd.counts()
        n_rules = len(self.read_json(house, 'rules')['rules'])
        attempts = [('Porch', 'Kitchen'), ('Porch', 'Hall')]
        for camera, display in attempts:
            words = self.run_ctl(house, 'cast', camera, display, status=DENIED)
            self.assertIn('no rule', words)
        # No beats yes.
        self.run_ctl(house, 'grant', '--deny', 'any', 'Hall')
        words = self.run_ctl(house, 'cast', 'Nursery', 'Hall', status=DENIED)
        self.assertIn(f'rule {n_rules + 1}', words)
        self.run_ctl(house, 'cast', 'Cellar', 'Hall', status=NOT_FOUND)
        self.run_ctl(house, 'cast', 'Nursery', 'Cellar', status=NOT_FOUND)
        self.assertEqual(house.workers('cast'), [])
        for a, b in zip(before, crowd.counts()):
            self.assertEqual((a['sessions'], a['bytes']),
                             (b['sessions'], b['bytes']))
        refusals = self.read_json(house, 'history', '--kind',
                                  'refusal')['entries']
        self.assertEqual([r['reason'] for r in refusals], ['denied'] * 3)

    def test_each_sees_its_own(self):
        """Two cameras on two displays at once."""
        crowd = self.make_displays('Kitchen', 'Hall')
        house = self.make_house(crowd)
        self.pair(house, crowd)
        for camera, display in (('Nursery', 'Kitchen'), ('Porch', 'Hall')):
            self.run_ctl(house, 'grant', camera, display)
            self.run_ctl(house, 'cast', camera, display)
        self.wait_frames(crowd, 0, NURSERY)
        self.wait_frames(crowd, 1, PORCH)
        self.assertEqual(len(house.workers('camera')), 2)
        self.assertEqual(len(house.workers('cast')), 2)

    def test_session_can_not_change(self):
        house, crowd = self.make_live('Kitchen')
        path = next(p for p in house.objects() if '/session/' in p)
        for member, value in (('Camera', house.find('Camera', 'Porch')),
                              ('Display', path)):
            with self.assertRaises(dbuslab.BusError):
                house.caller.call(
                    'Set', 'ssv', f'{NAME}.Session', member,
                    dbuslab.Variant('o', value), path=path,
                    interface=houselab.PROPERTIES)
        self.wait_frames(crowd, 0, NURSERY)

    def test_second_daemon(self):
        house, crowd = self.make_live('Kitchen')
        run = subprocess.run([str(w) for w in house.line()], text=True,
                             env=house.environment(), capture_output=True,
                             timeout=houselab.START_TIMEOUT_S, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn('another foyerd', run.stderr)
        before = crowd.counts()[0]['frames']
        houselab.wait_until(
            lambda: crowd.counts()[0]['frames'] > before + N_FRAMES,
            'the first goes on')


class EndTest(HouseTest):
    """Once a command has returned, or a time is over, nothing comes."""

    def test_revoke(self):
        house, crowd = self.make_live('Kitchen', 'Hall')
        rules = self.read_json(house, 'rules')['rules']
        rule = next(r for r in rules if 'Kitchen' in json.dumps(r))
        self.run_ctl(house, 'revoke', f'rule:{rule["id"]}')
        self.expect_nothing_after(crowd, 0, time.monotonic_ns())
        self.run_ctl(house, 'cast', 'Nursery', 'Kitchen', status=DENIED)
        # The other one goes on.
        before = crowd.counts()[1]['frames']
        houselab.wait_until(
            lambda: crowd.counts()[1]['frames'] > before + N_FRAMES,
            'the other goes on')

    def test_expiry(self):
        crowd = self.make_displays('Kitchen', 'Hall')
        house = self.make_house(crowd)
        self.pair(house, crowd)
        self.run_ctl(house, 'grant', 'Nursery', 'Kitchen')
        self.run_ctl(house, 'grant', 'Nursery', 'Hall', '--max', SHORT)
        begin_ns = time.monotonic_ns()
        self.run_ctl(house, 'cast', 'Nursery', 'Kitchen', '--for', SHORT)
        self.run_ctl(house, 'cast', 'Nursery', 'Hall')
        granted_ns = time.monotonic_ns()
        ends = self.wait_ends(house)
        self.assertEqual([e['reason'] for e in ends], ['expired'] * 2)
        for number in range(2):
            # From the last moment at which it can have been granted.
            self.expect_nothing_after(crowd, number,
                                      granted_ns + SHORT_NS)
            counts = crowd.counts()[number]
            self.assertGreater(counts['last_ns'] - begin_ns, SHORT_NS / 4)

    def test_lockdown(self):
        house, crowd = self.make_live('Kitchen', 'Hall', 'Study')
        self.run_ctl(house, 'lockdown')
        end_ns = time.monotonic_ns()
        for number in range(3):
            self.expect_nothing_after(crowd, number, end_ns)
        self.run_ctl(house, 'cast', 'Nursery', 'Hall', status=DENIED)
        self.assertEqual([e['reason'] for e in self.wait_ends(house)],
                         ['lockdown'] * 3)
        self.run_ctl(house, 'lockdown', 'off')
        self.run_ctl(house, 'cast', 'Nursery', 'Hall')

    def test_daemon_dies(self):
        house, crowd = self.make_live('Kitchen', 'Hall')
        workers = house.workers()
        house.kill()
        for pid in workers:
            houselab.wait_until(
                lambda p=pid: not houselab.is_running(p), 'workers die')
        end_ns = time.monotonic_ns()
        for number in range(2):
            self.expect_nothing_after(crowd, number, end_ns)
        # Displays leave what they showed.
        houselab.wait_until(
            lambda: not any(c['running'] for c in crowd.counts()),
            'displays are free')
        self.run_ctl(house, 'sessions', status=NO_SERVICE)
        house.start()
        entries = self.wait_ends(house)
        self.assertEqual([e['reason'] for e in entries],
                         ['service-restarted'] * 2)
        for entry in entries:
            self.check_figures(crowd, entry)
        self.run_ctl(house, 'cast', 'Nursery', 'Kitchen')


class AccountTest(HouseTest):
    """I10: the log agrees with the displays, both ways."""

    def test_cast_killed(self):
        """kill -9 in the middle: the worker can say nothing any more."""
        house, crowd = self.make_live('Kitchen', 'Hall')
        os.kill(house.workers('cast')[0], signal.SIGKILL)
        houselab.wait_until(
            lambda: len(self.read_json(house, 'sessions')['sessions']) == 1,
            'one is over')
        self.run_ctl(house, 'stop', '--all')
        entries = self.wait_ends(house)
        time.sleep(QUIET_S)
        for entry in entries:
            self.check_figures(crowd, entry)
        self.assertEqual({e['reason'] for e in entries},
                         {'worker-died', 'stopped'})


class DisplayTest(HouseTest):
    """A display is its key."""

    def test_key_change(self):
        house, crowd = self.make_live('Kitchen')
        port = crowd.displays[0].port
        crowd.stop()
        self.wait_ends(house)
        # The same keys; its TLS certificate is another.
        crowd = self.make_displays('Kitchen', port=port)
        self.run_ctl(house, 'cast', 'Nursery', 'Kitchen')
        self.wait_frames(crowd, 0, NURSERY)
        crowd.stop()
        self.wait_ends(house)
        # Another device in its place.
        other = self.make_displays('Kitchen', keys='others', port=port)
        run = house.ctl('cast', 'Nursery', 'Kitchen')
        self.assertNotEqual(run.returncode, DONE)
        self.assertIn('key', run.stderr)
        self.expect_dark(other)
        fingerprint = other.displays[0].start['fingerprint']
        self.assertNotEqual(
            house.ctl('pair', 'Kitchen', '--fingerprint',
                      fingerprint).returncode, DONE)
        self.assertNotEqual(
            house.ctl('cast', 'Nursery', 'Kitchen').returncode, DONE)
        self.expect_dark(other)

    def test_keep(self):
        crowd = self.make_displays('Kitchen')
        house = self.make_house(crowd)
        self.pair(house, crowd)
        self.run_ctl(house, 'grant', 'Nursery', 'Kitchen')
        self.run_ctl(house, 'cast', 'Nursery', 'Kitchen', '--keep')
        self.wait_frames(crowd, 0, NURSERY)
        first, = self.read_json(house, 'sessions')['sessions']
        port = crowd.displays[0].port
        crowd.process.kill()
        crowd.stop()
        crowd = self.make_displays('Kitchen', port=port)
        self.wait_frames(crowd, 0, NURSERY)
        second = [s for s in self.read_json(house, 'sessions')['sessions']
                  if s['state'] == 'live']
        self.assertEqual(len(second), 1)
        self.assertGreater(second[0]['session'], first['session'])
        # Each time a full new decision.
        self.run_ctl(house, 'revoke', 'rule:1')
        self.expect_nothing_after(crowd, 0, time.monotonic_ns())
        self.wait_ends(house)


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
