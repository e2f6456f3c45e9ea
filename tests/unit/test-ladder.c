/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ladder.h"

#define MBPS 1000000u
#define S    G_USEC_PER_SEC

static const FoyerShape camera = { FOYER_CODEC_RAW, 1280, 720, 30, 1, 0 };

static FoyerShape
display (FoyerCodec codec, guint width_px, guint height_px)
{
  return (FoyerShape){ codec, (guint16) width_px, (guint16) height_px, 30, 1,
    3 * MBPS };
}

static guint
join (FoyerLadder *ladder, guint64 id, const FoyerShape *most)
{
  return foyer_ladder_join (ladder, (FoyerSessionId){ id }, most);
}

static void
wish (FoyerLadder *ladder, guint64 id, guint32 bps)
{
  foyer_ladder_wish (ladder, (FoyerSessionId){ id }, bps);
}

/* Steps twice a second for @span_us; the moves. */
static guint
run (FoyerLadder *ladder, gint64 *now_us, gint64 span_us, FoyerLadderMove *move)
{
  gint64 until_us = *now_us + span_us;
  guint n_moves = 0;

  for (; *now_us < until_us; *now_us += S / 2)
    while (foyer_ladder_step (ladder, *now_us, move)) {
      n_moves++;
      g_assert_cmpuint (n_moves, <, 100);
    }
  return n_moves;
}

/* Rungs say how many are on them, and no rung is empty. */
static void
check_whole (const FoyerLadder *ladder)
{
  guint counts[FOYER_LADDER_RUNGS] = { 0 };

  for (guint i = 0; i < ladder->n_sessions; i++) {
    const FoyerLadderSession *session = &ladder->sessions[i];
    const FoyerShape *shape = &ladder->rungs[session->rung].shape;

    counts[session->rung]++;
    g_assert_cmpint (session->most.codec, ==, shape->codec);
    g_assert_cmpuint (shape->width_px, <=, session->most.width_px);
    g_assert_cmpuint (shape->height_px, <=, session->most.height_px);
  }
  for (guint i = 0; i < FOYER_LADDER_RUNGS; i++) {
    g_assert_cmpuint (ladder->rungs[i].n_sessions, ==, counts[i]);
    g_assert_cmpint (ladder->rungs[i].shape.codec != FOYER_CODEC_NONE, ==,
        counts[i] > 0);
  }
}

static void
test_join_shares (void)
{
  const FoyerShape hd = display (FOYER_CODEC_H264, 1920, 1080);
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadder ladder;
  guint rung;

  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &hd);
  g_assert_cmpuint (rung, <, FOYER_LADDER_RUNGS);
  /* Never larger than the camera's own. */
  g_assert_cmpuint (ladder.rungs[rung].shape.width_px, ==, 1280);
  g_assert_cmpuint (join (&ladder, 2, &hub), ==, rung);
  g_assert_cmpuint (ladder.rungs[rung].n_sessions, ==, 2);
  check_whole (&ladder);
}

/* A slower display has a rung of its own; a faster one gets what there is. */
static void
test_join_rates (void)
{
  FoyerShape slow = display (FOYER_CODEC_H264, 1280, 720);
  FoyerShape fast = slow;
  FoyerShape varying = slow;
  FoyerLadder ladder;
  guint rung;

  slow.fps_n = 15;
  fast.fps_n = 60;
  varying.fps_n = 0;
  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &fast);
  g_assert_cmpuint (ladder.rungs[rung].shape.fps_n, ==, 30);
  g_assert_cmpuint (join (&ladder, 2, &varying), ==, rung);
  rung = join (&ladder, 3, &slow);
  g_assert_cmpuint (ladder.rungs[rung].n_sessions, ==, 1);
  g_assert_cmpuint (ladder.rungs[rung].shape.fps_n, ==, 15);
  check_whole (&ladder);
}

/* Key frames that come often cost others bits: such sessions share no rung with
 * them, at any size. */
static void
test_join_key_intervals (void)
{
  const FoyerShape seldom = display (FOYER_CODEC_H264, 1280, 720);
  FoyerShape often = seldom;
  FoyerLadder ladder;
  guint rung;

  often.key_ms = 500;
  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &seldom);
  g_assert_cmpuint (ladder.rungs[rung].shape.key_ms, ==, 0);
  g_assert_cmpuint (join (&ladder, 2, &often), !=, rung);
  rung = join (&ladder, 3, &often);
  g_assert_cmpuint (ladder.rungs[rung].n_sessions, ==, 2);
  g_assert_cmpuint (ladder.rungs[rung].shape.key_ms, ==, 500);
  check_whole (&ladder);
}

