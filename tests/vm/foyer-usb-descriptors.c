/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-usb-descriptors.h"

#include "foyer-tone.h"
#include "foyer-usb-picture.h"
#include "foyer-usb-sound.h"

#include <string.h>

#define LOW(v)  ((guint8) ((v) &255))
#define LE16(v) LOW (v), LOW ((v) >> 8)
#define LE32(v) LE16 (v), LOW ((v) >> 16), LOW ((v) >> 24)
#define APPEND(out, ...)                                     \
  g_byte_array_append (out, (const guint8[]){ __VA_ARGS__ }, \
      sizeof ((const guint8[]){ __VA_ARGS__ }))

#define MAX_PACKET_ISO  0x1400 /* three times 1024 in a microframe */
#define MAX_PACKET_BULK 512
#define CS_INTERFACE    0x24
#define CS_ENDPOINT     0x25
#define N_LISTEN_BYTES  (9 + 12 + 9)
#define LE24(v)         LE16 (v), LOW ((v) >> 16)
#define N_CONTROL_BYTES (13 + 17 + 12 + 9)
#define N_MANY_SIZES    200
#define CUT_BYTES       20

enum
{
  STRING_LANGUAGES,
  STRING_MAKER,
  STRING_PRODUCT,
  STRING_SERIAL
};

GByteArray *
foyer_usb_descriptors_new_device (const FoyerUsbOptions *options)
{
  GByteArray *out = g_byte_array_new ();

  /* Miscellaneous class: interfaces are associated. */
  APPEND (out, 18, 1, LE16 (0x200), 0xef, 2, 1, 64, LE16 (options->vendor_id),
      LE16 (options->product_id), LE16 (0x100), STRING_MAKER, STRING_PRODUCT,
      options->serial[0] != '\0' ? STRING_SERIAL : 0, 1);
  return out;
}

/* Camera, processing unit with brightness and mains frequency, output. */
static void
append_control (GByteArray *out)
{
  APPEND (out, 9, 4, FOYER_USB_CONTROL_INTERFACE, 0, 0, 14, 1, 0, 2);
  APPEND (out, 13, CS_INTERFACE, 1, LE16 (0x110), LE16 (N_CONTROL_BYTES),
      LE32 (FOYER_USB_CLOCK_HZ), 1, FOYER_USB_STREAM_INTERFACE);
  APPEND (out, 17, CS_INTERFACE, 2, 1, LE16 (0x201), 0, 0, LE16 (0), LE16 (0),
      LE16 (0), 2, 0, 0);
  APPEND (out, 12, CS_INTERFACE, 5, FOYER_USB_PROCESSING_UNIT, 1, LE16 (0), 2,
      0x01, 0x04, 0, 0);
  APPEND (out, 9, CS_INTERFACE, 3, 2, LE16 (0x101), 0,
      FOYER_USB_PROCESSING_UNIT, 0);
}

static guint
get_n_sizes (const FoyerUsbOptions *options)
{
  return options->lie == FOYER_USB_LIE_MANY_SIZES ? N_MANY_SIZES
                                                  : FOYER_USB_N_SIZES;
}

static FoyerUsbSize
get_claimed_size (const FoyerUsbOptions *options, FoyerUsbFormat format,
    guint index)
{
  switch (options->lie) {
    case FOYER_USB_LIE_ZERO_SIZE:
      return (FoyerUsbSize){ 0, 0 };
    case FOYER_USB_LIE_HUGE_SIZE:
      return (FoyerUsbSize){ G_MAXUINT16, G_MAXUINT16 };
    case FOYER_USB_LIE_NONE:
    case FOYER_USB_LIE_NO_FORMATS:
    case FOYER_USB_LIE_ZERO_INTERVAL:
    case FOYER_USB_LIE_MANY_SIZES:
    case FOYER_USB_LIE_CUT:
      break;
  }
  return foyer_usb_format_get_size (format, index % FOYER_USB_N_SIZES);
}

static void
append_format (GByteArray *out, const FoyerUsbOptions *options, guint index)
{
  guint8 n_sizes = (guint8) get_n_sizes (options);
  guint8 number = (guint8) (index + 1);

  switch (options->formats[index]) {
    case FOYER_USB_FORMAT_YUYV:
      APPEND (out, 27, CS_INTERFACE, 4, number, n_sizes, 'Y', 'U', 'Y', '2', 0,
          0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71, 16, 1, 0, 0, 0, 0);
      break;
    case FOYER_USB_FORMAT_MJPEG:
      APPEND (out, 11, CS_INTERFACE, 6, number, n_sizes, 1, 1, 0, 0, 0, 0);
      break;
    case FOYER_USB_FORMAT_H264:
      APPEND (out, 28, CS_INTERFACE, 0x10, number, n_sizes, 'H', '2', '6', '4',
          0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71, 16, 1, 0, 0, 0,
          0, 1);
      break;
  }
}

static void
append_size (GByteArray *out, const FoyerUsbOptions *options,
    FoyerUsbFormat format, guint index)
{
  static const guint8 subtypes[FOYER_USB_N_FORMATS] = { 5, 7, 0x11 };
  FoyerUsbSize size = get_claimed_size (options, format, index);
  FoyerUsbSize real = foyer_usb_format_get_size (format,
      index % FOYER_USB_N_SIZES);
  guint32 n_bytes = foyer_usb_picture_get_max_bytes (format, real);
  guint32 n_bits = n_bytes * 8 * (guint32) options->rate_fps;
  guint32 interval = options->lie == FOYER_USB_LIE_ZERO_INTERVAL
      ? 0
      : FOYER_USB_INTERVALS_PER_S / (guint32) options->rate_fps;

  APPEND (out, 30, CS_INTERFACE, subtypes[format], (guint8) (index + 1), 0,
      LE16 (size.width_px), LE16 (size.height_px), LE32 (n_bits),
      LE32 (n_bits));
  /* What comes here is in another order where pictures vary in size. */
  if (format == FOYER_USB_FORMAT_H264)
    APPEND (out, LE32 (interval), 1, LE32 (0), LE32 (interval));
  else
    APPEND (out, LE32 (n_bytes), LE32 (interval), 1, LE32 (interval));
}

