#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Attacks a house, and judges what its displays decoded.

    run_attack.py BUILD                       the short form
    run_attack.py BUILD --frames 10000000     until so many frames were decoded
    run_attack.py BUILD --attack kill,freeze  one round with these
    run_attack.py BUILD --round FILE          one round again, as written down
    run_attack.py BUILD --long NAME           one round, as long as a failure mode asks

A round is a house of its own, with one attack or a mixture. What is done in it, and
when, is made from the seed before it begins. If something is wrong, the round's
schedule is written down and made smaller by doing it again in parts. The last line
tells in JSON what was found; the exit status is 1 if anything was, 2 if the rig
itself failed. A long run goes on where it was ended, if it has the same folder,
seed, goal and commit."""

import argparse
import json
import os
import pathlib
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'lib'))
import dbuslab  # noqa: E402
import foyerlab  # noqa: E402
import netlab  # noqa: E402
import attacks  # noqa: E402
import ground  # noqa: E402
import oracle  # noqa: E402
import outsider  # noqa: E402
import residue  # noqa: E402
import schedule  # noqa: E402
import stage  # noqa: E402
from longforms import LONG_FORMS  # noqa: E402

SHORT_FRAMES = 200_000
# A house has room for 64; somebody in the middle is one, too.
N_DISPLAYS = 48
MANY_DISPLAYS = 64
ROUND_S = 6
MIXED_S = 9
# A long run does each attack alone, and as many mixtures, in turn.
SHRINK_TRIES = 12
DONE, BROKEN, FAILED = 0, 1, 2
IN_MEMORY = '/dev/shm'


class Round:
    """What one round is made of."""

    def __init__(self, names, seed, seconds, n_displays,
                 n_cameras=ground.N_CAMERAS):
        self.names = names
        self.n_cameras = n_cameras
        self.seed = seed
        self.seconds = seconds
        self.n_displays = MANY_DISPLAYS if 'many' in \
            attacks.find_needs(names) else n_displays
        self.events = attacks.make(names, seed, self.n_displays,
                                   n_cameras, int(seconds * 1000))

    def name(self):
        """For a person."""
        return '+'.join(self.names)

    def as_dict(self):
        """As it is written down."""
        return {'attacks': self.names, 'seed': self.seed,
                'seconds': self.seconds, 'displays': self.n_displays,
                'cameras': self.n_cameras,
                'events': [e.as_list() for e in self.events]}


def read_round(path):
    """What Round.as_dict() gave."""
    told = json.loads(pathlib.Path(path).read_text('utf-8'))
    found = Round(told['attacks'], told['seed'], told['seconds'],
                  told['displays'], told.get('cameras', ground.N_CAMERAS))
    found.events = schedule.read(json.dumps(told['events']))
    return found


class Outcome:
    """What came of a round."""

    def __init__(self, round_, judge, house, seconds):
        self.round = round_
        self.oracle = judge
        self.seconds = seconds
        self.n_sessions = len(house.grants)
        self.n_shown = sum(g.n_seen > 0 for g in house.grants.values())
        self.n_refusals = len(house.refusals)
        self.reasons = house.reasons
        self.controls = house.controls
        self.scanned = house.scanned
        self.n_relayed = house.relay.n_authentications if house.relay else 0
        self.n_returned = house.n_returned
        self.n_tried = house.n_tried
        self.n_fetched = house.n_fetched
        self.swapped_kib = house.swapped_kib
        self.lost_ms = sum(end - begin for begin, end in house.watch.gaps) // \
            oracle.NS_PER_MS
        self.n_crowded_out = house.pens.n_killed if house.pens else 0

    def as_dict(self):
        """Its figures."""
        judge = self.oracle
        return {
            'attacks': self.round.names, 'seed': self.round.seed,
            'displays': self.round.n_displays,
            'round_seconds': self.round.seconds,
            'events': len(self.round.events), 'decoded': judge.n_decoded,
            'slates': judge.n_slates, 'in_hand': judge.n_in_hand,
            'stood_still': judge.n_stood_still, 'lost_ms': self.lost_ms,
            'swapped_kib': self.swapped_kib,
            'packets': judge.n_packets, 'tones': judge.n_tones,
            'forged_packets': judge.n_forged,
            'sessions': self.n_sessions, 'shown': self.n_shown,
            'refusals': self.n_refusals, 'reasons': self.reasons,
            'faults': dict(judge.faults), 'first_after': judge.first_after,
            'scanned_bytes': self.scanned, 'needles_at_home': self.controls,
            'relayed_authentications': self.n_relayed,
            'fetched': self.n_fetched, 'returned': self.n_returned,
            'readers_that_tried': self.n_tried,
            'crowded_out': self.n_crowded_out,
            'seconds': round(self.seconds, 1),
        }


class Rig:
    """Runs rounds."""

    def __init__(self, build, tools, folder):
        self.build = build
        self.tools = tools
        self.folder = folder

    def run(self, round_, is_patient=False):
        """One round, in a house of its own. Who is patient is told of an answer that
        did not come in time; else it is a fault."""
        begin = time.monotonic()
        judge = oracle.Oracle()
        with tempfile.TemporaryDirectory(prefix='foyer-attack-') as folder:
            house = stage.Stage(
                self.build, self.tools, folder,
                attacks.find_needs(round_.names), judge, round_.n_displays,
                self.folder / 'credentials', round_.n_cameras)
            try:
                house.start()
                house.run(round_.events)
                house.finish()
            except TimeoutError as error:
                if is_patient:
                    raise
                judge.note(oracle.CRASH, f'no answer in time: {error}')
                self.judge_rest(house)
            finally:
                self.keep_log(house)
                house.stop()
        return Outcome(round_, judge, house, time.monotonic() - begin)

    @staticmethod
    def judge_rest(house):
        """What can still be judged of a house that does not answer."""
        try:
            house.finish()
        except (TimeoutError, dbuslab.BusError, OSError) as error:
            print(f'# and then: {error}', flush=True)

    def keep_log(self, house):
        """What foyerd said in the last round."""
        if house.house is not None:
            (self.folder / 'foyerd.log').write_text(house.house.words(),
                                                    'utf-8')

    def shrink(self, round_, faults):
        """A round with fewer events that still shows one of these faults."""
        def fails(events):
            smaller = Round(round_.names, round_.seed, round_.seconds,
                            round_.n_displays, round_.n_cameras)
            smaller.events = events
            found = self.run(smaller).oracle.broken()
            print(f'#   {len(events)} events: '
                  f'{dict(found) if found else "nothing"}', flush=True)
            return bool(set(found) & set(faults))
        found = Round(round_.names, round_.seed, round_.seconds,
                      round_.n_displays, round_.n_cameras)
        found.events = schedule.shrink(round_.events, fails, SHRINK_TRIES)
        return found


class Report:
    """All rounds of a run, and what they add up to; kept in a folder."""

    def __init__(self, folder, seed, goal):
        self.path = folder / 'report.json'
        self.folder = folder
        self.rounds = []
        self.head = {'seed': seed, 'goal': goal, 'commit': read_commit(),
                     'tried_again': 0}
        self.begin = time.time()
        if self.path.exists() and goal:
            self.go_on(json.loads(self.path.read_text('utf-8')))

    def go_on(self, told):
        """Where a run was ended that wanted the same of the same code, and had not
        got it."""
        same = all(told.get(name) == self.head[name]
                   for name in ('seed', 'goal', 'commit'))
        if same and not told['faults'] and told['decoded'] < told['goal']:
            self.rounds = told['rounds']
            self.head['tried_again'] = told['tried_again']

    def total(self, what):
        """A figure of all rounds."""
        return sum(r[what] for r in self.rounds)

    def faults(self):
        """Faults of all rounds."""
        found = {}
        for each in self.rounds:
            for fault, number in each['faults'].items():
                found[fault] = found.get(fault, 0) + number
        return found

    def add(self, outcome):
        """One more."""
        told = outcome.as_dict()
        told['at'] = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        self.rounds.append(told)
        self.write()

    def figures(self):
        """The whole run."""
        faults = self.faults()
        counted = {name: faults.get(name, 0) for name in oracle.FAULTS}
        return {
            **self.head, 'machine': read_machine(),
            'decoded': self.total('decoded'), 'slates': self.total('slates'),
            'in_hand': self.total('in_hand'),
            'stood_still': self.total('stood_still'),
            'packets': self.total('packets'), 'tones': self.total('tones'),
            'sessions': self.total('sessions'),
            'refusals': self.total('refusals'),
            'seconds': round(self.total('seconds')),
            'scanned_bytes': self.total('scanned_bytes'),
            'needles_at_home': self.total('needles_at_home'),
            'counted': counted, 'faults': faults, 'rounds': self.rounds,
        }

    def write(self):
        """Both, whole or not at all."""
        new = self.path.with_suffix('.new')
        figures = self.figures()
        new.write_text(json.dumps(figures, indent=1), 'utf-8')
        new.rename(self.path)
        (self.folder / 'report.txt').write_text(tell(figures), 'utf-8')


def read_commit():
    """Which state of the tree."""
    run = subprocess.run(['git', '-C', str(HERE), 'rev-parse', 'HEAD'],
                         capture_output=True, text=True, check=False)
    return run.stdout.strip()


def read_machine():
    """What it ran on."""
    model = ''
    for line in pathlib.Path('/proc/cpuinfo').read_text('utf-8').splitlines():
        if line.startswith('model name'):
            model = line.split(':', 1)[1].strip()
    return f'{model}, {os.cpu_count()} processors, {platform.machine()}, ' \
           f'Linux {platform.release()}'


def tell(figures):
    """A report for a person."""
    counted = figures['counted']
    lines = [
        'Attack on Foyer', '',
        f'seed         {figures["seed"]}',
        f'commit       {figures["commit"]}',
        f'machine      {figures["machine"]}',
        f'time         {figures["seconds"]} s',
        f'decoded      {figures["decoded"]} frames, each read and judged',
        f'slates       {figures["slates"]}',
        f'in hand      {figures["in_hand"]} frames, of workers that were stopped',
        f'stood still  {figures["stood_still"]} frames, too old since the machine '
        'did',
        f'sound        {figures["packets"]} packets, and {figures["tones"]} '
        'tones in them',
        f'sessions     {figures["sessions"]}',
        f'refusals     {figures["refusals"]}',
        f'tried again  {figures["tried_again"]} rounds, for want of an answer',
        f'memory       {figures["scanned_bytes"]} bytes looked through', '',
        'faults']
    lines += [f'  {name:12} {counted[name]}' for name in counted]
    lines += ['', f'{"round":40} {"seed":>8} {"decoded":>9} {"sessions":>9} '
              f'{"events":>7}  faults']
    for each in figures['rounds']:
        lines.append(
            f'{"+".join(each["attacks"]):40} {each["seed"]:>8} '
            f'{each["decoded"]:>9} {each["sessions"]:>9} '
            f'{each["events"]:>7}  {each["faults"] or "none"}')
    return '\n'.join(lines) + '\n'


def why_not(name, build):
    """Why an attack can't be made on this machine, or this build; None if it can."""
    needs = attacks.ATTACKS[name].needs
    if 'walls' in needs and foyerlab.is_sanitized(build):
        return 'a sanitizer needs more memory, and no walls'
    if 'network' in needs:
        return netlab.why_not()
    if 'outsider' in needs:
        return outsider.why_not(tempfile.gettempdir())
    if 'walls' in needs and not residue.may_look():
        return 'other processes\' memory is not for this user to see'
    return None


