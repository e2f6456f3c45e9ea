/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-run.h"

#include "foyer-cast-channel.h"
#include "foyer-cast-cleaner.h"
#include "foyer-cast-connector.h"
#include "foyer-cast-control.h"
#include "foyer-cast-handshake.h"
#include "foyer-cast-json.h"
#include "foyer-cast-loader.h"
#include "foyer-cast-negotiation.h"
#include "foyer-cast-platform.h"
#include "foyer-cast-tuner.h"
#include "foyer-cast-udp.h"

struct _FoyerCastRun
{
  FoyerCastRunConfig config;
  FoyerCastMedia *media; /* any thread */
  int step;              /* atomic; written on the thread */
  int is_silent;         /* atomic */
  gboolean is_over;      /* failed or told to stop */
  char *display_name;    /* "host:port" */
  FoyerCastConnector *connector;
  FoyerCastChannel *channel;
  GSocketAddress *local; /* of the channel */
  GSocketAddress *peer;
  GSocket *udp;
  FoyerCastTimer step_timer;
  FoyerCastHandshake handshake;
  gboolean is_awaiting_approval;
  FoyerCastPlatform *platform;
  FoyerCastLoader *loader; /* NULL unless a player was launched */
  char *clean_id; /* the app session to stop instead of launching; or NULL */
  FoyerCastCleaner *cleaner;
  gboolean has_change; /* of the volume, instead of launching */
  FoyerCastVolumeChange change;
  FoyerCastTuner *tuner;
  gboolean has_wish;
  FoyerCastOfferWish wish;
  FoyerCastNegotiation negotiation;
  FoyerCastTimer answer_timer;
  FoyerCastTimer goodbye_timer;
  gboolean is_saying_goodbye;
};

/* What was being done, beginning with the step's name. */
static const char *const step_phrases[] = {
  [FOYER_CAST_STEP_IDLE] = "idle with",
  [FOYER_CAST_STEP_CONNECTING] = "connecting to",
  [FOYER_CAST_STEP_SECURING] = "securing",
  [FOYER_CAST_STEP_AUTHENTICATING] = "authenticating",
  [FOYER_CAST_STEP_LAUNCHING] = "launching on",
  [FOYER_CAST_STEP_NEGOTIATING] = "negotiating with",
  [FOYER_CAST_STEP_STREAMING] = "streaming to",
  [FOYER_CAST_STEP_CLEANING] = "cleaning",
  [FOYER_CAST_STEP_STOPPING] = "stopping",
  [FOYER_CAST_STEP_STOPPED] = "stopped with",
};
G_STATIC_ASSERT (G_N_ELEMENTS (step_phrases) == FOYER_CAST_STEP_STOPPED + 1);

static gboolean
may_tell (FoyerCastRun *self)
{
  return !self->is_over && g_atomic_int_get (&self->is_silent) == 0;
}

/* the end */

static void
end_goodbye (gpointer user_data)
{
  FoyerCastRun *self = user_data;

  if (!self->is_saying_goodbye)
    return;
  self->is_saying_goodbye = FALSE;
  foyer_cast_timer_clear (&self->goodbye_timer);
  g_clear_pointer (&self->loader, foyer_cast_loader_free);
  g_clear_pointer (&self->platform, foyer_cast_platform_free);
  g_clear_pointer (&self->cleaner, foyer_cast_cleaner_free);
  g_clear_pointer (&self->tuner, foyer_cast_tuner_free);
  g_clear_pointer (&self->channel, foyer_cast_channel_close);
  g_atomic_int_set (&self->step, FOYER_CAST_STEP_STOPPED);
  foyer_cast_thread_release (self->config.thread);
}

/* Media is over before the first word of the goodbye. */
static void
begin_goodbye (FoyerCastRun *self)
{
  foyer_cast_media_close (self->media);
  if (foyer_cast_run_get_step (self) >= FOYER_CAST_STEP_STOPPING)
    return;
  self->is_over = TRUE;
  self->is_awaiting_approval = FALSE;
  self->is_saying_goodbye = TRUE;
  foyer_cast_thread_hold (self->config.thread);
  g_atomic_int_set (&self->step, FOYER_CAST_STEP_STOPPING);
  foyer_cast_timer_clear (&self->step_timer);
  foyer_cast_timer_clear (&self->answer_timer);
  foyer_cast_negotiation_clear (&self->negotiation);
  g_clear_pointer (&self->connector, foyer_cast_connector_free);
  g_clear_pointer (&self->loader, foyer_cast_loader_free);
  if (self->platform != NULL && foyer_cast_platform_stop (self->platform))
    foyer_cast_timer_set (&self->goodbye_timer, self->config.thread,
        FOYER_CAST_STOP_TIMEOUT_MS, end_goodbye, self);
  else
    end_goodbye (self);
}

