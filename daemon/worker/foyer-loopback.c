/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-loopback-worker.h"

int
main (void)
{
  foyer_loopback_worker_run ();
}
