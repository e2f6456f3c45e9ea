#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""usage: ./demo [--seconds N] [--loss PERCENT] [--json] [--out FOLDER]

Casts each camera of this machine to a software display of its own, over
loopback, with device authentication; two drawn cameras if it has none. Shows
delay, frame rate, bit rate and loss while it runs, keeps a picture of what each
display shows, and judges: did every display show its own camera, fresh and in
order, and nothing else? Exits with 0 only then."""

import argparse
import json
import os
import pathlib
import sys
import time

import foyerlab

REFRESH_S = 0.5
FIRST_FRAME_TIMEOUT_S = 10
DEFAULT_SECONDS = 8
MAX_CAMERAS = 4
COLUMNS = ('camera → display', 'delay', 'frames/s', 'bit rate', 'loss')
WIDTHS = (34, 12, 10, 12, 8)
NOTHING = '–'


class Pair:
    """A camera, the display it was granted to, and the cast between them."""

    def __init__(self, build, out, camera, drop_percent):
        self.camera = camera
        self.display = foyerlab.Display(
            build, camera.name, folder=out, drop_percent=drop_percent)
        self.cast = foyerlab.Cast(build, camera, self.display)
        self.recent = []
        self.first_s = None
        self.snapshot = None

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
        return (f'{self.camera.name} → {self.display.name} display',
                NOTHING if delay is None else f'{delay:.1f} ms',
                str(len(frames)),
                NOTHING if bps is None else f'{bps / 1e6:.2f} Mbit/s',
                NOTHING if loss is None else f'{loss:.1f} %')

    def result(self):
        """The judge's figures and what belongs to them."""
        verdict = foyerlab.judge(self.display.frames, self.camera.number)
        frames = [f for f in self.display.frames if foyerlab.is_shown(f)]
        span_ns = frames[-1]['shown_ns'] - frames[0]['shown_ns'] \
            if len(frames) > 1 else 0
        fps = (len(frames) - 1) / (span_ns / 1e9) if span_ns else 0.0
        told = self.display.figures
        n_lost = told.get('lost_datagrams', 0)
        n_sent = told.get('datagrams', 0) + n_lost
        n_bits = told.get('received_bytes', 0) * 8
        return {
            'camera': self.camera.name,
            'camera_id': self.camera.number,
            'display': self.display.name,
            'port': self.display.port,
            'fps': round(fps, 2),
            'bit_rate_bps': round(n_bits / (span_ns / 1e9)) if span_ns else 0,
            'loss_percent': round(100 * n_lost / n_sent, 2) if n_sent else 0,
            **verdict,
            'snapshot': str(self.snapshot) if self.snapshot else None,
            'errors': self.cast.errors(),
        }


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
        if any(pair.cast.process.poll() is not None for pair in pairs):
            return
        time.sleep(REFRESH_S / 2)


def stop(pairs):
    """Pictures first, then casts, then displays."""
    for pair in pairs:
        if pair.first_s is not None:
            pair.snapshot = pair.display.take_snapshot()
    for pair in pairs:
        pair.cast.stop()
    for pair in pairs:
        pair.display.stop()


def summarise(result):
    """The result, in words."""
    for pair in result['pairs']:
        print(f'\n{pair["camera"]} → {pair["display"]} display: '
              f'{"ok" if pair["ok"] else "FAILED"}')
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


def main():
    arguments = parse_arguments()
    build = pathlib.Path(os.environ['FOYER_BUILD']).resolve()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    foyerlab.fill_registry(build)
    cameras = foyerlab.real_cameras()[:MAX_CAMERAS]
    if not cameras:
        cameras = foyerlab.drawn_cameras()
    pairs = []
    try:
        for camera in cameras:
            pairs.append(Pair(build, out, camera, arguments.loss))
        watch(pairs, Table(arguments.json), arguments.seconds)
    except KeyboardInterrupt:
        pass
    finally:
        stop(pairs)
    results = [pair.result() for pair in pairs]
    for result in results:
        result['ok'] = result['ok'] and not result['errors']
    result = {
        'schema': 1,
        'target_delay_ms': foyerlab.TARGET_DELAY_MS,
        'ok': bool(results) and all(r['ok'] for r in results),
        'pairs': results,
    }
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        summarise(result)
    sys.exit(0 if result['ok'] else 1)


if __name__ == '__main__':
    main()
