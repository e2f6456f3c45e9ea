# SPDX-License-Identifier: LGPL-2.1-or-later
"""What cases in the guest stand on: drivers, cameras and nodes. Runs as root
in the guest and nowhere else."""

import contextlib
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'lib'))
import foyerlab  # noqa: E402
import tap  # noqa: E402
from dbuslab import MEMBER, WHEN  # noqa: E402,F401

BUILD = pathlib.Path(os.environ['FOYER_BUILD'])
# Filled outside (run_vm.py).
foyerlab.REGISTRY = os.environ['GST_REGISTRY']
foyerlab.SCANNED.add(foyerlab.REGISTRY)
foyerlab.STOCK += pathlib.Path(os.environ['FOYER_VM_CREDENTIALS']).iterdir()
GENERATION = os.environ.get('FOYER_LOOPBACK', '-')
MODULE = os.environ.get('FOYER_LOOPBACK_MODULE', '-')
NODE_TOOL = BUILD / 'tests' / 'vm' / 'foyer-node-tool'
USB_CAMERA = BUILD / 'tests' / 'vm' / 'foyer-usb-camera'
# Of a busy host, without acceleration.
TIMEOUT_S = 30
# A pipeline: its plugins have to be read first.
PIPELINE_TIMEOUT_S = 3 * TIMEOUT_S
LOOK_EVERY_S = 0.05
MAX_LINES = 40  # of one process, in what is said of a failure
SYS_HOST = pathlib.Path('/sys/devices/platform/vhci_hcd.0')
WARM = pathlib.Path('/run/warm')
SYS_NODES = pathlib.Path('/sys/class/video4linux')


def main():
    """Runs the cases of the program itself."""
    tap.main()


