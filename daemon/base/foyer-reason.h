/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reasons, as core, channel and log number them. No GLib. */

/* Why a session was refused or ended; append-only, kept in the log. */
typedef enum
{
  FOYER_REASON_NONE = 0,
  /* refused */
  FOYER_REASON_DENIED,    /* by the policy */
  FOYER_REASON_LOCKDOWN,  /* also ends sessions */
  FOYER_REASON_NO_CAMERA, /* unknown or unplugged */
  FOYER_REASON_AMBIGUOUS, /* also ends sessions */
  FOYER_REASON_NO_TARGET, /* unknown */
  FOYER_REASON_BUSY,      /* the target shows another session */
  FOYER_REASON_FULL,      /* a table is full */
  FOYER_REASON_MALFORMED, /* the request can't be right */
  /* ended */
  FOYER_REASON_STOPPED,
  FOYER_REASON_REVOKED, /* the rules no longer allow it */
  FOYER_REASON_EXPIRED, /* its time is over */
  FOYER_REASON_CALLER_GONE,
  FOYER_REASON_CAMERA_GONE,
  FOYER_REASON_CAMERA_FAILED,
  FOYER_REASON_NOT_PAIRED,     /* the owner accepted no key of this display */
  FOYER_REASON_KEY_CHANGED,    /* another key than the one accepted */
  FOYER_REASON_NOT_VERIFIED,   /* no signature, or no chain where one must be */
  FOYER_REASON_TARGET_GONE,    /* forgotten by the owner */
  FOYER_REASON_DISPLAY_LOST,   /* connection or feedback broke off */
  FOYER_REASON_DISPLAY_FAILED, /* refused, or spoke nonsense */
  FOYER_REASON_WORKER_DIED,
  FOYER_REASON_WORKER_ROGUE, /* the worker broke the rules of its channel */
  FOYER_REASON_TOO_SLOW,     /* did not start in time */
  FOYER_REASON_NO_ENCODER,   /* nothing here codes what a display plays */
  FOYER_REASON_NO_APP,       /* the display lacks what this transport needs */
  FOYER_N_REASONS,
} FoyerReason;
