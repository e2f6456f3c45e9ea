/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Landlock, as much of it as this kernel has: a part of foyer-sandbox.h. */

/**
 * foyer_landlock_keep_to:
 * @readable: (array zero-terminated=1): files and folders to be read
 * @usable: (array zero-terminated=1): devices, or folders of them, to be used
 * @error: return location
 *
 * From now on this thread and all that it makes can open these by their paths,
 * those that are there now, and nothing else; a device that comes to have the
 * name of one is not that one. Sets no_new_privs.
 *
 * Returns: %FALSE with a #GIOErrorEnum if the kernel has it but refused
 */
gboolean foyer_landlock_keep_to (const char *const *readable,
    const char *const *usable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_landlock_enter:
 * @lacks: (out): what this kernel does not have of it, in words; "" for nothing
 * @error: return location
 *
 * From now on this thread and all that it makes can open nothing by its path,
 * bind or connect no TCP socket, and reach no socket or process outside by
 * abstract name or signal; what is open stays so. Needs no_new_privs. What the
 * kernel lacks is told of by g_message().
 *
 * Returns: %FALSE with a #GIOErrorEnum if the kernel has it but refused
 */
gboolean foyer_landlock_enter (const char **lacks,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
