/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-media.h"

#include "foyer-cast-error.h"
#include "foyer-cast-udp.h"
#include "foyer-cast-watch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Datagrams that one wake-up sends, and batches that it reads, so that neither a
 * peer nor an engine can keep the thread from its other work. */
#define MAX_SENT     512
#define MAX_RECEIVED 4
#define TICK_MS      1000
#define MAX_QUIET    (FOYER_CAST_FEEDBACK_TIMEOUT_MS / TICK_MS)
#define BPS_CHANGE   33   /* tell of changes over a 33rd, 3 % */
#define JITTER_US    4000 /* of frames that come steadily */
#define SPILL_BYTES  FOYER_CAST_MAX_DATAGRAM_BYTES

/* What sendmmsg() did not take: already committed, so it must not get lost, and
 * copied, since the engine may let go of the frame it was cut from. */
typedef struct
{
  FoyerCastDatagram datagrams[FOYER_CAST_BATCH];
  guint8 payloads[FOYER_CAST_BATCH][SPILL_BYTES];
  guint n_datagrams;
} Spill;

struct _FoyerCastMedia
{
  FoyerCastMediaConfig config;
  FoyerCastMediaCallbacks callbacks;
  gpointer user_data;

  GMutex lock; /* for all below; held while sending, since _close() promises
                  that nothing leaves after it; sending never blocks */
  gboolean is_closed;
  gboolean has_closed_frames; /* for this engine and all to come */
  FoyerCastSender *engine;    /* NULL before _start and after _close */
  guint n_streams;
  GSocket *socket;
  int fd;
  FoyerCastAddress remote;
  gboolean is_connected;
  Spill spill;
  gboolean is_blocked; /* the socket has no room */
  FoyerCastWatch *watch;
  gint64 pushed_us;   /* when the last frame was */
  gint64 interval_us; /* since the one before */
  gint64 lead_us; /* how soon after it the engine wanted to be asked again */
  gboolean is_key_told[FOYER_CAST_MAX_STREAMS];
  guint32 told_bps;
  FoyerCastSenderStats last_stats; /* of an engine that is gone */
  guint64 n_foreign;               /* datagrams from other addresses */
  guint64 n_send_errors;
  int last_send_error;   /* errno; 0 once feedback came */
  gboolean has_feedback; /* since the last tick */

  /* session's thread */
  FoyerCastTimer tick;
  guint n_quiet; /* ticks without feedback */
  FoyerCastUdpBatch batch;
};

/* sending, with the lock */

static gint64
get_now_us (FoyerCastMedia *self)
{
  return foyer_clock_get_us (self->config.clock);
}

/* Whether datagrams can leave: if somebody else connects the socket, not before
 * that. Pushing a frame asks anew. */
static gboolean
ensure_open (FoyerCastMedia *self)
{
  struct sockaddr_storage peer;
  socklen_t n_bytes = sizeof peer;

  if (self->config.waits_for_connection && !self->is_connected)
    self->is_connected = getpeername (self->fd, (struct sockaddr *) &peer,
                             &n_bytes) == 0;
  return self->is_connected || !self->config.waits_for_connection;
}

static void
arm (FoyerCastMedia *self, gint64 deadline_us, gint64 now_us)
{
  if (!self->is_blocked && ensure_open (self))
    foyer_cast_watch_wait_until (self->watch, deadline_us, now_us);
}

static gint64
get_deadline_us (FoyerCastMedia *self, gint64 now_us)
{
  return foyer_cast_sender_get_deadline_us (self->engine, now_us);
}

/* When the next frame will want the session's thread to wake, if it comes as the
 * last one did. The thread that pushes it then need not wake this one to say so,
 * and its feedback comes before that. */
static gint64
foresee_us (const FoyerCastMedia *self, gint64 now_us)
{
  gint64 next_us = self->pushed_us + self->interval_us + self->lead_us -
      JITTER_US;

  return next_us > now_us ? next_us : G_MAXINT64;
}

static void
note_push (FoyerCastMedia *self, gint64 deadline_us, gint64 now_us)
{
  self->interval_us = now_us - self->pushed_us;
  self->pushed_us = now_us;
  self->lead_us = MIN (deadline_us - now_us, self->interval_us);
}

