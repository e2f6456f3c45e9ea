/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-link-message.h"
#include "foyer-link-pool.h"
#include "foyer-link.h"
#include "foyer-packet.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Both ends of a link, and hostile ones (I5, I9). */

#define SLOT_BYTES 4096
#define N_SLOTS    4
#define ALL_SEALS \
  (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL)

static const FoyerShape shape_720 = { FOYER_CODEC_H264, 1280, 720, 30, 1, 0 };
static const FoyerShape shape_360 = { FOYER_CODEC_H264, 640, 360, 30, 1, 0 };

typedef struct
{
  FoyerLinkWriter *writer;
  FoyerLinkReader *reader;
  int raw; /* the other end of a socket of a lone reader or writer */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_true (foyer_packet_pair (ends));
  fixture->writer = foyer_link_writer_new (ends[0], SLOT_BYTES, N_SLOTS,
      &error);
  g_assert_no_error (error);
  fixture->reader = foyer_link_reader_new (ends[1]);
  fixture->raw = -1;
}

static void
set_up_reader (Fixture *fixture, gconstpointer user_data)
{
  int ends[2];

  g_assert_true (foyer_packet_pair (ends));
  fixture->reader = foyer_link_reader_new (ends[1]);
  fixture->raw = ends[0];
}

static void
set_up_writer (Fixture *fixture, gconstpointer user_data)
{
  int ends[2];

  g_assert_true (foyer_packet_pair (ends));
  fixture->writer = foyer_link_writer_new (ends[0], SLOT_BYTES, N_SLOTS, NULL);
  g_assert_nonnull (fixture->writer);
  g_assert_true (foyer_link_writer_set_shape (fixture->writer, &shape_720));
  fixture->raw = ends[1];
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_clear_pointer (&fixture->writer, foyer_link_writer_free);
  g_clear_pointer (&fixture->reader, foyer_link_reader_free);
  foyer_fd_clear (&fixture->raw);
}

static FoyerLinkResult
push (Fixture *fixture, guint64 sequence, gboolean is_key)
{
  guint8 data[SLOT_BYTES];
  FoyerLinkFrame frame = { { 7 }, 2, sequence, 1000, is_key, data,
    sequence == 99 ? sizeof data : 100 };

  memset (data, (int) sequence, sizeof data);
  return foyer_link_writer_push (fixture->writer, &frame);
}

static FoyerLinkEvent
receive (Fixture *fixture, FoyerLinkFrame *frame)
{
  FoyerShape shape;

  return foyer_link_reader_receive (fixture->reader, frame, &shape);
}

static void
assert_frame (Fixture *fixture, guint64 sequence)
{
  FoyerLinkFrame frame = { 0 };
  gsize n_bytes = sequence == 99 ? SLOT_BYTES : 100;

  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_FRAME);
  g_assert_cmpuint (frame.camera.v, ==, 7);
  g_assert_cmpuint (frame.generation, ==, 2);
  g_assert_cmpuint (frame.sequence, ==, sequence);
  g_assert_cmpint (frame.capture_us, ==, 1000);
  g_assert_cmpuint (frame.n_bytes, ==, n_bytes);
  for (gsize i = 0; i < n_bytes; i++)
    g_assert_cmpuint (frame.data[i], ==, sequence);
  foyer_link_reader_release (fixture->reader);
}

static void
start (Fixture *fixture)
{
  FoyerLinkFrame frame;
  FoyerShape shape = { 0 };

  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_NONE);
  g_assert_true (foyer_link_writer_set_shape (fixture->writer, &shape_720));
  g_assert_cmpint (foyer_link_reader_receive (fixture->reader, &frame, &shape),
      ==, FOYER_LINK_EVENT_SHAPE);
  g_assert_cmpuint (shape.width_px, ==, 1280);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_NONE);
}

static void
test_carries (Fixture *fixture, gconstpointer user_data)
{
  start (fixture);
  for (guint i = 1; i < 100; i++) {
    g_assert_cmpint (push (fixture, i, i == 1), ==, FOYER_LINK_SENT);
    assert_frame (fixture, i);
  }
}

