/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-tally.h"
#include "foyer-test-folder.h"
#include "foyer-test-home.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* The house with workers that the test plays, a clock that it moves, and a
 * display that is no more than a port on loopback. */

typedef struct
{
  FoyerTestHome home;
  int listener;
  int media;          /* the display's UDP port */
  guint16 media_port; /* and its number */
  gboolean has_sound; /* of what is allowed and cast */
  FoyerSound sound;   /* what the worker says that its display hears */
} Fixture;

static const guint8 right_key[FOYER_CORE_KEY_BYTES] = "the key of the hall";
static const guint8 wrong_key[FOYER_CORE_KEY_BYTES] = "the key of a stranger";

static const FoyerShape cast_shape = {
  .codec = FOYER_CODEC_H264,
  .width_px = 1280,
  .height_px = 720,
  .fps_n = 30,
  .fps_d = 1,
  .max_bps = 3000000,
};

static int
bind_loopback (int type, guint16 *port)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK),
  };
  socklen_t n_bytes = sizeof address;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_assert_no_errno (fd);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, n_bytes));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &n_bytes));
  *port = g_ntohs (address.sin_port);
  return fd;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  guint16 port;
  g_autofree char *text = NULL;

  self->listener = bind_loopback (SOCK_STREAM, &port);
  g_assert_no_errno (listen (self->listener, 16));
  self->media = bind_loopback (SOCK_DGRAM, &self->media_port);
  text = g_strdup_printf ("[camera Porch]\nidentity=test:Porch\n"
                          "[display Hall]\nhost=127.0.0.1\nport=%u\n",
      port);
  foyer_test_home_init (&self->home, text);
  foyer_test_home_build (&self->home);
  g_assert_cmpuint (self->home.camera.v, !=, 0);
  g_assert_cmpuint (self->home.display.v, !=, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_test_home_clear (&self->home);
  close (self->listener);
  close (self->media);
}

static FoyerRuleId
allow (Fixture *self)
{
  FoyerRule rule = {
    .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_ANY,
    .camera = self->home.camera,
    .target = FOYER_TARGET_DISPLAY,
    .target_id = self->home.display,
    .media = FOYER_MEDIA_VIDEO | FOYER_MEDIA_AUDIO,
  };

  if (self->has_sound) {
    g_assert_true (foyer_house_add_rule (self->home.house, FOYER_TEST_HOME_UID,
        &rule, NULL, NULL, NULL));
    return rule.id;
  }
  return foyer_test_home_allow (&self->home, FOYER_TARGET_DISPLAY,
      self->home.display);
}

static void
pair (Fixture *self, const guint8 *key)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_house_pair (self->home.house, self->home.display, key,
      FOYER_TRUST_PINNED, NULL, NULL, &error));
  g_assert_no_error (error);
}

static gboolean
cast (Fixture *self, FoyerSessionId *id, GError **error)
{
  const FoyerCast wanted = {
    .subject = { .uid = FOYER_TEST_HOME_UID },
    .camera = self->home.camera,
    .target = FOYER_TARGET_DISPLAY,
    .display = self->home.display,
    .transport = FOYER_TRANSPORT_STREAMING,
    .delay_ms = 400,
    .max_age_ms = 1000,
    .ticking = FOYER_TICKING_ON,
    .has_sound = self->has_sound,
  };

  return foyer_house_cast (self->home.house, &wanted, id, error);
}

/* Until a worker of that kind was launched: dialling takes real time. */
static FoyerTestWorker *
await_worker (Fixture *self, FoyerWorkerKind kind, guint n_workers)
{
  while (foyer_test_workers_count (&self->home.launcher, kind) < n_workers)
    g_main_context_iteration (NULL, TRUE);
  return foyer_test_workers_get_last (&self->home.launcher, kind);
}

/* One session, and what its worker holds. */
typedef struct
{
  FoyerSessionId id;
  FoyerTestWorker *camera;
  FoyerTestWorker *cast;
  int udp;
  int reading;
  int writing;
  FoyerTally tally; /* as the worker has it */
} Session;

