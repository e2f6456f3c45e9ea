/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

G_BEGIN_DECLS

/* The table of the worker channel: private to daemon/ipc and its tests. */

/* Kinds of worker as bits. A cast worker that was told to clean up, and no more,
 * is of a kind of its own; so are a loopback worker without a session, and a
 * camera's without a camera. */
enum
{
  FOYER_KIND_CAMERA = 1 << 0,
  FOYER_KIND_CAST = 1 << 1,
  FOYER_KIND_CLEANER = 1 << 2,
  FOYER_KIND_LOOPBACK = 1 << 3,
  FOYER_KIND_SLATE = 1 << 4,
  FOYER_KIND_STANDING = 1 << 5,
  FOYER_KIND_APP = 1 << 6,
  FOYER_KIND_PROBER = 1 << 7,
};

/**
 * FoyerChannelRule:
 * @type: what is said
 * @name: for logs
 * @is_from_worker: who says it
 * @is_once: and not again
 * @kinds: to or by which kinds of worker, a bit each
 * @after: types one of which must have been said before, by either; 0 for none
 * @never_after: types of the *same* end after which it is not said
 * @forgets: types that count as not said from here on
 * @phase: the phase after it, unless a later one was reached
 * @fields: a bit for each #FoyerMessageField
 * @min_fds: descriptors that come along, at least
 * @max_fds: and at most
 *
 * One line of the table; a type may have several, for kinds that differ.
 */
typedef struct
{
  FoyerMessageType type;
  const char *name;
  gboolean is_from_worker;
  gboolean is_once;
  guint8 kinds;
  guint64 after;
  guint64 never_after;
  guint64 forgets;
  FoyerPhase phase;
  guint32 fields;
  guint8 min_fds;
  guint8 max_fds;
} FoyerChannelRule;

/**
 * foyer_channel_get_rules:
 * @n_rules: (out): how many
 *
 * Returns: (transfer none) (array length=n_rules): the table
 */
const FoyerChannelRule *foyer_channel_get_rules (guint *n_rules);

/**
 * foyer_channel_find_rule:
 * @type: what is said
 * @kinds: of worker, a bit each
 *
 * Returns: (nullable) (transfer none): the first rule about it
 */
const FoyerChannelRule *foyer_channel_find_rule (FoyerMessageType type,
    guint kinds);

G_END_DECLS
