/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-auth.h"
#include "foyer-cast-error.h"
#include "foyer-cast-keys.h"
#include "foyer-cast-load.h"
#include "foyer-cast-offer.h"
#include "foyer-cast-sender.h"
#include "foyer-cast-volume.h"
#include "foyer-clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One cast, from connection to goodbye: the sender's side of the channel and
 * the sending engine, on a thread of its own.
 *
 *     connect → TLS → authenticate → CONNECT, LAUNCH → OFFER, ANSWER → stream
 *                              (→ be approved)           or → LOAD → play
 *                                                        or, once: → clean
 *
 * A session is used once and never restarted. Frames may be pushed from any
 * thread; they leave on the pusher's thread. Callbacks come on the session's
 * thread, without any lock held, and never after foyer_cast_session_stop() has
 * returned; they must not block and must not call _stop or _free.
 *
 * A process that may open and make nothing calls foyer_cast_session_warm_up()
 * while it still may, then locks itself in, then makes a session with public
 * roots or with @ca_pem, and starts it with given sockets. */

typedef struct _FoyerCastSession FoyerCastSession;

/**
 * FoyerCastSessionConfig:
 * @auth: how sure of the display one must be
 * @pin: (nullable): fingerprint it must have
 * @ca_file: (nullable): PEM file of roots instead of the public ones
 * @ca_pem: (nullable): its contents, for who can open no file; goes before
 *   @ca_file
 * @clock: (nullable): %NULL for the machine's
 * @root: (nullable): what the keys of all streams are derived from, each frame's
 *   for the camera of its own tag; %NULL for random ones. Copied, and wiped
 *   when the session was stopped
 * @guard: asked of all frames but slates; zeroed lets all pass
 * @wants_approval: a display that was accepted must be approved by
 *   foyer_cast_session_approve() as well, before anything is launched on it
 * @waits_for_connection: who made the UDP socket connects it once on_ready told
 *   the port, in another process; nothing is sent before, and no datagram ever
 *   names an address. The first frame must not be pushed before that is done
 * @is_player: the display is shown a URL by its media player, and no frame is
 *   pushed: foyer_cast_session_load() instead of foyer_cast_session_offer()
 */
typedef struct
{
  FoyerCastAuthLevel auth;
  const char *pin;
  const char *ca_file;
  GBytes *ca_pem;
  const FoyerClock *clock;
  const FoyerCastKeyRoot *root;
  FoyerCastGuard guard;
  gboolean wants_approval;
  gboolean waits_for_connection;
  gboolean is_player;
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
 * @udp_port: where the display wants its datagrams
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
  guint16 udp_port;
} FoyerCastSessionStream;

/**
 * FoyerCastSessionCallbacks:
 * @on_step: a step begins; stopping is not told of
 * @on_identity: the display was authenticated; unless @is_accepted, it is not
 *   enough for the level asked for and on_failed says why
 * @on_launched: (nullable): the app runs; @app_session_id is what
 *   foyer_cast_session_clean() wants, should this process not get to stop it
 * @on_ready: streams are settled and frames may be pushed, by index into
 *   @streams; called again after a renegotiation
 * @on_key_needed: the next frame of @stream must be a key frame
 * @on_bit_rate: the video encoder should make @bps from now on
 * @on_cleaned: (nullable): the session is over: the app session that
 *   foyer_cast_session_clean() named does not run; it did if @was_running
 * @on_tuned: (nullable): the session is over: how loud the display is, after what
 *   foyer_cast_session_tune() asked for
 * @on_playing: (nullable): with @is_player: the display plays, and fell @lag_us
 *   behind since it began to play what was loaded last
 * @on_url_wanted: (nullable): with @is_player: what was loaded plays no more, or
 *   would not, @n_failed times in a row: foyer_cast_session_load() is to be called
 * @on_failed: the session is over; @error says at what step, why and what to do
 */
typedef struct
{
  void (*on_step) (FoyerCastSession *self, FoyerCastStep step,
      gpointer user_data);
  void (*on_identity) (FoyerCastSession *self,
      const FoyerCastIdentity *identity, gboolean is_accepted,
      gpointer user_data);
  void (*on_launched) (FoyerCastSession *self, const char *app_session_id,
      gpointer user_data);
  void (*on_ready) (FoyerCastSession *self,
      const FoyerCastSessionStream *streams, guint n_streams,
      gpointer user_data);
  void (*on_key_needed) (FoyerCastSession *self, guint stream,
      gpointer user_data);
  void (*on_bit_rate) (FoyerCastSession *self, guint32 bps, gpointer user_data);
  void (*on_tuned) (FoyerCastSession *self, double level, gboolean is_muted,
      gpointer user_data);
  void (*on_cleaned) (FoyerCastSession *self, gboolean was_running,
      gpointer user_data);
  void (
      *on_playing) (FoyerCastSession *self, gint64 lag_us, gpointer user_data);
  void (*on_url_wanted) (FoyerCastSession *self, guint n_failed,
      gpointer user_data);
  void (*on_failed) (FoyerCastSession *self, const GError *error,
      gpointer user_data);
} FoyerCastSessionCallbacks;

