/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-routes.h"

#include <string.h>

static gboolean
is_route (const FoyerCastRoute *route, guint64 connection, const char *peer_id,
    const char *local_id)
{
  return route->connection == connection &&
      strcmp (route->peer_id, peer_id) == 0 &&
      strcmp (route->local_id, local_id) == 0;
}

/* In the order in which they came. */
static void
take_at (FoyerCastRoutes *self, guint at, FoyerCastRoute *route)
{
  *route = self->routes[at];
  self->n_routes--;
  memmove (&self->routes[at], &self->routes[at + 1],
      (self->n_routes - at) * sizeof self->routes[0]);
}

gboolean
foyer_cast_routes_add (FoyerCastRoutes *self, guint64 connection,
    const char *peer_id, const char *local_id)
{
  guint n_of_connection = 0;

  if (foyer_cast_routes_has (self, connection, peer_id, local_id))
    return TRUE;
  for (guint i = 0; i < self->n_routes; i++)
    if (self->routes[i].connection == connection)
      n_of_connection++;
  if (n_of_connection >= FOYER_CAST_MAX_ROUTES ||
      self->n_routes >= FOYER_CAST_MAX_ALL_ROUTES)
    return FALSE;
  self->routes[self->n_routes++] = (FoyerCastRoute){
    .connection = connection,
    .peer_id = g_strdup (peer_id),
    .local_id = g_strdup (local_id),
  };
  return TRUE;
}

gboolean
foyer_cast_routes_has (const FoyerCastRoutes *self, guint64 connection,
    const char *peer_id, const char *local_id)
{
  for (guint i = 0; i < self->n_routes; i++)
    if (is_route (&self->routes[i], connection, peer_id, local_id))
      return TRUE;
  return FALSE;
}

gboolean
foyer_cast_routes_reaches (const FoyerCastRoutes *self, guint64 connection,
    const char *local_id)
{
  for (guint i = 0; i < self->n_routes; i++)
    if (self->routes[i].connection == connection &&
        strcmp (self->routes[i].local_id, local_id) == 0)
      return TRUE;
  return FALSE;
}

gboolean
foyer_cast_routes_remove (FoyerCastRoutes *self, guint64 connection,
    const char *peer_id, const char *local_id)
{
  for (guint i = 0; i < self->n_routes; i++) {
    g_auto (FoyerCastRoute) route = { 0 };

    if (!is_route (&self->routes[i], connection, peer_id, local_id))
      continue;
    take_at (self, i, &route);
    return TRUE;
  }
  return FALSE;
}

gboolean
foyer_cast_routes_take (FoyerCastRoutes *self, const char *local_id,
    FoyerCastRoute *route)
{
  for (guint i = 0; i < self->n_routes; i++) {
    if (strcmp (self->routes[i].local_id, local_id) != 0)
      continue;
    take_at (self, i, route);
    return TRUE;
  }
  return FALSE;
}

void
foyer_cast_routes_remove_connection (FoyerCastRoutes *self, guint64 connection)
{
  for (guint i = self->n_routes; i-- > 0;) {
    g_auto (FoyerCastRoute) route = { 0 };

    if (self->routes[i].connection == connection)
      take_at (self, i, &route);
  }
}

void
foyer_cast_routes_clear (FoyerCastRoutes *self)
{
  for (guint i = 0; i < self->n_routes; i++)
    foyer_cast_route_clear (&self->routes[i]);
  self->n_routes = 0;
}

void
foyer_cast_route_clear (FoyerCastRoute *self)
{
  g_clear_pointer (&self->peer_id, g_free);
  g_clear_pointer (&self->local_id, g_free);
}
