#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The oracle of the attack must catch what it is there for, a schedule must be the
same each time, and what looks for frames must find them."""

import contextlib
import ctypes
import io
import json
import os
import pathlib
import socket
import sys
import tempfile
import time
import types
import unittest
from unittest import mock

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / 'lib'), str(TESTS / 'attack')]
import attacks  # noqa: E402
import oracle  # noqa: E402
import residue  # noqa: E402
import outsider  # noqa: E402
import run_attack  # noqa: E402
import schedule  # noqa: E402
import stage  # noqa: E402
import tap  # noqa: E402
import viewers  # noqa: E402
import watch  # noqa: E402
from longforms import LONG_FORMS  # noqa: E402

MS = oracle.NS_PER_MS
BEGIN_NS = 10_000 * MS
PERIOD_NS = 33 * MS
N_FRAMES = 30
END_NS = BEGIN_NS + 2000 * MS
DELAY_NS = 20 * MS


def make_grant(number=1, begin_ns=BEGIN_NS, end_ns=END_NS, mark=1, display=0):
    """A session."""
    grant = oracle.Grant(number, display, display, 'test:Nursery', mark,
                         begin_ns)
    grant.end_ns = end_ns
    return grant


def make_frames(n_frames=N_FRAMES, display=0, camera=1):
    """What a display tells of a good one."""
    return [{
        'display': display, 'keys': display, 'session': 1, 'frame': i,
        'key': i == 0, 'decoded': True, 'picture': True, 'camera': camera,
        'number': i, 'capture_ns': BEGIN_NS + MS + i * PERIOD_NS,
        'arrived_ns': BEGIN_NS + MS + i * PERIOD_NS + DELAY_NS,
    } for i in range(n_frames)]


def judge(frames, *grants):
    """An oracle that saw them."""
    judge_ = oracle.Oracle()
    for grant in grants or [make_grant()]:
        judge_.add(grant)
    for frame in frames:
        judge_.judge(frame)
    return judge_


class FramesTest(unittest.TestCase):
    """One planted frame at a time."""

    def expect(self, fault, frames, *grants, n_faults=1):
        """That fault alone, so often."""
        judge_ = judge(frames, *grants)
        self.assertEqual(judge_.broken(), {fault: n_faults})
        self.assertFalse(judge_.is_good())
        return judge_

    def test_good(self):
        judge_ = judge(make_frames())
        self.assertTrue(judge_.is_good())
        self.assertEqual(judge_.n_decoded, N_FRAMES)
        self.assertIsNone(judge_.first_after)

    def test_foreign(self):
        frames = make_frames()
        frames[7]['camera'] = 2
        judge_ = self.expect(oracle.FOREIGN, frames)
        self.assertEqual(judge_.first_after, 8)
        self.assertEqual(judge_.examples[0][1],
                         {**frames[7], 'before': frames[6]})

    def test_foreign_last_frame_of_all(self):
        frames = make_frames()
        frames[-1]['camera'] = 2
        self.expect(oracle.FOREIGN, frames)

    def test_stale(self):
        """On both sides of the bound and the target delay."""
        bound_ns = (oracle.MAX_AGE_MS + oracle.TARGET_DELAY_MS) * MS
        for extra_ns, n_faults in ((0, 0), (1, 1)):
            frames = make_frames()
            frames[-1]['arrived_ns'] = \
                frames[-1]['capture_ns'] + bound_ns + extra_ns
            grant = make_grant(end_ns=END_NS + 5000 * MS)
            self.assertEqual(judge(frames, grant).faults[oracle.STALE],
                             n_faults)

    def test_in_hand(self):
        """A worker that was stopped has one frame in hand, no more, and none that
        was too old by then."""
        frames = make_frames()
        begin_ns = frames[-2]['capture_ns'] + 5 * MS
        for age_ms, n_late, n_faults in ((5, 1, 0), (5, 2, 1), (-5, 1, 1),
                                         (1001, 1, 1)):
            judge_ = oracle.Oracle()
            judge_.add(make_grant(end_ns=None))
            stop_ns = frames[-n_late]['capture_ns'] + age_ms * MS
            judge_.stops.append(oracle.Stop(stop_ns, begin_ns + 1600 * MS))
            for frame in frames[:-n_late]:
                judge_.judge(frame)
            for frame in frames[-n_late:]:
                judge_.judge({**frame, 'arrived_ns': begin_ns + 1610 * MS})
            self.assertEqual(judge_.faults[oracle.STALE], n_faults)
            self.assertEqual(judge_.n_in_hand, n_late - n_faults)

    def test_network_delay_is_no_age(self):
        frames = make_frames()
        frames[-1]['arrived_ns'] = frames[-1]['capture_ns'] + 1500 * MS
        judge_ = oracle.Oracle()
        judge_.network_ns = 200 * MS
        judge_.add(make_grant(end_ns=None))
        for frame in frames:
            judge_.judge(frame)
        self.assertTrue(judge_.is_good())

    def test_before_grant(self):
        frames = make_frames()
        frames[0]['capture_ns'] = BEGIN_NS - 1
        self.expect(oracle.BEFORE_GRANT, frames)

    def test_after_end(self):
        """On both sides of the end."""
        frames = make_frames()
        last_ns = frames[-1]['arrived_ns']
        self.assertTrue(judge(frames, make_grant(end_ns=last_ns)).is_good())
        self.expect(oracle.AFTER_END, frames, make_grant(end_ns=last_ns - 1))

    def test_frame_of_the_session_before(self):
        """A cached frame, sent again into the next session."""
        first = make_grant(end_ns=BEGIN_NS + 500 * MS)
        begin_ns = BEGIN_NS + 600 * MS
        second = make_grant(2, begin_ns)
        frames = make_frames(10)
        frames.append({**frames[3], 'session': 2, 'number': 99,
                       'arrived_ns': begin_ns + 10 * MS})
        self.expect(oracle.BEFORE_GRANT, frames, first, second)

    def test_under_way_from_the_session_before(self):
        """On a slow network, and there alone."""
        first = make_grant(end_ns=BEGIN_NS + 500 * MS)
        second = make_grant(2, BEGIN_NS + 600 * MS)
        frames = make_frames(10)
        frames[-1]['arrived_ns'] = BEGIN_NS + 650 * MS
        self.expect(oracle.BEFORE_GRANT, frames, first, second)
        first, second = make_grant(end_ns=first.end_ns), make_grant(
            2, second.begin_ns)
        judge_ = oracle.Oracle()
        judge_.network_ns = 200 * MS
        judge_.add(first)
        judge_.add(second)
        for frame in frames:
            judge_.judge(frame)
        self.assertTrue(judge_.is_good())
        self.assertEqual((first.n_seen, second.n_seen), (10, 0))

    def test_between_two_sessions(self):
        first = make_grant(end_ns=BEGIN_NS + 500 * MS)
        second = make_grant(2, BEGIN_NS + 700 * MS)
        frames = make_frames(10)
        frames[-1]['arrived_ns'] = BEGIN_NS + 600 * MS
        frames[-1]['capture_ns'] = BEGIN_NS + 590 * MS
        self.expect(oracle.AFTER_END, frames, first, second)

    def test_never_granted(self):
        self.expect(oracle.UNGRANTED, make_frames(1),
                    make_grant(begin_ns=END_NS, end_ns=None))

    def test_other_display(self):
        """The grant of one display is none for its neighbour."""
        self.expect(oracle.UNGRANTED, make_frames(1, display=1))

    def test_other_keys(self):
        """Another display stands where the one was that was meant."""
        frames = make_frames()
        frames[5]['keys'] = 3
        self.expect(oracle.STRANGER, frames)

    def test_nothing_may_come(self):
        grant = make_grant()
        grant.may_show = False
        self.expect(oracle.STRANGER, make_frames(2), grant, n_faults=2)

    def test_repeated(self):
        frames = make_frames()
        frames[9] = {**frames[9], 'number': frames[8]['number']}
        self.expect(oracle.UNORDERED, frames)

    def test_numbers_begin_anew_with_a_session(self):
        first = make_grant(end_ns=BEGIN_NS + 500 * MS)
        second = make_grant(2, BEGIN_NS + 600 * MS)
        frames = make_frames(5)
        again = [{**f, 'arrived_ns': f['arrived_ns'] + 700 * MS,
                  'capture_ns': f['capture_ns'] + 700 * MS}
                 for f in make_frames(5)]
        self.assertTrue(judge(frames + again, first, second).is_good())

    def test_slates(self):
        """Stand alone and are not counted."""
        frames = make_frames(3)
        frames[1].update(camera=None, number=None, capture_ns=None, key=True)
        judge_ = judge(frames)
        self.assertTrue(judge_.is_good())
        self.assertEqual((judge_.n_decoded, judge_.n_slates), (2, 1))

    def test_unreadable(self):
        """One in a thousand, but no more."""
        frames = make_frames()
        for frame, is_good in ((frames[4], True), (frames[5], False)):
            frame.update(camera=None, number=None, capture_ns=None)
            self.assertEqual(judge(frames).is_good(), is_good)

    def test_not_decoded(self):
        frames = make_frames()
        frames[4].update(decoded=False, camera=2)
        judge_ = judge(frames)
        self.assertEqual(judge_.n_decoded, N_FRAMES - 1)


class StoodStillTest(unittest.TestCase):
    """What is late because nothing ran for a while is late by no fault of Foyer's; but
    by no more than that."""

    LOST_NS = 2000 * MS

    def setUp(self):
        self.grant = make_grant(end_ns=END_NS + 9000 * MS)
        self.oracle = oracle.Oracle()
        self.oracle.add(self.grant)
        self.watch = watch.Watch()
        self.oracle.find_lost_ns = self.watch.find_lost_ns
        self.frame = make_frames(1)[0]

    def stand_still(self):
        """From just after the frame's capture."""
        begin_ns = self.frame['capture_ns'] + MS
        self.watch.gaps.append((begin_ns, begin_ns + self.LOST_NS))

    def test_stale(self):
        bound_ns = self.oracle.bound_ns
        self.frame['arrived_ns'] = self.frame['capture_ns'] + bound_ns + MS
        self.assertEqual(self.oracle.judge(self.frame), oracle.STALE)
        self.stand_still()
        self.frame['number'] = 1
        self.assertIsNone(self.oracle.judge(self.frame))
        self.assertEqual(self.oracle.n_stood_still, 1)
        self.frame['number'] = 2
        self.frame['arrived_ns'] += self.LOST_NS
        self.assertEqual(self.oracle.judge(self.frame), oracle.STALE)

    def test_after_end(self):
        """What left in time is under way for longer only where a process carries it."""
        self.grant.end_ns = self.frame['capture_ns']
        self.frame['arrived_ns'] = self.grant.end_ns + 30 * MS
        self.stand_still()
        self.assertEqual(self.oracle.judge(self.frame), oracle.AFTER_END)
        self.oracle.network_ns = 20 * MS
        self.frame['number'] = 1
        self.assertIsNone(self.oracle.judge(self.frame))
        self.watch.gaps.clear()
        self.frame['number'] = 2
        self.assertEqual(self.oracle.judge(self.frame), oracle.AFTER_END)

    def test_lost(self):
        self.watch.gaps += [(100, 200), (300, 400)]
        for begin_ns, end_ns, lost_ns in (
                (0, 100, 0), (0, 150, 50), (150, 160, 10), (150, 350, 100),
                (0, 900, 200), (200, 300, 0), (400, 500, 0)):
            self.assertEqual(self.watch.find_lost_ns(begin_ns, end_ns), lost_ns)

    def test_watch(self):
        """One that is held up notices."""
        with mock.patch.object(self.watch, 'is_over') as over:
            over.wait.side_effect = [False, False, True]
            with mock.patch.object(watch.time, 'monotonic_ns',
                                   side_effect=[0, 15 * MS, 600 * MS]):
                self.watch._run()
        self.assertEqual(self.watch.gaps, [(25 * MS, 600 * MS)])


