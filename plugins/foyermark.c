/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyermark
 * @title: foyermark
 * @short_description: paints who took each picture, and when, into it
 *
 * Paints a machine-readable mark over the upper fifth of each picture: the
 * number of the camera, the number of the picture (counted from 0 each time
 * the element starts), and when the picture was taken, in nanoseconds of
 * CLOCK_MONOTONIC, with a checksum. It is for test cameras and for measuring
 * the delay of whatever lies between it and foyermarkread on one machine: an
 * encoder, a network, or a display with a camera pointed at it.
 *
 * When a picture was taken is what its timestamp says if the source is live,
 * and otherwise the time of painting.
 *
 * The mark survives H.264 and VP8 at 300 kbit/s and scaling to 320x180.
 * Pictures are at least 160x90. Under the mark the picture is grey.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! foyermark camera=3 ! videoconvert ! autovideosink
 * ]|
 */
#include "config.h"

#include "foyermark.h"

#include "foyer-clock.h"
#include "foyer-mark-caps.h"
#include "foyer-mark.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (foyer_mark_debug);
#define GST_CAT_DEFAULT foyer_mark_debug

#define NEUTRAL_CHROMA 128
#define MAX_APART_NS   GST_MSECOND /* of two readings that belong together */
#define N_READINGS     8

enum
{
  PROP_0,
  PROP_CAMERA
};

struct _FoyerMarkElement
{
  GstVideoFilter parent_instance;
  guint camera;           /* object lock */
  guint32 number;         /* streaming thread: of the next picture */
  gboolean is_live_known; /* streaming thread: asked upstream already */
  gboolean is_live;       /* streaming thread */
  guint8 *row;            /* streaming thread: luma of one row */
};

G_DEFINE_FINAL_TYPE (FoyerMarkElement, foyer_mark_element,
    GST_TYPE_VIDEO_FILTER)
GST_ELEMENT_REGISTER_DEFINE (foyermark, "foyermark", GST_RANK_NONE,
    FOYER_TYPE_MARK_ELEMENT)

/* Timestamps of a source that isn't live say nothing about capture. */
static gboolean
ensure_is_live (FoyerMarkElement *self)
{
  g_autoptr (GstQuery) query = NULL;

  if (self->is_live_known)
    return self->is_live;
  query = gst_query_new_latency ();
  if (gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (self), query))
    gst_query_parse_latency (query, &self->is_live, NULL, NULL);
  self->is_live_known = TRUE;
  GST_DEBUG_OBJECT (self, "capture time is that of %s",
      self->is_live ? "timestamps" : "painting");
  return self->is_live;
}

/* How long ago the buffer's timestamp was on the pipeline's clock; 0 if there
 * is no telling. */
static GstClockTime
get_age_ns (FoyerMarkElement *self, GstBuffer *buffer)
{
  const GstSegment *segment = &GST_BASE_TRANSFORM (self)->segment;
  GstClockTime running_time_ns, now_ns, taken_ns;
  g_autoptr (GstClock) clock = gst_element_get_clock (GST_ELEMENT (self));

  if (clock == NULL || !GST_BUFFER_PTS_IS_VALID (buffer) ||
      segment->format != GST_FORMAT_TIME || !ensure_is_live (self))
    return 0;
  running_time_ns = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
  if (!GST_CLOCK_TIME_IS_VALID (running_time_ns))
    return 0;
  now_ns = gst_clock_get_time (clock);
  taken_ns = gst_element_get_base_time (GST_ELEMENT (self)) + running_time_ns;
  return now_ns > taken_ns ? now_ns - taken_ns : 0;
}

static guint64
get_now_ns (void)
{
  return (guint64) foyer_clock_get_us (foyer_clock_get_system ()) * GST_USECOND;
}

/* Two clocks can't be read at once: if this thread had to wait in between, what it
 * read does not belong together, and the picture would seem older than it is. */
static guint64
get_capture_ns (FoyerMarkElement *self, GstBuffer *buffer)
{
  guint64 now_ns = get_now_ns ();
  GstClockTime age_ns = get_age_ns (self, buffer);

  for (guint i = 1; i < N_READINGS && get_now_ns () - now_ns > MAX_APART_NS;
       i++) {
    now_ns = get_now_ns ();
    age_ns = get_age_ns (self, buffer);
  }
  return now_ns - age_ns;
}

static void
paint_row (GstVideoFrame *frame, guint component, int y, const guint8 *row)
{
  guint8 *out = (guint8 *) GST_VIDEO_FRAME_COMP_DATA (frame, component) +
      (gsize) y * (gsize) GST_VIDEO_FRAME_COMP_STRIDE (frame, component);
  int step = GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component);
  int width = GST_VIDEO_FRAME_COMP_WIDTH (frame, component);

  if (step == 1) {
    memcpy (out, row, (gsize) width);
    return;
  }
  for (int x = 0; x < width; x++)
    out[x * step] = row[x];
}

/* Grey, so that colour doesn't spill into the cells. */
static void
paint_chroma (FoyerMarkElement *self, GstVideoFrame *frame, int n_rows)
{
  memset (self->row, NEUTRAL_CHROMA, (gsize) GST_VIDEO_FRAME_WIDTH (frame));
  for (guint i = GST_VIDEO_COMP_U; i <= GST_VIDEO_COMP_V; i++) {
    int n_chroma_rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (frame->info.finfo,
        i, n_rows);

    for (int y = 0; y < n_chroma_rows; y++)
      paint_row (frame, i, y, self->row);
  }
}