/* The stream's formats and their sizes, behind a header that says how long it
 * all is. */
static void
append_formats (GByteArray *out, const FoyerUsbOptions *options)
{
  guint n_formats = options->lie == FOYER_USB_LIE_NO_FORMATS
      ? 0
      : options->n_formats;
  guint begin = out->len;
  guint n_bytes;

  APPEND (out, (guint8) (13 + n_formats), CS_INTERFACE, 1, (guint8) n_formats,
      0, 0, 0x80 | FOYER_USB_ENDPOINT, 0, 2, 0, 0, 0, 1);
  for (guint i = 0; i < n_formats; i++)
    APPEND (out, 0);
  for (guint i = 0; i < n_formats; i++) {
    append_format (out, options, i);
    for (guint k = 0; k < get_n_sizes (options); k++)
      append_size (out, options, options->formats[i], k);
    APPEND (out, 6, CS_INTERFACE, 0x0d, 1, 1, 4);
  }
  n_bytes = out->len - begin;
  out->data[begin + 4] = LOW (n_bytes);
  out->data[begin + 5] = LOW (n_bytes >> 8);
}

/* A microphone: what it is, and its stream, which has no packets before it is asked
 * for: mono, 16 bits, one rate, a packet each eighth microframe. */
static void
append_sound (GByteArray *out)
{
  APPEND (out, 8, 11, FOYER_USB_LISTEN_INTERFACE, 2, 1, 0, 0, 0);
  APPEND (out, 9, 4, FOYER_USB_LISTEN_INTERFACE, 0, 0, 1, 1, 0, 0);
  APPEND (out, 9, CS_INTERFACE, 1, LE16 (0x100), LE16 (N_LISTEN_BYTES), 1,
      FOYER_USB_SOUND_INTERFACE);
  APPEND (out, 12, CS_INTERFACE, 2, 1, LE16 (0x201), 0, 1, LE16 (0), 0, 0);
  APPEND (out, 9, CS_INTERFACE, 3, 2, LE16 (0x101), 0, 1, 0);
  APPEND (out, 9, 4, FOYER_USB_SOUND_INTERFACE, 0, 0, 1, 2, 0, 0);
  APPEND (out, 9, 4, FOYER_USB_SOUND_INTERFACE, 1, 1, 1, 2, 0, 0);
  APPEND (out, 7, CS_INTERFACE, 1, 2, 1, LE16 (1));
  APPEND (out, 11, CS_INTERFACE, 2, 1, 1, 2, 16, 1, LE24 (FOYER_TONE_HZ));
  APPEND (out, 9, 5, 0x80 | FOYER_USB_SOUND_ENDPOINT, 5,
      LE16 (FOYER_USB_SOUND_BYTES), 4, 0, 0);
  APPEND (out, 7, CS_ENDPOINT, 1, 0, 0, LE16 (0));
}

GByteArray *
foyer_usb_descriptors_new_configuration (const FoyerUsbOptions *options)
{
  GByteArray *out = g_byte_array_new ();

  APPEND (out, 9, 2, LE16 (0), options->has_sound ? 4 : 2, 1, 0, 0x80, 250);
  APPEND (out, 8, 11, 0, 2, 14, 3, 0, STRING_PRODUCT);
  append_control (out);
  APPEND (out, 9, 4, FOYER_USB_STREAM_INTERFACE, 0, options->is_bulk ? 1 : 0,
      14, 2, 0, 0);
  append_formats (out, options);
  if (options->is_bulk) {
    APPEND (out, 7, 5, 0x80 | FOYER_USB_ENDPOINT, 2, LE16 (MAX_PACKET_BULK), 0);
  } else {
    APPEND (out, 9, 4, FOYER_USB_STREAM_INTERFACE, 1, 1, 14, 2, 0, 0);
    APPEND (out, 7, 5, 0x80 | FOYER_USB_ENDPOINT, 5, LE16 (MAX_PACKET_ISO), 1);
  }
  if (options->has_sound)
    append_sound (out);
  if (options->lie == FOYER_USB_LIE_CUT)
    g_byte_array_set_size (out, out->len - CUT_BYTES);
  out->data[2] = LOW (out->len);
  out->data[3] = LOW (out->len >> 8);
  return out;
}

GByteArray *
foyer_usb_descriptors_new_string (const FoyerUsbOptions *options, guint index)
{
  const char *strings[] = { NULL, "Foyer", options->product, options->serial };
  GByteArray *out;

  if (index >= G_N_ELEMENTS (strings))
    return NULL;
  out = g_byte_array_new ();
  if (index == STRING_LANGUAGES) {
    APPEND (out, 4, 3, LE16 (0x409));
    return out;
  }
  APPEND (out, (guint8) (2 + 2 * strlen (strings[index])), 3);
  for (const char *at = strings[index]; *at != '\0'; at++)
    APPEND (out, (guint8) *at, 0);
  return out;
}
