/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-progress.h"

#include "foyer-print.h"

#include <stdio.h>
#include <unistd.h>

#define LINE_BEGIN "\r\033[K"

struct _FoyerCtlProgress
{
  gboolean is_silent;
  gboolean is_terminal;
  GString *line; /* what stands on the terminal */
  char *step;    /* (nullable): the last */
};

FoyerCtlProgress *
foyer_ctl_progress_new (gboolean is_silent)
{
  FoyerCtlProgress *self = g_new0 (FoyerCtlProgress, 1);

  self->is_silent = is_silent;
  self->is_terminal = foyer_print_can_draw (STDERR_FILENO);
  self->line = g_string_new (NULL);
  return self;
}

/* What does not fit beside the steps before stands alone. */
static void
draw (FoyerCtlProgress *self, const char *words)
{
  guint n_columns, n_rows;
  g_autofree char *cut = NULL;

  foyer_print_get_size (STDERR_FILENO, &n_columns, &n_rows);
  if (foyer_print_get_width (self->line->str) + foyer_print_get_width (words) +
          1 >=
      n_columns)
    g_string_truncate (self->line, 0);
  g_string_append_printf (self->line, "%s%s", self->line->len > 0 ? " " : "",
      words);
  cut = foyer_print_dup_cut (self->line->str, n_columns);
  fprintf (stderr, LINE_BEGIN "%s", cut);
}

void
foyer_ctl_progress_step (FoyerCtlProgress *self, const char *words)
{
  g_autofree char *safe = foyer_print_dup_safe (words);
  g_autofree char *step = g_strconcat (safe, "…", NULL);

  if (self->is_silent || *words == '\0' || g_strcmp0 (step, self->step) == 0)
    return;
  if (self->is_terminal)
    draw (self, step);
  else
    fprintf (stderr, "%s\n", step);
  fflush (stderr);
  g_free (self->step);
  self->step = g_steal_pointer (&step);
}

void
foyer_ctl_progress_end (FoyerCtlProgress *self, const char *words)
{
  if (self->is_silent)
    return;
  if (self->is_terminal && words != NULL)
    draw (self, words);
  else if (words != NULL)
    fprintf (stderr, "%s\n", words);
  if (self->is_terminal && self->line->len > 0)
    fputc ('\n', stderr);
  g_string_truncate (self->line, 0);
  fflush (stderr);
}

void
foyer_ctl_progress_free (FoyerCtlProgress *self)
{
  if (self == NULL)
    return;
  foyer_ctl_progress_end (self, NULL);
  g_string_free (self->line, TRUE);
  g_free (self->step);
  g_free (self);
}
