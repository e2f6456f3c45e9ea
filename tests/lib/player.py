# SPDX-License-Identifier: LGPL-2.1-or-later
"""A display that only takes a URL, written apart from Foyer's own code: it lacks
the app for streaming, its player fetches HLS or a progressive file, and what it
fetched can be decoded and its marks read."""

import http.client
import pathlib
import re
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

import foyerlab
import hostile

PLAYER = 'CC1AD845'
TIMEOUT_S = 30
MARK = re.compile(r'foyer-mark, readable=\(boolean\)true, '
                  r'camera=\(uint\)(\d+), number=\(guint64\)(\d+), '
                  r'capture-time=\(guint64\)(\d+)')


class Fetched:
    """One response: when it was whole, its status, headers and body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()
        self.at_ns = time.monotonic_ns()


def fetch(url, method='GET', headers=None, proxy=None, source='127.0.0.1'):
    """A Fetched of a URL, by a connection of its own."""
    parts = urllib.parse.urlsplit(url)
    host, port = proxy or (parts.hostname, parts.port)
    connection = http.client.HTTPConnection(
        host, port, timeout=TIMEOUT_S, source_address=(source, 0))
    try:
        connection.request(method, url if proxy else parts.path,
                           headers={'Host': parts.netloc, **(headers or {})})
        return Fetched(connection.getresponse())
    finally:
        connection.close()


class Identity:
    """A device's key and certificate, and a TLS certificate for two days."""

    def __init__(self):
        self.keep = tempfile.TemporaryDirectory(prefix='foyer-player-')
        self.folder = pathlib.Path(self.keep.name)
        # Quickly made where it need not be RSA.
        keys = {'device': ['rsa:2048'],
                'tls': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']}
        for name, key in keys.items():
            self.openssl('req', '-x509', '-newkey', *key, '-nodes', '-sha256',
                         '-days', '2', '-subj', f'/CN={name}',
                         '-addext', 'keyUsage=digitalSignature',
                         '-keyout', self.folder / f'{name}.key',
                         '-out', self.folder / f'{name}.pem')
        self.tls = self.folder / 'both.pem'
        self.tls.write_text(
            (self.folder / 'tls.key').read_text('ascii')
            + (self.folder / 'tls.pem').read_text('ascii'), 'ascii')

    def openssl(self, *words, data=None):
        """What it prints."""
        return subprocess.run(['openssl', *map(str, words)], input=data,
                              capture_output=True, check=True).stdout

    def get_der(self, name):
        """A certificate."""
        return ssl.PEM_cert_to_DER_cert(
            (self.folder / f'{name}.pem').read_text('ascii'))

    def answer(self, challenge):
        """A DeviceAuthMessage: the nonce and the TLS certificate, signed."""
        at, nonce = 0, b''
        while at < len(challenge):
            key, at = hostile.get_varint(challenge, at)
            if key & 7 == 0:
                _, at = hostile.get_varint(challenge, at)
                continue
            length, at = hostile.get_varint(challenge, at)
            if key >> 3 == 2:
                nonce = challenge[at:at + length]
            at += length
        signature = self.openssl(
            'dgst', '-sha256', '-sign', self.folder / 'device.key',
            data=nonce + self.get_der('tls'))
        return hostile.put_field(2, hostile.put_field(1, signature)
                                 + hostile.put_field(2, self.get_der('device'))
                                 + hostile.put_field(4, 1)
                                 + hostile.put_field(5, nonce)
                                 + hostile.put_field(6, 1))


class PlayerDisplay(hostile.HostileDisplay):
    """A display with a player and nothing else, that proves who it is."""

    max_accepts = 1000

    def __init__(self, name, proxy=None, says_apps=True):
        super().__init__()
        self.says_apps = says_apps  # else it claims to have any
        self.launches = []          # the app of each LAUNCH
        self.name = name
        self.proxy = proxy
        self.identity = Identity()
        self.start = {'ca_file': self.identity.folder / 'device.pem'}
        self.app = None
        self.loads = []       # each LOAD's media, in order
        self.pieces = []      # (number, Fetched) as they came
        self.headers = {}     # name → body
        self.playlists = 0
        self.ends_ns = None   # when STOP came
        self.is_frozen = False
        self.lock = threading.Lock()
        self.sender = None

    def secure(self, raw):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.identity.tls)
        self.socket = context.wrap_socket(raw, server_side=True)
        self.open.append(self.socket)

    def on_challenge(self, sender, challenge):
        _, at = hostile.get_varint(challenge, 0)
        length, at = hostile.get_varint(challenge, at)
        self.say(sender, 'tp.deviceauth',
                 self.identity.answer(challenge[at:at + length]))

    def status(self):
        status = super().status()
        if self.app:
            status['status']['applications'] = [{
                'appId': self.app, 'sessionId': hostile.SESSION,
                'isIdleScreen': False, 'transportId': hostile.TRANSPORT,
                'displayName': 'Default Media Receiver', 'statusText': '',
                'namespaces': [{'name': hostile.NS + 'media'}]}]
        return status

    def on_request(self, sender, request):
        if request['type'] == 'GET_APP_AVAILABILITY' and self.says_apps:
            apps = {app: 'APP_AVAILABLE' if app == PLAYER else
                    'APP_UNAVAILABLE' for app in request['appId']}
            self.say(sender, 'receiver',
                     {'responseType': 'GET_APP_AVAILABILITY',
                      'availability': apps,
                      'requestId': request['requestId']})
            return
        if request['type'] == 'LAUNCH':
            self.launches.append(request['appId'])
            if request['appId'] != PLAYER:
                answer = {'type': 'LAUNCH_ERROR', 'reason': 'NOT_FOUND',
                          'requestId': request['requestId']}
                self.say(sender, 'receiver', answer)
                return
            self.app = PLAYER
        elif request['type'] == 'STOP':
            self.app = None
            self.ends_ns = time.monotonic_ns()
        super().on_request(sender, request)

    def on_connection(self, raw):
        try:
            super().on_connection(raw)
        finally:
            self.app = None
            self.ends_ns = self.ends_ns or time.monotonic_ns()

    def on_offer(self, sender, message):
        raise ValueError('it has no such app')

    def on_other(self, sender, destination, namespace, message):
        """LOAD and GET_STATUS."""
        if namespace != 'media':
            return
        self.sender = sender
        if message['type'] == 'LOAD':
            self.on_load(message)
        elif message['type'] == 'GET_STATUS':
            self.tell(message['requestId'])

    def on_load(self, message):
        """Plays it."""
        self.loads.append(message['media'])
        threading.Thread(target=self.play, args=(len(self.loads),),
                         daemon=True).start()

    def tell(self, request_id=0):
        """MEDIA_STATUS."""
        status = {'mediaSessionId': 1, 'playerState': 'IDLE'}
        if self.pieces:
            status['playerState'] = 'PLAYING'
            status['currentTime'] = (0.5 if self.is_frozen
                                     else len(self.pieces) / 2)
        elif self.loads:
            status['extendedStatus'] = {'playerState': 'LOADING'}
        self.say(self.sender, 'media',
                 {'type': 'MEDIA_STATUS', 'requestId': request_id,
                  'status': [status]}, hostile.TRANSPORT)

    def get(self, url):
        """A Fetched, by way of the proxy if there is one."""
        return fetch(url, proxy=self.proxy)

    def play(self, load):
        """Fetches what a playlist names, until another is loaded or it ends."""
        url = self.loads[load - 1]['contentUrl']
        newest = 0
        while self.app and len(self.loads) == load:
            try:
                newest = self.step(url, newest)
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)

    def step(self, url, newest):
        """One look at the playlist."""
        playlist = self.get(url)
        self.playlists += 1
        if playlist.status != 200:
            return newest
        header = None
        for line in playlist.body.decode().splitlines():
            if line.startswith('#EXT-X-MAP'):
                header = line.split('"')[1]
                if header not in self.headers:
                    self.headers[header] = self.get(
                        urllib.parse.urljoin(url, header)).body
            if not line.endswith('.m4s') or int(line[:-4]) <= newest:
                continue
            piece = self.get(urllib.parse.urljoin(url, line))
            if piece.status != 200:
                continue
            newest = int(line[:-4])
            is_first = not self.pieces
            with self.lock:
                self.pieces.append((newest, header, piece))
            if is_first:
                self.tell()
        return newest

    def marks(self, build):
        """(camera, number, capture_ns) of each picture that was fetched."""
        with self.lock:
            pieces = list(self.pieces)
        found = []
        for header in dict.fromkeys(h for _, h, _ in pieces):
            body = self.headers[header] + b''.join(
                p.body for _, h, p in pieces if h == header)
            found += read_marks(build, body)
        return found


def read_marks(build, data):
    """Marks in an MP4, as GStreamer's own demuxer and decoder show it."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'all.mp4'
        path.write_bytes(data)
        run = subprocess.run(
            ['gst-launch-1.0', '-m', 'filesrc', f'location={path}', '!',
             'qtdemux', '!', 'h264parse', '!', 'avdec_h264', '!',
             'foyermarkread', '!', 'fakesink', 'sync=false'],
            env=foyerlab.environment(build), text=True, check=False,
            capture_output=True, timeout=60)
    return [tuple(int(word) for word in match)
            for match in MARK.findall(run.stdout)]
