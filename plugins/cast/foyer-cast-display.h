/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-auth.h"
#include "foyer-cast-error.h"
#include "foyer-cast-media-app.h"
#include "foyer-cast-offer.h"
#include "foyer-cast-receiver.h"
#include "foyer-clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A Cast display in software: listens, answers device authentication, runs the
 * mirroring app for one sender at a time and receives its streams, and tells whoever
 * has a player what to play, all on a thread of its own. Callbacks come on that thread, without any lock held, and
 * never after foyer_cast_display_stop() has returned. */

typedef struct _FoyerCastDisplay FoyerCastDisplay;

/**
 * FoyerCastDisplayConfig:
 * @address: (nullable): address to listen on; %NULL for loopback, IPv4
 * @port: TCP port; 0 for any that is free
 * @friendly_name: what it calls itself
 * @credentials: (transfer none): its keys, which must outlive it
 * @codecs: (array length=n_codecs): what it takes, most wanted first, audio and
 *   video
 * @width_px: its picture
 * @height_px: its picture
 * @fps: its highest frame rate
 * @max_video_bps: most it asks for
 * @needs_audio: an OFFER without is refused, as some displays do
 * @lacks_mirroring: there is no app that takes streams
 * @has_player: on_media is heard: senders may launch the media receiver
 * @drop_fraction: of datagrams to lose in each direction, 0.0…1.0; for tests
 * @clock: (nullable): %NULL for the machine's
 */
typedef struct
{
  const char *address;
  guint16 port;
  const char *friendly_name;
  FoyerCastCredentials *credentials;
  FoyerCastCodec codecs[3];
  guint n_codecs;
  guint width_px;
  guint height_px;
  guint fps;
  guint32 max_video_bps;
  gboolean needs_audio;
  gboolean lacks_mirroring;
  gboolean has_player;
  double drop_fraction;
  const FoyerClock *clock;
} FoyerCastDisplayConfig;

/**
 * FoyerCastDisplayCallbacks:
 * @on_session: a sender's streams were settled; frames follow
 * @on_frame: a frame came; take its data with g_steal_pointer() to keep it
 * @on_session_ended: the streams are over and nothing of them is left here;
 *   @reason in words
 * @on_media: (nullable): what the player shall do; to load, @url as number @number,
 *   to seek, to @seek_s
 */
typedef struct
{
  void (*on_session) (FoyerCastDisplay *self, guint64 session_number,
      const FoyerCastStreamConfig *streams, guint n_streams,
      gpointer user_data);
  void (*on_frame) (FoyerCastDisplay *self, FoyerCastReceivedFrame *frame,
      gpointer user_data);
  void (*on_session_ended) (FoyerCastDisplay *self, guint64 session_number,
      const char *reason, gpointer user_data);
  void (*on_media) (FoyerCastDisplay *self, FoyerCastMediaWish wish,
      guint64 number, const char *url, double seek_s, gpointer user_data);
} FoyerCastDisplayCallbacks;

/**
 * foyer_cast_display_new:
 * @config: copied
 * @callbacks: copied
 * @user_data: for them
 * @error: return location
 *
 * Listens from now on.
 *
 * Returns: (transfer full): the display, or %NULL if the port can't be had
 */
FoyerCastDisplay *foyer_cast_display_new (const FoyerCastDisplayConfig *config,
    const FoyerCastDisplayCallbacks *callbacks, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The TCP port it listens on. */
guint16 foyer_cast_display_get_port (const FoyerCastDisplay *self);

/* The decoder of @stream lost its picture. Any thread. */
void foyer_cast_display_request_key (FoyerCastDisplay *self, guint stream);

/* Datagrams to lose from now on, 0.0…1.0. Any thread. */
void foyer_cast_display_set_drop (FoyerCastDisplay *self, double fraction);

/* Figures of the session now running, or of the last. Any thread. */
void foyer_cast_display_get_stats (FoyerCastDisplay *self,
    FoyerCastReceiverStats *stats);

/**
 * foyer_cast_display_report_media:
 * @self: a display with a player
 * @number: of what it was told to load
 * @state: what it does; %FOYER_CAST_MEDIA_IDLE: it came to the end
 * @position_s: where it is
 * @has_failed: it can't play it; @state says nothing then
 *
 * Any thread.
 */
void foyer_cast_display_report_media (FoyerCastDisplay *self, guint64 number,
    FoyerCastMediaState state, double position_s, gboolean has_failed);

/* Ends the session if one runs (the sender is told), stops listening and joins
 * the thread. */
void foyer_cast_display_stop (FoyerCastDisplay *self);

/* (transfer full) (nullable): stops it first */
void foyer_cast_display_free (FoyerCastDisplay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastDisplay, foyer_cast_display_free)

G_END_DECLS
