#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=12 loopback
"""The rules of udev/ under udevd and the kernel's drivers: which nodes the user that
foyerd runs as may open, and which it may not."""

import os
import pathlib
import pwd
import shutil
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vmlab  # noqa: E402

RULES = pathlib.Path(__file__).resolve().parents[3] / 'udev'
USER, UID = 'foyer', 4242
OWN, OTHERS = '/dev/video40', '/dev/video41'
CONTROL_DEVICE = '/dev/v4l2loopback'
# linux/posix_acl_xattr.h: version; then tag, permissions, id.
ACL_USER, READ_WRITE = 2, 6


def setUpModule():
    """The user has to be there before the rules are read, as after an
    installation."""
    with open('/etc/passwd', 'a', encoding='utf-8') as users:
        users.write(f'{USER}:x:{UID}:{UID}::/nonexistent:/bin/false\n')
    with open('/etc/group', 'a', encoding='utf-8') as groups:
        groups.write(f'{USER}:x:{UID}:\n')
    target = pathlib.Path('/run/udev/rules.d')
    target.mkdir(parents=True, exist_ok=True)
    for rules in RULES.glob('*.rules'):
        shutil.copy(rules, target)
    vmlab.run('udevadm', 'control', '--reload')
    # One that captures, and one that shows.
    vmlab.load('vivid', 'n_devs=1', 'node_types=0x101', 'num_inputs=1',
               'input_types=0x00', 'num_outputs=1', 'no_error_inj=1')
    vmlab.load('vimc')
    vmlab.load('vhci-hcd')
    vmlab.load('uvcvideo')
    vmlab.insert_loopback('devices=2', 'video_nr=40,41',
                          'card_label=Foyer-1,Other', 'exclusive_caps=1,0')


def tearDownModule():
    """What comes next is about other things."""
    for rules in RULES.glob('*.rules'):
        (pathlib.Path('/run/udev/rules.d') / rules.name).unlink()
    vmlab.run('udevadm', 'control', '--reload')


def entries(node):
    """{(tag, permissions, id)} of a node's ACL; empty if it has none."""
    try:
        acl = os.getxattr(node, 'system.posix_acl_access')
    except OSError:
        return set()
    return set(struct.iter_unpack('<HHI', acl[4:]))


def may_open(node):
    """Whether that user may, who is in no group."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(UID)
            os.setuid(UID)
            os.close(os.open(node, os.O_RDWR | os.O_NONBLOCK))
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def nodes_of(driver, kind):
    """Those of a platform driver."""
    folder = pathlib.Path(f'/sys/devices/platform/{driver}.0')
    return [f'/dev/{path.name}' for path in sorted(folder.glob(kind))]


class RulesTest(vmlab.VmTest):
    """Each kind of node."""

    def setUp(self):
        said = vmlab.run('udevadm', 'settle')
        self.assertEqual(said.returncode, 0, said.stdout)

    def told(self, node):
        """{property: value} of udev's database, its tags among them."""
        said = vmlab.run('udevadm', 'info', '--query=all', node).stdout
        lines = [line.split(': ', 1)[1] for line in said.splitlines()
                 if line.startswith('E: ')]
        return dict(line.split('=', 1) for line in lines)

    def check_given(self, node):
        """To the user beside whoever had it before."""
        self.assertIn((ACL_USER, READ_WRITE, UID), entries(node), node)
        self.assertTrue(may_open(node), node)

    def check_kept(self, node):
        """From it."""
        self.assertEqual({e for e in entries(node) if e[0] == ACL_USER}, set(),
                         node)
        self.assertFalse(may_open(node), node)
        self.assertNotIn('FOYER_CAMERA', self.told(node))

    def test_cameras(self):
        """What captures, and not what shows."""
        capture, output = nodes_of('vivid', 'video4linux/video*')
        told = self.told(capture)
        self.assertEqual(told['FOYER_CAMERA'], '1')
        self.assertIn('foyer', told['TAGS'].split(':'))
        self.check_given(capture)
        self.check_kept(output)

    def test_usb_camera(self):
        """Its pictures, and not its second node, which has none."""
        camera = self.plug(31, '--serial', 'SN-31')
        node = camera.find_node()
        self.assertEqual(vmlab.run('udevadm', 'settle').returncode, 0)
        self.check_given(node)
        others = [f'/dev/{path.parent.name}' for path in
                  vmlab.SYS_NODES.glob('video*/name')
                  if path.read_text('utf-8').startswith(camera.product)]
        others.remove(node)
        self.assertEqual(len(others), 1)
        self.check_kept(others[0])

    def test_sensors(self):
        """What libcamera needs to set one up."""
        parts = [*nodes_of('vimc', 'media*'),
                 *nodes_of('vimc', 'video4linux/v4l-subdev*'),
                 *nodes_of('vimc', 'video4linux/video*')]
        self.assertGreater(len(parts), 5)
        for node in parts:
            self.check_given(node)

    def test_loopback(self):
        """Those with the label belong to it alone; others are nobody's camera and
        stay as they are."""
        status, user = os.stat(OWN), pwd.getpwnam(USER)
        self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o777),
                         (user.pw_uid, user.pw_gid, 0o660))
        told = self.told(OWN)
        self.assertEqual(told['ID_FOYER_NODE'], '1')
        self.assertNotIn('uaccess', told.get('CURRENT_TAGS', '').split(':'))
        self.assertNotIn('FOYER_CAMERA', told)
        self.assertTrue(may_open(OWN))
        self.check_kept(OTHERS)

    def test_control_device(self):
        """With which the newer module makes more of them; the old one has none."""
        if vmlab.GENERATION == 'debian':
            self.assertFalse(os.path.exists(CONTROL_DEVICE))
            return
        status = os.stat(CONTROL_DEVICE)
        self.assertEqual((status.st_uid, status.st_mode & 0o777), (UID, 0o660))
        self.assertTrue(may_open(CONTROL_DEVICE))


if __name__ == '__main__':
    vmlab.main()
