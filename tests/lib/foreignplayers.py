# SPDX-License-Identifier: LGPL-2.1-or-later
"""Displays that others wrote: the control channel of npm's castv2, and for players
hls.js and Shaka Player in Chromium, ffmpeg, and GStreamer's hlsdemux.

What npm has to bring is fetched by `./check`, once, into BUILD/players."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time

import foyerlab
import houselab
import player

FOLDER = pathlib.Path(__file__).resolve().parents[1] / 'players'
BROWSERS = ('chromium-headless-shell', 'chromium')
MARK = re.compile(r'foyer-mark, readable=\(boolean\)true, '
                  r'camera=\(uint\)(\d+), number=\(guint64\)(\d+), '
                  r'capture-time=\(guint64\)(\d+).*'
                  r'read-time=\(guint64\)(\d+)')
REPORT_S = 0.5
WIDTH_PX, HEIGHT_PX = 640, 360

READ = 'foyermarkread ! fakesink async=false sync'
# Players that are programs: what makes of a URL marks, as gst-launch -m prints them.
LINES = {
    # It shows what it has at once.
    'Ffmpeg': lambda url:
        f'ffmpeg -v error -fflags nobuffer -i {url} -f rawvideo -pix_fmt yuv420p '
        f'-vf scale={WIDTH_PX}:{HEIGHT_PX} - | gst-launch-1.0 -m fdsrc ! '
        f'rawvideoparse format=i420 width={WIDTH_PX} height={HEIGHT_PX} '
        f'framerate=30/1 ! {READ}=false',
    'Hlsdemux': lambda url:
        f'gst-launch-1.0 -m souphttpsrc location={url} ! hlsdemux ! qtdemux ! '
        f'h264parse ! avdec_h264 ! {READ}=true',
}

Shown = collections.namedtuple('Shown', 'camera number capture_ns shown_ns')


def find_problem(build):
    """Why there can be no such displays; None if there can."""
    if not (build / 'players' / 'complete').exists():
        return ('npm has not brought the players: run ./check, or with a network '
                f'npm ci --prefix {build / "players"}')
    missing = [name for name in ('node', 'ffmpeg') if not shutil.which(name)]
    if not any(shutil.which(name) for name in BROWSERS):
        missing.append('chromium')
    return f'not installed: {", ".join(missing)}' if missing else None


def get_told_s(house, session):
    """How late the service says that a session is."""
    account = house.caller.call('GetAccount', path=session,
                                interface=f'{houselab.NAME}.Session')
    return account['delay-us'] / 1e6


class CastDisplay:
    """One display, to whoever casts to it."""

    def __init__(self, name):
        self.name = name
        self.identity = player.Identity()
        self.start = {'ca_file': self.identity.folder / 'device.pem'}
        self.port = None
        self.loads = []     # media and atNs of each LOAD
        self.messages = []  # what came, without its content
        self.shown = []     # Shown, in order
        self.tones = []     # as of lipsync.read_tones()
        self.due = []       # when pictures were captured and due, as frames of it
        self.report = {}    # the last that its player told
        self.ends = []      # reason and atNs of each end of its app
        self.has_page = threading.Event()

    def take(self, event):
        """One thing that the displays' process told of it."""
        if event['event'] == 'listening':
            self.port = event['port']
        elif event['event'] == 'page':
            self.has_page.set()
        elif event['event'] == 'message':
            self.messages.append(event)
        elif event['event'] == 'load':
            self.loads.append(event)
        elif event['event'] == 'app-ended':
            self.ends.append(event)
        elif event['event'] == 'marks':
            self.report = event
            self.shown += [Shown(m['camera'], m['number'], m['captureNs'],
                                 m['shownNs']) for m in event['marks']]
            self.due += [{'capture_ns': m['captureNs'], 'shown_ns': m['dueNs']}
                         for m in event['marks'] if 'dueNs' in m]
            self.tones += event.get('tones', [])

    def delays_s(self, n_newest=0):
        """From a camera to this display's pictures: to all, or to the newest."""
        return sorted((s.shown_ns - s.capture_ns) / 1e9
                      for s in self.shown[-n_newest:])


