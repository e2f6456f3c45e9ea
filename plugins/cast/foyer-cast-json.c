/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-json.h"

#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"

#include <math.h>
#include <string.h>

/* Beyond it a double has no room for every whole number. */
#define MAX_WHOLE_DOUBLE 9007199254740992.0 /* 2^53 */

#define ESCAPE_DIGITS 4 /* of \u */

/* What the check of a text knows while it walks over it. It is no parser: it
 * sees to it that json-glib, which is lenient (comments, assignments), recurses
 * and aborts on half a surrogate pair, splits the text into strings and the rest
 * exactly as we do, and that the rest is bounded. */
typedef struct
{
  const char *at;
  guint depth;
  guint n_members;
  gboolean has_opened; /* the next thing is a container's first member */
} Check;

static gboolean
read_hex (Check *self, gunichar *value)
{
  *value = 0;
  for (int i = 0; i < ESCAPE_DIGITS; i++, self->at++) {
    if (!g_ascii_isxdigit (*self->at))
      return FALSE;
    *value = *value << 4 | (gunichar) g_ascii_xdigit_value (*self->at);
  }
  return TRUE;
}

/* Behind "\u". A NUL would cut the string, half a pair ends the process. */
static gboolean
check_code (Check *self)
{
  gunichar code;
  gunichar low;

  if (!read_hex (self, &code) || code == 0)
    return FALSE;
  if (code < 0xd800 || code > 0xdfff)
    return TRUE;
  if (code > 0xdbff || self->at[0] != '\\' || self->at[1] != 'u')
    return FALSE;
  self->at += 2;
  return read_hex (self, &low) && low >= 0xdc00 && low <= 0xdfff;
}

/* Behind a backslash. RFC 8259 §7 */
static gboolean
check_escape (Check *self)
{
  char kind = *self->at;

  if (kind == '\0' || strchr ("\"\\/bfnrtu", kind) == NULL)
    return FALSE;
  self->at++;
  return kind != 'u' || check_code (self);
}

/* Behind a quote, up to and with the next. */
static gboolean
check_string (Check *self)
{
  for (;;) {
    char letter = *self->at;

    if ((guchar) letter < ' ')
      return FALSE;
    self->at++;
    if (letter == '"')
      return TRUE;
    if (letter == '\\' && !check_escape (self))
      return FALSE;
  }
}

/* Digits, and the letters of true, false, null and exponents. */
static gboolean
is_plain (char letter)
{
  return strchr ("0123456789+-.eEtrufalsn:", letter) != NULL;
}

static gboolean
check_letter (Check *self, char letter)
{
  switch (letter) {
    case '{':
    case '[':
      self->has_opened = TRUE;
      return ++self->depth <= FOYER_CAST_MAX_JSON_DEPTH;
    case '}':
    case ']':
      self->has_opened = FALSE;
      return self->depth-- > 0;
    case ',':
      self->n_members++;
      return TRUE;
    case '"':
      return check_string (self);
    default:
      return is_plain (letter);
  }
}

static gboolean
check_text (const char *text)
{
  Check check = { .at = text };

  while (*check.at != '\0') {
    char letter = *check.at++;

    if (strchr (" \t\r\n", letter) != NULL)
      continue;
    if (check.has_opened && letter != '}' && letter != ']')
      check.n_members++;
    check.has_opened = FALSE;
    if (!check_letter (&check, letter) ||
        check.n_members > FOYER_CAST_MAX_JSON_MEMBERS)
      return FALSE;
  }
  return check.depth == 0;
}

JsonObject *
foyer_cast_json_parse (const char *text, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root = NULL;

  if (check_text (text)) {
    parser = json_parser_new ();
    if (json_parser_load_from_data (parser, text, -1, NULL))
      root = json_parser_get_root (parser);
  }
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    /* Not a word of the text: it may hold keys. */
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
        "reading a message of %" G_GSIZE_FORMAT
        " bytes: it is no JSON object, or too deep or large",
        strlen (text));
    return NULL;
  }
  return json_node_dup_object (root);
}

char *
foyer_cast_json_print (JsonObject *object)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (root, object);
  return json_to_string (root, FALSE);
}

static gboolean
is_value (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
      json_node_get_value_type (node) == type;
}

const char *
foyer_cast_json_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return is_value (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

JsonObject *
foyer_cast_json_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
      ? json_node_get_object (node)
      : NULL;
}

JsonArray *
foyer_cast_json_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node)
      ? json_node_get_array (node)
      : NULL;
}

static gboolean
read_int (JsonNode *node, gint64 low, gint64 high, gint64 *out)
{
  gint64 value;

  if (is_value (node, G_TYPE_INT64)) {
    value = json_node_get_int (node);
  } else if (is_value (node, G_TYPE_DOUBLE)) {
    double number = json_node_get_double (node);

    /* Written so that NaN fails. */
    if (!(fabs (number) <= MAX_WHOLE_DOUBLE) || number != floor (number))
      return FALSE;
    value = (gint64) number;
  } else {
    return FALSE;
  }
  if (value < low || value > high)
    return FALSE;
  *out = value;
  return TRUE;
}

gboolean
foyer_cast_json_get_int (JsonObject *object, const char *name, gint64 low,
    gint64 high, gint64 *out)
{
  return read_int (json_object_get_member (object, name), low, high, out);
}

gboolean
foyer_cast_json_array_get_int (JsonArray *array, guint index, gint64 low,
    gint64 high, gint64 *out)
{
  return index < json_array_get_length (array) &&
      read_int (json_array_get_element (array, index), low, high, out);
}

gboolean
foyer_cast_json_get_double (JsonObject *object, const char *name, double *out)
{
  JsonNode *node = json_object_get_member (object, name);
  double value;

  if (!is_value (node, G_TYPE_INT64) && !is_value (node, G_TYPE_DOUBLE))
    return FALSE;
  value = json_node_get_double (node); /* also of an int */
  if (!isfinite (value))
    return FALSE;
  *out = value;
  return TRUE;
}

gboolean
foyer_cast_json_get_bool (JsonObject *object, const char *name, gboolean *out)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!is_value (node, G_TYPE_BOOLEAN))
    return FALSE;
  *out = json_node_get_boolean (node);
  return TRUE;
}
