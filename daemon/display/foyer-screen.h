/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What the display shows at this moment: the slate, or the one picture whose
 * time has come; in a window, or for a snapshot only. It keeps that one picture
 * and no other. */

typedef struct _FoyerScreen FoyerScreen;

/**
 * foyer_screen_new:
 * @name: what the slate says
 * @has_window: open a window
 * @error: return location
 *
 * Returns: (transfer full): a screen with the slate on it, or %NULL if there
 *   can't be a window
 */
FoyerScreen *foyer_screen_new (const char *name, gboolean has_window,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Any thread. Shows a picture; refers to it, copies nothing. */
void foyer_screen_show (FoyerScreen *self, GstBuffer *buffer, GstCaps *caps);

/* Any thread. Back to the slate; the picture is let go. */
void foyer_screen_show_slate (FoyerScreen *self);

/**
 * foyer_screen_save:
 * @self: a screen
 * @path: PNG file to write, atomically
 * @error: return location
 *
 * Returns: %FALSE if the picture could not be coded or written
 */
gboolean foyer_screen_save (FoyerScreen *self, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none) (nullable): the bus of the window's pipeline */
GstBus *foyer_screen_get_bus (FoyerScreen *self);

/* (transfer full) (nullable): closes the window */
void foyer_screen_free (FoyerScreen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerScreen, foyer_screen_free)

G_END_DECLS
