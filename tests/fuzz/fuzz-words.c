/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-camera-identity.h"
#include "foyer-displays.h"
#include "foyer-error.h"
#include "foyer-rule-text.h"
#include "foyer-state-text.h"
#include "foyer-text.h"

#include <string.h>

/* The small texts that come over D-Bus, from udev and from files, a line each: what
 * is taken means the same once it was printed. */

#define N_PROPERTIES 6

static void
try_schedule (const char *line)
{
  FoyerWindow windows[FOYER_POLICY_MAX_WINDOWS] = { 0 };
  FoyerWindow again[FOYER_POLICY_MAX_WINDOWS] = { 0 };
  g_auto (GStrv) texts = NULL;
  uint32_t n_windows = 0, n_again = 0;

  if (!foyer_schedule_parse (line, windows, &n_windows, NULL)) {
    g_assert_cmpuint (n_windows, ==, 0);
    return;
  }
  texts = foyer_schedule_print (windows, n_windows);
  for (guint i = 0; texts[i] != NULL; i++)
    g_assert_true (foyer_schedule_parse (texts[i], again, &n_again, NULL));
  g_assert_cmpuint (n_again, ==, n_windows);
}

static void
try_fingerprint (const char *line)
{
  guint8 key[FOYER_CORE_KEY_BYTES];
  guint8 same[FOYER_CORE_KEY_BYTES];
  g_autofree char *text = NULL;

  if (!foyer_fingerprint_parse (line, key))
    return;
  text = foyer_fingerprint_print (key);
  g_assert_true (foyer_fingerprint_parse (text, same));
  g_assert_cmpmem (key, sizeof key, same, sizeof same);
}

static void
try_names (const char *line)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  g_auto (GStrv) words = g_strsplit (line, ",", -1);
  g_autofree char *escaped = foyer_text_escape (line);
  FoyerTargetKind kind;
  FoyerTargetId id;
  FoyerTrust trust;
  gboolean is_any;
  uint32_t media = 0;

  if (foyer_target_parse (line, ids, &kind, &is_any, &id))
    g_assert_true (is_any || id.v != 0);
  if (foyer_trust_parse (line, &trust))
    g_assert_cmpstr (foyer_trust_to_string (trust), ==, line);
  if (foyer_media_parse ((const char *const *) words, &media))
    g_assert_cmpuint (media & ~(uint32_t) FOYER_MEDIA_ALL, ==, 0);
  /* Nothing that turns, hides or breaks lines is left. */
  g_assert_true (g_utf8_validate (escaped, -1, NULL));
  g_assert_null (strpbrk (escaped, "\n\r\x1b"));
}

/* What udev says of a device, a property a line. */
static void
try_identity (char **lines)
{
  const char *words[N_PROPERTIES] = { NULL };
  g_auto (FoyerCameraIdentity) identity = { NULL };
  FoyerCameraProperties properties;

  for (guint i = 0; i < N_PROPERTIES && lines[i] != NULL; i++)
    words[i] = lines[i];
  properties = (FoyerCameraProperties){ words[0], words[1], words[2], words[3],
    words[4], words[5], 0 };
  if (!foyer_camera_identity_init (&identity, &properties))
    return;
  g_assert_true (foyer_identity_is_valid (identity.own));
  g_assert_true (foyer_identity_is_valid (identity.place));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    try_schedule (lines[i]);
    try_fingerprint (lines[i]);
    try_names (lines[i]);
  }
  try_identity (lines);
  return 0;
}
