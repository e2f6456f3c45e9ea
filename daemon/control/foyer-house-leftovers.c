/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house-private.h"
#include "foyer-residue.h"

/* A display that an earlier foyerd left as it was, and who cleans it up. */
typedef struct
{
  FoyerHouse *house;
  guint64 session;
  FoyerTargetId display;
  char *app;
  FoyerErrand *errand;
} Leftover;

static void
leftover_free (gpointer data)
{
  Leftover *self = data;

  foyer_starts_leave (self->house->cleaners, self);
  foyer_errand_free (self->errand);
  g_free (self->app);
  g_free (self);
}

static void
on_done (const FoyerErrandResult *result, gpointer user_data)
{
  Leftover *self = user_data;
  FoyerHouse *house = self->house;

  if (!result->is_done)
    g_warning ("cleaning up after session %" G_GUINT64_FORMAT ": %s",
        self->session, result->words);
  foyer_residue_drop (house->parts.run_folder, self->session);
  g_ptr_array_remove_fast (house->leftovers, self);
}

static void
go_clean (gpointer owner)
{
  Leftover *self = owner;
  const FoyerHouseParts *parts = &self->house->parts;
  const FoyerDisplayEntry *display = foyer_displays_find (parts->displays,
      self->display);

  if (display == NULL) {
    g_ptr_array_remove_fast (self->house->leftovers, self);
    return;
  }
  self->errand = foyer_errand_new (parts->launcher, parts->roots, display,
      (FoyerSessionId){ self->session }, self->app, on_done, self);
}

void
foyer_house_clean_leftovers (FoyerHouse *self, const FoyerDisplayEntry *display)
{
  if (self->residues == NULL) {
    self->residues = foyer_residue_load (self->parts.run_folder);
    self->leftovers = g_ptr_array_new_with_free_func (leftover_free);
  }
  if (display->hosts == NULL || display->hosts[0] == NULL)
    return;
  for (guint i = 0; i < self->residues->len;) {
    FoyerResidue *residue = self->residues->pdata[i];
    Leftover *leftover;

    if (!g_str_equal (residue->display, display->identity)) {
      i++;
      continue;
    }
    leftover = g_new0 (Leftover, 1);
    leftover->house = self;
    leftover->session = residue->session;
    leftover->display = display->id;
    leftover->app = g_strdup (residue->app);
    g_ptr_array_remove_index_fast (self->residues, i);
    g_ptr_array_add (self->leftovers, leftover);
    foyer_starts_enter (self->cleaners, leftover, go_clean);
  }
}

void
foyer_house_free_leftovers (FoyerHouse *self)
{
  g_clear_pointer (&self->leftovers, g_ptr_array_unref);
  g_clear_pointer (&self->residues, g_ptr_array_unref);
}
