/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-watch.h"

#include "foyer-clock.h"

#define NO_TIME G_MAXINT64

struct _FoyerCastWatch
{
  GSource source; /* first: it is the source */
  FoyerCastWatchFunc func;
  gpointer user_data;
  gpointer fd_tag;
  gint64 wake_us; /* machine's time that it wakes at */
};

/* The timer runs on the machine's time, the engine on its owner's. */
static void
set_wake_us (FoyerCastWatch *self, gint64 wake_us)
{
  self->wake_us = wake_us;
  g_source_set_ready_time (&self->source, wake_us == NO_TIME ? -1 : wake_us);
}

static gboolean
on_ready (GSource *source, GSourceFunc callback, gpointer user_data)
{
  FoyerCastWatch *self = (FoyerCastWatch *) source;

  self->func (g_source_query_unix_fd (source, self->fd_tag), self->user_data);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = on_ready };

FoyerCastWatch *
foyer_cast_watch_new (FoyerCastThread *thread, int fd, FoyerCastWatchFunc func,
    gpointer user_data)
{
  GSource *source = g_source_new (&source_funcs, sizeof (FoyerCastWatch));
  FoyerCastWatch *self = (FoyerCastWatch *) source;

  self->func = func;
  self->user_data = user_data;
  self->fd_tag = g_source_add_unix_fd (source, fd, G_IO_IN);
  self->wake_us = NO_TIME;
  g_source_attach (source, foyer_cast_thread_get_context (thread));
  return self;
}

void
foyer_cast_watch_wait_until (FoyerCastWatch *self, gint64 deadline_us,
    gint64 now_us)
{
  gint64 wake_us;

  if (deadline_us == G_MAXINT64)
    return;
  wake_us = foyer_clock_get_us (foyer_clock_get_system ()) +
      MAX (deadline_us - now_us, 0);
  if (wake_us < self->wake_us)
    set_wake_us (self, wake_us);
}

void
foyer_cast_watch_forget_time (FoyerCastWatch *self)
{
  set_wake_us (self, NO_TIME);
}

void
foyer_cast_watch_wake (FoyerCastWatch *self)
{
  set_wake_us (self, 0);
}

void
foyer_cast_watch_set_wants_room (FoyerCastWatch *self, gboolean wants_room)
{
  g_source_modify_unix_fd (&self->source, self->fd_tag,
      wants_room ? G_IO_IN | G_IO_OUT : G_IO_IN);
}

void
foyer_cast_watch_free (FoyerCastWatch *self)
{
  if (self == NULL)
    return;
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}
