# SPDX-License-Identifier: LGPL-2.1-or-later
"""A display that receives, written apart from Foyer's own code.

It agrees with the sender only by the protocol: it takes RTP and RTCP apart, loses
datagrams in both directions, NACKs, acknowledges, and asks for key frames. What it
receives it does not decode; what breaks a rule it writes down."""

import random
import struct
import threading
import time

from hostile import HostileDisplay

FEEDBACK_S = 0.03
UNIX_TO_NTP_S = 2208988800
MAX_NACKS = 200
DELAY_MS = 400
RTP_PAYLOAD_TYPES = [*range(96, 105), 127]
SENDER_REPORT = 200
SENDER_REPORT_BYTES = 28


def expand8(near, low):
    """The number next to `near` with these low 8 bits."""
    return near + (low - near + 128) % 256 - 128


class Packet:
    """One RTP packet of Cast, taken apart."""

    def __init__(self, data, near):
        self.payload_type = data[1] & 0x7f
        self.is_marked = bool(data[1] & 0x80)
        self.sequence, self.timestamp, self.ssrc = struct.unpack_from(
            '>HII', data, 2)
        self.is_key = bool(data[12] & 0x80)
        self.frame = expand8(near, data[13])
        self.number, self.last = struct.unpack_from('>HH', data, 14)
        self.reference = None
        if data[12] & 0x40:
            self.reference = expand8(self.frame, data[18])

    def problem(self):
        """The rule it breaks; None if there is none."""
        if self.number > self.last:
            return 'packet behind the last'
        if self.is_marked != (self.number == self.last):
            return 'marker not on the last packet'
        if self.is_key and self.reference not in (None, self.frame):
            return 'key frame refers to another'
        if not self.is_key and self.reference is not None \
                and self.reference >= self.frame:
            return 'frame refers to no earlier one'
        return None


class ForeignDisplay(HostileDisplay):
    """Takes one video stream of `codec`; asks for a key frame every
    `key_request_frames` frames, until one comes that began after that."""

    def __init__(self, codec, loss=0.0, key_request_frames=60, seed=1):
        super().__init__()
        self.codec = codec
        self.loss = loss
        self.key_request_frames = key_request_frames
        self.chance = random.Random(seed)
        self.ssrc = 0
        self.payload_type = 0
        self.peer = None
        self.feedback_due = 0.0
        self.report = None
        self.packets = {}  # of each frame behind the checkpoint, by number
        self.checkpoint = -1
        self.highest = -1
        self.wanted_after = None
        # What it tells.
        self.is_report_first = None
        self.sequences = []
        self.n_lost = 0
        self.keys = []
        self.n_requests = 0
        self.n_answered = 0
        self.problems = set()

    def make_answer(self):
        stream = next(s for s in self.streams if s['codecName'] == self.codec)
        self.ssrc = stream['ssrc']
        self.payload_type = stream['rtpPayloadType']
        threading.Thread(target=self._receive, daemon=True).start()
        return {'udpPort': self.udp.getsockname()[1],
                'sendIndexes': [stream['index']], 'ssrcs': [self.ssrc + 1]}

    def _receive(self):
        self.udp.settimeout(FEEDBACK_S / 3)
        try:
            while True:
                self._turn()
        except OSError:
            pass  # closed

    def _turn(self):
        try:
            data, self.peer = self.udp.recvfrom(2048)
            self._take(data)
        except TimeoutError:
            pass
        if self.peer and time.monotonic() >= self.feedback_due:
            self._send_feedback()
            self.feedback_due = time.monotonic() + FEEDBACK_S

    def _take(self, data):
        is_media = len(data) >= 18 and data[0] == 0x80 \
            and data[1] & 0x7f in RTP_PAYLOAD_TYPES
        if self.is_report_first is None:
            self.is_report_first = not is_media
        if is_media:
            self._take_packet(Packet(data, max(self.highest, 0)))
        elif data[1] == SENDER_REPORT and len(data) == SENDER_REPORT_BYTES:
            self.report = (data[10:14], time.monotonic())
            self._send_feedback()
        else:
            self.problems.add(f'datagram of type {data[1]}')

    def _take_packet(self, packet):
        if (packet.ssrc, packet.payload_type) != (self.ssrc, self.payload_type):
            self.problems.add('packet of no stream')
            return
        self.sequences.append(packet.sequence)
        problem = packet.problem()
        if problem:
            self.problems.add(problem)
        if self.chance.random() < self.loss:
            self.n_lost += 1
        elif packet.frame > self.checkpoint:
            self.packets.setdefault(packet.frame, {})[packet.number] = packet
            self.highest = max(self.highest, packet.frame)
            self._advance()

    def _is_complete(self, frame):
        packets = self.packets.get(frame)
        return packets and len(packets) == next(
            iter(packets.values())).last + 1

    def _advance(self):
        before = self.checkpoint
        while self._is_complete(self.checkpoint + 1):
            self.checkpoint += 1
            self._note_frame(self.packets.pop(self.checkpoint)[0])
        if self.checkpoint > before:
            self._send_feedback()

    def _note_frame(self, packet):
        frame = packet.frame
        if packet.is_key:
            self.keys.append(frame)
            if self.wanted_after is not None and frame > self.wanted_after:
                self.wanted_after = None
                self.n_answered += 1
        if self.wanted_after is None \
                and (frame + 1) % self.key_request_frames == 0:
            self.wanted_after = self.highest
            self.n_requests += 1

    def _nacks(self):
        """Loss fields: of frames of which nothing came, and of packets. The end
        of the newest frame may still be on its way."""
        fields = []
        for frame in range(self.checkpoint + 1, self.highest + 1):
            packets = self.packets.get(frame)
            if packets is None:
                fields.append((frame & 0xff, 0xffff, 0))
                continue
            end = max(packets) if frame == self.highest \
                else next(iter(packets.values())).last + 1
            fields += [(frame & 0xff, number, 0) for number in range(end)
                       if number not in packets]
        return fields[:MAX_NACKS]

    def _print_report(self):
        if self.report is None:
            return struct.pack('>BBHI', 0x80, 201, 1, self.ssrc + 1)
        name, came = self.report
        self.report = None
        return struct.pack('>BBHIIIII4sI', 0x81, 201, 7, self.ssrc + 1,
                           self.ssrc, 0, 0, 0, name,
                           int((time.monotonic() - came) * 65536))

    def _print_time(self):
        now = time.time() + UNIX_TO_NTP_S
        return struct.pack('>BBHIBBHII', 0x80, 207, 4, self.ssrc + 1, 4, 0, 2,
                           int(now), int(now % 1 * 2 ** 32))

    def _print_key_request(self):
        if self.wanted_after is None:
            return b''
        return struct.pack('>BBHII', 0x81, 206, 2, self.ssrc + 1, self.ssrc)

    def _print_cast(self):
        nacks = self._nacks()
        body = struct.pack('>II4sBBH', self.ssrc + 1, self.ssrc, b'CAST',
                           self.checkpoint & 0xff, len(nacks), DELAY_MS)
        body += b''.join(struct.pack('>BHB', *nack) for nack in nacks)
        return struct.pack('>BBH', 0x8f, 206, len(body) // 4) + body

    def _send_feedback(self):
        data = self._print_report() + self._print_time() \
            + self._print_key_request() + self._print_cast()
        if self.chance.random() >= self.loss:
            self.udp.sendto(data, self.peer)
