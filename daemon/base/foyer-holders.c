/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-holders.h"

#define OWN "foyer" /* how all of Foyer's own programs begin */

static void
holder_free (gpointer data)
{
  FoyerHolder *holder = data;

  g_free (holder->name);
  g_free (holder->pid);
  g_free (holder);
}

static gboolean
has_open (const char *process, const char *path)
{
  g_autofree char *folder_path = g_build_filename (process, "fd", NULL);
  g_autoptr (GDir) folder = g_dir_open (folder_path, 0, NULL);
  const char *fd;

  while (folder != NULL && (fd = g_dir_read_name (folder)) != NULL) {
    g_autofree char *link = g_build_filename (folder_path, fd, NULL);
    g_autofree char *target = g_file_read_link (link, NULL);

    if (g_strcmp0 (target, path) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
look_at_process (GPtrArray *holders, const char *proc, const char *pid,
    const char *path)
{
  g_autofree char *process = g_build_filename (proc, pid, NULL);
  g_autofree char *comm = g_build_filename (process, "comm", NULL);
  g_autofree char *name = NULL;
  FoyerHolder *holder;

  if (!g_file_get_contents (comm, &name, NULL, NULL) ||
      g_str_has_prefix (name, OWN) || !has_open (process, path))
    return;
  holder = g_new0 (FoyerHolder, 1);
  holder->name = g_utf8_make_valid (g_strchomp (name), -1);
  holder->pid = g_strdup (pid);
  g_ptr_array_add (holders, holder);
}

GPtrArray *
foyer_holders_list (const char *proc, const char *path)
{
  GPtrArray *holders = g_ptr_array_new_with_free_func (holder_free);
  g_autoptr (GDir) folder = g_dir_open (proc, 0, NULL);
  const char *pid;

  while (folder != NULL && (pid = g_dir_read_name (folder)) != NULL)
    if (g_ascii_isdigit (*pid))
      look_at_process (holders, proc, pid, path);
  return holders;
}

char *
foyer_holders_dup_names (const GPtrArray *holders)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < holders->len; i++) {
    const FoyerHolder *holder = holders->pdata[i];

    g_string_append_printf (names, "%s%s (%s)", i > 0 ? ", " : "", holder->name,
        holder->pid);
  }
  return g_string_free (names, FALSE);
}
