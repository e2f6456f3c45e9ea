/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyerloopbacksink
 * @title: foyerloopbacksink
 * @short_description: writes a v4l2loopback device without residue
 *
 * Takes raw I420 of a fixed size and shows it on a v4l2loopback device, which
 * other programs read as a camera. Each frame is copied once, into the ring of
 * buffers that readers map; nothing of it stays there: before the first frame, at
 * the end of the stream, when the element stops, and when no fresh frame came for
 * `max-age`, the slate is written over all of the ring. A frame that is older
 * than that is not shown. While there are no frames, the slate is repeated, so
 * that readers which wait for a picture get one.
 *
 * The size can't change while anybody has the device open.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=30/1 ! foyerloopbacksink device=/dev/video40 slate-text=Nursery
 * ]|
 */
#include "config.h"

#include "foyerloopbacksink.h"

#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-node.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/video/video.h>

#define CAPS                                    \
  "video/x-raw, format=(string)I420, "          \
  "width=(int)[16,8192], height=(int)[16,8192]" \
  ", framerate=(fraction)[1/1,240/1]"
#define DEFAULT_TEXT       "Foyer"
#define DEFAULT_MAX_AGE_MS 1000
#define SLATE_INTERVAL_US  (G_USEC_PER_SEC / 5)

GST_DEBUG_CATEGORY_STATIC (foyer_loopback_sink_debug);
#define GST_CAT_DEFAULT foyer_loopback_sink_debug

enum
{
  PROP_0,
  PROP_DEVICE,
  PROP_FD,
  PROP_SLATE_TEXT,
  PROP_MAX_AGE
};

struct _FoyerLoopbackSink
{
  GstBaseSink parent_instance;
  char *device;      /* object lock */
  int given_fd;      /* object lock */
  char *text;        /* object lock */
  guint max_age_ms;  /* object lock */
  GstVideoInfo info; /* streaming thread */
  int fd;            /* between start and stop */
  GThread *watcher;  /* between start and stop */
  GMutex lock;       /* of all that follows */
  GCond changed;
  FoyerNode *node; /* NULL before the first caps */
  gint64 fresh_us; /* when the last frame was shown; 0 while the slate is */
  gint64 max_age_us;
  gboolean is_stopping;
};

G_DEFINE_FINAL_TYPE (FoyerLoopbackSink, foyer_loopback_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE (foyerloopbacksink, "foyerloopbacksink",
    GST_RANK_NONE, FOYER_TYPE_LOOPBACK_SINK)

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

/* Under the lock. The memory is clean even if the device then refuses. */
static void
scrub (FoyerLoopbackSink *self)
{
  g_autoptr (GError) error = NULL;

  self->fresh_us = 0;
  if (self->node != NULL && !foyer_node_scrub (self->node, &error))
    GST_WARNING_OBJECT (self, "%s", error->message);
}

/* Under the lock, now and then: the slate, if no frame is fresh. */
static void
look_after (FoyerLoopbackSink *self)
{
  g_autoptr (GError) error = NULL;

  if (self->node == NULL)
    return;
  if (self->fresh_us != 0) {
    if (get_now_us () >= self->fresh_us + self->max_age_us)
      scrub (self);
  } else if (!foyer_node_put_slate (self->node, &error)) {
    GST_DEBUG_OBJECT (self, "%s", error->message);
  }
}

static gpointer
watch (gpointer user_data)
{
  FoyerLoopbackSink *self = user_data;

  g_mutex_lock (&self->lock);
  while (!self->is_stopping) {
    gint64 due_us = self->fresh_us != 0 ? self->fresh_us + self->max_age_us
                                        : get_now_us () + SLATE_INTERVAL_US;

    if (!g_cond_wait_until (&self->changed, &self->lock, due_us))
      look_after (self);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static gboolean
open_device (FoyerLoopbackSink *self)
{
  g_autofree char *path = NULL;
  int given;

  GST_OBJECT_LOCK (self);
  path = g_strdup (self->device);
  given = self->given_fd;
  self->max_age_us = (gint64) self->max_age_ms * 1000;
  GST_OBJECT_UNLOCK (self);
  if (given >= 0)
    self->fd = fcntl (given, F_DUPFD_CLOEXEC, 0);
  else if (path != NULL)
    self->fd = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (self->fd >= 0)
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ_WRITE,
      ("The device can't be opened."),
      ("device %s, fd %d: %s", path != NULL ? path : "(none)", given,
          path != NULL || given >= 0 ? g_strerror (errno) : "none was given"));
  return FALSE;
}

static gboolean
foyer_loopback_sink_start (GstBaseSink *base)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (base);

  if (!open_device (self))
    return FALSE;
  self->is_stopping = FALSE;
  self->fresh_us = 0;
  self->watcher = g_thread_new ("foyer-slate", watch, self);
  return TRUE;
}

static gboolean
foyer_loopback_sink_stop (GstBaseSink *base)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (base);

  g_mutex_lock (&self->lock);
  self->is_stopping = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->watcher, g_thread_join);
  /* It scrubs. */
  g_clear_pointer (&self->node, foyer_node_free);
  foyer_fd_clear (&self->fd);
  return TRUE;
}

