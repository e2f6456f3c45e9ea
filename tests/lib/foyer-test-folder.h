/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A flat folder of a test's own. */

/* Makes one; (transfer full): its path. */
char *foyer_test_folder_new (void);

/* Writes FOLDER/@name anew with @mode. */
void foyer_test_folder_write (const char *folder, const char *name,
    const char *text, int mode);

/* (transfer full) (nullable): what FOLDER/@name holds, %NULL if there is none
 */
char *foyer_test_folder_read (const char *folder, const char *name);

/* (transfer full): FOLDER's names, sorted, with a blank between */
char *foyer_test_folder_list (const char *folder);

/* Removes it with what is in it. */
void foyer_test_folder_remove (const char *folder);

G_END_DECLS
