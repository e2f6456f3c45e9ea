#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Foyer on a real kernel: a guest with Debian's own kernel and drivers.

    run_vm.py prepare
    run_vm.py cases [NAME...]     all cases, or those whose names begin so
    run_vm.py run COMMAND...      one command in the guest

`cases` writes testlog.json beside the logs and exits with 1 if one failed.
`run` exits as the command did: 124 is a time-out, 125 a machine that failed."""

import argparse
import os
import pathlib
import shlex
import shutil
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'lib')]
import foyerlab  # noqa: E402
import guest as guests  # noqa: E402
import machine  # noqa: E402
import modules  # noqa: E402
import packages  # noqa: E402
import suite  # noqa: E402

TOP = HERE.parents[1]
# All that Foyer and its cases play in the guest. Each process of GStreamer's, such as a
# worker, first reads what the registry says of every plugin.
PLUGINS = {'app', 'audioconvert', 'audioresample', 'audiotestsrc', 'coreelements',
           'isomp4', 'jpeg', 'level', 'libav', 'libcamera', 'openh264', 'opus',
           'pango', 'playback', 'png', 'rawparse', 'typefindfunctions',
           'video4linux2', 'videoconvertscale', 'videoparsersbad', 'videotestsrc',
           'voaacenc', 'volume', 'vpx', 'x264'}
N_CREDENTIALS = 4  # displays of one case


def tell(text):
    """Progress, for a person."""
    print(f'    {text}', flush=True)


def tell_aside(text):
    """Progress where standard output belongs to a command."""
    print(f'run_vm: {text}', file=sys.stderr, flush=True)


def make_credentials(build, folder):
    """What displays of a case begin with."""
    shutil.rmtree(folder, ignore_errors=True)
    for i in range(N_CREDENTIALS):
        display = foyerlab.Display(build, 'Stock')
        shutil.copytree(display.credentials, folder / str(i))
        display.stop()
    return folder


def guest_environment(build, cache):
    """What programs in the guest need to find Foyer's build, and what is made for them
    outside, where it is cheap. Plugins are scanned there: in the guest each new node
    would have them all scanned again."""
    foyerlab.REGISTRY = cache / 'gst-registry.bin'
    plugins = cache / 'plugins'
    shutil.rmtree(plugins, ignore_errors=True)
    os.environ['GST_PLUGIN_SYSTEM_PATH_1_0'] = str(
        foyerlab.link_plugins(plugins, PLUGINS))
    own = foyerlab.environment(build)
    foyerlab.fill_registry(build)
    env = {k: own[k] for k in ('GST_PLUGIN_PATH_1_0', 'GST_REGISTRY',
                               'GST_PLUGIN_SYSTEM_PATH_1_0')}
    env.update((k, v) for k, v in own.items() if k.startswith('FOYER_VM_'))
    return {**env, 'GST_REGISTRY_UPDATE': 'no', 'FOYER_BUILD': build,
            'FOYER_VM_CREDENTIALS': make_credentials(build,
                                                     cache / 'credentials')}


def read_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--build', type=pathlib.Path, default=TOP / 'build')
    parser.add_argument('--cache', type=pathlib.Path, default=TOP / 'build-vm')
    parser.add_argument('--cold', action='store_true',
                        help='boot, instead of restoring a snapshot')
    parser.add_argument('--limit', type=int, default=120,
                        help='seconds that `run` may take')
    parser.add_argument('--v4l2loopback-source', type=pathlib.Path,
                        metavar='DIR', help='a second generation to try')
    parser.add_argument('what', choices=['prepare', 'cases', 'run'])
    parser.add_argument('words', nargs=argparse.REMAINDER)
    return parser.parse_args()


def find_loopbacks(arguments, guest):
    """{generation: module} of v4l2loopback."""
    extra = guest.layer / 'lib' / 'modules' / guest.release / 'extra'
    found = {'debian': extra / f'{modules.NAME}.ko'}
    if arguments.v4l2loopback_source:
        found['given'] = modules.build_given(
            arguments.v4l2loopback_source.resolve(), guest.release,
            arguments.cache, tell_aside)
    return found


def do_cases(arguments, guest, snapshot):
    """Runs the suite; the exit status."""
    cases = suite.find_cases(find_loopbacks(arguments, guest), arguments.words)
    if not cases:
        raise packages.Trouble(f'no case {" ".join(arguments.words)}')
    folder = arguments.cache / 'log'
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    env = guest_environment(arguments.build, arguments.cache)
    runs = suite.Suite(guest, folder, env, tell, snapshot).run(cases)
    tell(f'all cases in {time.monotonic() - began:.0f} s')
    suite.write_log(runs, folder / 'testlog.json')
    return 0 if all(run.result == 'OK' for run in runs) else 1


def do_run(arguments, guest, snapshot):
    """Runs one command; its exit status."""
    env = guest_environment(arguments.build, arguments.cache)
    lines = [f'export {k}={shlex.quote(str(v))}' for k, v in env.items()]
    lines += [f'cd {shlex.quote(os.getcwd())}',
              'exec ' + shlex.join(arguments.words), '']
    vm = machine.Machine(guest, arguments.cache / 'log' / 'run',
                         '\n'.join(lines), snapshot)
    at = 0

    def show():
        nonlocal at
        path = vm.job / 'output.log'
        if path.exists():
            data = path.read_bytes()
            sys.stdout.buffer.write(data[at:])
            sys.stdout.flush()
            at = len(data)

    outcome = vm.run(arguments.limit, show)
    if outcome.status in (machine.TIMED_OUT, machine.MACHINE_FAILED):
        tell_aside(f'no result from the machine; see {vm.job}')
    return outcome.status


def main():
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments.cache = arguments.cache.resolve()
    arguments.build = arguments.build.resolve()
    say = tell_aside if arguments.what == 'run' else tell
    began = time.monotonic()
    try:
        guest = guests.prepare(arguments.cache, say)
        snapshot = None
        if not arguments.cold:
            snapshot = machine.ensure_snapshot(guest, say)
        if arguments.what == 'prepare':
            say(f'ready after {time.monotonic() - began:.0f} s')
            return 0
        do = do_cases if arguments.what == 'cases' else do_run
        return do(arguments, guest, snapshot)
    except packages.Trouble as trouble:
        print(f'run_vm: {trouble}', file=sys.stderr)
        return machine.MACHINE_FAILED


if __name__ == '__main__':
    sys.exit(main())
