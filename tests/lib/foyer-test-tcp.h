/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * foyer_test_tcp_connect:
 * @port: somebody listens there, at 127.0.0.1
 *
 * Blocks, and asks no proxy, whatever this machine is set up for.
 *
 * Returns: (transfer full): connected
 */
GSocketConnection *foyer_test_tcp_connect (guint16 port);

G_END_DECLS
