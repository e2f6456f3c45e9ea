/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ctl-match.h"

G_BEGIN_DECLS

/* What goes wrong, as the user is told it: one line that ends in what to type
 * next, and an exit status. Pure. */

/* The codes are the exit statuses. */
typedef enum
{
  FOYER_CTL_ERROR_FAILED = 1,
  FOYER_CTL_ERROR_USAGE = 2,
  FOYER_CTL_ERROR_DENIED = 3,
  FOYER_CTL_ERROR_NOT_FOUND = 4,
  FOYER_CTL_ERROR_NO_SERVICE = 5,
} FoyerCtlError;

#define FOYER_CTL_ERROR (foyer_ctl_error_quark ())
GQuark foyer_ctl_error_quark (void);

/**
 * foyer_ctl_error_set:
 * @error: return location
 * @reason: one word of the service: the last part of an error's name
 *   ("NotPaired") or the reason of a session's end ("not-paired")
 * @message: its sentence, from outside
 * @camera: (nullable): what it was about, for the remedy
 * @display: (nullable): likewise
 */
void foyer_ctl_error_set (GError **error, const char *reason,
    const char *message, const FoyerCtlThing *camera,
    const FoyerCtlThing *display);

/**
 * foyer_ctl_error_take_remote:
 * @error: return location
 * @remote: (transfer full): what a call failed with
 * @camera: (nullable): what it was about, for the remedy
 * @display: (nullable): likewise
 *
 * Errors of the service, of the bus, and of the way there.
 */
void foyer_ctl_error_take_remote (GError **error, GError *remote,
    const FoyerCtlThing *camera, const FoyerCtlThing *display);

/**
 * foyer_ctl_error_add_way:
 * @error: (nullable): location of an error in FOYER_CTL_ERROR
 * @way: what to do, with the command to type
 *
 * Says what to type next, behind an error that does not say it yet.
 */
void foyer_ctl_error_add_way (GError **error, const char *way);

/**
 * foyer_ctl_error_end:
 * @error: (nullable): location of an error in FOYER_CTL_ERROR
 * @verb: the verb that failed
 *
 * As foyer_ctl_error_add_way, where nothing better is known than the verb.
 */
void foyer_ctl_error_end (GError **error, const char *verb);

/* Whether a call failed because nobody answered it in time. */
gboolean foyer_ctl_error_is_timeout (const GError *remote);

/* The error of a service that is not there. */
void foyer_ctl_error_set_no_service (GError **error);

G_END_DECLS