static void
test_join_twice (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadder ladder;

  foyer_ladder_init (&ladder, &camera);
  g_assert_cmpuint (join (&ladder, 1, &hub), !=, FOYER_LADDER_NONE);
  g_assert_cmpuint (join (&ladder, 1, &hub), ==, FOYER_LADDER_NONE);
  g_assert_cmpuint (ladder.n_sessions, ==, 1);
}

static void
test_join_full (void)
{
  const FoyerShape shapes[] = { display (FOYER_CODEC_H264, 1280, 720),
    display (FOYER_CODEC_VP8, 1280, 720), display (FOYER_CODEC_H264, 640, 360),
    display (FOYER_CODEC_H264, 960, 540), display (FOYER_CODEC_VP8, 640, 360),
    { FOYER_CODEC_RAW, 640, 360, 30, 1, 0 } };
  FoyerLadder ladder;
  guint smaller;

  foyer_ladder_init (&ladder, &camera);
  join (&ladder, 1, &shapes[0]);
  join (&ladder, 2, &shapes[1]);
  smaller = join (&ladder, 3, &shapes[2]);
  g_assert_cmpuint (smaller, !=, FOYER_LADDER_NONE);
  /* No fourth rung: the next smaller of its codec, or none. */
  g_assert_cmpuint (join (&ladder, 4, &shapes[3]), ==, smaller);
  g_assert_cmpuint (join (&ladder, 5, &shapes[4]), ==, FOYER_LADDER_NONE);
  g_assert_cmpuint (join (&ladder, 6, &shapes[5]), ==, FOYER_LADDER_NONE);
  check_whole (&ladder);
}

static void
test_too_many_sessions (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadder ladder;

  foyer_ladder_init (&ladder, &camera);
  for (guint i = 1; i <= FOYER_LADDER_MAX_SESSIONS; i++)
    g_assert_cmpuint (join (&ladder, i, &hub), !=, FOYER_LADDER_NONE);
  g_assert_cmpuint (join (&ladder, 9999, &hub), ==, FOYER_LADDER_NONE);
}

static void
test_leave (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadder ladder;
  guint rung;

  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &hub);
  join (&ladder, 2, &hub);
  g_assert_cmpuint (foyer_ladder_leave (&ladder, (FoyerSessionId){ 1 }), ==,
      rung);
  check_whole (&ladder);
  g_assert_cmpuint (foyer_ladder_leave (&ladder, (FoyerSessionId){ 1 }), ==,
      FOYER_LADDER_NONE);
  g_assert_cmpuint (foyer_ladder_leave (&ladder, (FoyerSessionId){ 2 }), ==,
      rung);
  check_whole (&ladder);
  g_assert_cmpuint (ladder.n_sessions, ==, 0);
}

/* Alone, its network decides the rate. */
static void
test_rate_of_one (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;
  guint rung;

  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &hub);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 3 * MBPS);
  wish (&ladder, 1, MBPS);
  g_assert_cmpuint (run (&ladder, &now_us, 20 * S, &move), ==, 0);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, MBPS);
  wish (&ladder, 1, 50 * MBPS);
  run (&ladder, &now_us, S, &move);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 3 * MBPS);
  wish (&ladder, 1, 1);
  run (&ladder, &now_us, S, &move);
  g_assert_cmpuint (ladder.rungs[rung].bps, >=, 100000);
}

/* The slow one goes down, and the others keep what they had meanwhile. */
static void
test_slow_goes_down (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;
  guint rung;

  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &hub);
  join (&ladder, 2, &hub);
  join (&ladder, 3, &hub);
  wish (&ladder, 1, 3 * MBPS);
  wish (&ladder, 2, MBPS / 2);
  wish (&ladder, 3, 5 * MBPS / 2);
  g_assert_cmpuint (run (&ladder, &now_us, S, &move), ==, 0);
  g_assert_cmpuint (run (&ladder, &now_us, 5 * S, &move), ==, 0);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 5 * MBPS / 2);
  g_assert_cmpuint (run (&ladder, &now_us, S, &move), ==, 1);
  g_assert_cmpuint (move.id.v, ==, 2);
  g_assert_cmpuint (move.from, ==, rung);
  g_assert_cmpuint (move.to, !=, rung);
  g_assert_cmpuint (ladder.rungs[move.to].shape.width_px, ==, 640);
  g_assert_cmpuint (ladder.rungs[move.to].bps, <=, MBPS);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 5 * MBPS / 2);
  check_whole (&ladder);
}

