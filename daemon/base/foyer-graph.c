/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-graph.h"

#include <linux/media.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

GArray *
foyer_graph_list (int fd)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (FoyerGraphPart));
  struct media_entity_desc entity = { .id = MEDIA_ENT_ID_FLAG_NEXT };

  while (parts->len < FOYER_GRAPH_MAX_PARTS &&
      ioctl (fd, MEDIA_IOC_ENUM_ENTITIES, &entity) == 0) {
    const FoyerGraphPart part = {
      .node = makedev (entity.dev.major, entity.dev.minor),
      .is_sensor = entity.type == MEDIA_ENT_F_CAM_SENSOR &&
          entity.dev.major != 0,
      .is_bridge = entity.type != MEDIA_ENT_F_IO_V4L,
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
