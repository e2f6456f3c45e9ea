/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-identity.h"

#include <string.h>

#define N_ID_DIGITS 4
#define PLAIN       "._-:"

static const char *
get_property (const FoyerCameraProperties *self, const char *name)
{
  const char *value = self->get (name, self->user_data);

  return value != NULL && value[0] != '\0' ? value : NULL;
}

static gboolean
is_usb_id (const char *text)
{
  if (text == NULL || strlen (text) != N_ID_DIGITS)
    return FALSE;
  for (int i = 0; i < N_ID_DIGITS; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return TRUE;
}

/* Nothing of what comes from outside means anything to a reader of it. */
static char *
escape (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at++) {
    if (g_ascii_isalnum (*at) || strchr (PLAIN, *at) != NULL)
      g_string_append_c (out, *at);
    else
      g_string_append_printf (out, "%%%02X", (guint8) *at);
  }
  return g_string_free (out, FALSE);
}

static char *
dup_what (const FoyerCameraProperties *properties, gboolean *is_unique)
{
  const char *vendor = get_property (properties, "ID_VENDOR_ID");
  const char *product = get_property (properties, "ID_MODEL_ID");
  const char *serial = get_property (properties, "ID_SERIAL_SHORT");
  g_autofree char *ids = NULL;
  g_autofree char *lower = NULL;
  g_autofree char *escaped = NULL;

  *is_unique = FALSE;
  if (g_strcmp0 (get_property (properties, "ID_BUS"), "usb") != 0)
    return g_strdup ("other");
  if (!is_usb_id (vendor) || !is_usb_id (product))
    return NULL;
  ids = g_strdup_printf ("usb:%s:%s", vendor, product);
  /* Only the ids are without case. */
  lower = g_ascii_strdown (ids, -1);
  if (serial == NULL)
    return g_steal_pointer (&lower);
  *is_unique = TRUE;
  escaped = escape (serial);
  return g_strdup_printf ("%s:%s", lower, escaped);
}

gboolean
foyer_camera_identity_init (FoyerCameraIdentity *self,
    const FoyerCameraProperties *properties)
{
  const char *path = get_property (properties, "ID_PATH");
  gboolean is_unique;
  g_autofree char *what = dup_what (properties, &is_unique);
  g_autofree char *escaped = path != NULL ? escape (path) : NULL;
  g_autofree char *where = path != NULL ? g_strconcat ("port:", escaped, NULL)
                                        : g_strdup ("");

  if (what == NULL || (path == NULL && !is_unique) ||
      strlen (what) + 1 + strlen (where) > FOYER_CAMERA_IDENTITY_MAX_BYTES)
    return FALSE;
  self->what = g_steal_pointer (&what);
  self->where = g_steal_pointer (&where);
  self->is_unique = is_unique;
  return TRUE;
}

char *
foyer_camera_identity_dup_text (const FoyerCameraIdentity *self)
{
  if (self->is_unique)
    return g_strdup (self->what);
  return g_strconcat (self->what, "@", self->where, NULL);
}

void
foyer_camera_identity_clear (FoyerCameraIdentity *self)
{
  g_clear_pointer (&self->what, g_free);
  g_clear_pointer (&self->where, g_free);
}
