# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looks for frames where none may rest: in memory, open files, folders, core files
and swap. A frame is known by its needles: bytes out of the middle of a coded frame,
as a display got it once it had decrypted it."""

import collections
import os
import pathlib
import re
import stat
import struct
import subprocess
import sys

import plant

CHUNK_BYTES = 1 << 16
EMPTY = bytes(CHUNK_BYTES)
WORD_BYTES, MOST_STEP = 8, 64
MOST_TELLING = 96  # bytes that must differ by so much among themselves
MOST_BYTES = 1 << 28  # of a region; more has a sanitizer alone
POOL = '/memfd:foyer-link'
SKIPPED = ('[vvar]', '[vsyscall]', '[vdso]')
# PR_SET_DUMPABLE, as workers have it.
HIDDEN = ('import ctypes, sys; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); '
          'print(flush=True); sys.stdin.read()')
MAP = re.compile(r'^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)\s*(.*)$')


def read_maps(pid):
    """Regions of a process: (begin, end, rights, inode, name)."""
    try:
        text = pathlib.Path(f'/proc/{pid}/maps').read_text('utf-8', 'replace')
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        match = MAP.match(line)
        if match:
            begin, end, rights, inode, name = match.groups()
            found.append((int(begin, 16), int(end, 16), rights, int(inode),
                          name))
    return found


def can_hold(rights, name):
    """Whether a frame could be in a region: not in what is only read from a
    program's or a library's file."""
    if not rights.startswith('r') or name in SKIPPED or \
            name.startswith('/dev/'):
        return False
    return 'w' in rights or not name.startswith('/') or \
        name.startswith('/memfd:')


class Sought:
    """Needles, and where to look for them first: of what holds a needle, each word at
    some multiple of the step, which is less than a needle is long, is one of the
    needle's. Most of what is looked through has none of these."""

    def __init__(self, needles):
        self.needles = list(needles)
        shortest = min(map(len, self.needles), default=0)
        n_words = max(min(shortest + 1 - WORD_BYTES, MOST_STEP), 0) // WORD_BYTES
        self.step = n_words * WORD_BYTES
        words = struct.Struct(f'={n_words}Q')
        self.words = {word for needle in self.needles
                      for at in range(WORD_BYTES if n_words else 0)
                      for word in words.unpack_from(needle, at)}

    def may_be_in(self, data):
        """Whether any word at a multiple of the step is a needle's."""
        if self.step == 0:
            return True
        whole = memoryview(data)[:len(data) // WORD_BYTES * WORD_BYTES]
        words = whole.cast('Q')[::self.step // WORD_BYTES]
        return not self.words.isdisjoint(words.tolist())

    def find_in(self, data):
        """Which of them stand there."""
        if not self.needles or not self.may_be_in(data):
            return []
        return [needle for needle in self.needles if needle in data]


def scan_memory(pid, needles, regions=None):
    """(needles that stand in the memory of a process, or in some regions of it, bytes
    that were looked at); (…, 0) if it is gone or may not be read."""
    found, n_bytes = set(), 0
    sought = Sought(needles)
    longest = max((len(n) for n in needles), default=1)
    try:
        memory = open(f'/proc/{pid}/mem', 'rb', buffering=0)
    except OSError:
        return found, 0
    with memory:
        for begin, end, rights, _, name in (
                read_maps(pid) if regions is None else regions):
            if not can_hold(rights, name) or end - begin > MOST_BYTES:
                continue
            rest = b''
            while begin < end:
                try:
                    memory.seek(begin)
                    data = memory.read(min(CHUNK_BYTES, end - begin))
                except (OSError, ValueError, OverflowError):
                    break
                if not data:
                    break
                n_bytes += len(data)
                begin += len(data)
                # Most of what is mapped was never touched.
                if data != EMPTY:
                    found.update(sought.find_in(rest + data))
                rest = data[-longest:]
    return found, n_bytes


def scan_open_files(pid, needles):
    """Files and memory that a process has open, mapped or not, that hold a needle:
    their names."""
    found, sought = [], Sought(needles)
    folder = pathlib.Path(f'/proc/{pid}/fd')
    try:
        numbers = os.listdir(folder)
    except OSError:
        return found
    for number in numbers:
        try:
            if not stat.S_ISREG(os.stat(folder / number).st_mode):
                continue
            # Its own description: the process's place in it stays where it is.
            with open(folder / number, 'rb') as opened:
                data = opened.read(MOST_BYTES)
        except OSError:
            continue
        if sought.find_in(data):
            found.append(os.readlink(folder / number))
    return found


def is_on(path, device):
    """Whether something is on a file system, not on one that is mounted there."""
    try:
        return os.lstat(path).st_dev == device
    except OSError:
        return False


def read_written(path, since_s, most_bytes=MOST_BYTES):
    """What is in a file, if it is one, and was written since then; or None. One that
    grows while it is read is not read for ever."""
    try:
        about = os.lstat(path)
        if not stat.S_ISREG(about.st_mode) or about.st_mtime < since_s or \
                about.st_size > most_bytes:
            return None
        with open(path, 'rb') as opened:
            return opened.read(most_bytes)
    except OSError:
        return None


def list_files(folder, device):
    """Regular files in a folder and in those below, on that file system alone. There
    are many: not as os.walk() and pathlib tell of them."""
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        yield entry.path
                    elif entry.is_dir(follow_symlinks=False) and \
                            is_on(entry.path, device):
                        folders.append(entry.path)
        except OSError:
            continue  # somebody else's, and gone by now


def scan_folder(folder, needles, since_s=0):
    """(files that hold a needle, files that were looked at), and those in folders
    below; of those alone that were written since then by the wall clock. Not of what
    else is mounted below: there may be files that can't be read to an end."""
    found, n_files, sought = [], 0, Sought(needles)
    try:
        device = os.stat(folder).st_dev
    except OSError:
        return found, n_files  # somebody else's, and gone by now
    for path in list_files(folder, device):
        data = read_written(path, since_s)
        if data is None:
            continue
        n_files += 1
        if sought.find_in(data):
            found.append(path)
    return found, n_files


def read_pool_maps(pid):
    """Regions of a process that are of links' pools."""
    return [r for r in read_maps(pid) if r[4].startswith(POOL)]


def pools(pid):
    """Links' pools that a process has open or mapped: {inode: rights}; of one that
    it has open and not mapped ''."""
    found = {}
    for _, _, rights, inode, _ in read_pool_maps(pid):
        found[inode] = rights
    folder = pathlib.Path(f'/proc/{pid}/fd')
    try:
        numbers = os.listdir(folder)
    except OSError:
        return found
    for number in numbers:
        try:
            if os.readlink(folder / number).startswith(POOL):
                found.setdefault(os.stat(folder / number).st_ino, '')
        except OSError:
            continue
    return found


def find_shared(pids_of):
    """What is wrong with who has which pool. `pids_of` gives the pids of each kind
    of process: a reader may only read, and no two readers have one pool; foyerd has
    none."""
    problems, readers = [], {}
    for kind in ('cast', 'loopback', 'app'):
        for pid in pids_of.get(kind, []):
            for inode, rights in pools(pid).items():
                if 'w' in rights or 'x' in rights:
                    problems.append(f'{kind} {pid} maps a pool {rights}')
                if inode in readers:
                    problems.append(f'{kind} {pid} and {readers[inode]} share '
                                    'a pool')
                readers[inode] = f'{kind} {pid}'
    for pid in pids_of.get('foyerd', []):
        if pools(pid):
            problems.append('foyerd has a pool')
    return problems


def swapped_kib(pid):
    """How much of a process is in swap; None if that can't be told."""
    try:
        text = pathlib.Path(f'/proc/{pid}/status').read_text('ascii')
    except OSError:
        return None
    match = re.search(r'^VmSwap:\s+(\d+)', text, re.MULTILINE)
    return int(match.group(1)) if match else None


def find_blind_spots(folder, frame):
    """Where this search does not find a frame that was put there."""
    with plant.Plant(folder, frame) as planted:
        pid = planted.pid
        heap = [r for r in read_maps(pid) if not r[4].startswith(POOL)]
        files = scan_folder(folder, [frame])[0]
        found = {
            plant.HEAP: frame in scan_memory(pid, [frame], heap)[0],
            plant.POOL: pools(pid) and len(find_shared({
                'cast': [pid], 'foyerd': [pid]})) == 2,
            plant.OPEN_FILE: any('(deleted)' in name and POOL not in name
                                 for name in scan_open_files(pid, [frame])),
            plant.FILE: any(name.endswith('/file') for name in files),
            plant.CORE: bool(find_cores([folder])),
        }
    return [place for place, is_found in found.items() if not is_found]


def may_dump(pid, proc='/proc'):
    """Whether a process that has locked itself in would leave a core file. One that
    was born just now has not, and so has had no frame."""
    about = pathlib.Path(proc, str(pid))
    try:
        status = (about / 'status').read_text('utf-8', 'replace')
        limits = (about / 'limits').read_text('ascii')
    except OSError:
        return False
    filters = re.search(r'^Seccomp:\s+(\d+)', status, re.MULTILINE)
    most = re.search(r'^Max core file size\s+(\S+)', limits, re.MULTILINE)
    return bool(filters and most) and filters.group(1) != '0' and \
        most.group(1) != '0'


def find_cores(folders, since_s=0, words=b''):
    """Core files in some folders, written since then by the wall clock, in which
    there are some words: of processes that knew them."""
    written = ((path, read_written(path, since_s)) for folder in folders
               for path in pathlib.Path(folder).glob('core*'))
    return [str(path) for path, data in written
            if data is not None and data.startswith(b'\x7fELF') and
            words in data]


def may_look():
    """Whether this user may look into the memory of processes that are hidden from
    others of his own: without, a search there finds nothing."""
    child = subprocess.Popen([sys.executable, '-S', '-c', HIDDEN],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
    try:
        with open(f'/proc/{child.pid}/mem', 'rb', buffering=0):
            return True
    except OSError:
        return False
    finally:
        child.communicate()


def is_telling(needle):
    """Whether bytes are a frame's own: what repeats itself may stand anywhere."""
    return len(set(needle)) >= min(len(needle), MOST_TELLING) // 3


def choose_telling(needles_of):
    """Of {camera: needles} those that tell whose they are."""
    n_cameras = collections.Counter(
        needle for needles in needles_of.values() for needle in needles)
    return {camera: {n for n in needles if is_telling(n) and n_cameras[n] == 1}
            for camera, needles in needles_of.items()}
