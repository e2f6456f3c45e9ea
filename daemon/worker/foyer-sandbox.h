/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

G_BEGIN_DECLS

/* How a worker locks itself in: for good, and before the first frame or network
 * byte. What it may still do is in one table of system calls per kind.
 *
 *     no_new_privs, no dumps   nothing gained by exec; /proc closed to others
 *     rlimits                  no core, no file, few descriptors, bounded memory
 *     Landlock                 no path, no TCP, no foreign socket or signal
 *     seccomp                  the table; the rest fails, and what no worker
 *                              does by accident kills
 *
 * A call that a library may try in passing, such as opening /etc/localtime,
 * fails with EACCES. Descriptors have fixed numbers, so that the filter can tell
 * them apart: descriptors are sent over the channel alone. Those below the link's
 * stay open to the end, or another could come to have their number. Nothing in
 * cast takes an address: write(), writev(), and sendto() without one send to
 * where the socket was connected by foyerd, sendmsg() is for stream sockets. */

#define FOYER_SANDBOX_TCP_FD    4 /* cast: TLS; else free */
#define FOYER_SANDBOX_NODE_FD   4 /* loopback: its node; else free */
#define FOYER_SANDBOX_MEDIA_FD  5 /* cast: UDP, or TCP that listens */
#define FOYER_SANDBOX_OUTLET_FD 5 /* app: the link to a program; else free */
#define FOYER_SANDBOX_LINK_FD   6 /* all readers: the link */
#define FOYER_SANDBOX_SOUND_FD  7 /* cast: the link of sound; else free */

/* What a worker keeps open besides, at most: a camera has a link for each
 * session. */
#define FOYER_SANDBOX_MAX_FDS        64
#define FOYER_SANDBOX_MAX_CAMERA_FDS 1024

/**
 * foyer_sandbox_enter:
 * @kind: whose table
 * @lacks: (out): what the kernel lacks of the walls, in words; "" for nothing
 * @error: return location
 *
 * To be called once, while the process has one thread: Landlock covers no
 * others. All that needs a file, a library or a socket must be there already.
 * Where the kernel has no Landlock, or an old one, says so with g_message() and
 * goes on with the rest.
 *
 * Returns: %FALSE with a #GIOErrorEnum if any other wall can't be put up; the
 *   process must end then
 */
gboolean foyer_sandbox_enter (FoyerWorkerKind kind, const char **lacks,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_sandbox_enter_libcamera:
 * @lacks: (out): as above
 * @error: return location
 *
 * As foyer_sandbox_enter() of a camera whose pictures libcamera takes: threads of
 * that run already, and the filter is put on all of them at once; Landlock they
 * have from foyer_landlock_keep_to(). It may besides link entities of a media
 * device and allocate of a heap, all of them open already.
 *
 * Returns: %FALSE as above
 */
gboolean foyer_sandbox_enter_libcamera (const char **lacks,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
