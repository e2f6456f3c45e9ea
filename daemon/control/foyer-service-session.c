/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-rule-text.h"
#include "foyer-service-private.h"

#include <string.h>

#define KIND "session"
#define NAME FOYER_SERVICE_NAME ".Session"

static const char *
get_state (const FoyerSessionView *view)
{
  static const char *const names[] = {
    [FOYER_SESSION_FREE] = "cleaning",
    [FOYER_SESSION_STARTING] = "starting",
    [FOYER_SESSION_IDENTIFYING] = "identifying",
    [FOYER_SESSION_PREPARING] = "preparing",
    [FOYER_SESSION_LINKED] = "linked",
    [FOYER_SESSION_LIVE] = "live",
    [FOYER_SESSION_CLOSING] = "closing",
    [FOYER_SESSION_CLEANING] = "cleaning",
  };

  if (view->is_waiting)
    return "waiting";
  if (view->is_stalled && foyer_session_state_is_open (view->state))
    return "stalled";
  return names[view->state];
}

static const char *
get_codec (const FoyerShape *shape)
{
  switch (shape->codec) {
    case FOYER_CODEC_H264:
      return "h264";
    case FOYER_CODEC_VP8:
      return "vp8";
    case FOYER_CODEC_NONE:
    case FOYER_CODEC_RAW:
    case FOYER_CODEC_PNG:
    case FOYER_CODEC_JPEG:
    case FOYER_CODEC_OPUS:
    case FOYER_CODEC_AAC:
    case FOYER_N_CODECS:
      return "";
  }
  return "";
}

static const char *
get_transport (const FoyerCast *cast)
{
  if (cast->target != FOYER_TARGET_DISPLAY)
    return "";
  return cast->transport == FOYER_TRANSPORT_HTTP ? "http" : "streaming";
}

static const char *
get_sound (FoyerSound sound)
{
  static const char *const names[] = {
    [FOYER_SOUND_NONE] = "none",
    [FOYER_SOUND_SILENCE] = "silence",
    [FOYER_SOUND_CAMERA] = "camera",
    [FOYER_SOUND_LOST] = "lost",
    [FOYER_SOUND_MUTED] = "muted",
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == FOYER_N_SOUNDS);
  return names[sound];
}

static void
fill (FoyerDBusSession *skeleton, const FoyerSessionView *view)
{
  foyer_dbus_session_set_state (skeleton, get_state (view));
  foyer_dbus_session_set_step (skeleton, view->step);
  foyer_dbus_session_set_reason (skeleton,
      foyer_reason_to_string (view->reason));
  foyer_dbus_session_set_ends (skeleton, (guint64) view->ends_us);
  foyer_dbus_session_set_codec (skeleton, get_codec (&view->shape));
  foyer_dbus_session_set_width (skeleton, view->shape.width_px);
  foyer_dbus_session_set_height (skeleton, view->shape.height_px);
  foyer_dbus_session_set_sound (skeleton, get_sound (view->sound));
  foyer_dbus_session_set_sound_problem (skeleton, view->sound_problem);
}

static void
do_stop (FoyerCall *call)
{
  FoyerService *self = call->user_data;

  foyer_house_stop (self->house, (FoyerSessionId){ call->object },
      foyer_service_reply_silent, call);
}

static void
go_stop (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  g_autoptr (FoyerDBusSession) skeleton = foyer_service_get (self, KIND,
      call->object, NAME);

  if (skeleton == NULL)
    foyer_call_reply (call, NULL);
  else if (foyer_dbus_session_get_user (skeleton) == call->subject.uid)
    do_stop (call);
  else
    foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_stop);
}

