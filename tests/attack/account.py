# SPDX-License-Identifier: LGPL-2.1-or-later
"""The account of a round: what was asked for and granted or refused, what ended, and
since when that is known. The oracle judges by nothing else."""

import time

import dbuslab
import oracle
from ground import CAMERAS, NAME, Ground

NS_PER_MS = oracle.NS_PER_MS
NS_PER_S = 1_000_000_000
# An end by itself is not the answer to a call: it may take the time that a busy
# machine needs until foyerd's timer runs, the worker's close and its bound.
EXPIRY_SLACK_MS = 1000
# Errors of Cast, and reasons in the log.
REFUSALS = {'Denied': 'denied', 'LockedDown': 'lockdown', 'Busy': 'busy'}
# Ends after which a session that is to be kept comes back by itself.
KEPT_AFTER = {'no-camera', 'no-target', 'busy', 'full', 'camera-gone',
              'camera-failed', 'display-lost', 'display-failed', 'worker-died',
              'worker-rogue', 'too-slow'}


def now_ns():
    """CLOCK_MONOTONIC."""
    return time.monotonic_ns()


def find_wall_us(moment_ns):
    """The same moment by the wall clock."""
    return (time.time_ns() - now_ns() + moment_ns) // 1000


class Account(Ground):
    """Knows who was granted what, from the call until it was known to be over."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.durations = {}
        self.grants = {}  # by session number
        self.unchecked = {}  # ended, and their last datagrams not looked at
        self.refusals = []
        self.n_returned = 0
        self.waiting = {}  # sessions that are to come back: path, by display
        self.waits = []  # (display's name, from, until), by the wall clock, in us
        self.had_sound = {}  # the last session of a display

    def running(self, display):
        """The session of a display that is not known to be over."""
        for grant in reversed(list(self.grants.values())):
            if grant.display == display:
                return grant if grant.end_ns is None else None
        return None

    def note_signals(self):
        """Takes in what foyerd told: sessions that began by themselves, ends."""
        with self.caller.changed:
            signals, self.caller.signals = self.caller.signals, []
        for message in signals:
            member = message.fields[dbuslab.MEMBER]
            if member == 'SessionEnded':
                self.note_end(message)
            elif member == 'InterfacesAdded' and 'keep' in self.needs:
                self.note_return(message)

    def note_end(self, message):
        """A session ended."""
        path, reason = message.body[:2]
        grant = self.grants.get(int(path.rsplit('/', 1)[1]))
        if grant is None:
            return
        # It may have ended by itself just before somebody else ended it.
        if 'keep' in self.needs and reason in KEPT_AFTER:
            self.waiting[grant.display] = path
            self.waits.append((grant.display_name, find_wall_us(
                message.fields[dbuslab.WHEN]), float('inf')))
        if grant.end_ns is None:
            grant.end_ns = message.fields[dbuslab.WHEN]

    def note_return(self, message):
        """A session may have come back by itself. It was granted after the one that
        it follows had ended; when exactly, nobody was told."""
        path, interfaces = message.body
        number = path.rsplit('/', 1)[1]
        about = interfaces.get(f'{NAME}.Session')
        if about is None or int(number) in self.grants:
            return
        display = next(int(name.rsplit(' ', 1)[1])
                       for name, at in self.displays.items()
                       if at == about['Display'])
        identity = next(identity for identity, at in self.cameras.items()
                        if at == about['Camera'])
        begin_ns = max((g.end_ns or 0 for g in self.grants.values()
                        if g.display == display), default=0)
        grant = oracle.Grant(int(number), display, display, identity,
                             self.marks[identity], begin_ns)
        grant.path = path
        # It asks for what it was asked for at first.
        grant.has_sound = self.had_sound.get(display, False)
        self.grants[grant.number] = grant
        self.n_returned += 1
        if not self.end_waiting(display):
            self.oracle.note(oracle.UNGRANTED, f'session {number} came back, '
                             'and its display was told to stop')

    def end_waiting(self, display):
        """Nothing comes back there from now on; whether something would have."""
        name = f'Screen {display}'
        self.waits = [(n, begin, min(end, find_wall_us(now_ns()))
                       if n == name else end) for n, begin, end in self.waits]
        return self.waiting.pop(display, None) is not None

    def was_waiting(self, name, time_us):
        """Whether a session would have come back then by itself; by clocks that
        somebody may have set in between."""
        moved_us = self.watch.find_moved_us()
        return any(n == name and begin - moved_us <= time_us <= end + moved_us
                   for n, begin, end in self.waits)

    def end_grant(self, grant, end_ns):
        """A session is known to be over."""
        if grant.end_ns is not None:
            return
        grant.end_ns = end_ns
        self.unchecked[grant.display] = grant

    def end_all(self, end_ns):
        """All are."""
        self.note_signals()
        for display in list(self.waiting):
            self.end_waiting(display)
        for grant in self.grants.values():
            self.end_grant(grant, end_ns)

    def check_silence(self, grant):
        """No byte of a camera came to a display once it was said that none
        leaves."""
        if grant.display >= self.n_displays:
            return
        group, place = self.screens.find(grant.display)
        if self.unchecked.pop(grant.display, None) is not grant:
            return
        moment_ns = grant.end_ns + self.oracle.find_network_ns(grant.end_ns,
                                                               now_ns())
        answer = group.tell(f'after {place} {moment_ns}')
        n_bytes = sum(answer.get(f'{what}_bytes', 0)
                      for what in ('camera', 'unknown', 'sound'))
        if n_bytes:
            self.oracle.note(oracle.LATE_BYTES, {
                'display': grant.display, 'session': grant.number, **answer})

    def cast(self, display, camera, may_show=True, name=None, has_sound=False,
             transport=None):
        """Asks for a session; the error's name, or None if it was granted."""
        name = name or f'Screen {display}'
        options = {'audio': dbuslab.Variant('b', True)} if has_sound else {}
        if transport is not None:
            options['transport'] = dbuslab.Variant('s', transport)
        duration_s = self.durations.pop(display, None)
        if 'keep' in self.needs:
            options['keep'] = dbuslab.Variant('b', True)
        if duration_s:
            options['duration-s'] = dbuslab.Variant('u', duration_s)
        identity = f'test:{CAMERAS[camera]}'
        begin_ns = now_ns()
        try:
            path = self.caller.call(
                'Cast', 'ooa{sv}', self.cameras[identity],
                self.displays[name], options)
        except dbuslab.BusError as error:
            if error.name in REFUSALS:
                self.refusals.append((identity, name, REFUSALS[error.name]))
            return error.name
        grant = oracle.Grant(int(path.rsplit('/', 1)[1]), display,
                             display, identity, self.marks[identity],
                             begin_ns, may_show)
        grant.display_name = name
        grant.path = path
        grant.has_sound = self.had_sound[display] = has_sound
        if duration_s:
            grant.limit_ns = now_ns() + duration_s * NS_PER_S + \
                EXPIRY_SLACK_MS * NS_PER_MS
        self.grants[grant.number] = grant
        return None

    def is_free(self, display):
        """Whether a session could begin there."""
        self.note_signals()
        return self.running(display) is None

    def is_over(self, number):
        """Whether a session is."""
        self.note_signals()
        return self.grants[number].end_ns is not None
