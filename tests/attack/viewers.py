# SPDX-License-Identifier: LGPL-2.1-or-later
"""Displays of a round that only take a URL, what they fetched, and what others get
who are not they: all by a client written apart from Foyer's own code."""

import collections
import http.client
import time
import urllib.parse

import player

OTHER_ADDRESS = '127.0.0.2'
PAUSE_S = 0.1
SAMPLES_AT = 8  # of a trun box: behind its name and its version and flags
TRUN = b'trun'


class Piece:
    """Some pictures, and when they were asked for: they left later."""

    def __init__(self, header, asked_ns, body):
        self.header = header
        self.asked_ns = asked_ns
        self.body = body

    def count_pictures(self):
        """By its boxes; without sound each has one run of samples."""
        n_pictures, at = 0, self.body.find(TRUN)
        while at >= 0:
            n_pictures += int.from_bytes(
                self.body[at + SAMPLES_AT:at + SAMPLES_AT + 4], 'big')
            at = self.body.find(TRUN, at + 4)
        return n_pictures


class Film:
    """All that was fetched under one URL."""

    def __init__(self, url):
        self.url = url
        self.newest = 0
        self.headers = {}
        self.pieces = []

    def split_url(self):
        """(address, port, token, name)."""
        parts = urllib.parse.urlsplit(self.url)
        token, name = parts.path.lstrip('/').rsplit('/', 1)
        return parts.hostname, parts.port, token, name

    def marks(self, build):
        """(camera, number, capture_ns, asked_ns) of each picture with a mark, and
        how many of its pictures had none."""
        found, n_plain = [], 0
        for header in dict.fromkeys(p.header for p in self.pieces):
            pieces = [p for p in self.pieces if p.header == header]
            marks = player.read_marks(
                build, self.headers[header] + b''.join(p.body for p in pieces))
            # Those without a mark are slates, and stand at one end of a piece or
            # are whole pieces: whichever they were, a picture left after the piece
            # before it was asked for.
            times = [p.asked_ns for p in pieces
                     for _ in range(p.count_pictures())]
            n_plain += len(times) - len(marks)
            found += [(*mark, times[i]) for i, mark in enumerate(marks)
                      if i < len(times)]
        return found, n_plain


class Viewer(player.PlayerDisplay):
    """One such display; every URL that it was told is a film of its own."""

    def __init__(self, name, number):
        super().__init__(name)
        self.number = number  # among the displays of the house
        self.films = []

    def on_load(self, message):
        self.films.append(Film(message['media']['contentUrl']))
        super().on_load(message)

    def play(self, load):
        film = self.films[load - 1]
        if not film.url.endswith('.m3u8'):
            return  # it can't play that, and will be told of the other
        while self.app and len(self.loads) == load:
            try:
                self.fetch_new(film)
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(PAUSE_S)

    def fetch_new(self, film):
        """What its playlist names and was not fetched yet."""
        playlist = player.fetch(film.url)
        if playlist.status != 200:
            return
        header = None
        for line in playlist.body.decode().splitlines():
            url = urllib.parse.urljoin(film.url, line)
            if line.startswith('#EXT-X-MAP'):
                header = line.split('"')[1]
                if header not in film.headers:
                    film.headers[header] = player.fetch(
                        urllib.parse.urljoin(film.url, header)).body
            if line.endswith('.m4s') and int(line[:-4]) > film.newest:
                self.fetch_piece(film, header, url, int(line[:-4]))

    def fetch_piece(self, film, header, url, number):
        """One piece, if it is still there."""
        asked_ns = time.monotonic_ns()
        piece = player.fetch(url)
        if piece.status != 200:
            return
        film.newest = number
        with self.lock:
            film.pieces.append(Piece(header, asked_ns, piece.body))
            # What it tells its sender of itself goes by these.
            self.pieces.append((number, header, piece))
        if len(self.pieces) == 1:
            self.tell()


def is_served(port, token, name, address='127.0.0.1', source='127.0.0.1'):
    """Whether somebody gets something there."""
    try:
        return player.fetch(f'http://{address}:{port}/{token}/{name}',
                            source=source).status == 200
    except (OSError, http.client.HTTPException):
        return False


def find_open_doors(film, other):
    """What is served where a film is that must not be: sentences. `other` is another
    film, perhaps of the same display."""
    address, port, token, name = film.split_url()
    tried = [('the token of another session', other.split_url()[2],
              '127.0.0.1'),
             ('half of the token', token[:16] + '0' * 16, '127.0.0.1'),
             ('no token', '0' * 32, '127.0.0.1'),
             ('the token, from another address', token, OTHER_ADDRESS)]
    # Its own port may be that one's by now, whose session is over.
    is_apart = other is not film and other.split_url()[1] != port
    for what, given, source in tried[0 if is_apart else 1:]:
        if is_served(port, given, name, address, source):
            yield f'{what} opens {film.url}'


def find_told_twice(films):
    """Tokens that stood in more than one URL."""
    tokens = collections.Counter(film.split_url()[2] for film in films)
    return [token for token, n in tokens.items() if n > 1]
