/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What happened, a word for each event, told from any thread; a test waits for
 * words and counts them. Waiting too long (20 s, far over every limit of the
 * room) prints what did happen and aborts. */

typedef struct
{
  GMutex lock;
  GCond changed;
  GPtrArray *words; /* of char * */
} FoyerTestLog;

void foyer_test_log_init (FoyerTestLog *self);
void foyer_test_log_clear (FoyerTestLog *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerTestLog, foyer_test_log_clear)

/* Adds a word; any thread. */
void foyer_test_log_add (FoyerTestLog *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* How many words begin with @prefix. */
guint foyer_test_log_count (FoyerTestLog *self, const char *prefix);

/* Waits until @n words begin with @prefix. */
void foyer_test_log_wait (FoyerTestLog *self, const char *prefix, guint n);

/* (transfer full) (nullable): the first word that begins with @prefix */
char *foyer_test_log_dup (FoyerTestLog *self, const char *prefix);

/* Forgets all words. */
void foyer_test_log_reset (FoyerTestLog *self);

G_END_DECLS