static void
fail (FoyerCastRun *self, const GError *cause)
{
  g_autoptr (GError) error = NULL;
  gboolean is_to_tell = may_tell (self);

  if (self->is_over)
    return;
  error = g_error_copy (cause);
  g_prefix_error (&error,
      "%s display at %s: ", step_phrases[foyer_cast_run_get_step (self)],
      self->display_name);
  begin_goodbye (self);
  if (is_to_tell)
    self->config.callbacks.on_failed (self->config.session, error,
        self->config.user_data);
}

static void
fail_literal (FoyerCastRun *self, FoyerCastError code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR, (int) code,
      message);

  fail (self, error);
}

static void
enter (FoyerCastRun *self, FoyerCastStep step)
{
  g_debug ("display at %s: %s", self->display_name,
      foyer_cast_step_to_string (step));
  foyer_cast_timer_clear (&self->step_timer);
  g_atomic_int_set (&self->step, step);
  if (may_tell (self))
    self->config.callbacks.on_step (self->config.session, step,
        self->config.user_data);
}

/* media */

static void
on_key_needed (guint stream, gpointer user_data)
{
  FoyerCastRun *self = user_data;

  if (may_tell (self))
    self->config.callbacks.on_key_needed (self->config.session, stream,
        self->config.user_data);
}

static void
on_bit_rate (guint32 bps, gpointer user_data)
{
  FoyerCastRun *self = user_data;

  if (may_tell (self))
    self->config.callbacks.on_bit_rate (self->config.session, bps,
        self->config.user_data);
}

static void
on_media_failed (const GError *error, gpointer user_data)
{
  fail (user_data, error);
}

static const FoyerCastMediaCallbacks media_callbacks = {
  .on_key_needed = on_key_needed,
  .on_bit_rate = on_bit_rate,
  .on_failed = on_media_failed,
};

static gboolean
start_media (FoyerCastRun *self, const FoyerCastSettlement *settlement,
    GError **error)
{
  g_autoptr (GSocketAddress) remote = foyer_cast_address_with_port (self->peer,
      settlement->udp_port);

  /* From the address that the display sees us at already. */
  if (self->udp == NULL)
    self->udp = foyer_cast_udp_open (self->local, error);
  if (self->udp == NULL)
    return FALSE;
  if (!foyer_cast_media_start (self->media, self->udp, remote,
          settlement->configs, settlement->n_streams, settlement->min_bps,
          settlement->max_bps))
    return TRUE; /* stopped meanwhile: nobody is told anything any more */
  if (settlement->max_delay_ms != 0 &&
      settlement->max_delay_ms < self->wish.delay_ms)
    foyer_cast_media_set_delay (self->media, settlement->max_delay_ms);
  if (foyer_cast_run_get_step (self) == FOYER_CAST_STEP_NEGOTIATING)
    enter (self, FOYER_CAST_STEP_STREAMING);
  if (may_tell (self))
    self->config.callbacks.on_ready (self->config.session, settlement->streams,
        settlement->n_streams, self->config.user_data);
  return TRUE;
}

/* OFFER and ANSWER */

/* Streams that run already go on if new ones can't be agreed on. */
static void
fail_negotiation (FoyerCastRun *self, const GError *error)
{
  foyer_cast_negotiation_clear (&self->negotiation);
  if (foyer_cast_run_get_step (self) == FOYER_CAST_STEP_STREAMING)
    g_message ("display at %s keeps its streams: %s", self->display_name,
        error->message);
  else
    fail (self, error);
}

static void
on_answer_late (gpointer user_data)
{
  g_autoptr (GError) error = g_error_new (FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_TIMED_OUT, "no ANSWER within %d ms",
      FOYER_CAST_ANSWER_TIMEOUT_MS);

  fail_negotiation (user_data, error);
}

