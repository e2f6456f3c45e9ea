/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-auth.h"

#include "foyer-error.h"

#include <string.h>

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"
/* AllowUserInteraction, of its CheckAuthorizationFlags */
#define POLKIT_INTERACTIVE 1

struct _FoyerAuth
{
  GObject parent;
  GDBusConnection *connection;
  FoyerAuthMode mode;
  guint32 owner;
  guint64 n_checks; /* makes names for them */
};

G_DEFINE_FINAL_TYPE (FoyerAuth, foyer_auth, G_TYPE_OBJECT)

/**
 * Check:
 * @action: what the caller wants to do
 * @name: of the check, for polkit
 * @cancellable: cancelled with the starter's, and when the caller vanishes
 * @outer: the starter's
 * @outer_id: of the handler on it
 * @watch_id: of the watch on the caller
 * @has_answer: nothing is to be cancelled any more
 *
 * One question, as long as it runs; data of its task.
 */
typedef struct
{
  char *action;
  char *name;
  GCancellable *cancellable;
  GCancellable *outer;
  gulong outer_id;
  guint watch_id;
  gboolean has_answer;
} Check;

static void
check_stop (Check *self)
{
  self->has_answer = TRUE;
  if (self->outer_id != 0)
    g_signal_handler_disconnect (self->outer, self->outer_id);
  self->outer_id = 0;
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
}

static void
check_free (gpointer data)
{
  Check *self = data;

  check_stop (self);
  g_clear_object (&self->outer);
  g_clear_object (&self->cancellable);
  g_free (self->action);
  g_free (self->name);
  g_free (self);
}

static void
foyer_auth_finalize (GObject *object)
{
  FoyerAuth *self = FOYER_AUTH (object);

  g_clear_object (&self->connection);
  G_OBJECT_CLASS (foyer_auth_parent_class)->finalize (object);
}

static void
foyer_auth_class_init (FoyerAuthClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = foyer_auth_finalize;
}

static void
foyer_auth_init (FoyerAuth *self)
{
}

FoyerAuth *
foyer_auth_new (GDBusConnection *connection, FoyerAuthMode mode, guint32 owner)
{
  FoyerAuth *self = g_object_new (FOYER_TYPE_AUTH, NULL);

  self->connection = g_object_ref (connection);
  self->mode = mode;
  self->owner = owner;
  return self;
}

/* Asks the bus itself, which knows from the kernel. */
static void
ask_credentials (FoyerAuth *self, const char *sender, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_dbus_connection_call (self->connection, "org.freedesktop.DBus",
      "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionCredentials", g_variant_new ("(s)", sender),
      G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, FOYER_AUTH_TIMEOUT_MS,
      cancellable, callback, user_data);
}

/* (transfer full) (nullable): the dictionary. */
static GVariant *
take_credentials (GObject *source, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* checks */

static void
refuse (GTask *task, const char *why)
{
  Check *check = g_task_get_task_data (task);

  check_stop (check);
  g_task_return_new_error (task, FOYER_ERROR, FOYER_ERROR_NOT_AUTHORIZED,
      "%s: %s; run it as an administrator", check->action, why);
}

static void
allow (GTask *task)
{
  check_stop (g_task_get_task_data (task));
  g_task_return_boolean (task, TRUE);
}

static void
on_owner_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FoyerAuth *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) credentials = take_credentials (source, result, &error);
  guint32 uid;

  if (credentials == NULL)
    refuse (task, error->message);
  else if (!g_variant_lookup (credentials, "UnixUserID", "u", &uid))
    refuse (task, "the bus does not know who asks");
  else if (uid != 0 && uid != self->owner)
    refuse (task, "only the user that foyerd runs as may do that");
  else
    allow (task);
}

static void
on_polkit_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
          &error);
  gboolean is_authorized = FALSE;
  gboolean is_challenge = FALSE;

  if (reply == NULL) {
    refuse (task, error->message);
    return;
  }
  g_variant_get (reply, "((bba{ss}))", &is_authorized, &is_challenge, NULL);
  if (is_authorized)
    allow (task);
  else
    refuse (task,
        is_challenge ? "a password is needed, and none could be asked for"
                     : "the machine's administrator does not allow it to you");
}

static void
ask_polkit (FoyerAuth *self, const char *sender, gboolean is_interactive,
    GTask *task)
{
  Check *check = g_task_get_task_data (task);
  GVariantBuilder subject;
  GVariantBuilder details;

  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "name",
      g_variant_new_string (sender));
  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  g_dbus_connection_call (self->connection, POLKIT_NAME, POLKIT_PATH,
      POLKIT_INTERFACE, "CheckAuthorization",
      g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject,
          check->action, &details, is_interactive ? POLKIT_INTERACTIVE : 0,
          check->name),
      G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE,
      is_interactive ? FOYER_AUTH_INTERACTIVE_TIMEOUT_MS
                     : FOYER_AUTH_TIMEOUT_MS,
      check->cancellable, on_polkit_answered, g_object_ref (task));
}

