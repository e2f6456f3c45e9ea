#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# usage: boot.sh INSTALLED FOLDER
#
# Becomes a systemd that has just booted: the machine's own files, with what is
# below INSTALLED added, as far as this boot goes. Of what a machine does while it
# boots only what a service may need is done. To be run by root in new mount, PID,
# network, IPC, UTS and control group namespaces; nothing outlives them.

set -eu
installed=$1
folder=$2
root=$folder/root

mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" \
  overlay "$root"
cp -a "$installed/." "$root"
ip link set lo up

# /
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
for device in 'null 3' 'zero 5' 'full 7' 'random 8' 'urandom 9'; do
  mknod -m 666 "$root/dev/${device% *}" c 1 "${device#* }"
done
ln -s /proc/self/fd "$root/dev/fd"

# What is not this machine's to do is left out.
units=$root/etc/systemd/system
: > "$root/etc/fstab"
for unit in systemd-sysctl.service systemd-modules-load.service \
  systemd-remount-fs.service systemd-journal-flush.service \
  systemd-udevd.service systemd-udev-trigger.service systemd-timesyncd.service \
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
  dev-hugepages.mount dev-mqueue.mount avahi-daemon.service \
  avahi-daemon.socket; do
  ln -sf /dev/null "$units/$unit"
done
printf '[Unit]\nRequires=basic.target dbus.socket\nAfter=basic.target dbus.socket\n' \
  > "$units/foyer-test.target"

cd "$root"
mkdir -p mnt
pivot_root . mnt
umount -l /mnt
exec env -i container=foyer PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --unit=foyer-test.target --show-status=0