class SoundTest(unittest.TestCase):
    """Packets of sound, some of which end a tone."""

    TONE_NS = oracle.TONE_NS

    def setUp(self):
        self.grant = make_grant()
        self.grant.has_sound = True
        self.oracle = oracle.Oracle()
        self.oracle.add(self.grant)

    def packet(self, arrived_ns, **tone):
        """What a display tells."""
        return {'display': 0, 'keys': 0, 'session': 1, 'packet': 0,
                'arrived_ns': arrived_ns, 'tone': tone or None}

    def tone(self, second, late_ns=DELAY_NS, camera=1):
        """One that was captured at a second and came so much later."""
        return self.packet(second * oracle.NS_PER_S + self.TONE_NS + late_ns,
                           camera=camera, second=second % 16)

    def expect(self, fault, packet):
        """What the oracle says of one."""
        self.assertEqual(self.oracle.judge_sound(packet), fault)

    def test_good(self):
        self.expect(None, self.packet(BEGIN_NS + 5 * MS))
        self.expect(None, self.tone(11))
        self.assertEqual((self.oracle.n_packets, self.oracle.n_tones), (2, 1))
        self.assertFalse(self.oracle.broken())

    def test_not_granted(self):
        self.grant.has_sound = False
        self.expect(oracle.UNGRANTED, self.packet(BEGIN_NS + 5 * MS))

    def test_never_granted(self):
        self.expect(oracle.UNGRANTED, self.packet(BEGIN_NS - 5 * MS))

    def test_other_camera(self):
        self.expect(oracle.FOREIGN, self.tone(11, camera=2))

    def test_after_end(self):
        self.expect(None, self.packet(END_NS))
        self.expect(oracle.AFTER_END, self.packet(END_NS + 1))

    def test_under_way_from_the_session_before(self):
        begin_ns = END_NS + 10 * MS
        after = make_grant(2, begin_ns, begin_ns + 1000 * MS)
        self.oracle.add(after)
        late = self.packet(begin_ns + 5 * MS)
        self.expect(oracle.UNGRANTED, late)
        self.oracle.network_ns = 20 * MS
        self.expect(None, late)

    def test_before_grant(self):
        self.grant.begin_ns = 11 * oracle.NS_PER_S - MS
        self.expect(None, self.tone(11))
        self.grant.begin_ns += 2 * MS
        self.grant.last_tone_ns = -1
        self.expect(oracle.BEFORE_GRANT, self.tone(11))

    def test_stale(self):
        bound_ns = self.oracle.bound_ns
        self.grant.end_ns = None
        self.expect(None, self.tone(11, bound_ns))
        self.expect(oracle.STALE, self.tone(12, bound_ns + 1))

    def test_repeated(self):
        self.expect(None, self.tone(11))
        self.expect(oracle.UNORDERED, self.tone(11, 2 * DELAY_NS))

    def test_other_keys(self):
        self.expect(oracle.STRANGER, {**self.tone(11), 'keys': 5})

    def test_forged(self):
        """What the rig replays itself is a fault only if another camera is heard."""
        self.oracle.add(make_grant(2, display=1, mark=2))
        late = 5000 * MS
        for packet in (self.packet(END_NS + late), self.packet(BEGIN_NS - late),
                       self.tone(11, late), self.tone(11, camera=9)):
            self.expect(None, {**packet, 'forged': True})
        self.assertEqual((self.oracle.n_forged, self.grant.n_packets), (4, 0))
        self.expect(oracle.FOREIGN, {**self.tone(11, camera=2), 'forged': True})


