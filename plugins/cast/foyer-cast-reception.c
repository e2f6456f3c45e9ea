/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-reception.h"

#include "foyer-cast-error.h"
#include "foyer-cast-udp.h"
#include "foyer-cast-watch.h"
#include "foyer-random.h"

#include <string.h>

#define MAX_RECEIVED 8 /* batches that one wake-up reads */
#define TICK_MS      1000
#define MAX_QUIET    (FOYER_CAST_MEDIA_TIMEOUT_MS / TICK_MS)

struct _FoyerCastReception
{
  FoyerCastThread *thread;
  const FoyerClock *clock;
  FoyerCastReceptionCallbacks callbacks;
  gpointer user_data;
  GSocket *socket;
  int fd;
  guint16 port;
  FoyerCastAddress peer; /* host that media may come from */
  FoyerCastTimer tick;
  guint n_quiet; /* ticks without a datagram */
  FoyerCastUdpBatch batch;
  GRand *dice;

  GMutex lock;               /* for all below */
  FoyerCastWatch *watch;     /* NULL before _start */
  FoyerCastReceiver *engine; /* likewise */
  FoyerCastAddress sender;   /* of the first valid datagram; none before */
  gboolean has_heard;        /* since the last tick */
  guint64 n_foreign;         /* datagrams from elsewhere */
  double drop_fraction;
};

static gboolean
is_dropped (FoyerCastReception *self)
{
  return self->drop_fraction > 0.0 &&
      g_rand_double (self->dice) < self->drop_fraction;
}

/* openscreen cast/streaming/receiver_packet_router.cc: the first packet that is
 * valid tells the sender's address. */
static void
receive_one (FoyerCastReception *self, const guint8 *data, gsize n_bytes,
    const FoyerCastAddress *from, gint64 now_us)
{
  gboolean is_ours = self->sender.n_bytes != 0
      ? foyer_cast_address_equal (from, &self->sender)
      : foyer_cast_address_is_host (from, &self->peer);

  if (!is_ours) {
    self->n_foreign++;
    return;
  }
  if (!foyer_cast_receiver_receive (self->engine, data, n_bytes, now_us))
    return;
  self->sender = *from;
  self->has_heard = TRUE;
}

static gboolean
receive_batch (FoyerCastReception *self, gint64 now_us)
{
  const FoyerCastUdpBatch *batch = &self->batch;
  gboolean is_more = foyer_cast_udp_receive (self->fd, &self->batch);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < batch->n_datagrams && self->engine != NULL; i++)
    if (!is_dropped (self))
      receive_one (self, batch->data[i], batch->n_bytes[i], &batch->from[i],
          now_us);
  g_mutex_unlock (&self->lock);
  return is_more;
}

static gboolean
pop_frame (FoyerCastReception *self, gint64 now_us,
    FoyerCastReceivedFrame *frame)
{
  gboolean has_frame;

  g_mutex_lock (&self->lock);
  has_frame = self->engine != NULL &&
      foyer_cast_receiver_pop (self->engine, now_us, frame);
  g_mutex_unlock (&self->lock);
  return has_frame;
}

static void
give_frames (FoyerCastReception *self, gint64 now_us)
{
  FoyerCastReceivedFrame frame;

  while (pop_frame (self, now_us, &frame)) {
    self->callbacks.on_frame (&frame, self->user_data);
    foyer_cast_received_frame_clear (&frame);
  }
}

static gsize
pull_feedback (FoyerCastReception *self, gint64 now_us, guint8 *out)
{
  gsize n_bytes = 0;

  if (self->engine != NULL && self->sender.n_bytes != 0)
    n_bytes = foyer_cast_receiver_pull_feedback (self->engine, now_us, out);
  return n_bytes;
}

/* A report that the socket has no room for is followed by a newer one. */
static void
send_feedback (FoyerCastReception *self, gint64 now_us)
{
  guint8 bytes[FOYER_CAST_MAX_DATAGRAM6_BYTES];
  gsize n_bytes;

  g_mutex_lock (&self->lock);
  while ((n_bytes = pull_feedback (self, now_us, bytes)) > 0) {
    if (!is_dropped (self))
      (void) sendto (self->fd, bytes, n_bytes, MSG_DONTWAIT | MSG_NOSIGNAL,
          (const struct sockaddr *) &self->sender.storage,
          self->sender.n_bytes);
  }
  if (self->engine != NULL)
    foyer_cast_watch_wait_until (self->watch,
        foyer_cast_receiver_get_deadline_us (self->engine, now_us), now_us);
  g_mutex_unlock (&self->lock);
}

