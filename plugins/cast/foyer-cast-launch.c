/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-launch.h"

#include "foyer-cast-error.h"

#include <string.h>

#define MAX_RETRIES 3

#define MS_US G_GINT64_CONSTANT (1000)

typedef enum
{
  ASKING = 0, /* what runs before we come */
  CHECKING,   /* whether it has the app */
  LAUNCHING,
  PAUSING, /* the launch was cancelled: wait, then again */
  OVER,
} Phase;

typedef enum
{
  NOTHING = 0,
  STATUS,    /* a status, with no session for us in it */
  READY,     /* a status with our session */
  PENDING,   /* the display asks its user */
  ALLOWED,   /* and he agrees */
  CANCELLED, /* something else was just going on */
  THERE,     /* it has the app, or does not say that it lacks it */
  MISSING,   /* no such app, but there is another to try */
  LACKING,   /* no such app, it says before anything was launched */
  REFUSED,   /* for good */
  DUE,       /* it takes too long */
} Event;

typedef void (*Action) (FoyerCastLaunch *self, const FoyerCastReply *reply,
    gint64 now_us);

static gint64
draw_request_id (FoyerCastLaunch *self)
{
  return self->next_request_id++;
}

static void
set_message (FoyerCastLaunch *self, char *message)
{
  g_free (self->message);
  self->message = message;
}

/* No Nest Hub has the app for audio only:
 * https://github.com/owntone/owntone-server/issues/957 */
static gboolean
has_other (const FoyerCastLaunch *self)
{
  return strcmp (self->app_id, FOYER_CAST_APP_AUDIO_MIRRORING) == 0;
}

static void
send_launch (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  self->launch_id = draw_request_id (self);
  self->status_id = 0;
  self->due_us = now_us + FOYER_CAST_REQUEST_TIMEOUT_MS * MS_US;
  set_message (self,
      foyer_cast_control_print_launch (self->launch_id, self->app_id));
}

/* Our app may run already, for somebody else: a status that still shows its
 * session may be older than our LAUNCH. Asks for the apps, so that nothing is launched
 * on a display in vain. */
static void
note_and_ask (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  const char *const apps[] = { self->app_id, FOYER_CAST_APP_MIRRORING };
  guint n_apps = has_other (self) ? 2 : 1;
  const FoyerCastApp *app = foyer_cast_reply_find_app (reply, self->app_id);

  if (app != NULL)
    self->old_session = g_strdup (app->session_id);
  self->apps_id = draw_request_id (self);
  self->due_us = now_us + FOYER_CAST_SNAPSHOT_TIMEOUT_MS * MS_US;
  set_message (self,
      foyer_cast_control_print_get_app_availability (self->apps_id, apps,
          n_apps));
}

/* The numbered answer may never come, nor the broadcast. */
static void
send_get_status (FoyerCastLaunch *self, const FoyerCastReply *reply,
    gint64 now_us)
{
  self->status_id = draw_request_id (self);
  self->due_us = now_us + FOYER_CAST_REQUEST_TIMEOUT_MS * MS_US;
  set_message (self, foyer_cast_control_print_get_status (self->status_id));
}

static void
pause_launch (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  self->n_retries++;
  self->due_us = now_us + FOYER_CAST_RETRY_PAUSE_MS * MS_US;
}

static void
launch_other (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  self->app_id = FOYER_CAST_APP_MIRRORING;
  g_clear_pointer (&self->old_session, g_free);
  send_launch (self, reply, now_us);
}

static void
note_shown (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  if (!reply->has_apps)
    return;
  g_free (self->shown);
  self->shown = reply->n_apps > 0 ? g_strdup (reply->apps[0].display_name)
                                  : NULL;
}

/* Somebody has to find the display and press a key: that takes its time. */
static void
wait_for_user (FoyerCastLaunch *self, const FoyerCastReply *reply,
    gint64 now_us)
{
  self->is_waiting_for_user = TRUE;
  self->end_us = now_us + FOYER_CAST_CONSENT_TIMEOUT_MS * MS_US;
  self->due_us = now_us + FOYER_CAST_REQUEST_TIMEOUT_MS * MS_US;
}

static void
end_waiting (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  if (self->is_waiting_for_user)
    self->end_us = now_us + FOYER_CAST_LAUNCH_TIMEOUT_MS * MS_US;
  self->is_waiting_for_user = FALSE;
}

static void
succeed (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  const FoyerCastApp *app = foyer_cast_reply_find_app (reply, self->app_id);

  self->session_id = g_strdup (app->session_id);
  self->transport_id = g_strdup (app->transport_id);
  self->is_waiting_for_user = FALSE;
  self->state = FOYER_CAST_CONTROL_DONE;
  set_message (self, NULL);
}

static const char *
explain (const FoyerCastReply *reply)
{
  if (reply->consent == FOYER_CAST_CONSENT_DENIED ||
      g_strcmp0 (reply->extended_error, "USER_NOT_ALLOWED") == 0)
    return "its user does not allow it";
  if (g_strcmp0 (reply->reason, "NOT_FOUND") == 0)
    return "it does not have this app, or can't look it up";
  if (g_strcmp0 (reply->reason, "CANCELLED") == 0)
    return "it gives way to another app each time";
  return "it refuses";
}

