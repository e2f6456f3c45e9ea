#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the microphone of a camera hears, from a drawn one to the ears of a software
display: only where it was granted, with the picture, and no longer."""

import array
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
import avahilab  # noqa: E402
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import houselab  # noqa: E402
import lipsync  # noqa: E402
import player  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
NAME = houselab.NAME
N_TONES = 6
NS_PER_S = lipsync.NS_PER_S
HZ, WINDOW, LOUD = 48000, 48, 2000
OPENED, CLOSED = 'the microphone is open', 'the microphone is closed'


def option(kind, value):
    """An option of Cast."""
    return dbuslab.Variant(kind, value)


AUDIO = {'audio': option('b', True)}
BOTH = {'media': option('as', ['video', 'audio'])}


class SoundTest(unittest.TestCase):
    """What the cases share."""

    def make_display(self, name, *options):
        """A software display that listens; where it writes what it hears is
        its `sounds`."""
        keep = tempfile.TemporaryDirectory(prefix='foyer-sounds-')
        self.addCleanup(keep.cleanup)
        sounds = pathlib.Path(keep.name) / 'sounds.jsonl'
        display = foyerlab.Display(BUILD, name,
                                   options=('--sounds', sounds, *options))
        display.sounds = sounds
        self.addCleanup(display.stop)
        return display

    def make_house(self, *displays):
        """A house that serves, in which all displays are paired."""
        house = houselab.House(BUILD, displays=displays)
        self.addCleanup(house.stop)
        house.start()
        house.bring(*displays)
        return house

    def cast(self, house, display, *cameras, **options):
        """A session that is live."""
        session = house.cast(cameras[0] if cameras else 'Nursery',
                             display.name, **options)
        house.wait_state(session, ['live'])
        return session

    def wait_tones(self, display, n_tones):
        """Until it heard so many."""
        return houselab.wait_until(
            lambda: (lambda t: t if len(t) >= n_tones else None)(
                lipsync.read_tones(display.sounds)),
            f'{display.name} hears {n_tones} tones')

    def wait_figures(self, display):
        """Figures that the display tells from now on."""
        display.read()
        n_told = display.events['figures']
        houselab.wait_until(
            lambda: display.read() is not None
            and display.events['figures'] > n_told,
            f'{display.name} tells figures')
        return dict(display.figures)

    def wait_logged(self, house, sounds):
        """Until the log has the ends of those sessions, with what was heard of
        each: {session: sound}."""
        numbers = {int(s.rpartition('/')[2]): w for s, w in sounds.items()}

        def ended():
            rows = house.history(kind=option('s', 'session'))
            found = {e['session']: e['sound'] for e in rows if 'began' in e}
            return found if numbers.keys() <= found.keys() else None
        found = houselab.wait_until(ended, 'the sessions are in the log')
        self.assertEqual({n: found[n] for n in numbers}, numbers)

    def wait_words(self, house, words):
        """Until the log has them."""
        houselab.wait_until(lambda: words in house.words(), words)


class GrantTest(SoundTest):
    """No sound without a grant of it, and none after."""

    def test_none_without_asking(self):
        """A rule that allows sound is no wish for it."""
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen', **BOTH)
        session = self.cast(house, display)
        houselab.wait_until(lambda: display.read() is not None
                            and len(display.frames) >= 45, 'pictures')
        figures = self.wait_figures(display)
        self.assertEqual(figures['sound_packets'], 0)
        self.assertEqual(figures['sound_bytes'], 0)
        self.assertEqual(figures['bad_datagrams'], 0)
        self.assertIs(figures['audio'], False)
        self.assertEqual(house.get(session, 'Session', 'Sound'), 'none')
        self.assertNotIn(OPENED, house.words())

    def test_denied_without_rule(self):
        """Pictures alone are allowed: with sound there is neither."""
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        with self.assertRaises(dbuslab.BusError) as caught:
            house.cast('Nursery', 'Kitchen', **AUDIO)
        self.assertEqual(caught.exception.name, 'Denied')
        run = house.ctl('cast', 'Nursery', 'Kitchen', '--audio')
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn('--media video,audio', run.stderr)
        self.assertEqual(house.workers(), [])
        explained = house.ctl('explain', 'Nursery', 'Kitchen', '--audio')
        self.assertEqual(explained.returncode, 3, explained.stderr)
        self.assertEqual(
            house.ctl('explain', 'Nursery', 'Kitchen').returncode, 0)

    def test_open_while_granted(self):
        """One microphone for two, closed with the last of them, while pictures
        go on elsewhere."""
        displays = [self.make_display(n) for n in ('Kitchen', 'Hall', 'Den')]
        house = self.make_house(*displays)
        house.allow('Nursery', 'display:any', **BOTH)
        silent = self.cast(house, displays[2])
        self.assertNotIn(OPENED, house.words())
        sessions = [self.cast(house, display, **AUDIO)
                    for display in displays[:2]]
        for display in displays[:2]:
            self.wait_tones(display, 2)
        self.assertEqual(house.words().count(OPENED), 1)
        house.stop_session(sessions[0])
        n_tones = len(lipsync.read_tones(displays[1].sounds))
        self.wait_tones(displays[1], n_tones + 2)
        self.assertNotIn(CLOSED, house.words())
        house.stop_session(sessions[1])
        self.wait_words(house, CLOSED)
        self.assertEqual(house.get(silent, 'Session', 'State'), 'live')
        self.assertEqual(lipsync.read_tones(displays[2].sounds), [])
        self.assertEqual(self.wait_figures(displays[2])['sound_bytes'], 0)
        # And again, by another grant.
        self.cast(house, displays[0], **AUDIO)
        houselab.wait_until(lambda: house.words().count(OPENED) == 2,
                            'it is opened again')

    def test_rule_against_sound_ends_it(self):
        """I4: a rule against sound alone ends who has it, at once, and leaves
        pictures without."""
        displays = [self.make_display(n) for n in ('Kitchen', 'Hall')]
        house = self.make_house(*displays)
        house.allow('Nursery', 'display:any', **BOTH)
        loud = self.cast(house, displays[0], **AUDIO)
        silent = self.cast(house, displays[1])
        self.wait_tones(displays[0], 1)
        house.allow('Nursery', 'display:any', verdict='deny',
                    media=option('as', ['audio']))
        # What the display has counted by now is all that there will be.
        reason, _ = house.wait_end(loud)
        self.assertEqual(reason, 'revoked')
        self.wait_words(house, CLOSED)
        n_bytes = self.wait_figures(displays[0])['sound_bytes']
        self.assertGreater(n_bytes, 0)
        self.assertEqual(self.wait_figures(displays[0])['sound_bytes'],
                         n_bytes)
        self.assertEqual(house.get(silent, 'Session', 'State'), 'live')
        house.stop_session(silent)
        self.wait_logged(house, {loud: 'camera', silent: 'none'})
        shown = json.loads(house.ctl('history', '--json').stdout)['entries']
        self.assertIn('camera', [e.get('sound') for e in shown])

    def test_two_cameras(self):
        """I1: each display hears the camera that it shows."""
        displays = [self.make_display(n) for n in ('Kitchen', 'Hall')]
        house = self.make_house(*displays)
        house.allow('any', 'display:any', **BOTH)
        for camera, display in zip(('Nursery', 'Porch'), displays):
            self.cast(house, display, camera, **AUDIO)
        heard = [{t['camera'] for t in self.wait_tones(d, 3)}
                 for d in displays]
        seen = [{f['camera'] for f in d.read() or d.frames if f['camera']}
                for d in displays]
        self.assertEqual(len(heard[0]), 1)
        self.assertEqual(heard, seen)
        self.assertNotEqual(heard[0], heard[1])


class SyncTest(SoundTest):
    """Sound with its picture."""

    def find_offsets(self, display, stalls):
        """Of each tone, where the machine did not stand still while it and its
        picture were on their way; None while that are too few."""
        display.read()
        offsets = [o for o in lipsync.find_offsets(
            lipsync.read_tones(display.sounds), display.frames)
                   if not stalls.touches(o.capture_ns - NS_PER_S,
                                         o.capture_ns + NS_PER_S)]
        return offsets if len(offsets) >= N_TONES - 2 else None

    def test_lips(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen', **BOTH)
        stalls = foyerlab.Stalls()
        self.addCleanup(stalls.stop)
        session = self.cast(house, display, **AUDIO)
        self.assertEqual(house.get(session, 'Session', 'Sound'), 'camera')
        offsets = houselab.wait_until(
            lambda: self.find_offsets(display, stalls),
            f'{N_TONES} tones with their pictures')
        print(f'# sound after picture, ms: '
              f'{[round(o.offset_ms, 1) for o in offsets]}')
        # A picture that a busy machine showed late is no fault of the sound's.
        self.assertLessEqual(sum(abs(o.offset_ms) > lipsync.MOST_MS
                                 for o in offsets), 1)
        self.assertLess(abs(statistics.median(o.offset_ms for o in offsets)),
                        lipsync.MOST_MS / 2)


class SilenceTest(SoundTest):
    """Displays that take no pictures without sound."""

    def test_generated(self):
        display = self.make_display('Kitchen', '--refuse-video-only')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        run = house.ctl('cast', 'Nursery', 'Kitchen')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn('silence', run.stdout)
        figures = houselab.wait_until(
            lambda: display.read() is not None
            and display.figures.get('sound_packets', 0) > 50
            and display.figures, 'silence comes')
        # Three bytes each, as they stand in the program.
        self.assertEqual(figures['sound_bytes'], 3 * figures['sound_packets'])
        self.assertEqual(lipsync.read_tones(display.sounds), [])
        self.assertNotIn(OPENED, house.words())
        told = json.loads(house.ctl('sessions', '--json').stdout)
        self.assertEqual(told['sessions'][0]['sound'], 'silence')
        session = next(p for p, i in house.objects().items()
                       if f'{NAME}.Session' in i)
        house.stop_session(session)
        self.wait_logged(house, {session: 'silence'})


class HttpTest(SoundTest):
    """Displays that only take a URL."""

    def fetch(self, n_pieces, **options):
        """What such a display fetched under its first header, as one film, and
        when its first picture was captured."""
        display = player.PlayerDisplay('Kitchen')
        display.__enter__()
        self.addCleanup(display.__exit__)
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen', **BOTH,
                    **{'allow-clear': option('b', True)})
        session = house.cast('Nursery', 'Kitchen',
                             transport=option('s', 'http'), **options)
        houselab.wait_until(lambda: len(display.pieces) >= n_pieces,
                            f'{n_pieces} pieces')
        sound = house.get(session, 'Session', 'Sound')
        house.stop_session(session)
        with display.lock:
            header = display.pieces[0][1]
            film = display.headers[header] + b''.join(
                p.body for _, h, p in display.pieces if h == header)
        return sound, film, player.read_marks(BUILD, film)[0][2]

    def test_none_without_asking(self):
        sound, film, _ = self.fetch(3)
        self.assertEqual(sound, 'none')
        self.assertNotIn(b'mp4a', film)
        self.assertNotIn(b'soun', film)

    def test_lips(self):
        """Tones are at full seconds of the time that the pictures are of."""
        sound, film, origin_ns = self.fetch(10, **AUDIO)
        self.assertEqual(sound, 'camera')
        self.assertIn(b'mp4a', film)
        run = subprocess.run(
            ['ffmpeg', '-v', 'warning', '-i', 'pipe:', '-map', '0:a', '-af',
             'aresample=async=1:first_pts=0', '-f', 's16le', '-ac', '1', '-ar',
             str(HZ), 'pipe:'], input=film, capture_output=True, check=True,
            timeout=60)
        # The sound may have begun in the middle of the first.
        offsets = [(origin_ns / 1e6 + at * 1000 / HZ + 500) % 1000 - 500
                   for at in find_onsets(run.stdout)[1:]]
        print(f'# tones after full seconds, ms: '
              f'{[round(o, 1) for o in offsets]}')
        self.assertGreaterEqual(len(offsets), 2)
        self.assertLessEqual(max(abs(o) for o in offsets), lipsync.MOST_MS)


def find_onsets(pcm):
    """Samples at which it becomes loud after half a second of quiet."""
    samples = array.array('h', pcm)
    onsets, quiet = [], HZ
    for at in range(0, len(samples) - WINDOW, WINDOW):
        if max(samples[at:at + WINDOW]) > LOUD:
            if quiet >= HZ / 2:
                onsets.append(at)
            quiet = 0
        else:
            quiet += WINDOW
    return onsets


class SessionHouse(houselab.House):
    """One whose bus is that of a session, and of the system, too."""

    def line(self):
        line = super().line()
        at = line.index('--address')
        return [*line[:at], '--session', *line[at + 2:]]


# Bits of "ca": picture out is 1, sound out 4, a group of speakers 32.
DEVICES = [
    avahilab.Device('Hub-1', '192.0.2.1', 8009, {
        'id': 'aa', 'fn': 'Hub', 'md': 'Google Nest Hub', 'ca': 4101}),
    avahilab.Device('Mini-2', '192.0.2.2', 8009, {
        'id': 'bb', 'fn': 'Mini', 'md': 'Google Nest Mini', 'ca': 199172}),
    # On the same device as the first, at a port of its own.
    avahilab.Device('Group-3', '192.0.2.1', 32187, {
        'id': 'cc', 'fn': 'Upstairs', 'md': 'Google Cast Group', 'ca': 36}),
    avahilab.Device('Pair-4', '192.0.2.4', 8009, {
        'id': 'dd', 'fn': 'Pair', 'md': 'Google Cast Group', 'ca': 4133}),
]


class SpeakerTest(SoundTest):
    """Devices that have no picture, as they announce themselves."""

    def test_refused(self):
        house = SessionHouse(BUILD)
        self.addCleanup(house.stop)
        for bus in ('SESSION', 'SYSTEM'):
            house.variables[f'DBUS_{bus}_BUS_ADDRESS'] = house.bus.address
        avahi = avahilab.Avahi(house.bus.address, DEVICES)
        self.addCleanup(avahi.close)
        house.start()
        house.allow('any', 'display:any', **BOTH,
                    **{'allow-clear': option('b', True)})

        def listed():
            found = json.loads(house.ctl('displays', '--json').stdout)
            return found['displays'] if len(found['displays']) == 4 else None
        found = houselab.wait_until(listed, 'all are found')
        self.assertEqual({d['name']: (d['kind'], d['model']) for d in found},
                         {'Hub': ('display', 'Google Nest Hub'),
                          'Mini': ('audio', 'Google Nest Mini'),
                          'Upstairs': ('group', 'Google Cast Group'),
                          'Pair': ('group', 'Google Cast Group')})
        shown = house.ctl('displays').stdout
        for name, kind in (('Mini', 'audio'), ('Upstairs', 'group')):
            self.assertRegex(shown, rf'{name} .* {kind} ')
            for options in ((), ('--audio',), ('--transport', 'http')):
                run = house.ctl('cast', 'Nursery', name, *options)
                self.assertEqual(run.returncode, 4, run.stderr)
                self.assertIn(f'{name} is for sound alone and shows no picture',
                              run.stderr)
        self.assertEqual(house.workers(), [])
        refused = house.history(kind=option('s', 'refusal'))
        self.assertEqual([e['target-name'] for e in refused],
                         3 * ['Upstairs'] + 3 * ['Mini'])


class VolumeTest(SoundTest):
    """How loud a display is."""

    def test_volume(self):
        display = self.make_display('Kitchen')
        house = self.make_house(display)
        house.allow('Nursery', 'Kitchen')
        for words, told in (((), '100 %'), (('40',), '40 %'),
                            (('mute',), '40 %, muted'),
                            ((), '40 %, muted'), (('unmute',), '40 %')):
            run = house.ctl('volume', 'Kitchen', *words)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(run.stdout, f'Kitchen: {told}\n')
        # Nothing was launched for it; and beside a session it ends nothing.
        self.assertEqual(display.events['session-started'], 0)
        session = self.cast(house, display)
        run = house.ctl('volume', 'Kitchen', '7', '--json')
        self.assertEqual(json.loads(run.stdout)['percent'], 7)
        self.assertEqual(house.get(session, 'Session', 'State'), 'live')
        self.assertEqual(house.ctl('volume', 'Kitchen', '101').returncode, 2)
        path = house.find('Display', 'Kitchen')
        for change in ({'level': option('d', 1.5)}, {'muted': option('s', '')},
                       {'bass': option('b', True)}):
            with self.assertRaises(dbuslab.BusError) as caught:
                house.caller.call('Volume', 'a{sv}', change, path=path,
                                  interface=f'{NAME}.Display')
            self.assertEqual(caught.exception.name, 'Invalid')

    def test_stranger(self):
        """I7: it is not asked, let alone set, before it is known."""
        display = self.make_display('Kitchen')
        house = houselab.House(BUILD, displays=[display])
        self.addCleanup(house.stop)
        house.start()
        run = house.ctl('volume', 'Kitchen', '0')
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn('pair', run.stderr)


if __name__ == '__main__':
    tap.main()
