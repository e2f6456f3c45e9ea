/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house-private.h"

/* A session on a node: its worker gets the node's device, which comes back clean
 * before anybody is told that the session is silent. */

void
foyer_run_start_on_node (FoyerRun *self)
{
  FoyerExposure *exposure = foyer_house_find_exposure (self->house,
      self->cast.display);
  FoyerMessage config = { .type = FOYER_MESSAGE_LOOPBACK_CONFIG };
  int node = exposure != NULL ? foyer_exposure_lend (exposure, &config.shape)
                              : -1;

  if (node < 0)
    foyer_run_kill (self, FOYER_REASON_TARGET_GONE);
  else
    foyer_run_launch (self, FOYER_WORKER_LOOPBACK, &config, &node, 1);
}

gboolean
foyer_run_give_back_node (FoyerRun *self, FoyerReason reason)
{
  FoyerExposure *exposure = foyer_house_find_exposure (self->house,
      self->cast.display);

  return exposure != NULL &&
      foyer_exposure_take_back (exposure, self->id, reason);
}
