/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-device.h"

#include "foyer-capture.h"
#include "foyer-cast-fit.h"
#include "foyer-media.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#define DECODER  "avdec_h264"
#define WATCH_US (200 * 1000)

/* What of a camera's frames is taken; streaming thread. */
typedef struct
{
  FoyerCaptureCheck check;
  FoyerCastThinner thinner; /* lets all pass if zeroed */
} Intake;

/* Its own H.264 is of use where a clock need not be drawn into it, and where it can be
 * decoded for those who need that. The decoder is large: it is not loaded for
 * nothing. */
static gboolean
can_take_h264 (const FoyerMessage *config, const GArray *modes)
{
  gboolean has_any = FALSE;

  for (guint i = 0; i < modes->len; i++)
    has_any |= g_array_index (modes, FoyerV4l2Mode, i).format ==
        V4L2_PIX_FMT_H264;
  return has_any && config->ticking != FOYER_TICKING_ON &&
      foyer_media_load_element ("h264parse", NULL) &&
      foyer_media_load_element (DECODER, NULL);
}

static gboolean
choose (const FoyerMessage *config, int device, FoyerV4l2Mode *mode,
    GError **error)
{
  const FoyerShape *shape = &config->shape;
  FoyerV4l2Wish wish = {
    .width_px = shape->width_px,
    .height_px = shape->height_px,
    .fps_n = MAX (shape->fps_n, 1),
    .fps_d = shape->fps_d,
  };
  g_autoptr (GArray) modes = NULL;
  FoyerV4l2 v4l2;

  foyer_ioctl_init (&v4l2, device);
  modes = foyer_v4l2_list_modes (&v4l2, error);
  if (modes == NULL)
    return FALSE;
  wish.has_h264 = can_take_h264 (config, modes);
  if (foyer_v4l2_choose (modes, &wish, mode))
    return TRUE;
  g_set_error_literal (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "the camera has no format that can be read");
  return FALSE;
}

static gboolean
is_whole (Intake *self, GstBuffer *buffer)
{
  gboolean is_good = FALSE;
  GstMapInfo map;

  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_CORRUPTED) &&
      gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    is_good = foyer_capture_check_is_whole (&self->check, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  return is_good;
}

/* Streaming thread. */
static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (probe);
  GstClockTime pts_ns = GST_BUFFER_PTS (buffer);
  Intake *self = user_data;

  return is_whole (self, buffer) &&
          (!GST_CLOCK_TIME_IS_VALID (pts_ns) ||
              foyer_cast_thinner_accept (&self->thinner, (gint64) pts_ns))
      ? GST_PAD_PROBE_OK
      : GST_PAD_PROBE_DROP;
}

static void
add_intake (GstElement *source, const FoyerV4l2Mode *mode,
    const FoyerShape *most)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");
  Intake *intake = g_new0 (Intake, 1);

  foyer_capture_check_init (&intake->check, mode);
  if (foyer_capture_is_thinned (mode, most))
    foyer_cast_thinner_init (&intake->thinner, most->fps_n, most->fps_d);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, intake, g_free);
}

/* The device that is being opened. */
static int opening = -1;

static void
on_alarm (int number)
{
  struct v4l2_capability capability;
  int before = errno;

  if (ioctl (opening, VIDIOC_QUERYCAP, &capability) < 0 && errno == ENODEV)
    _exit (1);
  errno = before;
}

/* GStreamer 1.22 asks for controls without an end if the device goes just then, and
 * nothing else would ever run here. A thread would still be seen, after its end, when
 * this process is locked in. */
static void
set_watch (int device)
{
  const int every_us = device >= 0 ? WATCH_US : 0;
  const struct itimerval timer = { { 0, every_us }, { 0, every_us } };
  const struct sigaction action = { .sa_handler = device >= 0 ? on_alarm
                                                              : SIG_IGN,
    .sa_flags = SA_RESTART };

  opening = device;
  (void) sigaction (SIGALRM, &action, NULL);
  (void) setitimer (ITIMER_REAL, &timer, NULL);
}

static gboolean
open_source (GstElement *source, int device, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", device);
  GstStateChangeReturn changed;

  /* Mapped buffers are read here; sharing them with other devices is of no use. */
  g_object_set (source, "device", path, NULL);
  gst_util_set_object_arg (G_OBJECT (source), "io-mode", "mmap");
  set_watch (device);
  changed = gst_element_set_state (source, GST_STATE_READY);
  set_watch (-1);
  if (changed != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  g_set_error_literal (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ,
      "the camera can't be opened");
  return FALSE;
}

/* What makes raw pictures, or whole H.264, of what the device sends. */
static GstElement *
add_reading (GstBin *bin, const FoyerV4l2Mode *mode, const FoyerShape *shape,
    GstElement *from, GError **problem)
{
  gboolean is_jpeg = mode->format == V4L2_PIX_FMT_MJPEG ||
      mode->format == V4L2_PIX_FMT_JPEG;
  GstElement *reader = NULL, *convert, *last;

  if (mode->format == V4L2_PIX_FMT_H264) {
    reader = foyer_media_add (bin, "h264parse", problem);
    last = foyer_media_add_filter (bin,
        gst_caps_new_simple ("video/x-h264", "stream-format", G_TYPE_STRING,
            "byte-stream", "alignment", G_TYPE_STRING, "au", NULL),
        problem);
    if (*problem != NULL)
      return NULL;
    g_object_set (reader, "config-interval", -1, NULL);
    gst_element_link_many (from, reader, last, NULL);
    return last;
  }
  if (is_jpeg)
    reader = foyer_media_add (bin, "jpegdec", problem);
  convert = foyer_media_add (bin, "videoconvertscale", problem);
  last = foyer_media_add_filter (bin, foyer_media_dup_raw_caps (shape),
      problem);
  if (*problem != NULL)
    return NULL;
  foyer_media_refuse_unreadable (convert);
  if (reader != NULL) {
    /* One that makes nothing else is noticed by the silence. */
    g_object_set (reader, "max-errors", -1, NULL);
    gst_element_link (from, reader);
    from = reader;
  }
  gst_element_link_many (from, convert, last, NULL);
  return last;
}

gboolean
foyer_camera_device_add (GstBin *bin, const FoyerMessage *config, int device,
    FoyerCameraSource *source, GError **error)
{
  GstElement *from, *filter;
  GError *problem = NULL;
  FoyerV4l2Mode mode;

  if (!choose (config, device, &mode, error))
    return FALSE;
  g_message ("captures %.4s, %ux%u, %u/%u a second",
      (const char *) &mode.format, mode.width_px, mode.height_px, mode.fps_n,
      mode.fps_d);
  source->shape = foyer_capture_fit (&mode, &config->shape);
  source->is_coded = mode.format == V4L2_PIX_FMT_H264;
  from = foyer_media_add (bin, "v4l2src", &problem);
  filter = foyer_media_add_filter (bin, foyer_capture_dup_caps (&mode),
      &problem);
  if (problem == NULL && open_source (from, device, &problem)) {
    gst_element_link (from, filter);
    add_intake (from, &mode, &config->shape);
    source->last = add_reading (bin, &mode, &source->shape, filter, &problem);
  }
  if (problem != NULL)
    g_propagate_error (error, problem);
  return problem == NULL;
}
