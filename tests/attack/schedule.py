# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is done to a house, and when: made of a seed, before anything runs, and made
smaller when it found something."""

import json
import random


class Event:
    """One thing to be done, at a time from the beginning of the round."""

    def __init__(self, at_ms, do, **how):
        self.at_ms = at_ms
        self.do = do
        self.how = how

    def as_list(self):
        """As it is written down."""
        return [self.at_ms, self.do, self.how]

    def __str__(self):
        how = ' '.join(f'{k}={v}' for k, v in self.how.items())
        return f'{self.at_ms:6d} ms  {self.do} {how}'.rstrip()


def write(events):
    """One line of JSON."""
    return json.dumps([e.as_list() for e in events])


def read(text):
    """What write() wrote."""
    return [Event(at_ms, do, **how) for at_ms, do, how in json.loads(text)]


class Plan:
    """Where attacks put what they want done."""

    def __init__(self, seed, n_displays, n_cameras, duration_ms):
        # Python's own hash of a text is another in each run; this one is not.
        self.dice = random.Random(f'foyer {seed}')
        self.n_displays = n_displays
        self.n_cameras = n_cameras
        self.duration_ms = duration_ms
        self.events = []

    def do(self, at_ms, do, **how):
        """Has something done; what would come after the end isn't."""
        if at_ms < self.duration_ms:
            self.events.append(Event(int(at_ms), do, **how))

    def each(self, mean_ms, first_ms=1500):
        """Times at random, so far apart on average."""
        at_ms = first_ms + self.dice.uniform(0, mean_ms)
        while at_ms < self.duration_ms:
            yield int(at_ms)
            at_ms += self.dice.uniform(mean_ms / 4, mean_ms * 7 / 4)

    def display(self):
        """Any."""
        return self.dice.randrange(self.n_displays)

    def camera(self):
        """Any."""
        return self.dice.randrange(self.n_cameras)

    def finish(self):
        """All of it, in order."""
        return sorted(self.events, key=lambda e: e.at_ms)


def shrink(events, fails, budget):
    """Fewer of these events that still make it fail; `fails` runs them, `budget`
    times at most. Halves, then quarters…, are left out by turns (Zeller's ddmin). An
    attack that depends on chance may pass once: what is left then is larger than it
    need be, and fails all the same."""
    n_parts = 2
    while len(events) >= 1 and budget > 0:
        size = max(len(events) // n_parts, 1)
        for begin in range(0, len(events), size):
            rest = events[:begin] + events[begin + size:]
            budget -= 1
            if fails(rest):
                events = rest
                n_parts = max(n_parts - 1, 2)
                break
            if budget <= 0:
                break
        else:
            if size == 1:
                break
            n_parts = min(n_parts * 2, len(events))
    return events
