/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-worker.h"

int
main (void)
{
  foyer_cast_worker_run ();
}
