/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-worker.h"

#include "foyer-cast-http.h"
#include "foyer-cast-key-text.h"
#include "foyer-cast-session.h"
#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-flow.h"
#include "foyer-random.h"
#include "foyer-sandbox.h"
#include "foyer-sealed.h"
#include "foyer-silence.h"
#include "foyer-sound-flow.h"
#include "foyer-worker.h"

#include <string.h>

#define MAX_ROOTS_BYTES (256 * 1024)
#define PERMILLE        1000.0
#define NO_STREAM       (-1)
#define HTTP_KEY_MS     500
#define MEDIA_AUDIO     2 /* foyer-policy.h */
#define N_CHANNELS      2
#define AUDIO_BPS       64000

typedef struct
{
  FoyerWorker *worker;
  FoyerMessage config;
  gboolean is_cleaner;
  GBytes *roots; /* NULL for the public ones */
  GSocketConnection *tcp;
  GSocket *udp; /* NULL over HTTP */
  FoyerCastKeyRoot root;
  FoyerCastSession *session;
  FoyerTally tally;
  FoyerFlow *flow;     /* NULL for a cleaner */
  FoyerCastHttp *http; /* NULL unless the display takes URLs */
  gboolean is_live;    /* over HTTP: the display said so */
  FoyerCodec codec;
  FoyerSoundFlow *sound; /* NULL for a cleaner */
  FoyerSilence *silence; /* NULL unless the display wants it */
  gint video;            /* atomic: number of the stream, or NO_STREAM */
  gint audio;            /* atomic: likewise */
  GBytes *slate;         /* NULL until it came */
  FoyerShape slate_shape;
} CastWorker;

/* What the session's thread has to tell the main thread. */
typedef struct
{
  CastWorker *self;
  void (*func) (CastWorker *self, const FoyerMessage *message);
  FoyerMessage message;
} Told;

static gboolean
on_told (gpointer user_data)
{
  const Told *told = user_data;

  told->func (told->self, &told->message);
  return G_SOURCE_REMOVE;
}

/* Not g_main_context_invoke(), which may run it here. */
static void
tell (CastWorker *self, void (*func) (CastWorker *, const FoyerMessage *),
    const FoyerMessage *message)
{
  const Told told = { .self = self, .func = func, .message = *message };
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_told, g_memdup2 (&told, sizeof told),
      g_free);
  g_source_attach (source, NULL);
  g_source_unref (source);
}

/* the end */

static void
get_account (const CastWorker *self, FoyerAccount *account)
{
  FoyerCastSenderStats stats;

  *account = foyer_flow_get_account (self->flow);
  if (self->http != NULL) {
    account->delay_us = foyer_cast_http_get_delay_us (self->http);
    return;
  }
  (void) foyer_cast_session_get_stats (self->session, &stats);
  account->rtt_us = stats.rtt_us;
  account->delay_us = stats.ack_delay_us;
  account->bps = (guint32) MIN (stats.estimate_bps, G_MAXUINT32);
  account->loss = stats.fraction_lost;
}

/* To a stream that there may not be. */
static FoyerCastVerdict
push (CastWorker *self, int stream, const FoyerCastFrame *frame)
{
  return stream != NO_STREAM
      ? foyer_cast_session_push (self->session, (guint) stream, frame)
      : FOYER_CAST_VERDICT_NEED_KEY;
}

/* Without a slate of this codec there is nothing to try again. */
static gboolean
show_slate (gpointer user_data)
{
  CastWorker *self = user_data;
  FoyerCastFrame frame = { .is_key = TRUE,
    .is_slate = TRUE,
    .tag.capture_us = foyer_clock_get_us (foyer_clock_get_system ()) };

  if (self->slate == NULL || self->slate_shape.codec != self->codec)
    return TRUE;
  if (self->http != NULL) {
    foyer_cast_http_show_slate (self->http, self->slate, &self->slate_shape);
    return TRUE;
  }
  frame.data = g_bytes_get_data (self->slate, &frame.n_bytes);
  return push (self, g_atomic_int_get (&self->video), &frame) ==
      FOYER_CAST_VERDICT_SEND;
}

