#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the cases of a meson test run.

    count_tests.py BUILD/meson-logs/testlog.json

Prints "PASSED FAILED SKIPPED", then a line for each failure and skip: what it is,
its name and its last words, with tabs between. A program that speaks TAP counts by
its cases, any other as one case. A program that fails without a failed case (a
crash, a leak, a time-out) is one more failure."""

import json
import re
import sys
import typing

CASE = re.compile(r'^(not )?ok\b(?:\s+\d+)?\s*-?\s*(.*)$')
GOOD = {'OK', 'EXPECTEDFAIL', 'SKIP'}
# Of what a program said, what tells most of why it failed.
TELLING = re.compile(r'^Bail out!|error|assert|critical|not found|denied',
                     re.IGNORECASE)


class Case(typing.NamedTuple):
    """One of a program."""
    result: str
    name: str
    words: str = ''


def last_words(text):
    """The line that most likely tells why; the last one, if none does."""
    lines = [line.lstrip('# ').strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    telling = [line for line in lines if TELLING.search(line)]
    return ''.join((telling or lines)[-1:])


def count_cases(output):
    """The cases of a TAP stream. What a case says stands before its line."""
    cases = []
    said = []
    for line in output.splitlines():
        match = CASE.match(line)
        if match is None:
            said.append(line)
            continue
        name, _, directive = match.group(2).partition('#')
        name = name.strip()
        if directive.strip().upper().startswith('SKIP'):
            cases.append(Case('skipped', name, directive.strip()))
        elif match.group(1):
            cases.append(Case('failed', name, last_words('\n'.join(said))))
        else:
            cases.append(Case('passed', name))
        said = []
    return cases


def count_program(run):
    """The cases of one program of the run."""
    output = run.get('stdout') or ''
    cases = count_cases(output)
    good = run['result'] in GOOD
    if not cases and run['result'] == 'SKIP':
        return [Case('skipped', '', ''.join(output.strip().splitlines()[-1:]))]
    if not cases and good:
        return [Case('passed', run['result'].lower())]
    if not good and all(case.result != 'failed' for case in cases):
        after = f' after {cases[-1].name}' if cases else ''
        rest = [line for line in output.splitlines() if not CASE.match(line)]
        cases.append(Case('failed', run['result'].lower() + after, last_words(
            '\n'.join([*rest, run.get('stderr') or '']))))
    return cases


def main():
    totals = {'passed': 0, 'failed': 0, 'skipped': 0}
    notes = []
    with open(sys.argv[1], encoding='utf-8') as log:
        runs = [json.loads(line) for line in log if line.strip()]
    for run in runs:
        for case in count_program(run):
            totals[case.result] += 1
            if case.result != 'passed':
                program = run['name'].split(' / ')[-1]
                notes.append(f'{case.result}\t{program} {case.name}'.rstrip() +
                             f'\t{" ".join(case.words.split())}')
    print(totals['passed'], totals['failed'], totals['skipped'])
    print('\n'.join(notes))


if __name__ == '__main__':
    main()
