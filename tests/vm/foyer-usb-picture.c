/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-usb-picture.h"

#include "foyer-mark.h"
#include "foyer-usb-h264.h"
#include "foyer-usb-jpeg.h"

#include <string.h>

#define NEUTRAL         128
#define YUYV_STEP       2
#define MAX_HEADER      1024
#define MACROBLOCK_PX   16
#define N_PCM_BYTES     386
#define SCENE_STRIPE_PX 16
#define DARKEST         24
#define BRIGHTEST       232

struct _FoyerUsbPicture
{
  const FoyerUsbOptions *options;
  FoyerUsbFormat format;
  FoyerUsbSize size;
  guint8 *luma;
  int brightness; /* of the scene as it is painted */
  guint n_made;
  FoyerUsbH264 h264;
  GByteArray *out;
};

guint
foyer_usb_picture_get_max_bytes (FoyerUsbFormat format, FoyerUsbSize size)
{
  guint n_px = (guint) (size.width_px * size.height_px);

  switch (format) {
    case FOYER_USB_FORMAT_YUYV:
      return n_px * YUYV_STEP;
    case FOYER_USB_FORMAT_MJPEG:
      return MAX_HEADER + n_px / 4;
    case FOYER_USB_FORMAT_H264:
      return MAX_HEADER + n_px / MACROBLOCK_PX / MACROBLOCK_PX * N_PCM_BYTES;
  }
  return 0;
}

FoyerUsbPicture *
foyer_usb_picture_new (const FoyerUsbOptions *options, FoyerUsbFormat format,
    FoyerUsbSize size)
{
  FoyerUsbPicture *self = g_new0 (FoyerUsbPicture, 1);

  self->options = options;
  self->format = format;
  self->size = size;
  self->luma = g_malloc ((gsize) size.width_px * (gsize) size.height_px);
  self->brightness = -1;
  self->h264 = (FoyerUsbH264){ .width_px = size.width_px,
    .height_px = size.height_px };
  self->out = g_byte_array_new ();
  return self;
}

/* Stripes below the mark, different for each camera. */
static void
paint_scene (FoyerUsbPicture *self, int brightness)
{
  int width_px = self->size.width_px;

  if (self->brightness == brightness)
    return;
  self->brightness = brightness;
  for (int y = 0; y < self->size.height_px; y++) {
    int stripe = y / SCENE_STRIPE_PX * (self->options->camera * 8 + 8) % 64;
    int value = CLAMP (brightness + stripe - 32, DARKEST, BRIGHTEST);

    memset (self->luma + y * width_px, value, (gsize) width_px);
  }
  /* The pictures so far show another scene. */
  self->n_made = 0;
}

static void
write_yuyv (FoyerUsbPicture *self)
{
  guint n_px = (guint) (self->size.width_px * self->size.height_px);

  if (self->out->len != n_px * YUYV_STEP) {
    g_byte_array_set_size (self->out, n_px * YUYV_STEP);
    memset (self->out->data, NEUTRAL, self->out->len);
  }
  for (guint i = 0; i < n_px; i++)
    self->out->data[i * YUYV_STEP] = self->luma[i];
}

static void
write_h264 (FoyerUsbPicture *self)
{
  int n_rows = foyer_mark_get_height_px (self->size.width_px,
      self->size.height_px);

  if (self->n_made % (guint) self->options->key_every == 0)
    foyer_usb_h264_write_key (&self->h264, self->out, self->luma);
  else
    foyer_usb_h264_write_rest (&self->h264, self->out, self->luma, n_rows);
}

GByteArray *
foyer_usb_picture_make (FoyerUsbPicture *self, guint32 number,
    guint64 capture_time_ns, int brightness)
{
  const FoyerMark mark = { .camera = self->options->camera,
    .number = number,
    .capture_time_ns = capture_time_ns };

  paint_scene (self, brightness);
  if (!foyer_mark_paint (&mark, self->luma, (gsize) self->size.width_px,
          self->size.width_px, self->size.height_px))
    g_error ("the size is too small for a mark");
  if (self->format != FOYER_USB_FORMAT_YUYV)
    g_byte_array_set_size (self->out, 0);
  switch (self->format) {
    case FOYER_USB_FORMAT_YUYV:
      write_yuyv (self);
      break;
    case FOYER_USB_FORMAT_MJPEG:
      foyer_usb_jpeg_write (self->out, self->luma, self->size.width_px,
          self->size.height_px);
      break;
    case FOYER_USB_FORMAT_H264:
      write_h264 (self);
      break;
  }
  self->n_made++;
  return self->out;
}

void
foyer_usb_picture_free (FoyerUsbPicture *self)
{
  g_byte_array_unref (self->out);
  g_free (self->luma);
  g_free (self);
}
