/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-graph.h"

#include <errno.h>
#include <linux/media.h>
#include <sys/sysmacros.h>

#define VIDEO_MAJOR 81u
#define MAX_PARTS   8

/* A part as its driver tells of it: no node if the minor is 0. */
typedef struct
{
  guint32 type;
  guint32 minor;
  guint16 n_pads;
  guint32 pad; /* flags of the first */
} Part;

/* A media device that is made up. */
typedef struct
{
  const char *name;
  Part parts[MAX_PARTS];
  gboolean has_sensor;
  gboolean is_converter;
  gboolean is_endless;
} Graph;

#define IN(minor)                                     \
  {                                                   \
    MEDIA_ENT_F_IO_V4L, minor, 1, MEDIA_PAD_FL_SOURCE \
  }
#define OUT(minor)                                  \
  {                                                 \
    MEDIA_ENT_F_IO_V4L, minor, 1, MEDIA_PAD_FL_SINK \
  }
#define SENSOR(minor)                                     \
  {                                                       \
    MEDIA_ENT_F_CAM_SENSOR, minor, 1, MEDIA_PAD_FL_SOURCE \
  }
#define BRIDGE(n)                                            \
  {                                                          \
    MEDIA_ENT_F_V4L2_SUBDEV_UNKNOWN, 0, n, MEDIA_PAD_FL_SINK \
  }

/* By the drivers' sources; Linux 6.1 and 6.6 of Raspberry Pi. The old call tells
 * newer functions as unknown ones. */
/* clang-format off */
static const Graph graphs[] = {
  { "unicam, imx219", { SENSOR (200), OUT (1), OUT (2) }, .has_sensor = TRUE },
  { "bcm2835-isp", { BRIDGE (4), IN (13), OUT (14), OUT (15), OUT (16) },
      .is_converter = TRUE },
  { "bcm2835-codec, encode", { IN (11), BRIDGE (2), OUT (11) }, .is_converter = TRUE },
  { "rpivid", { IN (19), BRIDGE (2), OUT (19) }, .is_converter = TRUE },
  { "rp1-cfe, imx708", { SENSOR (201), BRIDGE (8), BRIDGE (5), OUT (1), IN (6), OUT (5) },
      .has_sensor = TRUE },
  { "pispbe", { BRIDGE (8), IN (20), OUT (22), OUT (23), IN (27) }, .is_converter = TRUE },
  { "vivid", { OUT (1), IN (2) } },
  { "vimc", { SENSOR (202), BRIDGE (2), OUT (3) }, .has_sensor = TRUE },
  /* Its terminal is called a sensor, but nobody can set it up. */
  { "uvcvideo", { OUT (4), SENSOR (0), BRIDGE (2) } },
  /* HDMI: nothing is written, nothing sees. */
  { "tc358743", { BRIDGE (1), OUT (5) } },
  /* Lies. */
  { "no pads", { BRIDGE (2), { MEDIA_ENT_F_IO_V4L, 7, 0, 0 }, OUT (8) } },
  { "many pads", { BRIDGE (2), { MEDIA_ENT_F_IO_V4L, 7, 17, MEDIA_PAD_FL_SOURCE } } },
  { "nothing", { { 0 } } },
};
/* clang-format on */

static int
fail (int number)
{
  errno = number;
  return -1;
}

static int
answer_part (const Graph *graph, struct media_entity_desc *wanted)
{
  guint32 at = graph->is_endless ? 0 : wanted->id & ~MEDIA_ENT_ID_FLAG_NEXT;
  const Part *part = at < MAX_PARTS ? &graph->parts[at] : NULL;

  if (part == NULL || part->type == 0)
    return fail (EINVAL);
  *wanted = (struct media_entity_desc){ .id = at + 1,
    .type = part->type,
    .pads = part->n_pads };
  if (part->minor != 0) {
    wanted->dev.major = VIDEO_MAJOR;
    wanted->dev.minor = part->minor;
  }
  return 0;
}

static int
on_call (int fd, unsigned long request, void *argument, gpointer user_data)
{
  const Graph *graph = user_data;
  const struct media_links_enum *ends = argument;

  if (request == MEDIA_IOC_ENUM_ENTITIES)
    return answer_part (graph, argument);
  g_assert_cmpuint (request, ==, MEDIA_IOC_ENUM_LINKS);
  g_assert_null (ends->links);
  for (guint i = 0; i < graph->parts[ends->entity - 1].n_pads; i++)
    ends->pads[i] = (struct media_pad_desc){
      .flags = graph->parts[ends->entity - 1].pad,
    };
  return 0;
}

static GArray *
list (const Graph *graph)
{
  const FoyerIoctl device = { .fd = 5,
    .call = on_call,
    .user_data = (gpointer) graph };

  return foyer_graph_list (&device);
}

/* What a sensor is behind, what makes pictures of pictures, and what is a camera. */
static void
test_kinds (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (graphs); i++) {
    g_autoptr (GArray) parts = list (&graphs[i]);

    g_test_message ("%s", graphs[i].name);
    g_assert_cmpint (foyer_graph_has_sensor (parts, 0), ==,
        graphs[i].has_sensor);
    g_assert_cmpint (foyer_graph_is_converter (parts), ==,
        graphs[i].is_converter);
  }
}

static void
test_one_sensor (void)
{
  g_autoptr (GArray) parts = list (&graphs[0]);

  g_assert_cmpuint (parts->len, ==, 3);
  g_assert_true (foyer_graph_has_sensor (parts, makedev (VIDEO_MAJOR, 200)));
  g_assert_false (foyer_graph_has_sensor (parts, makedev (VIDEO_MAJOR, 1)));
}

static void
test_endless (void)
{
  const Graph graph = { "endless", { OUT (1) }, .is_endless = TRUE };
  g_autoptr (GArray) parts = list (&graph);

  g_assert_cmpuint (parts->len, ==, FOYER_GRAPH_MAX_PARTS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/kinds", test_kinds);
  g_test_add_func ("/graph/one-sensor", test_one_sensor);
  g_test_add_func ("/graph/endless", test_endless);
  return g_test_run ();
}
