/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-discovery-txt.h"

#include <string.h>

#define MAX_STRINGS 70

/* Parses strings that are given one after the other, up to a NULL. */
static gboolean
parse (const char *const *texts, FoyerDisplayTxt *out)
{
  const guint8 *strings[MAX_STRINGS];
  gsize lengths[MAX_STRINGS];
  gsize n = 0;

  for (; texts[n] != NULL; n++) {
    strings[n] = (const guint8 *) texts[n];
    lengths[n] = strlen (texts[n]);
  }
  return foyer_display_txt_parse (strings, lengths, n, out);
}

static void
test_display (void)
{
  static const char *const texts[] = { "id=AB12cd", "cd=0011", "rm=", "ve=05",
    "md=Nest Hub", "ic=/setup/icon.png", "fn=Kitchen", "ca=201221", "st=0",
    "bs=FA8F", "nf=1", "rs=", NULL };
  g_auto (FoyerDisplayTxt) txt = { 0 };

  g_assert_true (parse (texts, &txt));
  g_assert_cmpstr (txt.id, ==, "ab12cd");
  g_assert_cmpstr (txt.name, ==, "Kitchen");
  g_assert_cmpstr (txt.model, ==, "Nest Hub");
  g_assert_cmpint (txt.kind, ==, FOYER_DISPLAY_VIDEO);
}

static void
test_kinds (void)
{
  static const struct
  {
    const char *ca;
    FoyerDisplayKind kind;
  } cases[] = {
    { "ca=5", FOYER_DISPLAY_VIDEO },
    { "CA=1", FOYER_DISPLAY_VIDEO },
    { "ca=4", FOYER_DISPLAY_AUDIO },
    { "ca=36", FOYER_DISPLAY_GROUP },
    { "ca=37", FOYER_DISPLAY_GROUP },
    { "ca=0", FOYER_DISPLAY_AUDIO },
    { "ca=", FOYER_DISPLAY_AUDIO },
    { "ca=-1", FOYER_DISPLAY_AUDIO },
    { "ca=5x", FOYER_DISPLAY_AUDIO },
    { "ca=0x5", FOYER_DISPLAY_AUDIO },
    { "ca=4294967297", FOYER_DISPLAY_AUDIO },
    { "cax=4", FOYER_DISPLAY_VIDEO },
    { "ca", FOYER_DISPLAY_VIDEO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const char *texts[] = { "id=a", cases[i].ca, NULL };
    g_auto (FoyerDisplayTxt) txt = { 0 };

    g_assert_true (parse (texts, &txt));
    g_assert_cmpint (txt.kind, ==, cases[i].kind);
  }
}

static void
test_no_id (void)
{
  g_autofree char *digits = g_strnfill (FOYER_DISPLAY_ID_MAX_BYTES + 1, '1');
  g_autofree char *long_id = g_strconcat ("id=", digits, NULL);
  const char *bad[] = { "fn=x", "id", "id=", "id=a b", "id=a\nb", "id=../x",
    "id=\xc3\xa4", long_id };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    const char *texts[] = { bad[i], NULL };
    FoyerDisplayTxt txt;

    g_assert_false (parse (texts, &txt));
    g_assert_null (txt.id);
  }
}

static void
test_hostile_names (void)
{
  const char *texts[] = { "id=a", "fn=\xe2\x80\xaegnp", "md=a\nb", "id=b",
    "fn=later", NULL };
  g_auto (FoyerDisplayTxt) txt = { 0 };

  g_assert_true (parse (texts, &txt));
  g_assert_cmpstr (txt.id, ==, "a");
  g_assert_null (txt.name);
  g_assert_null (txt.model);
}

static void
test_zero_byte (void)
{
  const guint8 *strings[] = { (const guint8 *) "id=a\0b" };
  gsize lengths[] = { 6 };
  FoyerDisplayTxt txt;

  g_assert_false (foyer_display_txt_parse (strings, lengths, 1, &txt));
}

static void
test_too_many (void)
{
  const char *texts[MAX_STRINGS];
  FoyerDisplayTxt txt;

  for (guint i = 0; i < 65; i++)
    texts[i] = "id=a";
  texts[65] = NULL;
  g_assert_false (parse (texts, &txt));
  texts[64] = NULL;
  g_assert_true (parse (texts, &txt));
  foyer_display_txt_clear (&txt);
}

static void
test_words (void)
{
  g_assert_cmpstr (foyer_display_kind_to_string (FOYER_DISPLAY_VIDEO), ==,
      "display");
  g_assert_cmpstr (foyer_display_kind_to_string (FOYER_DISPLAY_GROUP), ==,
      "group");
  g_assert_cmpstr (foyer_display_kind_to_string (FOYER_DISPLAY_AUDIO), ==,
      "audio");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery-txt/display", test_display);
  g_test_add_func ("/discovery-txt/kinds", test_kinds);
  g_test_add_func ("/discovery-txt/no-id", test_no_id);
  g_test_add_func ("/discovery-txt/hostile-names", test_hostile_names);
  g_test_add_func ("/discovery-txt/zero-byte", test_zero_byte);
  g_test_add_func ("/discovery-txt/too-many", test_too_many);
  g_test_add_func ("/discovery-txt/words", test_words);
  return g_test_run ();
}
