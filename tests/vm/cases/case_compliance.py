#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=10 loopback
"""v4l2-compliance: an exposed node fails nothing that the module does not fail
by itself, as a capture device with a producer that has nothing to do with Foyer."""

import pathlib
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1])]
import case_nodes  # noqa: E402
import vmlab  # noqa: E402

TEST = re.compile(r'^\s*test (.*): (OK|FAIL)', re.M)


def comply(node):
    """{test: "OK" or "FAIL"}; a test that is there for several inputs fails if
    it does for one."""
    said = vmlab.run('timeout', '60', 'v4l2-compliance', '-d', node).stdout
    found = {}
    for name, result in TEST.findall(said):
        if found.get(name) != 'FAIL':
            found[name] = result
    return found


def count(found):
    """Passed of all."""
    return f'{sum(r == "OK" for r in found.values())} of {len(found)}'


class ComplianceTest(vmlab.VmTest):
    """Of one generation."""

    def test_exposed(self):
        vmlab.insert_loopback('video_nr=40', 'card_label=Foyer-1',
                              'exclusive_caps=1')
        producer = self.start_tool('write', '/dev/video40', 1, 8, 320, 180)
        producer.expect('^written')
        bare = comply('/dev/video40')
        producer.kill()
        self.assertEqual(vmlab.run('rmmod', 'v4l2loopback').returncode, 0)
        vmlab.insert_loopback('video_nr=40', 'card_label=Foyer-1',
                              'exclusive_caps=1')
        house = case_nodes.Nodes()
        self.addCleanup(house.stop)
        house.start()
        house.wait_closed()
        house.expose()
        exposed = comply(house.wait_idle()['Device'])
        print(f'# {vmlab.GENERATION}: bare {count(bare)}, exposed '
              f'{count(exposed)}', flush=True)

        def fails(found):
            return {name for name, result in found.items()
                    if result == 'FAIL'}
        print(f'# bare fails {sorted(fails(bare))}', flush=True)
        print(f'# exposed fails {sorted(fails(exposed))}', flush=True)
        self.assertGreater(len(exposed), 20)
        self.assertLessEqual(fails(exposed), fails(bare))
        # It is whole afterwards.
        house.wait_idle()


if __name__ == '__main__':
    vmlab.main()
