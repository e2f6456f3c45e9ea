/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-channel.h"
#include "foyer-cast-launch.h"

G_BEGIN_DECLS

/* What errands have in common that ask something of a display's platform, over a
 * channel that somebody else owns and feeds: a virtual connection, and when to ask
 * again. What is said is decided elsewhere (foyer-cast-clean.h, foyer-cast-volume.h).
 * On the thread of the channel. */

typedef struct
{
  FoyerCastThread *thread;
  FoyerCastChannel *channel;
  void (*on_deadline) (gpointer user_data);
  gpointer user_data;
  FoyerCastTimer timer;
} FoyerCastTalk;

/* The machine's time, on which conversations run. */
gint64 foyer_cast_talk_get_now_us (void);

/**
 * foyer_cast_talk_begin:
 * @self: zeroed
 * @thread: (transfer none): where it lives
 * @channel: (transfer none): open and authenticated; must outlive it
 * @on_deadline: it is time to decide what is to be said
 * @user_data: for it
 *
 * Opens the virtual connection.
 */
void foyer_cast_talk_begin (FoyerCastTalk *self, FoyerCastThread *thread,
    FoyerCastChannel *channel, void (*on_deadline) (gpointer user_data),
    gpointer user_data);

/**
 * foyer_cast_talk_go_on:
 * @self: one that has begun
 * @text: (transfer full) (nullable): to be said
 * @state: of what decides
 * @deadline_us: when it decides again, if it is running
 *
 * Returns: @state
 */
FoyerCastControlState foyer_cast_talk_go_on (FoyerCastTalk *self, char *text,
    FoyerCastControlState state, gint64 deadline_us);

/* Closes the virtual connection. */
void foyer_cast_talk_end (FoyerCastTalk *self);

G_END_DECLS