static gboolean
foyer_loopback_sink_set_caps (GstBaseSink *base, GstCaps *caps)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (base);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  FoyerNodeShape shape;

  if (!gst_video_info_from_caps (&self->info, caps))
    return FALSE;
  shape = (FoyerNodeShape){ (guint) self->info.width, (guint) self->info.height,
    (guint) self->info.fps_n, (guint) self->info.fps_d };
  GST_OBJECT_LOCK (self);
  text = g_strdup (self->text);
  GST_OBJECT_UNLOCK (self);
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->node, foyer_node_free);
  self->fresh_us = 0;
  self->node = foyer_node_new (self->fd, &shape, text, "no fresh picture", NULL,
      &error);
  g_mutex_unlock (&self->lock);
  if (error != NULL)
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("The device does not take these pictures."), ("%s", error->message));
  return error == NULL;
}

/* By the pipeline's clock; without one nothing is known, and it is fresh. */
static gboolean
is_fresh (FoyerLoopbackSink *self, GstBuffer *buffer)
{
  GstBaseSink *base = GST_BASE_SINK (self);
  g_autoptr (GstClock) clock = gst_element_get_clock (GST_ELEMENT (self));
  GstClockTime at = gst_segment_to_running_time (&base->segment,
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  GstClockTime now;

  if (clock == NULL || !GST_CLOCK_TIME_IS_VALID (at) ||
      !gst_base_sink_get_sync (base))
    return TRUE;
  now = gst_clock_get_time (clock) -
      gst_element_get_base_time (GST_ELEMENT (self));
  return now <= at + (GstClockTime) self->max_age_us * GST_USECOND;
}

static gboolean
put_frame (FoyerLoopbackSink *self, GstVideoFrame *frame, GError **error)
{
  const guint8 *planes[FOYER_NODE_N_PLANES];
  gsize strides_bytes[FOYER_NODE_N_PLANES];
  gboolean is_put = FALSE;

  for (guint i = 0; i < FOYER_NODE_N_PLANES; i++) {
    planes[i] = GST_VIDEO_FRAME_PLANE_DATA (frame, i);
    strides_bytes[i] = (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (frame, i);
  }
  g_mutex_lock (&self->lock);
  if (self->node != NULL)
    is_put = foyer_node_put_planes (self->node, planes, strides_bytes, error);
  if (is_put)
    self->fresh_us = get_now_us ();
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  return is_put;
}

static GstFlowReturn
foyer_loopback_sink_render (GstBaseSink *base, GstBuffer *buffer)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (base);
  g_autoptr (GError) error = NULL;
  GstVideoFrame frame;
  gboolean is_put;

  if (!is_fresh (self, buffer)) {
    GST_DEBUG_OBJECT (self, "a frame is too old");
    return GST_FLOW_OK;
  }
  if (!gst_video_frame_map (&frame, &self->info, buffer, GST_MAP_READ))
    return GST_FLOW_ERROR;
  is_put = put_frame (self, &frame, &error);
  gst_video_frame_unmap (&frame);
  if (is_put)
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, RESOURCE, WRITE, ("The device took no picture."),
      ("%s", error != NULL ? error->message : "there were no caps"));
  return GST_FLOW_ERROR;
}

