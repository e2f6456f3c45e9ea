#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of a run as a table: show_figures.py BUILD/bench."""

import json
import pathlib
import sys

import figures


def main():
    for path in sorted(pathlib.Path(sys.argv[1]).glob('*.jsonl')):
        for line in path.read_text(encoding='utf-8').splitlines():
            print('    ' + figures.show(json.loads(line)))


if __name__ == '__main__':
    main()