static void
stop_frames (CastWorker *self, FoyerAccount *account)
{
  if (self->flow == NULL || self->session == NULL)
    return;
  foyer_sound_flow_close (self->sound);
  foyer_flow_close (self->flow);
  get_account (self, account);
}

/* The last word was said: what is left is to clean up the display. It may block
 * for as long as the display takes, since there is nothing else to do; foyerd
 * ends a worker that takes too long. */
G_GNUC_NORETURN static void
leave (CastWorker *self)
{
  if (self->session != NULL) {
    (void) show_slate (self);
    foyer_cast_session_stop (self->session);
  }
  if (!self->is_cleaner)
    foyer_worker_say_type (self->worker, FOYER_MESSAGE_CLEANED);
  _exit (0);
}

G_GNUC_NORETURN static void
fail (CastWorker *self, FoyerReason reason, const char *words)
{
  FoyerAccount account = { .rtt_us = -1, .delay_us = -1 };

  stop_frames (self, &account);
  foyer_worker_fail (self->worker, reason, &account, words);
  leave (self);
}

G_GNUC_NORETURN static void
close_down (CastWorker *self)
{
  FoyerAccount account = { .rtt_us = -1, .delay_us = -1 };

  stop_frames (self, &account);
  foyer_worker_close (self->worker, &account);
  leave (self);
}

/* the flow */

static FoyerCastFrame
make_frame (const FoyerLinkFrame *frame)
{
  return (FoyerCastFrame){
    .data = frame->data,
    .n_bytes = frame->n_bytes,
    .is_key = frame->is_key,
    .tag = { frame->camera.v, frame->generation, frame->sequence,
        frame->capture_us },
  };
}

static gboolean
send_frame (const FoyerLinkFrame *frame, gpointer user_data)
{
  CastWorker *self = user_data;
  const FoyerCastFrame coded = make_frame (frame);
  int stream = g_atomic_int_get (&self->video);
  FoyerCastVerdict verdict;

  if (self->http != NULL)
    return foyer_cast_http_push (self->http, frame);
  verdict = push (self, stream, &coded);
  if (stream != NO_STREAM &&
      foyer_cast_session_needs_key (self->session, (guint) stream))
    foyer_flow_want_key (self->flow);
  return verdict == FOYER_CAST_VERDICT_SEND;
}

/* What can't leave now is not heard. */
static void
send_sound (const FoyerLinkFrame *packet, gpointer user_data)
{
  CastWorker *self = user_data;
  const FoyerCastFrame coded = make_frame (packet);

  if (self->http != NULL)
    foyer_cast_http_push_sound (self->http, packet);
  else
    (void) push (self, g_atomic_int_get (&self->audio), &coded);
}

/* Nobody made it: as a slate. */
static void
send_silence (const guint8 *data, gsize n_bytes, gpointer user_data)
{
  CastWorker *self = user_data;
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = n_bytes,
    .is_key = TRUE,
    .is_slate = TRUE,
    .tag.capture_us = foyer_clock_get_us (foyer_clock_get_system ()),
  };

  (void) push (self, g_atomic_int_get (&self->audio), &frame);
}

static void
close_frames (gpointer user_data)
{
  CastWorker *self = user_data;

  if (self->http != NULL)
    foyer_cast_http_close (self->http);
  foyer_cast_session_close_frames (self->session);
}

/* Any thread. */
static gboolean
may_leave (const FoyerCastTag *tag, gint64 now_us, gpointer user_data)
{
  const FoyerGateFrame frame = {
    .is_tagged = tag->camera != 0,
    .camera = { tag->camera },
    .generation = tag->generation,
    .sequence = tag->sequence,
    .capture_us = tag->capture_us,
  };

  return foyer_flow_may_leave (((CastWorker *) user_data)->flow, &frame,
      now_us);
}

/* Any thread, one at a time. */
static void
leaving (gsize n_bytes, gpointer user_data)
{
  foyer_tally_add_bytes (&((CastWorker *) user_data)->tally, n_bytes);
}

static void
on_shape (const FoyerShape *shape, gpointer user_data)
{
  CastWorker *self = user_data;

  if (self->http != NULL)
    foyer_cast_http_set_shape (self->http, shape);
}

