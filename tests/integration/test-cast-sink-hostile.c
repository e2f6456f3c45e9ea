/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-enums.h"
#include "foyer-test-faults.h"
#include "foyer-test-house.h"
#include "foyercastsink.h"

#include <gst/gst.h>
#include <malloc.h>

/* foyercastsink against each way in which a display can misbehave: one message
 * on the bus that names the step and the remedy, and the same element casts when
 * it is started again. At the end nothing is left. */

#define PATIENCE (60 * GST_SECOND)
/* Starts that fail; the first make what is made once. */
#define N_FIRST_TIMES 30
#define N_TIMES       40
/* What GLib's own books grow by each time; whatever stays of a session is more. */
#define MAX_GROWTH_BYTES 256

typedef struct
{
  const FoyerTestFaultCase *what;
  GThread *thread;
} Case;

static Case cases[FOYER_TEST_N_FAULT_CASES];
static FoyerTestHouse house;
static guint n_fds_at_first;
static guint n_threads_at_first;

static GstElement *
cast_new (guint16 port, FoyerCastAuthLevel auth)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) sink = NULL;
  GstElement *cast = gst_parse_launch (
      "videotestsrc is-live=true ! "
      "video/x-raw,format=I420,width=160,height=90,framerate=30/1 ! "
      "foyercastsink name=sink codec=vp8",
      &error);

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (cast), "sink");
  g_object_set (sink, "host", "127.0.0.1", "port", (guint) port, "ca-file",
      house.ca_file, "auth", auth, NULL);
  return cast;
}

static void
cast_free (GstElement *cast)
{
  gst_element_set_state (cast, GST_STATE_NULL);
  gst_object_unref (cast);
}

static GstMessage *
pop (GstElement *cast)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (cast);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, PATIENCE,
      GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);

  g_assert_nonnull (message);
  return message;
}

/* Starts the cast and waits until it streams or an error says why not. */
static GError *
cast_try (GstElement *cast, gboolean must_fail)
{
  g_assert_cmpint (gst_element_set_state (cast, GST_STATE_PLAYING), !=,
      GST_STATE_CHANGE_FAILURE);
  for (;;) {
    g_autoptr (GstMessage) message = pop (cast);
    const GstStructure *structure = gst_message_get_structure (message);
    GError *error = NULL;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error (message, &error, NULL);
      return error;
    }
    if (!must_fail && gst_structure_has_name (structure, "foyer-cast-state") &&
        g_strcmp0 (gst_structure_get_string (structure, "state"),
            "streaming") == 0)
      return NULL;
  }
}

static void
check_words (const FoyerTestFaultCase *self, const GError *error)
{
  g_autoptr (GError) cause = g_error_new_literal (FOYER_CAST_ERROR, self->code,
      "");
  const char *remedy = foyer_cast_error_get_remedy (cause);

  if (error == NULL || error->domain != GST_RESOURCE_ERROR ||
      g_strstr_len (error->message, -1,
          foyer_cast_step_to_string (self->step)) == NULL ||
      !g_str_has_suffix (error->message, remedy))
    g_error ("%s: \"%s\" does not name the step %s, or \"%s\"", self->name,
        error != NULL ? error->message : "",
        foyer_cast_step_to_string (self->step), remedy);
}

static void
assert_no_error_left (GstElement *cast)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (cast);

  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR));
}

static void
cast_well (GstElement *cast)
{
  g_autoptr (GError) error = cast_try (cast, FALSE);

  g_assert_no_error (error);
}

static gpointer
run_case (gpointer user_data)
{
  const FoyerTestFaultCase *self = user_data;
  g_autoptr (FoyerTestDisplay) display =
      foyer_test_display_new (house.credentials,
          g_get_real_time () / G_USEC_PER_SEC, NULL);
  GstElement *cast = cast_new (foyer_test_display_get_port (display),
      self->auth);
  g_autoptr (GError) error = NULL;

  /* There must be something to replay. */
  if (self->fault == FOYER_TEST_FAULT_AUTH_REPLAY) {
    cast_well (cast);
    gst_element_set_state (cast, GST_STATE_NULL);
  }
  foyer_test_display_set_fault (display, self->fault);
  error = cast_try (cast, self->code != FOYER_TEST_WELL);
  if (self->code == FOYER_TEST_WELL)
    g_assert_no_error (error);
  else
    check_words (self, error);
  assert_no_error_left (cast);
  gst_element_set_state (cast, GST_STATE_NULL);
  assert_no_error_left (cast);

  foyer_test_display_set_fault (display, FOYER_TEST_FAULT_NONE);
  cast_well (cast);
  cast_free (cast);
  return NULL;
}