class WebTest(unittest.TestCase):
    """What displays fetched that only take a URL."""

    @staticmethod
    def film(token, *counts):
        """One, of pieces of so many pictures."""
        made = viewers.Film(f'http://127.0.0.1:9/{token}/live.m3u8')
        made.pieces = [viewers.Piece('init-1.mp4', 100 + i, bytes(20) + b'trun'
                                     + bytes(4) + n.to_bytes(4, 'big'))
                       for i, n in enumerate(counts)]
        made.headers = {'init-1.mp4': b''}
        return made

    def test_url(self):
        self.assertEqual(self.film('ab').split_url(),
                         ('127.0.0.1', 9, 'ab', 'live.m3u8'))

    def test_told_twice(self):
        films = [self.film('ab'), self.film('cd')]
        self.assertEqual(viewers.find_told_twice(films), [])
        self.assertEqual(viewers.find_told_twice(films + [self.film('ab')]),
                         ['ab'])

    def test_marks(self):
        """Each with the time at which its piece was asked for, or an earlier one."""
        marks = [(1, n, n) for n in range(4)]
        with mock.patch.object(viewers.player, 'read_marks', return_value=marks):
            found, n_plain = self.film('ab', 2, 3).marks(None)
        self.assertEqual([m[3] for m in found], [100, 100, 101, 101])
        self.assertEqual(n_plain, 1)

    def test_open_doors(self):
        film, other = self.film('ab' * 16), self.film('cd' * 16)
        with mock.patch.object(viewers, 'is_served', return_value=True):
            other.url = other.url.replace(':9/', ':10/')
            self.assertEqual(len(list(viewers.find_open_doors(film, other))), 4)
            self.assertEqual(len(list(viewers.find_open_doors(film, film))), 3)
        with mock.patch.object(viewers, 'is_served', return_value=False):
            self.assertEqual(list(viewers.find_open_doors(film, other)), [])

    def test_port_taken_over(self):
        """Where a session is over another one may listen, whose token is good."""
        film = self.film('ab' * 16)
        good = ['cd' * 16]

        def is_served(_port, token, *_):
            return token in good
        with mock.patch.object(viewers, 'is_served', is_served):
            other = self.film(good[0])
            self.assertEqual(list(viewers.find_open_doors(film, other)), [])
            other.url = other.url.replace(':9/', ':10/')
            self.assertEqual(len(list(viewers.find_open_doors(film, other))), 1)

    def test_told_anew(self):
        """Another URL in the same session: what rests on the reel is fetched again, and
        is no more than was sent. Within one URL it comes in order."""
        viewer = types.SimpleNamespace(number=0)
        grant = make_grant(end_ns=END_NS + 5000 * MS)
        marks = [(1, n, BEGIN_NS + n * MS, BEGIN_NS + 2000 * MS)
                 for n in (5, 6, 7)]
        frames = [*stage.make_frames(viewer, 0, marks),
                  *stage.make_frames(viewer, 1, marks[1:])]
        self.assertTrue(judge(frames, grant).is_good())
        self.assertEqual(grant.n_seen, 3)
        self.assertEqual(judge([*stage.make_frames(viewer, 0, marks + marks[1:])],
                               make_grant(end_ns=END_NS + 5000 * MS)).broken(),
                         {oracle.UNORDERED: 1})

    def test_rest_on_the_reel(self):
        """How old a picture may be is another matter there."""
        frame = make_frames(1)[0]
        frame['arrived_ns'] = frame['capture_ns'] + 3000 * MS
        grant = make_grant(end_ns=END_NS + 5000 * MS)
        self.assertEqual(judge([dict(frame)], grant).faults[oracle.STALE], 1)
        frame['rest_ns'] = 4500 * MS
        self.assertEqual(judge([frame], grant).faults[oracle.STALE], 0)