static void
fail_flow (FoyerReason reason, const char *words, gpointer user_data)
{
  fail (user_data, reason, words);
}

static const FoyerSoundCallbacks sound_callbacks = {
  .send = send_sound,
  .fail = fail_flow,
};

static const FoyerFlowCallbacks flow_callbacks = {
  .send = send_frame,
  .show_slate = show_slate,
  .close_frames = close_frames,
  .fail = fail_flow,
  .on_shape = on_shape,
};

/* the session; first what its thread does, then the main thread */

static void
say (CastWorker *self, const FoyerMessage *message)
{
  foyer_worker_say (self->worker, message, -1);
}

static void
fail_as_told (CastWorker *self, const FoyerMessage *message)
{
  fail (self, (FoyerReason) message->reason, message->text);
}

static void
want_key (CastWorker *self, const FoyerMessage *message)
{
  if (self->flow != NULL)
    foyer_flow_want_key (self->flow);
}

/* Whether it was granted. */
static gboolean
has_audio (const CastWorker *self)
{
  return (self->config.media & MEDIA_AUDIO) != 0;
}

static void
reload (CastWorker *self, const FoyerMessage *message)
{
  foyer_cast_http_reload (self->http, message->number);
}

static void
note_playing (CastWorker *self, const FoyerMessage *message)
{
  foyer_cast_http_note_playing (self->http, message->account.delay_us);
  if (!self->is_live && !foyer_worker_is_over (self->worker))
    foyer_worker_say_type (self->worker, FOYER_MESSAGE_LIVE);
  self->is_live = TRUE;
}

static void
set_rate (CastWorker *self, const FoyerMessage *message)
{
  if (self->flow != NULL)
    foyer_flow_set_rate (self->flow, message->shape.max_bps);
}

static void
begin_streaming (CastWorker *self, const FoyerMessage *message)
{
  FoyerMessage streaming = *message;

  if (self->flow == NULL)
    return;
  self->codec = message->shape.codec;
  foyer_flow_set_codec (self->flow, self->codec);
  if (message->sound != FOYER_SOUND_NONE && !has_audio (self)) {
    streaming.sound = FOYER_SOUND_SILENCE;
    if (self->silence == NULL)
      self->silence = foyer_silence_new (send_silence, self);
  }
  say (self, &streaming);
}

/* The player was launched: what it will ask for can be made. */
static void
begin_http (CastWorker *self, const FoyerMessage *message)
{
  FoyerMessage streaming = { .type = FOYER_MESSAGE_STREAMING,
    .shape = self->config.shape };

  streaming.sound = has_audio (self) ? FOYER_SOUND_CAMERA : FOYER_SOUND_NONE;
  streaming.shape.codec = FOYER_CODEC_H264;
  streaming.shape.key_ms = HTTP_KEY_MS;
  say (self, message);
  foyer_cast_http_open (self->http, has_audio (self) ? N_CHANNELS : 0);
  begin_streaming (self, &streaming);
}

static void
finish_cleaning (CastWorker *self, const FoyerMessage *message)
{
  say (self, message);
  foyer_cast_session_stop (self->session);
  _exit (0);
}

static void
on_step (FoyerCastSession *session, FoyerCastStep step, gpointer user_data)
{
}

static void
on_identity (FoyerCastSession *session, const FoyerCastIdentity *identity,
    gboolean is_accepted, gpointer user_data)
{
  FoyerMessage message = { .type = FOYER_MESSAGE_IDENTITY,
    .has_signed = identity->has_signed,
    .has_chain = identity->has_chain,
    .is_device = identity->is_device };

  if (!foyer_cast_key_parse (identity->fingerprint, message.key))
    return;
  if (identity->name != NULL)
    foyer_worker_set_text (&message, identity->name);
  tell (user_data, say, &message);
}

static void
on_launched (FoyerCastSession *session, const char *app_session_id,
    gpointer user_data)
{
  const CastWorker *self = user_data;
  FoyerMessage message = { .type = FOYER_MESSAGE_LAUNCHED };

  foyer_worker_set_text (&message, app_session_id);
  tell (user_data, self->http != NULL ? begin_http : say, &message);
}

