/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-displays.h"
#include "foyer-launcher.h"

G_BEGIN_DECLS

/* A short visit to a display by a cast worker that never gets a link: to ask who
 * it is, to end an app that a killed worker left there, or to ask or say how loud it
 * is. Main thread. */

#define FOYER_ERRAND_LIMIT_MS 7000 /* dialling has five seconds of its own */

/**
 * FoyerVolume:
 * @has_level: @level_permille counts
 * @level_permille: how loud, up to 1000
 * @has_muted: @is_muted counts
 * @is_muted: the sound is off
 */
typedef struct
{
  gboolean has_level;
  guint16 level_permille;
  gboolean has_muted;
  gboolean is_muted;
} FoyerVolume;

/**
 * FoyerErrandResult:
 * @is_done: it did what it was sent for
 * @has_identity: the display said who it is
 * @key: SHA-256 of its key
 * @has_signed: it signed with it
 * @has_chain: the chain leads to a trusted root
 * @text: what its certificate calls it
 * @volume: how loud it is, if it was sent for that
 * @words: (nullable): what went wrong
 */
typedef struct
{
  gboolean is_done;
  gboolean has_identity;
  guint8 key[FOYER_CORE_KEY_BYTES];
  gboolean has_signed;
  gboolean has_chain;
  char text[FOYER_CHANNEL_TEXT_BYTES];
  FoyerVolume volume;
  const char *words;
} FoyerErrandResult;

typedef void (
    *FoyerErrandDone) (const FoyerErrandResult *result, gpointer user_data);

typedef struct _FoyerErrand FoyerErrand;

/**
 * foyer_errand_new:
 * @launcher: (transfer none): lives longer
 * @roots: (nullable): file of trusted roots to hand to the worker; lives longer
 * @display: (transfer none): where to, and whose key it must have
 * @session: for which session; for the log
 * @app: (nullable): app to end there; %NULL to ask who it is and no more
 * @done: called once, never before this returned; the errand may be freed in it
 * @user_data: for it
 *
 * An app is ended only on the display that has the paired key.
 *
 * Returns: (transfer full): an errand under way
 */
FoyerErrand *foyer_errand_new (const FoyerLauncher *launcher, const char *roots,
    const FoyerDisplayEntry *display, FoyerSessionId session, const char *app,
    FoyerErrandDone done, gpointer user_data);

/* Right after it was made, with no app: it is sent to the display with the paired key to
 * say how loud that is to be, and to ask. */
void foyer_errand_set_volume (FoyerErrand *self, const FoyerVolume *volume);

/* (transfer full) (nullable): gives it up; its worker is no more */
void foyer_errand_free (FoyerErrand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerErrand, foyer_errand_free)

G_END_DECLS
