#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Casts over HTTP: how late they are in players that others wrote, how soon they
begin, and how many players are served at once."""

import os
import pathlib
import statistics
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import foreignplayers  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import player  # noqa: E402
import tap  # noqa: E402
from figures import Figures, try_again  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
HTTP = {'transport': dbuslab.Variant('s', 'http'),
        'max-age-ms': dbuslab.Variant('u', 5000)}
CLEAR = {'allow-clear': dbuslab.Variant('b', True)}
PROBLEM = foreignplayers.find_problem(BUILD)
PLAY_S = 10
PIECE_S = 0.5
# The third's whole picture moves: it fills its bit rate.
LIVELY = 'Garden'
CAMERAS = ('Nursery', 'Porch', LIVELY)
# Three seconds, as so many pieces.
MOST_PIECES = 6
TOLD_S = 1.0
FIRST_S = 2.5
N_SESSIONS = 10
N_READERS = 9  # with the display's own player, ten for each session
READ_S = 10
SERVED = 0.95
MOST_MIB = 16
# What others may have of the machine, for a miss to say something.
MOST_OTHERS = 0.1


class HttpBench(unittest.TestCase):
    """One figure of the promise each."""

    def make_house(self, displays, camera='Nursery'):
        """A house in which a camera may be shown on each."""
        house = houselab.House(BUILD, cameras=CAMERAS, displays=displays)
        self.addCleanup(house.stop)
        house.start()
        house.bring(*displays)
        for display in displays:
            house.allow(camera, display.name, **CLEAR)
        return house


@unittest.skipIf(PROBLEM, PROBLEM)
class Delay(HttpBench):
    """From the camera to the canvas, in Chromium."""

    def run_once(self, kind):
        """What broke."""
        figures = Figures(BUILD, f'http-{kind}')
        displays = foreignplayers.Displays(BUILD, {'Kitchen': kind})
        try:
            displays.browse()
            house = self.make_house(list(displays.displays.values()))
            begun = time.monotonic()
            session = house.cast('Nursery', 'Kitchen', **HTTP)
            kitchen = displays['Kitchen']
            houselab.wait_until(lambda: kitchen.shown, displays.words(), 60)
            first_s = kitchen.shown[0].shown_ns / 1e9 - begun
            house.wait_state(session, ['live', 'stalled'])
            time.sleep(PLAY_S)
            told_s = foreignplayers.get_told_s(house, session)
            house.stop_session(session)
        finally:
            displays.stop()
        delay_s = statistics.median(kitchen.delays_s())
        start_s = kitchen.report['startMs'] / 1e3
        figures.tell(f'{kind}: camera to picture, p50', delay_s, 's', 3.0)
        figures.tell(f'{kind}: the same in pieces', delay_s / PIECE_S, 'pieces',
                     MOST_PIECES)
        figures.tell(f'{kind}: told less what it is', abs(told_s - delay_s), 's',
                     TOLD_S)
        figures.tell(f'{kind}: first picture beyond the player\'s start',
                     first_s - start_s, 's', FIRST_S)
        return figures.broken

    def test_hls(self):
        self.assertEqual(try_again(lambda: self.run_once('hls')), [])

    def test_shaka(self):
        self.assertEqual(try_again(lambda: self.run_once('shaka')), [])


class Reader(threading.Thread):
    """A player that fetches each piece once, and counts those that it lost."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url = url
        self.n_got = self.n_lost = self.n_bytes = 0
        self.ends = time.monotonic() + READ_S

    def run(self):
        newest = 0
        while time.monotonic() < self.ends:
            try:
                newest = self.step(newest)
            except OSError:
                pass
            time.sleep(PIECE_S)

    def step(self, newest):
        """One look at the playlist, and what is new in it."""
        playlist = player.fetch(self.url)
        numbers = [int(line[:-4]) for line in playlist.body.decode().split()
                   if line.endswith('.m4s')]
        for number in numbers:
            if number <= newest:
                continue
            if newest:
                self.n_lost += number - newest - 1
            piece = player.fetch(urllib.parse.urljoin(self.url,
                                                      f'{number}.m4s'))
            if piece.status == 200:
                self.n_got += 1
                self.n_bytes += len(piece.body)
            else:
                self.n_lost += 1
            newest = number
        return newest


class Many(HttpBench):
    """A hundred players on ten sessions."""

    def run_once(self):
        """What broke."""
        figures = Figures(BUILD, 'http-many')
        displays = [player.PlayerDisplay(f'Screen {i}')
                    for i in range(N_SESSIONS)]
        for display in displays:
            display.__enter__()
        try:
            house = self.make_house(displays, LIVELY)
            sessions = [house.cast(LIVELY, d.name, **HTTP) for d in displays]
            for session in sessions:
                house.wait_state(session, ['live', 'stalled'])
            readers = [Reader(d.loads[-1]['contentUrl']) for d in displays
                       for _ in range(N_READERS)]
            machine = houselab.Machine([os.getpid(), house.process.pid,
                                        *house.workers()])
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
            others = machine.measure_others()
            most_kib = max(houselab.pss_kib(p) for p in house.workers('cast'))
        finally:
            for display in displays:
                display.__exit__()
        starved = [r for r in readers
                   if r.n_got < SERVED * (r.n_got + r.n_lost) or not r.n_got]
        figures.tell('players', len(readers) + len(displays), 'players')
        figures.tell('of the machine, that others had', others, '')
        figures.tell('players that were starved', len(starved), 'players', 0,
                     judge=others <= MOST_OTHERS)
        figures.tell('bit rate that each had',
                     min(r.n_bytes for r in readers) * 8 / READ_S / 1e6, 'Mbit/s')
        figures.tell('memory of a worker meanwhile', most_kib / 1024, 'MiB',
                     MOST_MIB, judge=True)
        return figures.broken

    def test_many(self):
        self.assertEqual(try_again(self.run_once), [])


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
