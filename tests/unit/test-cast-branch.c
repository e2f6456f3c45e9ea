/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-branch.h"

#include <gst/check/gstharness.h>
#include <string.h>

#define WHITE_Y 235
#define BLACK_Y 16
#define BPS     2000000

/* A bin whose sink pad shall lead through a branch into a decoder, whose
 * pictures come out. */
typedef struct
{
  GstElement *bin;
  GstElement *decoder;
  FoyerCastBranchEnds ends;
  FoyerCastBranch branch;
} Rig;

static void
rig_init (Rig *self)
{
  g_autoptr (GstPad) out = NULL;
  GstPad *in = gst_ghost_pad_new_no_target ("sink", GST_PAD_SINK);

  *self = (Rig){ 0 };
  self->bin = gst_object_ref_sink (gst_bin_new (NULL));
  self->decoder = gst_element_factory_make ("vp8dec", NULL);
  g_assert_nonnull (self->decoder);
  gst_bin_add (GST_BIN (self->bin), self->decoder);
  out = gst_element_get_static_pad (self->decoder, "src");
  gst_element_add_pad (self->bin, in);
  gst_element_add_pad (self->bin, gst_ghost_pad_new ("src", out));
  self->ends = (FoyerCastBranchEnds){ GST_BIN (self->bin), in, self->decoder };
}

static void
rig_clear (Rig *self)
{
  foyer_cast_branch_clear (&self->branch, self->ends.pad);
  gst_object_unref (self->bin);
}

static GstBuffer *
white_new (guint width_px, guint height_px)
{
  gsize n_luma = (gsize) width_px * height_px;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, n_luma * 3 / 2, NULL);

  gst_buffer_memset (buffer, 0, WHITE_Y, n_luma);
  gst_buffer_memset (buffer, n_luma, 128, n_luma / 2);
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

/* Sends a white picture of @width_px x @height_px through; (transfer full): the
 * luma that comes out, in @fitted's size. */
static guint8 *
rig_show (Rig *self, guint width_px, guint height_px,
    const FoyerCastPicture *fitted)
{
  g_autofree char *caps = g_strdup_printf (
      "video/x-raw,format=I420,width=%u,height=%u,framerate=30/1,"
      "pixel-aspect-ratio=1/1",
      width_px, height_px);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBuffer) shown = NULL;
  gsize n_bytes = (gsize) fitted->width_px * fitted->height_px;
  guint8 *luma = g_malloc (n_bytes);
  GstHarness *h;

  g_assert_true (foyer_cast_branch_build_video (&self->branch, &self->ends,
      FOYER_CAST_CODEC_VP8, fitted, BPS, &error));
  g_assert_no_error (error);
  h = gst_harness_new_with_element (self->bin, "sink", "src");
  gst_harness_set_src_caps_str (h, caps);
  g_assert_cmpint (gst_harness_push (h, white_new (width_px, height_px)), ==,
      GST_FLOW_OK);
  shown = gst_harness_pull (h);
  g_assert_nonnull (shown);
  g_assert_cmpuint (gst_buffer_extract (shown, 0, luma, n_bytes), ==, n_bytes);
  gst_harness_teardown (h);
  return luma;
}

static void
assert_luma (const guint8 *luma, const FoyerCastPicture *picture, guint x,
    guint y, int expected)
{
  int found = luma[(gsize) y * picture->width_px + x];

  g_assert_cmpint (ABS (found - expected), <, 20);
}

/* A 4:3 picture on a 16:9 display: borders left and right, none above. */
static void
test_branch_letterbox (void)
{
  FoyerCastPicture fitted = { 640, 360, 1, 1, 30, 1 };
  g_autofree guint8 *luma = NULL;
  Rig rig;

  rig_init (&rig);
  luma = rig_show (&rig, 640, 480, &fitted);
  assert_luma (luma, &fitted, 4, 180, BLACK_Y);
  assert_luma (luma, &fitted, 635, 180, BLACK_Y);
  assert_luma (luma, &fitted, 320, 180, WHITE_Y);
  assert_luma (luma, &fitted, 320, 4, WHITE_Y);
  assert_luma (luma, &fitted, 96, 180, WHITE_Y);
  rig_clear (&rig);
}

static void
test_branch_no_borders (void)
{
  FoyerCastPicture fitted = { 320, 240, 1, 1, 30, 1 };
  g_autofree guint8 *luma = NULL;
  Rig rig;

  rig_init (&rig);
  luma = rig_show (&rig, 640, 480, &fitted);
  assert_luma (luma, &fitted, 2, 120, WHITE_Y);
  assert_luma (luma, &fitted, 317, 120, WHITE_Y);
  assert_luma (luma, &fitted, 160, 2, WHITE_Y);
  rig_clear (&rig);
}

/* What was built is gone, and can be built anew. */
static void
test_branch_clear (void)
{
  FoyerCastPicture fitted = { 320, 180, 1, 1, 30, 1 };
  g_autoptr (GError) error = NULL;
  Rig rig;

  rig_init (&rig);
  for (guint i = 0; i < 3; i++) {
    g_assert_true (foyer_cast_branch_build_video (&rig.branch, &rig.ends,
        FOYER_CAST_CODEC_VP8, &fitted, BPS, &error));
    g_assert_no_error (error);
    g_assert_cmpint (GST_BIN_NUMCHILDREN (rig.bin), >, 1);
    foyer_cast_branch_clear (&rig.branch, rig.ends.pad);
    g_assert_cmpint (GST_BIN_NUMCHILDREN (rig.bin), ==, 1);
  }
  rig_clear (&rig);
}

/* No encoder for it: an error in words, and nothing is left behind. */
static void
test_branch_no_encoder (void)
{
  FoyerCastPicture fitted = { 320, 180, 1, 1, 30, 1 };
  g_autoptr (GError) error = NULL;
  Rig rig;

  rig_init (&rig);
  g_assert_false (foyer_cast_branch_build_video (&rig.branch, &rig.ends,
      FOYER_CAST_CODEC_OPUS, &fitted, BPS, &error));
  g_assert_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN);
  g_assert_nonnull (strstr (error->message, "opus"));
  g_assert_cmpint (GST_BIN_NUMCHILDREN (rig.bin), ==, 1);
  rig_clear (&rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/cast-branch/letterbox", test_branch_letterbox);
  g_test_add_func ("/cast-branch/no-borders", test_branch_no_borders);
  g_test_add_func ("/cast-branch/clear", test_branch_clear);
  g_test_add_func ("/cast-branch/no-encoder", test_branch_no_encoder);
  return g_test_run ();
}
