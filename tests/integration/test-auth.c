/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-auth.h"
#include "foyer-error.h"

#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

/* Who may, on a private bus: callers are connections of their own, and polkit is
 * one more, which answers as the test tells it. */

static const char polkit_xml[] =
    "<node><interface name='org.freedesktop.PolicyKit1.Authority'>"
    "<method name='CheckAuthorization'>"
    "<arg type='(sa{sv})' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='a{ss}' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/>"
    "<arg type='(bba{ss})' direction='out'/></method>"
    "<method name='CancelCheckAuthorization'><arg type='s' direction='in'/>"
    "</method></interface></node>";

typedef enum
{
  ANSWER_NO,
  ANSWER_YES,
  ANSWER_CHALLENGE,
  ANSWER_ERROR,
  ANSWER_NEVER,
} Answer;

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *foyerd;
  GDBusConnection *caller;
  GDBusConnection *polkit;
  GDBusNodeInfo *info;
  guint polkit_id;
  Answer answer;
  guint n_asked;
  char *asked_name;   /* of the subject */
  char *asked_action; /* last */
  guint32 asked_flags;
  char *check_name;
  char *cancelled_name;
  GDBusMethodInvocation *open; /* one that waits for ever */
} House;

static GDBusConnection *
join (House *self)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (self->bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
answer (House *self, GDBusMethodInvocation *invocation)
{
  switch (self->answer) {
    case ANSWER_NO:
    case ANSWER_YES:
    case ANSWER_CHALLENGE:
      g_dbus_method_invocation_return_value (invocation,
          g_variant_new_parsed ("((%b, %b, @a{ss} {}),)",
              self->answer == ANSWER_YES, self->answer == ANSWER_CHALLENGE));
      break;
    case ANSWER_ERROR:
      g_dbus_method_invocation_return_dbus_error (invocation, "org.x.Broken",
          "broken");
      break;
    case ANSWER_NEVER:
      self->open = invocation;
      break;
  }
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path,
    const char *interface, const char *method, GVariant *arguments,
    GDBusMethodInvocation *invocation, gpointer user_data)
{
  House *self = user_data;
  g_autoptr (GVariant) subject = NULL;
  const char *kind;

  if (strcmp (method, "CancelCheckAuthorization") == 0) {
    g_variant_get (arguments, "(s)", &self->cancelled_name);
    g_dbus_method_invocation_return_value (invocation, NULL);
    return;
  }
  self->n_asked++;
  g_clear_pointer (&self->asked_name, g_free);
  g_clear_pointer (&self->asked_action, g_free);
  g_clear_pointer (&self->check_name, g_free);
  g_variant_get (arguments, "((&s@a{sv})s@a{ss}us)", &kind, &subject,
      &self->asked_action, NULL, &self->asked_flags, &self->check_name);
  g_assert_cmpstr (kind, ==, "system-bus-name");
  g_assert_true (g_variant_lookup (subject, "name", "s", &self->asked_name));
  answer (self, invocation);
}

static const GDBusInterfaceVTable polkit_vtable = { .method_call = on_call };

static void
start_polkit (House *self)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  self->polkit = join (self);
  self->polkit_id = g_dbus_connection_register_object (self->polkit,
      "/org/freedesktop/PolicyKit1/Authority", self->info->interfaces[0],
      &polkit_vtable, self, NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (self->polkit, "org.freedesktop.DBus",
      "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", "org.freedesktop.PolicyKit1", 0), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (House *self, gconstpointer data)
{
  self->info = g_dbus_node_info_new_for_xml (polkit_xml, NULL);
  g_assert_nonnull (self->info);
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  self->foyerd = join (self);
  self->caller = join (self);
  start_polkit (self);
}

static void
leave (GDBusConnection **connection)
{
  if (*connection != NULL)
    g_dbus_connection_close_sync (*connection, NULL, NULL);
  g_clear_object (connection);
}

static void
stop_polkit (House *self)
{
  g_clear_object (&self->open);
  leave (&self->polkit);
}

static void
tear_down (House *self, gconstpointer data)
{
  stop_polkit (self);
  leave (&self->caller);
  leave (&self->foyerd);
  /* What is still under way comes before the house is gone. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_test_dbus_down (self->bus);
  g_clear_object (&self->bus);
  g_dbus_node_info_unref (self->info);
  g_free (self->asked_name);
  g_free (self->asked_action);
  g_free (self->check_name);
  g_free (self->cancelled_name);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
assert_verdict (FoyerAuth *auth, GAsyncResult **result, gboolean is_allowed)
{
  g_autoptr (GError) error = NULL;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (foyer_auth_check_finish (auth, *result, &error), ==,
      is_allowed);
  if (is_allowed)
    g_assert_no_error (error);
  else
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_NOT_AUTHORIZED);
  g_clear_object (result);
}

static void
check (House *self, FoyerAuthMode mode, guint32 owner, const char *sender,
    const char *action, gboolean is_allowed)
{
  g_autoptr (FoyerAuth) auth = foyer_auth_new (self->foyerd, mode, owner);
  GAsyncResult *result = NULL;

  foyer_auth_check_async (auth, sender, action, FALSE, NULL, on_checked,
      &result);
  /* Never before the starter has returned. */
  g_assert_null (result);
  assert_verdict (auth, &result, is_allowed);
}

static void
test_polkit_answers (House *self, gconstpointer data)
{
  static const Answer answers[] = { ANSWER_NO, ANSWER_YES, ANSWER_CHALLENGE,
    ANSWER_ERROR };
  const char *caller = g_dbus_connection_get_unique_name (self->caller);

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    self->answer = answers[i];
    check (self, FOYER_AUTH_POLKIT, 0, caller, FOYER_AUTH_MANAGE,
        answers[i] == ANSWER_YES);
    g_assert_cmpuint (self->n_asked, ==, i + 1);
    g_assert_cmpstr (self->asked_name, ==, caller);
    g_assert_cmpstr (self->asked_action, ==, FOYER_AUTH_MANAGE);
    g_assert_cmpuint (self->asked_flags, ==, 0);
  }
}

static void
test_unknown_action (House *self, gconstpointer data)
{
  const char *caller = g_dbus_connection_get_unique_name (self->caller);

  self->answer = ANSWER_YES;
  check (self, FOYER_AUTH_POLKIT, 0, caller, "org.foyer.Foyer1.other", FALSE);
  check (self, FOYER_AUTH_POLKIT, 0, caller, "", FALSE);
  check (self, FOYER_AUTH_OWNER, getuid (), caller, "org.x", FALSE);
  check (self, FOYER_AUTH_POLKIT, 0, "org.not.unique", FOYER_AUTH_MANAGE,
      FALSE);
  check (self, FOYER_AUTH_POLKIT, 0, "", FOYER_AUTH_MANAGE, FALSE);
  g_assert_cmpuint (self->n_asked, ==, 0);
}

static void
test_no_polkit (House *self, gconstpointer data)
{
  self->answer = ANSWER_YES;
  stop_polkit (self);
  check (self, FOYER_AUTH_POLKIT, 0,
      g_dbus_connection_get_unique_name (self->caller), FOYER_AUTH_MANAGE,
      FALSE);
}

static void
test_owner (House *self, gconstpointer data)
{
  const char *caller = g_dbus_connection_get_unique_name (self->caller);

  check (self, FOYER_AUTH_OWNER, getuid (), caller, FOYER_AUTH_MANAGE, TRUE);
  /* Root may; another user may not. */
  check (self, FOYER_AUTH_OWNER, getuid () + 1, caller, FOYER_AUTH_MANAGE,
      getuid () == 0);
  check (self, FOYER_AUTH_OWNER, getuid (), ":1.9999", FOYER_AUTH_MANAGE,
      FALSE);
  g_assert_cmpuint (self->n_asked, ==, 0);
}

static void
wait_for_question (House *self)
{
  while (self->open == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for_cancellation (House *self)
{
  while (self->cancelled_name == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (self->cancelled_name, ==, self->check_name);
}

static void
test_caller_vanishes (House *self, gconstpointer data)
{
  g_autoptr (FoyerAuth) auth = foyer_auth_new (self->foyerd, FOYER_AUTH_POLKIT,
      0);
  GAsyncResult *result = NULL;

  self->answer = ANSWER_NEVER;
  foyer_auth_check_async (auth,
      g_dbus_connection_get_unique_name (self->caller), FOYER_AUTH_MANAGE, TRUE,
      NULL, on_checked, &result);
  wait_for_question (self);
  g_assert_cmpuint (self->asked_flags, ==, 1);
  g_assert_null (result);
  leave (&self->caller);
  assert_verdict (auth, &result, FALSE);
  wait_for_cancellation (self);
}

static void
test_cancelled (House *self, gconstpointer data)
{
  g_autoptr (FoyerAuth) auth = foyer_auth_new (self->foyerd, FOYER_AUTH_POLKIT,
      0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const char *caller = g_dbus_connection_get_unique_name (self->caller);
  GAsyncResult *result = NULL;

  self->answer = ANSWER_NEVER;
  foyer_auth_check_async (auth, caller, FOYER_AUTH_MANAGE, TRUE, cancellable,
      on_checked, &result);
  wait_for_question (self);
  g_cancellable_cancel (cancellable);
  assert_verdict (auth, &result, FALSE);
  wait_for_cancellation (self);
  /* What is cancelled from the start asks nobody. */
  foyer_auth_check_async (auth, caller, FOYER_AUTH_MANAGE, TRUE, cancellable,
      on_checked, &result);
  assert_verdict (auth, &result, FALSE);
  g_assert_cmpuint (self->n_asked, ==, 1);
}

static void
test_polkit_dies (House *self, gconstpointer data)
{
  g_autoptr (FoyerAuth) auth = foyer_auth_new (self->foyerd, FOYER_AUTH_POLKIT,
      0);
  GAsyncResult *result = NULL;

  self->answer = ANSWER_NEVER;
  foyer_auth_check_async (auth,
      g_dbus_connection_get_unique_name (self->caller), FOYER_AUTH_MANAGE,
      FALSE, NULL, on_checked, &result);
  wait_for_question (self);
  stop_polkit (self);
  assert_verdict (auth, &result, FALSE);
}

static void
test_identify (House *self, gconstpointer data)
{
  g_autoptr (FoyerAuth) auth = foyer_auth_new (self->foyerd, FOYER_AUTH_OWNER,
      0);
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  FoyerSubject subject = { 0 };
  gboolean has_group = FALSE;

  foyer_auth_identify_async (auth,
      g_dbus_connection_get_unique_name (self->caller), NULL, on_checked,
      &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (foyer_auth_identify_finish (auth, result, &subject, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (subject.uid, ==, getuid ());
  for (guint i = 0; i < subject.n_groups; i++)
    has_group = has_group || subject.groups[i] == getgid ();
  g_assert_true (has_group || subject.has_more_groups);
  g_clear_object (&result);
  foyer_auth_identify_async (auth, ":1.9999", NULL, on_checked, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (foyer_auth_identify_finish (auth, result, &subject, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_NOT_AUTHORIZED);
  g_clear_object (&result);
}

static void
add_test (const char *name, void (*func) (House *, gconstpointer))
{
  g_test_add (name, House, NULL, set_up, func, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("/auth/polkit/answers", test_polkit_answers);
  add_test ("/auth/polkit/none", test_no_polkit);
  add_test ("/auth/polkit/dies", test_polkit_dies);
  add_test ("/auth/unknown-action", test_unknown_action);
  add_test ("/auth/owner", test_owner);
  add_test ("/auth/caller-vanishes", test_caller_vanishes);
  add_test ("/auth/cancelled", test_cancelled);
  add_test ("/auth/identify", test_identify);
  return g_test_run ();
}
