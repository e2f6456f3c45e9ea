/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

G_BEGIN_DECLS

/* A link: the one way that frames of one camera go to one session.
 *
 * The broker in foyerd makes a pair of SEQPACKET sockets and gives the writing
 * end to the camera's process, the reading end to the session's. The writer
 * makes a pool (a memfd of equal slots), maps it, seals it (SHRINK, GROW,
 * FUTURE_WRITE, SEAL) and sends it as the link's first message. The reader looks
 * at the seals and the size before it maps it, read-only. Nobody else ever has
 * it, foyerd neither.
 *
 *     writer → reader   POOL (+ memfd), SHAPE, FRAME (slot)
 *     reader → writer   RELEASE (slot), WANT_KEY, RATE
 *
 * A slot belongs to the writer, is handed over by FRAME, comes back by RELEASE,
 * is wiped then, and so belongs to one side at each moment. A reader that lags
 * loses frames up to the next key frame and never holds up the camera. Codecs
 * and the book-keeping of slots are pure; the rest is foyer-link-writer.c and
 * foyer-link-reader.c. One thread at a time per end: callers lock. */

#define FOYER_LINK_SLOTS          8
#define FOYER_LINK_MAX_SLOTS      16
#define FOYER_LINK_MAX_SLOT_BYTES (16 * 1024 * 1024)
#define FOYER_LINK_CODED_BYTES    (512 * 1024) /* a slot of coded frames */
#define FOYER_LINK_SOUND_BYTES    (4 * 1024)   /* a slot of coded sound */
/* The camera of a picture that was made of words: no camera has that number. */
#define FOYER_LINK_SLATE       G_MAXUINT64
#define FOYER_LINK_MAX_MESSAGE 64

/**
 * FoyerLinkFrame:
 * @camera: the camera that took it
 * @generation: in which opening
 * @sequence: its number there, from 1, strictly increasing
 * @capture_us: when, monotonic
 * @is_key: it refers to no other
 * @data: (array length=n_bytes): the frame; of a reader: in the pool, until it is
 *   released
 * @n_bytes: its length
 *
 * A frame with its tag.
 */
typedef struct
{
  FoyerCameraId camera;
  guint64 generation;
  guint64 sequence;
  gint64 capture_us;
  gboolean is_key;
  const guint8 *data;
  gsize n_bytes;
} FoyerLinkFrame;

typedef struct _FoyerLinkWriter FoyerLinkWriter;
typedef struct _FoyerLinkReader FoyerLinkReader;

/**
 * foyer_link_writer_new:
 * @socket: (transfer full): the writing end
 * @slot_bytes: largest frame
 * @n_slots: up to FOYER_LINK_MAX_SLOTS
 * @error: return location
 *
 * Makes the pool and hands it over. Needs memfd_create, ftruncate, mmap, munmap,
 * madvise, mlock2, fcntl, sendmsg, recvmsg and close of its process; a reader
 * needs fstat besides.
 *
 * Returns: (transfer full): the writer, or %NULL with a #GIOErrorEnum
 */
FoyerLinkWriter *foyer_link_writer_new (int socket, gsize slot_bytes,
    guint n_slots, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The socket, to wait on; borrowed. */
int foyer_link_writer_get_fd (const FoyerLinkWriter *self);

/* Says what the frames from here on look like; before the first, and whenever
 * it changes, at a key frame. %FALSE if the reader is gone. */
gboolean foyer_link_writer_set_shape (FoyerLinkWriter *self,
    const FoyerShape *shape);

typedef enum
{
  FOYER_LINK_DROPPED = 0, /* no slot, too large, or waiting for a key frame */
  FOYER_LINK_SENT,
  FOYER_LINK_GONE, /* the reader left or broke the rules */
} FoyerLinkResult;

/**
 * foyer_link_writer_push:
 * @self: a writer
 * @frame: copied into a slot
 *
 * Never blocks. After a dropped frame only a key frame is taken.
 *
 * Returns: what became of it
 */
FoyerLinkResult foyer_link_writer_push (FoyerLinkWriter *self,
    const FoyerLinkFrame *frame);

/**
 * FoyerLinkWish:
 * @wants_key: the reader asked for a key frame since the last call, or a frame
 *   was dropped
 * @bps: the bit rate it can pass on, as it last said; 0 if it never did
 * @n_dropped: frames dropped so far
 */
typedef struct
{
  gboolean wants_key;
  guint32 bps;
  guint64 n_dropped;
} FoyerLinkWish;

/**
 * foyer_link_writer_receive:
 * @self: a writer
 * @wish: (out caller-allocates): what the reader wants
 *
 * Takes back slots and wishes; never blocks.
 *
 * Returns: %FALSE if the reader left or broke the rules
 */
gboolean foyer_link_writer_receive (FoyerLinkWriter *self, FoyerLinkWish *wish);

/* Whether the reader has given back all that it got. */
gboolean foyer_link_writer_is_idle (const FoyerLinkWriter *self);

/* (transfer full) (nullable): wipes the pool and closes the link */
void foyer_link_writer_free (FoyerLinkWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerLinkWriter, foyer_link_writer_free)

/**
 * foyer_link_reader_new:
 * @socket: (transfer full): the reading end
 *
 * Returns: (transfer full): a reader that has no pool yet
 */
FoyerLinkReader *foyer_link_reader_new (int socket);

/* The socket, to wait on; borrowed. */
int foyer_link_reader_get_fd (const FoyerLinkReader *self);

typedef enum
{
  FOYER_LINK_EVENT_GONE = 0, /* the writer left, or broke the rules */
  FOYER_LINK_EVENT_NONE,     /* nothing now */
  FOYER_LINK_EVENT_SHAPE,
  FOYER_LINK_EVENT_FRAME,
} FoyerLinkEvent;

/**
 * foyer_link_reader_receive:
 * @self: a reader, which holds no frame
 * @frame: (out caller-allocates): for #FOYER_LINK_EVENT_FRAME: the frame, held
 *   until foyer_link_reader_release()
 * @shape: (out caller-allocates): for #FOYER_LINK_EVENT_SHAPE
 *
 * Never blocks. Writers are distrusted: a pool without its seals, a slot handed
 * over twice, a length beyond the slot, anything unknown ends the link.
 *
 * Returns: what came
 */
FoyerLinkEvent foyer_link_reader_receive (FoyerLinkReader *self,
    FoyerLinkFrame *frame, FoyerShape *shape);

/**
 * foyer_link_reader_is_whole:
 * @self: a reader
 *
 * A writer that ends tells so before it wipes what it handed over: a frame that
 * was copied may have been torn by that, or come after the end, unless the link
 * still stands behind it.
 *
 * Returns: whether the writer had not ended yet
 */
gboolean foyer_link_reader_is_whole (const FoyerLinkReader *self);

/* Gives the held frame's slot back, to be wiped. */
void foyer_link_reader_release (FoyerLinkReader *self);

/* Asks for a key frame; says what bit rate can be passed on. */
void foyer_link_reader_want_key (FoyerLinkReader *self);
void foyer_link_reader_set_rate (FoyerLinkReader *self, guint32 bps);

/* (transfer full) (nullable): unmaps the pool and closes the link */
void foyer_link_reader_free (FoyerLinkReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerLinkReader, foyer_link_reader_free)

G_END_DECLS
