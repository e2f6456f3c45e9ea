/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-app-agent.h"
#include "foyer-cast-launch.h"
#include "foyer-cast-volume.h"

#include <string.h>

/* Lines of text, each led by a letter that chooses its namespace: what a display
 * says to a sender's launch and stop, and what two senders say to a display. */

static const char *
choose_namespace (char letter)
{
  switch (letter) {
    case 'c':
      return FOYER_CAST_NS_CONNECTION;
    case 'h':
      return FOYER_CAST_NS_HEARTBEAT;
    case 'w':
      return FOYER_CAST_NS_WEBRTC;
    case 'd':
      return FOYER_CAST_NS_DISCOVERY;
    default:
      return FOYER_CAST_NS_RECEIVER;
  }
}

static void
drain (FoyerCastAppAgent *agent)
{
  for (;;) {
    g_autoptr (FoyerCastAgentOutput) output = foyer_cast_app_agent_take_output (
        agent);

    if (output == NULL)
      break;
    if (output->message != NULL)
      g_assert_nonnull (output->message->text);
  }
}

static void
tell_sender (FoyerCastLaunch *launch, FoyerCastStop *stop,
    FoyerCastVolume *volume, const FoyerCastMessage *message, gint64 now_us)
{
  g_auto (FoyerCastReply) reply = { 0 };

  if (!foyer_cast_reply_parse (message, &reply, NULL))
    return;
  foyer_cast_reply_lacks_app (&reply, FOYER_CAST_APP_MIRRORING);
  foyer_cast_launch_receive (launch, &reply, now_us);
  foyer_cast_launch_tick (launch, now_us);
  g_free (foyer_cast_launch_take_message (launch));
  g_assert_cmpint (launch->state == FOYER_CAST_CONTROL_DONE, ==,
      launch->transport_id != NULL);
  g_assert_cmpint (launch->state == FOYER_CAST_CONTROL_FAILED, ==,
      launch->error != NULL);
  foyer_cast_stop_receive (stop, &reply);
  foyer_cast_volume_receive (volume, &reply, now_us);
  foyer_cast_volume_tick (volume, now_us);
  g_free (foyer_cast_volume_take_message (volume));
  g_assert_true (volume->level >= 0.0 && volume->level <= 1.0);
}

/* "T" in front of the text sends it to the app. */
static FoyerCastMessage *
make_message (FoyerCastAppAgent *agent, const char *line)
{
  const char *transport = foyer_cast_app_agent_get_transport_id (agent);
  gboolean is_for_app = line[0] != '\0' && line[1] == 'T' && transport != NULL;
  const char *text = line[0] != '\0' ? line + 1 + (line[1] == 'T') : line;

  return foyer_cast_message_new_text ("sender-0",
      is_for_app ? transport : FOYER_CAST_PLATFORM_RECEIVER,
      choose_namespace (line[0]), text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_auto (GStrv) lines = NULL;
  g_autoptr (FoyerCastAppAgent) agent = foyer_cast_app_agent_new ("Name",
      "Model", "00");
  g_auto (FoyerCastLaunch) launch = { 0 };
  g_auto (FoyerCastStop) stop = { 0 };
  g_auto (FoyerCastVolume) volume = { 0 };
  const FoyerCastVolumeChange change = { n_bytes % 3 == 0, 0.5,
    n_bytes % 5 == 0, TRUE };
  gint64 now_us = 0;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  lines = g_strsplit (text, "\n", 64);
  foyer_cast_launch_init (&launch,
      n_bytes % 2 == 0 ? FOYER_CAST_APP_MIRRORING
                       : FOYER_CAST_APP_AUDIO_MIRRORING,
      1, now_us);
  foyer_cast_stop_init (&stop, "s1", 3, now_us);
  foyer_cast_volume_init (&volume, &change, 1, now_us);
  for (guint64 i = 1; i <= 2; i++)
    g_assert_true (foyer_cast_app_agent_add_connection (agent, i));
  for (guint64 i = 0; lines[i] != NULL; i++) {
    g_autoptr (FoyerCastMessage) message = make_message (agent, lines[i]);

    now_us += 400 * 1000;
    tell_sender (&launch, &stop, &volume, message, now_us);
    foyer_cast_app_agent_receive (agent, 1 + i / 8 % 2, message);
    drain (agent);
  }
  foyer_cast_app_agent_remove_connection (agent, 1);
  drain (agent);
  return 0;
}
