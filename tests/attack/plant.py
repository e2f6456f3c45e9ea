# SPDX-License-Identifier: LGPL-2.1-or-later
"""A search that finds nothing shows nothing unless it finds what is there: a process
that holds a frame in each place where the search looks, and files beside it.

    plant.py FOLDER     holds what is written to its standard input, says so, and
                        ends with that"""

import mmap
import os
import pathlib
import subprocess
import sys

POOL_NAME = 'foyer-link'
HEAP, POOL, OPEN_FILE, FILE, CORE = PLACES = (
    'heap', 'pool', 'open file', 'file', 'core file')


def hold(folder, frame):
    """In this process, and beside it. What has to live is returned."""
    heap = bytes(4096) + frame
    pool = os.memfd_create(POOL_NAME)
    os.truncate(pool, mmap.PAGESIZE)
    mapped = mmap.mmap(pool, mmap.PAGESIZE)
    mapped[100:100 + len(frame)] = frame
    # Open, of nobody's memory, and without a name.
    path = folder / 'open'
    opened = open(path, 'w+b', buffering=0)
    opened.write(frame)
    path.unlink()
    (folder / 'file').write_bytes(b'x' + frame)
    (folder / 'core.1').write_bytes(b'\x7fELF' + frame)
    return heap, pool, mapped, opened


class Plant:
    """Such a process; ends with the block."""

    def __init__(self, folder, frame):
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen(
            [sys.executable, '-S', __file__, self.folder], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.process.stdin.write(frame.hex().encode() + b'\n')
        self.process.stdin.flush()
        self.process.stdout.readline()

    @property
    def pid(self):
        """Of the process."""
        return self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


def main():
    """Holds it until nobody listens any more."""
    frame = bytes.fromhex(sys.stdin.readline())
    kept = hold(pathlib.Path(sys.argv[1]), frame)
    print('held', flush=True)
    sys.stdin.read()
    return not kept


if __name__ == '__main__':
    sys.exit(main())