class OutsiderTest(unittest.TestCase):
    """Whether somebody listens, and whether another user can come."""

    def test_patience(self):
        """A copy of a process with threads may hang."""
        with mock.patch.object(outsider, 'intrude', side_effect=[None, []]):
            self.assertEqual(outsider.intrude_patiently('', []), [])
        with mock.patch.object(outsider, 'intrude', return_value=None):
            self.assertIsNone(outsider.intrude_patiently('', []))

    def test_closed_folder(self):
        if os.geteuid() != 0:
            self.assertIn('root', outsider.why_not('/'))
            return
        self.assertIsNone(outsider.why_not('/'))
        with tempfile.TemporaryDirectory(dir='/tmp') as name:
            self.assertEqual(outsider.why_not(name + '/.'),
                             f'{name} is closed to other users')

    def test_doors(self):
        before = outsider.find_doors(os.getpid())
        with socket.create_server(('127.0.0.1', 0)):
            self.assertEqual(len(outsider.find_doors(os.getpid())),
                             len(before) + 1)
        self.assertEqual(outsider.find_doors(os.getpid()), before)


class LogTest(unittest.TestCase):
    """The log and the displays, both ways."""

    def setUp(self):
        self.grant = make_grant()
        self.grant.n_seen = 500
        self.entry = {
            'session': 1, 'camera': 'test:Nursery', 'target-name': 'Screen 0',
            'reason': 'stopped', 'began': 1, 'frames': 501}

    def expect(self, words, *entries):
        """One problem, with these words."""
        problems = oracle.reconcile([self.grant], list(entries))
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(words, problems[0])

    def test_good(self):
        self.assertEqual(oracle.reconcile([self.grant], [self.entry]), [])

    def test_missing(self):
        self.expect('not in the log')

    def test_no_beginning(self):
        self.expect('beginning', {**self.entry, 'began': 0})

    def test_no_end(self):
        self.expect('end is missing', {**self.entry, 'reason': ''})

    def test_twice(self):
        self.expect('twice', self.entry, self.entry)

    def test_unknown(self):
        self.expect('nobody asked', self.entry, {**self.entry, 'session': 2})

    def test_other_camera(self):
        self.expect('test:Porch', {**self.entry, 'camera': 'test:Porch'})

    def test_other_display(self):
        self.expect('Screen 1', {**self.entry, 'target-name': 'Screen 1'})

    def test_too_few_frames(self):
        self.expect('499 frames', {**self.entry, 'frames': 499})

    def test_service_killed(self):
        """What was counted is known all the same; where nobody counted, nothing may
        have been seen."""
        entry = {**self.entry, 'reason': 'service-restarted'}
        self.assertEqual(oracle.reconcile([self.grant], [entry]), [])
        del entry['frames']
        self.expect('0 frames', entry)
        self.grant.n_seen = 0
        self.assertEqual(oracle.reconcile([self.grant], [entry]), [])

    def test_display_reads_late(self):
        """What it had not read when it was told of the end it does not show."""
        entry = {**self.entry, 'frames': 540}
        self.expect('540 frames', entry)
        self.grant.lag_ns = 400 * MS
        self.assertEqual(oracle.reconcile([self.grant], [entry]), [])
        self.expect('541 frames', {**self.entry, 'frames': 541})

    def test_too_many_frames(self):
        """Sent, by the log, and seen by nobody."""
        self.expect('700 frames', {**self.entry, 'frames': 700})
        self.grant.has_loss = True
        self.assertEqual(oracle.reconcile(
            [self.grant], [{**self.entry, 'frames': 700}]), [])

    def test_sound(self):
        """Where there was none, none is told of; and the other way around."""
        for has_sound, n_packets, said, is_good in (
                (False, 0, 'none', True), (False, 0, 'camera', False),
                (True, 0, 'none', False), (True, 0, 'lost', True),
                (True, 9, 'lost', False), (True, 9, 'granted', True),
                (True, 9, 'camera', True), (True, 0, 'silence', False)):
            self.grant.has_sound, self.grant.n_packets = has_sound, n_packets
            problems = oracle.reconcile([self.grant],
                                        [{**self.entry, 'sound': said}])
            self.assertEqual(problems == [], is_good, (has_sound, said))

    def test_refusals(self):
        given = [('test:Nursery', 'Screen 0', 'denied')] * 2
        rows = [{'camera': 'test:Nursery', 'target-name': 'Screen 0',
                 'reason': 'denied', 'time': time_us} for time_us in (5, 6)]
        self.assertEqual(oracle.reconcile_refusals(given, rows), [])
        self.assertEqual(len(oracle.reconcile_refusals(given, rows[1:])), 1)
        self.assertEqual(len(oracle.reconcile_refusals(given[1:], rows)), 1)

    def test_refusals_of_what_comes_back(self):
        """Where a session waits to come back there may be more in the log, and
        nowhere else."""
        given = [('test:Nursery', 'Screen 0', 'denied')]
        rows = [{'camera': 'test:Nursery', 'target-name': 'Screen 0',
                 'reason': 'denied', 'time': time_us} for time_us in (5, 6)]

        def problems(until_us, *entries):
            return len(oracle.reconcile_refusals(
                given, entries, lambda name, time_us:
                name == 'Screen 0' and time_us <= until_us))
        self.assertEqual(problems(5, *rows), 0)
        self.assertEqual(problems(4, *rows), 1)
        self.assertEqual(problems(9, *rows), 0)
        self.assertEqual(problems(9), 1)
        self.assertEqual(problems(
            9, *rows, {**rows[0], 'target-name': 'Screen 1'}), 1)


