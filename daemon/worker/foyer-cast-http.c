/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-http.h"

#include "foyer-clock.h"
#include "foyer-web-server.h"

#define ENOUGH_PIECES 3
#define KEY_PAUSE_US  (200 * 1000) /* between two wishes for a key frame */
#define SOUND_US      (3 * G_USEC_PER_SEC) /* a microphone opens within */
#define UNKNOWN       (-1)

struct _FoyerCastHttp
{
  FoyerCastHttpCallbacks callbacks;
  gpointer user_data;
  char *title;
  FoyerWebReel *reel;
  FoyerWebServer *server;
  guint16 width_px;
  guint16 height_px;
  guint64 last_piece;
  gint64 key_us; /* when one was last wished for */
  GBytes *slate; /* while it is shown */
  FoyerShape slate_shape;
  guint slate_timer;
  gboolean is_open;
  gboolean wants_load; /* when there is enough */
  gboolean is_hls;
  gboolean is_first; /* no piece was taken since the load */
  gint64 first_us;   /* when the first frame of that was taken */
  gint64 begun_us;   /* how late that was when it began to play; or UNKNOWN */
  gint64 delay_us;
};

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static void
on_served (const FoyerWebPiece *piece, gpointer user_data)
{
  FoyerCastHttp *self = user_data;

  if (self->is_first)
    self->first_us = piece->since_us;
  self->is_first = FALSE;
}

static void
on_leaving (gsize n_bytes, gpointer user_data)
{
  FoyerCastHttp *self = user_data;

  self->callbacks.leaving (n_bytes, self->user_data);
}

static void
on_refused (gpointer user_data)
{
  FoyerCastHttp *self = user_data;

  self->callbacks.refused (self->user_data);
}

FoyerCastHttp *
foyer_cast_http_new (GSocket *listener, GSocketConnection *display,
    const FoyerMessage *config, const FoyerCastHttpCallbacks *callbacks,
    gpointer user_data, GError **error)
{
  g_autoptr (GSocketAddress) peer =
      g_socket_connection_get_remote_address (display, error);
  const FoyerClock *clock = foyer_clock_get_system ();
  FoyerCastHttp *self;

  if (!G_IS_INET_SOCKET_ADDRESS (peer)) {
    if (peer != NULL)
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          "the display has no internet address");
    return NULL;
  }
  self = g_new0 (FoyerCastHttp, 1);
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->title = g_strdup (config->text);
  self->delay_us = UNKNOWN;
  self->is_hls = TRUE;
  self->reel = foyer_web_reel_new (
      foyer_clock_get_wall_us (clock) - foyer_clock_get_us (clock));
  self->server = foyer_web_server_new (listener,
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)),
      config->ends_us, self->reel, error);
  return self->server != NULL ? self : NULL;
}

void
foyer_cast_http_open (FoyerCastHttp *self, guint n_channels)
{
  static const FoyerWebServerCallbacks callbacks = { .leaving = on_leaving,
    .served = on_served,
    .refused = on_refused };

  self->is_open = TRUE;
  self->wants_load = TRUE;
  foyer_web_reel_set_sound (self->reel, n_channels, get_now_us () + SOUND_US);
  foyer_web_server_open (self->server, &callbacks, self);
}

void
foyer_cast_http_set_shape (FoyerCastHttp *self, const FoyerShape *shape)
{
  self->width_px = shape->width_px;
  self->height_px = shape->height_px;
}

static void
load (FoyerCastHttp *self)
{
  g_autofree char *url = foyer_web_server_make_url (self->server, self->is_hls);
  const FoyerCastLoad play = {
    .url = url,
    .content_type = self->is_hls ? "application/vnd.apple.mpegurl"
                                 : "video/mp4",
    .is_hls = self->is_hls,
    .title = self->title,
  };

  self->wants_load = FALSE;
  self->is_first = TRUE;
  self->begun_us = UNKNOWN;
  self->callbacks.load (&play, self->user_data);
}

