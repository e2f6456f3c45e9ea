# SPDX-License-Identifier: LGPL-2.1-or-later
"""Attacks that failure modes ask for in a length that not every run has: by name, each
one round. What the default has instead is in docs/attack.rst."""


class LongForm:
    """One of them: what is attacked, and what must have come of it."""

    def __init__(self, row, attacks, seconds, n_displays, n_cameras=3, least=0,
                 sanitizers=()):
        self.row = row  # of the failure modes
        self.attacks = attacks
        self.seconds = seconds
        self.n_displays = n_displays
        self.n_cameras = n_cameras
        self.least = least  # sessions of which a frame was decoded
        self.sanitizers = sanitizers  # one of them, if any

    def why_not(self, sanitizer):
        """Why it shows nothing of a build with that sanitizer; None if it does."""
        if self.sanitizers and sanitizer not in self.sanitizers:
            return f'wants a build with a sanitizer: {", ".join(self.sanitizers)}'
        return None

    def find_lack(self, n_shown):
        """Too few sessions showed something; None if it was enough."""
        return f'{n_shown} sessions showed a frame, {self.least} are wanted' \
            if n_shown < self.least else None


LONG_FORMS = {
    'buffers': LongForm(1, ['churn', 'rename'], 600, 8, 8,
                        sanitizers=('address', 'thread')),
    'starts': LongForm(2, ['starts'], 130, 36, least=1000),
    'at-once': LongForm(6, ['at_once'], 32, 64, least=500),
    'fixed-random': LongForm(8, ['fixed_random'], 30, 36, least=36),
}
