# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian packages that the guest needs and the host must not have installed:
found, downloaded once and unpacked."""

import os
import pathlib
import re
import signal
import subprocess
import tarfile


class Trouble(Exception):
    """The machine cannot be prepared; says why."""


class NotToBeHad(Trouble):
    """A package that apt names is where it should be no longer: its lists may be
    old."""


def run_tool(line, **options):
    """What a program prints; Trouble with its last words if it fails."""
    run = subprocess.run([str(word) for word in line], check=False, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         **options)
    if run.returncode != 0:
        words = '\n'.join(run.stdout.splitlines()[-20:])
        raise Trouble(f'{line[0]} {line[1]} failed:\n{words}')
    return run.stdout


def installed_version(name):
    """The version of an installed package; None if it is not installed."""
    run = subprocess.run(
        ['dpkg-query', '-W', '-f', '${db:Status-Status} ${Version}', name],
        capture_output=True, text=True, check=False)
    state, _, version = run.stdout.partition(' ')
    return version if run.returncode == 0 and state == 'installed' else None


def guest_kernel():
    """(release, version) of the kernel whose headers are installed."""
    depends = run_tool(['dpkg-query', '-W', '-f', '${Depends}',
                        'linux-headers-amd64'])
    match = re.search(r'linux-headers-(\S+)', depends)
    if match is None:
        raise Trouble('linux-headers-amd64 names no kernel')
    release = match.group(1)
    version = installed_version(f'linux-headers-{release}')
    if version is None:
        raise Trouble(f'linux-headers-{release} is not installed')
    return release, version


def candidate(name):
    """The version that apt would take, as far as it knows; None for none."""
    words = run_tool(['apt-cache', 'policy', name])
    match = re.search(r'Candidate: (\S+)', words)
    return match.group(1) if match and match.group(1) != '(none)' else None


def newest_version(name):
    """The version that apt would take; it is asked to look, if it knows none."""
    found = candidate(name)
    if found is None and os.geteuid() == 0:
        run_tool(['apt-get', '-qq', 'update'])
        found = candidate(name)
    if found is None:
        raise Trouble(f'no package {name} to be had; try apt-get update')
    return found


def package_file(folder, name, version):
    """Where apt puts a package that it downloads; None if it is not there."""
    quoted = version.replace(':', '%3a')
    return next(iter(folder.glob(f'{name}_{quoted}_*.deb')), None)


def fetch_package(folder, name, version, tell):
    """The .deb of a package, downloaded if it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    found = package_file(folder, name, version)
    if found is None:
        tell(f'fetching {name} {version}')
        try:
            run_tool(['apt-get', '-qq', '-o', 'APT::Sandbox::User=root',
                      'download', f'{name}={version}'], cwd=folder)
        except Trouble as trouble:
            raise NotToBeHad(str(trouble)) from None
        found = package_file(folder, name, version)
        if found is None:
            raise Trouble(f'apt-get downloaded no {name}')
    return found


def unpack_package(package, folder):
    """Its files, and nothing of its scripts, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    run_tool(['dpkg-deb', '-x', package, folder])


def extract_folder(stream, inside, folder):
    """The files of one folder out of a compressed archive in the order of names,
    which is read no further than to that folder's end."""
    folder.mkdir(parents=True, exist_ok=True)
    found = False
    with tarfile.open(fileobj=stream, mode='r|xz') as archive:
        for entry in archive:
            # So that they don't gather: there are many thousands.
            archive.members.clear()
            if entry.name.startswith(inside + '/'):
                found = True
                if entry.isfile():
                    name = pathlib.PurePath(entry.name).name
                    (folder / name).write_bytes(
                        archive.extractfile(entry).read())
            elif found:
                return
    if not found:
        raise Trouble(f'the archive has no {inside}')


def extract_source(package, member, inside, folder):
    """The files of one folder in the compressed archive within a package."""
    line = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2"'
    with subprocess.Popen(['bash', '-c', line, 'extract', package, member],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          start_new_session=True) as pipe:
        try:
            extract_folder(pipe.stdout, inside, folder)
        except tarfile.TarError as error:
            raise Trouble(f'{package}, {member}: {error}') from None
        finally:
            os.killpg(pipe.pid, signal.SIGTERM)