static void
set_failed (FoyerCastLaunch *self, GError *error)
{
  self->error = error;
  self->is_waiting_for_user = FALSE;
  self->state = FOYER_CAST_CONTROL_FAILED;
  set_message (self, NULL);
}

static void
fail (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  gboolean is_missing = g_strcmp0 (reply->reason, "NOT_FOUND") == 0;

  set_failed (self,
      g_error_new (FOYER_CAST_ERROR,
          is_missing ? FOYER_CAST_ERROR_NO_APP : FOYER_CAST_ERROR_LAUNCH,
          "launching app %s on the display: %s (reason \"%s\", \"%s\")",
          self->app_id, explain (reply), reply->reason, reply->extended_error));
}

static void
fail_lacking (FoyerCastLaunch *self, const FoyerCastReply *reply, gint64 now_us)
{
  set_failed (self,
      g_error_new (FOYER_CAST_ERROR, FOYER_CAST_ERROR_NO_APP,
          "asking the display for app %s: it does not have this app",
          self->app_id));
}

static const struct
{
  Phase phase;
  Event event;
  Phase next;
  Action action;
} table[] = {
  { ASKING, STATUS, CHECKING, note_and_ask },
  { ASKING, DUE, LAUNCHING, send_launch },

  { CHECKING, THERE, LAUNCHING, send_launch },
  { CHECKING, MISSING, LAUNCHING, launch_other },
  { CHECKING, LACKING, OVER, fail_lacking },
  { CHECKING, DUE, LAUNCHING, send_launch },

  { LAUNCHING, STATUS, LAUNCHING, note_shown },
  { LAUNCHING, READY, OVER, succeed },
  { LAUNCHING, PENDING, LAUNCHING, wait_for_user },
  { LAUNCHING, ALLOWED, LAUNCHING, end_waiting },
  { LAUNCHING, CANCELLED, PAUSING, pause_launch },
  { LAUNCHING, MISSING, LAUNCHING, launch_other },
  { LAUNCHING, REFUSED, OVER, fail },
  { LAUNCHING, DUE, LAUNCHING, send_get_status },

  { PAUSING, STATUS, PAUSING, note_shown },
  { PAUSING, READY, OVER, succeed },
  { PAUSING, DUE, LAUNCHING, send_launch },
};

static void
step (FoyerCastLaunch *self, Event event, const FoyerCastReply *reply,
    gint64 now_us)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    if ((int) table[i].phase != self->phase || table[i].event != event)
      continue;
    self->phase = table[i].next;
    table[i].action (self, reply, now_us);
    break;
  }
  self->deadline_us = MIN (self->due_us, self->end_us);
}

/* A session that was there before us is ours only if a display says so in an
 * answer to us: some go on with it, others begin a new one. */
static Event
judge_status (const FoyerCastLaunch *self, const FoyerCastReply *reply)
{
  const FoyerCastApp *app = foyer_cast_reply_find_app (reply, self->app_id);
  gboolean is_answer = reply->request_id != 0 &&
      (reply->request_id == self->launch_id ||
          reply->request_id == self->status_id);

  if (self->phase == ASKING)
    return STATUS;
  if (app == NULL || app->session_id == NULL || app->transport_id == NULL)
    return STATUS;
  if (g_strcmp0 (app->session_id, self->old_session) == 0 && !is_answer)
    return STATUS;
  return READY;
}

static Event
judge_consent (const FoyerCastReply *reply)
{
  switch (reply->consent) {
    case FOYER_CAST_CONSENT_PENDING:
      return PENDING;
    case FOYER_CAST_CONSENT_ALLOWED:
      return ALLOWED;
    case FOYER_CAST_CONSENT_DENIED:
      return REFUSED;
    case FOYER_CAST_CONSENT_UNKNOWN:
      break;
  }
  return NOTHING;
}

static Event
judge_error (const FoyerCastLaunch *self, const FoyerCastReply *reply)
{
  if (strcmp (reply->reason, "CANCELLED") == 0 && self->n_retries < MAX_RETRIES)
    return CANCELLED;
  if (strcmp (reply->reason, "NOT_FOUND") == 0 && has_other (self))
    return MISSING;
  return REFUSED;
}

static Event
judge_apps (const FoyerCastLaunch *self, const FoyerCastReply *reply)
{
  if (!foyer_cast_reply_lacks_app (reply, self->app_id))
    return THERE;
  if (has_other (self) &&
      !foyer_cast_reply_lacks_app (reply, FOYER_CAST_APP_MIRRORING))
    return MISSING;
  return LACKING;
}

/* The first answer to whether it has the app; any other than that it lacks it will
 * do. */
static Event
judge_answer (const FoyerCastLaunch *self, const FoyerCastReply *reply)
{
  if (reply->request_id != self->apps_id)
    return NOTHING;
  return reply->kind == FOYER_CAST_REPLY_APP_AVAILABILITY
      ? judge_apps (self, reply)
      : THERE;
}

