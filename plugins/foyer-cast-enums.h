/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What the elements' properties can be set to, by name. */

typedef enum
{
  FOYER_CAST_CHOICE_AUTO = 0,
  FOYER_CAST_CHOICE_H264,
  FOYER_CAST_CHOICE_VP8,
} FoyerCastChoice;

#define FOYER_TYPE_CAST_CHOICE (foyer_cast_choice_get_type ())
GType foyer_cast_choice_get_type (void);

/* Of FoyerCastAuthLevel. */
#define FOYER_TYPE_CAST_AUTH_LEVEL (foyer_cast_auth_level_get_type ())
GType foyer_cast_auth_level_get_type (void);

G_END_DECLS
