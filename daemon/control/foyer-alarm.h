/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one timer of the house: it wakes the main loop when something is due, and
 * when somebody sets the time of day, and never else. Main thread. */

typedef struct _FoyerAlarm FoyerAlarm;

/**
 * foyer_alarm_new:
 * @ring: called when it is due, or the time of day was set
 * @user_data: for it
 *
 * Returns: (transfer full): an alarm that is not set
 */
FoyerAlarm *foyer_alarm_new (void (*ring) (gpointer user_data),
    gpointer user_data);

/**
 * foyer_alarm_set:
 * @self: an alarm
 * @due_us: when to ring, CLOCK_MONOTONIC; once; 0 for not
 */
void foyer_alarm_set (FoyerAlarm *self, gint64 due_us);

/* (transfer full) (nullable) */
void foyer_alarm_free (FoyerAlarm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerAlarm, foyer_alarm_free)

G_END_DECLS
