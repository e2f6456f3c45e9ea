/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-node-host.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

/* Whether anybody reads a node. The newer module says so by an event of its own,
 * when a reader starts and stops streaming. The older one says nothing: there we
 * hear of every open and close, and then ask V4L2 itself. All who open a device
 * have the same priority unless they say otherwise; we give ours up, so that the
 * highest one that the device knows of is above ours just while somebody else
 * has it open. Opens and closes are not counted: inotify makes one of two that
 * are alike. */

/* By the module's numbering since 0.13, and before. */
static const guint32 usage_events[] = {
  V4L2_EVENT_PRIVATE_START + 0x08e00000 + 1,
  V4L2_EVENT_PRIVATE_START,
};

struct _FoyerNodeReaders
{
  int fd;       /* the node; not ours */
  int watch_fd; /* inotify, or -1 */
  guint watch;
  gboolean is_read;
  FoyerNodeReadersChanged changed;
  gpointer user_data;
};

static void
tell (FoyerNodeReaders *self, gboolean is_read)
{
  if (self->is_read == is_read)
    return;
  self->is_read = is_read;
  self->changed (is_read, self->user_data);
}

/* by event */

static gboolean
is_usage (guint32 type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usage_events); i++)
    if (usage_events[i] == type)
      return TRUE;
  return FALSE;
}

static gboolean
on_event (int fd, GIOCondition condition, gpointer user_data)
{
  FoyerNodeReaders *self = user_data;
  gboolean is_read = self->is_read;
  struct v4l2_event event;

  if ((condition & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)) != 0) {
    self->watch = 0;
    return G_SOURCE_REMOVE;
  }
  while (ioctl (fd, VIDIOC_DQEVENT, &event) == 0) {
    guint32 count;

    if (!is_usage (event.type))
      continue;
    memcpy (&count, event.u.data, sizeof count);
    is_read = count != 0;
    if (event.pending == 0)
      break;
  }
  tell (self, is_read);
  return G_SOURCE_CONTINUE;
}

static gboolean
subscribe (FoyerNodeReaders *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usage_events); i++) {
    struct v4l2_event_subscription subscription = { .type = usage_events[i],
      .flags = V4L2_EVENT_SUB_FL_SEND_INITIAL };

    if (ioctl (self->fd, VIDIOC_SUBSCRIBE_EVENT, &subscription) < 0)
      continue;
    self->watch = g_unix_fd_add (self->fd, G_IO_PRI, on_event, self);
    return TRUE;
  }
  return FALSE;
}

/* by opens and closes */

static void
ask (FoyerNodeReaders *self)
{
  enum v4l2_priority highest;

  if (ioctl (self->fd, VIDIOC_G_PRIORITY, &highest) == 0)
    tell (self, highest > V4L2_PRIORITY_BACKGROUND);
}

static gboolean
on_opened_or_closed (int fd, GIOCondition condition, gpointer user_data)
{
  FoyerNodeReaders *self = user_data;
  _Alignas(struct inotify_event) char events[4096];

  /* What they say is of no use; that something was said is. */
  while (read (fd, events, sizeof events) > 0)
    ;
  ask (self);
  return G_SOURCE_CONTINUE;
}

static void
listen_to_opens (FoyerNodeReaders *self, const char *path)
{
  enum v4l2_priority lowest = V4L2_PRIORITY_BACKGROUND;

  self->watch_fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (self->watch_fd < 0 ||
      inotify_add_watch (self->watch_fd, path, IN_OPEN | IN_CLOSE) < 0 ||
      /* EBUSY: it was given up already, and somebody is there. */
      (ioctl (self->fd, VIDIOC_S_PRIORITY, &lowest) < 0 && errno != EBUSY)) {
    g_warning ("nobody can tell whether %s is read: its camera stays closed",
        path);
    return;
  }
  self->watch = g_unix_fd_add (self->watch_fd, G_IO_IN, on_opened_or_closed,
      self);
  ask (self);
}

FoyerNodeReaders *
foyer_node_readers_new (int fd, const char *path,
    FoyerNodeReadersChanged changed, gpointer user_data)
{
  FoyerNodeReaders *self = g_new0 (FoyerNodeReaders, 1);

  self->fd = fd;
  self->watch_fd = -1;
  self->changed = changed;
  self->user_data = user_data;
  if (!subscribe (self))
    listen_to_opens (self, path);
  return self;
}

void
foyer_node_readers_free (FoyerNodeReaders *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->watch, g_source_remove);
  foyer_fd_clear (&self->watch_fd);
  g_free (self);
}
