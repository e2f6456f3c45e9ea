/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-loopback-worker.h"

#include "foyer-fd.h"
#include "foyer-flow.h"
#include "foyer-node.h"
#include "foyer-sandbox.h"
#include "foyer-worker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Readers that wait for a picture get the slate that often; none is to think
 * that the node is dead. */
#define SLATE_INTERVAL_MS 200

typedef struct
{
  FoyerWorker *worker;
  FoyerMessage config;
  FoyerNode *node;     /* as long as the process lives */
  gsize n_bytes;       /* of each picture */
  gboolean is_showing; /* the camera's frames, not the slate */
  gboolean is_closed;  /* no camera frame is written any more */
  FoyerTally tally;
  FoyerFlow *flow; /* NULL for one that only keeps the node clean */
} LoopbackWorker;

/* A node that refuses a picture has none of it: nothing is to be done. */
static void
tell (GError *error)
{
  if (error != NULL)
    g_debug ("%s", error->message);
  g_clear_error (&error);
}

static gboolean
send_frame (const FoyerLinkFrame *frame, gpointer user_data)
{
  LoopbackWorker *self = user_data;
  GError *error = NULL;

  if (self->is_closed)
    return FALSE;
  foyer_tally_add_bytes (&self->tally, frame->n_bytes);
  if (!foyer_node_put (self->node, frame->data, frame->n_bytes, &error)) {
    foyer_tally_take_back (&self->tally, frame->n_bytes);
    tell (error);
    return FALSE;
  }
  self->is_showing = TRUE;
  return TRUE;
}

/* In the place of all frames that the ring may hold. Its memory is clean even if
 * the device then refuses: there is nothing to try again. */
static gboolean
show_slate (gpointer user_data)
{
  LoopbackWorker *self = user_data;
  GError *error = NULL;

  self->is_showing = FALSE;
  if (!foyer_node_scrub (self->node, &error))
    tell (error);
  return TRUE;
}

static void
close_frames (gpointer user_data)
{
  LoopbackWorker *self = user_data;

  if (self->is_closed)
    return;
  self->is_closed = TRUE;
  (void) show_slate (self);
}

static gboolean
on_slate_due (gpointer user_data)
{
  LoopbackWorker *self = user_data;
  GError *error = NULL;

  if (!self->is_showing && !foyer_node_put_slate (self->node, &error))
    tell (error);
  return G_SOURCE_CONTINUE;
}

static void
get_account (LoopbackWorker *self, FoyerAccount *account)
{
  static const FoyerAccount none = { .rtt_us = -1, .delay_us = -1 };

  *account = self->flow != NULL ? foyer_flow_get_account (self->flow) : none;
}

/* Said, the last word; the node was left with a slate before it. */
G_GNUC_NORETURN static void
leave (LoopbackWorker *self)
{
  if (self->flow != NULL)
    foyer_worker_say_type (self->worker, FOYER_MESSAGE_CLEANED);
  _exit (0);
}

/* Closing the flow closes the gate and then scrubs. */
static void
close_flow (LoopbackWorker *self)
{
  if (self->flow != NULL)
    foyer_flow_close (self->flow);
}

G_GNUC_NORETURN static void
fail (LoopbackWorker *self, FoyerReason reason, const char *words)
{
  FoyerAccount account;

  close_flow (self);
  get_account (self, &account);
  foyer_worker_fail (self->worker, reason, &account, words);
  leave (self);
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
};

static void
loopback_worker_begin (FoyerWorker *worker, gpointer user_data)
{
  LoopbackWorker *self = user_data;
  const FoyerMessage message = { .type = FOYER_MESSAGE_STREAMING,
    .shape = self->config.shape };

  g_timeout_add (SLATE_INTERVAL_MS, on_slate_due, self);
  if (self->config.type == FOYER_MESSAGE_STANDING_CONFIG)
    return;
  self->flow = foyer_flow_new (self->worker, &self->config, &self->tally,
      &flow_callbacks, self);
  foyer_flow_set_codec (self->flow, FOYER_CODEC_RAW);
  foyer_worker_say (worker, &message, -1);
}

static void
close_down (LoopbackWorker *self)
{
  FoyerAccount account;

  close_flow (self);
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
    foyer_flow_take_link (self->flow, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_SLATE) {
    close (fds[0]);
  } else if (message->type == FOYER_MESSAGE_ASK_ACCOUNT) {
    get_account (self, &account.account);
    foyer_worker_say (worker, &account, -1);
  } else if (message->type == FOYER_MESSAGE_CLOSE) {
    close_down (self);
  }
}

/* foyerd is no more: what it can't do any longer is done here. */
static void
loopback_worker_orphan (gpointer user_data)
{
  LoopbackWorker *self = user_data;

  close_flow (self);
}

/* It must outlive foyerd by as long as a scrub takes: others may have the node
 * open, and whatever is in the ring would stay there for them. */
static void
outlive_parent (void)
{
  (void) prctl (PR_SET_PDEATHSIG, 0);
  signal (SIGTERM, SIG_IGN);
}

static gboolean
loopback_worker_prepare (FoyerWorker *worker, const FoyerMessage *config,
    int *fds, gpointer user_data, GError **error)
{
  LoopbackWorker *self = user_data;
  const FoyerNodeShape shape = {
    .width_px = config->shape.width_px,
    .height_px = config->shape.height_px,
    .fps_n = config->shape.fps_n,
    .fps_d = config->shape.fps_d,
  };
  int fd = foyer_worker_place_fd (fds[0], FOYER_SANDBOX_NODE_FD);
  foyer_autofd int tally = fds[1];

  self->worker = worker;
  self->config = *config;
  if (config->shape.codec != FOYER_CODEC_RAW) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "no node takes coded pictures");
    return FALSE;
  }
  if (config->type == FOYER_MESSAGE_LOOPBACK_CONFIG &&
      !foyer_tally_take (&self->tally, tally, error))
    return FALSE;
  self->n_bytes = foyer_node_shape_get_bytes (&shape);
  self->node = foyer_node_new (fd, &shape, config->text,
      config->type == FOYER_MESSAGE_STANDING_CONFIG ? "the camera is closed"
                                                    : "no fresh picture",
      NULL, error);
  if (self->node == NULL)
    return FALSE;
  outlive_parent ();
  return TRUE;
}

static const FoyerWorkerClass loopback_worker_class = {
  .kind = FOYER_WORKER_LOOPBACK,
  .prepare = loopback_worker_prepare,
  .begin = loopback_worker_begin,
  .take = loopback_worker_take,
  .orphan = loopback_worker_orphan,
};

void
foyer_loopback_worker_run (void)
{
  static LoopbackWorker self;

  foyer_worker_run (&loopback_worker_class, &self);
}
