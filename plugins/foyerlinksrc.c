/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyerlinksrc
 * @title: foyerlinksrc
 * @short_description: frames of one camera, as they come over a link
 *
 * A live source. Its caps are what the writer says the frames look like; each
 * frame has its tag again (see foyertag), and the time of its capture as its
 * timestamp. It is copied out of the link's memory, which goes back at once. A
 * request for a key frame from downstream goes to the writer.
 *
 * When the writer goes, or breaks the rules of the link, the stream ends.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 foyerlinksrc fd=3 ! foyergate camera=7 generation=1 open=true ! h264parse ! avdec_h264 ! autovideosink
 * ]|
 */
#include "config.h"

#include "foyerlinksrc.h"

#include "foyer-cast-time.h"
#include "foyer-fd.h"
#include "foyer-link-caps.h"
#include "foyer-shape.h"
#include "foyer-tag-meta.h"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (foyer_link_src_debug);
#define GST_CAT_DEFAULT foyer_link_src_debug

enum
{
  PROP_0,
  PROP_FD
};

struct _FoyerLinkSrc
{
  FoyerWaitSrc parent_instance;
  int fd;                  /* object lock: owned from start */
  gboolean is_prompt;      /* set before start */
  GMutex mutex;            /* of the reader */
  FoyerLinkReader *reader; /* mutex; owned, from start to stop */
  FoyerShape shape;        /* streaming thread */
  GstVideoInfo packed;     /* streaming thread: of raw frames in the link */
  GstVideoInfo info;       /* streaming thread: of raw frames as they go on */
};

G_DEFINE_FINAL_TYPE (FoyerLinkSrc, foyer_link_src, FOYER_TYPE_WAIT_SRC)
GST_ELEMENT_REGISTER_DEFINE (foyerlinksrc, "foyerlinksrc", GST_RANK_NONE,
    FOYER_TYPE_LINK_SRC)

void
foyer_link_src_take_fd (FoyerLinkSrc *self, int socket)
{
  GST_OBJECT_LOCK (self);
  self->fd = socket;
  GST_OBJECT_UNLOCK (self);
}

void
foyer_link_src_set_prompt (FoyerLinkSrc *self, gboolean is_prompt)
{
  self->is_prompt = is_prompt;
}

void
foyer_link_src_set_rate (FoyerLinkSrc *self, guint32 bps)
{
  g_mutex_lock (&self->mutex);
  if (self->reader != NULL)
    foyer_link_reader_set_rate (self->reader, bps);
  g_mutex_unlock (&self->mutex);
}

void
foyer_link_src_want_key (FoyerLinkSrc *self)
{
  g_mutex_lock (&self->mutex);
  if (self->reader != NULL)
    foyer_link_reader_want_key (self->reader);
  g_mutex_unlock (&self->mutex);
}

/* A raw frame with the padding that GStreamer expects. */
static gboolean
unpack (FoyerLinkSrc *self, GstBuffer *buffer, const FoyerLinkFrame *frame)
{
  g_autoptr (GstBuffer) packed = NULL;

  if (frame->n_bytes != self->packed.size)
    return FALSE;
  packed = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY,
      (gpointer) frame->data, frame->n_bytes, 0, frame->n_bytes, NULL, NULL);
  return foyer_link_copy_raw (&self->info, buffer, &self->packed, packed);
}

/* (transfer full): the frame, copied and tagged; NULL if it isn't one */
static GstBuffer *
make_buffer (FoyerLinkSrc *self, const FoyerLinkFrame *frame)
{
  FoyerTag tag = { frame->camera, frame->generation, frame->sequence,
    frame->capture_us };
  gboolean is_raw = self->shape.codec == FOYER_CODEC_RAW;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL,
      is_raw ? self->info.size : frame->n_bytes, NULL);

  if (!is_raw)
    gst_buffer_fill (buffer, 0, frame->data, frame->n_bytes);
  else if (!unpack (self, buffer, frame))
    gst_clear_buffer (&buffer);
  if (buffer == NULL)
    return NULL;
  if (frame->camera.v != FOYER_LINK_SLATE)
    foyer_buffer_set_tag (buffer, &tag);
  if (!frame->is_key)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  GST_BUFFER_PTS (buffer) = foyer_cast_time_get_running_ns (GST_ELEMENT (self),
      frame->capture_us);
  GST_BUFFER_DTS (buffer) = GST_BUFFER_PTS (buffer);
  return buffer;
}

static gboolean
take_shape (FoyerLinkSrc *self, const FoyerShape *shape)
{
  g_autoptr (GstCaps) caps = NULL;

  /* One picture is no stream. */
  if (foyer_codec_is_still (shape->codec))
    return FALSE;
  caps = foyer_link_shape_to_caps (shape);
  GST_DEBUG_OBJECT (self, "frames are %" GST_PTR_FORMAT, caps);
  self->shape = *shape;
  if (shape->codec == FOYER_CODEC_RAW) {
    foyer_link_raw_info (&self->packed, shape);
    gst_video_info_set_format (&self->info, GST_VIDEO_FORMAT_I420,
        shape->width_px, shape->height_px);
  }
  return gst_base_src_set_caps (GST_BASE_SRC (self), caps);
}

