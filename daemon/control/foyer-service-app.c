/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-link.h"
#include "foyer-options.h"
#include "foyer-service-private.h"
#include "foyer-shape.h"
#include "foyer-text.h"

#include <gio/gunixfdlist.h>

/* Of Open's options; org.foyer.Foyer1.Manager.xml. */
#define DEFAULT_APP       "app"
#define DEFAULT_WIDTH_PX  1280
#define DEFAULT_HEIGHT_PX 720
#define DEFAULT_FPS       30
#define LEAST_PX          16
#define MOST_PX           4096
#define MOST_FPS          60
#define LEAST_MAX_AGE_MS  200
#define MOST_MAX_AGE_MS   5000

#define CODED_BPS 3000000 /* as displays are offered: so they can share it */
#define STILL_S   15      /* longest that one picture may take */

/* callers: a session lasts no longer than who asked for it */

typedef struct
{
  FoyerService *self;
  FoyerSessionId id;
} Watch;

static void
on_caller_gone (GDBusConnection *connection, const char *name,
    gpointer user_data)
{
  const Watch *watch = user_data;

  foyer_house_leave (watch->self->house, watch->id);
}

static void
watch_caller (FoyerService *self, FoyerSessionId id, const char *sender)
{
  FoyerSessionView view;
  Watch *watch;
  guint number;

  /* It may be over already. */
  if (!foyer_house_view (self->house, id, &view))
    return;
  watch = g_new0 (Watch, 1);
  watch->self = self;
  watch->id = id;
  number = g_bus_watch_name_on_connection (self->connection, sender,
      G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_caller_gone, watch, g_free);
  g_hash_table_replace (self->callers, g_memdup2 (&id.v, sizeof id.v),
      GUINT_TO_POINTER (number));
}

static void
unwatch (gpointer number)
{
  g_bus_unwatch_name (GPOINTER_TO_UINT (number));
}

void
foyer_service_init_callers (FoyerService *self)
{
  self->callers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      unwatch);
}

void
foyer_service_forget_caller (FoyerService *self, FoyerSessionId id)
{
  g_hash_table_remove (self->callers, &id.v);
}

/* Open */

static void
on_link_told (FoyerSessionId id, int link, const GError *error,
    gpointer user_data)
{
  FoyerCall *call = user_data;
  foyer_autofd int owned = link;
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  g_autofree char *path = foyer_service_make_path ("session", id.v);
  int handle = -1;

  if (error == NULL)
    handle = g_unix_fd_list_append (fds, owned, NULL);
  if (error != NULL)
    foyer_call_fail (call, g_error_copy (error));
  else if (handle < 0)
    foyer_call_refuse (call, FOYER_ERROR_FAILED,
        "the link can't be handed over");
  else
    foyer_call_reply_with_fds (call, g_variant_new ("(oh)", path, handle), fds);
}

static FoyerCodec
parse_codec (const char *word)
{
  static const char *const names[] = {
    [FOYER_CODEC_H264] = "h264",
    [FOYER_CODEC_VP8] = "vp8",
    [FOYER_CODEC_RAW] = "raw",
    [FOYER_CODEC_PNG] = "png",
    [FOYER_CODEC_JPEG] = "jpeg",
  };

  for (guint i = FOYER_CODEC_H264; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], word))
      return (FoyerCodec) i;
  return FOYER_CODEC_NONE;
}

/* NULL if it can be. */
static const char *
find_problem (const char *app, FoyerCodec codec, guint32 width, guint32 height)
{
  if (!foyer_text_is_name (app) || !foyer_identity_is_valid (app))
    return "an app's name has 1 to 64 letters that can be printed, and is not "
           "\"any\"";
  if (codec == FOYER_CODEC_NONE)
    return "codec is none of raw, h264, vp8, png and jpeg";
  if (width % 2 != 0 || height % 2 != 0)
    return "width and height must be even";
  return width * height * 3 / 2 > FOYER_LINK_MAX_SLOT_BYTES
      ? "the picture is too large"
      : NULL;
}

static gboolean
take_options (FoyerCast *wish, const char **app, GVariant *options,
    GError **error)
{
  const char *codec = "raw";
  guint32 width = DEFAULT_WIDTH_PX, height = DEFAULT_HEIGHT_PX;
  guint32 fps = DEFAULT_FPS;
  const FoyerOption table[] = {
    { "app", .text = app },
    { "codec", .text = &codec },
    { "width", &width, LEAST_PX, MOST_PX },
    { "height", &height, LEAST_PX, MOST_PX },
    { "fps", &fps, 1, MOST_FPS },
    { "max-age-ms", &wish->max_age_ms, LEAST_MAX_AGE_MS, MOST_MAX_AGE_MS },
    { "duration-s", &wish->longest_s, 1, G_MAXUINT32 },
  };
  const char *problem;

  if (!foyer_options_take (table, G_N_ELEMENTS (table), options, error))
    return FALSE;
  wish->shape = (FoyerShape){ .codec = parse_codec (codec),
    .width_px = (guint16) width,
    .height_px = (guint16) height,
    .fps_n = (guint16) fps,
    .fps_d = 1 };
  if (wish->shape.codec == FOYER_CODEC_H264 ||
      wish->shape.codec == FOYER_CODEC_VP8)
    wish->shape.max_bps = CODED_BPS;
  if (foyer_codec_is_still (wish->shape.codec) &&
      (wish->longest_s == 0 || wish->longest_s > STILL_S))
    wish->longest_s = STILL_S;
  problem = find_problem (*app, wish->shape.codec, width, height);
  if (problem == NULL)
    return TRUE;
  g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_INVALID, problem);
  return FALSE;
}

static void
go_open (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  g_autofree char *sender = g_strdup (
      g_dbus_method_invocation_get_sender (call->invocation));
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  const char *camera, *app = DEFAULT_APP;
  FoyerSessionId id;
  FoyerCast wish = {
    .subject = call->subject,
    .max_age_ms = foyer_house_get_parts (self->house)->config->max_age_ms,
    .ticking = foyer_house_get_parts (self->house)->config->ticking,
  };

  g_variant_get (call->parameters, "(&o@a{sv})", &camera, &options);
  wish.camera.v = foyer_service_parse_path ("camera", camera);
  if (wish.camera.v == 0) {
    foyer_call_refuse (call, FOYER_ERROR_NOT_FOUND, "there is no such camera");
    return;
  }
  if (!take_options (&wish, &app, options, &error) ||
      !foyer_house_open_for_app (self->house, &wish, app, &id, on_link_told,
          call, &error))
    foyer_call_fail (call, g_steal_pointer (&error));
  else
    watch_caller (self, id, sender);
}

static gboolean
on_open (FoyerDBusManager *manager, GDBusMethodInvocation *invocation,
    GUnixFDList *fds, const char *camera, GVariant *options, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_open, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_connect_apps (FoyerService *self)
{
  g_signal_connect (self->of_house, "handle-open", G_CALLBACK (on_open), self);
}
