/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-progress.h"
#include "foyer-ctl-session.h"
#include "foyer-ctl-verbs.h"

#include <glib-unix.h>

/* One wish to end it may come as several signals; later ones are another. */
#define SAME_WISH_US (G_USEC_PER_SEC / 2)

/* The call, then a wait until the session is live or over. Nothing blocks: Ctrl-C
 * must be heard at each moment, or a session would be left behind that nobody
 * knows of. */

typedef struct
{
  FoyerCtl *ctl;
  GMainLoop *loop;
  FoyerDBusManager *manager;
  FoyerDBusCamera *camera;
  FoyerDBusDisplay *display;
  FoyerCtlProgress *progress;
  GHashTable *ended; /* path → GVariant (sss): sessions that ended meanwhile */
  char *path;        /* (nullable): of the session, once granted */
  gint64 began_us;   /* monotonic */
  gint64 live_us;    /* monotonic; 0 before it was live */
  gboolean is_attached;
  gboolean is_kept;  /* the service may follow it by another session */
  gboolean was_live; /* this session, or one before it */
  gboolean is_stopping;
  gint64 stopping_us; /* monotonic: since when */
  GError *error;
} Cast;

/* Fills in what the line says; the service judges it. */
static gboolean
add_options (FoyerCtlLine *line, GVariantDict *options, GError **error)
{
  const char *duration = foyer_ctl_line_get (line, "for");
  const char *delay = foyer_ctl_line_get (line, "delay");
  guint duration_s = 0;
  guint32 delay_ms = 0;

  if (duration != NULL) {
    if (!foyer_ctl_parse_duration (duration, &duration_s, error))
      return FALSE;
    g_variant_dict_insert (options, "duration-s", "u", duration_s);
  }
  if (delay != NULL) {
    if (!foyer_ctl_parse_count (delay, "delay", &delay_ms, error))
      return FALSE;
    g_variant_dict_insert (options, "delay-ms", "u", delay_ms);
  }
  if (foyer_ctl_line_has (line, "transport"))
    g_variant_dict_insert (options, "transport", "s",
        foyer_ctl_line_get (line, "transport"));
  if (foyer_ctl_line_has (line, "audio"))
    g_variant_dict_insert (options, "audio", "b", TRUE);
  if (foyer_ctl_line_has (line, "keep"))
    g_variant_dict_insert (options, "keep", "b", TRUE);
  if (foyer_ctl_line_has (line, "no-clock"))
    g_variant_dict_insert (options, "clock", "b", FALSE);
  if (foyer_ctl_line_has (line, "clock"))
    g_variant_dict_insert (options, "clock", "b", TRUE);
  return TRUE;
}

static gboolean
check_line (FoyerCtlLine *line, GError **error)
{
  static const char *const pairs[][2] = { { "wait", "no-wait" },
    { "attach", "no-wait" }, { "clock", "no-clock" } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    if (!foyer_ctl_line_has (line, pairs[i][0]) ||
        !foyer_ctl_line_has (line, pairs[i][1]))
      continue;
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "--%s and --%s exclude each other; see: foyerctl cast --help",
        pairs[i][0], pairs[i][1]);
    return FALSE;
  }
  return TRUE;
}

/* (transfer full) (nullable): the session as far as it is known already. */
static FoyerDBusSession *
get_session (Cast *cast)
{
  if (cast->path == NULL)
    return NULL;
  return (FoyerDBusSession *) g_dbus_object_manager_get_interface (
      G_DBUS_OBJECT_MANAGER (cast->ctl->house), cast->path,
      "org.foyer.Foyer1.Session");
}

static void
tell (Cast *cast, FoyerDBusSession *session)
{
  gint64 after_us = cast->live_us - cast->began_us;
  guint64 number = foyer_ctl_get_number (cast->path);
  g_autofree char *words = NULL;

  if (cast->live_us != 0) {
    words = g_strdup_printf ("live after %.2f s",
        (double) after_us / G_USEC_PER_SEC);
    foyer_ctl_progress_end (cast->progress, words);
  }
  if (foyer_ctl_line_has (cast->ctl->line, "json")) {
    g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

    if (session != NULL)
      foyer_ctl_session_add_json (cast->ctl, json, session);
    else
      foyer_ctl_json_add_number (json, "session", number);
    if (cast->live_us != 0)
      foyer_ctl_json_add_number (json, "live_after_ms",
          (guint64) (after_us / 1000));
    foyer_ctl_json_print (json, cast->is_attached);
  } else
    foyer_ctl_say ("session %" G_GUINT64_FORMAT, number);
}

