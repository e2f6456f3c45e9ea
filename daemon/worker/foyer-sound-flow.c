/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sound-flow.h"

#include "foyer-clock.h"
#include "foyer-flow.h"
#include "foyer-gate.h"
#include "foyer-sandbox.h"
#include "foyer-worker.h"

#include <glib-unix.h>

#define MEDIA_AUDIO 2 /* foyer-policy.h */

struct _FoyerSoundFlow
{
  FoyerSessionId session;
  FoyerCameraId camera;
  guint64 generation;
  FoyerCodec codec;
  FoyerSoundCallbacks callbacks;
  gpointer user_data;
  FoyerGate gate;
  FoyerLinkReader *reader;
  GSource *watch; /* of the link */
};

static void
turn_rogue (FoyerSoundFlow *self, const char *words)
{
  foyer_sound_flow_close (self);
  self->callbacks.fail (FOYER_REASON_WORKER_ROGUE, words, self->user_data);
}

static void
take_packet (FoyerSoundFlow *self, const FoyerLinkFrame *packet)
{
  const FoyerGateFrame seen = foyer_flow_see (packet);
  FoyerGateVerdict verdict = foyer_gate_pass (&self->gate, &seen,
      foyer_clock_get_us (foyer_clock_get_system ()));

  if (verdict == FOYER_GATE_PASS)
    self->callbacks.send (packet, self->user_data);
  else if (foyer_flow_is_rogue (verdict))
    turn_rogue (self, "sound of another camera came over the link");
}

static gboolean
take_event (FoyerSoundFlow *self)
{
  FoyerLinkFrame packet;
  FoyerShape shape;

  switch (foyer_link_reader_receive (self->reader, &packet, &shape)) {
    case FOYER_LINK_EVENT_NONE:
      return FALSE;
    case FOYER_LINK_EVENT_GONE:
      foyer_sound_flow_close (self);
      return FALSE;
    case FOYER_LINK_EVENT_SHAPE:
      if (shape.codec != self->codec)
        turn_rogue (self, "sound of another codec came over the link");
      break;
    case FOYER_LINK_EVENT_FRAME:
      take_packet (self, &packet);
      if (self->reader != NULL)
        foyer_link_reader_release (self->reader);
      break;
  }
  return self->reader != NULL;
}

static gboolean
on_link_ready (int fd, GIOCondition ready, gpointer user_data)
{
  FoyerSoundFlow *self = user_data;

  while (take_event (self))
    ;
  return self->reader != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

FoyerSoundFlow *
foyer_sound_flow_new (const FoyerMessage *config, FoyerCodec codec,
    const FoyerSoundCallbacks *callbacks, gpointer user_data)
{
  FoyerSoundFlow *self = g_new0 (FoyerSoundFlow, 1);
  const FoyerGrant grant = foyer_flow_read_grant (config);

  self->session = config->session;
  self->camera = config->camera;
  self->generation = config->generation;
  self->codec = codec;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  if ((config->media & MEDIA_AUDIO) != 0)
    foyer_gate_open (&self->gate, &grant);
  return self;
}

void
foyer_sound_flow_take_link (FoyerSoundFlow *self, const FoyerMessage *message,
    int fd)
{
  int placed = foyer_worker_place_fd (fd, FOYER_SANDBOX_SOUND_FD);

  if (!self->gate.is_open ||
      !foyer_session_id_equal (message->session, self->session) ||
      !foyer_camera_id_equal (message->camera, self->camera) ||
      message->generation != self->generation) {
    turn_rogue (self, "a link of sound came that was not granted");
    return;
  }
  self->reader = foyer_link_reader_new (placed);
  self->watch = g_unix_fd_source_new (placed, G_IO_IN | G_IO_HUP);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_link_ready), self,
      NULL);
  g_source_set_can_recurse (self->watch, TRUE);
  g_source_attach (self->watch, NULL);
}

void
foyer_sound_flow_close (FoyerSoundFlow *self)
{
  foyer_gate_close (&self->gate);
  if (self->watch != NULL)
    g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  g_clear_pointer (&self->reader, foyer_link_reader_free);
}
