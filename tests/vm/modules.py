# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernel modules that Debian's kernel package lacks, built against its headers
in a folder of ours: nothing is installed, the host's kernel is left alone."""

import hashlib
import pathlib
import shutil

import packages

NAME = 'v4l2loopback'


def build_folder(release):
    """The headers of the guest's kernel."""
    return pathlib.Path('/lib/modules') / release / 'build'


def build_module(source, release, name, *options):
    """Builds NAME.ko in the folder of its source; the path of it."""
    packages.run_tool(['make', '-C', build_folder(release), f'M={source}',
                       *options, 'modules'])
    module = source / f'{name}.ko'
    if not module.exists():
        raise packages.Trouble(f'{source} made no {name}.ko')
    return module


def source_key(folder):
    """What a folder of C sources holds, as a hash."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob('*.[ch]')):
        digest.update(path.name.encode() + b'\0' + path.read_bytes())
    return digest.hexdigest()[:16]


def build_given(source, release, cache, tell):
    """v4l2loopback from a folder that somebody gave; built in a copy. The
    module is kept for as long as the source stays as it is."""
    if not (source / f'{NAME}.c').exists():
        raise packages.Trouble(f'{source} holds no {NAME}.c')
    folder = cache / f'loopback-{release}-{source_key(source)}'
    module = folder / f'{NAME}.ko'
    if not module.exists():
        tell(f'building {NAME} from {source}')
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns(
            '.git', '*.o', '*.ko', '*.mod*', '.*.cmd'))
        build_module(folder, release, NAME)
    return module