/**
 * foyer_cast_session_warm_up:
 * @error: return location
 *
 * Loads all that a session would else load when it needs it: the TLS module, its
 * settings and tables, the words for errors, the time zone. Blocks for a moment;
 * opens files and sockets and closes them again; makes no thread. Before other
 * threads run.
 *
 * After it a session that is given its roots (or none) and its sockets opens no
 * file, makes no socket and connects none. What it still asks of the kernel, on
 * Debian 12: to make, name, schedule and end threads (GIO runs the TLS handshake
 * and goodbye on some), memory that is never executable, time, random numbers,
 * futex, poll, eventfd2 with read and write; and on the given sockets recvfrom,
 * sendto, recvmmsg, sendmmsg, getsockname, getpeername, getsockopt, setsockopt
 * and close. Where log messages go is not its business: whoever writes them to
 * the journal opens a socket with the first.
 *
 * Returns: %FALSE with %FOYER_CAST_ERROR_TLS if there is no TLS on this machine
 */
gboolean foyer_cast_session_warm_up (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_session_new:
 * @config: copied
 * @callbacks: copied
 * @user_data: for them
 * @error: return location
 *
 * Returns: (transfer full): an idle session, or %NULL if roots or pin can't be
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
 * @media: (transfer full) (nullable): UDP socket, bound; connected to the
 *   display's address or not; a player needs none
 *
 * The same for a process that may not make sockets.
 */
void foyer_cast_session_start_with_sockets (FoyerCastSession *self,
    GSocketConnection *channel, GSocket *media);

/**
 * foyer_cast_session_approve:
 * @self: a session that wants approval
 * @is_approved: whether the display is the right one
 *
 * To be called once on_identity told of a display that was accepted, from there
 * or later, within FOYER_CAST_APPROVAL_TIMEOUT_MS; before that and twice it
 * does nothing. A refusal ends the session with %FOYER_CAST_ERROR_NOT_APPROVED,
 * silence with %FOYER_CAST_ERROR_TIMED_OUT; nothing was launched then. Any
 * thread.
 */
void foyer_cast_session_approve (FoyerCastSession *self, gboolean is_approved);

/**
 * foyer_cast_session_load:
 * @self: a session with a player, after on_launched
 * @load: what to play; copied
 *
 * Any thread.
 */
void foyer_cast_session_load (FoyerCastSession *self,
    const FoyerCastLoad *load);

/**
 * foyer_cast_session_clean:
 * @self: an idle session
 * @app_session_id: what on_launched of another session told
 *
 * Instead of an OFFER: once started, and sure of the display, the session stops
 * that app session if it still runs, launches nothing, touches no other app and
 * ends with on_cleaned. For displays whose session died without a goodbye. To
 * be called before the start. Any thread.
 */
void foyer_cast_session_clean (FoyerCastSession *self,
    const char *app_session_id);

/**
 * foyer_cast_session_tune:
 * @self: a session that was not approved yet
 * @change: what is to be; with nothing in it the display is only asked
 *
 * Instead of an OFFER: once sure of the display, the session says how loud it is to be,
 * launches and stops nothing, and ends with on_tuned. Any thread.
 */
void foyer_cast_session_tune (FoyerCastSession *self,
    const FoyerCastVolumeChange *change);

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
 * @frame: a coded frame
 *
 * Asks the guard, encrypts the frame and sends what the pacer allows at once;
 * the guard is asked again of each datagram. Any thread. Never blocks on the
 * network.
 *
 * Returns: %FOYER_CAST_VERDICT_SEND if it was taken
 */
FoyerCastVerdict foyer_cast_session_push (FoyerCastSession *self, guint stream,
    const FoyerCastFrame *frame);

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
 * foyer_cast_session_close_frames:
 * @self: a session
 *
 * Wipes every frame that is still under way and is no slate, and refuses all
 * that are pushed from now on. When it has returned, no byte of a camera leaves
 * any more, on any thread, retransmissions included; it waits for a lock that is
 * held while datagrams are handed to the kernel, never for the network. Slates
 * are taken and shown as before: the display skips from what it misses to a
 * slate that is a key frame. There is no way back. Any thread.
 */
void foyer_cast_session_close_frames (FoyerCastSession *self);

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
