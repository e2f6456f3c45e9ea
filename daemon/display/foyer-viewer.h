/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-screen.h"

#include <gst/gst.h>
#include <stdio.h>

G_BEGIN_DECLS

/* The way from the network to the screen: receives, decodes, reads the mark and
 * shows each picture at its time. The decoder of a session is made for it and
 * goes with it, and so does the last picture. */

typedef struct _FoyerViewer FoyerViewer;

/**
 * FoyerViewerConfig:
 * @name: what the display calls itself
 * @address: (nullable): where to listen; %NULL for this machine alone
 * @port: TCP port; 0 for any
 * @credentials: (nullable): folder with its keys; %NULL for the usual one
 * @codec: "auto", "h264" or "vp8"
 * @drop_fraction: of datagrams to lose, 0.0…1.0
 * @has_sound: play it; else it is received and thrown away
 * @needs_audio: refuse an OFFER without
 * @lacks_mirroring: take no streams, but URLs
 * @sounds: (nullable) (transfer none): where a line for each tone that was heard goes,
 *   unless sound is played
 * @frames: (nullable) (transfer none): where a line for each shown frame goes
 */
typedef struct
{
  const char *name;
  const char *address;
  guint port;
  const char *credentials;
  const char *codec;
  double drop_fraction;
  gboolean has_sound;
  gboolean needs_audio;
  gboolean lacks_mirroring;
  FILE *sounds;
  FILE *frames;
} FoyerViewerConfig;

/**
 * foyer_viewer_new:
 * @config: copied, but for its file
 * @screen: (transfer none): shows the pictures; must outlive the viewer
 * @error: return location
 *
 * Returns: (transfer full): a viewer, or %NULL if an element is missing
 */
FoyerViewer *foyer_viewer_new (const FoyerViewerConfig *config,
    FoyerScreen *screen, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_viewer_start:
 * @self: a viewer
 * @error: return location
 *
 * Listens from now on.
 *
 * Returns: %FALSE if it can't
 */
gboolean foyer_viewer_start (FoyerViewer *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): foyercastsrc, whose properties say port, pin, stats */
GstElement *foyer_viewer_get_source (FoyerViewer *self);

/* Packets of sound that came since the beginning, and their bytes. */
void foyer_viewer_get_sound (FoyerViewer *self, guint64 *n_packets,
    guint64 *n_bytes);

/* (transfer none): with the messages of sessions, of what a player is to do, and
 * errors */
GstBus *foyer_viewer_get_bus (FoyerViewer *self);

/* Main thread. The delay of the session that began. */
void foyer_viewer_set_delay (FoyerViewer *self, guint delay_ms);

/* (transfer full) (nullable): ends the session, telling its sender */
void foyer_viewer_free (FoyerViewer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerViewer, foyer_viewer_free)

G_END_DECLS
