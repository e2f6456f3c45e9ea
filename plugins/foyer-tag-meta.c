/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tag-meta.h"

GType
foyer_tag_meta_api_get_type (void)
{
  static gsize type = 0;
  /* Bound to nothing of the frame: no change of memory, size or format takes
   * it off. */
  static const char *tags[] = { NULL };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        gst_meta_api_type_register ("FoyerTagMetaAPI", tags));
  return type;
}

static gboolean
init_meta (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  ((FoyerTagMeta *) meta)->tag = (FoyerTag){ 0 };
  return TRUE;
}

/* Any change of a camera's frame is still of that camera. */
static gboolean
transform_meta (GstBuffer *out, GstMeta *meta, GstBuffer *in, GQuark type,
    gpointer data)
{
  foyer_buffer_set_tag (out, &((FoyerTagMeta *) meta)->tag);
  return TRUE;
}

const GstMetaInfo *
foyer_tag_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info)) {
    const GstMetaInfo *made = gst_meta_register (foyer_tag_meta_api_get_type (),
        "FoyerTagMeta", sizeof (FoyerTagMeta), init_meta, NULL, transform_meta);

    g_once_init_leave (&info, made);
  }
  return info;
}

static FoyerTagMeta *
get_meta (GstBuffer *buffer)
{
  return (FoyerTagMeta *) gst_buffer_get_meta (buffer,
      foyer_tag_meta_api_get_type ());
}

/* What two tags say together. */
static FoyerTag
join_tags (const FoyerTag *a, const FoyerTag *b)
{
  FoyerTag tag = *a;

  if (!foyer_camera_id_equal (a->camera, b->camera) ||
      a->generation != b->generation)
    tag = (FoyerTag){ 0 };
  tag.capture_us = MIN (a->capture_us, b->capture_us);
  tag.sequence = MIN (a->sequence, b->sequence);
  return tag;
}

void
foyer_buffer_set_tag (GstBuffer *buffer, const FoyerTag *tag)
{
  FoyerTagMeta *meta = get_meta (buffer);

  if (meta != NULL) {
    meta->tag = join_tags (&meta->tag, tag);
    return;
  }
  meta = (FoyerTagMeta *) gst_buffer_add_meta (buffer,
      foyer_tag_meta_get_info (), NULL);
  meta->tag = *tag;
}

const FoyerTag *
foyer_buffer_get_tag (GstBuffer *buffer)
{
  const FoyerTagMeta *meta = get_meta (buffer);

  return meta != NULL ? &meta->tag : NULL;
}

FoyerGateFrame
foyer_buffer_get_gate_frame (GstBuffer *buffer)
{
  const FoyerTag *tag = foyer_buffer_get_tag (buffer);
  FoyerGateFrame frame = { .is_tagged = tag != NULL,
    .is_key = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT) };

  if (tag == NULL)
    return frame;
  frame.camera = tag->camera;
  frame.generation = tag->generation;
  frame.sequence = tag->sequence;
  frame.capture_us = tag->capture_us;
  return frame;
}