static GThread *
case_start (Case *self)
{
  return g_thread_new (self->what->name, run_case, (gpointer) self->what);
}

static void
test_case (gconstpointer user_data)
{
  Case *self = (Case *) user_data;

  if (self->thread == NULL)
    self->thread = case_start (self);
  g_thread_join (g_steal_pointer (&self->thread));
}

static gsize
get_used_bytes (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

/* Fails @n times. Returns: the least memory in use between two times, since
 * threads keep some for a moment after their end. (The build tells the allocators
 * to keep nothing besides.) */
static gsize
fail_times (GstElement *cast, guint n)
{
  gsize least_bytes = G_MAXSIZE;

  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = cast_try (cast, TRUE);

    g_assert_nonnull (error);
    gst_element_set_state (cast, GST_STATE_NULL);
    least_bytes = MIN (least_bytes, get_used_bytes ());
  }
  return least_bytes;
}

/* The same element again and again, failing each time. */
static void
test_no_memory_left (void)
{
  g_autoptr (FoyerTestDisplay) display =
      foyer_test_display_new (house.credentials,
          g_get_real_time () / G_USEC_PER_SEC, NULL);
  GstElement *cast = cast_new (foyer_test_display_get_port (display),
      FOYER_CAST_AUTH_DEVICE);
  gssize growth_bytes;

  foyer_test_display_set_fault (display, FOYER_TEST_FAULT_ANSWER_PORT_0);
  fail_times (cast, N_FIRST_TIMES);
  growth_bytes = -(gssize) fail_times (cast, N_TIMES);
  growth_bytes += (gssize) fail_times (cast, N_TIMES);
  g_test_message ("%" G_GSSIZE_FORMAT " bytes more after %d times",
      growth_bytes, N_TIMES);
  cast_free (cast);
  g_assert_cmpint (growth_bytes, <, N_TIMES * MAX_GROWTH_BYTES);
}

/* Registered last, when all the others are over. */
static void
test_nothing_left (void)
{
  foyer_test_assert_fds (n_fds_at_first);
  foyer_test_assert_threads (n_threads_at_first);
}

/* What is opened and begun once and kept. */
static void
warm_up (void)
{
  g_autoptr (FoyerTestDisplay) display =
      foyer_test_display_new (house.credentials,
          g_get_real_time () / G_USEC_PER_SEC, NULL);
  GstElement *cast = cast_new (foyer_test_display_get_port (display),
      FOYER_CAST_AUTH_DEVICE);

  cast_well (cast);
  cast_free (cast);
}

int
main (int argc, char **argv)
{
  gboolean is_one = argc > 1;
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  GST_ELEMENT_REGISTER (foyercastsink, NULL);
  /* A thread that waits for work would look like one that was left. */
  g_thread_pool_set_max_unused_threads (0);
  foyer_test_house_init (&house);
  warm_up ();
  n_fds_at_first = foyer_test_count_fds ();
  n_threads_at_first = foyer_test_count_threads ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/cast-sink-hostile/%s",
        foyer_test_fault_cases[i].name);

    cases[i].what = &foyer_test_fault_cases[i];
    g_test_add_data_func (path, &cases[i], test_case);
    /* All at once, unless one was asked for. */
    if (!is_one && cases[i].what->is_slow)
      cases[i].thread = case_start (&cases[i]);
  }
  g_test_add_func ("/cast-sink-hostile-end/no-memory-left",
      test_no_memory_left);
  g_test_add_func ("/cast-sink-hostile-end/nothing-left", test_nothing_left);
  result = g_test_run ();
  foyer_test_house_clear (&house);
  return result;
}
