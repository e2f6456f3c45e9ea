#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lossy link itself: benches that stand on it are worth what it is."""

import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import netlab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
N_DATAGRAMS = 200
PORT = 4010

ECHO = f'''
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", {PORT}))
print("ready", flush=True)
while True:
    data, peer = s.recvfrom(2048)
    s.sendto(data, peer)
'''

COUNT = f'''
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], {PORT}))
s.settimeout(2)
for i in range({N_DATAGRAMS}):
    s.send(b"x")
    time.sleep(0.001)
n = 0
try:
    while n < {N_DATAGRAMS} and s.recv(64):
        n += 1
except TimeoutError:
    pass
print(n)
'''

RTT = f'''
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], {PORT}))
s.settimeout(60)
least = 1e9
for i in range(10):
    began = time.monotonic_ns()
    s.send(b"x")
    s.recv(64)
    least = min(least, (time.monotonic_ns() - began) / 1e6)
print(least)
'''


class LossyLinkTest(unittest.TestCase):
    """Echoes datagrams through the link."""

    def setUp(self):
        reason = netlab.why_not()
        if reason:
            self.skipTest(reason)

    def ask(self, link, program):
        """Runs a client on side 0 against an echo on side 1."""
        echo = subprocess.Popen(
            link.inside(1) + [sys.executable, '-c', ECHO], text=True,
            stdout=subprocess.PIPE)
        try:
            echo.stdout.readline()
            run = subprocess.run(
                link.inside(0)
                + [sys.executable, '-c', program, link.ADDRESSES[1]],
                capture_output=True, text=True, check=True)
        finally:
            echo.terminate()
            echo.communicate()
        return float(run.stdout)

    def test_delay(self):
        with netlab.LossyLink(BUILD, delay_ms=20) as link:
            rtt_ms = self.ask(link, RTT)
        self.assertGreaterEqual(rtt_ms, 40)
        # As long again would be a delay that counts twice.
        self.assertLess(rtt_ms, 80)

    def test_nothing_lost(self):
        with netlab.LossyLink(BUILD) as link:
            self.assertEqual(self.ask(link, COUNT), N_DATAGRAMS)

    def test_loss_each_way(self):
        with netlab.LossyLink(BUILD) as link:
            link.set('loss', 20)
            back = self.ask(link, COUNT)
        # 64 % come back; six standard deviations each way.
        self.assertLess(abs(back / N_DATAGRAMS - 0.64), 0.15)
        self.assertEqual(len(link.figures), 2)

    def test_nothing_left_behind(self):
        with netlab.LossyLink(BUILD) as link:
            names = link.names
        left = subprocess.run(['ip', 'netns'], capture_output=True, text=True,
                              check=True).stdout
        for name in names:
            self.assertNotIn(name, left)


if __name__ == '__main__':
    tap.main()
