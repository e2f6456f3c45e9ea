#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The C files of a build that are no tests, one per line: tidy_files.py BUILD."""

import json
import pathlib
import sys


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    rooms = [build.parent / room for room in ('daemon', 'plugins')]
    commands = json.loads((build / 'compile_commands.json').read_text('utf-8'))
    files = {(build / c['file']).resolve() for c in commands}
    for path in sorted(files):
        if path.suffix == '.c' and any(r in path.parents for r in rooms):
            print(path)


if __name__ == '__main__':
    main()
