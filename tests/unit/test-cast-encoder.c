/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-encoder.h"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <string.h>

#define WIDTH_PX  320
#define HEIGHT_PX 180
#define FPS       30

static const FoyerCastPicture picture = { WIDTH_PX, HEIGHT_PX, 1, 1, FPS, 1 };

static const FoyerCastCodec codecs[] = { FOYER_CAST_CODEC_H264,
  FOYER_CAST_CODEC_VP8 };

/* A harness around a fresh encoder of @codec, fed with I420. */
static GstHarness *
harness_new_for (FoyerCastCodec codec, const FoyerCastPicture *input,
    guint32 bps, const FoyerCastEncoderKind **kind)
{
  g_autoptr (GstCaps) caps = foyer_cast_encoder_dup_caps (codec);
  g_autofree char *sink_caps = gst_caps_to_string (caps);
  g_autofree char *src_caps = g_strdup_printf (
      "video/x-raw, format=I420, width=%d, height=%d, framerate=%d/1", WIDTH_PX,
      HEIGHT_PX, FPS);
  GstElement *encoder = foyer_cast_encoder_new (codec, input, bps, TRUE, kind);
  GstHarness *h;

  g_assert_nonnull (encoder);
  gst_object_ref_sink (encoder);
  h = gst_harness_new_with_element (encoder, "sink", "src");
  gst_object_unref (encoder);
  gst_harness_set_caps_str (h, src_caps, sink_caps);
  return h;
}

static GstHarness *
harness_new (FoyerCastCodec codec, guint32 bps,
    const FoyerCastEncoderKind **kind)
{
  return harness_new_for (codec, &picture, bps, kind);
}

/* A picture that is hard to compress; its upper half differs from the last's,
 * which is too little for a change of scene. */
static GstBuffer *
noise_new (guint number)
{
  gsize n_bytes = WIDTH_PX * HEIGHT_PX * 3 / 2;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, n_bytes, NULL);
  gsize n_changing = WIDTH_PX * HEIGHT_PX / 2;
  guint32 state = number * 2654435761u + 1;
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < n_bytes; i++) {
    if (i == n_changing)
      state = 1;
    state = state * 1664525u + 1013904223u;
    map.data[i] = (guint8) (112 + (state >> 27));
  }
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (number, GST_SECOND, FPS);
  GST_BUFFER_DURATION (buffer) = GST_SECOND / FPS;
  return buffer;
}

/* One picture in, one coded frame out at once: nothing is held back. */
static GstBuffer *
encode (GstHarness *h, guint number)
{
  GstBuffer *coded;

  g_assert_cmpint (gst_harness_push (h, noise_new (number)), ==, GST_FLOW_OK);
  coded = gst_harness_try_pull (h);
  g_assert_nonnull (coded);
  g_assert_cmpuint (gst_harness_buffers_in_queue (h), ==, 0);
  return coded;
}

static gboolean
is_key (GstBuffer *buffer)
{
  return !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

static gsize
encode_bytes (GstHarness *h, guint first, guint n_frames)
{
  gsize n_bytes = 0;

  for (guint i = first; i < first + n_frames; i++) {
    g_autoptr (GstBuffer) coded = encode (h, i);

    n_bytes += gst_buffer_get_size (coded);
  }
  return n_bytes;
}

static void
test_encoder_known (void)
{
  g_assert_true (foyer_cast_encoder_is_known (FOYER_CAST_CODEC_H264));
  g_assert_true (foyer_cast_encoder_is_known (FOYER_CAST_CODEC_VP8));
  g_assert_false (foyer_cast_encoder_is_known (FOYER_CAST_CODEC_OPUS));
  g_assert_false (foyer_cast_encoder_is_known (FOYER_CAST_CODEC_NONE));
}

/* What a Raspberry Pi has, and what its driver makes of it: an element of the same
 * name as GStreamer's. */
typedef struct
{
  GstElement parent;
  GstStructure *controls;
} FakeV4l2;

typedef struct
{
  GstElementClass parent;
} FakeV4l2Class;

static GType fake_v4l2_get_type (void);
G_DEFINE_TYPE (FakeV4l2, fake_v4l2, GST_TYPE_ELEMENT)

static gboolean fake_has_device;

static GstStateChangeReturn
fake_v4l2_change_state (GstElement *element, GstStateChange change)
{
  if (change == GST_STATE_CHANGE_NULL_TO_READY && !fake_has_device)
    return GST_STATE_CHANGE_FAILURE;
  return GST_ELEMENT_CLASS (fake_v4l2_parent_class)
      ->change_state (element, change);
}

static void
fake_v4l2_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  FakeV4l2 *self = (FakeV4l2 *) object;

  g_clear_pointer (&self->controls, gst_structure_free);
  self->controls = g_value_dup_boxed (value);
}

