# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long nothing ran that wanted to: a machine may stand still, or be so busy that a
process waits for its turn. What would be late then is late by no fault of Foyer's."""

import bisect
import threading
import time

TICK_S = 0.01
# Less is how any machine is.
LEAST_NS = 20_000_000


class Watch:
    """Sleeps again and again, and notes when that took longer than it should have."""

    def __init__(self):
        self.gaps = []  # (begin, end), CLOCK_MONOTONIC in ns, in their order
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.clock_ns = time.time_ns() - time.monotonic_ns()

    def start(self):
        """Begins."""
        self.thread.start()
        return self

    def _run(self):
        before_ns = time.monotonic_ns()
        while not self.is_over.wait(TICK_S):
            now_ns = time.monotonic_ns()
            due_ns = before_ns + int(TICK_S * 1e9)
            if now_ns - due_ns > LEAST_NS:
                self.gaps.append((due_ns, now_ns))
            before_ns = now_ns

    def find_lost_ns(self, begin_ns, end_ns):
        """How much of that time was lost."""
        gaps, lost_ns = self.gaps, 0
        at = bisect.bisect_left(gaps, (begin_ns, begin_ns))
        for gap in gaps[max(at - 1, 0):]:
            if gap[0] >= end_ns:
                break
            lost_ns += max(min(gap[1], end_ns) - max(gap[0], begin_ns), 0)
        return lost_ns

    def find_moved_us(self):
        """How far somebody set the machine's clock since the beginning."""
        return abs(time.time_ns() - time.monotonic_ns() - self.clock_ns) // 1000

    def stop(self):
        """Ends."""
        self.is_over.set()
        if self.thread.is_alive():
            self.thread.join()