static void
on_playing (FoyerCastSession *session, gint64 lag_us, gpointer user_data)
{
  const FoyerMessage message = { .account.delay_us = lag_us };

  tell (user_data, note_playing, &message);
}

static void
on_url_wanted (FoyerCastSession *session, guint n_failed, gpointer user_data)
{
  const FoyerMessage message = { .number = n_failed };

  tell (user_data, reload, &message);
}

static FoyerShape
get_shape (const FoyerCastSessionStream *video)
{
  return (FoyerShape){
    .codec = video->codec == FOYER_CAST_CODEC_H264 ? FOYER_CODEC_H264
                                                   : FOYER_CODEC_VP8,
    .width_px = (guint16) MIN (video->width_px, G_MAXUINT16),
    .height_px = (guint16) MIN (video->height_px, G_MAXUINT16),
    .fps_n = (guint16) MIN (video->fps_n, G_MAXUINT16),
    .fps_d = (guint16) CLAMP (video->fps_d, 1, G_MAXUINT16),
    .max_bps = video->max_bps,
  };
}

static int
find_stream (const FoyerCastSessionStream *streams, guint n_streams,
    FoyerCastStreamKind kind)
{
  for (guint i = 0; i < n_streams; i++)
    if (streams[i].kind == kind)
      return (int) i;
  return NO_STREAM;
}

/* No frame is pushed before the main thread was told. */
static void
on_ready (FoyerCastSession *session, const FoyerCastSessionStream *streams,
    guint n_streams, gpointer user_data)
{
  CastWorker *self = user_data;
  int video = find_stream (streams, n_streams, FOYER_CAST_STREAM_VIDEO);
  int audio = find_stream (streams, n_streams, FOYER_CAST_STREAM_AUDIO);
  FoyerMessage message = {
    .type = FOYER_MESSAGE_STREAMING,
    .number = streams->udp_port,
    .sound = audio != NO_STREAM ? FOYER_SOUND_CAMERA : FOYER_SOUND_NONE,
    .reason = FOYER_REASON_DISPLAY_FAILED,
  };

  g_atomic_int_set (&self->video, video);
  g_atomic_int_set (&self->audio, audio);
  if (video == NO_STREAM) {
    foyer_worker_set_text (&message, "the display takes no pictures");
    tell (self, fail_as_told, &message);
    return;
  }
  message.shape = get_shape (&streams[video]);
  tell (self, begin_streaming, &message);
}

static void
on_key_needed (FoyerCastSession *session, guint stream, gpointer user_data)
{
  const FoyerMessage message = { 0 };

  if ((int) stream != g_atomic_int_get (&((CastWorker *) user_data)->video))
    return;
  tell (user_data, want_key, &message);
}

static void
on_bit_rate (FoyerCastSession *session, guint32 bps, gpointer user_data)
{
  const FoyerMessage message = { .shape.max_bps = bps };

  tell (user_data, set_rate, &message);
}

static void
on_cleaned (FoyerCastSession *session, gboolean was_running, gpointer user_data)
{
  const FoyerMessage message = { .type = FOYER_MESSAGE_CLEANED };

  tell (user_data, finish_cleaning, &message);
}

static void
on_tuned (FoyerCastSession *session, double level, gboolean is_muted,
    gpointer user_data)
{
  const FoyerMessage volume = {
    .type = FOYER_MESSAGE_VOLUME,
    .has_level = TRUE,
    .level_permille = (guint16) (((guint) (2 * level * PERMILLE) + 1) / 2),
    .has_muted = TRUE,
    .is_muted = is_muted,
  };

  tell (user_data, say, &volume);
  on_cleaned (session, FALSE, user_data);
}

static void
on_failed (FoyerCastSession *session, const GError *error, gpointer user_data)
{
  FoyerMessage message = { .reason = (guint8) foyer_cast_reason_from_error (
                               error) };

  foyer_worker_set_text (&message, error->message);
  tell (user_data, fail_as_told, &message);
}

static const FoyerCastSessionCallbacks session_callbacks = {
  .on_step = on_step,
  .on_identity = on_identity,
  .on_launched = on_launched,
  .on_ready = on_ready,
  .on_key_needed = on_key_needed,
  .on_bit_rate = on_bit_rate,
  .on_cleaned = on_cleaned,
  .on_tuned = on_tuned,
  .on_playing = on_playing,
  .on_url_wanted = on_url_wanted,
  .on_failed = on_failed,
};

