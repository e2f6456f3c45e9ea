/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-receiver.h"
#include "foyer-cast-sender.h"
#include "foyer-test-network.h"

G_BEGIN_DECLS

/* A cast in virtual time: a camera and an encoder that follow the sender's
 * wishes, both engines, and a network between them. Every frame that comes out
 * is compared with the one that went in. */

#define FOYER_TEST_CAST_VIDEO 0 /* index of the streams */
#define FOYER_TEST_CAST_AUDIO 1

/**
 * FoyerTestCastConfig:
 * @seed: of all that is random
 * @there: the path to the display
 * @back: and from it
 * @delay_ms: target delay
 * @max_bps: of the video
 * @frame_us: time between two pictures
 * @encode_us: what the encoder takes for one
 * @key_interval: pictures from one key frame to the next; 0 for only on demand
 * @has_audio: 20 ms packets as well
 * @clock_offset_us: display's clock less the sender's
 * @clock_ppm: and how much faster it runs, in millionths
 * @is_openscreen: the display behaves as Open Screen's; one stream
 */
typedef struct
{
  guint32 seed;
  FoyerTestPath there;
  FoyerTestPath back;
  guint delay_ms;
  guint32 max_bps;
  gint64 frame_us;
  gint64 encode_us;
  guint key_interval;
  gboolean has_audio;
  gint64 clock_offset_us;
  int clock_ppm;
  gboolean is_openscreen;
} FoyerTestCastConfig;

/**
 * FoyerTestCastCounts:
 * @n_captured: frames that the camera made
 * @n_refused: of these, not let through
 * @n_sent: enqueued
 * @n_keys: of these, key frames
 * @n_shown: given out at the display in time
 * @n_late: given out late
 * @n_skipped: given up by the display
 * @max_age_us: oldest that one was when shown: at its playout time, from its
 *   true capture
 * @max_gap_us: longest time between the capture of two frames shown
 * @lag_us: sum of the times from true capture to playout, of those shown
 * @least_lag_us: the least of them
 * @most_lag_us: the most
 * @complete_us: sum of the times from capture to giving out
 *
 * Of one stream.
 */
typedef struct
{
  guint n_captured;
  guint n_refused;
  guint n_sent;
  guint n_keys;
  guint n_shown;
  guint n_late;
  guint n_skipped;
  gint64 max_age_us;
  gint64 max_gap_us;
  gint64 lag_us;
  gint64 least_lag_us;
  gint64 most_lag_us;
  gint64 complete_us;
} FoyerTestCastCounts;

typedef struct _FoyerTestCast FoyerTestCast;

FoyerTestCast *foyer_test_cast_new (const FoyerTestCastConfig *config);

/* Runs for @span_us; the counts are of that time alone. */
void foyer_test_cast_run (FoyerTestCast *self, gint64 span_us);

/* How many frames came out that the sender gave up: never the ones that went
 * in, but what is left without their beginning. */
guint foyer_test_cast_get_n_noise (const FoyerTestCast *self);

/* Closes the sender's frames: from now on the pictures are slates, there is no
 * sound, and what is being encoded will be refused. That nothing but slates
 * leaves is asserted from then on. */
void foyer_test_cast_close_frames (FoyerTestCast *self);

void foyer_test_cast_set_paths (FoyerTestCast *self, const FoyerTestPath *there,
    const FoyerTestPath *back);

const FoyerTestCastCounts *foyer_test_cast_get_counts (
    const FoyerTestCast *self, guint stream);
FoyerCastSender *foyer_test_cast_get_sender (FoyerTestCast *self);
/* (nullable): none if Open Screen's takes its place */
FoyerCastReceiver *foyer_test_cast_get_receiver (FoyerTestCast *self);
gint64 foyer_test_cast_get_now_us (const FoyerTestCast *self);
guint32 foyer_test_cast_get_bps (const FoyerTestCast *self);

void foyer_test_cast_free (FoyerTestCast *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerTestCast, foyer_test_cast_free)

G_END_DECLS
