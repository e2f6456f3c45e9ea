/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-display.h"
#include "foyer-test-decoder.h"
#include "foyer-test-tap.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/* One display of a crowd: counts what comes, decodes some of it, tells of each
 * frame if asked. */

typedef struct _FoyerTestMember FoyerTestMember;

/* What all members of a crowd share. A frame's line may have a needle: bytes out of
 * its middle, by which it would be found again wherever it rests. */
typedef struct
{
  GMutex lock;                   /* for both below */
  FILE *frames;                  /* (nullable): a JSON line for each frame */
  FoyerTestDecoder *key_decoder; /* of frames that stand alone */
  guint every;                   /* it reads each so manieth of a member, and
                                  * the first of each session */
} FoyerTestCrowd;

/**
 * foyer_test_member_new:
 * @crowd: (transfer none): shared, must outlive it
 * @number: from 0
 * @keys: number of its credentials, told with each frame
 * @config: as of any display
 * @reads_all: all its frames are decoded
 * @error: return location
 *
 * Returns: (transfer full): a display that listens, or %NULL
 */
FoyerTestMember *foyer_test_member_new (FoyerTestCrowd *crowd, guint number,
    guint keys, const FoyerCastDisplayConfig *config, gboolean reads_all,
    GError **error);

/* (transfer none) */
FoyerCastDisplay *foyer_test_member_get_display (FoyerTestMember *self);

/* (transfer none) */
FoyerTestTap *foyer_test_member_get_tap (FoyerTestMember *self);

/* Adds the members of an object: what was counted since the beginning. */
void foyer_test_member_count (FoyerTestMember *self, JsonBuilder *builder);

/* Likewise: what came after @after_ns. */
void foyer_test_member_look (FoyerTestMember *self, gint64 after_ns,
    JsonBuilder *builder);

void foyer_test_member_free (FoyerTestMember *self);

G_END_DECLS
