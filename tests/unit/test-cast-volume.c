/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-volume.h"

/* How loud a display is. */

#define START_US G_GINT64_CONSTANT (1000000)
#define SECOND   G_USEC_PER_SEC

#define STATUS(id, volume)                          \
  "{\"type\":\"RECEIVER_STATUS\",\"requestId\":" id \
  ",\"status\":{\"volume\":" volume "}}"
#define HALF       "{\"level\":0.5,\"muted\":false}"
#define FULL       "{\"level\":1.0,\"muted\":false}"
#define HALF_MUTED "{\"level\":0.5,\"muted\":true}"
#define SET(id, volume) \
  "{\"type\":\"SET_VOLUME\",\"requestId\":" id ",\"volume\":{" volume "}}"
#define GET(id) "{\"type\":\"GET_STATUS\",\"requestId\":" id "}"

static void
begin (FoyerCastVolume *volume, const FoyerCastVolumeChange *change)
{
  foyer_cast_volume_init (volume, change, 5, START_US);
}

static void
hear (FoyerCastVolume *volume, const char *text)
{
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text ("receiver-0", "sender-0",
          FOYER_CAST_NS_RECEIVER, text);
  g_auto (FoyerCastReply) reply = { 0 };

  g_assert_true (foyer_cast_reply_parse (message, &reply, NULL));
  foyer_cast_volume_receive (volume, &reply, START_US);
}

static void
expect (FoyerCastVolume *volume, FoyerCastControlState state,
    const char *message)
{
  g_autofree char *text = foyer_cast_volume_take_message (volume);

  g_assert_cmpint (volume->state, ==, state);
  g_assert_cmpstr (text, ==, message);
}

static void
test_asked (void)
{
  const FoyerCastVolumeChange nothing = { 0 };
  g_auto (FoyerCastVolume) volume = { 0 };

  begin (&volume, &nothing);
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, GET ("5"));
  /* Of somebody else, and to all: may be old. */
  hear (&volume, STATUS ("4", FULL));
  hear (&volume, STATUS ("0", FULL));
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, NULL);
  hear (&volume, STATUS ("5", HALF_MUTED));
  expect (&volume, FOYER_CAST_CONTROL_DONE, NULL);
  g_assert_cmpfloat (volume.level, ==, 0.5);
  g_assert_true (volume.is_muted);
}

static void
test_both (void)
{
  const FoyerCastVolumeChange change = { TRUE, 0.5, TRUE, TRUE };
  g_auto (FoyerCastVolume) volume = { 0 };

  begin (&volume, &change);
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, SET ("5", "\"level\":0.5"));
  hear (&volume, STATUS ("5", HALF));
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, SET ("6", "\"muted\":true"));
  hear (&volume, STATUS ("6", HALF_MUTED));
  expect (&volume, FOYER_CAST_CONTROL_DONE, NULL);
  g_assert_true (volume.is_muted);
}

/* Told to all alone: taken if it is what was asked for. */
static void
test_broadcast (void)
{
  const FoyerCastVolumeChange change = { TRUE, 0.5, FALSE, FALSE };
  g_auto (FoyerCastVolume) volume = { 0 };

  begin (&volume, &change);
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, SET ("5", "\"level\":0.5"));
  hear (&volume, STATUS ("0", FULL));
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, NULL);
  hear (&volume, STATUS ("0", HALF));
  expect (&volume, FOYER_CAST_CONTROL_DONE, NULL);
  g_assert_cmpfloat (volume.level, ==, 0.5);
}

/* One that does not say is asked, and what it says counts, whatever that is. */
static void
test_silent (void)
{
  const FoyerCastVolumeChange change = { FALSE, 0, TRUE, TRUE };
  g_auto (FoyerCastVolume) volume = { 0 };

  begin (&volume, &change);
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, SET ("5", "\"muted\":true"));
  foyer_cast_volume_tick (&volume, START_US + SECOND - 1);
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, NULL);
  foyer_cast_volume_tick (&volume, START_US + SECOND);
  expect (&volume, FOYER_CAST_CONTROL_RUNNING, GET ("6"));
  hear (&volume, STATUS ("6", FULL));
  expect (&volume, FOYER_CAST_CONTROL_DONE, NULL);
  g_assert_false (volume.is_muted);
}

static void
test_fails (void)
{
  const FoyerCastVolumeChange change = { TRUE, 2.0, FALSE, FALSE };
  const FoyerCastVolumeChange nothing = { 0 };
  g_auto (FoyerCastVolume) refused = { 0 };
  g_auto (FoyerCastVolume) late = { 0 };
  g_auto (FoyerCastVolume) bare = { 0 };

  begin (&refused, &change);
  expect (&refused, FOYER_CAST_CONTROL_RUNNING, SET ("5", "\"level\":1.0"));
  hear (&refused,
      "{\"type\":\"INVALID_REQUEST\",\"requestId\":5,"
      "\"reason\":\"INVALID_COMMAND\"}");
  expect (&refused, FOYER_CAST_CONTROL_FAILED, NULL);
  hear (&refused, STATUS ("5", FULL));
  expect (&refused, FOYER_CAST_CONTROL_FAILED, NULL);
  begin (&late, &nothing);
  expect (&late, FOYER_CAST_CONTROL_RUNNING, GET ("5"));
  foyer_cast_volume_tick (&late, late.deadline_us);
  expect (&late, FOYER_CAST_CONTROL_FAILED, NULL);
  begin (&bare, &nothing);
  expect (&bare, FOYER_CAST_CONTROL_RUNNING, GET ("5"));
  hear (&bare, STATUS ("5", "{}"));
  expect (&bare, FOYER_CAST_CONTROL_FAILED, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-volume/asked", test_asked);
  g_test_add_func ("/cast-volume/both", test_both);
  g_test_add_func ("/cast-volume/broadcast", test_broadcast);
  g_test_add_func ("/cast-volume/silent", test_silent);
  g_test_add_func ("/cast-volume/fails", test_fails);
  return g_test_run ();
}
