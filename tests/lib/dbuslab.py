# SPDX-License-Identifier: LGPL-2.1-or-later
"""A caller on a bus, in plain Python: as little of D-Bus as a test needs, and able
to say what no library would let it say. D-Bus Specification 0.41."""

import collections
import os
import socket
import struct
import threading
import time

TIMEOUT_S = 60
CALL, REPLY, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL = 1, 2, 3, 4, 5
DESTINATION, SENDER, SIGNATURE = 6, 7, 8
WHEN = 0  # no field of D-Bus: when it came, CLOCK_MONOTONIC in ns
SIZES = {'y': 1, 'b': 4, 'n': 2, 'q': 2, 'i': 4, 'u': 4, 'x': 8, 't': 8,
         'd': 8, 's': 4, 'o': 4, 'g': 1, 'v': 1, 'a': 4, '(': 8, '{': 8}
FORMATS = {'y': 'B', 'b': 'I', 'n': 'h', 'q': 'H', 'i': 'i', 'u': 'I',
           'x': 'q', 't': 'Q', 'd': 'd'}

Variant = collections.namedtuple('Variant', 'type value')
Message = collections.namedtuple('Message', 'kind fields body serial')


class BusError(Exception):
    """An error that came back; its name without what all of Foyer's share."""

    def __init__(self, name, message):
        super().__init__(f'{name}: {message}')
        self.name = name.removeprefix('org.foyer.Foyer1.Error.')
        self.message = message


def split(signature):
    """Complete types of a signature, one by one."""
    types = []
    while signature:
        length = 1
        while signature[length - 1] == 'a':
            length += 1
        if signature[length - 1] in '({':
            depth, length = 1, length
            while depth:
                depth += {'(': 1, '{': 1, ')': -1, '}': -1}.get(
                    signature[length], 0)
                length += 1
        types.append(signature[:length])
        signature = signature[length:]
    return types


def pad(data, size):
    """Fills up to the next whole multiple."""
    data.extend(bytes(-len(data) % size))


def write(data, kind, value):
    """Appends a value of a type."""
    pad(data, SIZES[kind[0]])
    if kind[0] in FORMATS:
        data.extend(struct.pack('<' + FORMATS[kind[0]], value))
    elif kind[0] in 'so':
        text = value.encode('utf-8', 'surrogateescape')
        data.extend(struct.pack('<I', len(text)) + text + b'\0')
    elif kind[0] == 'g':
        data.extend(bytes([len(value)]) + value.encode() + b'\0')
    elif kind[0] == 'v':
        write(data, 'g', value.type)
        write(data, value.type, value.value)
    elif kind[0] == 'a':
        at = len(data)
        data.extend(bytes(4))
        pad(data, SIZES[kind[1]])
        start = len(data)
        for item in value.items() if isinstance(value, dict) else value:
            write(data, kind[1:], item)
        data[at:at + 4] = struct.pack('<I', len(data) - start)
    else:
        for member, item in zip(split(kind[1:-1]), value):
            write(data, member, item)


def read(data, at, kind):
    """(value, where it ends) of a type."""
    at += -at % SIZES[kind[0]]
    if kind[0] in FORMATS:
        size = SIZES[kind[0]]
        value = struct.unpack_from('<' + FORMATS[kind[0]], data, at)[0]
        return (bool(value) if kind == 'b' else value), at + size
    if kind[0] in 'so':
        size = struct.unpack_from('<I', data, at)[0]
        return data[at + 4:at + 4 + size].decode(), at + 5 + size
    if kind[0] == 'g':
        return data[at + 1:at + 1 + data[at]].decode(), at + 2 + data[at]
    if kind[0] == 'v':
        inner, at = read(data, at, 'g')
        return read(data, at, inner)
    if kind[0] == 'a':
        size = struct.unpack_from('<I', data, at)[0]
        at += 4
        at += -at % SIZES[kind[1]]
        end, items = at + size, []
        while at < end:
            item, at = read(data, at, kind[1:])
            items.append(item)
        return (dict(items) if kind[1] == '{' else items), end
    items = []
    for member in split(kind[1:-1]):
        item, at = read(data, at, member)
        items.append(item)
    return tuple(items), at


