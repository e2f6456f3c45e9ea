/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ioctl.h"

#include <linux/videodev2.h>

G_BEGIN_DECLS

/* What a V4L2 device says of itself: ioctls alone, no pictures. A device may lie:
 * what it lists is counted and bounded, and what can't be right is left out.
 * foyerd asks to know cameras, a camera's worker to choose a format. A broken
 * device may make a call last; who can't wait asks from another thread.
 *
 * Errors are those of #GFileError. */

#define FOYER_V4L2_MAX_FORMATS   256  /* pixel formats */
#define FOYER_V4L2_MAX_SIZES     128  /* of one of them */
#define FOYER_V4L2_MAX_INTERVALS 64   /* of one size */
#define FOYER_V4L2_MAX_MODES     4096 /* all of it */
#define FOYER_V4L2_MIN_SIDE_PX   16
#define FOYER_V4L2_MAX_SIDE_PX   8192
#define FOYER_V4L2_MAX_FPS       1000
#define FOYER_V4L2_MAX_CONTROLS  128
#define FOYER_V4L2_MAX_CHOICES   64 /* of a menu */

/* Such a device. */
typedef FoyerIoctl FoyerV4l2;

/**
 * FoyerV4l2Card:
 * @driver: its driver's name
 * @name: what it calls itself; UTF-8
 * @bus: where the driver says it sits
 * @is_camera: it captures pictures by itself: neither metadata, output nor a
 *   loopback node, nor one that a media controller has to set up first
 */
typedef struct
{
  char driver[16];
  char name[32];
  char bus[32];
  gboolean is_camera;
} FoyerV4l2Card;

/**
 * FoyerV4l2Mode:
 * @format: pixel format, V4L2_PIX_FMT_…
 * @width_px: one size
 * @height_px: likewise
 * @fps_n: frames a second; 0 if the device does not say
 * @fps_d: never 0
 *
 * One way to capture.
 */
typedef struct
{
  guint32 format;
  guint16 width_px;
  guint16 height_px;
  guint16 fps_n;
  guint16 fps_d;
} FoyerV4l2Mode;

/**
 * FoyerV4l2Wish:
 * @width_px: enough; more is scaled down
 * @height_px: likewise
 * @fps_n: enough; more is left out
 * @fps_d: not 0
 * @has_h264: H.264 that is no larger and no faster than that will do
 */
typedef struct
{
  guint16 width_px;
  guint16 height_px;
  guint16 fps_n;
  guint16 fps_d;
  gboolean has_h264;
} FoyerV4l2Wish;

/**
 * FoyerV4l2Control:
 * @id: V4L2_CID_…
 * @kind: V4L2_CTRL_TYPE_INTEGER, _BOOLEAN, _MENU, _INTEGER_MENU or _BUTTON
 * @name: lower case, words joined by "-", such as "power-line-frequency"
 * @min: smallest value; of a menu the first choice
 * @max: largest value
 * @step: from one value to the next; at least 1
 * @standard: value it is made with
 * @value: value it has
 * @is_fixed: can be read alone, or another control governs it now
 * @choices: (element-type utf8) (nullable): of a menu, from @min to @max; "" for
 *   one that is not there
 */
typedef struct
{
  guint32 id;
  guint32 kind;
  char name[32];
  gint32 min;
  gint32 max;
  gint32 step;
  gint32 standard;
  gint32 value;
  gboolean is_fixed;
  GPtrArray *choices;
} FoyerV4l2Control;

/**
 * foyer_v4l2_read_card:
 * @self: a device
 * @card: (out caller-allocates): what it is
 * @error: return location
 *
 * Returns: %FALSE if it does not say, and so is none
 */
gboolean foyer_v4l2_read_card (const FoyerV4l2 *self, FoyerV4l2Card *card,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_v4l2_list_modes:
 * @self: a device
 * @error: return location: %G_FILE_ERROR_INVAL if there is no end of them, or none
 *   that can be right; %G_FILE_ERROR_NODEV if the device is gone meanwhile
 *
 * Of sizes in steps it lists those that are usual.
 *
 * Returns: (transfer full) (element-type FoyerV4l2Mode): in the device's order, or
 *   %NULL
 */
GArray *foyer_v4l2_list_modes (const FoyerV4l2 *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_v4l2_choose:
 * @modes: (element-type FoyerV4l2Mode): what there is
 * @wish: what is asked for
 * @mode: (out): the best
 *
 * Best is what brings most pixels a second of those asked for; then what needs
 * least work. H.264 wins if it brings half of that. Pure.
 *
 * Returns: %FALSE if there is none that Foyer can read
 */
gboolean foyer_v4l2_choose (const GArray *modes, const FoyerV4l2Wish *wish,
    FoyerV4l2Mode *mode) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_v4l2_list_controls:
 * @self: a device
 * @error: return location: %G_FILE_ERROR_INVAL if there is no end of them;
 *   %G_FILE_ERROR_NODEV if the device is gone meanwhile
 *
 * Returns: (transfer full) (element-type FoyerV4l2Control): those of kinds that are
 *   known; empty if there are none; or %NULL
 */
GArray *foyer_v4l2_list_controls (const FoyerV4l2 *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_v4l2_set_control:
 * @self: a device
 * @id: V4L2_CID_…
 * @value: in its range
 * @error: return location
 *
 * Returns: %FALSE if the device refused
 */
gboolean foyer_v4l2_set_control (const FoyerV4l2 *self, guint32 id,
    gint32 value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
