#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every fuzz target for a bounded time.

    run_targets.py SOURCE_ROOT BUILD_ROOT SECONDS

Each target starts from its seeds and what earlier runs found (BUILD_ROOT/
corpus). An input that makes it fail is kept in tests/fuzz/crashes/, and moves
to the seeds once it is understood. Prints a line per target."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

MAX_BYTES = 70000
TIMEOUT_S = 10
MEMORY_MB = 512


def environment(root):
    """Sanitizers that stop at the first fault."""
    return dict(
        os.environ,
        ASAN_OPTIONS='fast_unwind_on_malloc=0:abort_on_error=0',
        UBSAN_OPTIONS='halt_on_error=1:print_stacktrace=1',
        LSAN_OPTIONS=f'suppressions={root}/tests/lsan.supp',
        G_DEBUG='fatal-criticals')


def command(root, build, target, seconds):
    """The command line of one target."""
    name = target.name.removeprefix('fuzz-')
    found = build / 'corpus' / name
    found.mkdir(parents=True, exist_ok=True)
    crashes = root / 'tests' / 'fuzz' / 'crashes'
    crashes.mkdir(exist_ok=True)
    return [str(target), f'-max_total_time={seconds}', f'-max_len={MAX_BYTES}',
            f'-timeout={TIMEOUT_S}', f'-rss_limit_mb={MEMORY_MB}',
            f'-artifact_prefix={crashes}/{name}-', '-print_final_stats=1',
            f'-dict={root}/tests/fuzz/{name}.dict',
            str(found), str(root / 'tests' / 'fuzz' / 'corpus' / name)]


def run_target(root, build, target, seconds):
    """Runs one target; (True if it held, what to print)."""
    run = subprocess.run(command(root, build, target, seconds), text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env=environment(root), check=False, errors='replace')
    (build / f'{target.name}.log').write_text(run.stdout, encoding='utf-8')
    count = re.search(r'number_of_executed_units:\s*(\d+)', run.stdout)
    runs = int(count.group(1)) if count else 0
    if run.returncode == 0 and runs > 0:
        return True, f'{target.name:28} ok      {runs:9} inputs'
    kept = re.search(r'Test unit written to (\S+)', run.stdout)
    told = run.stdout.splitlines()[-12:]
    if kept:
        path = pathlib.Path(kept.group(1)).relative_to(root)
        target = target.relative_to(root)
        told.append(f'Try again with: {target} {path}')
    return False, '\n'.join([f'{target.name:28} FAILED'] + told)


def main():
    root, build = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    seconds = int(sys.argv[3])
    targets = sorted(t for t in (build / 'tests' / 'fuzz').glob('fuzz-*')
                     if t.is_file() and os.access(t, os.X_OK))
    n_failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(run_target, root, build, t, seconds)
                for t in targets]
        for run in concurrent.futures.as_completed(runs):
            is_good, told = run.result()
            n_failed += not is_good
            print(told, flush=True)
    sys.exit(1 if n_failed else 0)


if __name__ == '__main__':
    main()
