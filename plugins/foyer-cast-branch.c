/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-branch.h"

/* Adds an element, or does nothing when an earlier one is missing. */
static void
branch_take (FoyerCastBranch *self, GstElement *element)
{
  g_assert (self->n_elements < FOYER_CAST_BRANCH_MAX_ELEMENTS);
  self->elements[self->n_elements++] = element;
  gst_bin_add (self->bin, element);
}

static GstElement *
branch_add (FoyerCastBranch *self, const char *name, GError **error)
{
  GstElement *element = *error == NULL ? gst_element_factory_make (name, NULL)
                                       : NULL;

  if (element != NULL)
    branch_take (self, element);
  else if (*error == NULL)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "this needs the GStreamer element %s, which is not installed", name);
  return element;
}

static void
branch_add_filter (FoyerCastBranch *self, GstCaps *caps, GError **error)
{
  GstElement *filter = branch_add (self, "capsfilter", error);

  if (filter != NULL)
    g_object_set (filter, "caps", caps, NULL);
}

static GstCaps *
picture_dup_caps (const FoyerCastPicture *picture)
{
  GstCaps *caps = gst_caps_from_string (
      "video/x-raw, format=(string){ I420, NV12, YV12 }");

  gst_caps_set_simple (caps, "width", G_TYPE_INT, (int) picture->width_px,
      "height", G_TYPE_INT, (int) picture->height_px, "pixel-aspect-ratio",
      GST_TYPE_FRACTION, 1, 1, NULL);
  return caps;
}

static gboolean
branch_link (FoyerCastBranch *self, GstElement *stream)
{
  for (guint i = 0; i < self->n_elements; i++)
    if (!gst_element_link (self->elements[i],
            i + 1 < self->n_elements ? self->elements[i + 1] : stream))
      return FALSE;
  return TRUE;
}

/* Joins the ends; from the end to the beginning, so that nothing is pushed into
 * an element that is not ready. */
static gboolean
branch_finish (FoyerCastBranch *self, const FoyerCastBranchEnds *ends,
    GError *error, GError **out_error)
{
  GstElement *first = self->n_elements > 0 ? self->elements[0] : ends->stream;
  g_autoptr (GstPad) target = gst_element_get_static_pad (first, "sink");
  gboolean is_linked = error == NULL && branch_link (self, ends->stream);

  for (guint i = self->n_elements; is_linked && i > 0; i--)
    is_linked = gst_element_sync_state_with_parent (self->elements[i - 1]);
  is_linked = is_linked &&
      gst_ghost_pad_set_target (GST_GHOST_PAD (ends->pad), target);
  if (is_linked)
    return TRUE;

  foyer_cast_branch_clear (self, ends->pad);
  if (error != NULL)
    g_propagate_error (out_error, error);
  else
    g_set_error (out_error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
        "the elements for this input can't be joined");
  return FALSE;
}

static void
branch_add_encoder (FoyerCastBranch *self, FoyerCastCodec codec, guint32 bps,
    GError **error)
{
  if (*error != NULL)
    return;
  self->encoder = foyer_cast_encoder_new (codec, &self->picture, bps, TRUE,
      &self->kind);
  self->bps = bps;
  if (self->encoder != NULL)
    branch_take (self, self->encoder);
  else
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "no GStreamer element on this machine can encode %s",
        foyer_cast_codec_to_string (codec));
}

/* Parameter sets before each key frame: a display may join at any. */
static void
branch_add_parser (FoyerCastBranch *self, GError **error)
{
  GstElement *parser = branch_add (self, "h264parse", error);

  if (parser != NULL)
    g_object_set (parser, "config-interval", -1, NULL);
}

gboolean
foyer_cast_branch_build_video (FoyerCastBranch *self,
    const FoyerCastBranchEnds *ends, FoyerCastCodec codec,
    const FoyerCastPicture *picture, guint32 bps, GError **error)
{
  g_autoptr (GstCaps) raw_caps = picture_dup_caps (picture);
  g_autoptr (GstCaps) coded_caps = foyer_cast_encoder_dup_caps (codec);
  GError *problem = NULL;

  *self = (FoyerCastBranch){ .bin = ends->bin, .picture = *picture };
  branch_add (self, "videoconvertscale", &problem);
  branch_add_filter (self, raw_caps, &problem);
  branch_add_encoder (self, codec, bps, &problem);
  branch_add_filter (self, coded_caps, &problem);
  if (self->kind != NULL && foyer_cast_encoder_needs_parser (self->kind))
    branch_add_parser (self, &problem);
  return branch_finish (self, ends, problem, error);
}

gboolean
foyer_cast_branch_build_coded (FoyerCastBranch *self,
    const FoyerCastBranchEnds *ends, FoyerCastCodec codec, GError **error)
{
  GError *problem = NULL;

  *self = (FoyerCastBranch){ .bin = ends->bin };
  if (codec == FOYER_CAST_CODEC_H264) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (
        "video/x-h264, stream-format=byte-stream, alignment=au");

    branch_add_parser (self, &problem);
    branch_add_filter (self, caps, &problem);
  }
  return branch_finish (self, ends, problem, error);
}

gboolean
foyer_cast_branch_build_audio (FoyerCastBranch *self,
    const FoyerCastBranchEnds *ends, guint32 bps, GError **error)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (
      "audio/x-raw, rate=48000, channels=2");
  GError *problem = NULL;
  GstElement *encoder;

  *self = (FoyerCastBranch){ .bin = ends->bin };
  branch_add (self, "audioconvert", &problem);
  branch_add (self, "audioresample", &problem);
  branch_add_filter (self, caps, &problem);
  encoder = branch_add (self, "opusenc", &problem);
  if (encoder != NULL) {
    g_object_set (encoder, "bitrate", (int) bps, NULL);
    gst_util_set_object_arg (G_OBJECT (encoder), "bitrate-type", "cbr");
    gst_util_set_object_arg (G_OBJECT (encoder), "frame-size", "20");
  }
  return branch_finish (self, ends, problem, error);
}

/* Any event in order brings along those that the branch has not had yet: its
 * caps are among them. */
void
foyer_cast_branch_open (GstPad *pad)
{
  g_autoptr (GstPad) inner = GST_PAD (
      gst_proxy_pad_get_internal (GST_PROXY_PAD (pad)));

  gst_pad_push_event (inner,
      gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
          gst_structure_new_empty ("foyer-cast-open")));
}

void
foyer_cast_branch_set_bps (FoyerCastBranch *self, guint32 bps)
{
  if (self->encoder == NULL || self->bps == bps || bps == 0)
    return;
  self->bps = bps;
  foyer_cast_encoder_set_bps (self->encoder, self->kind, &self->picture, bps);
}

void
foyer_cast_branch_clear (FoyerCastBranch *self, GstPad *pad)
{
  if (self->bin == NULL)
    return;
  gst_ghost_pad_set_target (GST_GHOST_PAD (pad), NULL);
  for (guint i = 0; i < self->n_elements; i++) {
    GstElement *element = self->elements[i];

    gst_object_ref (element);
    gst_bin_remove (self->bin, element);
    gst_element_set_state (element, GST_STATE_NULL);
    gst_object_unref (element);
  }
  *self = (FoyerCastBranch){ 0 };
}
