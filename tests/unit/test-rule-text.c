/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-rule-text.h"

#include <string.h>

/* a house of two people and a group */

static gboolean
find_user (const char *name, guint32 *uid, gpointer user_data)
{
  *uid = 1000;
  return strcmp (name, "ada") == 0;
}

static gboolean
find_group (const char *name, guint32 *gid, gpointer user_data)
{
  *gid = 44;
  return strcmp (name, "family") == 0;
}

static char *
dup_user_name (guint32 uid, gpointer user_data)
{
  return uid == 1000 ? g_strdup ("ada") : NULL;
}

static char *
dup_group_name (guint32 gid, gpointer user_data)
{
  return gid == 44 ? g_strdup ("family") : NULL;
}

static FoyerRuleNames
make_names (FoyerInterner *ids)
{
  return (FoyerRuleNames){ ids, find_user, find_group, dup_user_name,
    dup_group_name, NULL };
}

/* schedules */

static char *
print_again (const char *text)
{
  FoyerWindow windows[FOYER_POLICY_MAX_WINDOWS];
  g_autoptr (GError) error = NULL;
  uint32_t n = 0;
  g_auto (GStrv) texts = NULL;

  g_assert_true (foyer_schedule_parse (text, windows, &n, &error));
  g_assert_no_error (error);
  texts = foyer_schedule_print (windows, n);
  return g_strjoinv (";", texts);
}

static void
test_schedule_prints_canonically (void)
{
  static const struct
  {
    const char *text;
    const char *canonical;
  } cases[] = {
    { "mon-fri 07:00-19:30", "mon-fri 07:00-19:30" },
    { "sat,sun", "sat,sun" },
    { "sun,sat", "sat,sun" },
    { "22:00-06:00", "22:00-06:00" },
    { "Mon-SUN 22:00-06:00", "22:00-06:00" },
    { "mon-sun", "mon-sun" },
    { "00:00-24:00", "mon-sun" },
    { "tue 00:00-24:00", "tue" },
    { "fri-mon", "mon,fri-sun" },
    { "mon,wed,fri 08:00-00:00", "mon,wed,fri 08:00-24:00" },
    { "sun 22:00-06:00", "sun 22:00-06:00" },
    { "mon,tue,wed,fri", "mon-wed,fri" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *once = print_again (cases[i].text);

    g_assert_cmpstr (once, ==, cases[i].canonical);
    if (strchr (once, ';') == NULL) {
      g_autofree char *twice = print_again (once);

      g_assert_cmpstr (twice, ==, once);
    }
  }
}

static void
test_schedule_minutes (void)
{
  FoyerWindow windows[FOYER_POLICY_MAX_WINDOWS];
  uint32_t n = 0;

  g_assert_true (foyer_schedule_parse ("sun 22:00-06:00", windows, &n, NULL));
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (windows[0].begin, ==, (6 * 24 + 22) * 60);
  g_assert_cmpuint (windows[0].end, ==, 6 * 60);
  g_assert_true (foyer_schedule_parse ("sat-mon", windows, &n, NULL));
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (windows[1].begin, ==, 5 * 24 * 60);
  g_assert_cmpuint (windows[1].end, ==, 24 * 60);
  g_assert_true (foyer_schedule_parse ("mon-sun", windows, &n, NULL));
  g_assert_cmpuint (windows[2].begin, ==, windows[2].end);
}

static void
test_schedule_refuses (void)
{
  static const char *const bad[] = { "", " ", "mon ", " mon",
    "mon  07:00-08:00", "mond", "mon-", "-mon", "mon,", ",mon", "7:00-08:00",
    "07:00", "07:00-", "07:00-07:00", "24:00-06:00", "07:60-08:00",
    "25:00-26:00", "07:00-24:01", "mon 07:00-08:00 x", "07:00-08:00 mon",
    "07:00-08:00x", "mon-fri\n", "mån" };
  FoyerWindow windows[FOYER_POLICY_MAX_WINDOWS];

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    uint32_t n = 0;

    g_assert_false (foyer_schedule_parse (bad[i], windows, &n, &error));
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
    g_assert_cmpuint (n, ==, 0);
  }
}