static void
fake_v4l2_finalize (GObject *object)
{
  g_clear_pointer (&((FakeV4l2 *) object)->controls, gst_structure_free);
  G_OBJECT_CLASS (fake_v4l2_parent_class)->finalize (object);
}

static void
fake_v4l2_class_init (FakeV4l2Class *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = fake_v4l2_set_property;
  object_class->finalize = fake_v4l2_finalize;
  g_object_class_install_property (object_class, 1,
      g_param_spec_boxed ("extra-controls", NULL, NULL, GST_TYPE_STRUCTURE,
          G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  GST_ELEMENT_CLASS (klass)->change_state = fake_v4l2_change_state;
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass), "fake",
      "Codec/Encoder/Video", "of hardware that is not there", "Foyer");
}

static void
fake_v4l2_init (FakeV4l2 *self)
{
}

static void
assert_chosen (gboolean may_open_devices, const char *name)
{
  const FoyerCastEncoderKind *kind = NULL;
  GstElement *encoder = foyer_cast_encoder_new (FOYER_CAST_CODEC_H264, &picture,
      300000, may_open_devices, &kind);

  g_assert_nonnull (encoder);
  gst_object_ref_sink (encoder);
  g_assert_true (
      name == NULL || g_str_equal (foyer_cast_encoder_get_name (kind), name));
  g_assert_true (name != NULL ||
      !g_str_equal (foyer_cast_encoder_get_name (kind), "v4l2h264enc"));
  if (g_str_equal (foyer_cast_encoder_get_name (kind), "v4l2h264enc")) {
    const GstStructure *controls = ((FakeV4l2 *) encoder)->controls;
    int bps = 0;

    g_assert_true (gst_structure_get_int (controls, "video_bitrate", &bps));
    g_assert_cmpint (bps, ==, 300000);
  }
  gst_element_set_state (encoder, GST_STATE_NULL);
  gst_object_unref (encoder);
}

/* Hardware that is there is used, what can't be opened is passed over, and who is
 * locked in does not even try. */
static void
test_encoder_hardware (void)
{
  GstPluginFeature *feature;

  g_assert_true (gst_element_register (NULL, "v4l2h264enc", GST_RANK_NONE,
      fake_v4l2_get_type ()));
  fake_has_device = TRUE;
  assert_chosen (TRUE, "v4l2h264enc");
  assert_chosen (FALSE, NULL);
  fake_has_device = FALSE;
  assert_chosen (TRUE, NULL);
  feature = gst_registry_lookup_feature (gst_registry_get (), "v4l2h264enc");
  gst_registry_remove_feature (gst_registry_get (), feature);
  gst_object_unref (feature);
}

static void
test_encoder_none (void)
{
  const FoyerCastEncoderKind *kind = NULL;

  g_assert_null (foyer_cast_encoder_new (FOYER_CAST_CODEC_OPUS, &picture,
      1000000, TRUE, &kind));
  g_assert_null (kind);
}

static void
test_encoder_no_delay (gconstpointer data)
{
  const FoyerCastCodec *codec = data;
  const FoyerCastEncoderKind *kind;
  GstHarness *h = harness_new (*codec, 1000000, &kind);

  for (guint i = 0; i < 10; i++) {
    g_autoptr (GstBuffer) coded = encode (h, i);

    g_assert_cmpint (is_key (coded), ==, i == 0);
  }
  gst_harness_teardown (h);
}

