# SPDX-License-Identifier: LGPL-2.1-or-later
"""foyerd in the guest, its cameras and nodes the kernel's own."""

import array
import mmap
import os
import pathlib
import time

import vmlab
import foyerlab
import houselab

CTL = vmlab.BUILD / 'daemon' / 'ctl' / 'foyerctl'
PRELOADED = vmlab.BUILD / 'tests' / 'vm'
# What an emulated processor can keep to.
CONFIG = '[service]\nclock=false\ntarget-delay-ms=2000\nmax-age-ms=3000\n'
USB_IDS = ('1209', 'f0e1')
USUAL = ['--ids', ':'.join(USB_IDS), '--rate', '10']
N_PICTURES = 8
N_TRIES = 3
SIGNAL_EVERY_S = 0.2


def set_up(has_codecs=True):
    """Before a module's first case."""
    if has_codecs:
        vmlab.warm_up()
    foyerlab.START_TIMEOUT_S = vmlab.TIMEOUT_S
    foyerlab.TARGET_DELAY_MS = 2000
    houselab.START_TIMEOUT_S = 2 * vmlab.TIMEOUT_S
    houselab.LOOK_EVERY_S = vmlab.LOOK_EVERY_S


def load_usb():
    """What USB cameras are plugged into."""
    vmlab.load('vhci-hcd')
    vmlab.load('uvcvideo')


def serial(number):
    """The identity of a USB camera by its serial number."""
    return f'usb:{USB_IDS[0]}:{USB_IDS[1]}:{number}'


def small(*numbers):
    """Lines of foyer.conf: USB cameras with these serial numbers are captured no
    larger than their marks need; whatever comes of a picture is work."""
    return '[profile small]\nsize=320x180\n' + ''.join(
        f'[camera {n}]\nidentity={serial(n)}\nprofile=small\n' for n in numbers)


def make_page(path):
    """A file that is shared with whoever preloads one of ours: its memory."""
    path.write_bytes(bytes(mmap.PAGESIZE))
    with open(path, 'r+b') as file:
        return memoryview(mmap.mmap(file.fileno(), mmap.PAGESIZE))


def preload(house, worker, variables):
    """Has a worker begin with these variables, of which foyerd would give it
    none."""
    path = house.libexec / worker
    program = path.readlink()
    path.unlink()
    path.write_text('#!/bin/sh\n' + ''.join(
        f'export {k}={v}\n' for k, v in variables.items())
        + f'exec {program}\n', 'utf-8')
    path.chmod(0o755)


class Copies:
    """Counts what a worker copies (libfoyer-copies.so)."""

    def __init__(self, house, worker):
        """Before the house is started."""
        path = house.folder / f'copies-{worker}'
        self.words = make_page(path).cast('Q')
        preload(house, worker, {
            'LD_PRELOAD': PRELOADED / 'libfoyer-copies.so',
            'FOYER_COPIES_FILE': path})

    def read(self):
        """Bytes that were copied, and buffers that were given to a device."""
        return self.words[0], self.words[1]


class StandStill:
    """Has foyerd, or its next foyer-camera, stand still before one of its ioctls
    (libfoyer-vanish.so), so that a camera can go at that very place."""

    def __init__(self, house):
        """Before it is started."""
        path = house.folder / 'vanish'
        self.words = make_page(path).cast('I')
        house.variables = {'LD_PRELOAD': str(PRELOADED / 'libfoyer-vanish.so'),
                           'FOYER_VANISH_FILE': str(path)}
        preload(house, 'foyer-camera', house.variables)

    def stop_before(self, request, nth):
        """The n-th such call from now on."""
        self.words[0] = 0
        self.words[1:5] = memoryview(array.array('I', [nth, 0, 0, 0]))
        self.words[0] = request

    def wait(self):
        """Until somebody stands there: its number, and its name."""
        def stands():
            return self.words[4]
        pid = vmlab.wait_until(stands)
        name = pathlib.Path(f'/proc/{pid}/comm').read_text('utf-8')
        return pid, name.strip()

    def let_go(self):
        """It is done."""
        self.words[3] = 1