/* Takes the question for a password off the screen. Nobody waits for the
 * answer: the check was refused already. */
static void
cancel (GTask *task)
{
  FoyerAuth *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);

  if (check->has_answer || g_cancellable_is_cancelled (check->cancellable))
    return;
  if (self->mode == FOYER_AUTH_POLKIT)
    g_dbus_connection_call (self->connection, POLKIT_NAME, POLKIT_PATH,
        POLKIT_INTERFACE, "CancelCheckAuthorization",
        g_variant_new ("(s)", check->name), NULL,
        G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  g_cancellable_cancel (check->cancellable);
}

static void
on_outer_cancelled (GCancellable *outer, gpointer user_data)
{
  cancel (user_data);
}

static void
on_caller_vanished (GDBusConnection *connection, const char *name,
    gpointer user_data)
{
  cancel (user_data);
}

static Check *
check_new (FoyerAuth *self, const char *action, GCancellable *outer)
{
  Check *check = g_new0 (Check, 1);

  check->action = g_strdup (action);
  check->name = g_strdup_printf ("foyer-%" G_GUINT64_FORMAT, ++self->n_checks);
  check->cancellable = g_cancellable_new ();
  g_set_object (&check->outer, outer);
  return check;
}

void
foyer_auth_check_async (FoyerAuth *self, const char *sender, const char *action,
    gboolean is_interactive, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Check *check = check_new (self, action, cancellable);

  g_task_set_source_tag (task, foyer_auth_check_async);
  g_task_set_task_data (task, check, check_free);
  /* A cancelled check is refused in our own words. */
  g_task_set_check_cancellable (task, FALSE);
  if (strcmp (action, FOYER_AUTH_MANAGE) != 0 ||
      !g_dbus_is_unique_name (sender)) {
    refuse (task, "there is no such action, or caller");
    return;
  }
  if (g_cancellable_is_cancelled (cancellable)) {
    refuse (task, "the caller gave up");
    return;
  }
  /* These hold no reference: whoever answers does, and stops them first. */
  if (cancellable != NULL)
    check->outer_id = g_signal_connect (cancellable, "cancelled",
        G_CALLBACK (on_outer_cancelled), task);
  check->watch_id = g_bus_watch_name_on_connection (self->connection, sender,
      G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_caller_vanished, task, NULL);
  if (self->mode == FOYER_AUTH_POLKIT)
    ask_polkit (self, sender, is_interactive, task);
  else
    ask_credentials (self, sender, check->cancellable, on_owner_known,
        g_object_ref (task));
}

gboolean
foyer_auth_check_finish (FoyerAuth *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* who it is */

static void
read_groups (GVariant *credentials, FoyerSubject *subject)
{
  g_autoptr (GVariant) groups = g_variant_lookup_value (credentials,
      "UnixGroupIDs", G_VARIANT_TYPE ("au"));
  const guint32 *gids;
  gsize n_gids = 0;

  /* An old bus does not say: then no rule that allows a group matches, and each
   * that denies one does. */
  if (groups == NULL) {
    subject->has_more_groups = TRUE;
    return;
  }
  gids = g_variant_get_fixed_array (groups, &n_gids, sizeof *gids);
  subject->has_more_groups = n_gids > FOYER_POLICY_MAX_GROUPS;
  subject->n_groups = (uint32_t) MIN (n_gids, FOYER_POLICY_MAX_GROUPS);
  if (subject->n_groups > 0)
    memcpy (subject->groups, gids, subject->n_groups * sizeof *gids);
}

static void
on_identity_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) credentials = take_credentials (source, result, &error);
  FoyerSubject subject = { 0 };

  if (credentials == NULL ||
      !g_variant_lookup (credentials, "UnixUserID", "u", &subject.uid)) {
    g_task_return_new_error (task, FOYER_ERROR, FOYER_ERROR_NOT_AUTHORIZED,
        "the bus does not know who asks%s%s", error != NULL ? ": " : "",
        error != NULL ? error->message : "");
    return;
  }
  read_groups (credentials, &subject);
  g_task_return_pointer (task, g_memdup2 (&subject, sizeof subject), g_free);
}

void
foyer_auth_identify_async (FoyerAuth *self, const char *sender,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, foyer_auth_identify_async);
  g_task_set_check_cancellable (task, FALSE);
  if (!g_dbus_is_unique_name (sender)) {
    g_task_return_new_error (task, FOYER_ERROR, FOYER_ERROR_NOT_AUTHORIZED,
        "no caller");
    return;
  }
  ask_credentials (self, sender, cancellable, on_identity_known,
      g_object_ref (task));
}

gboolean
foyer_auth_identify_finish (FoyerAuth *self, GAsyncResult *result,
    FoyerSubject *out_subject, GError **error)
{
  g_autofree FoyerSubject *subject = g_task_propagate_pointer (G_TASK (result),
      error);

  if (subject == NULL)
    return FALSE;
  *out_subject = *subject;
  return TRUE;
}
