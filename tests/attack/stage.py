# SPDX-License-Identifier: LGPL-2.1-or-later
"""A house that is attacked: does what a schedule says, and keeps account of what was
granted, so that the oracle can judge it."""

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
import residue
from relay import Relay
from screens import Screens

NAME = houselab.NAME
CAMERAS = ('Nursery', 'Porch', 'Attic')
NS_PER_MS = oracle.NS_PER_MS
NS_PER_S = 1_000_000_000
WORKERS = ('camera', 'cast', 'slate')
# An end by itself is not the answer to a call: it may take the time that a busy
# machine needs until foyerd's timer runs, the worker's close and its bound.
EXPIRY_SLACK_MS = 1000
QUIET_S = 0.4
END_TIMEOUT_S = 30
# Errors of Cast, and reasons in the log.
REFUSALS = {'Denied': 'denied', 'LockedDown': 'lockdown', 'Busy': 'busy'}
NOT_YET = ('Busy', 'Gone', 'Full', 'LockedDown', 'NotFound', 'Failed')
# Events by which pictures may be broken.
NOISY = {'replay', 'rogue'}
# Events after which a worker's death, or a frame that did not come, has a reason.
KILLING = {'kill', 'freeze', 'squeeze', 'rogue', 'replug'}
LOSING = KILLING | {'drop', 'link', 'replay', 'nag', 'take_place', 'power',
                    'relay'}
