#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""usage: ./demo [--seconds N] [--loss PERCENT] [--json] [--out FOLDER]

A house with two cameras (this machine's, or drawn ones) and two displays in
software, over loopback: foyerd on a bus of its own, its workers behind their
walls, and foyerctl. Pairs the displays, allows each camera on one of them, casts,
tries what no rule allows, and ends with a lockdown. Shows delay, frame rate, bit
rate and loss while it runs, keeps a picture of what each display shows, and
judges: did every display show its own camera, fresh and in order, and nothing
else? Was the rest refused? Did nothing come after the lockdown? Exits with 0 only
then."""

import argparse
import json
import os
import pathlib
import re
import sys
import time

import foyerlab
import houselab

REFRESH_S = 0.5
FIRST_FRAME_TIMEOUT_S = 30
DEFAULT_SECONDS = 8
N_CAMERAS = 2
# So long after a lockdown whatever could still come would have come.
AFTER_S = 1.0
# The time that a display has to take down what it has already.
CLEAN_MS = 2000
DENIED = 3  # foyerctl's exit status
COLUMNS = ('camera → display', 'delay', 'frames/s', 'bit rate', 'loss')
WIDTHS = (34, 12, 10, 12, 8)
NOTHING = '–'


class Pair:
    """A camera and the display it is allowed on. A real camera has no mark in its
    pictures, so that only what others' marks say can be judged."""

    def __init__(self, build, out, camera, number, has_mark, drop_percent):
        self.camera = camera
        self.number = number
        self.has_mark = has_mark
        self.display = foyerlab.Display(
            build, f'{camera} display', folder=out, drop_percent=drop_percent)
        self.recent = []
        self.first_s = None
        self.snapshot = None
        self.rule = None
        self.session = None
        self.errors = []

    def read(self):
        """Takes in what the display told since."""
        now_s = time.monotonic()
        new = self.display.read()
        if new and self.first_s is None:
            self.first_s = now_s
        self.recent += [(now_s, frame) for frame in new]
        self.recent = [(t, f) for t, f in self.recent if now_s - t <= 1.0]

    def row(self):
        """This moment's figures, as the table's words."""
        frames = [f for _, f in self.recent if foyerlab.is_shown(f)]
        delays = [foyerlab.age_ms(f, 'complete_ns') for f in frames
                  if f['readable']]
        delay = foyerlab.percentile(delays, 50)
        bps = self.display.figures.get('bit_rate_bps')
        loss = self.display.figures.get('loss_percent')
        return (f'{self.camera} → {self.display.name}',
                NOTHING if delay is None else f'{delay:.1f} ms',
                str(len(frames)),
                NOTHING if bps is None else f'{bps / 1e6:.2f} Mbit/s',
                NOTHING if loss is None else f'{loss:.1f} %')

    def judge(self, slack_ms):
        """The judge's figures."""
        verdict = foyerlab.judge(self.display.frames, self.number,
                                 has_slates=True, slack_ms=slack_ms)
        if not self.has_mark:
            verdict['unreadable'] = 0
            verdict['ok'] = bool(verdict['shown']) and not verdict['foreign']
        return verdict

    def count_after(self, moment_ns):
        """Frames that came whole after a moment; a slate has no mark, but neither
        has a real camera's picture."""
        return sum(1 for f in self.display.frames
                   if f['complete_ns'] > moment_ns and f['readable'])

    def measure_clear_ms(self, moment_ns):
        """From a moment until the last picture with a mark was shown; 0 if that
        was before."""
        last_ns = max((f['shown_ns'] for f in self.display.frames
                       if foyerlab.is_shown(f) and f['readable']), default=0)
        return round(max(last_ns - moment_ns, 0) / foyerlab.NS_PER_MS, 1)

    def result(self, slack_ms):
        """The judge's figures and what belongs to them."""
        frames = [f for f in self.display.frames if foyerlab.is_shown(f)]
        span_ns = frames[-1]['shown_ns'] - frames[0]['shown_ns'] \
            if len(frames) > 1 else 0
        fps = (len(frames) - 1) / (span_ns / 1e9) if span_ns else 0.0
        told = self.display.figures
        n_lost = told.get('lost_datagrams', 0)
        n_sent = told.get('datagrams', 0) + n_lost
        n_bits = told.get('received_bytes', 0) * 8
        verdict = self.judge(slack_ms)
        return {
            'camera': self.camera,
            'camera_id': self.number,
            'display': self.display.name,
            'port': self.display.port,
            'rule': self.rule,
            'session': self.session,
            'fps': round(fps, 2),
            'bit_rate_bps': round(n_bits / (span_ns / 1e9)) if span_ns else 0,
            'loss_percent': round(100 * n_lost / n_sent, 2) if n_sent else 0,
            **verdict,
            'ok': verdict['ok'] and not self.errors,
            'snapshot': str(self.snapshot) if self.snapshot else None,
            'errors': self.errors,
        }


class Owner:
    """Types commands, and shows them."""

    def __init__(self, house, is_quiet):
        self.house = house
        self.is_quiet = is_quiet

    def say(self, text=''):
        """A line for a person."""
        if not self.is_quiet:
            print(text, flush=True)

    def type(self, *words):
        """A foyerctl command: the finished process, and when it returned."""
        shown = ' '.join(f'"{w}"' if ' ' in w else w for w in words
                         if not w.startswith('sha256:'))
        run = self.house.ctl(*words)
        now_ns = time.monotonic_ns()
        self.say(f'$ foyerctl {shown.replace(" --fingerprint", "")}')
        if run.returncode:
            # Before that came what it was at.
            self.say(f'  {run.stderr.splitlines()[-1]}')
        return run, now_ns

    def must(self, pair, *words):
        """A command that has to succeed; what it said."""
        run, _ = self.type(*words)
        if run.returncode:
            pair.errors.append(f'foyerctl {words[0]}: {run.stderr.strip()}')
        return run.stdout


class Table:
    """Redrawn in place on a terminal, else a line per row and second."""

    def __init__(self, is_quiet):
        self.is_quiet = is_quiet
        self.is_terminal = sys.stdout.isatty()
        self.n_drawn = 0
        self.next_s = 0.0

    def draw(self, pairs):
        """Shows the rows as they are now."""
        now_s = time.monotonic()
        if self.is_quiet or (not self.is_terminal and now_s < self.next_s):
            return
        self.next_s = now_s + 1.0
        if self.is_terminal and self.n_drawn:
            print(f'\x1b[{self.n_drawn}A', end='')
        rows = [pair.row() for pair in pairs]
        if self.is_terminal or not self.n_drawn:
            rows.insert(0, COLUMNS)
        for row in rows:
            line = ''.join(w.ljust(n) for w, n in zip(row, WIDTHS)).rstrip()
            print(line + ('\x1b[K' if self.is_terminal else ''))
        self.n_drawn = len(pairs) + 1
        sys.stdout.flush()


def find_number(words):
    """The first number that a command said."""
    found = re.search(r'\d+', words)
    return int(found[0]) if found else None


def set_up(owner, pairs):
    """Displays are paired, cameras allowed on them, and cast."""
    for pair in pairs:
        owner.must(pair, 'pair', pair.display.name, '--fingerprint',
                   pair.display.start['fingerprint'])
    for pair in pairs:
        pair.rule = find_number(
            owner.must(pair, 'grant', pair.camera, pair.display.name))
    for pair in pairs:
        pair.session = find_number(
            owner.must(pair, 'cast', pair.camera, pair.display.name))


def try_forbidden(owner, camera, display):
    """What no rule allows."""
    run, _ = owner.type('cast', camera, display)
    return {'camera': camera, 'display': display,
            'exit_status': run.returncode,
            'words': (run.stderr.splitlines() or [''])[-1],
            'ok': run.returncode == DENIED}


def watch(pairs, table, seconds):
    """Runs until every display has shown its camera for that long."""
    began_s = time.monotonic()
    while True:
        for pair in pairs:
            pair.read()
        table.draw(pairs)
        now_s = time.monotonic()
        if all(pair.first_s is not None for pair in pairs):
            if now_s - max(p.first_s for p in pairs) >= seconds:
                return
        elif now_s - began_s > FIRST_FRAME_TIMEOUT_S + seconds:
            return
        time.sleep(REFRESH_S / 2)


def lock_down(owner, pairs, stalls):
    """Ends all, and looks whether that is so."""
    owner.say()
    began_ns = time.monotonic_ns()
    command, ended_ns = owner.type('lockdown')
    time.sleep(AFTER_S)
    for pair in pairs:
        pair.read()
    n_after = sum(pair.count_after(ended_ns) for pair in pairs)
    log = json.loads(owner.house.ctl('history', '--json').stdout)['entries']
    ended = [e for e in log if e['kind'] == 'session'
             and e['reason'] == 'lockdown']
    refused = [e for e in log if e['kind'] == 'refusal']
    n_workers = len(owner.house.workers())
    cleared_ms = max(pair.measure_clear_ms(ended_ns) for pair in pairs)
    return {
        'ms': round((ended_ns - began_ns) / foyerlab.NS_PER_MS, 1),
        'frames_after': n_after,
        'cleared_ms': cleared_ms,
        'sessions_in_history': len(ended),
        'refusals_in_history': len(refused),
        'ok': command.returncode == 0 and n_after == 0 and len(ended) == len(pairs)
              and len(refused) == 1 and n_workers == 0
              and cleared_ms <= CLEAN_MS + stalls.longest_ms,
    }


def summarise(result):
    """The result, in words."""
    for pair in result['pairs']:
        print(f'\n{pair["camera"]} → {pair["display"]}, allowed by rule '
              f'{pair["rule"]}: {"ok" if pair["ok"] else "FAILED"}')
        print(f'  frames shown {pair["shown"]}, unreadable '
              f'{pair["unreadable"]}, foreign {pair["foreign"]}, stale '
              f'{pair["stale"]}, out of order {pair["unordered"]}')
        if pair['delay_p50_ms'] is not None:
            print(f'  delay p50 {pair["delay_p50_ms"]:.1f} ms, p99 '
                  f'{pair["delay_p99_ms"]:.1f} ms (capture to frame complete);'
                  f' oldest shown {pair["age_max_ms"]:.0f} ms')
        if pair['snapshot']:
            print(f'  picture {pair["snapshot"]}')
        for line in pair['errors']:
            print(f'  {line}')
    refusal, lockdown = result['refusal'], result['lockdown']
    print(f'\n{refusal["camera"]} → {refusal["display"]}, allowed by no rule: '
          f'{"refused" if refusal["ok"] else "FAILED"}')
    print(f'Lockdown: {"ok" if lockdown["ok"] else "FAILED"}, in '
          f'{lockdown["ms"]:.0f} ms; frames after it '
          f'{lockdown["frames_after"]}, displays clear after '
          f'{lockdown["cleared_ms"]:.0f} ms')
    print('\nEvery display showed its own camera and nothing else.'
          if result['ok'] else '\nFAILED: see above.')


def parse_arguments():
    """What the user wants."""
    parser = argparse.ArgumentParser(
        prog='demo', usage=__doc__.splitlines()[0].removeprefix('usage: '),
        description=__doc__.split('\n\n', 1)[1])
    parser.add_argument('--seconds', type=float, default=DEFAULT_SECONDS,
                        metavar='N', help='how long (default %(default)s)')
    parser.add_argument('--loss', type=float, default=0.0, metavar='PERCENT',
                        help='datagrams to lose, each way (default 0)')
    parser.add_argument('--json', action='store_true',
                        help='print the result as JSON and nothing else')
    parser.add_argument('--out', type=pathlib.Path, metavar='FOLDER',
                        default=pathlib.Path('demo-out'),
                        help='where the pictures go (default demo-out)')
    arguments = parser.parse_args()
    if arguments.seconds <= 0 or not 0 <= arguments.loss <= 100:
        parser.error('--seconds must be above 0, --loss between 0 and 100')
    return arguments


def name_cameras():
    """(name, number in its mark, whether it has one) of two cameras: those of
    the machine first."""
    real = foyerlab.real_cameras()[:N_CAMERAS]
    drawn = foyerlab.drawn_cameras()[len(real):]
    return [c.name for c in real], [c.name for c in drawn]


def open_house(build, out, loss):
    """A house that serves, and what is to be shown in it."""
    real, drawn = name_cameras()
    names = [(name, i + 1, True) for i, name in enumerate(drawn)]
    pairs = []
    try:
        if real:
            # foyerd finds them itself, and says what it calls them.
            probe = houselab.House(build, cameras=drawn, devices='/dev')
            try:
                found = json.loads(
                    probe.start().ctl('cameras', '--json').stdout)['cameras']
            finally:
                probe.stop()
            names += [(c['name'], 0, False) for c in found
                      if not c['identity'].startswith('test:')]
        pairs += [Pair(build, out, *name, loss) for name in names[:N_CAMERAS]]
        house = houselab.House(
            build, cameras=drawn, displays=[pair.display for pair in pairs],
            devices='/dev' if real else None)
    except BaseException:
        for pair in pairs:
            pair.display.stop()
        raise
    return house, pairs


def run(house, pairs, arguments, stalls):
    """From the first rule to the lockdown."""
    owner = Owner(house, arguments.json)
    house.start()
    set_up(owner, pairs)
    refusal = try_forbidden(owner, pairs[0].camera, pairs[1].display.name)
    owner.say()
    try:
        watch(pairs, Table(arguments.json), arguments.seconds)
    except KeyboardInterrupt:
        pass
    for pair in pairs:
        if pair.first_s is not None:
            pair.snapshot = pair.display.take_snapshot()
    lockdown = lock_down(owner, pairs, stalls)
    results = [pair.result(stalls.longest_ms) for pair in pairs]
    return {
        'schema': 2,
        'target_delay_ms': foyerlab.TARGET_DELAY_MS,
        'ok': refusal['ok'] and lockdown['ok']
              and all(r['ok'] for r in results),
        'pairs': results,
        'refusal': refusal,
        'lockdown': lockdown,
    }


def main():
    arguments = parse_arguments()
    build = pathlib.Path(os.environ['FOYER_BUILD']).resolve()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    foyerlab.fill_registry(build)
    house, pairs = open_house(build, out, arguments.loss)
    stalls = foyerlab.Stalls()
    try:
        result = run(house, pairs, arguments, stalls)
    finally:
        stalls.stop()
        house.stop()
        for pair in pairs:
            pair.display.stop()
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        summarise(result)
    sys.exit(0 if result['ok'] else 1)


if __name__ == '__main__':
    main()
