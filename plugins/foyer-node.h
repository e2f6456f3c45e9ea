/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The writing end of a v4l2loopback node: frames go into its ring, and nothing of
 * them stays there. The ring is memory that readers map, and that the next
 * producer gets; so every byte of it is a slate's before the first frame, and
 * again whenever frames end. Works with both generations of the module, and
 * relies on none of their options.
 *
 * The ring belongs to an *opened* device: a process that gets the descriptor of
 * one that was killed goes on where that one was, and readers see neither an end
 * nor another format. One owner, one thread. Links no GStreamer. */

#define FOYER_NODE_MIN_PX   16
#define FOYER_NODE_MAX_PX   8192
#define FOYER_NODE_MAX_FPS  240
#define FOYER_NODE_N_PLANES 3

/**
 * FoyerNodeDevice:
 * @control: an ioctl: 0, or a negative errno
 * @map: maps a part of the device, to write to; %NULL if it is none of its own
 * @unmap: undoes that
 * @user_data: handed to all
 *
 * How to reach a device; a test has its own.
 */
typedef struct
{
  int (*control) (gpointer user_data, int fd, unsigned long request,
      void *argument);
  guint8 *(*map) (gpointer user_data, int fd, gsize n_bytes, gint64 offset);
  void (*unmap) (gpointer user_data, guint8 *data, gsize n_bytes);
  gpointer user_data;
} FoyerNodeDevice;

/**
 * FoyerNodeShape:
 * @width_px: columns, even, FOYER_NODE_MIN_PX to FOYER_NODE_MAX_PX
 * @height_px: lines, likewise
 * @fps_n: frames a second that are announced, numerator
 * @fps_d: denominator, not 0
 *
 * What a node shows: I420 without padding.
 */
typedef struct
{
  guint width_px;
  guint height_px;
  guint fps_n;
  guint fps_d;
} FoyerNodeShape;

typedef struct _FoyerNode FoyerNode;

/* Whether a node can have that shape. */
gboolean foyer_node_shape_is_valid (const FoyerNodeShape *shape);

/* Bytes of each picture. */
gsize foyer_node_shape_get_bytes (const FoyerNodeShape *shape);

/**
 * foyer_node_new:
 * @fd: (transfer none): the device, opened to read and write; outlives the node
 * @shape: what it shows from now on
 * @title: the slate's words, UTF-8: the camera's name
 * @line: and below
 * @device: (nullable) (transfer none): %NULL for the kernel's
 * @error: return location
 *
 * Settles the format, or takes over a ring that has it already, and fills the
 * ring with the slate.
 *
 * Returns: (transfer full): a node that shows the slate, or %NULL with a
 *   #GIOErrorEnum: %G_IO_ERROR_INVALID_ARGUMENT for a shape that can't be,
 *   %G_IO_ERROR_BUSY if another program writes to it or keeps it in another
 *   format, or what the device said
 */
FoyerNode *foyer_node_new (int fd, const FoyerNodeShape *shape,
    const char *title, const char *line, const FoyerNodeDevice *device,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_node_put:
 * @self: a node
 * @data: (array length=n_bytes): one frame
 * @n_bytes: exactly foyer_node_shape_get_bytes()
 * @error: return location
 *
 * Shows a frame: it is copied once, into the ring.
 *
 * Returns: %FALSE with a #GIOErrorEnum if it is of another size, or the device
 *   refused it
 */
gboolean foyer_node_put (FoyerNode *self, const guint8 *data, gsize n_bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_node_put_planes:
 * @self: a node
 * @planes: (array fixed-size=3): Y, U and V, of the node's size
 * @strides_bytes: (array fixed-size=3): from one line to the next
 * @error: return location
 *
 * The same for a frame whose lines are padded. As foyer_node_put().
 */
gboolean foyer_node_put_planes (FoyerNode *self, const guint8 *const *planes,
    const gsize *strides_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Shows the slate once, for readers that wait for a picture. As
 * foyer_node_put(). */
gboolean foyer_node_put_slate (FoyerNode *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_node_scrub:
 * @self: a node
 * @error: return location
 *
 * Writes the slate over all of the ring's memory, whatever a reader has made of
 * its order, and then shows it as often as the ring has room and twice more.
 *
 * Returns: %FALSE with a #GIOErrorEnum if the device refused the latter; the
 *   memory is clean all the same
 */
gboolean foyer_node_scrub (FoyerNode *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Frames, slates not among them. */
guint64 foyer_node_get_n_frames (const FoyerNode *self);

/* (transfer full) (nullable): scrubs it if a frame was shown since. */
void foyer_node_free (FoyerNode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerNode, foyer_node_free)

G_END_DECLS