static void
test_short_dip_stays (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;

  foyer_ladder_init (&ladder, &camera);
  join (&ladder, 1, &hub);
  join (&ladder, 2, &hub);
  wish (&ladder, 1, 3 * MBPS);
  for (guint i = 0; i < 10; i++) {
    wish (&ladder, 2, MBPS / 2);
    g_assert_cmpuint (run (&ladder, &now_us, S, &move), ==, 0);
    wish (&ladder, 2, 3 * MBPS);
    g_assert_cmpuint (run (&ladder, &now_us, S, &move), ==, 0);
  }
}

/* A rung that is there costs nothing more: the next slow one waits less. */
static void
test_goes_down_to_others (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;
  guint lower;

  foyer_ladder_init (&ladder, &camera);
  for (guint i = 1; i <= 3; i++)
    join (&ladder, i, &hub);
  wish (&ladder, 1, 3 * MBPS);
  wish (&ladder, 2, MBPS / 2);
  wish (&ladder, 3, 3 * MBPS);
  g_assert_cmpuint (run (&ladder, &now_us, 7 * S, &move), ==, 1);
  lower = move.to;
  wish (&ladder, 3, MBPS / 2);
  g_assert_cmpuint (run (&ladder, &now_us, 3 * S, &move), ==, 0);
  g_assert_cmpuint (run (&ladder, &now_us, S, &move), ==, 1);
  g_assert_cmpuint (move.id.v, ==, 3);
  g_assert_cmpuint (move.to, ==, lower);
  check_whole (&ladder);
}

/* Says a tenth more each half second, from @from_bps to @to_bps; the moves. */
static guint
recover (FoyerLadder *ladder, guint64 id, guint32 from_bps, guint32 to_bps,
    gint64 *now_us)
{
  FoyerLadderMove move;
  guint n_moves = 0;

  for (guint32 bps = from_bps; bps < to_bps; bps += bps / 10) {
    wish (ladder, id, bps);
    n_moves += run (ladder, now_us, S / 2, &move);
  }
  wish (ladder, id, to_bps);
  return n_moves;
}

/* What was held up once, all of them at different times even, is not slow: no
 * further encoder is made for it, and it slows nobody down meanwhile. */
static void
test_held_up_stays (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadder ladder;
  gint64 now_us = S;
  guint rung = 0;

  foyer_ladder_init (&ladder, &camera);
  for (guint i = 1; i <= 20; i++) {
    rung = join (&ladder, i, &hub);
    wish (&ladder, i, 3 * MBPS);
  }
  for (guint i = 1; i <= 20; i++) {
    g_assert_cmpuint (recover (&ladder, i, MBPS / 5, 3 * MBPS, &now_us), ==, 0);
    g_assert_cmpuint (ladder.rungs[rung].bps, >=, 3 * MBPS * 6 / 10);
  }
  check_whole (&ladder);
}

/* It grows, but to no more than half of what the others carry: it is slow. */
static void
test_grows_too_little (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;

  foyer_ladder_init (&ladder, &camera);
  join (&ladder, 1, &hub);
  join (&ladder, 2, &hub);
  wish (&ladder, 1, 3 * MBPS);
  g_assert_cmpuint (recover (&ladder, 2, MBPS / 2, MBPS, &now_us), ==, 0);
  g_assert_cmpuint (run (&ladder, &now_us, 8 * S, &move), ==, 1);
  g_assert_cmpuint (move.id.v, ==, 2);
}

/* Those who come begin with a guess of half, which does not count for the others
 * until it has had time to grow; if all are new it does. */
static void
test_newcomers_slow_nobody (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;
  guint rung;

  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &hub);
  wish (&ladder, 1, 2 * MBPS);
  run (&ladder, &now_us, S, &move);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 2 * MBPS);
  wish (&ladder, 1, 3 * MBPS);
  run (&ladder, &now_us, 6 * S, &move);
  join (&ladder, 2, &hub);
  wish (&ladder, 2, 2 * MBPS);
  run (&ladder, &now_us, 4 * S, &move);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 3 * MBPS);
  run (&ladder, &now_us, 2 * S, &move);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 2 * MBPS);
  check_whole (&ladder);
}

static void
test_goes_up_again (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;
  guint rung;

  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &hub);
  join (&ladder, 2, &hub);
  wish (&ladder, 1, 3 * MBPS);
  wish (&ladder, 2, MBPS / 2);
  g_assert_cmpuint (run (&ladder, &now_us, 7 * S, &move), ==, 1);
  wish (&ladder, 2, 3 * MBPS);
  g_assert_cmpuint (run (&ladder, &now_us, 5 * S, &move), ==, 0);
  g_assert_cmpuint (run (&ladder, &now_us, 10 * S, &move), ==, 1);
  g_assert_cmpuint (move.to, ==, rung);
  check_whole (&ladder);
}

