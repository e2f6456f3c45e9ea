/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-parse.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BUS_ENVIRONMENT "FOYER_BUS_ADDRESS"
#define INTERFACE       "org.foyer.Foyer1."

static GDBusConnection *
connect_to (const char *address, GError **error)
{
  return g_dbus_connection_new_for_address_sync (address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, error);
}

/* (nullable): of the bus, if it is neither the session's nor the system's. */
static const char *
get_address (FoyerCtl *self)
{
  const char *address = foyer_ctl_line_get (self->line, "bus");

  if (address != NULL || foyer_ctl_line_has (self->line, "session") ||
      foyer_ctl_line_has (self->line, "system"))
    return address;
  address = g_getenv (BUS_ENVIRONMENT);
  return address != NULL && *address != '\0' ? address : NULL;
}

gboolean
foyer_ctl_is_on_system_bus (FoyerCtl *self)
{
  return get_address (self) == NULL &&
      !foyer_ctl_line_has (self->line, "session");
}

static GDBusConnection *
connect_as_told (FoyerCtl *self, GError **error)
{
  const char *address = get_address (self);

  if (address != NULL)
    return connect_to (address, error);
  return g_bus_get_sync (foyer_ctl_is_on_system_bus (self) ? G_BUS_TYPE_SYSTEM
                                                           : G_BUS_TYPE_SESSION,
      NULL, error);
}

gboolean
foyer_ctl_connect (FoyerCtl *self, GError **error)
{
  g_autoptr (GError) remote = NULL;
  g_autofree char *safe = NULL;

  if (self->connection != NULL)
    return TRUE;
  self->connection = connect_as_told (self, &remote);
  if (self->connection != NULL) {
    g_dbus_connection_set_exit_on_close (self->connection, FALSE);
    return TRUE;
  }
  safe = foyer_print_dup_safe (remote->message);
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NO_SERVICE,
      "no bus to reach the service by: %s; see: systemctl status dbus, or use "
      "--session",
      safe);
  return FALSE;
}

gboolean
foyer_ctl_enter (FoyerCtl *self, GError **error)
{
  g_autoptr (GDBusObjectManager) house = NULL;
  g_autofree char *owner = NULL;
  GError *remote = NULL;
  GDBusObjectManagerClientFlags flags = G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE;

  if (self->house != NULL)
    return TRUE;
  if (!foyer_ctl_connect (self, error))
    return FALSE;
  if (foyer_ctl_line_has (self->line, "names"))
    flags = G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START;
  house = foyer_dbus_object_manager_client_new_sync (self->connection, flags,
      FOYER_CTL_BUS_NAME, FOYER_CTL_PATH, NULL, &remote);
  if (house == NULL) {
    foyer_ctl_error_take_remote (error, remote, NULL, NULL);
    return FALSE;
  }
  owner = g_dbus_object_manager_client_get_name_owner (
      G_DBUS_OBJECT_MANAGER_CLIENT (house));
  if (owner == NULL) {
    foyer_ctl_error_set_no_service (error);
    return FALSE;
  }
  self->house = FOYER_DBUS_OBJECT_MANAGER_CLIENT (g_steal_pointer (&house));
  return TRUE;
}

FoyerDBusManager *
foyer_ctl_new_manager (FoyerCtl *self, GError **error)
{
  g_autoptr (FoyerDBusManager) manager = NULL;
  g_autofree char *owner = NULL;
  GError *remote = NULL;

  manager = foyer_dbus_manager_proxy_new_sync (self->connection,
      G_DBUS_PROXY_FLAGS_NONE, FOYER_CTL_BUS_NAME, FOYER_CTL_PATH, NULL,
      &remote);
  if (manager == NULL) {
    foyer_ctl_error_take_remote (error, remote, NULL, NULL);
    return NULL;
  }
  owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (manager));
  if (owner != NULL)
    return g_steal_pointer (&manager);
  foyer_ctl_error_set_no_service (error);
  return NULL;
}

