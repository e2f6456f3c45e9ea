/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-flow.h"

#include "foyer-fd.h"
#include "foyer-gate.h"
#include "foyer-link.h"
#include "foyer-sandbox.h"
#include "foyer-worker.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define VIDEO      0 /* the one stream */
#define NO_TIME    (-1)
#define ALL_SEALED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct _FoyerCastFlow
{
  FoyerCameraId camera;
  guint64 generation;
  gint64 max_age_us;
  FoyerCastFlowCallbacks callbacks;
  gpointer user_data;
  const FoyerClock *clock;

  GMutex lock; /* for the gate */
  FoyerGate gate;

  FoyerCastSession *session;
  FoyerCodec codec;
  FoyerLinkReader *reader;
  GSource *watch;  /* of the link */
  GSource *staler; /* wakes when the last frame has become too old */
  gint64 passed_us;
  GBytes *slate;
  FoyerCodec slate_codec;
  gboolean is_live;
  gboolean is_stalled;
  FoyerAccount account;
};

static gint64
get_now_us (const FoyerCastFlow *self)
{
  return foyer_clock_get_us (self->clock);
}

/* the gate */

static gboolean
may_leave (const FoyerCastTag *tag, gint64 now_us, gpointer user_data)
{
  FoyerCastFlow *self = user_data;
  const FoyerGateFrame frame = {
    .is_tagged = tag->camera != 0,
    .camera = { tag->camera },
    .generation = tag->generation,
    .sequence = tag->sequence,
    .capture_us = tag->capture_us,
  };
  FoyerGateVerdict verdict;

  g_mutex_lock (&self->lock);
  verdict = foyer_gate_decide_again (&self->gate, &frame, now_us);
  g_mutex_unlock (&self->lock);
  return verdict == FOYER_GATE_PASS;
}

static FoyerGateVerdict
pass (FoyerCastFlow *self, const FoyerLinkFrame *frame, gint64 now_us)
{
  const FoyerGateFrame seen = {
    .is_tagged = frame->camera.v != 0,
    .camera = frame->camera,
    .generation = frame->generation,
    .sequence = frame->sequence,
    .capture_us = frame->capture_us,
    .is_key = frame->is_key,
  };
  FoyerGateVerdict verdict;

  g_mutex_lock (&self->lock);
  verdict = foyer_gate_pass (&self->gate, &seen, now_us);
  g_mutex_unlock (&self->lock);
  return verdict;
}

/* freshness */

void
foyer_cast_flow_show_slate (FoyerCastFlow *self)
{
  FoyerCastFrame frame = { .is_key = TRUE,
    .is_slate = TRUE,
    .tag.capture_us = get_now_us (self) };

  if (self->slate == NULL || self->slate_codec != self->codec ||
      self->session == NULL)
    return;
  frame.data = g_bytes_get_data (self->slate, &frame.n_bytes);
  (void) foyer_cast_session_push (self->session, VIDEO, &frame);
}

static void
stall (FoyerCastFlow *self)
{
  self->is_stalled = TRUE;
  foyer_cast_flow_show_slate (self);
  foyer_cast_flow_want_key (self);
  self->callbacks.on_stalled (self->user_data);
}

/* Looks, when it wakes, for what passed meanwhile: that costs less than a new
 * time for each frame. While the slate is shown nothing wakes it. */