static void
send_offer (FoyerCastRun *self)
{
  g_autofree char *text = NULL;

  if (!self->has_wish || self->config.is_player || self->platform == NULL ||
      self->is_over)
    return;
  text = foyer_cast_negotiation_begin (&self->negotiation, &self->wish);
  foyer_cast_platform_tell_app (self->platform, FOYER_CAST_NS_WEBRTC, text);
  foyer_cast_timer_set (&self->answer_timer, self->config.thread,
      FOYER_CAST_ANSWER_TIMEOUT_MS, on_answer_late, self);
}

/* Some displays take no pictures without sound. */
static gboolean
offer_with_audio (FoyerCastRun *self, const GError *error)
{
  if (!g_error_matches (error, FOYER_CAST_ERROR,
          FOYER_CAST_ERROR_OFFER_REFUSED) ||
      !self->wish.adds_audio || self->wish.has_audio)
    return FALSE;
  g_message ("display at %s takes no pictures without sound: it is offered "
             "silence",
      self->display_name);
  self->wish.has_audio = TRUE;
  send_offer (self);
  return TRUE;
}

static void
take_webrtc (FoyerCastRun *self, const FoyerCastMessage *message,
    JsonObject *json)
{
  g_auto (FoyerCastSettlement) settlement = { 0 };
  g_autoptr (GError) error = NULL;
  FoyerCastAddress peer;

  if (g_strcmp0 (message->source_id,
          foyer_cast_platform_get_transport_id (self->platform)) != 0 ||
      !foyer_cast_negotiation_is_answer (&self->negotiation, json))
    return;
  foyer_cast_timer_clear (&self->answer_timer);
  foyer_cast_address_init (&peer, self->peer);
  if (!foyer_cast_negotiation_finish (&self->negotiation, json,
          foyer_cast_address_get_max_datagram_bytes (&peer), &settlement,
          &error)) {
    if (offer_with_audio (self, error))
      return;
    fail_negotiation (self, error);
  } else if (!start_media (self, &settlement, &error))
    fail (self, error);
  /* The engine has the keys now. */
  foyer_cast_negotiation_clear (&self->negotiation);
}

/* a player that is shown a URL */

static void
on_playing (gint64 lag_us, gpointer user_data)
{
  FoyerCastRun *self = user_data;

  if (foyer_cast_run_get_step (self) == FOYER_CAST_STEP_NEGOTIATING)
    enter (self, FOYER_CAST_STEP_STREAMING);
  if (may_tell (self))
    self->config.callbacks.on_playing (self->config.session, lag_us,
        self->config.user_data);
}

static void
on_url_wanted (guint n_failed, gpointer user_data)
{
  FoyerCastRun *self = user_data;

  if (may_tell (self))
    self->config.callbacks.on_url_wanted (self->config.session, n_failed,
        self->config.user_data);
}

static void
on_loader_failed (const GError *error, gpointer user_data)
{
  fail (user_data, error);
}

static const FoyerCastLoaderCallbacks loader_callbacks = {
  .on_playing = on_playing,
  .on_url_wanted = on_url_wanted,
  .on_failed = on_loader_failed,
};

void
foyer_cast_run_load (FoyerCastRun *self, const FoyerCastLoad *load)
{
  if (self->loader != NULL)
    foyer_cast_loader_load (self->loader, load);
}

static gboolean
take_media (FoyerCastRun *self, const FoyerCastMessage *message)
{
  if (self->loader == NULL ||
      g_strcmp0 (message->source_id,
          foyer_cast_platform_get_transport_id (self->platform)) != 0)
    return TRUE;
  return foyer_cast_loader_take (self->loader, message);
}

/* the platform */

/* A session that was not told yet is for pictures. */
static gboolean
wants_video (const FoyerCastRun *self)
{
  return !self->has_wish || self->wish.n_video_codecs > 0;
}

static const char *
get_app (const FoyerCastRun *self)
{
  if (self->config.is_player)
    return FOYER_CAST_APP_MEDIA;
  return wants_video (self) ? FOYER_CAST_APP_MIRRORING
                            : FOYER_CAST_APP_AUDIO_MIRRORING;
}

