# SPDX-License-Identifier: LGPL-2.1-or-later
"""Another user of the machine, who was allowed nothing, and tries every way in that
there is: calls that change something, and ports on which the service might listen."""

import os
import pathlib
import select
import signal
import stat

import dbuslab
import houselab

NOBODY = 65534
ANSWER_TIMEOUT_S = 10
TRIES = 3
LISTENS = '0A'  # as the kernel numbers it


def make_calls(session, screen, camera):
    """(member, signature, values, interface, path)."""
    root = houselab.ROOT
    rule = {'verdict': dbuslab.Variant('s', 'allow')}
    return [
        ('AddRule', 'a{sv}', [rule], 'Policy', root),
        ('RemoveRule', 't', [1], 'Policy', root),
        ('SetLockdown', 'b', [False], 'Manager', root),
        ('AddDisplay', 'ssq', ['Hall', '127.0.0.1', 8009], 'Manager', root),
        ('Pair', 'ss', ['sha256:' + 'ab' * 32, 'any'], 'Display', screen),
        ('SetName', 's', ['Mine'], 'Camera', camera),
        ('Stop', '', [], 'Session', session),
        ('Forget', '', [], 'Display', screen),
    ]


def try_calls(address, calls):
    """As he: the members that did what he asked."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    caller = dbuslab.Caller(address, uid=NOBODY)
    done = []
    for member, signature, values, interface, path in calls:
        try:
            caller.call(member, signature, *values, path=path,
                        interface=f'{houselab.NAME}.{interface}')
            done.append(member)
        except dbuslab.BusError:
            pass
    return done


def open_bus(bus):
    """Lets other users on a house's bus."""
    folder = pathlib.Path(bus.folder.name)
    folder.chmod(0o755)
    (folder / 'bus').chmod(0o777)


def intrude(address, calls):
    """The members that another user could call; in a process of his own, which is
    given up if it says nothing."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        text = 'nothing'
        try:
            text = ' '.join(try_calls(address, calls))
        except BaseException as error:  # whatever it is, it must end here
            text = f'? {error!r}'
        finally:
            os.write(writing, text.encode())
            os._exit(0)
    os.close(writing)
    try:
        if not select.select([reading], [], [], ANSWER_TIMEOUT_S)[0]:
            os.kill(pid, signal.SIGKILL)
            return None
        text = os.read(reading, 4096).decode()
        return None if text.startswith('?') else text.split()
    finally:
        os.close(reading)
        os.waitpid(pid, 0)


def intrude_patiently(bus, calls):
    """The same. He is a copy of this process, which has threads: who had the lock of
    something is not in the copy, and it may wait for ever; the next one need not."""
    for _ in range(TRIES):
        done = intrude(bus, calls)
        if done is not None:
            return done
    return None


def why_not(folder):
    """Why another user could not even come to a bus in a folder; None if he could."""
    if os.geteuid() != 0:
        return 'only root can be another user'
    closed = [str(path) for path in [pathlib.Path(folder).resolve()] +
              list(pathlib.Path(folder).resolve().parents)
              if not path.stat().st_mode & stat.S_IXOTH]
    return f'{closed[0]} is closed to other users' if closed else None


def find_doors(pid):
    """Sockets of a network on which a process listens."""
    return [found for found in houselab.sockets(pid) if found[2] == LISTENS]
