/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The picture of a display that shows nothing: words on an empty ground. Drawn
 * from the words alone; no camera's picture ever comes near it. Pure. */

#define FOYER_SLATE_WIDTH_PX  1280
#define FOYER_SLATE_HEIGHT_PX 720

/* I420 with no padding. */
#define FOYER_SLATE_BYTES (FOYER_SLATE_WIDTH_PX * FOYER_SLATE_HEIGHT_PX * 3 / 2)

/**
 * foyer_slate_draw:
 * @out: (out caller-allocates) (array fixed-size=FOYER_SLATE_BYTES): I420
 * @name: UTF-8; letters that the slate's own face lacks become boxes
 */
void foyer_slate_draw (guint8 *out, const char *name);

/**
 * foyer_slate_draw_sized:
 * @out: (out caller-allocates): I420, width_px * height_px * 3 / 2 bytes
 * @width_px: columns, even
 * @height_px: lines, even
 * @title: UTF-8, large
 * @line: UTF-8, small, below
 *
 * The same for any size and words.
 */
void foyer_slate_draw_sized (guint8 *out, guint width_px, guint height_px,
    const char *title, const char *line);

G_END_DECLS
