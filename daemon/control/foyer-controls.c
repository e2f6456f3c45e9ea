/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-controls.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-text.h"

#include <string.h>

#define MAX_NAME_BYTES 31
#define LETTERS        "abcdefghijklmnopqrstuvwxyz0123456789-"

/* What a thread works on. */
typedef struct
{
  int fd;
  char *line;
  gboolean is_strict;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  foyer_fd_clear (&work->fd);
  g_free (work->line);
  g_free (work);
}

/* lines; pure */

static gboolean
is_name (const char *name)
{
  return *name != '\0' && strlen (name) <= MAX_NAME_BYTES &&
      strspn (name, LETTERS) == strlen (name);
}

/* "name=value"; @word is cut at the sign. */
static gboolean
split (char *word, const char **name, gint32 *value)
{
  char *sign = strchr (word, '=');
  gint64 number = 0;

  if (sign == NULL)
    return FALSE;
  *sign = '\0';
  *name = word;
  if (!is_name (word) ||
      !g_ascii_string_to_signed (sign + 1, 10, G_MININT32, G_MAXINT32, &number,
          NULL))
    return FALSE;
  *value = (gint32) number;
  return TRUE;
}

gboolean
foyer_controls_is_line (const char *line)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (GStrv) words = NULL;

  if (line == NULL || strlen (line) > FOYER_CONTROLS_MAX_BYTES)
    return FALSE;
  words = g_strsplit (line, " ", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    const char *name;
    gint32 value;

    if (!split (words[i], &name, &value) ||
        !g_hash_table_add (seen, (gpointer) name))
      return FALSE;
  }
  return words[0] != NULL;
}

char *
foyer_controls_dup_with (const char *line, const char *name, gint32 value)
{
  g_auto (GStrv) words = g_strsplit (line != NULL ? line : "", " ", -1);
  g_autofree char *prefix = g_strconcat (name, "=", NULL);
  GString *out = NULL;

  if (!is_name (name))
    return NULL;
  out = g_string_new (NULL);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !g_str_has_prefix (words[i], prefix))
      g_string_append_printf (out, "%s ", words[i]);
  g_string_append_printf (out, "%s%d", prefix, value);
  if (foyer_controls_is_line (out->str))
    return g_string_free (out, FALSE);
  g_string_free (out, TRUE);
  return NULL;
}

static char *
dup_names (const GArray *controls)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < controls->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
        g_array_index (controls, FoyerV4l2Control, i).name);
  return g_string_free (names, FALSE);
}

/* Sentences of what it takes. */
static gboolean
fits (const FoyerV4l2Control *control, gint32 value, GError **error)
{
  gboolean is_choice = control->choices != NULL && value >= control->min &&
      value <= control->max;

  if (control->is_fixed)
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "%s can't be set now: the camera, or another control, governs it",
        control->name);
  else if (value < control->min || value > control->max ||
      ((gint64) value - control->min) % control->step != 0)
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "%s takes %d to %d in steps of %d", control->name, control->min,
        control->max, control->step);
  else if (is_choice &&
      *(char *) control->choices->pdata[value - control->min] == '\0')
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID, "%s has no choice %d",
        control->name, value);
  else
    return TRUE;
  return FALSE;
}

static const FoyerV4l2Control *
find (const GArray *controls, const char *name)
{
  for (guint i = 0; i < controls->len; i++)
    if (g_str_equal (g_array_index (controls, FoyerV4l2Control, i).name, name))
      return &g_array_index (controls, FoyerV4l2Control, i);
  return NULL;
}

const FoyerV4l2Control *
foyer_controls_check (const GArray *controls, const char *name, gint32 value,
    GError **error)
{
  const FoyerV4l2Control *control = find (controls, name);

  if (control == NULL) {
    g_autofree char *names = dup_names (controls);
    g_autofree char *escaped = foyer_text_escape (name);

    g_set_error (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "the camera has no control \"%s\"; it has: %s", escaped,
        *names != '\0' ? names : "none");
    return NULL;
  }
  return fits (control, value, error) ? control : NULL;
}

/* threads: a camera that is broken holds each call up for seconds, and foyerd
 * must answer meanwhile */

static void
start (Work *work, GTaskThreadFunc run, gpointer tag, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, run);
}

static void
run_list (GTask *task, gpointer source, gpointer data,
    GCancellable *cancellable)
{
  const Work *work = data;
  GError *error = NULL;
  GArray *controls;
  FoyerV4l2 v4l2;

  foyer_ioctl_init (&v4l2, work->fd);
  controls = foyer_v4l2_list_controls (&v4l2, &error);
  if (controls != NULL)
    g_task_return_pointer (task, controls, (GDestroyNotify) g_array_unref);
  else
    g_task_return_error (task, error);
}

/* In the order of the line: some govern others, which can be set but after. */
static gboolean
set_all (const Work *work, GError **error)
{
  g_auto (GStrv) words = g_strsplit (work->line, " ", -1);
  FoyerV4l2 v4l2;

  foyer_ioctl_init (&v4l2, work->fd);
  for (guint i = 0; words[i] != NULL; i++) {
    g_autoptr (GArray) controls = foyer_v4l2_list_controls (&v4l2, error);
    const FoyerV4l2Control *control = NULL;
    g_autoptr (GError) local = NULL;
    const char *name;
    gint32 value;

    if (controls == NULL)
      return FALSE;
    if (split (words[i], &name, &value))
      control = foyer_controls_check (controls, name, value, &local);
    if (control != NULL &&
        foyer_v4l2_set_control (&v4l2, control->id, value, &local))
      continue;
    if (work->is_strict && local != NULL) {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
    g_debug ("a control stays as it is: %s",
        local != NULL ? local->message : words[i]);
  }
  return TRUE;
}

static void
run_set (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (set_all (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
foyer_controls_list_async (int fd, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  Work *work = g_new0 (Work, 1);

  work->fd = fd;
  start (work, run_list, foyer_controls_list_async, cancellable, callback,
      user_data);
}

GArray *
foyer_controls_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
foyer_controls_set_async (int fd, const char *line, gboolean is_strict,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Work *work = g_new0 (Work, 1);

  work->fd = fd;
  work->line = g_strdup (line);
  work->is_strict = is_strict;
  start (work, run_set, foyer_controls_set_async, cancellable, callback,
      user_data);
}

gboolean
foyer_controls_set_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
