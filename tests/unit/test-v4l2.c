/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-v4l2.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>

/* A device that says what a test wants, true or not. */
typedef struct
{
  struct v4l2_capability card;
  guint32 formats[4];
  guint n_formats; /* above the array's length: the first, over and over */
  struct v4l2_frmsizeenum size;
  guint n_sizes;
  struct v4l2_frmivalenum interval;
  guint n_intervals;
  int error;           /* of every call; 0 for none */
  guint n_until_error; /* calls that go well before it */
  guint n_calls;
} Fake;

static int
refuse (int number)
{
  errno = number;
  return -1;
}

static int
answer_fake (Fake *fake, unsigned long request, void *argument)
{
  struct v4l2_fmtdesc *format = argument;
  struct v4l2_frmsizeenum *size = argument;
  struct v4l2_frmivalenum *interval = argument;
  guint32 index;

  switch (request) {
    case VIDIOC_QUERYCAP:
      memcpy (argument, &fake->card, sizeof fake->card);
      return 0;
    case VIDIOC_ENUM_FMT:
      if (format->index >= fake->n_formats)
        return refuse (EINVAL);
      format->pixelformat =
          fake->formats[format->index < G_N_ELEMENTS (fake->formats)
                  ? format->index
                  : 0];
      return 0;
    case VIDIOC_ENUM_FRAMESIZES:
      index = size->index;
      if (index >= fake->n_sizes)
        return refuse (EINVAL);
      *size = fake->size;
      return 0;
    case VIDIOC_ENUM_FRAMEINTERVALS:
      index = interval->index;
      if (index >= fake->n_intervals)
        return refuse (EINVAL);
      *interval = fake->interval;
      return 0;
    default:
      return refuse (ENOTTY);
  }
}

static int
call_fake (gpointer user_data, unsigned long request, void *argument)
{
  Fake *fake = user_data;

  fake->n_calls++;
  if (fake->error != 0 && fake->n_calls > fake->n_until_error)
    return refuse (fake->error);
  return answer_fake (fake, request, argument);
}

static Fake
make_honest (void)
{
  Fake fake = { .formats = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG },
    .n_formats = 2,
    .n_sizes = 1,
    .n_intervals = 1 };

  memcpy (fake.card.card, "Webcam", 6);
  memcpy (fake.card.driver, "uvcvideo", 8);
  fake.card.capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE |
      V4L2_CAP_META_CAPTURE;
  fake.card.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  fake.size.type = V4L2_FRMSIZE_TYPE_DISCRETE;
  fake.size.discrete.width = 640;
  fake.size.discrete.height = 480;
  fake.interval.type = V4L2_FRMIVAL_TYPE_DISCRETE;
  fake.interval.discrete = (struct v4l2_fract){ 1, 30 };
  return fake;
}

static FoyerV4l2Device
make_device (Fake *fake)
{
  return (FoyerV4l2Device){ .call = call_fake, .user_data = fake };
}

