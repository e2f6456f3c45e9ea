/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-channel.h"

#include "foyer-packet.h"

#include <errno.h>
#include <gio/gio.h>

G_STATIC_ASSERT (FOYER_CHANNEL_MAX_FDS == FOYER_PACKET_MAX_FDS);

/* Sets @error for everything but a packet that went or came. */
static void
set_error (GError **error, FoyerPacketResult result, const char *what)
{
  switch (result) {
    case FOYER_PACKET_BROKEN:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
          "%s over the worker channel failed", what);
      return;
    case FOYER_PACKET_GONE:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
          "%s over the worker channel: the peer closed it", what);
      return;
    case FOYER_PACKET_NONE:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
          "%s over the worker channel: the peer does not read", what);
      return;
    case FOYER_PACKET_DONE:
      return;
  }
}

gboolean
foyer_channel_send (int fd, FoyerProtocol *protocol, gboolean is_from_worker,
    const FoyerMessage *message, const int *fds, guint n_fds, GError **error)
{
  guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
  const char *name = foyer_message_type_to_string (message->type);
  gsize n_bytes = foyer_message_write (message, bytes, sizeof bytes);
  FoyerProtocol next = *protocol;
  FoyerPacketResult result;

  if (n_bytes == 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a field of %s is out of its range", name);
    return FALSE;
  }
  if (!foyer_protocol_take (&next, is_from_worker, message, n_fds)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "%s with %u descriptors may not be said now", name, n_fds);
    return FALSE;
  }
  result = foyer_packet_send (fd, bytes, n_bytes, fds, n_fds);
  set_error (error, result, name);
  if (result != FOYER_PACKET_DONE)
    return FALSE;
  *protocol = next;
  return TRUE;
}

static void
give_fds (FoyerPacket *packet, int *fds)
{
  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++)
    fds[i] = packet->fds[i];
  packet->n_fds = 0;
}

int
foyer_channel_receive (int fd, FoyerProtocol *protocol, gboolean is_from_worker,
    FoyerMessage *message, int *fds, GError **error)
{
  guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
  g_auto (FoyerPacket) packet = { 0 };
  FoyerPacketResult result = foyer_packet_receive (fd, bytes, sizeof bytes,
      &packet);
  FoyerMessage heard;

  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++)
    fds[i] = -1;
  if (result == FOYER_PACKET_NONE)
    return 0;
  if (result != FOYER_PACKET_DONE) {
    set_error (error, result, "receiving");
    return -1;
  }
  if (!foyer_message_read (&heard, bytes, packet.n_bytes)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "the peer said what is no message of the worker channel");
    return -1;
  }
  if (!foyer_protocol_take (protocol, is_from_worker, &heard, packet.n_fds)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "the peer said %s with %u descriptors out of turn",
        foyer_message_type_to_string (heard.type), packet.n_fds);
    return -1;
  }
  *message = heard;
  give_fds (&packet, fds);
  return 1;
}

gboolean
foyer_channel_pair (int *ends, GError **error)
{
  if (foyer_packet_pair (ends))
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
      "making a worker channel: %s", g_strerror (errno));
  return FALSE;
}