static void
paint_luma (FoyerMarkElement *self, GstVideoFrame *frame, int n_rows,
    const FoyerMark *mark)
{
  int n_components = GST_VIDEO_INFO_IS_RGB (&frame->info) ? 3 : 1;
  guint8 cells[FOYER_MARK_N_BYTES];

  foyer_mark_encode (mark, cells);
  for (int y = 0; y < n_rows; y++) {
    if (foyer_mark_row_is_new (GST_VIDEO_FRAME_HEIGHT (frame), y))
      foyer_mark_draw_row (cells, GST_VIDEO_FRAME_WIDTH (frame),
          GST_VIDEO_FRAME_HEIGHT (frame), y, self->row);
    for (int i = 0; i < n_components; i++)
      paint_row (frame, (guint) i, y, self->row);
  }
}

static GstFlowReturn
foyer_mark_element_transform_frame_ip (GstVideoFilter *filter,
    GstVideoFrame *frame)
{
  FoyerMarkElement *self = FOYER_MARK_ELEMENT (filter);
  int n_rows = foyer_mark_get_height_px (GST_VIDEO_FRAME_WIDTH (frame),
      GST_VIDEO_FRAME_HEIGHT (frame));
  FoyerMark mark = {
    .number = self->number++,
    .capture_time_ns = get_capture_ns (self, frame->buffer),
  };

  GST_OBJECT_LOCK (self);
  mark.camera = (guint16) self->camera;
  GST_OBJECT_UNLOCK (self);
  if (GST_VIDEO_INFO_IS_YUV (&frame->info))
    paint_chroma (self, frame, n_rows);
  paint_luma (self, frame, n_rows, &mark);
  return GST_FLOW_OK;
}

static gboolean
foyer_mark_element_set_info (GstVideoFilter *filter, GstCaps *in_caps,
    GstVideoInfo *in_info, GstCaps *out_caps, GstVideoInfo *out_info)
{
  FoyerMarkElement *self = FOYER_MARK_ELEMENT (filter);

  g_free (self->row);
  self->row = g_malloc ((gsize) GST_VIDEO_INFO_WIDTH (in_info));
  return TRUE;
}

static gboolean
foyer_mark_element_start (GstBaseTransform *base)
{
  FoyerMarkElement *self = FOYER_MARK_ELEMENT (base);

  self->number = 0;
  self->is_live_known = FALSE;
  self->is_live = FALSE;
  return TRUE;
}

static gboolean
foyer_mark_element_stop (GstBaseTransform *base)
{
  g_clear_pointer (&FOYER_MARK_ELEMENT (base)->row, g_free);
  return TRUE;
}

static void
foyer_mark_element_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  FoyerMarkElement *self = FOYER_MARK_ELEMENT (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_CAMERA)
    self->camera = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_mark_element_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerMarkElement *self = FOYER_MARK_ELEMENT (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_CAMERA)
    g_value_set_uint (value, self->camera);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_mark_element_finalize (GObject *object)
{
  g_free (FOYER_MARK_ELEMENT (object)->row);
  G_OBJECT_CLASS (foyer_mark_element_parent_class)->finalize (object);
}

/* At least as large as a mark can be painted. */
static void
add_pad_template (GstElementClass *klass, const char *name,
    GstPadDirection direction)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (FOYER_MARK_CAPS);

  gst_caps_set_simple (caps, "width", GST_TYPE_INT_RANGE,
      FOYER_MARK_MIN_WIDTH_PX, G_MAXINT, "height", GST_TYPE_INT_RANGE,
      FOYER_MARK_MIN_HEIGHT_PX, G_MAXINT, NULL);
  gst_element_class_add_pad_template (klass,
      gst_pad_template_new (name, direction, GST_PAD_ALWAYS, caps));
}

static void
foyer_mark_element_class_init (FoyerMarkElementClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (klass);
  GstVideoFilterClass *filter_class = GST_VIDEO_FILTER_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (foyer_mark_debug, "foyermark", 0, "paints the mark");
  object_class->set_property = foyer_mark_element_set_property;
  object_class->get_property = foyer_mark_element_get_property;
  object_class->finalize = foyer_mark_element_finalize;
  base_class->start = foyer_mark_element_start;
  base_class->stop = foyer_mark_element_stop;
  filter_class->set_info = foyer_mark_element_set_info;
  filter_class->transform_frame_ip = foyer_mark_element_transform_frame_ip;
  g_object_class_install_property (object_class, PROP_CAMERA,
      g_param_spec_uint ("camera", "Camera",
          "Number of the camera that the mark names", 0, G_MAXUINT16, 0,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
              GST_PARAM_MUTABLE_PLAYING));
  gst_element_class_set_static_metadata (element_class, "Foyer mark painter",
      "Filter/Effect/Video",
      "Paints camera, picture number and capture time into each picture",
      "The Foyer developers");
  add_pad_template (element_class, "sink", GST_PAD_SINK);
  add_pad_template (element_class, "src", GST_PAD_SRC);
}

static void
foyer_mark_element_init (FoyerMarkElement *self)
{
}
