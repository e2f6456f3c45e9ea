/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-player.h"
#include "foyermarkread.h"

/* The player of the software display, with a source that does not end when it is told
 * to, as one may that waits for a server. */

#define HELD_US (5 * G_USEC_PER_SEC) /* only reached where the player waits */

typedef struct
{
  GstElement parent;
} Stuck;

typedef struct
{
  GstElementClass parent_class;
} StuckClass;

static struct
{
  GMutex lock;
  GCond cond;
  gboolean is_held;
  guint n_ended;
  gboolean was_waited_for;
} source;

static GstStaticPadTemplate stuck_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GType stuck_get_type (void);
static void stuck_handler_init (gpointer iface, gpointer data);

G_DEFINE_TYPE_WITH_CODE (Stuck, stuck, GST_TYPE_ELEMENT,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, stuck_handler_init))

static void
wait_until_let_go (void)
{
  gint64 until_us = g_get_monotonic_time () + HELD_US;

  g_mutex_lock (&source.lock);
  while (source.is_held && !source.was_waited_for)
    source.was_waited_for = !g_cond_wait_until (&source.cond, &source.lock,
        until_us);
  source.n_ended++;
  g_mutex_unlock (&source.lock);
}

static GstStateChangeReturn
stuck_change_state (GstElement *element, GstStateChange change)
{
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    wait_until_let_go ();
  return GST_ELEMENT_CLASS (stuck_parent_class)->change_state (element, change);
}

static void
stuck_init (Stuck *self)
{
  gst_element_add_pad (GST_ELEMENT (self),
      gst_pad_new_from_static_template (&stuck_template, "src"));
}

static void
stuck_class_init (StuckClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  element_class->change_state = stuck_change_state;
  gst_element_class_add_static_pad_template (element_class, &stuck_template);
  gst_element_class_set_static_metadata (element_class, "Stuck", "Source",
      "Gives nothing, and ends when it is let go", "Foyer");
}

static GstURIType
stuck_get_uri_type (GType type)
{
  return GST_URI_SRC;
}

static const char *const *
stuck_get_protocols (GType type)
{
  static const char *const protocols[] = { "stuck", NULL };

  return protocols;
}

static char *
stuck_get_uri (GstURIHandler *handler)
{
  return g_strdup ("stuck://server");
}

static gboolean
stuck_set_uri (GstURIHandler *handler, const char *uri, GError **error)
{
  return TRUE;
}

static void
stuck_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = stuck_get_uri_type;
  handler->get_protocols = stuck_get_protocols;
  handler->get_uri = stuck_get_uri;
  handler->set_uri = stuck_set_uri;
}

/* the player */

typedef struct
{
  FoyerScreen *screen;
  FoyerPlayer *player;
  FoyerPlayerReport last;
  gboolean has_failed;
} Fixture;

static void
on_report (const FoyerPlayerReport *report, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->last = *report;
  fixture->has_failed |= report->problem != NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  source.is_held = TRUE;
  source.n_ended = 0;
  source.was_waited_for = FALSE;
  fixture->screen = foyer_screen_new ("Kitchen", FALSE, NULL);
  fixture->player = foyer_player_new (fixture->screen, FALSE, NULL, on_report,
      fixture);
}

static void
let_go (void)
{
  g_mutex_lock (&source.lock);
  source.is_held = FALSE;
  g_cond_broadcast (&source.cond);
  g_mutex_unlock (&source.lock);
}

/* The player sees to it that nothing outlives it that ends in time. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  let_go ();
  foyer_player_free (fixture->player);
  g_assert_cmpuint (source.n_ended, ==, GPOINTER_TO_UINT (data));
  g_assert_false (source.was_waited_for);
  foyer_screen_free (fixture->screen);
}

static void
wish (Fixture *fixture, const char *word, guint64 number)
{
  g_autoptr (GstStructure) structure = gst_structure_new ("foyer-cast-media",
      "wish", G_TYPE_STRING, word, "number", G_TYPE_UINT64, number, "url",
      G_TYPE_STRING, "stuck://server/live.mp4", NULL);

  foyer_player_take (fixture->player, structure);
}

static void
assert_nobody_waited (void)
{
  g_mutex_lock (&source.lock);
  g_assert_false (source.was_waited_for);
  g_assert_cmpuint (source.n_ended, ==, 0);
  g_mutex_unlock (&source.lock);
}

/* Stopped is what was told so, however long its source takes. */
static void
test_stop (Fixture *fixture, gconstpointer data)
{
  wish (fixture, "load", 1);
  wish (fixture, "stop", 1);
  g_assert_cmpuint (fixture->last.number, ==, 1);
  g_assert_cmpint (fixture->last.state, ==, FOYER_CAST_MEDIA_IDLE);
  assert_nobody_waited ();
}

/* What comes next does not wait for what was before. */
static void
test_next (Fixture *fixture, gconstpointer data)
{
  wish (fixture, "load", 1);
  wish (fixture, "load", 2);
  wish (fixture, "pause", 2);
  g_assert_cmpuint (fixture->last.number, ==, 2);
  g_assert_cmpint (fixture->last.state, ==, FOYER_CAST_MEDIA_LOADING);
  assert_nobody_waited ();
}

/* Nobody takes what it gives, which is an error that comes by the bus. */
static void
test_fail (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstStructure) structure = gst_structure_new ("foyer-cast-media",
      "wish", G_TYPE_STRING, "load", "number", G_TYPE_UINT64, (guint64) 3,
      "url", G_TYPE_STRING, "unknown://server/live.mp4", NULL);

  wish (fixture, "load", 2);
  foyer_player_take (fixture->player, structure);
  while (!fixture->has_failed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture->last.number, ==, 3);
  assert_nobody_waited ();
}

#define CASE(name, func, n_ended)                                           \
  g_test_add ("/player/" name, Fixture, GUINT_TO_POINTER (n_ended), set_up, \
      func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  GST_ELEMENT_REGISTER (foyermarkread, NULL);
  gst_element_register (NULL, "foyerteststuck", GST_RANK_PRIMARY,
      stuck_get_type ());
  CASE ("stop", test_stop, 1);
  CASE ("next", test_next, 2);
  CASE ("fail", test_fail, 1);
  return g_test_run ();
}
