/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-member.h"

#include "foyer-test-hearer.h"
#include "foyer-test-needle.h"

#include <string.h>

#define MAX_CAMERAS 8
#define NS_PER_US   1000

/* Needles are taken of key frames and of some others. */
#define NEEDLE_EVERY 16

/* Pictures of one camera. */
typedef struct
{
  guint16 camera;
  guint64 n_pictures;
  guint32 last_number;
} Seen;

struct _FoyerTestMember
{
  FoyerTestCrowd *crowd;
  guint number;
  guint keys;
  FoyerCastDisplay *display;
  FoyerTestTap *tap;
  gboolean reads_all;

  GMutex lock;               /* for all below */
  FoyerTestDecoder *decoder; /* of all frames; NULL between sessions */
  guint video;               /* its stream */
  FoyerTestHearer *hearer;   /* NULL without sound */
  guint sound;               /* its stream */
  guint64 session;           /* now or last */
  guint64 n_sessions;
  gboolean is_running;
  guint64 n_frames;
  guint64 n_keys;
  guint64 n_session_keys; /* of these, in this session */
  guint64 n_late;
  guint64 n_decoded;
  guint64 n_plain; /* decoded, and without a mark */
  guint64 n_unordered;
  gint64 first_complete_us;
  gint64 last_complete_us;
  Seen seen[MAX_CAMERAS];
  guint n_seen;
};

/* What is known of one frame. */
typedef struct
{
  const FoyerCastReceivedFrame *frame;
  guint64 session;
  gint64 arrived_ns;
  gboolean is_decoded;
  FoyerTestPicture picture;
  FoyerMark mark;
} Reading;

/* With the lock held. */
static void
note_mark (FoyerTestMember *self, const FoyerMark *mark)
{
  Seen *seen = NULL;

  for (guint i = 0; i < self->n_seen; i++)
    if (self->seen[i].camera == mark->camera)
      seen = &self->seen[i];
  if (seen == NULL) {
    if (self->n_seen == MAX_CAMERAS)
      return;
    seen = &self->seen[self->n_seen++];
    *seen = (Seen){ .camera = mark->camera };
  } else if (mark->number <= seen->last_number)
    self->n_unordered++;
  seen->last_number = mark->number;
  seen->n_pictures++;
}

/* With the lock held. */
static void
note_reading (FoyerTestMember *self, const Reading *reading)
{
  const FoyerCastReceivedFrame *frame = reading->frame;

  self->n_frames++;
  self->n_keys += frame->is_key != FALSE;
  self->n_session_keys += frame->is_key != FALSE;
  self->n_late += frame->is_late != FALSE;
  if (self->first_complete_us == 0)
    self->first_complete_us = frame->complete_us;
  self->last_complete_us = frame->complete_us;
  if (!reading->is_decoded)
    return;
  self->n_decoded++;
  if (reading->picture == FOYER_TEST_PICTURE_MARKED)
    note_mark (self, &reading->mark);
  else if (reading->picture == FOYER_TEST_PICTURE_PLAIN)
    self->n_plain++;
}

/* A member of a frame's line, or nothing. */
static char *
dup_needle (const FoyerCastReceivedFrame *frame)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (frame->data, &n_bytes);
  const guint8 *needle;
  gsize n_needle = foyer_test_needle_find (data, n_bytes, &needle);
  GString *text;

  if (n_needle == 0 || (!frame->is_key && frame->frame_id % NEEDLE_EVERY != 0))
    return g_strdup ("");
  text = g_string_new (",\"needle\":\"");
  for (gsize i = 0; i < n_needle; i++)
    g_string_append_printf (text, "%02x", needle[i]);
  return g_string_free (g_string_append_c (text, '"'), FALSE);
}