static void
session_clear (Session *self)
{
  foyer_fd_clear (&self->udp);
  foyer_fd_clear (&self->reading);
  foyer_fd_clear (&self->writing);
  foyer_tally_clear (&self->tally);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

static void
begin (Fixture *self, Session *session)
{
  g_autoptr (GError) error = NULL;
  int fds[FOYER_CHANNEL_MAX_FDS];
  FoyerMessage config;
  guint n_casts = foyer_test_workers_count (&self->home.launcher,
      FOYER_WORKER_CAST);

  *session = (Session){ .udp = -1, .reading = -1, .writing = -1 };
  g_assert_true (cast (self, &session->id, &error));
  g_assert_no_error (error);
  session->camera = foyer_test_workers_get_last (&self->home.launcher,
      FOYER_WORKER_CAMERA);
  session->cast = await_worker (self, FOYER_WORKER_CAST, n_casts + 1);
  foyer_test_worker_expect (session->cast, FOYER_MESSAGE_CAST_CONFIG, &config,
      fds);
  g_assert_cmpuint (config.session.v, ==, session->id.v);
  g_assert_cmpuint (config.camera.v, ==, self->home.camera.v);
  g_assert_cmpint (config.granted_us, ==, self->home.clock.now_us);
  g_assert_cmpint (config.max_age_us, ==, 1000000);
  g_assert_cmpstr (config.text, ==, "Porch");
  g_assert_cmpint (config.media, ==,
      FOYER_MEDIA_VIDEO | (self->has_sound ? FOYER_MEDIA_AUDIO : 0));
  g_assert_true (foyer_tally_take (&session->tally, fds[3], &error));
  close (fds[0]);
  close (fds[2]);
  close (fds[3]);
  session->udp = fds[1];
}

/* Locked in, and what it can make. */
static FoyerMessage
say_camera_ready (Session *session, FoyerCodecs codecs)
{
  const FoyerMessage ready = { .type = FOYER_MESSAGE_READY,
    .codecs = (guint8) codecs };
  FoyerMessage config;

  foyer_test_worker_expect (session->camera, FOYER_MESSAGE_CAMERA_CONFIG,
      &config, NULL);
  foyer_test_worker_say (session->camera, &ready, -1);
  foyer_test_settle ();
  return config;
}

static void
open_camera (Session *session)
{
  FoyerMessage config = say_camera_ready (session, FOYER_CODECS_ALL);

  config.type = FOYER_MESSAGE_OPENED;
  foyer_test_worker_say (session->camera, &config, -1);
  foyer_test_settle ();
}

static void
identify (Session *session, const guint8 *key)
{
  FoyerMessage identity = {
    .type = FOYER_MESSAGE_IDENTITY,
    .has_signed = TRUE,
    .is_device = TRUE,
    .text = "Hub",
  };

  memcpy (identity.key, key, sizeof identity.key);
  foyer_test_worker_say_type (session->cast, FOYER_MESSAGE_READY);
  foyer_test_worker_say (session->cast, &identity, -1);
  foyer_test_settle ();
}

static void
stream (Fixture *self, Session *session, guint port)
{
  const FoyerMessage launched = {
    .type = FOYER_MESSAGE_LAUNCHED,
    .text = "app-1",
  };
  const FoyerMessage streaming = {
    .type = FOYER_MESSAGE_STREAMING,
    .number = port,
    .shape = cast_shape,
    .sound = self->sound,
  };

  foyer_test_worker_expect (session->cast, FOYER_MESSAGE_APPROVE, NULL, NULL);
  foyer_test_worker_say (session->cast, &launched, -1);
  foyer_test_worker_say (session->cast, &streaming, -1);
  foyer_test_settle ();
}

static void
go_live (Fixture *self, Session *session)
{
  int reading[FOYER_CHANNEL_MAX_FDS], writing[FOYER_CHANNEL_MAX_FDS];
  FoyerMessage link;

  begin (self, session);
  open_camera (session);
  identify (session, right_key);
  stream (self, session, self->media_port);
  foyer_test_worker_expect (session->cast, FOYER_MESSAGE_LINK, &link, reading);
  g_assert_cmpuint (link.session.v, ==, session->id.v);
  session->reading = reading[0];
  foyer_test_worker_expect (session->camera, FOYER_MESSAGE_LINK, NULL, writing);
  session->writing = writing[0];
  foyer_test_worker_say_type (session->cast, FOYER_MESSAGE_LIVE);
  foyer_test_settle ();
}

/* The same, with a rule for it and its display paired. */
static void
go_live_as_granted (Fixture *self, Session *session)
{
  allow (self);
  pair (self, right_key);
  go_live (self, session);
}

static void
assert_state (Fixture *self, const Session *session, FoyerSessionState state)
{
  FoyerSessionView view;

  g_assert_true (foyer_house_view (self->home.house, session->id, &view));
  g_assert_cmpint (view.state, ==, state);
}

/* I9: without a rule nothing is launched, opened or dialled. */
static void
test_denied (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = NULL;
  GVariantDict options;
  FoyerSessionId id;

  g_assert_false (cast (self, &id, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_DENIED);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.launcher.workers->len, ==, 0);
  g_assert_cmpuint (self->home.n_added, ==, 0);
  g_assert_cmpint (accept (self->listener, NULL, NULL), ==, -1);
  /* I10: the refusal is in the log. */
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "kind", "s", "refusal");
  rows = g_variant_ref_sink (foyer_history_list (self->home.history,
      g_variant_dict_end (&options), TRUE, 0, &error));
  g_assert_cmpuint (g_variant_n_children (rows), ==, 1);
}