class ScheduleTest(unittest.TestCase):
    """From the seed alone."""

    def test_same_each_time(self):
        for name in attacks.ATTACKS:
            texts = [schedule.write(attacks.make([name], seed, 48, 3, 12000))
                     for seed in (1, 1, 2)]
            self.assertEqual(texts[0], texts[1], name)
            if name != 'storm':
                self.assertNotEqual(texts[0], texts[2], name)

    def test_order(self):
        events = attacks.make(attacks.mix('7'), 7, 48, 3, 20000)
        times = [e.at_ms for e in events]
        self.assertEqual(times, sorted(times))
        self.assertLess(times[-1], 20000)

    def test_written_and_read(self):
        text = schedule.write(attacks.make(['churn'], 1, 48, 3, 5000))
        self.assertEqual(schedule.write(schedule.read(text)), text)

    def test_shrink(self):
        """Down to the two that it takes."""
        events = [schedule.Event(i, f'e{i}') for i in range(64)]

        def fails(part):
            return {'e11', 'e50'} <= {e.do for e in part}
        found = schedule.shrink(events, fails, 200)
        self.assertEqual([e.do for e in found], ['e11', 'e50'])

    def test_shrink_to_nothing(self):
        """What fails whatever is done."""
        events = [schedule.Event(i, 'e') for i in range(8)]
        self.assertEqual(schedule.shrink(events, lambda part: True, 99), [])

    def test_shrink_within_budget(self):
        runs = []
        events = [schedule.Event(i, f'e{i}') for i in range(64)]
        schedule.shrink(events, lambda part: runs.append(1), 5)
        self.assertEqual(len(runs), 5)