static gboolean
foyer_loopback_sink_event (GstBaseSink *base, GstEvent *event)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (base);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS ||
      GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    g_mutex_lock (&self->lock);
    scrub (self);
    g_mutex_unlock (&self->lock);
  }
  return GST_BASE_SINK_CLASS (foyer_loopback_sink_parent_class)
      ->event (base, event);
}

static void
foyer_loopback_sink_set_property (GObject *object, guint id,
    const GValue *value, GParamSpec *pspec)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_DEVICE:
      g_free (self->device);
      self->device = g_value_dup_string (value);
      break;
    case PROP_FD:
      self->given_fd = g_value_get_int (value);
      break;
    case PROP_SLATE_TEXT:
      g_free (self->text);
      self->text = g_value_dup_string (value);
      if (self->text == NULL)
        self->text = g_strdup ("");
      break;
    case PROP_MAX_AGE:
      self->max_age_ms = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_loopback_sink_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;
    case PROP_FD:
      g_value_set_int (value, self->given_fd);
      break;
    case PROP_SLATE_TEXT:
      g_value_set_string (value, self->text);
      break;
    case PROP_MAX_AGE:
      g_value_set_uint (value, self->max_age_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_loopback_sink_finalize (GObject *object)
{
  FoyerLoopbackSink *self = FOYER_LOOPBACK_SINK (object);

  g_free (self->device);
  g_free (self->text);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (foyer_loopback_sink_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (object_class, PROP_DEVICE,
      g_param_spec_string ("device", "Device",
          "Path of the v4l2loopback device, if no fd is given", NULL, flags));
  g_object_class_install_property (object_class, PROP_FD,
      g_param_spec_int ("fd", "Descriptor",
          "Number of a descriptor of the device, opened to read and write; it is duplicated; -1 for none",
          -1, G_MAXINT, -1, flags));
  g_object_class_install_property (object_class, PROP_SLATE_TEXT,
      g_param_spec_string ("slate-text", "Slate text",
          "Words on the picture that is shown while there is none",
          DEFAULT_TEXT, flags));
  g_object_class_install_property (object_class, PROP_MAX_AGE,
      g_param_spec_uint ("max-age", "Maximum age",
          "Oldest frame that is shown, and how long one stays (ms)", 100, 60000,
          DEFAULT_MAX_AGE_MS, flags));
}

static void
foyer_loopback_sink_class_init (FoyerLoopbackSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);

  GST_DEBUG_CATEGORY_INIT (foyer_loopback_sink_debug, "foyerloopbacksink", 0,
      "writes a v4l2loopback device");
  object_class->set_property = foyer_loopback_sink_set_property;
  object_class->get_property = foyer_loopback_sink_get_property;
  object_class->finalize = foyer_loopback_sink_finalize;
  install_properties (object_class);
  base_class->start = foyer_loopback_sink_start;
  base_class->stop = foyer_loopback_sink_stop;
  base_class->set_caps = foyer_loopback_sink_set_caps;
  base_class->render = foyer_loopback_sink_render;
  base_class->event = foyer_loopback_sink_event;
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_set_static_metadata (element_class, "Foyer loopback sink",
      "Sink/Video", "Writes a v4l2loopback device without residue",
      "The Foyer developers");
}

static void
foyer_loopback_sink_init (FoyerLoopbackSink *self)
{
  self->given_fd = -1;
  self->fd = -1;
  self->text = g_strdup (DEFAULT_TEXT);
  self->max_age_ms = DEFAULT_MAX_AGE_MS;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  /* A preroll frame is none that was fresh when it is shown. */
  gst_base_sink_set_last_sample_enabled (GST_BASE_SINK (self), FALSE);
}