static void
test_live (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  char byte = 'x';
  char got;

  go_live_as_granted (self, &session);
  assert_state (self, &session, FOYER_SESSION_LIVE);
  /* The worker's socket leads to the display that was granted. */
  g_assert_cmpint (send (session.udp, &byte, 1, 0), ==, 1);
  g_assert_cmpint (recv (self->media, &got, 1, 0), ==, 1);
  /* The link's two ends are the two workers'. */
  g_assert_cmpint (send (session.writing, &byte, 1, 0), ==, 1);
  g_assert_cmpint (recv (session.reading, &got, 1, 0), ==, 1);
}

/* A house that did not run for long hears who a display is when there was no time
 * left for the session: that is over before all of it is heard. */
static void
test_identified_too_late (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerMessage identity = {
    .type = FOYER_MESSAGE_IDENTITY,
    .has_signed = TRUE,
    .text = "Hub",
  };
  FoyerSessionView view;

  allow (self);
  pair (self, right_key);
  begin (self, &session);
  open_camera (&session);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_READY);
  foyer_test_settle ();
  assert_state (self, &session, FOYER_SESSION_IDENTIFYING);
  foyer_test_clock_advance (&self->home.clock, FOYER_CORE_START_US);
  foyer_house_tick (self->home.house);
  assert_state (self, &session, FOYER_SESSION_CLOSING);
  foyer_test_clock_advance (&self->home.clock, FOYER_CORE_CLOSE_US);
  memcpy (identity.key, right_key, sizeof identity.key);
  foyer_test_worker_say (session.cast, &identity, -1);
  foyer_test_settle ();
  g_assert_false (foyer_house_view (self->home.house, session.id, &view));
}

/* Nothing can be sent before the display was approved and its port is known. */
static void
test_unconnected_before (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  char byte = 'x';

  allow (self);
  pair (self, right_key);
  begin (self, &session);
  g_assert_cmpint (send (session.udp, &byte, 1, MSG_NOSIGNAL), ==, -1);
}

static void
test_privileged_port (Fixture *self, gconstpointer data)
{
  const guint ports[] = { 0, 53, 1023 };

  allow (self);
  pair (self, right_key);
  for (gsize i = 0; i < G_N_ELEMENTS (ports); i++) {
    g_auto (Session) session = { 0 };
    FoyerMessage message;
    char byte = 'x';

    begin (self, &session);
    /* It was closed 2 s after the last session. */
    open_camera (&session);
    identify (&session, right_key);
    stream (self, &session, ports[i]);
    g_assert_true (session.cast->is_ended);
    g_assert_false (foyer_test_worker_hear (session.camera, &message, NULL));
    g_assert_cmpint (send (session.udp, &byte, 1, MSG_NOSIGNAL), ==, -1);
    /* Its display is cleaned up, or is given up. */
    foyer_test_clock_advance (&self->home.clock, FOYER_CORE_CLEAN_US);
    foyer_house_tick (self->home.house);
    g_assert_cmpuint (self->home.n_ended, ==, i + 1);
    g_assert_cmpint (self->home.reason, ==, FOYER_REASON_DISPLAY_FAILED);
  }
}

/* I7: another key than the paired one, and none at all. */
static void
test_strangers (Fixture *self, gconstpointer data)
{
  const FoyerDisplayEntry *entry;
  FoyerMessage message;

  allow (self);
  for (guint i = 0; i < 2; i++) {
    g_auto (Session) session = { 0 };

    begin (self, &session);
    if (i == 0)
      open_camera (&session);
    identify (&session, wrong_key);
    /* Never approved; told to close at once. */
    foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
    foyer_test_worker_exit (session.cast, TRUE);
    foyer_test_settle ();
    g_assert_cmpint (self->home.reason, ==,
        i == 0 ? FOYER_REASON_NOT_PAIRED : FOYER_REASON_KEY_CHANGED);
    pair (self, right_key);
    /* The camera never heard of it. */
    g_assert_false (foyer_test_worker_hear (session.camera, &message, NULL));
  }
  entry = foyer_displays_find (self->home.displays, self->home.display);
  g_assert_true (entry->has_seen);
  g_assert_cmpmem (entry->seen_key, sizeof entry->seen_key, wrong_key,
      sizeof wrong_key);
}

static void
assert_figure (GVariant *row, const char *name, guint64 expected)
{
  guint64 figure = G_MAXUINT64;

  g_assert_true (g_variant_lookup (row, name, "t", &figure));
  g_assert_cmpuint (figure, ==, expected);
}

