#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tag and gate cost a frame, in instructions, and all that they call; see
bench-tag.c. Beside them it is told what the elements spend on each frame in all:
they read the clock, and the pipeline's time of the frame.

The difference of a long and a short run leaves out what is done but once. It is
a count, the same on every machine of one kind, and so it is judged."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import tap  # noqa: E402
from figures import Figures  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PARTS = {'the tag is put on': 'foyer_buffer_set_tag',
         'it is read': 'foyer_buffer_get_gate_frame',
         'the gate decides': 'foyer_gate_pass'}
ELEMENTS = {'foyertag': 'foyer_tag_element_transform_ip',
            'foyergate': 'foyer_gate_element_transform_ip'}
FEW, MANY = 200, 1200


def count(function, n_frames):
    """Instructions inside of a function while so many frames go through."""
    with tempfile.TemporaryDirectory(prefix='foyer-bench-') as folder:
        out = pathlib.Path(folder) / 'callgrind.out'
        run = subprocess.run(
            ['valgrind', '--tool=callgrind', f'--callgrind-out-file={out}',
             '--collect-atstart=no', f'--toggle-collect={function}',
             BUILD / 'tests' / 'bench' / 'bench-tag', str(n_frames)],
            env={'G_SLICE': '', 'HOME': folder, 'GST_REGISTRY_DISABLE': 'yes'},
            capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise RuntimeError(run.stderr)
        return int(re.search(r'^totals: (\d+)', out.read_text(), re.M).group(1))


def count_a_frame(function):
    """Instructions of one frame."""
    few, many = count(function, FEW), count(function, MANY)
    if few == 0:
        raise RuntimeError(f'{function} was never called')
    return (many - few) / (MANY - FEW)


class Tag(unittest.TestCase):
    """Tag and gate."""

    def tell(self, figures, what, parts, limit):
        """The cost of each part, and of all together."""
        costs = {part: count_a_frame(function)
                 for part, function in parts.items()}
        for part, cost in costs.items():
            figures.tell(f'{part}: instructions a frame', cost, '')
        figures.tell(f'{what}: instructions a frame', sum(costs.values()), '',
                     limit=limit, judge=True)

    def test_instructions(self):
        """Few."""
        figures = Figures(BUILD, 'tag')
        self.tell(figures, 'tag and gate', PARTS, 300)
        self.tell(figures, 'both elements', ELEMENTS, 1300)
        self.assertEqual(figures.broken, [])


if __name__ == '__main__':
    tap.main()