static void
spill_fill (Spill *self, const FoyerCastDatagram *datagrams, guint n_datagrams)
{
  for (guint i = 0; i < n_datagrams; i++) {
    FoyerCastDatagram *copy = &self->datagrams[i];

    *copy = datagrams[i];
    copy->n_payload_bytes = MIN (copy->n_payload_bytes, SPILL_BYTES);
    if (copy->n_payload_bytes > 0)
      memcpy (self->payloads[i], copy->payload, copy->n_payload_bytes);
    copy->payload = self->payloads[i];
  }
  self->n_datagrams = n_datagrams;
}

/* Makes the datagrams from @n_gone on the first ones. */
static void
spill_shift (Spill *self, guint n_gone)
{
  for (guint i = n_gone; i < self->n_datagrams; i++) {
    FoyerCastDatagram *to = &self->datagrams[i - n_gone];

    *to = self->datagrams[i];
    memcpy (self->payloads[i - n_gone], self->payloads[i], to->n_payload_bytes);
    to->payload = self->payloads[i - n_gone];
  }
  self->n_datagrams -= n_gone;
}

/* Asks the guard of what waited meanwhile, and drops what it refuses. */
static void
spill_sift (Spill *self, FoyerCastSender *engine, gint64 now_us)
{
  guint n_kept = 0;

  for (guint i = 0; i < self->n_datagrams; i++) {
    gsize n_bytes = self->datagrams[i].n_payload_bytes;

    if (!foyer_cast_sender_may_leave (engine, &self->datagrams[i], now_us)) {
      explicit_bzero (self->payloads[i], n_bytes);
      continue;
    }
    if (n_kept < i) {
      self->datagrams[n_kept] = self->datagrams[i];
      memcpy (self->payloads[n_kept], self->payloads[i], n_bytes);
      explicit_bzero (self->payloads[i], n_bytes);
      self->datagrams[n_kept].payload = self->payloads[n_kept];
    }
    n_kept++;
  }
  self->n_datagrams = n_kept;
}

static void
note_send_error (FoyerCastMedia *self, int problem)
{
  if (self->n_send_errors++ == 0)
    g_message ("sending to the display fails: %s", g_strerror (problem));
  self->last_send_error = problem;
}

/* Returns how many are done with: sent, or lost to an error. What remains waits
 * for room. */
static guint
send_batch (FoyerCastMedia *self, const FoyerCastDatagram *datagrams,
    guint n_datagrams)
{
  const FoyerCastAddress *to = self->is_connected ? NULL : &self->remote;
  gboolean is_again = FALSE;
  guint n_done = 0;

  while (n_done < n_datagrams) {
    int problem;

    n_done += foyer_cast_udp_send (self->fd, to, datagrams + n_done,
        n_datagrams - n_done, &problem);
    if (problem == EAGAIN)
      break;
    if (problem == 0)
      continue;
    note_send_error (self, problem);
    /* A connected socket reports here what an earlier datagram met: this one
     * was not tried yet. */
    if (problem == ECONNREFUSED && !is_again) {
      is_again = TRUE;
    } else {
      n_done++;
      is_again = FALSE;
    }
  }
  return n_done;
}

static void
set_blocked (FoyerCastMedia *self, gboolean is_blocked)
{
  if (self->is_blocked == is_blocked)
    return;
  self->is_blocked = is_blocked;
  /* Only the session's thread asks the watch to wait for room. */
  foyer_cast_watch_wake (self->watch);
}

/* How many datagrams the guard is asked about before they leave. A process can be
 * stopped between the question and the call, for as long as somebody likes: where
 * each has a call of its own, each is asked about right before it. */
static guint
get_most (const FoyerCastMedia *self)
{
  return self->is_connected ? 1 : FOYER_CAST_BATCH;
}

