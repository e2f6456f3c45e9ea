/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-line.h"
#include "foyer-ctl-rule.h"

#include <string.h>

#define NOW_S 1790000000

/* @text as a shell would take it apart; NULL and the error's words if it is
 * refused. */
static FoyerCtlLine *
parse (const char *text, char **words)
{
  g_autofree char *whole = g_strconcat ("foyerctl ", text, NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  FoyerCtlLine *line;

  g_assert_true (g_shell_parse_argv (whole, NULL, &argv, NULL));
  line = foyer_ctl_line_new (argv, &error);
  if (line == NULL) {
    g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE);
    *words = g_strdup (error->message);
  }
  return line;
}

static FoyerCtlLine *
parse_well (const char *text)
{
  g_autofree char *words = NULL;
  FoyerCtlLine *line = parse (text, &words);

  g_assert_cmpstr (words, ==, NULL);
  return line;
}

static void
assert_refused (const char *text, const char *wanted)
{
  g_autofree char *words = NULL;
  g_autoptr (FoyerCtlLine) line = parse (text, &words);

  g_assert_null (line);
  g_assert_cmpstr (words, ==, wanted);
}

static void
test_words (void)
{
  g_autoptr (FoyerCtlLine) line = parse_well ("cast Nursery 'Living Room'");

  g_assert_cmpstr (foyer_ctl_line_get_verb (line)->name, ==, "cast");
  g_assert_cmpuint (foyer_ctl_line_get_n_words (line), ==, 2);
  g_assert_cmpstr (foyer_ctl_line_get_word (line, 1), ==, "Living Room");
  g_assert_null (foyer_ctl_line_get_word (line, 2));
  g_assert_false (foyer_ctl_line_has (line, "json"));
  g_assert_null (foyer_ctl_line_get (line, "for"));
}

static void
test_options (void)
{
  g_autoptr (FoyerCtlLine) line = parse_well (
      "--bus=unix:path=/x cast --for 30s a --keep b --for=40s");

  g_assert_cmpstr (foyer_ctl_line_get (line, "bus"), ==, "unix:path=/x");
  g_assert_cmpstr (foyer_ctl_line_get (line, "for"), ==, "40s");
  g_assert_true (foyer_ctl_line_has (line, "keep"));
  g_assert_cmpuint (foyer_ctl_line_get_n_words (line), ==, 2);
}

/* The address after --bus is not the verb, and options may stand before it. */
static void
test_options_before (void)
{
  g_autoptr (FoyerCtlLine) line = parse_well ("--bus x --json cameras");

  g_assert_cmpstr (foyer_ctl_line_get_verb (line)->name, ==, "cameras");
  g_assert_true (foyer_ctl_line_has (line, "json"));
  g_assert_cmpuint (foyer_ctl_line_get_n_words (line), ==, 0);
}

static void
test_dashes (void)
{
  g_autoptr (FoyerCtlLine) line = parse_well ("name -- --x -y");

  g_assert_cmpstr (foyer_ctl_line_get_word (line, 0), ==, "--x");
  g_assert_cmpstr (foyer_ctl_line_get_word (line, 1), ==, "-y");
}

static void
test_lists (void)
{
  g_autoptr (FoyerCtlLine) line = parse_well (
      "grant a b --schedule mon --schedule=tue");
  const char *const *all = foyer_ctl_line_get_all (line, "schedule");

  g_assert_cmpstr (all[0], ==, "mon");
  g_assert_cmpstr (all[1], ==, "tue");
  g_assert_null (all[2]);
  g_assert_null (foyer_ctl_line_get_all (line, "max"));
}

static void
test_help (void)
{
  g_autoptr (FoyerCtlLine) alone = parse_well ("--help");
  g_autoptr (FoyerCtlLine) with = parse_well ("cast -h");

  g_assert_null (foyer_ctl_line_get_verb (alone));
  g_assert_cmpstr (foyer_ctl_line_get_verb (with)->name, ==, "cast");
  g_assert_true (foyer_ctl_line_has (with, "help"));
}

static void
test_refused (void)
{
  assert_refused ("", "no verb; see: foyerctl --help");
  assert_refused ("dance", "unknown verb \"dance\"; see: foyerctl --help");
  assert_refused ("cast a",
      "cast wants CAMERA DISPLAY; see: foyerctl cast --help");
  assert_refused ("rules x",
      "rules wants no words; see: foyerctl rules --help");
  assert_refused ("cast a b c",
      "cast wants CAMERA DISPLAY; see: foyerctl cast --help");
  assert_refused ("cast a ''",
      "word 2 of cast is empty; see: foyerctl cast --help");
  assert_refused ("cast --forever a b",
      "unknown option \"--forever\"; see: foyerctl cast --help");
  assert_refused ("cast --fo a b",
      "unknown option \"--fo\"; see: foyerctl cast --help");
  assert_refused ("cast -x a b",
      "unknown option \"-x\"; see: foyerctl cast --help");
  assert_refused ("cast a b --for",
      "--for needs TIME; see: foyerctl cast --help");
  assert_refused ("cast a b --keep=1",
      "--keep takes no argument; see: foyerctl cast --help");
  assert_refused ("rules --session --system",
      "more than one bus; see: foyerctl rules --help");
  assert_refused ("name a '\xff'", "word 3 is not UTF-8; see: foyerctl --help");
}

