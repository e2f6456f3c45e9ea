/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-feed.h"

#include "foyer-cast-limits.h"

#include <string.h>

#define N_KINDS (FOYER_CAST_STREAM_AUDIO + 1)

struct _FoyerCastFeed
{
  GstElement *element; /* borrowed: it owns us */
  /* From _open to _close; streaming threads exist only between. Others hold
   * session_lock, so that _close does not pull it from under them. */
  FoyerCastSession *session;
  GMutex session_lock;
  GMutex stop_lock; /* one stop at a time; never held in a callback */

  GMutex lock; /* guards all below; held only to copy */
  char *display_name;
  char *host;
  char *fingerprint;
  FoyerCastReport report; /* borrows the strings above */
  FoyerCastFeedSettled settled[N_KINDS];
  FoyerCastOfferWish wish;
  guint32 delay_ms;
  gboolean is_over;
  gboolean is_streaming_told;
};

/* Nothing of the session before is left. */
static void
feed_forget (FoyerCastFeed *self)
{
  g_clear_pointer (&self->display_name, g_free);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->fingerprint, g_free);
  self->report = (FoyerCastReport){ 0 };
  self->report.sender.rtt_us = -1;
  self->report.sender.ack_delay_us = -1;
  memset (self->settled, 0, sizeof self->settled);
  self->wish = (FoyerCastOfferWish){ 0 };
  self->is_over = FALSE;
  self->is_streaming_told = FALSE;
}

FoyerCastFeed *
foyer_cast_feed_new (GstElement *element)
{
  FoyerCastFeed *self = g_new0 (FoyerCastFeed, 1);

  self->element = element;
  self->delay_ms = FOYER_CAST_DEFAULT_DELAY_MS;
  feed_forget (self);
  g_mutex_init (&self->session_lock);
  g_mutex_init (&self->stop_lock);
  g_mutex_init (&self->lock);
  return self;
}

/* Posts the state as it is now. No lock may be held. */
static void
post_state (FoyerCastFeed *self)
{
  GstStructure *state;

  g_mutex_lock (&self->lock);
  state = foyer_cast_report_dup_state (&self->report);
  g_mutex_unlock (&self->lock);
  gst_element_post_message (self->element,
      gst_message_new_element (GST_OBJECT (self->element), state));
}

static void
on_step (FoyerCastSession *session, FoyerCastStep step, gpointer user_data)
{
  FoyerCastFeed *self = user_data;
  gboolean is_over;

  g_mutex_lock (&self->lock);
  is_over = self->is_over;
  if (!is_over)
    self->report.step = step;
  g_mutex_unlock (&self->lock);
  /* What is streamed is known a moment later: see _describe. */
  if (!is_over && step != FOYER_CAST_STEP_STREAMING)
    post_state (self);
}

static void
on_identity (FoyerCastSession *session, const FoyerCastIdentity *identity,
    gboolean is_accepted, gpointer user_data)
{
  FoyerCastFeed *self = user_data;

  if (!is_accepted)
    return;
  g_mutex_lock (&self->lock);
  g_free (self->fingerprint);
  self->fingerprint = g_strdup (identity->fingerprint);
  self->report.fingerprint = self->fingerprint;
  g_mutex_unlock (&self->lock);
  post_state (self);
}

static void
on_ready (FoyerCastSession *session, const FoyerCastSessionStream *streams,
    guint n_streams, gpointer user_data)
{
  FoyerCastFeed *self = user_data;

  g_mutex_lock (&self->lock);
  for (guint kind = 0; kind < N_KINDS; kind++) {
    self->settled[kind].generation++;
    self->settled[kind].is_wanted = FALSE;
  }
  for (guint i = 0; i < n_streams; i++) {
    FoyerCastFeedSettled *settled = &self->settled[streams[i].kind];

    settled->is_wanted = TRUE;
    settled->index = i;
    settled->stream = streams[i];
    if (streams[i].kind == FOYER_CAST_STREAM_VIDEO && self->report.bps == 0)
      self->report.bps = streams[i].max_bps / 2;
  }
  self->is_streaming_told = FALSE;
  g_mutex_unlock (&self->lock);
}

static void
on_bit_rate (FoyerCastSession *session, guint32 bps, gpointer user_data)
{
  FoyerCastFeed *self = user_data;

  g_mutex_lock (&self->lock);
  self->report.bps = bps;
  g_mutex_unlock (&self->lock);
}

/* Streaming threads ask foyer_cast_feed_needs_key() with every frame. */
static void
on_key_needed (FoyerCastSession *session, guint stream, gpointer user_data)
{
}