static void
test_no_shape_no_frame (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkFrame frame;

  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_DROPPED);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_NONE);
}

/* Nothing goes out until a key frame does, nor after a loss (I3). */
static void
test_key_first (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkWish wish;

  start (fixture);
  g_assert_cmpint (push (fixture, 1, FALSE), ==, FOYER_LINK_DROPPED);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_true (wish.wants_key);
  g_assert_cmpuint (wish.n_dropped, ==, 1);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_false (wish.wants_key);
  g_assert_cmpint (push (fixture, 2, TRUE), ==, FOYER_LINK_SENT);
  assert_frame (fixture, 2);
  g_assert_cmpint (push (fixture, 3, FALSE), ==, FOYER_LINK_SENT);
  assert_frame (fixture, 3);
}

/* A reader that lags loses frames up to a key frame, and blocks nobody. */
static void
test_lagging_reader (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkWish wish;

  start (fixture);
  for (guint i = 1; i <= N_SLOTS; i++)
    g_assert_cmpint (push (fixture, i, i == 1), ==, FOYER_LINK_SENT);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (push (fixture, 50, TRUE), ==, FOYER_LINK_DROPPED);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_true (wish.wants_key);
  g_assert_cmpuint (wish.n_dropped, ==, 1000);
  assert_frame (fixture, 1);
  g_assert_cmpint (push (fixture, 51, FALSE), ==, FOYER_LINK_DROPPED);
  g_assert_cmpint (push (fixture, 52, TRUE), ==, FOYER_LINK_SENT);
  for (guint i = 2; i <= N_SLOTS; i++)
    assert_frame (fixture, i);
  assert_frame (fixture, 52);
}

static void
test_too_large (Fixture *fixture, gconstpointer user_data)
{
  guint8 data[SLOT_BYTES + 1] = { 0 };
  FoyerLinkFrame frame = { { 7 }, 2, 5, 1000, TRUE, data, sizeof data };

  start (fixture);
  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  g_assert_cmpint (foyer_link_writer_push (fixture->writer, &frame), ==,
      FOYER_LINK_DROPPED);
  frame.n_bytes = 0;
  g_assert_cmpint (foyer_link_writer_push (fixture->writer, &frame), ==,
      FOYER_LINK_DROPPED);
  g_assert_cmpint (push (fixture, 6, FALSE), ==, FOYER_LINK_DROPPED);
  g_assert_cmpint (push (fixture, 99, TRUE), ==, FOYER_LINK_SENT);
  assert_frame (fixture, 1);
  assert_frame (fixture, 99);
}

static void
test_shape_changes (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkFrame frame;
  FoyerShape shape;

  start (fixture);
  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  assert_frame (fixture, 1);
  g_assert_true (foyer_link_writer_set_shape (fixture->writer, &shape_720));
  g_assert_cmpint (push (fixture, 2, FALSE), ==, FOYER_LINK_SENT);
  assert_frame (fixture, 2);
  g_assert_true (foyer_link_writer_set_shape (fixture->writer, &shape_360));
  g_assert_cmpint (push (fixture, 3, FALSE), ==, FOYER_LINK_DROPPED);
  g_assert_cmpint (push (fixture, 4, TRUE), ==, FOYER_LINK_SENT);
  g_assert_cmpint (foyer_link_reader_receive (fixture->reader, &frame, &shape),
      ==, FOYER_LINK_EVENT_SHAPE);
  g_assert_cmpuint (shape.width_px, ==, 640);
  assert_frame (fixture, 4);
}

static void
test_wishes (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkWish wish;

  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_false (wish.wants_key);
  g_assert_cmpuint (wish.bps, ==, 0);
  foyer_link_reader_want_key (fixture->reader);
  foyer_link_reader_set_rate (fixture->reader, 1500000);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_true (wish.wants_key);
  g_assert_cmpuint (wish.bps, ==, 1500000);
  foyer_link_reader_set_rate (fixture->reader, 1500000);
  foyer_link_reader_set_rate (fixture->reader, 800000);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_false (wish.wants_key);
  g_assert_cmpuint (wish.bps, ==, 800000);
}

