/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A 128-bit secret. It is wiped when cleared, and never printed, logged, put
 * into argv, the environment or D-Bus. */

#define FOYER_KEY_BYTES 16

typedef struct
{
  guint8 bytes[FOYER_KEY_BYTES];
} FoyerKey;

/**
 * foyer_key_init_random:
 * @self: (out caller-allocates): the key to fill from the kernel's generator
 */
void foyer_key_init_random (FoyerKey *self);

/**
 * foyer_key_is_zero:
 * @self: a key
 *
 * Takes the same time for every key.
 *
 * Returns: %TRUE if no bit is set, as in a key that was never made
 */
gboolean foyer_key_is_zero (const FoyerKey *self);

/**
 * foyer_key_clear:
 * @self: the key to wipe; may be cleared twice
 */
void foyer_key_clear (FoyerKey *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerKey, foyer_key_clear)

G_END_DECLS
