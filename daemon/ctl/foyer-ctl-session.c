/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-session.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"

FoyerColour
foyer_ctl_session_get_colour (const char *state)
{
  if (g_strcmp0 (state, "live") == 0)
    return FOYER_COLOUR_GOOD;
  return g_strcmp0 (state, "stalled") == 0 ? FOYER_COLOUR_BAD
                                           : FOYER_COLOUR_WAIT;
}

char *
foyer_ctl_session_dup_where (FoyerCtl *ctl, FoyerDBusSession *session)
{
  const char *app = foyer_dbus_session_get_app (session);

  if (app != NULL && *app != '\0')
    return g_strconcat ("app:", app, NULL);
  return foyer_ctl_dup_name (ctl, foyer_dbus_session_get_display (session));
}

char *
foyer_ctl_session_dup_sound_problem (FoyerDBusSession *session)
{
  const char *sound = foyer_dbus_session_get_sound (session);
  g_autofree char *problem = foyer_print_dup_sentence (
      foyer_dbus_session_get_sound_problem (session));

  if (g_strcmp0 (sound, "lost") == 0)
    return g_strdup_printf ("there is no sound: %s", problem);
  if (g_strcmp0 (sound, "muted") == 0)
    return g_strdup_printf ("nothing is heard: %s", problem);
  return NULL;
}

void
foyer_ctl_session_add_json (FoyerCtl *ctl, JsonBuilder *json,
    FoyerDBusSession *session)
{
  const char *camera = foyer_dbus_session_get_camera (session);
  const char *display = foyer_dbus_session_get_display (session);
  g_autofree char *camera_name = foyer_ctl_dup_name (ctl, camera);
  g_autofree char *display_name = foyer_ctl_session_dup_where (ctl, session);

  foyer_ctl_json_add_number (json, "session",
      foyer_dbus_session_get_id (session));
  foyer_ctl_json_add_number (json, "camera", foyer_ctl_get_number (camera));
  foyer_ctl_json_add_string (json, "camera_name", camera_name);
  foyer_ctl_json_add_number (json, "display", foyer_ctl_get_number (display));
  foyer_ctl_json_add_string (json, "display_name", display_name);
  foyer_ctl_json_add_string (json, "app", foyer_dbus_session_get_app (session));
  foyer_ctl_json_add_string (json, "state",
      foyer_dbus_session_get_state (session));
  foyer_ctl_json_add_string (json, "step",
      foyer_dbus_session_get_step (session));
  foyer_ctl_json_add_string (json, "reason",
      foyer_dbus_session_get_reason (session));
  foyer_ctl_json_add_number (json, "user",
      foyer_dbus_session_get_user (session));
  foyer_ctl_json_add_number (json, "rule",
      foyer_dbus_session_get_rule (session));
  foyer_ctl_json_add_time (json, "since_us",
      foyer_dbus_session_get_since (session));
  foyer_ctl_json_add_time (json, "ends_us",
      foyer_dbus_session_get_ends (session));
  foyer_ctl_json_add_boolean (json, "keep",
      foyer_dbus_session_get_keep (session));
  foyer_ctl_json_add_string (json, "transport",
      foyer_dbus_session_get_transport (session));
  foyer_ctl_json_add_string (json, "codec",
      foyer_dbus_session_get_codec (session));
  foyer_ctl_json_add_number (json, "width",
      foyer_dbus_session_get_width (session));
  foyer_ctl_json_add_number (json, "height",
      foyer_dbus_session_get_height (session));
  foyer_ctl_json_add_string (json, "sound",
      foyer_dbus_session_get_sound (session));
  foyer_ctl_json_add_string (json, "sound_problem",
      foyer_dbus_session_get_sound_problem (session));
}

/* (transfer full) (nullable): from @begin_us to @end_us; %NULL if either is
 * not known. */
static char *
dup_span (guint64 begin_us, guint64 end_us)
{
  if (begin_us == 0 || end_us == 0)
    return NULL;
  return foyer_ctl_dup_duration (
      end_us > begin_us ? (end_us - begin_us) / G_USEC_PER_SEC : 0);
}

void
foyer_ctl_session_add_cells (FoyerCtl *ctl, FoyerTable *table,
    FoyerDBusSession *session)
{
  guint64 now_us = (guint64) foyer_ctl_get_now_us (ctl);
  const char *state = foyer_dbus_session_get_state (session);
  g_autofree char *camera = foyer_ctl_dup_name (ctl,
      foyer_dbus_session_get_camera (session));
  g_autofree char *display = foyer_ctl_session_dup_where (ctl, session);
  g_autofree char *since = dup_span (foyer_dbus_session_get_since (session),
      now_us);
  g_autofree char *ends = dup_span (now_us,
      foyer_dbus_session_get_ends (session));

  foyer_table_add_number (table, foyer_dbus_session_get_id (session));
  foyer_table_add (table, FOYER_COLOUR_NONE, camera);
  foyer_table_add (table, FOYER_COLOUR_NONE, display);
  foyer_table_add (table, foyer_ctl_session_get_colour (state), state);
  foyer_table_add (table, FOYER_COLOUR_NONE, since);
  foyer_table_add (table, FOYER_COLOUR_NONE, ends);
}

typedef struct
{
  guint n_left;
  GError *error; /* of the first that failed */
} Stopping;

static void
on_stop_replied (GObject *proxy, GAsyncResult *result, gpointer user_data)
{
  Stopping *stopping = user_data;
  guint64 number = foyer_dbus_session_get_id (FOYER_DBUS_SESSION (proxy));
  g_autoptr (GError) error = NULL;
  GError *remote = NULL;
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (proxy),
      result, &remote);

  stopping->n_left--;
  if (reply == NULL)
    foyer_ctl_error_take_remote (&error, remote, NULL, NULL);
  if (error == NULL ||
      g_error_matches (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND))
    foyer_ctl_say ("session %" G_GUINT64_FORMAT " has ended", number);
  else if (stopping->error == NULL) {
    g_prefix_error (&error, "ending session %" G_GUINT64_FORMAT ": ", number);
    stopping->error = g_steal_pointer (&error);
  }
}

gboolean
foyer_ctl_session_stop_all (FoyerCtl *ctl, GPtrArray *sessions, GError **error)
{
  Stopping stopping = { .n_left = sessions->len };

  for (guint i = 0; i < sessions->len; i++)
    g_dbus_proxy_call (sessions->pdata[i], "Stop", NULL,
        G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, FOYER_CTL_CALL_MS,
        NULL, on_stop_replied, &stopping);
  while (stopping.n_left > 0)
    g_main_context_iteration (NULL, TRUE);
  if (stopping.error == NULL)
    return TRUE;
  g_propagate_error (error, stopping.error);
  return FALSE;
}
