#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plants leaks, one at a time, and sees the rig catch each.

    run_mutants.py BUILD                 all of them
    run_mutants.py BUILD pool-shared …   some

A mutant is a patch in mutants/ against the sources that ship, with a head that says
what is wrong in it, which row of the failure modes and which invariant it breaks, and
which attacks are to notice, or, where no display of the rig could, which function's
proof (proof:NAME) or which program of the unit tests (test:NAME). It is applied to a copy of the tree, which is built in a
folder of its own; BUILD, which is not touched, has the displays and other tools. A
mutant that survives is a defect of the rig: the exit status is 1 then, and 2 if one
could not be tried."""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / 'proof'))
import proofs  # noqa: E402

SHIPPED = ('daemon', 'dbus', 'plugins', 'tests', 'docs', 'udev', 'meson.build',
           'meson_options.txt')
TARGET = 'demo-programs'
# How often an attack is made, with one seed after the other, before the next is.
ROUNDS = 3
# Longer than in the short form: some leaks take a session that is some seconds old.
ROUND_S = 10
RESULT = 'foyer-attack '
TEST, PROOF = 'test:', 'proof:'
CAUGHT, SURVIVED, UNTRIED = 'caught', 'survived', 'untried'


class Mutant:
    """What the head of a patch says of it."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        text = path.read_text('utf-8')
        self.what = text.splitlines()[0]
        self.row, self.invariant, attacks = (
            re.search(rf'^{word}: (.+)$', text, re.MULTILINE).group(1)
            for word in ('Row', 'Invariant', 'Attack'))
        self.attacks = attacks.split(',')


def read_mutants(names=()):
    """Those of these names, or all."""
    found = [Mutant(path) for path in sorted((HERE / 'mutants').glob('*.patch'))]
    unknown = set(names) - {m.name for m in found}
    if unknown:
        raise SystemExit(f'no such mutant: {", ".join(sorted(unknown))}')
    return [m for m in found if not names or m.name in names]


class Scratch:
    """A copy of the tree, and its build."""

    def __init__(self, folder):
        self.source = folder / 'source'
        self.build = folder / 'build'

    def prepare(self):
        """The tree as it is now, without what git does not know; what was built
        before is of use."""
        self.source.mkdir(parents=True, exist_ok=True)
        names = subprocess.run(
            ['git', '-C', ROOT, 'ls-files', '-z', '--', *SHIPPED],
            capture_output=True, check=True).stdout.decode().split('\0')
        for name in filter(None, names):
            new, old = ROOT / name, self.source / name
            if not old.exists() or old.read_bytes() != new.read_bytes():
                old.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(new, old)
                old.touch()
        if not (self.build / 'build.ninja').exists():
            run(['meson', 'setup', self.build, self.source])
        run(['ninja', '-C', self.build, TARGET])

    def patch(self, mutant, *options):
        """Plants it, or takes it out again."""
        run(['patch', '-p1', '--fuzz=1', '--silent', '--no-backup-if-mismatch',
             *options, '-i', mutant.path], cwd=self.source)

    def end_survivors(self):
        """Workers that a leak has outlive their foyerd."""
        for process in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                if (process / 'exe').readlink().is_relative_to(self.build):
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:
                continue