/* I4: the caller is told only when the worker has closed its gate. */
static void
test_stop (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  const FoyerMessage closed = {
    .type = FOYER_MESSAGE_CLOSED,
    .account = { .n_frames = 12,
        .n_bytes = 3456,
        .first_sequence = 3,
        .last_sequence = 14 },
  };
  g_autoptr (GVariant) row = NULL;

  go_live_as_granted (self, &session);
  foyer_house_stop (self->home.house, session.id, foyer_test_home_on_silent,
      &self->home);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  foyer_test_worker_expect (session.camera, FOYER_MESSAGE_UNLINK, NULL, NULL);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say (session.cast, &closed, -1);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  assert_state (self, &session, FOYER_SESSION_CLEANING);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLEANED);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_STOPPED);
  g_assert_true (session.cast->is_ended);
  /* I10: its figures are in the log. */
  row = foyer_test_home_get_last_row (&self->home);
  assert_figure (row, "frames", 12);
}

/* Frames 3…14 left, and one was kept back. */
static void
count_frames (Session *session)
{
  const FoyerAccount account = { .n_frames = 12,
    .n_refused = 1,
    .first_sequence = 3,
    .last_sequence = 14 };

  foyer_tally_add_bytes (&session->tally, 3456);
  foyer_tally_write (&session->tally, &account);
}

static void
end_session (Fixture *self, Session *session)
{
  foyer_test_settle ();
  foyer_test_clock_advance (&self->home.clock, FOYER_CORE_CLEAN_US);
  foyer_house_tick (self->home.house);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_ended, ==, 1);
}

/* A display is offered what can be made, so not before that is known. */
static void
test_codecs (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerMessage message;

  allow (self);
  pair (self, right_key);
  begin (self, &session);
  identify (&session, right_key);
  g_assert_false (foyer_test_worker_hear (session.cast, &message, NULL));
  say_camera_ready (&session, FOYER_CODECS_VP8);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_APPROVE, &message,
      NULL);
  g_assert_cmpint (message.codecs, ==, FOYER_CODECS_VP8);
  /* The camera's word is the last one on it: nothing is said twice. */
  g_assert_false (foyer_test_worker_hear (session.cast, &message, NULL));
}

/* I9: nothing is launched on a display that could be shown nothing. */
static void
test_no_encoder (Fixture *self, gconstpointer data)
{
  gboolean is_late = GPOINTER_TO_INT (data);
  g_auto (Session) session = { 0 };

  allow (self);
  pair (self, right_key);
  begin (self, &session);
  if (!is_late)
    say_camera_ready (&session, FOYER_CODECS_NONE);
  identify (&session, right_key);
  if (is_late)
    say_camera_ready (&session, FOYER_CODECS_NONE);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLOSED);
  foyer_test_worker_exit (session.cast, TRUE);
  end_session (self, &session);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_NO_ENCODER);
  g_assert_false (self->home.is_waiting);
}

/* Its end was decided while the camera's word was awaited. */
static void
test_codecs_too_late (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerMessage message;

  allow (self);
  pair (self, right_key);
  begin (self, &session);
  identify (&session, right_key);
  foyer_house_stop (self->home.house, session.id, foyer_test_home_on_silent,
      &self->home);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  say_camera_ready (&session, FOYER_CODECS_ALL);
  g_assert_false (foyer_test_worker_hear (session.cast, &message, NULL));
  g_assert_false (session.cast->is_ended);
}

/* I10: killed before it could say what left: it has counted. Whether there was sound
 * nobody had heard from the camera's worker yet: nor does the log know. */
static void
test_figures_killed (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GVariant) row = NULL;
  const char *sound;

  self->has_sound = TRUE;
  self->sound = FOYER_SOUND_CAMERA;
  go_live_as_granted (self, &session);
  count_frames (&session);
  foyer_test_worker_exit (session.cast, FALSE);
  end_session (self, &session);
  row = foyer_test_home_get_last_row (&self->home);
  assert_figure (row, "frames", 12);
  assert_figure (row, "bytes", 3456);
  assert_figure (row, "first-sequence", 3);
  assert_figure (row, "last-sequence", 14);
  g_assert_true (g_variant_lookup (row, "sound", "&s", &sound));
  g_assert_cmpstr (sound, ==, "granted");
}

/* One that was heard out is believed, whatever is in its page. */
static void
test_figures_said (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  const FoyerMessage failed = { .type = FOYER_MESSAGE_FAILED,
    .reason = FOYER_REASON_CAMERA_FAILED,
    .account = { .n_frames = 11, .first_sequence = 3, .last_sequence = 13 } };
  g_autoptr (GVariant) row = NULL;

  go_live_as_granted (self, &session);
  count_frames (&session);
  foyer_test_worker_say (session.cast, &failed, -1);
  foyer_test_worker_exit (session.cast, TRUE);
  end_session (self, &session);
  row = foyer_test_home_get_last_row (&self->home);
  assert_figure (row, "frames", 11);
  assert_figure (row, "bytes", 0);
}

