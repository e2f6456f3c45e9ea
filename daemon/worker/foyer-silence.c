/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-silence.h"

#define PACKET_MS 20

/* RFC 6716 §3.1: CELT, full band, 20 ms, stereo, one frame; its first bit, as the
 * range coder has it, says silence (§4.3). */
static const guint8 packet[] = { 0xfc, 0xff, 0xfe };

struct _FoyerSilence
{
  FoyerSilenceSend send;
  gpointer user_data;
};

static gboolean
on_due (gpointer user_data)
{
  const FoyerSilence *self = user_data;

  self->send (packet, sizeof packet, self->user_data);
  return G_SOURCE_CONTINUE;
}

FoyerSilence *
foyer_silence_new (FoyerSilenceSend send, gpointer user_data)
{
  FoyerSilence *self = g_new0 (FoyerSilence, 1);

  self->send = send;
  self->user_data = user_data;
  g_timeout_add (PACKET_MS, on_due, self);
  return self;
}
