/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

G_BEGIN_DECLS

/* The tally of one session: a page that its worker writes figures into and foyerd
 * reads, so that they are known however the worker ended (I10), or foyerd itself:
 * it is a file in the folder of this boot, and the next foyerd reads what is left
 * there. foyerd makes it, never writes there, and reads it without mapping it, so
 * that nothing that is done to the file can do more than spoil the figures. It
 * takes what it finds for numbers that somebody claims.
 *
 * A worker writes *before* a frame or datagram may leave: one that is killed in
 * between has counted what did not leave, never the other way round.
 *
 *      0   turn        sets written so far; the last is set turn mod 2
 *      8   n_bytes     bytes of camera data
 *     16   set 0       n_frames, n_refused, first_sequence, last_sequence
 *     48   set 1       the same
 *     80   n_foreign   over HTTP: requests and connections that were refused
 *
 * Words of 64 bits, as the machine has them, and each is written at once. The set
 * that was told last is not touched until another one is told, so whatever moment
 * a worker dies at, one of them is whole. */

#define FOYER_TALLY_BYTES 4096

typedef struct _FoyerTallyPage FoyerTallyPage;

/**
 * FoyerTally:
 * @page: the mapping, owned; %NULL for none
 * @n_sets: told so far
 * @n_bytes: told so far, atomic
 * @n_foreign: told so far
 *
 * The writer's end.
 */
typedef struct
{
  FoyerTallyPage *page;
  guint64 n_sets;
  guint64 n_bytes;
  guint64 n_foreign;
} FoyerTally;

/**
 * foyer_tally_make:
 * @path: where nothing is yet; what is left of an earlier one is taken away
 * @error: return location
 *
 * Makes a tally of nothing, whose room on the disk is taken already.
 *
 * Returns: (transfer full): the file, to be read, and a copy of it to be handed
 *   over; -1 with a #GIOErrorEnum
 */
int foyer_tally_make (const char *path, GError **error);

/**
 * foyer_tally_take:
 * @self: (out caller-allocates): the tally, mapped to be written
 * @fd: (transfer none): what foyerd made
 * @error: return location
 *
 * Returns: %FALSE with a #GIOErrorEnum if it can't be that, or not be mapped
 */
gboolean foyer_tally_take (FoyerTally *self, int fd,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The writer's: frames of @account, all four figures at once. One thread. */
void foyer_tally_write (FoyerTally *self, const FoyerAccount *account);

/* The writer's: so many bytes more may leave now. One thread at a time. */
void foyer_tally_add_bytes (FoyerTally *self, gsize n_bytes);

/* The writer's: and takes back what did not leave after all. */
void foyer_tally_take_back (FoyerTally *self, gsize n_bytes);

/* The writer's: one more request, or connection, was refused. */
void foyer_tally_add_foreign (FoyerTally *self);

/* The writer's: bytes so far. Any thread. */
guint64 foyer_tally_get_bytes (const FoyerTally *self);

/**
 * foyer_tally_read:
 * @fd: (transfer none): the file
 * @account: (inout): its frames and bytes are replaced; the rest stays
 *
 * A page in which nothing was told yet says that nothing left.
 *
 * Returns: %FALSE if no honest worker tells that, or it changes all the while, or
 *   is no tally: @account is untouched
 */
gboolean foyer_tally_read (int fd, FoyerAccount *account);

/* Unmaps it. May be called twice, and on zeros. */
void foyer_tally_clear (FoyerTally *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerTally, foyer_tally_clear)

G_END_DECLS