static void
on_failed (FoyerCastSession *session, const GError *error, gpointer user_data)
{
  FoyerCastFeed *self = user_data;
  g_autofree char *failure = NULL;
  gboolean is_first;

  g_mutex_lock (&self->lock);
  is_first = !self->is_over;
  self->is_over = TRUE;
  failure = foyer_cast_report_dup_failure (&self->report, error);
  g_mutex_unlock (&self->lock);
  if (is_first)
    gst_element_message_full (self->element, GST_MESSAGE_ERROR,
        GST_RESOURCE_ERROR, foyer_cast_report_get_code (error),
        g_steal_pointer (&failure),
        g_strdup_printf ("%s (%s %d)", error->message,
            g_quark_to_string (error->domain), error->code),
        __FILE__, GST_FUNCTION, __LINE__);
}

static const FoyerCastSessionCallbacks session_callbacks = {
  .on_step = on_step,
  .on_identity = on_identity,
  .on_ready = on_ready,
  .on_key_needed = on_key_needed,
  .on_bit_rate = on_bit_rate,
  .on_failed = on_failed,
};

gboolean
foyer_cast_feed_open (FoyerCastFeed *self, const FoyerCastFeedTarget *target,
    GError **error)
{
  FoyerCastSession *session;

  g_mutex_lock (&self->lock);
  feed_forget (self);
  self->display_name = g_strdup (target->display_name);
  self->host = g_strdup (target->host);
  self->report.display_name = self->display_name;
  self->report.host = self->host;
  self->report.port = target->port;
  g_mutex_unlock (&self->lock);

  session = foyer_cast_session_new (&target->config, &session_callbacks, self,
      error);
  if (session == NULL)
    return FALSE;
  g_mutex_lock (&self->session_lock);
  self->session = session;
  g_mutex_unlock (&self->session_lock);
  foyer_cast_session_start (session, target->host, target->port);
  return TRUE;
}

/* A new delay alone needs no new OFFER: frames carry it. */
static gboolean
wish_is_news (const FoyerCastOfferWish *old, const FoyerCastOfferWish *wish)
{
  FoyerCastOfferWish other = *wish;

  other.delay_ms = old->delay_ms;
  return memcmp (&other, old, sizeof other) != 0;
}

void
foyer_cast_feed_offer (FoyerCastFeed *self, const FoyerCastOfferWish *wish)
{
  gboolean is_news;

  g_mutex_lock (&self->lock);
  is_news = wish_is_news (&self->wish, wish);
  self->wish = *wish;
  g_mutex_unlock (&self->lock);
  if (is_news && self->session != NULL)
    foyer_cast_session_offer (self->session, wish);
}

void
foyer_cast_feed_get_settled (FoyerCastFeed *self, FoyerCastStreamKind kind,
    FoyerCastFeedSettled *settled)
{
  g_mutex_lock (&self->lock);
  *settled = self->settled[kind];
  g_mutex_unlock (&self->lock);
}

gboolean
foyer_cast_feed_is_over (FoyerCastFeed *self)
{
  gboolean is_over;

  g_mutex_lock (&self->lock);
  is_over = self->is_over;
  g_mutex_unlock (&self->lock);
  return is_over;
}

FoyerCastVerdict
foyer_cast_feed_check (FoyerCastFeed *self, const FoyerCastFeedSettled *settled,
    gint64 capture_us)
{
  return foyer_cast_session_check (self->session, settled->index, capture_us);
}

FoyerCastVerdict
foyer_cast_feed_push (FoyerCastFeed *self, const FoyerCastFeedSettled *settled,
    const GstMapInfo *frame, gboolean is_key, gint64 capture_us)
{
  const FoyerCastFrame coded = {
    .data = frame->data,
    .n_bytes = frame->size,
    .is_key = is_key,
    .tag.capture_us = capture_us,
  };

  return foyer_cast_session_push (self->session, settled->index, &coded);
}

gboolean
foyer_cast_feed_needs_key (FoyerCastFeed *self,
    const FoyerCastFeedSettled *settled)
{
  return foyer_cast_session_needs_key (self->session, settled->index);
}

guint32
foyer_cast_feed_get_bps (FoyerCastFeed *self)
{
  guint32 bps;

  g_mutex_lock (&self->lock);
  bps = self->report.bps;
  g_mutex_unlock (&self->lock);
  return bps;
}