/* What no session can have had is not written into the log. */
static void
test_figures_absurd (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  const FoyerAccount absurd = { .n_frames = 3,
    .first_sequence = 3,
    .last_sequence = 2 };
  g_autoptr (GVariant) row = NULL;

  go_live_as_granted (self, &session);
  foyer_tally_write (&session.tally, &absurd);
  foyer_test_worker_exit (session.cast, FALSE);
  end_session (self, &session);
  row = foyer_test_home_get_last_row (&self->home);
  assert_figure (row, "frames", 0);
  assert_figure (row, "last-sequence", 0);
}

/* I4: a worker that does not answer is dead before anybody is told. */
static void
test_stop_deaf (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerTestWorker *cleaner;
  FoyerMessage config;

  go_live_as_granted (self, &session);
  foyer_house_stop (self->home.house, session.id, foyer_test_home_on_silent,
      &self->home);
  foyer_test_clock_advance (&self->home.clock, FOYER_CORE_CLOSE_US - 1);
  foyer_house_tick (self->home.house);
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  g_assert_false (session.cast->is_ended);
  foyer_test_clock_advance (&self->home.clock, 1);
  foyer_house_tick (self->home.house);
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  g_assert_true (session.cast->is_ended);
  /* Another, which never gets a link, ends the app that it left. */
  cleaner = await_worker (self, FOYER_WORKER_CAST, 2);
  foyer_test_worker_expect (cleaner, FOYER_MESSAGE_CLEAN_CONFIG, &config, NULL);
  g_assert_cmpstr (config.text, ==, "app-1");
  session.cast = cleaner;
  identify (&session, right_key);
  foyer_test_worker_expect (cleaner, FOYER_MESSAGE_APPROVE, NULL, NULL);
  foyer_test_worker_say_type (cleaner, FOYER_MESSAGE_CLEANED);
  foyer_test_settle ();
  g_assert_true (cleaner->is_ended);
  g_assert_cmpuint (self->home.n_ended, ==, 1);
}

/* A cleaner speaks to nobody but the paired display. */
static void
test_clean_stranger (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };

  go_live_as_granted (self, &session);
  foyer_test_worker_exit (session.cast, FALSE);
  foyer_test_settle ();
  session.cast = await_worker (self, FOYER_WORKER_CAST, 2);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLEAN_CONFIG, NULL,
      NULL);
  identify (&session, wrong_key);
  g_assert_true (session.cast->is_ended);
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_WORKER_DIED);
}

static void
test_revoke (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;
  FoyerSessionId id;
  FoyerRuleId rule = allow (self);

  pair (self, right_key);
  go_live (self, &session);
  g_assert_true (foyer_house_remove_rule (self->home.house, FOYER_TEST_HOME_UID,
      rule, foyer_test_home_on_silent, &self->home, &error));
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLOSED);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  g_assert_false (cast (self, &id, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_DENIED);
}

static void
test_lockdown (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;
  FoyerSessionId id;

  go_live_as_granted (self, &session);
  g_assert_true (foyer_house_set_lockdown (self->home.house, TRUE, &error));
  foyer_house_when_silent (self->home.house, foyer_test_home_on_silent,
      &self->home);
  /* The camera is closed at once; nobody waits for its worker. */
  g_assert_true (session.camera->is_ended);
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  foyer_test_worker_exit (session.cast, FALSE);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  g_assert_false (cast (self, &id, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_LOCKED_DOWN);
  /* It survives. */
  foyer_test_home_drop (&self->home);
  foyer_test_home_build (&self->home);
  g_clear_error (&error);
  g_assert_false (cast (self, &id, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_LOCKED_DOWN);
}

static void
test_expiry (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerRule rule = {
    .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_ANY,
    .camera = self->home.camera,
    .target = FOYER_TARGET_DISPLAY,
    .target_id = self->home.display,
    .media = FOYER_MEDIA_VIDEO,
    .max_session_s = 30,
  };
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_house_add_rule (self->home.house, FOYER_TEST_HOME_UID,
      &rule, NULL, NULL, &error));
  pair (self, right_key);
  go_live (self, &session);
  foyer_test_clock_advance (&self->home.clock, 30 * G_USEC_PER_SEC - 1);
  foyer_house_tick (self->home.house);
  assert_state (self, &session, FOYER_SESSION_LIVE);
  foyer_test_clock_advance (&self->home.clock, 1);
  foyer_house_tick (self->home.house);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_exit (session.cast, TRUE);
  foyer_test_settle ();
  foyer_test_clock_advance (&self->home.clock, FOYER_CORE_CLEAN_US);
  foyer_house_tick (self->home.house);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_EXPIRED);
}

static void
assert_last_words (Fixture *self, const char *begin)
{
  g_autoptr (GVariant) row = foyer_test_home_get_last_row (&self->home);
  const char *words = "";

  g_assert_true (g_variant_lookup (row, "words", "&s", &words));
  g_test_message ("%s", words);
  g_assert_true (g_str_has_prefix (words, begin));
}

