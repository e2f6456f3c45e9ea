/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tag-meta.h"

/* What GStreamer knows a tag by: asked of each frame, and so without a call but
 * for the first. */
static const GstMetaInfo *tag_info = NULL; /* set once, before tag_api */
static gsize tag_api = 0;                  /* set once, atomic */

/* The tag is its parameter; without one it is of no camera. */
static gboolean
init_meta (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  FoyerTagMeta *self = (FoyerTagMeta *) meta;

  self->tag = params != NULL ? *(const FoyerTag *) params : (FoyerTag){ 0 };
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

static GType
register_tag (void)
{
  /* Bound to nothing of the frame: no change of memory, size or format takes
   * it off. */
  static const char *tags[] = { NULL };

  if (g_once_init_enter (&tag_api)) {
    GType api = gst_meta_api_type_register ("FoyerTagMetaAPI", tags);

    tag_info = gst_meta_register (api, "FoyerTagMeta", sizeof (FoyerTagMeta),
        init_meta, NULL, transform_meta);
    g_once_init_leave (&tag_api, api);
  }
  return tag_api;
}

static inline GType
get_api (void)
{
  GType api = g_atomic_pointer_get (&tag_api);

  return G_LIKELY (api != 0) ? api : register_tag ();
}

GType
foyer_tag_meta_api_get_type (void)
{
  return get_api ();
}

const GstMetaInfo *
foyer_tag_meta_get_info (void)
{
  return get_api () != 0 ? tag_info : NULL;
}

/* Before a tag was made, no buffer has one. */
static inline const FoyerTagMeta *
find_meta (GstBuffer *buffer)
{
  GType api = g_atomic_pointer_get (&tag_api);

  return api != 0 ? (FoyerTagMeta *) gst_buffer_get_meta (buffer, api) : NULL;
}

/* What two tags say together. */
static void
join_tag (FoyerTag *tag, const FoyerTag *other)
{
  if (!foyer_camera_id_equal (tag->camera, other->camera) ||
      tag->generation != other->generation) {
    tag->camera.v = 0;
    tag->generation = 0;
  }
  tag->capture_us = MIN (tag->capture_us, other->capture_us);
  tag->sequence = MIN (tag->sequence, other->sequence);
}

gboolean
foyer_buffer_set_tag (GstBuffer *buffer, const FoyerTag *tag)
{
  FoyerTagMeta *meta = (FoyerTagMeta *) gst_buffer_get_meta (buffer,
      get_api ());

  if (meta != NULL) {
    join_tag (&meta->tag, tag);
    return FALSE;
  }
  gst_buffer_add_meta (buffer, tag_info, (gpointer) tag);
  return TRUE;
}

const FoyerTag *
foyer_buffer_get_tag (GstBuffer *buffer)
{
  const FoyerTagMeta *meta = find_meta (buffer);

  return meta != NULL ? &meta->tag : NULL;
}

void
foyer_buffer_get_gate_frame (GstBuffer *buffer, FoyerGateFrame *frame)
{
  const FoyerTagMeta *meta;

  frame->is_key = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  meta = find_meta (buffer);
  if (meta == NULL) {
    *frame = (FoyerGateFrame){ .is_key = frame->is_key };
    return;
  }
  frame->is_tagged = true;
  frame->camera.v = meta->tag.camera.v;
  frame->generation = meta->tag.generation;
  frame->sequence = meta->tag.sequence;
  frame->capture_us = meta->tag.capture_us;
}
