/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-screen.h"

#include "foyer-slate.h"

#include <gst/video/video.h>

#define PNG_TIMEOUT (5 * GST_SECOND)

struct _FoyerScreen
{
  GstSample *slate;
  GMutex lock;
  GstSample *shown; /* lock */

  /* NULL without a window. */
  GstElement *pipeline;
  GstElement *source; /* the pipeline's */
  GstBus *bus;
};

static GstSample *
slate_new (const char *name)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, FOYER_SLATE_BYTES, NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format",
      G_TYPE_STRING, "I420", "width", G_TYPE_INT, FOYER_SLATE_WIDTH_PX,
      "height", G_TYPE_INT, FOYER_SLATE_HEIGHT_PX, "framerate",
      GST_TYPE_FRACTION, 0, 1, "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1,
      NULL);
  GstSample *sample;
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    foyer_slate_draw (map.data, name);
    gst_buffer_unmap (buffer, &map);
  }
  sample = gst_sample_new (buffer, caps, NULL, NULL);
  gst_buffer_unref (buffer);
  return sample;
}

/* Those that fit the session, by name: what chooses among all there are also
 * tries some that crash without a screen. */
static GstElement *
window_new (void)
{
  static const struct
  {
    const char *variable;
    const char *sink;
  } windows[] = {
    { "WAYLAND_DISPLAY", "waylandsink" }, { "DISPLAY", "xvimagesink" },
    { "DISPLAY", "ximagesink" },
    { "PATH", "kmssink" }, /* no session: the bare screen */
  };

  for (guint i = 0; i < G_N_ELEMENTS (windows); i++) {
    GstElement *sink = g_getenv (windows[i].variable) != NULL
        ? gst_element_factory_make (windows[i].sink, NULL)
        : NULL;

    if (sink == NULL)
      continue;
    gst_object_ref_sink (sink);
    if (gst_element_set_state (sink, GST_STATE_READY) !=
        GST_STATE_CHANGE_FAILURE)
      return sink;
    gst_element_set_state (sink, GST_STATE_NULL);
    gst_object_unref (sink);
  }
  return NULL;
}

/* The window asks for nothing: it shows each picture when it is given one, and
 * keeps none. */
static gboolean
screen_open_window (FoyerScreen *self, GError **error)
{
  g_autoptr (GstElement) sink = window_new ();
  GstElement *feeder;

  if (sink == NULL) {
    g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE,
        "opening a window: there is no screen to open it on; try --headless");
    return FALSE;
  }
  feeder = gst_parse_bin_from_description (
      "appsrc name=source format=time is-live=true do-timestamp=true "
      "max-buffers=2 leaky-type=downstream ! videoconvert ! videoscale",
      TRUE, error);
  if (feeder == NULL) {
    gst_element_set_state (sink, GST_STATE_NULL);
    return FALSE;
  }
  g_object_set (sink, "sync", FALSE, "enable-last-sample", FALSE, NULL);
  self->pipeline = gst_pipeline_new ("window");
  gst_bin_add_many (GST_BIN (self->pipeline), feeder, sink, NULL);
  self->source = gst_bin_get_by_name (GST_BIN (self->pipeline), "source");
  self->bus = gst_element_get_bus (self->pipeline);
  if (gst_element_link (feeder, sink) &&
      gst_element_set_state (self->pipeline, GST_STATE_PLAYING) !=
          GST_STATE_CHANGE_FAILURE)
    return TRUE;
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE,
      "opening a window: it can't be drawn in; try --headless");
  return FALSE;
}

static void
screen_set (FoyerScreen *self, GstSample *sample)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GstSample *before;

  g_mutex_lock (&self->lock);
  before = self->shown;
  self->shown = gst_sample_ref (sample);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&before, gst_sample_unref);
  if (self->source != NULL)
    g_signal_emit_by_name (self->source, "push-sample", sample, &flow);
}

FoyerScreen *
foyer_screen_new (const char *name, gboolean has_window, GError **error)
{
  g_autoptr (FoyerScreen) self = g_new0 (FoyerScreen, 1);

  g_mutex_init (&self->lock);
  self->slate = slate_new (name);
  if (has_window && !screen_open_window (self, error))
    return NULL;
  foyer_screen_show_slate (self);
  return g_steal_pointer (&self);
}

void
foyer_screen_show (FoyerScreen *self, GstBuffer *buffer, GstCaps *caps)
{
  GstSample *sample = gst_sample_new (buffer, caps, NULL, NULL);

  screen_set (self, sample);
  gst_sample_unref (sample);
}

void
foyer_screen_show_slate (FoyerScreen *self)
{
  screen_set (self, self->slate);
}

static GstSample *
screen_dup_png (FoyerScreen *self, GError **error)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("image/png");
  GstSample *shown, *png;

  g_mutex_lock (&self->lock);
  shown = gst_sample_ref (self->shown);
  g_mutex_unlock (&self->lock);
  png = gst_video_convert_sample (shown, caps, PNG_TIMEOUT, error);
  gst_sample_unref (shown);
  return png;
}

gboolean
foyer_screen_save (FoyerScreen *self, const char *path, GError **error)
{
  GstSample *png = screen_dup_png (self, error);
  gboolean is_saved = FALSE;
  GstMapInfo map;

  if (png == NULL) {
    g_prefix_error (error, "coding the picture for %s: ", path);
    return FALSE;
  }
  if (gst_buffer_map (gst_sample_get_buffer (png), &map, GST_MAP_READ)) {
    is_saved = g_file_set_contents (path, (const char *) map.data,
        (gssize) map.size, error);
    gst_buffer_unmap (gst_sample_get_buffer (png), &map);
  }
  gst_sample_unref (png);
  return is_saved;
}

GstBus *
foyer_screen_get_bus (FoyerScreen *self)
{
  return self->bus;
}

void
foyer_screen_free (FoyerScreen *self)
{
  if (self == NULL)
    return;
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_clear_object (&self->bus);
  gst_clear_object (&self->source);
  gst_clear_object (&self->pipeline);
  g_clear_pointer (&self->shown, gst_sample_unref);
  g_clear_pointer (&self->slate, gst_sample_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}