class House(houselab.House):
    """Of real devices, and of drawn cameras if they are named."""

    def __init__(self, cameras=(), displays=(), config=CONFIG):
        super().__init__(vmlab.BUILD, cameras=cameras, displays=displays,
                         devices=pathlib.Path('/dev'), config=config)

    def check(self, *words):
        """foyerctl, which has to succeed; what it said."""
        said = self.ctl(*words)
        if said.returncode != 0:
            raise AssertionError(f'{words}: {said.stdout}{said.stderr}\n'
                                 f'{self.words()[-4000:]}')
        return said.stdout

    def all(self, kind):
        """[properties with Path] of all objects of a kind."""
        name = f'{houselab.NAME}.{kind}'
        return [i[name] | {'Path': p} for p, i in self.objects().items()
                if name in i]

    def cameras(self):
        """{identity: properties}."""
        return {c['Identity']: c for c in self.all('Camera')}

    def nodes(self):
        """{name: properties}."""
        return {n['Name']: n for n in self.all('Node')}

    def wait(self, is_true, what):
        """Until it is; what it gave. Says what foyerd said, else."""
        until = time.monotonic() + houselab.START_TIMEOUT_S
        while time.monotonic() < until:
            with self.caller.changed:
                n_signals = len(self.caller.signals)
            value = is_true()
            if value:
                return value
            # Looking costs an emulated processor much: mostly a signal says when
            # it is time to.
            with self.caller.changed:
                if len(self.caller.signals) == n_signals:
                    self.caller.changed.wait(SIGNAL_EVERY_S)
        raise AssertionError(f'{what}; {self.cameras()}; {self.nodes()}; '
                             f'{self.words()[-4000:]}')

    def wait_camera(self, identity, state='closed'):
        """Until the service knows it in that state; its properties."""
        def known():
            found = self.cameras().get(identity)
            return found if found and found['State'] == state else None
        return self.wait(known, f'{identity} is not {state}')

    def wait_gone(self, identity):
        """Until the service knows it no longer."""
        def gone():
            return identity not in self.cameras()
        self.wait(gone, f'{identity} is still there')

    def wait_node(self, name, state):
        """Until a node is in that state; its properties."""
        def there():
            found = self.nodes().get(name)
            return found if found and found['State'] == state else None
        return self.wait(there, f'node {name} is not {state}')

    def ended(self):
        """[(session, reason, words, when)] of all that ended, when in ns of
        the machine's clock."""
        with self.caller.changed:
            return [(*s.body, s.fields[vmlab.WHEN])
                    for s in self.caller.signals
                    if s.fields[vmlab.MEMBER] == 'SessionEnded']


class Kitchen(vmlab.VmTest):
    """One house and one display for all tests of a class."""

    config = CONFIG

    @classmethod
    def setUpClass(cls):
        cls.display = foyerlab.Display(vmlab.BUILD, 'Kitchen')
        cls.addClassCleanup(cls.display.stop)
        cls.house = House(displays=[cls.display], config=cls.config)
        cls.addClassCleanup(cls.house.stop)
        cls.prepare(cls.house)
        cls.house.start()
        cls.house.allow('any', 'Kitchen')
        cls.house.bring(cls.display)

    @classmethod
    def prepare(cls, house):
        """Before it is started."""

    def setUp(self):
        """The last test's cameras are gone: what is plugged into a port before
        that may stay unnoticed."""
        def empty():
            return not self.house.cameras()
        self.house.wait(empty, 'no camera is left')

    def call_cast(self, identity, **options):
        """Asks for a session; its path."""
        return self.house.caller.call(
            'Cast', 'ooa{sv}', self.house.cameras()[identity]['Path'],
            self.house.find('Display', 'Kitchen'), options)

    def cast(self, identity, **options):
        """A session that is live; its path. An emulated display may be too
        slow for its first session."""
        for _ in range(N_TRIES):
            session = self.call_cast(identity, **options)

            def settled(path=session):
                state = self.house.get(path, 'Session', 'State') or 'over'
                return state if state in ('live', 'over') else None
            if self.house.wait(settled, 'the session settles') == 'live':
                return session
        raise AssertionError(self.house.words()[-4000:])

    def begin(self):
        """How many frames the display has seen."""
        self.display.read()
        return len(self.display.frames)

    def marks(self, since):
        """Camera numbers on the display since so many frames."""
        self.display.read()
        return [f['camera'] for f in self.display.frames[since:]
                if foyerlab.is_shown(f)]

    def wait_marks(self, since, n_pictures=N_PICTURES):
        """Until the display showed so many; whose they were."""
        def shown():
            return len(self.marks(since)) >= n_pictures
        self.house.wait(shown, f'{n_pictures} pictures are shown')
        return set(self.marks(since))

    def stop_session(self, session):
        """Returns when it is over."""
        self.house.stop_session(session)
        self.house.wait_end(session)

    def check_shown(self, identity, number):
        """Casts until pictures were shown, all of them that camera's."""
        since = self.begin()
        session = self.cast(identity)
        self.assertEqual(self.wait_marks(since), {number})
        self.stop_session(session)


def holders(path):
    """Processes that have a file open: {pid: name}."""
    found = {}
    for folder in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            if any(os.readlink(fd) == path
                   for fd in (folder / 'fd').iterdir()):
                found[int(folder.name)] = (
                    folder / 'comm').read_text('utf-8').strip()
        except OSError:
            continue
    return found
