/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-auth.h"
#include "foyer-test-log.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A small display of blocking code that can be told to misbehave. It serves one
 * connection after the other on loopback, on a thread of its own. */

typedef enum
{
  FOYER_TEST_FAULT_NONE = 0,
  /* TCP and TLS */
  FOYER_TEST_FAULT_SILENT_TCP,
  FOYER_TEST_FAULT_CLOSE_TCP,
  FOYER_TEST_FAULT_NO_TLS, /* answers in clear */
  FOYER_TEST_FAULT_CLOSE_TLS,
  FOYER_TEST_FAULT_HUGE_LENGTH, /* 4 GB */
  FOYER_TEST_FAULT_ZERO_LENGTH,
  FOYER_TEST_FAULT_GARBAGE, /* whole messages of noise */
  /* device authentication */
  FOYER_TEST_FAULT_AUTH_SILENT,
  FOYER_TEST_FAULT_AUTH_CLOSE,
  FOYER_TEST_FAULT_AUTH_ERROR,
  FOYER_TEST_FAULT_AUTH_REPLAY,     /* of the first connection's answer */
  FOYER_TEST_FAULT_AUTH_OTHER_LEAF, /* signed for another TLS certificate */
  FOYER_TEST_FAULT_TLS_EXPIRED,
  FOYER_TEST_FAULT_TLS_TOO_LONG, /* certificate for a year */
  /* LAUNCH */
  FOYER_TEST_FAULT_LAUNCH_SILENT,
  FOYER_TEST_FAULT_LAUNCH_CLOSE,
  FOYER_TEST_FAULT_LAUNCH_CANCELLED, /* once, then well */
  FOYER_TEST_FAULT_LAUNCH_NOT_FOUND,
  FOYER_TEST_FAULT_LAUNCH_NO_APPS, /* a status without apps, then well */
  /* OFFER */
  FOYER_TEST_FAULT_OFFER_SILENT,
  FOYER_TEST_FAULT_OFFER_CLOSE,
  FOYER_TEST_FAULT_ANSWER_PORT_0,
  FOYER_TEST_FAULT_ANSWER_UNEVEN, /* arrays of different lengths */
  FOYER_TEST_FAULT_ANSWER_UNKNOWN_INDEX,
  FOYER_TEST_FAULT_ANSWER_ERROR,
  FOYER_TEST_FAULT_ANSWER_OTHERS_FIRST, /* wrong seqNum, then well, then twice */
  /* while streaming */
  FOYER_TEST_FAULT_APP_GONE,     /* status without the app */
  FOYER_TEST_FAULT_APP_CLOSED,   /* CLOSE from the app */
  FOYER_TEST_FAULT_STREAM_CLOSE, /* the connection */
  FOYER_TEST_FAULT_NO_FEEDBACK,
  FOYER_TEST_FAULT_FOREIGN_FEEDBACK, /* only from another port */
  FOYER_TEST_FAULT_NACK_STORM,
  FOYER_TEST_N_FAULTS,
} FoyerTestFault;

typedef struct _FoyerTestDisplay FoyerTestDisplay;

/**
 * foyer_test_display_new:
 * @credentials: (transfer none): its keys, which must outlive it
 * @now_s: time of day for its certificates
 * @log: (transfer none) (nullable): told "udp" for each datagram and "nacks"
 *   once the storm is over
 *
 * Returns: (transfer full): a display that listens on loopback
 */
FoyerTestDisplay *foyer_test_display_new (FoyerCastCredentials *credentials,
    gint64 now_s, FoyerTestLog *log);

/* How it treats the connections to come. */
void foyer_test_display_set_fault (FoyerTestDisplay *self,
    FoyerTestFault fault);

/* The TCP port it listens on. */
guint16 foyer_test_display_get_port (FoyerTestDisplay *self);

void foyer_test_display_free (FoyerTestDisplay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerTestDisplay, foyer_test_display_free)

G_END_DECLS