static gboolean
on_stop (FoyerDBusSession *session, GDBusMethodInvocation *invocation,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (session),
      go_stop, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_told (const FoyerAccount *account, gpointer user_data)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "frames",
      g_variant_new_uint64 (account->n_frames));
  g_variant_builder_add (&builder, "{sv}", "bytes",
      g_variant_new_uint64 (account->n_bytes));
  g_variant_builder_add (&builder, "{sv}", "refused",
      g_variant_new_uint64 (account->n_refused));
  g_variant_builder_add (&builder, "{sv}", "foreign-requests",
      g_variant_new_uint64 (account->n_foreign));
  g_variant_builder_add (&builder, "{sv}", "first-sequence",
      g_variant_new_uint64 (account->first_sequence));
  g_variant_builder_add (&builder, "{sv}", "last-sequence",
      g_variant_new_uint64 (account->last_sequence));
  g_variant_builder_add (&builder, "{sv}", "rtt-us",
      g_variant_new_int64 (account->rtt_us));
  g_variant_builder_add (&builder, "{sv}", "delay-us",
      g_variant_new_int64 (account->delay_us));
  g_variant_builder_add (&builder, "{sv}", "bit-rate-bps",
      g_variant_new_uint32 (account->bps));
  g_variant_builder_add (&builder, "{sv}", "loss-percent",
      g_variant_new_double (account->loss * 100.0 / 256));
  foyer_call_reply (user_data, g_variant_new ("(a{sv})", &builder));
}

static void
go_get_account (FoyerCall *call)
{
  FoyerService *self = call->user_data;

  if (!foyer_house_ask_account (self->house, (FoyerSessionId){ call->object },
          on_told, call))
    foyer_call_refuse (call, FOYER_ERROR_GONE, "that session is over");
}

static gboolean
on_get_account (FoyerDBusSession *session, GDBusMethodInvocation *invocation,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (session),
      go_get_account, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_session_added (const FoyerSessionView *view, gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusSession) skeleton = foyer_dbus_session_skeleton_new ();
  g_autofree char *camera = foyer_service_make_path ("camera",
      view->cast.camera.v);
  gboolean is_app = view->cast.target == FOYER_TARGET_APP;
  g_autofree char *display = is_app
      ? g_strdup ("/")
      : foyer_service_make_path (foyer_target_kind_to_string (
                                     view->cast.target),
            view->cast.display.v);

  foyer_dbus_session_set_id (skeleton, view->id.v);
  foyer_dbus_session_set_camera (skeleton, camera);
  foyer_dbus_session_set_display (skeleton, display);
  foyer_dbus_session_set_app (skeleton,
      is_app ? strchr (view->display_name, ':') + 1 : "");
  foyer_dbus_session_set_user (skeleton, view->cast.subject.uid);
  foyer_dbus_session_set_rule (skeleton, view->rule.v);
  foyer_dbus_session_set_since (skeleton, (guint64) view->since_us);
  foyer_dbus_session_set_keep (skeleton, view->cast.is_kept);
  foyer_dbus_session_set_transport (skeleton, get_transport (&view->cast));
  fill (skeleton, view);
  g_signal_connect (skeleton, "handle-stop", G_CALLBACK (on_stop), self);
  g_signal_connect (skeleton, "handle-get-account", G_CALLBACK (on_get_account),
      self);
  foyer_service_export (self, KIND, view->id.v, skeleton);
}

void
foyer_service_session_changed (const FoyerSessionView *view, gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusSession) skeleton = foyer_service_get (self, KIND,
      view->id.v, NAME);

  if (skeleton != NULL)
    fill (skeleton, view);
}

void
foyer_service_session_ended (const FoyerSessionView *view, const char *words,
    gpointer user_data)
{
  FoyerService *self = user_data;
  g_autofree char *path = foyer_service_make_path (KIND, view->id.v);

  foyer_service_forget_caller (self, view->id);
  foyer_service_session_changed (view, self);
  foyer_dbus_manager_emit_session_ended (self->of_house, path,
      foyer_reason_to_string (view->reason), words);
  if (!view->is_waiting)
    foyer_service_session_removed (view->id, self);
}

void
foyer_service_session_removed (FoyerSessionId id, gpointer user_data)
{
  foyer_service_unexport (user_data, KIND, id.v);
}
