/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-camera-identity.h"
#include "foyer-channel.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The kernel's capture devices, as udev tells of them: those that are there, those
 * that come and go. Left out are nodes of metadata and output, loopback nodes, and those
 * behind a sensor that somebody has to set up first (foyer-sensors.h).
 * A device is told of once udev's rules are through. Main thread; asleep unless
 * something is plugged in or out. */

/**
 * FoyerPlug:
 * @source: how its pictures are had
 * @node: its device node, or its sensor's
 * @place: where sysfs has it: another device never has the same at that time
 * @stamp: when udev first saw it; a replug has another
 * @bus: what its driver says where it sits, or what libcamera calls it
 * @name: what it calls itself
 * @identity: what it is
 * @problem: (nullable): why it can't be looked at, in words
 */
typedef struct
{
  FoyerSource source;
  char *node;
  char *place;
  char *stamp;
  char *bus;
  char *name;
  FoyerCameraIdentity identity;
  char *problem;
} FoyerPlug;

/* (transfer full) (nullable) */
void foyer_plug_free (FoyerPlug *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerPlug, foyer_plug_free)

/**
 * FoyerPlugsEvents:
 * @plugged: one is there, or changed; takes it (transfer full)
 * @unplugged: what had that place is gone; perhaps none was told of
 */
typedef struct
{
  void (*plugged) (FoyerPlug *device, gpointer user_data);
  void (*unplugged) (const char *place, gpointer user_data);
} FoyerPlugsEvents;

typedef struct _FoyerPlugs FoyerPlugs;

/**
 * foyer_plugs_new:
 * @folder: where device nodes are, "/dev"; others are not looked at
 * @events: (transfer none): whom to tell of all that are there, before this
 *   returns, and from here on
 * @user_data: for them
 *
 * Returns: (transfer full): what watches
 */
FoyerPlugs *foyer_plugs_new (const char *folder, const FoyerPlugsEvents *events,
    gpointer user_data);

/**
 * foyer_plugs_open:
 * @self: what watches
 * @device: one that it told of
 * @error: return location
 *
 * Opens its node, and asks of the opened descriptor whether it is that very
 * device still: place, stamp, identity and what its driver says.
 *
 * Returns: (transfer full): the device, or -1 with a #GIOErrorEnum
 */
int foyer_plugs_open (FoyerPlugs *self, const FoyerPlug *device,
    GError **error);

/* (transfer full) (nullable) */
void foyer_plugs_free (FoyerPlugs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerPlugs, foyer_plugs_free)

G_END_DECLS
