/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-encoder.h"

#include <gst/video/video.h>
#include <sys/prctl.h>

/* A key frame now and then lets a display that lost a frame skip ahead. Seldom,
 * since each takes longer on its way than the rest, and the sending engine asks
 * for one by itself when a display is stuck. */
#define KEY_INTERVAL_S 5

typedef struct
{
  const char *name;
  const char *value;
} Setting;

/* A property that an installed version does not have is left alone. */
struct _FoyerCastEncoderKind
{
  const char *name;
  FoyerCastCodec codec;
  gboolean needs_parser;
  const char *bps_property;
  guint bps_unit;
  const char *key_property; /* frames between key frames, at most */
  gboolean is_v4l2;         /* all of it in one structure of controls */
  gboolean needs_device;    /* of the machine's, which it opens */
  const Setting *settings;
};

/* One access unit comes out before the next picture goes in. One reference and
 * motion in whole pixels keep its memory small: for finer motion it holds every
 * picture four times. Motion of more than 64 pixels would cost 3 MB of tables.
 * Weighted prediction helps fades alone, and the look ahead is too short for
 * threads of its own: both only take memory. The small buffer keeps key frames
 * small. */
static const Setting x264_settings[] = {
  { "speed-preset", "superfast" },
  { "tune", "zerolatency" },
  { "pass", "cbr" },
  { "threads", "2" },
  { "sliced-threads", "true" },
  { "rc-lookahead", "0" },
  { "sync-lookahead", "0" },
  { "ref", "1" },
  { "bframes", "0" },
  { "mb-tree", "false" },
  { "aud", "false" },
  { "vbv-buf-capacity", "250" },
  { "option-string",
      "scenecut=0:subme=0:mvrange=64:weightp=0:lookahead-threads=1" },
  { NULL, NULL },
};

static const Setting openh264_settings[] = {
  { "rate-control", "bitrate" },
  { "complexity", "low" },
  { "usage-type", "camera" },
  { "multi-thread", "2" },
  { "enable-frame-skip", "false" },
  { "scene-change-detection", "false" },
  { NULL, NULL },
};

/* chromium media/cast/encoding/vpx_encoder.cc; but one thread: libvpx's threads
 * spin while they wait for each other, ten times the work on a busy machine. */
static const Setting vp8_settings[] = {
  { "deadline", "1" },
  { "cpu-used", "-8" },
  { "end-usage", "cbr" },
  { "lag-in-frames", "0" },
  { "undershoot", "100" },
  { "overshoot", "15" },
  { "buffer-initial-size", "500" },
  { "buffer-optimal-size", "600" },
  { "buffer-size", "1000" },
  { "dropframe-threshold", "0" },
  { "static-threshold", "1" },
  { "threads", "1" },
  { NULL, NULL },
};

static const Setting va_settings[] = {
  { "rate-control", "cbr" },
  { "b-frames", "0" },
  { "ref-frames", "1" },
  { NULL, NULL },
};

static const Setting vaapi_settings[] = {
  { "rate-control", "cbr" },
  { "max-bframes", "0" },
  { "refs", "1" },
  { NULL, NULL },
};

static const Setting nv_settings[] = {
  { "preset", "low-latency-hp" },
  { "rc-mode", "cbr" },
  { "bframes", "0" },
  { "zerolatency", "true" },
  { NULL, NULL },
};

static const Setting no_settings[] = {
  { NULL, NULL },
};

/* In order of preference: the machine's hardware first. */
/* clang-format off */
static const FoyerCastEncoderKind kinds[] = {
  { "vah264lpenc", FOYER_CAST_CODEC_H264, TRUE, "bitrate", 1000, "key-int-max", FALSE, TRUE, va_settings },
  { "vah264enc", FOYER_CAST_CODEC_H264, TRUE, "bitrate", 1000, "key-int-max", FALSE, TRUE, va_settings },
  { "vaapih264enc", FOYER_CAST_CODEC_H264, TRUE, "bitrate", 1000, "keyframe-period", FALSE, TRUE, vaapi_settings },
  { "v4l2h264enc", FOYER_CAST_CODEC_H264, TRUE, NULL, 1, NULL, TRUE, TRUE, no_settings },
  { "nvh264enc", FOYER_CAST_CODEC_H264, TRUE, "bitrate", 1000, "gop-size", FALSE, TRUE, nv_settings },
  { "x264enc", FOYER_CAST_CODEC_H264, FALSE, "bitrate", 1000, "key-int-max", FALSE, FALSE, x264_settings },
  { "openh264enc", FOYER_CAST_CODEC_H264, FALSE, "bitrate", 1, "gop-size", FALSE, FALSE, openh264_settings },
  { "vavp8enc", FOYER_CAST_CODEC_VP8, FALSE, "bitrate", 1000, "keyframe-period", FALSE, TRUE, va_settings },
  { "vaapivp8enc", FOYER_CAST_CODEC_VP8, FALSE, "bitrate", 1000, "keyframe-period", FALSE, TRUE, vaapi_settings },
  { "v4l2vp8enc", FOYER_CAST_CODEC_VP8, FALSE, NULL, 1, NULL, TRUE, TRUE, no_settings },
  { "vp8enc", FOYER_CAST_CODEC_VP8, FALSE, "target-bitrate", 1, "keyframe-max-dist", FALSE, FALSE, vp8_settings },
};
/* clang-format on */

