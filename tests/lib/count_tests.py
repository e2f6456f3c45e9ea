#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the cases of a meson test run.

    count_tests.py BUILD/meson-logs/testlog.json

Prints "PASSED FAILED SKIPPED", then a line for each failure and skip. A
program that speaks TAP counts by its cases, any other as one case. A program
that fails without a failed case (a crash, a leak, a time-out) is one more
failure."""

import json
import re
import sys

CASE = re.compile(r'^(not )?ok\b(?:\s+\d+)?\s*-?\s*(.*)$')
GOOD = {'OK', 'EXPECTEDFAIL', 'SKIP'}


def count_cases(output):
    """The cases of a TAP stream, as (result, name)."""
    cases = []
    for line in output.splitlines():
        match = CASE.match(line)
        if match is None:
            continue
        name, _, directive = match.group(2).partition('#')
        if directive.strip().upper().startswith('SKIP'):
            cases.append(('skipped', f'{name.strip()}: {directive.strip()}'))
        elif match.group(1):
            cases.append(('failed', name.strip()))
        else:
            cases.append(('passed', name.strip()))
    return cases


def count_program(run):
    """The cases of one program of the run."""
    cases = count_cases(run.get('stdout') or '')
    good = run['result'] in GOOD
    if not cases:
        if run['result'] == 'SKIP':
            reason = (run.get('stdout') or '').strip().splitlines()[-1:]
            return [('skipped', ''.join(reason))]
        return [('passed' if good else 'failed', run['result'].lower())]
    if not good and all(result != 'failed' for result, _ in cases):
        cases.append(('failed', run['result'].lower()))
    return cases


def main():
    totals = {'passed': 0, 'failed': 0, 'skipped': 0}
    notes = []
    with open(sys.argv[1], encoding='utf-8') as log:
        runs = [json.loads(line) for line in log if line.strip()]
    for run in runs:
        for result, name in count_program(run):
            totals[result] += 1
            if result != 'passed':
                notes.append(f'{result}: {run["name"].split(" / ")[-1]} {name}')
    print(totals['passed'], totals['failed'], totals['skipped'])
    print('\n'.join(notes))


if __name__ == '__main__':
    main()
