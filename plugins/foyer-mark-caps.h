/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

/* What foyermark and foyermarkread take: 8 bits per component, whose luma (or
 * green, which is as good) stands at a fixed step in each row. */
#define FOYER_MARK_FORMATS                                                      \
  "{ I420, YV12, NV12, NV21, Y42B, Y444, YUY2, UYVY, YVYU, GRAY8, RGBx, BGRx, " \
  "xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, RGB, BGR }"
#define FOYER_MARK_CAPS GST_VIDEO_CAPS_MAKE (FOYER_MARK_FORMATS)

/* The component that carries brightness: Y, or G of RGB. */
static inline guint
foyer_mark_caps_get_luma (const GstVideoInfo *info)
{
  return GST_VIDEO_INFO_IS_RGB (info) ? GST_VIDEO_COMP_G : GST_VIDEO_COMP_Y;
}