/* Wishes without end: some are forgotten, none blocks. */
static void
test_many_wishes (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkWish wish;

  for (guint i = 0; i < 5000; i++)
    foyer_link_reader_want_key (fixture->reader);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_true (wish.wants_key);
  start (fixture);
}

static void
test_reader_goes (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkWish wish;

  start (fixture);
  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  g_clear_pointer (&fixture->reader, foyer_link_reader_free);
  g_assert_cmpint (push (fixture, 2, TRUE), ==, FOYER_LINK_GONE);
  g_assert_cmpint (push (fixture, 3, TRUE), ==, FOYER_LINK_GONE);
  g_assert_false (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_false (foyer_link_writer_set_shape (fixture->writer, &shape_360));
}

/* What was handed over before the end can still be read. */
static void
test_writer_goes (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkFrame frame;

  start (fixture);
  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  g_clear_pointer (&fixture->writer, foyer_link_writer_free);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_FRAME);
  g_assert_cmpuint (frame.data[0], ==, 0); /* but it is wiped */
  foyer_link_reader_release (fixture->reader);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_GONE);
  foyer_link_reader_want_key (fixture->reader);
}

/* A frame that is not whole any more is told from one that is: the end comes before
 * the wiping. */
static void
test_whole (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkFrame frame;

  start (fixture);
  g_assert_true (foyer_link_writer_is_idle (fixture->writer));
  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  g_assert_false (foyer_link_writer_is_idle (fixture->writer));
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_FRAME);
  g_assert_cmpuint (frame.data[0], !=, 0);
  g_assert_true (foyer_link_reader_is_whole (fixture->reader));
  g_clear_pointer (&fixture->writer, foyer_link_writer_free);
  g_assert_false (foyer_link_reader_is_whole (fixture->reader));
  g_assert_cmpuint (frame.data[0], ==, 0);
  foyer_link_reader_release (fixture->reader);
}

/* A slot that came back holds nothing of its frame (I5). */
static void
test_wiped (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkFrame first, second;
  FoyerLinkWish wish;

  start (fixture);
  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  g_assert_cmpint (push (fixture, 2, TRUE), ==, FOYER_LINK_SENT);
  g_assert_cmpint (receive (fixture, &first), ==, FOYER_LINK_EVENT_FRAME);
  g_assert_cmpuint (first.data[99], ==, 1);
  foyer_link_reader_release (fixture->reader);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_cmpint (receive (fixture, &second), ==, FOYER_LINK_EVENT_FRAME);
  for (gsize i = 0; i < SLOT_BYTES; i++)
    g_assert_cmpuint (first.data[i], ==, 0);
  g_assert_cmpuint (second.data[99], ==, 2);
  foyer_link_reader_release (fixture->reader);
  /* The lowest free slot is the next. */
  g_assert_cmpint (push (fixture, 3, TRUE), ==, FOYER_LINK_SENT);
  g_assert_cmpuint (first.data[99], ==, 3);
}

static void
test_bad_sizes (void)
{
  static const struct
  {
    gsize slot_bytes;
    guint n_slots;
  } cases[] = { { 0, 4 }, { FOYER_LINK_MAX_SLOT_BYTES + 1, 1 }, { 4096, 0 },
    { 4096, FOYER_LINK_MAX_SLOTS + 1 }, { G_MAXSIZE, 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    int ends[2];

    g_assert_true (foyer_packet_pair (ends));
    g_assert_null (foyer_link_writer_new (ends[0], cases[i].slot_bytes,
        cases[i].n_slots, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    g_assert_cmpint (fcntl (ends[0], F_GETFD), ==, -1);
    foyer_fd_clear (&ends[1]);
  }
}

static void
test_nobody_there (void)
{
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_true (foyer_packet_pair (ends));
  foyer_fd_clear (&ends[1]);
  g_assert_null (foyer_link_writer_new (ends[0], SLOT_BYTES, N_SLOTS, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

/* Hostile writers */

static void
send_message (int fd, const FoyerLinkMessage *message, int along)
{
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];
  gsize n_bytes = foyer_link_message_write (message, bytes);

  g_assert_cmpint (foyer_packet_send (fd, bytes, n_bytes, &along, along >= 0),
      ==, FOYER_PACKET_DONE);
}

static int
make_memfd (gsize n_bytes, int seals)
{
  int fd = memfd_create ("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (ftruncate (fd, (off_t) n_bytes), ==, 0);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, seals), ==, 0);
  return fd;
}

static void
send_pool (Fixture *fixture, gsize n_bytes, int seals)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_POOL,
    .slot_bytes = SLOT_BYTES,
    .n_slots = N_SLOTS };
  foyer_autofd int fd = make_memfd (n_bytes, seals);

  send_message (fixture->raw, &message, fd);
}

static void
send_shape (Fixture *fixture)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_SHAPE,
    .shape = shape_720 };

  send_message (fixture->raw, &message, -1);
}

static void
send_frame (Fixture *fixture, guint slot, gsize n_bytes)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_FRAME,
    .slot = (guint8) slot,
    .frame = { { 1 }, 1, 1, 1, TRUE, NULL, n_bytes } };

  send_message (fixture->raw, &message, -1);
}

