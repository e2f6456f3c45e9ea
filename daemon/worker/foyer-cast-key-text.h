/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

G_BEGIN_DECLS

/* Keys of displays, as sessions write them and as channels carry them. Pure. */

/**
 * foyer_cast_key_parse:
 * @fingerprint: "sha256:" and 64 digits
 * @key: (out caller-allocates) (array fixed-size=32): the key
 *
 * Returns: %FALSE if it is not that; @key may be written to
 */
gboolean foyer_cast_key_parse (const char *fingerprint, guint8 *key);

/* (transfer full) (nullable): the key that the owner accepted, if there is one. */
char *foyer_cast_key_dup_pin (const FoyerMessage *config);

G_END_DECLS
