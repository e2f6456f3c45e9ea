/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-verbs.h"

/* Who wants all to end has no second to lose, and no word to say. */
#define LOCKDOWN_MS 900
#define BUS_MS      100

/* The bus knows whose process it is, also while that hangs. A session of a node
 * outlives it for as long as it takes to leave nothing there: it alone is to be
 * killed, and not all that it started. */
static char *
dup_force (FoyerCtl *ctl)
{
  g_autoptr (GVariant) reply = NULL;
  guint32 pid;

  if (!foyer_ctl_is_on_system_bus (ctl))
    reply = g_dbus_connection_call_sync (ctl->connection,
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "GetConnectionUnixProcessID", g_variant_new ("(s)", FOYER_CTL_BUS_NAME),
        G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, BUS_MS, NULL, NULL);
  if (reply == NULL)
    return g_strdup ("systemctl kill --kill-whom=main --signal=KILL foyerd");
  g_variant_get (reply, "(u)", &pid);
  return g_strdup_printf ("kill -KILL %u", pid);
}

/* Asks for nothing else on the way, and lets nobody be asked. What was asked for
 * stays with the bus, and happens also when nobody waits for it any more. */
static gboolean
begin (FoyerCtl *ctl, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *force = NULL;
  GError *remote = NULL;

  reply = g_dbus_connection_call_sync (ctl->connection, FOYER_CTL_BUS_NAME,
      FOYER_CTL_PATH, FOYER_CTL_MANAGER, "SetLockdown",
      g_variant_new ("(b)", TRUE), NULL, G_DBUS_CALL_FLAGS_NONE, LOCKDOWN_MS,
      NULL, &remote);
  if (reply != NULL)
    return TRUE;
  if (!foyer_ctl_error_is_timeout (remote)) {
    foyer_ctl_error_take_remote (error, remote, NULL, NULL);
    return FALSE;
  }
  g_error_free (remote);
  force = dup_force (ctl);
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
      "the service has not answered within a second; it will lock down as soon "
      "as it can, and foyerctl status says whether it has; to end everything "
      "by force: %s, and then again: foyerctl lockdown",
      force);
  return FALSE;
}

static gboolean
end (FoyerCtl *ctl, GError **error)
{
  const FoyerCtlCall call = { .interface = FOYER_CTL_MANAGER,
    .method = "SetLockdown",
    .arguments = g_variant_new ("(b)", FALSE) };
  g_autoptr (GVariant) reply = foyer_ctl_call (ctl, &call, error);

  return reply != NULL;
}

gboolean
foyer_ctl_run_lockdown (FoyerCtl *ctl, GError **error)
{
  const char *word = foyer_ctl_line_get_word (ctl->line, 0);
  gboolean is_on = word == NULL || g_str_equal (word, "on");

  if (!is_on && !g_str_equal (word, "off")) {
    g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "lockdown is on or off; see: foyerctl lockdown --help");
    return FALSE;
  }
  if (!foyer_ctl_connect (ctl, error))
    return FALSE;
  if (!(is_on ? begin (ctl, error) : end (ctl, error)))
    return FALSE;
  foyer_ctl_say (is_on
          ? "lockdown is on: nothing is shown and nothing granted; "
            "to end it: foyerctl lockdown off"
          : "lockdown is off: the rules decide");
  return TRUE;
}
