/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-broker.h"
#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-house-private.h"

/* A session to a program: its worker gets the writing end of a link whose reading
 * end goes to the program, by way of whoever asked for it. */

static GError *
make_error (const FoyerRun *self)
{
  const FoyerReasonWords words = {
    .camera = self->camera_name,
    .target = self->display_name,
    .rule = self->rule,
  };

  return foyer_error_new_from_reason (self->reason != FOYER_REASON_NONE
          ? self->reason
          : FOYER_REASON_WORKER_DIED,
      &words);
}

static void
tell (FoyerRun *self, const GError *error)
{
  FoyerLinkTold told = self->link_told;

  self->link_told = NULL;
  told (self->id, g_steal_fd (&self->link), error, self->link_data);
}

void
foyer_run_set_link_told (FoyerRun *self, FoyerLinkTold told, gpointer user_data)
{
  self->link_told = told;
  self->link_data = user_data;
  if (self->link >= 0)
    tell (self, NULL);
}

void
foyer_run_drop_link (FoyerRun *self)
{
  g_autoptr (GError) error = NULL;

  foyer_fd_clear (&self->link);
  if (self->link_told == NULL)
    return;
  error = make_error (self);
  tell (self, error);
}

void
foyer_run_start_for_app (FoyerRun *self)
{
  FoyerMessage config = { .type = FOYER_MESSAGE_APP_CONFIG,
    .shape = self->cast.shape };
  g_autoptr (GError) error = NULL;
  int tally = foyer_run_make_worker (self, FOYER_WORKER_APP, &config);

  if (tally < 0)
    return;
  self->link = foyer_broker_open_outlet (&config, self->peer, tally, &error);
  if (self->link < 0) {
    g_warning ("session %" G_GUINT64_FORMAT ": %s", self->id.v, error->message);
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
  } else if (self->link_told != NULL) {
    tell (self, NULL);
  }
}
