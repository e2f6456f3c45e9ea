/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-microphone.h"

#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define CARD_IS      "hw:CARD="
#define DEVICE_IS    ",DEV="
#define MAX_ID_BYTES 15 /* as the kernel cuts them */
#define MAX_DEVICE   31
#define MAX_CARD     255
#define DIGITS       "0123456789"

void
foyer_microphone_clear (FoyerMicrophone *self)
{
  g_clear_pointer (&self->place, g_free);
}

/* names */

/* (nullable): the card's id; @device is what follows, 0 if nothing does. */
static char *
dup_card_id (const char *name, guint *device)
{
  const char *id = name + strlen (CARD_IS);
  gsize n_bytes;
  guint64 number = 0;

  if (!g_str_has_prefix (name, CARD_IS))
    return NULL;
  n_bytes = strspn (id,
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
      "abcdefghijklmnopqrstuvwxyz" DIGITS "_-");
  if (n_bytes == 0 || n_bytes > MAX_ID_BYTES)
    return NULL;
  if (id[n_bytes] != '\0' &&
      (!g_str_has_prefix (id + n_bytes, DEVICE_IS) ||
          !g_ascii_string_to_unsigned (id + n_bytes + strlen (DEVICE_IS), 10, 0,
              MAX_DEVICE, &number, NULL)))
    return NULL;
  *device = (guint) number;
  return g_strndup (id, n_bytes);
}

gboolean
foyer_microphone_name_is_valid (const char *name)
{
  guint device;
  g_autofree char *id = dup_card_id (name, &device);

  return id != NULL || strcmp (name, FOYER_MICROPHONE_NONE) == 0;
}

/* sysfs */

static char *
dup_real (const char *path)
{
  char *real = realpath (path, NULL);
  char *copy = g_strdup (real);

  free (real);
  return copy;
}

/* (nullable): the USB device that has it: what is nearest above and has a vendor;
 * an interface has none. */
static char *
dup_usb_device (const char *place)
{
  g_autofree char *at = place != NULL ? dup_real (place) : NULL;

  while (at != NULL && strcmp (at, "/") != 0) {
    g_autofree char *vendor = g_build_filename (at, "idVendor", NULL);
    char *up;

    if (g_file_test (vendor, G_FILE_TEST_EXISTS))
      return g_steal_pointer (&at);
    up = g_path_get_dirname (at);
    g_free (at);
    at = up;
  }
  return NULL;
}

/* "pcmC1D0c" of card 1: 0. */
static gboolean
read_capture_name (const char *name, guint card, guint *device)
{
  g_autofree char *prefix = g_strdup_printf ("pcmC%uD", card);
  g_autofree char *number = NULL;
  guint64 value;

  if (!g_str_has_prefix (name, prefix) || !g_str_has_suffix (name, "c"))
    return FALSE;
  number = g_strndup (name + strlen (prefix),
      strlen (name) - strlen (prefix) - 1);
  if (!g_ascii_string_to_unsigned (number, 10, 0, MAX_DEVICE, &value, NULL))
    return FALSE;
  *device = (guint) value;
  return TRUE;
}

static gboolean
has_id (const char *card, const char *id)
{
  g_autofree char *path = g_build_filename (card, "id", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) &&
      strcmp (g_strchomp (text), id) == 0;
}

typedef struct
{
  const char *usb; /* (nullable): of which USB device, or … */
  const char *id;  /* (nullable): … of which card */
  guint device;    /* and which of its devices */
  FoyerMicrophone *out;
  guint n_found;
} Search;

static void
search_card (Search *self, const char *place, guint card)
{
  g_autoptr (GDir) folder = g_dir_open (place, 0, NULL);
  const char *name;
  guint device;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    if (!read_capture_name (name, card, &device) ||
        (self->id != NULL && device != self->device))
      continue;
    foyer_microphone_clear (self->out);
    *self->out = (FoyerMicrophone){ g_build_filename (place, name, NULL), card,
      device };
    self->n_found++;
  }
}

static gboolean
is_searched (const Search *self, const char *place)
{
  g_autofree char *usb = NULL;

  if (self->id != NULL)
    return has_id (place, self->id);
  usb = dup_usb_device (place);
  return usb != NULL && strcmp (usb, self->usb) == 0;
}

static void
search (Search *self, const char *sysfs)
{
  g_autofree char *class = g_build_filename (sysfs, "class", "sound", NULL);
  g_autoptr (GDir) folder = g_dir_open (class, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (class, name, NULL);
    g_autofree char *place = NULL;
    guint64 card;

    if (!g_str_has_prefix (name, "card") ||
        !g_ascii_string_to_unsigned (name + strlen ("card"), 10, 0, MAX_CARD,
            &card, NULL))
      continue;
    place = dup_real (path);
    if (place != NULL && is_searched (self, place))
      search_card (self, place, (guint) card);
  }
}

static gboolean
set_none (GError **error, const char *words)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, words);
  return FALSE;
}

gboolean
foyer_microphone_find (const char *sysfs, const char *camera, const char *name,
    FoyerMicrophone *self, GError **error)
{
  g_autofree char *id = NULL;
  g_autofree char *usb = NULL;
  Search found = { .out = self };

  *self = (FoyerMicrophone){ 0 };
  if (name == NULL)
    usb = dup_usb_device (camera);
  else
    id = dup_card_id (name, &found.device);
  found.usb = usb;
  found.id = id;
  if (usb != NULL || id != NULL)
    search (&found, sysfs);
  if (found.n_found == 1)
    return TRUE;
  foyer_microphone_clear (self);
  if (found.n_found > 1)
    return set_none (error,
        "which of its microphones is meant can't be told: name one in "
        "foyer.conf");
  return set_none (error,
      id != NULL ? "the microphone that foyer.conf names is not there"
                 : "this camera has no microphone");
}

/* While it is open nothing else gets its number, so what sysfs has for that number
 * is this, or nothing. */
static gboolean
is_same (const FoyerMicrophone *self, const char *sysfs, int fd)
{
  g_autofree char *number = NULL;
  g_autofree char *path = NULL;
  g_autofree char *place = NULL;
  struct stat status;

  if (fstat (fd, &status) != 0 || !S_ISCHR (status.st_mode))
    return FALSE;
  number = g_strdup_printf ("%u:%u", major (status.st_rdev),
      minor (status.st_rdev));
  path = g_build_filename (sysfs, "dev", "char", number, NULL);
  place = dup_real (path);
  return g_strcmp0 (place, self->place) == 0;
}

int
foyer_microphone_open (const FoyerMicrophone *self, const char *sysfs,
    const char *folder, GError **error)
{
  g_autofree char *name = g_strdup_printf ("pcmC%uD%uc", self->card,
      self->device);
  g_autofree char *node = g_build_filename (folder, "snd", name, NULL);
  foyer_autofd int fd = open (node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  int number = errno;

  if (fd >= 0 && is_same (self, sysfs, fd))
    return g_steal_fd (&fd);
  if (fd >= 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "the microphone is another device now");
  else if (number == EBUSY || number == EAGAIN)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
        "another program has the microphone");
  else
    g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
        "the microphone can't be opened: %s", g_strerror (number));
  return -1;
}