static void
test_schedule_full (void)
{
  FoyerWindow windows[FOYER_POLICY_MAX_WINDOWS];
  g_autoptr (GError) error = NULL;
  uint32_t n = 0;

  g_assert_true (foyer_schedule_parse ("07:00-08:00", windows, &n, NULL));
  g_assert_true (foyer_schedule_parse ("19:00-20:00", windows, &n, NULL));
  g_assert_cmpuint (n, ==, 14);
  g_assert_false (
      foyer_schedule_parse ("mon-wed 09:00-10:00", windows, &n, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
  g_assert_cmpuint (n, ==, 14);
  g_assert_true (
      foyer_schedule_parse ("mon-tue 09:00-10:00", windows, &n, NULL));
}

/* dictionaries */

static FoyerRule
parse (const char *text, const FoyerRuleNames *names, char **out_message)
{
  g_autoptr (GVariant) dictionary = g_variant_parse (G_VARIANT_TYPE_VARDICT,
      text, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;
  FoyerRule rule = { .media = 99 };

  g_assert_nonnull (dictionary);
  if (foyer_rule_from_variant (dictionary, names, &rule, &error)) {
    *out_message = NULL;
  } else {
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
    g_assert_cmpuint (rule.media, ==, 99);
    *out_message = g_strdup (error->message);
  }
  return rule;
}

static void
test_defaults (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerRuleNames names = make_names (ids);
  g_autofree char *message = NULL;
  FoyerRule rule = parse ("{'verdict': <'allow'>, 'id': <uint64 9>}", &names,
      &message);

  g_assert_null (message);
  g_assert_cmpuint (rule.id.v, ==, 0);
  g_assert_cmpint (rule.verdict, ==, FOYER_VERDICT_ALLOW);
  g_assert_cmpint (rule.subject, ==, FOYER_SUBJECT_ANY);
  g_assert_true (rule.is_any_camera);
  g_assert_cmpint (rule.target, ==, FOYER_TARGET_ANY);
  g_assert_true (rule.is_any_target);
  g_assert_cmpuint (rule.media, ==, FOYER_MEDIA_VIDEO);
  g_assert_cmpuint (rule.n_windows, ==, 0);
  g_assert_false (rule.allows_clear);
}

#define FULL                                                           \
  "{'id': <uint64 7>, 'verdict': <'deny'>, 'subject': <'user:ada'>,"   \
  " 'camera': <'usb:046d:0825:SN1'>, 'target': <'display:mdns:ab-1'>," \
  " 'media': <['video', 'stills']>, 'schedule': <['sat,sun',"          \
  " 'mon-fri 07:00-19:30']>, 'expires': <uint64 4102444800>,"          \
  " 'max-session-s': <uint32 600>, 'allow-clear': <true>}"

static void
test_there_and_back (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerRuleNames names = make_names (ids);
  g_autofree char *message = NULL;
  FoyerRule rule = parse (FULL, &names, &message);
  g_autoptr (GVariant) wanted = g_variant_parse (NULL, FULL, NULL, NULL, NULL);
  g_autoptr (GVariant) back = NULL;
  g_autofree char *text = NULL;
  g_autofree char *wanted_text = g_variant_print (wanted, TRUE);

  g_assert_null (message);
  g_assert_cmpuint (rule.subject_id, ==, 1000);
  g_assert_cmpuint (rule.media, ==, FOYER_MEDIA_VIDEO | FOYER_MEDIA_STILLS);
  g_assert_cmpuint (rule.camera.v, ==,
      foyer_interner_find_camera (ids, "usb:046d:0825:SN1").v);
  g_assert_cmpint (rule.target, ==, FOYER_TARGET_DISPLAY);
  g_assert_false (rule.is_any_target);
  g_assert_cmpuint (rule.n_windows, ==, 6);
  rule.id.v = 7;
  back = g_variant_ref_sink (foyer_rule_to_variant (&rule, &names));
  text = g_variant_print (back, TRUE);
  g_assert_cmpstr (text, ==, wanted_text);
}

static void
test_names_the_key (void)
{
  static const struct
  {
    const char *text;
    const char *prefix;
  } cases[] = {
    { "@a{sv} {}", "verdict: " },
    { "{'verdict': <'maybe'>}", "verdict: " },
    { "{'verdict': <1>}", "verdict: " },
    { "{'verdict': <'deny'>, 'subject': <'user:bob'>}", "subject: " },
    { "{'verdict': <'deny'>, 'subject': <'user:'>}", "subject: " },
    { "{'verdict': <'deny'>, 'subject': <'user:4294967295'>}", "subject: " },
    { "{'verdict': <'deny'>, 'subject': <'group:ada'>}", "subject: " },
    { "{'verdict': <'deny'>, 'subject': <''>}", "subject: " },
    { "{'verdict': <'deny'>, 'camera': <''>}", "camera: " },
    { "{'verdict': <'deny'>, 'camera': <'a\\nb'>}", "camera: " },
    { "{'verdict': <'deny'>, 'target': <'display:'>}", "target: " },
    { "{'verdict': <'deny'>, 'target': <'display'>}", "target: " },
    { "{'verdict': <'deny'>, 'target': <'any:any'>}", "target: " },
    { "{'verdict': <'deny'>, 'target': <'tv:x'>}", "target: " },
    { "{'verdict': <'deny'>, 'media': <@as []>}", "media: " },
    { "{'verdict': <'deny'>, 'media': <['film']>}", "media: " },
    { "{'verdict': <'deny'>, 'schedule': <['noon']>}", "schedule: " },
    { "{'verdict': <'deny'>, 'schedule': <'sat'>}", "schedule: " },
    { "{'verdict': <'deny'>, 'expires': <uint64 18446744073709551615>}",
        "expires: " },
    { "{'verdict': <'deny'>, 'expires': <5>}", "expires: " },
    { "{'verdict': <'deny'>, 'max-session-s': <'long'>}", "max-session-s: " },
    { "{'verdict': <'deny'>, 'allow-clear': <1>}", "allow-clear: " },
    { "{'verdict': <'deny'>, 'colour\\n': <1>}", "colour\\u000a: " },
  };
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerRuleNames names = make_names (ids);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *message = NULL;

    parse (cases[i].text, &names, &message);
    g_assert_nonnull (message);
    if (!g_str_has_prefix (message, cases[i].prefix))
      g_error ("%s: %s", cases[i].text, message);
  }
}

/* A later "verdict": "allow" must not win unseen over the one looked at. */
static void
test_key_twice (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerRuleNames names = make_names (ids);
  g_autofree char *message = NULL;

  parse ("{'verdict': <'deny'>, 'verdict': <'allow'>}", &names, &message);
  g_assert_cmpstr (message, ==, "verdict: it is there twice");
}

static void
test_nobody_has_the_name (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerRuleNames names = make_names (ids);
  g_autofree char *message = NULL;
  FoyerRule rule = parse ("{'verdict': <'deny'>, 'subject': <'group:77'>}",
      &names, &message);
  g_autoptr (GVariant) back = g_variant_ref_sink (
      foyer_rule_to_variant (&rule, &names));
  const char *text = NULL;

  g_assert_null (message);
  g_assert_true (g_variant_lookup (back, "subject", "&s", &text));
  g_assert_cmpstr (text, ==, "group:77");
}

/* files */

static gboolean
read_section (const char *text, FoyerInterner *ids, FoyerRule *rule,
    GError **error)
{
  FoyerRuleNames names = foyer_rule_names_get_numeric (ids);
  g_autoptr (GPtrArray) sections = foyer_sections_parse (text, strlen (text),
      error);

  return sections != NULL && sections->len == 2 &&
      foyer_rule_from_section (g_ptr_array_index (sections, 1), &names, rule,
          error);
}

static char *
write_section (const FoyerRule *rule, FoyerInterner *ids)
{
  FoyerRuleNames names = foyer_rule_names_get_numeric (ids);
  GString *out = g_string_new (NULL);

  foyer_rule_append_section (rule, &names, out);
  return g_string_free (out, FALSE);
}

#define SECTION                                                           \
  "[rule 7]\nverdict=deny\nsubject=user:1000\ncamera=usb:046d:0825:SN1\n" \
  "target=display:mdns:ab-1\nmedia=video;stills\n"                        \
  "schedule=sat,sun;mon-fri 07:00-19:30\nexpires=4102444800\n"            \
  "max-session-s=600\nallow-clear=true\n"

static void
test_section (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  g_autoptr (GError) error = NULL;
  g_autofree char *back = NULL;
  FoyerRule rule;

  g_assert_true (read_section (SECTION, ids, &rule, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (rule.id.v, ==, 7);
  back = write_section (&rule, ids);
  g_assert_cmpstr (back, ==, SECTION);
}

static void
test_section_without_schedule (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerRule rule = { .id = { 1 },
    .subject = FOYER_SUBJECT_ANY,
    .is_any_camera = TRUE,
    .target = FOYER_TARGET_NODE,
    .is_any_target = TRUE,
    .media = FOYER_MEDIA_VIDEO };
  g_autofree char *text = write_section (&rule, ids);
  g_autoptr (GError) error = NULL;
  FoyerRule back;

  g_assert_true (read_section (text, ids, &back, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (back.n_windows, ==, 0);
  g_assert_cmpint (back.target, ==, FOYER_TARGET_NODE);
}

/* No line can go missing, and none can be cut, without an error that names its
 * place. */
static void
test_section_lines_count (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  g_auto (GStrv) lines = g_strsplit (SECTION, "\n", -1);

  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
    GString *text = g_string_new (NULL);
    g_autofree char *owned = NULL;
    g_autoptr (GError) error = NULL;
    FoyerRule rule;

    for (guint j = 0; lines[j] != NULL; j++)
      if (j != i)
        g_string_append_printf (text, "%s\n", lines[j]);
    owned = g_string_free (text, FALSE);
    g_assert_false (read_section (owned, ids, &rule, &error));
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
    g_assert_true (g_str_has_prefix (error->message, "line 1: "));
  }
}

static void
test_section_names_line (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  g_autoptr (GError) error = NULL;
  FoyerRule rule;

  g_assert_false (read_section ("[rule 7]\nverdict=deny\nsubject=any\n"
                                "camera=any\ntarget=any\nmedia=smell\n"
                                "schedule=\nexpires=0\nmax-session-s=0\n"
                                "allow-clear=false\n",
      ids, &rule, &error));
  g_assert_true (g_str_has_prefix (error->message, "line 6: media: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule-text/schedule/prints-canonically",
      test_schedule_prints_canonically);
  g_test_add_func ("/rule-text/schedule/minutes", test_schedule_minutes);
  g_test_add_func ("/rule-text/schedule/refuses", test_schedule_refuses);
  g_test_add_func ("/rule-text/schedule/full", test_schedule_full);
  g_test_add_func ("/rule-text/dictionary/defaults", test_defaults);
  g_test_add_func ("/rule-text/dictionary/there-and-back", test_there_and_back);
  g_test_add_func ("/rule-text/dictionary/names-the-key", test_names_the_key);
  g_test_add_func ("/rule-text/dictionary/key-twice", test_key_twice);
  g_test_add_func ("/rule-text/dictionary/nobody-has-the-name",
      test_nobody_has_the_name);
  g_test_add_func ("/rule-text/section/there-and-back", test_section);
  g_test_add_func ("/rule-text/section/without-schedule",
      test_section_without_schedule);
  g_test_add_func ("/rule-text/section/lines-count", test_section_lines_count);
  g_test_add_func ("/rule-text/section/names-line", test_section_names_line);
  return g_test_run ();
}
