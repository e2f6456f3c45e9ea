/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-web-server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * foyer_test_web_open:
 * @reel: (transfer none): what it serves
 * @callbacks: (transfer none): whom to tell; must live as long
 * @user_data: for them
 *
 * Returns: (transfer full): a server on a free port of loopback, which serves who asks
 *   from there
 */
FoyerWebServer *foyer_test_web_open (FoyerWebReel *reel,
    const FoyerWebServerCallbacks *callbacks, gpointer user_data);

G_END_DECLS
