# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the words of a schedule mean: each event NAME is done by do_NAME()."""

import contextlib
import os
import pathlib
import resource
import select
import signal
import threading
import time

import dbuslab
import houselab
import oracle
import outsider
import viewers
from account import NS_PER_S, now_ns
from ground import CAMERAS, END_TIMEOUT_S, NAME
from search import Search

# So long nobody else asks for a display whose session waited to come back and was
# stopped: it would be tried again after 1 to 1.25 s, and after twice that.
REST_S = 4
SOUND = dbuslab.Variant('as', ['audio'])
NOT_YET = ('Busy', 'Gone', 'Full', 'LockedDown', 'NotFound', 'Failed')


def send_cont(pid):
    """To a process that may have been killed meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def hold_processes(pids, stack):
    """Descriptors by which one hears of their end, each of that very process: its
    number may be another's soon."""
    found = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            found.append(os.pidfd_open(pid))
            stack.callback(os.close, found[-1])
    return found


class Deeds(Search):
    """Does one thing after the other to a house."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rests = {}  # displays where one must not come back: until when

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
            # With sound and without, in turn.
            error = self.cast(display, self.allowed[display],
                              has_sound=self.may_hear(display)
                              and not self.had_sound.get(display))
            self.judge_refusal(f'display {display}', error)

        for viewer in self.viewers:
            if not self.running(viewer.number) and viewer.app is None:
                error = self.cast(viewer.number, viewer.camera,
                                  name=viewer.name, transport='http')
                self.judge_refusal(viewer.name, error)

    def judge_refusal(self, name, error):
        """Of what a rule allows; None if it was granted."""
        if error is not None and error not in NOT_YET:
            self.oracle.note(oracle.REFUSALS, f'{name} may have its camera, '
                             f'and was told: {error}')

    def do_stop(self, display):
        """Stop, also of what waits to come back."""
        if display in self.waiting:
            try:
                self.house.stop_session(self.waiting[display])
            except dbuslab.BusError:
                pass  # it has just come back, or may not any more
            self.note_signals()
            self.end_waiting(display)
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
            camera = (camera + 1) % self.n_cameras
        error = self.cast(display, camera, may_show=False)
        if error is None:
            self.oracle.note(oracle.REFUSALS, f'display {display} may not '
                             f'have camera {camera}, and was granted it')

    def do_refuse_sound(self, display):
        """Asks for the sound of a camera of which pictures alone are allowed."""
        while self.may_hear(display):
            display = (display + 1) % self.n_displays
        self.ask_for_sound_in_vain(display)

    def ask_for_sound_in_vain(self, display):
        """No rule allows it."""
        error = self.cast(display, self.allowed[display], may_show=False,
                          has_sound=True)
        if error is None:
            self.oracle.note(oracle.REFUSALS, f'display {display} may not '
                             'have sound, and was granted it')

    def do_mute(self, display):
        """A rule against sound alone: who has it loses all, and who has pictures
        goes on."""
        while not self.may_hear(display):
            display = (display + 1) % self.n_displays
        grant = self.running(display)
        rule = self.house.allow(CAMERAS[self.allowed[display]],
                                f'Screen {display}', verdict='deny', media=SOUND)
        end_ns = self.caller.replied_ns
        if grant is not None and grant.has_sound:
            self.end_grant(grant, end_ns)
        self.ask_for_sound_in_vain(display)
        self.caller.call('RemoveRule', 't', rule, interface=f'{NAME}.Policy')

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
        with contextlib.ExitStack() as stack:
            workers = hold_processes(self.house.workers(), stack)
            self.house.kill()
            for worker in workers:
                houselab.wait_until(lambda w=worker: select.select(
                    [w], [], [], 0)[0], 'workers die')
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
            threading.Timer(ms / 1000, send_cont, (what,)).start()
            return
        else:
            what = self.signal_worker(kind, which, signal.SIGSTOP)
            if kind == 'cast' and what is not None:
                self.stopped.setdefault(what, now_ns())
        if what is not None:
            self.thaws.append((time.monotonic() + ms / 1000, what))

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

    def find_hearers(self, a, b):
        """Two displays of one group whose sessions have sound, of different cameras if
        there are such; None without two."""
        group, first = self.screens.find(a)[0], self.screens.find(b)[1]
        hearing = {display: grant.mark
                   for display in range(group.first, group.first + group.n_displays)
                   for grant in [self.running(display)]
                   if grant is not None and grant.has_sound}
        pairs = [(c, d) for c in hearing for d in hearing if c != d]
        pairs = [(c, d) for c, d in pairs if hearing[c] != hearing[d]] or pairs
        return pairs[(a + first) % len(pairs)] if pairs else None

    def do_replay_sound(self, a, b):
        """The same of displays that hear."""
        pair = self.find_hearers(a, b)
        if pair is not None:
            self.do_replay(*pair)

    def do_steal(self, a, b):
        """A's keys on B's datagrams."""
        group, a, b = self.screens.pair(a, b)
        answer = group.tell(f'steal {a} {b}')
        if answer.get('pictures') or answer.get('tones'):
            self.oracle.note(oracle.KEY_TAKEN, {'keys': a, 'of': b, **answer})

    def do_steal_sound(self, a, b):
        """The same of displays that hear."""
        pair = self.find_hearers(a, b)
        if pair is not None:
            self.do_steal(*pair)

    def do_nag(self, a, b):
        """B's frames are asked for again, from A's socket."""
        group, a_place, b_place = self.screens.pair(a, b)
        if a == b:
            b_place = a_place
        group.tell(f'nag {a_place} {b_place}')

    def do_web_end(self, which, is_revoked):
        """The session of a display that was told a URL ends; with it the URL."""
        viewer = self.viewers[which % len(self.viewers)]
        grant = self.running(viewer.number)
        if grant is None:
            return
        if is_revoked:
            self.caller.call('RemoveRule', 't', self.rules[viewer.name],
                             interface=f'{NAME}.Policy')
            viewer.camera = (viewer.camera + 1) % self.n_cameras
            end_ns = self.caller.replied_ns
            self.allow_viewer(viewer)
        else:
            try:
                self.house.stop_session(grant.path)
            except dbuslab.BusError:
                return  # it had ended; foyerd tells when
            end_ns = self.caller.replied_ns
        self.end_grant(grant, end_ns)
        for film in viewer.films[-1:]:
            _, port, token, name = film.split_url()
            if viewers.is_served(port, token, name):
                self.oracle.note(oracle.AFTER_END, f'{film.url} is served, and '
                                 'its session is over')

    def do_web_pry(self, which, by):
        """Somebody asks there who is not the display, or with a URL that is not of
        this session."""
        if self.stopped:
            return  # who stands still would not be waited for
        viewer = self.viewers[which % len(self.viewers)]
        films = [film for each in self.viewers for film in each.films]
        if not viewer.films or self.running(viewer.number) is None:
            return
        other = films[by % len(films)]
        if 'fixed' in self.needs:
            other = viewer.films[-1]  # all sessions have one token
        for words in viewers.find_open_doors(viewer.films[-1], other):
            self.oracle.note(oracle.KEY_TAKEN, words)

    def do_intrude(self, display):
        """Another user tries all that would change something."""
        grant = self.running(display)
        calls = outsider.make_calls(
            grant.path if grant else '/org/foyer/Foyer1/session/1',
            self.displays[f'Screen {display}'],
            self.cameras[f'test:{CAMERAS[self.allowed[display]]}'])
        done = outsider.intrude_patiently(self.house.bus.address, calls)
        if done is None:
            self.oracle.note(oracle.CRASH, 'another user could not try anything')
        for member in done or ():
            self.oracle.note(oracle.REFUSALS, f'another user may {member}')
        for door in outsider.find_doors(self.house.process.pid):
            self.oracle.note(oracle.REFUSALS, f'foyerd listens: {door}')

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
        """Into the memory of all processes, and of one of each kind for frames."""
        self.look(which)
