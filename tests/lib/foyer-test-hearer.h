/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-receiver.h"

G_BEGIN_DECLS

/* Hears the sound of one session: decodes each packet and finds the marks of drawn
 * microphones in it (foyer-tone.h). A tone of which something is missing is none: it
 * might be taken for another. One thread. */

typedef struct _FoyerTestHearer FoyerTestHearer;

/* Said of a packet with which no tone ended. */
#define FOYER_TEST_HEARER_NOTHING "null"

/* What decrypted to noise can be loud at the right moment; of a tone nearly all is at
 * its own frequencies. */
#define FOYER_TEST_HEARER_MIN_PURITY 0.6

/* (transfer full) */
FoyerTestHearer *foyer_test_hearer_new (void);

/**
 * foyer_test_hearer_hear:
 * @self: a hearer
 * @packet: the next one
 *
 * Returns: (transfer full): the tone that ended with it, in JSON: whose it is, and
 *   which second it tells; or null
 */
char *foyer_test_hearer_hear (FoyerTestHearer *self,
    const FoyerCastReceivedFrame *packet);

/* (transfer full) (nullable) */
void foyer_test_hearer_free (FoyerTestHearer *self);

G_END_DECLS
