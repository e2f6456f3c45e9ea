/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * foyer_notify:
 * @words: "READY=1", "STOPPING=1"; sd_notify(3)
 *
 * Tells whoever started the service, if $NOTIFY_SOCKET says that they listen.
 */
void foyer_notify (const char *words);

G_END_DECLS
