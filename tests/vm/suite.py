# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs cases in the guest, many in one boot, and keeps what they said.

A case is a program in cases/ that prints TAP. A line of it says what it needs:

    # vm-case: limit=SECONDS [loopback|by-name]

The seconds are what it takes on a quiet machine: cases are shared out among
machines by them, and several times as much is allowed. A case with `loopback`
runs once for each generation of v4l2loopback; one with `by-name` only if it is
named, with the first of them."""

import dataclasses
import json
import pathlib
import re
import shlex
import shutil
import threading
import time

import machine

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
DIRECTIVE = re.compile(r'^# vm-case: limit=(\d+)( loopback| by-name)?$', re.M)
PLAN = re.compile(r'^1\.\.(\d+)', re.M)
TAP_LINE = re.compile(r'^(?:not )?ok\b', re.M)
# Other work on the host makes everything slower.
PATIENCE = 12
# An emulated processor is one thread of the host's: one machine alone would
# leave the other core idle.
N_MACHINES = 2
BOOT_LIMIT_S = 60


@dataclasses.dataclass
class Case:
    """A program, and the generation of v4l2loopback it is to try."""

    name: str
    program: pathlib.Path
    usual_s: int
    generation: str = '-'
    module: str = '-'

    @property
    def limit_s(self):
        """What it may take."""
        return self.usual_s * PATIENCE


@dataclasses.dataclass
class Run:
    """How a case went."""

    case: Case
    result: str
    output: str
    took_s: float


def find_cases(loopbacks, wanted):
    """The cases whose names begin with one of `wanted`, or all of them;
    loopbacks is {generation: module}."""
    cases = []
    for program in sorted((HERE / 'cases').glob('case_*')):
        match = DIRECTIVE.search(program.read_text('utf-8'))
        if match is None:
            raise ValueError(f'{program} has no vm-case line')
        name = program.stem.removeprefix('case_').replace('_', '-')
        usual_s = int(match.group(1))
        if match.group(2) == ' by-name':
            generation, module = next(iter(loopbacks.items()))
            if name in wanted:
                cases.append(Case(name, program, usual_s, generation,
                                  str(module)))
        elif match.group(2):
            cases += [Case(f'{name}-{generation}', program, usual_s, generation,
                           str(module))
                      for generation, module in loopbacks.items()]
        else:
            cases.append(Case(name, program, usual_s))
    if wanted:
        cases = [c for c in cases if any(c.name.startswith(w) for w in wanted)]
    return cases


def job_script(env):
    """What the guest runs."""
    exports = [f'export {k}={shlex.quote(str(v))}' for k, v in env.items()]
    return '\n'.join([*exports, f'cd {shlex.quote(str(TOP))}',
                      f'. {shlex.quote(str(HERE / "guest" / "run-cases.sh"))}',
                      ''])


def result_of(status, output):
    """What a case came to, in meson's words: its status, and whether all it
    had planned was done."""
    if status in (machine.TIMED_OUT, 137):
        return 'TIMEOUT'
    plan = PLAN.search(output)
    n_done = len(TAP_LINE.findall(output))
    if status != 0 or plan is None or n_done < int(plan.group(1)):
        return 'FAIL'
    return 'FAIL' if re.search(r'^not ok\b', output, re.M) else 'OK'


class Boot:
    """Cases that share one boot, and how far they have come."""

    def __init__(self, cases, job, tell):
        self.cases = {case.name: case for case in cases}
        self.job = job
        self.tell = tell
        self.runs = []
        self.current = None
        self.began = 0.0
        self._at = 0

    def _output(self, name):
        path = self.job / f'{name}.tap'
        return path.read_text('utf-8', 'replace') if path.exists() else ''

    def _end(self, name, result):
        run = Run(self.cases.pop(name), result, self._output(name),
                  time.monotonic() - self.began)
        self.runs.append(run)
        self.current = None
        n_cases = len(TAP_LINE.findall(run.output))
        self.tell(f'{name}: {result.lower()}, {n_cases} cases, '
                  f'{run.took_s:.0f} s')

    def look(self):
        """Takes in what the guest has told since."""
        path = self.job / 'output.log'
        if not path.exists():
            return
        text = path.read_text('utf-8', 'replace')
        done = text.rfind('\n') + 1
        for line in text[self._at:done].splitlines():
            words = line.split()
            if words[:1] == ['begin'] and len(words) == 2:
                self.current, self.began = words[1], time.monotonic()
            elif words[:1] == ['end'] and len(words) == 3:
                self._end(words[1], result_of(int(words[2]),
                                              self._output(words[1])))
        self._at = max(self._at, done)

    def end_lost(self, status):
        """The case during which the machine went; the first, if none began."""
        if self.cases:
            name = self.current or next(iter(self.cases))
            self._end(name, 'TIMEOUT' if status == machine.TIMED_OUT
                      else 'ERROR')


def share_out(cases, n_parts):
    """The cases in parts that take about as long; the longest come first, so
    that little is left to differ at the end."""
    parts = [[] for _ in range(n_parts)]
    for case in sorted(cases, key=lambda c: c.usual_s, reverse=True):
        min(parts, key=lambda p: sum(c.usual_s for c in p)).append(case)
    return [part for part in parts if part]


class Suite:
    """What all machines of one run share."""

    def __init__(self, guest, folder, env, tell, snapshot=None):
        self.guest = guest
        self.folder = folder
        self.env = env
        self.tell = tell
        self.snapshot = snapshot
        self.runs = []

    def _boot(self, name, cases):
        """Runs cases in one machine; those that it did not come to."""
        job = self.folder / name
        boot = Boot(cases, job, self.tell)
        vm = machine.Machine(self.guest, job, job_script(self.env),
                             self.snapshot)
        lines = [f'{c.name} {c.limit_s} {shlex.quote(str(c.program))} '
                 f'{c.generation} {c.module}\n' for c in cases]
        (job / 'cases').write_text(''.join(lines), encoding='utf-8')
        limit_s = BOOT_LIMIT_S * PATIENCE + sum(c.limit_s for c in cases)
        outcome = vm.run(limit_s, boot.look)
        boot.end_lost(outcome.status)
        self.runs += boot.runs
        return list(boot.cases.values())

    def _run_part(self, number, cases):
        """If the machine is lost in a case, the rest get another one."""
        n_boots = 0
        while cases:
            n_boots += 1
            cases = self._boot(f'boot-{number}-{n_boots}', cases)

    def run(self, cases):
        """Runs cases on several machines at once; a Run for each."""
        for old in self.folder.glob('boot-*'):
            shutil.rmtree(old)
        threads = [threading.Thread(target=self._run_part, args=(i + 1, part),
                                    daemon=True)
                   for i, part in enumerate(share_out(cases, N_MACHINES))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.runs


def write_log(runs, path):
    """In the form of a meson log, which tests/lib/count_tests.py counts."""
    with open(path, 'w', encoding='utf-8') as log:
        for run in runs:
            log.write(json.dumps({'name': f'foyer:vm / {run.case.name}',
                                  'result': run.result,
                                  'stdout': run.output}) + '\n')