static void
tell_reading (FoyerTestMember *self, const Reading *reading)
{
  const FoyerCastReceivedFrame *frame = reading->frame;
  g_autofree char *mark = g_strdup ("\"camera\":null,\"number\":null,"
                                    "\"capture_ns\":null");
  g_autofree char *needle = dup_needle (frame);

  if (reading->picture == FOYER_TEST_PICTURE_MARKED) {
    g_free (mark);
    mark = g_strdup_printf ("\"camera\":%u,\"number\":%u,"
                            "\"capture_ns\":%" G_GUINT64_FORMAT,
        reading->mark.camera, reading->mark.number,
        reading->mark.capture_time_ns);
  }
  fprintf (self->crowd->frames,
      "{\"display\":%u,\"keys\":%u,\"session\":%" G_GUINT64_FORMAT
      ",\"frame\":%" G_GINT64_FORMAT ",\"key\":%s,\"late\":%s,\"decoded\":%s,"
      "\"picture\":%s,%s,\"complete_ns\":%" G_GINT64_FORMAT
      ",\"arrived_ns\":%" G_GINT64_FORMAT "%s}\n",
      self->number, self->keys, reading->session, frame->frame_id,
      frame->is_key ? "true" : "false", frame->is_late ? "true" : "false",
      reading->is_decoded ? "true" : "false",
      reading->picture != FOYER_TEST_PICTURE_NONE ? "true" : "false", mark,
      frame->complete_us * NS_PER_US, reading->arrived_ns, needle);
  fflush (self->crowd->frames);
}

/* Sound is not asked for its marks alone: that there is some is told of each
 * packet. */
static void
tell_packet (FoyerTestMember *self, const FoyerCastReceivedFrame *packet)
{
  gboolean is_forged;
  gint64 arrived_ns = foyer_test_tap_note_packet (self->tap, packet->frame_id,
      &is_forged);
  g_autofree char *heard = foyer_test_hearer_hear (self->hearer, packet);

  if (self->crowd->frames == NULL)
    return;
  g_mutex_lock (&self->crowd->lock);
  fprintf (self->crowd->frames,
      "{\"display\":%u,\"keys\":%u,\"session\":%" G_GUINT64_FORMAT
      ",\"packet\":%" G_GINT64_FORMAT ",\"arrived_ns\":%" G_GINT64_FORMAT
      ",\"forged\":%s,\"tone\":%s}\n",
      self->number, self->keys, self->session, packet->frame_id, arrived_ns,
      is_forged ? "true" : "false", heard);
  fflush (self->crowd->frames);
  g_mutex_unlock (&self->crowd->lock);
}

/* The first of a session, and then each so manieth: not that of all members at
 * once, since they get the same key frame at the same moment. */
static gboolean
is_sampled (const FoyerTestMember *self)
{
  return self->n_session_keys == 0 ||
      (self->n_session_keys + self->number) % self->crowd->every == 0;
}

/* The crowd's decoder reads frames that stand alone, each of them anew. */
static void
read_key (FoyerTestMember *self, Reading *reading)
{
  FoyerTestCrowd *crowd = self->crowd;

  g_mutex_lock (&crowd->lock);
  reading->picture = foyer_test_decoder_read (crowd->key_decoder,
      reading->frame->data, &reading->mark);
  g_mutex_unlock (&crowd->lock);
  reading->is_decoded = TRUE;
}

static void
on_frame (FoyerCastDisplay *display, FoyerCastReceivedFrame *frame,
    gpointer user_data)
{
  FoyerTestMember *self = user_data;
  Reading reading = { .frame = frame, .session = self->session };

  if (self->hearer != NULL && frame->stream == self->sound)
    tell_packet (self, frame);
  if (frame->stream != self->video)
    return;
  reading.arrived_ns = foyer_test_tap_note_frame (self->tap, frame->frame_id);
  if (self->decoder != NULL) {
    reading.picture = foyer_test_decoder_read (self->decoder, frame->data,
        &reading.mark);
    reading.is_decoded = TRUE;
  } else if (frame->is_key && is_sampled (self))
    read_key (self, &reading);
  g_mutex_lock (&self->lock);
  note_reading (self, &reading);
  g_mutex_unlock (&self->lock);
  if (self->crowd->frames == NULL)
    return;
  g_mutex_lock (&self->crowd->lock);
  tell_reading (self, &reading);
  g_mutex_unlock (&self->crowd->lock);
}

/* A new stream has nothing of the one before. */
static void
drop_decoders (FoyerTestMember *self)
{
  g_clear_pointer (&self->decoder, foyer_test_decoder_free);
  g_clear_pointer (&self->hearer, foyer_test_hearer_free);
}

/* With the lock held. */
static void
begin_stream (FoyerTestMember *self, guint number,
    const FoyerCastStreamConfig *stream)
{
  if (stream->kind == FOYER_CAST_STREAM_VIDEO) {
    self->video = number;
    foyer_test_tap_begin (self->tap, stream);
  } else if (self->reads_all) {
    self->sound = number;
    self->hearer = foyer_test_hearer_new ();
  }
}