def run(command, **options):
    """What it says, if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          **options)
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(map(str, command))}:\n{done.stdout}')


def test(scratch, name):
    """As the last line of the rig would be, for one program of the unit tests."""
    program = f'tests/unit/test-{name}'
    run(['ninja', '-C', scratch.build, program])
    done = subprocess.run([scratch.build / program], cwd=scratch.source,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False)
    return {'result': 'leak' if done.returncode else 'ok', 'frames': 0,
            'decoded': 0, 'oracle': ['its assertions']}


def prove(scratch, function):
    """The same for the proof of one function of the sources with the leak."""
    proof = next(p for p in proofs.PROOFS if function in p.functions)
    missing = proofs.find_missing()
    if missing:
        raise RuntimeError(f'no {", ".join(missing)}')
    home, environment = proofs.make_home()
    with home:
        lost = proofs.find_unproven(
            dataclasses.replace(proof, functions=(function,)), environment,
            scratch.source)
    return {'result': 'leak' if lost else 'ok', 'frames': 0, 'decoded': 0,
            'oracle': [f'goal {lost[0]}' if lost else '']}


def attack(scratch, tools, folder, name, seed):
    """The last line of the rig, for one attack."""
    if name.startswith(TEST):
        return test(scratch, name.removeprefix(TEST))
    if name.startswith(PROOF):
        return prove(scratch, name.removeprefix(PROOF))
    done = subprocess.run(
        [sys.executable, HERE / 'run_attack.py', scratch.build, '--rig', tools,
         '--attack', name, '--rounds', str(ROUNDS), '--seed', str(seed),
         '--seconds', str(ROUND_S),
         '--no-shrink', '--folder', folder],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    (folder / 'last.log').write_text(done.stdout, 'utf-8')
    lines = [line for line in done.stdout.splitlines()
             if line.startswith(RESULT)]
    if not lines:
        raise RuntimeError(f'the rig said nothing:\n{done.stdout}')
    return json.loads(lines[-1].removeprefix(RESULT))


def attempt(mutant, scratch, tools, folder, seed):
    """What became of it: (CAUGHT …, by what, frames decoded until then)."""
    n_decoded = 0
    try:
        scratch.patch(mutant)
        try:
            run(['ninja', '-C', scratch.build, TARGET])
            for name in mutant.attacks:
                told = attack(scratch, tools, folder, name, seed)
                if told['result'] == 'leak':
                    return (CAUGHT, f'{name}: {", ".join(told["oracle"])}',
                            n_decoded + told['frames'])
                if told['result'] != 'ok':
                    return UNTRIED, f'{name}: the rig failed', n_decoded
                n_decoded += told['decoded']
        finally:
            scratch.end_survivors()
            scratch.patch(mutant, '--reverse')
    except RuntimeError as error:
        return UNTRIED, str(error), n_decoded
    return SURVIVED, '', n_decoded


def tell(results):
    """The table for a person."""
    lines = [f'{"mutant":24} {"row":>6} {"":4} {"":9} {"frames":>8}  caught by']
    for each in results:
        lines.append(f'{each["name"]:24} {each["row"]:>6} '
                     f'{each["invariant"]:4} {each["result"]:9} '
                     f'{each["frames"]:>8}  {each["by"]}')
    return '\n'.join(lines) + '\n'


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('names', nargs='*', metavar='MUTANT')
    parser.add_argument('--folder', type=pathlib.Path,
                        default=pathlib.Path('build-mutants'))
    parser.add_argument('--seed', type=int, default=1)
    return parser.parse_args()


def main():
    """Exit status: 0 all caught, 1 one survived, 2 one could not be tried."""
    options = parse()
    folder = options.folder.resolve()
    mutants = read_mutants(options.names)
    scratch = Scratch(folder)
    print('building what leaks are planted in', flush=True)
    scratch.prepare()
    results = []
    for number, mutant in enumerate(mutants, 1):
        begin = time.monotonic()
        result, by, frames = attempt(mutant, scratch, options.build.resolve(),
                                     folder, options.seed)
        results.append({'name': mutant.name, 'what': mutant.what,
                        'row': mutant.row, 'invariant': mutant.invariant,
                        'result': result, 'by': by, 'frames': frames})
        print(f'{number:>3} of {len(mutants)}  {mutant.name:24} {result} '
              f'after {frames} frames  {by}  '
              f'({time.monotonic() - begin:.0f} s)', flush=True)
    (folder / 'report.json').write_text(json.dumps(results, indent=1), 'utf-8')
    (folder / 'report.txt').write_text(tell(results), 'utf-8')
    n_caught = sum(each['result'] == CAUGHT for each in results)
    print(f'{n_caught} of {len(results)} mutants caught', flush=True)
    if any(each['result'] == UNTRIED for each in results):
        return 2
    return 0 if n_caught == len(results) else 1


if __name__ == '__main__':
    sys.exit(main())
