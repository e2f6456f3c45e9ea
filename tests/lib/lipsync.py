# SPDX-License-Identifier: LGPL-2.1-or-later
"""How far sound and picture are apart at a software display, by the marks in both: a
tone says in which second it was captured, modulo 16, each picture says when it
was; what was heard and shown when is the display's own log."""

import bisect
import collections
import json

MOST_MS = 45
NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
N_SECONDS = 16

# One tone: when it was captured, and how long after the picture of that moment it
# was heard.
Offset = collections.namedtuple('Offset', 'capture_ns offset_ms')


def read_tones(path):
    """What was heard so far; a line that is being written counts next time."""
    if not path.exists():
        return []
    text = path.read_text('ascii')
    return [json.loads(line) for line in text[:text.rfind('\n') + 1].split('\n')
            if line]


def find_capture_ns(tone, delay_ns):
    """The full second in which a tone was captured that was heard about so long
    after."""
    about = round((tone['heard_ns'] - delay_ns) / NS_PER_S)
    for second in range(about - N_SECONDS // 2, about + N_SECONDS // 2):
        if second % N_SECONDS == tone['second']:
            return second * NS_PER_S
    raise ValueError(tone)


def find_offsets(tones, frames):
    """Each tone against the pictures around it: what was captured at a moment
    between two of them would have been shown between."""
    shown = sorted((f['capture_ns'], f['shown_ns']) for f in frames
                   if f['capture_ns'] and f['shown_ns'])
    offsets = []
    for tone in tones:
        if not shown:
            break
        capture_ns = find_capture_ns(tone, shown[0][1] - shown[0][0])
        at = bisect.bisect(shown, (capture_ns, 0))
        if at in (0, len(shown)) or \
                shown[at][0] - shown[at - 1][0] > 200 * NS_PER_MS:
            continue
        (before, before_shown), (after, after_shown) = shown[at - 1], shown[at]
        share = (capture_ns - before) / (after - before)
        picture_ns = before_shown + share * (after_shown - before_shown)
        offsets.append(Offset(
            capture_ns, (tone['heard_ns'] - picture_ns) / NS_PER_MS))
    return offsets


def find_drift(offsets):
    """By how many ms a minute sound gets later than the picture: the slope of
    the line that fits best."""
    times = [o.capture_ns / NS_PER_S / 60 for o in offsets]
    values = [o.offset_ms for o in offsets]
    mean_t, mean_v = sum(times) / len(times), sum(values) / len(values)
    spread = sum((t - mean_t) ** 2 for t in times)
    return sum((t - mean_t) * (v - mean_v)
               for t, v in zip(times, values)) / spread
