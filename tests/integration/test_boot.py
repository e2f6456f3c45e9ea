#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyerd on a machine that has booted: systemd itself as process 1, with the unit,
bus and polkit files as they are installed, a dbus-daemon and polkitd that systemd
starts when they are asked for. The machine is this one's files in namespaces of
their own; what is changed there is gone with them."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
BOOT = pathlib.Path(__file__).resolve().parents[1] / 'lib' / 'boot.sh'
SYSTEMD = pathlib.Path('/lib/systemd/systemd')
POLKITD = pathlib.Path('/usr/lib/polkit-1/polkitd')
NAMESPACES = ['--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup']
UNIT = 'foyerd.service'
PORT = 8009
HOME, INTERNET = '192.168.77.1', '203.0.113.1'  # RFC 5737 §3
CONFIG = '[camera Nursery]\nidentity=test:Nursery\n'
TIMEOUT_S = 60
BUS = 'run/dbus/system_bus_socket'
LISTEN = '''import socket, sys
server = socket.create_server((sys.argv[1], int(sys.argv[2])))
print('listens', flush=True)
server.accept()
print('knocked', flush=True)
'''


def install(folder):
    """What an installation brings, and where a distribution has what is looked for
    below /usr alone."""
    subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet',
                    '--destdir', folder], check=True, stdout=subprocess.DEVNULL)
    for name, place in (('org.foyer.Foyer1.conf', 'dbus-1/system.d'),
                        ('org.foyer.Foyer1.policy', 'polkit-1/actions')):
        to = folder / 'usr' / 'share' / place
        to.mkdir(parents=True, exist_ok=True)
        for path in folder.rglob(name):
            if path.parent != to:
                shutil.copy(path, to)
    config = folder / 'etc' / 'foyer'
    config.mkdir(parents=True)
    (config / 'foyer.conf').write_text(CONFIG, 'utf-8')
    for path in folder.rglob('*'):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


class Machine:
    """One that has booted, and a display in its network."""

    def __init__(self):
        self.keep = tempfile.TemporaryDirectory(prefix='foyer-boot-')
        folder = pathlib.Path(self.keep.name)
        folder.chmod(0o755)
        installed = folder / 'installed'
        installed.mkdir(mode=0o755)
        (folder / 'machine').mkdir()
        install(installed)
        self.log = open(folder / 'log', 'w+', encoding='utf-8')
        self.process = subprocess.Popen(
            ['unshare', *NAMESPACES, '--fork', '--kill-child',
             '--propagation', 'private', BOOT, installed, folder / 'machine'],
            stdout=self.log, stderr=self.log)
        bus = houselab.wait_until(self._find_bus, 'the machine boots', TIMEOUT_S)
        self.bus = dbuslab.Caller(f'unix:path={bus}')
        for address in (HOME, INTERNET):
            self.run('ip', 'address', 'add', f'{address}/32', 'dev', 'lo')
        self.display = foyerlab.Display(
            BUILD, 'Kitchen', address='127.0.0.1', inside=self.line('--net'))

    def _find_bus(self):
        """Where its bus can be reached from outside, once it listens."""
        if self.process.poll() is not None:
            raise RuntimeError(f'it did not boot: {self.words()}')
        for pid, name in houselab.children(self.process.pid).items():
            if name != 'systemd':
                continue
            self.pid = pid
            path = pathlib.Path(f'/proc/{pid}/root') / BUS
            if path.exists():
                return path
        return None

    def line(self, *namespaces):
        """What runs a command there."""
        return ['nsenter', f'--target={self.pid}', *namespaces]

    def run(self, *words):
        """A command in the machine: a finished process."""
        return subprocess.run(
            [*self.line(*NAMESPACES, '--root', '--wd'), *words], text=True,
            capture_output=True, check=False, timeout=TIMEOUT_S,
            stdin=subprocess.DEVNULL)

    def ctl(self, *words):
        """foyerctl there, which must go well; what it says."""
        run = self.run('foyerctl', *words)
        if run.returncode != 0:
            raise RuntimeError(f'{words}: {run.stderr} {self.journal()}')
        return run.stdout

    def history(self):
        """Sessions in the log, newest first."""
        return json.loads(self.ctl('history', '--kind', 'session',
                                   '--json'))['entries']

    def show(self, name):
        """A property of the unit."""
        return self.run('systemctl', 'show', UNIT, f'--property={name}',
                        '--value').stdout.strip()

    def workers(self):
        """Status of each process of the unit but foyerd: {pid there: {…}}."""
        found = {}
        path = f'/sys/fs/cgroup/system.slice/{UNIT}/cgroup.procs'
        pids = self.run('cat', path).stdout.split()
        for pid in set(pids) - {self.show('MainPID')}:
            text = self.run('cat', f'/proc/{pid}/status').stdout
            if text:
                found[pid] = dict(line.split(':\t', 1)
                                  for line in text.splitlines() if ':\t' in line)
        return found

    def journal(self):
        """What the unit said."""
        return self.run('journalctl', '--no-pager', '--unit', UNIT).stdout

    def is_served(self):
        """Whether foyerd has its name."""
        return self.bus.call('NameHasOwner', 's', houselab.NAME,
                             path='/org/freedesktop/DBus',
                             to='org.freedesktop.DBus',
                             interface='org.freedesktop.DBus')

    def words(self):
        """What was said while it booted."""
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        """Takes its power."""
        self.display.stop()
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.keep.cleanup()


