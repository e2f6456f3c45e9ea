/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A thread with a main context of its own, which is that thread's default. It
 * runs until foyer_cast_thread_join(), and then for as long as somebody holds
 * it: an asynchronous GIO call that is under way needs its context to end in. */

typedef struct _FoyerCastThread FoyerCastThread;

/**
 * foyer_cast_thread_new:
 * @name: for debuggers, 15 letters at most
 *
 * Returns: (transfer full): the thread, running
 */
FoyerCastThread *foyer_cast_thread_new (const char *name);

/* Its context; sources may be attached from any thread. */
GMainContext *foyer_cast_thread_get_context (const FoyerCastThread *self);

/**
 * foyer_cast_thread_invoke:
 * @self: a thread
 * @func: called once on the thread, later
 * @data: (transfer full): for @func
 * @destroy: (nullable): frees @data, also if @func is never called
 *
 * Calls are made in order. Any thread.
 */
void foyer_cast_thread_invoke (FoyerCastThread *self, void (*func) (gpointer),
    gpointer data, GDestroyNotify destroy);

/* Keeps the thread running after _join was called. On the thread only. */
void foyer_cast_thread_hold (FoyerCastThread *self);
void foyer_cast_thread_release (FoyerCastThread *self);

/**
 * foyer_cast_thread_join:
 * @self: a thread
 *
 * Waits until nobody holds it any more and it has ended; what is invoked after
 * that is never called. May be called twice. Not on the thread.
 */
void foyer_cast_thread_join (FoyerCastThread *self);

/* (transfer full) (nullable): joins it first; when nobody can invoke on it */
void foyer_cast_thread_free (FoyerCastThread *self);

/* A one-shot timer of that thread. Zeroed is idle. On the thread only. */
typedef struct
{
  GSource *source; /* owned, attached */
} FoyerCastTimer;

/**
 * foyer_cast_timer_set:
 * @self: a timer; what it was set to before is forgotten
 * @thread: whose
 * @ms: how long from now, in milliseconds
 * @func: called once
 * @data: for @func; must outlive the timer
 */
void foyer_cast_timer_set (FoyerCastTimer *self, FoyerCastThread *thread,
    guint ms, void (*func) (gpointer), gpointer data);

void foyer_cast_timer_clear (FoyerCastTimer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastTimer, foyer_cast_timer_clear)

G_END_DECLS
