/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-worker.h"

int
main (void)
{
  foyer_camera_worker_run ();
}
