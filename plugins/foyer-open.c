/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-open.h"

#include "foyer-clock.h"

#include <gio/gunixfdlist.h>
#include <string.h>

#define NAME       "org.foyer.Foyer1"
#define ROOT       "/org/foyer/Foyer1"
#define BUS_NAME   "org.freedesktop.DBus"
#define BUS_PATH   "/org/freedesktop/DBus"
#define CALL_MS    (20 * 1000)
#define STOP_MS    2000
#define DENIED     NAME ".Error.Denied"
#define LOCKED     NAME ".Error.LockedDown"
#define NOT_FOUND  NAME ".Error.NotFound"
#define MATCH_ENDS "type='signal',sender='" NAME "',member='SessionEnded'"
#define MATCH_OWNER                                                \
  "type='signal',sender='" BUS_NAME "',member='NameOwnerChanged'," \
  "arg0='" NAME "'"

/* How a session ended. */
typedef struct
{
  char *reason;
  char *words;
} End;

struct _FoyerOpen
{
  gatomicrefcount refs; /* ours, and the filter's: it may run a little longer */
  GDBusConnection *connection;
  guint filter;
  char *path;          /* of the session */
  gboolean is_stopped; /* by us */

  GMutex mutex;
  GCond changed;
  GHashTable *ends; /* mutex: path → End */
  gboolean is_over; /* mutex: the service is gone */
  gboolean is_cancelled;
};

static void
end_free (gpointer data)
{
  End *end = data;

  g_free (end->reason);
  g_free (end->words);
  g_free (end);
}

static void
note_end (FoyerOpen *self, GVariant *body)
{
  const char *path, *reason, *words;
  End *end;

  if (!g_variant_is_of_type (body, G_VARIANT_TYPE ("(oss)")))
    return;
  g_variant_get (body, "(&o&s&s)", &path, &reason, &words);
  end = g_new0 (End, 1);
  end->reason = g_strdup (reason);
  end->words = g_strdup (words);
  g_hash_table_replace (self->ends, g_strdup (path), end);
}

static void
note_owner (FoyerOpen *self, GVariant *body)
{
  const char *name, *before, *after;

  if (!g_variant_is_of_type (body, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (body, "(&s&s&s)", &name, &before, &after);
  if (strcmp (name, NAME) == 0 && *after == '\0')
    self->is_over = TRUE;
}

static void
open_unref (gpointer data)
{
  FoyerOpen *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_hash_table_unref (self->ends);
  g_free (self->path);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* On GDBus's thread. */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message,
    gboolean is_incoming, gpointer user_data)
{
  FoyerOpen *self = user_data;
  const char *member = g_dbus_message_get_member (message);
  GVariant *body = g_dbus_message_get_body (message);

  if (!is_incoming || body == NULL || member == NULL ||
      g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_SIGNAL)
    return message;
  g_mutex_lock (&self->mutex);
  if (strcmp (member, "SessionEnded") == 0)
    note_end (self, body);
  else if (strcmp (member, "NameOwnerChanged") == 0)
    note_owner (self, body);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  return message;
}

/* What is worth telling of it. */
static void
set_error (GError **error, GError *remote)
{
  g_autofree char *name = g_dbus_error_get_remote_error (remote);
  int code = G_IO_ERROR_FAILED;

  if (g_strcmp0 (name, DENIED) == 0 || g_strcmp0 (name, LOCKED) == 0)
    code = G_IO_ERROR_PERMISSION_DENIED;
  else if (g_strcmp0 (name, NOT_FOUND) == 0)
    code = G_IO_ERROR_NOT_FOUND;
  if (g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
      g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "the service is not running: run systemctl start foyerd");
    return;
  }
  g_dbus_error_strip_remote_error (remote);
  g_set_error_literal (error, G_IO_ERROR, code, remote->message);
}

static char *
dup_address (const char *bus, GError **error)
{
  if (strcmp (bus, "system") == 0)
    return g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  if (strcmp (bus, "session") == 0)
    return g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, error);
  return g_strdup (bus);
}

static gboolean
add_match (FoyerOpen *self, const char *match, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (self->connection,
      BUS_NAME, BUS_PATH, BUS_NAME, "AddMatch", g_variant_new ("(s)", match),
      NULL, G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, error);

  return reply != NULL;
}

static gboolean
connect_to_bus (FoyerOpen *self, const char *bus, GError **error)
{
  g_autofree char *address = dup_address (bus, error);

  if (address != NULL)
    self->connection = g_dbus_connection_new_for_address_sync (address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
            G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, NULL, error);
  if (self->connection == NULL)
    return FALSE;
  g_atomic_ref_count_inc (&self->refs);
  self->filter = g_dbus_connection_add_filter (self->connection, on_message,
      self, open_unref);
  return add_match (self, MATCH_ENDS, error) &&
      add_match (self, MATCH_OWNER, error);
}

static gboolean
is_meant (const char *word, const char *path, GVariant *properties)
{
  const char *name = "", *identity = "";
  const char *number = strrchr (path, '/');

  g_variant_lookup (properties, "Name", "&s", &name);
  g_variant_lookup (properties, "Identity", "&s", &identity);
  return strcmp (word, name) == 0 || strcmp (word, identity) == 0 ||
      (number != NULL && strcmp (word, number + 1) == 0);
}