/* What the link has; the frame goes back before anything else happens. */
static FoyerLinkEvent
receive (FoyerLinkSrc *self, FoyerShape *shape, GstBuffer **buffer)
{
  FoyerLinkFrame frame;
  FoyerLinkEvent event;

  g_mutex_lock (&self->mutex);
  event = foyer_link_reader_receive (self->reader, &frame, shape);
  if (event == FOYER_LINK_EVENT_FRAME) {
    *buffer = make_buffer (self, &frame);
    foyer_link_reader_release (self->reader);
    if (self->is_prompt && !foyer_link_reader_is_whole (self->reader)) {
      gst_clear_buffer (buffer);
      event = FOYER_LINK_EVENT_GONE;
    }
  }
  g_mutex_unlock (&self->mutex);
  return event;
}

static GstFlowReturn
foyer_link_src_create (GstPushSrc *base, GstBuffer **buffer)
{
  FoyerLinkSrc *self = FOYER_LINK_SRC (base);
  GstFlowReturn flow;
  FoyerShape shape;

  *buffer = NULL;
  for (;;) {
    switch (receive (self, &shape, buffer)) {
      case FOYER_LINK_EVENT_GONE:
        GST_DEBUG_OBJECT (self, "the writer is gone");
        return GST_FLOW_EOS;
      case FOYER_LINK_EVENT_NONE:
        flow = foyer_wait_src_wait (FOYER_WAIT_SRC (self));
        if (flow != GST_FLOW_OK)
          return flow;
        break;
      case FOYER_LINK_EVENT_SHAPE:
        if (!take_shape (self, &shape))
          return GST_FLOW_NOT_NEGOTIATED;
        break;
      case FOYER_LINK_EVENT_FRAME:
        return *buffer != NULL ? GST_FLOW_OK : GST_FLOW_EOS;
    }
  }
}

/* The writer says what comes. */
static gboolean
foyer_link_src_negotiate (GstBaseSrc *base)
{
  return TRUE;
}

static gboolean
foyer_link_src_start (GstBaseSrc *base)
{
  FoyerLinkSrc *self = FOYER_LINK_SRC (base);
  int fd;

  GST_OBJECT_LOCK (self);
  fd = g_steal_fd (&self->fd);
  GST_OBJECT_UNLOCK (self);
  if (fd < 0) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("There is no link to read from: set fd."), (NULL));
    return FALSE;
  }
  foyer_wait_src_watch (FOYER_WAIT_SRC (self), fd);
  g_mutex_lock (&self->mutex);
  self->reader = foyer_link_reader_new (fd);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

static gboolean
foyer_link_src_stop (GstBaseSrc *base)
{
  FoyerLinkSrc *self = FOYER_LINK_SRC (base);

  foyer_wait_src_unwatch (FOYER_WAIT_SRC (self));
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->reader, foyer_link_reader_free);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

static gboolean
foyer_link_src_event (GstBaseSrc *base, GstEvent *event)
{
  if (!gst_video_event_is_force_key_unit (event))
    return GST_BASE_SRC_CLASS (foyer_link_src_parent_class)
        ->event (base, event);
  foyer_link_src_want_key (FOYER_LINK_SRC (base));
  return TRUE;
}

static void
foyer_link_src_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  if (id == PROP_FD)
    foyer_link_src_take_fd (FOYER_LINK_SRC (object), g_value_get_int (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
foyer_link_src_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerLinkSrc *self = FOYER_LINK_SRC (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_FD)
    g_value_set_int (value, self->fd);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_link_src_finalize (GObject *object)
{
  FoyerLinkSrc *self = FOYER_LINK_SRC (object);

  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (foyer_link_src_parent_class)->finalize (object);
}

static void
foyer_link_src_class_init (FoyerLinkSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);
  g_autoptr (GstCaps) caps = gst_caps_from_string (FOYER_LINK_CAPS);

  GST_DEBUG_CATEGORY_INIT (foyer_link_src_debug, "foyerlinksrc", 0,
      "frames of one camera, over a link");
  object_class->set_property = foyer_link_src_set_property;
  object_class->get_property = foyer_link_src_get_property;
  object_class->finalize = foyer_link_src_finalize;
  g_object_class_install_property (object_class, PROP_FD,
      g_param_spec_int ("fd", "Descriptor",
          "Number of a SEQPACKET socket, the reading end of a link; taken over "
          "when the element starts; -1 for none",
          -1, G_MAXINT, -1,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
              GST_PARAM_MUTABLE_READY));
  base_class->start = foyer_link_src_start;
  base_class->stop = foyer_link_src_stop;
  base_class->negotiate = foyer_link_src_negotiate;
  base_class->event = foyer_link_src_event;
  GST_PUSH_SRC_CLASS (klass)->create = foyer_link_src_create;
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gst_element_class_set_static_metadata (element_class, "Foyer link source",
      "Source/Video", "Frames of one camera, as they come over a link",
      "The Foyer developers");
}

static void
foyer_link_src_init (FoyerLinkSrc *self)
{
  self->fd = -1;
  g_mutex_init (&self->mutex);
}
