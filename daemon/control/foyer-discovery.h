/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-discovery-txt.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Finds displays: those that the network announces, through Avahi's daemon, and
 * those that were added by hand. A name or an address found here is a hint where
 * to connect and never an identity (I7).
 *
 * Speaks to org.freedesktop.Avahi over GDBus: signals alone wake it, and there is
 * no second main loop and no client library. Main thread. */

#define FOYER_DISCOVERY_MAX_DISPLAYS  64
#define FOYER_DISCOVERY_MAX_ADDRESSES 8 /* of one display */

/**
 * FoyerFoundDisplay:
 * @identity: "mdns:ID" or "static:NAME"
 * @name: what it says it is called, or was called by hand; its id if neither
 * @model: "" if it does not say
 * @kind: whether it can show a picture
 * @hosts: (array zero-terminated=1): addresses, IPv4 first, link-local ones with
 *   their interface ("fe80::1%eth0"); or the name given by hand
 * @port: TCP port
 */
typedef struct
{
  char *identity;
  char *name;
  char *model;
  FoyerDisplayKind kind;
  char **hosts;
  guint16 port;
} FoyerFoundDisplay;

/**
 * FoyerDiscoveryCallbacks:
 * @on_found: a display is there, or what is known of it has changed; borrowed
 * @on_lost: the network says goodbye to it, or Avahi is gone
 * @on_problem: (nullable words): what the owner should know, %NULL if it is well
 *   again
 */
typedef struct
{
  void (*on_found) (const FoyerFoundDisplay *display, gpointer user_data);
  void (*on_lost) (const char *identity, gpointer user_data);
  void (*on_problem) (const char *words, gpointer user_data);
} FoyerDiscoveryCallbacks;

typedef struct _FoyerDiscovery FoyerDiscovery;

/**
 * foyer_discovery_new:
 * @callbacks: copied; none is called before foyer_discovery_start() has returned
 *   but for what is added by hand
 * @user_data: for them
 *
 * Returns: (transfer full): one that looks nowhere yet
 */
FoyerDiscovery *foyer_discovery_new (const FoyerDiscoveryCallbacks *callbacks,
    gpointer user_data);

/**
 * foyer_discovery_start:
 * @self: the discovery
 * @bus: (transfer none): the bus Avahi is on
 *
 * Begins to browse, now and each time Avahi comes back.
 */
void foyer_discovery_start (FoyerDiscovery *self, GDBusConnection *bus);

/**
 * foyer_discovery_add:
 * @self: the discovery
 * @name: what it is called
 * @host: name or address
 * @port: TCP port
 *
 * Adds a display by hand; on_found is called before this returns. One of the same
 * name takes the new host and port.
 *
 * Returns: %FALSE if there are too many
 */
gboolean foyer_discovery_add (FoyerDiscovery *self, const char *name,
    const char *host, guint16 port) G_GNUC_WARN_UNUSED_RESULT;

/* Takes one away that was added by hand; on_lost is called. */
void foyer_discovery_remove (FoyerDiscovery *self, const char *name);

/* (transfer none) (nullable): what is known of it; borrowed until the main loop
 * runs again. */
const FoyerFoundDisplay *foyer_discovery_find (FoyerDiscovery *self,
    const char *identity);

void foyer_discovery_free (FoyerDiscovery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerDiscovery, foyer_discovery_free)

G_END_DECLS
