# SPDX-License-Identifier: LGPL-2.1-or-later
"""A round of an attack on one house: does what a schedule says, and then judges all
that came of it. What it is made of, from the ground up:

    watch.py     how long nothing ran
    ground.py    a house with its displays, brought up and taken down
    account.py   what was granted and refused, and what is known to be over
    search.py    looks for frames where none may rest
    deeds.py     what each event of a schedule does
    stage.py     runs a schedule, and judges at the end
"""

import os
import re
import time

import dbuslab
import houselab
import oracle
import residue
from account import NS_PER_MS, NS_PER_S, REFUSALS
from deeds import Deeds
from ground import END_TIMEOUT_S, ROGUES, SAID_BYTES
from search import LOOK_S
from viewers import find_told_twice

QUIET_S = 0.4
OBJECTS_EVERY_S = 0.05  # all objects of a house are much to ask for
# As long a frame may rest on the reel of a session over HTTP, and as much of it a
# piece has.
REEL_NS = 4_500_000_000
ENOUGH_PACKETS = 1500  # of sound, in which there would be a tone
# Of sessions that are granted sound, beside which there would be a packet.
ENOUGH_PICTURES = 300
TOLD_LINES = 40  # of what a sanitizer says
# Events by which pictures may be broken.
NOISY = {'replay', 'replay_sound', 'rogue'}
# Events after which a worker's death, or a frame that did not come, has a reason.
KILLING = {'kill', 'freeze', 'squeeze', 'crowd_out', 'rogue', 'replug'}
LOSING = KILLING | {'drop', 'link', 'replay', 'replay_sound', 'nag', 'take_place', 'power',
                    'relay', 'look'}
DEATHS = ('worker-died', 'worker-rogue')
READER_SAYS = 'foyer-rogue-cast: '
SANITIZER = re.compile(r'ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|'
                       r'runtime error:|CRITICAL \*\*|\*\* CRITICAL')


def find_longest_stop_ns(events):
    """So long a worker stands still at most, and wipes nothing off its reel."""
    return max([e.how['ms'] * NS_PER_MS for e in events
                if e.do == 'freeze' and e.how['kind'] == 'cast'] +
               [int(LOOK_S * NS_PER_S) for e in events if e.do == 'look'],
               default=0)


def make_frames(viewer, film, marks):
    """What a display would have told of the pictures of a film."""
    for camera, number, capture_ns, asked_ns in marks:
        yield {'display': viewer.number, 'keys': viewer.number, 'decoded': True,
               'picture': True, 'key': False, 'camera': camera,
               'number': number, 'capture_ns': capture_ns,
               'arrived_ns': asked_ns, 'rest_ns': REEL_NS, 'film': film}


