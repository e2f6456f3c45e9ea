#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that take a camera's frames through foyersrc: who gets them, that they
are the granted camera's, and that none comes once it was said that none would."""

import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
NURSERY, PORCH = 1, 2  # in the mark
MARK = re.compile(r'foyer-mark, readable=\(boolean\)(\w+)(?:, '
                  r'camera=\(uint\)(\d+), number=\(guint64\)(\d+), '
                  r'capture-time=\(guint64\)(\d+))?')
ENDED = re.compile(r'foyer-session, state=\(string\)ended.*'
                   r'reason=\(string\)([\w-]+)')
TIMEOUT_S = 60
# Whoever reads one clock after the other may be held up between.
BETWEEN_CLOCKS_NS = 5_000_000_000
READER = ['foyermarkread', 'post-unreadable=true', '!', 'fakesink', 'sync=false']


class App:
    """gst-launch with foyersrc: what its pictures say, and what it said."""

    def __init__(self, house, *rest, camera='Nursery', app='test'):
        self.marks = []      # (camera, number, capture time), ns
        self.n_without = 0   # pictures without a mark: slates
        self.said = ''
        self.reason = None
        self.lines = queue.SimpleQueue()
        self.process = subprocess.Popen(
            ['gst-launch-1.0', '-m', 'foyersrc', f'camera={camera}',
             f'app={app}', f'bus={house.bus.address}', '!',
             *(rest or READER)],
            env=house.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            mark = MARK.search(line)
            end = ENDED.search(line)
            if end:
                self.reason = end.group(1)
            if not mark:
                self.said += line
            elif mark.group(1) == 'true':
                self.marks.append(tuple(int(g) for g in mark.groups()[1:]))
            else:
                self.n_without += 1
        self.lines.put(None)

    def wait_marks(self, n_more=10):
        """Until so many more pictures were read."""
        n_marks = len(self.marks) + n_more
        houselab.wait_until(lambda: len(self.marks) >= n_marks,
                            f'{n_marks} pictures: {self.said}')

    def wait(self):
        """Its exit status; all that it said was taken in."""
        status = self.process.wait(TIMEOUT_S)
        self.lines.get(timeout=TIMEOUT_S)
        self.process.stdout.close()
        return status

    def interrupt(self):
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def stop(self):
        """Ends it, whatever it is at."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class HouseTest(unittest.TestCase):
    """One house for each."""

    def setUp(self):
        self.house = houselab.House(BUILD)
        self.addCleanup(self.house.stop)
        self.house.start()

    def app(self, *rest, **options):
        """A program that takes frames."""
        app = App(self.house, *rest, **options)
        self.addCleanup(app.stop)
        return app

    def sessions(self):
        """{path: properties} of those there are."""
        name = f'{houselab.NAME}.Session'
        return {path: interfaces[name]
                for path, interfaces in self.house.objects().items()
                if name in interfaces}

    def wait_no_session(self):
        """Until all are over, and their workers gone."""
        houselab.wait_until(
            lambda: not self.sessions() and not self.house.workers('app'),
            'no session')

    def wait_workers(self, n_workers):
        """Until so many are left: one that is silent ends a little later."""
        houselab.wait_until(
            lambda: len(self.house.workers('app')) == n_workers,
            f'{n_workers} workers')

    def expect_marks(self, app, camera, since_ns):
        """All pictures are of one camera, later than the grant, and none comes
        twice."""
        self.assertEqual({m[0] for m in app.marks}, {camera})
        self.assertGreaterEqual(min(m[2] for m in app.marks), since_ns)
        numbers = [m[1] for m in app.marks]
        self.assertEqual(numbers, sorted(set(numbers)))

    def last_end(self):
        """(reason, target) of the newest session in the log."""
        def find():
            rows = self.house.history(kind=dbuslab.Variant('s', 'session'))
            return rows and 'began' in rows[0] and rows[0]
        row = houselab.wait_until(find, 'a row of the log')
        return row['reason'], row['target']


class AppsTest(HouseTest):
    """foyersrc in a pipeline."""

    def test_frames(self):
        self.house.allow('Nursery', 'app:test')
        since_ns = time.monotonic_ns()
        app = self.app()
        app.wait_marks(30)
        self.expect_marks(app, NURSERY, since_ns)
        (session,) = self.sessions().values()
        self.assertEqual((session['App'], session['Display'],
                          session['State']), ('test', '/', 'live'))
        self.assertIn('app:test', self.house.ctl('sessions').stdout)
        self.assertEqual(len(self.house.workers('camera')), 1)
        self.assertEqual(app.interrupt(), 0, app.said)
        self.wait_no_session()
        self.assertEqual(self.last_end(), ('stopped', 'app:test'))

    def test_coded(self):
        self.house.allow('Nursery', 'app:any')
        coded = self.app('video/x-h264,width=640', '!', 'h264parse', '!',
                         'avdec_h264', '!', *READER)
        small = self.app('video/x-raw,width=320,height=180', '!', *READER,
                         app='other')
        coded.wait_marks()
        small.wait_marks()
        self.expect_marks(coded, NURSERY, 0)
        self.expect_marks(small, NURSERY, 0)
        self.assertEqual(len(self.house.workers('camera')), 1)
        self.assertEqual(len(self.house.workers('app')), 2)

    def test_denied(self):
        for rule in ((), ('Porch', 'app:test'), ('Nursery', 'app:other'),
                     ('Nursery', 'display:any'), ('Nursery', 'node:any')):
            if rule:
                self.house.allow(*rule)
            app = self.app()
            self.assertGreater(app.wait(), 0)
            self.assertIn('foyerctl grant Nursery app:test', app.said)
        self.house.allow('Nursery', 'app:test',
                         media=dbuslab.Variant('as', ['stills']))
        self.assertGreater(self.app().wait(), 0)
        # A name keeps nobody out; denying all of them does.
        self.house.allow('Nursery', 'app:any')
        self.house.allow('Nursery', 'app:any', verdict='deny')
        self.assertGreater(self.app().wait(), 0)
        self.assertEqual(self.house.workers(), [])
        self.assertEqual(self.sessions(), {})
        refusals = self.house.history(kind=dbuslab.Variant('s', 'refusal'))
        self.assertEqual({(r['reason'], r['target']) for r in refusals},
                         {('denied', 'app:test')})

    def test_wrong(self):
        self.house.allow('any', 'app:any')
        app = self.app(camera='Cellar')
        self.assertGreater(app.wait(), 0)
        self.assertIn('foyerctl cameras', app.said)
        for name in ('any', 'x' * 65):
            self.assertGreater(self.app(app=name).wait(), 0)
        app = self.app('video/x-raw,format=I420,width=4096,height=4096', '!',
                       'fakesink')
        self.assertGreater(app.wait(), 0)
        self.assertIn('too large', app.said)
        self.assertEqual(self.sessions(), {})

    def test_revoke(self):
        rule = self.house.allow('Nursery', 'app:test')
        self.house.allow('Nursery', 'app:other')
        app, other = self.app(), self.app(app='other')
        app.wait_marks()
        other.wait_marks()
        self.house.caller.call('RemoveRule', 't', rule,
                               interface=f'{houselab.NAME}.Policy')
        returned_ns = time.monotonic_ns()
        self.wait_workers(1)
        other.wait_marks()
        self.assertGreater(app.wait(), 0)
        self.assertEqual(app.reason, 'revoked', app.said)
        self.assertIn('no longer allow', app.said)
        # Others still get what is captured after that.
        self.assertLess(max(m[2] for m in app.marks), returned_ns)
        self.assertGreater(max(m[2] for m in other.marks), returned_ns)
        self.assertEqual(app.n_without, 0, 'a picture was torn at the end')
        self.expect_marks(app, NURSERY, 0)

    def test_stopped(self):
        self.house.allow('Nursery', 'app:test')
        app = self.app()
        app.wait_marks()
        (session,) = self.sessions()
        self.house.stop_session(session)
        self.wait_workers(0)
        self.assertEqual(app.wait(), 0, app.said)
        self.assertEqual(app.reason, 'stopped', app.said)
        self.assertIn('EOS', app.said)

    def test_lockdown(self):
        self.house.allow('any', 'app:any')
        apps = [self.app(app=f'app {i}', camera=camera)
                for i, camera in enumerate(('Nursery', 'Porch', 'Porch'))]
        for app in apps:
            app.wait_marks()
        self.expect_marks(apps[1], PORCH, 0)
        self.house.caller.call('SetLockdown', 'b', True)
        self.wait_workers(0)
        for app in apps:
            self.assertGreater(app.wait(), 0)
            self.assertEqual(app.reason, 'lockdown', app.said)
        self.assertIn('lockdown off', apps[0].said)
        self.assertGreater(self.app().wait(), 0)

    def test_worker_killed(self):
        self.house.allow('Nursery', 'app:any')
        app, other = self.app(), self.app(app='other')
        other.wait_marks()
        app.wait_marks()
        paths = {s['App']: p for p, s in self.sessions().items()}
        first = min(paths.values(), key=lambda p: int(p.rsplit('/', 1)[1]))
        victim, rest = (app, other) if paths['test'] == first else (other, app)
        pid = min(self.house.workers('app'))
        os.kill(pid, signal.SIGKILL)
        self.assertGreater(victim.wait(), 0)
        self.assertEqual(victim.reason, 'worker-died')
        self.assertIn('process died', victim.said)
        rest.wait_marks()

    def test_camera_killed(self):
        self.house.allow('Nursery', 'app:test')
        app = self.app()
        app.wait_marks()
        os.kill(self.house.workers('camera')[0], signal.SIGKILL)
        self.assertGreater(app.wait(), 0)
        self.assertEqual(app.reason, 'camera-failed', app.said)
        self.wait_no_session()

    def test_service_killed(self):
        self.house.allow('Nursery', 'app:test')
        app = self.app()
        app.wait_marks()
        self.house.kill()
        self.assertGreater(app.wait(), 0)
        self.assertEqual(app.reason, 'gone', app.said)

    def test_stall(self):
        self.house.allow('Nursery', 'app:test')
        app = self.app()
        app.wait_marks()
        (session,) = self.sessions()
        (camera,) = self.house.workers('camera')
        os.kill(camera, signal.SIGSTOP)
        self.house.wait_state(session, ['stalled'])
        n_slates = app.n_without
        houselab.wait_until(lambda: app.n_without > n_slates + 3, 'slates')
        os.kill(camera, signal.SIGCONT)
        self.house.wait_state(session, ['live'])
        app.wait_marks()
        self.expect_marks(app, NURSERY, 0)

    def test_app_killed(self):
        self.house.allow('Nursery', 'app:test')
        app = self.app()
        app.wait_marks()
        app.process.kill()
        app.wait()
        self.wait_no_session()
        self.assertEqual(self.last_end(), ('caller-gone', 'app:test'))

    def test_never_reads(self):
        """A program that takes nothing holds up nobody, and is ended as any
        other."""
        rule = self.house.allow('Nursery', 'app:test')
        self.house.allow('Nursery', 'app:other')
        app, other = self.app(), self.app(app='other')
        app.wait_marks()
        paths = {s['App']: p for p, s in self.sessions().items()}
        app.process.send_signal(signal.SIGSTOP)
        self.house.wait_state(paths['test'], ['stalled'])
        other.wait_marks(30)
        self.house.caller.call('RemoveRule', 't', rule,
                               interface=f'{houselab.NAME}.Policy')
        returned_ns = time.monotonic_ns()
        self.wait_workers(1)
        other.wait_marks()
        app.process.send_signal(signal.SIGCONT)
        self.assertGreater(app.wait(), 0)
        self.assertEqual(app.reason, 'revoked', app.said)
        # What waited in the link was wiped, and is not given out.
        self.assertEqual(app.n_without, 0)
        self.assertLess(max(m[2] for m in app.marks), returned_ns)

    def test_with_a_display(self):
        """A cast and programs at once: one capture, all live."""
        display = foyerlab.Display(BUILD, 'Kitchen')
        self.addCleanup(display.stop)
        house = houselab.House(BUILD, displays=[display])
        self.addCleanup(house.stop)
        self.house.stop()
        self.house = house.start()
        house.allow('any', 'app:any')
        house.allow('any', 'display:any')
        house.bring(display)
        session = house.cast('Nursery', 'Kitchen')
        apps = [self.app(), self.app('video/x-h264', '!', 'h264parse', '!',
                                     'avdec_h264', '!', *READER, app='coded')]
        house.wait_state(session, ['live'])
        for app in apps:
            app.wait_marks()
            self.expect_marks(app, NURSERY, 0)
        self.assertEqual({s['State'] for s in self.sessions().values()},
                         {'live'})
        self.assertEqual(len(house.workers('camera')), 1)
        house.stop_session(session)
        for app in apps:
            app.wait_marks()

    def test_no_descriptors(self):
        """A caller whose connection takes no descriptors never gets the link: the
        bus drops it, and with it the session ends."""
        self.house.allow('any', 'app:any')
        self.house.caller.send('Open', 'oa{sv}',
                               self.house.find('Camera', 'Nursery'), {})
        self.assertEqual(self.last_end(), ('caller-gone', 'app:app'))
        self.wait_no_session()

    def test_options(self):
        """What can't be is refused by name, and nothing begins."""
        self.house.allow('any', 'app:any')
        camera = self.house.find('Camera', 'Nursery')
        for name, kind, value in (
                ('width', 'u', 15), ('width', 'u', 641), ('height', 'u', 5000),
                ('fps', 'u', 0), ('fps', 's', '30'), ('codec', 's', 'gif'),
                ('codec', 'u', 1), ('app', 's', ''), ('app', 's', 'a\nb'),
                ('max-age-ms', 'u', 1), ('duration-s', 'u', 0),
                ('keep', 'b', True)):
            with self.assertRaises(dbuslab.BusError) as caught:
                self.house.caller.call('Open', 'oa{sv}', camera,
                                       {name: dbuslab.Variant(kind, value)})
            self.assertEqual(caught.exception.name, 'Invalid', (name, value))
        self.assertEqual(self.sessions(), {})
        self.assertEqual(self.house.workers(), [])


class SnapshotTest(HouseTest):
    """foyerctl snapshot: a picture from after the request, or none."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix='foyer-still-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def allow_stills(self):
        """As the error says."""
        said = self.house.ctl('grant', 'Nursery', 'app:foyerctl', '--media',
                              'stills')
        self.assertEqual(said.returncode, 0, said.stderr)

    def snapshot(self, name, *options, status=0):
        """(what it said, when it was asked for, ns)."""
        asked_ns = time.monotonic_ns()
        said = self.house.ctl('snapshot', 'Nursery', str(name), *options)
        self.assertEqual(said.returncode, status, said)
        return said.stdout if status == 0 else said.stderr, asked_ns

    def read_mark(self, path, decoder):
        """(camera, number, capture time) that the picture says."""
        said = subprocess.run(
            ['gst-launch-1.0', '-m', 'filesrc', f'location={path}', '!', decoder,
             '!', 'videoconvert', '!', 'foyermarkread', '!', 'fakesink'],
            env=self.house.environment(), capture_output=True, text=True,
            timeout=TIMEOUT_S, check=True).stdout
        mark = MARK.search(said)
        self.assertIsNotNone(mark, said)
        return tuple(int(g) for g in mark.groups()[1:])

    def test_picture(self):
        self.allow_stills()
        for name, decoder in (('a.png', 'pngdec'), ('a.jpg', 'jpegdec')):
            path = self.folder / name
            path.write_text('older', 'ascii')
            path.chmod(0o644)
            said, asked_ns = self.snapshot(path, '--json')
            told = json.loads(said)
            camera, _, captured_ns = self.read_mark(path, decoder)
            self.assertEqual(camera, NURSERY)
            self.assertGreaterEqual(captured_ns, asked_ns)
            self.assertLess(captured_ns, time.monotonic_ns())
            # The wall clock, for what the mark says on the machine's own.
            wall_ns = told['captured_us'] * 1000
            self.assertLess(abs(wall_ns - captured_ns - time.time_ns()
                                + time.monotonic_ns()), BETWEEN_CLOCKS_NS)
            self.assertEqual((told['width'], told['height'], told['bytes']),
                             (1280, 720, path.stat().st_size))
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertEqual(self.last_end(), ('stopped', 'app:foyerctl'))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ['a.jpg', 'a.png'])
        self.wait_no_session()

    def test_again(self):
        """Each is another picture, also while somebody watches."""
        self.allow_stills()
        self.house.allow('Nursery', 'app:test')
        app = self.app()
        app.wait_marks()
        marks = []
        for number in range(3):
            path = self.folder / f'{number}.png'
            _, asked_ns = self.snapshot(path, '--size', '640x360')
            marks.append(self.read_mark(path, 'pngdec'))
            self.assertGreaterEqual(marks[-1][2], asked_ns)
        self.assertEqual(len({m[1] for m in marks}), 3)
        self.assertEqual(len(self.house.workers('camera')), 1)
        app.wait_marks()

    def test_standard_output(self):
        self.allow_stills()
        for options, magic in (((), b'\x89PNG'),
                               (('--format', 'jpeg'), b'\xff\xd8\xff')):
            said = subprocess.run(
                [BUILD / 'daemon' / 'ctl' / 'foyerctl', '--bus',
                 self.house.bus.address, 'snapshot', 'Nursery', '-', *options],
                env=self.house.environment(), capture_output=True,
                timeout=TIMEOUT_S, check=True)
            self.assertTrue(said.stdout.startswith(magic))
            self.assertEqual(said.stderr, b'')

    def test_refused(self):
        path = self.folder / 'a.png'
        said, _ = self.snapshot(path, status=3)
        self.assertIn('foyerctl grant Nursery app:foyerctl --media stills', said)
        # Who may watch may not keep pictures.
        self.house.allow('Nursery', 'app:any')
        self.snapshot(path, status=3)
        self.allow_stills()
        self.house.caller.call('SetLockdown', 'b', True)
        self.snapshot(path, status=3)
        self.house.caller.call('SetLockdown', 'b', False)
        self.assertEqual(self.house.workers(), [])
        for words, status in ((('Cellar', path), 4), (('Nursery', 'a.gif'), 2),
                              (('Nursery', 'a'), 2),
                              (('Nursery', '-', '--json'), 2),
                              (('Nursery', path, '--format', 'gif'), 2),
                              (('Nursery', path, '--size', '1x'), 2),
                              (('Nursery', path, '--size', '1281x720'), 2)):
            said = self.house.ctl('snapshot', *map(str, words))
            self.assertEqual(said.returncode, status, (words, said))
        self.assertEqual(list(self.folder.iterdir()), [])
        self.snapshot(self.folder / 'no' / 'a.png', status=1)

    def test_stall(self):
        """A camera that gives nothing now has no picture, not an older one."""
        self.allow_stills()
        self.house.allow('Nursery', 'app:test')
        app = self.app()
        app.wait_marks()
        (camera,) = self.house.workers('camera')
        os.kill(camera, signal.SIGSTOP)
        said, _ = self.snapshot(self.folder / 'a.png', status=1)
        self.assertIn('no picture came in time', said)
        self.assertEqual(list(self.folder.iterdir()), [])
        os.kill(camera, signal.SIGCONT)
        self.snapshot(self.folder / 'a.png')

    def test_killed_on_the_way(self):
        """Who is killed leaves neither a file nor a session."""
        self.allow_stills()
        self.house.allow('Nursery', 'app:test')
        self.app().wait_marks()
        (camera,) = self.house.workers('camera')
        os.kill(camera, signal.SIGSTOP)
        with subprocess.Popen(
                [BUILD / 'daemon' / 'ctl' / 'foyerctl', '--bus',
                 self.house.bus.address, 'snapshot', 'Nursery',
                 str(self.folder / 'a.png')],
                env=self.house.environment(), stderr=subprocess.DEVNULL) as ctl:
            houselab.wait_until(lambda: len(self.sessions()) == 2, 'a session')
            ctl.kill()
        os.kill(camera, signal.SIGCONT)
        houselab.wait_until(lambda: len(self.sessions()) == 1, 'its end')
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == '__main__':
    tap.main()
