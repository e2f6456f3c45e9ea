/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-json.h"
#include "foyer-cast-limits.h"

#include <string.h>

typedef struct
{
  const char *text;
  gboolean is_good;
} Case;

static const Case cases[] = {
  { "{}", TRUE },
  { " {\"a\" : [ 1 , -2.5e+3, true, false, null, \"\" ] }\r\n\t", TRUE },
  { "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"}", TRUE },
  { "{\"a\":\"\\ud83d\\ude00\"}", TRUE }, /* a pair */
  { "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\"}", TRUE },
  { "", FALSE },
  { " ", FALSE },
  { "[]", FALSE },
  { "null", FALSE },
  { "\"a\"", FALSE },
  { "{", FALSE },
  { "{}}", FALSE },
  { "}{", FALSE },
  { "{\"a\":1", FALSE },
  { "{\"a\"}", FALSE },
  { "{\"a\":\"", FALSE },
  { "{\"a\":\"\\", FALSE },
  { "{\"a\":\"\\x\"}", FALSE },
  { "{\"a\":\"\\u12\"}", FALSE },   /* takes the quote with it */
  { "{\"a\":\"\\u0000\"}", FALSE }, /* would cut the string */
  { "{\"a\":\"\\ud83d\"}", FALSE }, /* half a pair */
  { "{\"a\":\"\\ud83dxxxxxx\"}", FALSE },
  { "{\"a\":\"\\ud83d\\u0041\"}", FALSE },
  { "{\"a\":\"\\ude00\"}", FALSE },   /* the other half */
  { "{\"a\":\"\n\"}", FALSE },        /* line end in a string */
  { "{\"a\":1}//", FALSE },           /* comments */
  { "{/*\"*/\"a\":1/*\"*/}", FALSE }, /* that hide a quote */
  { "var x = {};", FALSE },
  { "{'a':1}", FALSE },
};

static void
test_parse_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) object = foyer_cast_json_parse (cases[i].text,
        &error);

    g_test_message ("%s", cases[i].text);
    g_assert_cmpint (object != NULL, ==, cases[i].is_good);
    if (!cases[i].is_good)
      g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED);
  }
}

/* {"a":[[…]]} with @depth containers. */
static char *
nest (int depth)
{
  GString *text = g_string_new ("{\"a\":");

  for (int i = 1; i < depth; i++)
    g_string_append_c (text, '[');
  g_string_append_c (text, '1');
  for (int i = 1; i < depth; i++)
    g_string_append_c (text, ']');
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *legal = nest (FOYER_CAST_MAX_JSON_DEPTH);
  g_autofree char *deep = nest (FOYER_CAST_MAX_JSON_DEPTH + 1);
  g_autofree char *abyss = nest (30000);
  g_autoptr (JsonObject) object = foyer_cast_json_parse (legal, NULL);

  g_assert_nonnull (object);
  g_assert_null (foyer_cast_json_parse (deep, NULL));
  g_assert_null (foyer_cast_json_parse (abyss, NULL));
}

