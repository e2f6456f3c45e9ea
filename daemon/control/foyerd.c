/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-house.h"
#include "foyer-notify.h"
#include "foyer-service.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* foyerd: one per machine, or per user with --session. Sets up what the house
 * stands on, puts it on the bus, and runs until it is told to end. */

#define MOST_FDS     8192
#define NAME_FLAGS   4u /* D-Bus specification: DO_NOT_QUEUE */
#define NAME_IS_OURS 1u /* PRIMARY_OWNER */

typedef struct
{
  gboolean is_session;
  gboolean is_system;
  gboolean is_version;
  char *address;
  char *config;
  char *state;
  char *runtime;
  char *roots;
  char *devices;
} Options;

typedef struct
{
  Options options;
  GMainLoop *loop;
  int status;
  GDBusConnection *bus;
  GDBusConnection *avahi; /* nullable */
  FoyerConfig *config;
  FoyerState *state;
  FoyerHistory *history;
  FoyerLauncher *launcher;
  FoyerCameras *cameras;
  FoyerDisplays *displays;
  FoyerHouse *house;
  FoyerService *service;
  guint signals[2];
  gboolean is_ending;
} Daemon;

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "system", 0, 0, G_OPTION_ARG_NONE, &options->is_system,
        "Serve the machine, on the system bus (the default)", NULL },
    { "session", 0, 0, G_OPTION_ARG_NONE, &options->is_session,
        "Serve one user, on the session bus", NULL },
    { "address", 0, 0, G_OPTION_ARG_STRING, &options->address,
        "Serve one user, on this bus", "ADDRESS" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Configuration",
        "FILE" },
    { "state", 0, 0, G_OPTION_ARG_FILENAME, &options->state,
        "Rules, pairings, names and history", "FOLDER" },
    { "runtime", 0, 0, G_OPTION_ARG_FILENAME, &options->runtime,
        "What must not outlive this boot", "FOLDER" },
    { "roots", 0, 0, G_OPTION_ARG_FILENAME, &options->roots,
        "More trusted roots of displays, in PEM", "FILE" },
    { "devices", 0, 0, G_OPTION_ARG_FILENAME, &options->devices,
        "Where capture devices are (/dev)", "FOLDER" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->is_version,
        "Print the version", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (
      "- show a home's own cameras on its own displays");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1 ||
      options->is_session + options->is_system + (options->address != NULL) >
          1) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "one of --system, --session and --address, and no words beside");
    return FALSE;
  }
  return TRUE;
}

static void
set_default (char **option, char *value)
{
  if (*option == NULL)
    *option = value;
  else
    g_free (value);
}

static void
fill_options (Options *options)
{
  gboolean is_user = options->is_session || options->address != NULL;

  set_default (&options->devices, g_strdup ("/dev"));
  if (!is_user) {
    set_default (&options->config, g_strdup ("/etc/foyer/foyer.conf"));
    set_default (&options->state, g_strdup ("/var/lib/foyer"));
    set_default (&options->runtime, g_strdup ("/run/foyer"));
    return;
  }
  set_default (&options->config,
      g_build_filename (g_get_user_config_dir (), "foyer", "foyer.conf", NULL));
  set_default (&options->state,
      g_build_filename (g_get_user_state_dir (), "foyer", NULL));
  set_default (&options->runtime,
      g_build_filename (g_get_user_runtime_dir (), "foyer", NULL));
}

/* Before the first thread: no library may be loaded for TLS or proxies, since
 * foyerd speaks to nobody; and descriptors suffice for a full house. */
static void
prepare_process (void)
{
  struct rlimit limit;

  g_setenv ("GIO_MODULE_DIR", "/dev/null", TRUE);
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  umask (077);
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = MIN (MOST_FDS, limit.rlim_max);
    setrlimit (RLIMIT_NOFILE, &limit);
  }
  /* What is opened later must never become 0, 1 or 2. */
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) < 0)
      exit (1);
}

