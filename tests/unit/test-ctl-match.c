/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-match.h"

#include <gio/gio.h>

static const FoyerCtlThing things[] = {
  { 1, "Nursery", "test:Nursery" },
  { 2, "Living Room", "usb:046d:0825:A" },
  { 3, "Living Area", "usb:046d:0825:B" },
  { 4, "Küche", "path:1" },
  { 5, "Porch", "path:2" },
  { 6, "Porch 2", "path:3" },
  { 7, "9", "path:4" },
  { 8, "3", "path:5" },
  { 10, "Twin\n", "path:6" },
  { 11, "Twin\n", "path:7" },
};

/* The number of what is meant; the error's code, negative, if none is. */
static int
match (const char *word)
{
  g_autoptr (GError) error = NULL;
  guint at = 0;

  if (foyer_ctl_match (things, G_N_ELEMENTS (things), word, "camera", &at,
          &error))
    return (int) things[at].number;
  g_assert_true (error->domain == FOYER_CTL_ERROR);
  return -error->code;
}

static void
test_exact (void)
{
  g_assert_cmpint (match ("1"), ==, 1);
  g_assert_cmpint (match ("Nursery"), ==, 1);
  g_assert_cmpint (match ("test:Nursery"), ==, 1);
  g_assert_cmpint (match ("usb:046d:0825:B"), ==, 3);
  /* The whole name goes before the beginning of another. */
  g_assert_cmpint (match ("Porch"), ==, 5);
}

static void
test_beginning (void)
{
  g_assert_cmpint (match ("nur"), ==, 1);
  g_assert_cmpint (match ("LIVING R"), ==, 2);
  g_assert_cmpint (match ("kÜ"), ==, 4);
  /* Written as a letter and its dots. */
  g_assert_cmpint (match ("Ku\u0308che"), ==, 4);
  /* An identity is typed whole. */
  g_assert_cmpint (match ("usb:046d"), ==, -FOYER_CTL_ERROR_NOT_FOUND);
}

static void
test_ambiguous (void)
{
  g_autoptr (GError) error = NULL;
  guint at;

  g_assert_cmpint (match ("living"), ==, -FOYER_CTL_ERROR_USAGE);
  g_assert_false (foyer_ctl_match (things, G_N_ELEMENTS (things), "living",
      "camera", &at, &error));
  g_assert_cmpstr (error->message, ==,
      "more than one camera is meant by \"living\": 2 (Living Room), 3 (Living "
      "Area); say its number");
  /* A number, and the name of another. */
  g_assert_cmpint (match ("3"), ==, -FOYER_CTL_ERROR_USAGE);
  g_assert_cmpint (match ("9"), ==, 7);
  g_assert_cmpint (match ("Twin\n"), ==, -FOYER_CTL_ERROR_USAGE);
}

static void
test_nothing (void)
{
  g_autoptr (GError) error = NULL;
  guint at;

  g_assert_cmpint (match ("Attic"), ==, -FOYER_CTL_ERROR_NOT_FOUND);
  g_assert_cmpint (match (""), ==, -FOYER_CTL_ERROR_NOT_FOUND);
  g_assert_false (foyer_ctl_match (NULL, 0, "a\n", "display", &at, &error));
  g_assert_cmpstr (error->message, ==,
      "no display is called \"a\\u{a}\"; see: foyerctl displays");
}

static void
test_word (void)
{
  g_autofree char *plain = foyer_ctl_thing_dup_word (&things[0]);
  g_autofree char *quoted = foyer_ctl_thing_dup_word (&things[1]);
  g_autofree char *number = foyer_ctl_thing_dup_word (&things[8]);

  g_assert_cmpstr (plain, ==, "Nursery");
  g_assert_cmpstr (quoted, ==, "'Living Room'");
  g_assert_cmpstr (number, ==, "10");
}