/* What can be made, best first. */
static void
fill_codecs (FoyerCastOfferWish *wish, FoyerCodecs codecs, FoyerCodec best)
{
  static const struct
  {
    FoyerCodecs codecs;
    FoyerCodec codec;
    FoyerCastCodec cast_codec;
  } known[] = {
    { FOYER_CODECS_H264, FOYER_CODEC_H264, FOYER_CAST_CODEC_H264 },
    { FOYER_CODECS_VP8, FOYER_CODEC_VP8, FOYER_CAST_CODEC_VP8 },
  };

  for (guint turn = 0; turn < 2; turn++)
    for (guint i = 0; i < G_N_ELEMENTS (known); i++)
      if ((codecs & known[i].codecs) != 0 &&
          (known[i].codec == best) == (turn == 0))
        wish->video_codecs[wish->n_video_codecs++] = known[i].cast_codec;
}

static void
offer (CastWorker *self, FoyerCodecs codecs)
{
  const FoyerShape *most = &self->config.shape;
  FoyerCastOfferWish wish = {
    .width_px = most->width_px,
    .height_px = most->height_px,
    .fps_n = most->fps_n,
    .fps_d = most->fps_d,
    .max_video_bps = most->max_bps,
    .delay_ms = self->config.delay_ms,
    .has_audio = has_audio (self),
    .adds_audio = TRUE,
    .n_audio_channels = N_CHANNELS,
    .audio_bps = AUDIO_BPS,
  };

  fill_codecs (&wish, codecs, most->codec);
  foyer_cast_session_offer (self->session, &wish);
}

/* the channel */

static void
cast_worker_begin (FoyerWorker *worker, gpointer user_data)
{
  CastWorker *self = user_data;
  g_autofree char *pin = foyer_cast_key_dup_pin (&self->config);
  g_autoptr (GError) error = NULL;
  FoyerCastSessionConfig config = {
    .auth = (FoyerCastAuthLevel) self->config.trust,
    .pin = pin,
    .ca_pem = self->roots,
    .wants_approval = TRUE,
    .waits_for_connection = TRUE,
    .is_player = self->http != NULL,
  };

  if (!self->is_cleaner) {
    self->flow = foyer_flow_new (self->worker, &self->config, &self->tally,
        &flow_callbacks, self);
    self->sound = foyer_sound_flow_new (&self->config,
        self->http != NULL ? FOYER_CODEC_AAC : FOYER_CODEC_OPUS,
        &sound_callbacks, self);
    config.root = &self->root;
    config.guard = (FoyerCastGuard){ may_leave, leaving, self };
  }
  self->session = foyer_cast_session_new (&config, &session_callbacks, self,
      &error);
  foyer_cast_key_root_clear (&self->root);
  if (self->session == NULL)
    fail (self, foyer_cast_reason_from_error (error), error->message);
  if (self->is_cleaner)
    foyer_cast_session_clean (self->session, self->config.text);
  foyer_cast_session_start_with_sockets (self->session,
      g_steal_pointer (&self->tcp), g_steal_pointer (&self->udp));
}

static void
say_account (CastWorker *self)
{
  FoyerMessage message = { .type = FOYER_MESSAGE_ACCOUNT };

  get_account (self, &message.account);
  say (self, &message);
}

static void
take_slate (CastWorker *self, const FoyerMessage *message, int fd)
{
  GBytes *slate = foyer_sealed_read (fd, FOYER_LINK_CODED_BYTES);

  if (slate == NULL) {
    g_warning ("this is no slate");
    return;
  }
  g_clear_pointer (&self->slate, g_bytes_unref);
  self->slate = slate;
  self->slate_shape = message->shape;
  foyer_flow_renew_slate (self->flow);
}

/* Instead of an app that is to be stopped. */
static void
tune (CastWorker *self, const FoyerMessage *message)
{
  const FoyerCastVolumeChange change = {
    .has_level = message->has_level,
    .level = message->level_permille / PERMILLE,
    .has_muted = message->has_muted,
    .is_muted = message->is_muted,
  };

  foyer_cast_session_tune (self->session, &change);
}

