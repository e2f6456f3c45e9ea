#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What foyerd does while nobody watches: how often it wakes up. A count, whatever else
the machine does."""

import time

# Takes the build's folder off the command line.
import bench_walls
import foyerlab
import houselab
import tap
from figures import Figures

IDLE_SECONDS = 10
# What a busy machine is late with may be under way until then.
SETTLE_S = 2


def wait_until_quiet(pid):
    """Until it did not wake up for a while; how often it had by then."""
    def find_quiet():
        before = houselab.switches(pid)
        time.sleep(SETTLE_S)
        return before if houselab.switches(pid) == before else None
    return houselab.wait_until(find_quiet, 'foyerd is quiet')


class Idle(bench_walls.WallsBench):
    """Nobody watching."""

    def test_idle(self):
        """A house that has shown something, and does no more."""
        crowd = self.make_crowd(1)
        house = self.make_house(crowd)
        house.allow('any', 'display:any')
        session, = self.cast_all(house, [('Nursery', crowd.displays[0])])
        house.stop_session(session)
        houselab.wait_until(lambda: not house.workers(), 'no worker')
        figures = Figures(bench_walls.BUILD, 'idle')
        before = wait_until_quiet(house.process.pid)
        time.sleep(IDLE_SECONDS)
        figures.tell(f'wake-ups of foyerd in {IDLE_SECONDS} s',
                     houselab.switches(house.process.pid) - before, '',
                     limit=0, judge=True)
        self.assertEqual(figures.broken, [])


if __name__ == '__main__':
    foyerlab.fill_registry(bench_walls.BUILD)
    tap.main()
