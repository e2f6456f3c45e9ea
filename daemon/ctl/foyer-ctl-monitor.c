/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-rule.h"
#include "foyer-ctl-session.h"
#include "foyer-ctl-verbs.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PERIOD_S  1
#define MAX_LINES 8 /* of what happened, below the table */

/* A line that is too long is cut there, or all below it would move. */
#define WRAP_OFF "\033[?7l"
#define WRAP_ON  "\033[?7h"

/* On a terminal a table that is drawn anew each second and at each change; else
 * a line for each change. */

typedef struct
{
  FoyerCtl *ctl;
  GMainLoop *loop;
  FoyerDBusManager *manager;
  gboolean is_drawn;
  gboolean is_json;
  GHashTable *accounts; /* path → GVariant a{sv}: the last figures */
  GHashTable *asked;    /* paths of which the figures are on their way */
  GQueue lines;         /* of char *: what happened last, newest last */
  char *last;           /* (nullable): words of the newest, without its time */
  guint redraw;         /* source */
  GError *error;
} Monitor;

static GVariant *
get_account (Monitor *monitor, gpointer session)
{
  return g_hash_table_lookup (monitor->accounts, foyer_ctl_get_path (session));
}

static void
add_ms (FoyerTable *table, GVariant *account, const char *key)
{
  gint64 time_us = -1;
  g_autofree char *text = NULL;

  if (account != NULL)
    g_variant_lookup (account, key, "x", &time_us);
  if (time_us >= 0)
    text = g_strdup_printf ("%" G_GINT64_FORMAT " ms", time_us / 1000);
  foyer_table_add (table, FOYER_COLOUR_NONE, text);
}

static void
add_figures (FoyerTable *table, GVariant *account)
{
  g_autofree char *rate = NULL, *loss = NULL;
  double loss_percent = 0.0;

  if (account == NULL) {
    for (guint i = 0; i < 5; i++)
      foyer_table_add (table, FOYER_COLOUR_NONE, NULL);
    return;
  }
  g_variant_lookup (account, "loss-percent", "d", &loss_percent);
  rate = g_strdup_printf ("%.1f Mb/s",
      (double) foyer_ctl_rule_get_number (account, "bit-rate-bps") / 1e6);
  loss = g_strdup_printf ("%.1f %%", loss_percent);
  foyer_table_add_number (table, foyer_ctl_rule_get_number (account, "frames"));
  foyer_table_add (table, FOYER_COLOUR_NONE, rate);
  foyer_table_add (table, FOYER_COLOUR_NONE, loss);
  add_ms (table, account, "delay-us");
  add_ms (table, account, "rtt-us");
}

static char *
dup_table (Monitor *monitor, guint n_columns, gboolean has_colour)
{
  static const char *const head[] = { FOYER_CTL_SESSION_HEAD, "FRAMES", "RATE",
    "LOSS", "DELAY", "RTT", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);
  g_autoptr (GPtrArray) sessions = foyer_ctl_list (monitor->ctl, "Session");

  for (guint i = 0; i < sessions->len; i++) {
    foyer_ctl_session_add_cells (monitor->ctl, table, sessions->pdata[i]);
    add_figures (table, get_account (monitor, sessions->pdata[i]));
  }
  if (sessions->len == 0)
    return g_strdup ("nothing is shown\n");
  return foyer_table_dup_text (table, has_colour, n_columns);
}

static char *
dup_head (Monitor *monitor)
{
  g_autofree char *version = foyer_print_dup_safe (
      foyer_dbus_manager_get_version (monitor->manager));
  g_autofree char *moment = foyer_ctl_dup_time (
      (guint64) foyer_ctl_get_now_us (monitor->ctl));
  const char *const *problems = foyer_dbus_manager_get_problems (
      monitor->manager);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "foyerd %s   %s   lockdown %s\n", version,
      moment,
      foyer_dbus_manager_get_locked_down (monitor->manager) ? "ON" : "off");
  for (; problems != NULL && *problems != NULL; problems++) {
    g_autofree char *problem = foyer_print_dup_sentence (*problems);

    g_string_append_printf (text, "problem: %s\n", problem);
  }
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

/* Overwrites what stands there, so that nothing flickers. */
static void
draw (Monitor *monitor)
{
  gboolean has_colour = foyer_print_has_colour (STDOUT_FILENO);
  g_autofree char *head = dup_head (monitor);
  g_autofree char *table = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;
  guint n_columns, n_rows;

  foyer_print_get_size (STDOUT_FILENO, &n_columns, &n_rows);
  table = dup_table (monitor, n_columns, has_colour);
  g_string_append_printf (text, "%s%s\n", head, table);
  for (GList *at = monitor->lines.head; at != NULL; at = at->next) {
    g_autofree char *cut = foyer_print_dup_cut (at->data, n_columns);

    g_string_append_printf (text, "%s\n", cut);
  }
  lines = g_strsplit (text->str, "\n", -1);
  printf (WRAP_OFF "\033[H");
  for (guint i = 0; lines[i] != NULL && i + 1 < n_rows; i++)
    printf ("%s\033[K\n", lines[i]);
  printf ("\033[J" WRAP_ON);
  fflush (stdout);
}

