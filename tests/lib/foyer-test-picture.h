/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-mark-picture.h"

G_BEGIN_DECLS

/* Grey pictures, and what cameras and displays do to them. Random numbers are
 * drawn from the test's own GRand, so that a seed repeats a run. */

typedef struct
{
  guint8 *luma;
  int width_px;
  int height_px;
} FoyerTestPicture;

/* A picture all of one luma. */
void foyer_test_picture_init (FoyerTestPicture *self, int width_px,
    int height_px, guint8 luma);

void foyer_test_picture_clear (FoyerTestPicture *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerTestPicture, foyer_test_picture_clear)

/* Boxes of random brightness at random places over all of the picture. */
void foyer_test_picture_scatter (FoyerTestPicture *self, GRand *rand);

/* How a camera sees a display: @x and @y are where the display's centre is, in
 * pixels; @scale, pixels of the camera per pixel of the display there;
 * @degrees, clockwise; @tilt_x and @tilt_y, by how much of the distance half
 * the display's width and height come nearer. */
typedef struct
{
  double x;
  double y;
  double scale;
  double degrees;
  double tilt_x;
  double tilt_y;
} FoyerTestView;

/* Draws @from as @view says; around it the picture stays. */
void foyer_test_picture_film (FoyerTestPicture *self,
    const FoyerTestPicture *from, const FoyerTestView *view);

/* Draws @from upright into the rectangle. */
void foyer_test_picture_scale (FoyerTestPicture *self,
    const FoyerTestPicture *from, int x, int y, int width_px, int height_px);

/* The mean of the pixels at most @radius_px away. */
void foyer_test_picture_blur (FoyerTestPicture *self, int radius_px);

/* Adds up to @amplitude to each pixel, or takes it off. */
void foyer_test_picture_add_noise (FoyerTestPicture *self, GRand *rand,
    int amplitude);

/* Bends brightness by @gamma, then fits black and white to @black..@white. */
void foyer_test_picture_tone (FoyerTestPicture *self, double gamma, int black,
    int white);

/* Darkens towards the left: to @percent at the edge. */
void foyer_test_picture_shade (FoyerTestPicture *self, int percent);

/* The picture as the reader takes it; borrowed. */
FoyerMarkPicture foyer_test_picture_view (const FoyerTestPicture *self);

G_END_DECLS
