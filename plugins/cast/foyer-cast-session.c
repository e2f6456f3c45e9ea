/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-session.h"

#include "foyer-cast-run.h"

/* The face that any thread may look at; all that is done on the session's
 * thread is in foyer-cast-run.c. */
struct _FoyerCastSession
{
  FoyerCastThread *thread; /* constant */
  gboolean is_stopped;     /* by whoever stops it */
  FoyerCastRun *run;
  FoyerCastMedia *media; /* the run's */
  FoyerCastTrust *trust;
  char *pin;
  FoyerCastKeyRoot root; /* constant until the thread was joined */
};

/* What is to be done on the thread. */
typedef struct
{
  FoyerCastRun *run;
  char *host;
  guint16 port;
  GSocketConnection *channel;
  GSocket *media;
  FoyerCastOfferWish wish;
  FoyerCastLoad load; /* strings owned */
  char *app_session_id;
  FoyerCastVolumeChange change;
  double level;
  gboolean is_muted;
  gboolean is_approved;
} Call;

static void
call_free (gpointer user_data)
{
  Call *call = user_data;

  g_free (call->host);
  g_free (call->app_session_id);
  g_free ((char *) call->load.url);
  g_free ((char *) call->load.content_type);
  g_free ((char *) call->load.title);
  g_clear_object (&call->channel);
  g_clear_object (&call->media);
  g_free (call);
}

static Call *
call_new (FoyerCastSession *self)
{
  Call *call = g_new0 (Call, 1);

  call->run = self->run;
  return call;
}

static void
invoke (FoyerCastSession *self, void (*func) (gpointer), Call *call)
{
  foyer_cast_thread_invoke (self->thread, func, call, call_free);
}

static FoyerCastTrust *
make_trust (const FoyerCastSessionConfig *config, GError **error)
{
  if (config->ca_pem != NULL)
    return foyer_cast_trust_new_from_bytes (config->ca_pem, error);
  if (config->ca_file != NULL)
    return foyer_cast_trust_new_from_file (config->ca_file, error);
  return foyer_cast_trust_new_public ();
}

FoyerCastSession *
foyer_cast_session_new (const FoyerCastSessionConfig *config,
    const FoyerCastSessionCallbacks *callbacks, gpointer user_data,
    GError **error)
{
  g_autofree char *pin = NULL;
  g_autoptr (FoyerCastTrust) trust = NULL;
  FoyerCastRunConfig run = { .callbacks = *callbacks, .user_data = user_data };
  FoyerCastSession *self;

  if (config->pin != NULL) {
    pin = foyer_cast_auth_normalize_pin (config->pin, error);
    if (pin == NULL)
      return NULL;
  }
  trust = make_trust (config, error);
  if (trust == NULL)
    return NULL;
  self = g_new0 (FoyerCastSession, 1);
  self->trust = g_steal_pointer (&trust);
  self->pin = g_steal_pointer (&pin);
  self->thread = foyer_cast_thread_new ("foyer-cast");
  run.session = self;
  run.thread = self->thread;
  run.clock = config->clock != NULL ? config->clock : foyer_clock_get_system ();
  run.trust = self->trust;
  if (config->root != NULL) {
    self->root = *config->root;
    run.root = &self->root;
  }
  run.guard = config->guard;
  run.level = config->auth;
  run.pin = self->pin;
  run.wants_approval = config->wants_approval;
  run.waits_for_connection = config->waits_for_connection;
  run.is_player = config->is_player;
  self->run = foyer_cast_run_new (&run);
  self->media = foyer_cast_run_get_media (self->run);
  return self;
}

static void
do_start (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_start (call->run, call->host, call->port);
}

void
foyer_cast_session_start (FoyerCastSession *self, const char *host,
    guint16 port)
{
  Call *call = call_new (self);

  call->host = g_strdup (host);
  call->port = port;
  invoke (self, do_start, call);
}

static void
do_start_with_sockets (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_start_with_sockets (call->run, call->channel, call->media);
}

void
foyer_cast_session_start_with_sockets (FoyerCastSession *self,
    GSocketConnection *channel, GSocket *media)
{
  Call *call = call_new (self);

  call->channel = channel;
  call->media = media;
  invoke (self, do_start_with_sockets, call);
}

