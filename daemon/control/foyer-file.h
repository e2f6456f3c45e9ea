/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Small files of ours: read whole, and replaced so that whoever looks, after a
 * crash or a power cut too, finds all of the old or all of the new. */

/**
 * FoyerFileOps:
 *
 * The calls that can fail when a disk is full, failing or read-only; a test
 * gives its own. Errors are errno, as of the calls of that name.
 */
typedef struct
{
  ssize_t (*write) (int fd, const void *data, size_t n_bytes);
  int (*fsync) (int fd);
  int (*rename) (const char *from, const char *to);
} FoyerFileOps;

/**
 * foyer_file_ops_get_system:
 *
 * Returns: (transfer none): the kernel's
 */
const FoyerFileOps *foyer_file_ops_get_system (void);

/**
 * foyer_file_replace:
 * @ops: the calls to use
 * @path: the file
 * @text: its new content
 * @error: return location
 *
 * Writes a temporary file beside it, mode 0600, syncs it, renames it over the
 * file and syncs the folder. Blocks for that long.
 *
 * Returns: %FALSE with an error of #FOYER_ERROR if it could not be made sure that
 *   the new content is on the disk. The old one stands then, unless only the
 *   last step failed: in that case the new one may come back after a power cut,
 *   and the caller's next change tries again
 */
gboolean foyer_file_replace (const FoyerFileOps *ops, const char *path,
    const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_file_sync_folder:
 * @ops: the calls to use
 * @path: a file that was made, renamed or removed
 * @error: return location
 *
 * Returns: %TRUE when that is on the disk
 */
gboolean foyer_file_sync_folder (const FoyerFileOps *ops, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_file_read:
 * @path: the file
 * @max_bytes: longest that is taken
 * @out_text: (out) (transfer full) (nullable): what it holds, with a zero after
 *   it; %NULL if there is no such file
 * @out_n_bytes: (out): without the zero
 * @error: return location
 *
 * Returns: %FALSE if it is there but can't be read, is too long, or is no regular
 *   file
 */
gboolean foyer_file_read (const char *path, gsize max_bytes, char **out_text,
    gsize *out_n_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_file_keep_beside:
 * @path: a damaged file
 * @wall_us: time of day
 * @out_path: (out) (transfer full): where it was kept
 * @error: return location
 *
 * Gives the file a second name, PATH.damaged-TIME, which nothing ever writes to;
 * the first name stays. Does nothing if it has one already.
 *
 * Returns: %FALSE if it could not be kept: then do not replace it
 */
gboolean foyer_file_keep_beside (const char *path, gint64 wall_us,
    char **out_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
