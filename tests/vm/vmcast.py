# SPDX-License-Identifier: LGPL-2.1-or-later
"""Casts in the guest by gst-launch-1.0, without foyerd, and the judge of them."""

import re

import vmlab
import foyerlab

N_PICTURES = 20
N_ATTEMPTS = 4
# An emulated processor needs longer than a real one, and gets to show a
# picture later than it meant to.
TARGET_DELAY_MS = 2000
SLACK_MS = 1000


def set_up():
    """Before a module's first case."""
    vmlab.warm_up()
    foyerlab.START_TIMEOUT_S = vmlab.TIMEOUT_S
    foyerlab.TARGET_DELAY_MS = TARGET_DELAY_MS


class MarkedCamera(foyerlab.Camera):
    """A camera whose driver paints the mark, so that nothing between it and
    the display needs to be believed."""

    def pipeline(self):
        return self.source


class CastTest(vmlab.VmTest):
    """One camera, one display."""

    def run_cast(self, camera, display):
        """Casts until enough was shown, or it has ended. Returns its words."""
        cast = foyerlab.Cast(vmlab.BUILD, camera, display)
        self.addCleanup(foyerlab.stop_process, cast.process)

        def shown_or_over():
            display.read()
            shown = sum(map(foyerlab.is_shown, display.frames))
            return shown >= N_PICTURES or cast.process.poll() is not None
        vmlab.wait_until(shown_or_over, 2 * vmlab.TIMEOUT_S)
        cast.stop()
        return cast.words()

    def check_cast(self, camera):
        """Casts, and has judged what was shown. On a processor that gets no
        time a display does not answer in time, and a sender rightly gives up:
        that is tried again."""
        display = foyerlab.Display(vmlab.BUILD, camera.name)
        self.addCleanup(foyerlab.stop_process, display.process)
        for _ in range(N_ATTEMPTS):
            words = self.run_cast(camera, display)
            if not re.search(r'no \w+ within \d+ ms', words):
                break
        figures = foyerlab.judge(display.frames, camera.number,
                                 TARGET_DELAY_MS + SLACK_MS)
        print(f'# {camera.name}: {figures}', flush=True)
        self.assertGreaterEqual(figures['shown'], N_PICTURES, words[-3000:])
        self.assertTrue(figures['ok'], figures)
        self.assertEqual(figures['unreadable'], 0, figures)
