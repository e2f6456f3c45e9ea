#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyer-display as a media receiver: what foyerd casts to it over HTTP, over a
network too, and what VLC does."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import netlab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
HTTP = {'transport': dbuslab.Variant('s', 'http'),
        'max-age-ms': dbuslab.Variant('u', 1500)}
CLEAR = {'allow-clear': dbuslab.Variant('b', True)}
NURSERY = 1
# By number: a small machine has no /etc/protocols.
TCP = '6'
N_PICTURES = 40
# Between what is said of a delay and what it is.
TOLD_S = 1.0
SLATE_S = 1.0
VLC_CAMERA = 7
VLC_FRAMES = 150
NO_HLS = 'GST_PLUGIN_FEATURE_RANK=hlsdemux:NONE,hlsdemux2:NONE'


class MediaTest(unittest.TestCase):
    """What the cases share."""

    def make_display(self, name='Kitchen', **options):
        """A display that runs."""
        display = foyerlab.Display(BUILD, name, **options)
        self.addCleanup(display.stop)
        return display

    def make_house(self, display, **options):
        """A house in which the nursery may be shown on it."""
        house = houselab.House(BUILD, displays=[display], **options)
        self.addCleanup(house.stop)
        house.start()
        house.bring(display)
        house.allow('Nursery', display.name, **CLEAR)
        return house

    def wait_event(self, display, event, n_times=1):
        """Until a display said so, so often."""
        def is_said():
            display.read()
            return display.events[event] >= n_times
        houselab.wait_until(is_said, f'{event}: {display.events}')

    def wait_over(self, display, n_failed=0):
        """Until it is off the picture: told to stop or, if that took longer, because
        its server had gone; so many were failures before."""
        def is_over():
            display.read()
            return (display.events['media-ended'] +
                    display.events['media-failed']) > n_failed
        houselab.wait_until(is_over, 'the display is off the picture')

    def wait_marks(self, display, n_frames):
        """Until it showed so many more of a camera."""
        display.read()
        wanted = len(marked(display)) + n_frames

        def is_shown():
            display.read()
            return len(marked(display)) >= wanted
        houselab.wait_until(is_shown, f'{len(marked(display))} marks')

    def judge(self, display, granted_ns, ended_ns):
        """I1 to I4, of all that it showed."""
        frames = marked(display)
        numbers = [f['number'] for f in frames]
        self.assertEqual({f['camera'] for f in frames}, {NURSERY})
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertGreaterEqual(min(f['capture_ns'] for f in frames),
                                granted_ns)
        self.assertLess(max(f['capture_ns'] for f in frames), ended_ns)


def marked(display):
    """Pictures of a camera that a display showed."""
    return [f for f in display.frames if f['readable'] and f['shown_ns']]


