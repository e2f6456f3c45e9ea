/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-node.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>

#define WIDTH    32
#define HEIGHT   16
#define BYTES    (WIDTH * HEIGHT * 3 / 2)
#define PAGE     4096
#define BUFFERS  8
#define SECRET   0xc3 /* what a frame is made of; no slate has it */
#define MAX_SEEN 256
#define FD       7

/* A node as v4l2loopback has it, of either generation. */
typedef struct
{
  gboolean is_old;     /* 0.12: no owner, queried buffers wrap */
  guint n_used;        /* by REQBUFS */
  gboolean has_stream; /* STREAMON was said */
  gboolean is_low;     /* gave up its priority, and a reader is there */
  gboolean is_foreign; /* another program writes to it */
  guint width_px;      /* 0 for none yet */
  guint height_px;
  guint32 fps_n;
  guint fail_at; /* the n-th ioctl fails with ENODEV; 0 for none */
  guint n_calls;
  guint n_copies;        /* QBUF */
  guint8 seen[MAX_SEEN]; /* the first byte of each picture shown */
  guint8 ring[BUFFERS * PAGE];
} Fake;

static gboolean
owns (const Fake *self)
{
  return self->is_old || self->n_used > 0;
}

static int
set_format (Fake *self, struct v4l2_format *format)
{
  if (self->is_foreign || (!self->is_old && self->n_used > 0))
    return -EBUSY;
  if (!self->has_stream || self->width_px == 0) {
    self->width_px = format->fmt.pix.width;
    self->height_px = format->fmt.pix.height;
  }
  format->fmt.pix.width = self->width_px;
  format->fmt.pix.height = self->height_px;
  format->fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420;
  format->fmt.pix.sizeimage = self->width_px * self->height_px * 3 / 2;
  return 0;
}

static int
get_format (Fake *self, struct v4l2_format *format)
{
  format->fmt.pix.width = self->width_px;
  format->fmt.pix.height = self->height_px;
  format->fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420;
  format->fmt.pix.sizeimage = self->width_px * self->height_px * 3 / 2;
  return 0;
}

static guint
get_used (const Fake *self)
{
  return self->n_used > 0 ? self->n_used : BUFFERS;
}

static int
query_buffer (Fake *self, struct v4l2_buffer *buffer)
{
  if (!owns (self) || (!self->is_old && buffer->index >= self->n_used))
    return -EINVAL;
  buffer->m.offset = buffer->index % get_used (self) * PAGE;
  buffer->length = self->width_px != 0 ? PAGE : 0;
  return 0;
}

static int
queue_buffer (Fake *self, const struct v4l2_buffer *buffer)
{
  guint at = buffer->index % get_used (self);

  if (!self->has_stream || buffer->bytesused != BYTES)
    return -EINVAL;
  g_assert_cmpuint (self->n_copies, <, MAX_SEEN);
  self->seen[self->n_copies++] = self->ring[at * PAGE];
  return 0;
}

static int
fake_control (gpointer user_data, int fd, unsigned long request, void *argument)
{
  Fake *self = user_data;

  g_assert_cmpint (fd, ==, FD);
  if (++self->n_calls == self->fail_at)
    return -ENODEV;
  switch (request) {
    case VIDIOC_QUERYBUF:
      return query_buffer (self, argument);
    case VIDIOC_G_FMT:
      return get_format (self, argument);
    case VIDIOC_S_FMT:
      return self->is_low ? -EBUSY : set_format (self, argument);
    case VIDIOC_S_PARM:
      self->fps_n = ((struct v4l2_streamparm *) argument)
                        ->parm.output.timeperframe.denominator;
      return 0;
    case VIDIOC_REQBUFS:
      if (self->is_low)
        return -EBUSY;
      self->n_used = ((struct v4l2_requestbuffers *) argument)->count;
      return 0;
    case VIDIOC_STREAMON:
      if (self->is_low)
        return -EBUSY;
      self->has_stream = TRUE;
      return 0;
    case VIDIOC_QBUF:
      return queue_buffer (self, argument);
    default:
      return -ENOTTY;
  }
}

