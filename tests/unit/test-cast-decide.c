/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-auth.h"
#include "foyer-cast-error.h"

#define SEEN \
  "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER \
  "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddee00"

#define GOOD -1

#define DEVICE FOYER_CAST_AUTH_DEVICE
#define PINNED FOYER_CAST_AUTH_PINNED
#define ANY    FOYER_CAST_AUTH_ANY

#define NONCE       FOYER_CAST_ERROR_AUTH_NONCE
#define CHAIN       FOYER_CAST_ERROR_AUTH_CHAIN
#define REVOKED     FOYER_CAST_ERROR_AUTH_REVOKED
#define PIN         FOYER_CAST_ERROR_AUTH_PIN
#define AUDIO       FOYER_CAST_ERROR_AUTH_AUDIO_ONLY
#define UNSUPPORTED FOYER_CAST_ERROR_AUTH_UNSUPPORTED

/* Every display there is: what verification says of it. */
typedef struct
{
  const char *title;
  gboolean is_device, has_signed, has_chain, is_audio_only;
  int problem;
} Display;

enum
{
  GENUINE,
  SPEAKER,
  STRANGER, /* signed, of an unknown root */
  WITHDRAWN,
  REPLAYED,
  PLAIN, /* no device authentication */
  NOBODY,
};

static const Display displays[] = {
  [GENUINE] = { "genuine", TRUE, TRUE, TRUE, FALSE, GOOD },
  [SPEAKER] = { "speaker", TRUE, TRUE, TRUE, TRUE, GOOD },
  [STRANGER] = { "stranger", TRUE, TRUE, FALSE, FALSE, CHAIN },
  [WITHDRAWN] = { "withdrawn", TRUE, TRUE, FALSE, FALSE, REVOKED },
  [REPLAYED] = { "replayed", TRUE, FALSE, FALSE, FALSE, NONCE },
  [PLAIN] = { "plain", FALSE, FALSE, FALSE, FALSE, UNSUPPORTED },
  /* as one that nobody filled in */
  [NOBODY] = { "nobody", FALSE, FALSE, FALSE, FALSE, GOOD },
};

static const struct
{
  int display;
  FoyerCastAuthLevel level;
  const char *pin;
  int verdict;
} rows[] = {
  { GENUINE, DEVICE, NULL, GOOD },
  { GENUINE, DEVICE, SEEN, GOOD },
  { GENUINE, DEVICE, OTHER, PIN },
  { GENUINE, PINNED, SEEN, GOOD },
  { GENUINE, PINNED, OTHER, PIN },
  { GENUINE, PINNED, NULL, PIN },
  { GENUINE, ANY, NULL, GOOD },
  { GENUINE, ANY, SEEN, GOOD },
  { GENUINE, ANY, OTHER, PIN },
  { GENUINE, DEVICE, "nonsense", PIN },
  { GENUINE, PINNED, "nonsense", PIN },
  { GENUINE, ANY, "nonsense", PIN },

  { SPEAKER, DEVICE, NULL, AUDIO },
  { SPEAKER, PINNED, SEEN, AUDIO },
  { SPEAKER, ANY, NULL, AUDIO },

  { STRANGER, DEVICE, NULL, CHAIN },
  { STRANGER, DEVICE, SEEN, CHAIN },
  { STRANGER, PINNED, NULL, PIN },
  { STRANGER, PINNED, SEEN, GOOD },
  { STRANGER, PINNED, OTHER, PIN },
  { STRANGER, ANY, NULL, GOOD },

  { WITHDRAWN, DEVICE, SEEN, REVOKED },
  { WITHDRAWN, PINNED, SEEN, REVOKED },

  { REPLAYED, DEVICE, NULL, NONCE },
  { REPLAYED, DEVICE, SEEN, NONCE },
  { REPLAYED, PINNED, SEEN, NONCE },
  { REPLAYED, PINNED, OTHER, PIN },
  { REPLAYED, ANY, NULL, GOOD },

  { PLAIN, DEVICE, NULL, UNSUPPORTED },
  { PLAIN, DEVICE, SEEN, UNSUPPORTED },
  { PLAIN, PINNED, NULL, PIN },
  { PLAIN, PINNED, SEEN, GOOD },
  { PLAIN, PINNED, OTHER, PIN },
  { PLAIN, ANY, NULL, GOOD },

  { NOBODY, DEVICE, NULL, UNSUPPORTED },
};

