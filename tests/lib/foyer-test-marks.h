/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Marked video through codecs, in pipelines of 30 pictures a second. */

/* What foyermarkread said of the pictures of a pipeline. */
typedef struct
{
  guint64 n_pictures;
  guint64 n_readable;
  guint64 n_wrong; /* read, but another camera or number than was painted */
} FoyerTestMarks;

/* Brings foyermark and foyermarkread; after gst_init(). */
void foyer_test_marks_init (void);

/* Draws @n_pictures of a scene, a videotestsrc pattern and its properties, at
 * @width by @height; marks them as of camera @camera; passes them through
 * @middle, a launch description; reads them, and adds what was read to @self.
 * Aborts if the pipeline fails. */
void foyer_test_marks_run (FoyerTestMarks *self, const char *scene, int width,
    int height, guint n_pictures, guint camera, const char *middle);

#define FOYER_TEST_MARKS_H264                                    \
  "x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 " \
  "key-int-max=300 ! avdec_h264"
#define FOYER_TEST_MARKS_VP8                                          \
  "vp8enc deadline=1 cpu-used=8 end-usage=cbr target-bitrate=300000 " \
  "keyframe-max-dist=300 ! vp8dec"

G_END_DECLS
