/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-session.h"

gboolean
foyer_cast_session_warm_up (GError **error)
{
  return TRUE;
}