static void
on_launched (const char *transport_id, gpointer user_data)
{
  FoyerCastRun *self = user_data;

  if (self->config.is_player)
    self->loader = foyer_cast_loader_new (self->config.thread, self->platform,
        &loader_callbacks, self);
  if (may_tell (self) && self->config.callbacks.on_launched != NULL)
    self->config.callbacks.on_launched (self->config.session,
        foyer_cast_platform_get_session_id (self->platform),
        self->config.user_data);
  enter (self, FOYER_CAST_STEP_NEGOTIATING);
  send_offer (self);
}

static void
on_platform_failed (const GError *error, gpointer user_data)
{
  fail (user_data, error);
}

static void
on_app_stopped (gpointer user_data)
{
  end_goodbye (user_data);
}

static const FoyerCastPlatformCallbacks platform_callbacks = {
  .on_launched = on_launched,
  .on_failed = on_platform_failed,
  .on_stopped = on_app_stopped,
};

/* what another session left behind */

static void
on_cleaned (gboolean was_running, gpointer user_data)
{
  FoyerCastRun *self = user_data;
  gboolean is_to_tell = may_tell (self) &&
      self->config.callbacks.on_cleaned != NULL;

  begin_goodbye (self);
  if (is_to_tell)
    self->config.callbacks.on_cleaned (self->config.session, was_running,
        self->config.user_data);
}

static const FoyerCastCleanerCallbacks cleaner_callbacks = {
  .on_cleaned = on_cleaned,
  .on_failed = on_platform_failed,
};

/* how loud it is */

static void
on_tuned (double level, gboolean is_muted, gpointer user_data)
{
  FoyerCastRun *self = user_data;
  gboolean is_to_tell = may_tell (self) &&
      self->config.callbacks.on_tuned != NULL;

  begin_goodbye (self);
  if (is_to_tell)
    self->config.callbacks.on_tuned (self->config.session, level, is_muted,
        self->config.user_data);
}

static const FoyerCastTunerCallbacks tuner_callbacks = {
  .on_tuned = on_tuned,
  .on_failed = on_platform_failed,
};

/* The display is the right one: to work. */
static void
proceed (FoyerCastRun *self)
{
  if (self->has_change) {
    enter (self, FOYER_CAST_STEP_CLEANING);
    self->tuner = foyer_cast_tuner_new (self->config.thread, self->channel,
        &self->change, &tuner_callbacks, self);
    return;
  }
  if (self->clean_id != NULL) {
    enter (self, FOYER_CAST_STEP_CLEANING);
    self->cleaner = foyer_cast_cleaner_new (self->config.thread, self->channel,
        self->clean_id, &cleaner_callbacks, self);
    return;
  }
  enter (self, FOYER_CAST_STEP_LAUNCHING);
  self->platform = foyer_cast_platform_new (self->config.thread, self->channel,
      get_app (self), &platform_callbacks, self);
}

/* device authentication */

static void
on_approval_late (gpointer user_data)
{
  g_autoptr (GError) error = g_error_new (FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_TIMED_OUT, "nobody approved it within %d ms",
      FOYER_CAST_APPROVAL_TIMEOUT_MS);

  fail (user_data, error);
}

static void
await_approval (FoyerCastRun *self)
{
  self->is_awaiting_approval = TRUE;
  foyer_cast_timer_set (&self->step_timer, self->config.thread,
      FOYER_CAST_APPROVAL_TIMEOUT_MS, on_approval_late, self);
}

void
foyer_cast_run_approve (FoyerCastRun *self, gboolean is_approved)
{
  if (!self->is_awaiting_approval)
    return;
  self->is_awaiting_approval = FALSE;
  if (is_approved)
    proceed (self);
  else
    fail_literal (self, FOYER_CAST_ERROR_NOT_APPROVED, "it was not approved");
}

static void
finish_authentication (FoyerCastRun *self, const FoyerCastMessage *reply)
{
  g_auto (FoyerCastIdentity) identity = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_accepted;
  gint64 now_s = foyer_clock_get_wall_us (self->config.clock) / G_USEC_PER_SEC;

  foyer_cast_timer_clear (&self->step_timer);
  foyer_cast_handshake_finish (&self->handshake, reply,
      foyer_cast_channel_get_leaf (self->channel), self->config.trust, now_s,
      &identity);
  is_accepted = foyer_cast_auth_decide (&identity, self->config.level,
      self->config.pin, wants_video (self), &error);
  if (may_tell (self))
    self->config.callbacks.on_identity (self->config.session, &identity,
        is_accepted, self->config.user_data);
  if (!is_accepted)
    fail (self, error);
  else if (self->config.wants_approval)
    await_approval (self);
  else
    proceed (self);
}