static void
on_session (FoyerCastDisplay *display, guint64 number,
    const FoyerCastStreamConfig *streams, guint n_streams, gpointer user_data)
{
  FoyerTestMember *self = user_data;

  g_mutex_lock (&self->lock);
  self->session = number;
  self->n_sessions++;
  self->is_running = TRUE;
  drop_decoders (self);
  if (self->reads_all)
    self->decoder = foyer_test_decoder_new ();
  self->n_seen = 0;
  self->n_session_keys = 0;
  for (guint i = 0; i < n_streams; i++)
    begin_stream (self, i, &streams[i]);
  for (guint i = 0; i < n_streams; i++)
    if (streams[i].kind == FOYER_CAST_STREAM_AUDIO)
      foyer_test_tap_begin_sound (self->tap, &streams[i]);
  g_mutex_unlock (&self->lock);
}

static void
on_session_ended (FoyerCastDisplay *display, guint64 number, const char *reason,
    gpointer user_data)
{
  FoyerTestMember *self = user_data;

  foyer_test_tap_end (self->tap);
  g_mutex_lock (&self->lock);
  self->is_running = FALSE;
  drop_decoders (self);
  g_mutex_unlock (&self->lock);
}

static const FoyerCastDisplayCallbacks callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
};

FoyerTestMember *
foyer_test_member_new (FoyerTestCrowd *crowd, guint number, guint keys,
    const FoyerCastDisplayConfig *config, gboolean reads_all, GError **error)
{
  FoyerTestMember *self = g_new0 (FoyerTestMember, 1);

  g_mutex_init (&self->lock);
  self->crowd = crowd;
  self->number = number;
  self->keys = keys;
  self->reads_all = reads_all;
  self->tap = foyer_test_tap_new ();
  self->display = foyer_cast_display_new (config, &callbacks, self, error);
  if (self->display != NULL)
    return self;
  foyer_test_member_free (self);
  return NULL;
}

FoyerCastDisplay *
foyer_test_member_get_display (FoyerTestMember *self)
{
  return self->display;
}

FoyerTestTap *
foyer_test_member_get_tap (FoyerTestMember *self)
{
  return self->tap;
}

static void
add (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

/* With the lock held. */
static void
add_seen (FoyerTestMember *self, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "cameras");
  json_builder_begin_object (builder);
  for (guint i = 0; i < self->n_seen; i++) {
    g_autofree char *name = g_strdup_printf ("%u", self->seen[i].camera);

    add (builder, name, self->seen[i].n_pictures);
  }
  json_builder_end_object (builder);
}

void
foyer_test_member_count (FoyerTestMember *self, JsonBuilder *builder)
{
  FoyerCastReceiverStats stats;
  guint64 n_datagrams, n_bytes;

  foyer_cast_display_get_stats (self->display, &stats);
  foyer_test_tap_count (self->tap, &n_datagrams, &n_bytes);
  add (builder, "datagrams", n_datagrams);
  add (builder, "bytes", n_bytes);
  add (builder, "lost", stats.n_lost);
  add (builder, "skipped", stats.n_skipped);
  g_mutex_lock (&self->lock);
  add (builder, "session", self->session);
  add (builder, "sessions", self->n_sessions);
  add (builder, "running", self->is_running != FALSE);
  add (builder, "frames", self->n_frames);
  add (builder, "keys", self->n_keys);
  add (builder, "late", self->n_late);
  add (builder, "decoded", self->n_decoded);
  add (builder, "plain", self->n_plain);
  add (builder, "unordered", self->n_unordered);
  add (builder, "first_ns", (guint64) self->first_complete_us * NS_PER_US);
  add (builder, "last_ns", (guint64) self->last_complete_us * NS_PER_US);
  add_seen (self, builder);
  g_mutex_unlock (&self->lock);
}

void
foyer_test_member_look (FoyerTestMember *self, gint64 after_ns,
    JsonBuilder *builder)
{
  FoyerTestLate late;

  foyer_test_tap_look (self->tap, after_ns, &late);
  add (builder, "camera_bytes", late.n_camera_bytes);
  add (builder, "slate_bytes", late.n_slate_bytes);
  add (builder, "unknown_bytes", late.n_unknown_bytes);
  add (builder, "sound_bytes", late.n_sound_bytes);
}

void
foyer_test_member_free (FoyerTestMember *self)
{
  if (self == NULL)
    return;
  foyer_cast_display_free (self->display);
  drop_decoders (self);
  foyer_test_tap_free (self->tap);
  g_mutex_clear (&self->lock);
  g_free (self);
}