/* Those above left while it was down: it makes a rung of its own there. */
static void
test_goes_up_alone (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;

  foyer_ladder_init (&ladder, &camera);
  join (&ladder, 1, &hub);
  join (&ladder, 2, &hub);
  wish (&ladder, 1, 3 * MBPS);
  wish (&ladder, 2, MBPS / 2);
  g_assert_cmpuint (run (&ladder, &now_us, 7 * S, &move), ==, 1);
  foyer_ladder_leave (&ladder, (FoyerSessionId){ 1 });
  g_assert_cmpuint (run (&ladder, &now_us, 20 * S, &move), ==, 0);
  wish (&ladder, 2, 3 * MBPS);
  g_assert_cmpuint (run (&ladder, &now_us, 11 * S, &move), ==, 1);
  g_assert_cmpuint (ladder.rungs[move.to].shape.width_px, ==, 1280);
  check_whole (&ladder);
}

/* When there is no lower rung to have, it loses frames alone. */
static void
test_no_lower_rung (void)
{
  const FoyerShape hub = display (FOYER_CODEC_H264, 1280, 720);
  const FoyerShape vp8 = display (FOYER_CODEC_VP8, 1280, 720);
  const FoyerShape node = { FOYER_CODEC_RAW, 1280, 720, 30, 1, 0 };
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;
  guint rung;

  foyer_ladder_init (&ladder, &camera);
  rung = join (&ladder, 1, &hub);
  join (&ladder, 2, &hub);
  join (&ladder, 3, &vp8);
  join (&ladder, 4, &node);
  wish (&ladder, 1, 3 * MBPS);
  wish (&ladder, 2, MBPS / 2);
  g_assert_cmpuint (run (&ladder, &now_us, 20 * S, &move), ==, 0);
  g_assert_cmpuint (ladder.rungs[rung].bps, ==, 3 * MBPS);
  check_whole (&ladder);
}

/* Anything may happen in any order: the ladder stays whole. */
static void
test_random (void)
{
  const FoyerCodec codecs[] = { FOYER_CODEC_H264, FOYER_CODEC_VP8,
    FOYER_CODEC_RAW };
  FoyerLadderMove move;
  FoyerLadder ladder;
  gint64 now_us = S;

  foyer_ladder_init (&ladder, &camera);
  for (guint i = 0; i < 20000; i++) {
    FoyerShape most =
        display (codecs[g_test_rand_int_range (0, G_N_ELEMENTS (codecs))],
            (guint) g_test_rand_int_range (8, 120) * 16,
            (guint) g_test_rand_int_range (8, 68) * 16);
    FoyerSessionId id = { (guint64) g_test_rand_int_range (1, 20) };

    if (most.codec == FOYER_CODEC_RAW)
      most.max_bps = 0;
    switch (g_test_rand_int_range (0, 4)) {
      case 0:
        foyer_ladder_join (&ladder, id, &most);
        break;
      case 1:
        foyer_ladder_leave (&ladder, id);
        break;
      case 2:
        foyer_ladder_wish (&ladder, id,
            (guint32) g_test_rand_int_range (0, 4000000));
        break;
      default:
        run (&ladder, &now_us, S, &move);
    }
    check_whole (&ladder);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ladder/join/shares", test_join_shares);
  g_test_add_func ("/ladder/join/rates", test_join_rates);
  g_test_add_func ("/ladder/join/key-intervals", test_join_key_intervals);
  g_test_add_func ("/ladder/join/twice", test_join_twice);
  g_test_add_func ("/ladder/join/full", test_join_full);
  g_test_add_func ("/ladder/join/too-many", test_too_many_sessions);
  g_test_add_func ("/ladder/leave", test_leave);
  g_test_add_func ("/ladder/rate/of-one", test_rate_of_one);
  g_test_add_func ("/ladder/move/slow-goes-down", test_slow_goes_down);
  g_test_add_func ("/ladder/rate/newcomers", test_newcomers_slow_nobody);
  g_test_add_func ("/ladder/move/goes-down-to-others",
      test_goes_down_to_others);
  g_test_add_func ("/ladder/move/held-up-stays", test_held_up_stays);
  g_test_add_func ("/ladder/move/grows-too-little", test_grows_too_little);
  g_test_add_func ("/ladder/move/short-dip-stays", test_short_dip_stays);
  g_test_add_func ("/ladder/move/goes-up-again", test_goes_up_again);
  g_test_add_func ("/ladder/move/goes-up-alone", test_goes_up_alone);
  g_test_add_func ("/ladder/move/no-lower-rung", test_no_lower_rung);
  g_test_add_func ("/ladder/random", test_random);
  return g_test_run ();
}