static void
test_query_camera (void)
{
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  g_autoptr (GError) error = NULL;
  FoyerV4l2Card card;

  g_assert_true (foyer_v4l2_query (&device, &card, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (card.name, ==, "Webcam");
  g_assert_cmpstr (card.driver, ==, "uvcvideo");
  g_assert_true (card.is_camera);
  g_assert_false (card.is_loopback);
}

typedef struct
{
  const char *name;
  guint32 capabilities;
  guint32 device_caps;
  gboolean is_camera;
} FlagsCase;

static const FlagsCase flags_cases[] = {
  { "metadata", V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE,
      V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING, FALSE },
  { "of-the-device", V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING, 0, TRUE },
  { "coder", V4L2_CAP_DEVICE_CAPS,
      V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_VIDEO_M2M, FALSE },
  { "no-streaming", V4L2_CAP_DEVICE_CAPS, V4L2_CAP_VIDEO_CAPTURE, FALSE },
  { "nothing", 0, V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING, FALSE },
};

static void
test_query_flags (gconstpointer data)
{
  const FlagsCase *c = data;
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  FoyerV4l2Card card;

  fake.card.capabilities = c->capabilities;
  fake.card.device_caps = c->device_caps;
  g_assert_true (foyer_v4l2_query (&device, &card, NULL));
  g_assert_cmpint (card.is_camera, ==, c->is_camera);
}

static void
test_query_loopback (void)
{
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  FoyerV4l2Card card;

  memcpy (fake.card.driver, "v4l2 loopback", 14);
  g_assert_true (foyer_v4l2_query (&device, &card, NULL));
  g_assert_true (card.is_loopback);
}

/* Names without an end, with controls in them, and not UTF-8. */
static void
test_query_texts (void)
{
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  FoyerV4l2Card card;

  memset (fake.card.card, 'x', sizeof fake.card.card);
  memcpy (fake.card.driver, "a\n\x1b[1mb\0", 8);
  memcpy (fake.card.bus_info,
      "ok\xff"
      "bad",
      7);
  g_assert_true (foyer_v4l2_query (&device, &card, NULL));
  g_assert_cmpuint (strlen (card.name), ==, 32);
  g_assert_cmpstr (card.driver, ==, "a??[1mb");
  g_assert_cmpstr (card.place, ==, "ok");
}

static void
test_query_gone (void)
{
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  g_autoptr (GError) error = NULL;
  FoyerV4l2Card card = { .name = "untouched" };

  fake.error = ENODEV;
  g_assert_false (foyer_v4l2_query (&device, &card, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (card.name, ==, "untouched");
}

static void
test_modes_honest (void)
{
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  g_autoptr (GArray) modes = foyer_v4l2_list_modes (&device, NULL);
  const FoyerV4l2Mode *mode;

  g_assert_nonnull (modes);
  g_assert_cmpuint (modes->len, ==, 2);
  mode = &g_array_index (modes, FoyerV4l2Mode, 1);
  g_assert_cmpint (mode->format, ==, FOYER_V4L2_FORMAT_MJPEG);
  g_assert_cmpuint (mode->width_px, ==, 640);
  g_assert_cmpuint (mode->height_px, ==, 480);
  g_assert_cmpuint (mode->fps_n, ==, 30);
  g_assert_cmpuint (mode->fps_d, ==, 1);
}

static void
assert_no_modes (Fake *fake)
{
  FoyerV4l2Device device = make_device (fake);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) modes = foyer_v4l2_list_modes (&device, &error);

  g_assert_null (modes);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_modes_none (void)
{
  Fake fake = make_honest ();

  fake.n_formats = 0;
  assert_no_modes (&fake);
  fake = make_honest ();
  fake.n_sizes = 0;
  assert_no_modes (&fake);
  fake = make_honest ();
  fake.formats[0] = fake.formats[1] = v4l2_fourcc ('?', 0, '\n', 255);
  assert_no_modes (&fake);
}

static void
test_modes_absurd_sizes (void)
{
  static const guint32 sides[] = { 0, 1, 15, 8193, 65536 + 640, G_MAXUINT32 };

  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++) {
    Fake fake = make_honest ();

    fake.size.discrete.width = sides[i];
    assert_no_modes (&fake);
    fake = make_honest ();
    fake.size.discrete.height = sides[i];
    assert_no_modes (&fake);
  }
}

/* A size whose intervals make no sense stays, without a rate. */
static void
test_modes_absurd_intervals (void)
{
  static const struct v4l2_fract absurd[] = { { 0, 0 }, { 0, 30 }, { 1, 0 },
    { 1, 1000 }, { 1, G_MAXUINT32 } };

  for (gsize i = 0; i < G_N_ELEMENTS (absurd); i++) {
    Fake fake = make_honest ();
    FoyerV4l2Device device = make_device (&fake);
    g_autoptr (GArray) modes = NULL;

    fake.interval.discrete = absurd[i];
    modes = foyer_v4l2_list_modes (&device, NULL);
    g_assert_cmpuint (modes->len, ==, 2);
    g_assert_cmpuint (g_array_index (modes, FoyerV4l2Mode, 0).fps_n, ==, 0);
    g_assert_cmpuint (g_array_index (modes, FoyerV4l2Mode, 0).fps_d, ==, 1);
  }
}

static void
test_modes_endless (void)
{
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  g_autoptr (GArray) modes = NULL;

  fake.n_formats = fake.n_sizes = fake.n_intervals = G_MAXUINT;
  modes = foyer_v4l2_list_modes (&device, NULL);
  g_assert_cmpuint (modes->len, ==, FOYER_V4L2_MAX_MODES);
  g_assert_cmpuint (fake.n_calls, <=,
      FOYER_V4L2_MAX_FORMATS *
          (1 + FOYER_V4L2_MAX_SIZES * (1 + FOYER_V4L2_MAX_INTERVALS)));
}

static void
test_modes_range (void)
{
  Fake fake = make_honest ();
  FoyerV4l2Device device = make_device (&fake);
  g_autoptr (GArray) modes = NULL;

  fake.n_formats = 1;
  fake.size.type = V4L2_FRMSIZE_TYPE_STEPWISE;
  fake.size.stepwise = (struct v4l2_frmsize_stepwise){ .min_width = 48,
    .max_width = 1280,
    .step_width = 16,
    .min_height = 32,
    .max_height = 720,
    .step_height = 16 };
  fake.interval.type = V4L2_FRMIVAL_TYPE_CONTINUOUS;
  fake.interval.stepwise.min = (struct v4l2_fract){ 1, 60 };
  fake.interval.stepwise.max = (struct v4l2_fract){ 1, 1 };
  modes = foyer_v4l2_list_modes (&device, NULL);
  /* 640x360 does not step so. */
  g_assert_cmpuint (modes->len, ==, 3);
  g_assert_cmpuint (g_array_index (modes, FoyerV4l2Mode, 2).width_px, ==, 1280);
  g_assert_cmpuint (g_array_index (modes, FoyerV4l2Mode, 2).fps_n, ==, 60);
}

/* Pulled out between any two calls. */
static void
test_modes_gone (void)
{
  for (guint n = 0; n < 9; n++) {
    Fake fake = make_honest ();
    FoyerV4l2Device device = make_device (&fake);
    g_autoptr (GError) error = NULL;

    fake.error = ENODEV;
    fake.n_until_error = n;
    g_assert_null (foyer_v4l2_list_modes (&device, &error));
    g_assert_nonnull (error);
    g_assert_false (
        g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/v4l2/query/camera", test_query_camera);
  for (gsize i = 0; i < G_N_ELEMENTS (flags_cases); i++) {
    g_autofree char *path = g_strconcat ("/v4l2/query/flags/",
        flags_cases[i].name, NULL);

    g_test_add_data_func (path, &flags_cases[i], test_query_flags);
  }
  g_test_add_func ("/v4l2/query/loopback", test_query_loopback);
  g_test_add_func ("/v4l2/query/texts", test_query_texts);
  g_test_add_func ("/v4l2/query/gone", test_query_gone);
  g_test_add_func ("/v4l2/modes/honest", test_modes_honest);
  g_test_add_func ("/v4l2/modes/none", test_modes_none);
  g_test_add_func ("/v4l2/modes/absurd-sizes", test_modes_absurd_sizes);
  g_test_add_func ("/v4l2/modes/absurd-intervals", test_modes_absurd_intervals);
  g_test_add_func ("/v4l2/modes/endless", test_modes_endless);
  g_test_add_func ("/v4l2/modes/range", test_modes_range);
  g_test_add_func ("/v4l2/modes/gone", test_modes_gone);
  return g_test_run ();
}
