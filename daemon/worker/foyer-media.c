/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-media.h"

#include "foyerlinksink.h"
#include "foyermark.h"
#include "foyertag.h"

#define LOAD_WIDTH_PX  320
#define LOAD_HEIGHT_PX 180
#define LOAD_BPS       300000

/* One of each is made and thrown away: that loads what it needs. */
gboolean
foyer_media_load_element (const char *name, GError **error)
{
  GstElement *element = gst_element_factory_make (name, NULL);

  if (element == NULL) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "this needs the GStreamer element %s, which is not installed", name);
    return FALSE;
  }
  gst_object_unref (gst_object_ref_sink (element));
  return TRUE;
}

static gboolean
load_encoder (FoyerCodec codec)
{
  const FoyerShape shape = { codec, LOAD_WIDTH_PX, LOAD_HEIGHT_PX, 30, 1,
    LOAD_BPS };
  const FoyerCastPicture picture = foyer_media_get_picture (&shape);
  const FoyerCastEncoderKind *kind;
  GstElement *encoder = foyer_cast_encoder_new (foyer_media_get_cast_codec (
                                                    codec),
      &picture, LOAD_BPS, FALSE, &kind);

  if (encoder == NULL)
    return FALSE;
  gst_element_set_state (encoder, GST_STATE_NULL);
  gst_object_unref (gst_object_ref_sink (encoder));
  return TRUE;
}

gboolean
foyer_media_load (const char *const *names, GError **error)
{
  /* Orc would make machine code as it goes, and no memory runs here that was
   * written. That costs scaling two thirds of its speed. */
  g_setenv ("ORC_CODE", "backup", TRUE);
  if (!gst_init_check (NULL, NULL, error))
    return FALSE;
  GST_ELEMENT_REGISTER (foyerlinksink, NULL);
  GST_ELEMENT_REGISTER (foyermark, NULL);
  GST_ELEMENT_REGISTER (foyertag, NULL);
  for (; *names != NULL; names++)
    if (!foyer_media_load_element (*names, error))
      return FALSE;
  return TRUE;
}

FoyerCodecs
foyer_media_load_encoders (void)
{
  return (load_encoder (FOYER_CODEC_H264) ? FOYER_CODECS_H264 : 0) |
      (load_encoder (FOYER_CODEC_VP8) ? FOYER_CODECS_VP8 : 0);
}

FoyerCastCodec
foyer_media_get_cast_codec (FoyerCodec codec)
{
  return codec == FOYER_CODEC_VP8 ? FOYER_CAST_CODEC_VP8
                                  : FOYER_CAST_CODEC_H264;
}

FoyerCastPicture
foyer_media_get_picture (const FoyerShape *shape)
{
  return (FoyerCastPicture){ .width_px = shape->width_px,
    .height_px = shape->height_px,
    .par_n = 1,
    .par_d = 1,
    .fps_n = shape->fps_n,
    .fps_d = shape->fps_d,
    .key_ms = shape->key_ms };
}

GstCaps *
foyer_media_dup_raw_caps (const FoyerShape *shape)
{
  return gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "I420",
      "width", G_TYPE_INT, (int) shape->width_px, "height", G_TYPE_INT,
      (int) shape->height_px, "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1,
      NULL);
}

GstElement *
foyer_media_add (GstBin *bin, const char *name, GError **error)
{
  GstElement *element = *error == NULL ? gst_element_factory_make (name, NULL)
                                       : NULL;

  if (element != NULL)
    gst_bin_add (bin, element);
  else if (*error == NULL)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "this needs the GStreamer element %s, which is not installed", name);
  return element;
}

/* Streaming thread. */
static GstPadProbeReturn
on_unread (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  GstVideoInfo *info = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (probe);
  GstVideoFrame frame;
  GstCaps *caps;

  if ((probe->type & GST_PAD_PROBE_TYPE_BUFFER) == 0) {
    if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
      return GST_PAD_PROBE_OK;
    gst_event_parse_caps (event, &caps);
    if (!gst_video_info_from_caps (info, caps))
      gst_video_info_init (info);
    return GST_PAD_PROBE_OK;
  }
  if (info->size == 0 ||
      !gst_video_frame_map (&frame, info, GST_PAD_PROBE_INFO_BUFFER (probe),
          GST_MAP_READ))
    return GST_PAD_PROBE_DROP;
  gst_video_frame_unmap (&frame);
  return GST_PAD_PROBE_OK;
}

void
foyer_media_refuse_unreadable (GstElement *converter)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (converter, "sink");
  GstVideoInfo *info = gst_video_info_new ();

  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_unread, info, (GDestroyNotify) gst_video_info_free);
}

GstElement *
foyer_media_add_filter (GstBin *bin, GstCaps *caps, GError **error)
{
  GstElement *filter = foyer_media_add (bin, "capsfilter", error);

  if (filter != NULL)
    g_object_set (filter, "caps", caps, NULL);
  gst_caps_unref (caps);
  return filter;
}

GstElement *
foyer_media_add_encoder (GstBin *bin, const FoyerShape *shape,
    const FoyerCastEncoderKind **kind, GError **error)
{
  const FoyerCastPicture picture = foyer_media_get_picture (shape);
  GstElement *encoder = *error == NULL
      ? foyer_cast_encoder_new (foyer_media_get_cast_codec (shape->codec),
            &picture, shape->max_bps, FALSE, kind)
      : NULL;

  if (encoder != NULL)
    gst_bin_add (bin, encoder);
  else if (*error == NULL)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "no GStreamer element on this machine can encode this");
  return encoder;
}
