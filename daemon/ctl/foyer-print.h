/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Words for people: names from outside made harmless, tables, colour. Pure but
 * for the functions that look at a terminal. */

#define FOYER_PRINT_END "\033[0m" /* of a colour */

typedef enum
{
  FOYER_COLOUR_NONE = 0,
  FOYER_COLOUR_GOOD,
  FOYER_COLOUR_WAIT,
  FOYER_COLOUR_BAD,
  FOYER_COLOUR_HEAD,
} FoyerColour;

/**
 * foyer_print_dup_safe:
 * @text: (nullable): from anywhere; need not be UTF-8
 *
 * What could move the cursor, turn the writing direction, hide, or break a line
 * becomes "\u{…}", a byte that is no UTF-8 "\x…", a backslash two: no two texts
 * look alike in this respect.
 *
 * Returns: (transfer full): one line of UTF-8
 */
char *foyer_print_dup_safe (const char *text);

/**
 * foyer_print_dup_sentence:
 * @text: (nullable): a sentence of the service, in which names are escaped
 *
 * As foyer_print_dup_safe, but for the backslashes.
 *
 * Returns: (transfer full): one line of UTF-8
 */
char *foyer_print_dup_sentence (const char *text);

/**
 * foyer_print_is_safe:
 * @text: from anywhere
 *
 * Returns: %TRUE if it may be printed as it is
 */
gboolean foyer_print_is_safe (const char *text);

/**
 * foyer_print_dup_word:
 * @text: from anywhere
 *
 * Returns: (transfer full) (nullable): @text as one would type it in a shell;
 *   %NULL if it can't be typed
 */
char *foyer_print_dup_word (const char *text);

/**
 * foyer_print_get_width:
 * @text: safe UTF-8
 *
 * Returns: the columns that it takes on a terminal
 */
guint foyer_print_get_width (const char *text);

/**
 * foyer_print_dup_cut:
 * @text: safe UTF-8
 * @max_columns: at least 1; 0 for no bound
 *
 * Returns: (transfer full): @text, or its beginning and "…"
 */
char *foyer_print_dup_cut (const char *text, guint max_columns);

/**
 * foyer_print_dup_json:
 * @node: what to print
 * @is_pretty: on several lines
 *
 * As foyer_print_dup_safe, but in JSON's own escapes: a parser gets the very
 * text.
 *
 * Returns: (transfer full): JSON
 */
char *foyer_print_dup_json (JsonNode *node, gboolean is_pretty);

/**
 * foyer_print_can_draw:
 * @fd: where it goes
 *
 * Returns: %TRUE for a terminal whose cursor can be moved
 */
gboolean foyer_print_can_draw (int fd);

/**
 * foyer_print_has_colour:
 * @fd: where it goes
 *
 * Returns: %TRUE for a terminal that has colours, if the user did not say
 *   NO_COLOR
 */
gboolean foyer_print_has_colour (int fd);

/**
 * foyer_print_get_size:
 * @fd: a terminal
 * @n_columns: (out): its width, at least 1
 * @n_rows: (out): its height, at least 1
 */
void foyer_print_get_size (int fd, guint *n_columns, guint *n_rows);

/**
 * FoyerTable:
 *
 * Rows of cells under a head. Main thread.
 */
typedef struct _FoyerTable FoyerTable;

/**
 * foyer_table_new:
 * @head: (array zero-terminated=1): the names of the columns
 *
 * Returns: (transfer full): a table without a row
 */
FoyerTable *foyer_table_new (const char *const *head);

/**
 * foyer_table_add:
 * @self: a table
 * @colour: of the cell
 * @text: (nullable): the next cell, from anywhere; made safe. "-" for none
 *
 * Fills rows from left to right.
 */
void foyer_table_add (FoyerTable *self, FoyerColour colour, const char *text);

/* As foyer_table_add, of a number. */
void foyer_table_add_number (FoyerTable *self, guint64 number);

/**
 * foyer_table_dup_text:
 * @self: a table
 * @has_colour: put colours in
 * @max_columns: cells are cut so that no line is longer, as far as the head
 *   allows; 0 for no bound
 *
 * Returns: (transfer full): lines, each with its end; none without a row
 */
char *foyer_table_dup_text (FoyerTable *self, gboolean has_colour,
    guint max_columns);

/* (transfer full) (nullable) */
void foyer_table_free (FoyerTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerTable, foyer_table_free)

/**
 * foyer_print_get_colour:
 * @colour: which
 *
 * Returns: the escape sequence that begins it; "" for none
 */
const char *foyer_print_get_colour (FoyerColour colour);

G_END_DECLS
