/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-launcher.h"
#include "foyer-plugs.h"

G_BEGIN_DECLS

/* Sensors that libcamera makes a camera of, such as those on a CSI connector. udev
 * tells of sensors; which of them are cameras only libcamera knows, and that is
 * asked in a process of its own, a foyer-camera that looks and ends. Where there is
 * no sensor, or no libcamera, nothing is told and nothing is started.
 *
 * A sensor that was found is there until the kernel says that it is gone. Looking
 * may set up the devices anew, so nobody looks while one of them is in use. Main
 * thread. */

#define FOYER_SENSORS_SETTLE_MS 500 /* parts of a device come one by one */

typedef struct _FoyerSensors FoyerSensors;

/**
 * foyer_sensors_new:
 * @launcher: (transfer none): lives longer
 * @folder: where device nodes are, "/dev"; others are not looked at
 * @events: (transfer none): whom to tell, later
 * @user_data: for them
 *
 * Returns: (transfer full): what watches
 */
FoyerSensors *foyer_sensors_new (const FoyerLauncher *launcher,
    const char *folder, const FoyerPlugsEvents *events, gpointer user_data);

/* One of them is in use: nobody looks until it was released as often. */
void foyer_sensors_hold (FoyerSensors *self);
void foyer_sensors_release (FoyerSensors *self);

/**
 * foyer_sensors_open:
 * @device: one that was told of
 * @error: return location
 *
 * Opens its node, and asks of the opened descriptor whether it is that very sensor
 * still: place, stamp, and what libcamera would call it.
 *
 * Returns: (transfer full): the sensor, or -1 with a #GIOErrorEnum
 */
int foyer_sensors_open (const FoyerPlug *device, GError **error);

/* (transfer full) (nullable) */
void foyer_sensors_free (FoyerSensors *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerSensors, foyer_sensors_free)

G_END_DECLS
