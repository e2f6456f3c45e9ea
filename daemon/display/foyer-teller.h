/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What foyer-display says on its standard output: in sentences, or as one JSON
 * object a line. Pure. */

/**
 * FoyerTellerStart:
 * @name: what the display calls itself
 * @address: where it listens
 * @port: TCP port
 * @fingerprint: of its key
 * @ca_file: its root certificate
 */
typedef struct
{
  const char *name;
  const char *address;
  guint port;
  const char *fingerprint;
  const char *ca_file;
} FoyerTellerStart;

/* (transfer full): the line that it listens */
char *foyer_teller_dup_start (const FoyerTellerStart *start, gboolean is_json);

/* (transfer full): the line that a session begins or is over, from
 * foyercastsrc's message */
char *foyer_teller_dup_session (const GstStructure *session, gboolean is_json);

/* Packets of sound that came since the beginning, of whatever sessions, and their
 * bytes. */
typedef struct
{
  guint64 n_packets;
  guint64 n_bytes;
} FoyerTellerSound;

/**
 * foyer_teller_dup_media:
 * @number: of what was loaded
 * @word: what it does: "loading", "playing", "paused", "ended", "failed"
 * @problem: (nullable): why it failed
 * @is_json: as JSON
 *
 * Returns: (transfer full): the line that the player does something else
 */
char *foyer_teller_dup_media (guint64 number, const char *word,
    const char *problem, gboolean is_json);

/**
 * foyer_teller_dup_figures:
 * @stats: foyercastsrc's stats now
 * @before: (nullable): and the last time
 * @sound: what came of it
 * @period_us: time between
 *
 * Returns: (transfer full): the JSON line of figures
 */
char *foyer_teller_dup_figures (const GstStructure *stats,
    const GstStructure *before, const FoyerTellerSound *sound,
    gint64 period_us);

G_END_DECLS