def usable(names, build):
    """Those that can be made here; says which can't."""
    found = []
    for name in names:
        reason = why_not(name, build)
        if reason is None:
            found.append(name)
        else:
            print(f'# skipped {name}: {reason}')
    return found


def make_rounds(options):
    """All rounds of a run, without end if it has a goal."""
    if options.round:
        yield read_round(options.round)
        return
    if options.long:
        form = LONG_FORMS[options.long]
        yield Round(form.attacks, options.seed, form.seconds, form.n_displays,
                    form.n_cameras)
        return
    if options.attack:
        for turn in range(options.rounds):
            yield Round(options.attack.split(','), options.seed + turn,
                        options.seconds or ROUND_S, options.displays,
                        options.cameras)
        return
    names = usable(attacks.list_short(), options.build)
    turn = 0
    while True:
        seed = options.seed + turn
        # Mixtures stand in between: a run that is cut short has some.
        for i, name in enumerate(names):
            yield Round([name], seed, options.seconds or ROUND_S,
                        options.displays)
            if i % 4 == 3:
                mixture = [n for n in attacks.mix(f'{seed} {i}') if n in names]
                yield Round(mixture, seed, options.seconds or MIXED_S,
                            options.displays)
        turn += 1


def is_single(options):
    """Whether what to do was named: there is no goal then."""
    return bool(options.attack or options.round or options.long)


