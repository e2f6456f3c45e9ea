#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyer-display as a program: what it says, keeps, and lets go."""

import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import foyerlab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PROGRAM = BUILD / 'daemon' / 'display' / 'foyer-display'
PNG = b'\x89PNG\r\n\x1a\n'
N_FRAMES = 20


def run_display(*options):
    """A display that is expected to end by itself."""
    return subprocess.run([PROGRAM, *options], env=foyerlab.environment(BUILD),
                          capture_output=True, text=True, check=False,
                          timeout=foyerlab.START_TIMEOUT_S)


def wait_for_frames(display, n_frames, session=None):
    """Until that many frames were shown; how many there are."""
    until = time.monotonic() + foyerlab.START_TIMEOUT_S
    while time.monotonic() < until:
        display.read()
        count = sum(1 for f in display.frames if foyerlab.is_shown(f)
                    and session in (None, f['session']))
        if count >= n_frames:
            return count
        time.sleep(0.05)
    return 0


def shows(display, picture):
    """Whether the display shows that picture, now or soon."""
    until = time.monotonic() + foyerlab.START_TIMEOUT_S
    while time.monotonic() < until:
        shown = display.take_snapshot()
        if shown and shown.read_bytes() == picture:
            return True
    return False


class DisplayTest(unittest.TestCase):
    """One promise each. What a test starts ends with it, passed or failed."""

    def display(self, name, **options):
        """A display that runs."""
        display = foyerlab.Display(BUILD, name, **options)
        self.addCleanup(foyerlab.stop_process, display.process)
        return display

    def cast(self, camera, display):
        """A cast that runs, or tries to."""
        cast = foyerlab.Cast(BUILD, camera, display)
        self.addCleanup(foyerlab.stop_process, cast.process)
        return cast

    def test_version(self):
        run = run_display('--version')
        self.assertEqual(run.returncode, 0)
        self.assertRegex(run.stdout, r'^foyer-display \d+\.\d+\.\d+\n$')

    def test_wrong_usage(self):
        for options in (['--nonsense'], ['--port', '65536'],
                        ['--drop', '101'], ['--codec', 'mpeg2'], ['word']):
            run = run_display('--headless', *options)
            self.assertEqual(run.returncode, 2, options)
            self.assertNotEqual(run.stderr, '')

    def test_port_in_use(self):
        display = self.display('First')
        try:
            with tempfile.TemporaryDirectory() as keys:
                run = run_display('--headless', '--port', str(display.port),
                                  '--credentials', keys)
        finally:
            display.stop()
        self.assertEqual(run.returncode, 1)
        self.assertIn(str(display.port), run.stderr)

    def test_keys_stay_and_are_private(self):
        with tempfile.TemporaryDirectory() as folder:
            keys = pathlib.Path(folder) / 'keys'
            prints = []
            for _ in range(2):
                display = self.display('Keys',
                                           options=['--credentials', keys])
                prints.append(display.start['fingerprint'])
                self.assertEqual(display.stop(), 0)
            self.assertEqual(prints[0], prints[1])
            self.assertEqual(keys.stat().st_mode & 0o777, 0o700)
            for path in keys.iterdir():
                if b'PRIVATE KEY' in path.read_bytes():
                    self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    def test_slate_before_anybody_casts(self):
        display = self.display('Slate')
        path = display.take_snapshot()
        picture = path.read_bytes() if path else b''
        display.stop()
        self.assertEqual(picture[:len(PNG)], PNG)

    def test_one_sender_after_another(self):
        """The second session shows nothing of the first, and the slate comes
        back when nobody casts."""
        nursery, porch = foyerlab.drawn_cameras()
        stalls = foyerlab.Stalls()
        self.addCleanup(stalls.stop)
        display = self.display('Shared')
        slate = display.take_snapshot().read_bytes()
        for session, camera in enumerate((nursery, porch), 1):
            cast = self.cast(camera, display)
            count = wait_for_frames(display, N_FRAMES, session)
            cast.stop()
            self.assertGreaterEqual(count, N_FRAMES, cast.words())
        self.assertTrue(shows(display, slate))
        display.stop()
        for session, camera in enumerate((nursery, porch), 1):
            frames = [f for f in display.frames if f['session'] == session]
            self.assertTrue(foyerlab.judge(
                frames, camera.number, slack_ms=stalls.longest_ms)['ok'])

    def test_cast_tells_when_its_display_ends(self):
        camera = foyerlab.drawn_cameras()[0]
        display = self.display('Ends')
        cast = self.cast(camera, display)
        self.assertGreaterEqual(wait_for_frames(display, 5), 5, cast.words())
        self.assertEqual(display.stop(), 0)
        cast.process.wait(foyerlab.START_TIMEOUT_S)
        self.assertNotEqual(cast.process.returncode, 0)
        self.assertEqual(len(cast.errors()), 1, cast.words())

    def test_display_survives_a_killed_cast(self):
        camera = foyerlab.drawn_cameras()[1]
        display = self.display('Survivor')
        cast = self.cast(camera, display)
        self.assertGreaterEqual(wait_for_frames(display, 5), 5, cast.words())
        foyerlab.stop_process(cast.process, signal.SIGKILL)
        self.assertEqual(cast.errors(), [])
        cast.stop()
        self.assertEqual(len(cast.errors()), 1)
        cast = self.cast(camera, display)
        count = wait_for_frames(display, N_FRAMES, session=2)
        cast.stop()
        self.assertEqual(display.stop(), 0)
        self.assertGreaterEqual(count, N_FRAMES, cast.words())


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
