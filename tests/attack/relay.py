# SPDX-License-Identifier: LGPL-2.1-or-later
"""Somebody in the middle, between foyerd and a display: TLS on both sides, with a
certificate of his own. He hands on what each says, or answers the authentication
with what he once heard a display answer."""

import socket
import ssl
import struct
import threading

from hostile import CERTIFICATE

AUTH = b'urn:x-cast:com.google.cast.tp.deviceauth'
OFFER = b'"OFFER"'
TIMEOUT_S = 10


def read_message(stream):
    """One message of the Cast channel, its length before it; b'' at the end."""
    head = stream.recv(4)
    while 0 < len(head) < 4:
        more = stream.recv(4 - len(head))
        head = head + more if more else b''
    if not head:
        return b''
    left, parts = struct.unpack('>I', head)[0], [head]
    while left:
        part = stream.recv(left)
        if not part:
            return b''
        parts.append(part)
        left -= len(part)
    return b''.join(parts)


class Relay:
    """Listens on `port`; counts the OFFERs that he was made."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.way = 'live'
        self.display = 0
        self.recorded = b''
        self.n_offers = 0
        self.n_authentications = 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(CERTIFICATE)
        self.open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def begin(self, way, display):
        """Whom the next connection is handed on to, and how."""
        self.way, self.display = way, display

    def _accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,),
                             daemon=True).start()

    def _serve(self, raw):
        try:
            raw.settimeout(TIMEOUT_S)
            sender = self.context.wrap_socket(raw, server_side=True)
            self.open.append(sender)
            display = self._connect()
            threading.Thread(target=self._hand_on, args=(display, sender),
                             daemon=True).start()
            self._listen(sender, display)
        except (OSError, ValueError):
            pass

    def _connect(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        raw = socket.create_connection(('127.0.0.1', self.display), TIMEOUT_S)
        display = context.wrap_socket(raw)
        self.open.append(display)
        return display

    def _listen(self, sender, display):
        """What foyerd says."""
        while True:
            message = read_message(sender)
            if not message:
                break
            if OFFER in message:
                self.n_offers += 1
            if AUTH in message and self.way == 'recorded' and self.recorded:
                sender.sendall(self.recorded)
                continue
            display.sendall(message)
        display.close()

    def _hand_on(self, display, sender):
        """What the display says."""
        try:
            while True:
                message = read_message(display)
                if not message:
                    return
                if AUTH in message:
                    self.n_authentications += 1
                    self.recorded = message
                sender.sendall(message)
        except (OSError, ValueError):
            pass

    def stop(self):
        """Ends it."""
        for one in [self.listener, *self.open]:
            try:
                one.close()
            except OSError:
                pass