static gboolean
send_spill (FoyerCastMedia *self)
{
  guint n_done = 1;

  while (self->spill.n_datagrams > 0 && n_done > 0) {
    spill_sift (&self->spill, self->engine, get_now_us (self));
    n_done = send_batch (self, self->spill.datagrams,
        MIN (self->spill.n_datagrams, get_most (self)));
    spill_shift (&self->spill, n_done);
  }
  set_blocked (self, self->spill.n_datagrams > 0);
  return self->spill.n_datagrams == 0;
}

/* Cuts as many datagrams as may leave now. */
static guint
cut_batch (FoyerCastMedia *self, FoyerCastDatagram *datagrams, guint n_most)
{
  gint64 now_us = get_now_us (self);
  guint n = 0;

  while (n < n_most &&
      foyer_cast_sender_peek (self->engine, now_us, &datagrams[n])) {
    foyer_cast_sender_commit (self->engine, now_us);
    n++;
  }
  return n;
}

/* Sends what the engine says is due. */
static void
flush (FoyerCastMedia *self)
{
  FoyerCastDatagram datagrams[FOYER_CAST_BATCH];
  guint n_most;
  guint n;

  if (!ensure_open (self))
    return;
  if (self->spill.n_datagrams > 0 && !send_spill (self))
    return;
  n = n_most = get_most (self);
  for (guint n_sent = 0; n == n_most && n_sent < MAX_SENT; n_sent += n) {
    guint n_done;

    n = cut_batch (self, datagrams, n_most);
    n_done = send_batch (self, datagrams, n);
    if (n_done < n) {
      spill_fill (&self->spill, datagrams + n_done, n - n_done);
      set_blocked (self, TRUE);
      return;
    }
  }
}

/* Finds the streams that begin to need a key frame; a bit for each. */
static guint
find_key_edges (FoyerCastMedia *self, gboolean do_tell)
{
  guint edges = 0;

  for (guint i = 0; i < self->n_streams; i++) {
    gboolean needs = foyer_cast_sender_needs_key (self->engine, i);

    if (needs && !self->is_key_told[i])
      edges |= 1u << i;
    if (!needs || do_tell)
      self->is_key_told[i] = needs;
  }
  return edges;
}

/* the session's thread */

static gboolean
has_bps_changed (FoyerCastMedia *self, gint64 now_us)
{
  guint32 bps = foyer_cast_sender_get_video_bps (self->engine, now_us);
  guint32 change = bps > self->told_bps ? bps - self->told_bps
                                        : self->told_bps - bps;

  if (change <= self->told_bps / BPS_CHANGE)
    return FALSE;
  self->told_bps = bps;
  return TRUE;
}

static void
receive_batch (FoyerCastMedia *self, gint64 now_us)
{
  for (guint i = 0; i < self->batch.n_datagrams; i++) {
    if (!foyer_cast_address_equal (&self->batch.from[i], &self->remote))
      self->n_foreign++;
    else if (foyer_cast_sender_receive (self->engine, self->batch.data[i],
                 self->batch.n_bytes[i], now_us)) {
      self->has_feedback = TRUE;
      self->last_send_error = 0;
    }
  }
}

static void
receive (FoyerCastMedia *self, gint64 now_us)
{
  for (guint n_batches = 0; n_batches < MAX_RECEIVED; n_batches++) {
    gboolean is_more = foyer_cast_udp_receive (self->fd, &self->batch);

    receive_batch (self, now_us);
    if (!is_more)
      return;
  }
}

static void
tell (FoyerCastMedia *self, guint key_edges, guint32 bps)
{
  for (guint i = 0; key_edges >> i != 0; i++)
    if ((key_edges >> i & 1) != 0)
      self->callbacks.on_key_needed (i, self->user_data);
  if (bps != 0)
    self->callbacks.on_bit_rate (bps, self->user_data);
}

static void
on_ready (GIOCondition ready, gpointer user_data)
{
  FoyerCastMedia *self = user_data;
  guint key_edges = 0;
  guint32 bps = 0;

  g_mutex_lock (&self->lock);
  if (self->engine != NULL) {
    gint64 now_us = get_now_us (self);

    foyer_cast_watch_forget_time (self->watch);
    if ((ready & ~G_IO_OUT) != 0)
      receive (self, now_us);
    flush (self);
    now_us = get_now_us (self);
    foyer_cast_watch_set_wants_room (self->watch, self->is_blocked);
    arm (self, MIN (get_deadline_us (self, now_us), foresee_us (self, now_us)),
        now_us);
    key_edges = find_key_edges (self, TRUE);
    if (has_bps_changed (self, now_us))
      bps = self->told_bps;
  }
  g_mutex_unlock (&self->lock);
  tell (self, key_edges, bps);
}

