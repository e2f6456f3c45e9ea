/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-auth.h"

#include <glib/gstdio.h>

#define ON_2019_12_17 ((gint64) 1576540800)

static void
remove_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_unlink (path);
}

/* Keys of one run. */
static FoyerCastCredentials *
make_credentials (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("foyer-fuzz-XXXXXX", &error);
  FoyerCastCredentials *made = NULL;

  if (folder != NULL)
    made = foyer_cast_credentials_open (folder, ON_2019_12_17, &error);
  if (made == NULL)
    g_error ("%s", error->message);
  remove_file (folder, "device.pem");
  remove_file (folder, "root.pem");
  remove_file (folder, "lock");
  g_rmdir (folder);
  return made;
}

/* Whatever a sender asks a display. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static FoyerCastCredentials *credentials;
  g_autoptr (GBytes) challenge = g_bytes_new_static (data, n_bytes);
  g_autoptr (GBytes) leaf = g_bytes_new_static ("leaf", 4);
  g_autoptr (GBytes) answer = NULL;

  if (credentials == NULL)
    credentials = make_credentials ();
  answer = foyer_cast_auth_answer (credentials, challenge, leaf);
  if (answer != NULL && g_bytes_get_size (answer) == 0)
    g_error ("an empty answer");
  return 0;
}
