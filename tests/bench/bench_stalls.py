#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a cast over HTTP holds after half an hour with readers that stall, beside a
display that plays. Not a part of `./check bench`: it takes as long as it says.

    bench_stalls.py BUILD_ROOT [MINUTES]"""

import os
import pathlib
import socket
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import player  # noqa: E402
import tap  # noqa: E402
from figures import Figures  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
MINUTES = float(sys.argv.pop(1)) if len(sys.argv) > 1 else 30.0
HTTP = {'transport': dbuslab.Variant('s', 'http'),
        'max-age-ms': dbuslab.Variant('u', 5000)}
CLEAR = {'allow-clear': dbuslab.Variant('b', True)}
# Its whole picture moves: it fills its bit rate.
LIVELY = 'Garden'
CAMERAS = ('Nursery', 'Porch', LIVELY)
N_SILENT = 5   # read nothing
N_TRICKLE = 3  # read a byte a second
# More than a server waits for one, so that most of the time all are there.
RENEW_S = 15
MOST_MIB = 16
# A fifth of the time, which the worker has to itself before it is compared.
PART = 0.2
MOST_GROWTH = 1.25


class Reader:
    """Asks for all, and takes hardly any of it. One that was given up is not told, so
    it comes again by itself after some time."""

    def __init__(self, url, n_bytes):
        self.parts = urllib.parse.urlsplit(url)
        self.n_bytes = n_bytes  # a second
        self.n_served = 0       # connections on which something came
        self.age_s = 0
        self.socket = None

    def begin(self):
        """Another connection."""
        self.age_s = 0
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((self.parts.hostname, self.parts.port))
        self.socket.sendall(f'GET {self.parts.path[:34]}live.mp4 HTTP/1.1\r\n'
                            f'Host: {self.parts.netloc}\r\n\r\n'.encode())
        self.socket.setblocking(False)

    def step(self):
        """One second of it."""
        try:
            if self.socket is None:
                self.begin()
            elif self.n_bytes:
                self.socket.recv(self.n_bytes)
        except BlockingIOError:
            pass
        except OSError:
            self.age_s = RENEW_S
        self.age_s += 1
        if self.age_s > RENEW_S:
            self.close()

    def close(self):
        """Leaves."""
        if self.socket is None:
            return
        try:
            self.n_served += bool(self.socket.recv(1, socket.MSG_PEEK))
        except OSError:
            pass
        self.socket.close()
        self.socket = None


class Display(player.PlayerDisplay):
    """A display that plays; what it fetched is not kept."""

    def step(self, url, newest):
        newest = super().step(url, newest)
        for _, _, piece in self.pieces[-16:]:
            piece.body = b''
        return newest


class Stalls(unittest.TestCase):
    """Half an hour."""

    def test_memory(self):
        figures = Figures(BUILD, 'http-stalls')
        display = Display('Kitchen')
        display.__enter__()
        self.addCleanup(display.__exit__)
        house = houselab.House(BUILD, cameras=CAMERAS, displays=[display])
        self.addCleanup(house.stop)
        house.start()
        house.bring(display)
        house.allow(LIVELY, 'Kitchen', **CLEAR)
        session = house.cast(LIVELY, 'Kitchen', **HTTP)
        house.wait_state(session, ['live', 'stalled'])
        worker, = house.workers('cast')
        url = display.loads[-1]['contentUrl']
        readers = ([Reader(url, 0) for _ in range(N_SILENT)]
                   + [Reader(url, 1) for _ in range(N_TRICKLE)])
        sizes, descriptors = [], []
        ends = time.monotonic() + MINUTES * 60
        while time.monotonic() < ends:
            for reader in readers:
                reader.step()
            sizes.append(houselab.pss_kib(worker) / 1024)
            descriptors.append(len(os.listdir(f'/proc/{worker}/fd')))
            time.sleep(1)
        for reader in readers:
            reader.close()
        part = max(int(len(sizes) * PART), 1)
        figures.tell('time', MINUTES, 'min')
        figures.tell('readers that stalled', len(readers), 'readers')
        figures.tell('connections of each, that were served',
                     min(r.n_served for r in readers), 'connections',
                     int(MINUTES), is_least=True, judge=True)
        figures.tell('descriptors of the worker, at most', max(descriptors),
                     'files')
        figures.tell('pieces that the display had', len(display.pieces),
                     'pieces', MINUTES * 60, is_least=True)
        figures.tell('LOADs', len(display.loads), 'LOADs')
        figures.tell('memory of the worker, PSS, at most', max(sizes), 'MiB',
                     MOST_MIB, judge=True)
        figures.tell('the same, last fifth by first fifth',
                     max(sizes[-part:]) / max(sizes[:part]), '', MOST_GROWTH,
                     judge=True)
        self.assertEqual(house.workers('cast'), [worker])
        self.assertEqual(figures.broken, [])


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
