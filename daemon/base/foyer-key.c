/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-key.h"

#include "foyer-random.h"

#include <string.h>

void
foyer_key_init_random (FoyerKey *self)
{
  foyer_random_fill (self->bytes, sizeof self->bytes);
}

gboolean
foyer_key_is_zero (const FoyerKey *self)
{
  guint8 any = 0;

  for (gsize i = 0; i < sizeof self->bytes; i++)
    any |= self->bytes[i];
  return any == 0;
}

void
foyer_key_clear (FoyerKey *self)
{
  explicit_bzero (self->bytes, sizeof self->bytes);
}
