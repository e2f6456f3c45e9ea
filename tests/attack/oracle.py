# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a display decoded, held against what was granted; and the log against both.

A frame is good if a grant stands for it: of this camera to this display, whose keys
these are; begun before it was captured and not over when it came; if it is not too
old; and if it is newer than the one before it. All times are CLOCK_MONOTONIC in
nanoseconds; when a frame came is what the kernel says of its last datagram.

Nothing else is asked: not how the frame came, nor what had been done to anybody."""

import bisect
import collections

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
TONE_SECONDS = 16  # a tone tells its second modulo this
TONE_NS = 80 * NS_PER_MS
# Of the finder, and where sound was made to keep up with the machine's clock.
TONE_SLACK_NS = 30 * NS_PER_MS
MAX_AGE_MS = 1000  # of a grant, if nothing else was asked for
TARGET_DELAY_MS = 400
# Of so many pictures one may be unreadable: the mark's promise.
SHOWN_PER_UNREADABLE = 1000

# A worker that was stopped after its last look at the clock, and before the call that
# sends, has had one frame in hand; and sends it so soon after it goes on.
IN_HAND_MS = 1000
SELF_LOST = 3
SELF_LOST_SHARE = 0.05
MOST_FPS = 30

# What can be wrong with a frame, the worst first.
STRANGER = 'stranger'      # at a display with other keys than those granted
FOREIGN = 'foreign'        # of another camera
UNGRANTED = 'ungranted'    # before there was any grant
AFTER_END = 'after-end'    # came when the grant was known to be over
BEFORE_GRANT = 'before-grant'  # captured before it was asked for
STALE = 'stale'            # older than the bound and the target delay
UNORDERED = 'unordered'    # not newer than the one before it
UNREADABLE = 'unreadable'  # a picture that refers to others, without a mark
FRAME_FAULTS = (STRANGER, FOREIGN, UNGRANTED, AFTER_END, BEFORE_GRANT, STALE,
                UNORDERED, UNREADABLE)
# What can be wrong besides.
LATE_BYTES = 'late-bytes'  # datagrams of a camera after the end
LOG = 'log'                # the log and the displays do not agree
REFUSALS = 'refusals'      # a refusal that is not in the log, or wasn't given
RESIDUE = 'residue'        # a frame where none may rest
CRASH = 'crash'            # a process ended that nobody had ended
KEY_TAKEN = 'key-taken'    # somebody else was offered a stream, or could read it
FAULTS = FRAME_FAULTS + (LATE_BYTES, LOG, REFUSALS, RESIDUE, CRASH, KEY_TAKEN)


class Grant:
    """A session, from the call until it was known to be over."""

    def __init__(self, number, display, keys, camera, mark, begin_ns,
                 may_show=True):
        self.number = number
        self.display = display  # its number, as it tells
        self.display_name = f'Screen {display}'
        self.keys = keys  # of the display that was meant
        self.camera = camera
        self.mark = mark  # of that camera's pictures
        self.begin_ns = begin_ns
        self.end_ns = None
        # Nothing may come of it: who is there isn't who was meant.
        self.may_show = may_show
        # Some of what it sent may have been lost, or not been seen.
        self.has_loss = False
        self.has_sound = False
        self.last_tone_ns = -1
        self.n_packets = 0  # of sound, that came
        self.n_seen = 0
        self.lag_ns = 0  # most between a frame's coming and its being read
        self.last = -1  # number of the last frame of this film
        self.newest = -1  # of all frames that were seen
        self.film = None  # of what is fetched: which URL

    def most_sent(self):
        """Frames that may have left, by what came. The last may have left in part;
        a machine that is busy loses some by itself; and what a display had not read
        yet when it was told of the end, it never will."""
        if self.has_loss:
            return float('inf')
        return self.n_seen + SELF_LOST + int(self.n_seen * SELF_LOST_SHARE) + \
            -(-self.lag_ns * MOST_FPS // NS_PER_S)


class Stop:
    """A worker that did not run, from SIGSTOP to SIGCONT."""

    def __init__(self, begin_ns, end_ns):
        self.begin_ns = begin_ns
        self.end_ns = end_ns
        self.is_spent = False

    def explains(self, frame, max_age_ns):
        """Whether a frame that is too old was in its hand: it might have left when
        the worker was stopped, and came when it went on."""
        return (not self.is_spent and
                self.begin_ns - max_age_ns <= frame['capture_ns'] <=
                self.begin_ns and
                self.end_ns <= frame['arrived_ns'] <=
                self.end_ns + IN_HAND_MS * NS_PER_MS)


def find_tone_ns(packet):
    """When the tone was captured that ended with a packet: the newest full second
    that it can have meant. It began a tone's length before it came at least."""
    newest = (packet['arrived_ns'] - TONE_NS + TONE_SLACK_NS) // NS_PER_S
    return (newest - (newest - packet['tone']['second']) % TONE_SECONDS) * NS_PER_S


