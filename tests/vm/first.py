# SPDX-License-Identifier: LGPL-2.1-or-later
"""The first file system of the guest, which the kernel starts from."""

import gzip
import pathlib
import stat

import packages

BUSYBOX = pathlib.Path('/bin/busybox')
INIT = pathlib.Path(__file__).resolve().parent / 'guest' / 'first-init.sh'
# What the root file system needs before there is one.
MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_console',
           'virtio_rng']


def cpio_entry(name, mode, data=b''):
    """One member of a `newc` archive (Linux, buffer-format.rst of
    driver-api/early-userspace)."""
    path = name.encode() + b'\0'
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
    entry = b'070701' + b''.join(b'%08X' % f for f in fields) + path
    entry += bytes(-len(entry) % 4)
    return entry + data + bytes(-len(data) % 4)


def module_files(layer, release):
    """The modules that the first file system carries, in order."""
    files = []
    for name in MODULES:
        words = packages.run_tool(['/sbin/modprobe', '-d', layer, '-S', release,
                                   '--show-depends', name])
        for line in words.splitlines():
            if line.startswith('insmod '):
                path = pathlib.Path(line.split()[1])
                if path not in files:
                    files.append(path)
    return files


def make(layer, release, target):
    """The archive that the kernel starts from: a static busybox, the modules
    of the root file system, and the first process."""
    folder = stat.S_IFDIR | 0o755
    entries = [cpio_entry(name, folder)
               for name in ('bin', 'proc', 'sys', 'dev', 'modules', 'top',
                            'host', 'layer', 'upper', 'job')]
    program = stat.S_IFREG | 0o755
    entries.append(cpio_entry('bin/busybox', program, BUSYBOX.read_bytes()))
    entries.append(cpio_entry('init', program, INIT.read_bytes()))
    files = module_files(layer, release)
    for path in files:
        entries.append(cpio_entry(f'modules/{path.name}',
                                  stat.S_IFREG | 0o644, path.read_bytes()))
    order = '\n'.join(path.name for path in files) + '\n'
    entries.append(cpio_entry('modules/order', stat.S_IFREG | 0o644,
                              order.encode()))
    entries.append(cpio_entry('TRAILER!!!', 0))
    target.write_bytes(gzip.compress(b''.join(entries), 1))


def source():
    """What it is made of, besides the layer; changes if it has to be made
    again."""
    return '\0'.join([INIT.read_text('utf-8'),
                      pathlib.Path(__file__).read_text('utf-8'),
                      str(BUSYBOX.stat().st_mtime_ns)])
