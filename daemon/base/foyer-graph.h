/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ioctl.h"

#include <sys/types.h>

G_BEGIN_DECLS

/* What a media controller device (/dev/mediaN) is made of: ioctls alone, and none
 * that changes anything. A device may lie: what it lists is counted. */

#define FOYER_GRAPH_MAX_PARTS 256

/**
 * FoyerGraphPart:
 * @node: its device node; 0 for none
 * @is_sensor: it is a sensor, which somebody has to set up
 * @is_bridge: pictures pass through it, but neither begin nor end there
 * @is_inlet: a node that pictures are written into
 */
typedef struct
{
  dev_t node;
  gboolean is_sensor;
  gboolean is_bridge;
  gboolean is_inlet;
} FoyerGraphPart;

/**
 * foyer_graph_list:
 * @device: a media controller device
 *
 * Returns: (transfer full) (element-type FoyerGraphPart): its parts; none if it
 *   does not say
 */
GArray *foyer_graph_list (const FoyerIoctl *device);

/* Whether one of the parts is a sensor; @node: this one; 0 for any */
gboolean foyer_graph_has_sensor (const GArray *parts, dev_t node);

/* Whether it makes pictures of what somebody writes into it, as an ISP that works from
 * memory and a codec do: neither a camera nor a part of one. */
gboolean foyer_graph_is_converter (const GArray *parts);

G_END_DECLS
