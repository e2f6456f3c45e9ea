/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-flow.h"

#include "foyer-clock.h"
#include "foyer-sandbox.h"

#include <glib-unix.h>

#define NO_TIME  (-1)
#define RETRY_US (200 * 1000) /* of a slate that was not taken */

struct _FoyerFlow
{
  FoyerWorker *worker; /* borrowed */
  FoyerSessionId session;
  FoyerCameraId camera;
  guint64 generation;
  gint64 max_age_us;
  FoyerFlowCallbacks callbacks;
  gpointer user_data;
  const FoyerClock *clock;

  GMutex lock; /* for the gate */
  FoyerGate gate;

  FoyerCodec codec;
  FoyerLinkReader *reader;
  GSource *watch;  /* of the link */
  GSource *staler; /* wakes when the last frame has become too old */
  gint64 fresh_us;
  gboolean is_live;
  gboolean is_stalled;
  FoyerAccount account;
  FoyerTally *tally;
};

static gint64
get_now_us (const FoyerFlow *self)
{
  return foyer_clock_get_us (self->clock);
}

/* the gate */

FoyerGrant
foyer_flow_read_grant (const FoyerMessage *config)
{
  return (FoyerGrant){
    .camera = config->camera,
    .generation = config->generation,
    .granted_us = config->granted_us,
    .ends_us = config->ends_us,
    .max_age_us = config->max_age_us,
  };
}

FoyerGateFrame
foyer_flow_see (const FoyerLinkFrame *frame)
{
  return (FoyerGateFrame){
    .is_tagged = frame->camera.v != 0,
    .camera = frame->camera,
    .generation = frame->generation,
    .sequence = frame->sequence,
    .capture_us = frame->capture_us,
    .is_key = frame->is_key,
  };
}

gboolean
foyer_flow_is_rogue (FoyerGateVerdict verdict)
{
  return verdict == FOYER_GATE_FOREIGN || verdict == FOYER_GATE_GENERATION ||
      verdict == FOYER_GATE_UNTAGGED;
}

static FoyerGateVerdict
pass (FoyerFlow *self, const FoyerLinkFrame *frame, gint64 now_us)
{
  const FoyerGateFrame seen = foyer_flow_see (frame);
  FoyerGateVerdict verdict;

  g_mutex_lock (&self->lock);
  verdict = foyer_gate_pass (&self->gate, &seen, now_us);
  g_mutex_unlock (&self->lock);
  return verdict;
}

/* freshness */

static void
stall (FoyerFlow *self)
{
  self->is_stalled = TRUE;
  foyer_flow_want_key (self);
  foyer_worker_say_type (self->worker, FOYER_MESSAGE_STALLED);
}

/* Looks, when it wakes, for what passed meanwhile: that costs less than a new
 * time for each frame. Once the slate was taken nothing wakes it. */
