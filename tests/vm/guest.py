# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prepares the guest once: a kernel, a layer of files over the host's own, and
a first file system. Each part is made again only if what it is made of has
changed."""

import dataclasses
import hashlib
import lzma
import os
import pathlib
import shutil
import time

import first
import modules
import packages

HERE = pathlib.Path(__file__).resolve().parent
XZ_MAGIC = b'\xfd7zXZ\x00'
# What ends a signed module, behind a struct module_signature whose last member is the
# signature's length (Linux, include/linux/module_signature.h).
SIGNED = b'~Module signature appended~\n'
SIGNATURE_HEAD_BYTES = 12


@dataclasses.dataclass
class Guest:
    """All that a machine is booted from."""

    release: str
    kernel: pathlib.Path
    first: pathlib.Path
    layer: pathlib.Path
    folder: pathlib.Path
    key: str


def key_of(*parts):
    """A short name for what something is made of."""
    return hashlib.sha256('\0'.join(parts).encode()).hexdigest()[:16]


def make_once(folder, make):
    """Makes a folder whole or not at all; does nothing if it is there."""
    if folder.exists():
        return
    new = folder.with_name(folder.name + '.new')
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    make(new)
    new.rename(folder)


def extract_kernel(image, kernel):
    """The ELF kernel out of a bzImage, which saves the guest the unpacking."""
    data = image.read_bytes()
    at = data.find(XZ_MAGIC)
    while at >= 0:
        try:
            found = lzma.LZMADecompressor().decompress(data[at:])
        except lzma.LZMAError:
            found = b''
        if found.startswith(b'\x7fELF'):
            kernel.write_bytes(found)
            return
        at = data.find(XZ_MAGIC, at + 1)
    raise packages.Trouble(f'no kernel in {image}')


def merge_usr(folder):
    """Moves what stands in /bin, /sbin and /lib to /usr, as the host has it:
    the layer would else hide the host's own."""
    for name in ('bin', 'sbin', 'lib'):
        old, new = folder / name, folder / 'usr' / name
        if old.is_dir() and not old.is_symlink():
            shutil.copytree(old, new, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(old)
        new.mkdir(parents=True, exist_ok=True)
        old.symlink_to(f'usr/{name}')


def remove_signature(module):
    """Has the kernel take a module without hashing it, which it does for each load
    and which takes longer than all else of that."""
    with open(module, 'r+b') as file:
        size = file.seek(0, os.SEEK_END)
        n_tail = SIGNATURE_HEAD_BYTES + len(SIGNED)
        file.seek(max(0, size - n_tail))
        tail = file.read()
        if tail.endswith(SIGNED):
            n_signature = int.from_bytes(
                tail[SIGNATURE_HEAD_BYTES - 4:SIGNATURE_HEAD_BYTES], 'big')
            file.truncate(size - n_tail - n_signature)


class LayerMaker:
    """The files that the guest has and the host has not."""

    def __init__(self, release, debs, tell):
        self.release = release
        self.debs = debs
        self.tell = tell

    def add_modules(self, layer, work):
        """Those of the kernel package, and those built here."""
        self.tell('building v4l2loopback')
        packages.unpack_package(self.debs['v4l2loopback-dkms'], work / 'dkms')
        loopback = next((work / 'dkms' / 'usr' / 'src').iterdir())
        built = [modules.build_module(loopback, self.release, modules.NAME)]
        self.tell('building vimc (its source is large: about a minute)')
        source = next(n for n in self.debs if n.startswith('linux-source'))
        packages.extract_source(
            self.debs[source], f'./usr/src/{source}.tar.xz',
            f'{source}/drivers/media/test-drivers/vimc', work / 'vimc')
        built.append(modules.build_module(work / 'vimc', self.release, 'vimc',
                                          'CONFIG_VIDEO_VIMC=m'))
        extra = layer / 'lib' / 'modules' / self.release / 'extra'
        extra.mkdir()
        for module in built:
            shutil.copy(module, extra)

    def make(self, folder):
        """The layer and the kernel's image."""
        layer, work = folder / 'layer', folder / 'work'
        self.tell('unpacking the kernel')
        packages.unpack_package(self.debs[f'linux-image-{self.release}'], layer)
        packages.unpack_package(self.debs['udev'], layer)
        image = layer / 'boot' / f'vmlinuz-{self.release}'
        extract_kernel(image, folder / 'vmlinux')
        shutil.rmtree(layer / 'boot')
        shutil.rmtree(layer / 'usr' / 'share', ignore_errors=True)
        merge_usr(layer)
        for name in ('build', 'source'):
            (layer / 'lib' / 'modules' / self.release / name).unlink(True)
        for module in (layer / 'lib' / 'modules').rglob('*.ko'):
            remove_signature(module)
        self.add_modules(layer, work)
        packages.run_tool(['/sbin/depmod', '-b', layer, self.release])
        shutil.rmtree(work)


def remove_old(cache, used):
    """What an earlier kernel or an earlier script left behind."""
    for kind in ('layer-', 'boot-'):
        for path in cache.glob(kind + '*'):
            if path not in used:
                shutil.rmtree(path, ignore_errors=True)


def package_versions(release, version):
    """The packages to unpack and their versions."""
    series = '.'.join(release.split('.')[:2])
    return {
        f'linux-image-{release}': version,
        f'linux-source-{series}': version,
        'udev': packages.newest_version('udev'),
        'v4l2loopback-dkms': packages.newest_version('v4l2loopback-dkms'),
    }


def prepare_from_lists(cache, tell):
    """A Guest of the packages that apt's lists name."""
    began = time.monotonic()
    release, version = packages.guest_kernel()
    wanted = package_versions(release, version)
    key = key_of(release, *(f'{n}={v}' for n, v in wanted.items()),
                 (HERE / 'guest.py').read_text('utf-8'))
    top = cache / f'layer-{key}'
    if not top.exists():
        debs = {n: packages.fetch_package(cache / 'debs', n, v, tell)
                for n, v in wanted.items()}
        make_once(top, LayerMaker(release, debs, tell).make)
        tell(f'guest prepared in {time.monotonic() - began:.0f} s')
    first_key = key_of(key, first.source())
    boot = cache / f'boot-{first_key}'
    make_once(boot, lambda new: first.make(top / 'layer', release,
                                           new / 'first.cpio.gz'))
    remove_old(cache, (top, boot))
    return Guest(release, top / 'vmlinux', boot / 'first.cpio.gz',
                 top / 'layer', boot, first_key)


def prepare(cache, tell):
    """A Guest, of which only what is missing is made. Once with new lists, where old
    ones name packages that are gone."""
    try:
        return prepare_from_lists(cache, tell)
    except packages.NotToBeHad:
        if os.geteuid() != 0:
            raise
        tell('asking apt for new lists')
        packages.run_tool(['apt-get', '-qq', 'update'])
        return prepare_from_lists(cache, tell)