static void
send_started (Fixture *fixture)
{
  FoyerLinkFrame frame;

  send_pool (fixture, SLOT_BYTES * N_SLOTS, ALL_SEALS);
  send_shape (fixture);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_SHAPE);
}

static void
assert_ended (Fixture *fixture)
{
  FoyerLinkFrame frame = { 0 };

  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_GONE);
  g_assert_null (frame.data);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_GONE);
}

static void
test_missing_seals (Fixture *fixture, gconstpointer user_data)
{
  send_pool (fixture, SLOT_BYTES * N_SLOTS, GPOINTER_TO_INT (user_data));
  assert_ended (fixture);
}

static void
test_good_pool (Fixture *fixture, gconstpointer user_data)
{
  send_started (fixture);
  send_frame (fixture, N_SLOTS - 1, SLOT_BYTES);
  {
    FoyerLinkFrame frame;

    g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_FRAME);
    g_assert_cmpuint (frame.data[SLOT_BYTES - 1], ==, 0);
  }
}

static void
test_wrong_size (Fixture *fixture, gconstpointer user_data)
{
  send_pool (fixture, GPOINTER_TO_SIZE (user_data), ALL_SEALS);
  assert_ended (fixture);
}

/* Something that is no memfd. */
static void
test_no_memfd (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_POOL,
    .slot_bytes = SLOT_BYTES,
    .n_slots = N_SLOTS };
  foyer_autofd int fd = open (user_data, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  send_message (fixture->raw, &message, fd);
  assert_ended (fixture);
}

static void
test_no_descriptor (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_POOL,
    .slot_bytes = SLOT_BYTES,
    .n_slots = N_SLOTS };

  send_message (fixture->raw, &message, -1);
  assert_ended (fixture);
}

static void
test_second_pool (Fixture *fixture, gconstpointer user_data)
{
  send_started (fixture);
  send_pool (fixture, SLOT_BYTES * N_SLOTS, ALL_SEALS);
  assert_ended (fixture);
}

static void
test_shape_before_pool (Fixture *fixture, gconstpointer user_data)
{
  send_shape (fixture);
  assert_ended (fixture);
}

static void
test_frame_before_shape (Fixture *fixture, gconstpointer user_data)
{
  send_pool (fixture, SLOT_BYTES * N_SLOTS, ALL_SEALS);
  send_frame (fixture, 0, 1);
  assert_ended (fixture);
}

static void
test_frame_before_pool (Fixture *fixture, gconstpointer user_data)
{
  send_frame (fixture, 0, 1);
  assert_ended (fixture);
}

/* A slot twice before it came back harms the writer alone: a reader holds one
 * frame at a time, and to it the second is a new one. */
static void
test_double_hand_over (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkFrame frame;

  send_started (fixture);
  send_frame (fixture, 1, 1);
  send_frame (fixture, 1, 1);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_FRAME);
  foyer_link_reader_release (fixture->reader);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_FRAME);
}

static void
test_slot_out_of_range (Fixture *fixture, gconstpointer user_data)
{
  send_started (fixture);
  send_frame (fixture, N_SLOTS, 1);
  assert_ended (fixture);
}

