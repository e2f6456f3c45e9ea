/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-text.h"

#include <string.h>

static void
test_bus_names (void)
{
  static const char *const names[] = { "Failed", "Denied", "NotAuthorized",
    "NotFound", "Busy", "Gone", "Full", "Invalid", "LockedDown", "NotPaired",
    "KeyChanged", "NotVerified", "Damaged" };

  g_assert_cmpuint (G_N_ELEMENTS (names), ==, FOYER_N_ERRORS);
  for (int i = 0; i < FOYER_N_ERRORS; i++) {
    g_autoptr (GError) error = g_error_new (FOYER_ERROR, i, "x");
    g_autofree char *name = g_dbus_error_encode_gerror (error);
    g_autofree char *wanted = g_strconcat ("org.foyer.Foyer1.Error.", names[i],
        NULL);

    g_assert_cmpstr (name, ==, wanted);
  }
}

static void
test_each_reason_has_words (void)
{
  FoyerReasonWords words = { "Nursery", "Kitchen", { 0 } };
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 1; i < FOYER_N_REASONS; i++) {
    const char *word = foyer_reason_to_string ((FoyerReason) i);
    g_autofree char *sentence = foyer_reason_describe ((FoyerReason) i, &words);

    g_assert_cmpstr (word, !=, "");
    g_assert_true (g_hash_table_add (seen, (gpointer) word));
    g_assert_cmpuint (strlen (sentence), >, 10);
    g_assert_null (strchr (sentence, '%'));
  }
  g_assert_cmpstr (foyer_reason_to_string (FOYER_N_REASONS), ==, "unknown");
  g_assert_cmpstr (foyer_reason_to_string ((FoyerReason) -1), ==, "unknown");
  g_assert_cmpint (foyer_reason_get_error ((FoyerReason) -1), ==,
      FOYER_ERROR_FAILED);
}

static void
test_next_command (void)
{
  FoyerReasonWords words = { "Nursery", "Kitchen", { 0 } };
  g_autoptr (GError) unpaired =
      foyer_error_new_from_reason (FOYER_REASON_NOT_PAIRED, &words);
  g_autoptr (GError) none = foyer_error_new_from_reason (FOYER_REASON_DENIED,
      &words);
  g_autoptr (GError) denied = NULL;

  g_assert_error (unpaired, FOYER_ERROR, FOYER_ERROR_NOT_PAIRED);
  g_assert_cmpstr (unpaired->message, ==,
      "the display \"Kitchen\" is not paired: run foyerctl pair Kitchen");
  g_assert_cmpstr (none->message, ==,
      "no rule allows to show the camera \"Nursery\" on \"Kitchen\": run foyerctl grant Nursery Kitchen");
  words.rule.v = 7;
  denied = foyer_error_new_from_reason (FOYER_REASON_DENIED, &words);
  g_assert_error (denied, FOYER_ERROR, FOYER_ERROR_DENIED);
  g_assert_true (g_str_has_prefix (denied->message,
      "rule 7 denies to show the camera \"Nursery\" on \"Kitchen\""));
  g_assert_nonnull (strstr (denied->message, "foyerctl revoke 7"));
}

/* What is no display is asked for elsewhere, and allowed by options too. */
static void
test_other_targets (void)
{
  const FoyerReasonWords still = { "Nursery", "app:foyerctl", { 0 },
    "--media stills" };
  const FoyerReasonWords node = { "Nursery", "node:n", { 0 }, NULL };
  const FoyerReasonWords display = { "Nursery", "Kitchen", { 0 }, NULL };
  g_autofree char *denied = foyer_reason_describe (FOYER_REASON_DENIED, &still);
  g_autofree char *app = foyer_reason_describe (FOYER_REASON_CAMERA_GONE,
      &still);
  g_autofree char *died = foyer_reason_describe (FOYER_REASON_WORKER_DIED,
      &node);
  g_autofree char *cast = foyer_reason_describe (FOYER_REASON_WORKER_DIED,
      &display);

  g_assert_true (g_str_has_suffix (denied,
      "run foyerctl grant Nursery app:foyerctl --media stills"));
  g_assert_true (g_str_has_suffix (app, "plug it in and open it again"));
  g_assert_cmpstr (died, ==, "the session's process died: open it again");
  g_assert_true (g_str_has_suffix (cast, "run foyerctl cast Nursery Kitchen"));
}

/* Another way is named, and what a worker says of it is told as it is. */
static void
test_no_app (void)
{
  const FoyerReasonWords words = { "Nursery", "Kitchen", { 0 },
    "--transport streaming" };
  g_autofree char *told = foyer_reason_describe (FOYER_REASON_NO_APP, &words);
  g_autofree char *sentence = foyer_text_escape_sentence (
      "no app (\"X\", \"a\\u000ab\")\n\xe2\x80\xae");

  g_assert_true (g_str_has_suffix (told,
      "run foyerctl cast --transport streaming Nursery Kitchen"));
  g_assert_cmpstr (sentence, ==, "no app (\"X\", \"a\\u000ab\")\\u000a\\u202e");
}

/* A name can't put another command, a line or a turn of direction into what a
 * person reads and perhaps types. */
static void
test_hostile_names (void)
{
  FoyerReasonWords words = { "a\nb", "x; rm -r 'y'", { 0 } };
  FoyerReasonWords bidi = { NULL,
    "\xe2\x80\xae"
    "evil\xff",
    { 0 } };
  g_autofree char *sentence = foyer_reason_describe (FOYER_REASON_DENIED,
      &words);
  g_autofree char *turned = foyer_reason_describe (FOYER_REASON_NOT_PAIRED,
      &bidi);

  g_assert_null (strchr (sentence, '\n'));
  g_assert_nonnull (strstr (sentence, "'x; rm -r '\\''y'\\'''"));
  g_assert_null (strstr (turned, "\xe2\x80\xae"));
  g_assert_nonnull (strstr (turned, "\\u202e"));
  g_assert_true (g_utf8_validate (turned, -1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/bus-names", test_bus_names);
  g_test_add_func ("/error/each-reason-has-words", test_each_reason_has_words);
  g_test_add_func ("/error/next-command", test_next_command);
  g_test_add_func ("/error/other-targets", test_other_targets);
  g_test_add_func ("/error/no-app", test_no_app);
  g_test_add_func ("/error/hostile-names", test_hostile_names);
  return g_test_run ();
}
