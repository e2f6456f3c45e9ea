/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tallies.h"

#include "foyer-fd.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#define PREFIX "tally-"

static char *
make_path (const char *folder, guint64 session)
{
  g_autofree char *name = g_strdup_printf (PREFIX "%" G_GUINT64_FORMAT,
      session);

  return g_build_filename (folder, name, NULL);
}

int
foyer_tallies_begin (const char *folder, guint64 session, GError **error)
{
  g_autofree char *path = make_path (folder, session);

  return foyer_tally_make (path, error);
}

gboolean
foyer_tallies_recall (const char *folder, guint64 session,
    FoyerAccount *account)
{
  g_autofree char *path = make_path (folder, session);
  foyer_autofd int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

  return fd >= 0 && foyer_tally_read (fd, account);
}

void
foyer_tallies_drop (const char *folder, guint64 session)
{
  g_autofree char *path = make_path (folder, session);

  (void) g_unlink (path);
}

void
foyer_tallies_clear (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_str_has_prefix (name, PREFIX))
      (void) g_unlink (path);
  }
}
