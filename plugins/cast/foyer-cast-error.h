/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can go wrong between a sender and a display, and what a person can do
 * about it. Codes are append-only. */

#define FOYER_CAST_ERROR (foyer_cast_error_quark ())
GQuark foyer_cast_error_quark (void);

typedef enum
{
  FOYER_CAST_ERROR_FAILED = 0,       /* no better word */
  FOYER_CAST_ERROR_MALFORMED,        /* bytes that are not the protocol */
  FOYER_CAST_ERROR_TOO_LARGE,        /* over a limit of foyer-cast-limits.h */
  FOYER_CAST_ERROR_UNREACHABLE,      /* no TCP connection */
  FOYER_CAST_ERROR_TLS,              /* no TLS handshake */
  FOYER_CAST_ERROR_CLOSED,           /* the peer closed the connection */
  FOYER_CAST_ERROR_TIMED_OUT,        /* the peer said nothing in time */
  FOYER_CAST_ERROR_AUTH_UNSUPPORTED, /* no device authentication, or refused */
  FOYER_CAST_ERROR_AUTH_TLS_LIFE,   /* TLS certificate's life breaks the rule */
  FOYER_CAST_ERROR_AUTH_NONCE,      /* an answer to another challenge */
  FOYER_CAST_ERROR_AUTH_SIGNATURE,  /* missing or wrong */
  FOYER_CAST_ERROR_AUTH_CHAIN,      /* does not lead to a trusted root */
  FOYER_CAST_ERROR_AUTH_EXPIRED,    /* device certificate not valid now */
  FOYER_CAST_ERROR_AUTH_REVOKED,    /* named by the revocation list */
  FOYER_CAST_ERROR_AUTH_AUDIO_ONLY, /* its certificates allow no video */
  FOYER_CAST_ERROR_AUTH_PIN,        /* not the display that was paired */
  FOYER_CAST_ERROR_LAUNCH,          /* LAUNCH_ERROR, or no such app */
  FOYER_CAST_ERROR_OFFER_REFUSED,   /* ANSWER with result error */
  FOYER_CAST_ERROR_ANSWER_INVALID,  /* ANSWER that contradicts the OFFER */
  FOYER_CAST_ERROR_APP_ENDED,       /* somebody stopped or replaced the app */
  FOYER_CAST_ERROR_NO_FEEDBACK,     /* no RTCP while streaming */
  FOYER_CAST_ERROR_SOCKET,          /* a socket of ours failed */
  FOYER_CAST_ERROR_CREDENTIALS,     /* a display's own keys can't be used */
  FOYER_CAST_ERROR_NOT_APPROVED,    /* who casts did not want this display */
  FOYER_CAST_ERROR_NO_APP,          /* LAUNCH: it does not have this app */
  FOYER_CAST_ERROR_LOAD,            /* its player can't show a URL */
} FoyerCastError;

#define FOYER_CAST_N_ERRORS (FOYER_CAST_ERROR_LOAD + 1)

/* The steps of a session, in order. */
typedef enum
{
  FOYER_CAST_STEP_IDLE = 0,
  FOYER_CAST_STEP_CONNECTING,
  FOYER_CAST_STEP_SECURING,       /* TLS */
  FOYER_CAST_STEP_AUTHENTICATING, /* who is it */
  FOYER_CAST_STEP_LAUNCHING,
  FOYER_CAST_STEP_NEGOTIATING, /* OFFER and ANSWER */
  FOYER_CAST_STEP_STREAMING,
  FOYER_CAST_STEP_CLEANING, /* stopping what another session launched */
  FOYER_CAST_STEP_STOPPING,
  FOYER_CAST_STEP_STOPPED,
} FoyerCastStep;

/**
 * foyer_cast_step_to_string:
 * @step: a step
 *
 * Returns: its name as messages and `stats` give it: "idle", "connecting",
 *   "securing", "authenticating", "launching", "negotiating", "streaming",
 *   "cleaning", "stopping", "stopped"
 */
const char *foyer_cast_step_to_string (FoyerCastStep step);

/**
 * foyer_cast_error_get_remedy:
 * @error: an error of any domain
 *
 * Returns: one sentence that tells a person what to do next, never %NULL
 */
const char *foyer_cast_error_get_remedy (const GError *error);

G_END_DECLS