static void
leave (Cast *cast, const char *reason, const char *message)
{
  const FoyerCtlThing camera = foyer_ctl_get_camera_thing (cast->camera);
  const FoyerCtlThing display = foyer_ctl_get_display_thing (cast->display);
  gboolean is_wanted = cast->was_live &&
      (g_str_equal (reason, "stopped") || g_str_equal (reason, "expired"));

  if (!is_wanted && cast->error == NULL)
    foyer_ctl_error_set (&cast->error, reason, message, &camera, &display);
  g_main_loop_quit (cast->loop);
}

/* What the state is called to a person where the service does not say. */
static const char *
get_step (FoyerDBusSession *session)
{
  const char *step = foyer_dbus_session_get_step (session);
  const char *state = foyer_dbus_session_get_state (session);

  if (step != NULL && *step != '\0')
    return step;
  return state != NULL ? state : "";
}

static void look (Cast *cast);

/* (transfer full) (nullable): path of the session that followed the one that has
 * ended. */
static char *
dup_successor (Cast *cast)
{
  g_autoptr (GPtrArray) sessions = foyer_ctl_list (cast->ctl, "Session");
  guint64 number = foyer_ctl_get_number (cast->path);

  for (guint i = 0; i < sessions->len; i++) {
    FoyerDBusSession *session = sessions->pdata[i];
    const char *path = foyer_ctl_get_path (session);

    if (foyer_ctl_get_number (path) > number &&
        g_strcmp0 (foyer_dbus_session_get_camera (session),
            foyer_ctl_get_path (cast->camera)) == 0 &&
        g_strcmp0 (foyer_dbus_session_get_display (session),
            foyer_ctl_get_path (cast->display)) == 0)
      return g_strdup (path);
  }
  return NULL;
}

/* FALSE if nothing comes after this session: its object stays as long as it is
 * tried again. */
static gboolean
follow (Cast *cast, FoyerDBusSession *session, const char *message)
{
  char *successor = cast->is_kept ? dup_successor (cast) : NULL;

  if (successor != NULL) {
    g_free (cast->path);
    cast->path = successor;
    cast->began_us = foyer_clock_get_us (cast->ctl->clock);
    cast->live_us = 0;
    look (cast);
    return TRUE;
  }
  if (!cast->is_kept || session == NULL)
    return FALSE;
  if (g_strcmp0 (foyer_dbus_session_get_state (session), "waiting") == 0)
    foyer_ctl_progress_step (cast->progress, message);
  return TRUE;
}

/* What is heard is said where it is not what was asked for. */
static void
tell_sound (Cast *cast, FoyerDBusSession *session)
{
  const char *sound = foyer_dbus_session_get_sound (session);
  g_autofree char *problem = foyer_ctl_session_dup_sound_problem (session);

  if (foyer_ctl_line_has (cast->ctl->line, "json"))
    return;
  if (problem != NULL)
    foyer_ctl_say ("%s", problem);
  else if (g_strcmp0 (sound, "silence") == 0)
    foyer_ctl_say ("this display takes no picture without sound: it is sent "
                   "silence that no microphone heard");
  else if (g_strcmp0 (sound, "camera") != 0 &&
      foyer_ctl_line_has (cast->ctl->line, "audio"))
    foyer_ctl_say ("there is no sound: this display takes none");
}

static void
tell_live (Cast *cast, FoyerDBusSession *session)
{
  tell_sound (cast, session);
  tell (cast, session);
  if (!cast->is_attached)
    g_main_loop_quit (cast->loop);
}

/* Who takes this way should know what it is. */
static void
on_account (GObject *object, GAsyncResult *result, gpointer user_data)
{
  FoyerDBusSession *session = FOYER_DBUS_SESSION (object);
  Cast *cast = user_data;
  g_autoptr (GVariant) account = NULL;
  gint64 delay_us = -1;

  if (foyer_dbus_session_call_get_account_finish (session, &account, result,
          NULL))
    g_variant_lookup (account, "delay-us", "x", &delay_us);
  if (delay_us >= 0 && !foyer_ctl_line_has (cast->ctl->line, "json"))
    foyer_ctl_say ("this transport is not encrypted, and the picture is about "
                   "%.1f s late",
        (double) delay_us / G_USEC_PER_SEC);
  else if (!foyer_ctl_line_has (cast->ctl->line, "json"))
    foyer_ctl_say (
        "this transport is not encrypted, and the picture is seconds "
        "late");
  tell_live (cast, session);
}