/* A display without device authentication may say nothing at all; whether that
 * is enough is decided like any other answer. */
static void
on_authentication_late (gpointer user_data)
{
  finish_authentication (user_data, NULL);
}

static void
authenticate (FoyerCastRun *self)
{
  g_autoptr (FoyerCastMessage) challenge = foyer_cast_handshake_begin (
      &self->handshake);

  enter (self, FOYER_CAST_STEP_AUTHENTICATING);
  foyer_cast_timer_set (&self->step_timer, self->config.thread,
      FOYER_CAST_AUTH_TIMEOUT_MS, on_authentication_late, self);
  foyer_cast_channel_send (self->channel, challenge);
}

/* the channel */

static void
on_channel_open (FoyerCastChannel *channel, gpointer user_data)
{
  authenticate (user_data);
}

static gboolean
parse_webrtc (FoyerCastRun *self, const FoyerCastMessage *message)
{
  g_autoptr (JsonObject) json = NULL;

  if (message->text != NULL)
    json = foyer_cast_json_parse (message->text, NULL);
  if (json == NULL)
    return FALSE;
  take_webrtc (self, message, json);
  return TRUE;
}

/* Of who launches nothing. */
static gboolean
take_visit (FoyerCastRun *self, const FoyerCastMessage *message)
{
  if (!g_str_equal (message->name_space, FOYER_CAST_NS_RECEIVER) &&
      !g_str_equal (message->name_space, FOYER_CAST_NS_CONNECTION))
    return TRUE;
  return self->tuner != NULL ? foyer_cast_tuner_take (self->tuner, message)
                             : foyer_cast_cleaner_take (self->cleaner, message);
}

static gboolean
on_channel_message (FoyerCastChannel *channel, const FoyerCastMessage *message,
    gpointer user_data)
{
  FoyerCastRun *self = user_data;
  const char *name_space = message->name_space;

  if (foyer_cast_run_get_step (self) == FOYER_CAST_STEP_AUTHENTICATING) {
    /* Before that nothing is listened to, whatever it is. */
    if (!self->is_awaiting_approval && foyer_cast_handshake_is_reply (message))
      finish_authentication (self, message);
    return TRUE;
  }
  if (self->cleaner != NULL || self->tuner != NULL)
    return take_visit (self, message);
  if (self->platform == NULL)
    return TRUE;
  if (g_str_equal (name_space, FOYER_CAST_NS_WEBRTC))
    return parse_webrtc (self, message);
  if (g_str_equal (name_space, FOYER_CAST_NS_MEDIA))
    return take_media (self, message);
  if (g_str_equal (name_space, FOYER_CAST_NS_RECEIVER) ||
      g_str_equal (name_space, FOYER_CAST_NS_CONNECTION))
    return foyer_cast_platform_take (self->platform, message);
  /* Displays tell of much that is not for us. */
  return TRUE;
}

static void
on_channel_closed (FoyerCastChannel *channel, const GError *error,
    gpointer user_data)
{
  FoyerCastRun *self = user_data;

  /* There is nobody left to say goodbye to. */
  g_clear_pointer (&self->loader, foyer_cast_loader_free);
  g_clear_pointer (&self->platform, foyer_cast_platform_free);
  g_clear_pointer (&self->cleaner, foyer_cast_cleaner_free);
  g_clear_pointer (&self->tuner, foyer_cast_tuner_free);
  if (self->is_over)
    end_goodbye (self);
  else
    fail (self, error);
}

static const FoyerCastChannelCallbacks channel_callbacks = {
  .on_open = on_channel_open,
  .on_message = on_channel_message,
  .on_closed = on_channel_closed,
};

static void
secure (FoyerCastRun *self, GSocketConnection *connection)
{
  g_autoptr (GError) error = NULL;

  enter (self, FOYER_CAST_STEP_SECURING);
  self->local = g_socket_connection_get_local_address (connection, NULL);
  self->peer = g_socket_connection_get_remote_address (connection, NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (self->local) ||
      !G_IS_INET_SOCKET_ADDRESS (self->peer)) {
    fail_literal (self, FOYER_CAST_ERROR_SOCKET,
        "its socket has no internet address");
    return;
  }
  self->channel = foyer_cast_channel_new_client (self->config.thread,
      connection, &channel_callbacks, self, &error);
  if (self->channel == NULL)
    fail (self, error);
}