GVariant *
foyer_ctl_call (FoyerCtl *self, const FoyerCtlCall *call, GError **error)
{
  GError *remote = NULL;
  GVariant *reply = g_dbus_connection_call_sync (self->connection,
      FOYER_CTL_BUS_NAME, call->path != NULL ? call->path : FOYER_CTL_PATH,
      call->interface, call->method, call->arguments,
      call->reply != NULL ? G_VARIANT_TYPE (call->reply) : NULL,
      G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, FOYER_CTL_CALL_MS,
      NULL, &remote);

  if (reply == NULL)
    foyer_ctl_error_take_remote (error, remote, call->camera, call->display);
  return reply;
}

const char *
foyer_ctl_get_path (gpointer proxy)
{
  return g_dbus_proxy_get_object_path (proxy);
}

guint64
foyer_ctl_get_number (const char *path)
{
  const char *slash = path != NULL ? strrchr (path, '/') : NULL;
  guint64 number = 0;

  if (slash != NULL && foyer_ctl_parse_number (slash + 1, &number))
    return number;
  return 0;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint64 left = foyer_ctl_get_number (foyer_ctl_get_path (*(gpointer *) a));
  guint64 right = foyer_ctl_get_number (foyer_ctl_get_path (*(gpointer *) b));

  return (left > right) - (left < right);
}

GPtrArray *
foyer_ctl_list (FoyerCtl *self, const char *interface)
{
  g_autofree char *name = g_strconcat (INTERFACE, interface, NULL);
  g_autolist (GDBusObject) objects = g_dbus_object_manager_get_objects (
      G_DBUS_OBJECT_MANAGER (self->house));
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *at = objects; at != NULL; at = at->next) {
    GDBusInterface *proxy = g_dbus_object_get_interface (at->data, name);

    if (proxy != NULL)
      g_ptr_array_add (list, proxy);
  }
  g_ptr_array_sort (list, compare_numbers);
  return list;
}

static FoyerCtlThing
get_thing (gpointer proxy, const char *name, const char *identity)
{
  return (FoyerCtlThing){
    .number = foyer_ctl_get_number (foyer_ctl_get_path (proxy)),
    .name = name != NULL ? name : "",
    .identity = identity != NULL ? identity : "",
  };
}

FoyerCtlThing
foyer_ctl_get_camera_thing (FoyerDBusCamera *camera)
{
  return get_thing (camera, foyer_dbus_camera_get_name (camera),
      foyer_dbus_camera_get_identity (camera));
}

FoyerCtlThing
foyer_ctl_get_display_thing (FoyerDBusDisplay *display)
{
  return get_thing (display, foyer_dbus_display_get_name (display),
      foyer_dbus_display_get_identity (display));
}

static FoyerCtlThing
get_any_thing (gpointer proxy)
{
  if (FOYER_DBUS_IS_NODE (proxy))
    return get_thing (proxy, foyer_dbus_node_get_name (proxy),
        foyer_dbus_node_get_name (proxy));
  return FOYER_DBUS_IS_CAMERA (proxy) ? foyer_ctl_get_camera_thing (proxy)
                                      : foyer_ctl_get_display_thing (proxy);
}

/* (transfer full) (nullable): the one of @interface that is meant. */
static gpointer
find (FoyerCtl *self, const char *interface, const char *word, const char *kind,
    GError **error)
{
  g_autoptr (GPtrArray) proxies = foyer_ctl_list (self, interface);
  g_autofree FoyerCtlThing *things = g_new (FoyerCtlThing, proxies->len);
  guint at = 0;

  for (guint i = 0; i < proxies->len; i++)
    things[i] = get_any_thing (proxies->pdata[i]);
  if (!foyer_ctl_match (things, proxies->len, word, kind, &at, error))
    return NULL;
  return g_object_ref (proxies->pdata[at]);
}

FoyerDBusCamera *
foyer_ctl_find_camera (FoyerCtl *self, const char *word, GError **error)
{
  return find (self, "Camera", word, "camera", error);
}

FoyerDBusDisplay *
foyer_ctl_find_display (FoyerCtl *self, const char *word, GError **error)
{
  return find (self, "Display", word, "display", error);
}