static gboolean
on_stale (GSource *source, GSourceFunc callback, gpointer user_data)
{
  FoyerCastFlow *self = user_data;
  gint64 due_us = self->passed_us + self->max_age_us;

  if (get_now_us (self) < due_us) {
    g_source_set_ready_time (source, due_us);
    return G_SOURCE_CONTINUE;
  }
  g_source_set_ready_time (source, NO_TIME);
  if (!self->is_stalled)
    stall (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs staler_funcs = { .dispatch = on_stale };

static void
note_fresh (FoyerCastFlow *self, gint64 now_us)
{
  self->passed_us = now_us;
  if (self->staler != NULL && g_source_get_ready_time (self->staler) == NO_TIME)
    g_source_set_ready_time (self->staler, now_us + self->max_age_us);
}

/* frames */

static void
note_sent (FoyerCastFlow *self, const FoyerLinkFrame *frame, gint64 now_us)
{
  self->account.n_frames++;
  self->account.last_sequence = frame->sequence;
  if (self->account.first_sequence == 0)
    self->account.first_sequence = frame->sequence;
  note_fresh (self, now_us);
  if (self->is_stalled) {
    self->is_stalled = FALSE;
    self->callbacks.on_resumed (self->user_data);
  }
  if (!self->is_live) {
    self->is_live = TRUE;
    self->callbacks.on_live (self->user_data);
  }
}

static void
send (FoyerCastFlow *self, const FoyerLinkFrame *frame, gint64 now_us)
{
  const FoyerCastFrame coded = {
    .data = frame->data,
    .n_bytes = frame->n_bytes,
    .is_key = frame->is_key,
    .tag = { frame->camera.v, frame->generation, frame->sequence,
        frame->capture_us },
  };
  FoyerCastVerdict verdict = foyer_cast_session_push (self->session, VIDEO,
      &coded);

  if (verdict == FOYER_CAST_VERDICT_SEND)
    note_sent (self, frame, now_us);
  else
    self->account.n_refused++;
  if (foyer_cast_session_needs_key (self->session, VIDEO))
    foyer_cast_flow_want_key (self);
}

static void
turn_rogue (FoyerCastFlow *self, const char *words)
{
  foyer_cast_flow_close (self);
  self->callbacks.on_rogue (words, self->user_data);
}

static void
take_frame (FoyerCastFlow *self, const FoyerLinkFrame *frame)
{
  gint64 now_us = get_now_us (self);
  FoyerGateVerdict verdict;

  /* What follows the slate must not refer to what was before it. */
  if (self->is_stalled && !frame->is_key) {
    self->account.n_refused++;
    foyer_cast_flow_want_key (self);
    return;
  }
  verdict = pass (self, frame, now_us);
  if (verdict == FOYER_GATE_PASS) {
    send (self, frame, now_us);
    return;
  }
  self->account.n_refused++;
  if (verdict == FOYER_GATE_FOREIGN || verdict == FOYER_GATE_GENERATION ||
      verdict == FOYER_GATE_UNTAGGED)
    turn_rogue (self, "a frame of another camera came over the link");
  else
    foyer_cast_flow_want_key (self);
}

static gboolean
take_event (FoyerCastFlow *self)
{
  FoyerLinkFrame frame;
  FoyerShape shape;

  switch (foyer_link_reader_receive (self->reader, &frame, &shape)) {
    case FOYER_LINK_EVENT_NONE:
      return FALSE;
    case FOYER_LINK_EVENT_GONE:
      foyer_cast_flow_close (self);
      self->callbacks.on_link_gone (self->user_data);
      return FALSE;
    case FOYER_LINK_EVENT_SHAPE:
      if (shape.codec != self->codec)
        turn_rogue (self, "frames of another codec came over the link");
      break;
    case FOYER_LINK_EVENT_FRAME:
      take_frame (self, &frame);
      if (self->reader != NULL)
        foyer_link_reader_release (self->reader);
      break;
  }
  return self->reader != NULL;
}

static gboolean
on_link_ready (int fd, GIOCondition ready, gpointer user_data)
{
  FoyerCastFlow *self = user_data;

  while (take_event (self))
    ;
  return G_SOURCE_CONTINUE;
}

/* public, in order of life */

FoyerCastFlow *
foyer_cast_flow_new (const FoyerMessage *config,
    const FoyerCastFlowCallbacks *callbacks, gpointer user_data)
{
  FoyerCastFlow *self = g_new0 (FoyerCastFlow, 1);
  const FoyerGrant grant = {
    .camera = config->camera,
    .generation = config->generation,
    .granted_us = config->granted_us,
    .ends_us = config->ends_us,
    .max_age_us = config->max_age_us,
  };

  g_mutex_init (&self->lock);
  self->camera = config->camera;
  self->generation = config->generation;
  self->max_age_us = config->max_age_us;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->clock = foyer_clock_get_system ();
  self->account.rtt_us = self->account.delay_us = -1;
  foyer_gate_open (&self->gate, &grant);
  return self;
}

FoyerCastGuard
foyer_cast_flow_get_guard (FoyerCastFlow *self)
{
  return (FoyerCastGuard){ .may_leave = may_leave, .user_data = self };
}

void
foyer_cast_flow_set_session (FoyerCastFlow *self, FoyerCastSession *session)
{
  self->session = session;
}

void
foyer_cast_flow_set_codec (FoyerCastFlow *self, FoyerCodec codec)
{
  self->codec = codec;
}

/* (nullable): a copy of what is in sealed memory; what is mapped could only be
 * changed by who broke the seals, but need not stay. */
static GBytes *
copy_sealed (int fd)
{
  struct stat about;
  gpointer data;
  GBytes *copy;

  if ((fcntl (fd, F_GET_SEALS) & ALL_SEALED) != ALL_SEALED ||
      fstat (fd, &about) != 0 || about.st_size <= 0 ||
      about.st_size > FOYER_LINK_CODED_BYTES)
    return NULL;
  data = mmap (NULL, (gsize) about.st_size, PROT_READ, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED)
    return NULL;
  copy = g_bytes_new (data, (gsize) about.st_size);
  (void) munmap (data, (gsize) about.st_size);
  return copy;
}

gboolean
foyer_cast_flow_take_slate (FoyerCastFlow *self, FoyerCodec codec, int fd)
{
  foyer_autofd int owned = fd;
  GBytes *slate = copy_sealed (owned);

  if (slate == NULL)
    return FALSE;
  g_clear_pointer (&self->slate, g_bytes_unref);
  self->slate = slate;
  self->slate_codec = codec;
  if (self->is_stalled)
    foyer_cast_flow_show_slate (self);
  return TRUE;
}

void
foyer_cast_flow_take_link (FoyerCastFlow *self, int fd)
{
  int placed = foyer_worker_place_fd (fd, FOYER_SANDBOX_LINK_FD);

  self->reader = foyer_link_reader_new (placed);
  self->watch = g_unix_fd_source_new (placed, G_IO_IN | G_IO_HUP);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_link_ready), self,
      NULL);
  g_source_attach (self->watch, NULL);
  self->staler = g_source_new (&staler_funcs, sizeof (GSource));
  g_source_set_callback (self->staler, NULL, self, NULL);
  g_source_attach (self->staler, NULL);
  note_fresh (self, get_now_us (self));
}

