/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-v4l2.h"

#include <errno.h>
#include <string.h>

#define LOOPBACK "v4l2 loopback"
#define CAMERA   (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING)
/* One of these, and it is something else, or can't be used as it is. */
#define OTHERS                                                                 \
  (V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_VIDEO_OUTPUT_MPLANE | V4L2_CAP_VIDEO_M2M | \
      V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_META_CAPTURE | V4L2_CAP_IO_MC)

/* Usual sizes, to pick from where a device takes any. */
static const guint16 usual_px[][2] = {
  { 1920, 1080 },
  { 1280, 720 },
  { 640, 480 },
  { 640, 360 },
  { 320, 240 },
  { 320, 180 },
};

/* Formats that are read, those first that cost least to turn into I420. */
static const guint32 readable[] = {
  V4L2_PIX_FMT_YUV420,
  V4L2_PIX_FMT_YVU420,
  V4L2_PIX_FMT_NV12,
  V4L2_PIX_FMT_NV21,
  V4L2_PIX_FMT_YUYV,
  V4L2_PIX_FMT_UYVY,
  V4L2_PIX_FMT_YVYU,
  V4L2_PIX_FMT_VYUY,
  V4L2_PIX_FMT_MJPEG,
  V4L2_PIX_FMT_JPEG,
  V4L2_PIX_FMT_BGR24,
  V4L2_PIX_FMT_RGB24,
  V4L2_PIX_FMT_XBGR32,
  V4L2_PIX_FMT_GREY,
};

/* Whether a list has come to its end with the call that just failed; drivers end
 * theirs with various errors. FALSE if the device is gone, and the list no list. */
static gboolean
is_end (GError **error)
{
  return errno != ENODEV ||
      foyer_ioctl_fail ("asking what the device can do", error);
}

static void
set_lie (GError **error, const char *words)
{
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, words);
}

/* A field that may lack its end; @to is as long. */
static void
copy_text (char *to, const guint8 *from, gsize n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) from, n_bytes);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const char *end;

  g_strlcpy (to, valid, n_bytes);
  if (!g_utf8_validate (to, -1, &end))
    to[end - to] = '\0';
}

gboolean
foyer_v4l2_read_card (const FoyerV4l2 *self, FoyerV4l2Card *card,
    GError **error)
{
  struct v4l2_capability capability = { 0 };
  guint32 flags;

  if (!foyer_ioctl_ask (self, VIDIOC_QUERYCAP, &capability))
    return foyer_ioctl_fail ("asking what the device is", error);
  flags = capability.capabilities & V4L2_CAP_DEVICE_CAPS
      ? capability.device_caps
      : capability.capabilities;
  copy_text (card->driver, capability.driver, sizeof card->driver);
  copy_text (card->name, capability.card, sizeof card->name);
  copy_text (card->bus, capability.bus_info, sizeof card->bus);
  card->is_camera = (flags & CAMERA) == CAMERA && (flags & OTHERS) == 0 &&
      strcmp (card->driver, LOOPBACK) != 0;
  return TRUE;
}

/* modes */

/* How far down it is in what is readable; -1 for not at all. */
static int
get_cost (guint32 format)
{
  for (gsize i = 0; i < G_N_ELEMENTS (readable); i++)
    if (readable[i] == format)
      return (int) i;
  return -1;
}

static gboolean
is_of_use (guint32 format)
{
  return get_cost (format) >= 0 || format == V4L2_PIX_FMT_H264;
}

static gboolean
is_size (guint32 width_px, guint32 height_px)
{
  return width_px >= FOYER_V4L2_MIN_SIDE_PX &&
      height_px >= FOYER_V4L2_MIN_SIDE_PX &&
      width_px <= FOYER_V4L2_MAX_SIDE_PX && height_px <= FOYER_V4L2_MAX_SIDE_PX;
}

/* An interval as a rate; FALSE if it can't be one. */
static gboolean
set_rate (FoyerV4l2Mode *mode, const struct v4l2_fract *interval)
{
  guint64 n = interval->denominator, d = interval->numerator;

  if (n == 0 || d == 0 || n / d >= FOYER_V4L2_MAX_FPS)
    return FALSE;
  /* Drivers count in parts of a second as fine as 100 ns. */
  while (n > G_MAXUINT16 || d > G_MAXUINT16) {
    n >>= 1;
    d >>= 1;
  }
  if (n == 0 || d == 0)
    return FALSE;
  mode->fps_n = (guint16) n;
  mode->fps_d = (guint16) d;
  return TRUE;
}

