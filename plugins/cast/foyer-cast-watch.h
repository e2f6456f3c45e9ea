/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-thread.h"

G_BEGIN_DECLS

/* What a thread waits for on behalf of an engine: its UDP socket, and the time
 * at which the engine wants to be asked again. Both ends of a stream have one.
 *
 * The owner's lock guards it; its function is called without that lock. */

typedef struct _FoyerCastWatch FoyerCastWatch;

/**
 * FoyerCastWatchFunc:
 * @ready: what the socket is ready for; 0 if only the time has come
 * @user_data: the owner's
 *
 * Called on the thread. It calls foyer_cast_watch_forget_time() before it looks
 * at the engine.
 */
typedef void (*FoyerCastWatchFunc) (GIOCondition ready, gpointer user_data);

/**
 * foyer_cast_watch_new:
 * @thread: where to wait
 * @fd: the socket; must outlive the watch
 * @func: called when there is something to do
 * @user_data: for @func; must outlive the watch
 *
 * Waits for something to read from now on.
 *
 * Returns: (transfer full): the watch
 */
FoyerCastWatch *foyer_cast_watch_new (FoyerCastThread *thread, int fd,
    FoyerCastWatchFunc func, gpointer user_data);

/**
 * foyer_cast_watch_wait_until:
 * @self: a watch
 * @deadline_us: on the engine's clock; %G_MAXINT64 for no time
 * @now_us: what that clock says now
 *
 * A time that is set only moves forward: a wake-up too early costs less than a
 * timer moved with each frame. Any thread.
 */
void foyer_cast_watch_wait_until (FoyerCastWatch *self, gint64 deadline_us,
    gint64 now_us);

/* The time has come, or does not matter now. On the thread, under the owner's
 * lock: what others set from then on holds. */
void foyer_cast_watch_forget_time (FoyerCastWatch *self);

/* Makes it call as soon as it can. Any thread. */
void foyer_cast_watch_wake (FoyerCastWatch *self);

/* Whether to wait for room to write, too. On the thread only. */
void foyer_cast_watch_set_wants_room (FoyerCastWatch *self,
    gboolean wants_room);

/* (transfer full) (nullable): no call begins after it */
void foyer_cast_watch_free (FoyerCastWatch *self);

G_END_DECLS