static void on_tick (gpointer user_data);

static void
tick_later (FoyerCastMedia *self)
{
  foyer_cast_timer_set (&self->tick, self->config.thread, TICK_MS, on_tick,
      self);
}

static GError *
make_silence_error (int send_error)
{
  if (send_error != 0)
    return g_error_new (FOYER_CAST_ERROR, FOYER_CAST_ERROR_SOCKET,
        "media can't be sent: %s", g_strerror (send_error));
  return g_error_new (FOYER_CAST_ERROR, FOYER_CAST_ERROR_NO_FEEDBACK,
      "the display said nothing about its streams for %d ms",
      FOYER_CAST_FEEDBACK_TIMEOUT_MS);
}

/* Counts ticks rather than reads a clock: one that jumps is not silence. Before
 * something was sent there is nothing to be silent about. */
static gboolean
is_silent (FoyerCastMedia *self)
{
  FoyerCastSenderStats stats;

  foyer_cast_sender_get_stats (self->engine, &stats);
  if (self->has_feedback || stats.n_datagrams == 0)
    self->n_quiet = 0;
  else
    self->n_quiet++;
  self->has_feedback = FALSE;
  return self->n_quiet >= MAX_QUIET;
}

static void
on_tick (gpointer user_data)
{
  FoyerCastMedia *self = user_data;
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->lock);
  if (self->engine != NULL) {
    if (is_silent (self))
      error = make_silence_error (self->last_send_error);
    else
      tick_later (self);
  }
  g_mutex_unlock (&self->lock);
  if (error != NULL)
    self->callbacks.on_failed (error, self->user_data);
}

/* public, in order of life */

FoyerCastMedia *
foyer_cast_media_new (const FoyerCastMediaConfig *config,
    const FoyerCastMediaCallbacks *callbacks, gpointer user_data)
{
  FoyerCastMedia *self = g_new0 (FoyerCastMedia, 1);

  g_mutex_init (&self->lock);
  self->config = *config;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->fd = -1;
  self->last_stats.rtt_us = -1;
  self->last_stats.ack_delay_us = -1;
  return self;
}

static void
take_socket (FoyerCastMedia *self, GSocket *socket)
{
  if (self->socket != NULL)
    return;
  self->socket = g_object_ref (socket);
  self->fd = g_socket_get_fd (socket);
  foyer_cast_udp_prepare (socket);
  self->is_connected = g_socket_is_connected (socket);
  self->watch = foyer_cast_watch_new (self->config.thread, self->fd, on_ready,
      self);
}

static FoyerCastSender *
make_engine (FoyerCastMedia *self, const FoyerCastStreamConfig *streams,
    guint n_streams, gint64 now_us)
{
  FoyerCastSender *engine = foyer_cast_sender_new (streams, n_streams, now_us,
      foyer_clock_get_wall_us (self->config.clock));

  if (self->config.root != NULL)
    foyer_cast_sender_set_root (engine, self->config.root);
  foyer_cast_sender_set_guard (engine, &self->config.guard);
  if (self->has_closed_frames)
    foyer_cast_sender_close_frames (engine);
  return engine;
}

gboolean
foyer_cast_media_start (FoyerCastMedia *self, GSocket *socket,
    GSocketAddress *remote, const FoyerCastStreamConfig *streams,
    guint n_streams, guint32 min_bps, guint32 max_bps)
{
  gboolean is_closed;

  g_mutex_lock (&self->lock);
  is_closed = self->is_closed;
  if (!is_closed) {
    gint64 now_us = get_now_us (self);

    take_socket (self, socket);
    foyer_cast_address_init (&self->remote, remote);
    g_clear_pointer (&self->engine, foyer_cast_sender_free);
    explicit_bzero (&self->spill, sizeof self->spill);
    memset (self->is_key_told, 0, sizeof self->is_key_told);
    self->is_blocked = FALSE;
    self->n_streams = n_streams;
    self->engine = make_engine (self, streams, n_streams, now_us);
    foyer_cast_sender_set_bit_rates (self->engine, min_bps, max_bps);
    self->has_feedback = FALSE;
    self->told_bps = 0;
    self->n_quiet = 0;
    foyer_cast_watch_wake (self->watch);
  }
  g_mutex_unlock (&self->lock);
  if (!is_closed)
    tick_later (self);
  return !is_closed;
}

