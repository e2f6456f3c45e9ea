/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-packet.h"

#include "foyer-fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Room for the descriptors, aligned as the kernel wants it. */
typedef union
{
  struct cmsghdr header;
  char bytes[CMSG_SPACE (sizeof (int) * FOYER_PACKET_MAX_FDS)];
} FoyerControl;

static FoyerPacketResult
result_of_errno (int code)
{
  switch (code) {
    case EAGAIN:
      return FOYER_PACKET_NONE;
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
      return FOYER_PACKET_GONE;
    default:
      return FOYER_PACKET_BROKEN;
  }
}

static void
attach_fds (struct msghdr *header, FoyerControl *control, const int *fds,
    guint n_fds)
{
  struct cmsghdr *item;

  memset (control, 0, sizeof *control);
  header->msg_control = control;
  header->msg_controllen = CMSG_SPACE (sizeof (int) * n_fds);
  item = CMSG_FIRSTHDR (header);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN (sizeof (int) * n_fds);
  memcpy (CMSG_DATA (item), fds, sizeof (int) * n_fds);
}

FoyerPacketResult
foyer_packet_send (int socket, const guint8 *data, gsize n_bytes,
    const int *fds, guint n_fds)
{
  struct iovec part = { (gpointer) data, n_bytes };
  struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
  FoyerControl control;
  gssize n_sent;

  g_return_val_if_fail (n_bytes > 0 && n_fds <= FOYER_PACKET_MAX_FDS,
      FOYER_PACKET_BROKEN);
  if (n_fds > 0)
    attach_fds (&header, &control, fds, n_fds);
  do
    n_sent = sendmsg (socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n_sent < 0 && errno == EINTR);
  return n_sent < 0 ? result_of_errno (errno) : FOYER_PACKET_DONE;
}

/* All that came along, however many headers it came in; what has no room is
 * closed. Returns FALSE if something was not a descriptor, or had no room. */
static gboolean
collect_fds (struct msghdr *header, FoyerPacket *packet)
{
  gboolean is_good = TRUE;

  for (struct cmsghdr *item = CMSG_FIRSTHDR (header); item != NULL;
       item = CMSG_NXTHDR (header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) {
      is_good = FALSE;
      continue;
    }
    for (gsize i = 0; CMSG_LEN ((i + 1) * sizeof (int)) <= item->cmsg_len;
         i++) {
      int fd;

      memcpy (&fd, CMSG_DATA (item) + i * sizeof (int), sizeof fd);
      if (packet->n_fds < FOYER_PACKET_MAX_FDS) {
        packet->fds[packet->n_fds++] = fd;
      } else {
        foyer_fd_clear (&fd);
        is_good = FALSE;
      }
    }
  }
  return is_good;
}

static void
init_packet (FoyerPacket *packet)
{
  *packet = (FoyerPacket){ 0 };
  for (guint i = 0; i < FOYER_PACKET_MAX_FDS; i++)
    packet->fds[i] = -1;
}

void
foyer_packet_clear (FoyerPacket *self)
{
  for (guint i = 0; i < self->n_fds; i++)
    foyer_fd_clear (&self->fds[i]);
  self->n_fds = 0;
}

FoyerPacketResult
foyer_packet_receive (int socket, guint8 *out, gsize n_capacity_bytes,
    FoyerPacket *packet)
{
  struct iovec part = { out, n_capacity_bytes };
  FoyerControl control;
  struct msghdr header = { .msg_iov = &part,
    .msg_iovlen = 1,
    .msg_control = &control,
    .msg_controllen = sizeof control };
  FoyerPacketResult result = FOYER_PACKET_DONE;
  gssize n_bytes;

  init_packet (packet);
  /* A peer that left something unread resets the connection, which the kernel
   * tells once, before what the peer said last. */
  do
    n_bytes = recvmsg (socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (n_bytes < 0 && (errno == EINTR || errno == ECONNRESET));
  if (n_bytes < 0)
    return result_of_errno (errno);
  /* An empty message can't be told from the end, and is as good as it. */
  if (!collect_fds (&header, packet) ||
      (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    result = FOYER_PACKET_BROKEN;
  else if (n_bytes == 0)
    result = FOYER_PACKET_GONE;
  if (result != FOYER_PACKET_DONE)
    foyer_packet_clear (packet);
  packet->n_bytes = (gsize) n_bytes;
  return result;
}

gboolean
foyer_packet_pair (int *ends)
{
  return socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
             ends) == 0;
}
