/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-mirror.h"

#include "foyer-cast-reception.h"
#include "foyer-cast-selection.h"
#include "foyer-cast-webrtc.h"

struct _FoyerCastMirror
{
  FoyerCastThread *thread;
  const FoyerCastDisplayConfig *config;
  FoyerCastMirrorCallbacks callbacks;
  gpointer user_data;
  guint64 session_number; /* of the session now or last */

  GMutex lock; /* for all below: written on the display's thread only, which
                  therefore reads without it */
  FoyerCastReception *reception; /* NULL without a session */
  FoyerCastReceiverStats last_stats;
  double drop_fraction;
};

static void
on_frame (FoyerCastReceivedFrame *frame, gpointer user_data)
{
  FoyerCastMirror *self = user_data;

  self->callbacks.on_frame (frame, self->user_data);
}

static void
on_silence (gpointer user_data)
{
  FoyerCastMirror *self = user_data;

  self->callbacks.on_silence (self->user_data);
}

static const FoyerCastReceptionCallbacks reception_callbacks = {
  .on_frame = on_frame,
  .on_silence = on_silence,
};

/* The socket of the session that runs, or a new one. */
static FoyerCastReception *
make_reception (FoyerCastMirror *self, GSocketConnection *connection,
    GError **error)
{
  g_autoptr (GSocketAddress) local =
      g_socket_connection_get_local_address (connection, error);
  g_autoptr (GSocketAddress) peer = NULL;

  if (local != NULL)
    peer = g_socket_connection_get_remote_address (connection, error);
  if (peer == NULL)
    return NULL;
  return foyer_cast_reception_new (self->thread, self->config->clock, local,
      peer, &reception_callbacks, self, error);
}

static void
set_reception (FoyerCastMirror *self, FoyerCastReception *reception)
{
  g_mutex_lock (&self->lock);
  if (self->reception != NULL && self->reception != reception) {
    foyer_cast_reception_get_stats (self->reception, &self->last_stats);
    foyer_cast_reception_free (self->reception);
  }
  self->reception = reception;
  if (reception != NULL)
    foyer_cast_reception_set_drop (reception, self->drop_fraction);
  g_mutex_unlock (&self->lock);
}

static void
begin_session (FoyerCastMirror *self, FoyerCastReception *reception,
    const FoyerCastSelection *selection)
{
  if (self->reception != NULL)
    self->callbacks.on_session_ended (self->session_number,
        "the sender offered other streams", self->user_data);
  set_reception (self, reception);
  self->session_number++;
  self->callbacks.on_session (self->session_number, selection->streams,
      selection->n_streams, self->user_data);
  foyer_cast_reception_start (reception, selection->streams,
      selection->n_streams);
}

static char *
answer_offer (FoyerCastMirror *self, const FoyerCastOffer *offer,
    gint64 sequence, GSocketConnection *connection)
{
  g_auto (FoyerCastSelection) selection = { 0 };
  g_autoptr (GError) error = NULL;
  FoyerCastReception *reception = self->reception;

  if (reception == NULL)
    reception = make_reception (self, connection, &error);
  if (reception == NULL)
    return foyer_cast_answer_print_error (FOYER_CAST_ANSWER_NO_SOCKET,
        error->message, sequence);
  if (!foyer_cast_selection_init (&selection, self->config, offer,
          foyer_cast_reception_get_port (reception),
          foyer_cast_reception_get_max_datagram_bytes (reception))) {
    if (reception != self->reception)
      foyer_cast_reception_free (reception);
    return foyer_cast_answer_print_error (FOYER_CAST_ANSWER_NO_STREAMS,
        "no stream selected", sequence);
  }
  begin_session (self, reception, &selection);
  return foyer_cast_answer_print (&selection.answer, sequence);
}

static char *
take_offer (FoyerCastMirror *self, JsonObject *message, gint64 sequence,
    GSocketConnection *connection)
{
  g_auto (FoyerCastOffer) offer = { 0 };
  g_autoptr (GError) error = NULL;

  if (!foyer_cast_offer_parse (message, &offer, &error))
    return foyer_cast_answer_print_error (FOYER_CAST_ANSWER_BAD_OFFER,
        error->message, sequence);
  return answer_offer (self, &offer, sequence, connection);
}

FoyerCastMirror *
foyer_cast_mirror_new (FoyerCastThread *thread,
    const FoyerCastDisplayConfig *config,
    const FoyerCastMirrorCallbacks *callbacks, gpointer user_data)
{
  FoyerCastMirror *self = g_new0 (FoyerCastMirror, 1);

  g_mutex_init (&self->lock);
  self->thread = thread;
  self->config = config;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->drop_fraction = config->drop_fraction;
  return self;
}

char *
foyer_cast_mirror_take (FoyerCastMirror *self, JsonObject *message,
    GSocketConnection *connection)
{
  gint64 sequence;

  switch (foyer_cast_webrtc_get_type (message, &sequence)) {
    case FOYER_CAST_WEBRTC_OFFER:
      /* openscreen cast/streaming/receiver_session.cc drops these as well */
      if (sequence == FOYER_CAST_NO_SEQUENCE)
        return NULL;
      return take_offer (self, message, sequence, connection);
    case FOYER_CAST_WEBRTC_GET_CAPABILITIES:
      return foyer_cast_webrtc_print_capabilities (self->config->codecs,
          self->config->n_codecs, sequence);
    case FOYER_CAST_WEBRTC_ANSWER:
    case FOYER_CAST_WEBRTC_GET_STATUS:
    case FOYER_CAST_WEBRTC_UNKNOWN:
      break;
  }
  return NULL;
}

void
foyer_cast_mirror_end (FoyerCastMirror *self, const char *reason)
{
  if (self->reception == NULL)
    return;
  set_reception (self, NULL);
  self->callbacks.on_session_ended (self->session_number, reason,
      self->user_data);
}

void
foyer_cast_mirror_request_key (FoyerCastMirror *self, guint stream)
{
  g_mutex_lock (&self->lock);
  if (self->reception != NULL)
    foyer_cast_reception_request_key (self->reception, stream);
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_mirror_set_drop (FoyerCastMirror *self, double fraction)
{
  g_mutex_lock (&self->lock);
  self->drop_fraction = fraction;
  if (self->reception != NULL)
    foyer_cast_reception_set_drop (self->reception, fraction);
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_mirror_get_stats (FoyerCastMirror *self,
    FoyerCastReceiverStats *stats)
{
  g_mutex_lock (&self->lock);
  *stats = self->last_stats;
  if (self->reception != NULL)
    foyer_cast_reception_get_stats (self->reception, stats);
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_mirror_free (FoyerCastMirror *self)
{
  if (self == NULL)
    return;
  foyer_cast_reception_free (self->reception);
  g_mutex_clear (&self->lock);
  g_free (self);
}
