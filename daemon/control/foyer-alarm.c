/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-alarm.h"

#include "foyer-fd.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdint.h>
#include <sys/timerfd.h>

struct _FoyerAlarm
{
  void (*ring) (gpointer user_data);
  gpointer user_data;
  GSource *source; /* owned */
  int wall; /* a timer that is never due, but cancelled by a clock jump */
  guint wall_watch;
};

static gboolean
on_due (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = on_due };

static gboolean
on_ring (gpointer user_data)
{
  FoyerAlarm *self = user_data;

  self->ring (self->user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
watch_wall (FoyerAlarm *self)
{
  /* timerfd_create(2): CANCEL_ON_SET needs an absolute CLOCK_REALTIME timer. */
  const struct itimerspec never = { .it_value.tv_sec = INT32_MAX };

  return timerfd_settime (self->wall,
             TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) == 0 ||
      errno == ECANCELED;
}

static gboolean
on_wall (int fd, GIOCondition condition, gpointer user_data)
{
  FoyerAlarm *self = user_data;
  guint64 n_times;

  if (read (fd, &n_times, sizeof n_times) < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  if (!watch_wall (self)) {
    g_warning ("clock jumps are not noticed: %s", g_strerror (errno));
    self->wall_watch = 0;
    return G_SOURCE_REMOVE;
  }
  self->ring (self->user_data);
  return G_SOURCE_CONTINUE;
}

FoyerAlarm *
foyer_alarm_new (void (*ring) (gpointer user_data), gpointer user_data)
{
  FoyerAlarm *self = g_new0 (FoyerAlarm, 1);

  self->ring = ring;
  self->user_data = user_data;
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "foyer-alarm");
  g_source_set_callback (self->source, on_ring, self, NULL);
  /* What is due comes before what is new. */
  g_source_set_priority (self->source, G_PRIORITY_HIGH);
  g_source_attach (self->source, NULL);
  self->wall = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (self->wall >= 0 && watch_wall (self))
    self->wall_watch = g_unix_fd_add (self->wall, G_IO_IN, on_wall, self);
  return self;
}

void
foyer_alarm_set (FoyerAlarm *self, gint64 due_us)
{
  g_source_set_ready_time (self->source, due_us > 0 ? due_us : -1);
}

void
foyer_alarm_free (FoyerAlarm *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_clear_handle_id (&self->wall_watch, g_source_remove);
  foyer_fd_clear (&self->wall);
  g_free (self);
}
