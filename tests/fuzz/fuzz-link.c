/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-fd.h"
#include "foyer-link.h"
#include "foyer-packet.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A reader, or a writer, whose peer is hostile: messages over a real socket pair,
 * each behind a byte for its length and one for what comes along (nothing, or a
 * memfd of some size with some seals). What a reader hands out can be read to its
 * last byte. */

#define PAGE_BYTES 4096

static int
make_memfd (guint8 how)
{
  static const int seals[] = { F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_FUTURE_WRITE,
    F_SEAL_SEAL };
  int fd = memfd_create ("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  int wanted = 0;

  for (guint i = 0; i < G_N_ELEMENTS (seals); i++)
    wanted |= (how >> i & 1) != 0 ? seals[i] : 0;
  if (ftruncate (fd, (off_t) (how >> 4) * PAGE_BYTES) != 0 ||
      fcntl (fd, F_ADD_SEALS, wanted) != 0)
    g_assert_not_reached ();
  return fd;
}

/* Returns FALSE if the link is at an end. */
static gboolean
read_all (FoyerLinkReader *reader)
{
  FoyerLinkFrame frame;
  FoyerShape shape;
  guint sum = 0;

  for (;;) {
    switch (foyer_link_reader_receive (reader, &frame, &shape)) {
      case FOYER_LINK_EVENT_GONE:
        return FALSE;
      case FOYER_LINK_EVENT_NONE:
        return TRUE;
      case FOYER_LINK_EVENT_SHAPE:
        g_assert_cmpuint (shape.width_px, >, 0);
        break;
      case FOYER_LINK_EVENT_FRAME:
        for (gsize i = 0; i < frame.n_bytes; i++)
          sum += frame.data[i];
        g_assert_cmpuint (sum, ==, 0); /* nobody wrote into it */
        foyer_link_reader_release (reader);
        break;
    }
  }
}

/* Returns FALSE if the link is at an end. */
static gboolean
write_one (FoyerLinkWriter *writer, guint64 sequence)
{
  static const guint8 data[16] = { 1 };
  FoyerLinkFrame frame = { { 1 }, 1, sequence, 1, TRUE, data, sizeof data };
  FoyerLinkWish wish;

  return foyer_link_writer_push (writer, &frame) != FOYER_LINK_GONE &&
      foyer_link_writer_receive (writer, &wish);
}

static void
send_one (int socket, guint8 how, const uint8_t *data, gsize n_bytes)
{
  foyer_autofd int fd = how != 0 ? make_memfd (how) : -1;

  if (n_bytes > 0)
    foyer_packet_send (socket, data, n_bytes, &fd, fd >= 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static const FoyerShape shape = { FOYER_CODEC_VP8, 2, 2, 30, 1, 0 };
  g_autoptr (FoyerLinkReader) reader = NULL;
  g_autoptr (FoyerLinkWriter) writer = NULL;
  gboolean is_alive = TRUE;
  foyer_autofd int mine = -1;
  int ends[2];

  if (n_bytes == 0 || !foyer_packet_pair (ends))
    return 0;
  mine = ends[0];
  if ((data[0] & 1) == 0) {
    reader = foyer_link_reader_new (ends[1]);
  } else {
    writer = foyer_link_writer_new (ends[1], PAGE_BYTES, 4, NULL);
    g_assert_nonnull (writer);
    g_assert_true (foyer_link_writer_set_shape (writer, &shape));
  }
  data++;
  n_bytes--;
  for (guint64 sequence = 1; is_alive && n_bytes >= 2; sequence++) {
    gsize n_message_bytes = MIN (data[0], n_bytes - 2);

    send_one (mine, data[1], data + 2, n_message_bytes);
    is_alive = reader != NULL ? read_all (reader)
                              : write_one (writer, sequence);
    data += 2 + n_message_bytes;
    n_bytes -= 2 + n_message_bytes;
  }
  return 0;
}
