/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-graph.h"

#include <linux/media.h>
#include <sys/sysmacros.h>

#define MAX_PADS 16 /* of a part that is looked at */

/* Of what has a node for pictures: whether they come out of memory there. */
static gboolean
is_inlet (const FoyerIoctl *device, const struct media_entity_desc *entity)
{
  struct media_pad_desc pads[MAX_PADS] = { 0 };
  struct media_links_enum ends = { .entity = entity->id, .pads = pads };

  return entity->type == MEDIA_ENT_F_IO_V4L && entity->pads > 0 &&
      entity->pads <= MAX_PADS &&
      foyer_ioctl_ask (device, MEDIA_IOC_ENUM_LINKS, &ends) &&
      (pads[0].flags & MEDIA_PAD_FL_SOURCE) != 0;
}

GArray *
foyer_graph_list (const FoyerIoctl *device)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (FoyerGraphPart));
  struct media_entity_desc entity = { .id = MEDIA_ENT_ID_FLAG_NEXT };

  while (parts->len < FOYER_GRAPH_MAX_PARTS &&
      foyer_ioctl_ask (device, MEDIA_IOC_ENUM_ENTITIES, &entity)) {
    const FoyerGraphPart part = {
      .node = makedev (entity.dev.major, entity.dev.minor),
      .is_sensor = entity.type == MEDIA_ENT_F_CAM_SENSOR &&
          entity.dev.major != 0,
      .is_bridge = entity.type != MEDIA_ENT_F_IO_V4L,
      .is_inlet = is_inlet (device, &entity),
    };

    g_array_append_val (parts, part);
    entity = (struct media_entity_desc){
      .id = entity.id | MEDIA_ENT_ID_FLAG_NEXT,
    };
  }
  return parts;
}

gboolean
foyer_graph_has_sensor (const GArray *parts, dev_t node)
{
  for (guint i = 0; i < parts->len; i++) {
    const FoyerGraphPart *part = &g_array_index (parts, FoyerGraphPart, i);

    if (part->is_sensor && (node == 0 || part->node == node))
      return TRUE;
  }
  return FALSE;
}

gboolean
foyer_graph_is_converter (const GArray *parts)
{
  gboolean has_bridge = FALSE, has_inlet = FALSE;

  for (guint i = 0; i < parts->len; i++) {
    const FoyerGraphPart *part = &g_array_index (parts, FoyerGraphPart, i);

    has_bridge |= part->is_bridge;
    has_inlet |= part->is_inlet;
  }
  return has_bridge && has_inlet && !foyer_graph_has_sensor (parts, 0);
}
