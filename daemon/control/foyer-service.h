/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-auth.h"
#include "foyer-house.h"

G_BEGIN_DECLS

/* The house on D-Bus: objects that tell of it, and methods that let the owner
 * command it. Nothing is decided here: a method asks who calls, whether they may,
 * and hands one command to the house. Main thread. */

#define FOYER_SERVICE_NAME "org.foyer.Foyer1"
#define FOYER_SERVICE_PATH "/org/foyer/Foyer1"

typedef struct _FoyerService FoyerService;

/**
 * foyer_service_new:
 * @house: (transfer none): the house, not started; lives longer
 * @connection: (transfer none): the bus
 * @auth: (transfer none): who may what
 * @avahi: (transfer none) (nullable): the bus that Avahi is on
 * @error: return location
 *
 * Exports all objects and starts the house. The name is to be owned afterwards.
 *
 * Returns: (transfer full): or %NULL if it can't be exported
 */
FoyerService *foyer_service_new (FoyerHouse *house, GDBusConnection *connection,
    FoyerAuth *auth, GDBusConnection *avahi,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable): takes everything off the bus */
void foyer_service_free (FoyerService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerService, foyer_service_free)

G_END_DECLS
