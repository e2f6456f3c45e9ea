# SPDX-License-Identifier: LGPL-2.1-or-later
"""A house as it ships: foyerd on a bus of its own, its workers, and software
displays; everything in folders of its own, and ended with the test."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

import ctllab
import dbuslab
import foyerlab

ROOT = '/org/foyer/Foyer1'
NAME = 'org.foyer.Foyer1'
PROPERTIES = 'org.freedesktop.DBus.Properties'
START_TIMEOUT_S = 60  # ends only what hangs, as all of its kind
LOOK_EVERY_S = 0.005
WORKERS = ('app', 'camera', 'cast', 'slate', 'loopback')


def wait_until(is_true, what, timeout_s=START_TIMEOUT_S,
               every_s=LOOK_EVERY_S):
    """Waits for something to become true; what it gave then."""
    until = time.monotonic() + timeout_s
    while True:
        value = is_true()
        if value:
            return value
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(every_s)


def children(pid):
    """Processes that a process started: {pid: name}."""
    path = pathlib.Path(f'/proc/{pid}/task/{pid}/children')
    found = {}
    for child in path.read_text('ascii').split():
        try:
            name = pathlib.Path(f'/proc/{child}/comm').read_text('utf-8')
        except OSError:
            continue
        found[int(child)] = name.strip()
    return found


def is_running(pid):
    """Whether a process is there and no zombie."""
    try:
        text = pathlib.Path(f'/proc/{pid}/stat').read_text('ascii')
    except OSError:
        return False
    return text.rsplit(')', 1)[1].split()[0] != 'Z'


def sockets(pid):
    """Internet sockets of a process: (protocol, remote address and port in hex, state
    as the kernel numbers it)."""
    inodes = set()
    for descriptor in pathlib.Path(f'/proc/{pid}/fd').iterdir():
        try:
            inodes.add(os.readlink(descriptor))
        except OSError:
            continue
    found = []
    for protocol in ('tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6'):
        text = pathlib.Path(f'/proc/{pid}/net/{protocol}').read_text('ascii')
        for line in text.splitlines()[1:]:
            words = line.split()
            if f'socket:[{words[9]}]' in inodes:
                found.append((protocol, words[2], words[3]))
    return found


class House:
    """foyerd and its bus. Cameras are drawn, unless `devices` is where real ones
    are; displays are given."""

    def __init__(self, build, cameras=('Nursery', 'Porch'), displays=(),
                 config='', devices=None, descriptors=None, variables=None,
                 host='127.0.0.1', inside=()):
        self.build = build
        self.descriptors = descriptors
        self.variables = variables or {}
        self.inside = list(inside)
        self.bus = ctllab.Bus()
        self.keep = tempfile.TemporaryDirectory(prefix='foyer-house-')
        self.folder = pathlib.Path(self.keep.name)
        self.libexec = self.folder / 'libexec'
        self.libexec.mkdir()
        for name in WORKERS:
            (self.libexec / f'foyer-{name}').symlink_to(
                build / 'daemon' / 'worker' / f'foyer-{name}')
        self.roots = self.folder / 'roots.pem'
        # Displays of one process have one root.
        self.roots.write_text(''.join(
            pathlib.Path(path).read_text('ascii') for path in dict.fromkeys(
                d.start['ca_file'] for d in displays)), 'ascii')
        lines = [f'[camera {name}]\nidentity=test:{name}\n'
                 for name in cameras]
        lines += [f'[display {d.name}]\nhost={host}\nport={d.port}\n'
                  for d in displays]
        self.config = self.folder / 'foyer.conf'
        self.config.write_text('\n'.join(lines) + config, 'utf-8')
        self.devices = pathlib.Path(devices or self.folder / 'devices')
        if devices is None:
            self.devices.mkdir()
        self.log = open(self.folder / 'log', 'w+', encoding='utf-8')
        self.process = None
        self.caller = None

    def line(self):
        """How it is started."""
        return [self.build / 'daemon' / 'control' / 'foyerd',
                '--address', self.bus.address, '--config', self.config,
                '--state', self.folder / 'state',
                '--runtime', self.folder / 'run', '--roots', self.roots,
                '--devices', self.devices]

    def environment(self):
        """And in which environment."""
        env = foyerlab.environment(self.build)
        env.update(FOYER_LIBEXEC=str(self.libexec), LC_ALL='C.UTF-8',
                   G_MESSAGES_DEBUG='foyer', **self.variables)
        return env

    def start(self):
        """Starts it; it serves when this returns."""
        line = [*self.inside, *[str(word) for word in self.line()]]
        if self.descriptors:
            line = ['prlimit', f'--nofile={self.descriptors}', *line]
        foyerlab.scan_plugins(self.environment())
        self.process = subprocess.Popen(
            line, env=self.environment(), stdout=self.log,
            stderr=subprocess.STDOUT)
        if self.caller is None:
            self.caller = dbuslab.Caller(self.bus.address)
            self.caller.call(
                'AddMatch', 's', f"type='signal',sender='{NAME}'",
                path='/org/freedesktop/DBus', to='org.freedesktop.DBus',
                interface='org.freedesktop.DBus')
        wait_until(self._is_there, 'foyerd serves')
        return self

    def _is_there(self):
        if self.process.poll() is not None:
            raise RuntimeError(f'foyerd ended: {self.words()}')
        return self.caller.call(
            'NameHasOwner', 's', NAME, path='/org/freedesktop/DBus',
            to='org.freedesktop.DBus', interface='org.freedesktop.DBus')

    def words(self):
        """What it said."""
        return (self.folder / 'log').read_text('utf-8', 'replace')

    def objects(self, caller=None):
        """All objects: {path: {interface: properties}}."""
        return (caller or self.caller).call(
            'GetManagedObjects', path=ROOT,
            interface='org.freedesktop.DBus.ObjectManager')

    def find(self, kind, name):
        """The path of a camera or display by its name."""
        for path, interfaces in self.objects().items():
            properties = interfaces.get(f'{NAME}.{kind}')
            if properties and properties['Name'] == name:
                return path
        raise KeyError(name)

    def find_session(self):
        """Path of the one session that there is."""
        session, = (p for p in self.objects() if '/session/' in p)
        return session

    def get(self, path, kind, name):
        """A property; None if there is no such object."""
        try:
            return self.caller.call('Get', 'ss', f'{NAME}.{kind}', name,
                                    path=path, interface=PROPERTIES)
        except dbuslab.BusError:
            return None

    def wait_state(self, session, states, timeout_s=START_TIMEOUT_S):
        """Until a session is in one of these states."""
        seen = []

        def is_there():
            seen.append(self.get(session, 'Session', 'State'))
            return seen[-1] in states
        try:
            wait_until(is_there, '', timeout_s)
        except TimeoutError:
            raise TimeoutError(f'{session} is {seen[-1]}, not {states}: '
                               f'{self.words()[-4000:]}') from None

    def wait_end(self, session, timeout_s=START_TIMEOUT_S):
        """(reason, words) of a session's end."""
        def find():
            with self.caller.changed:
                for signal_ in self.caller.signals:
                    if (signal_.fields[dbuslab.MEMBER] == 'SessionEnded'
                            and signal_.body[0] == session):
                        return signal_.body[1:]
            return None
        return wait_until(find, f'{session} ends: {self.words()[-2000:]}',
                          timeout_s)

    def allow(self, camera, display, verdict='allow', **keys):
        """A rule; its number."""
        rule = {'verdict': dbuslab.Variant('s', verdict),
                'camera': dbuslab.Variant(
                    's', camera if camera == 'any' or ':' in camera
                    else f'test:{camera}'),
                'target': dbuslab.Variant(
                    's', display if ':' in display
                    else f'display:static:{display}')}
        rule.update(keys)
        return self.caller.call('AddRule', 'a{sv}', rule,
                                interface=f'{NAME}.Policy')

    def cast(self, camera, display, caller=None, **options):
        """A session's path."""
        return (caller or self.caller).call(
            'Cast', 'ooa{sv}', self.find('Camera', camera),
            self.find('Display', display), options)

    def pair(self, display, trust='pinned'):
        """Accepts the key that the display showed last."""
        path = self.find('Display', display)
        key = self.get(path, 'Display', 'SeenFingerprint')
        self.caller.call('Pair', 'ss', key, trust, path=path,
                         interface=f'{NAME}.Display')

    def probe(self, display):
        """Asks the display who it is."""
        return self.caller.call('Probe', path=self.find('Display', display),
                                interface=f'{NAME}.Display')

    def stop_session(self, session, caller=None):
        """Returns when it is silent."""
        (caller or self.caller).call('Stop', path=session,
                                     interface=f'{NAME}.Session')

    def history(self, caller=None, **options):
        """Entries of the log, newest first."""
        return (caller or self.caller).call('List', 'a{sv}', options,
                                            interface=f'{NAME}.History')

    def bring(self, *displays):
        """Looks who the displays are and accepts their keys."""
        for display in displays:
            self.probe(display.name)
            self.pair(display.name)

    def ctl(self, *words, **options):
        """foyerctl before this house: a finished process."""
        return subprocess.run(
            [self.build / 'daemon' / 'ctl' / 'foyerctl', '--bus',
             self.bus.address, *words], env=self.environment(), text=True,
            capture_output=True, timeout=START_TIMEOUT_S, check=False,
            **options)

    def is_shown_on(self, display):
        """Whether a display has a session."""
        path = self.find('Display', display)
        return any(interfaces[f'{NAME}.Session']['Display'] == path
                   for interfaces in self.objects().values()
                   if f'{NAME}.Session' in interfaces)

    def workers(self, name=None):
        """Living workers, of a kind: their pids."""
        return [pid for pid, comm in children(self.process.pid).items()
                if name is None or comm == f'foyer-{name}']

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def end(self):
        """As the system would; its exit status."""
        return foyerlab.stop_process(self.process, signal.SIGTERM)

    def stop(self):
        """Ends everything."""
        if self.process is not None and self.process.poll() is None:
            self.end()
        self.bus.stop()
        self.log.close()
        self.keep.cleanup()


