/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-app-worker.h"

#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-flow.h"
#include "foyer-sandbox.h"
#include "foyer-sealed.h"
#include "foyer-shape.h"
#include "foyer-slate.h"
#include "foyer-still.h"
#include "foyer-worker.h"

#include <glib-unix.h>
#include <unistd.h>

/* A program that waits for a picture gets the slate that often. */
#define SLATE_INTERVAL_MS 200
#define RAW_SLOTS         4
#define SMALL_PX          16 /* of the still that is coded for practice */

typedef struct
{
  FoyerWorker *worker;
  FoyerMessage config;
  gboolean is_still;
  FoyerLinkWriter *outlet; /* NULL if the program is gone, or once closed */
  FoyerFlow *flow;
  GBytes *slate; /* NULL until it came */
  FoyerCodec slate_codec;
  guint64 slate_sequence;
  gboolean is_stalled; /* the slate is shown, not the camera's frames */
  gboolean is_taken;   /* the one still went out */
  FoyerTally tally;
} AppWorker;

static gsize
count_raw_bytes (const FoyerShape *shape)
{
  return (gsize) shape->width_px * shape->height_px * 3 / 2;
}

/* Said, the last word; the pool was wiped before it. */
G_GNUC_NORETURN static void
leave (AppWorker *self)
{
  foyer_worker_say_type (self->worker, FOYER_MESSAGE_CLEANED);
  _exit (0);
}

G_GNUC_NORETURN static void
fail (AppWorker *self, FoyerReason reason, const char *words)
{
  FoyerAccount account;

  foyer_flow_close (self->flow);
  account = foyer_flow_get_account (self->flow);
  foyer_worker_fail (self->worker, reason, &account, words);
  leave (self);
}

G_GNUC_NORETURN static void
close_down (AppWorker *self)
{
  FoyerAccount account;

  foyer_flow_close (self->flow);
  account = foyer_flow_get_account (self->flow);
  foyer_worker_close (self->worker, &account);
  leave (self);
}

/* frames */

static gboolean
push (AppWorker *self, const FoyerLinkFrame *frame)
{
  switch (foyer_link_writer_push (self->outlet, frame)) {
    case FOYER_LINK_SENT:
      return TRUE;
    case FOYER_LINK_GONE:
      fail (self, FOYER_REASON_CALLER_GONE, "");
    case FOYER_LINK_DROPPED:
      break;
  }
  return FALSE;
}

/* Told before it leaves, and taken back if it did not. */
static gboolean
push_camera (AppWorker *self, const FoyerLinkFrame *frame)
{
  foyer_tally_add_bytes (&self->tally, frame->n_bytes);
  if (push (self, frame))
    return TRUE;
  foyer_tally_take_back (&self->tally, frame->n_bytes);
  return FALSE;
}

/* Coding takes a while: the gate is asked again after it. */
static gboolean
send_still (AppWorker *self, const FoyerLinkFrame *frame)
{
  const FoyerGateFrame seen = { .is_tagged = TRUE,
    .camera = frame->camera,
    .generation = frame->generation,
    .sequence = frame->sequence,
    .capture_us = frame->capture_us,
    .is_key = TRUE };
  FoyerLinkFrame still = *frame;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = NULL;

  if (self->is_taken)
    return FALSE;
  file = foyer_still_encode (&self->config.shape, frame->data, &error);
  if (file == NULL)
    fail (self, FOYER_REASON_MALFORMED, error->message);
  still.data = g_bytes_get_data (file, &still.n_bytes);
  if (still.n_bytes > FOYER_LINK_MAX_SLOT_BYTES)
    fail (self, FOYER_REASON_MALFORMED,
        "the picture does not fit: ask for a JPEG, or a smaller one");
  self->is_taken = foyer_flow_may_leave (self->flow, &seen,
                       foyer_clock_get_us (foyer_clock_get_system ())) &&
      push_camera (self, &still);
  return self->is_taken;
}

static gboolean
send_frame (const FoyerLinkFrame *frame, gpointer user_data)
{
  AppWorker *self = user_data;
  gboolean is_raw = self->config.shape.codec == FOYER_CODEC_RAW;

  if ((is_raw || self->is_still) &&
      frame->n_bytes != count_raw_bytes (&self->config.shape))
    return FALSE;
  if (self->is_still)
    return send_still (self, frame);
  if (!push_camera (self, frame))
    return FALSE;
  self->is_stalled = FALSE;
  return TRUE;
}

