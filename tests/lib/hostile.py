# SPDX-License-Identifier: LGPL-2.1-or-later
"""A display that misbehaves at a chosen step.

It is a TLS server that speaks just enough of the Cast channel, written apart
from Foyer's own code, so that it agrees with it only by the protocol."""

import json
import pathlib
import socket
import ssl
import struct
import threading

CERTIFICATE = (pathlib.Path(__file__).resolve().parents[1]
               / 'data' / 'hostile-display.pem')
NS = 'urn:x-cast:com.google.cast.'
APP_ID = '0F5096E8'
TRANSPORT = 'app-1'
SESSION = 'session-1'
# DeviceAuthMessage { error { error_type: INTERNAL_ERROR } }
AUTH_ERROR = bytes([0x1a, 0x02, 0x08, 0x00])


def put_varint(value):
    """A protobuf varint."""
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def get_varint(data, at):
    """A protobuf varint and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def put_field(number, value):
    """A protobuf field: an integer, or bytes."""
    if isinstance(value, int):
        return put_varint(number << 3) + put_varint(value)
    return put_varint(number << 3 | 2) + put_varint(len(value)) + value


def put_message(source, destination, namespace, payload):
    """A framed CastMessage; the payload is a dict, a str or bytes."""
    if isinstance(payload, dict):
        payload = json.dumps(payload)
    is_text = isinstance(payload, str)
    body = (put_field(1, 0) + put_field(2, source.encode())
            + put_field(3, destination.encode())
            + put_field(4, (NS + namespace).encode())
            + put_field(5, 0 if is_text else 1)
            + put_field(6 if is_text else 7,
                        payload.encode() if is_text else payload))
    return struct.pack('>I', len(body)) + body


def get_message(body):
    """(source, destination, namespace, payload) of a CastMessage."""
    fields = {}
    at = 0
    while at < len(body):
        key, at = get_varint(body, at)
        if key & 7 == 0:
            fields[key >> 3], at = get_varint(body, at)
        else:
            length, at = get_varint(body, at)
            fields[key >> 3] = body[at:at + length]
            at += length
    payload = fields.get(6)
    return (fields[2].decode(), fields[3].decode(),
            fields[4].decode().removeprefix(NS),
            json.loads(payload) if payload else fields.get(7, b''))


class HostileDisplay:
    """Overridden methods say how it misbehaves; by default it is a display
    that plays everything and shows nothing. `with` starts it; `port` is where.
    """

    max_accepts = 8

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(('127.0.0.1', 0))
        self.streams = []
        self.has_app = False
        self.socket = None
        self.open = []

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        for one in [self.listener, self.udp, *self.open]:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def _serve(self):
        for _ in range(self.max_accepts):
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(raw)
            try:
                self.on_connection(raw)
            except (OSError, IndexError, ValueError):
                pass

    def secure(self, raw):
        """TLS, as the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self.socket = context.wrap_socket(raw, server_side=True)
        self.open.append(self.socket)

    def read_exactly(self, n_bytes):
        """So many bytes of the channel."""
        data = b''
        while len(data) < n_bytes:
            more = self.socket.recv(n_bytes - len(data))
            if not more:
                raise OSError('closed')
            data += more
        return data

    def say(self, destination, namespace, payload, source='receiver-0'):
        """Sends a message."""
        self.socket.sendall(put_message(source, destination, namespace,
                                        payload))

    def close(self):
        """Closes the channel."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def on_connection(self, raw):
        """A sender connected."""
        self.secure(raw)
        while True:
            length = struct.unpack('>I', self.read_exactly(4))[0]
            source, destination, namespace, payload = get_message(
                self.read_exactly(length))
            if namespace == 'tp.deviceauth':
                self.on_challenge(source, payload)
            elif namespace == 'tp.heartbeat' and payload['type'] == 'PING':
                self.say(source, namespace, {'type': 'PONG'}, destination)
            elif namespace == 'receiver':
                self.on_request(source, payload)
            elif namespace == 'webrtc':
                self.on_offer(source, payload)
            else:
                self.on_other(source, destination, namespace, payload)

    def on_challenge(self, sender, challenge):
        """It has no device certificate."""
        self.say(sender, 'tp.deviceauth', AUTH_ERROR)

    def status(self):
        """What runs."""
        status = {'volume': {'controlType': 'master', 'level': 0.5,
                             'muted': False, 'stepInterval': 0.02}}
        if self.has_app:
            status['applications'] = [{
                'appId': APP_ID, 'sessionId': SESSION, 'isIdleScreen': False,
                'transportId': TRANSPORT, 'displayName': 'Mirroring',
                'statusText': '', 'namespaces': [{'name': NS + 'webrtc'}]}]
        return {'type': 'RECEIVER_STATUS', 'status': status}

    def on_request(self, sender, request):
        """GET_STATUS, LAUNCH, STOP and GET_APP_AVAILABILITY."""
        if request['type'] == 'GET_APP_AVAILABILITY':
            answer = {'responseType': 'GET_APP_AVAILABILITY',
                      'availability': {app: 'APP_AVAILABLE'
                                       for app in request['appId']}}
        elif request['type'] == 'LAUNCH':
            answer = self.on_launch()
        else:
            if request['type'] == 'STOP':
                self.has_app = False
            answer = self.status()
        if answer is not None:
            answer['requestId'] = request['requestId']
            self.say(sender, 'receiver', answer)

    def on_launch(self):
        """What LAUNCH is answered with; None for nothing."""
        self.has_app = True
        return self.status()

    def on_offer(self, sender, message):
        """Answers an OFFER."""
        if message['type'].upper() != 'OFFER':
            return
        self.streams = message['offer']['supportedStreams']
        answer = {'type': 'ANSWER', 'seqNum': message['seqNum'],
                  'result': 'ok', 'answer': self.make_answer()}
        answer.update(self.change_answer())
        self.say(sender, 'webrtc', answer, TRANSPORT)

    def on_other(self, sender, destination, namespace, message):
        """A message of another namespace."""

    def make_answer(self):
        """The first video stream, on our port."""
        video = next(s for s in self.streams if s['type'] == 'video_source')
        return {'udpPort': self.udp.getsockname()[1],
                'sendIndexes': [video['index']], 'ssrcs': [video['ssrc'] + 1]}

    def change_answer(self):
        """Members of the envelope to change."""
        return {}
