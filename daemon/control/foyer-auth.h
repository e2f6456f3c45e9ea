/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-policy.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Who calls, and may they? polkit answers on the system bus; on any other the
 * user that foyerd runs as, and root, may do everything, and nobody else
 * anything. What is unknown, late, broken or cancelled is refused.
 *
 * Nothing is remembered from one check to the next. Speaks to polkit's authority
 * over GDBus itself: libpolkit-gobject would cost its own proxy, a cached
 * property set and a name watch in every foyerd for the one call that is made.
 * Main thread. */

#define FOYER_AUTH_MANAGE "org.foyer.Foyer1.manage"

/* A person may have to find and type a password. */
#define FOYER_AUTH_INTERACTIVE_TIMEOUT_MS (120 * 1000)
#define FOYER_AUTH_TIMEOUT_MS             (10 * 1000)

typedef enum
{
  FOYER_AUTH_POLKIT = 0, /* system bus */
  FOYER_AUTH_OWNER,      /* session or private bus */
} FoyerAuthMode;

#define FOYER_TYPE_AUTH (foyer_auth_get_type ())
G_DECLARE_FINAL_TYPE (FoyerAuth, foyer_auth, FOYER, AUTH, GObject)

/**
 * foyer_auth_new:
 * @connection: (transfer none): the bus on which callers, and polkit, are
 * @mode: who decides
 * @owner: who may do everything beside root, in #FOYER_AUTH_OWNER
 *
 * Returns: (transfer full): an authorisation
 */
FoyerAuth *foyer_auth_new (GDBusConnection *connection, FoyerAuthMode mode,
    guint32 owner);

/**
 * foyer_auth_check_async:
 * @self: the authorisation
 * @sender: unique name of the caller
 * @action: #FOYER_AUTH_MANAGE; any other is refused
 * @is_interactive: the message allows that its sender is asked for a password:
 *   %G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
 * @cancellable: (nullable): to give up; cancelled when the caller vanishes
 * @callback: called when it is known
 * @user_data: for it
 */
void foyer_auth_check_async (FoyerAuth *self, const char *sender,
    const char *action, gboolean is_interactive, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);

/**
 * foyer_auth_check_finish:
 * @self: the authorisation
 * @result: of the check
 * @error: return location: FOYER_ERROR_NOT_AUTHORIZED, whatever the cause
 *
 * Returns: %TRUE if the caller may
 */
gboolean foyer_auth_check_finish (FoyerAuth *self, GAsyncResult *result,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_auth_identify_async:
 * @self: the authorisation
 * @sender: unique name of the caller
 * @cancellable: (nullable): to give up
 * @callback: called when it is known
 * @user_data: for it
 *
 * Asks the bus which user and groups the caller's connection has.
 */
void foyer_auth_identify_async (FoyerAuth *self, const char *sender,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

/**
 * foyer_auth_identify_finish:
 * @self: the authorisation
 * @result: of the question
 * @out_subject: (out): who it is, for the rules
 * @error: return location: FOYER_ERROR_NOT_AUTHORIZED
 *
 * Returns: %FALSE if the caller is gone or can't be known
 */
gboolean foyer_auth_identify_finish (FoyerAuth *self, GAsyncResult *result,
    FoyerSubject *out_subject, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
