#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Casts over lossy links between two network namespaces each. Both cases are cast at
once: two cores have room for both, and they wait for half a minute."""

import concurrent.futures
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import foyerlab  # noqa: E402
import netlab  # noqa: E402
import tap  # noqa: E402
from figures import Figures, try_again  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
LOSSY_SECONDS = 20
SETTLE_SECONDS = 3
NS_PER_S = 1_000_000_000
# Casts need a connection first: loss begins when pictures flow.
START_TIMEOUT_S = 15
WINDOW_NS = NS_PER_S // 2
# Round trip (ms), loss each way (percent), and seconds on the clean link thereafter.
FIVE = (50, 5, 0)
TWENTY = (100, 20, 5)


def wait_for_frames(display):
    """Until the first frame is shown."""
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        display.read()
        if any(foyerlab.is_shown(f) for f in display.frames):
            return
        time.sleep(0.05)
    raise RuntimeError(f'no frame in {START_TIMEOUT_S} s: {display.words()}')


def shown_between(frames, begin_ns, end_ns):
    """Frames of a stretch of time, by when they were captured."""
    return [f for f in frames
            if foyerlab.is_shown(f) and f['readable']
            and begin_ns <= f['capture_ns'] < end_ns]


def measure_recovery_ms(frames, from_ns):
    """From a moment until half a second in which at least nine of ten frames
    are shown; None if that never comes."""
    shown = sorted(f['shown_ns'] for f in frames if foyerlab.is_shown(f))
    least = WINDOW_NS * foyerlab.FPS * 9 // 10 // NS_PER_S
    for begin in (t for t in shown if t >= from_ns):
        n = sum(1 for t in shown if begin <= t < begin + WINDOW_NS)
        if n >= least:
            return (begin - from_ns) / foyerlab.NS_PER_MS
    return None


def cast(rtt_ms, loss_percent, after_seconds):
    """The frames of a cast whose link turns lossy once it runs, and clean
    again in the end; when (ns) the lossy stretch began and ended, and when
    the link was clean again."""
    camera = foyerlab.drawn_cameras()[1]
    with netlab.LossyLink(BUILD, delay_ms=rtt_ms / 2) as link:
        display = foyerlab.Display(BUILD, 'far', address='0.0.0.0',
                                   inside=link.inside(1))
        session = None
        try:
            session = foyerlab.Cast(
                BUILD, camera, display, host=link.ADDRESSES[1],
                inside=link.inside(0), options=['codec=h264'])
            wait_for_frames(display)
            link.set('loss', loss_percent)
            time.sleep(SETTLE_SECONDS)
            begin_ns = time.monotonic_ns()
            time.sleep(LOSSY_SECONDS)
            end_ns = time.monotonic_ns()
            # What was captured until now has yet to be shown.
            time.sleep(1)
            clean_ns = time.monotonic_ns()
            link.set('loss', 0)
            time.sleep(after_seconds)
        finally:
            if session is not None:
                session.stop()
            display.stop()
    return display.frames, begin_ns, end_ns, clean_ns


class NetworkBench(unittest.TestCase):
    """One figure of the promise each."""

    @classmethod
    def setUpClass(cls):
        cls.reason = netlab.why_not()
        if cls.reason:
            return
        with concurrent.futures.ThreadPoolExecutor() as pool:
            cls.first = {case: pool.submit(cast, *case)
                         for case in (FIVE, TWENTY)}

    def setUp(self):
        if self.reason:
            self.skipTest(self.reason)

    def cast(self, case):
        """As was cast beside the other case; anew, by itself, if that is asked for
        again."""
        first = self.first.pop(case, None)
        return first.result() if first else cast(*case)

    def tell_common(self, figures, frames, begin_ns, end_ns):
        """Figures of the lossy stretch."""
        shown = shown_between(frames, begin_ns, end_ns)
        verdict = foyerlab.judge(frames, 2)
        fps = len(shown) * NS_PER_S / (end_ns - begin_ns)
        times = sorted(f['shown_ns'] for f in shown)
        gap_ms = max((b - a for a, b in zip(times, times[1:])), default=0)
        figures.tell('longest still', gap_ms / foyerlab.NS_PER_MS, 'ms')
        figures.tell('oldest shown', verdict['age_max_ms'], 'ms',
                     limit=foyerlab.TARGET_DELAY_MS + foyerlab.STALE_SLACK_MS)
        figures.tell('stale frames shown', verdict['stale'], 'frames', limit=0,
                     judge=True)
        figures.tell('foreign or unordered frames',
                     verdict['foreign'] + verdict['unordered'], 'frames',
                     limit=0, judge=True)
        return shown, fps

    def measure_five_percent(self):
        """5 % each way, 50 ms round trip."""
        frames, begin_ns, end_ns, _ = self.cast(FIVE)
        figures = Figures(BUILD, 'loss5')
        shown, _ = self.tell_common(figures, frames, begin_ns, end_ns)
        numbers = [f['number'] for f in shown]
        n_made = max(numbers) - min(numbers) + 1
        n_made = max(n_made,
                     (end_ns - begin_ns) * foyerlab.FPS // NS_PER_S - 1)
        figures.tell('frames shown in time', 100 * len(shown) / n_made, '%',
                     limit=99, is_least=True, judge=True)
        return figures.broken

    def measure_twenty_percent(self):
        """20 % each way, 100 ms round trip, then a clean link."""
        frames, begin_ns, end_ns, clean_ns = self.cast(TWENTY)
        figures = Figures(BUILD, 'loss20')
        _, fps = self.tell_common(figures, frames, begin_ns, end_ns)
        figures.tell('frames shown per second', fps, '/s', limit=10,
                     is_least=True, judge=True)
        figures.tell('recovers after', measure_recovery_ms(frames, clean_ns),
                     'ms', limit=2000, judge=True)
        return figures.broken

    def test_five_percent(self):
        self.assertEqual(try_again(self.measure_five_percent), [])

    def test_twenty_percent(self):
        self.assertEqual(try_again(self.measure_twenty_percent), [])


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