def is_enough(options, report, n_alone):
    """Whether the run has what it was begun for."""
    if is_single(options):
        return False
    done = {r['attacks'][0] for r in report.rounds if len(r['attacks']) == 1}
    return len(done) >= n_alone and report.total('decoded') >= options.frames


def tell_progress(report, outcome, goal):
    """A line for each round."""
    faults = dict(outcome.oracle.broken())
    print(f'{report.total("decoded"):>9} of {goal or "-"} frames  '
          f'{outcome.round.name():36} seed {outcome.round.seed}: '
          f'{outcome.oracle.n_decoded} frames, {outcome.n_sessions} sessions, '
          f'{len(outcome.round.events)} events, {outcome.seconds:.0f} s  '
          f'{faults or "ok"}', flush=True)


def tell_failure(rig, outcome, options):
    """What was wrong, and the smallest schedule that shows it."""
    broken = outcome.oracle.broken()
    for fault, example in outcome.oracle.examples:
        print(f'# {fault}: {example}'[:2000])
    path = rig.folder / f'failed-{outcome.round.name()}-' \
                        f'{outcome.round.seed}.json'
    path.write_text(json.dumps(outcome.round.as_dict()), 'utf-8')
    print(f'# its schedule is in {path}')
    if not options.no_shrink:
        smaller = rig.shrink(outcome.round, broken)
        path.write_text(json.dumps(smaller.as_dict()), 'utf-8')
        print(f'# made smaller: {len(smaller.events)} of '
              f'{len(outcome.round.events)} events')
        for event in smaller.events:
            print(f'#   {event}')