static void
test_huge_length (Fixture *fixture, gconstpointer user_data)
{
  send_started (fixture);
  send_frame (fixture, N_SLOTS - 1, SLOT_BYTES + 1);
  assert_ended (fixture);
}

static void
test_wrong_direction (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_WANT_KEY };

  send_message (fixture->raw, &message, -1);
  assert_ended (fixture);
}

static void
test_stray_descriptor (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_SHAPE,
    .shape = shape_720 };
  foyer_autofd int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  send_started (fixture);
  send_message (fixture->raw, &message, fd);
  assert_ended (fixture);
}

static void
test_garbage (Fixture *fixture, gconstpointer user_data)
{
  g_assert_cmpint (send (fixture->raw, "garbage", 7, 0), ==, 7);
  assert_ended (fixture);
}

/* A writer that never reads can't be given its slots back. */
static void
test_deaf_writer (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkFrame frame;

  send_started (fixture);
  send_frame (fixture, 0, 1);
  g_assert_cmpint (receive (fixture, &frame), ==, FOYER_LINK_EVENT_FRAME);
  for (guint i = 0; i < 5000; i++)
    foyer_link_reader_want_key (fixture->reader);
  foyer_link_reader_release (fixture->reader);
  assert_ended (fixture);
}

/* Hostile readers */

static void
assert_writer_ended (Fixture *fixture)
{
  FoyerLinkWish wish;

  g_assert_false (foyer_link_writer_receive (fixture->writer, &wish));
  g_assert_cmpint (push (fixture, 9, TRUE), ==, FOYER_LINK_GONE);
  g_assert_false (foyer_link_writer_set_shape (fixture->writer, &shape_360));
}

static void
test_release_not_held (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_RELEASE,
    .slot = (guint8) GPOINTER_TO_UINT (user_data) };

  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  send_message (fixture->raw, &message, -1);
  assert_writer_ended (fixture);
}

static void
test_release_twice (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_RELEASE };
  FoyerLinkWish wish;

  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_SENT);
  send_message (fixture->raw, &message, -1);
  g_assert_true (foyer_link_writer_receive (fixture->writer, &wish));
  send_message (fixture->raw, &message, -1);
  assert_writer_ended (fixture);
}

static void
test_reader_as_writer (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_SHAPE,
    .shape = shape_720 };

  send_message (fixture->raw, &message, -1);
  assert_writer_ended (fixture);
}

static void
test_reader_sends_fd (Fixture *fixture, gconstpointer user_data)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_WANT_KEY };
  foyer_autofd int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  send_message (fixture->raw, &message, fd);
  assert_writer_ended (fixture);
}

static void
test_reader_garbage (Fixture *fixture, gconstpointer user_data)
{
  g_assert_cmpint (send (fixture->raw, "garbage", 7, 0), ==, 7);
  g_assert_cmpint (push (fixture, 1, TRUE), ==, FOYER_LINK_GONE);
  assert_writer_ended (fixture);
}

