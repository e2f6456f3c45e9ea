/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Which sender may talk to what of a display: its virtual connections, made by
 * CONNECT and ended by CLOSE. Pure.
 * openscreen cast/common/channel/virtual_connection_router.cc */

typedef struct
{
  guint64 connection; /* the TLS connection, by the caller's number */
  char *peer_id;      /* "sender-0" */
  char *local_id;     /* "receiver-0" or an app's transportId */
} FoyerCastRoute;

#define FOYER_CAST_MAX_ALL_ROUTES \
  (FOYER_CAST_MAX_CONNECTIONS * FOYER_CAST_MAX_ROUTES)

typedef struct
{
  FoyerCastRoute routes[FOYER_CAST_MAX_ALL_ROUTES];
  guint n_routes;
} FoyerCastRoutes;

/* %FALSE if @connection has FOYER_CAST_MAX_ROUTES; there twice is there once. */
gboolean foyer_cast_routes_add (FoyerCastRoutes *self, guint64 connection,
    const char *peer_id, const char *local_id) G_GNUC_WARN_UNUSED_RESULT;

/* Whether that very route is there. */
gboolean foyer_cast_routes_has (const FoyerCastRoutes *self, guint64 connection,
    const char *peer_id, const char *local_id);

/* Whether any peer is connected to @local_id, over @connection. */
gboolean foyer_cast_routes_reaches (const FoyerCastRoutes *self,
    guint64 connection, const char *local_id);

/* %FALSE if there was none. */
gboolean foyer_cast_routes_remove (FoyerCastRoutes *self, guint64 connection,
    const char *peer_id, const char *local_id);

/**
 * foyer_cast_routes_take:
 * @self: routes
 * @local_id: one end
 * @route: (out caller-allocates): the route, to be cleared
 *
 * Removes the oldest route to @local_id.
 *
 * Returns: %FALSE if there is none left
 */
gboolean foyer_cast_routes_take (FoyerCastRoutes *self, const char *local_id,
    FoyerCastRoute *route);

/* All routes of @connection, which is closed. */
void foyer_cast_routes_remove_connection (FoyerCastRoutes *self,
    guint64 connection);

void foyer_cast_routes_clear (FoyerCastRoutes *self);

void foyer_cast_route_clear (FoyerCastRoute *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastRoute, foyer_cast_route_clear)

G_END_DECLS
