/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A camera that the service gave to this process, as long as this lasts: asked for
 * on a connection of its own to the bus, so that letting it go ends the session.
 * What ends it earlier is heard on GDBus's thread. */

typedef struct _FoyerOpen FoyerOpen;

/**
 * FoyerOpenWish:
 * @bus: "system", "session", or the address of a bus
 * @camera: name, identity or number
 * @app: what this process calls itself
 * @codec: "raw", "h264" or "vp8"
 * @width_px: of its pictures
 * @height_px: likewise
 * @fps: frames a second at most
 */
typedef struct
{
  const char *bus;
  const char *camera;
  const char *app;
  const char *codec;
  guint32 width_px;
  guint32 height_px;
  guint32 fps;
} FoyerOpenWish;

/**
 * foyer_open_new:
 * @wish: what is asked for
 * @out_link: (out): the link's reading end, owned by the caller
 * @error: return location: what the bus or the service said, without the error's
 *   name: in %G_IO_ERROR, %G_IO_ERROR_PERMISSION_DENIED if the rules deny it and
 *   %G_IO_ERROR_NOT_FOUND if there is no such camera or no service
 *
 * Blocks for as long as the service takes to answer.
 *
 * Returns: (transfer full): the camera, or %NULL
 */
FoyerOpen *foyer_open_new (const FoyerOpenWish *wish, int *out_link,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Number of the session. */
guint64 foyer_open_get_session (const FoyerOpen *self);

/**
 * foyer_open_wait_end:
 * @self: a camera whose link has ended
 * @limit_us: how long to wait at most
 * @out_reason: (out) (transfer full): one word, as Session.Reason; "gone" if the
 *   service is no more, "unknown" if nothing was heard
 * @out_words: (out) (transfer full): a sentence
 *
 * Any thread.
 *
 * Returns: %FALSE if foyer_open_stop() was called: then nothing is set
 */
gboolean foyer_open_wait_end (FoyerOpen *self, gint64 limit_us,
    char **out_reason, char **out_words);

/* Ends the session; whoever waits, waits no longer. Returns when no frame comes
 * any more. */
void foyer_open_stop (FoyerOpen *self);

/* (transfer full) (nullable): stops it first */
void foyer_open_free (FoyerOpen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerOpen, foyer_open_free)

G_END_DECLS
