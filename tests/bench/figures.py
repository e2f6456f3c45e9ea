# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where benches put their figures: JSON lines in BUILD/bench/<bench>.jsonl."""

import json
import pathlib


N_TRIES = 3


def try_again(bench, n_tries=N_TRIES):
    """Another process may have had the machine: what broke in the best of a few
    runs. What is really slow is slow each time."""
    broken = []
    for _ in range(n_tries):
        broken = bench()
        if not broken:
            break
    return broken


class Figures:
    """The figures of one bench. A limit that is an absolute time of this machine
    is told and not judged; a ratio, a count or a size is judged."""

    def __init__(self, build, name):
        folder = pathlib.Path(build) / 'bench'
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.path = folder / f'{name}.jsonl'
        self.path.write_text('', encoding='utf-8')
        self.broken = []

    def tell(self, what, value, unit, limit=None, is_least=False, judge=False):
        """Keeps a figure. `limit` is the most it may be, or the least."""
        is_good = None
        if limit is not None and value is not None:
            is_good = value >= limit if is_least else value <= limit
        if judge and not is_good:
            self.broken.append(
                f'{what}: {value} {unit}, not '
                f'{"at least" if is_least else "at most"} {limit}')
        line = {'bench': self.name, 'what': what, 'value': value, 'unit': unit,
                'limit': limit, 'is_least': is_least, 'judged': judge,
                'good': is_good}
        with open(self.path, 'a', encoding='utf-8') as lines:
            lines.write(json.dumps(line) + '\n')
        print(f'# {show(line)}', flush=True)


def show(line):
    """A figure in words."""
    value = line['value']
    text = NOTHING if value is None else f'{value:.4g}'
    if isinstance(value, int):
        text = str(value)
    words = f'{line["bench"]:8} {line["what"]:44} {text:>10} {line["unit"]:9}'
    if line['limit'] is not None:
        words += (f' {"≥" if line["is_least"] else "≤"} {line["limit"]:.4g}'
                  f'{"" if line["judged"] else " (told)"}'
                  f'{"" if line["good"] else "  MISSED"}')
    return words.rstrip()


NOTHING = '–'
