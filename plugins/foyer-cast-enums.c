/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-enums.h"

#include "foyer-cast-auth.h"

GType
foyer_cast_choice_get_type (void)
{
  static const GEnumValue values[] = {
    { FOYER_CAST_CHOICE_AUTO, "Whatever both sides do best", "auto" },
    { FOYER_CAST_CHOICE_H264, "H.264", "h264" },
    { FOYER_CAST_CHOICE_VP8, "VP8", "vp8" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("FoyerCastChoice", values));
  return type;
}

GType
foyer_cast_auth_level_get_type (void)
{
  static const GEnumValue values[] = {
    { FOYER_CAST_AUTH_DEVICE,
        "Its certificates lead to a trusted root, and it has the pinned key if there is one",
        "device-auth" },
    { FOYER_CAST_AUTH_PINNED, "It has the pinned key", "pinned" },
    { FOYER_CAST_AUTH_ANY, "Anybody, for tests only", "any" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("FoyerCastAuthLevel", values));
  return type;
}
