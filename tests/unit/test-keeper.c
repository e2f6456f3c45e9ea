/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-keeper.h"

typedef struct
{
  FoyerKeeper *keeper;
  guint n_asked;
  guint n_over;
  FoyerSessionId over;
} Fixture;

static gboolean
on_ask (const FoyerCast *cast, FoyerSessionId *id, FoyerReason *reason,
    gpointer user_data)
{
  Fixture *self = user_data;

  self->n_asked++;
  return FALSE;
}

static void
on_over (FoyerSessionId id, gpointer user_data)
{
  Fixture *self = user_data;

  self->n_over++;
  self->over = id;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->keeper = foyer_keeper_new (on_ask, on_over, self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_keeper_free (self->keeper);
}

static void
test_final (void)
{
  const FoyerReason helpful[] = {
    FOYER_REASON_CAMERA_GONE,
    FOYER_REASON_CAMERA_FAILED,
    FOYER_REASON_DISPLAY_LOST,
    FOYER_REASON_DISPLAY_FAILED,
    FOYER_REASON_WORKER_DIED,
    FOYER_REASON_TOO_SLOW,
  };
  const FoyerReason decided[] = {
    FOYER_REASON_NONE,
    FOYER_REASON_DENIED,
    FOYER_REASON_LOCKDOWN,
    FOYER_REASON_STOPPED,
    FOYER_REASON_REVOKED,
    FOYER_REASON_EXPIRED,
    FOYER_REASON_NO_APP,
    FOYER_REASON_NOT_PAIRED,
    FOYER_REASON_KEY_CHANGED,
    FOYER_REASON_NOT_VERIFIED,
    FOYER_REASON_TARGET_GONE,
    FOYER_REASON_NO_ENCODER,
    FOYER_N_REASONS,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (helpful); i++)
    g_assert_false (foyer_keeper_is_final (helpful[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (decided); i++)
    g_assert_true (foyer_keeper_is_final (decided[i]));
}

static void
test_back_off (void)
{
  guint last_ms = 0;

  g_assert_cmpuint (foyer_keeper_get_delay_ms (0), ==, 1000);
  g_assert_cmpuint (foyer_keeper_get_delay_ms (1), ==, 2000);
  for (guint i = 0; i < 100; i++) {
    guint delay_ms = foyer_keeper_get_delay_ms (i);

    g_assert_cmpuint (delay_ms, >=, last_ms);
    g_assert_cmpuint (delay_ms, <=, 60000);
    last_ms = delay_ms;
  }
  g_assert_cmpuint (foyer_keeper_get_delay_ms (G_MAXUINT), ==, 60000);
}

static void
test_take (Fixture *self, gconstpointer data)
{
  FoyerCast cast = { .is_kept = TRUE };

  g_assert_false (foyer_keeper_take (self->keeper, (FoyerSessionId){ 1 }, &cast,
      FOYER_REASON_STOPPED, 0));
  g_assert_true (foyer_keeper_take (self->keeper, (FoyerSessionId){ 2 }, &cast,
      FOYER_REASON_DISPLAY_LOST, 0));
  cast.is_kept = FALSE;
  g_assert_false (foyer_keeper_take (self->keeper, (FoyerSessionId){ 3 }, &cast,
      FOYER_REASON_DISPLAY_LOST, 0));
  /* Nothing is asked before its time. */
  g_assert_cmpuint (self->n_asked, ==, 0);
  g_assert_cmpuint (self->n_over, ==, 0);
}

static void
test_drop (Fixture *self, gconstpointer data)
{
  const FoyerCast cast = { .is_kept = TRUE };

  g_assert_true (foyer_keeper_take (self->keeper, (FoyerSessionId){ 2 }, &cast,
      FOYER_REASON_CAMERA_GONE, 0));
  g_assert_false (foyer_keeper_drop (self->keeper, (FoyerSessionId){ 1 }));
  g_assert_true (foyer_keeper_drop (self->keeper, (FoyerSessionId){ 2 }));
  g_assert_cmpuint (self->n_over, ==, 1);
  g_assert_cmpuint (self->over.v, ==, 2);
  g_assert_false (foyer_keeper_drop (self->keeper, (FoyerSessionId){ 2 }));
}

static void
test_drop_all (Fixture *self, gconstpointer data)
{
  const FoyerCast cast = { .is_kept = TRUE };

  for (guint64 i = 1; i <= 5; i++)
    g_assert_true (foyer_keeper_take (self->keeper, (FoyerSessionId){ i },
        &cast, FOYER_REASON_CAMERA_GONE, 0));
  foyer_keeper_drop_all (self->keeper);
  g_assert_cmpuint (self->n_over, ==, 5);
}

/* Another way is tried at once, kept or not, and once. */
static void
test_follow (Fixture *self, gconstpointer data)
{
  const FoyerCast cast = { .transport = FOYER_TRANSPORT_HTTP };

  foyer_keeper_follow (self->keeper, (FoyerSessionId){ 4 }, &cast);
  g_assert_cmpuint (self->n_asked, ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (self->n_asked, ==, 1);
  g_assert_cmpuint (self->over.v, ==, 4);
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keeper/final", test_final);
  g_test_add_func ("/keeper/back-off", test_back_off);
  ADD ("/keeper/take", test_take);
  ADD ("/keeper/follow", test_follow);
  ADD ("/keeper/drop", test_drop);
  ADD ("/keeper/drop-all", test_drop_all);
  return g_test_run ();
}
