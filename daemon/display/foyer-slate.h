/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The picture of a display that shows nothing: its name on an empty ground.
 * Drawn from the name alone; no camera's picture ever comes near it. Pure. */

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

G_END_DECLS
