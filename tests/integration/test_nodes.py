#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nodes as far as they go without a device: foyerctl, the rules, and what is said
when there is none. Real devices are in tests/vm."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import houselab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
CTL = BUILD / 'daemon' / 'ctl' / 'foyerctl'
DENIED, WRONG_USAGE, NOT_FOUND = 3, 2, 4
HAS_DEVICE = any(
    p.read_text('utf-8').startswith('Foyer')
    for p in pathlib.Path('/sys/class/video4linux').glob('video*/name'))


class NodesTest(unittest.TestCase):
    """One house for each."""

    def setUp(self):
        self.house = houselab.House(BUILD)
        self.addCleanup(self.house.stop)
        self.house.start()

    def ctl(self, *words, status=0):
        """foyerctl, with the status that is expected; what it said."""
        said = subprocess.run(
            [CTL, '--bus', self.house.bus.address, *words], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(said.returncode, status, (words, said.stdout))
        return said.stdout

    def is_nothing_exposed(self):
        """Nor was anything begun."""
        self.assertEqual(json.loads(self.ctl('nodes', '--json'))['nodes'], [])
        self.assertEqual(self.house.workers(), [])

    def test_denied(self):
        said = self.ctl('expose', 'Nursery', status=DENIED)
        self.assertIn('node:Nursery', said)
        self.is_nothing_exposed()

    def test_rule_of_another_node(self):
        self.ctl('grant', 'Nursery', 'node:other')
        self.ctl('expose', 'Nursery', '--name', 'nursery', status=DENIED)
        self.is_nothing_exposed()

    @unittest.skipIf(HAS_DEVICE, 'this machine has a node')
    def test_no_device(self):
        self.ctl('grant', 'Nursery', 'node:nursery')
        said = self.ctl('explain', 'Nursery', 'node:nursery')
        self.assertIn('rule 1', said)
        said = self.ctl('expose', 'Nursery', '--name', 'nursery', status=1)
        self.assertIn('v4l2loopback', said)
        self.is_nothing_exposed()

    def test_usage(self):
        for words in (['--size', '1280'], ['--size', 'x720'],
                      ['--size', '1x2x3'], ['--fps', 'many']):
            self.ctl('expose', 'Nursery', *words, status=WRONG_USAGE)
        # The service knows what can be.
        self.ctl('grant', 'any', 'node:Nursery')
        for words in (['--size', '1281x720'], ['--size', '8x8'],
                      ['--fps', '0'], ['--name', '']):
            self.ctl('expose', 'Nursery', *words, status=WRONG_USAGE)
        self.ctl('unexpose', 'nobody', status=NOT_FOUND)
        self.ctl('expose', 'Nobody', status=NOT_FOUND)
        self.assertIn('foyerctl expose', self.ctl('nodes'))
        self.is_nothing_exposed()


if __name__ == '__main__':
    tap.main()
