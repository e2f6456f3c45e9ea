/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-v4l2.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define N_MANY 90 /* formats */

/* A device that says what it is told to. */
typedef struct
{
  const char *driver;
  guint32 flags;
  gboolean is_gone; /* all calls fail */
  guint32 formats[4];
  struct v4l2_frmsize_discrete sizes[4];
  struct v4l2_frmsize_stepwise range; /* in place of sizes, if it has a side */
  struct v4l2_fract intervals[4];
  gboolean has_endless_formats;
  gboolean has_many_formats;
  gboolean has_endless_sizes;
  gboolean has_endless_rates;
  const struct v4l2_queryctrl *controls;
  guint n_controls;
  gboolean has_endless_controls;
  gboolean repeats_control;
  guint n_calls;
  guint32 set_id;
  gint32 set_value;
} Device;

static int
fail (int number)
{
  errno = number;
  return -1;
}

static int
answer_format (const Device *self, struct v4l2_fmtdesc *format)
{
  if (self->has_many_formats) {
    format->pixelformat = format->index == N_MANY - 1 ? V4L2_PIX_FMT_YUYV
                                                      : format->index;
    return format->index < N_MANY ? 0 : fail (EINVAL);
  }
  if (self->has_endless_formats) {
    format->pixelformat = V4L2_PIX_FMT_YUYV + format->index;
    return 0;
  }
  if (format->index >= G_N_ELEMENTS (self->formats) ||
      self->formats[format->index] == 0)
    return fail (EINVAL);
  format->pixelformat = self->formats[format->index];
  return 0;
}

static int
answer_size (const Device *self, struct v4l2_frmsizeenum *size)
{
  if (self->range.max_width != 0) {
    size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
    size->stepwise = self->range;
    return size->index == 0 ? 0 : fail (EINVAL);
  }
  size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
  size->discrete = self->sizes[self->has_endless_sizes ? 0 : size->index % 4];
  return self->has_endless_sizes ||
          (size->index < G_N_ELEMENTS (self->sizes) &&
              self->sizes[size->index].width != 0)
      ? 0
      : fail (EINVAL);
}

static int
answer_rate (const Device *self, struct v4l2_frmivalenum *rate)
{
  guint32 i = self->has_endless_rates ? 0 : rate->index;

  rate->type = V4L2_FRMIVAL_TYPE_DISCRETE;
  if (i >= G_N_ELEMENTS (self->intervals) ||
      (self->intervals[i].denominator == 0 &&
          self->intervals[i].numerator == 0))
    return fail (EINVAL);
  rate->discrete = self->intervals[i];
  return 0;
}

static int
answer_control (const Device *self, struct v4l2_queryctrl *query)
{
  guint32 after = query->id & ~(guint32) V4L2_CTRL_FLAG_NEXT_CTRL;

  if (self->has_endless_controls || (self->repeats_control && after != 0)) {
    *query = self->controls[0];
    query->id = self->has_endless_controls ? after + 1 : after;
    return 0;
  }
  for (guint i = 0; i < self->n_controls; i++)
    if (self->controls[i].id > after) {
      *query = self->controls[i];
      return 0;
    }
  return fail (EINVAL);
}

static int
answer_choice (struct v4l2_querymenu *choice)
{
  if (choice->index == 1)
    return fail (EINVAL);
  g_snprintf ((char *) choice->name, sizeof choice->name, "%u Hz",
      choice->index * 25);
  return 0;
}

static int
on_call (int fd, unsigned long request, void *argument, gpointer user_data)
{
  Device *self = user_data;
  struct v4l2_capability *capability = argument;
  struct v4l2_control *control = argument;

  self->n_calls++;
  if (self->is_gone)
    return fail (ENODEV);
  switch (request) {
    case VIDIOC_QUERYCAP:
      g_strlcpy ((char *) capability->driver, self->driver, 16);
      /* Without its end. */
      memset (capability->card, 'x', sizeof capability->card);
      memcpy (capability->bus_info, "usb-0000:00:14.0-2\xff", 20);
      capability->capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE;
      capability->device_caps = self->flags;
      return 0;
    case VIDIOC_ENUM_FMT:
      return answer_format (self, argument);
    case VIDIOC_ENUM_FRAMESIZES:
      return answer_size (self, argument);
    case VIDIOC_ENUM_FRAMEINTERVALS:
      return answer_rate (self, argument);
    case VIDIOC_QUERYCTRL:
      return answer_control (self, argument);
    case VIDIOC_QUERYMENU:
      return answer_choice (argument);
    case VIDIOC_G_CTRL:
      control->value = 7;
      return 0;
    case VIDIOC_S_CTRL:
      self->set_id = control->id;
      self->set_value = control->value;
      return 0;
    default:
      return fail (ENOTTY);
  }
}