class BootTest(unittest.TestCase):
    """One machine for all; in the order of a day."""

    @classmethod
    def setUpClass(cls):
        cls.machine = Machine()

    @classmethod
    def tearDownClass(cls):
        cls.machine.stop()

    def cast(self):
        """A session that is live and was seen."""
        machine = self.machine
        machine.display.read()
        n_frames = len(machine.display.frames)
        machine.ctl('cast', 'Nursery', 'Kitchen')
        houselab.wait_until(
            lambda: machine.display.read() is not None
            and len(machine.display.frames) > n_frames + 5, 'pictures')

    def expect_over(self):
        """The display shows nothing any more, and nobody is left."""
        houselab.wait_until(self.machine.display.is_over, 'the display is free')

    def test_1_activation(self):
        """Nothing runs until somebody asks."""
        self.assertFalse(self.machine.is_served())
        self.assertIn('runs', self.machine.ctl('status'))
        self.assertEqual(self.machine.show('ActiveState'), 'active')
        # Else the first camera's worker would look for it, while time runs.
        self.assertIn('registry', self.machine.run(
            'ls', '/var/lib/foyer/.cache/gstreamer-1.0').stdout)
        # What systemd could not do of the unit would be said.
        self.assertNotRegex(self.machine.journal(), '(?i)fail|ignor|unknown')

    def test_2_cast(self):
        """All that a worker needs, and no more, is let through by the unit."""
        machine = self.machine
        machine.ctl('add-display', 'Kitchen', f'127.0.0.1:{machine.display.port}')
        machine.ctl('grant', 'Nursery', 'Kitchen')
        machine.ctl('grant', 'Nursery', 'app:foyerctl', '--media', 'stills')
        machine.ctl('pair', 'Kitchen', '--fingerprint',
                    machine.display.start['fingerprint'])
        self.cast()
        machine.ctl('snapshot', 'Nursery', '/run/nursery.png')
        workers = machine.workers().values()
        self.assertEqual(sorted(w['Name'] for w in workers
                                if w['Name'] != 'foyer-app'),
                         ['foyer-camera', 'foyer-cast'])
        for worker in workers:
            self.assertEqual(
                (worker['Seccomp'], worker['NoNewPrivs'], int(worker['CapEff'], 16)),
                ('2', '1', 0), worker)
            self.assertNotIn('0', worker['Uid'].split())

    def test_3_killed(self):
        """systemd starts it again, which knows what the one before left."""
        machine = self.machine
        first = machine.show('MainPID')
        machine.run('systemctl', 'kill', '--kill-whom=main', '--signal=KILL', UNIT)
        self.expect_over()
        # Nobody asks for it.
        houselab.wait_until(
            lambda: machine.show('MainPID') not in (first, '0') and
            machine.is_served(), 'foyerd is back')
        self.assertEqual(machine.show('NRestarts'), '1')
        entry = next(e for e in machine.history()
                     if e['target_name'] == 'Kitchen')
        self.assertEqual(entry['reason'], 'service-restarted')
        self.assertGreaterEqual(entry['frames'], len(machine.display.frames))
        houselab.wait_until(
            lambda: machine.run('ls', '/run/foyer').stdout == '', 'all is clean')
        self.cast()

    def test_4_stopped(self):
        """In the middle, and on again when it is called."""
        machine = self.machine
        self.assertEqual(machine.run('systemctl', 'stop', UNIT).returncode, 0)
        self.assertEqual((machine.show('ActiveState'), machine.show('Result')),
                         ('inactive', 'success'))
        self.expect_over()
        self.assertEqual(machine.workers(), {})
        entry = machine.history()[0]
        self.assertEqual(entry['reason'], 'stopped')
        self.assertGreaterEqual(entry['frames'], 1)

    def test_5_internet(self):
        """Whatever a display is called, nothing goes beyond the home's networks."""
        machine = self.machine
        servers = {name: self.listen(address) for name, address in
                   (('Far', INTERNET), ('Near', HOME))}
        for name, address in (('Far', INTERNET), ('Near', HOME)):
            machine.ctl('add-display', name, f'{address}:{PORT}')
            pair = subprocess.Popen(
                [*machine.line(*NAMESPACES, '--root', '--wd'), 'foyerctl', 'pair',
                 name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(pair.wait)
            self.addCleanup(pair.kill)
            if name == 'Far':
                houselab.wait_until(
                    lambda: INTERNET in machine.run(
                        'ss', '--tcp', 'state', 'syn-sent').stdout, 'it is tried')
        self.assertEqual(servers['Near'].stdout.readline(), 'knocked\n')
        self.assertIsNone(servers['Far'].poll())

    def listen(self, address):
        """Something that tells of who knocks there, once, and ends."""
        server = subprocess.Popen(
            [*self.machine.line('--net'), sys.executable, '-c', LISTEN, address,
             str(PORT)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertEqual(server.stdout.readline(), 'listens\n')
        return server


def main():
    """Or says what it needs."""
    lacks = [what for what, is_there in (
        ('root', os.geteuid() == 0), ('systemd', SYSTEMD.exists()),
        ('polkitd', POLKITD.exists()), ('meson', shutil.which('meson')))
        if not is_there]
    if lacks:
        print(f'1..0 # SKIP this needs {", ".join(lacks)}')
    else:
        tap.main()


main()
