/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a session has to show to a display that asks for it: the last few seconds,
 * in pieces that begin with a key frame each, and the playlist of them. Pure; it
 * holds frames, and is one of the places where they can rest.
 *
 * A piece is gone, wiped, as soon as there are FOYER_WEB_REEL_PIECES newer ones, it
 * is older than all of them could be, or memory runs out. Whoever still reads it
 * asks for it by its number each time, and so loses it then. Numbers are never used
 * twice. */

#define FOYER_WEB_REEL_PIECES    8
#define FOYER_WEB_REEL_KEY_MS    500 /* a piece is that long */
#define FOYER_WEB_REEL_MAX_BYTES (4 * 1024 * 1024)
/* How far from the end players are asked to begin. */
#define FOYER_WEB_REEL_START_MS 1500

/**
 * FoyerWebFrame:
 * @data: (array length=n_bytes): an access unit of H.264, byte stream
 * @n_bytes: its length
 * @is_key: it refers to no other, and has parameter sets
 * @is_slate: it shows no camera
 * @capture_us: when it was taken, monotonic
 * @sequence: its number
 * @width_px: of the picture
 * @height_px: likewise
 */
typedef struct
{
  const guint8 *data;
  gsize n_bytes;
  gboolean is_key;
  gboolean is_slate;
  gint64 capture_us;
  guint64 sequence;
  guint16 width_px;
  guint16 height_px;
} FoyerWebFrame;

/**
 * FoyerWebPiece:
 * @number: its number, from 1
 * @header: the header that it needs, from 1
 * @data: (array length=n_bytes): moof and mdat
 * @n_bytes: their length
 * @since_us: when its first frame was taken, monotonic
 * @n_ticks: how long it lasts; sound may end a little sooner or later
 * @is_apart: what came before it does not lead to it: another header, or a gap
 * @n_frames: of the camera in it; 0 for a slate
 * @first_sequence: of the first of them
 * @last_sequence: of the last
 * @was_read: it left, or a part of it
 */
typedef struct
{
  guint64 number;
  guint64 header;
  guint8 *data;
  gsize n_bytes;
  gint64 since_us;
  guint64 n_ticks;
  gboolean is_apart;
  guint n_frames;
  guint64 first_sequence;
  guint64 last_sequence;
  gboolean was_read;
} FoyerWebPiece;

typedef struct _FoyerWebReel FoyerWebReel;

/**
 * foyer_web_reel_new:
 * @wall_us: what must be added to monotonic time for the time of day
 *
 * Returns: (transfer full): an empty one
 */
FoyerWebReel *foyer_web_reel_new (gint64 wall_us);

/**
 * foyer_web_reel_push:
 * @self: a reel
 * @frame: later than the last
 *
 * A key frame ends the piece that was being made, if it is long enough.
 *
 * Returns: %FALSE if it is of no use: no key frame came before, it is not newer
 *   than the last, holds no picture, or is too large
 */
gboolean foyer_web_reel_push (FoyerWebReel *self, const FoyerWebFrame *frame);

/**
 * foyer_web_reel_set_sound:
 * @self: a reel without frames
 * @n_channels: of the AAC that was granted
 * @until_us: by when the first must have come, monotonic
 *
 * Pieces have a track for it from the beginning; a second after the last packet, or if
 * none came by then, they have none, so that players don't wait for it. Without this
 * call there is never one.
 */
void foyer_web_reel_set_sound (FoyerWebReel *self, guint n_channels,
    gint64 until_us);

/* A packet of it, into the next piece; %FALSE if it is of no use. */
gboolean foyer_web_reel_push_sound (FoyerWebReel *self, const guint8 *data,
    gsize n_bytes, gint64 capture_us);

/* Whether a key frame should come now. */
gboolean foyer_web_reel_wants_key (const FoyerWebReel *self, gint64 now_us);

/* Wipes what has become too old. */
void foyer_web_reel_expire (FoyerWebReel *self, gint64 now_us);

/* How many pieces there are. */
guint foyer_web_reel_count (const FoyerWebReel *self);

/* The oldest and the newest; both 0 if there is none. */
void foyer_web_reel_get_bounds (const FoyerWebReel *self, guint64 *first,
    guint64 *last);

/* (nullable) (transfer none): until anything of the reel changes */
FoyerWebPiece *foyer_web_reel_find (FoyerWebReel *self, guint64 number);

/* (nullable) (transfer none): a header of which there are pieces */
GBytes *foyer_web_reel_get_header (FoyerWebReel *self, guint64 number);

/* (transfer full): the playlist, RFC 8216 */
char *foyer_web_reel_print (const FoyerWebReel *self);

/* Nothing of a frame is left in it. */
void foyer_web_reel_wipe (FoyerWebReel *self);

/* (transfer full) (nullable): likewise */
void foyer_web_reel_free (FoyerWebReel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerWebReel, foyer_web_reel_free)

G_END_DECLS