class PlantedRig(run_attack.Rig):
    """A house with a leak: a frame of another camera comes after two events that do
    not follow at once, and after those alone."""

    NEEDED = (7, 29)

    def __init__(self, round_):
        super().__init__(None, None, None)
        self.needed = [round_.events[i] for i in self.NEEDED]
        self.n_runs = 0

    def run(self, round_, is_patient=False):
        """Nothing but what the displays told."""
        self.n_runs += 1
        frames = make_frames()
        if all(event in round_.events for event in self.needed):
            frames[9]['camera'] = 2
        return types.SimpleNamespace(oracle=judge(frames))


class ShrinkTest(unittest.TestCase):
    """The schedule of a failure is made smaller, by doing it again in parts."""

    def test_planted(self):
        round_ = run_attack.Round(['churn', 'freeze'], 3, 20, 48)
        rig = PlantedRig(round_)
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(rig.run(round_).oracle.broken(),
                             {oracle.FOREIGN: 1})
            smaller = rig.shrink(round_, {oracle.FOREIGN})
        self.assertLessEqual(rig.n_runs, 1 + run_attack.SHRINK_TRIES)
        self.assertLess(len(smaller.events), len(round_.events) / 2)
        self.assertTrue(rig.run(smaller).oracle.broken())

    def test_other_fault(self):
        """One that only shows something else is no smaller one of it."""
        round_ = run_attack.Round(['churn'], 3, 20, 48)
        rig = PlantedRig(round_)
        with contextlib.redirect_stdout(io.StringIO()):
            smaller = rig.shrink(round_, {oracle.STALE})
        self.assertEqual(len(smaller.events), len(round_.events))

    def test_written_down(self):
        """What is kept of a failure is read as the same round."""
        round_ = run_attack.Round(['kill'], 5, 9, 48)
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / 'failed.json'
            path.write_text(json.dumps(round_.as_dict()), 'utf-8')
            self.assertEqual(run_attack.read_round(path).as_dict(),
                             round_.as_dict())


class LongFormTest(unittest.TestCase):
    """Rounds that are as long as failure modes ask, and that say so if they were not."""

    def test_rounds(self):
        for name, form in LONG_FORMS.items():
            options = types.SimpleNamespace(long=name, round=None, attack=None,
                                            seed=1)
            round_, = run_attack.make_rounds(options)
            self.assertEqual(round_.n_displays, form.n_displays)
            self.assertTrue(run_attack.is_single(options))
            cameras = {e.how['camera'] for e in round_.events
                       if 'camera' in e.how}
            self.assertLessEqual(cameras, set(range(form.n_cameras)))

    def test_starts(self):
        """More than are wanted: some are over before they show a frame."""
        form = LONG_FORMS['starts']
        round_ = run_attack.Round(form.attacks, 1, form.seconds, form.n_displays)
        self.assertGreater(sum(e.do == 'stop' for e in round_.events),
                           form.least * 5 / 4)

    def test_lack(self):
        form = LONG_FORMS['starts']
        self.assertIsNone(form.find_lack(1000))
        self.assertIn('999 sessions', form.find_lack(999))
        self.assertIsNone(form.why_not(None))
        self.assertIsNone(LONG_FORMS['buffers'].why_not('thread'))
        self.assertIn('address, thread', LONG_FORMS['buffers'].why_not(None))

    def test_by_name_only(self):
        self.assertFalse(set(attacks.list_short()) &
                         {n for form in LONG_FORMS.values() for n in form.attacks} -
                         {'churn', 'rename'})
        self.assertFalse(any(attacks.ATTACKS[name].is_long
                             for seed in range(100) for name in attacks.mix(seed)))

    def test_mixtures(self):
        """What is never mixed; and what is."""
        mixtures = [attacks.mix(seed) for seed in range(400)]
        self.assertFalse(any({'web', 'network'} <= set(m) for m in mixtures))
        for name in ('web', 'network', 'clock', 'kill', 'churn'):
            self.assertTrue(any(name in m for m in mixtures), name)


