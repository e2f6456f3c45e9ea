/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-auth.h"
#include "foyer-cast-error.h"

#define PIN_PREFIX "sha256:"
#define PIN_DIGITS 64

/* "display "Kitchen" with fingerprint sha256:…: what", with the name left out
 * if there is none. */
static gboolean
refuse (const FoyerCastIdentity *identity, int code, const char *what,
    GError **error)
{
  const char *quote = identity->name != NULL ? "\" " : "";

  g_set_error (error, FOYER_CAST_ERROR, code,
      "display %s%s%swith fingerprint %s: %s",
      identity->name != NULL ? "\"" : "",
      identity->name != NULL ? identity->name : "", quote,
      identity->fingerprint != NULL ? identity->fingerprint : "unknown", what);
  return FALSE;
}

char *
foyer_cast_auth_normalize_pin (const char *pin, GError **error)
{
  g_autoptr (GString) text = g_string_new (PIN_PREFIX);
  const char *digits = pin;

  if (g_ascii_strncasecmp (pin, PIN_PREFIX, strlen (PIN_PREFIX)) == 0)
    digits += strlen (PIN_PREFIX);
  for (const char *c = digits;
       *c != '\0' && text->len <= strlen (PIN_PREFIX) + PIN_DIGITS; c++) {
    if (*c == ':')
      continue;
    if (!g_ascii_isxdigit (*c))
      break;
    g_string_append_c (text, g_ascii_tolower (*c));
  }
  if (text->len == strlen (PIN_PREFIX) + PIN_DIGITS &&
      strspn (digits, ":0123456789abcdefABCDEF") == strlen (digits))
    return g_string_free (g_steal_pointer (&text), FALSE);
  g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_PIN,
      "pin is not a fingerprint: \"sha256:\" and %d hex digits are",
      PIN_DIGITS);
  return NULL;
}

/* Its own problem, or, of one nobody verified, that. */
static gboolean
refuse_unproven (const FoyerCastIdentity *identity, GError **error)
{
  if (identity->problem == NULL)
    return refuse (identity, FOYER_CAST_ERROR_AUTH_UNSUPPORTED,
        "it did not prove who it is", error);
  return refuse (identity, identity->problem->code, identity->problem->message,
      error);
}

static gboolean
check_pin (const FoyerCastIdentity *identity, const char *pin, GError **error)
{
  if (pin == NULL || g_strcmp0 (identity->fingerprint, pin) == 0)
    return TRUE;
  return refuse (identity, FOYER_CAST_ERROR_AUTH_PIN,
      "it is not the display that was paired", error);
}

static gboolean
decide_device (const FoyerCastIdentity *identity, const char *pin,
    GError **error)
{
  if (!identity->is_device || !identity->has_signed || !identity->has_chain ||
      identity->problem != NULL)
    return refuse_unproven (identity, error);
  return check_pin (identity, pin, error);
}

/* The chain may be unknown, but a key its maker withdrew stays refused. A
 * display without a device key has proven its TLS key by the handshake. */
static gboolean
decide_pinned (const FoyerCastIdentity *identity, const char *pin,
    GError **error)
{
  if (pin == NULL)
    return refuse (identity, FOYER_CAST_ERROR_AUTH_PIN,
        "no pin was given to compare it with", error);
  if (!check_pin (identity, pin, error))
    return FALSE;
  if ((identity->is_device && !identity->has_signed) ||
      g_error_matches (identity->problem, FOYER_CAST_ERROR,
          FOYER_CAST_ERROR_AUTH_REVOKED))
    return refuse_unproven (identity, error);
  return TRUE;
}

static gboolean
decide_level (const FoyerCastIdentity *identity, FoyerCastAuthLevel level,
    const char *pin, GError **error)
{
  switch (level) {
    case FOYER_CAST_AUTH_DEVICE:
      return decide_device (identity, pin, error);
    case FOYER_CAST_AUTH_PINNED:
      return decide_pinned (identity, pin, error);
    case FOYER_CAST_AUTH_ANY:
      return check_pin (identity, pin, error);
  }
  return refuse_unproven (identity, error);
}

gboolean
foyer_cast_auth_decide (const FoyerCastIdentity *identity,
    FoyerCastAuthLevel level, const char *pin, gboolean wants_video,
    GError **error)
{
  g_autofree char *normal = NULL;

  if (pin != NULL) {
    normal = foyer_cast_auth_normalize_pin (pin, error);
    if (normal == NULL)
      return FALSE;
  }
  if (!decide_level (identity, level, normal, error))
    return FALSE;
  if (wants_video && identity->is_audio_only)
    return refuse (identity, FOYER_CAST_ERROR_AUTH_AUDIO_ONLY,
        "its certificates allow no video", error);
  return TRUE;
}
