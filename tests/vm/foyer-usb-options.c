/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-usb-options.h"

#include "foyer-tone.h"

#include <string.h>

#define MAX_NAME_BYTES 100
#define MAX_RATE_FPS   120
#define MAX_SOUND_HZ   96000
#define MAX_PORT       7

static const char *const format_names[FOYER_USB_N_FORMATS + 1] = { "yuyv",
  "mjpeg", "h264", NULL };
static const char *const lie_names[] = { "none", "no-formats", "zero-size",
  "huge-size", "zero-interval", "many-sizes", "cut", NULL };

/* The index of a name in a list; -1 if it is not there. */
static int
find_name (const char *const *names, const char *name)
{
  for (int i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], name))
      return i;
  return -1;
}

static gboolean
parse_formats (FoyerUsbOptions *self, const char *text, GError **error)
{
  g_auto (GStrv) names = g_strsplit (text, ",", -1);

  for (char **name = names; *name != NULL; name++) {
    int format = find_name (format_names, *name);

    if (format < 0 || self->n_formats == FOYER_USB_N_FORMATS) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "no format %s", *name);
      return FALSE;
    }
    self->formats[self->n_formats++] = (FoyerUsbFormat) format;
  }
  return TRUE;
}

static gboolean
parse_lie (FoyerUsbOptions *self, const char *name, GError **error)
{
  int lie = find_name (lie_names, name);

  if (lie < 0) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "no lie %s",
        name);
    return FALSE;
  }
  self->lie = (FoyerUsbLie) lie;
  return TRUE;
}

static gboolean
parse_ids (FoyerUsbOptions *self, const char *text, GError **error)
{
  g_auto (GStrv) ids = g_strsplit (text, ":", 2);
  guint64 vendor = 0;
  guint64 product = 0;

  if (g_strv_length (ids) != 2 ||
      !g_ascii_string_to_unsigned (ids[0], 16, 0, G_MAXUINT16, &vendor, NULL) ||
      !g_ascii_string_to_unsigned (ids[1], 16, 0, G_MAXUINT16, &product,
          NULL)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "no VENDOR:PRODUCT in %s", text);
    return FALSE;
  }
  self->vendor_id = (guint16) vendor;
  self->product_id = (guint16) product;
  return TRUE;
}

static gboolean
check_numbers (const FoyerUsbOptions *self, int camera, GError **error)
{
  if (self->port >= 0 && self->port <= MAX_PORT && self->rate_fps >= 1 &&
      self->rate_fps <= MAX_RATE_FPS && self->key_every >= 1 &&
      self->sound_hz >= 1 && self->sound_hz <= MAX_SOUND_HZ && camera >= 0 &&
      camera <= G_MAXUINT16 && strlen (self->product) <= MAX_NAME_BYTES &&
      strlen (self->serial) <= MAX_NAME_BYTES)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "out of range");
  return FALSE;
}

gboolean
foyer_usb_options_parse (FoyerUsbOptions *self, int *argc, char ***argv,
    GError **error)
{
  g_autofree char *ids = g_strdup ("1d6b:0102");
  g_autofree char *formats = g_strdup ("yuyv");
  g_autofree char *lie = g_strdup ("none");
  int camera = 1;
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, "where it is plugged", "N" },
    { "serial", 0, 0, G_OPTION_ARG_STRING, &self->serial, "its number",
        "TEXT" },
    { "product", 0, 0, G_OPTION_ARG_STRING, &self->product, "its name",
        "TEXT" },
    { "ids", 0, 0, G_OPTION_ARG_STRING, &ids, "USB ids", "VENDOR:PRODUCT" },
    { "camera", 0, 0, G_OPTION_ARG_INT, &camera, "in the marks", "N" },
    { "rate", 0, 0, G_OPTION_ARG_INT, &self->rate_fps, "pictures",
        "PER-SECOND" },
    { "bulk", 0, 0, G_OPTION_ARG_NONE, &self->is_bulk, "no packets", NULL },
    { "formats", 0, 0, G_OPTION_ARG_STRING, &formats, "of pictures",
        "yuyv,mjpeg,h264" },
    { "wedge-after", 0, 0, G_OPTION_ARG_INT, &self->wedge_after, "pictures",
        "N" },
    { "short-every", 0, 0, G_OPTION_ARG_INT, &self->short_every, "pictures",
        "N" },
    { "corrupt-every", 0, 0, G_OPTION_ARG_INT, &self->corrupt_every, "pictures",
        "N" },
    { "key-every", 0, 0, G_OPTION_ARG_INT, &self->key_every, "pictures", "N" },
    { "endless", 0, 0, G_OPTION_ARG_NONE, &self->is_endless, "pictures", NULL },
    { "lie", 0, 0, G_OPTION_ARG_STRING, &lie, "of its descriptors", "HOW" },
    { "sound", 0, 0, G_OPTION_ARG_NONE, &self->has_sound, "a microphone",
        NULL },
    { "sound-rate", 0, 0, G_OPTION_ARG_INT, &self->sound_hz,
        "that it really has", "HZ" },
    { "keep", 0, 0, G_OPTION_ARG_FILENAME, &self->keep, "pictures", "FILE" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  *self = (FoyerUsbOptions){ .rate_fps = 30,
    .wedge_after = -1,
    .key_every = 30,
    .sound_hz = FOYER_TONE_HZ };
  self->serial = g_strdup ("");
  self->product = g_strdup ("Foyer USB Camera");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  self->camera = (guint16) camera;
  return check_numbers (self, camera, error) && parse_ids (self, ids, error) &&
      parse_formats (self, formats, error) && parse_lie (self, lie, error);
}

void
foyer_usb_options_clear (FoyerUsbOptions *self)
{
  g_clear_pointer (&self->serial, g_free);
  g_clear_pointer (&self->product, g_free);
  g_clear_pointer (&self->keep, g_free);
}