char *
foyer_ctl_find_identity (FoyerCtl *self, const char *word, const char *kind,
    GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GObject) proxy = find (self,
      g_str_equal (kind, "camera") ? "Camera" : "Display", word, kind, &reason);

  if (proxy != NULL)
    return g_strdup (get_any_thing (proxy).identity);
  if (g_error_matches (reason, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND) &&
      strchr (word, ':') != NULL && foyer_print_is_safe (word))
    return g_strdup (word);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

char *
foyer_ctl_dup_name (FoyerCtl *self, const char *path)
{
  static const char *const interfaces[] = { "Camera", "Display", "Node" };

  if (path == NULL)
    return g_strdup ("");
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++) {
    g_autofree char *name = g_strconcat (INTERFACE, interfaces[i], NULL);
    g_autoptr (GDBusInterface) proxy = g_dbus_object_manager_get_interface (
        G_DBUS_OBJECT_MANAGER (self->house), path, name);

    if (proxy != NULL)
      return g_strdup (get_any_thing (proxy).name);
  }
  return g_strdup (g_str_has_prefix (path, FOYER_CTL_PATH "/")
          ? path + strlen (FOYER_CTL_PATH "/")
          : path);
}

char *
foyer_ctl_dup_name_of (FoyerCtl *self, const char *identity)
{
  static const char *const interfaces[] = { "Camera", "Display" };

  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++) {
    g_autoptr (GPtrArray) proxies = foyer_ctl_list (self, interfaces[i]);

    for (guint j = 0; j < proxies->len; j++) {
      FoyerCtlThing thing = get_any_thing (proxies->pdata[j]);

      if (g_str_equal (thing.identity, identity))
        return g_strdup (thing.name);
    }
  }
  return NULL;
}

char *
foyer_ctl_dup_user (guint32 uid)
{
  const struct passwd *user = getpwuid (uid);

  return user != NULL ? g_strdup (user->pw_name) : g_strdup_printf ("%u", uid);
}

/* What a database of the system says of a name. */
typedef gboolean (*FindId) (const char *name, guint32 *id);

static gboolean
find_uid (const char *name, guint32 *uid)
{
  const struct passwd *user = getpwnam (name);

  if (user != NULL)
    *uid = user->pw_uid;
  return user != NULL;
}

static gboolean
find_gid (const char *name, guint32 *gid)
{
  const struct group *group = getgrnam (name);

  if (group != NULL)
    *gid = group->gr_gid;
  return group != NULL;
}

static gboolean
find_id (const char *word, FindId find_name, const char *kind,
    const char *database, guint32 *id, GError **error)
{
  g_autofree char *safe = foyer_print_dup_safe (word);
  guint64 number;

  if (find_name (word, id))
    return TRUE;
  if (foyer_ctl_parse_number (word, &number) && number < G_MAXUINT32) {
    *id = (guint32) number;
    return TRUE;
  }
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND,
      "no %s is called \"%s\"; see: getent %s", kind, safe, database);
  return FALSE;
}

gboolean
foyer_ctl_find_user (const char *word, guint32 *uid, GError **error)
{
  return find_id (word, find_uid, "user", "passwd", uid, error);
}

gboolean
foyer_ctl_find_group (const char *word, guint32 *gid, GError **error)
{
  return find_id (word, find_gid, "group", "group", gid, error);
}

gint64
foyer_ctl_get_now_us (FoyerCtl *self)
{
  return foyer_clock_get_wall_us (self->clock);
}

void
foyer_ctl_say (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  fflush (stdout);
}

void
foyer_ctl_print_table (FoyerTable *table, const char *nothing)
{
  g_autofree char *text = NULL;
  guint n_columns = 0, n_rows = 0;

  if (isatty (STDOUT_FILENO))
    foyer_print_get_size (STDOUT_FILENO, &n_columns, &n_rows);
  text = foyer_table_dup_text (table, foyer_print_has_colour (STDOUT_FILENO),
      n_columns);
  if (*text == '\0')
    foyer_ctl_say ("%s", nothing);
  else
    fputs (text, stdout);
}

void
foyer_ctl_print_name (const char *name)
{
  g_autofree char *word = foyer_print_dup_word (name);

  if (word != NULL)
    puts (name);
}

void
foyer_ctl_clear (FoyerCtl *self)
{
  g_clear_object (&self->house);
  g_clear_object (&self->connection);
}
