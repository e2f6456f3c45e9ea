/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-call.h"

#include "foyer-error.h"

struct _FoyerCalls
{
  FoyerAuth *auth;
  GHashTable *of_caller; /* unique name → number under way */
  GPtrArray *calls;      /* of FoyerCall, not owned */
};

static guint
get_count (FoyerCalls *self, const char *sender)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->of_caller, sender));
}

static void
set_count (FoyerCalls *self, const char *sender, guint n_calls)
{
  if (n_calls == 0)
    g_hash_table_remove (self->of_caller, sender);
  else
    g_hash_table_replace (self->of_caller, g_strdup (sender),
        GUINT_TO_POINTER (n_calls));
}

FoyerCalls *
foyer_calls_new (FoyerAuth *auth)
{
  FoyerCalls *self = g_new0 (FoyerCalls, 1);

  self->auth = g_object_ref (auth);
  self->of_caller = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  self->calls = g_ptr_array_new ();
  return self;
}

/* The invocation has been answered, which consumed it. */
static void
end (FoyerCall *self, const char *sender)
{
  FoyerCalls *calls = self->calls;

  if (calls != NULL) {
    set_count (calls, sender, get_count (calls, sender) - 1);
    g_ptr_array_remove_fast (calls->calls, self);
  }
  g_clear_object (&self->cancellable);
  g_variant_unref (self->parameters);
  g_free (self);
}

static const char *
get_sender (FoyerCall *self)
{
  return g_dbus_method_invocation_get_sender (self->invocation);
}

void
foyer_call_reply (FoyerCall *self, GVariant *value)
{
  g_autofree char *sender = g_strdup (get_sender (self));

  g_dbus_method_invocation_return_value (self->invocation, value);
  end (self, sender);
}

void
foyer_call_reply_with_fds (FoyerCall *self, GVariant *value, GUnixFDList *fds)
{
  g_autofree char *sender = g_strdup (get_sender (self));

  g_dbus_method_invocation_return_value_with_unix_fd_list (self->invocation,
      value, fds);
  end (self, sender);
}

void
foyer_call_fail (FoyerCall *self, GError *error)
{
  g_autofree char *sender = g_strdup (get_sender (self));

  g_dbus_method_invocation_take_error (self->invocation, error);
  end (self, sender);
}

void
foyer_call_refuse (FoyerCall *self, int code, const char *words)
{
  foyer_call_fail (self, g_error_new_literal (FOYER_ERROR, code, words));
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FoyerCall *self = user_data;
  g_autoptr (GError) error = NULL;

  if (foyer_auth_identify_finish (FOYER_AUTH (source), result, &self->subject,
          &error))
    self->go (self);
  else
    foyer_call_fail (self, g_steal_pointer (&error));
}

/* (nullable): none if there are too many, which refuses it. */
static FoyerCall *
begin (FoyerCalls *calls, GDBusMethodInvocation *invocation, FoyerCallFunc go,
    gpointer user_data)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  guint n_calls = get_count (calls, sender);
  gboolean is_crowded = calls->calls->len >= FOYER_CALLS_OF_ALL;
  FoyerCall *self;

  if (n_calls >= (is_crowded ? 1 : FOYER_CALLS_OF_CALLER)) {
    g_dbus_method_invocation_return_error_literal (invocation, FOYER_ERROR,
        FOYER_ERROR_FULL, "too many calls are under way");
    return NULL;
  }
  self = g_new0 (FoyerCall, 1);
  self->calls = calls;
  self->invocation = invocation;
  self->parameters = g_variant_ref (
      g_dbus_method_invocation_get_parameters (invocation));
  self->user_data = user_data;
  self->go = go;
  self->cancellable = g_cancellable_new ();
  set_count (calls, sender, n_calls + 1);
  g_ptr_array_add (calls->calls, self);
  return self;
}

void
foyer_call_begin (FoyerCalls *calls, GDBusMethodInvocation *invocation,
    guint64 object, FoyerCallFunc go, gpointer user_data)
{
  FoyerCall *self = begin (calls, invocation, go, user_data);

  if (self == NULL)
    return;
  self->object = object;
  foyer_auth_identify_async (calls->auth, get_sender (self), self->cancellable,
      on_identified, self);
}

void
foyer_call_begin_for_anybody (FoyerCalls *calls,
    GDBusMethodInvocation *invocation, FoyerCallFunc go, gpointer user_data)
{
  FoyerCall *self = begin (calls, invocation, go, user_data);

  if (self != NULL)
    go (self);
}

static void
on_authorized (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FoyerCall *self = user_data;
  g_autoptr (GError) error = NULL;

  self->is_allowed = foyer_auth_check_finish (FOYER_AUTH (source), result,
      &error);
  if (self->is_allowed || !self->is_required)
    self->go (self);
  else
    foyer_call_fail (self, g_steal_pointer (&error));
}

void
foyer_call_authorize (FoyerCall *self, const char *action, gboolean is_required,
    FoyerCallFunc go)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (
      self->invocation);
  gboolean is_interactive = is_required &&
      (g_dbus_message_get_flags (message) &
          G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;

  self->go = go;
  self->is_required = is_required;
  foyer_auth_check_async (self->calls->auth, get_sender (self), action,
      is_interactive, self->cancellable, on_authorized, self);
}

void
foyer_calls_free (FoyerCalls *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->calls->len; i++) {
    FoyerCall *call = self->calls->pdata[i];

    g_cancellable_cancel (call->cancellable);
    call->calls = NULL;
  }
  g_ptr_array_unref (self->calls);
  g_hash_table_unref (self->of_caller);
  g_object_unref (self->auth);
  g_free (self);
}
