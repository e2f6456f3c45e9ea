/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyertag
 * @title: foyertag
 * @short_description: says of each frame which camera took it, and when
 *
 * Stands right behind the source and puts a tag on each frame: the id of the
 * camera, which opening of it this is, the number of the frame (from 1 each time
 * the element starts), and when it was captured. The tag follows the frame
 * through encoders and parsers. foyergate and foyerlinksink let no frame through
 * that has none, and frames of camera 0 nowhere.
 *
 * When a frame was captured is what its timestamp says on the pipeline's clock,
 * in microseconds of CLOCK_MONOTONIC, but never later than now; without a
 * timestamp or a clock, or if the source isn't live, it is now.
 *
 * A frame that has a tag already ends the stream with an error: nobody gives a
 * frame another camera's name.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 v4l2src ! foyertag camera=7 generation=1 ! videoconvert ! x264enc tune=zerolatency ! foyergate camera=7 generation=1 open=true ! h264parse ! avdec_h264 ! autovideosink
 * ]|
 */
#include "config.h"

#include "foyertag.h"

#include "foyer-cast-time.h"
#include "foyer-clock.h"
#include "foyer-tag-meta.h"

GST_DEBUG_CATEGORY_STATIC (foyer_tag_debug);
#define GST_CAT_DEFAULT foyer_tag_debug

enum
{
  PROP_0,
  PROP_CAMERA,
  PROP_GENERATION
};

struct _FoyerTagElement
{
  GstBaseTransform parent_instance;
  guint64 camera;         /* object lock */
  guint64 generation;     /* object lock */
  guint64 sequence;       /* streaming thread: of the last frame */
  gboolean is_live_known; /* streaming thread: asked upstream already */
  gboolean is_live;       /* streaming thread */
};

G_DEFINE_FINAL_TYPE (FoyerTagElement, foyer_tag_element,
    GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (foyertag, "foyertag", GST_RANK_NONE,
    FOYER_TYPE_TAG_ELEMENT)

static void
ask_if_live (FoyerTagElement *self)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();

  if (gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (self), query))
    gst_query_parse_latency (query, &self->is_live, NULL, NULL);
  self->is_live_known = TRUE;
}

/* Timestamps of a source that isn't live say nothing about capture. */
static gint64
get_capture_us (FoyerTagElement *self, GstBuffer *buffer)
{
  GstBaseTransform *base = &self->parent_instance;

  if (!self->is_live_known)
    ask_if_live (self);
  if (!self->is_live)
    return foyer_clock_get_us (foyer_clock_get_system ());
  return foyer_cast_time_get_capture_us (&base->element, &base->segment,
      GST_BUFFER_PTS (buffer));
}

/* Of each frame: its type is not asked for once more. */
static GstFlowReturn
foyer_tag_element_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  FoyerTagElement *self = (FoyerTagElement *) base;
  FoyerTag tag = {
    .sequence = ++self->sequence,
    .capture_us = get_capture_us (self, buffer),
  };

  GST_OBJECT_LOCK (self);
  tag.camera.v = self->camera;
  tag.generation = self->generation;
  GST_OBJECT_UNLOCK (self);
  if (foyer_buffer_set_tag (buffer, &tag))
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
      ("A frame already says which camera took it."), (NULL));
  return GST_FLOW_ERROR;
}

static gboolean
foyer_tag_element_start (GstBaseTransform *base)
{
  FoyerTagElement *self = FOYER_TAG_ELEMENT (base);

  self->sequence = 0;
  self->is_live_known = FALSE;
  self->is_live = FALSE;
  return TRUE;
}

static void
foyer_tag_element_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  FoyerTagElement *self = FOYER_TAG_ELEMENT (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_CAMERA:
      self->camera = g_value_get_uint64 (value);
      break;
    case PROP_GENERATION:
      self->generation = g_value_get_uint64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_tag_element_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerTagElement *self = FOYER_TAG_ELEMENT (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_CAMERA:
      g_value_set_uint64 (value, self->camera);
      break;
    case PROP_GENERATION:
      g_value_set_uint64 (value, self->generation);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (object_class, PROP_CAMERA,
      g_param_spec_uint64 ("camera", "Camera",
          "Id of the camera; 0 for none, which no gate lets through", 0,
          G_MAXUINT64, 0, flags));
  g_object_class_install_property (object_class, PROP_GENERATION,
      g_param_spec_uint64 ("generation", "Generation",
          "Number of this opening of the camera, from 1; 0 for none", 0,
          G_MAXUINT64, 0, flags));
}

static void
foyer_tag_element_class_init (FoyerTagElementClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (klass);
  g_autoptr (GstCaps) caps = gst_caps_new_any ();

  GST_DEBUG_CATEGORY_INIT (foyer_tag_debug, "foyertag", 0,
      "says which camera took a frame");
  object_class->set_property = foyer_tag_element_set_property;
  object_class->get_property = foyer_tag_element_get_property;
  install_properties (object_class);
  base_class->start = foyer_tag_element_start;
  base_class->transform_ip = foyer_tag_element_transform_ip;
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gst_element_class_set_static_metadata (element_class, "Foyer camera tag",
      "Filter/Video", "Says of each frame which camera took it, and when",
      "The Foyer developers");
}

static void
foyer_tag_element_init (FoyerTagElement *self)
{
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
}
