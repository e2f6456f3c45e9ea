/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"

/* G_DEFINE_QUARK() would write it from several threads at once: displays have one
 * each. */
GQuark
foyer_cast_error_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark,
        g_quark_from_static_string ("foyer-cast-error-quark"));
  return (GQuark) quark;
}

static const char *const step_names[] = {
  [FOYER_CAST_STEP_IDLE] = "idle",
  [FOYER_CAST_STEP_CONNECTING] = "connecting",
  [FOYER_CAST_STEP_SECURING] = "securing",
  [FOYER_CAST_STEP_AUTHENTICATING] = "authenticating",
  [FOYER_CAST_STEP_LAUNCHING] = "launching",
  [FOYER_CAST_STEP_NEGOTIATING] = "negotiating",
  [FOYER_CAST_STEP_STREAMING] = "streaming",
  [FOYER_CAST_STEP_CLEANING] = "cleaning",
  [FOYER_CAST_STEP_STOPPING] = "stopping",
  [FOYER_CAST_STEP_STOPPED] = "stopped",
};
G_STATIC_ASSERT (G_N_ELEMENTS (step_names) == FOYER_CAST_STEP_STOPPED + 1);

static const char *const remedies[] = {
  [FOYER_CAST_ERROR_FAILED] =
      "Try again; if it stays, run with GST_DEBUG=foyer*:6 and report what it prints.",
  [FOYER_CAST_ERROR_MALFORMED] =
      "Check that host and port are those of a Cast display, and restart the display.",
  [FOYER_CAST_ERROR_TOO_LARGE] =
      "Check that host and port are those of a Cast display, and restart the display.",
  [FOYER_CAST_ERROR_UNREACHABLE] =
      "Check that the display is on, in this network, and that host and port are right (8009 on most devices).",
  [FOYER_CAST_ERROR_TLS] =
      "Check that host and port are those of a Cast display (8009 on most devices).",
  [FOYER_CAST_ERROR_CLOSED] =
      "Check that the display is on and not being restarted, and try again.",
  [FOYER_CAST_ERROR_TIMED_OUT] =
      "Check the network to the display, restart the display, and try again.",
  [FOYER_CAST_ERROR_AUTH_UNSUPPORTED] =
      "If this display is yours and can't authenticate, pair it with auth=pinned and pin set to the fingerprint above.",
  [FOYER_CAST_ERROR_AUTH_TLS_LIFE] =
      "Check this machine's clock; if it is right, restart the display so that it renews its certificate.",
  [FOYER_CAST_ERROR_AUTH_NONCE] =
      "Something repeats an old answer in the display's name: do not cast to it before you know what stands between.",
  [FOYER_CAST_ERROR_AUTH_SIGNATURE] =
      "This display does not hold the key it shows: restart it; if it stays so, do not cast to it.",
  [FOYER_CAST_ERROR_AUTH_CHAIN] =
      "If this display is yours, accept its key with auth=pinned and pin set to the fingerprint above, or name its root with ca-file.",
  [FOYER_CAST_ERROR_AUTH_EXPIRED] =
      "Check this machine's clock; if it is right and the display is yours, accept its key with auth=pinned and pin.",
  [FOYER_CAST_ERROR_AUTH_REVOKED] =
      "The maker withdrew this display's key: do not cast to it.",
  [FOYER_CAST_ERROR_AUTH_AUDIO_ONLY] =
      "This is a speaker; choose a display with a screen.",
  [FOYER_CAST_ERROR_AUTH_PIN] =
      "If this display is yours and new, set pin to the fingerprint above; if you had paired it before, another one answers at its address: do not cast to it.",
  [FOYER_CAST_ERROR_LAUNCH] =
      "Check that the display is idle and online, and try again.",
  [FOYER_CAST_ERROR_OFFER_REFUSED] =
      "Try another codec (codec=vp8 or codec=h264).",
  [FOYER_CAST_ERROR_ANSWER_INVALID] =
      "Restart the display; if it stays, report its model and firmware.",
  [FOYER_CAST_ERROR_APP_ENDED] =
      "Somebody stopped the cast at the display or cast something else; start again if you still want it.",
  [FOYER_CAST_ERROR_NO_FEEDBACK] =
      "Check that no firewall blocks UDP between this machine and the display.",
  [FOYER_CAST_ERROR_SOCKET] =
      "Check this machine's network and its limits on open files.",
  [FOYER_CAST_ERROR_CREDENTIALS] =
      "Check that the credentials folder can be written, or remove it so that new keys are made.",
  [FOYER_CAST_ERROR_NOT_APPROVED] =
      "Pair this display, or allow it, before casting to it.",
  [FOYER_CAST_ERROR_NO_APP] =
      "This display can't be streamed to; foyerctl cast --transport http can show it a URL, where a rule allows that.",
  [FOYER_CAST_ERROR_LOAD] =
      "Check that the display may open connections to this machine, and that no firewall is between.",
};
G_STATIC_ASSERT (G_N_ELEMENTS (remedies) == FOYER_CAST_N_ERRORS);

const char *
foyer_cast_step_to_string (FoyerCastStep step)
{
  return step_names[step];
}

const char *
foyer_cast_error_get_remedy (const GError *error)
{
  if (error != NULL && error->domain == FOYER_CAST_ERROR && error->code >= 0 &&
      error->code < (int) G_N_ELEMENTS (remedies))
    return remedies[error->code];
  return remedies[FOYER_CAST_ERROR_FAILED];
}
