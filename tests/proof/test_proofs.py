#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every goal of every file is proven: one case per file."""

import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'lib'), str(HERE)]
import proofs  # noqa: E402
import tap  # noqa: E402


class ProofTest(unittest.TestCase):
    """Two files are proven at a time, before the first case looks."""

    verdicts = {}

    @classmethod
    def setUpClass(cls):
        home, environment = proofs.make_home()
        with home:
            found = proofs.run_all(
                [lambda proof=proof: proofs.prove(proof, environment)
                 for proof in proofs.PROOFS])
        cls.verdicts = dict(zip(proofs.PROOFS, found))
        print(f'# {sum(v.n_proven for v in found)} of '
              f'{sum(v.n_goals for v in found)} goals proven in '
              f'{len({p.source for p in proofs.PROOFS})} files', flush=True)

    def test_no_contract_is_taken_on_trust(self):
        proven = {name for proof in proofs.PROOFS for name in proof.functions}
        self.assertEqual(proofs.find_contracts(), proven)

    def test_nothing_is_assumed(self):
        for folder in proofs.FOLDERS:
            for path in sorted((proofs.ROOT / folder).glob('*.[ch]')):
                for words in re.findall(r'/\*@[\s\S]*?\*/',
                                        path.read_text(encoding='utf-8')):
                    self.assertNotRegex(words, r'\b(axiom\w*|lemma|admit)\b', path)

    def check(self, proof):
        """All goals of one file."""
        verdict = self.verdicts[proof]
        print(f'# {proof.source}: {verdict.n_proven} of {verdict.n_goals} goals '
              f'proven, {verdict.seconds:.0f} s', flush=True)
        self.assertTrue(verdict.is_proven, proofs.describe_failures(verdict))


def add_case(proof):
    """A case of its own for each file."""
    setattr(ProofTest, f'test_{proof.name}', lambda self: self.check(proof))


for each in proofs.PROOFS:
    add_case(each)

if __name__ == '__main__':
    absent = proofs.find_missing()
    if absent:
        print('1..0 # SKIP no ' + ', '.join(absent))
        sys.exit(0)
    tap.main()