static void
make_identity (FoyerCastIdentity *identity, const Display *display)
{
  *identity = (FoyerCastIdentity){
    .fingerprint = g_strdup (SEEN),
    .name = g_strdup ("Kitchen"),
    .is_device = display->is_device,
    .has_signed = display->has_signed,
    .has_chain = display->has_chain,
    .is_audio_only = display->is_audio_only,
  };
  if (display->problem != GOOD)
    identity->problem = g_error_new_literal (FOYER_CAST_ERROR, display->problem,
        "the very problem");
}

/* Whoever is refused can be paired by the message. */
static void
assert_refusal (const GError *error, int code, const char *pin)
{
  g_assert_error (error, FOYER_CAST_ERROR, code);
  g_test_message ("%s", error->message);
  if (g_strcmp0 (pin, "nonsense") == 0)
    return;
  g_assert_nonnull (strstr (error->message, SEEN));
  g_assert_nonnull (strstr (error->message, "\"Kitchen\""));
}

static void
test_decide_rows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (FoyerCastIdentity) identity = { NULL };
    g_autoptr (GError) error = NULL;
    gboolean is_good;

    g_test_message ("row %u: %s", i, displays[rows[i].display].title);
    make_identity (&identity, &displays[rows[i].display]);
    is_good = foyer_cast_auth_decide (&identity, rows[i].level, rows[i].pin,
        TRUE, &error);
    g_assert_cmpint (is_good, ==, rows[i].verdict == GOOD);
    if (is_good)
      g_assert_no_error (error);
    else
      assert_refusal (error, rows[i].verdict, rows[i].pin);
  }
}

static void
test_decide_speaker_for_sound (void)
{
  g_auto (FoyerCastIdentity) identity = { NULL };

  make_identity (&identity, &displays[SPEAKER]);
  g_assert_true (foyer_cast_auth_decide (&identity, DEVICE, NULL, FALSE, NULL));
}

static void
test_decide_keeps_the_problem (void)
{
  g_auto (FoyerCastIdentity) identity = { NULL };
  g_autoptr (GError) error = NULL;

  make_identity (&identity, &displays[REPLAYED]);
  g_assert_false (
      foyer_cast_auth_decide (&identity, DEVICE, NULL, TRUE, &error));
  g_assert_cmpstr (error->message, ==,
      "display \"Kitchen\" with fingerprint " SEEN ": the very problem");
}

/* A level from nowhere, and an identity of zeros. */
static void
test_decide_unknown (void)
{
  const FoyerCastIdentity zero = { NULL };
  g_auto (FoyerCastIdentity) identity = { NULL };
  g_autoptr (GError) error = NULL;

  make_identity (&identity, &displays[GENUINE]);
  g_assert_false (foyer_cast_auth_decide (&identity, (FoyerCastAuthLevel) 7,
      NULL, TRUE, &error));
  g_clear_error (&error);
  g_assert_false (foyer_cast_auth_decide (&zero, PINNED, SEEN, TRUE, &error));
  g_assert_cmpstr (error->message, ==,
      "display with fingerprint unknown: it is not the display that was paired");
}

#define DIGITS \
  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define COLONS "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"

static const char *const good_pins[] = {
  SEEN,
  DIGITS,
  "SHA256:00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF",
  "sha256:" COLONS ":" COLONS,
  "0011:22334455:66778899aabbccddeeff00112233445566778899aabbccddeeff:",
};

static const char *const bad_pins[] = {
  "",
  "sha256:",
  "sha1:" DIGITS,
  DIGITS "0",
  DIGITS " ",
  " " DIGITS,
  DIGITS "g",
  "0" DIGITS "0",
  "sha256:sha256:" DIGITS,
  "0011223344556677",
  "g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
  "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff",
};

static void
test_pin_forms (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good_pins); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *pin = foyer_cast_auth_normalize_pin (good_pins[i], &error);

    g_assert_no_error (error);
    g_assert_cmpstr (pin, ==, SEEN);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad_pins); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", bad_pins[i]);
    g_assert_null (foyer_cast_auth_normalize_pin (bad_pins[i], &error));
    g_assert_error (error, FOYER_CAST_ERROR, PIN);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-decide/rows", test_decide_rows);
  g_test_add_func ("/cast-decide/speaker-for-sound",
      test_decide_speaker_for_sound);
  g_test_add_func ("/cast-decide/keeps-the-problem",
      test_decide_keeps_the_problem);
  g_test_add_func ("/cast-decide/unknown", test_decide_unknown);
  g_test_add_func ("/cast-decide/pin/forms", test_pin_forms);
  return g_test_run ();
}