static void
note_pieces (FoyerCastHttp *self)
{
  guint64 first, last;

  foyer_web_reel_get_bounds (self->reel, &first, &last);
  if (last == self->last_piece)
    return;
  self->last_piece = last;
  foyer_web_server_note_piece (self->server);
  if (self->wants_load && foyer_web_reel_count (self->reel) >= ENOUGH_PIECES)
    load (self);
}

static void
stop_slate (FoyerCastHttp *self)
{
  g_clear_handle_id (&self->slate_timer, g_source_remove);
  g_clear_pointer (&self->slate, g_bytes_unref);
}

gboolean
foyer_cast_http_push (FoyerCastHttp *self, const FoyerLinkFrame *frame)
{
  const FoyerWebFrame taken = {
    .data = frame->data,
    .n_bytes = frame->n_bytes,
    .is_key = frame->is_key,
    .capture_us = frame->capture_us,
    .sequence = frame->sequence,
    .width_px = self->width_px,
    .height_px = self->height_px,
  };
  gint64 now_us = get_now_us ();
  gboolean is_taken;

  if (!self->is_open)
    return FALSE;
  is_taken = foyer_web_reel_push (self->reel, &taken);
  if (is_taken)
    stop_slate (self);
  note_pieces (self);
  if (foyer_web_reel_wants_key (self->reel, frame->capture_us) &&
      now_us - self->key_us >= KEY_PAUSE_US) {
    self->key_us = now_us;
    self->callbacks.want_key (self->user_data);
  }
  return is_taken;
}

void
foyer_cast_http_push_sound (FoyerCastHttp *self, const FoyerLinkFrame *packet)
{
  if (self->is_open)
    (void) foyer_web_reel_push_sound (self->reel, packet->data, packet->n_bytes,
        packet->capture_us);
}

/* A picture that does not move is made anew for each piece, so that the player goes
 * on and what it showed before leaves the playlist. */
static gboolean
on_slate_due (gpointer user_data)
{
  FoyerCastHttp *self = user_data;
  FoyerWebFrame frame = {
    .is_key = TRUE,
    .is_slate = TRUE,
    .capture_us = get_now_us (),
    .width_px = self->slate_shape.width_px,
    .height_px = self->slate_shape.height_px,
  };

  frame.data = g_bytes_get_data (self->slate, &frame.n_bytes);
  (void) foyer_web_reel_push (self->reel, &frame);
  note_pieces (self);
  return G_SOURCE_CONTINUE;
}

void
foyer_cast_http_show_slate (FoyerCastHttp *self, GBytes *slate,
    const FoyerShape *shape)
{
  if (!self->is_open)
    return;
  stop_slate (self);
  self->slate = g_bytes_ref (slate);
  self->slate_shape = *shape;
  self->slate_timer = g_timeout_add (FOYER_WEB_REEL_KEY_MS, on_slate_due, self);
  on_slate_due (self);
}

void
foyer_cast_http_reload (FoyerCastHttp *self, guint n_failed)
{
  if (!self->is_open)
    return;
  self->is_hls = n_failed % 2 == 0;
  self->wants_load = TRUE;
  if (foyer_web_reel_count (self->reel) >= ENOUGH_PIECES)
    load (self);
}

void
foyer_cast_http_note_playing (FoyerCastHttp *self, gint64 lag_us)
{
  if (self->is_first)
    return;
  if (self->begun_us == UNKNOWN)
    self->begun_us = get_now_us () - self->first_us;
  self->delay_us = MAX (self->begun_us + lag_us, 0);
}

gint64
foyer_cast_http_get_delay_us (const FoyerCastHttp *self)
{
  return self->delay_us;
}

void
foyer_cast_http_close (FoyerCastHttp *self)
{
  const FoyerWebServerStats *stats = foyer_web_server_get_stats (self->server);

  if (self->is_open)
    g_debug ("%" G_GUINT64_FORMAT " requests were refused, %" G_GUINT64_FORMAT
             " connections came from elsewhere, %" G_GUINT64_FORMAT
             " were too many",
        stats->n_refused, stats->n_strangers, stats->n_excess);
  self->is_open = FALSE;
  stop_slate (self);
  foyer_web_server_close (self->server);
  foyer_web_reel_wipe (self->reel);
}