class CastTest(MediaTest):
    """On this machine."""

    def test_cast(self):
        """Pictures, a slate while the camera says nothing, pictures; then the end:
        the display is off the picture, and nothing can be fetched."""
        display = self.make_display()
        house = self.make_house(display)
        slate = display.take_snapshot().read_bytes()
        granted_ns = time.monotonic_ns()
        session = house.cast('Nursery', 'Kitchen', **HTTP)
        house.wait_state(session, ['live'])
        self.wait_event(display, 'media-playing')
        self.wait_marks(display, N_PICTURES)
        delays_s = [(f['shown_ns'] - f['capture_ns']) / 1e9
                    for f in marked(display)]
        account = house.caller.call('GetAccount', path=session,
                                    interface=f'{houselab.NAME}.Session')
        # Between two of them a machine may have stood still.
        self.assertGreater(account['delay-us'] / 1e6, min(delays_s) - TOLD_S)
        self.assertLess(account['delay-us'] / 1e6, max(delays_s) + TOLD_S)
        self.check_slate(house, display, session)
        url = self.find_url(house)
        house.stop_session(session)
        ended_ns = time.monotonic_ns()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(url)
        self.wait_over(display)
        self.assertEqual(display.take_snapshot().read_bytes(), slate)
        self.judge(display, granted_ns, ended_ns)

    def find_url(self, house):
        """Where the session's worker listens."""
        worker = house.workers('cast')[0]
        inodes = {os.readlink(f'/proc/{worker}/fd/{fd}')[8:-1]
                  for fd in os.listdir(f'/proc/{worker}/fd')
                  if os.readlink(f'/proc/{worker}/fd/{fd}').startswith(
                      'socket:')}
        for line in pathlib.Path('/proc/net/tcp').read_text('ascii').split(
                '\n')[1:]:
            words = line.split()
            if words and words[3] == '0A' and words[9] in inodes:
                return '127.0.0.1', int(words[1].split(':')[1], 16)
        raise LookupError('no socket that listens')

    def check_slate(self, house, display, session):
        """What is shown while there is nothing fresh, and after that."""
        camera = house.workers('camera')[0]
        os.kill(camera, signal.SIGSTOP)
        self.addCleanup(continue_process, camera)
        house.wait_state(session, ['stalled'])
        n_frames = len(display.frames)

        def is_slate():
            display.read()
            return any(f['readable'] is False and f['shown_ns']
                       for f in display.frames[n_frames:])
        # A camera that says nothing for five seconds has failed.
        try:
            houselab.wait_until(is_slate, '', SLATE_S)
        except TimeoutError:
            pass
        os.kill(camera, signal.SIGCONT)
        house.wait_state(session, ['live'])
        houselab.wait_until(is_slate, 'a slate')
        self.wait_marks(display, N_PICTURES)

    def test_auto(self):
        """A display that can be streamed to is, whatever the rules allow."""
        display = self.make_display()
        house = self.make_house(display)
        run = house.ctl('cast', 'Nursery', 'Kitchen')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotIn('encrypted', run.stdout)
        self.assertEqual(house.get(house.find_session(), 'Session',
                                   'Transport'), 'streaming')

    def test_other_form(self):
        """A display that can't be streamed to, nor play a playlist, says so, and gets
        one file."""
        display = self.make_display(inside=['env', NO_HLS],
                                    options=['--without-mirroring'])
        house = self.make_house(display)
        granted_ns = time.monotonic_ns()
        run = house.ctl('cast', 'Nursery', 'Kitchen')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r'not encrypted.* \d+\.\d s late')
        session = house.find_session()
        self.assertEqual(house.get(session, 'Session', 'Transport'), 'http')
        self.wait_marks(display, N_PICTURES)
        self.assertEqual(display.events['media-failed'], 1)
        house.stop_session(session)
        self.judge(display, granted_ns, time.monotonic_ns())
        self.wait_over(display, n_failed=1)


def continue_process(pid):
    """If it is still there."""
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass


