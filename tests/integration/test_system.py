#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyerd as the machine's service: Debian's polkitd, a dbus-daemon that is set up
as the machine's own, and the files that ship for both. systemd is played: what the
bus asks it for is done as the unit says. All of it in a mount namespace, in which a
few users exist that the machine does not have."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import ctllab  # noqa: E402
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
DATA = pathlib.Path(__file__).resolve().parents[2] / 'daemon' / 'data'
PROGRAM = BUILD / 'daemon' / 'control' / 'foyerd'
POLKITD = pathlib.Path('/usr/lib/polkit-1/polkitd')
ACTIONS = pathlib.Path('/usr/share/polkit-1/actions')
RULES = pathlib.Path('/etc/polkit-1/rules.d')
NAME = houselab.NAME
BUS = 'org.freedesktop.DBus'
INSIDE = 'FOYER_TEST_INSIDE'
# By number, where no machine has users.
USERS = {'foyer': 64321, 'alice': 64322, 'bob': 64323, 'carol': 64324}
# Alice always may, Bob never, and of Carol nothing is said: she would have to give
# a password, and there is nobody to ask her for one.
POLKIT_RULES = '''
polkit.addRule(function(action, subject) {
  if (action.id != "org.foyer.Foyer1.manage") return undefined;
  if (subject.user == "alice") return polkit.Result.YES;
  if (subject.user == "bob") return polkit.Result.NO;
});
'''
# Debian's, in what it allows by itself; and that it has systemd start services.
BUS_CONFIG = '''<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus"/>
  </policy>
  <policy user="root">
    <allow own="org.freedesktop.systemd1"/>
  </policy>
  <include>/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf</include>
  <include>{data}/org.foyer.Foyer1.conf</include>
</busconfig>
'''


def run(*words):
    """A command that must go well."""
    subprocess.run([str(word) for word in words], check=True)


def make_users(folder):
    """The machine's users and ours, in this namespace alone."""
    for path, line in (('/etc/passwd', '{name}:x:{id}:{id}::/:/usr/sbin/nologin'),
                       ('/etc/group', '{name}:x:{id}:')):
        text = pathlib.Path(path).read_text('utf-8')
        mine = folder / pathlib.Path(path).name
        mine.write_text(text + '\n'.join(
            line.format(name=name, id=number)
            for name, number in USERS.items()) + '\n', 'utf-8')
        run('mount', '--bind', mine, path)


