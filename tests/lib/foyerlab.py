# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cameras, casts and displays as processes, and the judge of what they show.

The demo, the integration tests and the benches stand on it. A camera is the
beginning of a gst-launch line that ends in foyermark; a display is a
foyer-display that tells of every frame it decodes; the judge compares the mark
in each picture with the one camera that was granted to that display."""

import fcntl
import glob
import collections
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time

TARGET_DELAY_MS = 400
STALE_SLACK_MS = 100
# Of so many pictures shown one may be unreadable: the mark's promise. What can't
# be read can't be said to be the granted camera's.
SHOWN_PER_UNREADABLE = 1000
# A slate stands where the newest frame was older than the grant's bound, a
# second; what it stands for may have left late.
SLATE_MS = 500
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
SNAPSHOT_TIMEOUT_S = 30
NS_PER_MS = 1_000_000

WIDTH_PX, HEIGHT_PX, FPS = 1280, 720, 30
DRAWN_WIDTH_PX, DRAWN_HEIGHT_PX = 320, 180


class Camera:
    """A camera: its name, the id in its mark, and what gst-launch makes of
    it."""

    def __init__(self, name, number, source):
        self.name = name
        self.number = number
        self.source = source

    def pipeline(self):
        """Raw pictures with the mark, as gst-launch words."""
        return self.source + ['!', 'foyermark', f'camera={self.number}']


# Lets a slow rest of a pipeline have the newest pictures and no backlog: a
# camera drops what nobody takes, but videotestsrc makes up for all it missed.
NEWEST = ['queue', 'leaky=downstream', 'max-size-buffers=2',
          'max-size-bytes=0', 'max-size-time=0']


def drawn_camera(name, number, pattern):
    """A moving scene with its name and the time of day."""
    rate = f'framerate={FPS}/1'
    return Camera(name, number, [
        'videotestsrc', 'is-live=true', *pattern,
        '!', f'video/x-raw,format=I420,width={DRAWN_WIDTH_PX},'
             f'height={DRAWN_HEIGHT_PX},{rate}', '!', *NEWEST, '!', 'videoscale',
        '!', f'video/x-raw,width={WIDTH_PX},height={HEIGHT_PX},{rate}',
        '!', 'textoverlay', f'text={name}', 'font-desc=Sans 40',
        'valignment=bottom', 'halignment=left',
        '!', 'clockoverlay', 'font-desc=Sans 24', 'valignment=bottom',
        'halignment=right'])


def drawn_cameras():
    """The two that every machine has: a ball that swings in a warm room, and
    the light of something that passes by at night. Drawn small, since at full
    size some patterns take longer than a frame lasts."""
    return [
        drawn_camera('Nursery', 1, [
            'pattern=ball', 'motion=sweep', 'animation-mode=frames',
            'background-color=0xffe8c9b0', 'foreground-color=0xffa03c5a']),
        drawn_camera('Porch', 2, [
            'pattern=bar', 'horizontal-speed=6',
            'background-color=0xff14304a', 'foreground-color=0xff5a9bb0']),
    ]


# linux/videodev2.h
VIDIOC_QUERYCAP = 0x80685600
CAPABILITY = struct.Struct('=16s32s32sII12x')
V4L2_CAP_VIDEO_CAPTURE = 0x00000001
V4L2_CAP_DEVICE_CAPS = 0x80000000


def query_camera(path):
    """The name of a capture node; None if it is none."""
    try:
        node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        answer = bytearray(104)
        fcntl.ioctl(node, VIDIOC_QUERYCAP, answer)
    except OSError:
        return None
    finally:
        os.close(node)
    _, card, _, _, capabilities = CAPABILITY.unpack_from(answer)
    if capabilities & V4L2_CAP_DEVICE_CAPS:
        capabilities = struct.unpack_from('=I', answer, 88)[0]
    if not capabilities & V4L2_CAP_VIDEO_CAPTURE:
        return None
    return card.split(b'\0')[0].decode('utf-8', 'replace') or path


def real_cameras():
    """The cameras of this machine. The mark is painted as soon as a picture is
    in memory, so its time is that of capture but for exposure and transfer."""
    cameras = []
    for path in sorted(glob.glob('/dev/video*')):
        name = query_camera(path)
        if name is None:
            continue
        cameras.append(Camera(name, len(cameras) + 1, [
            'v4l2src', f'device={path}', '!', 'decodebin', '!',
            'videoconvert', '!', 'video/x-raw,format=I420']))
    return cameras


# Their libraries, by either compiler.
SANITIZERS = {'address': r'lib\S*asan\S*', 'thread': r'lib\S*tsan\S*'}


def find_sanitizer(build):
    """Which one a build has in it that programs must bring along; None for none."""
    options = json.loads(
        (build / 'meson-info' / 'intro-buildoptions.json').read_text('utf-8'))
    value = next(o['value'] for o in options if o['name'] == 'b_sanitize')
    return next((name for name in SANITIZERS if name in value), None)


def is_sanitized(build):
    """Whether the plugin needs a sanitizer around it."""
    return find_sanitizer(build) is not None


def sanitizer_environment(build, name):
    """What programs that know nothing of a sanitizer need to have it: its library.
    They are not asked about leaks of their own."""
    run = subprocess.run(['ldd', build / 'plugins' / 'libgstfoyer.so'],
                         capture_output=True, text=True, check=True)
    library = re.search(rf'{SANITIZERS[name]} => (\S+)', run.stdout)[1]
    if name == 'address':
        return {'LD_PRELOAD': library, 'ASAN_OPTIONS': 'detect_leaks=0',
                'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1'}
    order = build / 'tests' / 'attack' / 'libfoyer-thread-order.so'
    return {'LD_PRELOAD': f'{library}:{order}',
            'TSAN_OPTIONS': 'ignore_noninstrumented_modules=1:history_size=4'}


REGISTRY = None  # another one than the build's


def environment(build):
    """Where the elements of a build are found. Its own registry: nobody else's
    is touched."""
    env = dict(os.environ)
    env['GST_PLUGIN_PATH_1_0'] = str(build / 'plugins')
    env['GST_REGISTRY'] = str(REGISTRY or build / 'gst-registry-lab.bin')
    sanitizer = find_sanitizer(build)
    if sanitizer is not None:
        env.update(sanitizer_environment(build, sanitizer))
    return env


def plugin_files():
    """The plugins that came with GStreamer."""
    run = subprocess.run(
        ['pkg-config', '--variable=pluginsdir', 'gstreamer-1.0'],
        capture_output=True, text=True, check=True)
    return sorted(pathlib.Path(run.stdout.strip()).glob('*.so'))


def link_plugins(folder, names):
    """Links those plugins alone into a folder, for GST_PLUGIN_SYSTEM_PATH_1_0: who
    finds few reads of few when he starts."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in plugin_files():
        link = folder / path.name
        if path.stem.removeprefix('libgst') in names and not link.exists():
            link.symlink_to(path)
    return folder