def make(kind, serial, fields, signature='', values=()):
    """The bytes of a message."""
    body = bytearray()
    for member, value in zip(split(signature), values):
        write(body, member, value)
    if signature:
        fields = [*fields, (SIGNATURE, Variant('g', signature))]
    data = bytearray(b'l' + bytes([kind, 0, 1]))
    data += struct.pack('<II', len(body), serial)
    write(data, 'a(yv)', fields)
    pad(data, 8)
    return bytes(data + body)


class Caller:
    """One connection. Signals are kept; replies wait for whoever wants them."""

    def __init__(self, address, uid=None):
        path = address.split('path=')[1].split(',')[0]
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        name = str(os.getuid() if uid is None else uid).encode().hex()
        self.socket.sendall(b'\0AUTH EXTERNAL ' + name.encode() + b'\r\n')
        answer = self._line()
        if not answer.startswith(b'OK'):
            raise ConnectionError(answer.decode())
        self.socket.sendall(b'BEGIN\r\n')
        self.serial = 0
        self.saying = threading.Lock()
        self.replies = {}
        self.replied_ns = 0  # when the last reply that was waited for came
        self.signals = []
        self.is_closed = False
        self.changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()
        self.name = self.call('Hello', path='/org/freedesktop/DBus',
                              to='org.freedesktop.DBus',
                              interface='org.freedesktop.DBus')

    def _line(self):
        line = b''
        while not line.endswith(b'\r\n'):
            byte = self.socket.recv(1)
            if not byte:
                raise ConnectionError('the bus hung up')
            line += byte
        return line

    def _take(self, size):
        data = b''
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError('the bus hung up')
            data += more
        return data

    def _message(self):
        head = self._take(16)
        n_body, _, n_fields = struct.unpack_from('<III', head, 4)
        rest = self._take(n_fields + -n_fields % 8 + n_body)
        fields = dict(read(head + rest, 12, 'a(yv)')[0])
        body, at = [], 0
        data = rest[len(rest) - n_body:] if n_body else b''
        for member in split(fields.get(SIGNATURE, '')):
            value, at = read(data, at, member)
            body.append(value)
        serial = struct.unpack_from('<I', head, 8)[0]
        return Message(head[1], fields, body, serial)

    def _listen(self):
        try:
            while True:
                message = self._message()
                message.fields[WHEN] = time.monotonic_ns()
                if message.kind == CALL:
                    self.take_call(message)
                with self.changed:
                    if message.kind == SIGNAL:
                        self.signals.append(message)
                    elif message.kind in (REPLY, ERROR):
                        self.replies[message.fields[REPLY_SERIAL]] = message
                    self.changed.notify_all()
        except (OSError, ConnectionError):
            with self.changed:
                self.is_closed = True
                self.changed.notify_all()

    def take_call(self, message):
        """For whoever can be called; on the thread that listens."""

    def say(self, kind, fields, signature='', values=()):
        """A message; its serial."""
        with self.saying:
            self.serial += 1
            serial = self.serial
            self.socket.sendall(make(kind, serial, fields, signature, values))
        return serial

    def reply(self, message, signature='', *values):
        """Answers a call."""
        self.say(REPLY, [
            (REPLY_SERIAL, Variant('u', message.serial)),
            (DESTINATION, Variant('s', message.fields[SENDER]))],
            signature, values)

    def send(self, member, signature='', *values, path='/org/foyer/Foyer1',
             to='org.foyer.Foyer1', interface='org.foyer.Foyer1.Manager'):
        """Calls a method and does not wait; its serial."""
        fields = [(PATH, Variant('o', path)), (MEMBER, Variant('s', member)),
                  (INTERFACE, Variant('s', interface)),
                  (DESTINATION, Variant('s', to))]
        return self.say(CALL, fields, signature, values)

    def wait(self, serial, timeout_s=TIMEOUT_S):
        """What came back: one value, a list of them, or None."""
        with self.changed:
            self.changed.wait_for(
                lambda: serial in self.replies or self.is_closed, timeout_s)
            message = self.replies.pop(serial, None)
        if message is None:
            raise TimeoutError('no answer')
        self.replied_ns = message.fields[WHEN]
        if message.kind == ERROR:
            raise BusError(message.fields[ERROR_NAME],
                           message.body[0] if message.body else '')
        body = message.body
        return body[0] if len(body) == 1 else body or None

    def call(self, member, signature='', *values, **where):
        """Calls a method and waits."""
        return self.wait(self.send(member, signature, *values, **where))

    def close(self):
        """Vanishes."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
