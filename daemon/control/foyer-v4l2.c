/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-v4l2.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>

#define LOOPBACK_DRIVER "v4l2 loopback"

/* What is offered of a range of sizes. */
static const struct
{
  guint16 width_px;
  guint16 height_px;
} common_sizes[] = {
  { 320, 240 },
  { 640, 360 },
  { 640, 480 },
  { 1280, 720 },
  { 1920, 1080 },
};

static int
call_fd (gpointer user_data, unsigned long request, void *argument)
{
  const int *fd = user_data;
  int result;

  do
    result = ioctl (*fd, request, argument);
  while (result < 0 && errno == EINTR);
  return result;
}

FoyerV4l2Device
foyer_v4l2_device_make (const int *fd)
{
  return (FoyerV4l2Device){ .call = call_fd, .user_data = (gpointer) fd };
}

void
foyer_v4l2_fail (GError **error, const char *what)
{
  int number = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
      "%s: %s", what, g_strerror (number));
}

void
foyer_v4l2_copy_text (char to[FOYER_V4L2_TEXT_BYTES], const guint8 *from,
    gsize n_from)
{
  gsize n = MIN (n_from, FOYER_V4L2_TEXT_BYTES - 1);
  const char *end;

  memset (to, 0, FOYER_V4L2_TEXT_BYTES);
  memcpy (to, from, n);
  n = strlen (to);
  for (gsize i = 0; i < n; i++)
    if (g_ascii_iscntrl (to[i]))
      to[i] = '?';
  /* A text that was cut may end within a character. */
  if (!g_utf8_validate (to, -1, &end))
    to[end - to] = '\0';
}