def fill_registry(build):
    """Scans the plugins once, before processes that would all do it."""
    subprocess.run(['gst-inspect-1.0', 'foyercastsink'],
                   env=environment(build), check=True,
                   stdout=subprocess.DEVNULL)


SCANNED = set()  # registries of this process's


def scan_plugins(env):
    """The same in any environment: a camera's process has ten seconds until there
    must be a picture, and scanning may take longer."""
    if env['GST_REGISTRY'] not in SCANNED:
        SCANNED.add(env['GST_REGISTRY'])
        subprocess.run(['gst-inspect-1.0', 'foyercastsink'], env=env,
                       check=False, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)


def stop_process(process, number=signal.SIGINT):
    """Ends a process as a person would; kills it if it does not listen."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return process.returncode


STOCK = []  # folders with credentials of displays, each for one


def take_credentials(folder):
    """Has a display begin with credentials of the stock, if there are any left. Else it
    makes its own: three RSA keys, which take an emulated processor seconds."""
    if STOCK:
        shutil.copytree(STOCK.pop(), folder)


class Display:
    """A foyer-display and what it tells."""

    def __init__(self, build, name, folder=None, address=None, drop_percent=0,
                 inside=(), options=()):
        self.name = name
        self.keep = tempfile.TemporaryDirectory(prefix='foyer-display-')
        self.folder = pathlib.Path(folder or self.keep.name)
        self.snapshot = pathlib.Path(self.keep.name) / 'shown.png'
        self.frames_path = pathlib.Path(self.keep.name) / 'frames.jsonl'
        self.credentials = pathlib.Path(self.keep.name) / 'credentials'
        take_credentials(self.credentials)
        line = [*inside, build / 'daemon' / 'display' / 'foyer-display',
                '--headless', '--json', '--name', name, '--port', '0',
                '--credentials', self.credentials,
                '--snapshot', self.snapshot, '--frames', self.frames_path,
                *options]
        if address:
            line += ['--address', address]
        if drop_percent:
            line += ['--drop', str(drop_percent)]
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(
            [str(word) for word in line], env=environment(build), text=True,
            stdout=subprocess.PIPE, stderr=self.log)
        self.told = queue.SimpleQueue()
        self.frames = []
        self.figures = {}
        self.events = collections.Counter()
        self._rest = ''
        self._at = 0
        threading.Thread(target=self._listen, daemon=True).start()
        self.start = self._first_line()

    def _listen(self):
        """Hands on what the display says; None once it has ended."""
        for line in self.process.stdout:
            try:
                self.told.put(json.loads(line))
            except ValueError:
                pass
        self.told.put(None)

    def _first_line(self):
        try:
            line = self.told.get(timeout=START_TIMEOUT_S)
        except queue.Empty:
            line = None
        if line is None or 'port' not in line:
            stop_process(self.process, signal.SIGKILL)
            raise RuntimeError(f'{self.name} did not start: {self.words()}')
        return line

    @property
    def port(self):
        """TCP port it listens on."""
        return self.start['port']

    def words(self):
        """What it complained of."""
        self.log.seek(0)
        return self.log.read().strip()

    def read(self):
        """Takes in what came since; the new frames."""
        while True:
            try:
                line = self.told.get_nowait()
            except queue.Empty:
                break
            if line is not None:
                self.figures.update(line)
                self.events[line.get('event')] += 1
        if not self.frames_path.exists():
            return []
        with open(self.frames_path, encoding='utf-8') as frames:
            frames.seek(self._at)
            text = self._rest + frames.read()
            self._at = frames.tell()
        lines = text.split('\n')
        self._rest = lines.pop()
        new = [json.loads(line) for line in lines]
        self.frames += new
        return new

    def is_over(self):
        """Whether every session that began there is over."""
        self.read()
        return (self.events['session-started'] ==
                self.events['session-ended'])

    def take_snapshot(self, timeout_s=SNAPSHOT_TIMEOUT_S):
        """Writes what it shows now into its folder; the path, or None."""
        path = self.folder / f'{self.name.replace("/", "-")}.png'
        path.unlink(missing_ok=True)
        self.snapshot.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        until = time.monotonic() + timeout_s
        while time.monotonic() < until and self.process.poll() is None:
            # It is written under another name and renamed.
            if self.snapshot.exists():
                return pathlib.Path(shutil.copyfile(self.snapshot, path))
            time.sleep(0.02)
        return None

    def stop(self):
        """Ends it; its exit status."""
        status = stop_process(self.process, signal.SIGTERM)
        self.read()
        self.log.close()
        self.keep.cleanup()
        return status


class CrowdDisplay:
    """One display of a crowd, to whoever casts to it."""

    def __init__(self, name, port, ca_file, fingerprint):
        self.name = name
        self.port = port
        self.start = {'ca_file': ca_file, 'port': port,
                      'fingerprint': fingerprint}


class Crowd:
    """A foyer-crowd: many displays in one process, and what it tells."""

    def __init__(self, build, n_displays=1, names=None, credentials=None,
                 frames=None, options=(), inside=()):
        self.keep = tempfile.TemporaryDirectory(prefix='foyer-crowd-')
        self.frames_path = pathlib.Path(
            frames or pathlib.Path(self.keep.name) / 'frames.jsonl')
        self.log = tempfile.TemporaryFile('w+')
        line = [*inside, build / 'tests' / 'lib' / 'foyer-crowd',
                '--displays', n_displays, '--credentials',
                credentials or pathlib.Path(self.keep.name) / 'credentials',
                *options]
        if frames:
            line += ['--frames', self.frames_path]
        self.process = subprocess.Popen(
            [str(word) for word in line], env=environment(build), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self._at = 0
        start = self._answer()
        names = names or [f'Screen {i}' for i in range(n_displays)]
        self.displays = [
            CrowdDisplay(name, d['port'], start['ca_file'], d['fingerprint'])
            for name, d in zip(names, start['displays'])]

    def _answer(self):
        text = self.process.stdout.readline()
        if not text:
            self.process.wait()
            self.log.seek(0)
            raise RuntimeError(f'foyer-crowd ended: {self.log.read()}')
        return json.loads(text)

    def tell(self, command):
        """Has it do something; what it answers."""
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()
        return self._answer()

    def counts(self):
        """What came to each display since the beginning."""
        return self.tell('counts')['displays']

    def after(self, number, moment_ns):
        """What came to a display after a moment of CLOCK_MONOTONIC: bytes of
        camera pictures, of slates, and of frames that did not come whole."""
        return self.tell(f'after {number} {moment_ns}')

    def drop(self, percent):
        """Datagrams to lose in each direction from now on."""
        self.tell(f'drop {percent}')

    def read(self):
        """New lines of its frames, which it must have been told to write."""
        if not self.frames_path.exists():
            return []
        with open(self.frames_path, encoding='utf-8') as frames:
            frames.seek(self._at)
            text = frames.read()
        end = text.rfind('\n') + 1
        self._at += len(text[:end].encode())
        return [json.loads(line) for line in text[:end].splitlines()]

    def stop(self):
        """Ends it; its exit status."""
        if self.process.poll() is None:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
        self.keep.cleanup()
        return self.process.returncode


class Cast:
    """One camera on its way to one display, by gst-launch-1.0."""

    def __init__(self, build, camera, display, host='127.0.0.1', inside=(),
                 options=(), queue=NEWEST):
        sink = ['foyercastsink', 'name=cast', f'host={host}',
                f'port={display.port}', f'target-delay={TARGET_DELAY_MS}',
                f'ca-file={display.start["ca_file"]}', 'auth=device-auth']
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(
            [*inside, 'gst-launch-1.0', '-m', *camera.pipeline(), '!',
             *([*queue, '!'] if queue else []), *sink, *options],
            env=environment(build), stdout=self.log, stderr=subprocess.STDOUT,
            text=True)
        self.is_stopped = False
        self.early_status = None

    def words(self):
        """What it said, its bus messages included."""
        self.log.seek(0)
        return self.log.read().strip()

    def errors(self):
        """The lines of its words that tell of failure; if there is none, that it
        ended before it was stopped."""
        errors = [line for line in self.words().splitlines()
                  if 'ERROR: from element' in line]
        if not errors and self.early_status is not None:
            errors.append(f'gst-launch-1.0 ended by itself, with status '
                          f'{self.early_status}')
        return errors

    def stop(self):
        """Ends it as Ctrl-C would; its exit status."""
        if not self.is_stopped:
            self.early_status = self.process.poll()
        self.is_stopped = True
        return stop_process(self.process)


def percentile(values, percent):
    """The value that this share of values does not exceed; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def is_shown(frame):
    """Whether a person could have seen it."""
    return frame.get('shown_ns') is not None


