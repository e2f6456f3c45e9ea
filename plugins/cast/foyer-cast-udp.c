/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-udp.h"

#include "foyer-cast-error.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/uio.h>

/* Twice a key frame of 150 kB with what the kernel adds to each datagram; it
 * gives what its own limit allows. */
#define SOCKET_BUFFER_BYTES (1024 * 1024)

gboolean
foyer_cast_address_init (FoyerCastAddress *self, GSocketAddress *address)
{
  gssize n_bytes = g_socket_address_get_native_size (address);

  memset (self, 0, sizeof *self);
  if (!G_IS_INET_SOCKET_ADDRESS (address) ||
      n_bytes > (gssize) sizeof self->storage ||
      !g_socket_address_to_native (address, &self->storage,
          sizeof self->storage, NULL))
    return FALSE;
  self->n_bytes = (socklen_t) n_bytes;
  return TRUE;
}

GSocketAddress *
foyer_cast_address_with_port (GSocketAddress *address, guint16 port)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
  GInetAddress *host = g_inet_socket_address_get_address (inet);

  if (g_inet_address_get_family (host) != G_SOCKET_FAMILY_IPV6)
    return g_inet_socket_address_new (host, port);
  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", host, "port",
      port, "scope-id", g_inet_socket_address_get_scope_id (inet), NULL);
}

static gboolean
is_same (const FoyerCastAddress *self, const FoyerCastAddress *other,
    gboolean with_port)
{
  if (self->n_bytes == 0 || other->n_bytes == 0 ||
      self->storage.ss_family != other->storage.ss_family)
    return FALSE;
  if (self->storage.ss_family == AF_INET) {
    const struct sockaddr_in *a = (const void *) &self->storage;
    const struct sockaddr_in *b = (const void *) &other->storage;

    return a->sin_addr.s_addr == b->sin_addr.s_addr &&
        (!with_port || a->sin_port == b->sin_port);
  } else {
    const struct sockaddr_in6 *a = (const void *) &self->storage;
    const struct sockaddr_in6 *b = (const void *) &other->storage;

    return memcmp (&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0 &&
        a->sin6_scope_id == b->sin6_scope_id &&
        (!with_port || a->sin6_port == b->sin6_port);
  }
}

gboolean
foyer_cast_address_is_host (const FoyerCastAddress *self,
    const FoyerCastAddress *other)
{
  return is_same (self, other, FALSE);
}

gboolean
foyer_cast_address_equal (const FoyerCastAddress *self,
    const FoyerCastAddress *other)
{
  return is_same (self, other, TRUE);
}

gsize
foyer_cast_address_get_max_datagram_bytes (const FoyerCastAddress *self)
{
  return self->storage.ss_family == AF_INET6 ? FOYER_CAST_MAX_DATAGRAM6_BYTES
                                             : FOYER_CAST_MAX_DATAGRAM_BYTES;
}

void
foyer_cast_udp_prepare (GSocket *socket)
{
  g_socket_set_blocking (socket, FALSE);
  (void) g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF,
      SOCKET_BUFFER_BYTES, NULL);
  (void) g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF,
      SOCKET_BUFFER_BYTES, NULL);
}

GSocket *
foyer_cast_udp_open (GSocketAddress *address, GError **error)
{
  g_autoptr (GSocketAddress) local = foyer_cast_address_with_port (address, 0);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (
                                                 address),
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &cause);

  if (socket == NULL || !g_socket_bind (socket, local, FALSE, &cause)) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_SOCKET,
        "no UDP socket: %s", cause->message);
    return NULL;
  }
  foyer_cast_udp_prepare (socket);
  return g_steal_pointer (&socket);
}

/* One call each, but calls that can name no address: all that a filter of system
 * calls sees of the others is a pointer. */
static guint
send_connected (int fd, const FoyerCastDatagram *datagrams, guint n_datagrams,
    int *problem)
{
  guint n_sent = 0;

  *problem = 0;
  while (n_sent < n_datagrams && *problem == 0) {
    const FoyerCastDatagram *datagram = &datagrams[n_sent];
    const struct iovec parts[2] = {
      { (void *) datagram->header, datagram->n_header_bytes },
      { (void *) datagram->payload, datagram->n_payload_bytes },
    };

    if (writev (fd, parts, datagram->n_payload_bytes > 0 ? 2 : 1) >= 0)
      n_sent++;
    else if (errno != EINTR)
      *problem = errno;
  }
  return n_sent;
}

guint
foyer_cast_udp_send (int fd, const FoyerCastAddress *to,
    const FoyerCastDatagram *datagrams, guint n_datagrams, int *problem)
{
  struct mmsghdr messages[FOYER_CAST_BATCH];
  struct iovec parts[FOYER_CAST_BATCH][2];
  guint n_sent = 0;

  if (to == NULL)
    return send_connected (fd, datagrams, n_datagrams, problem);
  memset (messages, 0, sizeof messages);
  for (guint i = 0; i < n_datagrams; i++) {
    parts[i][0].iov_base = (void *) datagrams[i].header;
    parts[i][0].iov_len = datagrams[i].n_header_bytes;
    parts[i][1].iov_base = (void *) datagrams[i].payload;
    parts[i][1].iov_len = datagrams[i].n_payload_bytes;
    messages[i].msg_hdr.msg_iov = parts[i];
    messages[i].msg_hdr.msg_iovlen = datagrams[i].n_payload_bytes > 0 ? 2 : 1;
    messages[i].msg_hdr.msg_name = (void *) &to->storage;
    messages[i].msg_hdr.msg_namelen = to->n_bytes;
  }
  *problem = 0;
  /* The kernel tells of a problem only when it is with the first. */
  while (n_sent < n_datagrams) {
    int n = sendmmsg (fd, messages + n_sent, n_datagrams - n_sent,
        MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n > 0) {
      n_sent += (guint) n;
    } else if (errno != EINTR) {
      *problem = errno;
      break;
    }
  }
  return n_sent;
}

gboolean
foyer_cast_udp_receive (int fd, FoyerCastUdpBatch *batch)
{
  struct mmsghdr messages[FOYER_CAST_BATCH];
  struct iovec parts[FOYER_CAST_BATCH];
  int n;

  memset (messages, 0, sizeof messages);
  for (guint i = 0; i < FOYER_CAST_BATCH; i++) {
    parts[i].iov_base = batch->data[i];
    parts[i].iov_len = sizeof batch->data[i];
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &batch->from[i].storage;
    messages[i].msg_hdr.msg_namelen = sizeof batch->from[i].storage;
  }
  n = recvmmsg (fd, messages, FOYER_CAST_BATCH, MSG_DONTWAIT, NULL);
  batch->n_datagrams = n > 0 ? (guint) n : 0;
  for (guint i = 0; i < batch->n_datagrams; i++) {
    gboolean is_cut = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;

    batch->n_bytes[i] = is_cut ? 0 : messages[i].msg_len;
    batch->from[i].n_bytes = messages[i].msg_hdr.msg_namelen;
  }
  return n == FOYER_CAST_BATCH || (n < 0 && errno != EAGAIN);
}