/* A slate has a tag that is no camera's. Without one of this codec there is
 * nothing to try again. */
static gboolean
push_slate (AppWorker *self)
{
  FoyerLinkFrame frame = { .camera = { FOYER_LINK_SLATE },
    .generation = 1,
    .sequence = self->slate_sequence + 1,
    .capture_us = foyer_clock_get_us (foyer_clock_get_system ()),
    .is_key = TRUE };

  if (self->slate == NULL || self->slate_codec != self->config.shape.codec)
    return TRUE;
  frame.data = g_bytes_get_data (self->slate, &frame.n_bytes);
  if (!push (self, &frame))
    return FALSE;
  self->slate_sequence++;
  return TRUE;
}

static gboolean
show_slate (gpointer user_data)
{
  AppWorker *self = user_data;

  if (self->is_still && !self->is_taken)
    fail (self, FOYER_REASON_CAMERA_FAILED, "no picture came in time");
  if (self->is_still)
    return TRUE;
  self->is_stalled = TRUE;
  return push_slate (self);
}

static gboolean
on_slate_due (gpointer user_data)
{
  AppWorker *self = user_data;

  if (self->is_stalled && self->outlet != NULL)
    (void) push_slate (self);
  return G_SOURCE_CONTINUE;
}

/* The program hears of the end; what it has not taken is wiped. */
static void
close_frames (gpointer user_data)
{
  AppWorker *self = user_data;

  g_clear_pointer (&self->outlet, foyer_link_writer_free);
}

static void
on_shape (const FoyerShape *shape, gpointer user_data)
{
  AppWorker *self = user_data;

  if (!self->is_still && !foyer_link_writer_set_shape (self->outlet, shape))
    fail (self, FOYER_REASON_CALLER_GONE, "");
}

static void
fail_flow (FoyerReason reason, const char *words, gpointer user_data)
{
  fail (user_data, reason, words);
}

static const FoyerFlowCallbacks flow_callbacks = {
  .send = send_frame,
  .show_slate = show_slate,
  .close_frames = close_frames,
  .fail = fail_flow,
  .on_shape = on_shape,
};

/* the program */

static gboolean
on_outlet_ready (int fd, GIOCondition ready, gpointer user_data)
{
  AppWorker *self = user_data;
  FoyerLinkWish wish;

  if (!foyer_link_writer_receive (self->outlet, &wish))
    fail (self,
        self->is_taken ? FOYER_REASON_STOPPED : FOYER_REASON_CALLER_GONE, "");
  if (self->is_taken && foyer_link_writer_is_idle (self->outlet))
    fail (self, FOYER_REASON_STOPPED, "");
  if (wish.wants_key)
    foyer_flow_want_key (self->flow);
  return G_SOURCE_CONTINUE;
}

/* the channel */

static void
app_worker_begin (FoyerWorker *worker, gpointer user_data)
{
  AppWorker *self = user_data;
  FoyerMessage message = { .type = FOYER_MESSAGE_STREAMING,
    .shape = self->config.shape };

  if (self->is_still)
    message.shape.codec = FOYER_CODEC_RAW;
  self->flow = foyer_flow_new (worker, &self->config, &self->tally,
      &flow_callbacks, self);
  foyer_flow_set_codec (self->flow, message.shape.codec);
  if (self->outlet == NULL ||
      (self->is_still &&
          !foyer_link_writer_set_shape (self->outlet, &self->config.shape)))
    fail (self, FOYER_REASON_CALLER_GONE, "");
  g_unix_fd_add (FOYER_SANDBOX_OUTLET_FD, G_IO_IN | G_IO_HUP, on_outlet_ready,
      self);
  g_timeout_add (SLATE_INTERVAL_MS, on_slate_due, self);
  foyer_worker_say (worker, &message, -1);
}

static void
take_slate (AppWorker *self, const FoyerMessage *message, int fd)
{
  GBytes *slate = foyer_sealed_read (fd, FOYER_LINK_CODED_BYTES);

  if (slate == NULL) {
    g_warning ("this is no slate");
    return;
  }
  g_clear_pointer (&self->slate, g_bytes_unref);
  self->slate = slate;
  self->slate_codec = message->shape.codec;
  foyer_flow_renew_slate (self->flow);
}

