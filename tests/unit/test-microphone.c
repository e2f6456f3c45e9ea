/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-microphone.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* What the kernel would show of two cameras at one hub, one of them with a
 * microphone, and of a card of the mainboard. */

#define HUB    "devices/pci0/usb1/1-2"
#define CAMERA HUB "/1-2.1"
#define OTHER  HUB "/1-2.2"
#define VIDEO  "/1-2.1:1.0/video4linux/video0"

typedef struct
{
  char *root;
} Fixture;

static char *
dup_path (const Fixture *self, const char *path)
{
  return g_build_filename (self->root, path, NULL);
}

static void
add_folder (const Fixture *self, const char *path)
{
  g_autofree char *whole = dup_path (self, path);

  g_assert_cmpint (g_mkdir_with_parents (whole, 0755), ==, 0);
}

static void
add_file (const Fixture *self, const char *path, const char *text)
{
  g_autofree char *whole = dup_path (self, path);

  g_assert_true (g_file_set_contents (whole, text, -1, NULL));
}

static void
add_usb (const Fixture *self, const char *path)
{
  g_autofree char *vendor = g_build_filename (path, "idVendor", NULL);

  add_folder (self, path);
  add_file (self, vendor, "046d\n");
}

/* A card behind @parent, with that id and one device. */
static void
add_card (const Fixture *self, const char *parent, guint number, const char *id,
    const char *device)
{
  g_autofree char *card = g_strdup_printf ("%s/sound/card%u", parent, number);
  g_autofree char *folder = g_build_filename (card, device, NULL);
  g_autofree char *file = g_build_filename (card, "id", NULL);
  g_autofree char *line = g_strconcat (id, "\n", NULL);
  g_autofree char *target = g_build_filename ("../..", card, NULL);
  g_autofree char *name = g_strdup_printf ("class/sound/card%u", number);
  g_autofree char *whole = dup_path (self, name);

  add_folder (self, folder);
  add_file (self, file, line);
  add_folder (self, "class/sound");
  g_assert_cmpint (symlink (target, whole), ==, 0);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->root = g_dir_make_tmp ("foyer-microphone-XXXXXX", NULL);
  g_assert_nonnull (self->root);
  add_usb (self, "devices/pci0/usb1");
  add_usb (self, HUB);
  add_usb (self, CAMERA);
  add_usb (self, OTHER);
  add_folder (self, CAMERA VIDEO);
  add_folder (self, OTHER "/1-2.2:1.0/video4linux/video2");
  add_card (self, "devices/pci0", 0, "PCH", "pcmC0D0c");
  add_card (self, CAMERA "/1-2.1:1.2", 1, "C920", "pcmC1D0c");
}

static int
remove_one (const char *path, const struct stat *status, int flag,
    struct FTW *where)
{
  return g_remove (path);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (nftw (self->root, remove_one, 8, FTW_DEPTH | FTW_PHYS), ==,
      0);
  g_free (self->root);
}

