/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-load.h"
#include "foyer-channel.h"
#include "foyer-link.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A cast over HTTP: frames that passed the gate go on a reel, from which the
 * display's player takes them; the player is told where, first when there is enough
 * to begin with. Main thread. */

typedef struct _FoyerCastHttp FoyerCastHttp;

/**
 * FoyerCastHttpCallbacks:
 * @load: the display is to play it
 * @want_key: the camera is to make a key frame
 * @leaving: so many bytes more may leave now
 * @refused: somebody asked for what is not his
 */
typedef struct
{
  void (*load) (const FoyerCastLoad *load, gpointer user_data);
  void (*want_key) (gpointer user_data);
  void (*leaving) (gsize n_bytes, gpointer user_data);
  void (*refused) (gpointer user_data);
} FoyerCastHttpCallbacks;

/**
 * foyer_cast_http_new:
 * @listener: (transfer none): bound and listening
 * @display: (transfer none): the connection on which the display proved who it is;
 *   nobody but who is at its other end is answered
 * @config: the worker's, with the grant; copied
 * @callbacks: copied
 * @user_data: for them
 * @error: return location
 *
 * To be made before the process locks itself in.
 *
 * Returns: (transfer full): answers nobody yet; lives as long as the process
 */
FoyerCastHttp *foyer_cast_http_new (GSocket *listener,
    GSocketConnection *display, const FoyerMessage *config,
    const FoyerCastHttpCallbacks *callbacks, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The player was launched: answers from now on. @n_channels: of the sound that was
 * granted; 0 for none: then there is no track for it. */
void foyer_cast_http_open (FoyerCastHttp *self, guint n_channels);

/* The pictures that come are of this size. */
void foyer_cast_http_set_shape (FoyerCastHttp *self, const FoyerShape *shape);

/* A frame that passed the gate; %FALSE if it is of no use. */
gboolean foyer_cast_http_push (FoyerCastHttp *self,
    const FoyerLinkFrame *frame);

/* A packet of AAC that passed the gate. */
void foyer_cast_http_push_sound (FoyerCastHttp *self,
    const FoyerLinkFrame *packet);

/* @slate: H.264: shown from now on, until the next frame */
void foyer_cast_http_show_slate (FoyerCastHttp *self, GBytes *slate,
    const FoyerShape *shape);

/* The player wants to be loaded anew; @n_failed loads in a row failed. */
void foyer_cast_http_reload (FoyerCastHttp *self, guint n_failed);

/* The player plays, and fell so far behind since it began to play what was loaded. */
void foyer_cast_http_note_playing (FoyerCastHttp *self, gint64 lag_us);

/* How late the picture is at the display, as far as it tells; -1 while unknown */
gint64 foyer_cast_http_get_delay_us (const FoyerCastHttp *self);

/* Nothing leaves any more, nothing is left, the port is closed. */
void foyer_cast_http_close (FoyerCastHttp *self);

G_END_DECLS