def find_nothing_lost(_begin_ns, _end_ns):
    """Of a machine on which everything ran when it wanted to."""
    return 0


class Oracle:
    """Counts frames, and what is wrong with them."""

    MOST_EXAMPLES = 5
    # What was late by the machine's fault: watch.Watch.find_lost_ns().
    find_lost_ns = staticmethod(find_nothing_lost)

    def __init__(self, max_age_ms=MAX_AGE_MS, target_delay_ms=TARGET_DELAY_MS):
        self.max_age_ns = max_age_ms * NS_PER_MS
        self.bound_ns = (max_age_ms + target_delay_ms) * NS_PER_MS
        # Datagrams can be under way for so long.
        self.network_ns = 0
        # Pictures may be broken by what was done to their datagrams.
        self.is_noisy = False
        self.grants = collections.defaultdict(list)  # of each display
        self.n_decoded = 0  # and read
        self.n_slates = 0
        self.stops = []  # of workers that send
        self.n_in_hand = 0
        self.n_stood_still = 0  # too old, and the machine stood still
        self.n_packets = 0  # of sound
        self.n_tones = 0  # that were heard in them
        self.n_forged = 0  # packets that the rig replayed, and a display took
        self.n_frames = 0
        self.faults = collections.Counter()
        self.examples = []
        # Frames decoded when the first fault was seen.
        self.first_after = None
        self.before = {}  # of each display: its last picture

    def add(self, grant):
        """A session that was granted; in the order of their beginnings."""
        self.grants[grant.display].append(grant)

    def find(self, display, moment_ns):
        """The grant of a display that began last before a moment."""
        grants = self.grants[display]
        at = bisect.bisect_right([g.begin_ns for g in grants], moment_ns)
        return grants[at - 1] if at else None

    def find_for(self, frame):
        """The grant that a frame came under: the newest, but for what was under way
        from the one before it on a slow network."""
        grants = self.grants[frame['display']]
        newest = self.find(frame['display'], frame['arrived_ns'])
        if newest is None or frame['capture_ns'] >= newest.begin_ns:
            return newest
        at = grants.index(newest)
        before = grants[at - 1] if at else None
        if before is not None and self.find_fault(frame, before) is None:
            return before
        return newest

    def note(self, fault, example):
        """Something is wrong."""
        self.faults[fault] += 1
        if self.first_after is None and fault != UNREADABLE:
            self.first_after = self.n_decoded
        if len(self.examples) < self.MOST_EXAMPLES or (
                self.faults[fault] == 1):
            self.examples.append((fault, example))

    def find_fault(self, frame, grant):
        """What is wrong with a marked frame, but for its order; None if nothing
        is."""
        arrived_ns, capture_ns = frame['arrived_ns'], frame['capture_ns']
        if grant is None:
            return UNGRANTED
        if frame['keys'] != grant.keys or not grant.may_show:
            return STRANGER
        if frame['camera'] != grant.mark:
            return FOREIGN
        if self.is_after_end(arrived_ns, grant):
            return AFTER_END
        if capture_ns < grant.begin_ns:
            return BEFORE_GRANT
        if self.is_stale(capture_ns, arrived_ns, frame.get('rest_ns', 0)):
            return STALE
        return None

    def is_after_end(self, arrived_ns, grant):
        """Whether a session was over when something came; but for what was under way
        on a network. That is carried by a process, which may have had to wait."""
        if grant.end_ns is None or arrived_ns <= grant.end_ns + self.network_ns:
            return False
        return self.network_ns == 0 or arrived_ns > \
            grant.end_ns + self.find_network_ns(grant.end_ns, arrived_ns)

    def find_network_ns(self, end_ns, until_ns):
        """How long what had left by a moment can have been under way."""
        if self.network_ns == 0:
            return 0
        return self.network_ns + self.find_lost_ns(end_ns - self.network_ns,
                                                   until_ns)

    def is_stale(self, capture_ns, arrived_ns, rest_ns=0):
        """Whether it is too old, also without the time in which the machine stood
        still."""
        late_ns = self.find_late_ns(capture_ns, arrived_ns) - rest_ns
        return late_ns > 0 and late_ns > self.find_lost_ns(capture_ns, arrived_ns)

    def find_late_ns(self, capture_ns, arrived_ns):
        """By how much it is too old."""
        return arrived_ns - capture_ns - self.bound_ns - self.network_ns

    def was_in_hand(self, frame):
        """Whether a worker's being stopped explains that a frame is stale; it does
        so once."""
        for stop in self.stops:
            if stop.explains(frame, self.max_age_ns):
                stop.is_spent = True
                self.n_in_hand += 1
                return True
        return False

    def judge(self, frame):
        """One line of what a display told; what is wrong with it."""
        if not frame['decoded'] or not frame['picture']:
            return None
        self.n_frames += 1
        before = self.before.get(frame['display'])
        self.before[frame['display']] = frame
        if frame['camera'] is None:
            # A slate stands alone.
            if frame['key']:
                self.n_slates += 1
                return None
            if not self.is_noisy:
                self.note(UNREADABLE, {**frame, 'before': before})
            return UNREADABLE
        self.n_decoded += 1
        grant = self.find_for(frame)
        fault = self.find_fault(frame, grant)
        if grant is not None:
            if grant.film != frame.get('film'):
                # Told another URL, a display fetches what rests on the reel again.
                grant.film, grant.last = frame.get('film'), -1
            if fault is None and frame['number'] <= grant.last:
                fault = UNORDERED
            grant.last = frame['number']
            grant.n_seen += 'film' not in frame or frame['number'] > grant.newest
            grant.newest = max(grant.newest, frame['number'])
            grant.lag_ns = max(grant.lag_ns, frame.get('complete_ns', 0) -
                               frame['arrived_ns'])
        if fault == STALE and self.was_in_hand(frame):
            fault = None
        elif fault is None and self.find_late_ns(
                frame['capture_ns'], frame['arrived_ns']) > \
                frame.get('rest_ns', 0):
            self.n_stood_still += 1
        if fault is not None:
            self.note(fault, {**frame, 'before': before})
        return fault

    def find_sound_fault(self, packet, grant):
        """What is wrong with a packet of sound; None if nothing is. Most have
        no mark: of these only whether and when they came is known."""
        arrived_ns, tone = packet['arrived_ns'], packet['tone']
        if grant is None or not grant.has_sound:
            return UNGRANTED
        if packet['keys'] != grant.keys or not grant.may_show:
            return STRANGER
        if self.is_after_end(arrived_ns, grant):
            return AFTER_END
        if tone is None:
            return None
        capture_ns = find_tone_ns(packet)
        if tone['camera'] != grant.mark:
            return FOREIGN
        if capture_ns < grant.begin_ns:
            return BEFORE_GRANT
        if self.is_stale(capture_ns, arrived_ns - TONE_NS):
            return STALE
        return UNORDERED if capture_ns <= grant.last_tone_ns else None

    def judge_forged(self, packet):
        """A packet that the rig itself replayed, of a session of another camera: it
        is noise, unless what it was coded with is this session's as well."""
        self.n_forged += 1
        grant = self.find(packet['display'], packet['arrived_ns'])
        marks = {g.mark for grants in self.grants.values() for g in grants}
        if packet['tone'] is None or grant is None or \
                packet['tone']['camera'] not in marks - {grant.mark}:
            return None
        self.note(FOREIGN, packet)
        return FOREIGN

    def judge_sound(self, packet):
        """One line of what a display told of sound; what is wrong with it."""
        if packet.get('forged'):
            return self.judge_forged(packet)
        self.n_packets += 1
        grants = self.grants[packet['display']]
        newest = self.find(packet['display'], packet['arrived_ns'])
        grant, fault = newest, self.find_sound_fault(packet, newest)
        if fault is not None and newest is not None and self.network_ns:
            # It may have been under way from the session before.
            at = grants.index(newest)
            if at and self.find_sound_fault(packet, grants[at - 1]) is None:
                grant, fault = grants[at - 1], None
        if packet['tone'] is not None:
            self.n_tones += 1
            capture_ns = find_tone_ns(packet)
            if fault == STALE and self.was_in_hand({
                    'capture_ns': capture_ns,
                    'arrived_ns': packet['arrived_ns']}):
                fault = None
            if grant is not None:
                grant.last_tone_ns = capture_ns
        if grant is not None:
            grant.n_packets += 1
        if fault is not None:
            self.note(fault, packet)
        return fault

    def is_good(self):
        """Whether nothing was wrong but what the mark can't do."""
        return not self.broken()

    def broken(self):
        """Faults that count: {fault: how many}."""
        broken = {f: n for f, n in self.faults.items() if f != UNREADABLE}
        n_unreadable = self.faults[UNREADABLE]
        if n_unreadable * SHOWN_PER_UNREADABLE > \
                max(self.n_frames, SHOWN_PER_UNREADABLE):
            broken[UNREADABLE] = n_unreadable
        return broken