/* What a reader is given can't be written, resized or sealed by it. */
static void
test_pool_is_sealed (Fixture *fixture, gconstpointer user_data)
{
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];
  g_auto (FoyerPacket) packet = { 0 };
  int fd;

  g_assert_cmpint (foyer_packet_receive (fixture->raw, bytes, sizeof bytes,
                       &packet),
      ==, FOYER_PACKET_DONE);
  g_assert_cmpuint (packet.n_fds, ==, 1);
  fd = packet.fds[0];
  g_assert_true (
      mmap (NULL, SLOT_BYTES, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (pwrite (fd, "x", 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (ftruncate (fd, 0), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
}

static void
add_test (const char *name, void (*prepare) (Fixture *, gconstpointer),
    void (*test) (Fixture *, gconstpointer), gconstpointer user_data)
{
  g_autofree char *path = g_strconcat ("/link/", name, NULL);

  g_test_add (path, Fixture, user_data, prepare, test, tear_down);
}

static void
add_hostile_writers (void)
{
  static const struct
  {
    const char *name;
    int seals;
  } cases[] = {
    { "writer/missing-seals/shrink", F_SEAL_SHRINK },
    { "writer/missing-seals/grow", F_SEAL_GROW },
    { "writer/missing-seals/future-write", F_SEAL_FUTURE_WRITE },
    { "writer/missing-seals/seal", F_SEAL_SEAL },
    { "writer/missing-seals/all", ALL_SEALS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_test (cases[i].name, set_up_reader, test_missing_seals,
        GINT_TO_POINTER (ALL_SEALS & ~cases[i].seals));
  add_test ("writer/good-pool", set_up_reader, test_good_pool, NULL);
  add_test ("writer/too-small", set_up_reader, test_wrong_size,
      GSIZE_TO_POINTER (SLOT_BYTES * N_SLOTS - 1));
  add_test ("writer/too-large", set_up_reader, test_wrong_size,
      GSIZE_TO_POINTER (SLOT_BYTES * N_SLOTS + SLOT_BYTES));
  add_test ("writer/no-memfd/device", set_up_reader, test_no_memfd,
      "/dev/zero");
  add_test ("writer/no-memfd/file", set_up_reader, test_no_memfd,
      "/proc/self/exe");
  add_test ("writer/no-descriptor", set_up_reader, test_no_descriptor, NULL);
  add_test ("writer/second-pool", set_up_reader, test_second_pool, NULL);
  add_test ("writer/shape-before-pool", set_up_reader, test_shape_before_pool,
      NULL);
  add_test ("writer/frame-before-shape", set_up_reader, test_frame_before_shape,
      NULL);
  add_test ("writer/frame-before-pool", set_up_reader, test_frame_before_pool,
      NULL);
  add_test ("writer/double-hand-over", set_up_reader, test_double_hand_over,
      NULL);
  add_test ("writer/slot-out-of-range", set_up_reader, test_slot_out_of_range,
      NULL);
  add_test ("writer/huge-length", set_up_reader, test_huge_length, NULL);
  add_test ("writer/wrong-direction", set_up_reader, test_wrong_direction,
      NULL);
  add_test ("writer/stray-descriptor", set_up_reader, test_stray_descriptor,
      NULL);
  add_test ("writer/garbage", set_up_reader, test_garbage, NULL);
  add_test ("writer/deaf", set_up_reader, test_deaf_writer, NULL);
}

static void
add_hostile_readers (void)
{
  add_test ("reader/release-not-held", set_up_writer, test_release_not_held,
      GUINT_TO_POINTER (1));
  add_test ("reader/release-out-of-range", set_up_writer, test_release_not_held,
      GUINT_TO_POINTER (FOYER_LINK_MAX_SLOTS - 1));
  add_test ("reader/release-twice", set_up_writer, test_release_twice, NULL);
  add_test ("reader/as-writer", set_up_writer, test_reader_as_writer, NULL);
  add_test ("reader/sends-fd", set_up_writer, test_reader_sends_fd, NULL);
  add_test ("reader/garbage", set_up_writer, test_reader_garbage, NULL);
  add_test ("reader/pool-is-sealed", set_up_writer, test_pool_is_sealed, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("carries", set_up, test_carries, NULL);
  add_test ("no-shape-no-frame", set_up, test_no_shape_no_frame, NULL);
  add_test ("key-first", set_up, test_key_first, NULL);
  add_test ("lagging-reader", set_up, test_lagging_reader, NULL);
  add_test ("too-large", set_up, test_too_large, NULL);
  add_test ("shape-changes", set_up, test_shape_changes, NULL);
  add_test ("wishes", set_up, test_wishes, NULL);
  add_test ("many-wishes", set_up, test_many_wishes, NULL);
  add_test ("reader-goes", set_up, test_reader_goes, NULL);
  add_test ("writer-goes", set_up, test_writer_goes, NULL);
  add_test ("whole", set_up, test_whole, NULL);
  add_test ("wiped", set_up, test_wiped, NULL);
  g_test_add_func ("/link/bad-sizes", test_bad_sizes);
  g_test_add_func ("/link/nobody-there", test_nobody_there);
  add_hostile_writers ();
  add_hostile_readers ();
  return g_test_run ();
}
