#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: LGPL-2.1-or-later
# First process of the guest. Mounts everything with a static busybox, which is
# cheap without hardware acceleration, then hands over to second-init.sh.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/modules/$module"; done </modules/order

# A snapshot is saved here, before anything of the host is mounted; the restored
# guest goes on when the harness writes a line to the serial port.
read -r line </proc/cmdline
case " $line " in
  *' foyer.snapshot '*)
    # Open from here on, so that no line is lost.
    exec 3<>/dev/ttyS0
    echo FOYER-SNAPSHOT-READY >&3
    read -r _ <&3
    exec 3>&-
    ;;
esac

fail ()
{
  echo "first-init: $1" >/dev/ttyS0
  $b poweroff -f
}

$b mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,msize=131072 \
  job /job || fail 'no job folder'
# Sets second.
# shellcheck source=/dev/null
. /job/settings.sh
for tag in host layer; do
  $b mount -t 9p -o \
    ro,trans=virtio,version=9p2000.L,cache=loose,msize=524288,access=any \
    $tag /$tag || fail "no $tag"
done
$b mount -t tmpfs -o size=75%,mode=755 tmpfs /upper
$b mkdir /upper/up /upper/work
options=lowerdir=/layer:/host,upperdir=/upper/up,workdir=/upper/work
options=$options,index=off,xino=off,redirect_dir=off,metacopy=off
$b mount -t overlay -o "$options" top /top || fail 'no overlay'

$b mount -t tmpfs -o mode=755 tmpfs /top/run
$b mkdir -p /top/run/vm /dev/shm /dev/pts
$b mkdir -m 1777 /top/run/tmp
$b mount -t tmpfs -o mode=1777 tmpfs /dev/shm
$b mount -t devpts devpts /dev/pts
$b mount -t cgroup2 cgroup2 /sys/fs/cgroup
$b ln -s /proc/self/fd /dev/fd
$b ln -s /proc/self/fd/0 /dev/stdin
$b ln -s /proc/self/fd/1 /dev/stdout
$b ln -s /proc/self/fd/2 /dev/stderr
$b mount -o move /job /top/run/vm
$b ip link set lo up
for port in /sys/class/virtio-ports/*; do
  read -r name <"$port/name"
  [ "$name" = vm.out ] && $b ln -s "${port##*/}" /dev/vm.out
done
for folder in proc sys dev; do $b mount -o move /$folder /top/$folder; done
$b cp /bin/busybox /top/run/busybox
# shellcheck disable=SC2154
exec $b switch_root /top /run/busybox sh "$second"