/* Takes in what is known now; the end of the session may be known before its
 * beginning. */
static void
look (Cast *cast)
{
  g_autoptr (FoyerDBusSession) session = get_session (cast);
  GVariant *end = NULL;
  const char *path, *reason, *message;

  if (cast->path == NULL || cast->is_stopping)
    return;
  end = g_hash_table_lookup (cast->ended, cast->path);
  if (end != NULL) {
    g_variant_get (end, "(&s&s&s)", &path, &reason, &message);
    if (!follow (cast, session, message))
      leave (cast, reason, message);
    return;
  }
  if (session == NULL || cast->live_us != 0)
    return;
  if (g_strcmp0 (foyer_dbus_session_get_state (session), "live") != 0) {
    foyer_ctl_progress_step (cast->progress, get_step (session));
    return;
  }
  cast->live_us = foyer_clock_get_us (cast->ctl->clock);
  cast->was_live = TRUE;
  if (g_strcmp0 (foyer_dbus_session_get_transport (session), "http") == 0)
    foyer_dbus_session_call_get_account (session, NULL, on_account, cast);
  else
    tell_live (cast, session);
}

static void
on_stop_replied (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  Cast *cast = user_data;
  guint64 number = foyer_ctl_get_number (cast->path);
  g_autoptr (GError) error = NULL;
  GError *remote = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result,
          &remote);

  if (reply == NULL)
    foyer_ctl_error_take_remote (&error, remote, NULL, NULL);
  if (error != NULL &&
      !g_error_matches (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND)) {
    g_prefix_error (&error, "ending session %" G_GUINT64_FORMAT ": ", number);
    cast->error = g_steal_pointer (&error);
  } else if (!cast->was_live)
    g_set_error (&cast->error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
        "interrupted before it was live: session %" G_GUINT64_FORMAT
        " has ended",
        number);
  else if (!foyer_ctl_line_has (cast->ctl->line, "json"))
    foyer_ctl_say ("session %" G_GUINT64_FORMAT " has ended", number);
  g_main_loop_quit (cast->loop);
}

static void
stop (Cast *cast)
{
  g_dbus_connection_call (cast->ctl->connection, FOYER_CTL_BUS_NAME, cast->path,
      "org.foyer.Foyer1.Session", "Stop", NULL, NULL,
      G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, FOYER_CTL_CALL_MS,
      NULL, on_stop_replied, cast);
}

static gboolean
on_interrupted (gpointer user_data)
{
  Cast *cast = user_data;
  gint64 now_us = foyer_clock_get_us (cast->ctl->clock);

  if (!cast->is_stopping) {
    cast->is_stopping = TRUE;
    cast->stopping_us = now_us;
    if (cast->path != NULL)
      stop (cast);
  } else if (now_us - cast->stopping_us > SAME_WISH_US) {
    /* Who presses it again does not want to wait for the service either. */
    g_clear_error (&cast->error);
    g_set_error_literal (&cast->error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
        "interrupted; the session may go on, see: foyerctl sessions");
    g_main_loop_quit (cast->loop);
  }
  return G_SOURCE_CONTINUE;
}

static void
on_cast_replied (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  Cast *cast = user_data;
  const FoyerCtlThing camera = foyer_ctl_get_camera_thing (cast->camera);
  const FoyerCtlThing display = foyer_ctl_get_display_thing (cast->display);
  GError *remote = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result,
          &remote);

  if (reply == NULL) {
    foyer_ctl_error_take_remote (&cast->error, remote, &camera, &display);
    g_main_loop_quit (cast->loop);
    return;
  }
  g_variant_get (reply, "(o)", &cast->path);
  if (cast->is_stopping)
    stop (cast);
  else if (foyer_ctl_line_has (cast->ctl->line, "no-wait")) {
    g_autoptr (FoyerDBusSession) session = get_session (cast);

    tell (cast, session);
    g_main_loop_quit (cast->loop);
  } else
    look (cast);
}

static void
on_session_ended (FoyerDBusManager *manager, const char *path,
    const char *reason, const char *message, gpointer user_data)
{
  Cast *cast = user_data;

  g_hash_table_insert (cast->ended, g_strdup (path),
      g_variant_ref_sink (g_variant_new ("(sss)", path, reason, message)));
  look (cast);
}

static void
on_objects_changed (GDBusObjectManager *house, GDBusObject *object,
    gpointer user_data)
{
  look (user_data);
}

