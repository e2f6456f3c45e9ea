#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our own C files of a build, one per line: tidy_files.py BUILD."""

import json
import pathlib
import sys


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    commands = json.loads((build / 'compile_commands.json').read_text('utf-8'))
    files = {(build / c['file']).resolve() for c in commands}
    for path in sorted(files):
        if path.suffix == '.c' and build not in path.parents:
            print(path)


if __name__ == '__main__':
    main()
