#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each verb of foyerctl with what is wrong, before a real foyerd: the status it leaves
with, and that the error ends in what to type next."""

import json
import os
import pathlib
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import ctllab  # noqa: E402
import houselab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PROGRAM = BUILD / 'daemon' / 'ctl' / 'foyerctl'
TOP = pathlib.Path(__file__).resolve().parents[2]
VERBS = [verb['name'] for verb in json.loads(
    (TOP / 'daemon/ctl/verbs.json').read_text('utf-8'))['verbs']]
DONE, FAILED, USAGE, DENIED, NOT_FOUND, NO_SERVICE = range(6)
NOBODY = 65534
# Nothing listens there.
ATTIC = '[display Attic]\nhost=127.0.0.1\nport=9\n'

# Each verb as it may be typed.
RIGHT = {
    'status': '', 'cameras': '', 'displays': '', 'sessions': '', 'nodes': '',
    'rules': '', 'history': '', 'monitor': '', 'doctor': '',
    'cast': 'Nursery Attic', 'snapshot': 'Nursery never.png',
    'expose': 'Nursery', 'unexpose': 'Nursery', 'stop': '--all',
    'grant': 'Nursery Attic', 'revoke': '1', 'explain': 'Nursery Attic',
    'lockdown': 'off', 'pair': 'Attic', 'forget': 'Attic',
    'volume': 'Attic 5', 'name': 'Nursery Cot', 'control': 'Nursery',
    'add-display': 'Hall 127.0.0.1',
}

# What comes of what is typed. Nothing here may change the house.
TABLE = {
    USAGE: '''
        nosuch
        --json
        status x
        status --json=3
        cameras --nosuch
        cameras --bus
        displays --session --system
        sessions x
        cast Nursery
        cast Nursery Attic x
        cast Nursery Attic --for soon
        cast Nursery Attic --delay x
        cast Nursery Attic --delay 5
        cast Nursery Attic --transport pigeon
        cast Nursery Attic --wait --no-wait
        snapshot Nursery
        snapshot Nursery never.gif
        snapshot Nursery never.png --size big
        snapshot Nursery never.png --format gif
        expose
        expose Nursery --size big
        expose Nursery --fps x
        expose Nursery --fps 0
        unexpose
        nodes x
        stop
        stop --all 1
        grant Nursery
        grant Nursery Attic --user root --group root
        grant Nursery Attic --media smell
        grant Nursery Attic --schedule never
        grant Nursery Attic --until x
        grant Nursery Attic --until 2001-01-01
        grant Nursery Attic --max x
        grant Nursery app:
        revoke
        revoke x
        revoke rule:x
        rules x
        explain Nursery
        explain Nursery Attic --at x
        lockdown maybe
        lockdown on off
        pair
        pair Attic --fingerprint x
        pair Attic --fingerprint sha256:00
        forget
        volume
        volume Attic 101
        history --since x
        history --kind x
        history --limit 0
        history --limit 4000000000
        monitor x
        name Nursery
        name Nursery ''
        control
        control Nursery brightness
        doctor x
        add-display Hall
        add-display Hall host:port
        add-display Hall 'a b'
        add-display Attic 127.0.0.1
        ''',
    DENIED: '''
        cast Nursery Attic
        snapshot Nursery never.png
        expose Nursery
        explain Nursery Attic
        explain Nursery app:x --user root
        ''',
    NOT_FOUND: '''
        cast No Attic
        cast Nursery No
        snapshot No never.png
        expose No
        unexpose No
        stop No
        stop 99
        stop session:99
        stop Attic
        grant No Attic
        grant Nursery No
        grant Nursery Attic --user no-such-user
        grant Nursery Attic --group no-such-group
        grant Nursery Attic --user 4294967295
        revoke 99
        revoke rule:99
        revoke session:99
        explain No Attic
        explain Nursery No
        explain Nursery Attic --user no-such-user
        pair No
        forget No
        volume No
        history --camera No
        history --display No
        name No x
        control No
        control Nursery
        control Nursery brightness=1
        ''',
    FAILED: '''
        pair Attic
        volume Attic
        ''',
}
# The owner's alone to do.
OWNERS = ('grant', 'revoke', 'pair', 'forget', 'volume', 'name', 'add-display',
          'lockdown')


class VerbsTest(unittest.TestCase):
    """What is typed, and what comes of it."""

    def run_ctl(self, status, line, bus, **options):
        """Runs it to its end, which must be this."""
        run = subprocess.run(
            [PROGRAM, '--bus', bus, *shlex.split(line)], text=True, check=False,
            env={**os.environ, 'LC_ALL': 'C.UTF-8'}, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=ctllab.TIMEOUT_S, **options)
        with self.subTest(line):
            told = run.stdout + run.stderr
            self.assertEqual(run.returncode, status, told)
            # These two print what they were asked for: whether, or what is wrong.
            if status != DONE and line.split()[0] not in ('explain', 'doctor'):
                self.assertRegex(run.stderr, r'(^|\n)foyerctl: [^\n]+\n$')
                self.assertEqual(run.stdout, '')
                told = told.splitlines()[-1]
            self.assertRegex(told, ctllab.NEXT)

    def make_house(self):
        """One with two cameras and a display that is off."""
        house = houselab.House(BUILD, config=ATTIC)
        self.addCleanup(house.stop)
        return house.start()

    def test_wrong(self):
        house = self.make_house()
        bus = house.bus.address
        before = house.objects()
        for status, lines in TABLE.items():
            for line in filter(None, map(str.strip, lines.splitlines())):
                self.run_ctl(status, line, bus)
        self.assertEqual(house.objects(), before)
        self.assertEqual(
            house.caller.call('ListRules', interface='org.foyer.Foyer1.Policy'),
            [])

    def test_each_verb_is_tried(self):
        tried = {status: {line.split()[0] for line in lines.splitlines()
                          if line.strip()} for status, lines in TABLE.items()}
        self.assertEqual(sorted(RIGHT), sorted(VERBS))
        self.assertEqual(set(VERBS) - tried[USAGE], set())

    def test_no_service(self):
        bus = ctllab.Bus()
        self.addCleanup(bus.stop)
        for verb, words in RIGHT.items():
            self.run_ctl(FAILED if verb == 'doctor' else NO_SERVICE,
                         f'{verb} {words}', bus.address)

    def test_no_bus(self):
        for verb, words in RIGHT.items():
            self.run_ctl(FAILED if verb == 'doctor' else NO_SERVICE,
                         f'{verb} {words}', 'unix:path=/nonexistent')

    @unittest.skipUnless(os.geteuid() == 0, 'to be somebody else takes root')
    def test_not_the_owner(self):
        house = self.make_house()
        house.allow('Porch', 'Attic')
        os.chmod(house.bus.folder.name, 0o755)
        for verb in OWNERS:
            self.run_ctl(DENIED, f'{verb} {RIGHT[verb]}', house.bus.address,
                         user=NOBODY, group=NOBODY, extra_groups=[])


if __name__ == '__main__':
    tap.main()