def pss_kib(pid):
    """Memory of a process, what it shares divided by who shares it."""
    text = pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text('ascii')
    for line in text.splitlines():
        if line.startswith('Pss:'):
            return int(line.split()[1])
    raise ValueError('no Pss')


def count_encoders(pid):
    """Encoders of a foyer-camera on a drawn camera: each has a queue before it,
    whose thread bears the queue's name, as those of x264 do; the drawing has
    one, too."""
    names = {pathlib.Path(f'/proc/{pid}/task/{task}/comm').read_text('utf-8')
             for task in os.listdir(f'/proc/{pid}/task')}
    return sum(name.startswith('queue') for name in names) - 1


def switches(pid):
    """How often a process's threads were woken by themselves."""
    total = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        text = pathlib.Path(f'/proc/{pid}/task/{task}/status').read_text(
            'ascii')
        for line in text.splitlines():
            if line.startswith('voluntary_ctxt_switches'):
                total += int(line.split()[1])
    return total


class Machine:
    """How much of the machine's time went to others since this was made."""

    def __init__(self, pids):
        self.pids = pids
        self.total, self.busy = self._read()
        self.own = self._read_own()

    def _read(self):
        # user nice system idle iowait irq softirq steal; packets over loopback
        # are handled in softirq, which is nobody's.
        with open('/proc/stat', encoding='ascii') as lines:
            ticks = [int(word) for word in lines.readline().split()[1:9]]
        return sum(ticks), sum(ticks[:3]) + ticks[7]

    def _read_own(self):
        own = 0
        for pid in self.pids:
            text = pathlib.Path(f'/proc/{pid}/stat').read_text('ascii')
            own += sum(int(w) for w in text.rsplit(')', 1)[1].split()[11:13])
        return own

    def measure_others(self):
        """Between 0 and 1, of all processors."""
        total, busy = self._read()
        own = self._read_own() - self.own
        return max(busy - self.busy - own, 0) / max(total - self.total, 1)
