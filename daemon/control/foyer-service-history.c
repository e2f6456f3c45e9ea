/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-service-private.h"

static void
do_list (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  FoyerHistory *history = foyer_house_get_parts (self->house)->history;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *rows;

  g_variant_get (call->parameters, "(@a{sv})", &options);
  foyer_house_flush_history (self->house);
  if (history == NULL) {
    foyer_call_refuse (call, FOYER_ERROR_FAILED, "there is no history");
    return;
  }
  rows = foyer_history_list (history, options, call->is_allowed,
      call->subject.uid, &error);
  if (rows == NULL)
    foyer_call_fail (call, g_steal_pointer (&error));
  else
    foyer_call_reply (call, g_variant_new ("(@aa{sv})", rows));
}

static void
go_list (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, FALSE, do_list);
}

static gboolean
on_list (FoyerDBusHistory *history, GDBusMethodInvocation *invocation,
    GVariant *options, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_list, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_connect_history (FoyerService *self)
{
  g_signal_connect (self->of_history, "handle-list", G_CALLBACK (on_list),
      self);
}