static FoyerV4l2
make (Device *device)
{
  if (device->driver == NULL)
    device->driver = "uvcvideo";
  return (FoyerV4l2){ .fd = -1, .call = on_call, .user_data = device };
}

static const Device honest = {
  .formats = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG },
  .sizes = { { 640, 360 }, { 1280, 720 } },
  .intervals = { { 1, 30 }, { 333333, 10000000 }, { 1, 10 } },
};

static void
test_card (void)
{
  const struct
  {
    const char *driver;
    guint32 flags;
    gboolean is_camera;
  } cases[] = {
    { "uvcvideo", V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING, TRUE },
    { "uvcvideo", V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING, FALSE },
    { "uvcvideo", V4L2_CAP_VIDEO_CAPTURE, FALSE },
    { "v4l2 loopback", V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING, FALSE },
    { "vicodec",
        V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_VIDEO_M2M,
        FALSE },
    { "vimc", V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_IO_MC,
        FALSE },
    { "x", V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_VIDEO_OUTPUT,
        FALSE },
    /* What else a Raspberry Pi has. The captures of its ISP look like cameras:
     * test-graph. */
    { "bm2835 mmal",
        V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_OVERLAY | V4L2_CAP_READWRITE |
            V4L2_CAP_STREAMING,
        TRUE },
    { "bcm2835-codec",
        V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING |
            V4L2_CAP_EXT_PIX_FORMAT,
        FALSE },
    { "rpivid", V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING, FALSE },
    { "bcm2835-isp", V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING, FALSE },
    { "bcm2835-isp", V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING, FALSE },
    { "unicam", V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
        FALSE },
    { "unicam",
        V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE |
            V4L2_CAP_IO_MC,
        FALSE },
    { "rp1-cfe",
        V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_META_CAPTURE | V4L2_CAP_IO_MC |
            V4L2_CAP_STREAMING,
        FALSE },
    { "pispbe", V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING, FALSE },
    { "pispbe", V4L2_CAP_VIDEO_OUTPUT_MPLANE | V4L2_CAP_STREAMING, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Device device = { .driver = cases[i].driver, .flags = cases[i].flags };
    FoyerV4l2 v4l2 = make (&device);
    FoyerV4l2Card card;

    g_assert_true (foyer_v4l2_read_card (&v4l2, &card, NULL));
    g_assert_cmpint (card.is_camera, ==, cases[i].is_camera);
    g_assert_cmpuint (strlen (card.name), ==, 31);
    g_assert_true (g_utf8_validate (card.bus, -1, NULL));
  }
}

static void
test_gone (void)
{
  Device device = { .is_gone = TRUE };
  FoyerV4l2 v4l2 = make (&device);
  g_autoptr (GError) error = NULL;
  FoyerV4l2Card card;

  g_assert_false (foyer_v4l2_read_card (&v4l2, &card, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NODEV);
  g_assert_null (foyer_v4l2_list_modes (&v4l2, NULL));
  g_clear_error (&error);
  g_assert_false (foyer_v4l2_set_control (&v4l2, 1, 1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NODEV);
}

static void
test_modes (void)
{
  Device device = honest;
  FoyerV4l2 v4l2 = make (&device);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) modes = foyer_v4l2_list_modes (&v4l2, &error);
  const FoyerV4l2Mode *mode;

  g_assert_no_error (error);
  g_assert_cmpuint (modes->len, ==, 2 * 2 * 3);
  mode = &g_array_index (modes, FoyerV4l2Mode, 4);
  g_assert_cmpuint (mode->format, ==, V4L2_PIX_FMT_YUYV);
  g_assert_cmpuint (mode->width_px, ==, 1280);
  g_assert_cmpfloat ((double) mode->fps_n / mode->fps_d, >, 29.99);
  g_assert_cmpfloat ((double) mode->fps_n / mode->fps_d, <, 30.01);
}

/* vivid has nearly a hundred. */
static void
test_many_formats (void)
{
  Device device = honest;
  FoyerV4l2 v4l2 = make (&device);
  g_autoptr (GArray) modes = NULL;

  device.has_many_formats = TRUE;
  modes = foyer_v4l2_list_modes (&v4l2, NULL);
  g_assert_nonnull (modes);
  g_assert_cmpuint (modes->len, ==, 2 * 3);
  g_assert_cmpuint (g_array_index (modes, FoyerV4l2Mode, 0).format, ==,
      V4L2_PIX_FMT_YUYV);
}

static void
test_steps (void)
{
  Device device = { .formats = { V4L2_PIX_FMT_YUYV },
    .range = { 2, 1300, 2, 1, 1200, 1 } };
  FoyerV4l2 v4l2 = make (&device);
  g_autoptr (GArray) modes = foyer_v4l2_list_modes (&v4l2, NULL);

  g_assert_nonnull (modes);
  g_assert_cmpuint (modes->len, ==, 5);
  /* It does not say how fast. */
  g_assert_cmpuint (g_array_index (modes, FoyerV4l2Mode, 0).fps_n, ==, 0);
}

static void
assert_lie (Device device)
{
  FoyerV4l2 v4l2 = make (&device);
  g_autoptr (GError) error = NULL;

  g_assert_null (foyer_v4l2_list_modes (&v4l2, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_cmpuint (device.n_calls, <, 20000);
}

static void
test_lies (void)
{
  Device device = { 0 };

  assert_lie (device); /* no formats */
  device = honest;
  device.has_endless_formats = TRUE;
  assert_lie (device);
  device = honest;
  device.has_endless_sizes = TRUE;
  assert_lie (device);
  device = honest;
  device.has_endless_rates = TRUE;
  assert_lie (device);
  device = honest;
  memset (device.sizes, 0xff, sizeof device.sizes);
  assert_lie (device);
  device = honest;
  memset (device.intervals, 0, sizeof device.intervals);
  device.intervals[0] = (struct v4l2_fract){ 0, 30 };
  device.intervals[1] = (struct v4l2_fract){ 30, 0 };
  device.intervals[2] = (struct v4l2_fract){ 1, G_MAXUINT32 };
  device.intervals[3] = (struct v4l2_fract){ G_MAXUINT32, 1 };
  assert_lie (device);
}

/* choosing */

static void
assert_chosen (const char *modes_text, const FoyerV4l2Wish *wish,
    const char *expected)
{
  g_autoptr (GArray) modes = g_array_new (FALSE, FALSE, sizeof (FoyerV4l2Mode));
  g_auto (GStrv) words = g_strsplit (modes_text, " ", -1);
  g_autofree char *chosen = NULL;
  FoyerV4l2Mode mode;

  for (guint i = 0; words[i] != NULL; i++) {
    const char *word = words[i];
    guint width_px, height_px, fps;

    g_assert_cmpint (sscanf (word + 4, ":%ux%u@%u", &width_px, &height_px,
                         &fps),
        ==, 3);
    mode = (FoyerV4l2Mode){ (guint32) v4l2_fourcc ((guint8) word[0],
                                (guint8) word[1], (guint8) word[2],
                                (guint8) word[3]),
      (guint16) width_px, (guint16) height_px, (guint16) fps, 1 };
    g_array_append_val (modes, mode);
  }
  if (foyer_v4l2_choose (modes, wish, &mode))
    chosen = g_strdup_printf ("%.4s:%ux%u@%u", (const char *) &mode.format,
        mode.width_px, mode.height_px, mode.fps_n);
  g_assert_cmpstr (chosen, ==, expected);
}

static void
test_choose (void)
{
  const FoyerV4l2Wish hd = { 1280, 720, 30, 1, FALSE };
  const FoyerV4l2Wish coded = { 1280, 720, 30, 1, TRUE };

  /* JPEG where raw is slow, raw where it is as fast. */
  assert_chosen ("YUYV:640x480@30 YUYV:1280x720@10 MJPG:1280x720@30", &hd,
      "MJPG:1280x720@30");
  assert_chosen ("MJPG:1280x720@30 YUYV:1280x720@30", &hd, "YUYV:1280x720@30");
  assert_chosen ("YUYV:1280x720@30 NV12:1280x720@30", &hd, "NV12:1280x720@30");
  /* No more than is needed. */
  assert_chosen ("MJPG:1920x1080@60 MJPG:1280x720@60 MJPG:1280x720@30", &hd,
      "MJPG:1280x720@30");
  assert_chosen ("MJPG:1920x1080@30 MJPG:640x480@30", &hd, "MJPG:1920x1080@30");
  assert_chosen ("YUYV:160x120@30 YUYV:640x480@0", &hd, "YUYV:640x480@0");
  /* Its own H.264 only if that will do. */
  assert_chosen ("H264:1280x720@30 MJPG:1280x720@30", &hd, "MJPG:1280x720@30");
  assert_chosen ("H264:1280x720@30 MJPG:1280x720@30", &coded,
      "H264:1280x720@30");
  assert_chosen ("H264:1920x1080@30 MJPG:1280x720@30", &coded,
      "MJPG:1280x720@30");
  assert_chosen ("H264:1280x720@60 MJPG:640x480@30", &coded, "MJPG:640x480@30");
  assert_chosen ("H264:320x240@15 MJPG:1280x720@30", &coded,
      "MJPG:1280x720@30");
  assert_chosen ("H264:320x240@15", &coded, "H264:320x240@15");
  assert_chosen ("BA81:640x480@30 pgAA:640x480@30", &hd, NULL);
}

/* controls */

static const struct v4l2_queryctrl some[] = {
  { .id = 0x980001, .type = V4L2_CTRL_TYPE_CTRL_CLASS, .name = "User" },
  { .id = 0x980900,
      .type = V4L2_CTRL_TYPE_INTEGER,
      .name = "Brightness",
      .maximum = 255,
      .step = 1,
      .default_value = 128 },
  { .id = 0x98090c,
      .type = V4L2_CTRL_TYPE_BOOLEAN,
      .name = "White Balance, Automatic ",
      .maximum = 1,
      .flags = V4L2_CTRL_FLAG_INACTIVE },
  { .id = 0x980918,
      .type = V4L2_CTRL_TYPE_MENU,
      .name = "Power Line Frequency",
      .maximum = 2 },
  { .id = 0x980919,
      .type = V4L2_CTRL_TYPE_MENU,
      .name = "Too Long",
      .maximum = G_MAXINT32 },
  { .id = 0x980920,
      .type = V4L2_CTRL_TYPE_INTEGER,
      .name = "Inside Out",
      .minimum = 5,
      .maximum = 1 },
  { .id = 0x980921,
      .type = V4L2_CTRL_TYPE_INTEGER,
      .name = "Off",
      .flags = V4L2_CTRL_FLAG_DISABLED },
};

static void
test_controls (void)
{
  Device device = { .controls = some, .n_controls = G_N_ELEMENTS (some) };
  FoyerV4l2 v4l2 = make (&device);
  g_autoptr (GArray) controls = foyer_v4l2_list_controls (&v4l2, NULL);
  const FoyerV4l2Control *control;

  g_assert_nonnull (controls);
  g_assert_cmpuint (controls->len, ==, 3);
  control = &g_array_index (controls, FoyerV4l2Control, 0);
  g_assert_cmpstr (control->name, ==, "brightness");
  g_assert_cmpint (control->value, ==, 7);
  g_assert_cmpint (control->standard, ==, 128);
  control = &g_array_index (controls, FoyerV4l2Control, 1);
  g_assert_cmpstr (control->name, ==, "white-balance-automatic");
  g_assert_true (control->is_fixed);
  g_assert_cmpint (control->step, ==, 1);
  control = &g_array_index (controls, FoyerV4l2Control, 2);
  g_assert_cmpuint (control->choices->len, ==, 3);
  g_assert_cmpstr (control->choices->pdata[1], ==, "");
  g_assert_cmpstr (control->choices->pdata[2], ==, "50 Hz");
  g_assert_true (foyer_v4l2_set_control (&v4l2, 0x980900, 200, NULL));
  g_assert_cmpuint (device.set_id, ==, 0x980900);
  g_assert_cmpint (device.set_value, ==, 200);
}

static void
test_control_lies (void)
{
  Device device = { .controls = some + 1, .n_controls = 1 };
  FoyerV4l2 v4l2 = make (&device);
  g_autoptr (GError) error = NULL;

  device.has_endless_controls = TRUE;
  g_assert_null (foyer_v4l2_list_controls (&v4l2, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_clear_error (&error);
  device.has_endless_controls = FALSE;
  device.repeats_control = TRUE;
  g_assert_null (foyer_v4l2_list_controls (&v4l2, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_cmpuint (device.n_calls, <, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/v4l2/card/kinds", test_card);
  g_test_add_func ("/v4l2/card/gone", test_gone);
  g_test_add_func ("/v4l2/modes/honest", test_modes);
  g_test_add_func ("/v4l2/modes/many", test_many_formats);
  g_test_add_func ("/v4l2/modes/steps", test_steps);
  g_test_add_func ("/v4l2/modes/lies", test_lies);
  g_test_add_func ("/v4l2/choose", test_choose);
  g_test_add_func ("/v4l2/controls/list", test_controls);
  g_test_add_func ("/v4l2/controls/lies", test_control_lies);
  return g_test_run ();
}
