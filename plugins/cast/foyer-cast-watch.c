/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-watch.h"

#include "foyer-clock.h"

#define NO_TIME G_MAXINT64

/* A frame comes and its feedback goes thirty times a second in each of many
 * sessions, and GLib's usual ways would double what that costs: it has a context
 * poll once more if a source's time is set, even from within, and twice if a
 * source may not recurse. So the time stands here and is looked at before each
 * poll; another thread alone has to wake this one to have it seen. */
struct _FoyerCastWatch
{
  GSource source; /* first: it is the source */
  FoyerCastWatchFunc func;
  gpointer user_data;
  gpointer fd_tag;
  gboolean wants_room; /* thread */
  GMutex lock;         /* for what follows */
  gint64 wake_us;      /* machine's time that it wakes at */
};

static gint64
get_machine_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static gint64
get_wake_us (FoyerCastWatch *self)
{
  gint64 wake_us;

  g_mutex_lock (&self->lock);
  wake_us = self->wake_us;
  g_mutex_unlock (&self->lock);
  return wake_us;
}

static gboolean
watch_prepare (GSource *source, int *timeout_ms)
{
  gint64 wake_us = get_wake_us ((FoyerCastWatch *) source);
  gint64 left_us = wake_us - get_machine_us ();

  *timeout_ms = -1;
  if (wake_us != NO_TIME)
    *timeout_ms = (int) CLAMP ((left_us + 999) / 1000, 0, G_MAXINT);
  return *timeout_ms == 0;
}

static gboolean
watch_check (GSource *source)
{
  FoyerCastWatch *self = (FoyerCastWatch *) source;
  gint64 wake_us;

  if (g_source_query_unix_fd (source, self->fd_tag) != 0)
    return TRUE;
  wake_us = get_wake_us (self);
  return wake_us != NO_TIME && wake_us <= get_machine_us ();
}

static gboolean
watch_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  FoyerCastWatch *self = (FoyerCastWatch *) source;

  self->func (g_source_query_unix_fd (source, self->fd_tag), self->user_data);
  return G_SOURCE_CONTINUE;
}

static void
watch_finalize (GSource *source)
{
  g_mutex_clear (&((FoyerCastWatch *) source)->lock);
}

static GSourceFuncs source_funcs = { .prepare = watch_prepare,
  .check = watch_check,
  .dispatch = watch_dispatch,
  .finalize = watch_finalize };

FoyerCastWatch *
foyer_cast_watch_new (FoyerCastThread *thread, int fd, FoyerCastWatchFunc func,
    gpointer user_data)
{
  GSource *source = g_source_new (&source_funcs, sizeof (FoyerCastWatch));
  FoyerCastWatch *self = (FoyerCastWatch *) source;

  self->func = func;
  self->user_data = user_data;
  self->fd_tag = g_source_add_unix_fd (source, fd, G_IO_IN);
  g_mutex_init (&self->lock);
  self->wake_us = NO_TIME;
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, foyer_cast_thread_get_context (thread));
  return self;
}

/* The timer runs on the machine's time, the engine on its owner's. */
static void
wake_at (FoyerCastWatch *self, gint64 wake_us)
{
  GMainContext *context = g_source_get_context (&self->source);
  gboolean is_sooner;

  g_mutex_lock (&self->lock);
  is_sooner = wake_us < self->wake_us;
  if (is_sooner)
    self->wake_us = wake_us;
  g_mutex_unlock (&self->lock);
  if (is_sooner && !g_main_context_is_owner (context))
    g_main_context_wakeup (context);
}

void
foyer_cast_watch_wait_until (FoyerCastWatch *self, gint64 deadline_us,
    gint64 now_us)
{
  if (deadline_us != NO_TIME)
    wake_at (self, get_machine_us () + MAX (deadline_us - now_us, 0));
}

void
foyer_cast_watch_forget_time (FoyerCastWatch *self)
{
  g_mutex_lock (&self->lock);
  self->wake_us = NO_TIME;
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_watch_wake (FoyerCastWatch *self)
{
  wake_at (self, 0);
}

void
foyer_cast_watch_set_wants_room (FoyerCastWatch *self, gboolean wants_room)
{
  if (self->wants_room == wants_room)
    return;
  self->wants_room = wants_room;
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