DEATHS = ('worker-died', 'worker-rogue')
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
        self.arm()
        self.write_config()
        self.house.start()
        self.caller = self.house.caller
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
        return {'LD_PRELOAD': str(self.clock_library()),
                'FOYER_CLOCK_FILE': str(self.folder / 'clock')}

    def clock_library(self):
        """What makes the wall clock jump."""
        return self.rig / 'tests' / 'attack' / 'libfoyer-clock-jump.so'

    def arm(self):
        """Puts other workers in the place of foyerd's own, where an attack wants
        that, or a sanitizer."""
        libexec = self.house.libexec
        if foyerlab.is_sanitized(self.build):
            for name in WORKERS:
                (libexec / f'foyer-{name}').unlink()
                (libexec / f'foyer-{name}').symlink_to(
                    self.build / 'tests' / 'attack' / f'foyer-{name}-unwalled')
        if 'rogue' in self.needs:
            (self.folder / 'way').write_text('none', 'ascii')
            program = self.rig / 'tests' / 'attack' / 'foyer-rogue-camera'
            self.write_wrapper(
                'camera', f'FOYER_ROGUE=$(cat {self.folder}/way)', program)
        if 'clock' in self.needs:
            for name in WORKERS:
                self.write_wrapper(
                    name, f'LD_PRELOAD={self.clock_library()} '
                    f'FOYER_CLOCK_FILE={self.folder}/clock',
                    os.path.realpath(libexec / f'foyer-{name}'))

    def write_wrapper(self, name, variables, program):
        """A worker with more in its environment, under the same name."""
        path = self.house.libexec / f'foyer-{name}'
        path.unlink()
        real = self.house.libexec / 'real'
        real.mkdir(exist_ok=True)
        (real / path.name).symlink_to(program)
        path.write_text(f'#!/bin/sh\nexport {variables}\n'
                        f'exec {real / path.name} "$@"\n', 'ascii')
        path.chmod(0o755)

    def write_config(self):
        """foyer.conf, with the cameras in their order: their numbers follow it."""
        lines = ['[service]\nclock=false\n']
        lines += [f'[camera {CAMERAS[i]}]\nidentity=test:{CAMERAS[i]}\n'
                  for i in self.order]
        if self.twin:
            lines.append('[camera Twin]\nidentity=test:'
                         f'{CAMERAS[self.order[0]]}\n')
        lines += [f'[display {d.name}]\nhost={self.host}\nport={d.port}\n'
                  for d in self.screens.displays()]
        if self.relay:
            lines.append('[display Mirror]\nhost=127.0.0.1\n'
                         f'port={self.relay.port}\n')
        self.house.config.write_text('\n'.join(lines), 'utf-8')

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
            if message.fields[dbuslab.MEMBER] == 'SessionEnded':
                number = int(message.body[0].rsplit('/', 1)[1])
                grant = self.grants.get(number)
                if grant is not None and grant.end_ns is None:
                    grant.end_ns = message.fields[dbuslab.WHEN]

    def end_grant(self, grant, end_ns):
        """A session is known to be over."""
        if grant.end_ns is not None:
            return
        grant.end_ns = end_ns
        self.unchecked[grant.display] = grant

    def end_all(self, end_ns):
        """All are."""
        self.note_signals()
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
            if self.running(display) or not self.screens.is_there(display):
                continue
            for grant in [self.unchecked.get(display)]:
                if grant is not None:
                    self.check_silence(grant)
            error = self.cast(display, self.allowed[display])
            if error is not None and error not in NOT_YET:
                self.oracle.note(oracle.REFUSALS, f'display {display} may '
                                 f'have its camera, and was told: {error}')

    def do_stop(self, display):
        """Stop."""
        grant = self.running(display)
        if grant is None:
            return
        try:
            self.house.stop_session(grant.path)
        except dbuslab.BusError:
            return  # it had ended; foyerd tells when
        self.end_grant(grant, now_ns())

    def do_revoke(self, display):
        """The rule goes, and comes back."""
        grant = self.running(display)
        self.caller.call('RemoveRule', 't', self.rules[display],
                         interface=f'{NAME}.Policy')
        end_ns = now_ns()
        if grant is not None:
            self.end_grant(grant, end_ns)
        self.do_refuse(display, self.allowed[display])
        self.allow(display)

    def do_forget(self, display):
        """The owner forgets a display, and takes it back."""
        grant = self.running(display)
        self.caller.call('Forget', path=self.displays[f'Screen {display}'],
                         interface=f'{NAME}.Display')
        end_ns = now_ns()
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

    def do_lockdown(self):
        """Everything ends."""
        self.caller.call('SetLockdown', 'b', True)
        self.end_all(now_ns())

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
        if what is not None:
            self.thaws.append((time.monotonic() + ms / 1000, what))

    def thaw(self, what):
        """It goes on."""
        if not isinstance(what, int):
            what.signal(signal.SIGCONT)
            return
        try:
            os.kill(what, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def thaw_foyerd(self):
        """A foyerd that stands can't be waited for."""
        os.kill(self.house.process.pid, signal.SIGCONT)

    def do_replug(self, order, twin):
        """Cameras come back in another order; one has a twin, perhaps."""
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
        for kind in ('cast', 'camera'):
            if pids[kind]:
                self.look_into(kind, pids[kind][which % len(pids[kind])])

    def look_into(self, kind, pid):
        """The memory of one session's process, or of one camera's."""
        needles = self.screens.needles()
        everything = {n for found in needles.values() for n in found}
        found, n_bytes = residue.scan_memory(pid, everything)
        self.scanned += n_bytes
        self.controls += len(found)
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
        problems += oracle.reconcile_refusals(
            self.refusals, [r for r in refusals
                            if r['reason'] in REFUSALS.values()])
        for problem in problems:
            self.oracle.note(oracle.LOG, problem)
        self.reasons = {}
        for entry in sessions:
            if entry['reason']:
                self.reasons[entry['reason']] = \
                    self.reasons.get(entry['reason'], 0) + 1
                if entry['reason'] in DEATHS and not self.done & KILLING:
                    self.oracle.note(oracle.CRASH, entry['words'])
            if entry['target-name'] == 'Mirror' and entry.get('frames'):
                self.oracle.note(oracle.KEY_TAKEN, dict(entry))
        if self.relay is not None and self.relay.n_offers:
            self.oracle.note(oracle.KEY_TAKEN, 'somebody in the middle was '
                             'offered a stream')

    def look_for_residue(self):
        """foyerd is all that is left: its memory and files, and all that was
        written."""
        pid = self.house.process.pid
        needles = self.final_needles
        needles = needles[::max(len(needles) // 100, 1)]
        found, n_bytes = residue.scan_memory(pid, needles)
        self.scanned += n_bytes
        if not n_bytes:
            self.oracle.note(oracle.RESIDUE, 'foyerd could not be looked at')
        folders = [self.house.folder, self.house.bus.folder.name, self.folder]
        files = [f for folder in folders
                 for f in residue.scan_folder(folder, needles)[0]]
        problems = [f'foyerd has {len(found)} frames'] if found else []
        problems += [f'{path} has a frame' for path in files]
        problems += [f'core file {path}' for path in residue.find_cores(
            [self.house.folder, pathlib.Path.cwd()], self.begin_s)]
        problems += residue.find_shared({'foyerd': [pid]})
        if residue.swapped_kib(pid):
            problems.append('foyerd is in swap')
        for problem in problems:
            self.oracle.note(oracle.RESIDUE, problem)

    def look_for_complaints(self):
        """What a sanitizer, or GLib, had to say."""
        for line in self.house.words().splitlines():
            if SANITIZER.search(line):
                self.oracle.note(oracle.CRASH, line)
