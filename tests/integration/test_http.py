#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Casts over HTTP, as they ship: what a display that only takes a URL is given,
what nobody is given, and that nothing is left."""

import collections
import itertools
import math
import os
import pathlib
import random
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import houselab  # noqa: E402
import player  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
N_UNREADABLE, UNREADABLE_BYTES = 300, 60000
N_CONNECTIONS = 1000
N_OTHER_FILES = 200  # that this program may have beside them
# Of a processor: far more than a cast needs, and far less than a loop.
SPIN = 0.25
TIMEOUT_S = 60
# Between what is said of a delay and what it is.
TOLD_S = 1.0
# Of one server, in a second; it answers no more than a hundred.
MOST_REQUESTS = 90
# So that one of a kind that is slower each time would be seen for sure; and how seldom
# there may be an alarm where nothing is wrong.
N_ROUNDS = 40
LEAST_CHANCE = 1e-6
# Through a cache, at once and in turn: twenty sessions each way in two turns.
N_PAIRS = 10
CACHE_TIMEOUT_S = 60
N_TURNS = int(os.environ.get('FOYER_TEST_TURNS', '1'))
# Other programs may hold the camera up; that is tried elsewhere.
HTTP = {'transport': dbuslab.Variant('s', 'http'),
        'max-age-ms': dbuslab.Variant('u', 5000)}
CLEAR = {'allow-clear': dbuslab.Variant('b', True)}
NUMBERS = {'Nursery': 1, 'Porch': 2}


def send(port, data, source='127.0.0.1', timeout_s=TIMEOUT_S):
    """What a server answers to these bytes, until it closes or is quiet."""
    said = b''
    until = time.monotonic() + timeout_s
    try:
        peer = socket.create_connection(('127.0.0.1', port), timeout_s,
                                        source_address=(source, 0))
    except ConnectionResetError:
        return said  # it was taken, and ended at once
    with peer:
        peer.settimeout(timeout_s)
        try:
            peer.sendall(data)
            while more := peer.recv(65536):
                said += more
                if time.monotonic() > until:
                    break
        except OSError:
            pass
    return said


def cpu_s(pid):
    """What a process has used so far."""
    words = pathlib.Path(f'/proc/{pid}/stat').read_text('ascii').rsplit(')')[1]
    return sum(int(w) for w in words.split()[11:13]) / os.sysconf('SC_CLK_TCK')


def run_ns(pid):
    """The same of its main thread, in ns."""
    return int(pathlib.Path(f'/proc/{pid}/task/{pid}/schedstat').read_text(
        'ascii').split()[0])


def find_free_fd(pid):
    """The least number that no descriptor of a process has."""
    used = {int(name) for name in os.listdir(f'/proc/{pid}/fd')}
    return min(set(range(len(used) + 1)) - used)


def make_wrong_paths(token):
    """{what is wrong: path}, for a token that is right."""
    first = '0' if token[0] != '0' else '1'
    last = '0' if token[-1] != '0' else '1'
    other = token.translate(str.maketrans('0123456789abcdef', '123456789abcdef0'))
    return {
        'first letter': f'/{first}{token[1:]}/live.m3u8',
        'last letter': f'/{token[:-1]}{last}/live.m3u8',
        'all letters': f'/{other}/live.m3u8',
        'length': f'/{token[:-1]}/live.m3u8',
        'path': '/' + 'index.html'.rjust(len(token) + 10, 'x'),
        'name': f'/{token}/live.m3u9',
        'piece': f'/{token}/99999.m4s',
    }


def time_answer(parts, data):
    """How long an answer took, in ns, and what it says."""
    with socket.create_connection((parts.hostname, parts.port),
                                  TIMEOUT_S) as peer:
        begun_ns = time.perf_counter_ns()
        peer.sendall(data)
        answer = peer.recv(65536)
        return time.perf_counter_ns() - begun_ns, answer


def tell_chance(one, other):
    """How likely it is that two kinds that take the same time are so far apart: the
    rank sum test of Mann and Whitney, which knows of no time but what is less."""
    n_less = sum(a < b for a in one for b in other)
    n_pairs = len(one) * len(other)
    spread = math.sqrt(n_pairs * (len(one) + len(other) + 1) / 12)
    return math.erfc(abs(n_less - n_pairs / 2) / spread / math.sqrt(2))


def ask(port, data):
    """An answer: who has asked a hundred times in a second gets none until the next."""
    return houselab.wait_until(lambda: send(port, data), 'an answer')


class HttpTest(unittest.TestCase):
    """What the cases share."""

    def make_player(self, name, **options):
        """A display that only takes a URL."""
        display = player.PlayerDisplay(name, **options)
        display.__enter__()
        self.addCleanup(display.__exit__)
        return display

    def make_house(self, *displays, rules=(), config=''):
        """A house with these displays paired: rules are (camera, display)."""
        house = houselab.House(BUILD, displays=displays, config=config)
        self.addCleanup(house.stop)
        house.start()
        house.bring(*displays)
        for camera, display in rules:
            house.allow(camera, display, **CLEAR)
        return house

    def make_live(self, **options):
        """(house, display, session): the nursery on the kitchen's display."""
        display = self.make_player('Kitchen', **options)
        house = self.make_house(display, rules=[('Nursery', 'Kitchen')])
        session = house.cast('Nursery', 'Kitchen', **HTTP)
        house.wait_state(session, ['live'])
        return house, display, session

    def wait_pieces(self, display, n_pieces):
        """Until a display fetched so many."""
        houselab.wait_until(lambda: len(display.pieces) >= n_pieces,
                            f'{n_pieces} pieces, not {len(display.pieces)}')

    def judge(self, display, camera, granted_ns, ended_ns=None):
        """I1 to I4: pictures of one camera, in order, of the session's time."""
        marks = display.marks(BUILD)
        self.assertGreater(len(marks), 0)
        self.assertEqual({m[0] for m in marks}, {NUMBERS[camera]})
        numbers = [m[1] for m in marks]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertGreaterEqual(min(m[2] for m in marks), granted_ns)
        if ended_ns is not None:
            self.assertLess(max(m[2] for m in marks), ended_ns)
        return marks


