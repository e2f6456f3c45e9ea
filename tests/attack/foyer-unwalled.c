/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sandbox.h"

/* A sanitizer needs what no worker may do. A worker that is linked with this and
 * --wrap=foyer_sandbox_enter stays outside of its walls. Never installed. */

gboolean __wrap_foyer_sandbox_enter (FoyerWorkerKind kind, const char **lacks,
    GError **error);

gboolean
__wrap_foyer_sandbox_enter (FoyerWorkerKind kind, const char **lacks,
    GError **error)
{
  *lacks = "all walls: this one is for sanitizers";
  return TRUE;
}