static Event
judge (const FoyerCastLaunch *self, const FoyerCastReply *reply)
{
  gboolean is_ours = reply->request_id == self->launch_id;

  if (self->phase == CHECKING)
    return judge_answer (self, reply);
  switch (reply->kind) {
    case FOYER_CAST_REPLY_RECEIVER_STATUS:
      return judge_status (self, reply);
    case FOYER_CAST_REPLY_LAUNCH_STATUS:
      return is_ours || reply->request_id == 0 ? judge_consent (reply)
                                               : NOTHING;
    case FOYER_CAST_REPLY_LAUNCH_ERROR:
      return is_ours || reply->request_id == 0 ? judge_error (self, reply)
                                               : NOTHING;
    case FOYER_CAST_REPLY_INVALID_REQUEST:
      return is_ours ? REFUSED : NOTHING;
    case FOYER_CAST_REPLY_APP_AVAILABILITY:
    case FOYER_CAST_REPLY_UNKNOWN:
    case FOYER_CAST_REPLY_CONNECTED:
    case FOYER_CAST_REPLY_CLOSE:
    case FOYER_CAST_REPLY_PING:
    case FOYER_CAST_REPLY_PONG:
      break;
  }
  return NOTHING;
}

void
foyer_cast_launch_init (FoyerCastLaunch *self, const char *app_id,
    gint64 first_request_id, gint64 now_us)
{
  memset (self, 0, sizeof *self);
  self->app_id = app_id;
  self->next_request_id = first_request_id;
  self->due_us = now_us + FOYER_CAST_SNAPSHOT_TIMEOUT_MS * MS_US;
  self->end_us = now_us + FOYER_CAST_LAUNCH_TIMEOUT_MS * MS_US;
  self->deadline_us = self->due_us;
  set_message (self,
      foyer_cast_control_print_get_status (draw_request_id (self)));
}

void
foyer_cast_launch_receive (FoyerCastLaunch *self, const FoyerCastReply *reply,
    gint64 now_us)
{
  if (self->state == FOYER_CAST_CONTROL_RUNNING)
    step (self, judge (self, reply), reply, now_us);
}

static void
expire (FoyerCastLaunch *self)
{
  const char *shown = self->shown != NULL ? self->shown : "nothing";

  self->phase = OVER;
  set_failed (self,
      g_error_new (FOYER_CAST_ERROR, FOYER_CAST_ERROR_TIMED_OUT,
          "launching app %s on the display: %s; it shows \"%s\"", self->app_id,
          self->is_waiting_for_user ? "nobody allowed it in time"
                                    : "it did not start in time",
          shown));
}

void
foyer_cast_launch_tick (FoyerCastLaunch *self, gint64 now_us)
{
  if (self->state != FOYER_CAST_CONTROL_RUNNING)
    return;
  if (now_us >= self->end_us)
    expire (self);
  else if (now_us >= self->due_us)
    step (self, DUE, NULL, now_us);
}

char *
foyer_cast_launch_take_message (FoyerCastLaunch *self)
{
  return g_steal_pointer (&self->message);
}

void
foyer_cast_launch_clear (FoyerCastLaunch *self)
{
  g_free (self->session_id);
  g_free (self->transport_id);
  g_clear_error (&self->error);
  g_free (self->old_session);
  g_free (self->shown);
  g_free (self->message);
  memset (self, 0, sizeof *self);
}

void
foyer_cast_stop_init (FoyerCastStop *self, const char *session_id,
    gint64 request_id, gint64 now_us)
{
  memset (self, 0, sizeof *self);
  self->session_id = g_strdup (session_id);
  self->request_id = request_id;
  self->deadline_us = now_us + FOYER_CAST_STOP_TIMEOUT_MS * MS_US;
  self->message = foyer_cast_control_print_stop (request_id, session_id);
}

/* A status that names no apps at all comes while the app is torn down. Refusal
 * means that there is no such session, or none that we could end. */
void
foyer_cast_stop_receive (FoyerCastStop *self, const FoyerCastReply *reply)
{
  gboolean is_gone = reply->kind == FOYER_CAST_REPLY_RECEIVER_STATUS &&
      !foyer_cast_reply_has_session (reply, self->session_id);
  gboolean is_refused = reply->kind == FOYER_CAST_REPLY_INVALID_REQUEST &&
      reply->request_id == self->request_id;

  if (self->state == FOYER_CAST_CONTROL_RUNNING && (is_gone || is_refused))
    self->state = FOYER_CAST_CONTROL_DONE;
}

void
foyer_cast_stop_tick (FoyerCastStop *self, gint64 now_us)
{
  if (self->state == FOYER_CAST_CONTROL_RUNNING && now_us >= self->deadline_us)
    self->state = FOYER_CAST_CONTROL_FAILED;
}

char *
foyer_cast_stop_take_message (FoyerCastStop *self)
{
  return g_steal_pointer (&self->message);
}

void
foyer_cast_stop_clear (FoyerCastStop *self)
{
  g_free (self->session_id);
  g_free (self->message);
  memset (self, 0, sizeof *self);
}
