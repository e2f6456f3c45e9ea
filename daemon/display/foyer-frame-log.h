/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Puts together what several places know of one frame, by its presentation
 * time: when it came, what its mark says, when it was shown. Every frame that
 * was decoded is told of once, shown or not. Pure, but for GstStructure. Any
 * thread may call; the caller serialises. */

/* Frames between arrival and show: the longest target delay, and some. */
#define FOYER_FRAME_LOG_FRAMES 1024

/**
 * FoyerFrame:
 * @pts_ns: its presentation time, which tells it from others
 * @session: number of the session
 * @frame_id: its number in the session
 * @complete_ns: when its last packet came; times are CLOCK_MONOTONIC
 * @decoded_ns: when it was decoded and looked at; 0 if not yet
 * @width_px: of the decoded picture
 * @height_px: likewise
 * @is_readable: it has a mark, whose words follow
 * @camera: of the mark
 * @number: of the mark
 * @capture_ns: of the mark
 * @is_told: somebody has its line
 */
typedef struct
{
  guint64 pts_ns;
  guint64 session;
  guint64 frame_id;
  guint64 complete_ns;
  guint64 decoded_ns;
  int width_px;
  int height_px;
  gboolean is_readable;
  guint camera;
  guint64 number;
  guint64 capture_ns;
  gboolean is_told;
} FoyerFrame;

typedef struct
{
  FoyerFrame frames[FOYER_FRAME_LOG_FRAMES];
  guint next;
  guint n_frames;
} FoyerFrameLog;

/* A frame came; the oldest is forgotten when there are too many. */
void foyer_frame_log_add (FoyerFrameLog *self, const FoyerFrame *frame);

/**
 * foyer_frame_log_note_mark:
 * @self: a log
 * @mark: a foyermarkread's message
 * @caps: (nullable): of the picture it looked at
 *
 * Returns: %FALSE if it is of no frame that came
 */
gboolean foyer_frame_log_note_mark (FoyerFrameLog *self,
    const GstStructure *mark, const GstCaps *caps);

/* (transfer none) (nullable): the frame with that presentation time */
const FoyerFrame *foyer_frame_log_find (const FoyerFrameLog *self,
    guint64 pts_ns);

/**
 * foyer_frame_log_tell:
 * @self: a log
 * @pts_ns: presentation time of a frame
 * @shown_ns: when it was shown, CLOCK_MONOTONIC; 0 if it came too late for that
 * @codec: how it was coded
 *
 * Returns: (transfer full) (nullable): its line of JSON, without the end; %NULL
 *   if there is no such frame or it was told of
 */
char *foyer_frame_log_tell (FoyerFrameLog *self, guint64 pts_ns,
    guint64 shown_ns, const char *codec);

/**
 * foyer_frame_log_tell_rest:
 * @self: a log
 * @codec: how they were coded
 *
 * Returns: (transfer full) (nullable): the line of the oldest frame that was
 *   decoded, not told of, and now will not be shown; %NULL if there is none
 */
char *foyer_frame_log_tell_rest (FoyerFrameLog *self, const char *codec);

/* Forgets all: the session is over. */
void foyer_frame_log_clear (FoyerFrameLog *self);

G_END_DECLS
