/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-slate-worker.h"

#include "foyer-fd.h"
#include "foyer-media.h"
#include "foyer-sealed.h"
#include "foyer-slate.h"
#include "foyer-worker.h"

#define LIMIT     (5 * GST_SECOND)
#define MAX_PX    4096
#define MIN_PX    16
#define SLATE_BPS 2000000

typedef struct
{
  FoyerMessage config;
  GstElement *pipeline;
  GstElement *source;
  GMutex lock;   /* for the picture */
  GBytes *coded; /* the first that came out, if it is a key frame */
} SlateWorker;

/* Streaming thread. */
static void
on_coded (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  SlateWorker *self = user_data;
  GstMapInfo map;

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT) ||
      !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  g_mutex_lock (&self->lock);
  if (self->coded == NULL)
    self->coded = g_bytes_new (map.data, map.size);
  g_mutex_unlock (&self->lock);
  gst_buffer_unmap (buffer, &map);
}

static void
draw (SlateWorker *self)
{
  const FoyerShape *shape = &self->config.shape;
  gsize n_bytes = (gsize) shape->width_px * shape->height_px * 3 / 2;
  guint8 *picture = g_malloc (n_bytes);
  GstBuffer *buffer = gst_buffer_new_wrapped (picture, n_bytes);
  GstFlowReturn result;

  foyer_slate_draw_sized (picture, shape->width_px, shape->height_px,
      self->config.text, "no fresh picture");
  GST_BUFFER_PTS (buffer) = 0;
  GST_BUFFER_DURATION (buffer) = GST_SECOND;
  g_signal_emit_by_name (self->source, "push-buffer", buffer, &result);
  gst_buffer_unref (buffer);
  g_signal_emit_by_name (self->source, "end-of-stream", &result);
}

static void
hand_over (SlateWorker *self, FoyerWorker *worker)
{
  foyer_autofd int fd = self->coded != NULL ? foyer_sealed_new (self->coded)
                                            : -1;
  FoyerMessage message = { .type = FOYER_MESSAGE_DRAWN,
    .shape = self->config.shape };

  if (fd >= 0)
    foyer_worker_say (worker, &message, fd);
  else
    foyer_worker_fail (worker, FOYER_REASON_WORKER_DIED, NULL,
        "the slate can't be encoded");
}

/* It has nothing else to do, so it may wait. */
static void
slate_worker_begin (FoyerWorker *worker, gpointer user_data)
{
  SlateWorker *self = user_data;
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  draw (self);
  message = gst_bus_timed_pop_filtered (bus, LIMIT,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  hand_over (self, worker);
  _exit (0);
}

static void
slate_worker_take (FoyerWorker *worker, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  if (message->type == FOYER_MESSAGE_CLOSE)
    foyer_worker_close (worker, NULL);
  _exit (0);
}

static gboolean
build (SlateWorker *self, GError **error)
{
  FoyerShape *shape = &self->config.shape;
  GstCaps *caps = foyer_media_dup_raw_caps (shape);
  GstBin *bin = GST_BIN (self->pipeline);
  GError *problem = NULL;
  const FoyerCastEncoderKind *kind;
  GstElement *encoder, *filter, *sink;

  gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION,
      MAX (shape->fps_n, 1), shape->fps_d, NULL);
  shape->max_bps = SLATE_BPS;
  self->source = foyer_media_add (bin, "appsrc", &problem);
  encoder = foyer_media_add_encoder (bin, shape, &kind, &problem);
  filter = foyer_media_add_filter (bin,
      foyer_cast_encoder_dup_caps (foyer_media_get_cast_codec (shape->codec)),
      &problem);
  sink = foyer_media_add (bin, "fakesink", &problem);
  if (problem == NULL) {
    g_object_set (self->source, "caps", caps, "format", GST_FORMAT_TIME, NULL);
    g_object_set (sink, "signal-handoffs", TRUE, "sync", FALSE, "async", FALSE,
        "enable-last-sample", FALSE, NULL);
    g_signal_connect (sink, "handoff", G_CALLBACK (on_coded), self);
    if (!gst_element_link_many (self->source, encoder, filter, sink, NULL) ||
        gst_element_set_state (self->pipeline, GST_STATE_READY) ==
            GST_STATE_CHANGE_FAILURE)
      problem = g_error_new_literal (GST_CORE_ERROR,
          GST_CORE_ERROR_STATE_CHANGE, "the encoder can't be opened");
  }
  gst_caps_unref (caps);
  if (problem != NULL)
    g_propagate_error (error, problem);
  return problem == NULL;
}

static gboolean
slate_worker_prepare (FoyerWorker *worker, const FoyerMessage *config, int *fds,
    gpointer user_data, GError **error)
{
  static const char *const names[] = { "appsrc", "capsfilter", "fakesink",
    NULL };
  SlateWorker *self = user_data;
  FoyerShape *shape = &self->config.shape;

  self->config = *config;
  shape->width_px = MIN (shape->width_px, MAX_PX) / 2 * 2;
  shape->height_px = MIN (shape->height_px, MAX_PX) / 2 * 2;
  if (shape->codec == FOYER_CODEC_RAW || shape->width_px < MIN_PX ||
      shape->height_px < MIN_PX) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "no slate of %ux%u can be encoded", shape->width_px, shape->height_px);
    return FALSE;
  }
  if (!foyer_media_load (names, error))
    return FALSE;
  self->pipeline = gst_pipeline_new (NULL);
  return build (self, error);
}

static const FoyerWorkerClass slate_worker_class = {
  .kind = FOYER_WORKER_SLATE,
  .prepare = slate_worker_prepare,
  .begin = slate_worker_begin,
  .take = slate_worker_take,
};

void
foyer_slate_worker_run (void)
{
  static SlateWorker self;

  foyer_worker_run (&slate_worker_class, &self);
}
