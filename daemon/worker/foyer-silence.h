/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Silence for a display that takes no picture without sound: packets of Opus that
 * stand in the program, made of no microphone. Main thread. */

typedef struct _FoyerSilence FoyerSilence;

/**
 * FoyerSilenceSend:
 * @data: (array length=n_bytes): a packet of 20 ms
 * @n_bytes: its length
 * @user_data: whatever
 */
typedef void (
    *FoyerSilenceSend) (const guint8 *data, gsize n_bytes, gpointer user_data);

/**
 * foyer_silence_new:
 * @send: called each 20 ms from now on
 * @user_data: for it
 *
 * Returns: (transfer full): silence; ends with the process
 */
FoyerSilence *foyer_silence_new (FoyerSilenceSend send, gpointer user_data);

G_END_DECLS