void
foyer_cast_flow_want_key (FoyerCastFlow *self)
{
  if (self->reader != NULL)
    foyer_link_reader_want_key (self->reader);
}

void
foyer_cast_flow_set_rate (FoyerCastFlow *self, guint32 bps)
{
  if (self->reader != NULL)
    foyer_link_reader_set_rate (self->reader, bps);
}

void
foyer_cast_flow_get_account (FoyerCastFlow *self, FoyerAccount *account)
{
  FoyerCastSenderStats stats;

  *account = self->account;
  if (self->session == NULL)
    return;
  (void) foyer_cast_session_get_stats (self->session, &stats);
  account->n_bytes = stats.n_bytes;
  account->rtt_us = stats.rtt_us;
  account->delay_us = stats.ack_delay_us;
  account->bps = (guint32) MIN (stats.estimate_bps, G_MAXUINT32);
  account->loss = stats.fraction_lost;
}

static void
source_clear (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
foyer_cast_flow_close (FoyerCastFlow *self)
{
  g_mutex_lock (&self->lock);
  foyer_gate_close (&self->gate);
  g_mutex_unlock (&self->lock);
  if (self->session != NULL)
    foyer_cast_session_close_frames (self->session);
  source_clear (&self->watch);
  source_clear (&self->staler);
  g_clear_pointer (&self->reader, foyer_link_reader_free);
}