static void
do_approve (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_approve (call->run, call->is_approved);
}

void
foyer_cast_session_approve (FoyerCastSession *self, gboolean is_approved)
{
  Call *call = call_new (self);

  call->is_approved = is_approved;
  invoke (self, do_approve, call);
}

static void
do_clean (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_clean (call->run, call->app_session_id);
}

void
foyer_cast_session_clean (FoyerCastSession *self, const char *app_session_id)
{
  Call *call = call_new (self);

  call->app_session_id = g_strdup (app_session_id);
  invoke (self, do_clean, call);
}

static void
do_tune (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_tune (call->run, &call->change);
}

void
foyer_cast_session_tune (FoyerCastSession *self,
    const FoyerCastVolumeChange *change)
{
  Call *call = call_new (self);

  call->change = *change;
  invoke (self, do_tune, call);
}

static void
do_offer (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_offer (call->run, &call->wish);
}

void
foyer_cast_session_offer (FoyerCastSession *self,
    const FoyerCastOfferWish *wish)
{
  Call *call = call_new (self);

  call->wish = *wish;
  invoke (self, do_offer, call);
}

static void
do_load (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_load (call->run, &call->load);
}

void
foyer_cast_session_load (FoyerCastSession *self, const FoyerCastLoad *load)
{
  Call *call = call_new (self);

  call->load = *load;
  call->load.url = g_strdup (load->url);
  call->load.content_type = g_strdup (load->content_type);
  call->load.title = g_strdup (load->title);
  invoke (self, do_load, call);
}

FoyerCastVerdict
foyer_cast_session_check (FoyerCastSession *self, guint stream,
    gint64 capture_us)
{
  return foyer_cast_media_check (self->media, stream, capture_us);
}

FoyerCastVerdict
foyer_cast_session_push (FoyerCastSession *self, guint stream,
    const FoyerCastFrame *frame)
{
  return foyer_cast_media_push (self->media, stream, frame);
}

gboolean
foyer_cast_session_needs_key (FoyerCastSession *self, guint stream)
{
  return foyer_cast_media_needs_key (self->media, stream);
}

void
foyer_cast_session_set_delay (FoyerCastSession *self, guint32 delay_ms)
{
  foyer_cast_media_set_delay (self->media, delay_ms);
}

static void
do_set_volume (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_set_volume (call->run, call->level);
}

void
foyer_cast_session_set_volume (FoyerCastSession *self, double level)
{
  Call *call = call_new (self);

  call->level = CLAMP (level, 0.0, 1.0);
  invoke (self, do_set_volume, call);
}

static void
do_set_muted (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_set_muted (call->run, call->is_muted);
}

void
foyer_cast_session_set_muted (FoyerCastSession *self, gboolean is_muted)
{
  Call *call = call_new (self);

  call->is_muted = is_muted;
  invoke (self, do_set_muted, call);
}

FoyerCastStep
foyer_cast_session_get_stats (FoyerCastSession *self,
    FoyerCastSenderStats *stats)
{
  foyer_cast_media_get_stats (self->media, stats);
  return foyer_cast_run_get_step (self->run);
}

void
foyer_cast_session_close_frames (FoyerCastSession *self)
{
  foyer_cast_media_close_frames (self->media);
}

static void
do_stop (gpointer user_data)
{
  const Call *call = user_data;

  foyer_cast_run_stop (call->run);
}

void
foyer_cast_session_stop (FoyerCastSession *self)
{
  if (self->is_stopped)
    return;
  self->is_stopped = TRUE;
  foyer_cast_run_silence (self->run);
  foyer_cast_media_close (self->media);
  invoke (self, do_stop, call_new (self));
  foyer_cast_thread_join (self->thread);
  foyer_cast_key_root_clear (&self->root);
}

void
foyer_cast_session_free (FoyerCastSession *self)
{
  if (self == NULL)
    return;
  foyer_cast_session_stop (self);
  foyer_cast_run_free (self->run);
  foyer_cast_thread_free (self->thread);
  foyer_cast_trust_free (self->trust);
  g_free (self->pin);
  g_free (self);
}