class Stage(Deeds):
    """One round."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.done = set()
        self.n_tried = 0
        self.n_fetched = 0
        self.reasons = {}
        self.is_judged = False
        self.longest_stop_ns = 0
        self.final_needles = []

    def run(self, events):
        """Does all of it, each at its time, or when what was before is done."""
        self.done = {event.do for event in events}
        self.oracle.is_noisy = bool(self.done & NOISY)
        self.oracle.network_ns = self.find_network_ns(events)
        self.longest_stop_ns = find_longest_stop_ns(events)
        begin = time.monotonic()
        for event in events:
            self.wait_until(begin + event.at_ms / 1000)
            self.note_signals()
            try:
                getattr(self, f'do_{event.do}')(**event.how)
            except (dbuslab.BusError, OSError):
                # Whoever should have answered, or is looked for, may be dead.
                if not self.find_crash():
                    raise
            if self.find_crash():
                break

    def wait_until(self, moment):
        """Waits; thaws what is due."""
        while True:
            for when, what in [t for t in self.thaws
                               if t[0] <= time.monotonic()]:
                self.thaws.remove((when, what))
                self.thaw(what)
            rest = moment - time.monotonic()
            if rest <= 0:
                return
            time.sleep(min(rest, 0.02))

    def find_network_ns(self, events):
        """How long a datagram can be under way at most in this round."""
        links = [e.how for e in events if e.do == 'link']
        delay_ms = max((h['value'] for h in links if h['what'] == 'delay'),
                       default=0)
        if any(h['what'] == 'rate' and h['value'] for h in links):
            delay_ms += 500
        if any(h['what'] == 'reorder' for h in links):
            delay_ms += 30
        return (delay_ms + (20 if links else 0)) * NS_PER_MS

    def find_crash(self):
        """Whether a process ended that nobody had ended."""
        words = self.screens.died()
        if self.house.process.poll() is not None:
            words.append(f'foyerd ended with {self.house.process.returncode}'
                         f': {self.house.words()[-2000:]}')
        for text in words:
            self.oracle.note(oracle.CRASH, text)
        return words

    def finish(self):
        """Ends everything in order, judges it, and looks for what is left."""
        self.wait_until(max([t[0] for t in self.thaws], default=0))
        if not self.find_crash():
            self.do_lockdown()
            time.sleep(QUIET_S)
            for grant in list(self.unchecked.values()):
                self.check_silence(grant)
            self.wait_for_silence()
            if not self.is_judged:
                self.is_judged = True
                self.judge_log(self.judge_frames())
            self.look_for_residue()
        self.look_for_complaints()

    def wait_for_silence(self):
        """Until no session and no worker is left."""
        try:
            houselab.wait_until(lambda: not any(
                '/session/' in path for path in self.house.objects()),
                'all sessions are gone', END_TIMEOUT_S, OBJECTS_EVERY_S)
            houselab.wait_until(lambda: not self.house.workers(),
                                'all workers are gone', END_TIMEOUT_S)
        except TimeoutError as error:
            self.oracle.note(oracle.CRASH, f'never: {error}')
        self.note_signals()

    def judge_frames(self):
        """All that was decoded; a sample of its needles."""
        needles = set()
        for grant in sorted(self.grants.values(), key=lambda g: g.begin_ns):
            limit_ns = getattr(grant, 'limit_ns', None)
            if limit_ns is not None:
                # Who was to end it may have had to wait.
                limit_ns += self.watch.find_lost_ns(grant.begin_ns, limit_ns)
                grant.end_ns = min(grant.end_ns, limit_ns)
            self.oracle.add(grant)
        frames = self.screens.frames()
        for frame in frames:
            if 'packet' in frame:
                self.oracle.judge_sound(frame)
                continue
            self.oracle.judge(frame)
            if 'needle' in frame and frame['camera'] is not None:
                needles.add(bytes.fromhex(frame['needle']))
        self.judge_films()
        self.judge_deafness()
        return set(filter(residue.is_telling, needles))

    def judge_films(self):
        """What came over HTTP. A picture may leave as long as its piece is on the
        reel; that it left when its piece was asked for is the least that is known."""
        for viewer in self.viewers:
            for number, film in enumerate(viewer.films):
                marks, n_plain = film.marks(self.rig)
                self.oracle.n_slates += n_plain
                self.n_fetched += len(marks)
                for frame in make_frames(viewer, number, marks):
                    frame['rest_ns'] += self.longest_stop_ns
                    self.oracle.judge(frame)
        films = [film for viewer in self.viewers for film in viewer.films]
        for token in find_told_twice(films) if 'fixed' not in self.needs else ():
            self.oracle.note(oracle.KEY_TAKEN, f'told twice: {token}')

    def judge_deafness(self):
        """A rig that hears nothing shows nothing."""
        n_pictures = sum(g.n_seen for g in self.grants.values() if g.has_sound)
        if self.oracle.n_packets == 0 and n_pictures >= ENOUGH_PICTURES:
            self.oracle.note(oracle.CRASH, f'{n_pictures} pictures of sessions with '
                             'sound came, and no packet of it')
        if self.oracle.n_packets >= ENOUGH_PACKETS and \
                self.oracle.n_tones == 0 and not self.done & LOSING:
            self.oracle.note(oracle.CRASH, 'no tone was heard in '
                             f'{self.oracle.n_packets} packets of sound')

    def judge_log(self, needles):
        """The log against what was granted and seen, and against refusals."""
        self.final_needles = sorted(needles)
        limit = {'limit': dbuslab.Variant('u', 10000)}
        sessions = self.house.history(
            kind=dbuslab.Variant('s', 'session'), **limit)
        refusals = self.house.history(
            kind=dbuslab.Variant('s', 'refusal'), **limit)
        grants = list(self.grants.values())
        for grant in grants:
            # Who fetches leaves out what he comes too late for.
            grant.has_loss = bool(self.done & LOSING) or \
                grant.display > self.n_displays
            if grant.end_ns is not None:
                grant.lag_ns += self.watch.find_lost_ns(
                    grant.end_ns - NS_PER_S, grant.end_ns + NS_PER_S)
        problems = oracle.reconcile(grants, sessions)
        problems += oracle.reconcile_refusals(
            self.refusals, [r for r in refusals if r['reason'] in REFUSALS.values()],
            self.was_waiting)
        for problem in problems:
            self.oracle.note(oracle.LOG, problem)
        for entry in sessions:
            if entry['reason']:
                self.reasons[entry['reason']] = \
                    self.reasons.get(entry['reason'], 0) + 1
                if entry['reason'] in DEATHS and \
                        not (self.done & KILLING or self.needs & set(ROGUES)):
                    self.oracle.note(oracle.CRASH, entry['words'])
            if entry['target-name'] == 'Mirror' and entry.get('frames'):
                self.oracle.note(oracle.KEY_TAKEN, dict(entry))
        if self.relay is not None and self.relay.n_offers:
            self.oracle.note(oracle.KEY_TAKEN, 'somebody in the middle was '
                             'offered a stream')

    def hear_readers(self):
        """What readers that went wrong said; that they tried, at least."""
        if self.said is None:
            return ''
        try:
            said = os.read(self.said, SAID_BYTES).decode('utf-8', 'replace')
        except BlockingIOError:
            said = ''
        self.n_tried = said.count(READER_SAYS + 'tried')
        if not self.n_tried:
            self.oracle.note(oracle.RESIDUE, 'no reader tried anything')
        return said

    def look_for_complaints(self):
        """What a sanitizer, or GLib, had to say, of the displays as well."""
        said = self.hear_readers()
        for words in [self.house.words(), said, *self.screens.words()]:
            lines = words.splitlines()
            for number, line in enumerate(lines):
                if READER_SAYS in line and READER_SAYS + 'tried' not in line:
                    self.oracle.note(oracle.RESIDUE, line)
                if SANITIZER.search(line):
                    told = lines[number:number + TOLD_LINES]
                    self.oracle.note(oracle.CRASH, '\n'.join(told))

    def stop(self):
        """Ends everything."""
        for _, what in self.thaws:
            self.thaw(what)
        super().stop()
