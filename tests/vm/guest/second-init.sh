# shellcheck shell=dash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Process 1 once the root file system stands: starts udevd, runs the job of the
# harness and switches the machine off with its status.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TMPDIR=/run/tmp LANG=C.UTF-8
b=/run/busybox

# A restored snapshot wakes with the clock and the chance of when it was saved.
$b date -s "@$($b cat /run/vm/now)" >/dev/null
$b cat /run/vm/seed >/dev/urandom
$b hostname foyer-vm

# Before any driver is loaded, so that no (slow) trigger is needed.
$b mkdir -p /run/udev
/lib/systemd/systemd-udevd --daemon >/dev/ttyS0 2>&1

$b setsid bash /run/vm/job.sh </dev/null >/dev/vm.out 2>&1 &
wait $!
status=$?
echo $status >/run/vm/status
$b dmesg >/run/vm/dmesg.log
# isa-debug-exit: the machine ends at once.
printf '\0' | $b dd of=/dev/port bs=1 seek=$((0x501)) 2>/dev/null
$b poweroff -f
