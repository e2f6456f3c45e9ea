/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyermarkread
 * @title: foyermarkread
 * @short_description: reads the mark of foyermark out of each picture
 *
 * Looks for the mark that foyermark painted and posts an element message for
 * each picture; the pictures pass unchanged. The mark is found anywhere in
 * the picture: behind codecs, scaled, letterboxed, or filmed from a display.
 *
 * The message's structure is named `foyer-mark` and has these fields:
 *
 * * `readable` (gboolean): whether there is a mark whose checksum is right
 * * `camera` (guint), `number` (guint64), `capture-time` (guint64, ns of
 *   CLOCK_MONOTONIC): what the mark says; only if readable
 * * `delay` (gint64, ns): `read-time` - `capture-time`; only if readable
 * * `read-time` (guint64): when it was read, in ns of CLOCK_MONOTONIC
 * * `pts` and `running-time` (guint64, ns): of the buffer; all ones if it has
 *   none
 * * `complete-time` (guint64): when the frame was complete at the display, in
 *   ns of CLOCK_MONOTONIC; only if foyercastsrc received it
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m videotestsrc num-buffers=100 ! foyermark camera=3 ! x264enc tune=zerolatency bitrate=300 ! avdec_h264 ! videoscale ! video/x-raw,width=320,height=180 ! foyermarkread ! fakesink
 * ]|
 */
#include "config.h"

#include "foyermarkread.h"

#include "foyer-clock.h"
#include "foyer-mark-caps.h"
#include "foyer-mark-reader.h"

GST_DEBUG_CATEGORY_STATIC (foyer_mark_read_debug);
#define GST_CAT_DEFAULT foyer_mark_read_debug

/* foyercastsrc's GstReferenceTimestampMeta, in CLOCK_MONOTONIC. */
#define COMPLETE_CAPS "timestamp/x-foyer-complete"

enum
{
  PROP_0,
  PROP_SILENT,
  PROP_POST_UNREADABLE,
  PROP_STATS
};

struct _FoyerMarkReadElement
{
  GstVideoFilter parent_instance;
  FoyerMarkReader *reader; /* streaming thread */
  GstCaps *complete_caps;
  gboolean is_silent;       /* object lock */
  gboolean post_unreadable; /* object lock */
  guint64 n_pictures;       /* object lock */
  guint64 n_readable;       /* object lock */
};

G_DEFINE_FINAL_TYPE (FoyerMarkReadElement, foyer_mark_read_element,
    GST_TYPE_VIDEO_FILTER)
GST_ELEMENT_REGISTER_DEFINE (foyermarkread, "foyermarkread", GST_RANK_NONE,
    FOYER_TYPE_MARK_READ_ELEMENT)

static FoyerMarkPicture
picture_of_frame (const GstVideoFrame *frame)
{
  guint luma = foyer_mark_caps_get_luma (&frame->info);

  return (FoyerMarkPicture){
    .luma = GST_VIDEO_FRAME_COMP_DATA (frame, luma),
    .stride_bytes = (gsize) GST_VIDEO_FRAME_COMP_STRIDE (frame, luma),
    .step_bytes = GST_VIDEO_FRAME_COMP_PSTRIDE (frame, luma),
    .width_px = GST_VIDEO_FRAME_WIDTH (frame),
    .height_px = GST_VIDEO_FRAME_HEIGHT (frame),
  };
}

/* Counts the picture. Returns: whether to post a message about it. */
static gboolean
count_picture (FoyerMarkReadElement *self, gboolean is_readable)
{
  gboolean is_posted;

  GST_OBJECT_LOCK (self);
  self->n_pictures++;
  self->n_readable += is_readable;
  is_posted = !self->is_silent && (is_readable || self->post_unreadable);
  GST_OBJECT_UNLOCK (self);
  return is_posted;
}