def age_ms(frame, moment):
    """From capture to `moment` (complete_ns, decoded_ns, shown_ns)."""
    return (frame[moment] - frame['capture_ns']) / NS_PER_MS


def is_slate(before, after):
    """Whether a picture without a mark, between two with one, stands where
    nothing fresh was: at the beginning, at the end, or in a gap."""
    return before is None or after is None or \
        after['capture_ns'] - before['capture_ns'] >= SLATE_MS * NS_PER_MS


def drop_slates(frames):
    """Frames without those that can only be slates."""
    kept, before = [], None
    for i, frame in enumerate(frames):
        if frame['readable']:
            before = frame
        else:
            after = next((f for f in frames[i:] if f['readable']), None)
            if is_slate(before, after):
                continue
        kept.append(frame)
    return kept


class Stalls:
    """How long the machine stood still, or let programs wait, since this was made:
    as a thread notices that does nothing but sleep. A bound on how old something may
    be allows for that, so that it accuses what is tried and not the machine."""
    STEP_S = 0.02
    SHORT_MS = 100  # not worth to be noticed by itself

    def __init__(self):
        self.longest_ms = 0.0
        self._spans = []  # (begin, end) of each that was not short, in ns
        self._is_over = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self):
        before_ns = time.monotonic_ns()
        while not self._is_over.wait(self.STEP_S):
            now_ns = time.monotonic_ns()
            late_ms = (now_ns - before_ns) / NS_PER_MS - self.STEP_S * 1000
            if late_ms > self.SHORT_MS:
                self._spans.append((before_ns, now_ns))
            self.longest_ms = max(self.longest_ms, late_ms)
            before_ns = now_ns

    def touches(self, begin_ns, end_ns):
        """Whether there was one between two moments."""
        return any(begin <= end_ns and begin_ns <= end
                   for begin, end in list(self._spans))

    def stop(self):
        """Looks no more."""
        self._is_over.set()


