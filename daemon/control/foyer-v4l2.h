/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a V4L2 device says of itself, and none of it believed: every number is
 * checked, every enumeration ends. No media library. One thread; calls may
 * block for as long as a driver does. */

/* Limits on what a device may claim. */
#define FOYER_V4L2_MAX_FORMATS   32
#define FOYER_V4L2_MAX_SIZES     64 /* of a format */
#define FOYER_V4L2_MAX_INTERVALS 32 /* of a size */
#define FOYER_V4L2_MAX_MODES     512
#define FOYER_V4L2_MIN_SIDE_PX   16
#define FOYER_V4L2_MAX_SIDE_PX   8192
#define FOYER_V4L2_MAX_RATE_FPS  240
#define FOYER_V4L2_TEXT_BYTES    33 /* with the NUL; UTF-8 */

/**
 * FoyerV4l2Device:
 * @call: does what ioctl() does: at least 0, or -1 with errno set
 * @user_data: handed to it
 *
 * A device as something to ask; a fake one in tests.
 */
typedef struct
{
  int (*call) (gpointer user_data, unsigned long request, void *argument);
  gpointer user_data;
} FoyerV4l2Device;

/**
 * foyer_v4l2_device_make:
 * @fd: (transfer none): an open device; outlives the result
 *
 * Returns: the device behind the descriptor; interrupted calls are repeated
 */
FoyerV4l2Device foyer_v4l2_device_make (const int *fd);

/**
 * FoyerV4l2Card:
 * @name: as the device calls itself
 * @driver: of the kernel
 * @place: where the kernel says it is
 * @is_camera: whether it captures pictures into mapped buffers, and neither
 *   codes them nor plays them out
 * @is_loopback: whether another program fills it
 *
 * Texts are valid UTF-8 without control characters.
 */
typedef struct
{
  char name[FOYER_V4L2_TEXT_BYTES];
  char driver[FOYER_V4L2_TEXT_BYTES];
  char place[FOYER_V4L2_TEXT_BYTES];
  gboolean is_camera;
  gboolean is_loopback;
} FoyerV4l2Card;

/**
 * foyer_v4l2_query:
 * @self: the device
 * @card: (out caller-allocates): what it is; untouched on failure
 * @error: return location: a #GIOErrorEnum
 *
 * Returns: %FALSE if it is no V4L2 device, or no device any more
 */
gboolean foyer_v4l2_query (const FoyerV4l2Device *self, FoyerV4l2Card *card,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What pictures come as. */
typedef enum
{
  FOYER_V4L2_FORMAT_NONE = 0,
  FOYER_V4L2_FORMAT_RAW,
  FOYER_V4L2_FORMAT_MJPEG,
  FOYER_V4L2_FORMAT_H264,
} FoyerV4l2Format;

/**
 * foyer_v4l2_format_from_fourcc:
 * @fourcc: of linux/videodev2.h
 *
 * Returns: what it is; %FOYER_V4L2_FORMAT_NONE for what we make nothing of
 */
FoyerV4l2Format foyer_v4l2_format_from_fourcc (guint32 fourcc);

/**
 * FoyerV4l2Mode:
 * @format: what pictures come as
 * @fourcc: the same in V4L2's words
 * @width_px: within the limits
 * @height_px: within the limits
 * @fps_n: pictures a second, numerator; 0 if the device does not say
 * @fps_d: denominator, never 0
 *
 * One way in which a camera gives pictures.
 */
typedef struct
{
  FoyerV4l2Format format;
  guint32 fourcc;
  guint16 width_px;
  guint16 height_px;
  guint32 fps_n;
  guint32 fps_d;
} FoyerV4l2Mode;

/**
 * foyer_v4l2_list_modes:
 * @self: the device
 * @error: return location: %G_IO_ERROR_NOT_SUPPORTED if it has no mode that we
 *   make anything of; else what the driver said
 *
 * Of devices with a range of sizes, common sizes within it are listed. What is
 * beyond the limits is left out.
 *
 * Returns: (transfer full): an array of #FoyerV4l2Mode, at most
 *   %FOYER_V4L2_MAX_MODES and at least one; or %NULL
 */
GArray *foyer_v4l2_list_modes (const FoyerV4l2Device *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_v4l2_copy_text:
 * @to: (out caller-allocates): valid UTF-8 without control characters
 * @from: bytes of a driver, maybe without an end
 * @n_from: how many at most
 */
void foyer_v4l2_copy_text (char to[FOYER_V4L2_TEXT_BYTES], const guint8 *from,
    gsize n_from);

/**
 * foyer_v4l2_fail:
 * @error: return location
 * @what: what was tried
 *
 * Sets @error from errno.
 */
void foyer_v4l2_fail (GError **error, const char *what);

G_END_DECLS