static guint8 *
fake_map (gpointer user_data, int fd, gsize n_bytes, gint64 offset)
{
  Fake *self = user_data;

  g_assert_cmpuint (n_bytes, ==, PAGE);
  return offset < BUFFERS * PAGE ? self->ring + offset : NULL;
}

static void
fake_unmap (gpointer user_data, guint8 *data, gsize n_bytes)
{
}

static const FoyerNodeShape shape = { WIDTH, HEIGHT, 30, 1 };

static FoyerNode *
make_node (Fake *fake, GError **error)
{
  static FoyerNodeDevice device;

  device = (FoyerNodeDevice){ fake_control, fake_map, fake_unmap, fake };
  return foyer_node_new (FD, &shape, "Nursery", "no picture", &device, error);
}

static gboolean
has_secret (const Fake *fake)
{
  return memchr (fake->ring, SECRET, sizeof fake->ring) != NULL;
}

static void
fill (guint8 *frame)
{
  memset (frame, SECRET, BYTES);
}

static void
test_residue (gconstpointer data)
{
  Fake fake = { .is_old = GPOINTER_TO_INT (data) };
  g_autoptr (GError) error = NULL;
  FoyerNode *node;
  guint8 frame[BYTES];

  /* What the producer before left. */
  memset (fake.ring, SECRET, sizeof fake.ring);
  fill (frame);
  node = make_node (&fake, &error);
  g_assert_no_error (error);
  g_assert_false (has_secret (&fake));
  g_assert_cmpuint (fake.n_copies, >=, BUFFERS + 2);
  g_assert_null (memchr (fake.seen, SECRET, fake.n_copies));
  g_assert_cmpuint (fake.fps_n, ==, 30);
  for (guint i = 0; i < 2 * BUFFERS; i++)
    g_assert_true (foyer_node_put (node, frame, BYTES, &error));
  g_assert_true (has_secret (&fake));
  g_assert_cmpuint (foyer_node_get_n_frames (node), ==, 2 * BUFFERS);
  fake.n_copies = 0;
  g_assert_true (foyer_node_scrub (node, &error));
  g_assert_false (has_secret (&fake));
  g_assert_cmpuint (fake.n_copies, >=, BUFFERS + 2);
  g_assert_null (memchr (fake.seen, SECRET, fake.n_copies));
  /* And by itself, at its end. */
  g_assert_true (foyer_node_put (node, frame, BYTES, &error));
  foyer_node_free (node);
  g_assert_false (has_secret (&fake));
}

/* Padding between lines is left out. */
static void
test_planes (void)
{
  enum
  {
    STRIDE = WIDTH + 16
  };
  Fake fake = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerNode) node = make_node (&fake, &error);
  guint8 padded[STRIDE * HEIGHT];
  const guint8 *const planes[] = { padded, padded, padded };
  const gsize strides[] = { STRIDE, STRIDE, STRIDE };
  guint n_found = 0;

  memset (padded, 0xee, sizeof padded);
  for (guint y = 0; y < HEIGHT; y++)
    memset (padded + y * STRIDE, SECRET, WIDTH);
  g_assert_true (foyer_node_put_planes (node, planes, strides, &error));
  g_assert_null (memchr (fake.ring, 0xee, sizeof fake.ring));
  for (gsize i = 0; i < sizeof fake.ring; i++)
    n_found += fake.ring[i] == SECRET;
  g_assert_cmpuint (n_found, ==, BYTES);
  g_assert_true (foyer_node_scrub (node, &error));
  g_assert_false (has_secret (&fake));
}

/* A reader of 0.12 that asks for two buffers takes the rest from the writer, but
 * they can be mapped still. */
static void
test_shrunk (void)
{
  Fake fake = { .is_old = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerNode) node = make_node (&fake, &error);
  guint8 frame[BYTES];

  fill (frame);
  for (guint i = 0; i < BUFFERS; i++)
    g_assert_true (foyer_node_put (node, frame, BYTES, &error));
  fake.n_used = 2;
  fake.n_copies = 0;
  for (guint i = 0; i < BUFFERS; i++)
    g_assert_true (foyer_node_put (node, frame, BYTES, &error));
  /* What is shown is what was written. */
  for (guint i = 0; i < BUFFERS; i++)
    g_assert_cmphex (fake.seen[i], ==, SECRET);
  g_assert_true (foyer_node_scrub (node, &error));
  g_assert_false (has_secret (&fake));
}

