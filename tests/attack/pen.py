# SPDX-License-Identifier: LGPL-2.1-or-later
"""Control groups in which processes get no more memory: who asks for it there is
killed by the kernel."""

import os
import pathlib

ROOTS = ('/sys/fs/cgroup/memory', '/sys/fs/cgroup')
LIMITS = ('memory.limit_in_bytes', 'memory.max')
LEAST_KIB = 64


def find_root():
    """Where such a group can be made: (folder, its file for the limit); None if
    nowhere."""
    for root in map(pathlib.Path, ROOTS):
        folder = root / f'foyer-attack-{os.getpid()}'
        try:
            folder.mkdir()
        except OSError:
            continue
        limit = next((n for n in LIMITS if (folder / n).exists()), None)
        try:
            folder.rmdir()
        except OSError:
            continue
        if limit is not None:
            return root, limit
    return None


class Pens:
    """Groups of one round; `root` as find_root() says."""

    def __init__(self, root):
        self.root, self.limit = root
        self.folders = []
        self.n_killed = 0

    def put(self, pid, kib):
        """Puts a process into a group of its own. What it has is not counted, what
        it asks for from now on is."""
        folder = self.root / f'foyer-attack-{os.getpid()}-{len(self.folders)}'
        try:
            folder.mkdir()
            self.folders.append(folder)
            (folder / self.limit).write_text(str(max(kib, LEAST_KIB) * 1024),
                                             'ascii')
            (folder / 'cgroup.procs').write_text(str(pid), 'ascii')
        except OSError:
            pass  # the process is gone

    def count_killed(self, folder):
        """How many the kernel killed in one."""
        for name in ('memory.oom_control', 'memory.events'):
            try:
                words = (folder / name).read_text('ascii').split()
                self.n_killed += int(words[words.index('oom_kill') + 1])
            except (OSError, ValueError):
                continue

    def stop(self):
        """All are empty: they go."""
        for folder in self.folders:
            self.count_killed(folder)
            try:
                folder.rmdir()
            except OSError:
                print(f'# {folder} could not be removed', flush=True)
