# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two network namespaces with a lossy link between them, made and removed by
whoever asks. Needs root and /dev/net/tun."""

import itertools
import os
import pathlib
import shutil
import stat
import subprocess

TUN = pathlib.Path('/dev/net/tun')
TUN_NUMBER = os.makedev(10, 200)


def why_not():
    """Why this machine can't have namespaces; None if it can."""
    if os.geteuid() != 0:
        return 'network namespaces need root'
    if shutil.which('ip') is None:
        return 'no ip (package iproute2)'
    if not TUN.exists():
        try:
            TUN.parent.mkdir(exist_ok=True)
            os.mknod(TUN, 0o600 | stat.S_IFCHR, TUN_NUMBER)
        except OSError as error:
            return f'no /dev/net/tun: {error.strerror}'
    try:
        os.close(os.open(TUN, os.O_RDWR))
    except OSError as error:
        return f'no /dev/net/tun: {error.strerror}'
    name = f'foyer-try-{os.getpid()}'
    run = subprocess.run(['ip', 'netns', 'add', name], capture_output=True,
                         text=True, check=False)
    if run.returncode:
        return f'no network namespaces: {run.stderr.strip()}'
    subprocess.run(['ip', 'netns', 'del', name], check=True)
    return None


class LossyLink:
    """Side 0 has ADDRESSES[0], side 1 ADDRESSES[1]; `with` brings it up."""

    ADDRESSES = ('192.0.2.1', '192.0.2.2')
    QUEUE_PACKETS = 2000
    NUMBERS = itertools.count()

    def __init__(self, build, delay_ms=0.0, loss_percent=0.0, rate_kbit=0):
        self.program = build / 'tests' / 'lib' / 'foyer-lossy-link'
        number = next(self.NUMBERS)
        self.names = [f'foyer-{os.getpid()}-{number}{side}' for side in 'ab']
        self.start = {'delay': delay_ms, 'loss': loss_percent,
                      'rate': rate_kbit}
        self.process = None
        self.figures = []

    def __enter__(self):
        try:
            self._bring_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _bring_up(self):
        for name in self.names:
            subprocess.run(['ip', 'netns', 'add', name], check=True)
        self.process = subprocess.Popen(
            [self.program, *self.names], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != 'ready\n':
            raise RuntimeError('the lossy link did not start')
        for name, address in zip(self.names, self.ADDRESSES):
            for words in (['link', 'set', 'lo', 'up'],
                          ['addr', 'add', f'{address}/24', 'dev', 'lossy0'],
                          ['link', 'set', 'lossy0', 'txqueuelen',
                           str(self.QUEUE_PACKETS), 'up']):
                subprocess.run(['ip', '-n', name, *words], check=True)
        for what, value in self.start.items():
            self.set(what, value)

    def __exit__(self, *_):
        if self.process is not None:
            out, _ = self.process.communicate(timeout=60)
            self.figures = out.splitlines()
        for name in self.names:
            subprocess.run(['ip', 'netns', 'del', name],
                           stderr=subprocess.DEVNULL, check=False)

    def set(self, what, value):
        """Changes delay (ms, each way), rate (kbit/s), or loss, reorder or
        duplicate (percent)."""
        self.process.stdin.write(f'{what} {value}\n')
        self.process.stdin.flush()
        if self.process.stdout.readline() != 'ok\n':
            raise RuntimeError(f'the lossy link does not know {what}')

    def inside(self, side):
        """What to put before a command that is to run on a side."""
        return ['ip', 'netns', 'exec', self.names[side]]
