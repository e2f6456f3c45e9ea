# SPDX-License-Identifier: LGPL-2.1-or-later
"""An Avahi with what a test announces, on any bus: as much of it as whoever browses
for displays asks. avahi-daemon's org.freedesktop.Avahi.*.xml."""

import collections

import dbuslab

NAME = 'org.freedesktop.Avahi'
SERVICE = '_googlecast._tcp'
IPV4 = 0

# The texts of its record are a dictionary.
Device = collections.namedtuple('Device', 'name address port texts')


class Avahi(dbuslab.Caller):
    """Announces devices to whoever looks for them."""

    def __init__(self, address, devices):
        self.devices = devices
        self.n_resolvers = 0
        super().__init__(address)
        self.call('RequestName', 'su', NAME, 0, path='/org/freedesktop/DBus',
                  to='org.freedesktop.DBus', interface='org.freedesktop.DBus')

    def take_call(self, message):
        """Answers, and goes on by signals."""
        member = message.fields[dbuslab.MEMBER]
        if member == 'ServiceBrowserNew':
            self.reply(message, 'o', '/browser')
            for device in self.devices:
                self.emit(message, '/browser', 'ServiceBrowser', 'ItemNew',
                          'iisssu', 1, IPV4, device.name, SERVICE, 'local', 0)
        elif member == 'ServiceResolverNew':
            path = f'/resolver/{self.n_resolvers}'
            self.n_resolvers += 1
            self.reply(message, 'o', path)
            if message.body[5] == IPV4:
                self.tell(message, path, next(
                    d for d in self.devices if d.name == message.body[2]))
        else:
            self.reply(message)

    def tell(self, message, path, device):
        """What there is to know of a device."""
        texts = [f'{k}={v}'.encode() for k, v in device.texts.items()]
        self.emit(message, path, 'ServiceResolver', 'Found', 'iissssisqaayu',
                  1, IPV4, device.name, SERVICE, 'local', 'device.local', IPV4,
                  device.address, device.port, texts, 0)

    def emit(self, message, path, interface, member, signature, *values):
        """A signal to whoever called."""
        self.say(dbuslab.SIGNAL, [
            (dbuslab.PATH, dbuslab.Variant('o', path)),
            (dbuslab.MEMBER, dbuslab.Variant('s', member)),
            (dbuslab.INTERFACE, dbuslab.Variant('s', f'{NAME}.{interface}')),
            (dbuslab.DESTINATION, dbuslab.Variant(
                's', message.fields[dbuslab.SENDER]))], signature, values)
