/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-limits.h"
#include "foyer-cast-sender.h"

#include <gio/gio.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* One UDP socket that never blocks, and datagrams in batches: a system call for
 * many is what keeps a sender cheap. Not thread-safe. */

#define FOYER_CAST_BATCH 16

/* An address as the kernel has it. */
typedef struct
{
  struct sockaddr_storage storage;
  socklen_t n_bytes; /* 0: none */
} FoyerCastAddress;

/**
 * foyer_cast_address_init:
 * @self: (out caller-allocates): the address
 * @address: (transfer none): an internet address
 *
 * Returns: %FALSE if it is none
 */
gboolean foyer_cast_address_init (FoyerCastAddress *self,
    GSocketAddress *address);

/* (transfer full): the host of @address, an internet address, scope and all,
 * with @port */
GSocketAddress *foyer_cast_address_with_port (GSocketAddress *address,
    guint16 port);

/* The same host, whatever the port; a scope counts. */
gboolean foyer_cast_address_is_host (const FoyerCastAddress *self,
    const FoyerCastAddress *other);
/* The same host and port. */
gboolean foyer_cast_address_equal (const FoyerCastAddress *self,
    const FoyerCastAddress *other);

/* 1472 or 1452 bytes: what fits into an Ethernet frame to there. */
gsize foyer_cast_address_get_max_datagram_bytes (const FoyerCastAddress *self);

/**
 * foyer_cast_udp_open:
 * @address: (transfer none): whose host to bind to, on a port that is free
 * @error: return location
 *
 * Returns: (transfer full): the socket, or %NULL with
 *   %FOYER_CAST_ERROR_SOCKET
 */
GSocket *foyer_cast_udp_open (GSocketAddress *address,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes @socket non-blocking with buffers for a large key frame. */
void foyer_cast_udp_prepare (GSocket *socket);

/**
 * foyer_cast_udp_send:
 * @fd: a UDP socket that does not block
 * @to: (nullable): where to; %NULL if @fd is connected: then by writev() alone
 * @datagrams: (array length=n_datagrams): what
 * @n_datagrams: up to FOYER_CAST_BATCH
 * @problem: (out): 0, or errno of the first datagram that did not leave; EAGAIN
 *   if there is no room now
 *
 * Returns: how many left, in order
 */
guint foyer_cast_udp_send (int fd, const FoyerCastAddress *to,
    const FoyerCastDatagram *datagrams, guint n_datagrams, int *problem);

/* What one call received. */
typedef struct
{
  guint8 data[FOYER_CAST_BATCH][FOYER_CAST_MAX_DATAGRAM_BYTES];
  gsize n_bytes[FOYER_CAST_BATCH]; /* 0: it was too long, to be counted */
  FoyerCastAddress from[FOYER_CAST_BATCH];
  guint n_datagrams;
} FoyerCastUdpBatch;

/**
 * foyer_cast_udp_receive:
 * @fd: a UDP socket
 * @batch: (out caller-allocates): what came
 *
 * An error that the kernel reports of an earlier datagram counts as nothing.
 *
 * Returns: %TRUE if there may be more
 */
gboolean foyer_cast_udp_receive (int fd, FoyerCastUdpBatch *batch);

G_END_DECLS