def say_result(result, options, report, outcome=None):
    """The last line."""
    told = {'result': result, 'seed': options.seed,
            'decoded': report.total('decoded')}
    if outcome is not None:
        broken = outcome.oracle.broken()
        told.update(
            attack=outcome.round.name(), round_seed=outcome.round.seed,
            oracle=[f for f in oracle.FAULTS if f in broken],
            counts=dict(broken),
            # In this run, up to what was first seen.
            frames=report.total('decoded') - outcome.oracle.n_decoded +
            (outcome.oracle.first_after or 0))
    print('foyer-attack ' + json.dumps(told), flush=True)


def run_patiently(rig, round_, report):
    """A machine that is too busy may give no answer in time: a second try, which is
    counted."""
    try:
        return rig.run(round_, is_patient=True)
    except TimeoutError as error:
        print(f'# {round_.name()}, seed {round_.seed}, once more: {error}',
              flush=True)
        report.head['tried_again'] = report.head.get('tried_again', 0) + 1
        return rig.run(round_)


def run_all(rig, options):
    """All rounds; the exit status."""
    goal = 0 if is_single(options) else options.frames
    report = Report(rig.folder, options.seed, goal)
    n_alone = 0 if goal == 0 else len(usable(attacks.list_short(),
                                             options.build))
    n_done = len(report.rounds)
    for number, round_ in enumerate(make_rounds(options)):
        if number < n_done:
            continue
        if goal and is_enough(options, report, n_alone):
            break
        outcome = run_patiently(rig, round_, report)
        report.add(outcome)
        tell_progress(report, outcome, goal)
        if outcome.oracle.broken():
            tell_failure(rig, outcome, options)
            say_result('leak', options, report, outcome)
            return BROKEN
    report.write()
    if options.long:
        told = report.rounds[-1]
        print(f'# {options.long}: {told["shown"]} of {told["sessions"]} sessions '
              f'showed a frame, {told["decoded"]} frames')
        lack = LONG_FORMS[options.long].find_lack(told['shown'])
        if lack:
            raise RuntimeError(lack)
    say_result('ok', options, report)
    return DONE


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', type=pathlib.Path, help='what is attacked')
    parser.add_argument('--rig', type=pathlib.Path,
                        help='build of the displays and tools (the same)')
    parser.add_argument('--frames', type=int, default=SHORT_FRAMES,
                        help='to be decoded (%(default)s)')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--attack', metavar='NAME[,NAME…]',
                        help=f'of {", ".join(attacks.ATTACKS)}')
    parser.add_argument('--rounds', type=int, default=1,
                        help='with --attack: how many, seed by seed')
    parser.add_argument('--round', metavar='FILE', type=pathlib.Path)
    parser.add_argument('--long', choices=LONG_FORMS)
    parser.add_argument('--displays', type=int, default=N_DISPLAYS)
    parser.add_argument('--cameras', type=int, default=ground.N_CAMERAS,
                        choices=range(1, len(ground.CAMERAS) + 1), metavar='N')
    parser.add_argument('--seconds', type=float, help='of a round')
    parser.add_argument('--folder', type=pathlib.Path,
                        default=pathlib.Path('build-attack'))
    parser.add_argument('--no-shrink', action='store_true')
    options = parser.parse_args()
    lack = options.long and LONG_FORMS[options.long].why_not(
        foyerlab.find_sanitizer(options.build.resolve()))
    if lack:
        parser.error(f'--long {options.long} {lack}')
    return options


def allow_cores():
    """As much as this machine does: that workers leave none is theirs to see to."""
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def main():
    """Exit status: 0 nothing found, 1 something, 2 the rig failed."""
    options = parse()
    allow_cores()
    # Who ends it ends the house with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))
    build = options.build.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    folder = options.folder.resolve()
    tools = (options.rig or build).resolve()
    # foyerd syncs each line of its log: on a disk that others are busy with, that is
    # what a round would be made of.
    if os.access(IN_MEMORY, os.W_OK):
        tempfile.tempdir = IN_MEMORY
    foyerlab.fill_registry(build)
    try:
        return run_all(Rig(build, tools, folder), options)
    except Exception:  # whatever it is: nothing was shown
        traceback.print_exc()
        print('foyer-attack {"result": "failed"}', flush=True)
        return FAILED


if __name__ == '__main__':
    sys.exit(main())
