# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs cases in the guest, many in one boot, and keeps what they said.

A case is a program in cases/ that prints TAP. A line of it says what it needs:

    # vm-case: limit=SECONDS [loopback|by-name]

The seconds are what it takes by the guest's clock: the longest cases go first,
and several times as much is allowed. A case with `loopback` runs once for each
generation of v4l2loopback; one with `by-name` so, too, but only if it is named."""

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
# By the guest's clock, which a busy host does not make any faster.
PATIENCE = 4
# An emulated processor is one thread of the host's, and idle while its case waits
# for something: three keep two cores busy.
N_MACHINES = 3
# By the host's clock: nothing was heard of a machine for so long. What limits a
# case is the guest's clock.
STALL_LIMIT_S = 1500


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

    def line(self):
        """What the guest is told of it."""
        return (f'{self.name} {self.limit_s} {self.program} '
                f'{self.generation} {self.module}')


@dataclasses.dataclass
class Run:
    """How a case went."""

    case: Case
    result: str
    output: str
    took_s: float
    spent_s: float


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
        if match.group(2):
            of_each = [Case(f'{name}-{generation}', program, usual_s, generation,
                            str(module))
                       for generation, module in loopbacks.items()]
            is_by_name = match.group(2) == ' by-name'
            cases += [c for c in of_each if not is_by_name
                      or any(w in (name, c.name) for w in wanted)]
        else:
            cases.append(Case(name, program, usual_s))
    if wanted:
        cases = [c for c in cases if any(c.name.startswith(w) for w in wanted)]
    return cases


def job_script(env):
    """What the guest runs."""
    exports = [f'export {k}={shlex.quote(str(v))}' for k, v in env.items()]
    return '\n'.join([*exports, f'cd {shlex.quote(str(TOP))}',
                      f'exec {shlex.quote(str(HERE / "guest" / "run_cases.py"))}',
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


class Queue:
    """The cases that no machine has taken yet; the longest go first, so that
    little is left to differ at the end."""

    def __init__(self, cases):
        self.cases = sorted(cases, key=lambda c: c.usual_s)
        self.lock = threading.Lock()

    def take(self):
        """The next one; None if there is none."""
        with self.lock:
            return self.cases.pop() if self.cases else None

    def is_empty(self):
        """Whether all were taken."""
        with self.lock:
            return not self.cases


class Boot:
    """One machine, which asks for a case whenever it has time for one."""

    def __init__(self, queue, vm, tell):
        self.queue = queue
        self.machine = vm
        self.job = vm.job
        self.tell = tell
        self.runs = []
        self.current = None
        self.began = 0.0
        self.spent_before = 0.0
        self._at = 0

    def _output(self, name):
        path = self.job / f'{name}.tap'
        return path.read_text('utf-8', 'replace') if path.exists() else ''

    def _begin(self, case):
        self.current, self.began = case, time.monotonic()
        self.spent_before = self.machine.spent_s()

    def _end(self, result, spent_s):
        run = Run(self.current, result, self._output(self.current.name),
                  time.monotonic() - self.began, spent_s)
        self.runs.append(run)
        self.current = None
        n_cases = len(TAP_LINE.findall(run.output))
        self.tell(f'{run.case.name}: {result.lower()}, {n_cases} cases, '
                  f'{run.took_s:.0f} s, of the processor {spent_s:.0f} s')

    def _hear(self, words):
        if words == ['next']:
            case = self.queue.take()
            if case:
                self._begin(case)
            self.machine.say(case.line() if case else 'done')
        elif words[:1] == ['end'] and len(words) == 2 and self.current:
            self._end(result_of(int(words[1]), self._output(self.current.name)),
                      self.machine.spent_s() - self.spent_before)

    def look(self):
        """Takes in what the guest has told since; whether that was anything."""
        path = self.job / 'output.log'
        if not path.exists():
            return False
        text = path.read_text('utf-8', 'replace')
        done = text.rfind('\n') + 1
        lines = text[self._at:done].splitlines()
        self._at = max(self._at, done)
        for line in lines:
            self._hear(line.split())
        return bool(lines)

    def end_lost(self, status):
        """The case during which the machine went; the next one, if it did not
        come to any."""
        if self.current is None and not self.runs:
            case = self.queue.take()
            if case:
                self._begin(case)
        if self.current is not None:
            self._end('TIMEOUT' if status == machine.TIMED_OUT else 'ERROR', 0)


class Suite:
    """What all machines of one run share."""

    def __init__(self, guest, folder, env, tell, snapshot=None):
        self.guest = guest
        self.folder = folder
        self.env = env
        self.tell = tell
        self.snapshot = snapshot
        self.runs = []

    def _run_part(self, number, queue):
        """If the machine is lost in a case, the rest get another one."""
        n_boots = 0
        while not queue.is_empty():
            n_boots += 1
            vm = machine.Machine(self.guest,
                                 self.folder / f'boot-{number}-{n_boots}',
                                 job_script(self.env), self.snapshot)
            boot = Boot(queue, vm, self.tell)
            outcome = vm.run(STALL_LIMIT_S, boot.look)
            boot.end_lost(outcome.status)
            self.runs += boot.runs

    def run(self, cases):
        """Runs cases on several machines at once; a Run for each."""
        for old in self.folder.glob('boot-*'):
            shutil.rmtree(old)
        queue = Queue(cases)
        threads = [threading.Thread(target=self._run_part, args=(i + 1, queue),
                                    daemon=True)
                   for i in range(min(N_MACHINES, len(cases)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = {run.case.name for run in self.runs}
        self.runs += [Run(case, 'ERROR', '', 0, 0) for case in cases
                      if case.name not in told]
        return self.runs


def write_log(runs, path):
    """In the form of a meson log, which tests/lib/count_tests.py counts."""
    with open(path, 'w', encoding='utf-8') as log:
        for run in runs:
            log.write(json.dumps({'name': f'foyer:vm / {run.case.name}',
                                  'result': run.result,
                                  'stdout': run.output}) + '\n')