static void
app_worker_take (FoyerWorker *worker, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  AppWorker *self = user_data;
  FoyerMessage account = { .type = FOYER_MESSAGE_ACCOUNT };

  if (message->type == FOYER_MESSAGE_LINK) {
    foyer_flow_take_link (self->flow, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_SLATE) {
    take_slate (self, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_ASK_ACCOUNT) {
    account.account = foyer_flow_get_account (self->flow);
    foyer_worker_say (worker, &account, -1);
  } else if (message->type == FOYER_MESSAGE_CLOSE) {
    close_down (self);
  }
}

/* foyerd is no more, and so is the grant. */
static void
app_worker_orphan (gpointer user_data)
{
  AppWorker *self = user_data;

  if (self->flow != NULL)
    foyer_flow_close (self->flow);
}

/* Makes the pool, which takes more than may be called later, and hands it over;
 * no frame is in it yet. */
static gboolean
open_outlet (AppWorker *self, GError **error)
{
  const FoyerShape *shape = &self->config.shape;
  gboolean is_raw = shape->codec == FOYER_CODEC_RAW;
  gsize slot_bytes = self->is_still ? FOYER_LINK_MAX_SLOT_BYTES
      : is_raw                      ? count_raw_bytes (shape)
                                    : FOYER_LINK_CODED_BYTES;
  guint n_slots = self->is_still ? 1 : is_raw ? RAW_SLOTS : FOYER_LINK_SLOTS;
  g_autoptr (GError) local = NULL;

  self->outlet = foyer_link_writer_new (FOYER_SANDBOX_OUTLET_FD, slot_bytes,
      n_slots, &local);
  /* A program that is gone already is no fault of ours. */
  if (self->outlet != NULL ||
      g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
draw_slate (AppWorker *self)
{
  const FoyerShape *shape = &self->config.shape;
  gsize n_bytes = count_raw_bytes (shape);
  guint8 *picture = g_malloc (n_bytes);

  foyer_slate_draw_sized (picture, shape->width_px, shape->height_px,
      self->config.text, "no fresh picture");
  self->slate = g_bytes_new_take (picture, n_bytes);
  self->slate_codec = FOYER_CODEC_RAW;
}

/* All that the coder loads is loaded then. */
static gboolean
practise (FoyerCodec codec, GError **error)
{
  const FoyerShape small = { .codec = codec,
    .width_px = SMALL_PX,
    .height_px = SMALL_PX,
    .fps_d = 1 };
  static const guint8 picture[SMALL_PX * SMALL_PX * 3 / 2];
  g_autoptr (GBytes) file = foyer_still_encode (&small, picture, error);

  return file != NULL;
}

static gboolean
app_worker_prepare (FoyerWorker *worker, const FoyerMessage *config, int *fds,
    gpointer user_data, GError **error)
{
  AppWorker *self = user_data;
  const FoyerShape *shape = &config->shape;
  foyer_autofd int tally = fds[1];

  self->worker = worker;
  self->config = *config;
  self->is_still = foyer_codec_is_still (shape->codec);
  foyer_worker_place_fd (fds[0], FOYER_SANDBOX_OUTLET_FD);
  if (shape->width_px % 2 != 0 || shape->height_px % 2 != 0 ||
      count_raw_bytes (shape) > FOYER_LINK_MAX_SLOT_BYTES) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "no program takes pictures of that size");
    return FALSE;
  }
  if (shape->codec == FOYER_CODEC_RAW)
    draw_slate (self);
  return foyer_tally_take (&self->tally, tally, error) &&
      (!self->is_still || practise (shape->codec, error)) &&
      open_outlet (self, error);
}

static const FoyerWorkerClass app_worker_class = {
  .kind = FOYER_WORKER_APP,
  .prepare = app_worker_prepare,
  .begin = app_worker_begin,
  .take = app_worker_take,
  .orphan = app_worker_orphan,
};

void
foyer_app_worker_run (void)
{
  static AppWorker self;

  foyer_worker_run (&app_worker_class, &self);
}
