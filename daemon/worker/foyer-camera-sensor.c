/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-sensor.h"

#include "foyer-fd.h"
#include "foyer-graph.h"
#include "foyer-landlock.h"
#include "foyer-media.h"

#include <fcntl.h>
#include <gst/video/video.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define PROVIDER    "libcameraprovider"
#define ELEMENT     "libcamerasrc"
#define MAX_MEDIA   64
#define MIN_SIDE_PX 16
#define HEAPS       "/dev/dma_heap" /* where an ISP takes its tables from */

/* Libraries, tuning of sensors, and what the kernel and udev tell of devices. */
static const char *const readable[] = { "/usr", "/lib", "/etc/ld.so.cache",
  "/etc/libcamera", "/sys", "/run/udev", NULL };

/* (nullable): "/dev/v4l-subdev3" */
static char *
dup_node_path (dev_t node)
{
  g_autofree char *link = g_strdup_printf ("/sys/dev/char/%u:%u", major (node),
      minor (node));
  g_autofree char *target = g_file_read_link (link, NULL);
  g_autofree char *name = target != NULL ? g_path_get_basename (target) : NULL;

  return name != NULL ? g_strconcat ("/dev/", name, NULL) : NULL;
}

static void
add_parts (GPtrArray *paths, const GArray *parts)
{
  for (guint i = 0; i < parts->len; i++) {
    dev_t node = g_array_index (parts, FoyerGraphPart, i).node;
    char *path = node != 0 ? dup_node_path (node) : NULL;

    if (path != NULL)
      g_ptr_array_add (paths, path);
  }
}

static gboolean
is_usb (guint number)
{
  g_autofree char *link = g_strdup_printf ("/sys/bus/media/devices/media%u",
      number);
  g_autofree char *target = g_file_read_link (link, NULL);

  return target != NULL && strstr (target, "/usb") != NULL;
}

/* (nullable) (transfer full) */
static GArray *
list_parts (const char *path)
{
  foyer_autofd int fd = open (path, O_RDWR | O_CLOEXEC);
  FoyerIoctl media;

  foyer_ioctl_init (&media, fd);
  return fd >= 0 ? foyer_graph_list (&media) : NULL;
}

/* (transfer full): the nodes of one sensor, or of all, and of what turns what sensors
 * see into pictures, for all of them. */
static GPtrArray *
list_nodes (dev_t sensor)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (paths, g_strdup (HEAPS));
  for (guint i = 0; i < MAX_MEDIA; i++) {
    g_autofree char *path = g_strdup_printf ("/dev/media%u", i);
    g_autoptr (GArray) parts = list_parts (path);

    if (parts == NULL || is_usb (i) ||
        (!foyer_graph_has_sensor (parts, sensor) &&
            !foyer_graph_is_converter (parts)))
      continue;
    add_parts (paths, parts);
    g_ptr_array_add (paths, g_steal_pointer (&path));
  }
  g_ptr_array_add (paths, NULL);
  return paths;
}

static gboolean
keep_to (dev_t sensor, GError **error)
{
  g_autoptr (GPtrArray) nodes = list_nodes (sensor);

  return foyer_landlock_keep_to (readable, (const char *const *) nodes->pdata,
      error);
}

GPtrArray *
foyer_camera_sensor_list (GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GstDeviceProvider *provider = gst_device_provider_factory_get_by_name (
      PROVIDER);
  GList *devices;

  if (provider == NULL) {
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "libcamera's GStreamer plugin is not installed");
    return NULL;
  }
  /* It lives as long as this process, which is not for long. */
  if (!keep_to (0, error))
    return NULL;
  devices = gst_device_provider_get_devices (provider);
  for (GList *at = devices; at != NULL; at = at->next)
    g_ptr_array_add (names, gst_device_get_display_name (at->data));
  g_list_free_full (devices, gst_object_unref);
  return g_steal_pointer (&names);
}

/* What it can make is known once it runs: whatever is read here, up to that size.
 * libcamera comes as near to its own as that allows. */
static GstCaps *
make_caps (const FoyerShape *most)
{
  GstCaps *caps = gst_caps_from_string (
      "video/x-raw, format = (string) { NV12, I420, YV12, NV21, YUY2, UYVY, "
      "YVYU, VYUY, RGB, BGR, RGBx, BGRx, xRGB, xBGR }");

  gst_caps_set_simple (caps, "width", GST_TYPE_INT_RANGE, MIN_SIDE_PX,
      (int) most->width_px, "height", GST_TYPE_INT_RANGE, MIN_SIDE_PX,
      (int) most->height_px, NULL);
  return caps;
}

/* libcamera 0.0.3 does not say how long a line is: GStreamer would take it to be a
 * multiple of four bytes. */
static GstBuffer *
tell_stride (GstPad *pad, GstBuffer *buffer)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gsize n_bytes = gst_buffer_get_size (buffer);
  gsize offsets[GST_VIDEO_MAX_PLANES] = { 0 };
  int strides[GST_VIDEO_MAX_PLANES] = { 0 };
  GstVideoInfo info;

  if (caps == NULL || !gst_video_info_from_caps (&info, caps) ||
      GST_VIDEO_INFO_N_PLANES (&info) != 1 || n_bytes >= info.size ||
      n_bytes % (gsize) info.height != 0 ||
      gst_buffer_get_video_meta (buffer) != NULL)
    return buffer;
  strides[0] = (int) (n_bytes / (gsize) info.height);
  if (strides[0] < info.width * GST_VIDEO_INFO_COMP_PSTRIDE (&info, 0))
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_INFO_FORMAT (&info), (guint) info.width, (guint) info.height, 1,
      offsets, strides);
  return buffer;
}

/* Streaming thread. */
static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (probe);

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_CORRUPTED))
    return GST_PAD_PROBE_DROP;
  GST_PAD_PROBE_INFO_DATA (probe) = tell_stride (pad, buffer);
  return GST_PAD_PROBE_OK;
}

static gboolean
open_camera (GstElement *from, const char *name, int sensor, GError **error)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (from, "src");
  struct stat status;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, NULL, NULL);
  g_object_set (from, "camera-name", name, NULL);
  if (fstat (sensor, &status) != 0 || !S_ISCHR (status.st_mode)) {
    g_set_error_literal (error, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_OPEN_READ, "the sensor is no device");
    return FALSE;
  }
  if (!keep_to (status.st_rdev, error))
    return FALSE;
  if (gst_element_set_state (from, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  g_set_error_literal (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ,
      "libcamera can't open the camera; another program may have it");
  return FALSE;
}

gboolean
foyer_camera_sensor_add (GstBin *bin, const FoyerMessage *config, int sensor,
    FoyerCameraSource *source, GError **error)
{
  GError *problem = NULL;
  GstElement *from = foyer_media_add (bin, ELEMENT, &problem);
  GstElement *filter = foyer_media_add_filter (bin, make_caps (&config->shape),
      &problem);
  GstElement *convert = foyer_media_add (bin, "videoconvertscale", &problem);
  GstElement *last = foyer_media_add_filter (bin,
      foyer_media_dup_raw_caps (&config->shape), &problem);

  if (problem == NULL && open_camera (from, config->text, sensor, &problem)) {
    gst_element_link_many (from, filter, convert, last, NULL);
    foyer_media_refuse_unreadable (convert);
    source->shape = config->shape;
    source->last = last;
  }
  if (problem != NULL)
    g_propagate_error (error, problem);
  return problem == NULL;
}
