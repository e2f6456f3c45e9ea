/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-core.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What callers on D-Bus are told when something is refused or fails. On the bus
 * the errors are org.foyer.Foyer1.Error.X; a message is a sentence for a person
 * that ends with the next command to type, where there is one. */

#define FOYER_ERROR (foyer_error_quark ())
GQuark foyer_error_quark (void);

/* Append-only; the names on the bus are made of these. */
typedef enum
{
  FOYER_ERROR_FAILED = 0,     /* Failed: no better word */
  FOYER_ERROR_DENIED,         /* Denied: by the owner's rules */
  FOYER_ERROR_NOT_AUTHORIZED, /* NotAuthorized: by polkit */
  FOYER_ERROR_NOT_FOUND,      /* NotFound */
  FOYER_ERROR_BUSY,           /* Busy */
  FOYER_ERROR_GONE,           /* Gone */
  FOYER_ERROR_FULL,           /* Full */
  FOYER_ERROR_INVALID,        /* Invalid */
  FOYER_ERROR_LOCKED_DOWN,    /* LockedDown */
  FOYER_ERROR_NOT_PAIRED,     /* NotPaired */
  FOYER_ERROR_KEY_CHANGED,    /* KeyChanged */
  FOYER_ERROR_NOT_VERIFIED,   /* NotVerified */
  FOYER_ERROR_DAMAGED,        /* Damaged: the policy file */
  FOYER_N_ERRORS,
} FoyerError;

/**
 * FoyerReasonWords:
 * @camera: (nullable): what the owner calls the camera
 * @target: (nullable): what the owner calls the display
 * @rule: the rule that decided; 0 for none
 * @options: (nullable): of the command that would allow it, "--media stills"
 *
 * What a sentence about a reason is made of. Names may hold any bytes: they are
 * escaped.
 */
typedef struct
{
  const char *camera;
  const char *target;
  FoyerRuleId rule;
  const char *options;
} FoyerReasonWords;

/**
 * foyer_reason_to_string:
 * @reason: a reason
 *
 * Returns: one word as Session.Reason and the log give it: "denied",
 *   "no-camera", "worker-died"…; "" for none, "unknown" for a number that is no
 *   reason
 */
const char *foyer_reason_to_string (FoyerReason reason);

/**
 * foyer_reason_get_error:
 * @reason: a reason
 *
 * Returns: the code of #FOYER_ERROR that it is on the bus
 */
FoyerError foyer_reason_get_error (FoyerReason reason);

/**
 * foyer_reason_describe:
 * @reason: why a session was refused or ended
 * @words: what it was about
 *
 * Returns: (transfer full): a sentence for a person: what happened, and the next
 *   command to type where one helps
 */
char *foyer_reason_describe (FoyerReason reason, const FoyerReasonWords *words);

/**
 * foyer_error_new_from_reason:
 * @reason: why, other than none
 * @words: what it was about
 *
 * Returns: (transfer full): the error for the caller of Cast
 */
GError *foyer_error_new_from_reason (FoyerReason reason,
    const FoyerReasonWords *words);

G_END_DECLS