static GDBusConnection *
connect_to (const char *address, GError **error)
{
  return g_dbus_connection_new_for_address_sync (address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, error);
}

/* Synchronous, like all before the main loop runs. */
static gboolean
connect_bus (Daemon *self, GError **error)
{
  const Options *options = &self->options;
  GBusType type = options->is_session ? G_BUS_TYPE_SESSION : G_BUS_TYPE_SYSTEM;
  g_autofree char *address = options->address != NULL
      ? g_strdup (options->address)
      : g_dbus_address_get_for_bus_sync (type, NULL, error);

  if (address != NULL)
    self->bus = connect_to (address, error);
  if (self->bus == NULL) {
    g_prefix_error (error, "there is no bus to serve: ");
    return FALSE;
  }
  if (options->address == NULL && !options->is_session) {
    self->avahi = g_object_ref (self->bus);
  } else if (options->is_session) {
    g_autofree char *system =
        g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

    self->avahi = system != NULL ? connect_to (system, NULL) : NULL;
  }
  return TRUE;
}

static GVariant *
call_bus (Daemon *self, const char *method, GVariant *arguments,
    const char *type, GError **error)
{
  return g_dbus_connection_call_sync (self->bus, "org.freedesktop.DBus",
      "/org/freedesktop/DBus", "org.freedesktop.DBus", method, arguments,
      G_VARIANT_TYPE (type), G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
}

static gboolean
refuse_second (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
      "another foyerd serves this bus already");
  return FALSE;
}

/* Before anything is touched that another may be using. */
static gboolean
check_alone (Daemon *self, GError **error)
{
  g_autoptr (GVariant) reply = call_bus (self, "NameHasOwner",
      g_variant_new ("(s)", FOYER_SERVICE_NAME), "(b)", error);
  gboolean has_owner;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(b)", &has_owner);
  return has_owner ? refuse_second (error) : TRUE;
}

/* When all is exported: who finds the name finds the objects. */
static gboolean
take_name (Daemon *self, GError **error)
{
  g_autoptr (GVariant) reply = call_bus (self, "RequestName",
      g_variant_new ("(su)", FOYER_SERVICE_NAME, NAME_FLAGS), "(u)", error);
  guint32 result;

  if (reply == NULL) {
    g_prefix_error (error, "taking the name %s: ", FOYER_SERVICE_NAME);
    return FALSE;
  }
  g_variant_get (reply, "(u)", &result);
  return result == NAME_IS_OURS ? TRUE : refuse_second (error);
}

static gboolean
open_stores (Daemon *self, GError **error)
{
  const FoyerClock *clock = foyer_clock_get_system ();
  g_autofree char *path = g_build_filename (self->options.state, "history.db",
      NULL);
  g_autoptr (GError) of_log = NULL;

  self->config = foyer_config_load (self->options.config);
  self->state = foyer_state_open (self->options.state, clock, NULL, error);
  if (self->state == NULL)
    return FALSE;
  if (g_mkdir_with_parents (self->options.runtime, 0700) < 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "the folder %s can't be made", self->options.runtime);
    return FALSE;
  }

  const FoyerHistoryLimits limits = {
    .days = self->config->history_days,
    .max_bytes = (guint64) self->config->history_megabytes * 1024 * 1024,
  };

  /* Without a log nothing is shown, but the owner must hear of it. */
  self->history = foyer_history_open (path, &limits, self->options.runtime,
      clock, &of_log);
  if (self->history == NULL)
    g_warning ("%s", of_log->message);
  return TRUE;
}

static void
build_house (Daemon *self)
{
  const char *folder = g_getenv ("FOYER_LIBEXEC");
  FoyerHouseParts parts = {
    .clock = foyer_clock_get_system (),
    .state = self->state,
    .config = self->config,
    .history = self->history,
    .roots = self->options.roots,
    .run_folder = self->options.runtime,
  };

  self->launcher = foyer_launcher_new_system (folder);
  self->cameras = foyer_cameras_new (self->state, self->config,
      self->options.devices);
  self->displays = foyer_displays_new (self->state, self->config);
  parts.launcher = self->launcher;
  parts.cameras = self->cameras;
  parts.displays = self->displays;
  self->house = foyer_house_new (&parts);
}

