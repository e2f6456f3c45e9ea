/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who has a file open: as far as /proc tells this user, which of others' programs
 * is nothing unless it is root. */

/**
 * FoyerHolder:
 * @name: what the program is called; chosen by it
 * @pid: its number
 */
typedef struct
{
  char *name;
  char *pid;
} FoyerHolder;

/**
 * foyer_holders_list:
 * @proc: "/proc"
 * @path: of the file
 *
 * Returns: (transfer full) (element-type FoyerHolder): programs that have it open;
 *   Foyer's own are left out
 */
GPtrArray *foyer_holders_list (const char *proc, const char *path);

/* (transfer full): "NAME (PID), …" */
char *foyer_holders_dup_names (const GPtrArray *holders);

G_END_DECLS