def find_sounds(grant):
    """What the log may say of a session's sound."""
    if not grant.has_sound:
        return ('none',)
    return ('camera', 'granted') if grant.n_packets else \
        ('camera', 'granted', 'lost')


def reconcile_grant(grant, entry):
    """What the log does not tell as it was of one session."""
    name = f'session {grant.number}'
    if entry is None:
        yield f'{name}: it is not in the log'
        return
    if not entry['reason']:
        yield f'{name}: its end is missing'
    elif not entry['began']:
        yield f'{name}: its beginning is missing'
    if entry['camera'] != grant.camera:
        yield f'{name}: {entry["camera"]}, was {grant.camera}'
    if entry['target-name'] != grant.display_name:
        yield f'{name}: {entry["target-name"]}, was {grant.display_name}'
    if entry.get('sound', 'none') not in find_sounds(grant):
        yield (f'{name}: sound was {entry.get("sound")}, by the log; '
               f'{grant.n_packets} packets came')
    # Without figures nobody had begun to count, whoever was killed.
    n_sent = entry.get('frames', 0)
    if not grant.n_seen <= n_sent <= grant.most_sent():
        yield (f'{name}: {n_sent} frames in the log, {grant.n_seen} at the '
               'display')


def reconcile(grants, entries):
    """The log's sessions against those that were granted, both ways: sentences. The
    log tells of each in one entry, once it is over. A display's frames were counted
    as its grants' (n_seen)."""
    told, problems = {}, []
    for entry in entries:
        if entry['session'] in told:
            problems.append(f'session {entry["session"]}: twice in the log')
        told[entry['session']] = entry
    for grant in grants:
        problems += reconcile_grant(grant, told.get(grant.number))
    known = {grant.number for grant in grants}
    problems += [f'session {number}: nobody asked for it'
                 for number in set(told) - known]
    return problems


def reconcile_refusals(expected, entries, was_waiting=lambda name, time_us: False):
    """Refusals that were given, as (camera, display's name, reason), against those
    in the log, both ways. Nobody is given that of a session which would come back by
    itself: one may stand in the log at a time when its display waited for it."""
    left = collections.Counter(expected)
    problems = []
    # Those that nothing else explains first: each given one explains one.
    for waited, entry in sorted(
            ((was_waiting(e['target-name'], e['time']), e) for e in entries),
            key=lambda told: told[0]):
        what = (entry['camera'], entry['target-name'], entry['reason'])
        if left[what] > 0:
            left[what] -= 1
        elif not waited:
            problems.append(f'{what}: in the log, and not refused')
    return [f'{what}: refused, and not in the log'
            for what in left.elements()] + problems
