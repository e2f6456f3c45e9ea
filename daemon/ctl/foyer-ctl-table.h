/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can be typed: the table of verbs and their options. Made, as are the man
 * page and the completion, from verbs.json by make-verbs. */

typedef enum
{
  FOYER_CTL_OPTION_FLAG = 0, /* no argument */
  FOYER_CTL_OPTION_TEXT,     /* one argument; the last one counts */
  FOYER_CTL_OPTION_LIST,     /* one argument each time it is given */
} FoyerCtlOptionKind;

/**
 * FoyerCtlOption:
 * @name: without the dashes; %NULL ends an array of options
 * @kind: what it takes
 * @argument: (nullable): name of its argument
 * @help: half a sentence
 */
typedef struct
{
  const char *name;
  FoyerCtlOptionKind kind;
  const char *argument;
  const char *help;
} FoyerCtlOption;

typedef struct _FoyerCtl FoyerCtl;

/* What a verb does: %FALSE with an error in FOYER_CTL_ERROR
 * %TRUE to leave with the status in its FoyerCtl. */
typedef gboolean (*FoyerCtlRun) (FoyerCtl *ctl, GError **error);

/**
 * FoyerCtlVerb:
 * @name: as typed; %NULL ends the table
 * @words: names of the words that follow it, for the usage
 * @summary: half a sentence
 * @min_words: least number of words
 * @max_words: most
 * @options: ends with one without name
 * @run: what it does
 */
typedef struct
{
  const char *name;
  const char *words;
  const char *summary;
  guint min_words;
  guint max_words;
  const FoyerCtlOption *options;
  FoyerCtlRun run;
} FoyerCtlVerb;

extern const FoyerCtlVerb foyer_ctl_verbs[];
extern const FoyerCtlOption foyer_ctl_common_options[];

G_END_DECLS
