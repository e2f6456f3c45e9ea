/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-session.h"
#include "foyer-ctl-verbs.h"

#include <string.h>

static void
add_once (GPtrArray *chosen, FoyerDBusSession *session)
{
  if (!g_ptr_array_find (chosen, session, NULL))
    g_ptr_array_add (chosen, g_object_ref (session));
}

static gboolean
choose_number (GPtrArray *sessions, guint64 number, GPtrArray *chosen,
    GError **error)
{
  for (guint i = 0; i < sessions->len; i++) {
    if (foyer_dbus_session_get_id (sessions->pdata[i]) != number)
      continue;
    add_once (chosen, sessions->pdata[i]);
    return TRUE;
  }
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND,
      "there is no session %" G_GUINT64_FORMAT "; see: foyerctl sessions",
      number);
  return FALSE;
}

/* (transfer full) (nullable): path of the display or camera that is meant; who
 * is both is neither. */
static char *
find_path (FoyerCtl *ctl, const char *word, GError **error)
{
  g_autoptr (GError) no_display = NULL;
  g_autoptr (GError) no_camera = NULL;
  g_autoptr (FoyerDBusDisplay) display = foyer_ctl_find_display (ctl, word,
      &no_display);
  g_autoptr (FoyerDBusCamera) camera = foyer_ctl_find_camera (ctl, word,
      &no_camera);
  g_autofree char *safe = foyer_print_dup_safe (word);

  if (no_display != NULL && no_display->code == FOYER_CTL_ERROR_USAGE)
    g_propagate_error (error, g_steal_pointer (&no_display));
  else if (no_camera != NULL && no_camera->code == FOYER_CTL_ERROR_USAGE)
    g_propagate_error (error, g_steal_pointer (&no_camera));
  else if (display != NULL && camera != NULL)
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "\"%s\" is a display and a camera; say the number of the session, see: "
        "foyerctl sessions",
        safe);
  else if (display != NULL)
    return g_strdup (foyer_ctl_get_path (display));
  else if (camera != NULL)
    return g_strdup (foyer_ctl_get_path (camera));
  else
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND,
        "no display or camera is called \"%s\"; see: foyerctl sessions", safe);
  return NULL;
}

static gboolean
choose (FoyerCtl *ctl, GPtrArray *sessions, const char *word, GPtrArray *chosen,
    GError **error)
{
  const char *digits = g_str_has_prefix (word, FOYER_CTL_SESSION_PREFIX)
      ? word + strlen (FOYER_CTL_SESSION_PREFIX)
      : word;
  g_autofree char *path = NULL;
  guint64 number;
  gboolean is_found = FALSE;

  if (foyer_ctl_parse_number (digits, &number))
    return choose_number (sessions, number, chosen, error);
  path = find_path (ctl, word, error);
  if (path == NULL)
    return FALSE;
  for (guint i = 0; i < sessions->len; i++) {
    FoyerDBusSession *session = sessions->pdata[i];

    if (g_strcmp0 (foyer_dbus_session_get_camera (session), path) != 0 &&
        g_strcmp0 (foyer_dbus_session_get_display (session), path) != 0)
      continue;
    add_once (chosen, session);
    is_found = TRUE;
  }
  if (!is_found) {
    g_autofree char *safe = foyer_print_dup_safe (word);

    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND,
        "\"%s\" is in no session; see: foyerctl sessions", safe);
  }
  return is_found;
}

gboolean
foyer_ctl_run_stop (FoyerCtl *ctl, GError **error)
{
  guint n_words = foyer_ctl_line_get_n_words (ctl->line);
  gboolean is_all = foyer_ctl_line_has (ctl->line, "all");
  g_autoptr (GPtrArray) sessions = NULL;
  g_autoptr (GPtrArray) chosen = g_ptr_array_new_with_free_func (
      g_object_unref);

  if (is_all == (n_words > 0)) {
    g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "say which sessions to end, or --all; see: foyerctl sessions");
    return FALSE;
  }
  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  sessions = foyer_ctl_list (ctl, "Session");
  if (is_all && sessions->len == 0)
    foyer_ctl_say ("nothing is shown");
  if (is_all)
    return foyer_ctl_session_stop_all (ctl, sessions, error);
  for (guint i = 0; i < n_words; i++) {
    if (!choose (ctl, sessions, foyer_ctl_line_get_word (ctl->line, i), chosen,
            error))
      return FALSE;
  }
  return foyer_ctl_session_stop_all (ctl, chosen, error);
}
