/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-v4l2.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Brightness, focus and the like of cameras: read, set, and kept as one line of
 * text a camera, "brightness=200 focus-absolute=0". A broken camera may take
 * seconds to answer, so it is asked on a thread of its own; what is set counts
 * for every program that has the camera open. Main thread. */

#define FOYER_CONTROLS_MAX_BYTES 2048 /* of the line */

/**
 * foyer_controls_is_line:
 * @line: (nullable): any text
 *
 * Returns: whether it is a line of controls: names that are there once, and
 *   whole numbers
 */
gboolean foyer_controls_is_line (const char *line);

/**
 * foyer_controls_dup_with:
 * @line: (nullable): a line of controls
 * @name: a control's
 * @value: what it is to be
 *
 * Returns: (transfer full) (nullable): the line with that value; %NULL if it gets
 *   too long
 */
char *foyer_controls_dup_with (const char *line, const char *name,
    gint32 value);

/**
 * foyer_controls_check:
 * @controls: (element-type FoyerV4l2Control): what there is
 * @name: which is meant
 * @value: what it is to be
 * @error: return location: %FOYER_ERROR_NOT_FOUND or _INVALID, with what there is
 *
 * Returns: (transfer none) (nullable): the control, if it takes that value
 */
const FoyerV4l2Control *foyer_controls_check (const GArray *controls,
    const char *name, gint32 value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_controls_list_async:
 * @fd: (transfer full): an open camera
 * @cancellable: (nullable): to give it up
 * @callback: called when it is done
 * @user_data: for it
 */
void foyer_controls_list_async (int fd, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);

/* (transfer full) (nullable) (element-type FoyerV4l2Control): what it has */
GArray *foyer_controls_list_finish (GAsyncResult *result, GError **error);

/**
 * foyer_controls_set_async:
 * @fd: (transfer full): an open camera
 * @line: what to set, in that order; what the camera has not is left out
 * @is_strict: the first that can't be set is an error, and the rest stays
 * @cancellable: (nullable): to give it up
 * @callback: (nullable): called when it is done
 * @user_data: for it
 */
void foyer_controls_set_async (int fd, const char *line, gboolean is_strict,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

/* %FALSE with an error of #FOYER_ERROR, or as the camera said. */
gboolean foyer_controls_set_finish (GAsyncResult *result,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
