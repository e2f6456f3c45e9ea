/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-file.h"

#include "foyer-error.h"
#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MODE 0600

static const FoyerFileOps system_ops = {
  .write = write,
  .fsync = fsync,
  .rename = rename,
};

const FoyerFileOps *
foyer_file_ops_get_system (void)
{
  return &system_ops;
}

static gboolean
fail (GError **error, const char *what, const char *path)
{
  int problem = errno;

  g_set_error (error, FOYER_ERROR, FOYER_ERROR_FAILED, "%s %s: %s", what, path,
      g_strerror (problem));
  return FALSE;
}

static gboolean
write_all (const FoyerFileOps *ops, int fd, const char *text)
{
  gsize n_left = strlen (text);

  while (n_left > 0) {
    ssize_t n = ops->write (fd, text, n_left);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return FALSE;
    if (n == 0) {
      errno = ENOSPC;
      return FALSE;
    }
    text += n;
    n_left -= (gsize) n;
  }
  return TRUE;
}

/* close() may be the first to tell of a failed write, on a network. */
static gboolean
write_temporary (const FoyerFileOps *ops, const char *path, const char *text,
    GError **error)
{
  foyer_autofd int fd = -1;
  int closing;

  (void) g_unlink (path);
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
      FILE_MODE);
  if (fd < 0)
    return fail (error, "creating", path);
  if (!write_all (ops, fd, text))
    return fail (error, "writing", path);
  if (ops->fsync (fd) < 0)
    return fail (error, "syncing", path);
  closing = g_steal_fd (&fd);
  if (close (closing) < 0)
    return fail (error, "closing", path);
  return TRUE;
}

gboolean
foyer_file_sync_folder (const FoyerFileOps *ops, const char *path,
    GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  foyer_autofd int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return fail (error, "opening", folder);
  if (ops->fsync (fd) < 0)
    return fail (error, "syncing", folder);
  return TRUE;
}

gboolean
foyer_file_replace (const FoyerFileOps *ops, const char *path, const char *text,
    GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".new", NULL);

  if (!write_temporary (ops, temporary, text, error)) {
    (void) g_unlink (temporary);
    return FALSE;
  }
  if (ops->rename (temporary, path) < 0) {
    fail (error, "replacing", path);
    (void) g_unlink (temporary);
    return FALSE;
  }
  return foyer_file_sync_folder (ops, path, error);
}

static gboolean
read_all (int fd, gsize max_bytes, GString *out)
{
  char room[4096];

  while (out->len <= max_bytes) {
    ssize_t n = read (fd, room, sizeof room);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return FALSE;
    if (n == 0)
      return TRUE;
    g_string_append_len (out, room, n);
  }
  errno = EFBIG;
  return FALSE;
}

gboolean
foyer_file_read (const char *path, gsize max_bytes, char **out_text,
    gsize *out_n_bytes, GError **error)
{
  /* Not blocking: a fifo must not hold us up. */
  foyer_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autoptr (GString) text = NULL;
  struct stat status;

  *out_text = NULL;
  *out_n_bytes = 0;
  if (fd < 0)
    return errno == ENOENT ? TRUE : fail (error, "opening", path);
  if (fstat (fd, &status) < 0)
    return fail (error, "looking at", path);
  if (!S_ISREG (status.st_mode)) {
    errno = EISDIR;
    if (!S_ISDIR (status.st_mode))
      errno = EINVAL;
    return fail (error, "reading", path);
  }
  text = g_string_new (NULL);
  if (!read_all (fd, max_bytes, text))
    return fail (error, "reading", path);
  *out_n_bytes = text->len;
  *out_text = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

/* The name it has beside, if a link to the very file is there. */
static char *
find_kept (const char *path, const struct stat *status)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *prefix = g_strconcat (base, ".damaged-", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *other = g_build_filename (folder, name, NULL);
    struct stat its;

    if (g_str_has_prefix (name, prefix) && lstat (other, &its) == 0 &&
        its.st_ino == status->st_ino && its.st_dev == status->st_dev)
      return g_steal_pointer (&other);
  }
  return NULL;
}

static char *
make_kept_name (const char *path, gint64 wall_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (
      wall_us / G_USEC_PER_SEC);
  g_autofree char *stamp = NULL;

  stamp = time != NULL ? g_date_time_format (time, "%Y%m%dT%H%M%SZ")
                       : g_strdup ("0");
  return g_strconcat (path, ".damaged-", stamp, NULL);
}

/* A second name for the same file costs no room and can't be half a copy: it is
 * there on a full disk too. Replacing the first name leaves it alone. */
gboolean
foyer_file_keep_beside (const char *path, gint64 wall_us, char **out_path,
    GError **error)
{
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;
  struct stat status;

  if (lstat (path, &status) < 0)
    return fail (error, "looking at", path);
  *out_path = find_kept (path, &status);
  if (*out_path != NULL)
    return TRUE;
  base = make_kept_name (path, wall_us);
  name = g_strdup (base);
  for (int i = 1; i < 100; i++) {
    if (link (path, name) == 0) {
      *out_path = g_steal_pointer (&name);
      return TRUE;
    }
    if (errno != EEXIST)
      break;
    g_free (name);
    name = g_strdup_printf ("%s-%d", base, i);
  }
  return fail (error, "keeping", path);
}