class Displays:
    """The process of all such displays, and a browser with those players that are
    pages. `kinds`: {name: 'hls' or 'shaka', for a page, or None}; `auths`: how they
    answer who they are, if not as they should: 'silent', 'error', or 'old', with what
    castv2's own schema has."""

    def __init__(self, build, kinds, auths=None):
        self.build = build
        self.kinds = kinds
        self.displays = {name: CastDisplay(name) for name in kinds}
        self.keep = tempfile.TemporaryDirectory(prefix='foyer-players-')
        self.log = open(pathlib.Path(self.keep.name) / 'log', 'w+',
                        encoding='utf-8')
        self.page_port = None
        self.browser = None
        self.others = []
        self.process = subprocess.Popen(
            ['node', '--no-deprecation', FOLDER / 'displays.js',
             build / 'players'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True)
        self.tell([{'name': d.name, 'folder': str(d.identity.folder),
                    'auth': (auths or {}).get(d.name, 'signed')}
                   for d in self.displays.values()])
        threading.Thread(target=self._listen, daemon=True).start()
        houselab.wait_until(
            lambda: self.page_port and all(
                d.port for d in self.displays.values()),
            'the displays listen')

    def __getitem__(self, name):
        return self.displays[name]

    def tell(self, words):
        """A line of JSON to the process."""
        self.process.stdin.write(json.dumps(words) + '\n')
        self.process.stdin.flush()

    def refuse(self, name):
        """Has a display refuse its next LOAD."""
        self.tell({'name': name, 'refuse': True})

    def _listen(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event['event'] == 'serving':
                self.page_port = event['port']
            else:
                self.displays[event['name']].take(event)

    def browse(self):
        """Opens the page; returns when each of its players waits for a LOAD."""
        kinds = {n: k for n, k in self.kinds.items() if k}
        query = '&'.join(f'{n}={k}' for n, k in kinds.items())
        browser = next(name for name in BROWSERS if shutil.which(name))
        self.browser = subprocess.Popen(
            [browser, '--headless', '--no-sandbox', '--disable-gpu',
             '--no-first-run', '--disable-background-networking',
             '--disable-component-update', '--disable-dev-shm-usage',
             '--disable-background-timer-throttling',
             '--autoplay-policy=no-user-gesture-required', '--mute-audio',
             '--remote-debugging-port=0', '--window-size=800,600',
             f'--user-data-dir={self.keep.name}/profile',
             f'http://127.0.0.1:{self.page_port}/?{query}'],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, 'HOME': self.keep.name},
            start_new_session=True)
        for name in kinds:
            if not self.displays[name].has_page.wait(
                    houselab.START_TIMEOUT_S):
                raise TimeoutError(f'no page for {name}: {self.words()}')

    def play_here(self, name, line):
        """Has a program be the player of a display: `line` makes of a URL its
        command, which prints marks as gst-launch -m does."""
        display = self.displays[name]

        def play():
            houselab.wait_until(lambda: display.loads, 'a LOAD', 60)
            url = display.loads[0]['media']['contentUrl']
            process = subprocess.Popen(
                ['sh', '-c', line(url)], stdout=subprocess.PIPE,
                stderr=self.log, text=True, start_new_session=True,
                env=foyerlab.environment(self.build))
            self.others.append(process)
            self._report(display, process)
        threading.Thread(target=play, daemon=True).start()

    def _report(self, display, process):
        told = 0
        begun = time.monotonic()
        for line in process.stdout:
            if not (match := MARK.search(line)):
                continue
            display.shown.append(Shown(*(int(w) for w in match.groups())))
            now = time.monotonic()
            if now - told < REPORT_S:
                continue
            told = now
            try:
                self.tell({'name': display.name, 'report': {
                    'state': 'PLAYING', 'position': now - begun}})
            except (OSError, ValueError):
                return

    def words(self):
        """What they complained of."""
        self.log.flush()
        return pathlib.Path(self.log.name).read_text('utf-8')[-4000:]

    def stop(self):
        """Ends all of it."""
        for process in [*self.others, self.browser]:
            if process is None:
                continue
            # Those that it started are in its session.
            try:
                os.killpg(process.pid, 9)
            except ProcessLookupError:
                pass
            process.wait()
            if process.stdout:
                process.stdout.close()
        self.process.stdin.close()
        try:
            self.process.wait(foyerlab.STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.keep.cleanup()