def make_polkit(folder):
    """polkitd sees our actions, as they ship, and our rules."""
    actions = folder / 'actions'
    rules = folder / 'rules'
    actions.mkdir()
    rules.mkdir()
    shutil.copy(ACTIONS / 'org.freedesktop.policykit.policy', actions)
    shutil.copy(DATA / 'org.foyer.Foyer1.policy', actions)
    (rules / '10-test.rules').write_text(POLKIT_RULES, 'utf-8')
    for path in (rules, *rules.iterdir(), actions, *actions.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    run('mount', '--bind', actions, ACTIONS)
    run('mount', '--bind', rules, RULES)


@contextlib.contextmanager
def acting_as(uid):
    """A socket that is connected here is that user's."""
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


class Machine:
    """The bus, polkitd, and a systemd that does what it is asked for."""

    def __init__(self):
        self.keep = ctllab.make_bus_folder('foyer-system-')
        self.folder = pathlib.Path(self.keep.name)
        self.folder.chmod(0o755)
        make_users(self.folder)
        make_polkit(self.folder)
        (self.folder / 'services').mkdir()
        shutil.copy(DATA / 'org.foyer.Foyer1.service',
                    self.folder / 'services')
        config = self.folder / 'bus.conf'
        config.write_text(BUS_CONFIG.format(folder=self.folder, data=DATA),
                          'utf-8')
        self.log = open(self.folder / 'log', 'w+', encoding='utf-8')
        self.bus = subprocess.Popen(
            ['dbus-daemon', f'--config-file={config}', '--nofork',
             '--systemd-activation', '--print-address=1'],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.address = self.bus.stdout.readline().strip()
        self.environment = dict(foyerlab.environment(BUILD),
                                DBUS_SYSTEM_BUS_ADDRESS=self.address,
                                FOYER_LIBEXEC=str(BUILD / 'daemon' / 'worker'),
                                LC_ALL='C.UTF-8')
        self.systemd = dbuslab.Caller(self.address)
        self.take_name(self.systemd, 'org.freedesktop.systemd1')
        self.foyerd = None
        self.polkitd = None
        self.start_polkitd()

    def start_polkitd(self):
        """It serves when this returns."""
        self.polkitd = subprocess.Popen(
            [POLKITD, '--no-debug'], env=self.environment, stdout=self.log,
            stderr=self.log)
        houselab.wait_until(
            lambda: self.has_owner('org.freedesktop.PolicyKit1'), 'polkitd')

    def ask_bus(self, caller, member, signature, *values):
        """Calls the bus itself."""
        return caller.call(member, signature, *values,
                           path='/org/freedesktop/DBus', to=BUS, interface=BUS)

    def take_name(self, caller, name):
        """The bus's answer."""
        return self.ask_bus(caller, 'RequestName', 'su', name, 4)

    def has_owner(self, name):
        """Whether somebody has a name."""
        return self.ask_bus(self.systemd, 'NameHasOwner', 's', name)

    def join(self, user):
        """A connection of a user."""
        with acting_as(USERS[user]):
            return dbuslab.Caller(self.address, uid=USERS[user])

    def foyerd_line(self, user):
        """How the unit starts it, but for where its files are."""
        state, runtime = self.folder / 'state', self.folder / 'run'
        for path in (state, runtime):
            if not path.exists():
                path.mkdir()
                os.chown(path, USERS['foyer'], USERS['foyer'])
        return ['setpriv', f'--reuid={USERS[user]}', f'--regid={USERS[user]}',
                '--clear-groups', '--no-new-privs', PROGRAM, '--system',
                '--config', '/dev/null', '--state', state, '--runtime', runtime]

    def wait_activation(self):
        """The unit that the bus wants started."""
        def find():
            with self.systemd.changed:
                return [s.body[0] for s in self.systemd.signals
                        if s.fields[dbuslab.MEMBER] == 'ActivationRequest']
        return houselab.wait_until(find, 'the bus asks for a unit')[0]

    def start_foyerd(self):
        """As systemd would."""
        self.foyerd = subprocess.Popen(
            [str(word) for word in self.foyerd_line('foyer')],
            env=self.environment, stdout=self.log, stderr=self.log)

    def words(self):
        """What they all said."""
        return (self.folder / 'log').read_text('utf-8', 'replace')

    def stop(self):
        """Ends everything."""
        for process in (self.foyerd, self.polkitd, self.bus):
            if process is not None:
                process.terminate()
                process.wait()
        self.bus.stdout.close()
        self.log.close()
        for path in (RULES, ACTIONS, '/etc/passwd', '/etc/group'):
            run('umount', path)
        self.keep.cleanup()


class SystemTest(unittest.TestCase):
    """One machine for all."""

    @classmethod
    def setUpClass(cls):
        cls.machine = Machine()
        # The first call starts it, and waits until it serves.
        caller = cls.machine.join('alice')
        serial = caller.send('ListRules', interface=f'{NAME}.Policy')
        cls.unit = cls.machine.wait_activation()
        cls.machine.start_foyerd()
        cls.first_answer = caller.wait(serial)

    @classmethod
    def tearDownClass(cls):
        cls.machine.stop()

    def add_rule(self, user, name='Nursery'):
        """Its number."""
        rule = {'verdict': dbuslab.Variant('s', 'allow'),
                'camera': dbuslab.Variant('s', f'test:{name}'),
                'target': dbuslab.Variant('s', 'node:any')}
        return self.machine.join(user).call('AddRule', 'a{sv}', rule,
                                            interface=f'{NAME}.Policy')

    def list_rules(self):
        """Their numbers; anybody may ask."""
        return [r['id'] for r in self.machine.join('bob').call(
            'ListRules', interface=f'{NAME}.Policy')]

    def expect_error(self, name, call, *arguments):
        """The words of an error of that name."""
        with self.assertRaises(dbuslab.BusError) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.name, name, caught.exception)
        return caught.exception.message

    def test_activation(self):
        """The shipped file leads to the shipped unit, and the call that started
        it is answered."""
        self.assertEqual(self.unit, 'foyerd.service')
        self.assertEqual(self.first_answer, [])
        owner = self.machine.ask_bus(self.machine.systemd, 'GetConnectionUnixUser',
                                     's', NAME)
        self.assertEqual(owner, USERS['foyer'])

    def test_name_is_foyers(self):
        """Nobody else can be org.foyer.Foyer1, root neither."""
        for caller in (self.machine.join('alice'), self.machine.systemd):
            words = self.expect_error(
                'org.freedesktop.DBus.Error.AccessDenied',
                self.machine.take_name, caller, NAME)
            self.assertIn('own', words)

    def test_foyerd_of_another(self):
        """One that is started by the wrong user says so and leaves."""
        self.machine.foyerd.terminate()
        self.machine.foyerd.wait()
        with tempfile.TemporaryDirectory() as folder:
            os.chown(folder, USERS['alice'], USERS['alice'])
            line = [str(word) for word in self.machine.foyerd_line('alice')]
            line[line.index('--state') + 1] = f'{folder}/state'
            line[line.index('--runtime') + 1] = f'{folder}/run'
            ended = subprocess.run(line, env=self.machine.environment,
                                   capture_output=True, text=True, timeout=60,
                                   check=False)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn('not allowed to own', ended.stderr)
        self.machine.start_foyerd()
        houselab.wait_until(lambda: self.machine.has_owner(NAME), 'foyerd')

    def test_other_interfaces(self):
        """What is not listed in the bus's policy does not reach foyerd."""
        caller = self.machine.join('alice')
        words = self.expect_error(
            'org.freedesktop.DBus.Error.AccessDenied',
            lambda: caller.call('Do', interface='org.example.Other'))
        self.assertIn('rules', words)

    def test_allowed(self):
        rule = self.add_rule('alice')
        self.assertIn(rule, self.list_rules())
        self.machine.join('alice').call('RemoveRule', 't', rule,
                                        interface=f'{NAME}.Policy')
        self.assertNotIn(rule, self.list_rules())
        entry = self.machine.join('alice').call(
            'List', 'a{sv}', {'kind': dbuslab.Variant('s', 'rule')},
            interface=f'{NAME}.History')[0]
        self.assertEqual(entry['user'], USERS['alice'])

    def test_refused(self):
        before = self.list_rules()
        words = self.expect_error('NotAuthorized', self.add_rule, 'bob')
        self.assertIn('administrator', words)
        self.assertEqual(self.list_rules(), before)

    def test_challenge(self):
        """A password would do, and nobody can ask for one."""
        before = self.list_rules()
        words = self.expect_error('NotAuthorized', self.add_rule, 'carol')
        self.assertIn('password', words)
        self.assertEqual(self.list_rules(), before)

    def test_lockdown_needs_nothing(self):
        """Anybody may close the house; opening it again is for who manages it."""
        carol = self.machine.join('carol')
        carol.call('SetLockdown', 'b', True)
        self.expect_error('NotAuthorized',
                          lambda: carol.call('SetLockdown', 'b', False))
        self.machine.join('alice').call('SetLockdown', 'b', False)

    def test_polkit_gone(self):
        """Without polkit nobody may anything but lock down, and foyerd goes on."""
        self.machine.polkitd.kill()
        self.machine.polkitd.wait()
        before = self.list_rules()
        self.expect_error('NotAuthorized', self.add_rule, 'alice')
        self.assertEqual(self.list_rules(), before)
        carol = self.machine.join('carol')
        carol.call('SetLockdown', 'b', True)
        self.machine.start_polkitd()
        self.machine.join('alice').call('SetLockdown', 'b', False)
        self.assertIn(self.add_rule('alice'), self.list_rules())


def main():
    """Again, in a namespace in which anything can be mounted."""
    lacks = [what for what, is_there in (
        ('root', os.geteuid() == 0), ('polkitd', POLKITD.exists()),
        ('dbus-daemon', shutil.which('dbus-daemon'))) if not is_there]
    if lacks:
        print(f'1..0 # SKIP this needs {", ".join(lacks)}')
    elif INSIDE in os.environ:
        tap.main()
    else:
        sys.argv.insert(1, str(BUILD))
        line = ['unshare', '--mount', '--propagation', 'private',
                sys.executable, *sys.argv]
        os.execvpe(line[0], line, {**os.environ, INSIDE: '1'})


main()