static void
assert_error (const char *reason, const char *message, int code,
    const char *wanted)
{
  g_autoptr (GError) error = NULL;

  foyer_ctl_error_set (&error, reason, message, &things[0], &things[1]);
  g_assert_error (error, FOYER_CTL_ERROR, code);
  g_assert_cmpstr (error->message, ==, wanted);
}

static void
test_remedies (void)
{
  assert_error ("Denied", "no rule allows it", 3,
      "no rule allows it; to allow it: foyerctl grant Nursery 'Living Room'");
  assert_error ("NotPaired", "it was not paired", 1,
      "it was not paired; to look at its key and accept it: foyerctl pair "
      "'Living Room'");
  assert_error ("not-paired", "it was not paired", 1,
      "it was not paired; to look at its key and accept it: foyerctl pair "
      "'Living Room'");
  assert_error ("LockedDown", "locked down", 3,
      "locked down; to end the lockdown: foyerctl lockdown off");
  assert_error ("Invalid", "schedule: no such day", 2, "schedule: no such day");
  assert_error ("NotFound", "gone", 4, "gone");
  assert_error ("Failed", "a\nb", 1, "a\\u{a}b");
  assert_error ("something-new", "", 1, "something-new");
}

static void
assert_end (FoyerCtlError code, const char *message, const char *wanted)
{
  g_autoptr (GError) error = g_error_new_literal (FOYER_CTL_ERROR, (int) code,
      message);

  foyer_ctl_error_end (&error, "cast");
  g_assert_cmpstr (error->message, ==, wanted);
}

/* Each says what to type, once. */
static void
test_end (void)
{
  GError *none = NULL;

  assert_end (FOYER_CTL_ERROR_FAILED, "a", "a; see: foyerctl doctor");
  assert_end (FOYER_CTL_ERROR_USAGE, "a", "a; see: foyerctl cast --help");
  assert_end (FOYER_CTL_ERROR_DENIED, "a", "a; see: foyerctl rules");
  assert_end (FOYER_CTL_ERROR_NOT_FOUND, "a", "a; see: foyerctl status");
  assert_end (FOYER_CTL_ERROR_USAGE, "a; see: foyerctl cameras",
      "a; see: foyerctl cameras");
  assert_end (FOYER_CTL_ERROR_NO_SERVICE, "a: systemctl start foyerd",
      "a: systemctl start foyerd");
  foyer_ctl_error_end (&none, "cast");
  g_assert_no_error (none);
}

/* A service that says what to type is not told twice. */
static void
test_remedy_said (void)
{
  assert_error ("Denied", "denied; foyerctl explain says why", 3,
      "denied; foyerctl explain says why");
}

static void
test_remedy_without_names (void)
{
  g_autoptr (GError) error = NULL;

  foyer_ctl_error_set (&error, "Denied", "no", NULL, NULL);
  g_assert_cmpstr (error->message, ==, "no");
}

/* A service that hangs is not one that is not there. */
static void
test_no_answer (void)
{
  g_autoptr (GError) error = NULL;

  foyer_ctl_error_take_remote (&error,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "in time"), NULL,
      NULL);
  g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED);
  g_assert_true (
      g_str_has_suffix (error->message, ": systemctl restart foyerd"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-match/exact", test_exact);
  g_test_add_func ("/ctl-match/beginning", test_beginning);
  g_test_add_func ("/ctl-match/ambiguous", test_ambiguous);
  g_test_add_func ("/ctl-match/nothing", test_nothing);
  g_test_add_func ("/ctl-match/word", test_word);
  g_test_add_func ("/ctl-error/remedies", test_remedies);
  g_test_add_func ("/ctl-error/end", test_end);
  g_test_add_func ("/ctl-error/remedy-said", test_remedy_said);
  g_test_add_func ("/ctl-error/remedy-without-names",
      test_remedy_without_names);
  g_test_add_func ("/ctl-error/no-answer", test_no_answer);
  return g_test_run ();
}
