/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-slate-worker.h"

int
main (void)
{
  foyer_slate_worker_run ();
}