/* A rule that expires is told of, once, also if nothing is shown; and so is one
 * that a clock which was set back puts in force again. */
static void
test_rule_expires (Fixture *self, gconstpointer data)
{
  FoyerRule rule = {
    .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_ANY,
    .is_any_camera = TRUE,
    .target = FOYER_TARGET_ANY,
    .is_any_target = TRUE,
    .media = FOYER_MEDIA_VIDEO,
    .expires_s = self->home.clock.wall_us / G_USEC_PER_SEC + 30,
  };
  g_autoptr (GError) error = NULL;
  FoyerSessionId id;

  g_assert_true (foyer_house_add_rule (self->home.house, FOYER_TEST_HOME_UID,
      &rule, NULL, NULL, &error));
  g_assert_cmpuint (self->home.n_rules_changed, ==, 1);
  foyer_test_clock_advance (&self->home.clock, 30 * G_USEC_PER_SEC - 1);
  foyer_house_tick (self->home.house);
  g_assert_cmpuint (self->home.n_rules_changed, ==, 1);
  foyer_test_clock_advance (&self->home.clock, 1);
  foyer_house_tick (self->home.house);
  foyer_house_tick (self->home.house);
  g_assert_cmpuint (self->home.n_rules_changed, ==, 2);
  assert_last_words (self, "expired: ");
  g_assert_false (cast (self, &id, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_DENIED);
  self->home.clock.wall_us -= 10 * G_USEC_PER_SEC;
  foyer_house_tick (self->home.house);
  g_assert_cmpuint (self->home.n_rules_changed, ==, 3);
  assert_last_words (self, "in force again: ");
  /* Of what was over before it began a house says nothing. */
  self->home.clock.wall_us += 10 * G_USEC_PER_SEC;
  foyer_test_home_drop (&self->home);
  foyer_test_home_build (&self->home);
  foyer_house_tick (self->home.house);
  g_assert_cmpuint (self->home.n_rules_changed, ==, 3);
  g_assert_true (foyer_house_remove_rule (self->home.house, FOYER_TEST_HOME_UID,
      rule.id, NULL, NULL, &error));
  g_assert_cmpuint (self->home.n_rules_changed, ==, 4);
}

/* Another key is accepted: whoever has the old one is silent first. */
static void
test_pair_again (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  go_live_as_granted (self, &session);
  g_assert_true (
      foyer_house_pair (self->home.house, self->home.display, wrong_key,
          FOYER_TRUST_PINNED, foyer_test_home_on_silent, &self->home, &error));
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLOSED);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 1);
}

static void
test_forget (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;
  FoyerSessionId id;

  go_live_as_granted (self, &session);
  g_assert_true (foyer_house_forget (self->home.house, FOYER_TEST_HOME_UID,
      self->home.display, foyer_test_home_on_silent, &self->home, &error));
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLOSED);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  g_assert_cmpuint (foyer_state_get_policy (self->home.state)->n_rules, ==, 0);
  g_assert_false (
      foyer_displays_find (self->home.displays, self->home.display)->is_paired);
  g_assert_false (cast (self, &id, &error));
}

/* A camera's worker dies: its sessions end, and say why. */
static void
test_camera_dies (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };

  go_live_as_granted (self, &session);
  foyer_test_worker_exit (session.camera, FALSE);
  foyer_test_settle ();
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLOSED);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLEANED);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_CAMERA_FAILED);
}

/* It is opened once for all, and closed 2 s after its last session. */
static void
test_camera_idle (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };

  go_live_as_granted (self, &session);
  foyer_house_stop (self->home.house, session.id, NULL, NULL);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLOSED);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLEANED);
  foyer_test_settle ();
  foyer_test_clock_advance (&self->home.clock, FOYER_CORE_IDLE_US - 1);
  foyer_house_tick (self->home.house);
  g_assert_false (session.camera->is_ended);
  foyer_test_clock_advance (&self->home.clock, 1);
  foyer_house_tick (self->home.house);
  g_assert_true (session.camera->is_ended);
}

/* A rule of the channel broken: gone at once. */
static void
test_rogue (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };

  allow (self);
  pair (self, right_key);
  begin (self, &session);
  foyer_test_worker_babble (session.cast, "give me the nursery");
  foyer_test_settle ();
  g_assert_true (session.cast->is_ended);
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_WORKER_ROGUE);
}

static FoyerSessionView
view (Fixture *self, const Session *session)
{
  FoyerSessionView seen;

  g_assert_true (foyer_house_view (self->home.house, session->id, &seen));
  return seen;
}

static void
say_sound (Session *session, FoyerMessageType type, const char *words)
{
  FoyerMessage message = { .type = type };

  g_strlcpy (message.text, words, sizeof message.text);
  foyer_test_worker_say (session->camera, &message, -1);
  foyer_test_settle ();
}

