/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ear.h"
#include "foyer-frame-log.h"
#include "foyer-slate.h"
#include "foyer-teller.h"
#include "foyer-turn.h"

#include <json-glib/json-glib.h>
#include <string.h>

static guint8 *
slate_new (const char *name)
{
  guint8 *slate = g_malloc (FOYER_SLATE_BYTES);

  foyer_slate_draw (slate, name);
  return slate;
}

static void
test_slate_names (void)
{
  g_autofree guint8 *kitchen = slate_new ("Kitchen");
  g_autofree guint8 *again = slate_new ("kitchen");
  g_autofree guint8 *hall = slate_new ("Hall");

  g_assert_cmpmem (kitchen, FOYER_SLATE_BYTES, again, FOYER_SLATE_BYTES);
  g_assert_cmpint (memcmp (kitchen, hall, FOYER_SLATE_BYTES), !=, 0);
}

/* An accent is left out; a letter of another alphabet becomes a box. */
static void
test_slate_letters (void)
{
  g_autofree guint8 *plain = slate_new ("Hall e");
  g_autofree guint8 *accent = slate_new ("Hall é");
  g_autofree guint8 *box = slate_new ("Hall Ж");

  g_assert_cmpmem (plain, FOYER_SLATE_BYTES, accent, FOYER_SLATE_BYTES);
  g_assert_cmpint (memcmp (plain, box, FOYER_SLATE_BYTES), !=, 0);
}

/* Any name fits: the sanitizers watch the edges. */
static void
test_slate_lengths (void)
{
  for (gsize n = 0; n < 400; n += 7) {
    g_autofree char *name = g_strnfill (n, 'M');
    g_autofree guint8 *slate = slate_new (name);

    g_assert_cmpuint (slate[0], ==, slate[FOYER_SLATE_WIDTH_PX - 1]);
  }
  g_free (slate_new ("\xff\xfe broken"));
}

#define MS G_GINT64_CONSTANT (1000000)

static void
test_turn (void)
{
  static const struct
  {
    guint64 pts_ms;
    gint64 late_ms;
    gboolean is_shown;
  } pictures[] = {
    { 1000, 49, TRUE },  /* the first */
    { 1033, -5, TRUE },  /* before its time, of a sink that is early */
    { 1066, 32, TRUE },  /* the next is not due */
    { 1099, 33, FALSE }, /* the next is */
    { 1132, 0, TRUE },
    { 1232, 49, TRUE }, /* ten a second, or three lost */
    { 1332, 50, FALSE },
    { 10, 49, TRUE }, /* another time line */
    { 20, 10, FALSE },
  };
  FoyerTurn turn = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    g_assert_cmpint (foyer_turn_take (&turn, pictures[i].pts_ms * MS,
                         pictures[i].late_ms * MS),
        ==, pictures[i].is_shown);
}

static FoyerFrame
frame_at (guint64 pts_ns)
{
  return (FoyerFrame){ .pts_ns = pts_ns,
    .session = 2,
    .frame_id = pts_ns / 10,
    .complete_ns = 500 };
}

static void
test_frames_mark (void)
{
  g_autofree FoyerFrameLog *log = g_new0 (FoyerFrameLog, 1);
  g_autoptr (GstStructure) mark = gst_structure_new ("foyer-mark", "pts",
      G_TYPE_UINT64, (guint64) 30, "readable", G_TYPE_BOOLEAN, TRUE, "camera",
      G_TYPE_UINT, 7u, "number", G_TYPE_UINT64, (guint64) 8, "capture-time",
      G_TYPE_UINT64, (guint64) 400, "read-time", G_TYPE_UINT64, (guint64) 600,
      NULL);
  g_autoptr (GstCaps) caps = gst_caps_from_string (
      "video/x-raw, width=640, height=480");
  g_autofree char *line = NULL;
  FoyerFrame frame = frame_at (30);

  g_assert_false (foyer_frame_log_note_mark (log, mark, caps));
  foyer_frame_log_add (log, &frame);
  g_assert_true (foyer_frame_log_note_mark (log, mark, caps));
  line = foyer_frame_log_tell (log, 30, 700, "vp8");
  g_assert_cmpstr (line, ==,
      "{\"session\":2,\"frame\":3,\"camera\":7,\"number\":8,"
      "\"capture_ns\":400,\"complete_ns\":500,\"decoded_ns\":600,"
      "\"shown_ns\":700,\"readable\":true,\"width\":640,\"height\":480,"
      "\"codec\":\"vp8\"}");
}

