# SPDX-License-Identifier: LGPL-2.1-or-later
"""A house that is attacked: does what a schedule says, and keeps account of what was
granted, so that the oracle can judge it."""

import contextlib
import fcntl
import os
import pathlib
import re
import resource
import signal
import threading
import time

import dbuslab
import foyerlab
import houselab
import netlab
import oracle
import pen
import residue
from relay import Relay
from screens import Screens

NAME = houselab.NAME
CAMERAS = ('Nursery', 'Porch', 'Attic')
NS_PER_MS = oracle.NS_PER_MS
NS_PER_S = 1_000_000_000
WORKERS = ('camera', 'cast', 'slate')
# What an attack needs, and the worker that has gone wrong in it. How, it reads when
# it is born.
ROGUES = {'rogue': 'camera', 'reader': 'cast'}
# An end by itself is not the answer to a call: it may take the time that a busy
# machine needs until foyerd's timer runs, the worker's close and its bound.
EXPIRY_SLACK_MS = 1000
QUIET_S = 0.4
# So long nobody else asks for a display whose session waited to come back and was
# stopped: it would be tried again after 1 to 1.25 s, and after twice that.
REST_S = 4
# How long a reader is stopped at most until frames are found in its pool, and how
# many readers must have been looked at before none in any of them is a fault.
LOOK_S, LOOK_PAUSE_S = 1.0, 0.1
ENOUGH_LOOKS = 4
TOLD_LINES = 40  # of what a sanitizer says
END_TIMEOUT_S = 30
NEEDLE_BYTES = 16
# Where anybody may write, besides the folders of the house.
WRITABLE = ('/tmp', '/var/tmp', '/run', '/dev/shm')
# Errors of Cast, and reasons in the log.
REFUSALS = {'Denied': 'denied', 'LockedDown': 'lockdown', 'Busy': 'busy'}
NOT_YET = ('Busy', 'Gone', 'Full', 'LockedDown', 'NotFound', 'Failed')
# Events by which pictures may be broken.
NOISY = {'replay', 'rogue'}
# Events after which a worker's death, or a frame that did not come, has a reason.
KILLING = {'kill', 'freeze', 'squeeze', 'crowd_out', 'rogue', 'replug'}
LOSING = KILLING | {'drop', 'link', 'replay', 'nag', 'take_place', 'power',
                    'relay', 'look'}
DEATHS = ('worker-died', 'worker-rogue')
# Ends after which a session that is to be kept comes back by itself.
KEPT_AFTER = {'no-camera', 'no-target', 'busy', 'full', 'camera-gone',
              'camera-failed', 'display-lost', 'display-failed', 'worker-died',
              'worker-rogue', 'too-slow'}
SAID_BYTES = 1 << 20
READER_SAYS = 'foyer-rogue-cast: '
SANITIZER = re.compile(r'ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|'
                       r'runtime error:|CRITICAL \*\*|\*\* CRITICAL')


def now_ns():
    """CLOCK_MONOTONIC."""
    return time.monotonic_ns()


