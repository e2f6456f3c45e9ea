/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* What foyerctl doctor looks at on this machine: files under a root, nothing else,
 * so that tests bring a machine of their own. It changes nothing. Main thread. */

typedef enum
{
  FOYER_FINDING_UNKNOWN = 0,
  FOYER_FINDING_GOOD,
  FOYER_FINDING_NOTE, /* it works, but could be better */
  FOYER_FINDING_BAD,
} FoyerFindingLevel;

/**
 * FoyerFinding:
 * @check: what was looked at, one word: "camera", "encoder"…
 * @level: how it is
 * @words: a sentence; may hold names from outside
 * @remedy: (nullable): the command that mends it
 */
typedef struct
{
  const char *check;
  FoyerFindingLevel level;
  char *words;
  char *remedy;
} FoyerFinding;

/* (transfer full) (element-type FoyerFinding): with none */
GPtrArray *foyer_findings_new (void);

/* @remedy: (nullable); all copied but @check. */
void foyer_findings_add (GPtrArray *findings, const char *check,
    FoyerFindingLevel level, const char *words, const char *remedy);

/* As foyer_findings_add(), with words as for printf(). */
void foyer_findings_addf (GPtrArray *findings, const char *check,
    FoyerFindingLevel level, const char *remedy, const char *format, ...)
    G_GNUC_PRINTF (5, 6);

/* "good", "note", "bad", "unknown" */
const char *foyer_finding_level_to_string (FoyerFindingLevel level);

/**
 * FoyerDoctorUser:
 * @uid: of whom foyerd runs as
 * @gids: (array length=n_gids): their groups
 * @n_gids: how many
 */
typedef struct
{
  uid_t uid;
  const gid_t *gids;
  int n_gids;
} FoyerDoctorUser;

/**
 * foyer_doctor_check_nodes:
 * @findings: to add to
 * @root: of the machine: "" but in tests
 * @user: (nullable): who is to open capture nodes; %NULL for who runs this
 *
 * Whether nodes may be opened, and which programs have them open, as far as this
 * user may see.
 */
void foyer_doctor_check_nodes (GPtrArray *findings, const char *root,
    const FoyerDoctorUser *user);

/* Whether cameras share a slow bus. */
void foyer_doctor_check_usb (GPtrArray *findings, const char *root);

/* Whether v4l2loopback is there, and new enough. */
void foyer_doctor_check_module (GPtrArray *findings, const char *root);

/* Whether there is an encoder; @folder: of GStreamer's plugins. */
void foyer_doctor_check_encoder (GPtrArray *findings, const char *root,
    const char *folder);

/* Whether displays are found; @n_displays: so many are known. */
void foyer_doctor_check_mdns (GPtrArray *findings, const char *root,
    guint n_displays);

/**
 * foyer_doctor_check_clock:
 * @findings: to add to
 * @now_us: time of day, since 1970
 * @is_synchronized: the kernel says that something keeps it right
 */
void foyer_doctor_check_clock (GPtrArray *findings, gint64 now_us,
    gboolean is_synchronized);

/**
 * foyer_doctor_check_sensors:
 * @findings: added to
 * @root: "" for this machine
 * @folder: where GStreamer's plugins are
 *
 * Whether there are sensors, such as those on a CSI connector, and libcamera.
 */
void foyer_doctor_check_sensors (GPtrArray *findings, const char *root,
    const char *folder);

G_END_DECLS
