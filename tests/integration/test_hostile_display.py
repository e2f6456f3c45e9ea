#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Displays that misbehave: each ends in one clear error message that names the
step and the remedy, within ten seconds, and nothing hangs."""

import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import foyerlab  # noqa: E402
import tap  # noqa: E402
from hostile import HostileDisplay  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
LIMIT_S = 10
# What gst-launch itself needs to start and stop, sanitized and on a machine that is
# slow or stands still for a while. What hangs takes longer.
SLACK_S = 20


# What an owner is told to do about it.
ADDRESS = 'Check that host and port are those of a Cast display'
NETWORK = 'Check the network to the display, restart the display'
REACH = 'Check that the display is on, in this network'
RETRY = 'Check that the display is on and not being restarted'
PIN = 'pair it with auth=pinned and pin set to the fingerprint above'
NO_APP = "This display can't be streamed to"
RESTART = 'Restart the display; if it stays, report its model and firmware'
CODEC = r'Try another codec \(codec=vp8 or codec=h264\)'
FIREWALL = 'Check that no firewall blocks UDP'


def run_cast(port, auth='any'):
    """gst-launch casting to a port of this machine: (seconds until it ended,
    output). It goes on if an error is told before it waits for one (GStreamer 1.22):
    then it is interrupted, and has to end."""
    began = time.monotonic()
    with tempfile.TemporaryFile('w+') as output:
        process = subprocess.Popen(
            ['gst-launch-1.0', '-m', 'videotestsrc', 'is-live=true', '!',
             'video/x-raw,width=320,height=240,framerate=30/1', '!',
             'foyercastsink', 'host=127.0.0.1', f'port={port}', f'auth={auth}'],
            env=foyerlab.environment(BUILD), text=True, stdout=output,
            stderr=subprocess.STDOUT)
        try:
            process.wait(LIMIT_S + SLACK_S)
        except subprocess.TimeoutExpired:
            began = time.monotonic() if is_told(output) else began
            process.send_signal(signal.SIGINT)
            process.wait(LIMIT_S + SLACK_S)
        output.seek(0)
        return time.monotonic() - began, output.read()


def is_told(output):
    """Whether there was an error."""
    output.seek(0)
    return bool(find_errors(output.read()))


def find_errors(output):
    """The error messages among what gst-launch said."""
    return [line for line in output.splitlines()
            if 'ERROR: from element' in line]


class HostileTest(unittest.TestCase):
    """One misbehaviour each."""

    def check(self, seconds, output, step, remedy):
        """One error, in time, of that step, with that remedy behind it."""
        errors = find_errors(output)
        self.assertEqual(len(errors), 1, output)
        self.assertRegex(errors[0],
                         fr"Can't cast to [^:]*: {step}.*\. .*{remedy}")
        self.assertLess(seconds, LIMIT_S + SLACK_S)
        self.assertNotIn('CRITICAL', output)

    def expect(self, display, step, remedy, auth='any'):
        """The cast must fail so."""
        with display:
            seconds, output = run_cast(display.port, auth)
        self.check(seconds, output, step, remedy)

    def test_nobody_listens(self):
        with socket.socket() as kept:
            # Nobody else gets the port meanwhile.
            kept.bind(('127.0.0.1', 0))
            seconds, output = run_cast(kept.getsockname()[1])
        self.check(seconds, output, 'connecting', REACH)

    def test_says_nothing(self):
        class Display(HostileDisplay):
            def on_connection(self, raw):
                pass
        self.expect(Display(), 'securing', NETWORK)

    def test_closes_before_tls(self):
        class Display(HostileDisplay):
            def on_connection(self, raw):
                raw.close()
        self.expect(Display(), 'securing', ADDRESS)

    def test_speaks_no_tls(self):
        class Display(HostileDisplay):
            def on_connection(self, raw):
                raw.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
        self.expect(Display(), 'securing', ADDRESS)

    def test_silent_after_tls(self):
        class Display(HostileDisplay):
            def on_connection(self, raw):
                self.secure(raw)
        self.expect(Display(), 'authenticating.*sha256:', PIN,
                    auth='device-auth')

    def test_closes_when_challenged(self):
        class Display(HostileDisplay):
            def on_challenge(self, sender, challenge):
                self.close()
        self.expect(Display(), 'authenticating', RETRY)

    def test_has_no_device_certificate(self):
        self.expect(HostileDisplay(), 'authenticating.*sha256:', PIN,
                    auth='device-auth')

    def test_four_gigabytes(self):
        class Display(HostileDisplay):
            def on_challenge(self, sender, challenge):
                self.socket.sendall(b'\xff\xff\xff\xff')
        self.expect(Display(), 'authenticating', ADDRESS)

    def test_garbage_for_an_answer(self):
        class Display(HostileDisplay):
            def on_challenge(self, sender, challenge):
                self.say(sender, 'tp.deviceauth', b'\xff' * 64)
        self.expect(Display(), 'authenticating', ADDRESS, auth='device-auth')

    def test_launch_refused(self):
        class Display(HostileDisplay):
            def on_launch(self):
                return {'type': 'LAUNCH_ERROR', 'reason': 'NOT_FOUND'}
        self.expect(Display(), 'launching', NO_APP)

    def test_launch_ignored(self):
        class Display(HostileDisplay):
            def on_launch(self):
                return None
        self.expect(Display(), 'launching', NETWORK)

    def test_closes_at_launch(self):
        class Display(HostileDisplay):
            def on_launch(self):
                self.close()
        self.expect(Display(), 'launching', RETRY)

    def test_offer_ignored(self):
        class Display(HostileDisplay):
            def on_offer(self, sender, message):
                pass
        self.expect(Display(), 'negotiating', NETWORK)

    def test_offer_refused(self):
        class Display(HostileDisplay):
            def change_answer(self):
                return {'result': 'error', 'answer': None, 'error': {
                    'code': 10092, 'description': 'malformed OFFER'}}
        self.expect(Display(), 'negotiating', CODEC)

    def test_port_zero(self):
        class Display(HostileDisplay):
            def make_answer(self):
                return {**super().make_answer(), 'udpPort': 0}
        self.expect(Display(), 'negotiating', RESTART)

    def test_mismatched_arrays(self):
        class Display(HostileDisplay):
            def make_answer(self):
                return {**super().make_answer(), 'ssrcs': [1, 2]}
        self.expect(Display(), 'negotiating', RESTART)

    def test_unknown_stream(self):
        class Display(HostileDisplay):
            def make_answer(self):
                return {**super().make_answer(), 'sendIndexes': [77]}
        self.expect(Display(), 'negotiating', RESTART)

    def test_no_feedback(self):
        self.expect(HostileDisplay(), 'streaming', FIREWALL)

    def test_closes_while_streaming(self):
        class Display(HostileDisplay):
            def on_offer(self, sender, message):
                super().on_offer(sender, message)
                self.udp.recv(2048)
                self.close()
        self.expect(Display(), 'streaming', RETRY)


if __name__ == '__main__':
    foyerlab.fill_registry(BUILD)
    tap.main()