static void
assert_sound (Fixture *self, Session *session, FoyerSound sound,
    const char *problem)
{
  g_assert_cmpint (view (self, session).sound, ==, sound);
  g_assert_cmpstr (view (self, session).sound_problem, ==, problem);
  assert_state (self, session, FOYER_SESSION_LIVE);
}

/* The next message to the camera's worker is to be that, soon. */
static void
wait_microphone (Session *session)
{
  FoyerMessage message;

  while (!foyer_test_worker_hear (session->camera, &message, NULL))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (message.type, ==, FOYER_MESSAGE_MICROPHONE);
}

/* A second link where it was granted and the display takes it; what becomes of the
 * microphone is told, pictures go on, and it is opened again; of one that may only
 * not be let go of yet nobody is told at first. */
static void
test_sound (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerMessage link;

  self->has_sound = TRUE;
  self->sound = FOYER_SOUND_CAMERA;
  go_live_as_granted (self, &session);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_SOUND_LINK, &link,
      NULL);
  g_assert_cmpuint (link.session.v, ==, session.id.v);
  g_assert_cmpint (link.shape.codec, ==, FOYER_CODEC_OPUS);
  foyer_test_worker_expect (session.camera, FOYER_MESSAGE_SOUND_LINK, &link,
      NULL);
  say_sound (&session, FOYER_MESSAGE_SOUND_HEARD, "");
  say_sound (&session, FOYER_MESSAGE_SOUND_MUTED, "");
  g_assert_cmpint (view (self, &session).sound, ==, FOYER_SOUND_MUTED);
  say_sound (&session, FOYER_MESSAGE_SOUND_HEARD, "");
  assert_sound (self, &session, FOYER_SOUND_CAMERA, "");
  say_sound (&session, FOYER_MESSAGE_SOUND_LOST, "it was\npulled out");
  assert_sound (self, &session, FOYER_SOUND_LOST, "it was\\u000apulled out");
  wait_microphone (&session);
  say_sound (&session, FOYER_MESSAGE_SOUND_HEARD, "");
  for (guint i = 0; i < 10; i++) {
    say_sound (&session, FOYER_MESSAGE_SOUND_LOST, "");
    assert_sound (self, &session, FOYER_SOUND_CAMERA, "");
    wait_microphone (&session);
  }
  say_sound (&session, FOYER_MESSAGE_SOUND_LOST, "");
  assert_sound (self, &session, FOYER_SOUND_LOST,
      "another program has the microphone");
}

/* Nothing of the microphone where the display takes no sound. */
static void
test_sound_refused (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerMessage message;

  self->has_sound = TRUE;
  go_live_as_granted (self, &session);
  g_assert_false (foyer_test_worker_hear (session.camera, &message, NULL));
  g_assert_cmpint (view (self, &session).sound, ==, FOYER_SOUND_NONE);
}

/* I1: a worker that says that its display hears what was not granted. */
static void
test_sound_rogue (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerMessage message;

  self->sound = FOYER_SOUND_CAMERA;
  allow (self);
  pair (self, right_key);
  begin (self, &session);
  open_camera (&session);
  identify (&session, right_key);
  stream (self, &session, self->media_port);
  g_assert_true (session.cast->is_ended);
  g_assert_cmpint (view (self, &session).reason, ==, FOYER_REASON_WORKER_ROGUE);
  g_assert_false (foyer_test_worker_hear (session.camera, &message, NULL));
}

/* Live without having been linked: allowed by no table. */
static void
test_no_programs (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FoyerSessionId id;

  allow (self);
  pair (self, right_key);
  self->home.launcher.is_failing = TRUE;
  g_assert_true (cast (self, &id, &error));
  while (self->home.n_ended == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_CAMERA_FAILED);
}

static void
test_lost (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FoyerSessionId id;

  allow (self);
  close (self->listener);
  self->listener = -1;
  g_assert_true (cast (self, &id, &error));
  while (self->home.n_ended == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_DISPLAY_LOST);
  g_assert_cmpuint (foyer_test_workers_count (&self->home.launcher,
                        FOYER_WORKER_CAST),
      ==, 0);
  self->listener = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
test_slate (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerTestWorker *drawer;
  FoyerMessage config, slate;
  FoyerMessage drawn = { .type = FOYER_MESSAGE_DRAWN, .shape = cast_shape };
  foyer_autofd int picture = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  go_live_as_granted (self, &session);
  drawer = foyer_test_workers_get_last (&self->home.launcher,
      FOYER_WORKER_SLATE);
  foyer_test_worker_expect (drawer, FOYER_MESSAGE_SLATE_CONFIG, &config, NULL);
  g_assert_cmpstr (config.text, ==, "No picture from Porch");
  foyer_test_worker_say_type (drawer, FOYER_MESSAGE_READY);
  foyer_test_worker_say (drawer, &drawn, picture);
  foyer_test_settle ();
  g_assert_true (drawer->is_ended);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_SLATE, &slate, NULL);
  /* When it comes to that, the slate says since when. */
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_STALLED);
  foyer_test_settle ();
  drawer = foyer_test_workers_get_last (&self->home.launcher,
      FOYER_WORKER_SLATE);
  foyer_test_worker_expect (drawer, FOYER_MESSAGE_SLATE_CONFIG, &config, NULL);
  g_assert_true (
      g_str_has_prefix (config.text, "No picture from Porch since "));
}

