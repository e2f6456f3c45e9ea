# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private bus, a service with nothing behind it, and foyerctl before them."""

import fcntl
import json
import os
import pathlib
import pty
import queue
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time

TIMEOUT_S = 60
ERROR = 'org.foyer.Foyer1.Error.'
ROOT = '/org/foyer/Foyer1/'
# What an error ends in: a command to type next.
NEXT = r'\b(foyerctl [a-z-]+\b|systemctl [a-z]+\b|getent [a-z]+\b|sudo foyerctl …)'

BUS_CONFIG = '''<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
'''


def make_bus_folder(prefix):
    """A temporary folder whose name fits into the address of a socket as it is."""
    usual = tempfile.gettempdir()
    fits = re.fullmatch(r'[A-Za-z0-9_/.-]{1,60}', usual)
    return tempfile.TemporaryDirectory(prefix=prefix,
                                       dir=usual if fits else '/tmp')


class Bus:
    """A dbus-daemon of its own, in a folder of its own."""

    def __init__(self):
        self.folder = make_bus_folder('foyer-bus-')
        config = pathlib.Path(self.folder.name) / 'bus.conf'
        (config.parent / 'services').mkdir()
        config.write_text(BUS_CONFIG.format(folder=self.folder.name), 'utf-8')
        self.process = subprocess.Popen(
            ['dbus-daemon', f'--config-file={config}', '--nofork',
             '--print-address=1'], stdout=subprocess.PIPE, text=True,
            # It wants more descriptors than one may have, and says so.
            stderr=subprocess.DEVNULL)
        self.address = self.process.stdout.readline().strip()

    def make_activatable(self):
        """Lets the bus start a service, which ends at once; the file that it
        leaves then."""
        folder = pathlib.Path(self.folder.name)
        marker = folder / 'started'
        (folder / 'services' / 'org.foyer.Foyer1.service').write_text(
            '[D-BUS Service]\nName=org.foyer.Foyer1\n'
            f'Exec=/bin/sh -c "touch {marker}; exit 1"\n', 'utf-8')
        subprocess.run(
            ['dbus-send', f'--bus={self.address}', '--print-reply',
             '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus',
             'org.freedesktop.DBus.ReloadConfig'],
            stdout=subprocess.DEVNULL, check=True)
        return marker

    def stop(self):
        """Ends it."""
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


class Service:
    """foyer-test-service: what it is told, and the calls it got."""

    def __init__(self, build, bus):
        self.process = subprocess.Popen(
            [build / 'tests' / 'lib' / 'foyer-test-service', bus.address],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.done = queue.SimpleQueue()
        self.calls = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.done.get(timeout=TIMEOUT_S)

    def _listen(self):
        for text in self.process.stdout:
            line = json.loads(text)
            (self.calls if 'call' in line else self.done).put(line)

    def tell(self, do, **members):
        """Has something done; it is, when this returns."""
        self.process.stdin.write(json.dumps({'do': do, **members}) + '\n')
        self.process.stdin.flush()
        self.done.get(timeout=TIMEOUT_S)

    def add(self, path, **properties):
        """A camera, display or session; properties with _ for -."""
        self.tell('add', path=path, properties={
            name.replace('_', '-'): v for name, v in properties.items()})

    def set(self, path, **properties):
        """Changes properties; of the manager, if path is ''."""
        self.tell('set', path=path, properties={
            name.replace('_', '-'): v for name, v in properties.items()})

    def answer(self, method, value):
        """What a method gives from now on, as GVariant text."""
        self.tell('reply', method=method, value=value)

    def refuse(self, method, name, message):
        """Has a method fail; a name without dots is one of Foyer's."""
        self.tell('reply', method=method,
                  error=name if '.' in name else ERROR + name, message=message)

    def hang(self, method):
        """Has a method never answer."""
        self.tell('reply', method=method)

    def end(self, path, reason, message):
        """Tells that a session is over, and takes it away."""
        self.tell('end', path=path, reason=reason, message=message)
        self.tell('remove', path=path)

    def call(self):
        """The next call that came."""
        return self.calls.get(timeout=TIMEOUT_S)

    def all_calls(self):
        """Names of the calls that have come, which are forgotten."""
        # Its answer stands behind theirs.
        self.tell('nothing')
        names = []
        while not self.calls.empty():
            names.append(self.calls.get()['call'])
        return names

    def stop(self):
        """Ends it."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(TIMEOUT_S)
        self.process.stdout.close()


class Terminal:
    """foyerctl on a terminal: everything it prints, and what is typed."""

    def __init__(self, line, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(line[0], [str(word) for word in line], env)
        self.text = ''

    def _read(self, timeout_s):
        """Takes in what has come; False once it has closed."""
        if not select.select([self.fd], [], [], timeout_s)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b''
        self.text += data.decode('utf-8', 'replace')
        return bool(data)

    def wait_for(self, words):
        """Until it has printed these words."""
        self.wait_until(lambda text: words in text, f'"{words}"')

    def wait_until(self, is_good, what):
        """Until all that it has printed is good, by that function."""
        until = time.monotonic() + TIMEOUT_S
        while not is_good(self.text) and time.monotonic() < until:
            if not self._read(0.1):
                break
        if not is_good(self.text):
            raise AssertionError(f'no {what} in {self.text!r}')

    def resize(self, n_rows, n_columns):
        """The window has another size."""
        size = struct.pack('HHHH', n_rows, n_columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)

    def type(self, text):
        """Types text; \\x03 is Ctrl-C."""
        os.write(self.fd, text.encode())

    def wait(self):
        """Its exit status, once it has ended."""
        until = time.monotonic() + TIMEOUT_S
        while self._read(0.1) and time.monotonic() < until:
            pass
        os.close(self.fd)
        status = os.waitpid(self.pid, 0)[1]
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        """Ends it, whatever it is at."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