/* What the bus tells of a service that has gone is no news of the house. */
static gboolean
is_gone (Monitor *monitor)
{
  g_autofree char *owner = g_dbus_object_manager_client_get_name_owner (
      G_DBUS_OBJECT_MANAGER_CLIENT (monitor->ctl->house));
  g_autofree char *manager = g_dbus_proxy_get_name_owner (
      G_DBUS_PROXY (monitor->manager));

  return owner == NULL || manager == NULL;
}

static gboolean
on_redraw (gpointer user_data)
{
  Monitor *monitor = user_data;

  monitor->redraw = 0;
  draw (monitor);
  return G_SOURCE_REMOVE;
}

static gboolean
on_resized (gpointer user_data)
{
  draw (user_data);
  return G_SOURCE_CONTINUE;
}

/* Whoever read what is printed has left. */
static void
check_reader (Monitor *monitor)
{
  if (ferror (stdout))
    g_main_loop_quit (monitor->loop);
}

/* A line of what happened; @json has its members, and is closed by this. */
static void
report (Monitor *monitor, JsonBuilder *json, const char *words)
{
  g_autofree char *moment = foyer_ctl_dup_time (
      (guint64) foyer_ctl_get_now_us (monitor->ctl));
  g_autofree char *safe = foyer_print_dup_sentence (words);

  if (is_gone (monitor) ||
      (!monitor->is_json && g_strcmp0 (safe, monitor->last) == 0))
    return;
  if (monitor->is_json)
    foyer_ctl_json_print (json, TRUE);
  else if (!monitor->is_drawn)
    foyer_ctl_say ("%s %s", moment, safe);
  if (!monitor->is_drawn)
    check_reader (monitor);
  else {
    g_queue_push_tail (&monitor->lines,
        g_strdup_printf ("%s %s", moment, safe));
    if (monitor->lines.length > MAX_LINES)
      g_free (g_queue_pop_head (&monitor->lines));
    if (monitor->redraw == 0)
      monitor->redraw = g_idle_add (on_redraw, monitor);
  }
  g_free (monitor->last);
  monitor->last = g_steal_pointer (&safe);
}

static JsonBuilder *
event_new (Monitor *monitor, const char *event)
{
  JsonBuilder *json = foyer_ctl_json_new ();

  foyer_ctl_json_add_string (json, "event", event);
  foyer_ctl_json_add_number (json, "time_us",
      (guint64) foyer_ctl_get_now_us (monitor->ctl));
  return json;
}

static void
report_session (Monitor *monitor, FoyerDBusSession *session, const char *event)
{
  g_autoptr (JsonBuilder) json = event_new (monitor, event);
  g_autofree char *camera = foyer_ctl_dup_name (monitor->ctl,
      foyer_dbus_session_get_camera (session));
  g_autofree char *display = foyer_ctl_session_dup_where (monitor->ctl,
      session);
  g_autofree char *safe_camera = foyer_print_dup_safe (camera);
  g_autofree char *safe_display = foyer_print_dup_safe (display);
  g_autofree char *problem = foyer_ctl_session_dup_sound_problem (session);
  const char *step = foyer_dbus_session_get_step (session);
  gboolean has_step = step != NULL && *step != '\0';
  g_autofree char *words = g_strdup_printf ("session %" G_GUINT64_FORMAT
                                            ": %s on %s: %s%s%s%s%s",
      foyer_dbus_session_get_id (session), safe_camera, safe_display,
      foyer_dbus_session_get_state (session), has_step ? ", " : "",
      has_step ? step : "", problem != NULL ? ", " : "",
      problem != NULL ? problem : "");

  foyer_ctl_session_add_json (monitor->ctl, json, session);
  report (monitor, json, words);
}

