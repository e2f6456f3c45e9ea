#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs cases in the guest, one after the other, as the harness tells them by the
serial port, a line each: name, limit in seconds, program, generation of v4l2loopback
and its module. Tells when it wants the next and how each ended; NAME.tap is what it
printed, NAME.log what it complained of.

Each is a fork of this process, which has read what cases import: an emulated
processor takes seconds for that."""

import json  # noqa: F401
import os
import pathlib
import re
import runpy
import signal
import subprocess
import sys
import threading
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import vmcast  # noqa: E402,F401
import vmhouse  # noqa: E402,F401
import vmlab  # noqa: E402

FOLDER = pathlib.Path('/run/vm')
# What a case may have left loaded is no business of the next one. USB cameras end
# with their processes; their drivers keep nothing of them.
DRIVERS = ('vivid', 'vimc', 'v4l2loopback', 'snd_dummy')
TROUBLE = re.compile(r'Oops|BUG:|general protection|Kernel panic')
TIMED_OUT = 124


def run_program(program):
    """As Python would; its exit status."""
    sys.argv = [str(program)]
    try:
        runpy.run_path(str(program), run_name='__main__')
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else bool(ended.code)
    except BaseException:  # noqa: B902
        traceback.print_exc()
        return 1
    return 0


def begin(name, program, generation, module):
    """A case, in a session of its own; its process."""
    pid = os.fork()
    if pid != 0:
        return pid
    os.setsid()
    for suffix, fd in (('tap', 1), ('log', 2)):
        path = FOLDER / f'{name}.{suffix}'
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), fd)
    os.environ.update(FOYER_LOOPBACK=generation, FOYER_LOOPBACK_MODULE=module)
    vmlab.GENERATION, vmlab.MODULE = generation, module
    status = run_program(program)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def wait(pid, limit_s):
    """Until a case has ended, or had its time; its status. Nothing of it is left
    running."""
    timed_out = threading.Event()

    def stop():
        timed_out.set()
        os.killpg(pid, signal.SIGKILL)

    watch = threading.Timer(limit_s, stop)
    watch.start()
    # Not reaped yet, so that its number is nobody else's.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    watch.cancel()
    watch.join()
    os.killpg(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return TIMED_OUT if timed_out.is_set() else status


def clean_up(name):
    """Takes drivers out, and keeps what the kernel said."""
    for driver in DRIVERS:
        if pathlib.Path('/sys/module', driver).exists():
            with open(FOLDER / f'{name}.log', 'ab') as log:
                subprocess.run(['rmmod', driver], stderr=log, check=False)
    said = subprocess.run(['dmesg'], capture_output=True, text=True,
                          errors='replace', check=False).stdout
    (FOLDER / f'{name}.dmesg').write_text(said, 'utf-8')
    if TROUBLE.search(said):
        with open(FOLDER / f'{name}.tap', 'a', encoding='utf-8') as tap:
            tap.write('not ok - the kernel had no trouble\n')


def main():
    with open('/dev/ttyS0', encoding='utf-8') as orders:
        while True:
            print('next', flush=True)
            words = orders.readline().split()
            if len(words) != 5:
                return
            name, limit, program, generation, module = words
            subprocess.run(['dmesg', '--clear'], check=False)
            status = wait(begin(name, pathlib.Path(program), generation, module),
                          int(limit))
            clean_up(name)
            print(f'end {status}', flush=True)


if __name__ == '__main__':
    main()