static void
on_changed (GDBusObjectManagerClient *house, GDBusObjectProxy *object,
    GDBusProxy *proxy, GVariant *changed, const char *const *invalidated,
    gpointer user_data)
{
  look (user_data);
}

static void
on_owner_changed (GObject *house, GParamSpec *property, gpointer user_data)
{
  Cast *cast = user_data;
  g_autofree char *owner = g_dbus_object_manager_client_get_name_owner (
      G_DBUS_OBJECT_MANAGER_CLIENT (house));

  if (owner != NULL)
    return;
  g_clear_error (&cast->error);
  foyer_ctl_error_set_no_service (&cast->error);
  g_main_loop_quit (cast->loop);
}

static void
run (Cast *cast, GVariant *options)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  guint sources[G_N_ELEMENTS (signals)];

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], on_interrupted, cast);
  g_signal_connect (cast->manager, "session-ended",
      G_CALLBACK (on_session_ended), cast);
  g_signal_connect (cast->ctl->house, "object-added",
      G_CALLBACK (on_objects_changed), cast);
  g_signal_connect (cast->ctl->house, "object-removed",
      G_CALLBACK (on_objects_changed), cast);
  g_signal_connect (cast->ctl->house, "interface-proxy-properties-changed",
      G_CALLBACK (on_changed), cast);
  g_signal_connect (cast->ctl->house, "notify::name-owner",
      G_CALLBACK (on_owner_changed), cast);
  cast->began_us = foyer_clock_get_us (cast->ctl->clock);
  foyer_ctl_progress_step (cast->progress, "connecting");
  g_dbus_connection_call (cast->ctl->connection, FOYER_CTL_BUS_NAME,
      FOYER_CTL_PATH, FOYER_CTL_MANAGER, "Cast",
      g_variant_new ("(oo@a{sv})", foyer_ctl_get_path (cast->camera),
          foyer_ctl_get_path (cast->display), options),
      G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
      FOYER_CTL_CALL_MS, NULL, on_cast_replied, cast);
  g_main_loop_run (cast->loop);
  g_signal_handlers_disconnect_by_data (cast->ctl->house, cast);
  g_signal_handlers_disconnect_by_data (cast->manager, cast);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
}

static void
cast_clear (Cast *cast)
{
  g_clear_pointer (&cast->loop, g_main_loop_unref);
  g_clear_object (&cast->manager);
  g_clear_object (&cast->camera);
  g_clear_object (&cast->display);
  g_clear_pointer (&cast->progress, foyer_ctl_progress_free);
  g_clear_pointer (&cast->ended, g_hash_table_unref);
  g_clear_pointer (&cast->path, g_free);
  g_clear_error (&cast->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cast, cast_clear)

/* Finds all that the call needs. */
static gboolean
prepare (Cast *cast, GError **error)
{
  FoyerCtl *ctl = cast->ctl;

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  cast->manager = foyer_ctl_new_manager (ctl, error);
  if (cast->manager == NULL)
    return FALSE;
  cast->camera = foyer_ctl_find_camera (ctl,
      foyer_ctl_line_get_word (ctl->line, 0), error);
  if (cast->camera == NULL)
    return FALSE;
  cast->display = foyer_ctl_find_display (ctl,
      foyer_ctl_line_get_word (ctl->line, 1), error);
  return cast->display != NULL;
}

/* Unless one way is named, a session of the other may follow. */
static gboolean
may_follow (FoyerCtlLine *line)
{
  const char *transport = foyer_ctl_line_get (line, "transport");

  return transport == NULL || g_str_equal (transport, "auto");
}

gboolean
foyer_ctl_run_cast (FoyerCtl *ctl, GError **error)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  g_auto (Cast) cast = { .ctl = ctl,
    .is_attached = foyer_ctl_line_has (ctl->line, "attach"),
    .is_kept = foyer_ctl_line_has (ctl->line, "keep") ||
        may_follow (ctl->line) };

  if (!check_line (ctl->line, error) ||
      !add_options (ctl->line, &options, error) || !prepare (&cast, error))
    return FALSE;
  cast.loop = g_main_loop_new (NULL, FALSE);
  cast.progress = foyer_ctl_progress_new (
      foyer_ctl_line_has (ctl->line, "json"));
  cast.ended = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) g_variant_unref);
  run (&cast, g_variant_dict_end (&options));
  foyer_ctl_progress_end (cast.progress, NULL);
  if (cast.error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cast.error));
  return FALSE;
}
