# SPDX-License-Identifier: LGPL-2.1-or-later
"""A house with its displays, brought up for one round and taken down: what is in it,
and what an attack needs to have in its place. It knows nothing of what is done there."""

import fcntl
import os
import pathlib
import time

import dbuslab
import foyerlab
import houselab
import netlab
import oracle
import outsider
import pen
from relay import Relay
from watch import Watch
from screens import HEIGHT_PX, WIDTH_PX, Screens
from viewers import Viewer

NAME = houselab.NAME
CAMERAS = ('Nursery', 'Porch', 'Attic', 'Cellar', 'Garden', 'Garage', 'Hall',
           'Study')
N_CAMERAS = 3
# One of so many displays may have its camera's sound, too; another one of the next so
# many, so that they have different cameras.
HEARS_EVERY = 3
PICTURES_AND_SOUND = dbuslab.Variant('as', ['video', 'audio'])
WORKERS = ('camera', 'cast', 'slate')
# What an attack needs, and the worker that has gone wrong in it. How, it reads when
# it is born.
ROGUES = {'rogue': 'camera', 'reader': 'cast'}
# What an attack needs, and the library that is preloaded for it.
PRELOADED = {'clock': 'clock-jump', 'fixed': 'fixed-random'}
# The plugins that workers use. To read what all plugins of a machine have, some of them
# thousands of elements, takes half of the time that a slate takes; and cameras are coded
# everywhere by the same encoder.
PLUGINS = ('app', 'audioconvert', 'audioresample', 'audiotestsrc', 'coreelements',
           'opus', 'videoconvertscale', 'videotestsrc', 'voaacenc', 'vpx', 'x264')
# Displays that only take a URL.
N_VIEWERS = 3
IN_THE_CLEAR = {'allow-clear': dbuslab.Variant('b', True)}
END_TIMEOUT_S = 30
SAID_BYTES = 1 << 20


def plugin_variables(folder):
    """Where workers find these plugins alone: what to put into their environment."""
    plugins = foyerlab.link_plugins(folder / 'plugins', PLUGINS)
    return {'GST_PLUGIN_SYSTEM_PATH_1_0': str(plugins),
            'GST_REGISTRY': str(folder / 'gst-registry.bin')}


