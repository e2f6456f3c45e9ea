/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-channel.h"
#include "foyer-fd.h"
#include "foyer-packet.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* The worker channel over a real socket pair, with hostile peers. */

typedef struct
{
  int ends[2]; /* foyerd's, the worker's */
  FoyerProtocol foyerd;
  FoyerProtocol worker;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_channel_pair (fixture->ends, &error));
  g_assert_no_error (error);
  foyer_protocol_init (&fixture->foyerd, FOYER_WORKER_CAST);
  foyer_protocol_init (&fixture->worker, FOYER_WORKER_CAST);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  foyer_fd_clear (&fixture->ends[0]);
  foyer_fd_clear (&fixture->ends[1]);
}

static FoyerMessage
make_config (void)
{
  return (FoyerMessage){
    .type = FOYER_MESSAGE_CAST_CONFIG,
    .session = { 1 },
    .camera = { 2 },
    .generation = 3,
    .max_age_us = 1,
    .transport = FOYER_TRANSPORT_STREAMING,
    .media = 1,
    .shape = { FOYER_CODEC_VP8, 640, 480, 30, 1, 0 },
  };
}

static int
open_null (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* How many descriptors this process has. */
static guint
count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
send_config (Fixture *fixture)
{
  FoyerMessage message = make_config ();
  foyer_autofd int fd = open_null ();
  int fds[] = { fd, fd, fd, fd };
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_channel_send (fixture->ends[0], &fixture->foyerd, FALSE,
      &message, fds, G_N_ELEMENTS (fds), &error));
  g_assert_no_error (error);
}

static void
test_carries (Fixture *fixture, gconstpointer user_data)
{
  FoyerMessage message = { 0 };
  g_autoptr (GError) error = NULL;
  int fds[FOYER_CHANNEL_MAX_FDS];
  guint n_before = count_fds ();

  g_assert_cmpint (foyer_channel_receive (fixture->ends[1], &fixture->worker,
                       FALSE, &message, fds, &error),
      ==, 0);
  send_config (fixture);
  g_assert_cmpint (foyer_channel_receive (fixture->ends[1], &fixture->worker,
                       FALSE, &message, fds, &error),
      ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (message.type, ==, FOYER_MESSAGE_CAST_CONFIG);
  g_assert_cmpuint (message.generation, ==, 3);
  g_assert_cmpint (fixture->worker.phase, ==, FOYER_PHASE_SET);
  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++) {
    g_assert_cmpint (fcntl (fds[i], F_GETFD), ==, FD_CLOEXEC);
    foyer_fd_clear (&fds[i]);
  }
  g_assert_cmpuint (count_fds (), ==, n_before);
}

static void
test_pair_flags (Fixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint (fcntl (fixture->ends[i], F_GETFD), ==, FD_CLOEXEC);
    g_assert_cmpint (fcntl (fixture->ends[i], F_GETFL) & O_NONBLOCK, !=, 0);
  }
}

static void
test_refuses_to_say (Fixture *fixture, gconstpointer user_data)
{
  FoyerMessage message = { .type = FOYER_MESSAGE_CLOSE };
  FoyerProtocol before = fixture->foyerd;
  g_autoptr (GError) error = NULL;
  int fds[FOYER_CHANNEL_MAX_FDS];

  g_assert_false (foyer_channel_send (fixture->ends[0], &fixture->foyerd, FALSE,
      &message, NULL, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  message = make_config ();
  message.generation = 0;
  g_assert_false (foyer_channel_send (fixture->ends[0], &fixture->foyerd, FALSE,
      &message, NULL, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_cmpmem (&before, sizeof before, &fixture->foyerd, sizeof before);
  g_assert_cmpint (foyer_channel_receive (fixture->ends[1], &fixture->worker,
                       FALSE, &message, fds, &error),
      ==, 0);
}

/* Sends bytes as they are, with copies of /dev/null. */
static void
send_raw (Fixture *fixture, const guint8 *bytes, gsize n_bytes, guint n_fds)
{
  foyer_autofd int fd = open_null ();
  struct iovec part = { (gpointer) bytes, n_bytes };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int) * 16)];
  } control = { 0 };
  struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

  if (n_fds > 0) {
    header.msg_control = &control;
    header.msg_controllen = CMSG_SPACE (sizeof (int) * n_fds);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN (sizeof (int) * n_fds);
    for (guint i = 0; i < n_fds; i++)
      memcpy (CMSG_DATA (&control.header) + i * sizeof fd, &fd, sizeof fd);
  }
  g_assert_cmpint (sendmsg (fixture->ends[0], &header, MSG_NOSIGNAL), >=, 0);
}