FoyerCastVerdict
foyer_cast_media_check (FoyerCastMedia *self, guint stream, gint64 capture_us)
{
  FoyerCastVerdict verdict = FOYER_CAST_VERDICT_NEED_KEY;

  g_mutex_lock (&self->lock);
  if (self->engine != NULL && stream < self->n_streams)
    verdict = foyer_cast_sender_check (self->engine, stream, capture_us,
        get_now_us (self));
  g_mutex_unlock (&self->lock);
  return verdict;
}

FoyerCastVerdict
foyer_cast_media_push (FoyerCastMedia *self, guint stream,
    const FoyerCastFrame *frame)
{
  FoyerCastVerdict verdict = FOYER_CAST_VERDICT_NEED_KEY;

  g_mutex_lock (&self->lock);
  if (self->engine != NULL && stream < self->n_streams) {
    gint64 now_us = get_now_us (self);
    gint64 deadline_us;

    verdict = foyer_cast_sender_enqueue (self->engine, stream, frame, now_us);
    if (!self->is_blocked)
      flush (self);
    deadline_us = get_deadline_us (self, now_us);
    note_push (self, deadline_us, now_us);
    arm (self, deadline_us, now_us);
    if (find_key_edges (self, FALSE) != 0)
      foyer_cast_watch_wake (self->watch);
  }
  g_mutex_unlock (&self->lock);
  return verdict;
}

gboolean
foyer_cast_media_needs_key (FoyerCastMedia *self, guint stream)
{
  gboolean needs_key = TRUE;

  g_mutex_lock (&self->lock);
  if (self->engine != NULL && stream < self->n_streams)
    needs_key = foyer_cast_sender_needs_key (self->engine, stream);
  g_mutex_unlock (&self->lock);
  return needs_key;
}

void
foyer_cast_media_set_delay (FoyerCastMedia *self, guint32 delay_ms)
{
  g_mutex_lock (&self->lock);
  if (self->engine != NULL)
    foyer_cast_sender_set_delay (self->engine, delay_ms);
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_media_get_stats (FoyerCastMedia *self, FoyerCastSenderStats *stats)
{
  g_mutex_lock (&self->lock);
  *stats = self->last_stats;
  if (self->engine != NULL)
    foyer_cast_sender_get_stats (self->engine, stats);
  stats->n_bad_datagrams += self->n_foreign;
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_media_close_frames (FoyerCastMedia *self)
{
  g_mutex_lock (&self->lock);
  self->has_closed_frames = TRUE;
  if (self->engine != NULL) {
    foyer_cast_sender_close_frames (self->engine);
    spill_sift (&self->spill, self->engine, get_now_us (self));
    self->is_blocked = self->spill.n_datagrams > 0;
    foyer_cast_watch_wake (self->watch);
  }
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_media_close (FoyerCastMedia *self)
{
  g_mutex_lock (&self->lock);
  self->is_closed = TRUE;
  if (self->engine != NULL) {
    foyer_cast_sender_get_stats (self->engine, &self->last_stats);
    g_clear_pointer (&self->engine, foyer_cast_sender_free);
    explicit_bzero (&self->spill, sizeof self->spill);
  }
  g_clear_pointer (&self->watch, foyer_cast_watch_free);
  if (self->socket != NULL)
    (void) g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_media_free (FoyerCastMedia *self)
{
  if (self == NULL)
    return;
  foyer_cast_media_close (self);
  foyer_cast_timer_clear (&self->tick);
  g_mutex_clear (&self->lock);
  g_free (self);
}
