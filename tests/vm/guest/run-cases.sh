# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the cases in /run/vm/cases, a line each: name, limit in seconds, program,
# generation of v4l2loopback and its module. Tells the harness when each begins
# and ends; NAME.tap is what it printed, NAME.log what it complained of.

# What a case may have left running or loaded is no business of the next one.
clean_up ()
{
  kill -KILL -- "-$1" 2>/dev/null
  for driver in vivid vimc v4l2loopback uvcvideo vhci_hcd; do
    [ ! -d "/sys/module/$driver" ] || rmmod "$driver"
  done
}

while read -r name limit program generation module <&3; do
  echo "begin $name"
  dmesg -C
  FOYER_LOOPBACK=$generation FOYER_LOOPBACK_MODULE=$module \
    setsid timeout -k 5 "$limit" "$program" \
    >"/run/vm/$name.tap" 2>"/run/vm/$name.log" </dev/null 3<&- &
  wait $!
  status=$?
  clean_up $! 2>>"/run/vm/$name.log"
  dmesg >"/run/vm/$name.dmesg"
  if grep -qE 'Oops|BUG:|general protection|Kernel panic' "/run/vm/$name.dmesg"
  then
    echo 'not ok - the kernel had no trouble' >>"/run/vm/$name.tap"
  fi
  echo "end $name $status"
done 3</run/vm/cases
