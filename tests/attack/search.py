# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looks for frames where none may rest, while a round goes on and when it is over: in
processes' memory, in what they have open, and in files. How is in residue.py."""

import os
import pathlib
import signal
import time

import oracle
import residue
from account import Account, now_ns
from ground import WORKERS

# How long a reader is stopped at most until frames are found in its pool, and how
# many readers must have been looked at before none in any of them is a fault.
LOOK_S, LOOK_PAUSE_S = 1.0, 0.1
ENOUGH_LOOKS = 4
NEEDLE_BYTES = 32
MOST_SOUGHT = 500  # or not quite twice as many
# Where anybody may write, besides the folders of the house.
WRITABLE = ('/tmp', '/var/tmp', '/run', '/run/lock', '/dev/shm')


class Search(Account):
    """Looks into a house, which it stops for that in parts."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.thaws = []  # (when, pid or group)
        self.stopped = {}  # workers that send: when, by pid
        self.looks = 0
        self.controls = 0  # needles found where a frame may rest
        self.scanned = 0
        self.swapped_kib = 0  # of foyerd, at the end

    def thaw(self, what):
        """It goes on."""
        if not isinstance(what, int):
            what.signal(signal.SIGCONT)
            return
        end_ns = now_ns()
        try:
            os.kill(what, signal.SIGCONT)
        except ProcessLookupError:
            pass
        if what in self.stopped:
            self.oracle.stops.append(
                oracle.Stop(self.stopped.pop(what), end_ns))

    def look(self, which):
        """Who has which memory, and whether one session's process has frames of
        two cameras."""
        pids = {kind: self.house.workers(kind) for kind in WORKERS}
        pids['foyerd'] = [self.house.process.pid]
        for problem in residue.find_shared(pids):
            self.oracle.note(oracle.RESIDUE, problem)
        for kind in WORKERS:
            for pid in pids[kind]:
                if residue.may_dump(pid):
                    self.oracle.note(oracle.RESIDUE,
                                     f'{kind} {pid} may leave a core')
        if pids['cast']:
            self.look_at_home(pids['cast'][which % len(pids['cast'])])
        if pids['camera']:
            self.look_into('camera', pids['camera'][which % len(pids['camera'])])

    def look_at_home(self, pid):
        """A reader that does not run gives nothing back, and what is not given
        back is not wiped: there frames must be found, of its own camera alone."""
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            return
        self.stopped.setdefault(pid, now_ns())
        self.looks += 1
        until = time.monotonic() + LOOK_S
        while not self.count_kept(pid) and time.monotonic() < until:
            time.sleep(LOOK_PAUSE_S)
        self.look_into('cast', pid)
        self.thaw(pid)

    def count_kept(self, pid):
        """Frames in the pools of a process that displays got, too."""
        needles = {n for found in self.screens.needles().values()
                   for n in found}
        found, _ = residue.scan_memory(pid, needles,
                                       residue.read_pool_maps(pid))
        self.controls += len(found)
        return len(found)

    def look_into(self, kind, pid):
        """The memory of one session's process, or of one camera's."""
        needles = self.screens.needles()
        everything = {n for found in needles.values() for n in found}
        found, n_bytes = residue.scan_memory(pid, everything)
        self.scanned += n_bytes
        cameras = {number for number, own in needles.items() if own & found}
        if len(cameras) > 1:
            self.oracle.note(oracle.RESIDUE, f'{kind} {pid} has frames of '
                             f'cameras {sorted(cameras)}')

    def look_for_residue(self):
        """foyerd is all that is left: its memory and files, and all that was
        written. What is planted must be found in the same way."""
        pid = self.house.process.pid
        needles = self.final_needles
        needles = needles[::max(len(needles) // MOST_SOUGHT, 1)]
        found, n_bytes = residue.scan_memory(pid, needles)
        self.scanned += n_bytes
        if not n_bytes:
            self.oracle.note(oracle.RESIDUE, 'foyerd could not be looked at')
        files = set(residue.scan_open_files(pid, needles))
        for folder in {self.house.folder, self.house.bus.folder.name,
                       self.folder, *filter(os.path.isdir, WRITABLE)}:
            files.update(residue.scan_folder(folder, needles,
                                             self.begin_s)[0])
        problems = [f'foyerd has {len(found)} frames'] if found else []
        problems += [f'{path} has a frame' for path in files]
        # Where this runs others may leave theirs, too.
        problems += [f'core file {path}' for path in residue.find_cores(
            [self.house.folder], self.begin_s) + residue.find_cores(
                [pathlib.Path.cwd()], self.begin_s,
                bytes(self.house.folder))]
        problems += residue.find_shared({'foyerd': [pid]})
        # What is there was read back, and looked through with the rest.
        self.swapped_kib = residue.swapped_kib(pid) or 0
        problems += self.look_for_blindness(needles)
        for problem in problems:
            self.oracle.note(oracle.RESIDUE, problem)

    def look_for_blindness(self, needles):
        """A search that can't find anything shows nothing."""
        folder = self.folder / 'planted'
        folder.mkdir()
        for place in residue.find_blind_spots(
                folder, needles[0] if needles else os.urandom(NEEDLE_BYTES)):
            yield f'the search does not find what is in a {place}'
        if self.looks >= ENOUGH_LOOKS and self.controls == 0:
            yield f'no frame was found in any of {self.looks} pools'
