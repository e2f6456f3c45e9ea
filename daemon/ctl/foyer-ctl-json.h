/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What --json prints: one object, with the number of its schema. The schema is
 * told in the man page. */

#define FOYER_CTL_JSON_SCHEMA 1

/* (transfer full): an object that is open, its "schema" in it. */
JsonBuilder *foyer_ctl_json_new (void);

/* Adds a member to the object that is open; "" and %NULL become null. */
void foyer_ctl_json_add_string (JsonBuilder *builder, const char *name,
    const char *value);
void foyer_ctl_json_add_number (JsonBuilder *builder, const char *name,
    guint64 value);
void foyer_ctl_json_add_boolean (JsonBuilder *builder, const char *name,
    gboolean value);
void foyer_ctl_json_add_strings (JsonBuilder *builder, const char *name,
    const char *const *values);

/* As foyer_ctl_json_add_number; 0 becomes null. */
void foyer_ctl_json_add_time (JsonBuilder *builder, const char *name,
    guint64 time_us);

/**
 * foyer_ctl_json_begin_array:
 * @builder: an object that is open
 * @name: of the member
 *
 * Begins an array in it; json_builder_end_array() ends it.
 */
void foyer_ctl_json_begin_array (JsonBuilder *builder, const char *name);

/**
 * foyer_ctl_json_add_dictionary:
 * @builder: an object that is open
 * @dictionary: of type a{sv}
 *
 * Adds all its entries, "max-session-s" as "max_session_s".
 */
void foyer_ctl_json_add_dictionary (JsonBuilder *builder, GVariant *dictionary);

/**
 * foyer_ctl_json_print:
 * @builder: an object that is open; closed by this
 * @is_line: on one line
 *
 * Prints it to standard output, at once.
 */
void foyer_ctl_json_print (JsonBuilder *builder, gboolean is_line);

G_END_DECLS