static void
test_frames_unreadable (void)
{
  g_autofree FoyerFrameLog *log = g_new0 (FoyerFrameLog, 1);
  g_autoptr (GstStructure) mark = gst_structure_new ("foyer-mark", "pts",
      G_TYPE_UINT64, (guint64) 30, "readable", G_TYPE_BOOLEAN, FALSE,
      "read-time", G_TYPE_UINT64, (guint64) 600, NULL);
  g_autofree char *line = NULL;
  FoyerFrame frame = frame_at (30);

  foyer_frame_log_add (log, &frame);
  g_assert_true (foyer_frame_log_note_mark (log, mark, NULL));
  line = foyer_frame_log_tell (log, 30, 700, "h264");
  g_assert_nonnull (strstr (line, "\"readable\":false"));
  g_assert_nonnull (strstr (line, "\"camera\":null"));
  g_assert_nonnull (strstr (line, "\"capture_ns\":null"));
}

static void
log_add_decoded (FoyerFrameLog *log, guint64 pts_ns)
{
  FoyerFrame frame = frame_at (pts_ns);

  frame.decoded_ns = pts_ns + 600;
  foyer_frame_log_add (log, &frame);
}

/* Each once; the late and those that wait when the session ends unshown; those
 * that were not decoded not at all. */
static void
test_frames_told_once (void)
{
  g_autofree FoyerFrameLog *log = g_new0 (FoyerFrameLog, 1);
  g_autofree char *shown = NULL, *late = NULL, *rest = NULL;
  FoyerFrame coded = frame_at (50);

  for (guint64 pts_ns = 10; pts_ns <= 40; pts_ns += 10)
    log_add_decoded (log, pts_ns);
  foyer_frame_log_add (log, &coded);
  shown = foyer_frame_log_tell (log, 10, 700, "h264");
  g_assert_nonnull (strstr (shown, "\"shown_ns\":700,"));
  late = foyer_frame_log_tell (log, 20, 0, "h264");
  g_assert_nonnull (strstr (late, "\"shown_ns\":null,"));
  g_assert_null (foyer_frame_log_tell (log, 20, 800, "h264"));
  for (guint64 id = 3; id <= 4; id++) {
    g_autofree char *expected =
        g_strdup_printf ("\"frame\":%" G_GUINT64_FORMAT ",", id);

    g_free (rest);
    rest = foyer_frame_log_tell_rest (log, "h264");
    g_assert_nonnull (strstr (rest, expected));
    g_assert_nonnull (strstr (rest, "\"shown_ns\":null,"));
  }
  g_assert_null (foyer_frame_log_tell_rest (log, "h264"));
}

static void
test_frames_bounded (void)
{
  g_autofree FoyerFrameLog *log = g_new0 (FoyerFrameLog, 1);

  for (guint i = 0; i <= FOYER_FRAME_LOG_FRAMES; i++) {
    FoyerFrame frame = frame_at (i * 10);

    foyer_frame_log_add (log, &frame);
  }
  g_assert_null (foyer_frame_log_find (log, 0));
  g_assert_cmpuint (foyer_frame_log_find (log, 10)->frame_id, ==, 1);
  g_assert_nonnull (foyer_frame_log_find (log, FOYER_FRAME_LOG_FRAMES * 10));
  foyer_frame_log_clear (log);
  g_assert_null (foyer_frame_log_find (log, 10));
}

static JsonObject *
parse (const char *line)
{
  g_autoptr (JsonNode) node = json_from_string (line, NULL);

  g_assert_nonnull (node);
  return json_node_dup_object (node);
}