def judge(frames, camera, target_delay_ms=TARGET_DELAY_MS, has_slates=False,
          slack_ms=0):
    """What a display showed, held against what it was granted: the one camera,
    fresh, in order. A foreign frame counts even if it was only decoded. With
    slates, a picture without a mark may stand where nothing fresh was. What is shown
    may be so much later as the machine stood still. Returns figures; `ok` only if there is nothing else."""
    if has_slates:
        frames = drop_slates(frames)
    shown = [f for f in frames if is_shown(f)]
    readable = [f for f in shown if f['readable']]
    foreign = [f for f in frames if f['readable'] and f['camera'] != camera]
    own = [f for f in readable if f['camera'] == camera]
    limit_ms = target_delay_ms + STALE_SLACK_MS + slack_ms
    stale = [f for f in own if age_ms(f, 'shown_ns') > limit_ms]
    unordered = sum(1 for a, b in zip(own, own[1:])
                    if b['number'] <= a['number'])
    delays = [age_ms(f, 'complete_ns') for f in own]
    n_unreadable = len(shown) - len(readable)
    return {
        'shown': len(shown),
        'unreadable': n_unreadable,
        'foreign': len(foreign),
        'stale': len(stale),
        'unordered': unordered,
        'delay_p50_ms': percentile(delays, 50),
        'delay_p99_ms': percentile(delays, 99),
        'age_max_ms': max((age_ms(f, 'shown_ns') for f in own), default=None),
        'ok': bool(own) and not foreign and not stale and not unordered
              and n_unreadable * SHOWN_PER_UNREADABLE <= len(shown),
    }
