#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Weakens the code behind each contract in turn, and sees its proof fail."""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'lib'), str(HERE)]
import proofs  # noqa: E402
import tap  # noqa: E402

PATCHES = sorted((HERE / 'weakenings').glob('*.patch'))
# The first lines of a patch name the function whose proof must fail.
FUNCTION = re.compile(r'^Function: (\w+)$', re.M)
SOURCE = re.compile(r'^Source: (\S+)$', re.M)


def find_lost_goal(patch, environment):
    """The first goal that the function which a patch weakens has lost, if any. The
    same goals are proven by test_proofs.py, by the same prover and in as many
    steps, while nothing is weakened."""
    text = patch.read_text(encoding='utf-8')
    source = SOURCE.search(text).group(1)
    function = FUNCTION.search(text).group(1)
    proof = dataclasses.replace(
        next(proof for proof in proofs.PROOFS
             if proof.source == source and function in proof.functions),
        functions=(function,))
    with tempfile.TemporaryDirectory(prefix='foyer-weakened-') as folder:
        root = pathlib.Path(folder)
        for name in proofs.FOLDERS:
            shutil.copytree(proofs.ROOT / name, root / name,
                            ignore=shutil.ignore_patterns('*.md', '__pycache__'),
                            dirs_exist_ok=True)
        subprocess.run(['patch', '-p1', '--fuzz=0', '--silent', '-i', patch],
                       cwd=root, check=True, capture_output=True, text=True)
        return proofs.find_unproven(proof, environment, root)


class WeakeningTest(unittest.TestCase):
    """Two patches are tried at a time, before the first case looks."""

    lost = {}

    @classmethod
    def setUpClass(cls):
        home, environment = proofs.make_home()

        def attempt(patch):
            try:
                return find_lost_goal(patch, environment)
            except (subprocess.CalledProcessError, RuntimeError) as error:
                return error

        with home:
            found = proofs.run_all(
                [lambda patch=patch: attempt(patch) for patch in PATCHES])
        cls.lost = dict(zip(PATCHES, found))
        n_noticed = sum(isinstance(goal, str) for goal in found)
        print(f'# {n_noticed} of {len(found)} weakenings noticed', flush=True)

    def check(self, patch):
        """One weakening."""
        goal = self.lost[patch]
        if isinstance(goal, subprocess.CalledProcessError):
            self.fail(f'does not apply: {goal.stdout}{goal.stderr}')
        if isinstance(goal, RuntimeError):
            self.fail(f'says nothing: {goal}')
        self.assertIsNotNone(goal, 'nobody noticed: the contract is too weak')
        print(f'# {patch.stem}: {goal} is lost', flush=True)

    def test_every_contract_has_one(self):
        weakened = {FUNCTION.search(patch.read_text(encoding='utf-8')).group(1)
                    for patch in PATCHES}
        self.assertEqual(proofs.find_contracts() - weakened, set())


def add_case(patch):
    """A case of its own for each patch."""
    name = patch.stem.replace('-', '_')
    setattr(WeakeningTest, f'test_{name}', lambda self: self.check(patch))


for each in PATCHES:
    add_case(each)

if __name__ == '__main__':
    absent = proofs.find_missing()
    if absent:
        print('1..0 # SKIP no ' + ', '.join(absent))
        sys.exit(0)
    tap.main()