class WayTest(HttpTest):
    """Which way is taken, and who may."""

    def test_a_rule_must_allow_it(self):
        display = self.make_player('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        with self.assertRaises(dbuslab.BusError) as caught:
            house.cast('Nursery', 'Kitchen', **HTTP)
        self.assertTrue(caught.exception.name.endswith('Denied'))
        explained = house.ctl('explain', 'Nursery', 'Kitchen', '--transport',
                              'http')
        self.assertEqual(explained.returncode, 3, explained.stderr)
        self.assertIn('--allow-clear', explained.stdout)
        self.assertEqual(
            house.ctl('explain', 'Nursery', 'Kitchen').returncode, 0)
        self.assertEqual(house.workers('cast'), [])
        self.assertEqual(display.loads, [])

    def test_auto(self):
        display = self.make_player('Kitchen')
        house = self.make_house(display, rules=[('Nursery', 'Kitchen')])
        run = house.ctl('cast', 'Nursery', 'Kitchen')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r'not encrypted.* \d+\.\d s late')
        # What it lacks was never launched.
        self.assertEqual(display.launches, [player.PLAYER])

    def test_auto_is_not_told(self):
        """A display that claims to have the app, and then can't launch it."""
        display = self.make_player('Kitchen', says_apps=False)
        house = self.make_house(display, rules=[('Nursery', 'Kitchen')])
        first = house.cast('Nursery', 'Kitchen')
        self.assertEqual(house.wait_end(first)[0], 'no-app')
        houselab.wait_until(lambda: len(display.loads) == 1, 'a LOAD')
        session = house.find_session()
        self.assertNotEqual(session, first)
        house.wait_state(session, ['live'])
        self.assertEqual(house.get(session, 'Session', 'Transport'), 'http')
        self.assertEqual(len(display.launches), 2)

    def test_auto_is_not_allowed(self):
        display = self.make_player('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        run = house.ctl('cast', 'Nursery', 'Kitchen')
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('foyerctl cast --transport http Nursery Kitchen',
                      run.stderr)
        run = house.ctl('cast', '--transport', 'http', 'Nursery', 'Kitchen')
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('--allow-clear', run.stderr)
        self.assertEqual(display.launches, [])

    def test_foyerctl(self):
        display = self.make_player('Kitchen')
        house = self.make_house(display, rules=[('Nursery', 'Kitchen')])
        run = house.ctl('cast', '--transport', 'http', 'Nursery', 'Kitchen')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r'not encrypted.* \d+\.\d s late')
        run = house.ctl('cast', '--transport', 'pigeon', 'Nursery', 'Kitchen')
        self.assertEqual(run.returncode, 2)