/* Of a camera or a display; @state (nullable) is a camera's that is there. */
static void
report_thing (Monitor *monitor, const char *kind, const FoyerCtlThing *thing,
    const char *change, const char *state)
{
  g_autofree char *event = g_strdup_printf ("%s-%s", kind, change);
  g_autofree char *safe = foyer_print_dup_safe (thing->name);
  g_autofree char *words = g_strdup_printf ("%s %" G_GUINT64_FORMAT ": %s: %s",
      kind, thing->number, safe, state != NULL ? state : change);
  g_autoptr (JsonBuilder) json = event_new (monitor, event);

  foyer_ctl_json_add_number (json, kind, thing->number);
  foyer_ctl_json_add_string (json, "name", thing->name);
  foyer_ctl_json_add_string (json, "identity", thing->identity);
  if (state != NULL)
    foyer_ctl_json_add_string (json, "state", state);
  report (monitor, json, words);
}

/* @change: "added", "changed" or "removed". A session's end has a signal of its
 * own. */
static void
report_object (Monitor *monitor, GDBusObject *object, const char *change)
{
  FoyerDBusCamera *camera = foyer_dbus_object_peek_camera (
      FOYER_DBUS_OBJECT (object));
  FoyerDBusDisplay *display = foyer_dbus_object_peek_display (
      FOYER_DBUS_OBJECT (object));
  FoyerDBusSession *session = foyer_dbus_object_peek_session (
      FOYER_DBUS_OBJECT (object));
  gboolean is_removed = g_str_equal (change, "removed");
  FoyerCtlThing thing;

  if (session != NULL && !is_removed) {
    g_autofree char *event = g_strconcat ("session-", change, NULL);

    report_session (monitor, session, event);
  } else if (camera != NULL) {
    thing = foyer_ctl_get_camera_thing (camera);
    report_thing (monitor, "camera", &thing, change,
        is_removed ? NULL : foyer_dbus_camera_get_state (camera));
  } else if (display != NULL) {
    thing = foyer_ctl_get_display_thing (display);
    report_thing (monitor, "display", &thing, change, NULL);
  }
}

static void
on_object_added (GDBusObjectManager *house, GDBusObject *object,
    gpointer user_data)
{
  report_object (user_data, object, "added");
}

static void
on_object_removed (GDBusObjectManager *house, GDBusObject *object,
    gpointer user_data)
{
  Monitor *monitor = user_data;

  g_hash_table_remove (monitor->accounts,
      g_dbus_object_get_object_path (object));
  report_object (monitor, object, "removed");
}

static void
on_changed (GDBusObjectManagerClient *house, GDBusObjectProxy *object,
    GDBusProxy *proxy, GVariant *changed, const char *const *invalidated,
    gpointer user_data)
{
  report_object (user_data, G_DBUS_OBJECT (object), "changed");
}

static void
on_session_ended (FoyerDBusManager *manager, const char *path,
    const char *reason, const char *message, gpointer user_data)
{
  Monitor *monitor = user_data;
  guint64 number = foyer_ctl_get_number (path);
  g_autoptr (JsonBuilder) json = event_new (monitor, "session-ended");
  g_autofree char *words = g_strdup_printf ("session %" G_GUINT64_FORMAT
                                            " has ended (%s): %s",
      number, reason, message);

  foyer_ctl_json_add_number (json, "session", number);
  foyer_ctl_json_add_string (json, "reason", reason);
  foyer_ctl_json_add_string (json, "message", message);
  report (monitor, json, words);
}

static void
on_lockdown_changed (GObject *manager, GParamSpec *property, gpointer user_data)
{
  Monitor *monitor = user_data;
  gboolean is_on = foyer_dbus_manager_get_locked_down (monitor->manager);
  g_autoptr (JsonBuilder) json = event_new (monitor, "lockdown");

  foyer_ctl_json_add_boolean (json, "locked_down", is_on);
  report (monitor, json, is_on ? "lockdown is on" : "lockdown is off");
}

static void
on_problems_changed (GObject *manager, GParamSpec *property, gpointer user_data)
{
  Monitor *monitor = user_data;
  const char *const *problems = foyer_dbus_manager_get_problems (
      monitor->manager);
  g_autoptr (JsonBuilder) json = event_new (monitor, "problems");
  gboolean has_any = problems != NULL && *problems != NULL;
  g_autofree char *all = has_any ? g_strjoinv ("; ", (char **) problems)
                                 : g_strdup ("none");
  g_autofree char *words = g_strconcat ("problems: ", all, NULL);

  foyer_ctl_json_add_strings (json, "problems", problems);
  report (monitor, json, words);
}

static void
on_rules_changed (GDBusConnection *connection, const char *sender,
    const char *path, const char *interface, const char *signal,
    GVariant *parameters, gpointer user_data)
{
  g_autoptr (JsonBuilder) json = event_new (user_data, "rules-changed");

  report (user_data, json, "the rules have changed");
}