gboolean
foyer_v4l2_query (const FoyerV4l2Device *self, FoyerV4l2Card *card,
    GError **error)
{
  const guint32 others = V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE;
  struct v4l2_capability said = { 0 };
  guint32 flags;

  if (self->call (self->user_data, VIDIOC_QUERYCAP, &said) < 0) {
    foyer_v4l2_fail (error, "asking what the device is");
    return FALSE;
  }
  /* Of all the nodes of a device, or of this one. */
  flags = (said.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? said.device_caps
                                                          : said.capabilities;
  foyer_v4l2_copy_text (card->name, said.card, sizeof said.card);
  foyer_v4l2_copy_text (card->driver, said.driver, sizeof said.driver);
  foyer_v4l2_copy_text (card->place, said.bus_info, sizeof said.bus_info);
  card->is_camera = (flags & V4L2_CAP_VIDEO_CAPTURE) != 0 &&
      (flags & V4L2_CAP_STREAMING) != 0 && (flags & others) == 0;
  card->is_loopback = g_str_equal (card->driver, LOOPBACK_DRIVER);
  return TRUE;
}

FoyerV4l2Format
foyer_v4l2_format_from_fourcc (guint32 fourcc)
{
  switch (fourcc) {
    case V4L2_PIX_FMT_YUYV:
    case V4L2_PIX_FMT_UYVY:
    case V4L2_PIX_FMT_YUV420:
    case V4L2_PIX_FMT_YVU420:
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_RGB24:
    case V4L2_PIX_FMT_BGR24:
    case V4L2_PIX_FMT_GREY:
      return FOYER_V4L2_FORMAT_RAW;
    case V4L2_PIX_FMT_MJPEG:
    case V4L2_PIX_FMT_JPEG:
      return FOYER_V4L2_FORMAT_MJPEG;
    case V4L2_PIX_FMT_H264:
      return FOYER_V4L2_FORMAT_H264;
    default:
      return FOYER_V4L2_FORMAT_NONE;
  }
}

static gboolean
is_good_side (guint32 side_px)
{
  return side_px >= FOYER_V4L2_MIN_SIDE_PX && side_px <= FOYER_V4L2_MAX_SIDE_PX;
}

/* An interval is a rate upside down. Of absurd ones there is none. */
static gboolean
set_rate (FoyerV4l2Mode *mode, const struct v4l2_fract *interval)
{
  if (interval->numerator == 0 || interval->denominator == 0 ||
      interval->denominator / FOYER_V4L2_MAX_RATE_FPS > interval->numerator)
    return FALSE;
  mode->fps_n = interval->denominator;
  mode->fps_d = interval->numerator;
  return TRUE;
}

static void
add_mode (GArray *modes, const FoyerV4l2Mode *mode)
{
  if (modes->len < FOYER_V4L2_MAX_MODES)
    g_array_append_vals (modes, mode, 1);
}

/* All rates of a size; one mode without a rate, if the device names none. */
static gboolean
add_rates (const FoyerV4l2Device *self, GArray *modes, FoyerV4l2Mode mode,
    GError **error)
{
  guint n_before = modes->len;

  for (guint i = 0; i < FOYER_V4L2_MAX_INTERVALS; i++) {
    struct v4l2_frmivalenum said = { .index = i,
      .pixel_format = mode.fourcc,
      .width = mode.width_px,
      .height = mode.height_px };

    if (self->call (self->user_data, VIDIOC_ENUM_FRAMEINTERVALS, &said) < 0) {
      if (errno == EINVAL || errno == ENOTTY)
        break;
      foyer_v4l2_fail (error, "asking for frame rates");
      return FALSE;
    }
    if (said.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
      /* Of a range the shortest interval is as good as any. */
      if (set_rate (&mode, &said.stepwise.min))
        add_mode (modes, &mode);
      break;
    }
    if (set_rate (&mode, &said.discrete))
      add_mode (modes, &mode);
  }
  if (modes->len == n_before) {
    mode.fps_n = 0;
    mode.fps_d = 1;
    add_mode (modes, &mode);
  }
  return TRUE;
}

static gboolean
is_within (guint32 side_px, guint32 min_px, guint32 max_px, guint32 step_px)
{
  return side_px >= min_px && side_px <= max_px &&
      (step_px == 0 || (side_px - min_px) % step_px == 0);
}

static gboolean
add_common_sizes (const FoyerV4l2Device *self, GArray *modes,
    FoyerV4l2Mode mode, const struct v4l2_frmsize_stepwise *range,
    GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (common_sizes); i++) {
    mode.width_px = common_sizes[i].width_px;
    mode.height_px = common_sizes[i].height_px;
    if (is_within (mode.width_px, range->min_width, range->max_width,
            range->step_width) &&
        is_within (mode.height_px, range->min_height, range->max_height,
            range->step_height) &&
        !add_rates (self, modes, mode, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_sizes (const FoyerV4l2Device *self, GArray *modes, FoyerV4l2Mode mode,
    GError **error)
{
  for (guint i = 0; i < FOYER_V4L2_MAX_SIZES; i++) {
    struct v4l2_frmsizeenum said = { .index = i, .pixel_format = mode.fourcc };

    if (self->call (self->user_data, VIDIOC_ENUM_FRAMESIZES, &said) < 0) {
      if (errno == EINVAL || errno == ENOTTY)
        return TRUE;
      foyer_v4l2_fail (error, "asking for picture sizes");
      return FALSE;
    }
    if (said.type != V4L2_FRMSIZE_TYPE_DISCRETE)
      return add_common_sizes (self, modes, mode, &said.stepwise, error);
    if (!is_good_side (said.discrete.width) ||
        !is_good_side (said.discrete.height))
      continue;
    mode.width_px = (guint16) said.discrete.width;
    mode.height_px = (guint16) said.discrete.height;
    if (!add_rates (self, modes, mode, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_formats (const FoyerV4l2Device *self, GArray *modes, GError **error)
{
  for (guint i = 0; i < FOYER_V4L2_MAX_FORMATS; i++) {
    struct v4l2_fmtdesc said = { .index = i,
      .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
    FoyerV4l2Mode mode = { .fps_d = 1 };

    if (self->call (self->user_data, VIDIOC_ENUM_FMT, &said) < 0) {
      if (errno == EINVAL || errno == ENOTTY)
        return TRUE;
      foyer_v4l2_fail (error, "asking for picture formats");
      return FALSE;
    }
    mode.fourcc = said.pixelformat;
    mode.format = foyer_v4l2_format_from_fourcc (said.pixelformat);
    if (mode.format != FOYER_V4L2_FORMAT_NONE &&
        !add_sizes (self, modes, mode, error))
      return FALSE;
  }
  return TRUE;
}

GArray *
foyer_v4l2_list_modes (const FoyerV4l2Device *self, GError **error)
{
  g_autoptr (GArray) modes = g_array_new (FALSE, FALSE, sizeof (FoyerV4l2Mode));

  if (!add_formats (self, modes, error))
    return NULL;
  if (modes->len == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        "the device offers no picture that can be used");
    return NULL;
  }
  return g_steal_pointer (&modes);
}
