/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Puts together what several places know of one frame, by its presentation
 * time: when it came, what its mark says, when it was shown. Pure, but for
 * GstStructure. Any thread may call; the caller serialises. */

/* Frames between arrival and show: the longest target delay, and some. */
#define FOYER_FRAME_LOG_FRAMES 1024

/**
 * FoyerFrame:
 * @pts_ns: its presentation time, which tells it from others
 * @session: number of the session
 * @frame_id: its number in the session
 * @complete_ns: when its last packet came; times are CLOCK_MONOTONIC
 * @decoded_ns: when it was decoded and looked at; 0 if not yet
 * @is_readable: it has a mark, whose words follow
 * @camera: of the mark
 * @number: of the mark
 * @capture_ns: of the mark
 */
typedef struct
{
  guint64 pts_ns;
  guint64 session;
  guint64 frame_id;
  guint64 complete_ns;
  guint64 decoded_ns;
  gboolean is_readable;
  guint camera;
  guint64 number;
  guint64 capture_ns;
} FoyerFrame;

typedef struct
{
  FoyerFrame frames[FOYER_FRAME_LOG_FRAMES];
  guint next;
  guint n_frames;
} FoyerFrameLog;

/**
 * FoyerFrameShown:
 * @shown_ns: when it was shown, CLOCK_MONOTONIC
 * @width_px: of the decoded picture
 * @height_px: likewise
 * @codec: how it was coded
 */
typedef struct
{
  guint64 shown_ns;
  guint width_px;
  guint height_px;
  const char *codec;
} FoyerFrameShown;

/* A frame came; the oldest is forgotten when there are too many. */
void foyer_frame_log_add (FoyerFrameLog *self, const FoyerFrame *frame);

/**
 * foyer_frame_log_note_mark:
 * @self: a log
 * @mark: a foyermarkread's message
 *
 * Returns: %FALSE if it is of no frame that came
 */
gboolean foyer_frame_log_note_mark (FoyerFrameLog *self,
    const GstStructure *mark);

/* (transfer none) (nullable): the frame with that presentation time */
const FoyerFrame *foyer_frame_log_find (const FoyerFrameLog *self,
    guint64 pts_ns);

/* Forgets all: the session is over. */
void foyer_frame_log_clear (FoyerFrameLog *self);

/**
 * foyer_frame_print:
 * @frame: what is known of it
 * @shown: what showing it added
 *
 * Returns: (transfer full): one line of JSON, without its end
 */
char *foyer_frame_print (const FoyerFrame *frame, const FoyerFrameShown *shown);

G_END_DECLS
