/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-auth.h"
#include "foyer-cast-error.h"
#include "foyer-cast-offer.h"
#include "foyer-cast-sender.h"
#include "foyer-clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One cast, from connection to goodbye: the sender's side of the channel and
 * the sending engine, on a thread of its own.
 *
 *     connect → TLS → authenticate → CONNECT, LAUNCH → OFFER, ANSWER → stream
 *
 * A session is used once and never restarted. Frames may be pushed from any
 * thread; they leave on the pusher's thread. Callbacks come on the session's
 * thread, without any lock held, and never after foyer_cast_session_stop() has
 * returned; they must not block and must not call _stop or _free. */

typedef struct _FoyerCastSession FoyerCastSession;

/**
 * FoyerCastSessionConfig:
 * @auth: how sure of the display one must be
 * @pin: (nullable): fingerprint it must have
 * @ca_file: (nullable): roots instead of the public ones
 * @clock: (nullable): %NULL for the machine's
 */
typedef struct
{
  FoyerCastAuthLevel auth;
  const char *pin;
  const char *ca_file;
  const FoyerClock *clock;
} FoyerCastSessionConfig;

/**
 * FoyerCastSessionStream:
 * @kind: what it carries
 * @codec: how it must be coded
 * @width_px: largest picture the display shows; 0 for audio
 * @height_px: likewise
 * @is_fixed_size: letterbox to exactly that
 * @fps_n: highest frame rate, numerator
 * @fps_d: denominator
 * @max_pixels_per_second: size times rate at most; 0 if the display says none
 * @max_bps: most bit/s
 *
 * A stream as settled by OFFER and ANSWER.
 */
typedef struct
{
  FoyerCastStreamKind kind;
  FoyerCastCodec codec;
  guint width_px;
  guint height_px;
  gboolean is_fixed_size;
  guint fps_n;
  guint fps_d;
  guint64 max_pixels_per_second;
  guint32 max_bps;
} FoyerCastSessionStream;

/**
 * FoyerCastSessionCallbacks:
 * @on_step: a step begins; stopping is not told of
 * @on_identity: the display was authenticated and accepted
 * @on_ready: streams are settled and frames may be pushed, by index into
 *   @streams; called again after a renegotiation
 * @on_key_needed: the next frame of @stream must be a key frame
 * @on_bit_rate: the video encoder should make @bps from now on
 * @on_failed: the session is over; @error says at what step, why and what to do
 */
typedef struct
{
  void (*on_step) (FoyerCastSession *self, FoyerCastStep step,
      gpointer user_data);
  void (*on_identity) (FoyerCastSession *self,
      const FoyerCastIdentity *identity, gpointer user_data);
  void (*on_ready) (FoyerCastSession *self,
      const FoyerCastSessionStream *streams, guint n_streams,
      gpointer user_data);
  void (*on_key_needed) (FoyerCastSession *self, guint stream,
      gpointer user_data);
  void (*on_bit_rate) (FoyerCastSession *self, guint32 bps, gpointer user_data);
  void (*on_failed) (FoyerCastSession *self, const GError *error,
      gpointer user_data);
} FoyerCastSessionCallbacks;

/**
 * foyer_cast_session_new:
 * @config: copied
 * @callbacks: copied
 * @user_data: for them
 * @error: return location
 *
 * Returns: (transfer full): an idle session, or %NULL if ca-file or pin can't be
 *   used
 */
FoyerCastSession *foyer_cast_session_new (const FoyerCastSessionConfig *config,
    const FoyerCastSessionCallbacks *callbacks, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_session_start:
 * @self: an idle session
 * @host: name or address; IPv6 with or without brackets and scope
 * @port: TCP port
 *
 * Begins on the session's thread: connects, up to and including LAUNCH. The
 * OFFER waits for foyer_cast_session_offer().
 */
void foyer_cast_session_start (FoyerCastSession *self, const char *host,
    guint16 port);

/**
 * foyer_cast_session_start_with_sockets:
 * @self: an idle session
 * @channel: (transfer full): connected TCP socket
 * @media: (transfer full): UDP socket, bound; connected to the display's
 *   address or not
 *
 * The same for a process that may not make sockets.
 */
void foyer_cast_session_start_with_sockets (FoyerCastSession *self,
    GSocketConnection *channel, GSocket *media);

/**
 * foyer_cast_session_offer:
 * @self: a started session
 * @wish: what to offer
 *
 * May come before or after the app runs; again to renegotiate. Any thread.
 */
void foyer_cast_session_offer (FoyerCastSession *self,
    const FoyerCastOfferWish *wish);

/**
 * foyer_cast_session_check:
 * @self: a session
 * @stream: index of the stream
 * @capture_us: capture time, monotonic
 *
 * foyer_cast_sender_check() now, under the session's lock. Any thread. Without
 * streams the answer is %FOYER_CAST_VERDICT_NEED_KEY, as it is to a frame.
 *
 * Returns: %FOYER_CAST_VERDICT_SEND if a raw frame is worth encoding
 */
FoyerCastVerdict foyer_cast_session_check (FoyerCastSession *self, guint stream,
    gint64 capture_us);

/**
 * foyer_cast_session_push:
 * @self: a session
 * @stream: index of the stream
 * @data: (array length=n_bytes): a coded frame; not kept
 * @n_bytes: its length
 * @is_key: it refers to no other
 * @capture_us: capture time, monotonic
 *
 * Encrypts the frame and sends what the pacer allows at once. Any thread. Never
 * blocks on the network.
 *
 * Returns: %FOYER_CAST_VERDICT_SEND if it was taken
 */
FoyerCastVerdict foyer_cast_session_push (FoyerCastSession *self, guint stream,
    const guint8 *data, gsize n_bytes, gboolean is_key, gint64 capture_us);

/* Whether the next frame of @stream must be a key frame. Any thread. */
gboolean foyer_cast_session_needs_key (FoyerCastSession *self, guint stream);

/* Sets the target delay of a running session. Any thread. */
void foyer_cast_session_set_delay (FoyerCastSession *self, guint32 delay_ms);

/* Receiver volume: @level 0.0…1.0. Any thread. */
void foyer_cast_session_set_volume (FoyerCastSession *self, double level);
void foyer_cast_session_set_muted (FoyerCastSession *self, gboolean is_muted);

/**
 * foyer_cast_session_get_stats:
 * @self: a session
 * @stats: (out caller-allocates): figures
 *
 * Returns: the step it is at. Any thread
 */
FoyerCastStep foyer_cast_session_get_stats (FoyerCastSession *self,
    FoyerCastSenderStats *stats);

/**
 * foyer_cast_session_stop:
 * @self: a session
 *
 * First makes sure that no media byte leaves any more, then stops the app on
 * the display, waits for it to say so (FOYER_CAST_STOP_TIMEOUT_MS at most),
 * closes the connection and joins the thread. Blocks for that long. May be
 * called twice; not from a callback.
 */
void foyer_cast_session_stop (FoyerCastSession *self);

/* (transfer full) (nullable): stops it first */
void foyer_cast_session_free (FoyerCastSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastSession, foyer_cast_session_free)

G_END_DECLS
