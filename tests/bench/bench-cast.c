/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gst/gst.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* A cast whose costs are known apart: pictures made beforehand come from
 * memory at 30 a second, with the time of their capture.
 *
 *     bench-cast KIND SECONDS [SINK WORD...]
 *
 * raw    720p pictures with the mark, for the sink to encode
 * coded  720p H.264 at about 3 Mbit/s, for the sink to pass through
 * burst  720p H.264 with key frames of about 150 kB
 *
 * The sink is a gst-launch description; without one it is fakesink. Prints a
 * JSON object: when the pipeline was told to play, CPU seconds per second once
 * it had settled, size of the stream, time spent in the encoder per frame. */

#define FPS           30
#define PERIOD_NS     (G_GINT64_CONSTANT (1000000000) / FPS)
#define NS_PER_S      G_GINT64_CONSTANT (1000000000)
#define NS_PER_US     1000
#define SETTLE_FRAMES (2 * FPS)
#define RAW_CAPS      "video/x-raw,format=I420,width=1280,height=720,framerate=30/1 "
#define CODED_CAPS \
  "h264parse ! video/x-h264,stream-format=byte-stream,alignment=au "

typedef struct
{
  const char *name;
  const char *maker; /* makes the pictures, once */
  const char *head;  /* between the pictures and the sink */
  gboolean is_swung; /* shown forth and back, so that the scene never jumps */
} Kind;

static const Kind kinds[] = {
  { "raw",
      "videotestsrc num-buffers=30 pattern=pinwheel horizontal-speed=3 "
      "background-color=0xff14304a foreground-color=0xff5a9bb0 ! " RAW_CAPS,
      "foyermark camera=1 ! ", TRUE },
  { "coded",
      "videotestsrc num-buffers=300 pattern=snow ! " RAW_CAPS
      "! x264enc tune=zerolatency speed-preset=ultrafast bitrate=3000 "
      "vbv-buf-capacity=500 key-int-max=60 ! " CODED_CAPS,
      "", FALSE },
  { "burst",
      "videotestsrc num-buffers=1 pattern=snow ! " RAW_CAPS
      "! imagefreeze num-buffers=60 ! x264enc tune=zerolatency pass=quant "
      "quantizer=48 speed-preset=ultrafast key-int-max=60 ! " CODED_CAPS,
      "", FALSE },
};

typedef struct
{
  GPtrArray *pictures; /* GstBuffer */
  GstCaps *caps;
  GMutex lock;
  GQueue entered; /* lock: when frames went into the encoder */
  GArray *encode; /* lock: how long each took, ns */
  gint64 playing_ns;
  gint64 n_bytes;
  gint64 max_bytes;
  gint64 settled_cpu_us;
  gint64 settled_ns;
} Bench;

static gint64
get_ns (void)
{
  return g_get_monotonic_time () * NS_PER_US;
}

static gint64
get_cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
      usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static GstElement *
parse (const char *description)
{
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_parse_launch (description, &error);

  if (error != NULL)
    g_error ("%s: %s", description, error->message);
  return element;
}

static void
make_pictures (Bench *self, const Kind *kind)
{
  g_autofree char *description = g_strconcat (kind->maker,
      "! appsink name=out sync=false", NULL);
  g_autoptr (GstElement) pipeline = parse (description);
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (pipeline), "out");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (;;) {
    g_autoptr (GstSample) sample = NULL;
    GstBuffer *picture;

    g_signal_emit_by_name (out, "pull-sample", &sample);
    if (sample == NULL)
      break;
    picture = gst_buffer_copy_deep (gst_sample_get_buffer (sample));
    gst_caps_replace (&self->caps, gst_sample_get_caps (sample));
    g_ptr_array_add (self->pictures, picture);
    self->n_bytes += (gint64) gst_buffer_get_size (picture);
    self->max_bytes = MAX (self->max_bytes,
        (gint64) gst_buffer_get_size (picture));
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (self->pictures->len == 0)
    g_error ("no pictures from %s", kind->maker);
}

static GstPadProbeReturn
on_encoder_entered (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Bench *self = user_data;

  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->entered, g_memdup2 (&(gint64){ get_ns () }, 8));
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

/* Frames leave a live encoder in the order in which they came. */
static GstPadProbeReturn
on_encoder_left (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Bench *self = user_data;
  g_autofree gint64 *entered_ns = NULL;

  g_mutex_lock (&self->lock);
  entered_ns = g_queue_pop_head (&self->entered);
  if (entered_ns != NULL) {
    gint64 spent_ns = get_ns () - *entered_ns;

    g_array_append_val (self->encode, spent_ns);
  }
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static void
add_probe (GstElement *element, const char *pad_name,
    GstPadProbeCallback callback, Bench *self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, self, NULL);
}

static void
on_element_added (GstBin *bin, GstBin *sub_bin, GstElement *element,
    gpointer user_data)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory == NULL ||
      !gst_element_factory_list_is_type (factory,
          GST_ELEMENT_FACTORY_TYPE_VIDEO_ENCODER))
    return;
  add_probe (element, "sink", on_encoder_entered, user_data);
  add_probe (element, "src", on_encoder_left, user_data);
}

