/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-loopback-worker.h"

#include "foyer-flow.h"
#include "foyer-slate.h"
#include "foyer-worker.h"

#include <errno.h>
#include <unistd.h>

typedef struct
{
  FoyerWorker *worker;
  FoyerMessage config;
  int node;      /* owned; as long as the process lives */
  guint8 *slate; /* I420 of the node's shape */
  gsize n_bytes; /* of each picture */
  guint64 n_written_bytes;
  gboolean is_closed; /* no camera frame is written any more */
  FoyerFlow *flow;
} LoopbackWorker;

static gboolean
write_picture (LoopbackWorker *self, const guint8 *data)
{
  gssize n;

  do
    n = write (self->node, data, self->n_bytes);
  while (n < 0 && errno == EINTR);
  return n == (gssize) self->n_bytes;
}

static gboolean
send_frame (const FoyerLinkFrame *frame, gpointer user_data)
{
  LoopbackWorker *self = user_data;

  if (self->is_closed || frame->n_bytes != self->n_bytes ||
      !write_picture (self, frame->data))
    return FALSE;
  self->n_written_bytes += frame->n_bytes;
  return TRUE;
}

static gboolean
show_slate (gpointer user_data)
{
  LoopbackWorker *self = user_data;

  return write_picture (self, self->slate);
}

static void
close_frames (gpointer user_data)
{
  ((LoopbackWorker *) user_data)->is_closed = TRUE;
}

static void
get_account (LoopbackWorker *self, FoyerAccount *account)
{
  *account = *foyer_flow_get_account (self->flow);
  account->n_bytes = self->n_written_bytes;
}

static void
on_live (gpointer user_data)
{
  foyer_worker_say_type (((LoopbackWorker *) user_data)->worker,
      FOYER_MESSAGE_LIVE);
}

static void
on_stalled (gpointer user_data)
{
  foyer_worker_say_type (((LoopbackWorker *) user_data)->worker,
      FOYER_MESSAGE_STALLED);
}

static void
on_resumed (gpointer user_data)
{
  foyer_worker_say_type (((LoopbackWorker *) user_data)->worker,
      FOYER_MESSAGE_RESUMED);
}

/* Said, the last word; then the node is left with a slate. */
G_GNUC_NORETURN static void
leave (LoopbackWorker *self)
{
  show_slate (self);
  foyer_worker_say_type (self->worker, FOYER_MESSAGE_CLEANED);
  _exit (0);
}

G_GNUC_NORETURN static void
fail (LoopbackWorker *self, FoyerReason reason, const char *words)
{
  FoyerAccount account;

  foyer_flow_close (self->flow);
  get_account (self, &account);
  foyer_worker_fail (self->worker, reason, &account, words);
  leave (self);
}

static void
on_rogue (const char *words, gpointer user_data)
{
  fail (user_data, FOYER_REASON_WORKER_ROGUE, words);
}

static void
on_link_gone (gpointer user_data)
{
  fail (user_data, FOYER_REASON_CAMERA_FAILED, "the camera's process left");
}

static const FoyerFlowCallbacks flow_callbacks = {
  .send = send_frame,
  .show_slate = show_slate,
  .close_frames = close_frames,
  .on_live = on_live,
  .on_stalled = on_stalled,
  .on_resumed = on_resumed,
  .on_rogue = on_rogue,
  .on_link_gone = on_link_gone,
};

static void
loopback_worker_begin (FoyerWorker *worker, gpointer user_data)
{
  LoopbackWorker *self = user_data;
  const FoyerMessage message = { .type = FOYER_MESSAGE_STREAMING,
    .shape = self->config.shape };

  self->flow = foyer_flow_new (&self->config, &flow_callbacks, self);
  foyer_flow_set_codec (self->flow, FOYER_CODEC_RAW);
  foyer_worker_say (worker, &message, -1);
}

static void
take_link (LoopbackWorker *self, const FoyerMessage *message, int fd)
{
  if (!foyer_session_id_equal (message->session, self->config.session) ||
      !foyer_camera_id_equal (message->camera, self->config.camera) ||
      message->generation != self->config.generation)
    fail (self, FOYER_REASON_WORKER_ROGUE, "a link of another session came");
  foyer_flow_take_link (self->flow, fd);
}

static void
close_down (LoopbackWorker *self)
{
  FoyerAccount account;

  foyer_flow_close (self->flow);
  get_account (self, &account);
  foyer_worker_close (self->worker, &account);
  leave (self);
}

/* Its slate it has drawn itself: one that is coded is of no use here. */
static void
loopback_worker_take (FoyerWorker *worker, const FoyerMessage *message,
    int *fds, gpointer user_data)
{
  LoopbackWorker *self = user_data;
  FoyerMessage account = { .type = FOYER_MESSAGE_ACCOUNT };

  if (message->type == FOYER_MESSAGE_LINK) {
    take_link (self, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_SLATE) {
    close (fds[0]);
  } else if (message->type == FOYER_MESSAGE_ASK_ACCOUNT) {
    get_account (self, &account.account);
    foyer_worker_say (worker, &account, -1);
  } else if (message->type == FOYER_MESSAGE_CLOSE) {
    close_down (self);
  }
}

static gboolean
loopback_worker_prepare (FoyerWorker *worker, const FoyerMessage *config,
    int *fds, gpointer user_data, GError **error)
{
  LoopbackWorker *self = user_data;
  const FoyerShape *shape = &config->shape;

  self->worker = worker;
  self->config = *config;
  self->node = fds[0];
  if (shape->codec != FOYER_CODEC_RAW || shape->width_px % 2 != 0 ||
      shape->height_px % 2 != 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "no node takes pictures of %ux%u", shape->width_px, shape->height_px);
    return FALSE;
  }
  self->n_bytes = (gsize) shape->width_px * shape->height_px * 3 / 2;
  self->slate = g_malloc (self->n_bytes);
  foyer_slate_draw_sized (self->slate, shape->width_px, shape->height_px,
      config->text, "no fresh picture");
  return TRUE;
}

static const FoyerWorkerClass loopback_worker_class = {
  .kind = FOYER_WORKER_LOOPBACK,
  .prepare = loopback_worker_prepare,
  .begin = loopback_worker_begin,
  .take = loopback_worker_take,
};

void
foyer_loopback_worker_run (void)
{
  static LoopbackWorker self;

  foyer_worker_run (&loopback_worker_class, &self);
}
