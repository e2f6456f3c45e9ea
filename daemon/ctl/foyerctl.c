/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl.h"

#include <errno.h>
#include <stdio.h>

/* foyerctl: Foyer's service, from the command line. */

/* What a full disk or a closed pipe swallowed was not said. */
static int
check_output (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  fprintf (stderr, "foyerctl: writing the answer: %s\n", g_strerror (errno));
  return status != 0 ? status : FOYER_CTL_ERROR_FAILED;
}

static int
run (FoyerCtl *ctl)
{
  const FoyerCtlVerb *verb = foyer_ctl_line_get_verb (ctl->line);
  g_autoptr (GError) error = NULL;

  if (foyer_ctl_line_has (ctl->line, "help")) {
    g_autofree char *usage = foyer_ctl_dup_usage (verb);

    fputs (usage, stdout);
  } else if (foyer_ctl_line_has (ctl->line, "version"))
    foyer_ctl_say ("foyerctl " FOYER_VERSION);
  else if (!verb->run (ctl, &error)) {
    fflush (stdout);
    foyer_ctl_error_end (&error, verb->name);
    fprintf (stderr, "foyerctl: %s\n", error->message);
    return error->code;
  }
  return ctl->status;
}

int
main (int argc, char **argv)
{
  FoyerCtl ctl = { .clock = foyer_clock_get_system () };
  g_autoptr (FoyerCtlLine) line = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  line = foyer_ctl_line_new (argv, &error);
  if (line == NULL) {
    fprintf (stderr, "foyerctl: %s\n", error->message);
    return error->code;
  }
  ctl.line = line;
  status = check_output (run (&ctl));
  foyer_ctl_clear (&ctl);
  return status;
}