void
foyer_cast_feed_set_delay (FoyerCastFeed *self, guint32 delay_ms)
{
  g_mutex_lock (&self->lock);
  self->delay_ms = delay_ms;
  g_mutex_unlock (&self->lock);
  g_mutex_lock (&self->session_lock);
  if (self->session != NULL)
    foyer_cast_session_set_delay (self->session, delay_ms);
  g_mutex_unlock (&self->session_lock);
}

guint32
foyer_cast_feed_get_delay_ms (FoyerCastFeed *self)
{
  guint32 delay_ms;

  g_mutex_lock (&self->lock);
  delay_ms = self->delay_ms;
  g_mutex_unlock (&self->lock);
  return delay_ms;
}

void
foyer_cast_feed_count_not_ready (FoyerCastFeed *self)
{
  g_mutex_lock (&self->lock);
  self->report.n_not_ready++;
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_feed_count_too_many (FoyerCastFeed *self)
{
  g_mutex_lock (&self->lock);
  self->report.n_too_many++;
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_feed_count_behind (FoyerCastFeed *self)
{
  g_mutex_lock (&self->lock);
  self->report.n_behind++;
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_feed_describe (FoyerCastFeed *self, FoyerCastCodec codec,
    guint width_px, guint height_px, const char *encoder)
{
  gboolean is_news;

  g_mutex_lock (&self->lock);
  is_news = !self->is_over &&
      (!self->is_streaming_told || self->report.codec != codec ||
          self->report.width_px != width_px ||
          self->report.height_px != height_px);
  self->report.step = MAX (self->report.step, FOYER_CAST_STEP_STREAMING);
  self->report.codec = codec;
  self->report.width_px = width_px;
  self->report.height_px = height_px;
  self->report.encoder = encoder;
  self->is_streaming_told = TRUE;
  g_mutex_unlock (&self->lock);
  if (is_news)
    post_state (self);
}

/* Keeps the last figures when the session is gone. */
static void
feed_update_sender_stats (FoyerCastFeed *self)
{
  FoyerCastSenderStats sender;
  gboolean has_session;

  g_mutex_lock (&self->session_lock);
  has_session = self->session != NULL;
  if (has_session)
    foyer_cast_session_get_stats (self->session, &sender);
  g_mutex_unlock (&self->session_lock);
  if (!has_session)
    return;
  g_mutex_lock (&self->lock);
  self->report.sender = sender;
  g_mutex_unlock (&self->lock);
}

GstStructure *
foyer_cast_feed_dup_stats (FoyerCastFeed *self)
{
  GstStructure *stats;

  feed_update_sender_stats (self);
  g_mutex_lock (&self->lock);
  stats = foyer_cast_report_dup_stats (&self->report);
  g_mutex_unlock (&self->lock);
  return stats;
}

/* The session says nothing more once it was told to stop, so this is said here. */
static void
enter_end (FoyerCastFeed *self, FoyerCastStep step)
{
  g_mutex_lock (&self->lock);
  self->report.step = step;
  g_mutex_unlock (&self->lock);
  post_state (self);
}

static gboolean
feed_is_stopped (FoyerCastFeed *self)
{
  gboolean is_stopped;

  g_mutex_lock (&self->lock);
  self->is_over = TRUE;
  is_stopped = self->report.step == FOYER_CAST_STEP_STOPPED;
  g_mutex_unlock (&self->lock);
  return is_stopped;
}

void
foyer_cast_feed_stop (FoyerCastFeed *self)
{
  g_mutex_lock (&self->stop_lock);
  if (!feed_is_stopped (self) && self->session != NULL) {
    enter_end (self, FOYER_CAST_STEP_STOPPING);
    foyer_cast_session_stop (self->session);
    enter_end (self, FOYER_CAST_STEP_STOPPED);
  }
  g_mutex_unlock (&self->stop_lock);
}

void
foyer_cast_feed_close (FoyerCastFeed *self)
{
  FoyerCastSession *session;

  foyer_cast_feed_stop (self);
  feed_update_sender_stats (self);
  g_mutex_lock (&self->session_lock);
  session = g_steal_pointer (&self->session);
  g_mutex_unlock (&self->session_lock);
  foyer_cast_session_free (session);

  g_mutex_lock (&self->lock);
  memset (self->settled, 0, sizeof self->settled);
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_feed_free (FoyerCastFeed *self)
{
  if (self == NULL)
    return;
  foyer_cast_feed_close (self);
  feed_forget (self);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->stop_lock);
  g_mutex_clear (&self->session_lock);
  g_free (self);
}
