/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a camera in user space is like: shared by its parts, set once. */

typedef enum
{
  FOYER_USB_FORMAT_YUYV,
  FOYER_USB_FORMAT_MJPEG,
  FOYER_USB_FORMAT_H264,
} FoyerUsbFormat;
#define FOYER_USB_N_FORMATS 3

/* What its descriptors claim against better knowledge. */
typedef enum
{
  FOYER_USB_LIE_NONE,
  FOYER_USB_LIE_NO_FORMATS,
  FOYER_USB_LIE_ZERO_SIZE,
  FOYER_USB_LIE_HUGE_SIZE,
  FOYER_USB_LIE_ZERO_INTERVAL,
  FOYER_USB_LIE_MANY_SIZES,
  FOYER_USB_LIE_CUT,
} FoyerUsbLie;

/**
 * FoyerUsbSize:
 *
 * One of the sizes of a format, in pixels.
 */
typedef struct
{
  int width_px;
  int height_px;
} FoyerUsbSize;

/**
 * FoyerUsbOptions:
 * @port: of the virtual host, 0 to 7; gives the physical path
 * @serial: "" for a camera that has none
 * @product: as it names itself
 * @vendor_id: USB vendor
 * @product_id: USB product
 * @camera: what its pictures' marks say
 * @rate_fps: pictures per second
 * @is_bulk: whether it streams by bulk instead of isochronous transfers
 * @formats: those it offers, in order
 * @n_formats: how many of them
 * @wedge_after: pictures until it sends nothing more; below 0 for never
 * @short_every: each so many-th picture is half sent; 0 for none
 * @corrupt_every: each so many-th picture is damaged; 0 for none
 * @key_every: H.264 pictures from key frame to key frame
 * @is_endless: whether pictures never end
 * @lie: what the descriptors claim
 * @has_sound: whether it has a microphone
 * @sound_hz: the rate that it really has
 * @keep: file that pictures are appended to as they are sent; %NULL for none
 */
typedef struct
{
  int port;
  char *serial;
  char *product;
  guint16 vendor_id;
  guint16 product_id;
  guint16 camera;
  int rate_fps;
  gboolean is_bulk;
  FoyerUsbFormat formats[FOYER_USB_N_FORMATS];
  guint n_formats;
  int wedge_after;
  int short_every;
  int corrupt_every;
  int key_every;
  gboolean is_endless;
  FoyerUsbLie lie;
  gboolean has_sound;
  int sound_hz;
  char *keep;
} FoyerUsbOptions;

#define FOYER_USB_N_SIZES 2

/**
 * foyer_usb_options_parse:
 * @self: (out caller-allocates): what was asked for
 * @argc: (inout): of main()
 * @argv: (inout): of main()
 *
 * Returns: %FALSE, with @error set, if the command line makes no sense
 */
gboolean foyer_usb_options_parse (FoyerUsbOptions *self, int *argc,
    char ***argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_usb_options_clear:
 *
 * Frees what the options hold.
 */
void foyer_usb_options_clear (FoyerUsbOptions *self);

/**
 * foyer_usb_format_get_size:
 * @format: one of the formats
 * @index: below %FOYER_USB_N_SIZES
 *
 * JPEG sizes are such that the mark's cells consist of whole blocks, H.264
 * sizes consist of whole macroblocks.
 *
 * Returns: the size in which such pictures really come
 */
static inline FoyerUsbSize
foyer_usb_format_get_size (FoyerUsbFormat format, guint index)
{
  static const FoyerUsbSize sizes[FOYER_USB_N_FORMATS][FOYER_USB_N_SIZES] = {
    { { 320, 180 }, { 640, 360 } },
    { { 640, 480 }, { 1280, 720 } },
    { { 320, 240 }, { 640, 480 } },
  };

  return sizes[format][index];
}

G_END_DECLS
