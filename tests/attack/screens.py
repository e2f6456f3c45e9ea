# SPDX-License-Identifier: LGPL-2.1-or-later
"""The displays of a round: some processes with many displays each, that are killed,
frozen and started again, and all that they decoded."""

import json
import os
import pathlib
import signal
from concurrent import futures

import foyerlab
import residue

WIDTH_PX, HEIGHT_PX = 160, 90
SIZE = ['--width', WIDTH_PX, '--height', HEIGHT_PX, '--bps', 600_000]
TAIL_BYTES = 200_000
NEEDLE = b'"needle":'  # in lines of pictures of which there is one
MOST_NEEDLES = 8  # of a camera


class Group:
    """One process of displays, numbered from `first` in the house."""

    def __init__(self, rig, folder, first, n_displays, credentials, inside,
                 address):
        self.rig = rig
        self.folder = pathlib.Path(folder)
        self.first = first
        self.n_displays = n_displays
        self.credentials = credentials
        self.inside = inside
        self.options = ['--each', '--sound', '--full', n_displays, *SIZE]
        if address:
            self.options += ['--address', address]
        self.n_starts = 0
        self.crowd = None
        self.is_frozen = False
        self.files = []
        self.start()
        self.ports = [d.port for d in self.crowd.displays]
        self.displays = self.crowd.displays
        self.open = set(range(n_displays))

    def start(self):
        """Starts it, with a new file for its frames."""
        self.n_starts += 1
        path = self.folder / f'frames-{self.first}-{self.n_starts}'
        self.files.append(path)
        self.crowd = foyerlab.Crowd(
            self.rig, self.n_displays, frames=path, inside=self.inside,
            names=[f'Screen {self.first + i}'
                   for i in range(self.n_displays)],
            credentials=self.credentials, options=self.options)

    def restart(self):
        """kill -9, and again on the same ports with the same keys."""
        self.crowd.process.kill()
        self.crowd.process.wait()
        self.crowd.stop()
        self.start()
        for i in range(self.n_displays):
            self.reopen(i, i)

    def reopen(self, place, keys, port=None):
        """The display of one place, now with the keys of a display, on its port or
        on another, any if it is 0; whether that could be had."""
        if port is None:
            port = self.ports[place]
        self.crowd.tell(f'close {place}')
        self.open.discard(place)
        answer = self.crowd.tell(f'open {place} {keys} {port}')
        if answer['port']:
            self.ports[place] = answer['port']
            self.open.add(place)
        return bool(answer['port'])

    def signal(self, number):
        """SIGSTOP or SIGCONT."""
        self.is_frozen = number == signal.SIGSTOP
        self.crowd.process.send_signal(number)

    def tell(self, command):
        """Has it do something; {} while it can't."""
        return {} if self.is_frozen else self.crowd.tell(command)

    def read(self):
        """All that its displays told, as lines with the house's numbers, each with
        the time by which it can be sorted among others'."""
        for n_start, path in enumerate(self.files):
            newest_ns = 0
            if not path.exists():
                continue
            with open(path, encoding='ascii') as lines:
                for line in lines:
                    if not line.endswith('\n'):
                        continue  # it was killed in mid-word
                    frame = json.loads(line)
                    frame['display'] += self.first
                    frame['keys'] += self.first
                    frame['start'] = n_start
                    newest_ns = max(newest_ns, frame['arrived_ns'])
                    yield newest_ns, frame

    def words(self):
        """What its process said."""
        self.crowd.log.seek(0)
        return self.crowd.log.read()

    def recent(self):
        """Lines of the newest frames of which there are needles."""
        path = self.files[-1]
        if not path.exists():
            return []
        with open(path, 'rb') as lines:
            lines.seek(max(os.path.getsize(path) - TAIL_BYTES, 0))
            whole = lines.read().split(b'\n')[1:-1]
        return [json.loads(line) for line in whole if NEEDLE in line]

    def stop(self):
        """Ends it."""
        if self.is_frozen:
            self.signal(signal.SIGCONT)
        return self.crowd.stop()


class Screens:
    """All displays of a house."""

    N_GROUPS = 4

    def __init__(self, rig, folder, n_displays, credentials, inside=(),
                 address=None):
        # Two at least in each: attacks are made by one on another.
        size = max(-(-n_displays // self.N_GROUPS), 2)
        self.size = size
        self.n_displays = n_displays
        with futures.ThreadPoolExecutor(self.N_GROUPS) as pool:
            started = [pool.submit(
                Group, rig, folder, first, min(size, n_displays - first),
                pathlib.Path(credentials) / str(first), inside, address)
                       for first in range(0, n_displays, size)]
        self.groups = [each.result() for each in started if not each.exception()]
        if len(self.groups) < len(started):
            self.stop()
            raise next(filter(None, (each.exception() for each in started)))

    def displays(self):
        """All, to whoever casts to them."""
        return [d for group in self.groups for d in group.displays]

    def find(self, display):
        """(group, number in it)."""
        return self.groups[display // self.size], display % self.size

    def is_there(self, display):
        """Whether a display can be reached."""
        group, place = self.find(display)
        return place in group.open and not group.is_frozen

    def pair(self, a, b):
        """Two displays of one group, which a's: (group, number, number)."""
        group, a = self.find(a)
        b = b % group.n_displays
        return group, a, b if b != a else (b + 1) % group.n_displays

    def frames(self):
        """All that they decoded, in the order in which it came."""
        lines = [line for group in self.groups for line in group.read()]
        lines.sort(key=lambda line: line[0])
        return [frame for _, frame in lines]

    def needles(self):
        """{number in the mark: bytes of its newest frames}."""
        found = {}
        for group in self.groups:
            for frame in reversed(group.recent()):
                needles = found.setdefault(frame['camera'], set())
                if len(needles) < MOST_NEEDLES:
                    needles.add(bytes.fromhex(frame['needle']))
        found.pop(None, None)  # of slates
        return residue.choose_telling(found)

    def words(self):
        """What each process said that runs now."""
        return [group.words() for group in self.groups]

    def died(self):
        """Processes that ended by themselves: what they said."""
        words = []
        for group in self.groups:
            if group.crowd.process.poll() is not None:
                words.append(f'displays from {group.first} ended: '
                             f'{group.words()[-2000:]}')
        return words

    def stop(self):
        """Ends all."""
        with futures.ThreadPoolExecutor(self.N_GROUPS) as pool:
            list(pool.map(Group.stop, self.groups))