class Stage:
    """One house for one round."""

    def __init__(self, build, rig, folder, needs, judge, n_displays=48,
                 credentials=None):
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
        self.order = list(range(len(CAMERAS)))
        self.twin = False
        self.allowed = [i % len(CAMERAS) for i in range(n_displays)]
        self.rules = {}
        self.durations = {}
        self.grants = {}  # by session number
        self.unchecked = {}  # ended, and their last datagrams not looked at
        self.refusals = []
        self.has_own_retries = False
        self.done = set()
        self.thaws = []  # (when, pid or group)
        self.n_returned = 0
        self.said = None  # where readers that went wrong say what they could
        self.n_tried = 0
        self.rests = {}  # displays where one must not come back: until when
        self.waiting = {}  # sessions that are to come back: path, by display
        self.pens = None
        self.stopped = {}  # workers that send: when, by pid
        self.looks = 0
        self.controls = 0  # needles found where a frame may rest
        self.scanned = 0
        self.offset_ns = time.time_ns() - now_ns()

    # up and down

    def start(self):
        """Brings it up; all displays are paired and allowed their camera."""
        inside, address, host = (), None, '127.0.0.1'
        if 'network' in self.needs:
            self.link = netlab.LossyLink(self.rig).__enter__()
            inside = self.link.inside(1)
            address = host = self.link.ADDRESSES[1]
        self.screens = Screens(self.rig, self.folder, self.n_displays,
                               self.credentials, inside, address)
        self.house = houselab.House(
            self.build, displays=self.screens.displays(), host=host,
            inside=self.link.inside(0) if self.link else (),
            variables=self.variables())
        self.host = host
        if 'relay' in self.needs:
            self.relay = Relay()
        if 'walls' in self.needs and pen.find_root():
            self.pens = pen.Pens(pen.find_root())
        self.arm()
        self.write_config()
        self.house.start()
        self.caller = self.house.caller
        if 'guest' in self.needs:
            self.add_guest()
        self.refresh()
        self.pair_all()
        for display in range(self.n_displays):
            self.allow(display)
        return self

    def variables(self):
        """Of foyerd's environment."""
        if 'clock' not in self.needs:
            return {}
        (self.folder / 'clock').write_bytes(bytes(8))
        return {'LD_PRELOAD': self.clock_library(),
                'FOYER_CLOCK_FILE': str(self.folder / 'clock')}

    def clock_library(self):
        """What makes the wall clock jump, beside what a sanitizer needs."""
        library = self.rig / 'tests' / 'attack' / 'libfoyer-clock-jump.so'
        first = foyerlab.environment(self.build).get('LD_PRELOAD')
        return f'{first}:{library}' if first else str(library)

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
        if 'clock' in self.needs:
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
        lines = ['[service]\nclock=false\n']
        lines += [f'[camera {CAMERAS[i]}]\nidentity=test:{CAMERAS[i]}\n'
                  for i in self.order]
        if self.twin:
            # A mistake of the owner's: it is told, and counts for nothing.
            lines.append('[camera Twin]\nidentity=test:'
                         f'{CAMERAS[self.order[0]]}\n')
        displays = self.screens.displays()
        if 'guest' in self.needs:
            displays.pop()
        lines += [f'[display {d.name}]\nhost={self.host}\nport={d.port}\n'
                  for d in displays]
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

    def pair(self, name, fingerprint):
        """Accepts a key."""
        self.caller.call('Pair', 'ss', fingerprint, 'pinned',
                         path=self.displays[name], interface=f'{NAME}.Display')

    def allow(self, display):
        """The rule that lets a display have its camera."""
        self.rules[display] = self.house.allow(
            CAMERAS[self.allowed[display]], f'Screen {display}')

    def stop(self):
        """Ends everything."""
        for _, what in self.thaws:
            self.thaw(what)
        if self.house is not None:
            self.house.stop()
        if self.screens is not None:
            self.screens.stop()
        if self.relay is not None:
            self.relay.stop()
        if self.link is not None:
            self.link.__exit__()
        if self.pens is not None:
            self.pens.stop()
        if self.said is not None:
            os.close(self.said)

    # account

    def running(self, display):
        """The session of a display that is not known to be over."""
        for grant in reversed(list(self.grants.values())):
            if grant.display == display:
                return grant if grant.end_ns is None else None
        return None

    def note_signals(self):
        """Takes in what foyerd told: sessions that began by themselves, ends."""
        with self.caller.changed:
            signals, self.caller.signals = self.caller.signals, []
        for message in signals:
            member = message.fields[dbuslab.MEMBER]
            if member == 'SessionEnded':
                self.note_end(message)
            elif member == 'InterfacesAdded' and 'keep' in self.needs:
                self.note_return(message)

    def note_end(self, message):
        """A session ended."""
        path, reason = message.body[:2]
        grant = self.grants.get(int(path.rsplit('/', 1)[1]))
        if grant is None:
            return
        # It may have ended by itself just before somebody else ended it.
        if 'keep' in self.needs and reason in KEPT_AFTER:
            self.waiting[grant.display] = path
        if grant.end_ns is None:
            grant.end_ns = message.fields[dbuslab.WHEN]

    def note_return(self, message):
        """A session may have come back by itself. It was granted after the one that
        it follows had ended; when exactly, nobody was told."""
        path, interfaces = message.body
        number = path.rsplit('/', 1)[1]
        about = interfaces.get(f'{NAME}.Session')
        if about is None or int(number) in self.grants:
            return
        display = next(int(name.rsplit(' ', 1)[1])
                       for name, at in self.displays.items()
                       if at == about['Display'])
        identity = next(identity for identity, at in self.cameras.items()
                        if at == about['Camera'])
        begin_ns = max((g.end_ns or 0 for g in self.grants.values()
                        if g.display == display), default=0)
        grant = oracle.Grant(int(number), display, display, identity,
                             self.marks[identity], begin_ns)
        grant.path = path
        self.grants[grant.number] = grant
        self.n_returned += 1
        if self.waiting.pop(display, None) is None:
            self.oracle.note(oracle.UNGRANTED, f'session {number} came back, '
                             'and its display was told to stop')

    def end_grant(self, grant, end_ns):
        """A session is known to be over."""
        if grant.end_ns is not None:
            return
        grant.end_ns = end_ns
        self.unchecked[grant.display] = grant

    def end_all(self, end_ns):
        """All are."""
        self.note_signals()
        self.waiting.clear()
        for grant in self.grants.values():
            self.end_grant(grant, end_ns)

    def check_silence(self, grant):
        """No byte of a camera came to a display once it was said that none
        leaves."""
        if grant.display >= self.n_displays:
            return
        group, place = self.screens.find(grant.display)
        if self.unchecked.pop(grant.display, None) is not grant:
            return
        moment_ns = grant.end_ns + self.oracle.network_ns
        answer = group.tell(f'after {place} {moment_ns}')
        n_bytes = answer.get('camera_bytes', 0) + \
            answer.get('unknown_bytes', 0)
        if n_bytes:
            self.oracle.note(oracle.LATE_BYTES, {
                'display': grant.display, 'session': grant.number, **answer})

    def cast(self, display, camera, may_show=True, name=None):
        """Asks for a session; the error's name, or None if it was granted."""
        name = name or f'Screen {display}'
        options = {}
        duration_s = self.durations.pop(display, None)
        if 'keep' in self.needs:
            options['keep'] = dbuslab.Variant('b', True)
        if duration_s:
            options['duration-s'] = dbuslab.Variant('u', duration_s)
        identity = f'test:{CAMERAS[camera]}'
        begin_ns = now_ns()
        try:
            path = self.caller.call(
                'Cast', 'ooa{sv}', self.cameras[identity],
                self.displays[name], options)
        except dbuslab.BusError as error:
            if error.name in REFUSALS:
                self.refusals.append((identity, name, REFUSALS[error.name]))
            return error.name
        grant = oracle.Grant(int(path.rsplit('/', 1)[1]), display,
                             display, identity, self.marks[identity],
                             begin_ns, may_show)
        grant.display_name = name
        grant.path = path
        if duration_s:
            grant.limit_ns = now_ns() + duration_s * NS_PER_S + \
                EXPIRY_SLACK_MS * NS_PER_MS
        self.grants[grant.number] = grant
        return None

    # what is done

    def run(self, events):
        """Does all of it, each at its time, or when what was before is done."""
        self.done = {event.do for event in events}
        self.oracle.is_noisy = bool(self.done & NOISY)
        self.oracle.network_ns = self.find_network_ns(events)
        begin = time.monotonic()
        for event in events:
            self.wait_until(begin + event.at_ms / 1000)
            self.note_signals()
            try:
                getattr(self, f'do_{event.do}')(**event.how)
            except dbuslab.BusError:
                # Whoever should have answered may be dead.
                if not self.find_crash():
                    raise
            if self.find_crash():
                break

    def wait_until(self, moment):
        """Waits; thaws what is due."""
        while True:
            for when, what in [t for t in self.thaws
                               if t[0] <= time.monotonic()]:
                self.thaws.remove((when, what))
                self.thaw(what)
            rest = moment - time.monotonic()
            if rest <= 0:
                return
            time.sleep(min(rest, 0.02))

    def find_network_ns(self, events):
        """How long a datagram can be under way at most in this round."""
        links = [e.how for e in events if e.do == 'link']
        delay_ms = max((h['value'] for h in links if h['what'] == 'delay'),
                       default=0)
        if any(h['what'] == 'rate' and h['value'] for h in links):
            delay_ms += 500
        if any(h['what'] == 'reorder' for h in links):
            delay_ms += 30
        return (delay_ms + (20 if links else 0)) * NS_PER_MS

    def find_crash(self):
        """Whether a process ended that nobody had ended."""
        words = self.screens.died()
        if self.house.process.poll() is not None:
            words.append(f'foyerd ended with {self.house.process.returncode}'
                         f': {self.house.words()[-2000:]}')
        for text in words:
            self.oracle.note(oracle.CRASH, text)
        return words

    def do_cast_all(self):
        """Casts wherever nothing is."""
        for display in range(self.n_displays):
            if self.running(display) or display in self.waiting or \
                    self.rests.get(display, 0) > time.monotonic() or \
                    not self.screens.is_there(display):
                continue
            for grant in [self.unchecked.get(display)]:
                if grant is not None:
                    self.check_silence(grant)
            error = self.cast(display, self.allowed[display])
            if error is not None and error not in NOT_YET:
                self.oracle.note(oracle.REFUSALS, f'display {display} may '
                                 f'have its camera, and was told: {error}')

    def do_stop(self, display):
        """Stop, also of what waits to come back."""
        if display in self.waiting:
            try:
                self.house.stop_session(self.waiting[display])
            except dbuslab.BusError:
                pass  # it has just come back, or may not any more
            self.note_signals()
            self.waiting.pop(display, None)
            self.rests[display] = time.monotonic() + REST_S
        grant = self.running(display)
        if grant is None:
            return
        try:
            self.house.stop_session(grant.path)
        except dbuslab.BusError:
            return  # it had ended; foyerd tells when
        self.end_grant(grant, self.caller.replied_ns)

    def do_stop_waiting(self, which):
        """Stop of one of those that wait to come back."""
        displays = sorted(self.waiting)
        if displays:
            self.do_stop(displays[which % len(displays)])

    def do_revoke(self, display):
        """The rule goes, and comes back."""
        grant = self.running(display)
        self.caller.call('RemoveRule', 't', self.rules[display],
                         interface=f'{NAME}.Policy')
        end_ns = self.caller.replied_ns
        if grant is not None:
            self.end_grant(grant, end_ns)
        self.do_refuse(display, self.allowed[display])
        self.allow(display)

    def do_forget(self, display):
        """The owner forgets a display, and takes it back."""
        grant = self.running(display)
        self.caller.call('Forget', path=self.displays[f'Screen {display}'],
                         interface=f'{NAME}.Display')
        end_ns = self.caller.replied_ns
        if grant is not None:
            self.end_grant(grant, end_ns)
        self.refresh()
        self.pair(f'Screen {display}', self.fingerprint(display))
        self.allow(display)

    def do_expire(self, display):
        """The next session of this display lasts a second."""
        self.durations[display] = 1
        self.do_stop(display)

    def do_refuse(self, display, camera):
        """Asks for what no rule allows."""
        rules = {r['id'] for r in self.caller.call(
            'ListRules', interface=f'{NAME}.Policy')}
        if camera == self.allowed[display] and self.rules[display] in rules:
            camera = (camera + 1) % len(CAMERAS)
        error = self.cast(display, camera, may_show=False)
        if error is None:
            self.oracle.note(oracle.REFUSALS, f'display {display} may not '
                             f'have camera {camera}, and was granted it')

    def do_lockdown(self, is_stunned=False):
        """Everything ends; workers stand still, perhaps, from before the call until
        it has returned, and go on at once if they are still there."""
        pids = self.house.workers('cast') if is_stunned else []
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        self.caller.call('SetLockdown', 'b', True)
        end_ns = self.caller.replied_ns
        for pid in pids:
            self.thaw(pid)
        self.end_all(end_ns)

    def do_unlock(self):
        """And may begin again."""
        self.caller.call('SetLockdown', 'b', False)

    def do_repoint(self, display, camera):
        """The rule now names another camera."""
        self.allowed[display] = camera
        self.do_revoke(display)

    def do_swap_names(self, a, b):
        """Two cameras get each other's name."""
        paths = [self.cameras[f'test:{CAMERAS[i]}'] for i in (a, b)]
        names = [self.house.get(path, 'Camera', 'Name') for path in paths]
        for path, name in zip(paths, ('Between', names[0])):
            self.set_name(path, name)
        self.set_name(paths[0], names[1])

    def set_name(self, path, name):
        """SetName; another camera may have that name."""
        try:
            self.caller.call('SetName', 's', name, path=path,
                             interface=f'{NAME}.Camera')
        except dbuslab.BusError:
            pass

    def do_drop(self, percent):
        """Displays lose datagrams."""
        for group in self.screens.groups:
            group.tell(f'drop {percent}')

    def do_link(self, what, value):
        """The network changes."""
        self.link.set(what, value)

    def do_kill(self, kind, which):
        """kill -9 of one of a kind."""
        if kind == 'foyerd':
            self.kill_foyerd()
        elif kind == 'display':
            group = self.screens.groups[which % len(self.screens.groups)]
            if not group.is_frozen:
                group.restart()
        else:
            self.signal_worker(kind, which, signal.SIGKILL)

    def signal_worker(self, kind, which, number):
        """To one of a kind of worker; its pid, or None."""
        pids = sorted(self.house.workers(kind))
        if not pids:
            return None
        pid = pids[which % len(pids)]
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return None
        return pid

    def kill_foyerd(self):
        """Its workers die with it, and so does every session."""
        self.thaw_foyerd()
        workers = self.house.workers()
        self.house.kill()
        for pid in workers:
            houselab.wait_until(
                lambda p=pid: not houselab.is_running(p), 'workers die')
        self.end_all(now_ns())
        self.unchecked.clear()
        self.house.start()
        self.refresh()

    def do_freeze(self, kind, which, ms):
        """SIGSTOP, and SIGCONT later."""
        if any(what == self.house.process.pid for _, what in self.thaws):
            return
        if kind == 'displays':
            what = self.screens.groups[which % len(self.screens.groups)]
            if what.is_frozen:
                return
            what.signal(signal.SIGSTOP)
        elif kind == 'foyerd':
            # Who asks it something waits until it goes on.
            what = self.house.process.pid
            os.kill(what, signal.SIGSTOP)
            ms = min(ms, 700)
            threading.Timer(ms / 1000, os.kill,
                            (what, signal.SIGCONT)).start()
            return
        else:
            what = self.signal_worker(kind, which, signal.SIGSTOP)
            if kind == 'cast':
                self.stopped[what] = now_ns()
        if what is not None:
            self.thaws.append((time.monotonic() + ms / 1000, what))

    def thaw(self, what):
        """It goes on."""
        if not isinstance(what, int):
            what.signal(signal.SIGCONT)
            return
        end_ns = now_ns()
        try:
            os.kill(what, signal.SIGCONT)
        except ProcessLookupError:
            pass
        if what in self.stopped:
            self.oracle.stops.append(
                oracle.Stop(self.stopped.pop(what), end_ns))

    def thaw_foyerd(self):
        """A foyerd that stands can't be waited for."""
        os.kill(self.house.process.pid, signal.SIGCONT)

    def do_replug(self, order, twin):
        """Cameras come back in another order; one is there twice, perhaps."""
        status = self.house.end()
        self.end_all(now_ns())
        if status != 0:
            self.oracle.note(oracle.CRASH, f'foyerd ended with {status}')
        self.order, self.twin = list(order), twin
        self.write_config()
        self.house.start()
        self.refresh()

    def do_take_place(self, a, b):
        """One display stands where another one was, until that is back."""
        group, a, b = self.screens.pair(a, b)
        if group.is_frozen:
            return
        group.reopen(a, b)
        self.cast_to_stranger(group.first + a)
        group.reopen(a, a)

    def cast_to_stranger(self, display):
        """Who is there has other keys: nothing may come of it."""
        houselab.wait_until(lambda: self.is_free(display), 'the display is '
                            'known to be lost', END_TIMEOUT_S)
        error = self.cast(display, self.allowed[display], may_show=False)
        if error is not None:
            return
        number = max(self.grants)
        houselab.wait_until(lambda: self.is_over(number), 'it ends',
                            END_TIMEOUT_S)

    def is_free(self, display):
        """Whether a session could begin there."""
        self.note_signals()
        return self.running(display) is None

    def is_over(self, number):
        """Whether a session is."""
        self.note_signals()
        return self.grants[number].end_ns is not None

    def do_readdress(self, is_own, by):
        """The guest has another address, the owner says; and there is the guest,
        or somebody else. Nobody's key is accepted any more until it is paired."""
        guest = self.n_displays - 1
        group, place = self.screens.find(guest)
        if group.is_frozen:
            return
        grant = self.running(guest)
        keys = place if is_own else (place + 1 + by) % group.n_displays
        group.reopen(place, keys, port=0)
        self.caller.call('Forget', path=self.displays[f'Screen {guest}'],
                         interface=f'{NAME}.Display')
        end_ns = self.caller.replied_ns
        if grant is not None:
            self.end_grant(grant, end_ns)
        self.add_guest()
        self.refresh()
        self.do_refuse(guest, self.allowed[guest])
        self.allow(guest)
        self.cast_to_stranger(guest)
        self.pair(f'Screen {guest}', self.fingerprint(guest))
        if keys != place:
            self.cast_to_stranger(guest)
            group.reopen(place, place)

    def do_power(self, a, b):
        """A display is switched off and on."""
        group, a, _ = self.screens.pair(a, b)
        if not group.is_frozen:
            group.reopen(a, a)

    def do_relay(self, way, display):
        """A cast to the one in the middle."""
        group, place = self.screens.find(display)
        self.relay.begin(way, group.ports[place])
        mirror = self.n_displays
        houselab.wait_until(lambda: self.is_free(mirror), 'the last relay '
                            'ended', END_TIMEOUT_S)
        self.cast(mirror, 0, may_show=False, name='Mirror')

    def do_replay(self, a, b):
        """B's display receives what A's did."""
        group, a, b = self.screens.pair(a, b)
        group.tell(f'replay {a} {b}')

    def do_steal(self, a, b):
        """A's keys on B's datagrams."""
        group, a, b = self.screens.pair(a, b)
        answer = group.tell(f'steal {a} {b}')
        if answer.get('pictures'):
            self.oracle.note(oracle.KEY_TAKEN, {'keys': a, 'of': b, **answer})

    def do_nag(self, a, b):
        """B's frames are asked for again, from A's socket."""
        group, a_place, b_place = self.screens.pair(a, b)
        if a == b:
            b_place = a_place
        group.tell(f'nag {a_place} {b_place}')

    def do_rogue(self, way):
        """What the next camera's process does."""
        (self.folder / 'way').write_text(way, 'ascii')

    def do_jump(self, seconds):
        """The wall clock. Its file is mapped, and must not get shorter."""
        with open(self.folder / 'clock', 'r+b') as clock:
            clock.write((seconds * NS_PER_S).to_bytes(8, 'little',
                                                      signed=True))

    def do_crowd_out(self, kind, which, kib):
        """The kernel kills it when it asks for more; where there are no control
        groups, it gets no more."""
        pids = sorted(self.house.workers(kind))
        if self.pens is None:
            self.do_squeeze(kind, which, kib)
        elif pids:
            self.pens.put(pids[which % len(pids)], kib)

    def do_squeeze(self, kind, which, kib):
        """A process gets no more memory than it has, and so much."""
        pids = sorted(self.house.workers(kind))
        if not pids:
            return
        pid = pids[which % len(pids)]
        try:
            text = pathlib.Path(f'/proc/{pid}/statm').read_text('ascii')
            most = int(text.split()[0]) * resource.getpagesize() + kib * 1024
            resource.prlimit(pid, resource.RLIMIT_AS, (most, most))
        except (OSError, ValueError, IndexError):
            pass

    def do_look(self, which):
        """Who has which memory, and whether one session's process has frames of
        two cameras."""
        pids = {kind: self.house.workers(kind) for kind in WORKERS}
        pids['foyerd'] = [self.house.process.pid]
        for problem in residue.find_shared(pids):
            self.oracle.note(oracle.RESIDUE, problem)
        for kind in WORKERS:
            for pid in pids[kind]:
                if residue.may_dump(pid):
                    self.oracle.note(oracle.RESIDUE,
                                     f'{kind} {pid} may leave a core')
        if pids['cast']:
            self.look_at_home(pids['cast'][which % len(pids['cast'])])
        if pids['camera']:
            self.look_into('camera', pids['camera'][which % len(pids['camera'])])

    def look_at_home(self, pid):
        """A reader that does not run gives nothing back, and what is not given
        back is not wiped: there frames must be found, of its own camera alone."""
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            return
        self.stopped[pid] = now_ns()
        self.looks += 1
        until = time.monotonic() + LOOK_S
        while not self.count_kept(pid) and time.monotonic() < until:
            time.sleep(LOOK_PAUSE_S)
        self.look_into('cast', pid)
        self.thaw(pid)

    def count_kept(self, pid):
        """Frames in the pools of a process that displays got, too."""
        needles = {n for found in self.screens.needles().values()
                   for n in found}
        found, _ = residue.scan_memory(pid, needles,
                                       residue.read_pool_maps(pid))
        self.controls += len(found)
        return len(found)

    def look_into(self, kind, pid):
        """The memory of one session's process, or of one camera's."""
        needles = self.screens.needles()
        everything = {n for found in needles.values() for n in found}
        found, n_bytes = residue.scan_memory(pid, everything)
        self.scanned += n_bytes
        cameras = {number for number, own in needles.items() if own & found}
        if len(cameras) > 1:
            self.oracle.note(oracle.RESIDUE, f'{kind} {pid} has frames of '
                             f'cameras {sorted(cameras)}')

    # the end

    def finish(self):
        """Ends everything in order, judges it, and looks for what is left."""
        self.wait_until(max([t[0] for t in self.thaws], default=0))
        if not self.find_crash():
            self.do_lockdown()
            time.sleep(QUIET_S)
            for grant in list(self.unchecked.values()):
                self.check_silence(grant)
            self.wait_for_silence()
            self.judge_log(self.judge_frames())
            self.look_for_residue()
        self.look_for_complaints()

    def wait_for_silence(self):
        """Until no session and no worker is left."""
        try:
            houselab.wait_until(lambda: not any(
                '/session/' in path for path in self.house.objects()),
                'all sessions are gone', END_TIMEOUT_S)
            houselab.wait_until(lambda: not self.house.workers(),
                                'all workers are gone', END_TIMEOUT_S)
        except TimeoutError as error:
            self.oracle.note(oracle.CRASH, f'never: {error}')
        self.note_signals()

    def judge_frames(self):
        """All that was decoded; a sample of its needles."""
        needles = set()
        for grant in sorted(self.grants.values(), key=lambda g: g.begin_ns):
            limit_ns = getattr(grant, 'limit_ns', None)
            if limit_ns is not None:
                grant.end_ns = min(grant.end_ns, limit_ns)
            self.oracle.add(grant)
        frames = self.screens.frames()
        for frame in frames:
            self.oracle.judge(frame)
            if 'needle' in frame and frame['camera'] is not None:
                needles.add(bytes.fromhex(frame['needle']))
        return needles

    def judge_log(self, needles):
        """The log against what was granted and seen, and against refusals."""
        self.final_needles = sorted(needles)
        limit = {'limit': dbuslab.Variant('u', 10000)}
        sessions = self.house.history(
            kind=dbuslab.Variant('s', 'session'), **limit)
        refusals = self.house.history(
            kind=dbuslab.Variant('s', 'refusal'), **limit)
        grants = list(self.grants.values())
        for grant in grants:
            grant.has_loss = bool(self.done & LOSING)
        problems = oracle.reconcile(grants, sessions)
        # Of sessions that come back by themselves nobody else is told.
        problems += oracle.reconcile_refusals(
            self.refusals, [r for r in refusals if r['reason'] in REFUSALS.values()],
            both_ways='keep' not in self.needs)
        for problem in problems:
            self.oracle.note(oracle.LOG, problem)
        self.reasons = {}
        for entry in sessions:
            if entry['reason']:
                self.reasons[entry['reason']] = \
                    self.reasons.get(entry['reason'], 0) + 1
                if entry['reason'] in DEATHS and \
                        not (self.done & KILLING or self.needs & set(ROGUES)):
                    self.oracle.note(oracle.CRASH, entry['words'])
            if entry['target-name'] == 'Mirror' and entry.get('frames'):
                self.oracle.note(oracle.KEY_TAKEN, dict(entry))
        if self.relay is not None and self.relay.n_offers:
            self.oracle.note(oracle.KEY_TAKEN, 'somebody in the middle was '
                             'offered a stream')

    def look_for_residue(self):
        """foyerd is all that is left: its memory and files, and all that was
        written. What is planted must be found in the same way."""
        pid = self.house.process.pid
        needles = self.final_needles
        needles = needles[::max(len(needles) // 100, 1)]
        found, n_bytes = residue.scan_memory(pid, needles)
        self.scanned += n_bytes
        if not n_bytes:
            self.oracle.note(oracle.RESIDUE, 'foyerd could not be looked at')
        files = set(residue.scan_open_files(pid, needles))
        for folder in {self.house.folder, self.house.bus.folder.name,
                       self.folder, *WRITABLE}:
            files.update(residue.scan_folder(folder, needles,
                                             self.begin_s)[0])
        problems = [f'foyerd has {len(found)} frames'] if found else []
        problems += [f'{path} has a frame' for path in files]
        problems += [f'core file {path}' for path in residue.find_cores(
            [self.house.folder, pathlib.Path.cwd()], self.begin_s)]
        problems += residue.find_shared({'foyerd': [pid]})
        if residue.swapped_kib(pid) != 0:
            problems.append('foyerd is in swap')
        problems += self.look_for_blindness(needles)
        for problem in problems:
            self.oracle.note(oracle.RESIDUE, problem)

    def look_for_blindness(self, needles):
        """A search that can't find anything shows nothing."""
        folder = self.folder / 'planted'
        folder.mkdir()
        for place in residue.find_blind_spots(
                folder, needles[0] if needles else os.urandom(NEEDLE_BYTES)):
            yield f'the search does not find what is in a {place}'
        if self.looks >= ENOUGH_LOOKS and self.controls == 0:
            yield f'no frame was found in any of {self.looks} pools'

    def hear_readers(self):
        """What readers that went wrong said; that they tried, at least."""
        if self.said is None:
            return ''
        try:
            said = os.read(self.said, SAID_BYTES).decode('utf-8', 'replace')
        except BlockingIOError:
            said = ''
        self.n_tried = said.count(READER_SAYS + 'tried')
        if not self.n_tried:
            self.oracle.note(oracle.RESIDUE, 'no reader tried anything')
        return said

    def look_for_complaints(self):
        """What a sanitizer, or GLib, had to say, of the displays as well."""
        said = self.hear_readers()
        for words in [self.house.words(), said, *self.screens.words()]:
            lines = words.splitlines()
            for number, line in enumerate(lines):
                if READER_SAYS in line and READER_SAYS + 'tried' not in line:
                    self.oracle.note(oracle.RESIDUE, line)
                if SANITIZER.search(line):
                    told = lines[number:number + TOLD_LINES]
                    self.oracle.note(oracle.CRASH, '\n'.join(told))
