/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-wait-src.h"

#include <errno.h>

typedef struct
{
  GstPoll *poll;     /* owned */
  GstPollFD poll_fd; /* start and stop */
} FoyerWaitSrcPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (FoyerWaitSrc, foyer_wait_src,
    GST_TYPE_PUSH_SRC)

static FoyerWaitSrcPrivate *
get_private (gpointer self)
{
  return foyer_wait_src_get_instance_private (FOYER_WAIT_SRC (self));
}

static gboolean
foyer_wait_src_unlock (GstBaseSrc *base)
{
  gst_poll_set_flushing (get_private (base)->poll, TRUE);
  return TRUE;
}

static gboolean
foyer_wait_src_unlock_stop (GstBaseSrc *base)
{
  gst_poll_set_flushing (get_private (base)->poll, FALSE);
  return TRUE;
}

static gboolean
foyer_wait_src_is_seekable (GstBaseSrc *base)
{
  return FALSE;
}

static void
foyer_wait_src_finalize (GObject *object)
{
  gst_poll_free (get_private (object)->poll);
  G_OBJECT_CLASS (foyer_wait_src_parent_class)->finalize (object);
}

static void
foyer_wait_src_class_init (FoyerWaitSrcClass *klass)
{
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = foyer_wait_src_finalize;
  base_class->unlock = foyer_wait_src_unlock;
  base_class->unlock_stop = foyer_wait_src_unlock_stop;
  base_class->is_seekable = foyer_wait_src_is_seekable;
}

static void
foyer_wait_src_init (FoyerWaitSrc *self)
{
  FoyerWaitSrcPrivate *private = get_private (self);

  private->poll = gst_poll_new (TRUE);
  gst_poll_fd_init (&private->poll_fd);
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}

void
foyer_wait_src_watch (FoyerWaitSrc *self, int fd)
{
  FoyerWaitSrcPrivate *private = get_private (self);

  private->poll_fd.fd = fd;
  gst_poll_add_fd (private->poll, &private->poll_fd);
  gst_poll_fd_ctl_read (private->poll, &private->poll_fd, TRUE);
}

void
foyer_wait_src_unwatch (FoyerWaitSrc *self)
{
  FoyerWaitSrcPrivate *private = get_private (self);

  gst_poll_remove_fd (private->poll, &private->poll_fd);
  gst_poll_fd_init (&private->poll_fd);
}

GstFlowReturn
foyer_wait_src_wait (FoyerWaitSrc *self)
{
  if (gst_poll_wait (get_private (self)->poll, GST_CLOCK_TIME_NONE) >= 0)
    return GST_FLOW_OK;
  if (errno == EBUSY)
    return GST_FLOW_FLUSHING;
  return errno == EAGAIN || errno == EINTR ? GST_FLOW_OK : GST_FLOW_ERROR;
}
