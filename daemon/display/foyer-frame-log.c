/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-frame-log.h"

static FoyerFrame *
log_find (FoyerFrameLog *self, guint64 pts_ns)
{
  /* The newest is the likeliest. */
  for (guint i = 1; i <= self->n_frames; i++) {
    guint at = (self->next + FOYER_FRAME_LOG_FRAMES - i) %
        FOYER_FRAME_LOG_FRAMES;

    if (self->frames[at].pts_ns == pts_ns)
      return &self->frames[at];
  }
  return NULL;
}

void
foyer_frame_log_add (FoyerFrameLog *self, const FoyerFrame *frame)
{
  self->frames[self->next] = *frame;
  self->next = (self->next + 1) % FOYER_FRAME_LOG_FRAMES;
  self->n_frames = MIN (self->n_frames + 1, FOYER_FRAME_LOG_FRAMES);
}

gboolean
foyer_frame_log_note_mark (FoyerFrameLog *self, const GstStructure *mark)
{
  guint64 pts_ns = 0;
  FoyerFrame *frame;

  if (!gst_structure_get_uint64 (mark, "pts", &pts_ns))
    return FALSE;
  frame = log_find (self, pts_ns);
  if (frame == NULL)
    return FALSE;
  gst_structure_get_uint64 (mark, "read-time", &frame->decoded_ns);
  frame->is_readable = gst_structure_get_uint (mark, "camera",
                           &frame->camera) &&
      gst_structure_get_uint64 (mark, "number", &frame->number) &&
      gst_structure_get_uint64 (mark, "capture-time", &frame->capture_ns);
  return TRUE;
}

const FoyerFrame *
foyer_frame_log_find (const FoyerFrameLog *self, guint64 pts_ns)
{
  return log_find ((FoyerFrameLog *) self, pts_ns);
}

void
foyer_frame_log_clear (FoyerFrameLog *self)
{
  self->next = 0;
  self->n_frames = 0;
}

char *
foyer_frame_print (const FoyerFrame *frame, const FoyerFrameShown *shown)
{
  g_autofree char *mark = frame->is_readable
      ? g_strdup_printf ("\"camera\":%u,\"number\":%" G_GUINT64_FORMAT
                         ",\"capture_ns\":%" G_GUINT64_FORMAT,
            frame->camera, frame->number, frame->capture_ns)
      : g_strdup ("\"camera\":null,\"number\":null,\"capture_ns\":null");

  return g_strdup_printf ("{\"session\":%" G_GUINT64_FORMAT
                          ",\"frame\":%" G_GUINT64_FORMAT
                          ",%s,\"complete_ns\":%" G_GUINT64_FORMAT
                          ",\"decoded_ns\":%" G_GUINT64_FORMAT
                          ",\"shown_ns\":%" G_GUINT64_FORMAT
                          ",\"readable\":%s,\"width\":%u,\"height\":%u"
                          ",\"codec\":\"%s\"}",
      frame->session, frame->frame_id, mark, frame->complete_ns,
      frame->decoded_ns, shown->shown_ns, frame->is_readable ? "true" : "false",
      shown->width_px, shown->height_px, shown->codec);
}
