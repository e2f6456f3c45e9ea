/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-residue.h"

#include "foyer-file.h"
#include "foyer-sections.h"

#include <glib/gstdio.h>
#include <string.h>

#define PREFIX    "session-"
#define MAX_BYTES 4096
#define MAX_FILES 1024

static char *
make_path (const char *folder, guint64 session)
{
  g_autofree char *name = g_strdup_printf (PREFIX "%" G_GUINT64_FORMAT,
      session);

  return g_build_filename (folder, name, NULL);
}

static void
residue_free (gpointer data)
{
  FoyerResidue *self = data;

  g_free (self->display);
  g_free (self->app);
  g_free (self);
}

/* Values of a section are one line: anything else can't be kept. */
static gboolean
is_line (const char *text)
{
  return *text != '\0' && strpbrk (text, "\r\n") == NULL;
}

void
foyer_residue_keep (const char *folder, const FoyerResidue *residue)
{
  g_autofree char *path = make_path (folder, residue->session);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!is_line (residue->display) || !is_line (residue->app))
    return;
  text = g_strdup_printf ("display=%s\napp=%s\n", residue->display,
      residue->app);
  if (!foyer_file_replace (foyer_file_ops_get_system (), path, text, &error))
    g_warning ("a crash would leave a display as it is: %s", error->message);
}

void
foyer_residue_drop (const char *folder, guint64 session)
{
  g_autofree char *path = make_path (folder, session);

  g_unlink (path);
}

static FoyerResidue *
load_file (const char *path, guint64 session)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) sections = NULL;
  const FoyerEntry *display, *app;
  FoyerResidue *residue;
  gsize n_bytes = 0;

  if (!foyer_file_read (path, MAX_BYTES, &text, &n_bytes, NULL) || text == NULL)
    return NULL;
  sections = foyer_sections_parse (text, n_bytes, NULL);
  if (sections == NULL)
    return NULL;
  display = foyer_section_find (sections->pdata[0], "display");
  app = foyer_section_find (sections->pdata[0], "app");
  if (display == NULL || app == NULL)
    return NULL;
  residue = g_new0 (FoyerResidue, 1);
  residue->session = session;
  residue->display = g_strdup (display->value);
  residue->app = g_strdup (app->value);
  return residue;
}

GPtrArray *
foyer_residue_load (const char *folder)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (residue_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && all->len < MAX_FILES &&
      (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    FoyerResidue *residue;
    guint64 session;

    if (!g_str_has_prefix (name, PREFIX) ||
        !g_ascii_string_to_unsigned (name + strlen (PREFIX), 10, 1, G_MAXUINT64,
            &session, NULL))
      continue;
    residue = load_file (path, session);
    if (residue != NULL)
      g_ptr_array_add (all, residue);
    else
      g_unlink (path);
  }
  return all;
}
