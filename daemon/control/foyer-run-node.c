/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house-private.h"

/* A session on a node: its worker gets the node's device, which comes back clean
 * before anybody is told that the session is silent. */

static void
fill_config (const FoyerRun *self, const FoyerShape *shape,
    FoyerMessage *config)
{
  const FoyerSession *session = foyer_core_find_session (self->house->core,
      self->id);

  *config = (FoyerMessage){
    .type = FOYER_MESSAGE_LOOPBACK_CONFIG,
    .session = self->id,
    .camera = self->cast.camera,
    .generation = self->generation,
    .granted_us = self->granted_us,
    .ends_us = session != NULL ? session->ends_us : 0,
    .max_age_us = (gint64) self->cast.max_age_ms * 1000,
    .shape = *shape,
  };
  g_strlcpy (config->text, self->camera_name, sizeof config->text);
}

void
foyer_run_start_on_node (FoyerRun *self, const FoyerPeerEvents *events)
{
  FoyerExposure *exposure = foyer_house_find_exposure (self->house,
      self->cast.display);
  const FoyerBirth birth = {
    .session = self->id,
    .camera = self->cast.camera,
    .generation = self->generation,
  };
  g_autoptr (GError) error = NULL;
  FoyerMessage config;
  FoyerShape shape;
  int node = exposure != NULL ? foyer_exposure_lend (exposure, &shape) : -1;

  if (node < 0) {
    foyer_run_kill (self, FOYER_REASON_TARGET_GONE);
    return;
  }
  self->peer = foyer_peer_new (self->house->parts.launcher,
      FOYER_WORKER_LOOPBACK, &birth, events, self, &error);
  if (self->peer == NULL) {
    g_warning ("session %" G_GUINT64_FORMAT ": %s", self->id.v, error->message);
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
    return;
  }
  fill_config (self, &shape, &config);
  if (!foyer_peer_send (self->peer, &config, &node, 1))
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
}

gboolean
foyer_run_give_back_node (FoyerRun *self, FoyerReason reason)
{
  FoyerExposure *exposure = foyer_house_find_exposure (self->house,
      self->cast.display);

  return exposure != NULL &&
      foyer_exposure_take_back (exposure, self->id, reason);
}
