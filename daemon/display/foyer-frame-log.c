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

static void
frame_note_size (FoyerFrame *frame, const GstCaps *caps)
{
  const GstStructure *structure = caps != NULL
      ? gst_caps_get_structure (caps, 0)
      : NULL;

  if (structure == NULL)
    return;
  gst_structure_get_int (structure, "width", &frame->width_px);
  gst_structure_get_int (structure, "height", &frame->height_px);
}

gboolean
foyer_frame_log_note_mark (FoyerFrameLog *self, const GstStructure *mark,
    const GstCaps *caps)
{
  guint64 pts_ns = 0;
  FoyerFrame *frame;

  if (!gst_structure_get_uint64 (mark, "pts", &pts_ns))
    return FALSE;
  frame = log_find (self, pts_ns);
  if (frame == NULL)
    return FALSE;
  gst_structure_get_uint64 (mark, "read-time", &frame->decoded_ns);
  frame_note_size (frame, caps);
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

static char *
mark_print (const FoyerFrame *frame)
{
  if (!frame->is_readable)
    return g_strdup ("\"camera\":null,\"number\":null,\"capture_ns\":null");
  return g_strdup_printf ("\"camera\":%u,\"number\":%" G_GUINT64_FORMAT
                          ",\"capture_ns\":%" G_GUINT64_FORMAT,
      frame->camera, frame->number, frame->capture_ns);
}

static char *
frame_tell (FoyerFrame *frame, guint64 shown_ns, const char *codec)
{
  g_autofree char *mark = mark_print (frame);
  g_autofree char *shown = shown_ns != 0
      ? g_strdup_printf ("%" G_GUINT64_FORMAT, shown_ns)
      : g_strdup ("null");

  frame->is_told = TRUE;
  return g_strdup_printf ("{\"session\":%" G_GUINT64_FORMAT
                          ",\"frame\":%" G_GUINT64_FORMAT
                          ",%s,\"complete_ns\":%" G_GUINT64_FORMAT
                          ",\"decoded_ns\":%" G_GUINT64_FORMAT
                          ",\"shown_ns\":%s,\"readable\":%s,\"width\":%d,"
                          "\"height\":%d,\"codec\":\"%s\"}",
      frame->session, frame->frame_id, mark, frame->complete_ns,
      frame->decoded_ns, shown, frame->is_readable ? "true" : "false",
      frame->width_px, frame->height_px, codec);
}

char *
foyer_frame_log_tell (FoyerFrameLog *self, guint64 pts_ns, guint64 shown_ns,
    const char *codec)
{
  FoyerFrame *frame = log_find (self, pts_ns);

  if (frame == NULL || frame->is_told)
    return NULL;
  return frame_tell (frame, shown_ns, codec);
}

char *
foyer_frame_log_tell_rest (FoyerFrameLog *self, const char *codec)
{
  for (guint i = self->n_frames; i > 0; i--) {
    guint at = (self->next + FOYER_FRAME_LOG_FRAMES - i) %
        FOYER_FRAME_LOG_FRAMES;

    if (self->frames[at].decoded_ns != 0 && !self->frames[at].is_told)
      return frame_tell (&self->frames[at], 0, codec);
  }
  return NULL;
}

void
foyer_frame_log_clear (FoyerFrameLog *self)
{
  self->next = 0;
  self->n_frames = 0;
}
