/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-house.h"

G_BEGIN_DECLS

/* Sessions that are to be kept: when one ends by itself, another is asked for
 * after a while, as the same subject, for the same camera and display, with a
 * full new decision. It is another session in every respect. Main thread. */

#define FOYER_KEEPER_FIRST_MS 1000
#define FOYER_KEEPER_LAST_MS  (60 * 1000)
#define FOYER_KEEPER_GOOD_US  (G_USEC_PER_SEC * 60) /* then it begins anew */

typedef struct _FoyerKeeper FoyerKeeper;

/**
 * FoyerKeeperAsk:
 * @cast: what was asked for the last time
 * @id: (out): the new session
 * @reason: (out): why it was refused, if it was
 * @user_data: whatever
 *
 * Asks for a session; %FALSE if it was refused.
 */
typedef gboolean (*FoyerKeeperAsk) (const FoyerCast *cast, FoyerSessionId *id,
    FoyerReason *reason, gpointer user_data);

/**
 * foyer_keeper_new:
 * @ask: asks for a session
 * @over: called when nobody waits any more in the place of that session
 * @user_data: for both
 *
 * Returns: (transfer full): one that keeps nothing
 */
FoyerKeeper *foyer_keeper_new (FoyerKeeperAsk ask,
    void (*over) (FoyerSessionId id, gpointer user_data), gpointer user_data);

/* Whether another try may help after an end for that reason. */
gboolean foyer_keeper_is_final (FoyerReason reason);

/**
 * foyer_keeper_take:
 * @self: a keeper
 * @id: of the session that ended
 * @cast: what it was
 * @reason: why it ended
 * @lasted_us: how long it was live
 *
 * Returns: %TRUE if another will be asked for
 */
gboolean foyer_keeper_take (FoyerKeeper *self, FoyerSessionId id,
    const FoyerCast *cast, FoyerReason reason, gint64 lasted_us);

/**
 * foyer_keeper_follow:
 * @self: a keeper
 * @id: of the session that ended
 * @cast: what is to follow, kept or not
 *
 * Asks for another at once.
 */
void foyer_keeper_follow (FoyerKeeper *self, FoyerSessionId id,
    const FoyerCast *cast);

/* Nobody wants another after that one: %FALSE if nobody waited for it. */
gboolean foyer_keeper_drop (FoyerKeeper *self, FoyerSessionId id);

/* Nor after any. */
void foyer_keeper_drop_all (FoyerKeeper *self);

/* How long to wait before the next try: back-off without jitter. */
guint foyer_keeper_get_delay_ms (guint n_tries);

/* (transfer full) (nullable) */
void foyer_keeper_free (FoyerKeeper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerKeeper, foyer_keeper_free)

G_END_DECLS