static gboolean
serve (Daemon *self, GError **error)
{
  gboolean is_system = self->options.address == NULL &&
      !self->options.is_session;
  g_autoptr (FoyerAuth) auth = foyer_auth_new (self->bus,
      is_system ? FOYER_AUTH_POLKIT : FOYER_AUTH_OWNER, getuid ());

  self->service = foyer_service_new (self->house, self->bus, auth, self->avahi,
      error);
  return self->service != NULL && take_name (self, error);
}

static void
on_closed (gpointer user_data)
{
  Daemon *self = user_data;

  g_main_loop_quit (self->loop);
}

static void
end (Daemon *self)
{
  if (self->is_ending)
    return;
  self->is_ending = TRUE;
  foyer_notify ("STOPPING=1");
  foyer_house_close (self->house, on_closed, self);
}

static gboolean
on_signal (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_CONTINUE;
}

/* Without a bus nobody could stop anything any more. */
static void
on_bus_closed (GDBusConnection *bus, gboolean is_remote, GError *error,
    gpointer user_data)
{
  Daemon *self = user_data;

  g_warning ("the bus is gone: nothing is shown any more");
  self->status = 1;
  end (self);
}

static gboolean
start (Daemon *self, GError **error)
{
  fill_options (&self->options);
  if (!connect_bus (self, error) || !check_alone (self, error) ||
      !open_stores (self, error))
    return FALSE;
  build_house (self);
  return serve (self, error);
}

static void
run (Daemon *self)
{
  self->signals[0] = g_unix_signal_add (SIGTERM, on_signal, self);
  self->signals[1] = g_unix_signal_add (SIGINT, on_signal, self);
  g_signal_connect (self->bus, "closed", G_CALLBACK (on_bus_closed), self);
  foyer_notify ("READY=1");
  g_message ("foyerd %s serves %s", FOYER_VERSION, FOYER_SERVICE_NAME);
  g_main_loop_run (self->loop);
  g_signal_handlers_disconnect_by_data (self->bus, self);
  for (gsize i = 0; i < G_N_ELEMENTS (self->signals); i++)
    g_clear_handle_id (&self->signals[i], g_source_remove);
}

static void
clear (Daemon *self)
{
  g_clear_pointer (&self->service, foyer_service_free);
  g_clear_pointer (&self->house, foyer_house_free);
  g_clear_pointer (&self->displays, foyer_displays_free);
  g_clear_pointer (&self->cameras, foyer_cameras_free);
  g_clear_pointer (&self->launcher, foyer_launcher_free);
  g_clear_pointer (&self->history, foyer_history_free);
  g_clear_pointer (&self->state, foyer_state_free);
  g_clear_pointer (&self->config, foyer_config_free);
  g_clear_object (&self->avahi);
  g_clear_object (&self->bus);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_free (self->options.address);
  g_free (self->options.config);
  g_free (self->options.state);
  g_free (self->options.runtime);
  g_free (self->options.roots);
  g_free (self->options.devices);
}

int
main (int argc, char **argv)
{
  Daemon self = { 0 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  prepare_process ();
  if (!parse_options (&self.options, &argc, &argv, &error)) {
    g_printerr ("foyerd: %s\n", error->message);
    clear (&self);
    return 2;
  }
  if (self.options.is_version) {
    g_print ("foyerd %s\n", FOYER_VERSION);
    clear (&self);
    return 0;
  }
  self.loop = g_main_loop_new (NULL, FALSE);
  if (start (&self, &error)) {
    run (&self);
  } else {
    g_printerr ("foyerd: %s\n", error->message);
    self.status = 1;
  }
  clear (&self);
  return self.status;
}