static void
sleep_until (gint64 until_ns)
{
  struct timespec until = {
    .tv_sec = until_ns / NS_PER_S,
    .tv_nsec = until_ns % NS_PER_S,
  };

  while (
      clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
    continue;
}

static GstBuffer *
copy_picture (const Bench *self, const Kind *kind, guint i)
{
  guint last = self->pictures->len - 1;
  guint at = kind->is_swung && last > 0 ? i % (2 * last) : i % (last + 1);

  return gst_buffer_copy (
      g_ptr_array_index (self->pictures, at > last ? 2 * last - at : at));
}

/* Pushes a picture each period; FALSE once the pipeline refuses. */
static gboolean
push_pictures (Bench *self, const Kind *kind, GstElement *pipeline,
    GstElement *source, guint n_frames)
{
  gint64 began_ns = get_ns ();

  for (guint i = 0; i < n_frames; i++) {
    g_autoptr (GstBuffer) picture = copy_picture (self, kind, i);
    GstFlowReturn flow = GST_FLOW_OK;

    if (i == SETTLE_FRAMES) {
      self->settled_cpu_us = get_cpu_us ();
      self->settled_ns = get_ns ();
    }
    sleep_until (began_ns + i * PERIOD_NS);
    GST_BUFFER_PTS (picture) = (GstClockTime) get_ns () -
        gst_element_get_base_time (pipeline);
    GST_BUFFER_DTS (picture) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION (picture) = PERIOD_NS;
    g_signal_emit_by_name (source, "push-buffer", picture, &flow);
    if (flow != GST_FLOW_OK)
      return FALSE;
  }
  return TRUE;
}

static void
report (Bench *self)
{
  gint64 spent_us = get_cpu_us () - self->settled_cpu_us;
  gint64 spent_ns = get_ns () - self->settled_ns;

  g_print ("{\"playing_ns\": %" G_GINT64_FORMAT ", \"cpu_s_per_s\": %.6f, ",
      self->playing_ns, (double) spent_us * NS_PER_US / (double) spent_ns);
  g_print ("\"mean_bytes\": %" G_GINT64_FORMAT
           ", \"max_bytes\": %" G_GINT64_FORMAT ", \"encode_ns\": [",
      self->n_bytes / self->pictures->len, self->max_bytes);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->encode->len; i++)
    g_print ("%s%" G_GINT64_FORMAT, i > 0 ? ", " : "",
        g_array_index (self->encode, gint64, i));
  g_mutex_unlock (&self->lock);
  g_print ("]}\n");
}

/* Whether an error message waits on the bus; it is told. */
static gboolean
has_failed (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus,
      GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return FALSE;
  gst_message_parse_error (message, &error, NULL);
  g_printerr ("%s\n", error->message);
  return TRUE;
}

static int
run (Bench *self, const Kind *kind, guint seconds, const char *sink)
{
  g_autofree char *description =
      g_strconcat ("appsrc name=in is-live=true format=time ! ", kind->head,
          sink, NULL);
  g_autoptr (GstElement) pipeline = gst_pipeline_new (NULL);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstElement) source = NULL;
  gboolean is_good;

  g_signal_connect (pipeline, "deep-element-added",
      G_CALLBACK (on_element_added), self);
  gst_bin_add (GST_BIN (pipeline), parse (description));
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), clock);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "in");
  g_object_set (source, "caps", self->caps, NULL);
  self->playing_ns = get_ns ();
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  is_good = push_pictures (self, kind, pipeline, source, seconds * FPS);
  report (self);
  is_good = is_good && !has_failed (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return is_good ? 0 : 1;
}

int
main (int argc, char **argv)
{
  Bench self = { .pictures = g_ptr_array_new_with_free_func (
                     (GDestroyNotify) gst_buffer_unref) };
  g_autofree char *sink = NULL;
  const Kind *kind = NULL;
  int status;

  gst_init (&argc, &argv);
  for (gsize i = 0; argc > 2 && i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (argv[1], kinds[i].name))
      kind = &kinds[i];
  if (kind == NULL) {
    g_printerr ("usage: %s raw|coded|burst SECONDS [SINK WORD...]\n", argv[0]);
    return 2;
  }
  sink = argc > 3 ? g_strjoinv (" ", argv + 3) : g_strdup ("fakesink");
  g_mutex_init (&self.lock);
  g_queue_init (&self.entered);
  self.encode = g_array_new (FALSE, FALSE, sizeof (gint64));
  make_pictures (&self, kind);
  status = run (&self, kind, (guint) strtoul (argv[2], NULL, 10), sink);
  g_queue_clear_full (&self.entered, g_free);
  g_array_unref (self.encode);
  g_ptr_array_unref (self.pictures);
  gst_clear_caps (&self.caps);
  return status;
}