class Ground:
    """One house for one round."""

    def __init__(self, build, rig, folder, needs, judge, n_displays=48,
                 credentials=None, n_cameras=N_CAMERAS):
        self.build = build
        self.rig = rig  # the build of displays and other tools
        self.folder = pathlib.Path(folder)
        self.needs = needs
        self.begin_s = time.time()
        self.oracle = judge
        self.n_displays = n_displays
        self.credentials = credentials or self.folder / 'credentials'
        self.link = None
        self.screens = None
        self.house = None
        self.relay = None
        self.caller = None
        self.n_cameras = n_cameras
        self.order = list(range(n_cameras))
        self.twin = False
        self.allowed = [i % n_cameras for i in range(n_displays)]
        self.rules = {}
        self.said = None  # where readers that went wrong say what they could
        self.pens = None
        self.viewers = []
        self.watch = Watch()

    def start(self):
        """Brings it up; all displays are paired and allowed their camera."""
        self.oracle.find_lost_ns = self.watch.start().find_lost_ns
        inside, address, host = (), None, '127.0.0.1'
        if 'network' in self.needs:
            self.link = netlab.LossyLink(self.rig).__enter__()
            inside = self.link.inside(1)
            address = host = self.link.ADDRESSES[1]
        self.screens = Screens(self.rig, self.folder, self.n_displays,
                               self.credentials, inside, address)
        if 'web' in self.needs:
            self.add_viewers()
        self.house = houselab.House(
            self.build, displays=[*self.screens.displays(), *self.viewers],
            host=host,
            inside=self.link.inside(0) if self.link else (),
            variables={**plugin_variables(self.credentials.parent),
                       **self.variables()})
        self.host = host
        if 'relay' in self.needs:
            self.relay = Relay()
        if 'walls' in self.needs and pen.find_root():
            self.pens = pen.Pens(pen.find_root())
        self.arm()
        self.write_config()
        self.house.start()
        self.caller = self.house.caller
        if 'outsider' in self.needs:
            outsider.open_bus(self.house.bus)
        if 'guest' in self.needs:
            self.add_guest()
        self.refresh()
        self.pair_all()
        for display in range(self.n_displays):
            self.allow(display)
        return self

    def add_viewers(self):
        """Their numbers follow those of all other displays."""
        for i in range(N_VIEWERS):
            viewer = Viewer(f'Viewer {i}', self.n_displays + 1 + i)
            viewer.camera = i % self.n_cameras
            self.viewers.append(viewer.__enter__())

    def variables(self):
        """Of the environment of foyerd and its workers, beside what a sanitizer
        needs."""
        libraries = [name for need, name in PRELOADED.items() if need in self.needs]
        if not libraries:
            return {}
        (self.folder / 'clock').write_bytes(bytes(8))
        first = foyerlab.environment(self.build).get('LD_PRELOAD')
        paths = [str(self.rig / 'tests' / 'attack' / f'libfoyer-{name}.so')
                 for name in libraries]
        return {'LD_PRELOAD': ':'.join([*filter(None, [first]), *paths]),
                'FOYER_CLOCK_FILE': str(self.folder / 'clock')}

    def arm(self):
        """Puts other workers in the place of foyerd's own, where an attack wants
        that, or a sanitizer, and gives them an environment: foyerd does not hand
        its own on."""
        sanitizer = foyerlab.find_sanitizer(self.build)
        variables = {}
        programs = {}
        if sanitizer is not None:
            variables = foyerlab.sanitizer_environment(self.build, sanitizer)
            folder = self.build / 'tests' / 'attack'
            programs = {name: folder / f'foyer-{name}-unwalled'
                        for name in WORKERS}
        variables.update(self.variables())
        for need in self.needs & set(ROGUES):
            name = f'foyer-rogue-{ROGUES[need]}'
            programs[ROGUES[need]] = self.rig / 'tests' / 'attack' / name
        (self.folder / 'way').write_text('none', 'ascii')
        # No worker may write into a file, the log's neither.
        if 'reader' in self.needs:
            os.mkfifo(self.folder / 'said')
            self.said = os.open(self.folder / 'said', os.O_RDWR | os.O_NONBLOCK)
            fcntl.fcntl(self.said, fcntl.F_SETPIPE_SZ, SAID_BYTES)
        for name in WORKERS:
            if variables or name in programs:
                self.place(name, programs.get(name), variables)

    def place(self, name, program, variables):
        """A worker of another make, under the same name, or with more in its
        environment."""
        path = self.house.libexec / f'foyer-{name}'
        program = program or path.resolve()
        path.unlink()
        real = self.house.libexec / 'real'
        real.mkdir(exist_ok=True)
        (real / path.name).symlink_to(program)
        lines = [f"export {key}='{value}'" for key, value in variables.items()]
        said = f' 2>{self.folder}/said' if self.said is not None else ''
        path.write_text('\n'.join([
            '#!/bin/sh', *lines,
            f'FOYER_ROGUE=$(cat {self.folder}/way)', 'export FOYER_ROGUE',
            f'exec {real / path.name} "$@"{said}', '']), 'ascii')
        path.chmod(0o755)

    def write_config(self):
        """foyer.conf, with the cameras in their order: their numbers follow it."""
        # Captured as displays show it: nobody has to make pictures smaller.
        lines = ['[service]\nclock=false\n', '[profile small]\n'
                 f'size={WIDTH_PX}x{HEIGHT_PX}\n']
        lines += [f'[camera {CAMERAS[i]}]\nidentity=test:{CAMERAS[i]}\n'
                  'profile=small\n' for i in self.order]
        if self.twin:
            # A mistake of the owner's: it is told, and counts for nothing.
            lines.append('[camera Twin]\nidentity=test:'
                         f'{CAMERAS[self.order[0]]}\n')
        displays = self.screens.displays()
        if 'guest' in self.needs:
            displays.pop()
        lines += [f'[display {d.name}]\nhost={self.host}\nport={d.port}\n'
                  for d in [*displays, *self.viewers]]
        if self.relay:
            lines.append('[display Mirror]\nhost=127.0.0.1\n'
                         f'port={self.relay.port}\n')
        self.house.config.write_text('\n'.join(lines), 'utf-8')

    def add_guest(self):
        """The last display is one that the owner names by its address. Its name
        may not be free yet if it was just forgotten."""
        group, place = self.screens.find(self.n_displays - 1)
        name = f'Screen {self.n_displays - 1}'

        def is_added():
            try:
                self.caller.call('AddDisplay', 'ssq', name, self.host,
                                 group.ports[place])
            except dbuslab.BusError as error:
                if not error.name.endswith('Invalid'):
                    raise
                return False
            return True
        houselab.wait_until(is_added, f'{name} can be added', END_TIMEOUT_S)

    def refresh(self):
        """Where things are, and which number each camera's pictures bear."""
        self.cameras, self.displays = {}, {}
        for path, interfaces in self.house.objects().items():
            if f'{NAME}.Camera' in interfaces:
                self.cameras[interfaces[f'{NAME}.Camera']['Identity']] = path
            if f'{NAME}.Display' in interfaces:
                self.displays[interfaces[f'{NAME}.Display']['Name']] = path
        self.marks = {f'test:{CAMERAS[camera]}': number
                      for number, camera in enumerate(self.order, 1)}
        if set(self.cameras) != set(self.marks):
            self.oracle.note(oracle.LOG, f'cameras are {self.cameras}')

    def fingerprint(self, display):
        """Of the keys that a display was bought with."""
        group, place = self.screens.find(display)
        return group.displays[place].start['fingerprint']

    def pair_all(self):
        """As their owner does; he reads the fingerprints off the displays."""
        for display in range(self.n_displays):
            self.pair(f'Screen {display}', self.fingerprint(display))
        if self.relay:
            self.pair('Mirror', self.fingerprint(0))
            self.rules['Mirror'] = self.house.allow('any', 'Mirror')
        self.house.bring(*self.viewers)
        for viewer in self.viewers:
            self.allow_viewer(viewer)

    def pair(self, name, fingerprint):
        """Accepts a key."""
        self.caller.call('Pair', 'ss', fingerprint, 'pinned',
                         path=self.displays[name], interface=f'{NAME}.Display')

    @staticmethod
    def may_hear(display):
        """Whether the rules allow a display sound."""
        return display % HEARS_EVERY == display // HEARS_EVERY % HEARS_EVERY

    def allow(self, display):
        """The rule that lets a display have its camera."""
        media = {'media': PICTURES_AND_SOUND} if self.may_hear(display) else {}
        self.rules[display] = self.house.allow(
            CAMERAS[self.allowed[display]], f'Screen {display}', **media)

    def allow_viewer(self, viewer):
        """The rule that lets one have its camera, in the clear."""
        self.rules[viewer.name] = self.house.allow(
            CAMERAS[viewer.camera], viewer.name, **IN_THE_CLEAR)

    def stop(self):
        """Ends everything."""
        self.watch.stop()
        if self.house is not None:
            self.house.stop()
        if self.screens is not None:
            self.screens.stop()
        if self.relay is not None:
            self.relay.stop()
        for viewer in self.viewers:
            viewer.__exit__()
        if self.link is not None:
            self.link.__exit__()
        if self.pens is not None:
            self.pens.stop()
        if self.said is not None:
            os.close(self.said)