static gboolean
add_mode (GArray *modes, const FoyerV4l2Mode *mode, GError **error)
{
  if (modes->len >= FOYER_V4L2_MAX_MODES) {
    set_lie (error, "the device lists no end of ways to capture");
    return FALSE;
  }
  g_array_append_val (modes, *mode);
  return TRUE;
}

/* One size, at each rate that it has. */
static gboolean
list_rates (const FoyerV4l2 *self, GArray *modes, FoyerV4l2Mode *mode,
    GError **error)
{
  guint32 i;
  gboolean has_said = FALSE;

  for (i = 0; i < FOYER_V4L2_MAX_INTERVALS; i++) {
    struct v4l2_frmivalenum rate = { .index = i,
      .pixel_format = mode->format,
      .width = mode->width_px,
      .height = mode->height_px };
    gboolean is_one;

    if (!foyer_ioctl_ask (self, VIDIOC_ENUM_FRAMEINTERVALS, &rate)) {
      if (!is_end (error))
        return FALSE;
      break;
    }
    has_said = TRUE;
    is_one = rate.type == V4L2_FRMIVAL_TYPE_DISCRETE;
    if (set_rate (mode, is_one ? &rate.discrete : &rate.stepwise.min) &&
        !add_mode (modes, mode, error))
      return FALSE;
    if (!is_one)
      return TRUE;
  }
  if (i == FOYER_V4L2_MAX_INTERVALS) {
    set_lie (error, "the device lists no end of frame rates");
    return FALSE;
  }
  mode->fps_n = 0;
  mode->fps_d = 1;
  /* One that said nothing has a rate of its own. */
  return has_said || add_mode (modes, mode, error);
}

static gboolean
list_one_size (const FoyerV4l2 *self, GArray *modes, guint32 format,
    guint32 width_px, guint32 height_px, GError **error)
{
  FoyerV4l2Mode mode = { .format = format, .fps_d = 1 };

  if (!is_size (width_px, height_px))
    return TRUE;
  mode.width_px = (guint16) width_px;
  mode.height_px = (guint16) height_px;
  return list_rates (self, modes, &mode, error);
}

static gboolean
is_on_step (guint32 at, guint32 min, guint32 max, guint32 step)
{
  return at >= min && at <= max && (at - min) % MAX (step, 1) == 0;
}

static gboolean
list_usual_sizes (const FoyerV4l2 *self, GArray *modes, guint32 format,
    const struct v4l2_frmsize_stepwise *range, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usual_px); i++)
    if (is_on_step (usual_px[i][0], range->min_width, range->max_width,
            range->step_width) &&
        is_on_step (usual_px[i][1], range->min_height, range->max_height,
            range->step_height) &&
        !list_one_size (self, modes, format, usual_px[i][0], usual_px[i][1],
            error))
      return FALSE;
  return TRUE;
}

static gboolean
list_sizes (const FoyerV4l2 *self, GArray *modes, guint32 format,
    GError **error)
{
  for (guint32 i = 0; i < FOYER_V4L2_MAX_SIZES; i++) {
    struct v4l2_frmsizeenum size = { .index = i, .pixel_format = format };

    if (!foyer_ioctl_ask (self, VIDIOC_ENUM_FRAMESIZES, &size))
      return is_end (error);
    if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE)
      return list_usual_sizes (self, modes, format, &size.stepwise, error);
    if (!list_one_size (self, modes, format, size.discrete.width,
            size.discrete.height, error))
      return FALSE;
  }
  set_lie (error, "the device lists no end of sizes");
  return FALSE;
}

