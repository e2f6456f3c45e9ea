/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-print.h"

#include "foyer-text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS    24
#define MIN_CELL        8 /* columns that a cut cell keeps */

static char *
dup_escaped (const char *text, const char *backslash)
{
  GString *safe = g_string_new (NULL);

  for (const char *at = text; at != NULL && *at != '\0';) {
    gunichar c = g_utf8_get_char_validated (at, -1);

    if (c == (gunichar) -1 || c == (gunichar) -2) {
      g_string_append_printf (safe, "\\x%02x", (guint) (guchar) *at++);
      continue;
    }
    if (c == '\\')
      g_string_append (safe, backslash);
    else if (foyer_text_is_harmless (c))
      g_string_append_unichar (safe, c);
    else
      g_string_append_printf (safe, "\\u{%x}", c);
    at = g_utf8_next_char (at);
  }
  return g_string_free (safe, FALSE);
}

char *
foyer_print_dup_safe (const char *text)
{
  return dup_escaped (text, "\\\\");
}

char *
foyer_print_dup_sentence (const char *text)
{
  return dup_escaped (text, "\\");
}

gboolean
foyer_print_is_safe (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (; *text != '\0'; text = g_utf8_next_char (text)) {
    if (!foyer_text_is_harmless (g_utf8_get_char (text)))
      return FALSE;
  }
  return TRUE;
}

/* Quotes what a shell could take for more than a word. */
char *
foyer_print_dup_word (const char *text)
{
  const char *at = text;

  if (!foyer_print_is_safe (text) || *text == '-' || *text == '\0')
    return NULL;
  while (g_ascii_isalnum (*at) || (*at != '\0' && strchr ("._:/+-", *at)) ||
      (guchar) *at >= 0x80)
    at++;
  return *at == '\0' ? g_strdup (text) : g_shell_quote (text);
}

static guint
get_char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
foyer_print_get_width (const char *text)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += get_char_width (g_utf8_get_char (text));
  return width;
}

char *
foyer_print_dup_cut (const char *text, guint max_columns)
{
  const char *at = text;
  guint width = 0;

  if (max_columns == 0 || foyer_print_get_width (text) <= max_columns)
    return g_strdup (text);
  while (width + get_char_width (g_utf8_get_char (at)) < max_columns) {
    width += get_char_width (g_utf8_get_char (at));
    at = g_utf8_next_char (at);
  }
  return g_strdup_printf ("%.*s…", (int) (at - text), text);
}

/* Only inside strings are there such characters. */
char *
foyer_print_dup_json (JsonNode *node, gboolean is_pretty)
{
  g_autofree char *text = json_to_string (node, is_pretty);
  GString *safe = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if (c == '\n' || foyer_text_is_harmless (c))
      g_string_append_unichar (safe, c);
    else if (c < 0x10000)
      g_string_append_printf (safe, "\\u%04x", c);
    else
      g_string_append_printf (safe, "\\u%04x\\u%04x",
          0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
  }
  return g_string_free (safe, FALSE);
}

gboolean
foyer_print_can_draw (int fd)
{
  const char *terminal = g_getenv ("TERM");

  return isatty (fd) && terminal != NULL && !g_str_equal (terminal, "dumb");
}

gboolean
foyer_print_has_colour (int fd)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  return foyer_print_can_draw (fd) && (no_colour == NULL || *no_colour == '\0');
}

void
foyer_print_get_size (int fd, guint *n_columns, guint *n_rows)
{
  struct winsize size = { 0 };

  if (ioctl (fd, TIOCGWINSZ, &size) < 0)
    memset (&size, 0, sizeof size);
  *n_columns = size.ws_col > 0 ? size.ws_col : DEFAULT_COLUMNS;
  *n_rows = size.ws_row > 0 ? size.ws_row : DEFAULT_ROWS;
}

const char *
foyer_print_get_colour (FoyerColour colour)
{
  static const char *const begins[] = {
    [FOYER_COLOUR_NONE] = "",
    [FOYER_COLOUR_GOOD] = "\033[32m",
    [FOYER_COLOUR_WAIT] = "\033[33m",
    [FOYER_COLOUR_BAD] = "\033[31m",
    [FOYER_COLOUR_HEAD] = "\033[1m",
  };

  return begins[colour];
}

typedef struct
{
  FoyerColour colour;
  char *text; /* safe */
} Cell;

struct _FoyerTable
{
  guint n_columns;
  GArray *cells; /* of Cell; the head first */
};

static void
cell_clear (gpointer cell)
{
  g_free (((Cell *) cell)->text);
}

FoyerTable *
foyer_table_new (const char *const *head)
{
  FoyerTable *self = g_new0 (FoyerTable, 1);

  self->cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  g_array_set_clear_func (self->cells, cell_clear);
  for (; head[self->n_columns] != NULL; self->n_columns++)
    foyer_table_add (self, FOYER_COLOUR_HEAD, head[self->n_columns]);
  return self;
}

void
foyer_table_add (FoyerTable *self, FoyerColour colour, const char *text)
{
  Cell cell = { .colour = colour };

  cell.text = text == NULL || *text == '\0' ? g_strdup ("-")
                                            : foyer_print_dup_safe (text);
  g_array_append_val (self->cells, cell);
}

void
foyer_table_add_number (FoyerTable *self, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  foyer_table_add (self, FOYER_COLOUR_NONE, text);
}

static const Cell *
get_cell (FoyerTable *self, guint at)
{
  return &g_array_index (self->cells, Cell, at);
}

/* The widest column gives way until the line fits. */
static void
shrink (guint *widths, guint n_columns, guint max_columns)
{
  for (;;) {
    guint sum = 2 * (n_columns - 1), widest = 0;

    for (guint i = 0; i < n_columns; i++) {
      sum += widths[i];
      if (widths[i] > widths[widest])
        widest = i;
    }
    if (sum <= max_columns || widths[widest] <= MIN_CELL)
      return;
    widths[widest]--;
  }
}

static guint *
measure (FoyerTable *self, guint max_columns)
{
  guint *widths = g_new0 (guint, self->n_columns);

  for (guint i = 0; i < self->cells->len; i++) {
    guint *width = &widths[i % self->n_columns];

    *width = MAX (*width, foyer_print_get_width (get_cell (self, i)->text));
  }
  if (max_columns > 0)
    shrink (widths, self->n_columns, max_columns);
  return widths;
}

char *
foyer_table_dup_text (FoyerTable *self, gboolean has_colour, guint max_columns)
{
  g_autofree guint *widths = measure (self, max_columns);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->cells->len; i++) {
    const Cell *cell = get_cell (self, i);
    guint column = i % self->n_columns;
    gboolean is_last = column == self->n_columns - 1;
    g_autofree char *cut = foyer_print_dup_cut (cell->text, widths[column]);
    gboolean is_coloured = has_colour && cell->colour != FOYER_COLOUR_NONE;

    g_string_append_printf (text, "%s%s%s",
        is_coloured ? foyer_print_get_colour (cell->colour) : "", cut,
        is_coloured ? FOYER_PRINT_END : "");
    if (is_last)
      g_string_append_c (text, '\n');
    else
      g_string_append_printf (text, "%*s",
          (int) (widths[column] - foyer_print_get_width (cut)) + 2, "");
  }
  if (self->cells->len <= self->n_columns)
    g_string_truncate (text, 0);
  return g_string_free (text, FALSE);
}

void
foyer_table_free (FoyerTable *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->cells);
  g_free (self);
}