static void
assert_broken (Fixture *fixture, int code)
{
  FoyerMessage message = { 0 };
  FoyerProtocol before = fixture->worker;
  g_autoptr (GError) error = NULL;
  int fds[FOYER_CHANNEL_MAX_FDS] = { 7, 7, 7, 7 };

  g_assert_cmpint (foyer_channel_receive (fixture->ends[1], &fixture->worker,
                       FALSE, &message, fds, &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_cmpint (message.type, ==, FOYER_MESSAGE_NONE);
  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++)
    g_assert_cmpint (fds[i], ==, -1);
  g_assert_cmpmem (&before, sizeof before, &fixture->worker, sizeof before);
}

/* Whatever is wrong, nothing is left open. */
static void
test_hostile (Fixture *fixture, gconstpointer user_data)
{
  guint8 bytes[FOYER_CHANNEL_MAX_BYTES + 1] = { 0 };
  FoyerMessage message = make_config ();
  gsize n_bytes = foyer_message_write (&message, bytes, sizeof bytes);
  guint n_before = count_fds ();

  for (guint n_fds = 0; n_fds <= 16; n_fds++) {
    if (n_fds == FOYER_CHANNEL_MAX_FDS)
      continue;
    send_raw (fixture, bytes, n_bytes, n_fds);
    assert_broken (fixture, G_IO_ERROR_INVALID_DATA);
    g_assert_cmpuint (count_fds (), ==, n_before);
  }
  send_raw (fixture, bytes, n_bytes - 1, FOYER_CHANNEL_MAX_FDS);
  assert_broken (fixture, G_IO_ERROR_INVALID_DATA);
  send_raw (fixture, bytes, sizeof bytes, FOYER_CHANNEL_MAX_FDS);
  assert_broken (fixture, G_IO_ERROR_INVALID_DATA);
  send_raw (fixture, bytes, 1, 1);
  assert_broken (fixture, G_IO_ERROR_INVALID_DATA);
  send_raw (fixture, bytes, 0, 2);
  assert_broken (fixture, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpuint (count_fds (), ==, n_before);
}

/* The same message again is out of turn. */
static void
test_twice (Fixture *fixture, gconstpointer user_data)
{
  FoyerMessage message;
  int fds[FOYER_CHANNEL_MAX_FDS];
  guint n_before;

  send_config (fixture);
  g_assert_cmpint (foyer_channel_receive (fixture->ends[1], &fixture->worker,
                       FALSE, &message, fds, NULL),
      ==, 1);
  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++)
    foyer_fd_clear (&fds[i]);
  n_before = count_fds ();
  foyer_protocol_init (&fixture->foyerd, FOYER_WORKER_CAST);
  send_config (fixture);
  assert_broken (fixture, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpuint (count_fds (), ==, n_before);
}

static void
test_peer_goes (Fixture *fixture, gconstpointer user_data)
{
  FoyerMessage message = make_config ();
  FoyerProtocol before = fixture->foyerd;
  foyer_autofd int fd = open_null ();
  int fds[] = { fd, fd, fd, fd };
  g_autoptr (GError) error = NULL;

  foyer_fd_clear (&fixture->ends[0]);
  assert_broken (fixture, G_IO_ERROR_CONNECTION_CLOSED);
  fixture->ends[0] = g_steal_fd (&fixture->ends[1]);
  g_assert_false (foyer_channel_send (fixture->ends[0], &fixture->foyerd, FALSE,
      &message, fds, G_N_ELEMENTS (fds), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpmem (&before, sizeof before, &fixture->foyerd, sizeof before);
}

/* A worker that fails and leaves with something unread is heard out. */
static void
test_last_words (Fixture *fixture, gconstpointer user_data)
{
  FoyerMessage message = { .type = FOYER_MESSAGE_CLOSE };
  g_autoptr (GError) error = NULL;
  int fds[FOYER_CHANNEL_MAX_FDS];

  send_config (fixture);
  g_assert_cmpint (foyer_channel_receive (fixture->ends[1], &fixture->worker,
                       FALSE, &message, fds, NULL),
      ==, 1);
  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++)
    foyer_fd_clear (&fds[i]);
  message = (FoyerMessage){ .type = FOYER_MESSAGE_FAILED,
    .reason = 20,
    .text = "no way" };
  g_assert_true (foyer_channel_send (fixture->ends[1], &fixture->worker, TRUE,
      &message, NULL, 0, NULL));
  message = (FoyerMessage){ .type = FOYER_MESSAGE_CLOSE };
  g_assert_true (foyer_channel_send (fixture->ends[0], &fixture->foyerd, FALSE,
      &message, NULL, 0, NULL));
  foyer_fd_clear (&fixture->ends[1]);
  g_assert_cmpint (foyer_channel_receive (fixture->ends[0], &fixture->foyerd,
                       TRUE, &message, fds, &error),
      ==, 1);
  g_assert_no_error (error);
  g_assert_cmpstr (message.text, ==, "no way");
  g_assert_cmpint (foyer_channel_receive (fixture->ends[0], &fixture->foyerd,
                       TRUE, &message, fds, &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

/* A peer that does not read stops nobody. */
static void
test_full (Fixture *fixture, gconstpointer user_data)
{
  FoyerMessage message = { .type = FOYER_MESSAGE_SLATE,
    .shape = { FOYER_CODEC_VP8, 640, 480, 30, 1, 0 } };
  foyer_autofd int fd = open_null ();
  g_autoptr (GError) error = NULL;

  fixture->foyerd.said = 1u << FOYER_MESSAGE_CAST_CONFIG |
      1u << FOYER_MESSAGE_READY;
  while (foyer_channel_send (fixture->ends[0], &fixture->foyerd, FALSE,
      &message, &fd, 1, &error))
    g_assert_no_error (error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static void
add_test (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strconcat ("/channel-socket/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("carries", test_carries);
  add_test ("pair-flags", test_pair_flags);
  add_test ("refuses-to-say", test_refuses_to_say);
  add_test ("hostile", test_hostile);
  add_test ("twice", test_twice);
  add_test ("peer-goes", test_peer_goes);
  add_test ("last-words", test_last_words);
  add_test ("full", test_full);
  return g_test_run ();
}