class ReportTest(unittest.TestCase):
    """A run goes on where it was ended, and no other does."""

    def go_on(self, **other):
        """How many rounds are taken over from a report."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            told = {'seed': 1, 'goal': 1000, 'commit': run_attack.read_commit(),
                    'tried_again': 0, 'faults': {}, 'decoded': 500,
                    'rounds': [{'faults': {}}], **other}
            (folder / 'report.json').write_text(json.dumps(told), 'utf-8')
            return len(run_attack.Report(folder, 1, 1000).rounds)

    def test_goes_on(self):
        self.assertEqual(self.go_on(), 1)

    def test_begins_anew(self):
        for other in ({'seed': 2}, {'goal': 2000}, {'commit': 'x'},
                      {'faults': {'stale': 1}}, {'decoded': 1000}):
            self.assertEqual(self.go_on(**other), 0, other)


class DeafnessTest(unittest.TestCase):
    """A rig in which no sound comes is told of, whatever is done in it."""

    @staticmethod
    def judge(n_packets, n_tones, done=(), **grant):
        """What is said of a round with one grant."""
        judge = oracle.Oracle()
        judge.n_packets, judge.n_tones = n_packets, n_tones
        stage.Stage.judge_deafness(types.SimpleNamespace(
            grants={1: types.SimpleNamespace(**grant)}, oracle=judge,
            done=set(done)))
        return dict(judge.broken())

    def test_no_packet(self):
        for has_sound, n_seen, n_packets, is_told in (
                (True, 300, 0, True), (True, 299, 0, False),
                (True, 300, 1, False), (False, 300, 0, False)):
            self.assertEqual(
                self.judge(n_packets, 0, ['kill'], has_sound=has_sound,
                           n_seen=n_seen),
                {oracle.CRASH: 1} if is_told else {})

    def test_no_tone(self):
        for n_packets, n_tones, done, is_told in (
                (1500, 0, [], True), (1499, 0, [], False), (1500, 1, [], False),
                (1500, 0, ['kill'], False)):
            self.assertEqual(
                self.judge(n_packets, n_tones, done, has_sound=True, n_seen=900),
                {oracle.CRASH: 1} if is_told else {})


class ResidueTest(unittest.TestCase):
    """What is planted is found."""

    NEEDLE = bytes(range(100, 116))

    def test_memory(self):
        kept = ctypes.create_string_buffer(3 << 20)
        ctypes.memset(kept, 7, len(kept))
        needle = os.urandom(16)
        # Across the border of two pieces of what is read at once.
        kept[(1 << 16) - 5:(1 << 16) + 11] = needle
        found, n_bytes = residue.scan_memory(os.getpid(), [needle])
        self.assertEqual(found, {needle})
        self.assertGreater(n_bytes, len(kept))

    def test_sought(self):
        """Wherever it stands, also at either end, and whatever its length; of a piece
        of one, nothing is found."""
        other = os.urandom(200)
        for length in (*range(1, 40), 71, 72, 73, 200):
            needle = os.urandom(length)
            for at in (*range(0, 130), 999):
                data = bytes(at) + needle
                for data in (data, data + bytes(at % 11)):
                    self.assertEqual(residue.Sought([other, needle]).find_in(data),
                                     [needle], (length, at))
        self.assertEqual(residue.Sought([other]).find_in(other[:-1] * 9), [])
        self.assertEqual(residue.Sought([]).find_in(other), [])

    def test_sought_first(self):
        """What has no word of a needle is not looked through for each of them, and
        what has one is."""
        needles = [os.urandom(72) for _ in range(100)]
        sought = residue.Sought(needles)
        self.assertEqual(sought.step, 64)
        self.assertFalse(sought.may_be_in(os.urandom(1 << 16)))
        self.assertTrue(sought.may_be_in(bytes(5) + needles[7] + bytes(5)))

    def test_gone_process(self):
        self.assertEqual(residue.scan_memory(1 << 30, [self.NEEDLE]),
                         (set(), 0))

    def test_files(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / 'below').mkdir()
            (folder / 'below' / 'state').write_bytes(b'x' * 99 + self.NEEDLE)
            (folder / 'other').write_bytes(b'nothing')
            found, n_files = residue.scan_folder(folder, [self.NEEDLE])
            self.assertEqual(found, [str(folder / 'below' / 'state')])
            self.assertEqual(n_files, 2)

    def test_mounted_below(self):
        """To read /proc/kmsg to its end takes as long as the kernel lives."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / 'mounted').mkdir()
            (folder / 'mounted' / 'kmsg').write_bytes(self.NEEDLE)
            (folder / 'state').write_bytes(self.NEEDLE)
            with mock.patch.object(
                    residue, 'is_on',
                    lambda path, _: not path.endswith('mounted')):
                self.assertEqual(
                    residue.scan_folder(folder, [self.NEEDLE]),
                    ([str(folder / 'state')], 1))
        device = os.stat('/').st_dev
        self.assertTrue(residue.is_on('/', device))
        self.assertFalse(residue.is_on('/proc', device))
        self.assertFalse(residue.is_on('/nowhere/at/all', device))

    def test_cores(self):
        with tempfile.TemporaryDirectory() as name:
            (pathlib.Path(name) / 'core.123').write_bytes(b'\x7fELF' + b'x')
            (pathlib.Path(name) / 'core.txt').write_bytes(b'of the matter')
            self.assertEqual(len(residue.find_cores([name])), 1)
            self.assertEqual(residue.find_cores([name], time.time() + 60), [])

    def test_cores_of_others(self):
        """Of a process that knew a name; somebody else's may lie in the same folder."""
        with tempfile.TemporaryDirectory() as name:
            (pathlib.Path(name) / 'core').write_bytes(b'\x7fELF, of another')
            self.assertEqual(residue.find_cores([name], 0, b'/house-1'), [])
            (pathlib.Path(name) / 'core.2').write_bytes(
                b'\x7fELF' + bytes(99) + b'/house-1/libexec/foyer-cast')
            self.assertEqual(residue.find_cores([name], 0, b'/house-1'),
                             [f'{name}/core.2'])

    def test_gone_meanwhile(self):
        """A folder and a file of others, that they take away."""
        self.assertEqual(residue.scan_folder('/nowhere', [self.NEEDLE]), ([], 0))
        self.assertIsNone(residue.read_written(pathlib.Path('/nowhere/1'), 0))

    def test_grows(self):
        """What somebody writes to without an end."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(100))
            file.flush()
            path = pathlib.Path(file.name)
            self.assertEqual(len(residue.read_written(path, 0, 100)), 100)
            self.assertIsNone(residue.read_written(path, 0, 99))

    def test_telling(self):
        """Bytes that two cameras have, or that repeat themselves, are nobody's."""
        both, own, other = (bytes(range(n, n + 32)) for n in (1, 2, 3))
        self.assertEqual(residue.choose_telling(
            {1: {both, own, bytes(32)}, 2: {both, other, b'abcd' * 8}}),
            {1: {own}, 2: {other}})

    def test_may_look(self):
        self.assertEqual(residue.may_look(), os.geteuid() == 0)

    def test_may_dump(self):
        """What is not locked in yet is not judged by how it was started."""
        with tempfile.TemporaryDirectory() as proc:
            about = pathlib.Path(proc, '7')
            about.mkdir()
            for filters, most, may in (('0', 'unlimited', False),
                                       ('2', 'unlimited', True),
                                       ('2', '4096', True), ('2', '0', False)):
                (about / 'status').write_text(
                    f'Name:\tfoyer-cast\nSeccomp:\t{filters}\n'
                    f'Seccomp_filters:\t{filters}\n', 'ascii')
                (about / 'limits').write_text(
                    'Limit          Soft Limit     Hard Limit     Units\n'
                    f'Max core file size   {most}   unlimited   bytes\n', 'ascii')
                self.assertEqual(residue.may_dump(7, proc), may)
            self.assertFalse(residue.may_dump(8, proc))

    def test_open_files(self):
        """Without a name, and of nobody's memory."""
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(b'x' * 99 + self.NEEDLE)
            self.assertEqual(len(residue.scan_open_files(
                os.getpid(), [self.NEEDLE])), 1)
        self.assertEqual(residue.scan_open_files(os.getpid(), [self.NEEDLE]),
                         [])

    def test_written_since(self):
        with tempfile.TemporaryDirectory() as name:
            (pathlib.Path(name) / 'old').write_bytes(self.NEEDLE)
            self.assertEqual(residue.scan_folder(
                name, [self.NEEDLE], time.time() + 60), ([], 0))

    def test_planted(self):
        """The search sees what is planted; one that is broken is told of."""
        with tempfile.TemporaryDirectory() as name:
            self.assertEqual(residue.find_blind_spots(name, os.urandom(16)), [])
        for broken, places in (('scan_memory', ['heap']), ('pools', ['pool']),
                               ('scan_open_files', ['open file']),
                               ('scan_folder', ['file']),
                               ('find_cores', ['core file'])):
            nothing = {'scan_memory': (set(), 9), 'pools': {},
                       'scan_folder': ([], 9)}
            with tempfile.TemporaryDirectory() as name, mock.patch.object(
                    residue, broken, return_value=nothing.get(broken, [])):
                self.assertEqual(residue.find_blind_spots(
                    name, os.urandom(16)), places)

    def test_pools(self):
        """Two readers of one pool, and one that may write it."""
        fd = os.memfd_create('foyer-link')
        os.truncate(fd, 4096)
        own = residue.pools(os.getpid())
        self.assertEqual(list(own.values()), [''])
        self.assertEqual(residue.find_shared({'foyerd': [os.getpid()]}),
                         ['foyerd has a pool'])
        self.assertEqual(len(residue.find_shared(
            {'cast': [os.getpid(), os.getpid()]})), 1)
        os.close(fd)
        fd = os.memfd_create('another')
        self.assertEqual(residue.pools(os.getpid()), {})
        os.close(fd)


if __name__ == '__main__':
    tap.main()