/* @n_members in all, two containers' worth. */
static char *
widen (int n_members)
{
  GString *text = g_string_new ("{\"a\":[0");

  for (int i = 2; i < n_members; i++)
    g_string_append (text, ",0");
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static void
test_members (void)
{
  g_autofree char *legal = widen (FOYER_CAST_MAX_JSON_MEMBERS);
  g_autofree char *wide = widen (FOYER_CAST_MAX_JSON_MEMBERS + 1);
  g_autoptr (JsonObject) object = foyer_cast_json_parse (legal, NULL);

  g_assert_nonnull (object);
  g_assert_null (foyer_cast_json_parse (wide, NULL));
}

static void
test_error_keeps_silent (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (foyer_cast_json_parse ("{\"aesKey\":\"0011\" x}", &error));
  g_assert_null (strstr (error->message, "0011"));
}

#define SAMPLE                                                        \
  "{\"s\":\"text\",\"o\":{},\"l\":[7,\"7\",1e300],\"i\":5,\"w\":1.0," \
  "\"f\":1.5,\"b\":true,\"z\":null,\"h\":1e300,\"m\":-3,"             \
  "\"x\":9223372036854775807}"

static void
test_get_int (void)
{
  g_autoptr (JsonObject) object = foyer_cast_json_parse (SAMPLE, NULL);
  gint64 value = 99;

  g_assert_true (foyer_cast_json_get_int (object, "i", 5, 5, &value));
  g_assert_cmpint (value, ==, 5);
  g_assert_true (foyer_cast_json_get_int (object, "w", 0, 9, &value));
  g_assert_cmpint (value, ==, 1);
  g_assert_true (foyer_cast_json_get_int (object, "m", -3, 9, &value));
  g_assert_cmpint (value, ==, -3);
  g_assert_true (foyer_cast_json_get_int (object, "x", 0, G_MAXINT64, &value));
  g_assert_cmpint (value, ==, G_MAXINT64);
  value = 99;
  g_assert_false (foyer_cast_json_get_int (object, "i", 6, 9, &value));
  g_assert_false (foyer_cast_json_get_int (object, "i", 0, 4, &value));
  for (const char *const *name = (const char *const[]){ "s", "o", "l", "f", "b",
           "z", "h", "none", NULL };
       *name != NULL; name++)
    g_assert_false (foyer_cast_json_get_int (object, *name, G_MININT64,
        G_MAXINT64, &value));
  g_assert_cmpint (value, ==, 99);
}

static void
test_array_get_int (void)
{
  g_autoptr (JsonObject) object = foyer_cast_json_parse (SAMPLE, NULL);
  JsonArray *array = foyer_cast_json_get_array (object, "l");
  gint64 value = 99;

  g_assert_nonnull (array);
  g_assert_false (foyer_cast_json_array_get_int (array, 1, 0, 9, &value));
  g_assert_false (foyer_cast_json_array_get_int (array, 2, 0, 9, &value));
  g_assert_false (foyer_cast_json_array_get_int (array, 3, 0, 9, &value));
  g_assert_cmpint (value, ==, 99);
  g_assert_true (foyer_cast_json_array_get_int (array, 0, 0, 9, &value));
  g_assert_cmpint (value, ==, 7);
}

/* Each getter takes its own type and no other. */
static void
test_get_others (void)
{
  static const char *const names[] = { "s", "o", "l", "i", "w", "f", "b", "z",
    "none" };
  g_autoptr (JsonObject) object = foyer_cast_json_parse (SAMPLE, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    const char *name = names[i];
    double number = 99;
    gboolean flag = 99;
    gboolean is_number = strchr ("iwf", name[0]) != NULL;

    g_assert_cmpint (foyer_cast_json_get_string (object, name) != NULL, ==,
        strcmp (name, "s") == 0);
    g_assert_cmpint (foyer_cast_json_get_object (object, name) != NULL, ==,
        strcmp (name, "o") == 0);
    g_assert_cmpint (foyer_cast_json_get_array (object, name) != NULL, ==,
        strcmp (name, "l") == 0);
    g_assert_cmpint (foyer_cast_json_get_double (object, name, &number), ==,
        is_number);
    g_assert_cmpint (number == 99, ==, !is_number);
    g_assert_cmpint (foyer_cast_json_get_bool (object, name, &flag), ==,
        strcmp (name, "b") == 0);
    g_assert_cmpint (flag == 99, ==, strcmp (name, "b") != 0);
  }
  g_assert_cmpstr (foyer_cast_json_get_string (object, "s"), ==, "text");
}

static void
test_infinite_is_no_number (void)
{
  g_autoptr (JsonObject) object = foyer_cast_json_parse ("{\"a\":1e999}", NULL);
  double number = 99;

  if (object != NULL)
    g_assert_false (foyer_cast_json_get_double (object, "a", &number));
  g_assert_cmpfloat (number, ==, 99);
}

/* In one line, members in the order they were added. */
static void
test_print (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_string_member (object, "type", "A\"\n\xc3\xa9");
  json_object_set_int_member (object, "id", 1);
  json_object_set_boolean_member (object, "b", TRUE);
  text = foyer_cast_json_print (object);
  g_assert_cmpstr (text, ==,
      "{\"type\":\"A\\\"\\n\xc3\xa9\",\"id\":1,\"b\":true}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-json/parse/table", test_parse_table);
  g_test_add_func ("/cast-json/parse/depth", test_depth);
  g_test_add_func ("/cast-json/parse/members", test_members);
  g_test_add_func ("/cast-json/parse/error-keeps-silent",
      test_error_keeps_silent);
  g_test_add_func ("/cast-json/get/int", test_get_int);
  g_test_add_func ("/cast-json/get/array-int", test_array_get_int);
  g_test_add_func ("/cast-json/get/others", test_get_others);
  g_test_add_func ("/cast-json/get/infinite", test_infinite_is_no_number);
  g_test_add_func ("/cast-json/print/line", test_print);
  return g_test_run ();
}