/* A process that takes over the descriptor of one that was killed: nothing is
 * set anew, a reader sees no end, and the ring is clean. */
static void
test_adopted (gconstpointer data)
{
  Fake fake = { .is_old = GPOINTER_TO_INT (data) };
  g_autoptr (GError) error = NULL;
  FoyerNode *killed = make_node (&fake, &error);
  g_autoptr (FoyerNode) next = NULL;
  guint8 frame[BYTES];

  fill (frame);
  g_assert_true (foyer_node_put (killed, frame, BYTES, &error));
  fake.is_low = TRUE;
  next = make_node (&fake, &error);
  g_assert_no_error (error);
  g_assert_nonnull (next);
  g_assert_false (has_secret (&fake));
  g_assert_true (foyer_node_put (next, frame, BYTES, &error));
  g_assert_true (foyer_node_scrub (next, &error));
  foyer_node_free (killed);
}

static void
test_foreign (void)
{
  Fake busy = { .is_foreign = TRUE };
  Fake kept = { .is_old = TRUE,
    .has_stream = TRUE,
    .width_px = 64,
    .height_px = 48 };
  g_autoptr (GError) error = NULL;

  g_assert_null (make_node (&busy, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_null (make_node (&kept, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

static void
test_sizes (void)
{
  static const FoyerNodeShape wrong[] = {
    { 0, 16, 30, 1 },
    { 17, 16, 30, 1 },
    { 16, 15, 30, 1 },
    { 16, 8194, 30, 1 },
    { 16, 16, 0, 1 },
    { 16, 16, 30, 0 },
    { 16, 16, 241, 1 },
    { G_MAXUINT, G_MAXUINT, 30, 1 },
  };
  Fake fake = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerNode) node = make_node (&fake, &error);
  guint8 frame[BYTES + 1] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (foyer_node_shape_is_valid (&wrong[i]));
  fake.n_copies = 0;
  g_assert_false (foyer_node_put (node, frame, BYTES - 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (foyer_node_put (node, frame, BYTES + 1, &error));
  g_clear_error (&error);
  g_assert_cmpuint (fake.n_copies, ==, 0);
}

/* The device vanishes before each call in turn: an error, and never a frame that
 * stays. */
static void
test_vanishing (gconstpointer data)
{
  guint n_calls = G_MAXUINT;

  for (guint fail_at = 1; fail_at <= n_calls && fail_at < 200; fail_at++) {
    Fake fake = { .is_old = GPOINTER_TO_INT (data), .fail_at = fail_at };
    g_autoptr (GError) error = NULL;
    FoyerNode *node = make_node (&fake, &error);
    guint8 frame[BYTES];

    fill (frame);
    g_assert_true (node != NULL || error != NULL);
    g_clear_error (&error);
    if (node != NULL && !foyer_node_put (node, frame, BYTES, &error))
      g_assert_nonnull (error);
    n_calls = MAX (fake.n_calls, fail_at);
    if (fake.n_calls < fail_at)
      n_calls = 0;
    foyer_node_free (node);
    g_assert_false (has_secret (&fake));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/node/residue/newer", NULL, test_residue);
  g_test_add_data_func ("/node/residue/older", GINT_TO_POINTER (1),
      test_residue);
  g_test_add_func ("/node/residue/shrunk", test_shrunk);
  g_test_add_func ("/node/planes", test_planes);
  g_test_add_data_func ("/node/adopted/newer", NULL, test_adopted);
  g_test_add_data_func ("/node/adopted/older", GINT_TO_POINTER (1),
      test_adopted);
  g_test_add_func ("/node/foreign", test_foreign);
  g_test_add_func ("/node/sizes", test_sizes);
  g_test_add_data_func ("/node/vanishing/newer", NULL, test_vanishing);
  g_test_add_data_func ("/node/vanishing/older", GINT_TO_POINTER (1),
      test_vanishing);
  return g_test_run ();
}
