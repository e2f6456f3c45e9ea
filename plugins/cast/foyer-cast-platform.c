/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-platform.h"

#include "foyer-cast-error.h"
#include "foyer-cast-launch.h"
#include "foyer-clock.h"
#include "foyer-random.h"

/* openscreen numbers its senders likewise; sender-0 is the platform's. */
#define MIN_SENDER_NUMBER 10000
#define MAX_SENDER_NUMBER 999999

struct _FoyerCastPlatform
{
  FoyerCastThread *thread;
  FoyerCastChannel *channel;
  FoyerCastPlatformCallbacks callbacks;
  gpointer user_data;
  char *app_sender_id;
  FoyerCastLaunch launch;
  FoyerCastTimer timer; /* the launch's deadline */
  gboolean has_launched;
  gboolean is_stopping;
  FoyerCastStop stop; /* once the session to stop is known */
  gboolean is_over;   /* the app is gone */
};

/* Conversations run on the machine's time. */
static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static void
tell_platform (FoyerCastPlatform *self, const char *name_space,
    const char *text)
{
  foyer_cast_channel_send_text (self->channel, FOYER_CAST_PLATFORM_SENDER,
      FOYER_CAST_PLATFORM_RECEIVER, name_space, text);
}

/* stopping */

static void
send_stop (FoyerCastPlatform *self)
{
  g_autofree char *text = NULL;

  foyer_cast_stop_init (&self->stop, self->launch.session_id,
      self->launch.next_request_id++, get_now_us ());
  text = foyer_cast_stop_take_message (&self->stop);
  tell_platform (self, FOYER_CAST_NS_RECEIVER, text);
}

static void
end_stop (FoyerCastPlatform *self)
{
  self->is_over = TRUE;
  self->callbacks.on_stopped (self->user_data);
}

/* launching */

static void
connect_app (FoyerCastPlatform *self)
{
  g_autofree char *text = foyer_cast_control_print_connect (NULL);

  self->has_launched = TRUE;
  foyer_cast_platform_tell_app (self, FOYER_CAST_NS_CONNECTION, text);
  self->callbacks.on_launched (self->launch.transport_id, self->user_data);
}

static void on_deadline (gpointer user_data);

static void
continue_launch (FoyerCastPlatform *self)
{
  g_autofree char *text = foyer_cast_launch_take_message (&self->launch);
  gint64 left_us = self->launch.deadline_us - get_now_us ();

  /* Nothing new is begun while stopping; what was begun is waited for. */
  if (text != NULL && !self->is_stopping)
    tell_platform (self, FOYER_CAST_NS_RECEIVER, text);
  foyer_cast_timer_clear (&self->timer);
  switch (self->launch.state) {
    case FOYER_CAST_CONTROL_RUNNING:
      foyer_cast_timer_set (&self->timer, self->thread,
          (guint) (MAX (left_us, 0) / 1000 + 1), on_deadline, self);
      break;
    case FOYER_CAST_CONTROL_DONE:
      if (self->is_stopping)
        send_stop (self);
      else
        connect_app (self);
      break;
    case FOYER_CAST_CONTROL_FAILED:
      if (self->is_stopping)
        end_stop (self);
      else
        self->callbacks.on_failed (self->launch.error, self->user_data);
      break;
  }
}

static void
on_deadline (gpointer user_data)
{
  FoyerCastPlatform *self = user_data;

  foyer_cast_launch_tick (&self->launch, get_now_us ());
  continue_launch (self);
}

/* while the app runs */

static void
fail (FoyerCastPlatform *self, FoyerCastError code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR, (int) code,
      message);

  self->is_over = TRUE;
  self->callbacks.on_failed (error, self->user_data);
}

static void
take_close (FoyerCastPlatform *self, const char *source_id)
{
  gboolean is_app = self->has_launched &&
      g_strcmp0 (source_id, self->launch.transport_id) == 0;
  gboolean is_platform = g_str_equal (source_id, FOYER_CAST_PLATFORM_RECEIVER);

  if (!is_app && !is_platform)
    return;
  if (self->is_stopping)
    return; /* the status tells when the app is gone */
  if (is_app)
    fail (self, FOYER_CAST_ERROR_APP_ENDED, "the app closed the connection");
  else
    fail (self, FOYER_CAST_ERROR_CLOSED, "the display closed the connection");
}