static gboolean
on_stale (GSource *source, GSourceFunc callback, gpointer user_data)
{
  FoyerFlow *self = user_data;
  gint64 now_us = get_now_us (self);
  gint64 due_us = self->fresh_us + self->max_age_us;
  gboolean is_shown;

  if (!self->is_stalled && now_us < due_us) {
    g_source_set_ready_time (source, due_us);
    return G_SOURCE_CONTINUE;
  }
  is_shown = self->callbacks.show_slate (self->user_data);
  g_source_set_ready_time (source, is_shown ? NO_TIME : now_us + RETRY_US);
  if (!self->is_stalled)
    stall (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs staler_funcs = { .dispatch = on_stale };

/* @fresh_us: when the newest frame that was sent was captured. */
static void
note_fresh (FoyerFlow *self, gint64 fresh_us)
{
  self->fresh_us = fresh_us;
  if (self->staler != NULL && g_source_get_ready_time (self->staler) == NO_TIME)
    g_source_set_ready_time (self->staler, fresh_us + self->max_age_us);
}

/* frames */

static void
note_refused (FoyerFlow *self)
{
  self->account.n_refused++;
  foyer_tally_write (self->tally, &self->account);
}

/* I10: told before anything of it leaves, and taken back if it did not. */
static gboolean
send (FoyerFlow *self, const FoyerLinkFrame *frame)
{
  const FoyerAccount before = self->account;

  self->account.n_frames++;
  self->account.last_sequence = frame->sequence;
  if (self->account.first_sequence == 0)
    self->account.first_sequence = frame->sequence;
  foyer_tally_write (self->tally, &self->account);
  if (self->callbacks.send (frame, self->user_data))
    return TRUE;
  self->account = before;
  return FALSE;
}

static void
note_sent (FoyerFlow *self, const FoyerLinkFrame *frame)
{
  note_fresh (self, frame->capture_us);
  if (self->is_stalled) {
    self->is_stalled = FALSE;
    foyer_worker_say_type (self->worker, FOYER_MESSAGE_RESUMED);
  }
  if (!self->is_live) {
    self->is_live = TRUE;
    foyer_worker_say_type (self->worker, FOYER_MESSAGE_LIVE);
  }
}

static void
turn_rogue (FoyerFlow *self, const char *words)
{
  foyer_flow_close (self);
  self->callbacks.fail (FOYER_REASON_WORKER_ROGUE, words, self->user_data);
}

static void
take_frame (FoyerFlow *self, const FoyerLinkFrame *frame)
{
  gint64 now_us = get_now_us (self);
  FoyerGateVerdict verdict;

  /* What follows the slate must not refer to what was before it. */
  if (self->is_stalled && !frame->is_key) {
    note_refused (self);
    foyer_flow_want_key (self);
    return;
  }
  verdict = pass (self, frame, now_us);
  if (verdict == FOYER_GATE_PASS && send (self, frame)) {
    note_sent (self, frame);
    return;
  }
  note_refused (self);
  if (foyer_flow_is_rogue (verdict))
    turn_rogue (self, "a frame of another camera came over the link");
  else if (verdict != FOYER_GATE_PASS)
    foyer_flow_want_key (self);
}

static gboolean
take_event (FoyerFlow *self)
{
  FoyerLinkFrame frame;
  FoyerShape shape;

  switch (foyer_link_reader_receive (self->reader, &frame, &shape)) {
    case FOYER_LINK_EVENT_NONE:
      return FALSE;
    case FOYER_LINK_EVENT_GONE:
      foyer_flow_close (self);
      self->callbacks.fail (FOYER_REASON_CAMERA_FAILED,
          "the camera's process left", self->user_data);
      return FALSE;
    case FOYER_LINK_EVENT_SHAPE:
      if (shape.codec != self->codec)
        turn_rogue (self, "frames of another codec came over the link");
      else if (self->callbacks.on_shape != NULL)
        self->callbacks.on_shape (&shape, self->user_data);
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
  FoyerFlow *self = user_data;

  while (take_event (self))
    ;
  return G_SOURCE_CONTINUE;
}

/* public, in order of life */

FoyerFlow *
foyer_flow_new (FoyerWorker *worker, const FoyerMessage *config,
    FoyerTally *tally, const FoyerFlowCallbacks *callbacks, gpointer user_data)
{
  FoyerFlow *self = g_new0 (FoyerFlow, 1);
  const FoyerGrant grant = foyer_flow_read_grant (config);

  g_mutex_init (&self->lock);
  self->worker = worker;
  self->session = config->session;
  self->camera = config->camera;
  self->generation = config->generation;
  self->max_age_us = config->max_age_us;
  self->tally = tally;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->clock = foyer_clock_get_system ();
  self->account.rtt_us = self->account.delay_us = -1;
  /* There a frame that was sent is one that may be asked for. */
  self->is_live = config->transport == FOYER_TRANSPORT_HTTP;
  foyer_gate_open (&self->gate, &grant);
  return self;
}

void
foyer_flow_set_codec (FoyerFlow *self, FoyerCodec codec)
{
  self->codec = codec;
}

void
foyer_flow_renew_slate (FoyerFlow *self)
{
  if (self->is_stalled && self->staler != NULL)
    g_source_set_ready_time (self->staler, 0);
}

gboolean
foyer_flow_may_leave (FoyerFlow *self, const FoyerGateFrame *frame,
    gint64 now_us)
{
  FoyerGateVerdict verdict;

  g_mutex_lock (&self->lock);
  verdict = foyer_gate_decide_again (&self->gate, frame, now_us);
  g_mutex_unlock (&self->lock);
  return verdict == FOYER_GATE_PASS;
}

FoyerAccount
foyer_flow_get_account (const FoyerFlow *self)
{
  FoyerAccount account = self->account;

  account.n_bytes = foyer_tally_get_bytes (self->tally);
  account.n_foreign = self->tally->n_foreign;
  return account;
}

void
foyer_flow_take_link (FoyerFlow *self, const FoyerMessage *message, int fd)
{
  int placed = foyer_worker_place_fd (fd, FOYER_SANDBOX_LINK_FD);

  if (!foyer_session_id_equal (message->session, self->session) ||
      !foyer_camera_id_equal (message->camera, self->camera) ||
      message->generation != self->generation) {
    turn_rogue (self, "a link of another session came");
    return;
  }
  self->reader = foyer_link_reader_new (placed);
  self->watch = g_unix_fd_source_new (placed, G_IO_IN | G_IO_HUP);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_link_ready), self,
      NULL);
  /* It never does; but a source that may not costs two more polls each time. */
  g_source_set_can_recurse (self->watch, TRUE);
  g_source_attach (self->watch, NULL);
  self->staler = g_source_new (&staler_funcs, sizeof (GSource));
  g_source_set_callback (self->staler, NULL, self, NULL);
  g_source_attach (self->staler, NULL);
  note_fresh (self, get_now_us (self));
}

void
foyer_flow_want_key (FoyerFlow *self)
{
  if (self->reader != NULL)
    foyer_link_reader_want_key (self->reader);
}

void
foyer_flow_set_rate (FoyerFlow *self, guint32 bps)
{
  if (self->reader != NULL)
    foyer_link_reader_set_rate (self->reader, bps);
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
foyer_flow_close (FoyerFlow *self)
{
  g_mutex_lock (&self->lock);
  foyer_gate_close (&self->gate);
  g_mutex_unlock (&self->lock);
  self->callbacks.close_frames (self->user_data);
  source_clear (&self->watch);
  source_clear (&self->staler);
  g_clear_pointer (&self->reader, foyer_link_reader_free);
}
