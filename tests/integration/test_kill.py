#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""kill -9 of every process of a house at random moments, FOYER_TEST_KILLS (200)
times from FOYER_TEST_SEED (1). All the while three displays decode every picture
that they get. Afterwards: no picture of another camera, none from before a grant
and none after its end, no lost rule, and a reason for every end, in a log that
agrees with what the displays saw."""

import os
import pathlib
import random
import signal
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
N_KILLS = int(os.environ.get('FOYER_TEST_KILLS', '200'))
SEED = int(os.environ.get('FOYER_TEST_SEED', '1'))
# Small pictures: this is about who gets them.
SCREEN = ['--full', '1', '--width', '320', '--height', '180']
# (display, camera, number in the camera's mark)
PAIRS = [('Hall', 'Nursery', 1), ('Kitchen', 'Porch', 2),
         ('Study', 'Nursery', 1)]
KINDS = {'foyerd': 3, 'camera': 4, 'cast': 7, 'slate': 3, 'display': 3}
MOST_WAIT_S = 0.35
# What a cast may be told while its display or camera is not back yet.
NOT_YET = ('Busy', 'Gone', 'Full')
# Until foyerd knows what was killed before.
SETTLE_S = 0.1
MAX_AGE_MS = 1000
# Between the gate's look at the clock and the packet stands the scheduler; more than
# that where the machine itself stood still.
SLACK_MS = 1000
N_EXTRA_RULES = 3
# Pictures that left and that a display did not see any more, or only in part:
# it, or who sent them, was killed.
MOST_LATE = 10


class Screen:
    """A display that is started again on its port, with its keys."""

    def __init__(self, folder, name, camera, number):
        self.name = name
        self.camera = camera
        self.number = number
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.n_starts = 0
        self.crowd = None
        self.port = 0
        self.frames = []
        self.start()
        self.display = self.crowd.displays[0]
        self.port = self.display.port

    def start(self):
        """Starts it, with a new file for its frames."""
        self.n_starts += 1
        self.crowd = foyerlab.Crowd(
            BUILD, names=[self.name], credentials=self.folder / 'credentials',
            frames=self.folder / f'frames-{self.n_starts}',
            options=[*SCREEN, '--port', self.port])

    def restart(self):
        """kill -9, and what it had written by then."""
        self.crowd.process.kill()
        self.crowd.process.wait()
        self.read()
        self.crowd.stop()
        self.start()

    def read(self):
        """Takes in the frames that it told."""
        for frame in self.crowd.read():
            frame['start'] = self.n_starts
            self.frames.append(frame)


class Grant:
    """A session as the test knows it: from the call until it was known to be
    over."""

    def __init__(self, path, screen, begin_ns):
        self.id = int(path.rsplit('/', 1)[1])
        self.path = path
        self.screen = screen
        self.begin_ns = begin_ns
        self.end_ns = None


class Rig:
    """A house, its displays, and everything that was granted in it."""

    def __init__(self, test):
        self.test = test
        folder = tempfile.TemporaryDirectory(prefix='foyer-kill-')
        test.addCleanup(folder.cleanup)
        self.dice = random.Random(SEED)
        self.screens = []
        for pair in PAIRS:
            screen = Screen(folder.name, *pair)
            test.addCleanup(lambda s=screen: s.crowd.stop())
            self.screens.append(screen)
        self.house = houselab.House(
            BUILD, displays=[s.display for s in self.screens])
        test.addCleanup(self.house.stop)
        self.house.start()
        self.house.bring(*[s.display for s in self.screens])
        self.rules = {self.house.allow(s.camera, s.name)
                      for s in self.screens}
        self.extra = []
        self.grants = []
        self.killed = dict.fromkeys(KINDS, 0)

    # what is going on

    def note_ends(self):
        """Takes in the ends that foyerd told."""
        with self.house.caller.changed:
            signals, self.house.caller.signals = self.house.caller.signals, []
        for message in signals:
            if message.fields[dbuslab.MEMBER] != 'SessionEnded':
                continue
            for grant in self.grants:
                if grant.path == message.body[0] and grant.end_ns is None:
                    grant.end_ns = message.fields[dbuslab.WHEN]
                    self.test.assertNotEqual(message.body[1], '')

    def is_free(self, screen):
        """Whether no session of a display is known to run."""
        return all(g.end_ns is not None for g in self.grants
                   if g.screen is screen)

    def cast_where_free(self):
        """Asks for what is not there."""
        self.note_ends()
        for screen in self.screens:
            if not self.is_free(screen):
                continue
            begin_ns = time.monotonic_ns()
            try:
                path = self.house.cast(screen.camera, screen.name)
            except dbuslab.BusError as error:
                self.test.assertIn(error.name, NOT_YET, error)
                continue
            self.grants.append(Grant(path, screen, begin_ns))

    # what is done to it

    def kill(self, kind):
        """kill -9 of one of a kind; whether there was one."""
        if kind == 'foyerd':
            self.kill_foyerd()
        elif kind == 'display':
            self.dice.choice(self.screens).restart()
        else:
            pids = sorted(self.house.workers(kind))
            if not pids:
                return False
            try:
                os.kill(self.dice.choice(pids), signal.SIGKILL)
            except ProcessLookupError:
                return False
        self.killed[kind] += 1
        return True

    def kill_foyerd(self):
        """Its workers die with it, and so does every session."""
        workers = self.house.workers()
        self.house.kill()
        for pid in workers:
            houselab.wait_until(
                lambda p=pid: not houselab.is_running(p), 'workers die')
        end_ns = time.monotonic_ns()
        self.note_ends()
        for grant in self.grants:
            if grant.end_ns is None:
                grant.end_ns = end_ns
        self.house.start()

    def wait_for(self, kind):
        """Until there is one of a short-lived kind, for a moment."""
        until = time.monotonic() + MOST_WAIT_S
        while not self.house.workers(kind) and time.monotonic() < until:
            time.sleep(0.002)

    def begin_rule(self):
        """Adds a rule that changes nothing, or takes one back; a function that
        says what became of it."""
        caller = self.house.caller
        if len(self.extra) < N_EXTRA_RULES:
            rule = {'verdict': dbuslab.Variant('s', 'deny'),
                    'camera': dbuslab.Variant('s', 'test:Attic')}
            serial = caller.send('AddRule', 'a{sv}', rule,
                                 interface=f'{NAME}.Policy')
            return lambda: self.finish_add(serial)
        rule = self.extra.pop(0)
        serial = caller.send('RemoveRule', 't', rule,
                             interface=f'{NAME}.Policy')
        return lambda: self.finish_remove(serial, rule)

    def finish_add(self, serial):
        """Once it was answered it must last."""
        try:
            self.extra.append(self.house.caller.wait(serial))
        except dbuslab.BusError:
            # Nobody can know whether it was in time.
            self.extra = [r for r in self.list_rules()
                          if r not in self.rules]

    def finish_remove(self, serial, rule):
        """Likewise."""
        try:
            self.house.caller.wait(serial)
        except dbuslab.BusError:
            if rule in self.list_rules():
                self.extra.insert(0, rule)

    def stop_one(self):
        """Ends a session, if there is one; it is silent when that returns."""
        running = [g for g in self.grants if g.end_ns is None]
        if not running:
            return
        grant = self.dice.choice(running)
        try:
            self.house.stop_session(grant.path)
        except dbuslab.BusError:
            # It ended before; foyerd tells when.
            return
        grant.end_ns = time.monotonic_ns()

    def list_rules(self):
        """Numbers of the rules."""
        return {r['id'] for r in self.house.caller.call(
            'ListRules', interface=f'{NAME}.Policy')}

    def run_round(self):
        """One death."""
        self.cast_where_free()
        kind = self.dice.choices(list(KINDS), list(KINDS.values()))[0]
        if kind in ('slate', 'camera'):
            self.wait_for(kind)
        if kind != 'slate':
            time.sleep(self.dice.uniform(0, MOST_WAIT_S))
        if self.dice.random() < 0.2:
            time.sleep(SETTLE_S)
            self.stop_one()
        finish = self.begin_rule() if self.dice.random() < 0.3 else None
        while not self.kill(kind):
            kind = self.dice.choices(list(KINDS), list(KINDS.values()))[0]
        if finish is not None:
            finish()
        self.test.assertEqual(self.list_rules(),
                              self.rules | set(self.extra))

    def end(self):
        """Ends everything in order."""
        self.house.caller.call('SetLockdown', 'b', True)
        end_ns = time.monotonic_ns()
        self.note_ends()
        for grant in self.grants:
            if grant.end_ns is None:
                grant.end_ns = end_ns
        houselab.wait_until(lambda: not any(
            '/session/' in path for path in self.house.objects()), 'the end')
        for screen in self.screens:
            screen.read()


def find_grant(grants, frame):
    """The session in which a frame came; None if it came in none."""
    for grant in grants:
        if grant.begin_ns <= frame['arrived_ns'] <= grant.end_ns:
            return grant
    return None


class KillTest(unittest.TestCase):
    """One house, killed piece by piece."""

    def setUp(self):
        self.stalls = foyerlab.Stalls()
        self.addCleanup(self.stalls.stop)

    def count_late(self):
        """How many pictures may have been under way."""
        return MOST_LATE + int(
            self.stalls.longest_ms * foyerlab.FPS / 1000)

    def judge_frame(self, screen, grants, frame):
        """What is wrong with a picture; None if nothing is."""
        grant = find_grant(grants, frame)
        age_ms = (frame['arrived_ns'] - frame['capture_ns']) / \
            foyerlab.NS_PER_MS
        if frame['camera'] != screen.number:
            return 'another camera'
        if grant is None:
            return 'outside of any session'
        if frame['capture_ns'] < grant.begin_ns:
            return 'from before the grant'
        if age_ms > MAX_AGE_MS + SLACK_MS + self.stalls.longest_ms:
            return f'{age_ms:.0f} ms old'
        return None

    def check_screen(self, rig, screen):
        """All that a display decoded; {session: number of pictures}."""
        grants = [g for g in rig.grants if g.screen is screen]
        counts, broken, last = {}, [], {}
        for frame in screen.frames:
            if frame['camera'] is None:
                # A slate stands alone.
                if frame['picture'] and not frame['key']:
                    broken.append(('unreadable', frame))
                continue
            problem = self.judge_frame(screen, grants, frame)
            stream = frame['start'], frame['session']
            if frame['number'] <= last.get(stream, -1):
                problem = problem or 'out of order'
            last[stream] = frame['number']
            if problem:
                broken.append((problem, frame))
                continue
            grant = find_grant(grants, frame)
            counts[grant.id] = counts.get(grant.id, 0) + 1
        self.assertEqual(broken, [], f'{screen.name}: {len(broken)} frames')
        return counts

    def check_history(self, rig, counts):
        """A reason for each end, and no picture that the log does not know."""
        log = rig.house.history(kind=dbuslab.Variant('s', 'session'),
                                limit=dbuslab.Variant('u', 10000))
        ends, n_counted, most_late = {}, 0, 0
        for entry in log:
            if entry['reason'] != '':
                self.assertNotIn(entry['session'], ends, 'ended twice')
                ends[entry['session']] = entry
        for grant in rig.grants:
            self.assertIn(grant.id, ends, 'an end without a reason')
            entry = ends[grant.id]
            self.assertEqual(entry['camera'], f'test:{grant.screen.camera}')
            self.assertEqual(entry['target-name'], grant.screen.name)
            # Whoever was killed: what was seen was counted, and what was
            # counted was on its way.
            n_late = entry.get('frames', 0) - counts.get(grant.id, 0)
            self.assertIn(n_late, range(self.count_late() + 1), entry)
            n_counted += entry.get('frames', 0) > 0
            most_late = max(most_late, n_late)
        self.assertEqual({g.id for g in rig.grants}, set(ends))
        self.assertGreater(n_counted, N_KILLS // 10)
        print(f'# {n_counted} ends after pictures, at most {most_late} of them '
              'under way')
        return {entry['reason'] for entry in ends.values()}

    def test_kills(self):
        rig = Rig(self)
        for _ in range(N_KILLS):
            rig.run_round()
        rig.end()
        counts = {}
        for screen in rig.screens:
            counts.update(self.check_screen(rig, screen))
        reasons = self.check_history(rig, counts)
        n_frames = sum(counts.values())
        print(f'# {rig.killed}, {len(rig.grants)} sessions, {len(counts)} '
              f'with pictures, {n_frames} pictures, reasons {sorted(reasons)}')
        # The test has seen something.
        self.assertGreater(len(counts), N_KILLS // 10)
        self.assertGreater(n_frames, N_KILLS)
        self.assertTrue(all(rig.killed.values()) or N_KILLS < 50)


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
