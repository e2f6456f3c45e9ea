# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frama-C with WP over the files that ship: what is proven, and how."""

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ('tests/proof/include', 'daemon/base', 'daemon/policy', 'daemon/core',
           'daemon/ipc', 'plugins', 'plugins/cast')
PROVERS = ('z3', 'cvc4')
# A goal takes well under a second; this is for a machine with other work.
GOAL_TIMEOUT_S = 10
# Warnings that leave nothing out; any other is a failure.
HARMLESS = ('[wp:pedantic-assigns]',)
# Files at a time.
N_JOBS = 2


@dataclasses.dataclass(frozen=True)
class Proof:
    """A file that ships, and which of its functions; all without a name."""
    source: str
    functions: tuple = ()
    options: tuple = ()


# Functions that WP can't take stand in docs/proofs.rst, with the reason.
PROOFS = (
    Proof('plugins/foyer-gate.c'),
    Proof('daemon/policy/foyer-policy.c'),
    Proof('daemon/ipc/foyer-slots.c'),
)


@dataclasses.dataclass
class Verdict:
    """What became of one proof."""
    n_goals: int
    n_proven: int
    seconds: float
    output: str

    @property
    def is_proven(self):
        return 0 < self.n_goals == self.n_proven


def find_missing():
    """Programs that are not there."""
    return [name for name in ('frama-c', 'why3', *PROVERS)
            if shutil.which(name) is None]


def make_home():
    """A folder in which why3 has looked for the provers; nothing of the user's
    own set-up counts, and none of it is changed."""
    home = tempfile.TemporaryDirectory(prefix='foyer-proof-')
    environment = dict(os.environ, HOME=home.name)
    environment.pop('WHY3CONFIG', None)
    subprocess.run(['why3', 'config', 'detect'], env=environment, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return home, environment


def prove(proof, environment, root=ROOT):
    """Runs one proof over a tree. No goal is taken from a cache, and a file that
    does not parse, or assumes anything, raises."""
    began = time.monotonic()
    includes = ' '.join(f'-I{root / folder}' for folder in FOLDERS)
    functions = (['-wp-fct', ','.join(proof.functions)]
                 if proof.functions else [])
    run = subprocess.run(
        ['frama-c', '-machdep', 'gcc_x86_64', f'-cpp-extra-args=-std=gnu11 {includes}', '-wp', '-wp-rte', '-wp-cache', 'none', '-wp-par', '1',
         '-wp-prover', ','.join(PROVERS), '-wp-timeout', str(GOAL_TIMEOUT_S),
         *functions, *proof.options, str(root / proof.source)],
        cwd=root, env=environment, capture_output=True, text=True, check=False)
    match = re.search(r'Proved goals:\s+(\d+) / (\d+)', run.stdout)
    warnings = [line for line in re.findall(
        r'^\[[\w:-]+\].*Warning:.*(?:\n  .*)*', run.stdout, re.M)
        if not line.startswith(HARMLESS)]
    if run.returncode != 0 or match is None or warnings:
        raise RuntimeError(f'{proof.source}:\n{run.stdout}{run.stderr}')
    return Verdict(int(match.group(2)), int(match.group(1)),
                   time.monotonic() - began, run.stdout)


def describe_failures(verdict):
    """The lines on goals that were not proven."""
    return '\n'.join(re.findall(r'^\[wp\] (\[(?!Qed).*(?:Failed|Timeout|Unknown).*'
                                r'(?:\n  .*)*)', verdict.output, re.M))


def run_all(jobs):
    """The results of callables, two at a time, in their order."""
    with concurrent.futures.ThreadPoolExecutor(N_JOBS) as pool:
        return list(pool.map(lambda job: job(), jobs))
