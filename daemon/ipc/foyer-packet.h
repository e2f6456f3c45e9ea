/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One message with its descriptors over a SEQPACKET socket; nothing blocks. */

#define FOYER_PACKET_MAX_FDS 4

typedef enum
{
  FOYER_PACKET_BROKEN = 0, /* too long, too many descriptors, or an error */
  FOYER_PACKET_GONE,       /* the peer closed its end */
  FOYER_PACKET_NONE,       /* nothing now, or no room now */
  FOYER_PACKET_DONE,
} FoyerPacketResult;

/**
 * foyer_packet_send:
 * @socket: where to
 * @data: (array length=n_bytes): what, at least a byte
 * @n_bytes: its length
 * @fds: (array length=n_fds) (transfer none) (nullable): to go along
 * @n_fds: how many, up to FOYER_PACKET_MAX_FDS
 *
 * Returns: what became of it; all of it went, or nothing
 */
FoyerPacketResult foyer_packet_send (int socket, const guint8 *data,
    gsize n_bytes, const int *fds, guint n_fds);

/**
 * FoyerPacket:
 * @n_bytes: its length
 * @n_fds: descriptors that came along
 * @fds: (transfer full): they, close-on-exec; -1 for none
 */
typedef struct
{
  gsize n_bytes;
  guint n_fds;
  int fds[FOYER_PACKET_MAX_FDS];
} FoyerPacket;

/* Closes what came along and was not taken. */
void foyer_packet_clear (FoyerPacket *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerPacket, foyer_packet_clear)

/**
 * foyer_packet_receive:
 * @socket: where from
 * @out: (out caller-allocates) (array length=n_capacity_bytes): its bytes
 * @n_capacity_bytes: room there
 * @packet: (out caller-allocates): the rest of it; no descriptors unless
 *   #FOYER_PACKET_DONE
 *
 * Returns: what came
 */
FoyerPacketResult foyer_packet_receive (int socket, guint8 *out,
    gsize n_capacity_bytes, FoyerPacket *packet);

/**
 * foyer_packet_pair:
 * @ends: (out caller-allocates) (array fixed-size=2) (transfer full): both ends,
 *   non-blocking, close-on-exec
 *
 * Returns: %FALSE with errno set
 */
gboolean foyer_packet_pair (int *ends) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
