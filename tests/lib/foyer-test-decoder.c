/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-decoder.h"

#include "foyer-mark-reader.h"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#define CAPS "video/x-h264,stream-format=byte-stream,alignment=au"

struct _FoyerTestDecoder
{
  GstHarness *harness;
  FoyerMarkReader *reader;
  guint64 n_frames;
};

FoyerTestDecoder *
foyer_test_decoder_new (void)
{
  FoyerTestDecoder *self = g_new0 (FoyerTestDecoder, 1);

  self->harness = gst_harness_new ("avdec_h264");
  g_object_set (self->harness->element, "max-threads", 1, "output-corrupt",
      FALSE, NULL);
  gst_harness_set_src_caps_str (self->harness, CAPS);
  self->reader = foyer_mark_reader_new ();
  return self;
}

static FoyerTestPicture
read_picture (FoyerTestDecoder *self, GstBuffer *picture, FoyerMark *mark)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (self->harness->sinkpad);
  FoyerTestPicture kind = FOYER_TEST_PICTURE_NONE;
  GstVideoInfo info;
  GstVideoFrame frame;

  if (caps == NULL || !gst_video_info_from_caps (&info, caps) ||
      !gst_video_frame_map (&frame, &info, picture, GST_MAP_READ))
    return FOYER_TEST_PICTURE_NONE;

  const FoyerMarkPicture luma = {
    .luma = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
    .stride_bytes = (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
    .step_bytes = 1,
    .width_px = GST_VIDEO_INFO_WIDTH (&info),
    .height_px = GST_VIDEO_INFO_HEIGHT (&info),
  };

  kind = foyer_mark_reader_read (self->reader, &luma, mark)
      ? FOYER_TEST_PICTURE_MARKED
      : FOYER_TEST_PICTURE_PLAIN;
  gst_video_frame_unmap (&frame);
  return kind;
}

FoyerTestPicture
foyer_test_decoder_read (FoyerTestDecoder *self, GBytes *frame, FoyerMark *mark)
{
  GstBuffer *buffer = gst_buffer_new_wrapped_bytes (frame);
  FoyerTestPicture kind = FOYER_TEST_PICTURE_NONE;
  GstBuffer *picture;

  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = self->n_frames++ *
      GST_MSECOND;
  if (gst_harness_push (self->harness, buffer) != GST_FLOW_OK)
    return FOYER_TEST_PICTURE_NONE;
  while ((picture = gst_harness_try_pull (self->harness)) != NULL) {
    kind = read_picture (self, picture, mark);
    gst_buffer_unref (picture);
  }
  return kind;
}

void
foyer_test_decoder_free (FoyerTestDecoder *self)
{
  gst_harness_teardown (self->harness);
  foyer_mark_reader_free (self->reader);
  g_free (self);
}
