/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-display.h"
#include "foyer-cast-session.h"
#include "foyer-test-log.h"

G_BEGIN_DECLS

/* What tests of sessions share: a house with one set of display's keys, an OFFER
 * that is usual, and callbacks that write down what happened. */

typedef struct
{
  char *folder;
  char *ca_file;
  FoyerCastCredentials *credentials;
} FoyerTestHouse;

void foyer_test_house_init (FoyerTestHouse *self);
void foyer_test_house_clear (FoyerTestHouse *self);

/* VP8 in 720p30, with Opus if @has_audio. */
FoyerCastOfferWish foyer_test_house_wish (gboolean has_audio);

/* Write to the FoyerTestLog that is their user data: "step NAME",
 * "identity FINGERPRINT", or "stranger FINGERPRINT" of one that is not accepted,
 * "launched SESSION", "cleaned WAS_RUNNING", "ready N", "key N", "rate BPS",
 * "failed CODE MESSAGE". */
extern const FoyerCastSessionCallbacks foyer_test_house_callbacks;

/* Whether this machine has IPv6: containers often have none. */
gboolean foyer_test_has_ipv6 (void);

/* Open file descriptors of this process. */
guint foyer_test_count_fds (void);

/* Threads of this process. */
guint foyer_test_count_threads (void);

/* Assert that there are @n at most, now or soon: GIO's own threads let go of
 * theirs a moment after a call has ended. */
void foyer_test_assert_fds (guint n);
void foyer_test_assert_threads (guint n);

G_END_DECLS
