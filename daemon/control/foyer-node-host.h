/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where nodes are: v4l2loopback devices that are Foyer's to use. They are told by
 * their card's label, which begins with FOYER_NODE_LABEL, and never by their
 * number alone. foyerd opens them, says who may open them, and hears whether
 * somebody reads; it never maps one. Main thread. */

#define FOYER_NODE_LABEL           "Foyer"
#define FOYER_NODE_MAX_LABEL_BYTES 32 /* with the NUL: struct v4l2_capability */

/* Tells of a node's readers. */
typedef struct _FoyerNodeReaders FoyerNodeReaders;

/**
 * FoyerNodeReadersChanged:
 * @is_read: whether anybody reads now
 * @user_data: whatever
 */
typedef void (*FoyerNodeReadersChanged) (gboolean is_read, gpointer user_data);

/**
 * FoyerNodeHost:
 * @choose: (transfer full) (nullable): the label of a device for a node of that
 *   name, which none of @taken (array zero-terminated=1) is; makes one where that
 *   can be. %NULL with an error
 * @open: opens the device of that label, made anew where that can be, and checks
 *   on the opened descriptor that it is that one. -1 with an error. @out_path
 *   (out) (transfer full): its path
 * @allow: from now on nobody but us and @uid may open it; %G_MAXUINT32 for
 *   nobody but us
 * @watch: (transfer full): tells of readers, first perhaps before it returns; of
 *   one whose device a worker has started already
 * @unwatch: (transfer full) (nullable): tells nothing more
 * @user_data: handed to the first three
 *
 * How foyerd reaches them; a test has its own.
 */
typedef struct
{
  char *(*choose) (gpointer user_data, const char *name,
      const char *const *taken, GError **error);
  int (*open) (gpointer user_data, const char *label, char **out_path,
      GError **error);
  gboolean (*allow) (gpointer user_data, int fd, guint32 uid, GError **error);
  FoyerNodeReaders *(*watch) (gpointer user_data, int fd, const char *path,
      FoyerNodeReadersChanged changed, gpointer changed_data);
  void (*unwatch) (FoyerNodeReaders *readers);
  gpointer user_data;
} FoyerNodeHost;

/* (transfer none): the kernel's. */
const FoyerNodeHost *foyer_node_host_get_system (void);

/**
 * foyer_node_label_make:
 * @name: of a node
 *
 * Returns: (transfer full): the label of a device that is made for it: whole
 *   letters, as many as there is room for
 */
char *foyer_node_label_make (const char *name);

/* Whether a device of that driver and label is Foyer's; as V4L2 tells them. */
gboolean foyer_node_is_ours (const char *driver, const char *label);

/* foyer-node-readers.c: of the kernel's host */
FoyerNodeReaders *foyer_node_readers_new (int fd, const char *path,
    FoyerNodeReadersChanged changed, gpointer user_data);
void foyer_node_readers_free (FoyerNodeReaders *self);

G_END_DECLS