static void
on_owner_changed (GObject *house, GParamSpec *property, gpointer user_data)
{
  Monitor *monitor = user_data;
  g_autofree char *owner = g_dbus_object_manager_client_get_name_owner (
      G_DBUS_OBJECT_MANAGER_CLIENT (house));

  if (owner != NULL)
    return;
  g_clear_error (&monitor->error);
  foyer_ctl_error_set_no_service (&monitor->error);
  g_main_loop_quit (monitor->loop);
}

static gboolean
on_interrupted (gpointer user_data)
{
  g_main_loop_quit (((Monitor *) user_data)->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_account (GObject *proxy, GAsyncResult *result, gpointer user_data)
{
  Monitor *monitor = user_data;
  const char *path = foyer_ctl_get_path (proxy);
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (proxy),
      result, NULL);

  g_hash_table_remove (monitor->asked, path);
  if (reply == NULL ||
      !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    return;
  g_hash_table_insert (monitor->accounts, g_strdup (path),
      g_variant_get_child_value (reply, 0));
}

/* Asks for new figures, and draws those of before. */
static gboolean
on_period (gpointer user_data)
{
  Monitor *monitor = user_data;
  g_autoptr (GPtrArray) sessions = foyer_ctl_list (monitor->ctl, "Session");

  for (guint i = 0; i < sessions->len; i++) {
    const char *path = foyer_ctl_get_path (sessions->pdata[i]);

    if (g_hash_table_add (monitor->asked, g_strdup (path)))
      g_dbus_proxy_call (sessions->pdata[i], "GetAccount", NULL,
          G_DBUS_CALL_FLAGS_NONE, FOYER_CTL_CALL_MS, NULL, on_account, monitor);
  }
  draw (monitor);
  return G_SOURCE_CONTINUE;
}

static void
watch (Monitor *monitor)
{
  FoyerDBusObjectManagerClient *house = monitor->ctl->house;

  g_signal_connect (house, "object-added", G_CALLBACK (on_object_added),
      monitor);
  g_signal_connect (house, "object-removed", G_CALLBACK (on_object_removed),
      monitor);
  g_signal_connect (house, "interface-proxy-properties-changed",
      G_CALLBACK (on_changed), monitor);
  g_signal_connect (house, "notify::name-owner", G_CALLBACK (on_owner_changed),
      monitor);
  g_signal_connect (monitor->manager, "session-ended",
      G_CALLBACK (on_session_ended), monitor);
  g_signal_connect (monitor->manager, "notify::locked-down",
      G_CALLBACK (on_lockdown_changed), monitor);
  g_signal_connect (monitor->manager, "notify::problems",
      G_CALLBACK (on_problems_changed), monitor);
  g_dbus_connection_signal_subscribe (monitor->ctl->connection,
      FOYER_CTL_BUS_NAME, FOYER_CTL_POLICY, "Changed", FOYER_CTL_PATH, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_rules_changed, monitor, NULL);
}

static void
begin (Monitor *monitor)
{
  g_autoptr (GPtrArray) sessions = NULL;

  g_unix_signal_add (SIGINT, on_interrupted, monitor);
  g_unix_signal_add (SIGTERM, on_interrupted, monitor);
  if (monitor->is_drawn) {
    printf ("\033[2J");
    on_period (monitor);
    g_unix_signal_add (SIGWINCH, on_resized, monitor);
    g_timeout_add_seconds (PERIOD_S, on_period, monitor);
    return;
  }
  sessions = foyer_ctl_list (monitor->ctl, "Session");
  for (guint i = 0; i < sessions->len; i++)
    report_session (monitor, sessions->pdata[i], "session-added");
}

gboolean
foyer_ctl_run_monitor (FoyerCtl *ctl, GError **error)
{
  Monitor monitor = { .ctl = ctl,
    .is_json = foyer_ctl_line_has (ctl->line, "json"),
    .lines = G_QUEUE_INIT };
  g_autoptr (FoyerDBusManager) manager = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GHashTable) accounts = g_hash_table_new_full (g_str_hash,
      g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  g_autoptr (GHashTable) asked = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, NULL);

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  manager = foyer_ctl_new_manager (ctl, error);
  if (manager == NULL)
    return FALSE;
  monitor.manager = manager;
  monitor.loop = loop;
  monitor.accounts = accounts;
  monitor.asked = asked;
  monitor.is_drawn = !monitor.is_json && foyer_print_can_draw (STDOUT_FILENO);
  watch (&monitor);
  begin (&monitor);
  g_main_loop_run (loop);
  /* The process ends: what is still on its way finds nobody. */
  g_signal_handlers_disconnect_by_data (ctl->house, &monitor);
  g_queue_clear_full (&monitor.lines, g_free);
  g_free (monitor.last);
  if (monitor.error == NULL)
    return TRUE;
  g_propagate_error (error, monitor.error);
  return FALSE;
}
