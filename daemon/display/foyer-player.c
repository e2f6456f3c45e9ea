/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-player.h"

#include "foyer-playback.h"

#define REPORT_MS 250
/* So long pipelines are waited for when all ends. */
#define ENDING_US (2 * G_USEC_PER_SEC)

struct _FoyerPlayer
{
  FoyerScreen *screen; /* borrowed */
  gboolean has_sound;
  FILE *frames; /* borrowed */
  FoyerPlayerFunc func;
  gpointer user_data;

  FoyerPlayback *playback; /* (nullable): of what is loaded */
  guint reporter;
  FoyerPlayerReport report;
  gboolean is_paused;
  GAsyncQueue *ended; /* has one of each playback whose pipeline ended */
  guint n_ending;     /* what it has not told of yet */
};

static void
tell (FoyerPlayer *self)
{
  self->func (&self->report, self->user_data);
}

static void
set_state (FoyerPlayer *self, FoyerCastMediaState state)
{
  self->report.state = state;
  tell (self);
}

/* Off the picture; no pipeline is waited for. */
static void
unload (FoyerPlayer *self)
{
  g_clear_handle_id (&self->reporter, g_source_remove);
  if (self->playback == NULL)
    return;
  foyer_playback_end (g_steal_pointer (&self->playback), self->ended);
  self->n_ending++;
}

static void
wait_for_pipelines (FoyerPlayer *self)
{
  while (self->n_ending > 0) {
    if (g_async_queue_timeout_pop (self->ended, ENDING_US) == NULL) {
      g_warning ("what fetched for the player has not ended");
      return;
    }
    self->n_ending--;
  }
}

static void
fail (FoyerPlayer *self, const char *problem)
{
  unload (self);
  self->report.problem = problem;
  tell (self);
  self->report.problem = NULL;
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  FoyerPlayer *self = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    unload (self);
    set_state (self, FOYER_CAST_MEDIA_IDLE);
    return G_SOURCE_REMOVE;
  }
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  fail (self, error->message);
  return G_SOURCE_REMOVE;
}

static gboolean
on_report_due (gpointer user_data)
{
  FoyerPlayer *self = user_data;
  gint64 position_ns = 0;

  if (foyer_playback_get_position (self->playback, &position_ns))
    self->report.position_s = (double) position_ns / GST_SECOND;
  if (!foyer_playback_has_shown (self->playback))
    self->report.state = FOYER_CAST_MEDIA_LOADING;
  else
    self->report.state = self->is_paused ? FOYER_CAST_MEDIA_PAUSED
                                         : FOYER_CAST_MEDIA_PLAYING;
  tell (self);
  return G_SOURCE_CONTINUE;
}

static void
load (FoyerPlayer *self, guint64 number, const char *url)
{
  const FoyerPlaybackConfig config = { .screen = self->screen,
    .has_sound = self->has_sound,
    .frames = self->frames,
    .number = number,
    .url = url };

  unload (self);
  self->report = (FoyerPlayerReport){ .number = number };
  self->is_paused = FALSE;
  self->playback = foyer_playback_new (&config);
  if (self->playback == NULL) {
    fail (self, "GStreamer lacks elements that the player needs");
    return;
  }
  foyer_playback_start (self->playback, on_message, self);
  self->reporter = g_timeout_add (REPORT_MS, on_report_due, self);
}

static void
stop (FoyerPlayer *self)
{
  if (self->playback == NULL)
    return;
  unload (self);
  set_state (self, FOYER_CAST_MEDIA_IDLE);
}

static void
set_paused (FoyerPlayer *self, gboolean is_paused)
{
  if (self->playback == NULL)
    return;
  self->is_paused = is_paused;
  foyer_playback_set_paused (self->playback, is_paused);
  on_report_due (self);
}

static void
seek (FoyerPlayer *self, double position_s)
{
  if (self->playback != NULL && position_s >= 0)
    foyer_playback_seek (self->playback,
        (gint64) (MIN (position_s, G_MAXINT32) * GST_SECOND));
}

void
foyer_player_take (FoyerPlayer *self, const GstStructure *wish)
{
  const char *word = gst_structure_get_string (wish, "wish");
  const char *url = gst_structure_get_string (wish, "url");
  guint64 number = 0;
  double position_s = 0;

  gst_structure_get_uint64 (wish, "number", &number);
  gst_structure_get_double (wish, "position", &position_s);
  if (g_strcmp0 (word, "load") == 0 && url != NULL)
    load (self, number, url);
  else if (g_strcmp0 (word, "stop") == 0)
    stop (self);
  else if (g_strcmp0 (word, "seek") == 0)
    seek (self, position_s);
  else
    set_paused (self, g_strcmp0 (word, "pause") == 0);
}

FoyerPlayer *
foyer_player_new (FoyerScreen *screen, gboolean has_sound, FILE *frames,
    FoyerPlayerFunc func, gpointer user_data)
{
  FoyerPlayer *self = g_new0 (FoyerPlayer, 1);

  self->screen = screen;
  self->has_sound = has_sound;
  self->frames = frames;
  self->func = func;
  self->user_data = user_data;
  self->ended = g_async_queue_new ();
  return self;
}

void
foyer_player_free (FoyerPlayer *self)
{
  if (self == NULL)
    return;
  unload (self);
  wait_for_pipelines (self);
  g_async_queue_unref (self->ended);
  g_free (self);
}
