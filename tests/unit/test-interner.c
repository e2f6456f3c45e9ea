/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-interner.h"

static void
test_numbers (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (5);
  FoyerCameraId camera = foyer_interner_intern_camera (ids, "test:A");
  FoyerTargetId display = foyer_interner_intern_target (ids,
      FOYER_TARGET_DISPLAY, "test:A");
  FoyerTargetId node = foyer_interner_intern_target (ids, FOYER_TARGET_NODE,
      "test:A");
  FoyerTargetKind kind;

  g_assert_cmpuint (camera.v, ==, 5);
  g_assert_cmpuint (display.v, ==, 6);
  g_assert_cmpuint (node.v, ==, 7);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "test:A").v, ==, 5);
  g_assert_cmpuint (foyer_interner_find_camera (ids, "test:B").v, ==, 0);
  g_assert_cmpstr (foyer_interner_get_camera (ids, camera), ==, "test:A");
  /* A camera's number is no display's, and the other way round. */
  g_assert_null (foyer_interner_get_camera (ids, (FoyerCameraId){ display.v }));
  g_assert_null (
      foyer_interner_get_target (ids, (FoyerTargetId){ camera.v }, &kind));
  g_assert_cmpstr (foyer_interner_get_target (ids, node, &kind), ==, "test:A");
  g_assert_cmpint (kind, ==, FOYER_TARGET_NODE);
}

static void
test_never_reused (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  guint64 first = foyer_interner_intern_camera (ids, "test:A").v;

  foyer_interner_drop (ids, first);
  foyer_interner_drop (ids, first);
  g_assert_cmpuint (foyer_interner_find_camera (ids, "test:A").v, ==, 0);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "test:A").v, >, first);
}

static void
test_invalid (void)
{
  static const char *const bad[] = { NULL, "", "any", " a", "a ", "a\nb",
    "\xff", "a\xe2\x80\xae" };
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  g_autofree char *longer = g_strnfill (FOYER_IDENTITY_MAX_BYTES + 1, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpuint (foyer_interner_intern_camera (ids, bad[i]).v, ==, 0);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, longer).v, ==, 0);
  g_assert_cmpuint (
      foyer_interner_intern_target (ids, FOYER_TARGET_NONE, "a").v, ==, 0);
  g_assert_cmpuint (foyer_interner_intern_target (ids, FOYER_TARGET_ANY, "a").v,
      ==, 0);
  g_assert_cmpuint (foyer_interner_get_next (ids), ==, 1);
}

static void
test_full (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);

  for (guint i = 0; i < FOYER_INTERNER_MAX; i++) {
    g_autofree char *identity = g_strdup_printf ("c%u", i);

    g_assert_cmpuint (foyer_interner_intern_camera (ids, identity).v, !=, 0);
  }
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "more").v, ==, 0);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "c0").v, ==, 1);
}

static void
test_last_number (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (G_MAXUINT64 - 1);

  g_assert_cmpuint (foyer_interner_intern_camera (ids, "a").v, ==,
      G_MAXUINT64 - 1);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "b").v, ==, 0);
}

static void
append (guint64 id, const char *text, gpointer user_data)
{
  g_string_append_printf (user_data, "%" G_GUINT64_FORMAT "=%s ", id, text);
}

static void
test_restore (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (10);
  g_autoptr (GString) all = g_string_new (NULL);

  g_assert_true (foyer_interner_restore (ids, 3, "display:mdns:x"));
  g_assert_true (foyer_interner_restore (ids, 2, "camera:test:A"));
  g_assert_false (foyer_interner_restore (ids, 2, "camera:test:B"));
  g_assert_false (foyer_interner_restore (ids, 4, "camera:test:A"));
  g_assert_false (foyer_interner_restore (ids, 10, "camera:test:C"));
  g_assert_false (foyer_interner_restore (ids, 0, "camera:test:C"));
  g_assert_false (foyer_interner_restore (ids, 5, "tv:x"));
  g_assert_false (foyer_interner_restore (ids, 5, "camera:"));
  g_assert_false (foyer_interner_restore (ids, 5, "camera"));
  foyer_interner_intern_camera (ids, "test:new");
  foyer_interner_foreach_kept (ids, append, all);
  g_assert_cmpstr (all->str, ==, "2=camera:test:A 3=display:mdns:x ");
}

static guint64
reserve_three (guint64 *next, gpointer user_data)
{
  (*(guint *) user_data)++;
  *next += 100;
  return *next + 3;
}

static void
test_reserve (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  guint n_calls = 0;

  foyer_interner_set_reserve (ids, reserve_three, &n_calls);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "a").v, ==, 101);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "b").v, ==, 102);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "a").v, ==, 101);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "c").v, ==, 103);
  g_assert_cmpuint (n_calls, ==, 1);
  g_assert_cmpuint (foyer_interner_intern_camera (ids, "d").v, ==, 204);
  g_assert_cmpuint (n_calls, ==, 2);
}

static void
test_kept (void)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerCameraId id = foyer_interner_intern_camera (ids, "a");

  foyer_interner_set_kept (ids, id.v, TRUE);
  foyer_interner_drop (ids, id.v);
  g_assert_cmpstr (foyer_interner_get_camera (ids, id), ==, "a");
  foyer_interner_set_kept (ids, id.v, FALSE);
  foyer_interner_drop (ids, id.v);
  g_assert_null (foyer_interner_get_camera (ids, id));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interner/numbers", test_numbers);
  g_test_add_func ("/interner/never-reused", test_never_reused);
  g_test_add_func ("/interner/invalid", test_invalid);
  g_test_add_func ("/interner/full", test_full);
  g_test_add_func ("/interner/last-number", test_last_number);
  g_test_add_func ("/interner/restore", test_restore);
  g_test_add_func ("/interner/reserve", test_reserve);
  g_test_add_func ("/interner/kept", test_kept);
  return g_test_run ();
}