static void
add_times (FoyerMarkReadElement *self, GstStructure *fields, GstBuffer *buffer,
    guint64 read_time_ns)
{
  GstClockTime running_time_ns =
      gst_segment_to_running_time (&GST_BASE_TRANSFORM (self)->segment,
          GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  const GstReferenceTimestampMeta *complete =
      gst_buffer_get_reference_timestamp_meta (buffer, self->complete_caps);

  gst_structure_set (fields, "read-time", G_TYPE_UINT64, read_time_ns, "pts",
      G_TYPE_UINT64, GST_BUFFER_PTS (buffer), "running-time", G_TYPE_UINT64,
      running_time_ns, NULL);
  if (complete != NULL)
    gst_structure_set (fields, "complete-time", G_TYPE_UINT64,
        complete->timestamp, NULL);
}

static void
add_mark (GstStructure *fields, const FoyerMark *mark, guint64 read_time_ns)
{
  gst_structure_set (fields, "camera", G_TYPE_UINT, (guint) mark->camera,
      "number", G_TYPE_UINT64, (guint64) mark->number, "capture-time",
      G_TYPE_UINT64, mark->capture_time_ns, "delay", G_TYPE_INT64,
      (gint64) (read_time_ns - mark->capture_time_ns), NULL);
}

static GstFlowReturn
foyer_mark_read_element_transform_frame_ip (GstVideoFilter *filter,
    GstVideoFrame *frame)
{
  FoyerMarkReadElement *self = FOYER_MARK_READ_ELEMENT (filter);
  guint64 read_time_ns =
      (guint64) foyer_clock_get_us (foyer_clock_get_system ()) * 1000;
  FoyerMarkPicture picture = picture_of_frame (frame);
  FoyerMark mark;
  gboolean is_readable = foyer_mark_reader_read (self->reader, &picture, &mark);
  GstStructure *fields;

  if (!count_picture (self, is_readable))
    return GST_FLOW_OK;
  fields = gst_structure_new ("foyer-mark", "readable", G_TYPE_BOOLEAN,
      is_readable, NULL);
  if (is_readable)
    add_mark (fields, &mark, read_time_ns);
  add_times (self, fields, frame->buffer, read_time_ns);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), fields));
  return GST_FLOW_OK;
}

static gboolean
foyer_mark_read_element_start (GstBaseTransform *base)
{
  FoyerMarkReadElement *self = FOYER_MARK_READ_ELEMENT (base);

  self->reader = foyer_mark_reader_new ();
  GST_OBJECT_LOCK (self);
  self->n_pictures = 0;
  self->n_readable = 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
foyer_mark_read_element_stop (GstBaseTransform *base)
{
  FoyerMarkReadElement *self = FOYER_MARK_READ_ELEMENT (base);

  g_clear_pointer (&self->reader, foyer_mark_reader_free);
  return TRUE;
}

static void
foyer_mark_read_element_set_property (GObject *object, guint id,
    const GValue *value, GParamSpec *pspec)
{
  FoyerMarkReadElement *self = FOYER_MARK_READ_ELEMENT (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_SILENT)
    self->is_silent = g_value_get_boolean (value);
  else if (id == PROP_POST_UNREADABLE)
    self->post_unreadable = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_mark_read_element_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerMarkReadElement *self = FOYER_MARK_READ_ELEMENT (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_SILENT)
    g_value_set_boolean (value, self->is_silent);
  else if (id == PROP_POST_UNREADABLE)
    g_value_set_boolean (value, self->post_unreadable);
  else if (id == PROP_STATS)
    g_value_take_boxed (value,
        gst_structure_new ("foyer-mark-stats", "pictures", G_TYPE_UINT64,
            self->n_pictures, "readable", G_TYPE_UINT64, self->n_readable,
            NULL));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_mark_read_element_finalize (GObject *object)
{
  FoyerMarkReadElement *self = FOYER_MARK_READ_ELEMENT (object);

  g_clear_pointer (&self->reader, foyer_mark_reader_free);
  gst_clear_caps (&self->complete_caps);
  G_OBJECT_CLASS (foyer_mark_read_element_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_SILENT,
      g_param_spec_boolean ("silent", "Silent",
          "Post no messages, only count in stats", FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
              GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (klass, PROP_POST_UNREADABLE,
      g_param_spec_boolean ("post-unreadable", "Post unreadable",
          "Post messages about pictures without a readable mark too", TRUE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
              GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Since the start: pictures (guint64), and how many of them were "
          "readable (guint64)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
foyer_mark_read_element_class_init (FoyerMarkReadElementClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (klass);
  GstVideoFilterClass *filter_class = GST_VIDEO_FILTER_CLASS (klass);
  static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
      GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (FOYER_MARK_CAPS));
  static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
      GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (FOYER_MARK_CAPS));

  GST_DEBUG_CATEGORY_INIT (foyer_mark_read_debug, "foyermarkread", 0,
      "reads the mark");
  object_class->set_property = foyer_mark_read_element_set_property;
  object_class->get_property = foyer_mark_read_element_get_property;
  object_class->finalize = foyer_mark_read_element_finalize;
  base_class->start = foyer_mark_read_element_start;
  base_class->stop = foyer_mark_read_element_stop;
  base_class->transform_ip_on_passthrough = TRUE;
  filter_class->transform_frame_ip = foyer_mark_read_element_transform_frame_ip;
  install_properties (object_class);
  gst_element_class_set_static_metadata (element_class, "Foyer mark reader",
      "Filter/Analyzer/Video",
      "Reads camera, picture number and capture time out of each picture",
      "The Foyer developers");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
}

static void
foyer_mark_read_element_init (FoyerMarkReadElement *self)
{
  self->post_unreadable = TRUE;
  self->complete_caps = gst_caps_new_empty_simple (COMPLETE_CAPS);
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}