static void
cast_worker_take (FoyerWorker *worker, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  CastWorker *self = user_data;

  if (message->type == FOYER_MESSAGE_SET_VOLUME) {
    tune (self, message);
  } else if (message->type == FOYER_MESSAGE_APPROVE) {
    foyer_cast_session_approve (self->session, TRUE);
    if (!self->is_cleaner && self->http == NULL)
      offer (self, (FoyerCodecs) message->codecs);
  } else if (message->type == FOYER_MESSAGE_LINK) {
    foyer_flow_take_link (self->flow, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_SOUND_LINK) {
    foyer_sound_flow_take_link (self->sound, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_SLATE) {
    take_slate (self, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_ASK_ACCOUNT) {
    say_account (self);
  } else if (message->type == FOYER_MESSAGE_CLOSE) {
    close_down (self);
  }
}

/* (nullable): what a descriptor holds, up to the limit. */
static GBytes *
read_roots (int fd)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  guint8 chunk[4096];
  gssize n;

  while ((n = read (fd, chunk, sizeof chunk)) > 0 &&
      all->len + (guint) n <= MAX_ROOTS_BYTES)
    g_byte_array_append (all, chunk, (guint) n);
  if (all->len == 0)
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

static void
load (const FoyerCastLoad *play, gpointer user_data)
{
  foyer_cast_session_load (((CastWorker *) user_data)->session, play);
}

static void
note_foreign (gpointer user_data)
{
  foyer_tally_add_foreign (&((CastWorker *) user_data)->tally);
}

static void
want_http_key (gpointer user_data)
{
  foyer_flow_want_key (((CastWorker *) user_data)->flow);
}

static const FoyerCastHttpCallbacks http_callbacks = {
  .load = load,
  .want_key = want_http_key,
  .leaving = leaving,
  .refused = note_foreign,
};

static gboolean
open_sockets (CastWorker *self, GError **error)
{
  g_autoptr (GSocket) tcp = g_socket_new_from_fd (FOYER_SANDBOX_TCP_FD, error);
  g_autoptr (GSocket) media = tcp != NULL
      ? g_socket_new_from_fd (FOYER_SANDBOX_MEDIA_FD, error)
      : NULL;

  if (media == NULL)
    return FALSE;
  self->tcp = g_socket_connection_factory_create_connection (tcp);
  if (self->config.transport != FOYER_TRANSPORT_HTTP) {
    self->udp = g_steal_pointer (&media);
    return TRUE;
  }
  self->http = foyer_cast_http_new (media, self->tcp, &self->config,
      &http_callbacks, self, error);
  return self->http != NULL;
}

static gboolean
cast_worker_prepare (FoyerWorker *worker, const FoyerMessage *config, int *fds,
    gpointer user_data, GError **error)
{
  CastWorker *self = user_data;
  foyer_autofd int roots = fds[2];
  foyer_autofd int tally = fds[3];

  self->worker = worker;
  self->config = *config;
  self->video = self->audio = NO_STREAM;
  self->is_cleaner = config->type == FOYER_MESSAGE_CLEAN_CONFIG;
  foyer_worker_place_fd (fds[0], FOYER_SANDBOX_TCP_FD);
  foyer_worker_place_fd (fds[1], FOYER_SANDBOX_MEDIA_FD);
  self->roots = read_roots (roots);
  foyer_random_fill (self->root.secret, sizeof self->root.secret);
  self->root.session = config->session.v;
  self->root.camera = config->camera.v;
  self->root.generation = config->generation;
  return (self->is_cleaner || foyer_tally_take (&self->tally, tally, error)) &&
      open_sockets (self, error) && foyer_cast_session_warm_up (error);
}

static const FoyerWorkerClass cast_worker_class = {
  .kind = FOYER_WORKER_CAST,
  .prepare = cast_worker_prepare,
  .begin = cast_worker_begin,
  .take = cast_worker_take,
};

void
foyer_cast_worker_run (void)
{
  static CastWorker self;

  foyer_worker_run (&cast_worker_class, &self);
}