/* (transfer full) (nullable): path of the one camera that is meant. */
static char *
find_camera (FoyerOpen *self, const char *word, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (self->connection,
      NAME, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
      NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NONE, CALL_MS,
      NULL, error);
  g_autoptr (GVariantIter) objects = NULL;
  g_autofree char *found = NULL;
  const char *path;
  GVariant *interfaces;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(a{oa{sa{sv}}})", &objects);
  while (g_variant_iter_next (objects, "{&o@a{sa{sv}}}", &path, &interfaces)) {
    g_autoptr (GVariant) owned = interfaces;
    g_autoptr (GVariant) properties = g_variant_lookup_value (owned,
        NAME ".Camera", G_VARIANT_TYPE_VARDICT);

    if (properties == NULL || !is_meant (word, path, properties))
      continue;
    if (found != NULL) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          "more than one camera is meant by \"%s\": say its number", word);
      return NULL;
    }
    found = g_strdup (path);
  }
  if (found == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "there is no camera \"%s\": run foyerctl cameras to see those there are",
        word);
  return g_steal_pointer (&found);
}

static GVariant *
make_arguments (const FoyerOpenWish *wish, const char *camera)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&options, "app", "s", wish->app);
  g_variant_dict_insert (&options, "codec", "s", wish->codec);
  g_variant_dict_insert (&options, "width", "u", wish->width_px);
  g_variant_dict_insert (&options, "height", "u", wish->height_px);
  g_variant_dict_insert (&options, "fps", "u", wish->fps);
  return g_variant_new ("(o@a{sv})", camera, g_variant_dict_end (&options));
}

static gboolean
open_camera (FoyerOpen *self, const FoyerOpenWish *wish, int *out_link,
    GError **error)
{
  g_autofree char *camera = find_camera (self, wish->camera, error);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  int handle = -1;

  if (camera == NULL)
    return FALSE;
  reply = g_dbus_connection_call_with_unix_fd_list_sync (self->connection, NAME,
      ROOT, NAME ".Manager", "Open", make_arguments (wish, camera),
      G_VARIANT_TYPE ("(oh)"), G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, &fds,
      NULL, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(oh)", &self->path, &handle);
  *out_link = fds != NULL ? g_unix_fd_list_get (fds, handle, error) : -1;
  return *out_link >= 0;
}

FoyerOpen *
foyer_open_new (const FoyerOpenWish *wish, int *out_link, GError **error)
{
  g_autoptr (FoyerOpen) self = g_new0 (FoyerOpen, 1);
  g_autoptr (GError) local = NULL;

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->ends = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      end_free);
  *out_link = -1;
  if (connect_to_bus (self, wish->bus, &local) &&
      open_camera (self, wish, out_link, &local))
    return g_steal_pointer (&self);
  if (local == NULL)
    local = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED,
        "the service gave no link");
  set_error (error, local);
  return NULL;
}

guint64
foyer_open_get_session (const FoyerOpen *self)
{
  return g_ascii_strtoull (strrchr (self->path, '/') + 1, NULL, 10);
}

gboolean
foyer_open_wait_end (FoyerOpen *self, gint64 limit_us, char **out_reason,
    char **out_words)
{
  gint64 until_us = foyer_clock_get_us (foyer_clock_get_system ()) + limit_us;
  const End *end;
  gboolean is_cancelled;

  g_mutex_lock (&self->mutex);
  do
    end = g_hash_table_lookup (self->ends, self->path);
  while (end == NULL && !self->is_over && !self->is_cancelled &&
      g_cond_wait_until (&self->changed, &self->mutex, until_us));
  is_cancelled = self->is_cancelled;
  if (!is_cancelled && end != NULL) {
    *out_reason = g_strdup (end->reason);
    *out_words = g_strdup (end->words);
  } else if (!is_cancelled) {
    *out_reason = g_strdup (self->is_over ? "gone" : "unknown");
    *out_words = g_strdup ("the service ended the session and did not say why");
  }
  g_mutex_unlock (&self->mutex);
  return !is_cancelled;
}

/* So that the log says that it was stopped, and not that we vanished. */
void
foyer_open_stop (FoyerOpen *self)
{
  g_autoptr (GVariant) reply = NULL;

  g_mutex_lock (&self->mutex);
  self->is_cancelled = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  if (self->path != NULL && !self->is_stopped)
    reply = g_dbus_connection_call_sync (self->connection, NAME, self->path,
        NAME ".Session", "Stop", NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
        STOP_MS, NULL, NULL);
  self->is_stopped = TRUE;
}

void
foyer_open_free (FoyerOpen *self)
{
  if (self == NULL)
    return;
  if (self->connection != NULL)
    foyer_open_stop (self);
  if (self->connection != NULL) {
    g_dbus_connection_remove_filter (self->connection, self->filter);
    g_dbus_connection_close_sync (self->connection, NULL, NULL);
  }
  g_clear_object (&self->connection);
  open_unref (self);
}
