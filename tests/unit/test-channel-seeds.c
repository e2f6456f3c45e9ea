/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-channel.h"

/* What the worker channel's fuzzer begins with is what foyerd and workers say: each
 * seed is one life, legal from its first message to its last, and all that can be said
 * is said in one of them. As fuzz-worker-channel.c reads them. */

#define HEADER_BYTES 3

static const char *folder_path;

static void
take_life (const guint8 *data, gsize n_bytes, gboolean *is_said)
{
  FoyerProtocol protocol;
  gsize at = 1;

  foyer_protocol_init (&protocol, data[0]);
  while (at < n_bytes) {
    gsize n_message_bytes = (gsize) (data[at + 1] << 8 | data[at + 2]);
    FoyerMessage message;

    g_assert_cmpuint (at + HEADER_BYTES + n_message_bytes, <=, n_bytes);
    g_assert_true (foyer_message_read (&message, data + at + HEADER_BYTES,
        n_message_bytes));
    g_test_message ("%s", foyer_message_type_to_string (message.type));
    g_assert_true (foyer_protocol_take (&protocol, (data[at] & 1) != 0,
        &message, data[at] >> 1));
    is_said[message.type] = TRUE;
    at += HEADER_BYTES + n_message_bytes;
  }
}

static void
test_seeds (void)
{
  gboolean is_said[FOYER_N_MESSAGES] = { FALSE };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (folder_path, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (folder_path, name, NULL);
    g_autofree char *data = NULL;
    gsize n_bytes;

    /* What once made it fail. */
    if (g_str_has_prefix (name, "found-"))
      continue;
    g_test_message ("%s", name);
    g_assert_true (g_file_get_contents (path, &data, &n_bytes, &error));
    take_life ((const guint8 *) data, n_bytes, is_said);
  }
  for (guint type = 1; type < FOYER_N_MESSAGES; type++)
    g_assert_cmpstr (is_said[type] ? "" : foyer_message_type_to_string (type),
        ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  folder_path = argv[1];
  g_test_add_func ("/channel-seeds", test_seeds);
  return g_test_run ();
}
