/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-app-worker.h"

int
main (void)
{
  foyer_app_worker_run ();
}