static void
assert_found (const Fixture *self, const char *camera, const char *name,
    guint card, guint device)
{
  g_autofree char *place = camera != NULL ? dup_path (self, camera) : NULL;
  g_auto (FoyerMicrophone) found = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *node = g_strdup_printf ("/pcmC%uD%uc", card, device);

  g_assert_true (
      foyer_microphone_find (self->root, place, name, &found, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (found.card, ==, card);
  g_assert_cmpuint (found.device, ==, device);
  g_assert_true (g_str_has_suffix (found.place, node));
}

static void
assert_none (const Fixture *self, const char *camera, const char *name,
    const char *words)
{
  g_autofree char *place = camera != NULL ? dup_path (self, camera) : NULL;
  g_auto (FoyerMicrophone) found = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (
      foyer_microphone_find (self->root, place, name, &found, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (found.place);
}

static void
test_own (Fixture *self, gconstpointer data)
{
  assert_found (self, CAMERA VIDEO, NULL, 1, 0);
}

/* That of the camera beside it, or of the hub, is not its. */
static void
test_not_anothers (Fixture *self, gconstpointer data)
{
  add_card (self, HUB "/1-2:1.0", 2, "Hub", "pcmC2D0c");
  assert_none (self, OTHER "/1-2.2:1.0/video4linux/video2", NULL,
      "no microphone");
}

/* What only plays is none; nor is what has the number of another card. */
static void
test_only_captures (Fixture *self, gconstpointer data)
{
  add_card (self, OTHER "/1-2.2:1.2", 2, "Speaker", "pcmC2D0p");
  add_folder (self, OTHER "/1-2.2:1.2/sound/card2/pcmC1D0c");
  add_folder (self, OTHER "/1-2.2:1.2/sound/card2/pcmC2Dc");
  add_folder (self, OTHER "/1-2.2:1.2/sound/card2/pcmC2D-1c");
  assert_none (self, OTHER "/1-2.2:1.0/video4linux/video2", NULL,
      "no microphone");
}

static void
test_ambiguous (Fixture *self, gconstpointer data)
{
  add_folder (self, CAMERA "/1-2.1:1.2/sound/card1/pcmC1D1c");
  assert_none (self, CAMERA VIDEO, NULL, "can't be told");
  assert_found (self, CAMERA VIDEO, "hw:CARD=C920,DEV=1", 1, 1);
}

/* What sits at no USB device, or is gone. */
static void
test_no_usb (Fixture *self, gconstpointer data)
{
  add_folder (self, "devices/platform/csi/video4linux/video4");
  assert_none (self, "devices/platform/csi/video4linux/video4", NULL,
      "no microphone");
  assert_none (self, "devices/gone/video9", NULL, "no microphone");
  assert_none (self, NULL, NULL, "no microphone");
  assert_found (self, NULL, "hw:CARD=PCH", 0, 0);
}

static void
test_named (Fixture *self, gconstpointer data)
{
  assert_found (self, CAMERA VIDEO, "hw:CARD=PCH,DEV=0", 0, 0);
  assert_none (self, CAMERA VIDEO, "hw:CARD=PCH,DEV=1", "is not there");
  assert_none (self, CAMERA VIDEO, "hw:CARD=C92", "is not there");
  assert_none (self, CAMERA VIDEO, "none", "no microphone");
  /* Nobody can choose another by having its id, too. */
  add_card (self, OTHER "/1-2.2:1.2", 2, "PCH", "pcmC2D0c");
  assert_none (self, CAMERA VIDEO, "hw:CARD=PCH", "can't be told");
}

static void
test_names (void)
{
  static const char *const good[] = { "none", "hw:CARD=C920", "hw:CARD=a-b_9",
    "hw:CARD=123456789012345,DEV=31" };
  static const char *const bad[] = { "", "None", "hw:", "hw:CARD=", "hw:1,0",
    "hw:CARD=C920,DEV=", "hw:CARD=C920,DEV=32", "hw:CARD=C920,DEV=-1",
    "hw:CARD=C920,DEV=0x1", "hw:CARD=C920,SUBDEV=0", "hw:CARD=../C920",
    "hw:CARD=C920 ", "hw:CARD=1234567890123456", "plughw:CARD=C920",
    "hw:CARD=C920,DEV=1,DEV=2", "hw:CARD={file /etc/passwd}" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (foyer_microphone_name_is_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (foyer_microphone_name_is_valid (bad[i]));
}

/* What stands at the node is not taken for the device that was found. */
static void
test_open_another (Fixture *self, gconstpointer data)
{
  g_autofree char *place = dup_path (self, CAMERA VIDEO);
  g_autofree char *node = dup_path (self, "dev/snd/pcmC1D0c");
  g_autofree char *folder = dup_path (self, "dev");
  g_auto (FoyerMicrophone) found = { 0 };
  g_autoptr (GError) gone = NULL;
  g_autoptr (GError) file = NULL;
  g_autoptr (GError) device = NULL;

  g_assert_true (foyer_microphone_find (self->root, place, NULL, &found, NULL));
  g_assert_cmpint (foyer_microphone_open (&found, self->root, folder, &gone),
      ==, -1);
  g_assert_error (gone, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  add_folder (self, "dev/snd");
  add_file (self, "dev/snd/pcmC1D0c", "");
  g_assert_cmpint (foyer_microphone_open (&found, self->root, folder, &file),
      ==, -1);
  g_assert_cmpstr (file->message, ==, "the microphone is another device now");
  g_assert_cmpint (g_unlink (node), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", node), ==, 0);
  g_assert_cmpint (foyer_microphone_open (&found, self->root, folder, &device),
      ==, -1);
  g_assert_cmpstr (device->message, ==, "the microphone is another device now");
}

/* The device that sysfs has for the number of what was opened is. */
static void
test_open (Fixture *self, gconstpointer data)
{
  g_autofree char *place = dup_path (self, CAMERA VIDEO);
  g_autofree char *node = dup_path (self, "dev/snd/pcmC1D0c");
  g_autofree char *number = dup_path (self, "dev/char/1:3");
  g_autofree char *folder = dup_path (self, "dev");
  g_auto (FoyerMicrophone) found = { 0 };
  g_autoptr (GError) error = NULL;
  int fd;

  g_assert_true (foyer_microphone_find (self->root, place, NULL, &found, NULL));
  add_folder (self, "dev/snd");
  add_folder (self, "dev/char");
  g_assert_cmpint (symlink ("/dev/null", node), ==, 0);
  g_assert_cmpint (symlink (found.place, number), ==, 0);
  fd = foyer_microphone_open (&found, self->root, folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/microphone/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("own", test_own);
  ADD ("not-anothers", test_not_anothers);
  ADD ("only-captures", test_only_captures);
  ADD ("ambiguous", test_ambiguous);
  ADD ("no-usb", test_no_usb);
  ADD ("named", test_named);
  ADD ("open-another", test_open_another);
  ADD ("open", test_open);
  g_test_add_func ("/microphone/names", test_names);
  return g_test_run ();
}
