/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-peer.h"

#include "foyer-test-workers.h"

#include <gio/gio.h>

typedef struct
{
  FoyerTestWorkers launcher;
  FoyerPeer *peer;
  FoyerTestWorker *worker;
  guint n_said;
  guint n_gone;
  FoyerMessageType last;
  FoyerReason reason;
  gboolean frees_when_told;
} Fixture;

static void
on_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  Fixture *self = user_data;

  self->n_said++;
  self->last = message->type;
  if (self->frees_when_told)
    g_clear_pointer (&self->peer, foyer_peer_free);
}

static void
on_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_false (foyer_peer_is_alive (peer));
  self->n_gone++;
  self->reason = reason;
  if (self->frees_when_told)
    g_clear_pointer (&self->peer, foyer_peer_free);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };
  const FoyerMessage config = {
    .type = FOYER_MESSAGE_SLATE_CONFIG,
    .shape = { .codec = FOYER_CODEC_VP8,
        .width_px = 320,
        .height_px = 180,
        .fps_n = 30,
        .fps_d = 1 },
    .text = "No picture",
  };
  const FoyerBirth birth = { .session = { 7 } };
  g_autoptr (GError) error = NULL;

  foyer_test_workers_init (&self->launcher);
  self->peer = foyer_peer_new (&self->launcher.launcher, FOYER_WORKER_SLATE,
      &birth, &events, self, &error);
  g_assert_no_error (error);
  self->worker = foyer_test_workers_get_last (&self->launcher,
      FOYER_WORKER_SLATE);
  g_assert_true (foyer_peer_send (self->peer, &config, NULL, 0));
  foyer_test_worker_expect (self->worker, FOYER_MESSAGE_SLATE_CONFIG, NULL,
      NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_peer_free (self->peer);
  foyer_test_workers_clear (&self->launcher);
}

static void
test_say (Fixture *self, gconstpointer data)
{
  foyer_test_worker_say_type (self->worker, FOYER_MESSAGE_READY);
  foyer_test_settle ();
  g_assert_cmpuint (self->n_said, ==, 1);
  g_assert_cmpint (self->last, ==, FOYER_MESSAGE_READY);
  g_assert_true (foyer_peer_is_alive (self->peer));
}

static void
test_rogue (Fixture *self, gconstpointer data)
{
  foyer_test_worker_babble (self->worker, "let me out");
  foyer_test_settle ();
  g_assert_cmpuint (self->n_said, ==, 0);
  g_assert_cmpuint (self->n_gone, ==, 1);
  g_assert_cmpint (self->reason, ==, FOYER_REASON_WORKER_ROGUE);
  g_assert_true (self->worker->is_ended);
}

/* Its last words count, whichever of channel and process is looked at first. */
static void
test_last_words (Fixture *self, gconstpointer data)
{
  foyer_test_worker_say_type (self->worker, FOYER_MESSAGE_READY);
  foyer_test_worker_exit (self->worker, TRUE);
  foyer_test_settle ();
  g_assert_cmpuint (self->n_said, ==, 1);
  g_assert_cmpuint (self->n_gone, ==, 1);
  g_assert_cmpint (self->reason, ==, FOYER_REASON_NONE);
}

static void
test_died (Fixture *self, gconstpointer data)
{
  foyer_test_worker_exit (self->worker, FALSE);
  foyer_test_settle ();
  g_assert_cmpuint (self->n_gone, ==, 1);
  g_assert_cmpint (self->reason, ==, FOYER_REASON_WORKER_DIED);
  g_assert_false (foyer_peer_send (self->peer,
      &(FoyerMessage){ .type = FOYER_MESSAGE_CLOSE }, NULL, 0));
}

static void
test_killed (Fixture *self, gconstpointer data)
{
  foyer_test_worker_say_type (self->worker, FOYER_MESSAGE_READY);
  foyer_peer_kill (self->peer);
  g_assert_true (self->worker->is_ended);
  foyer_test_settle ();
  /* Neither words nor end of one that was killed are told. */
  g_assert_cmpuint (self->n_said, ==, 0);
  g_assert_cmpuint (self->n_gone, ==, 0);
}

static void
test_freed_when_told (Fixture *self, gconstpointer data)
{
  self->frees_when_told = TRUE;
  foyer_test_worker_say_type (self->worker, FOYER_MESSAGE_READY);
  foyer_test_settle ();
  g_assert_null (self->peer);
  g_assert_cmpuint (self->n_said, ==, 1);
  g_assert_cmpuint (self->n_gone, ==, 0);
  g_assert_true (self->worker->is_ended);
}

static void
test_freed_when_gone (Fixture *self, gconstpointer data)
{
  self->frees_when_told = TRUE;
  foyer_test_worker_exit (self->worker, FALSE);
  foyer_test_settle ();
  g_assert_null (self->peer);
  g_assert_cmpuint (self->n_gone, ==, 1);
}

static void
test_may_send (Fixture *self, gconstpointer data)
{
  const FoyerMessage link = { .type = FOYER_MESSAGE_LINK };
  const FoyerMessage close = { .type = FOYER_MESSAGE_CLOSE };

  g_assert_false (foyer_peer_may_send (self->peer, &link, 1));
  g_assert_true (foyer_peer_may_send (self->peer, &close, 0));
  /* Asking changed nothing. */
  g_assert_true (foyer_peer_may_send (self->peer, &close, 0));
}

static void
test_no_program (void)
{
  static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };
  FoyerTestWorkers launcher;
  g_autoptr (GError) error = NULL;

  foyer_test_workers_init (&launcher);
  launcher.is_failing = TRUE;
  g_assert_null (foyer_peer_new (&launcher.launcher, FOYER_WORKER_CAST,
      &(FoyerBirth){ 0 }, &events, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "foyer-cast"));
  foyer_test_workers_clear (&launcher);
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Warnings are for the operator. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  ADD ("/peer/say", test_say);
  ADD ("/peer/rogue", test_rogue);
  ADD ("/peer/last-words", test_last_words);
  ADD ("/peer/died", test_died);
  ADD ("/peer/killed", test_killed);
  ADD ("/peer/freed/when-told", test_freed_when_told);
  ADD ("/peer/freed/when-gone", test_freed_when_gone);
  ADD ("/peer/may-send", test_may_send);
  g_test_add_func ("/peer/no-program", test_no_program);
  return g_test_run ();
}