/* Key frames as often as they are wanted, and no more often. */
static void
test_encoder_key_interval (gconstpointer data)
{
  const FoyerCastCodec *codec = data;
  const FoyerCastEncoderKind *kind;
  FoyerCastPicture often = picture;
  GstHarness *h;

  often.key_ms = 500;
  h = harness_new_for (*codec, &often, 1000000, &kind);
  for (guint i = 0; i < 3 * FPS; i++) {
    g_autoptr (GstBuffer) coded = encode (h, i);

    g_assert_cmpint (is_key (coded), ==, i % (FPS / 2) == 0);
  }
  gst_harness_teardown (h);
}

static void
test_encoder_force_key (gconstpointer data)
{
  const FoyerCastCodec *codec = data;
  const FoyerCastEncoderKind *kind;
  GstHarness *h = harness_new (*codec, 1000000, &kind);

  for (guint i = 0; i < 12; i++) {
    g_autoptr (GstBuffer) coded = NULL;

    if (i == 5)
      g_assert_true (foyer_cast_encoder_force_key (h->sinkpad));
    coded = encode (h, i);
    g_assert_cmpint (is_key (coded), ==, i == 0 || i == 5);
  }
  gst_harness_teardown (h);
}

/* A quarter of the bit rate makes clearly smaller frames, in flight. */
static void
test_encoder_bit_rate (gconstpointer data)
{
  const FoyerCastCodec *codec = data;
  const FoyerCastEncoderKind *kind;
  GstHarness *h = harness_new (*codec, 2000000, &kind);
  gsize n_before, n_after;

  encode_bytes (h, 0, 15);
  n_before = encode_bytes (h, 15, 30);
  foyer_cast_encoder_set_bps (h->element, kind, &picture, 500000);
  encode_bytes (h, 45, 15);
  n_after = encode_bytes (h, 60, 20);
  g_assert_cmpuint (n_after * 3 / 2, <, n_before);
  gst_harness_teardown (h);
}

/* Start codes, and the parameter sets in front of every key frame. */
static void
test_encoder_headers (void)
{
  static const guint8 start[] = { 0, 0, 0, 1 };
  const FoyerCastEncoderKind *kind;
  GstHarness *h = harness_new (FOYER_CAST_CODEC_H264, 1000000, &kind);

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstBuffer) coded = NULL;
    guint8 head[5];

    g_assert_true (foyer_cast_encoder_force_key (h->sinkpad));
    coded = encode (h, i);
    g_assert_cmpuint (gst_buffer_extract (coded, 0, head, 5), ==, 5);
    g_assert_cmpmem (head, 4, start, 4);
    g_assert_cmpuint (head[4] & 0x1f, ==, 7); /* ITU-T H.264 table 7-1: SPS */
  }
  gst_harness_teardown (h);
}

/* A bit rate that is too small for the picture loses no frame. */
static void
test_encoder_small_rate (gconstpointer data)
{
  const FoyerCastCodec *codec = data;
  const FoyerCastEncoderKind *kind;
  GstHarness *h = harness_new (*codec, 64000, &kind);

  g_assert_cmpuint (encode_bytes (h, 0, 3), >, 0);
  gst_harness_teardown (h);
}

static void
add (const char *aspect, GTestDataFunc test)
{
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    g_autofree char *path = g_strdup_printf ("/cast-encoder/%s/%s", aspect,
        foyer_cast_codec_to_string (codecs[i]));

    g_test_add_data_func (path, &codecs[i], test);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/cast-encoder/known", test_encoder_known);
  g_test_add_func ("/cast-encoder/none", test_encoder_none);
  g_test_add_func ("/cast-encoder/hardware", test_encoder_hardware);
  g_test_add_func ("/cast-encoder/headers", test_encoder_headers);
  add ("no-delay", test_encoder_no_delay);
  add ("key-interval", test_encoder_key_interval);
  add ("force-key", test_encoder_force_key);
  add ("bit-rate", test_encoder_bit_rate);
  add ("small-rate", test_encoder_small_rate);
  return g_test_run ();
}