@unittest.skipIf(netlab.why_not(), netlab.why_not())
class NetworkTest(MediaTest):
    """Over a network that this test can take away."""

    def setUp(self):
        self.link = netlab.LossyLink(BUILD).__enter__()
        self.addCleanup(self.link.__exit__)
        here, there = self.link.ADDRESSES
        self.here = here
        self.display = self.make_display(inside=self.link.inside(1),
                                         address=there)
        self.house = self.make_house(self.display, inside=self.link.inside(0),
                                     host=there)

    def begin(self):
        """A session that is live."""
        session = self.house.cast('Nursery', 'Kitchen', **HTTP)
        self.house.wait_state(session, ['live'])
        self.wait_marks(self.display, N_PICTURES)
        return session

    def silence(self, side, port):
        """Nothing leaves a side from a port any more."""
        rule = ['ip', '-n', self.link.names[side], 'rule']
        subprocess.run([*rule, 'add', 'pref', '1', 'ipproto', TCP, 'sport',
                        str(port), 'blackhole'], check=True)

    def find_port(self):
        """Where the session's worker listens."""
        listing = subprocess.run(
            [*self.link.inside(0), 'ss', '-Hltn'], text=True, check=True,
            capture_output=True).stdout
        return next(int(line.split()[3].rsplit(':', 1)[1])
                    for line in listing.splitlines())

    def test_stall(self):
        """A player that stands still is loaded anew, at the end of what is live."""
        self.begin()
        n_loads = self.display.events['media-loading']
        self.silence(0, self.find_port())
        silent_ns = time.monotonic_ns()
        self.wait_event(self.display, 'media-loading', n_loads + 1)
        subprocess.run(['ip', '-n', self.link.names[0], 'rule', 'del', 'pref',
                        '1'], check=True)
        self.wait_marks(self.display, N_PICTURES)
        first = next(f for f in marked(self.display) if f['session'] == 2)
        self.assertGreater(first['capture_ns'], silent_ns)

    def ask(self, path):
        """An answer to the machine that has the display's address now; None once
        the port is closed."""
        run = subprocess.run(
            [*self.link.inside(1), sys.executable, '-c', ASK, self.here,
             str(self.port), path], text=True, capture_output=True, check=False,
            timeout=30)
        return run.stdout.strip() or None

    def test_address_taken_over(self):
        """Another machine has the display's address: it has no token, and is told
        nothing; the TLS connection says nothing either, which ends the session."""
        session = self.begin()
        self.port = self.find_port()
        self.assertEqual(self.ask('/' + '0' * 32 + '/live.m3u8'), '404')
        self.silence(1, self.display.port)
        self.assertEqual(self.ask('/' + '0' * 32 + '/live.m3u8'), '404')
        self.assertEqual(self.house.wait_end(session)[0], 'display-lost')
        self.assertIsNone(self.ask('/' + '0' * 32 + '/live.m3u8'))


ASK = '''
import http.client, sys
address, port, path = sys.argv[1:]
connection = http.client.HTTPConnection(address, int(port), timeout=5)
try:
    connection.request('GET', path)
    print(connection.getresponse().status)
except OSError:
    pass
'''


@unittest.skipUnless(shutil.which('cvlc'), 'VLC is not installed')
class VlcTest(MediaTest):
    """A sender that others wrote. It asks for device authentication, and does not
    look at what the answer says."""

    def test_film(self):
        """What it casts is shown, to the end."""
        display = self.make_display()
        with tempfile.TemporaryDirectory(prefix='foyer-vlc-') as folder:
            os.chmod(folder, 0o777)
            film = pathlib.Path(folder) / 'film.mkv'
            subprocess.run(
                ['gst-launch-1.0', '-q', 'videotestsrc',
                 f'num-buffers={VLC_FRAMES}', '!',
                 'video/x-raw,width=320,height=180,framerate=30/1', '!',
                 'foyermark', f'camera={VLC_CAMERA}', '!', 'x264enc',
                 'tune=zerolatency', 'key-int-max=30', '!',
                 'video/x-h264,profile=baseline', '!', 'h264parse', '!',
                 'matroskamux', '!', 'filesink', f'location={film}'],
                env=foyerlab.environment(BUILD), check=True)
            with socket.create_server(('127.0.0.1', 0)) as free:
                port = free.getsockname()[1]
            # It does not run as root.
            user = (['setpriv', '--reuid', 'nobody', '--clear-groups']
                    if os.geteuid() == 0 else [])
            with open(pathlib.Path(folder) / 'log', 'w+',
                      encoding='utf-8') as log:
                vlc = subprocess.Popen(
                    [*user, 'cvlc', '--no-interact', '--play-and-exit',
                     f'--sout-chromecast-http-port={port}', '--sout',
                     f'#chromecast{{ip=127.0.0.1,port={display.port},audio=0}}',
                     '--demux-filter', 'demux_chromecast', film],
                    env={**os.environ, 'HOME': folder}, stdout=log, stderr=log)
                self.addCleanup(foyerlab.stop_process, vlc, signal.SIGKILL)
                self.wait_event(display, 'media-ended')
        display.read()
        numbers = [f['number'] for f in marked(display)]
        self.assertEqual({f['camera'] for f in marked(display)}, {VLC_CAMERA})
        self.assertEqual(numbers, sorted(set(numbers)))
        # Its end may be cut off where VLC leaves before the player is through.
        self.assertGreater(len(numbers), VLC_FRAMES / 2)


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
