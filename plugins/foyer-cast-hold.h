/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Holds back buffers that come before their time: those of a file, and all
 * while the pipeline does not play. A live camera's never are. */

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean is_playing;  /* lock */
  gboolean is_flushing; /* lock */
  GstClockID clock_id;  /* lock; (nullable): what is waited for */
} FoyerCastHold;

/* Neither playing nor flushing. */
void foyer_cast_hold_init (FoyerCastHold *self);

/* Any thread. */
void foyer_cast_hold_set_playing (FoyerCastHold *self, gboolean is_playing);

/* Any thread. While it flushes nobody waits. */
void foyer_cast_hold_set_flushing (FoyerCastHold *self, gboolean is_flushing);

/**
 * foyer_cast_hold_wait:
 * @self: a hold
 * @element: whose clock and base time count
 * @running_ns: running time of a buffer, or %GST_CLOCK_TIME_NONE
 *
 * Streaming thread. Waits until @element plays and that time has come.
 *
 * Returns: %FALSE if the hold is flushing
 */
gboolean foyer_cast_hold_wait (FoyerCastHold *self, GstElement *element,
    GstClockTime running_ns);

void foyer_cast_hold_clear (FoyerCastHold *self);

G_END_DECLS
