/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-verbs.h"
#include "foyer-doctor.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#define SERVICE_USER "foyer"
#define SERVICE_LOG  "journalctl -u foyerd -n 50"
#define AVAHI        "org.freedesktop.Avahi"
#define MAX_GROUPS   64
#define BUS_CALL_MS  5000

/* the service, by what it says */

static void
check_cameras (FoyerCtl *ctl, GPtrArray *findings)
{
  g_autoptr (GPtrArray) cameras = foyer_ctl_list (ctl, "Camera");

  for (guint i = 0; i < cameras->len; i++) {
    FoyerDBusCamera *camera = cameras->pdata[i];
    const char *name = foyer_dbus_camera_get_name (camera);
    const char *problem = foyer_dbus_camera_get_problem (camera);
    g_autofree char *rename =
        g_strdup_printf ("foyerctl name %" G_GUINT64_FORMAT " NAME",
            foyer_ctl_get_number (foyer_ctl_get_path (camera)));

    if (g_strcmp0 (foyer_dbus_camera_get_state (camera), "ambiguous") == 0)
      foyer_findings_addf (findings, "camera", FOYER_FINDING_BAD, rename,
          "%s can't be told from another camera: name each by its place", name);
    else if (problem != NULL && *problem != '\0')
      foyer_findings_addf (findings, "camera", FOYER_FINDING_BAD, SERVICE_LOG,
          "%s gave no pictures: %s", name, problem);
    else
      foyer_findings_addf (findings, "camera", FOYER_FINDING_GOOD, NULL,
          "%s is there", name);
  }
}

static void
check_displays (FoyerCtl *ctl, GPtrArray *findings)
{
  g_autoptr (GPtrArray) displays = foyer_ctl_list (ctl, "Display");

  foyer_doctor_check_mdns (findings, "", displays->len);
  for (guint i = 0; i < displays->len; i++) {
    FoyerDBusDisplay *display = displays->pdata[i];
    const char *name = foyer_dbus_display_get_name (display);
    const char *key = foyer_dbus_display_get_fingerprint (display);
    const char *seen = foyer_dbus_display_get_seen_fingerprint (display);
    g_autofree char *word = foyer_print_dup_word (name);
    g_autofree char *pair = g_strconcat ("foyerctl pair ", word, NULL);

    if (foyer_dbus_display_get_paired (display) && seen != NULL &&
        *seen != '\0' && g_strcmp0 (key, seen) != 0)
      foyer_findings_addf (findings, "certificate", FOYER_FINDING_BAD, pair,
          "%s showed another key than the one that was accepted", name);
  }
}

static gboolean
check_service (FoyerCtl *ctl, GPtrArray *findings)
{
  g_autoptr (FoyerDBusManager) manager = NULL;
  g_autoptr (GError) error = NULL;
  const char *const *problems;

  if (foyer_ctl_enter (ctl, &error))
    manager = foyer_ctl_new_manager (ctl, &error);
  if (manager == NULL) {
    foyer_findings_add (findings, "service", FOYER_FINDING_BAD, error->message,
        error->code == FOYER_CTL_ERROR_NO_SERVICE ? "systemctl start foyerd"
                                                  : "systemctl restart foyerd");
    return FALSE;
  }
  foyer_findings_addf (findings, "service", FOYER_FINDING_GOOD, NULL,
      "foyerd %s runs", foyer_dbus_manager_get_version (manager));
  if (foyer_dbus_manager_get_locked_down (manager))
    foyer_findings_add (findings, "lockdown", FOYER_FINDING_BAD,
        "nothing is shown: the house is locked down", "foyerctl lockdown off");
  problems = foyer_dbus_manager_get_problems (manager);
  for (; problems != NULL && *problems != NULL; problems++)
    foyer_findings_add (findings, "service", FOYER_FINDING_BAD, *problems,
        SERVICE_LOG);
  check_cameras (ctl, findings);
  check_displays (ctl, findings);
  return TRUE;
}

/* the machine */

