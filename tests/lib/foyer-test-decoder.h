/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-mark.h"

G_BEGIN_DECLS

/* H.264 pictures in, marks out, one after the other. One thread at a time. */

typedef struct _FoyerTestDecoder FoyerTestDecoder;

typedef enum
{
  FOYER_TEST_PICTURE_NONE = 0, /* it gave no picture */
  FOYER_TEST_PICTURE_PLAIN,    /* a picture without a mark, such as a slate */
  FOYER_TEST_PICTURE_MARKED,
} FoyerTestPicture;

/* After gst_init(); aborts where there is no decoder. */
FoyerTestDecoder *foyer_test_decoder_new (void);

/* What the frame shows; frames that refer to others must follow them. @mark:
 * (out caller-allocates): set where there is one. */
FoyerTestPicture foyer_test_decoder_read (FoyerTestDecoder *self, GBytes *frame,
    FoyerMark *mark);

void foyer_test_decoder_free (FoyerTestDecoder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerTestDecoder, foyer_test_decoder_free)

G_END_DECLS
