/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-test-tap.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What somebody on the network of two displays could try: he sees all datagrams,
 * and sends any in anybody's name; of pictures, and of sound where both have it. */

typedef enum
{
  /* What one has received is received by the other: as it came, and with the
   * other's SSRC and frame numbers. "datagrams" and "sound_datagrams" tell how
   * many. */
  FOYER_TEST_FORGE_REPLAY,
  /* The keys of the one's stream are tried on what the other has received.
   * "frames" and "pictures" tell how many were there, and were read; "packets" and
   * "tones" the same of sound. */
  FOYER_TEST_FORGE_STEAL,
  /* Feedback that asks for the other's frames again, the newest 32, goes to the
   * other's sender from the one's socket. "datagrams" tells how many left. */
  FOYER_TEST_FORGE_NAG,
} FoyerTestForge;

/* Adds members to the object that @builder is at. Any thread. */
void foyer_test_forge (FoyerTestForge what, FoyerTestTap *from,
    FoyerTestTap *to, JsonBuilder *builder);

G_END_DECLS