static void
take_reply (FoyerCastPlatform *self, const FoyerCastReply *reply)
{
  if (self->launch.state == FOYER_CAST_CONTROL_RUNNING) {
    foyer_cast_launch_receive (&self->launch, reply, get_now_us ());
    continue_launch (self);
  } else if (self->is_stopping) {
    foyer_cast_stop_receive (&self->stop, reply);
    if (self->stop.state != FOYER_CAST_CONTROL_RUNNING)
      end_stop (self);
  } else if (self->has_launched &&
      reply->kind == FOYER_CAST_REPLY_RECEIVER_STATUS && reply->has_apps &&
      !foyer_cast_reply_has_session (reply, self->launch.session_id)) {
    fail (self, FOYER_CAST_ERROR_APP_ENDED,
        "the app was stopped or replaced at the display");
  }
}

FoyerCastPlatform *
foyer_cast_platform_new (FoyerCastThread *thread, FoyerCastChannel *channel,
    const char *app_id, const FoyerCastPlatformCallbacks *callbacks,
    gpointer user_data)
{
  FoyerCastPlatform *self = g_new0 (FoyerCastPlatform, 1);
  g_autofree char *text = foyer_cast_control_print_connect (NULL);

  self->thread = thread;
  self->channel = channel;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->app_sender_id = g_strdup_printf ("sender-%u",
      foyer_random_range (MIN_SENDER_NUMBER, MAX_SENDER_NUMBER));
  tell_platform (self, FOYER_CAST_NS_CONNECTION, text);
  foyer_cast_launch_init (&self->launch, app_id, 1, get_now_us ());
  continue_launch (self);
  return self;
}

const char *
foyer_cast_platform_get_session_id (const FoyerCastPlatform *self)
{
  return self->launch.session_id;
}

const char *
foyer_cast_platform_get_transport_id (const FoyerCastPlatform *self)
{
  return self->has_launched && !self->is_over ? self->launch.transport_id
                                              : NULL;
}

gboolean
foyer_cast_platform_take (FoyerCastPlatform *self,
    const FoyerCastMessage *message)
{
  g_auto (FoyerCastReply) reply = { 0 };

  if (!foyer_cast_reply_parse (message, &reply, NULL))
    return FALSE;
  if (self->is_over)
    return TRUE;
  if (reply.kind == FOYER_CAST_REPLY_CLOSE)
    take_close (self, message->source_id);
  else
    take_reply (self, &reply);
  return TRUE;
}

void
foyer_cast_platform_tell_app (FoyerCastPlatform *self, const char *name_space,
    const char *text)
{
  if (self->has_launched && !self->is_over)
    foyer_cast_channel_send_text (self->channel, self->app_sender_id,
        self->launch.transport_id, name_space, text);
}

void
foyer_cast_platform_set_volume (FoyerCastPlatform *self, double level)
{
  g_autofree char *text =
      foyer_cast_control_print_volume (self->launch.next_request_id++, level);

  tell_platform (self, FOYER_CAST_NS_RECEIVER, text);
}

void
foyer_cast_platform_set_muted (FoyerCastPlatform *self, gboolean is_muted)
{
  g_autofree char *text =
      foyer_cast_control_print_muted (self->launch.next_request_id++, is_muted);

  tell_platform (self, FOYER_CAST_NS_RECEIVER, text);
}

gboolean
foyer_cast_platform_stop (FoyerCastPlatform *self)
{
  self->is_stopping = TRUE;
  if (self->is_over)
    return FALSE;
  if (self->has_launched) {
    send_stop (self);
    return TRUE;
  }
  /* An app that is about to come up is waited for, so that it can be stopped:
   * some displays would go on showing it. */
  return self->launch.state == FOYER_CAST_CONTROL_RUNNING &&
      self->launch.launch_id != 0;
}

void
foyer_cast_platform_free (FoyerCastPlatform *self)
{
  g_autofree char *text = foyer_cast_control_print_close ();

  if (self == NULL)
    return;
  if (self->has_launched)
    foyer_cast_channel_send_text (self->channel, self->app_sender_id,
        self->launch.transport_id, FOYER_CAST_NS_CONNECTION, text);
  tell_platform (self, FOYER_CAST_NS_CONNECTION, text);
  foyer_cast_timer_clear (&self->timer);
  foyer_cast_launch_clear (&self->launch);
  foyer_cast_stop_clear (&self->stop);
  g_free (self->app_sender_id);
  g_free (self);
}