static void
on_ready (GIOCondition ready, gpointer user_data)
{
  FoyerCastReception *self = user_data;
  gint64 now_us = foyer_clock_get_us (self->clock);

  g_mutex_lock (&self->lock);
  foyer_cast_watch_forget_time (self->watch);
  g_mutex_unlock (&self->lock);
  for (guint n = 0; n < MAX_RECEIVED && receive_batch (self, now_us); n++)
    continue;
  give_frames (self, now_us);
  send_feedback (self, foyer_clock_get_us (self->clock));
}

static void
on_tick (gpointer user_data)
{
  FoyerCastReception *self = user_data;
  gboolean has_heard;

  g_mutex_lock (&self->lock);
  has_heard = self->has_heard;
  self->has_heard = FALSE;
  g_mutex_unlock (&self->lock);
  self->n_quiet = has_heard ? 0 : self->n_quiet + 1;
  if (self->n_quiet >= MAX_QUIET)
    self->callbacks.on_silence (self->user_data);
  else
    foyer_cast_timer_set (&self->tick, self->thread, TICK_MS, on_tick, self);
}

static guint16
get_local_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket,
      NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return 0;
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

FoyerCastReception *
foyer_cast_reception_new (FoyerCastThread *thread, const FoyerClock *clock,
    GSocketAddress *local, GSocketAddress *peer,
    const FoyerCastReceptionCallbacks *callbacks, gpointer user_data,
    GError **error)
{
  g_autoptr (GSocket) socket = foyer_cast_udp_open (local, error);
  FoyerCastReception *self;

  if (socket == NULL)
    return NULL;
  self = g_new0 (FoyerCastReception, 1);
  g_mutex_init (&self->lock);
  self->thread = thread;
  self->clock = clock;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->fd = g_socket_get_fd (socket);
  self->port = get_local_port (socket);
  self->socket = g_steal_pointer (&socket);
  foyer_cast_address_init (&self->peer, peer);
  self->dice = g_rand_new_with_seed (foyer_random_range (0, G_MAXUINT32));
  return self;
}

guint16
foyer_cast_reception_get_port (const FoyerCastReception *self)
{
  return self->port;
}

gsize
foyer_cast_reception_get_max_datagram_bytes (const FoyerCastReception *self)
{
  return foyer_cast_address_get_max_datagram_bytes (&self->peer);
}

void
foyer_cast_reception_start (FoyerCastReception *self,
    const FoyerCastStreamConfig *streams, guint n_streams)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->engine, foyer_cast_receiver_free);
  self->engine = foyer_cast_receiver_new (streams, n_streams,
      foyer_clock_get_us (self->clock), foyer_clock_get_wall_us (self->clock));
  /* Renegotiated streams may come from another port. */
  self->sender.n_bytes = 0;
  self->has_heard = FALSE;
  if (self->watch == NULL)
    self->watch = foyer_cast_watch_new (self->thread, self->fd, on_ready, self);
  g_mutex_unlock (&self->lock);
  self->n_quiet = 0;
  foyer_cast_timer_set (&self->tick, self->thread, TICK_MS, on_tick, self);
}

void
foyer_cast_reception_request_key (FoyerCastReception *self, guint stream)
{
  g_mutex_lock (&self->lock);
  if (self->engine != NULL) {
    foyer_cast_receiver_request_key (self->engine, stream);
    foyer_cast_watch_wake (self->watch);
  }
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_reception_set_drop (FoyerCastReception *self, double fraction)
{
  g_mutex_lock (&self->lock);
  self->drop_fraction = fraction;
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_reception_get_stats (FoyerCastReception *self,
    FoyerCastReceiverStats *stats)
{
  memset (stats, 0, sizeof *stats);
  g_mutex_lock (&self->lock);
  if (self->engine != NULL)
    foyer_cast_receiver_get_stats (self->engine, stats);
  stats->n_bad_datagrams += self->n_foreign;
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_reception_free (FoyerCastReception *self)
{
  if (self == NULL)
    return;
  foyer_cast_timer_clear (&self->tick);
  g_clear_pointer (&self->watch, foyer_cast_watch_free);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->engine, foyer_cast_receiver_free);
  g_clear_pointer (&self->dice, g_rand_free);
  explicit_bzero (&self->batch, sizeof self->batch);
  g_mutex_clear (&self->lock);
  g_free (self);
}