static void
test_teller_start (void)
{
  FoyerTellerStart start = { "Kit\"chen", "127.0.0.1", 8010, "sha256:00",
    "/k/root.pem" };
  g_autofree char *line = foyer_teller_dup_start (&start, TRUE);
  g_autofree char *sentence = foyer_teller_dup_start (&start, FALSE);
  g_autoptr (JsonObject) object = parse (line);

  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==,
      "listening");
  g_assert_cmpstr (json_object_get_string_member (object, "name"), ==,
      "Kit\"chen");
  g_assert_cmpint (json_object_get_int_member (object, "port"), ==, 8010);
  g_assert_cmpstr (json_object_get_string_member (object, "ca_file"), ==,
      "/k/root.pem");
  g_assert_cmpstr (sentence, ==,
      "foyer-display: \"Kit\"chen\" listens on 127.0.0.1:8010, fingerprint sha256:00, root /k/root.pem");
}

static void
test_teller_session (void)
{
  g_autoptr (GstStructure) start = gst_structure_new ("foyer-cast-session",
      "state", G_TYPE_STRING, "started", "session", G_TYPE_UINT64, (guint64) 3,
      "codec", G_TYPE_STRING, "h264", "target-delay-ms", G_TYPE_UINT, 200u,
      NULL);
  g_autoptr (GstStructure) end = gst_structure_new ("foyer-cast-session",
      "state", G_TYPE_STRING, "ended", "session", G_TYPE_UINT64, (guint64) 3,
      "reason", G_TYPE_STRING, "the sender stopped it", NULL);
  g_autofree char *start_line = foyer_teller_dup_session (start, TRUE);
  g_autofree char *end_line = foyer_teller_dup_session (end, TRUE);
  g_autofree char *sentence = foyer_teller_dup_session (end, FALSE);
  g_autofree char *media_line = foyer_teller_dup_media (3, "failed", "why",
      TRUE);
  g_autoptr (JsonObject) started = parse (start_line);
  g_autoptr (JsonObject) ended = parse (end_line);

  g_assert_cmpstr (json_object_get_string_member (started, "event"), ==,
      "session-started");
  g_assert_cmpint (json_object_get_int_member (started, "session"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (started, "target_delay_ms"), ==,
      200);
  g_assert_cmpstr (json_object_get_string_member (ended, "event"), ==,
      "session-ended");
  g_assert_cmpstr (json_object_get_string_member (ended, "reason"), ==,
      "the sender stopped it");
  g_assert_cmpstr (sentence, ==,
      "foyer-display: session 3 is over: the sender stopped it");
  g_assert_cmpstr (media_line, ==,
      "{\"event\":\"media-failed\",\"media\":3,\"problem\":\"why\"}");
}

static GstStructure *
stats_new (guint64 n_bytes, guint64 n_datagrams, guint64 n_lost)
{
  return gst_structure_new ("foyer-cast-display-stats", "bytes", G_TYPE_UINT64,
      n_bytes, "datagrams", G_TYPE_UINT64, n_datagrams, "lost", G_TYPE_UINT64,
      n_lost, NULL);
}

static const FoyerTellerSound some_sound = { 7, 1234 };

static void
test_teller_figures (void)
{
  g_autoptr (GstStructure) before = stats_new (1000, 100, 10);
  g_autoptr (GstStructure) now = stats_new (251000, 190, 20);
  g_autofree char *line = foyer_teller_dup_figures (now, before, &some_sound,
      1000000);
  g_autoptr (JsonObject) object = parse (line);

  g_assert_cmpint (json_object_get_int_member (object, "bit_rate_bps"), ==,
      2000000);
  g_assert_cmpfloat (json_object_get_double_member (object, "loss_percent"), ==,
      10.0);
  g_assert_cmpint (json_object_get_int_member (object, "received_bytes"), ==,
      251000);
  g_assert_cmpint (json_object_get_int_member (object, "lost_datagrams"), ==,
      20);
  g_assert_cmpint (json_object_get_int_member (object, "sound_packets"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (object, "sound_bytes"), ==,
      1234);
}

/* A new session counts anew; nothing at all divides by nothing. */
static void
test_teller_figures_restart (void)
{
  g_autoptr (GstStructure) before = stats_new (900000, 1000, 50);
  g_autoptr (GstStructure) now = stats_new (125000, 100, 0);
  g_autofree char *line = foyer_teller_dup_figures (now, before, &some_sound,
      500000);
  g_autofree char *still = foyer_teller_dup_figures (now, now, &some_sound, 0);
  g_autoptr (JsonObject) object = parse (line);
  g_autoptr (JsonObject) nothing = parse (still);

  g_assert_cmpint (json_object_get_int_member (object, "bit_rate_bps"), ==,
      2000000);
  g_assert_cmpfloat (json_object_get_double_member (object, "loss_percent"), ==,
      0.0);
  g_assert_cmpint (json_object_get_int_member (nothing, "bit_rate_bps"), ==, 0);
}

/* What an ear says of one tone, played from @played_ns on in buffers of 10 ms. */
static char *
hear (FoyerEar *ear, guint64 played_ns)
{
  static gint16 samples[FOYER_TONE_HZ];
  char *line = NULL;

  foyer_tone_draw (samples, FOYER_TONE_HZ, 77500000000, 5);
  for (guint i = 0; i < 100; i++) {
    char *said = foyer_ear_play (ear, samples + i * 480, 480,
        played_ns + i * 10000000, 3);

    g_assert_true (said == NULL || line == NULL);
    if (said != NULL)
      line = said;
  }
  return line;
}

static void
test_ear (void)
{
  g_autofree FoyerEar *ear = g_new0 (FoyerEar, 1);
  g_autofree char *line = hear (ear, 1000000000);
  g_autoptr (JsonObject) object = parse (line);
  g_autofree char *again = NULL;

  g_assert_cmpint (json_object_get_int_member (object, "session"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (object, "camera"), ==, 5);
  g_assert_cmpint (json_object_get_int_member (object, "second"), ==, 78 % 16);
  /* Half a second after the first sample, to the millisecond. */
  g_assert_cmpint (ABS (json_object_get_int_member (object, "heard_ns") -
                       1500000000),
      <=, 1000000);
  again = hear (ear, 2000000000);
  g_assert_nonnull (again);
}

/* A pause in which nothing is played counts. */
static void
test_ear_pause (void)
{
  static gint16 samples[FOYER_TONE_HZ];
  g_autofree FoyerEar *ear = g_new0 (FoyerEar, 1);
  g_autofree char *line = NULL;
  g_autoptr (JsonObject) object = NULL;

  foyer_tone_draw (samples, FOYER_TONE_HZ, 77500000000, 5);
  g_assert_null (foyer_ear_play (ear, samples, 9600, 0, 1));
  line = foyer_ear_play (ear, samples + 9600, FOYER_TONE_HZ - 9600, 700000000,
      1);
  object = parse (line);
  g_assert_cmpint (ABS (json_object_get_int_member (object, "heard_ns") -
                       1000000000),
      <=, 1000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/display/turn", test_turn);
  g_test_add_func ("/display/slate/names", test_slate_names);
  g_test_add_func ("/display/slate/letters", test_slate_letters);
  g_test_add_func ("/display/slate/lengths", test_slate_lengths);
  g_test_add_func ("/display/frames/mark", test_frames_mark);
  g_test_add_func ("/display/frames/unreadable", test_frames_unreadable);
  g_test_add_func ("/display/frames/told-once", test_frames_told_once);
  g_test_add_func ("/display/frames/bounded", test_frames_bounded);
  g_test_add_func ("/display/teller/start", test_teller_start);
  g_test_add_func ("/display/teller/session", test_teller_session);
  g_test_add_func ("/display/teller/figures", test_teller_figures);
  g_test_add_func ("/display/teller/figures-restart",
      test_teller_figures_restart);
  g_test_add_func ("/display/ear/tone", test_ear);
  g_test_add_func ("/display/ear/pause", test_ear_pause);
  return g_test_run ();
}
