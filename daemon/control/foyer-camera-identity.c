/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-identity.h"

#include <string.h>

#define MAX_WORD_BYTES 80
#define MAX_ID_BYTES   (2 * MAX_WORD_BYTES)
#define PLATFORM       "platform:"
#define FIRST_USB      "00"

/* Devices choose these bytes: what has a meaning in an identity, or can't be
 * typed, becomes "_". */
static char *
make_long_word (const char *text, gsize n_bytes, const char *allowed)
{
  char *word = g_strndup (text != NULL ? text : "", n_bytes);

  for (char *at = word; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr (allowed, *at) == NULL)
      *at = '_';
  return word;
}

static char *
make_word (const char *text, const char *allowed)
{
  return make_long_word (text, MAX_WORD_BYTES, allowed);
}

/* "046d", as the kernel tells; else it is no USB device to us. */
static gboolean
is_usb_number (const char *text)
{
  return text != NULL && strlen (text) == 4 &&
      strspn (text, "0123456789abcdef") == 4;
}

/* Which of a device's cameras it is; "" for the first. */
static char *
make_part (const FoyerCameraProperties *properties, gboolean is_usb)
{
  g_autofree char *interface = make_word (properties->interface, "");
  GString *part = g_string_new (NULL);

  if (is_usb && *interface != '\0' && strcmp (interface, FIRST_USB) != 0)
    g_string_append_printf (part, "/%s", interface);
  if (properties->index != 0)
    g_string_append_printf (part, "#%u", properties->index);
  return g_string_free (part, FALSE);
}

/* A driver may have more than one camera at one place, and tell them apart. */
static char *
make_unit (const FoyerCameraProperties *properties, const char *path)
{
  g_autofree char *unit = NULL;

  if (properties->bus == NULL || !g_str_has_prefix (properties->bus, PLATFORM))
    return g_strdup ("");
  unit = make_word (properties->bus + strlen (PLATFORM), "-._");
  return *unit == '\0' || strstr (path, unit) != NULL
      ? g_strdup ("")
      : g_strconcat ("/", unit, NULL);
}

gboolean
foyer_camera_identity_init (FoyerCameraIdentity *self,
    const FoyerCameraProperties *properties)
{
  gboolean is_usb = is_usb_number (properties->vendor) &&
      is_usb_number (properties->model);
  g_autofree char *path = make_word (properties->path, "-._:");
  g_autofree char *serial = make_word (properties->serial, "-._");
  g_autofree char *part = make_part (properties, is_usb);
  g_autofree char *unit = NULL;

  if (*path == '\0')
    return FALSE;
  if (!is_usb) {
    unit = make_unit (properties, path);
    self->place = g_strconcat ("path:", path, unit, part, NULL);
    self->own = g_strdup (self->place);
    self->kind = g_strdup (self->place);
    return TRUE;
  }
  self->place = g_strdup_printf ("path:%s@%s:%s%s%s%s", path,
      properties->vendor, properties->model, *serial != '\0' ? ":" : "", serial,
      part);
  self->kind = g_strdup_printf ("usb:%s:%s:%s%s", properties->vendor,
      properties->model, serial, part);
  self->own = g_strdup (*serial != '\0' ? self->kind : self->place);
  return TRUE;
}

gboolean
foyer_camera_identity_init_sensor (FoyerCameraIdentity *self, const char *model,
    const char *id)
{
  g_autofree char *sensor = make_word (model, "-._");
  g_autofree char *behind = g_strconcat (" ", model, NULL);
  gsize n_bytes = strlen (id) -
      (g_str_has_suffix (id, behind) ? strlen (behind) : 0);
  g_autofree char *place = make_long_word (id, MIN (n_bytes, MAX_ID_BYTES),
      "-._:/@,+");

  if (*sensor == '\0' || *place == '\0' || n_bytes > MAX_ID_BYTES)
    return FALSE;
  self->place = g_strconcat ("csi:", sensor, "@", place, NULL);
  self->own = g_strdup (self->place);
  self->kind = g_strdup (self->place);
  return TRUE;
}

gboolean
foyer_camera_identity_equal (const FoyerCameraIdentity *a,
    const FoyerCameraIdentity *b)
{
  return strcmp (a->place, b->place) == 0 && strcmp (a->own, b->own) == 0 &&
      strcmp (a->kind, b->kind) == 0;
}

void
foyer_camera_identity_clear (FoyerCameraIdentity *self)
{
  g_clear_pointer (&self->own, g_free);
  g_clear_pointer (&self->place, g_free);
  g_clear_pointer (&self->kind, g_free);
}