class PictureTest(HttpTest):
    """What a display is given."""

    def test_pictures(self):
        granted_ns = time.monotonic_ns()
        house, display, session = self.make_live()
        self.wait_pieces(display, 8)
        media = display.loads[0]
        self.assertEqual(media['hlsVideoSegmentFormat'], 'fmp4')
        self.assertEqual(media['streamType'], 'LIVE')
        house.stop_session(session)
        ended_ns = time.monotonic_ns()
        marks = self.judge(display, 'Nursery', granted_ns, ended_ns)
        # I10: what the display has is what the log says, or was about to leave.
        entry = house.history(kind=dbuslab.Variant('s', 'session'))[0]
        self.assertLessEqual(len(marks), entry['frames'])
        self.assertLessEqual(marks[-1][1] - marks[0][1],
                             entry['last-sequence'] - entry['first-sequence'])
        self.check_foreign(display)

    def check_foreign(self, display):
        """ffprobe, too, takes it for a film without a fault."""
        body = (next(iter(display.headers.values()))
                + b''.join(p.body for _, _, p in display.pieces))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'all.mp4'
            path.write_bytes(body)
            run = subprocess.run(
                ['ffprobe', '-v', 'warning', '-count_frames', '-select_streams',
                 'v', '-show_entries', 'stream=codec_name,nb_read_frames',
                 '-of', 'csv=p=0', path],
                text=True, capture_output=True, check=True, timeout=60)
        self.assertEqual(run.stderr, '')
        codec, n_frames = run.stdout.strip().split(',')
        self.assertEqual(codec, 'h264')
        self.assertEqual(int(n_frames), len(display.marks(BUILD)))

    def test_headers(self):
        _, display, _ = self.make_live()
        self.wait_pieces(display, 2)
        for _, _, piece in display.pieces:
            self.assertEqual(piece.headers['cache-control'], 'no-store')
            self.assertEqual(piece.headers['access-control-allow-origin'], '*')
            self.assertEqual(piece.headers['connection'], 'close')
        url = display.loads[0]['contentUrl']
        options = player.fetch(url, 'OPTIONS')
        self.assertEqual(options.status, 204)
        self.assertEqual(options.headers['access-control-allow-methods'],
                         'GET, HEAD, OPTIONS')
        head = player.fetch(url, 'HEAD')
        self.assertEqual((head.status, head.body), (200, b''))
        init = player.fetch(urllib.parse.urljoin(url, 'init-1.mp4'))
        part = player.fetch(urllib.parse.urljoin(url, 'init-1.mp4'),
                            headers={'Range': 'bytes=4-7'})
        self.assertEqual((part.status, part.body), (206, init.body[4:8]))
        beyond = player.fetch(urllib.parse.urljoin(url, 'init-1.mp4'),
                              headers={'Range': 'bytes=99999-'})
        self.assertEqual((beyond.status, beyond.body), (416, b''))

    def test_progressive(self):
        _, display, _ = self.make_live()
        url = display.loads[0]['contentUrl'].replace('live.m3u8', 'live.mp4')
        parts = urllib.parse.urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port),
                                      TIMEOUT_S) as peer:
            peer.sendall(f'GET {parts.path} HTTP/1.0\r\n'
                         f'Host: {parts.netloc}\r\n\r\n'.encode())
            said = b''
            while said.count(b'moof') < 4:
                more = peer.recv(65536)
                self.assertNotEqual(more, b'', said[:200])
                said += more
        head, body = said.split(b'\r\n\r\n', 1)
        self.assertTrue(head.startswith(b'HTTP/1.'), head)
        self.assertIn(b'ftyp', body[:16])
        self.assertGreater(len(player.read_marks(BUILD, body)), 10)

    def test_delay_is_told(self):
        house, display, session = self.make_live()
        self.wait_pieces(display, 4)
        account = house.caller.call('GetAccount', path=session,
                                    interface=f'{houselab.NAME}.Session')
        # It may be told of any of these, between which a machine stood still.
        true_s = [(piece.at_ns - player.read_marks(
            BUILD, display.headers[header] + piece.body)[0][2]) / 1e9
                  for _, header, piece in list(display.pieces)]
        self.assertGreater(account['delay-us'] / 1e6, min(true_s) - TOLD_S)
        self.assertLess(account['delay-us'] / 1e6, max(true_s) + TOLD_S)

    def test_stalled_player_is_loaded_anew(self):
        _, display, _ = self.make_live()
        display.is_frozen = True
        houselab.wait_until(lambda: len(display.loads) == 2, 'another LOAD')
        first, second = (load['contentUrl'] for load in display.loads)
        self.assertNotEqual(first, second)
        self.assertEqual(player.fetch(first).status, 404)
        self.assertEqual(player.fetch(second).status, 200)

    def test_stopped_at_the_display(self):
        house, display, session = self.make_live()
        display.say(display.sender, 'media',
                    {'type': 'MEDIA_STATUS', 'requestId': 0,
                     'status': [{'mediaSessionId': 1, 'playerState': 'IDLE',
                                 'idleReason': 'CANCELLED'}]},
                    player.hostile.TRANSPORT)
        self.assertEqual(house.wait_end(session)[0], 'display-lost')