static void
on_connected (GSocketConnection *connection, const GError *error,
    gpointer user_data)
{
  FoyerCastRun *self = user_data;

  g_clear_pointer (&self->connector, foyer_cast_connector_free);
  if (connection == NULL)
    fail (self, error);
  else
    secure (self, connection);
}

/* in order of life */

FoyerCastRun *
foyer_cast_run_new (const FoyerCastRunConfig *config)
{
  FoyerCastRun *self = g_new0 (FoyerCastRun, 1);
  const FoyerCastMediaConfig media = {
    .thread = config->thread,
    .clock = config->clock,
    .root = config->root,
    .guard = config->guard,
    .waits_for_connection = config->waits_for_connection,
  };

  self->config = *config;
  self->negotiation.root = config->root;
  self->media = foyer_cast_media_new (&media, &media_callbacks, self);
  return self;
}

FoyerCastMedia *
foyer_cast_run_get_media (const FoyerCastRun *self)
{
  return self->media;
}

FoyerCastStep
foyer_cast_run_get_step (FoyerCastRun *self)
{
  return (FoyerCastStep) g_atomic_int_get (&self->step);
}

void
foyer_cast_run_silence (FoyerCastRun *self)
{
  g_atomic_int_set (&self->is_silent, 1);
}

void
foyer_cast_run_start (FoyerCastRun *self, const char *host, guint16 port)
{
  if (foyer_cast_run_get_step (self) != FOYER_CAST_STEP_IDLE)
    return;
  self->display_name = foyer_cast_connector_print (host, port);
  enter (self, FOYER_CAST_STEP_CONNECTING);
  self->connector = foyer_cast_connector_new (self->config.thread, host, port,
      on_connected, self);
}

static char *
print_address (GSocketConnection *connection)
{
  g_autoptr (GSocketAddress) address =
      g_socket_connection_get_remote_address (connection, NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return g_strdup ("a given socket");
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

void
foyer_cast_run_start_with_sockets (FoyerCastRun *self,
    GSocketConnection *connection, GSocket *media)
{
  if (foyer_cast_run_get_step (self) != FOYER_CAST_STEP_IDLE)
    return;
  self->display_name = print_address (connection);
  self->udp = media != NULL ? g_object_ref (media) : NULL;
  secure (self, connection);
}

void
foyer_cast_run_clean (FoyerCastRun *self, const char *app_session_id)
{
  if (foyer_cast_run_get_step (self) != FOYER_CAST_STEP_IDLE)
    return;
  g_free (self->clean_id);
  self->clean_id = g_strdup (app_session_id);
}

void
foyer_cast_run_tune (FoyerCastRun *self, const FoyerCastVolumeChange *change)
{
  self->has_change = TRUE;
  self->change = *change;
}

void
foyer_cast_run_offer (FoyerCastRun *self, const FoyerCastOfferWish *wish)
{
  FoyerCastStep step = foyer_cast_run_get_step (self);

  self->wish = *wish;
  self->has_wish = TRUE;
  if (step == FOYER_CAST_STEP_NEGOTIATING || step == FOYER_CAST_STEP_STREAMING)
    send_offer (self);
}

void
foyer_cast_run_set_volume (FoyerCastRun *self, double level)
{
  if (self->platform != NULL)
    foyer_cast_platform_set_volume (self->platform, level);
}

void
foyer_cast_run_set_muted (FoyerCastRun *self, gboolean is_muted)
{
  if (self->platform != NULL)
    foyer_cast_platform_set_muted (self->platform, is_muted);
}

void
foyer_cast_run_stop (FoyerCastRun *self)
{
  begin_goodbye (self);
}

void
foyer_cast_run_free (FoyerCastRun *self)
{
  foyer_cast_timer_clear (&self->step_timer);
  foyer_cast_timer_clear (&self->answer_timer);
  foyer_cast_timer_clear (&self->goodbye_timer);
  foyer_cast_negotiation_clear (&self->negotiation);
  foyer_cast_media_free (self->media);
  g_clear_object (&self->udp);
  g_clear_object (&self->local);
  g_clear_object (&self->peer);
  g_free (self->clean_id);
  g_free (self->display_name);
  g_free (self);
}
