/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

/* A live source that waits for a descriptor, and stops to wait when it is to: what
 * foyerlinksrc and the source of a microphone have in common. Abstract; it can't be
 * sought in, and its time is time. */

#define FOYER_TYPE_WAIT_SRC (foyer_wait_src_get_type ())
G_DECLARE_DERIVABLE_TYPE (FoyerWaitSrc, foyer_wait_src, FOYER, WAIT_SRC,
    GstPushSrc)

struct _FoyerWaitSrcClass
{
  GstPushSrcClass parent_class;
};

/* @fd: (transfer none): what foyer_wait_src_wait() waits for, until it is told
 * otherwise; for a subclass that starts */
void foyer_wait_src_watch (FoyerWaitSrc *self, int fd);

/* Nothing any more; for a subclass that stops. */
void foyer_wait_src_unwatch (FoyerWaitSrc *self);

/**
 * foyer_wait_src_wait:
 * @self: a source, on its streaming thread
 *
 * Returns: %GST_FLOW_OK when there may be something to read, also for nothing;
 *   %GST_FLOW_FLUSHING when it is to stop; %GST_FLOW_ERROR if it can't be waited for
 */
GstFlowReturn foyer_wait_src_wait (FoyerWaitSrc *self);

G_END_DECLS
