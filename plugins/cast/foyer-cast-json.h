/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* JSON from outside, by json-glib behind caps of our own. Pure. The getters
 * are for lenient reading: absent, null and of another type are the same. */

/**
 * foyer_cast_json_parse:
 * @text: valid UTF-8, NUL-terminated
 * @error: return location
 *
 * Refuses before json-glib sees it what is nested deeper than
 * FOYER_CAST_MAX_JSON_DEPTH or has more members than
 * FOYER_CAST_MAX_JSON_MEMBERS; json-glib recurses.
 *
 * Returns: (transfer full): the object, or %NULL with
 *   %FOYER_CAST_ERROR_MALFORMED, also if it is not an object
 */
JsonObject *foyer_cast_json_parse (const char *text,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_json_print:
 * @object: (transfer none): an object
 *
 * Returns: (transfer full): it on one line
 */
char *foyer_cast_json_print (JsonObject *object);

/* (nullable): the string, borrowed */
const char *foyer_cast_json_get_string (JsonObject *object, const char *name);
/* (nullable): the object, borrowed */
JsonObject *foyer_cast_json_get_object (JsonObject *object, const char *name);
/* (nullable): the array, borrowed */
JsonArray *foyer_cast_json_get_array (JsonObject *object, const char *name);
/* %FALSE, @out untouched, unless it is a number that is whole (1.0 is) and
 * within @low…@high */
gboolean foyer_cast_json_get_int (JsonObject *object, const char *name,
    gint64 low, gint64 high, gint64 *out);
/* the same for element @index of an array */
gboolean foyer_cast_json_array_get_int (JsonArray *array, guint index,
    gint64 low, gint64 high, gint64 *out);
gboolean foyer_cast_json_get_double (JsonObject *object, const char *name,
    double *out);
gboolean foyer_cast_json_get_bool (JsonObject *object, const char *name,
    gboolean *out);

G_END_DECLS