gboolean
foyer_cast_encoder_is_known (FoyerCastCodec codec)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (GstElementFactory) factory = kinds[i].codec == codec
        ? gst_element_factory_find (kinds[i].name)
        : NULL;

    if (factory != NULL)
      return TRUE;
  }
  return FALSE;
}

static void
element_set (GstElement *element, const char *name, const char *value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), name))
    gst_util_set_object_arg (G_OBJECT (element), name, value);
}

static void
element_set_uint (GstElement *element, const char *name, guint value)
{
  g_autofree char *text = g_strdup_printf ("%u", value);

  element_set (element, name, text);
}

static guint
picture_get_key_interval (const FoyerCastPicture *picture)
{
  guint fps = picture->fps_n == 0 || picture->fps_d == 0
      ? FOYER_CAST_FIT_DEFAULT_FPS
      : picture->fps_n / picture->fps_d;

  return picture->key_ms != 0 ? MAX (fps * picture->key_ms / 1000, 1)
                              : MAX (fps, 1) * KEY_INTERVAL_S;
}

static void
v4l2_set_controls (GstElement *encoder, const FoyerCastPicture *picture,
    guint32 bps)
{
  g_autoptr (GstStructure) controls = gst_structure_new ("controls",
      "video_bitrate", G_TYPE_INT, (int) MIN (bps, G_MAXINT), "video_gop_size",
      G_TYPE_INT, (int) picture_get_key_interval (picture),
      "h264_i_frame_period", G_TYPE_INT,
      (int) picture_get_key_interval (picture), "repeat_sequence_header",
      G_TYPE_INT, 1, NULL);

  g_object_set (encoder, "extra-controls", controls, NULL);
}

void
foyer_cast_encoder_set_bps (GstElement *encoder,
    const FoyerCastEncoderKind *kind, const FoyerCastPicture *picture,
    guint32 bps)
{
  if (kind->is_v4l2)
    v4l2_set_controls (encoder, picture, bps);
  else
    element_set_uint (encoder, kind->bps_property,
        MAX (bps / kind->bps_unit, 1));
}

/* x264 asks for huge pages and rounds each of its buffers up to whole ones: at
 * 720p that is 7 MB for nothing. There is no finer switch than that of the
 * process; where huge pages are off already it changes nothing. */
static void
refuse_huge_pages (void)
{
  if (prctl (PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0)
    g_debug ("this kernel can't refuse huge pages: x264 takes more memory");
}

static GstElement *
kind_make (const FoyerCastEncoderKind *kind, const FoyerCastPicture *picture,
    guint32 bps)
{
  GstElement *encoder = gst_element_factory_make (kind->name, NULL);

  if (encoder == NULL)
    return NULL;
  if (kind->settings == x264_settings)
    refuse_huge_pages ();
  for (const Setting *s = kind->settings; s->name != NULL; s++)
    element_set (encoder, s->name, s->value);
  foyer_cast_encoder_set_bps (encoder, kind, picture, bps);
  if (kind->key_property != NULL)
    element_set_uint (encoder, kind->key_property,
        picture_get_key_interval (picture));

  if (gst_element_set_state (encoder, GST_STATE_READY) !=
      GST_STATE_CHANGE_FAILURE)
    return encoder;
  g_debug ("encoder %s is installed but can't be opened", kind->name);
  gst_element_set_state (encoder, GST_STATE_NULL);
  gst_object_unref (gst_object_ref_sink (encoder));
  return NULL;
}

GstElement *
foyer_cast_encoder_new (FoyerCastCodec codec, const FoyerCastPicture *picture,
    guint32 bps, gboolean may_open_devices, const FoyerCastEncoderKind **kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    GstElement *encoder = kinds[i].codec == codec &&
            (may_open_devices || !kinds[i].needs_device)
        ? kind_make (&kinds[i], picture, bps)
        : NULL;

    if (encoder != NULL) {
      *kind = &kinds[i];
      return encoder;
    }
  }
  return NULL;
}

const char *
foyer_cast_encoder_get_name (const FoyerCastEncoderKind *kind)
{
  return kind->name;
}

gboolean
foyer_cast_encoder_needs_parser (const FoyerCastEncoderKind *kind)
{
  return kind->needs_parser;
}

GstCaps *
foyer_cast_encoder_dup_caps (FoyerCastCodec codec)
{
  if (codec == FOYER_CAST_CODEC_H264)
    return gst_caps_from_string (
        "video/x-h264, stream-format=byte-stream, alignment=au, "
        "profile={ constrained-baseline, baseline, main, high }");
  return gst_caps_new_empty_simple ("video/x-vp8");
}

gboolean
foyer_cast_encoder_force_key (GstPad *pad)
{
  GstEvent *event =
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0);

  return GST_PAD_IS_SRC (pad) ? gst_pad_send_event (pad, event)
                              : gst_pad_push_event (pad, event);
}
