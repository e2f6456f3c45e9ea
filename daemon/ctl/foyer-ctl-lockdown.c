/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-verbs.h"

/* Who wants all to end has no second to lose, and no word to say. */
#define LOCKDOWN_MS 1000

/* Asks for nothing else on the way, and lets nobody be asked. */
static gboolean
begin (FoyerCtl *ctl, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  GError *remote = NULL;

  reply = g_dbus_connection_call_sync (ctl->connection, FOYER_CTL_BUS_NAME,
      FOYER_CTL_PATH, FOYER_CTL_MANAGER, "SetLockdown",
      g_variant_new ("(b)", TRUE), NULL, G_DBUS_CALL_FLAGS_NONE, LOCKDOWN_MS,
      NULL, &remote);
  if (reply != NULL)
    return TRUE;
  if (g_error_matches (remote, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT)) {
    g_error_free (remote);
    g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
        "the service did not answer within a second; to end everything by "
        "force: systemctl kill --signal=KILL foyerd");
  } else
    foyer_ctl_error_take_remote (error, remote, NULL, NULL);
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