/* A worker can't make foyerd launch processes without end. */
static void
test_slate_flood (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };

  go_live_as_granted (self, &session);
  for (guint i = 0; i < 100; i++) {
    foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_STALLED);
    foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_RESUMED);
    foyer_test_settle ();
  }
  g_assert_cmpuint (foyer_test_workers_count (&self->home.launcher,
                        FOYER_WORKER_SLATE),
      <, 10);
  /* Later it may have another. */
  foyer_test_clock_advance (&self->home.clock, 10 * G_USEC_PER_SEC);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_STALLED);
  foyer_test_settle ();
  g_assert_cmpuint (foyer_test_workers_count_living (&self->home.launcher,
                        FOYER_WORKER_SLATE),
      ==, 1);
}

static void
test_close (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;
  FoyerSessionId id;

  go_live_as_granted (self, &session);
  foyer_house_close (self->home.house, foyer_test_home_on_silent, &self->home);
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLOSE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLOSED);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLEANED);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  g_assert_false (cast (self, &id, &error));
  /* It was no lockdown. */
  g_assert_false (foyer_state_get_lockdown (self->home.state));
}

/* What a foyerd that died left on a display is cleaned up by the next. */
static void
test_leftovers (Fixture *self, gconstpointer data)
{
  g_auto (Session) session = { 0 };
  FoyerMessage config;
  g_autofree char *left = NULL;

  go_live_as_granted (self, &session);
  foyer_test_home_drop (&self->home);
  foyer_test_home_build (&self->home);
  session.cast = await_worker (self, FOYER_WORKER_CAST, 2);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_CLEAN_CONFIG, &config,
      NULL);
  g_assert_cmpstr (config.text, ==, "app-1");
  identify (&session, right_key);
  foyer_test_worker_expect (session.cast, FOYER_MESSAGE_APPROVE, NULL, NULL);
  foyer_test_worker_say_type (session.cast, FOYER_MESSAGE_CLEANED);
  foyer_test_settle ();
  g_assert_true (session.cast->is_ended);
  left = foyer_test_folder_list (self->home.run_folder);
  g_assert_cmpstr (left, ==, "");
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Warnings are for the operator. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  ADD ("/house/denied", test_denied);
  ADD ("/house/live", test_live);
  ADD ("/house/identified-too-late", test_identified_too_late);
  ADD ("/house/media/unconnected-before", test_unconnected_before);
  ADD ("/house/media/privileged-port", test_privileged_port);
  ADD ("/house/strangers", test_strangers);
  ADD ("/house/sound", test_sound);
  ADD ("/house/sound/refused", test_sound_refused);
  ADD ("/house/sound/rogue", test_sound_rogue);
  ADD ("/house/stop", test_stop);
  ADD ("/house/stop/deaf", test_stop_deaf);
  ADD ("/house/codecs", test_codecs);
  ADD ("/house/codecs/too-late", test_codecs_too_late);
  g_test_add ("/house/codecs/none", Fixture, GINT_TO_POINTER (FALSE), set_up,
      test_no_encoder, tear_down);
  g_test_add ("/house/codecs/none-late", Fixture, GINT_TO_POINTER (TRUE),
      set_up, test_no_encoder, tear_down);
  ADD ("/house/figures/killed", test_figures_killed);
  ADD ("/house/figures/said", test_figures_said);
  ADD ("/house/figures/absurd", test_figures_absurd);
  ADD ("/house/clean/stranger", test_clean_stranger);
  ADD ("/house/clean/leftovers", test_leftovers);
  ADD ("/house/revoke", test_revoke);
  ADD ("/house/lockdown", test_lockdown);
  ADD ("/house/expiry", test_expiry);
  ADD ("/house/rule-expires", test_rule_expires);
  ADD ("/house/pair-again", test_pair_again);
  ADD ("/house/forget", test_forget);
  ADD ("/house/camera/dies", test_camera_dies);
  ADD ("/house/camera/idle", test_camera_idle);
  ADD ("/house/rogue", test_rogue);
  ADD ("/house/no-programs", test_no_programs);
  ADD ("/house/lost", test_lost);
  ADD ("/house/slate", test_slate);
  ADD ("/house/slate/flood", test_slate_flood);
  ADD ("/house/close", test_close);
  return g_test_run ();
}
