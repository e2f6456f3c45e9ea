# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lints share.

Each lint is a program `check-<name> SOURCE_ROOT [BUILD_ROOT]` that prints
`file:line: what is wrong` for each fault and exits with 1 if there was one, or
with 77 if it cannot judge. test-lints plants one fault of each kind."""

import fnmatch
import pathlib
import shutil
import subprocess
import sys

SKIP = 77


def tracked_files(root, *patterns):
    """The files of the tree that git knows, or, without git, all that are not
    built or hidden; as sorted paths relative to root."""
    run = subprocess.run(
        ['git', '-c', 'safe.directory=*', '-C', str(root), 'ls-files', '-co',
         '--exclude-standard', '--deduplicate'],
        capture_output=True, text=True, check=False)
    if run.returncode == 0:
        names = run.stdout.splitlines()
    else:
        names = [str(path.relative_to(root)) for path in root.rglob('*')]
    files = [pathlib.Path(name) for name in names if (root / name).is_file()]
    if run.returncode != 0:
        files = [f for f in files if not f.parts[0].startswith('build')]
    if patterns:
        files = [f for f in files
                 if any(fnmatch.fnmatch(f.name, p) for p in patterns)]
    return sorted(files)


def read_lines(root, path):
    """The lines of a file, without their ends."""
    return (root / path).read_text(encoding='utf-8').split('\n')


def need_tool(name):
    """Skips the lint if a program is missing."""
    if shutil.which(name) is None:
        print(f'{name} is not installed')
        sys.exit(SKIP)


def run_tool(root, command, files):
    """Runs a checker over files; its complaints are the lint's."""
    need_tool(command[0])
    if not files:
        return 0
    run = subprocess.run(command + [str(f) for f in files], cwd=root,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, check=False)
    print(run.stdout, end='')
    return 1 if run.returncode else 0


def run_lint(find_problems):
    """main() of a lint: find_problems (root, build) yields lines to print."""
    root = pathlib.Path(sys.argv[1]).resolve()
    build = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    problems = list(find_problems(root, build))
    print('\n'.join(problems))
    sys.exit(1 if problems else 0)