def wait_until(true, timeout_s=TIMEOUT_S):
    """Looks until true() is; what it gave, or AssertionError."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        value = true()
        if value:
            return value
        time.sleep(LOOK_EVERY_S)
    raise AssertionError(f'{timeout_s} s passed without {true.__name__}')


def run(*line, timeout_s=TIMEOUT_S, **options):
    """A program and what it said, both streams together."""
    return subprocess.run([str(word) for word in line], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout_s, stdin=subprocess.DEVNULL,
                          **options)


def load(name, *options):
    """Loads a module by name."""
    said = run('modprobe', name, *options)
    if said.returncode != 0:
        raise RuntimeError(f'modprobe {name}: {said.stdout}')


def find_nodes(label):
    """The capture nodes whose card is called so, in the order of their
    numbers; only those that udev is done with."""
    found = []
    for folder in SYS_NODES.glob('video*'):
        with contextlib.suppress(OSError):
            if (folder / 'name').read_text('utf-8').startswith(label):
                found.append(f'/dev/{folder.name}')
    found = [n for n in found if foyerlab.query_camera(n)]
    return sorted(found, key=lambda n: int(n.removeprefix('/dev/video')))


def properties(node):
    """What udev says of a node, once it has spoken."""
    def told():
        said = run('udevadm', 'info', '--query=property', node).stdout
        lines = dict(line.split('=', 1) for line in said.splitlines()
                     if '=' in line)
        return lines if 'ID_V4L_CAPABILITIES' in lines else None
    return wait_until(told)


class Talker:
    """A process that tells lines on standard output. `when` is when the line
    that was expected last came."""

    def __init__(self, *line):
        self.process = subprocess.Popen(
            [str(word) for word in line], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=sys.stderr, text=True, bufsize=1)
        self.lines = []
        self.when = 0.0
        self.new = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.new.put((line.strip(), time.monotonic()))
        self.new.put((None, 0.0))

    def expect(self, pattern, timeout_s=TIMEOUT_S):
        """Reads on to a line that matches; the match."""
        until = time.monotonic() + timeout_s
        while True:
            try:
                line, self.when = self.new.get(
                    timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f'no "{pattern}" after '
                                     f'{self.lines[-MAX_LINES:]}')
            self.lines.append(line)
            match = re.search(pattern, line)
            if match:
                return match

    def catch_up(self):
        """Takes in what it has said by now; all lines so far."""
        while not self.new.empty():
            line, _ = self.new.get()
            if line is not None:
                self.lines.append(line)
        return self.lines

    def forget(self):
        """From now on only what it says next counts."""
        self.catch_up()
        self.lines.clear()

    def say(self, line):
        """Commands it."""
        self.process.stdin.write(line + '\n')

    def end(self):
        """Closes its input and waits; its status."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        return self.process.wait(TIMEOUT_S)

    def kill(self):
        """Gives it no time for anything."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class UsbCamera(Talker):
    """A USB camera that is plugged in; `node` is its capture node."""

    def __init__(self, camera, *options, product='Foyer USB Camera'):
        super().__init__(USB_CAMERA, '--camera', camera, '--product', product,
                         *options)
        self.camera = camera
        self.product = product
        words = [str(word) for word in options]
        self.port = int(words[words.index('--port') + 1]) \
            if '--port' in words else 0
        self.expect('^plugged$')

    def find_node(self, besides=()):
        """Its node, once it is there."""
        def there():
            new = [n for n in find_nodes(self.product) if n not in besides]
            return new[0] if new else None
        return wait_until(there)

    def wait_until_gone(self):
        """Until the kernel has let go of it. What is plugged into its port
        before that may stay unnoticed."""
        def gone():
            return not list(SYS_HOST.glob(f'usb*/*-{self.port + 1}'))
        wait_until(gone)

    def unplug(self, node=None):
        """Pulls it out; returns once its node is gone."""
        node = pathlib.Path(node or self.find_node())
        self.say('unplug')
        self.process.wait(TIMEOUT_S)
        self.wait_until_gone()

        def gone():
            return not node.exists()
        wait_until(gone)

    def kill(self):
        super().kill()
        self.wait_until_gone()


def warm_up():
    """Has the codecs read from the host, once in a boot, before anything has to
    happen within a time."""
    if WARM.exists():
        return
    said = run('gst-launch-1.0', 'videotestsrc', 'num-buffers=3', '!',
               'video/x-raw,width=320,height=180', '!', 'x264enc', '!',
               'h264parse', '!', 'avdec_h264', '!', 'fakesink',
               timeout_s=PIPELINE_TIMEOUT_S)
    if said.returncode != 0:
        raise RuntimeError(said.stdout)
    WARM.touch()


def insert_loopback(*options):
    """Loads v4l2loopback of the generation that this run is about."""
    load('videodev')
    said = run('insmod', MODULE, *options)
    if said.returncode != 0:
        raise RuntimeError(f'insmod {MODULE}: {said.stdout}')


def node_tool(*words):
    """Runs foyer-node-tool to its end; the lines it printed."""
    return run(NODE_TOOL, *words).stdout.splitlines()


def compliance(node):
    """v4l2-compliance on a node that nobody writes to: the names of the tests
    that fail, and the line of totals."""
    said = run('v4l2-compliance', '-d', node, timeout_s=PIPELINE_TIMEOUT_S).stdout
    failed = re.findall(r'^\s*test (.*): FAIL$', said, re.M)
    total = re.search(r'^Total for .*$', said, re.M)
    if total is None:
        raise AssertionError(said[-2000:])
    return failed, total.group(0)


def read_marks(words):
    """(camera, number) of each picture in the bus messages of gst-launch."""
    pattern = re.compile(r'foyer-mark, readable=\(boolean\)true, '
                         r'camera=\(uint\)(\d+), number=\(guint64\)(\d+)')
    return [tuple(int(n) for n in m.groups())
            for m in pattern.finditer(words)]


def gst_read(node, n_pictures, *between):
    """Reads pictures of a node through GStreamer; the marks in them, and what
    was said."""
    said = run('gst-launch-1.0', '-m', 'v4l2src', f'device={node}',
               f'num-buffers={n_pictures}', '!', *between, '!',
               'foyermarkread', 'post-unreadable=true', '!', 'fakesink',
               timeout_s=PIPELINE_TIMEOUT_S)
    return read_marks(said.stdout), said.stdout


class VmTest(unittest.TestCase):
    """A case that cleans up after itself, passed or failed, and tells how long
    it took."""

    def run(self, result=None):
        began = time.monotonic()
        super().run(result)
        print(f'# {self._testMethodName}: {time.monotonic() - began:.1f} s',
              flush=True)

    def plug(self, camera, *options, **names):
        """A USB camera until the end of the test."""
        plugged = UsbCamera(camera, *options, **names)
        self.addCleanup(plugged.kill)
        return plugged

    def start_tool(self, *words):
        """foyer-node-tool until the end of the test."""
        tool = Talker(NODE_TOOL, *words)
        self.addCleanup(tool.kill)
        return tool