class EndTest(HttpTest):
    """I4, I8: what is left."""

    def test_end(self):
        house, display, session = self.make_live()
        url = display.loads[0]['contentUrl']
        parts = urllib.parse.urlsplit(url)
        # One that reads slowly has a piece under way.
        slow = socket.create_connection((parts.hostname, parts.port))
        self.addCleanup(slow.close)
        slow.sendall(f'GET {parts.path[:34]}live.mp4 HTTP/1.1\r\n'
                     f'Host: {parts.netloc}\r\n\r\n'.encode())
        house.stop_session(session)
        with self.assertRaises(OSError):
            player.fetch(url)
        houselab.wait_until(lambda: display.app is None, 'the app is stopped')
        self.assertIsNotNone(display.ends_ns)
        houselab.wait_until(lambda: not house.workers('cast'), 'no worker')

    def test_killed(self):
        house, display, session = self.make_live()
        os.kill(house.workers('cast')[0], 9)
        house.wait_end(session)
        with self.assertRaises(OSError):
            player.fetch(display.loads[0]['contentUrl'])
        houselab.wait_until(lambda: display.app is None, 'the app is stopped')


class AttackTest(HttpTest):
    """Who asks for what is not his."""

    def make_two(self):
        """A house with two cameras on two displays; where each is."""
        displays = [self.make_player('Kitchen'), self.make_player('Hall')]
        house = self.make_house(*displays, rules=[('Nursery', 'Kitchen'),
                                                  ('Porch', 'Hall')])
        sessions = [house.cast('Nursery', 'Kitchen', **HTTP),
                    house.cast('Porch', 'Hall', **HTTP)]
        for session in sessions:
            house.wait_state(session, ['live'])
        return house, displays, sessions

    def test_paths(self):
        _, displays, _ = self.make_two()
        a, b = (urllib.parse.urlsplit(d.loads[0]['contentUrl'])
                for d in displays)
        token_a, token_b = a.path[1:33], b.path[1:33]
        newest = displays[0].pieces[-1][0]
        names = ['live.m3u8', 'live.mp4', 'init-1.mp4', f'{newest}.m4s']
        # Dots are resolved before it is decided; that leads nowhere but to a path
        # that must have the whole token.
        wrong = [token_b, token_a[:-1], token_a + '0', token_a.upper() + 'A',
                 f'{token_b}/../{token_a[:-1]}x', f'{token_a}/..',
                 f'{token_a}/%2e%2e', f'{token_a}/x', '..', '%2e%2e', '.', '']
        refusals = set()
        for name in names:
            for token in wrong:
                refusals.add(ask(a.port, f'GET /{token}/{name} HTTP/1.1\r\nHost:'
                                  f' {a.netloc}\r\nConnection: close\r\n\r\n'
                                  .encode()))
            for path in (f'//{token_a}/{name}', f'/{token_a}//{name}',
                         f'/{token_a}%2f{name}', f'/{token_a}/{name}?x=1',
                         f'/{token_a}/{name}/', f'/{token_a}/{name}%00'):
                refusals.add(ask(a.port, f'GET {path} HTTP/1.1\r\nHost: '
                                  f'{a.netloc}\r\nConnection: close\r\n\r\n'
                                  .encode()))
            for host in ('camera.example', b.netloc, '127.0.0.1', 'localhost'):
                refusals.add(ask(a.port, f'GET /{token_a}/{name} HTTP/1.1\r\n'
                                  f'Host: {host}\r\nConnection: close\r\n\r\n'
                                  .encode()))
            for method in ('POST', 'PUT', 'DELETE', 'TRACE', 'PROPFIND'):
                refusals.add(ask(a.port, f'{method} /{token_a}/{name} HTTP/1.1'
                                  f'\r\nHost: {a.netloc}\r\nContent-Length: 0\r\n'
                                  'Connection: close\r\n\r\n'.encode()))
        # All the same, but for the second that it is.
        texts = {b'\n'.join(line for line in r.split(b'\r\n')
                            if not line.startswith(b'Date:'))
                 for r in refusals}
        self.assertEqual(len(texts), 1, texts)
        self.assertIn(b'404', next(iter(texts)))

    def test_addresses(self):
        house, display, session = self.make_live()
        parts = urllib.parse.urlsplit(display.loads[0]['contentUrl'])
        request = (f'GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n'
                   'Connection: close\r\n\r\n').encode()
        self.assertIn(b'#EXTM3U', send(parts.port, request))
        # The token alone is not enough: a neighbour who heard it gets nothing.
        self.assertEqual(send(parts.port, request, source='127.0.0.2'), b'')
        self.assertIn(b'404', send(parts.port, request.replace(b'live', b'life')))
        # I10: both are in the log, whether the worker could tell or not.
        account = house.caller.call('GetAccount', path=session,
                                    interface=f'{houselab.NAME}.Session')
        self.assertEqual(account['foreign-requests'], 2)
        os.kill(house.workers('cast')[0], 9)
        house.wait_end(session)
        entry = houselab.wait_until(
            lambda: [e for e in house.history(kind=dbuslab.Variant('s', 'session'))
                     if e.get('reason')], 'the end in the log')[0]
        self.assertIn('; 2 requests or connections of others were refused',
                      entry['words'])

    def test_smuggled(self):
        _, display, _ = self.make_live()
        parts = urllib.parse.urlsplit(display.loads[0]['contentUrl'])
        inner = (f'GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n')
        for headers in (f'Content-Length: {len(inner)}\r\n',
                        'Transfer-Encoding: chunked\r\n',
                        f'Content-Length: {len(inner)}\r\n'
                        'Transfer-Encoding: chunked\r\n',
                        f'Content-Length: 0\r\nContent-Length: {len(inner)}\r\n',
                        'Transfer-Encoding: xchunked\r\n'):
            said = send(parts.port, (
                f'POST /x HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}\r\n'
                + inner).encode(), timeout_s=1)
            # A request hidden in another's body is none, nor one behind another;
            # and that there was one is not told.
            self.assertEqual(said.count(b'HTTP/1.1 '), 1, headers)
            self.assertTrue(said.startswith(b'HTTP/1.1 404 '), (headers, said))
            self.assertNotIn(b'#EXTM3U', said, headers)

    def test_refusals_tell_nothing(self):
        """What is not there is refused alike, and takes no longer, whatever was wrong:
        neither for who asks, nor of the processor, which is told apart from what else
        the machine does. Kinds are asked in an order by chance, so that this falls on
        all of them alike."""
        house, display, _ = self.make_live()
        worker, = house.workers('cast')
        parts = urllib.parse.urlsplit(display.loads[0]['contentUrl'])
        paths = make_wrong_paths(parts.path[1:33])
        display.app = None  # the requests of a second are not its player's
        waits, costs = ({kind: [] for kind in paths} for _ in range(2))
        said = set()
        for kind in itertools.chain.from_iterable(
                random.sample(list(paths), len(paths))
                for _ in range(N_ROUNDS)):
            before_ns = run_ns(worker)
            wait_ns, answer = time_answer(
                parts, f'GET {paths[kind]} HTTP/1.1\r\nHost: {parts.netloc}'
                '\r\n\r\n'.encode())
            time.sleep(1 / MOST_REQUESTS)
            waits[kind].append(wait_ns)
            costs[kind].append(run_ns(worker) - before_ns)
            said.add(re.sub(rb'Date: [^\r]*', b'', answer))
        self.assertEqual(len(said), 1, said)
        self.assertIn(b'404', next(iter(said)))
        for what, times in (('waited', waits), ('ran', costs)):
            middles = {k: int(statistics.median(t)) for k, t in times.items()}
            print(f'# {what}, ns: {middles}', flush=True)
            for one, other in itertools.combinations(times, 2):
                self.assertGreater(tell_chance(times[one], times[other]),
                                   LEAST_CHANCE, f'{one}, {other}: {middles}')

    def test_rough(self):
        """Megabytes of headers, bytes one by one, and very many connections: the
        display is served all the same, and no memory grows."""
        house, display, _ = self.make_live()
        parts = urllib.parse.urlsplit(display.loads[0]['contentUrl'])
        worker = house.workers('cast')[0]
        said = send(parts.port, b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 170000)
        self.assertNotIn(b'200', said[:16])
        # Nothing is kept of what can't be read.
        for _ in range(N_UNREADABLE):
            send(parts.port, b'GET /' + b'x' * UNREADABLE_BYTES
                 + b' HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n')
        slow = [socket.create_connection((parts.hostname, parts.port))
                for _ in range(4)]
        for one in slow:
            one.sendall(b'GET /')
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = min(2 * N_CONNECTIONS, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
        many = [socket.socket()
                for _ in range(min(N_CONNECTIONS, allowed - N_OTHER_FILES))]
        for one in many:
            one.setblocking(False)
            one.connect_ex((parts.hostname, parts.port))
        n_pieces = len(display.pieces)
        self.wait_pieces(display, n_pieces + 4)
        self.assertLess(houselab.pss_kib(worker), 16 * 1024)
        for one in many:
            one.close()
        # Who never finishes a request is not waited for.
        for one in slow:
            one.settimeout(TIMEOUT_S)
            try:
                self.assertEqual(one.recv(1), b'')
            except ConnectionError:
                pass
            one.close()

    def test_reader_that_stalls(self):
        """It loses pieces; memory stays as it is."""
        house, display, _ = self.make_live()
        parts = urllib.parse.urlsplit(display.loads[0]['contentUrl'])
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((parts.hostname, parts.port))
        slow.sendall(f'GET {parts.path[:34]}live.mp4 HTTP/1.1\r\n'
                     f'Host: {parts.netloc}\r\n\r\n'.encode())
        self.addCleanup(slow.close)
        self.wait_pieces(display, len(display.pieces) + 12)
        self.assertLess(houselab.pss_kib(house.workers('cast')[0]), 16 * 1024)
        self.assertNotIn('stalled', house.words())
        # What the kernel held for it is gone with the connection.
        slow.settimeout(TIMEOUT_S)
        n_bytes = 0
        with self.assertRaises(ConnectionError):
            while more := slow.recv(65536):
                n_bytes += len(more)
        self.assertLess(n_bytes, sum(len(p.body) for _, _, p in display.pieces))

    def test_reader_of_a_byte_a_second(self):
        """It is given up, and the display is served all the same."""
        house, display, _ = self.make_live()
        parts = urllib.parse.urlsplit(display.loads[0]['contentUrl'])
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((parts.hostname, parts.port))
        self.addCleanup(slow.close)
        slow.sendall(f'GET {parts.path[:34]}live.mp4 HTTP/1.1\r\n'
                     f'Host: {parts.netloc}\r\n\r\n'.encode())
        slow.settimeout(TIMEOUT_S)
        n_pieces = len(display.pieces)
        self.wait_pieces(display, n_pieces + 1)
        for _ in range(6):
            slow.recv(1)
            time.sleep(1)
            self.assertLess(houselab.pss_kib(house.workers('cast')[0]),
                            16 * 1024)
        self.wait_pieces(display, n_pieces + 4)
        slow.settimeout(TIMEOUT_S)
        with self.assertRaises(ConnectionError):
            while slow.recv(65536):
                pass

    def test_not_there(self):
        """Pieces that are gone, and that are to come, are not there; who closes at
        any step does no harm."""
        _, display, _ = self.make_live()
        self.wait_pieces(display, 12)
        url = display.loads[0]['contentUrl']
        newest = display.pieces[-1][0]
        self.assertEqual(
            player.fetch(urllib.parse.urljoin(url, f'{newest}.m4s')).status, 200)
        for number in (0, 1, newest + 1000, 2 ** 63, 2 ** 64, 2 ** 64 + newest):
            gone = player.fetch(urllib.parse.urljoin(url, f'{number}.m4s'))
            self.assertEqual((gone.status, gone.body), (404, b''), number)
        parts = urllib.parse.urlsplit(url)
        request = (f'GET {parts.path[:34]}live.mp4 HTTP/1.1\r\n'
                   f'Host: {parts.netloc}\r\n\r\n').encode()
        for n_bytes in (0, 1, 4, len(request) - 1, len(request)):
            for n_read in (0, 1, 4096):
                with socket.create_connection(
                        (parts.hostname, parts.port)) as one:
                    one.sendall(request[:n_bytes])
                    if n_bytes == len(request) and n_read:
                        one.recv(n_read)
        self.wait_pieces(display, len(display.pieces) + 2)

    def test_no_descriptor(self):
        """A worker that has no descriptor for a connection does not spin, and takes
        it when it has one."""
        house, display, _ = self.make_live()
        parts = urllib.parse.urlsplit(display.loads[0]['contentUrl'])
        worker = house.workers('cast')[0]
        before = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        # poll() fails if it is given more descriptors than are allowed.
        resource.prlimit(worker, resource.RLIMIT_NOFILE,
                         (find_free_fd(worker), before[1]))
        with socket.create_connection((parts.hostname, parts.port)) as one:
            used_s, begun = cpu_s(worker), time.monotonic()
            time.sleep(2)
            self.assertLess((cpu_s(worker) - used_s)
                            / (time.monotonic() - begun), SPIN)
            resource.prlimit(worker, resource.RLIMIT_NOFILE, before)
            one.settimeout(houselab.START_TIMEOUT_S)
            one.sendall(f'GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}'
                        '\r\n\r\n'.encode())
            self.assertIn(b'200', one.recv(16))
        self.wait_pieces(display, len(display.pieces) + 2)


@unittest.skipUnless(shutil.which('nginx'), 'nginx is not installed')
class ProxyTest(HttpTest):
    """A cache between that keeps whatever it sees and looks at no header."""

    def start_proxy(self):
        """Where it is."""
        folder = tempfile.TemporaryDirectory(prefix='foyer-proxy-')
        self.addCleanup(folder.cleanup)
        with socket.create_server(('127.0.0.1', 0)) as free:
            port = free.getsockname()[1]
        config = pathlib.Path(folder.name) / 'nginx.conf'
        config.write_text(f'''
daemon off; master_process off; pid {folder.name}/pid;
error_log {folder.name}/errors;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder.name}/body;
  proxy_temp_path {folder.name}/temp;
  proxy_cache_path {folder.name}/cache keys_zone=all:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://$http_host$request_uri;
      proxy_set_header Host $http_host;
      proxy_cache all;
      # Not even the server is part of it.
      proxy_cache_key $uri;
      proxy_cache_methods GET HEAD;
      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary
                           X-Accel-Expires;
      proxy_cache_valid any 10m;
      location ~ m3u8$ {{
        proxy_pass http://$http_host$request_uri;
        proxy_set_header Host $http_host;
        proxy_cache all;
        proxy_cache_key $uri;
        proxy_ignore_headers Cache-Control Expires Set-Cookie Vary
                             X-Accel-Expires;
        proxy_cache_valid any 1s;
        proxy_cache_use_stale error timeout http_404;
      }}
    }}
  }}
}}
''', 'ascii')
        process = subprocess.Popen(
            ['nginx', '-c', config, '-e', f'{folder.name}/errors',
             '-p', folder.name])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def is_there():
            try:
                socket.create_connection(('127.0.0.1', port)).close()
            except OSError:
                return False
            return True
        houselab.wait_until(is_there, 'nginx')
        return '127.0.0.1', port

    def test_cache(self):
        """Sessions each way, judged one by one."""
        proxy = self.start_proxy()
        displays = [self.make_player(f'Screen {i}', proxy=proxy)
                    for i in range(2 * N_PAIRS)]
        house = self.make_house(*displays, rules=[
            (c, d.name) for c in NUMBERS for d in displays])
        shown = collections.Counter()
        for turn in range(2 * N_TURNS):
            cameras = list(NUMBERS) if turn % 2 else list(NUMBERS)[::-1]
            pairs = [(cameras[i % 2], d) for i, d in enumerate(displays)]
            granted_ns = time.monotonic_ns()
            for _, display in pairs:
                display.pieces, display.headers = [], {}
            sessions = [house.cast(c, d.name, **HTTP) for c, d in pairs]
            # On a busy machine the camera may be late when a player begins.
            for session in sessions:
                house.wait_state(session, ['live', 'stalled'], CACHE_TIMEOUT_S)
            for _, display in pairs:
                self.wait_pieces(display, 2)
            for session in sessions:
                house.stop_session(session)
            ended_ns = time.monotonic_ns()
            for camera, display in pairs:
                houselab.wait_until(lambda d=display: d.app is None, 'stopped')
                self.judge(display, camera, granted_ns, ended_ns)
                shown[camera, display.name] += 1
            houselab.wait_until(lambda: not any(
                '/session/' in p for p in house.objects()), 'all are over')
        # Each display had the one camera as often as the other.
        self.assertEqual(set(shown.values()), {N_TURNS})
        self.assertEqual(len(shown), len(NUMBERS) * 2 * N_PAIRS)


if __name__ == '__main__':
    tap.main()