/* Each verb of the table has a usage, and no two are called the same. */
static void
test_usage (void)
{
  g_autofree char *all = foyer_ctl_dup_usage (NULL);

  for (const FoyerCtlVerb *verb = foyer_ctl_verbs; verb->name; verb++) {
    g_autofree char *usage = foyer_ctl_dup_usage (verb);
    g_autofree char *entry = g_strdup_printf ("\n  %s", verb->name);

    g_assert_true (g_str_has_prefix (usage, "usage: foyerctl "));
    g_assert_nonnull (strstr (all, entry));
    g_assert_nonnull (verb->run);
    g_assert_cmpuint (verb->min_words, <=, verb->max_words);
    for (const FoyerCtlVerb *other = verb + 1; other->name; other++)
      g_assert_cmpstr (verb->name, !=, other->name);
    for (const FoyerCtlOption *option = verb->options; option->name; option++)
      g_assert_nonnull (strstr (usage, option->name));
  }
}

/* The rule of a line as text; the error's words if it is refused. */
static char *
dup_rule (const char *text)
{
  g_autoptr (FoyerCtlLine) line = parse_well (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rule = foyer_ctl_rule_new (line, "test:A", "mdns:B",
      NOW_S, &error);

  if (rule != NULL)
    return g_variant_print (rule, FALSE);
  g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE);
  return g_strdup (error->message);
}

static void
assert_in_rule (const char *options, const char *wanted)
{
  g_autofree char *line = g_strconcat ("grant a b ", options, NULL);
  g_autofree char *rule = dup_rule (line);

  g_test_message ("%s: %s", options, rule);
  g_assert_nonnull (strstr (rule, wanted));
}

static void
test_rule (void)
{
  assert_in_rule ("", "'verdict': <'allow'>");
  assert_in_rule ("", "'subject': <'any'>");
  assert_in_rule ("", "'camera': <'test:A'>");
  assert_in_rule ("", "'target': <'display:mdns:B'>");
  assert_in_rule ("--deny", "'verdict': <'deny'>");
  assert_in_rule ("--user anna", "'subject': <'user:anna'>");
  assert_in_rule ("--group family", "'subject': <'group:family'>");
  assert_in_rule ("--media 'video, audio'", "'media': <['video', 'audio']>");
  assert_in_rule ("--schedule 'mon-fri 07:00-19:30' --schedule sat,sun",
      "'schedule': <['mon-fri 07:00-19:30', 'sat,sun']>");
  assert_in_rule ("--max 2h", "'max-session-s': <uint32 7200>");
  assert_in_rule ("--until 1d", "'expires': <uint64 1790086400>");
  assert_in_rule ("--allow-clear", "'allow-clear': <true>");
}

/* What was not said is left to the service. */
static void
test_rule_defaults (void)
{
  static const char *const keys[] = { "media", "schedule", "expires",
    "max-session-s", "allow-clear", "id" };
  g_autofree char *rule = dup_rule ("grant a b");

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_null (strstr (rule, keys[i]));
}

static void
test_rule_refused (void)
{
  assert_in_rule ("--user a --group b", "add two rules for both");
  assert_in_rule ("--until 2020-01-01", "is over already");
  assert_in_rule ("--until soon", "is no time");
  assert_in_rule ("--max 0", "is no duration");
}

static void
test_rule_read (void)
{
  g_autoptr (GVariant) rule = g_variant_ref_sink (g_variant_new_parsed (
      "{'id': <uint64 7>, 'max-session-s': <uint32 5>, 'camera': <'any'>, "
      "'media': <['video', 'audio']>, 'allow-clear': <true>}"));
  g_autofree char *media = foyer_ctl_rule_dup_list (rule, "media", ",");
  g_autofree char *none = foyer_ctl_rule_dup_list (rule, "camera", ",");

  g_assert_cmpuint (foyer_ctl_rule_get_number (rule, "id"), ==, 7);
  g_assert_cmpuint (foyer_ctl_rule_get_number (rule, "max-session-s"), ==, 5);
  g_assert_cmpuint (foyer_ctl_rule_get_number (rule, "camera"), ==, 0);
  g_assert_cmpstr (foyer_ctl_rule_get_text (rule, "camera"), ==, "any");
  g_assert_cmpstr (foyer_ctl_rule_get_text (rule, "id"), ==, "");
  g_assert_true (foyer_ctl_rule_get_truth (rule, "allow-clear"));
  g_assert_cmpstr (media, ==, "video,audio");
  g_assert_cmpstr (none, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-line/words", test_words);
  g_test_add_func ("/ctl-line/options", test_options);
  g_test_add_func ("/ctl-line/options-before", test_options_before);
  g_test_add_func ("/ctl-line/dashes", test_dashes);
  g_test_add_func ("/ctl-line/lists", test_lists);
  g_test_add_func ("/ctl-line/help", test_help);
  g_test_add_func ("/ctl-line/refused", test_refused);
  g_test_add_func ("/ctl-line/usage", test_usage);
  g_test_add_func ("/ctl-rule/options", test_rule);
  g_test_add_func ("/ctl-rule/defaults", test_rule_defaults);
  g_test_add_func ("/ctl-rule/refused", test_rule_refused);
  g_test_add_func ("/ctl-rule/read", test_rule_read);
  return g_test_run ();
}
