#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyerctl as a program, before a service that has nothing behind it: what it asks,
what it says, and the status it leaves with."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import ctllab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PROGRAM = BUILD / 'daemon' / 'ctl' / 'foyerctl'
COMPLETION = BUILD / 'daemon' / 'ctl' / 'foyerctl.bash'
TOP = pathlib.Path(__file__).resolve().parents[2]
SPEC = json.loads((TOP / 'daemon/ctl/verbs.json').read_text('utf-8'))

KEY, OTHER_KEY = 'sha256:' + 'ab' * 32, 'sha256:' + 'cd' * 32
NASTY = 'Attic\n\x1b[2J\u202eevil'
NASTY_SHOWN = 'Attic\\u{a}\\u{1b}[2J\\u{202e}evil'
SESSION = 'session/7'
RULE = ("{'id': <uint64 3>, 'verdict': <'allow'>, 'subject': <'user:root'>, "
        "'camera': <'test:Nursery'>, 'target': <'display:static:Kitchen'>, "
        "'media': <['video', 'audio']>, "
        "'schedule': <['mon-fri 07:00-19:30', 'sat,sun']>, "
        "'expires': <uint64 1798740000>, 'max-session-s': <uint32 7200>, "
        "'allow-clear': <true>}")


class FoyerctlTest(unittest.TestCase):
    """One promise each. What a test starts ends with it, passed or failed."""

    def setUp(self):
        self.bus = ctllab.Bus()
        self.addCleanup(self.bus.stop)
        self.service = None
        self.env = {name: value for name, value in os.environ.items()
                    if name not in ('NO_COLOR', 'FOYER_BUS_ADDRESS')}
        self.env.update(FOYER_BUS_ADDRESS=self.bus.address, TERM='xterm',
                        TZ='UTC0', LC_ALL='C.UTF-8')

    def start(self):
        """The service, with a small house."""
        service = self.service = ctllab.Service(BUILD, self.bus)
        self.addCleanup(service.stop)
        service.add('camera/1', name='Nursery', identity='test:Nursery',
                    state='open', generation=2)
        service.add('camera/2', name='Porch', identity='usb:046d:0825:A',
                    node='/dev/video0', state='closed')
        service.add('camera/3', name=NASTY, identity='path:3',
                    state='ambiguous')
        service.add('display/1', name='Kitchen', identity='static:Kitchen',
                    model='Nest Hub', host='192.168.1.20', port=8009,
                    kind='display', trust='device-auth', paired=True,
                    fingerprint=KEY, seen_fingerprint=KEY)
        service.add('display/2', name='Living Room', identity='mdns:2',
                    kind='display', trust='device-auth')
        service.add('display/3', name='客厅', identity='mdns:3',
                    kind='display', paired=True, fingerprint=KEY,
                    seen_fingerprint=OTHER_KEY)
        return service

    def add_session(self, path=SESSION, **properties):
        """Nursery on Kitchen."""
        self.service.add(path, **{
            'id': int(path.split('/')[1]), 'camera': ctllab.ROOT + 'camera/1',
            'display': ctllab.ROOT + 'display/1', 'state': 'live', 'rule': 3,
            'since': (int(time.time()) - 65) * 1_000_000, **properties})

    def run_ctl(self, *words, status=0, **options):
        """Runs it to its end, without a terminal."""
        run = subprocess.run([PROGRAM, *words], env=self.env, check=False,
                             text=True, capture_output=True,
                             stdin=subprocess.DEVNULL,
                             timeout=ctllab.TIMEOUT_S, **options)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        if status and words[:1] != ('explain',):
            self.assertRegex(run.stderr, r'(?s)(^|\n)foyerctl: [^\n]+\n$')
            self.assertRegex(run.stderr.splitlines()[-1], ctllab.NEXT)
        self.assertNotIn('\x1b', run.stdout + run.stderr)
        return run

    def run_json(self, *words):
        """The object it prints."""
        result = json.loads(self.run_ctl(*words, '--json').stdout)
        self.assertEqual(result.pop('schema'), 1)
        return result

    def start_ctl(self, *words):
        """Runs it beside the test, without a terminal."""
        process = subprocess.Popen(
            [PROGRAM, *words], env=self.env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def terminal(self, *words, **env):
        """Runs it on a terminal."""
        terminal = ctllab.Terminal([PROGRAM, *words], {**self.env, **env})
        self.addCleanup(terminal.kill)
        return terminal

    # Where the service is.

    def test_no_service(self):
        told = subprocess.run([PROGRAM, 'doctor'], env=self.env, text=True,
                              capture_output=True, check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn('to mend it: systemctl start foyerd', told.stdout)
        for verb in SPEC['verbs']:
            words = [word['name'] for word in verb.get('words', [])]
            if verb['name'] == 'doctor':
                continue
            if verb['name'] == 'lockdown':
                words = ['on']
            elif verb['name'] == 'add-display':
                words = ['Kitchen', '192.168.1.20']
            elif verb['name'] == 'snapshot':
                words = ['Nursery', 'nursery.png']
            elif verb['name'] == 'volume':
                words = ['Kitchen', '40']
            if verb['name'] == 'stop':
                words = ['--all']
            with self.subTest(verb['name']):
                run = self.run_ctl(verb['name'], *words, status=5)
                self.assertIn('systemctl start foyerd', run.stderr)
                self.assertEqual(run.stdout, '')

    def test_activation(self):
        marker = self.bus.make_activatable()
        self.run_ctl('cameras', '--names', status=5)
        self.assertFalse(marker.exists())
        self.run_ctl('cameras', status=5)
        self.assertTrue(marker.exists())

    def test_no_bus(self):
        self.env['FOYER_BUS_ADDRESS'] = 'unix:path=/nonexistent/bus'
        self.run_ctl('cameras', status=5)

    def test_bus_by_option(self):
        self.start()
        self.env['FOYER_BUS_ADDRESS'] = 'unix:path=/nonexistent/bus'
        self.run_ctl('--bus', self.bus.address, 'cameras')
        self.env['DBUS_SESSION_BUS_ADDRESS'] = self.bus.address
        self.run_ctl('cameras', '--session')
        self.env['DBUS_SYSTEM_BUS_ADDRESS'] = self.bus.address
        self.run_ctl('cameras', '--system')
        self.env.pop('FOYER_BUS_ADDRESS')
        self.run_ctl('cameras')

    def test_wrong_usage(self):
        for words in ([], ['dance'], ['cast', 'Nursery'], ['cast', '--fast'],
                      ['cast', 'a', 'b', '--for', 'ever'],
                      ['cast', 'a', 'b', '--wait', '--no-wait'],
                      ['cast', 'a', 'b', '--attach', '--no-wait'],
                      ['stop'], ['stop', '--all', '7'], ['lockdown', 'maybe'],
                      ['history', '--limit', '0'],
                      ['explain', 'a', 'b', '--at', 'noon'],
                      ['explain', 'a', 'b', '--transport', 'smoke'],
                      ['snapshot', 'a', 'a.png', '--size', 'big'],
                      ['control', 'a', 'brightness'],
                      ['history', '--since', 'once'],
                      ['add-display', 'Hall', 'host:none']):
            with self.subTest(words):
                self.run_ctl(*words, status=2)
        self.start()
        self.run_ctl('expose', 'Nursery', '--fps', 'fast', status=2)
        for words in (['--max', 'long'], ['--until', 'never'],
                      ['--until', '2001-01-01'],
                      ['--user', 'a', '--group', 'b']):
            with self.subTest(words):
                self.run_ctl('grant', 'Nursery', 'Kitchen', *words, status=2)
        self.assertEqual(self.service.all_calls(), [])

    def test_help(self):
        self.assertIn('usage: foyerctl', self.run_ctl('--help').stdout)
        self.assertIn('foyerctl 0.1.0', self.run_ctl('--version').stdout)
        for verb in SPEC['verbs']:
            text = self.run_ctl(verb['name'], '--help').stdout
            self.assertIn(verb['summary'], text)

    def test_full_disk(self):
        self.start()
        with open('/dev/full', 'w', encoding='utf-8') as full:
            run = subprocess.run([PROGRAM, 'cameras'], env=self.env, text=True,
                                 stdout=full, stderr=subprocess.PIPE,
                                 check=False, timeout=ctllab.TIMEOUT_S)
        self.assertEqual(run.returncode, 1)
        self.assertIn('No space left', run.stderr)

    # Listings.

    def test_status(self):
        service = self.start()
        problem = 'rules.conf, line 3: no verdict "perhaps"'
        service.set('', locked_down=True, problems=[problem])
        text = self.run_ctl('status').stdout
        self.assertIn('foyerd 0.1.0 runs', text)
        self.assertIn('lockdown:  on', text)
        self.assertIn(problem, text)
        self.assertEqual(self.run_json('status'), {
            'version': '0.1.0', 'locked_down': True, 'problems': [problem],
            'cameras': 3, 'displays': 3, 'sessions': 0})

    def test_cameras(self):
        self.start()
        lines = self.run_ctl('cameras').stdout.splitlines()
        self.assertEqual(lines[0].split(),
                         ['NUMBER', 'NAME', 'STATE', 'NODE', 'IDENTITY'])
        self.assertEqual(lines[1].split(),
                         ['1', 'Nursery', 'open', '-', 'test:Nursery'])
        self.assertIn(NASTY_SHOWN, lines[3])
        self.assertEqual(len(lines), 4)
        result = self.run_json('cameras')['cameras']
        self.assertEqual(result[2]['name'], NASTY)
        self.assertEqual(result[0], {
            'number': 1, 'name': 'Nursery', 'identity': 'test:Nursery',
            'node': None, 'state': 'open', 'problem': None, 'generation': 2})
        self.assertNotIn('\u202e', self.run_ctl('cameras', '--json').stdout)

    def test_displays(self):
        self.start()
        lines = self.run_ctl('displays').stdout.splitlines()
        self.assertIn('192.168.1.20:8009', lines[1])
        self.assertIn('not paired', lines[2])
        self.assertIn('changed', lines[3])
        # 客厅 is four columns wide.
        self.assertEqual(lines[1].index('paired') - 2, lines[3].index('changed'))
        result = self.run_json('displays')['displays']
        self.assertEqual([d['paired'] for d in result], [True, False, True])
        self.assertEqual(result[2]['seen_fingerprint'], OTHER_KEY)

    def test_sessions(self):
        self.start()
        self.assertIn('nothing is shown', self.run_ctl('sessions').stdout)
        self.assertEqual(self.run_json('sessions'), {'sessions': []})
        self.add_session(codec='h264', width=1280, height=720,
                         ends=(int(time.time()) + 3601) * 1_000_000)
        self.add_session('session/10', display=ctllab.ROOT + 'display/99',
                         sound='muted', sound_problem='it gives zeros')
        lines = self.run_ctl('sessions').stdout.splitlines()
        self.assertRegex(lines[1], r'7 +Nursery +Kitchen +live +1m \d\ds +'
                                   r'(1h 00m|59m \d\ds) +root +3 +h264 1280x720')
        self.assertIn('display/99', lines[2])
        self.assertEqual(lines[3:], ['session 10: nothing is heard: it gives '
                                     'zeros'])
        session = self.run_json('sessions')['sessions'][0]
        self.assertEqual((session['session'], session['camera_name'],
                          session['display'], session['width']),
                         (7, 'Nursery', 1, 1280))
        self.assertIsNone(session['reason'])

    def test_rules(self):
        service = self.start()
        service.answer('ListRules', "(@aa{sv} [],)")
        self.assertIn('foyerctl grant', self.run_ctl('rules').stdout)
        service.answer('ListRules', f"([{RULE}],)")
        line = self.run_ctl('rules').stdout.splitlines()[1]
        self.assertRegex(line, r'3 +allow +user:root +Nursery +Kitchen +'
                               r'video,audio +mon-fri 07:00-19:30; sat,sun, '
                               r'until 2026-12-31 18:00:00, at most 2h 00m, '
                               r'also in the clear')
        rule = self.run_json('rules')['rules'][0]
        self.assertEqual(rule['max_session_s'], 7200)
        self.assertEqual(rule['target_name'], 'Kitchen')
        self.assertEqual(rule['schedule'], ['mon-fri 07:00-19:30', 'sat,sun'])

    def test_history(self):
        service = self.start()
        service.answer('List', "([{'time': <uint64 1798740000000000>, "
                       "'kind': <'refusal'>, 'user': <uint32 0>, "
                       "'camera': <'test:Nursery'>, 'camera-name': <'Nur\\nsery'>,"
                       "'target': <'display:mdns:9'>, 'reason': <'denied'>, "
                       "'words': <'no rule allows it'>}, {'kind': <'rule'>, "
                       "'rule': <uint64 4>, 'user': <uint32 4294967295>}],)")
        line = self.run_ctl('history', '--camera', 'nur', '--display', 'mdns:9',
                            '--limit', '5', '--since', '2026-12-31',
                            '--kind', 'refusal').stdout.splitlines()[1]
        self.assertEqual(
            line, '2026-12-31 18:00:00  refusal  root  Nur\\u{a}sery  '
                  'display:mdns:9  -      denied  no rule allows it')
        self.assertNotIn('4294967295', self.run_ctl('history').stdout)
        arguments = service.call()['arguments']
        for words in ("'camera': <'test:Nursery'>", "'display': <'mdns:9'>",
                      "'limit': <uint32 5>", "'since': <uint64 1798675200>",
                      "'kind': <'refusal'>"):
            self.assertIn(words, arguments)
        self.assertIn('rule 4', self.run_ctl('history').stdout)
        entry = self.run_json('history')['entries'][0]
        self.assertEqual(entry['camera_name'], 'Nur\nsery')
        self.run_ctl('history', '--camera', 'Cellar', status=4)

    def test_names(self):
        service = self.start()
        service.add('display/4', name='--all', identity='mdns:4')
        service.answer('ListRules', f"([{RULE}],)")
        self.add_session()
        for verb, names in (('cameras', ['Nursery', 'Porch']),
                            ('displays', ['Kitchen', 'Living Room', '客厅']),
                            ('sessions', ['7']), ('rules', ['3'])):
            text = self.run_ctl(verb, '--names').stdout
            self.assertEqual(text.splitlines(), names)

    # Naming things.

    def test_naming(self):
        service = self.start()
        service.answer('Cast', f"(objectpath '{ctllab.ROOT}session/7',)")
        for camera, display in (('1', '1'), ('nur', 'kitch'),
                                ('test:Nursery', 'static:Kitchen')):
            self.run_ctl('cast', camera, display, '--no-wait')
            arguments = service.call()['arguments']
            self.assertIn('camera/1', arguments)
            self.assertIn('display/1', arguments)
        run = self.run_ctl('cast', 'Cellar', '1', status=4)
        self.assertIn('foyerctl cameras', run.stderr)
        service.add('camera/4', name='Porch 2', identity='path:4')
        run = self.run_ctl('cast', 'por', '1', status=2)
        self.assertIn('2 (Porch), 4 (Porch 2)', run.stderr)
        self.assertEqual(service.all_calls(), [])

    def test_name(self):
        service = self.start()
        self.run_ctl('name', '2', 'Front door')
        call = service.call()
        self.assertEqual((call['call'], call['path'], call['arguments']),
                         ('SetName', ctllab.ROOT + 'camera/2',
                          "('Front door',)"))
        self.assertTrue(call['interactive'])

    CONTROLS = (
        "([{'name': <'brightness'>, 'kind': <'integer'>, 'min': <0>,"
        " 'max': <255>, 'step': <1>, 'default': <128>, 'value': <200>,"
        " 'fixed': <false>},"
        " {'name': <'power-line-frequency'>, 'kind': <'menu'>, 'min': <0>,"
        " 'max': <2>, 'step': <1>, 'default': <2>, 'value': <1>,"
        " 'fixed': <false>, 'choices': <['Disabled', '', '60 Hz']>}],)")

    def test_control_list(self):
        service = self.start()
        service.answer('ListControls', self.CONTROLS)
        run = self.run_ctl('control', 'Nursery')
        self.assertIn('0…255', run.stdout)
        self.assertIn('0: Disabled, 2: 60 Hz', run.stdout)
        self.assertEqual(service.call()['call'], 'ListControls')
        told = self.run_json('control', 'Nursery')
        self.assertEqual(told['controls'][0]['value'], 200)
        self.assertEqual(told['controls'][1]['choices'][2], '60 Hz')

    def test_control_set(self):
        service = self.start()
        service.answer('ListControls', self.CONTROLS)
        self.run_ctl('control', 'Nursery', 'brightness=10',
                     'power-line-frequency=60 hz')
        self.assertEqual(service.call()['call'], 'ListControls')
        for arguments in ("('brightness', 10)", "('power-line-frequency', 2)"):
            call = service.call()
            self.assertEqual((call['call'], call['arguments']),
                             ('SetControl', arguments))

    def test_control_wrong(self):
        service = self.start()
        service.answer('ListControls', self.CONTROLS)
        for word in ('brightness', '=1'):
            self.run_ctl('control', 'Nursery', word, status=2)
        self.assertEqual(service.all_calls(), [])
        self.run_ctl('control', 'Nursery', 'brightness=much', status=2)
        self.assertEqual(service.all_calls(), ['ListControls'])

    def test_doctor(self):
        """What it finds here depends on the machine, but for the service."""
        service = self.start()
        service.add('camera/5', name='Twin', identity='path:9',
                    state='ambiguous')
        run = subprocess.run([PROGRAM, 'doctor', '--json'], env=self.env,
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1, run.stderr)
        found = json.loads(run.stdout)['findings']
        twin = [f for f in found if f['words'].startswith('Twin ')]
        self.assertEqual([(f['check'], f['level'], f['remedy'])
                          for f in twin],
                         [('camera', 'bad', 'foyerctl name 5 NAME')])
        self.assertIn('encoder', [f['check'] for f in found])
        self.assertEqual(service.all_calls(), [])

    def test_add_display(self):
        service = self.start()
        service.answer('AddDisplay', f"(objectpath '{ctllab.ROOT}display/9',)")
        run = self.run_ctl('add-display', 'Hall', '[fe80::1]:8010')
        self.assertIn('foyerctl pair Hall', run.stdout)
        self.assertEqual(service.call()['arguments'],
                         "('Hall', 'fe80::1', 8010)")
        self.assertEqual(self.run_json('add-display', 'Hall', 'hall.local'),
                         {'display': 9, 'name': 'Hall'})

    # Rules.

    def test_grant(self):
        service = self.start()
        service.answer('AddRule', '(uint64 5,)')
        run = self.run_ctl('grant', 'Nursery', 'any', '--group', 'daemon')
        self.assertIn('rule 5', run.stdout)
        call = service.call()
        self.assertIn("'target': <'display:any'>", call['arguments'])
        self.assertIn("'subject': <'group:daemon'>", call['arguments'])
        self.assertTrue(call['interactive'])
        self.assertEqual(
            self.run_json('grant', 'usb:1:2:3', 'mdns:unknown'), {'rule': 5})
        self.assertIn("'camera': <'usb:1:2:3'>", service.call()['arguments'])
        self.run_ctl('grant', 'Cellar', 'any', status=4)
        service.refuse('AddRule', 'Invalid', 'schedule: no day called "mo"')
        run = self.run_ctl('grant', 'any', 'any', '--schedule', 'mo', status=2)
        self.assertIn('no day called "mo"', run.stderr)
        service.refuse('AddRule', 'NotAuthorized', 'not authorized')
        run = self.run_ctl('grant', 'any', 'any', status=3)
        self.assertIn('sudo foyerctl', run.stderr)

    def test_revoke(self):
        service = self.start()
        service.answer('ListRules', f"([{RULE}],)")
        self.add_session()
        self.add_session('session/3')
        run = self.run_ctl('revoke', '3', status=2)
        self.assertIn('rule:3 or session:3', run.stderr)
        self.run_ctl('revoke', '7', '99', status=4)
        self.run_ctl('revoke', 'x', status=2)
        self.assertEqual(set(service.all_calls()), {'ListRules'})
        self.run_ctl('revoke', 'rule:3', '7')
        self.assertEqual(service.all_calls(),
                         ['ListRules', 'Stop', 'RemoveRule'])
        service.refuse('Stop', 'NotAuthorized', 'not yours')
        run = self.run_ctl('revoke', 'rule:3', 'session:3', status=3)
        self.assertEqual(service.all_calls(),
                         ['ListRules', 'Stop', 'RemoveRule'])
        self.assertIn('ending session 3: not yours', run.stderr)

    def test_explain(self):
        service = self.start()
        service.answer('Explain', "(true, uint64 3, 'rule 3 allows it')")
        run = self.run_ctl('explain', 'Nursery', 'Kitchen', '--user', 'root',
                           '--at', '2026-12-31T18:00')
        self.assertEqual(run.stdout, 'allowed: rule 3 allows it\n')
        arguments = service.call()['arguments']
        self.assertIn("('test:Nursery', 'display:static:Kitchen', ", arguments)
        self.assertIn("'user': <uint32 0>", arguments)
        self.assertIn("'at': <uint64 1798740000>", arguments)
        service.answer('Explain', "(false, uint64 0, 'no rule allows it')")
        run = self.run_ctl('explain', 'Nursery', 'Kitchen', status=3)
        self.assertEqual(run.stdout, 'denied: no rule allows it; to allow it: '
                                     'foyerctl grant Nursery Kitchen\n')
        run = self.run_ctl('explain', '1', '1', '--json', status=3)
        self.assertEqual(json.loads(run.stdout), {
            'schema': 1, 'allowed': False, 'rule': None,
            'words': 'no rule allows it'})
        run = self.run_ctl('explain', '1', 'Living Room', '--user', 'root',
                           status=3)
        self.assertIn("foyerctl grant 1 'Living Room' --user root\n", run.stdout)
        service.all_calls()
        run = self.run_ctl('explain', 'Nursery', 'Kitchen', '--transport',
                           'http', '--audio', status=3)
        self.assertIn('foyerctl grant Nursery Kitchen --media video,audio '
                      '--allow-clear\n', run.stdout)
        self.assertIn("'clear': <true>", service.call()['arguments'])
        service.answer('Explain', "(false, uint64 3, 'rule 3 denies it')")
        run = self.run_ctl('explain', 'Nursery', 'Kitchen', status=3)
        self.assertEqual(run.stdout, 'denied: rule 3 denies it; to take it back: '
                                     'foyerctl revoke 3\n')
        self.run_ctl('explain', '1', '1', '--user', 'nobody-here', status=4)

    def test_lockdown(self):
        service = self.start()
        self.run_ctl('lockdown')
        call = service.call()
        self.assertEqual((call['call'], call['arguments'], call['interactive']),
                         ('SetLockdown', '(true,)', False))
        self.run_ctl('lockdown', 'off')
        call = service.call()
        self.assertEqual((call['arguments'], call['interactive']),
                         ('(false,)', True))
        service.hang('SetLockdown')
        run = self.run_ctl('lockdown', 'on', status=1)
        self.assertIn(f'kill -KILL {service.process.pid}, ', run.stderr)
        self.env['DBUS_SYSTEM_BUS_ADDRESS'] = self.bus.address
        run = self.run_ctl('lockdown', '--system', status=1)
        self.assertIn('systemctl kill --kill-whom=main', run.stderr)

    # Sessions.

    def start_cast(self, *options):
        """A cast that was granted, and the process that waits for it."""
        service = self.start()
        service.answer('Cast', f"(objectpath '{ctllab.ROOT}{SESSION}',)")
        process = self.start_ctl('cast', 'Nursery', 'Kitchen', *options)
        self.assertEqual(service.call()['call'], 'Cast')
        return process

    def expect_steps(self, process, *steps):
        """Its next lines of progress. Steps that follow each other at once may be
        told as one, so each is waited for before the next is made."""
        for step in steps:
            self.assertEqual(process.stderr.readline(), step + '…\n')

    def finish(self, process, status):
        """Its output and errors once it has ended."""
        output, errors = process.communicate(timeout=ctllab.TIMEOUT_S)
        self.assertEqual(process.returncode, status, output + errors)
        return output, errors

    def test_cast(self):
        process = self.start_cast('--for', '10m', '--delay', '300', '--keep',
                                  '--no-clock')
        self.add_session(state='starting', step='connecting')
        self.expect_steps(process, 'connecting')
        for state, step in (('identifying', 'asking who it is'),
                            ('preparing', '')):
            self.service.set(SESSION, state=state, step=step)
            self.expect_steps(process, step or state)
        self.service.set(SESSION, state='live')
        output, errors = self.finish(process, 0)
        self.assertEqual(output, 'session 7\n')
        self.assertRegex(errors, r'^live after \d+\.\d\d s\n$')

    def test_cast_options(self):
        service = self.start()
        service.answer('Cast', f"(objectpath '{ctllab.ROOT}{SESSION}',)")
        run = self.run_ctl('cast', '1', '1', '--for', '10m', '--delay', '300',
                           '--keep', '--no-clock', '--no-wait')
        self.assertEqual(run.stdout, 'session 7\n')
        call = service.call()
        self.assertTrue(call['interactive'])
        for words in ("'duration-s': <uint32 600>", "'keep': <true>",
                      "'delay-ms': <uint32 300>", "'clock': <false>"):
            self.assertIn(words, call['arguments'])

    def test_cast_json(self):
        process = self.start_cast('--json')
        self.add_session(state='live')
        output, errors = self.finish(process, 0)
        result = json.loads(output)
        self.assertEqual((result['session'], result['state']), (7, 'live'))
        self.assertGreaterEqual(result['live_after_ms'], 0)
        self.assertEqual(errors, '')

    def test_cast_refused(self):
        service = self.start()
        for name, status, words in (
                ('Denied', 3, 'foyerctl grant Nursery Kitchen'),
                ('NotAuthorized', 3, 'sudo foyerctl'),
                ('LockedDown', 3, 'foyerctl lockdown off'),
                ('Damaged', 3, 'foyerctl status'),
                ('NotPaired', 1, 'foyerctl pair Kitchen'),
                ('KeyChanged', 1, 'foyerctl pair Kitchen'),
                ('Busy', 1, 'foyerctl stop Kitchen'),
                ('Full', 1, 'foyerctl status'), ('NotFound', 4, 'no good'),
                ('Invalid', 2, 'no good'), ('Failed', 1, 'no good'),
                ('org.freedesktop.DBus.Error.AccessDenied', 3, 'sudo foyerctl'),
                ('org.freedesktop.DBus.Error.UnknownObject', 4, 'no good')):
            with self.subTest(name):
                service.refuse('Cast', name, 'no good')
                run = self.run_ctl('cast', '1', '1', status=status)
                self.assertIn('foyerctl: no good', run.stderr)
                self.assertIn(words, run.stderr)

    def test_cast_ends_before_it_is_live(self):
        for reason, status, words in (
                ('not-paired', 1, 'foyerctl pair Kitchen'),
                ('revoked', 3, 'foyerctl explain Nursery Kitchen'),
                ('display-lost', 1, 'it is gone\\u{a}')):
            with self.subTest(reason):
                process = self.start_cast()
                self.add_session(state='identifying')
                self.service.end(SESSION, reason, 'it is gone\n')
                errors = self.finish(process, status)[1]
                self.assertIn(words, errors)
                self.service.stop()

    def test_cast_ends_before_it_is_known(self):
        service = self.start()
        service.answer('Cast', f"(objectpath '{ctllab.ROOT}{SESSION}',)")
        process = self.start_ctl('cast', 'Nursery', 'Kitchen')
        service.call()
        service.tell('end', path=SESSION, reason='not-paired', message='no key')
        self.assertIn('no key', self.finish(process, 1)[1])

    def test_cast_service_dies(self):
        process = self.start_cast()
        self.add_session(state='identifying')
        self.service.stop()
        self.finish(process, 5)

    def test_cast_interrupted(self):
        process = self.start_cast()
        self.add_session(state='identifying', step='identifying')
        self.expect_steps(process, 'connecting', 'identifying')
        # As timeout(1) and closing terminals do: one wish, several signals.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process.send_signal(number)
        self.assertEqual(self.service.call()['call'], 'Stop')
        self.assertIn('session 7 has ended', self.finish(process, 1)[1])
        self.assertEqual(self.service.all_calls(), [])

    def test_cast_interrupted_before_it_is_granted(self):
        service = self.start()
        service.hang('Cast')
        process = self.start_ctl('cast', 'Nursery', 'Kitchen')
        service.call()
        until = time.monotonic() + ctllab.TIMEOUT_S
        while process.poll() is None and time.monotonic() < until:
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        self.assertIn('foyerctl sessions', self.finish(process, 1)[1])

    def test_cast_attached(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.start_cast('--attach')
            self.add_session()
            self.assertEqual(process.stdout.readline(), 'session 7\n')
            self.assertIsNone(process.poll())
            process.send_signal(number)
            self.assertEqual(self.service.call()['call'], 'Stop')
            self.finish(process, 0)
            self.service.stop()

    def test_cast_attached_ends(self):
        for reason, status in (('expired', 0), ('stopped', 0),
                               ('camera-gone', 1), ('revoked', 3)):
            process = self.start_cast('--attach')
            self.add_session()
            self.assertEqual(process.stdout.readline(), 'session 7\n')
            self.service.end(SESSION, reason, 'over')
            self.finish(process, status)
            self.service.stop()

    def test_cast_kept(self):
        process = self.start_cast('--keep')
        self.add_session(state='identifying', keep=True)
        self.expect_steps(process, 'connecting', 'identifying')
        self.service.tell('end', path=SESSION, reason='display-lost',
                          message='no answer')
        self.service.set(SESSION, state='waiting')
        self.expect_steps(process, 'no answer')
        self.add_session('session/8', state='preparing', keep=True)
        self.service.tell('remove', path=SESSION)
        self.expect_steps(process, 'preparing')
        self.service.set('session/8', state='live')
        self.assertEqual(self.finish(process, 0)[0], 'session 8\n')

    def test_cast_kept_and_attached(self):
        process = self.start_cast('--keep', '--attach', '--json')
        self.add_session(keep=True)
        self.assertEqual(json.loads(process.stdout.readline())['session'], 7)
        self.service.tell('end', path=SESSION, reason='display-lost',
                          message='no answer')
        self.service.set(SESSION, state='waiting')
        self.add_session('session/8', keep=True)
        self.service.tell('remove', path=SESSION)
        self.assertEqual(json.loads(process.stdout.readline())['session'], 8)
        process.send_signal(signal.SIGINT)
        call = self.service.call()
        self.assertEqual((call['call'], call['path']),
                         ('Stop', ctllab.ROOT + 'session/8'))
        self.assertEqual(self.finish(process, 0), ('', ''))

    def test_cast_kept_no_longer(self):
        process = self.start_cast('--keep')
        self.add_session(state='identifying', keep=True)
        self.expect_steps(process, 'connecting', 'identifying')
        self.service.tell('end', path=SESSION, reason='display-lost',
                          message='no answer')
        self.service.set(SESSION, state='waiting')
        self.expect_steps(process, 'no answer')
        self.service.tell('remove', path=SESSION)
        self.assertIn('no answer', self.finish(process, 1)[1])

    def test_stop(self):
        service = self.start()
        self.assertIn('nothing is shown', self.run_ctl('stop', '--all').stdout)
        self.add_session()
        self.add_session('session/8', display=ctllab.ROOT + 'display/2')
        for words, ended in ((['7'], [7]), (['Nursery'], [7, 8]),
                             (['liv'], [8]), (['7', 'Kitchen'], [7]),
                             (['--all'], [7, 8])):
            with self.subTest(words):
                self.run_ctl('stop', *words)
                paths = [service.call()['path'] for _ in ended]
                self.assertEqual(
                    sorted(paths),
                    [f'{ctllab.ROOT}session/{n}' for n in ended])
                self.assertEqual(service.all_calls(), [])
        for words, status in ((['9'], 4), (['Porch'], 4), (['Cellar'], 4),
                              (['7', 'Cellar'], 4)):
            with self.subTest(words):
                self.run_ctl('stop', *words, status=status)
                self.assertEqual(service.all_calls(), [])
        service.add('display/5', name='Nursery', identity='mdns:5')
        self.run_ctl('stop', 'Nursery', status=2)
        service.refuse('Stop', 'NotAuthorized', 'not yours')
        self.run_ctl('stop', '7', status=3)
        service.refuse('Stop', 'NotFound', 'gone')
        self.run_ctl('stop', '7')

    # Pairing.

    def probe(self, fingerprint, is_verified, words=''):
        """What a display answers."""
        self.service.answer(
            'Probe', f"('{fingerprint}', 'Hub\\n1', "
                     f"{'true' if is_verified else 'false'}, '{words}')")

    def test_pair_without_terminal(self):
        service = self.start()
        self.probe(KEY, True)
        for words in ([], ['--yes']):
            run = self.run_ctl('pair', 'Living Room', *words, status=2)
            self.assertIn("foyerctl pair 'Living Room' --fingerprint",
                          run.stderr)
        self.run_ctl('pair', 'Living Room', '--fingerprint', OTHER_KEY, status=1)
        self.assertNotIn('Pair', service.all_calls())
        run = self.run_ctl('pair', 'Living Room', '--fingerprint', KEY)
        self.assertEqual(run.stdout, 'Living Room is paired\n')
        self.assertIn('Hub\\u{a}1', run.stderr)
        service.call()
        self.assertEqual(service.call()['arguments'],
                         f"('{KEY}', 'device-auth')")
        self.probe(OTHER_KEY, False, 'unknown root')
        result = self.run_json('pair', 'liv', '--fingerprint', OTHER_KEY)
        self.assertEqual(result, {
            'display': 2, 'name': 'Living Room', 'fingerprint': OTHER_KEY,
            'verified': False, 'paired_before': False})
        service.call()
        self.assertEqual(service.call()['arguments'],
                         f"('{OTHER_KEY}', 'pinned')")

    def test_pair_again(self):
        service = self.start()
        self.probe(KEY, True)
        self.assertIn('paired already', self.run_ctl('pair', '1').stdout)
        self.run_ctl('pair', '1', '--fingerprint', OTHER_KEY, status=1)
        self.assertNotIn('Pair', service.all_calls())

    def test_pair_other_key(self):
        service = self.start()
        self.probe(OTHER_KEY, False)
        for words in (['--yes'], ['--replace'], ['--yes', '--replace'],
                      ['--yes', '--fingerprint', OTHER_KEY],
                      ['--yes', '--replace', '--fingerprint', KEY]):
            with self.subTest(words):
                run = self.run_ctl('pair', 'Kitchen', *words, status=1)
                self.assertIn('WARNING: THIS IS NOT THE DISPLAY', run.stderr)
                self.assertIn('This one is not.', run.stderr)
        self.assertNotIn('Pair', service.all_calls())
        self.run_ctl('pair', 'Kitchen', '--replace', '--fingerprint', OTHER_KEY)
        self.assertEqual(service.all_calls(), ['Probe', 'Pair'])

    def test_pair_other_key_on_terminal(self):
        service = self.start()
        self.probe(OTHER_KEY, True)
        terminal = self.terminal('pair', 'Kitchen', '--yes')
        self.assertEqual(terminal.wait(), 1)
        self.assertIn('WARNING', terminal.text)
        self.assertIn('--replace --fingerprint FINGERPRINT', terminal.text)
        self.assertNotIn('Pair', service.all_calls())

    def test_pair_asks(self):
        service = self.start()
        self.probe(KEY, False)
        for answer, status, calls in (('\n', 1, ['Probe']), ('n\n', 1, ['Probe']),
                                      ('y\n', 0, ['Probe', 'Pair']),
                                      ('\x04', 1, ['Probe'])):
            with self.subTest(answer):
                terminal = self.terminal('pair', 'liv')
                terminal.wait_for('Accept this key? [y/N]')
                self.assertIn('NOT verified', terminal.text)
                self.assertIn(KEY, terminal.text)
                terminal.type(answer)
                self.assertEqual(terminal.wait(), status)
                self.assertEqual(service.all_calls(), calls)
        terminal = self.terminal('pair', 'liv', '--yes')
        self.assertEqual(terminal.wait(), 0)

    def test_pair_refused(self):
        service = self.start()
        service.refuse('Probe', 'Gone', 'connecting to 192.168.1.20: refused')
        run = self.run_ctl('pair', '1', status=1)
        self.assertIn('is on and in this network, then: foyerctl pair Kitchen',
                      run.stderr)

    def test_forget(self):
        service = self.start()
        self.run_ctl('forget', 'Kitchen')
        call = service.call()
        self.assertEqual((call['call'], call['path']),
                         ('Forget', ctllab.ROOT + 'display/1'))
        self.run_ctl('forget', 'Cellar', status=4)

    # Terminals.

    def test_colour(self):
        self.start()
        terminal = self.terminal('displays')
        self.assertEqual(terminal.wait(), 0)
        self.assertIn('\x1b[31mchanged\x1b[0m', terminal.text)
        for env in ({'NO_COLOR': '1'}, {'TERM': 'dumb'}):
            terminal = self.terminal('displays', **env)
            self.assertEqual(terminal.wait(), 0)
            self.assertNotIn('\x1b', terminal.text)

    def test_progress_on_terminal(self):
        service = self.start()
        service.answer('Cast', f"(objectpath '{ctllab.ROOT}{SESSION}',)")
        terminal = self.terminal('cast', 'Nursery', 'Kitchen')
        service.call()
        self.add_session(state='identifying', step='identifying')
        terminal.wait_for('\r\x1b[Kconnecting… identifying…')
        service.set(SESSION, state='live', step='')
        self.assertEqual(terminal.wait(), 0)
        self.assertRegex(terminal.text, r'\r\x1b\[Kconnecting… identifying… '
                                        r'live after \d+\.\d\d s\r\nsession 7')

    def test_monitor_on_terminal(self):
        service = self.start()
        self.add_session()
        service.answer('GetAccount', "({'frames': <uint64 1234>, "
                       "'bit-rate-bps': <uint32 3000000>, "
                       "'loss-percent': <1.5>, 'delay-us': <int64 412000>, "
                       "'rtt-us': <int64 -1>},)")
        terminal = self.terminal('monitor')
        terminal.wait_for('1234')
        terminal.wait_for('412 ms')
        self.assertRegex(terminal.text, r'3\.0 Mb/s +1\.5 % +412 ms +-')
        service.set(SESSION, state='stalled')
        terminal.wait_for('\x1b[31mstalled')
        service.end(SESSION, 'display-lost', 'no answer\x1b[2J')
        terminal.wait_for('session 7 has ended (display-lost): no answer\\u{1b}')
        terminal.wait_for('nothing is shown')
        terminal.type('\x03')
        self.assertEqual(terminal.wait(), 0)

    def test_monitor_resized(self):
        """It is drawn anew at once, and nothing wraps where it is too narrow."""
        self.start()
        self.add_session()
        terminal = self.terminal('monitor')
        terminal.wait_for('Nursery')
        terminal.resize(6, 30)
        terminal.text = ''
        # What of another size was under way may come first.
        terminal.wait_until(
            lambda text: 5 in [drawn.count('\n') for drawn in re.findall(
                r'\x1b\[\?7l\x1b\[H(.*?)\x1b\[J\x1b\[\?7h', text, re.S)],
            'drawing of six lines')
        terminal.type('\x03')
        self.assertEqual(terminal.wait(), 0)

    def test_monitor_on_dumb_terminal(self):
        self.start()
        self.add_session()
        terminal = self.terminal('monitor', TERM='dumb')
        terminal.wait_for('session 7: Nursery on Kitchen: live')
        terminal.type('\x03')
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn('\x1b', terminal.text)

    def test_monitor_whose_reader_leaves(self):
        service = self.start()
        self.add_session()
        process = self.start_ctl('monitor')
        process.stdout.readline()
        process.stdout.close()
        service.set(SESSION, state='stalled')
        self.assertNotEqual(process.wait(ctllab.TIMEOUT_S), 0)

    def test_monitor_on_pipe(self):
        service = self.start()
        self.add_session()
        process = self.start_ctl('monitor')
        self.assertRegex(process.stdout.readline(),
                         r'session 7: Nursery on Kitchen: live\n$')
        service.set(SESSION, state='stalled')
        self.assertIn('stalled', process.stdout.readline())
        service.set(SESSION, codec='vp8')
        service.set(SESSION, state='preparing', step='opening the camera')
        self.assertRegex(process.stdout.readline(),
                         r'Kitchen: preparing, opening the camera\n$')
        process.send_signal(signal.SIGINT)
        self.finish(process, 0)
        self.assertEqual(service.all_calls(), [])

    def test_monitor_json(self):
        service = self.start()
        self.add_session()
        process = self.start_ctl('monitor', '--json')

        def event():
            line = json.loads(process.stdout.readline())
            self.assertEqual(line['schema'], 1)
            return line

        self.assertEqual(event()['event'], 'session-added')
        service.set(SESSION, state='stalled')
        line = event()
        self.assertEqual((line['event'], line['state']),
                         ('session-changed', 'stalled'))
        service.end(SESSION, 'display-lost', 'no answer')
        line = event()
        self.assertEqual((line['event'], line['session'], line['reason'],
                          line['message']),
                         ('session-ended', 7, 'display-lost', 'no answer'))
        service.add('camera/9', name='New', identity='path:9', state='closed')
        line = event()
        self.assertEqual((line['event'], line['camera'], line['state']),
                         ('camera-added', 9, 'closed'))
        service.set('camera/9', state='opening')
        line = event()
        self.assertEqual((line['event'], line['state']),
                         ('camera-changed', 'opening'))
        service.tell('remove', path='display/2')
        line = event()
        self.assertEqual((line['event'], line['display'], line['name']),
                         ('display-removed', 2, 'Living Room'))
        service.set('', locked_down=True)
        self.assertTrue(event()['locked_down'])
        service.set('', problems=['a', 'b'])
        self.assertEqual(event()['problems'], ['a', 'b'])
        service.tell('change')
        self.assertEqual(event()['event'], 'rules-changed')
        service.stop()
        self.assertEqual(self.finish(process, 5)[0], '')

    # What is made from the table.

    def complete(self, *words):
        """What bash offers at the end of these words."""
        script = (f'source {COMPLETION}\n'
                  'shopt -s progcomp\n'
                  'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))\n'
                  '_foyerctl\n'
                  '[ "${#COMPREPLY[@]}" = 0 ] || '
                  'printf "%s\\n" "${COMPREPLY[@]}"\n')
        run = subprocess.run(
            ['bash', '--norc', '-c', script, 'bash', PROGRAM, *words],
            env=self.env, text=True, capture_output=True, check=False,
            stdin=subprocess.DEVNULL, timeout=ctllab.TIMEOUT_S)
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        return run.stdout.splitlines()

    def test_completion_of_the_table(self):
        names = [verb['name'] for verb in SPEC['verbs']]
        self.assertEqual(self.complete(''), names)
        self.assertEqual(self.complete('ca'), ['cameras', 'cast'])
        common = ['--' + option['name'] for option in SPEC['common']]
        for verb in SPEC['verbs']:
            own = ['--' + (o if isinstance(o, str) else o['name'])
                   for o in verb['options']]
            with self.subTest(verb['name']):
                self.assertEqual(self.complete(verb['name'], '--'), own + common)

    def test_completion_of_names(self):
        service = self.start()
        service.answer('ListRules', f"([{RULE}],)")
        self.add_session()
        for words, offered in (
                (['cast', ''], ['Nursery', 'Porch']),
                (['cast', '--for', '2h', 'N'], ['Nursery']),
                (['cast', '--for', '=', '2h', 'N'], ['Nursery']),
                (['cast', 'test', ':', 'Nursery', 'K'], ['Kitchen']),
                (['cast', 'Nursery', ''], ['Kitchen', 'Living\\ Room', '客厅']),
                (['cast', 'Nursery', 'Living\\ '], ['Living\\ Room']),
                (['cast', 'Nursery', '"Li'], ['Living Room']),
                (['cast', '--for', ''], []),
                (['cast', 'a', 'b', ''], []),
                (['stop', '7'], ['7']), (['stop', '7', 'Ki'], ['Kitchen']),
                (['revoke', ''], ['3']), (['lockdown', 'o'], ['on', 'off']),
                (['history', '--camera', 'P'], ['Porch']),
                (['grant', 'a'], ['any']),
                (['grant', '1', '1', '--user', 'roo'], ['root'])):
            with self.subTest(words):
                self.assertEqual(self.complete(*words), offered)
        self.env['FOYER_BUS_ADDRESS'] = 'unix:path=/nonexistent/bus'
        self.assertEqual(self.complete('cast', ''), [])
        self.assertEqual(
            self.complete('--bus', self.bus.address, 'cast', 'N'), ['Nursery'])

    def test_completion_evaluates_nothing(self):
        service = self.start()
        folder = pathlib.Path(self.bus.folder.name)
        for number, name in enumerate(('$(touch {})', '`touch {}`',
                                       '"; touch {}; "', "'; touch {}; '"), 10):
            service.add(f'camera/{number}', identity=f'path:{number}',
                        name='Z' + name.format(folder / 'evil'))
        for beginning in ('Z', '"Z', "'Z"):
            offered = self.complete('cast', beginning)
            self.assertNotEqual(offered, [])
            for word in offered:
                quote = beginning[0] if beginning[0] in '"\'' else ''
                run = subprocess.run(
                    ['bash', '-c', f'printf %s {quote}{word}{quote}'],
                    text=True, capture_output=True, check=True)
                self.assertIn(f'touch {folder / "evil"}', run.stdout)
        self.assertFalse((folder / 'evil').exists())

    def test_man_page(self):
        page = BUILD / 'docs' / 'foyerctl.1'
        if not page.exists():
            self.skipTest('man pages are not built')
        roff = page.read_text('utf-8').replace('\\-', '-')
        plain = re.sub(r'\\f[BIPR]', '', roff)
        for verb in SPEC['verbs']:
            self.assertIn(f'foyerctl {verb["name"]}', plain)
            for option in verb['options']:
                name = option if isinstance(option, str) else option['name']
                self.assertIn(f'--{name}', plain)
        run = subprocess.run(['man', '--warnings', '-l', page], text=True,
                             env={**self.env, 'MANWIDTH': '80'},
                             capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        self.assertIn('lockdown [on|off]', run.stdout)

    def test_completion_lint(self):
        run = subprocess.run(['shellcheck', COMPLETION], text=True,
                             capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stdout), (0, ''))


if __name__ == '__main__':
    tap.main()