static void
check_avahi (GPtrArray *findings)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL,
      NULL);
  g_autoptr (GVariant) reply = NULL;
  gboolean is_there = FALSE;

  if (bus != NULL)
    reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus",
        "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
        g_variant_new ("(s)", AVAHI), G_VARIANT_TYPE ("(b)"),
        G_DBUS_CALL_FLAGS_NONE, BUS_CALL_MS, NULL, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(b)", &is_there);
  if (is_there)
    foyer_findings_add (findings, "mdns", FOYER_FINDING_GOOD,
        "Avahi looks for displays", NULL);
  else
    foyer_findings_add (findings, "mdns", FOYER_FINDING_BAD,
        "Avahi does not run: displays are not found by themselves",
        "systemctl start avahi-daemon");
}

/* As whom the service runs; of a user's own it is the user. */
static void
check_nodes (FoyerCtl *ctl, GPtrArray *findings)
{
  gid_t gids[MAX_GROUPS];
  FoyerDoctorUser user = { .gids = gids, .n_gids = MAX_GROUPS };
  const struct passwd *entry = getpwnam (SERVICE_USER);
  gboolean is_own = foyer_ctl_line_has (ctl->line, "session") ||
      foyer_ctl_line_has (ctl->line, "bus") || entry == NULL;

  if (!is_own) {
    user.uid = entry->pw_uid;
    if (getgrouplist (SERVICE_USER, entry->pw_gid, gids, &user.n_gids) < 0)
      user.n_gids = 0;
  }
  foyer_doctor_check_nodes (findings, "", is_own ? NULL : &user);
}

static void
check_machine (FoyerCtl *ctl, GPtrArray *findings)
{
  struct timex clock = { 0 };
  int state = adjtimex (&clock);

  check_nodes (ctl, findings);
  foyer_doctor_check_usb (findings, "");
  foyer_doctor_check_module (findings, "");
  foyer_doctor_check_encoder (findings, "", FOYER_GST_PLUGINS);
  foyer_doctor_check_sensors (findings, "", FOYER_GST_PLUGINS);
  check_avahi (findings);
  foyer_doctor_check_clock (findings, foyer_ctl_get_now_us (ctl),
      state >= 0 && (clock.status & STA_UNSYNC) == 0);
}

/* printing */

static FoyerColour
get_colour (FoyerFindingLevel level)
{
  switch (level) {
    case FOYER_FINDING_GOOD:
      return FOYER_COLOUR_GOOD;
    case FOYER_FINDING_BAD:
      return FOYER_COLOUR_BAD;
    case FOYER_FINDING_NOTE:
    case FOYER_FINDING_UNKNOWN:
      break;
  }
  return FOYER_COLOUR_WAIT;
}

static void
print_text (GPtrArray *findings)
{
  gboolean has_colour = foyer_print_has_colour (STDOUT_FILENO);

  for (guint i = 0; i < findings->len; i++) {
    const FoyerFinding *finding = findings->pdata[i];
    g_autofree char *words = foyer_print_dup_sentence (finding->words);

    foyer_ctl_say ("%s%-7s%s %s: %s",
        has_colour ? foyer_print_get_colour (get_colour (finding->level)) : "",
        foyer_finding_level_to_string (finding->level),
        has_colour ? FOYER_PRINT_END : "", finding->check, words);
    if (finding->remedy != NULL)
      foyer_ctl_say ("        to mend it: %s", finding->remedy);
  }
}

static void
print_json (GPtrArray *findings)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

  foyer_ctl_json_begin_array (json, "findings");
  for (guint i = 0; i < findings->len; i++) {
    const FoyerFinding *finding = findings->pdata[i];

    json_builder_begin_object (json);
    foyer_ctl_json_add_string (json, "check", finding->check);
    foyer_ctl_json_add_string (json, "level",
        foyer_finding_level_to_string (finding->level));
    foyer_ctl_json_add_string (json, "words", finding->words);
    foyer_ctl_json_add_string (json, "remedy", finding->remedy);
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

gboolean
foyer_ctl_run_doctor (FoyerCtl *ctl, GError **error)
{
  g_autoptr (GPtrArray) findings = foyer_findings_new ();

  check_service (ctl, findings);
  check_machine (ctl, findings);
  if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (findings);
  else
    print_text (findings);
  for (guint i = 0; i < findings->len; i++) {
    const FoyerFinding *finding = findings->pdata[i];

    if (finding->level == FOYER_FINDING_BAD)
      ctl->status = 1;
  }
  return TRUE;
}