GArray *
foyer_v4l2_list_modes (const FoyerV4l2 *self, GError **error)
{
  g_autoptr (GArray) modes = g_array_new (FALSE, FALSE, sizeof (FoyerV4l2Mode));
  guint32 i;

  for (i = 0; i < FOYER_V4L2_MAX_FORMATS; i++) {
    struct v4l2_fmtdesc format = { .index = i,
      .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

    if (!foyer_ioctl_ask (self, VIDIOC_ENUM_FMT, &format)) {
      if (!is_end (error))
        return NULL;
      break;
    }
    if (is_of_use (format.pixelformat) &&
        !list_sizes (self, modes, format.pixelformat, error))
      return NULL;
  }
  if (i == FOYER_V4L2_MAX_FORMATS) {
    set_lie (error, "the device lists no end of formats");
    return NULL;
  }
  if (modes->len == 0) {
    set_lie (error, "the device lists no way to capture that can be right");
    return NULL;
  }
  return g_steal_pointer (&modes);
}

/* choosing; pure */

/* Pixels a second of those asked for, in thousands. A rate that the device does
 * not tell counts as half. */
static guint64
get_gain (const FoyerV4l2Mode *mode, const FoyerV4l2Wish *wish)
{
  guint64 n_px = (guint64) MIN (mode->width_px, wish->width_px) *
      MIN (mode->height_px, wish->height_px);
  guint64 asked_mhz = (guint64) wish->fps_n * 1000 / wish->fps_d;
  guint64 mhz = mode->fps_n == 0 ? asked_mhz / 2
                                 : (guint64) mode->fps_n * 1000 / mode->fps_d;

  /* 29.97 is 30, and so is 30.00003. */
  if (mhz + asked_mhz / 100 >= asked_mhz)
    mhz = asked_mhz;
  return n_px * mhz / 1000;
}

static gboolean
is_within (const FoyerV4l2Mode *mode, const FoyerV4l2Wish *wish)
{
  guint64 asked_mhz = (guint64) wish->fps_n * 1000 / wish->fps_d;

  return mode->width_px <= wish->width_px &&
      mode->height_px <= wish->height_px &&
      (guint64) mode->fps_n * 1000 / mode->fps_d <= asked_mhz + asked_mhz / 100;
}

static gboolean
is_better (const FoyerV4l2Mode *a, const FoyerV4l2Mode *b,
    const FoyerV4l2Wish *wish)
{
  guint64 gain_a = get_gain (a, wish), gain_b = get_gain (b, wish);
  guint32 n_a = (guint32) a->width_px * a->height_px;
  guint32 n_b = (guint32) b->width_px * b->height_px;
  guint32 rate_a = (guint32) a->fps_n * b->fps_d;
  guint32 rate_b = (guint32) b->fps_n * a->fps_d;

  if (gain_a != gain_b)
    return gain_a > gain_b;
  /* What is more than asked for is work for nothing. */
  if (n_a != n_b)
    return n_a < n_b;
  if (rate_a != rate_b)
    return rate_a < rate_b;
  return get_cost (a->format) < get_cost (b->format);
}

gboolean
foyer_v4l2_choose (const GArray *modes, const FoyerV4l2Wish *wish,
    FoyerV4l2Mode *mode)
{
  const FoyerV4l2Mode *best = NULL, *coded = NULL;

  for (guint i = 0; i < modes->len; i++) {
    const FoyerV4l2Mode *next = &g_array_index (modes, FoyerV4l2Mode, i);

    if (get_cost (next->format) >= 0) {
      if (best == NULL || is_better (next, best, wish))
        best = next;
    } else if (next->format == V4L2_PIX_FMT_H264 && wish->has_h264 &&
        is_within (next, wish)) {
      if (coded == NULL || is_better (next, coded, wish))
        coded = next;
    }
  }
  if (coded != NULL &&
      (best == NULL || get_gain (coded, wish) >= get_gain (best, wish) / 2))
    best = coded;
  if (best != NULL)
    *mode = *best;
  return best != NULL;
}

/* controls */

static void
control_clear (gpointer data)
{
  FoyerV4l2Control *control = data;

  g_clear_pointer (&control->choices, g_ptr_array_unref);
}

/* "White Balance, Automatic" as "white-balance-automatic". */
static void
set_control_name (FoyerV4l2Control *control, const guint8 *from, gsize n_bytes)
{
  gsize at = 0;

  for (gsize i = 0; i < n_bytes && from[i] != '\0'; i++) {
    if (g_ascii_isalnum (from[i]))
      control->name[at++] = g_ascii_tolower ((char) from[i]);
    else if (at > 0 && control->name[at - 1] != '-')
      control->name[at++] = '-';
    if (at == sizeof control->name - 1)
      break;
  }
  while (at > 0 && control->name[at - 1] == '-')
    at--;
  control->name[at] = '\0';
}

static void
list_choices (const FoyerV4l2 *self, FoyerV4l2Control *control)
{
  control->choices = g_ptr_array_new_with_free_func (g_free);
  for (gint32 i = control->min; i <= control->max; i++) {
    struct v4l2_querymenu choice = { .id = control->id, .index = (guint32) i };
    char name[sizeof choice.name] = "";

    if (!foyer_ioctl_ask (self, VIDIOC_QUERYMENU, &choice))
      *name = '\0';
    else if (control->kind == V4L2_CTRL_TYPE_INTEGER_MENU)
      g_snprintf (name, sizeof name, "%" G_GINT64_FORMAT,
          (gint64) choice.value);
    else
      copy_text (name, choice.name, sizeof name);
    g_ptr_array_add (control->choices, g_strdup (name));
  }
}

/* FALSE for one that is not shown. */
static gboolean
read_control (const FoyerV4l2 *self, const struct v4l2_queryctrl *query,
    FoyerV4l2Control *control)
{
  struct v4l2_control value = { .id = query->id };
  gboolean is_menu = query->type == V4L2_CTRL_TYPE_MENU ||
      query->type == V4L2_CTRL_TYPE_INTEGER_MENU;

  if (query->type == V4L2_CTRL_TYPE_CTRL_CLASS ||
      query->type > V4L2_CTRL_TYPE_INTEGER_MENU ||
      query->type == V4L2_CTRL_TYPE_INTEGER64 ||
      query->type == V4L2_CTRL_TYPE_STRING ||
      query->type == V4L2_CTRL_TYPE_BITMASK ||
      (query->flags & V4L2_CTRL_FLAG_DISABLED) != 0 ||
      query->minimum > query->maximum)
    return FALSE;
  if (is_menu &&
      (query->minimum < 0 || query->maximum >= FOYER_V4L2_MAX_CHOICES))
    return FALSE;
  *control = (FoyerV4l2Control){ .id = query->id,
    .kind = query->type,
    .min = query->minimum,
    .max = query->maximum,
    .step = MAX (query->step, 1),
    .standard = query->default_value };
  control->is_fixed = (query->flags &
                          (V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_GRABBED |
                              V4L2_CTRL_FLAG_INACTIVE)) != 0;
  set_control_name (control, query->name, sizeof query->name);
  if ((query->flags & V4L2_CTRL_FLAG_WRITE_ONLY) == 0 &&
      query->type != V4L2_CTRL_TYPE_BUTTON &&
      foyer_ioctl_ask (self, VIDIOC_G_CTRL, &value))
    control->value = value.value;
  else
    control->value = control->standard;
  if (is_menu)
    list_choices (self, control);
  return *control->name != '\0';
}

GArray *
foyer_v4l2_list_controls (const FoyerV4l2 *self, GError **error)
{
  g_autoptr (GArray) controls = g_array_new (FALSE, FALSE,
      sizeof (FoyerV4l2Control));
  struct v4l2_queryctrl query = { .id = V4L2_CTRL_FLAG_NEXT_CTRL };
  guint32 last = 0;

  g_array_set_clear_func (controls, control_clear);
  for (guint i = 0; i < FOYER_V4L2_MAX_CONTROLS; i++) {
    FoyerV4l2Control control;

    if (!foyer_ioctl_ask (self, VIDIOC_QUERYCTRL, &query))
      return is_end (error) ? g_steal_pointer (&controls) : NULL;
    if (query.id <= last)
      break;
    last = query.id;
    if (read_control (self, &query, &control))
      g_array_append_val (controls, control);
    query = (struct v4l2_queryctrl){ .id = last | V4L2_CTRL_FLAG_NEXT_CTRL };
  }
  set_lie (error, "the device lists no end of controls");
  return NULL;
}

gboolean
foyer_v4l2_set_control (const FoyerV4l2 *self, guint32 id, gint32 value,
    GError **error)
{
  struct v4l2_control control = { .id = id, .value = value };

  if (foyer_ioctl_ask (self, VIDIOC_S_CTRL, &control))
    return TRUE;
  return foyer_ioctl_fail ("setting a control", error);
}
