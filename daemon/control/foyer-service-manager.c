/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-options.h"
#include "foyer-service-private.h"
#include "foyer-text.h"

#include <string.h>

#define MAX_HOST_BYTES 253 /* RFC 1035 §2.3.4, without the last dot */

/* Limits of Cast's options; org.foyer.Foyer1.Manager.xml. */
#define LEAST_DELAY_MS   100
#define MOST_DELAY_MS    2000
#define LEAST_MAX_AGE_MS 200
#define MOST_MAX_AGE_MS  5000

#define UNSAID (-1) /* a truth */

/* How to get it to the display. */
static gboolean
take_transport (FoyerCast *cast, const char *name, GError **error)
{
  cast->is_auto = g_str_equal (name, "auto");
  cast->transport = g_str_equal (name, "http") ? FOYER_TRANSPORT_HTTP
                                               : FOYER_TRANSPORT_STREAMING;
  if (cast->is_auto || cast->transport == FOYER_TRANSPORT_HTTP ||
      g_str_equal (name, "streaming"))
    return TRUE;
  g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_INVALID,
      "transport must be \"streaming\", \"http\" or \"auto\"");
  return FALSE;
}

static gboolean
take_options (FoyerCast *cast, GVariant *given, GError **error)
{
  const char *transport = "auto";
  gboolean has_clock = UNSAID;
  const FoyerOption options[] = {
    { "duration-s", &cast->longest_s, 1, G_MAXUINT32 },
    { "delay-ms", &cast->delay_ms, LEAST_DELAY_MS, MOST_DELAY_MS },
    { "max-age-ms", &cast->max_age_ms, LEAST_MAX_AGE_MS, MOST_MAX_AGE_MS },
    { "transport", .text = &transport },
    { "keep", .truth = &cast->is_kept },
    { "audio", .truth = &cast->has_sound },
    { "clock", .truth = &has_clock },
  };

  if (!foyer_options_take (options, G_N_ELEMENTS (options), given, error) ||
      !take_transport (cast, transport, error))
    return FALSE;
  if (has_clock != UNSAID)
    cast->ticking = has_clock ? FOYER_TICKING_ON : FOYER_TICKING_OFF;
  return TRUE;
}

static void
go_cast (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  const FoyerConfig *config = foyer_house_get_parts (self->house)->config;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  const char *camera, *display;
  FoyerSessionId id;
  FoyerCast cast = {
    .subject = call->subject,
    .target = FOYER_TARGET_DISPLAY,
    .transport = FOYER_TRANSPORT_STREAMING,
    .is_auto = TRUE,
    .delay_ms = config->target_delay_ms,
    .max_age_ms = config->max_age_ms,
    .ticking = config->ticking,
  };

  g_variant_get (call->parameters, "(&o&o@a{sv})", &camera, &display, &options);
  cast.camera.v = foyer_service_parse_path ("camera", camera);
  cast.display.v = foyer_service_parse_path ("display", display);
  if (cast.camera.v == 0 || cast.display.v == 0) {
    foyer_call_refuse (call, FOYER_ERROR_NOT_FOUND,
        cast.camera.v == 0 ? "there is no such camera"
                           : "there is no such display");
    return;
  }
  if (!take_options (&cast, options, &error) ||
      !foyer_house_cast (self->house, &cast, &id, &error)) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  path = foyer_service_make_path ("session", id.v);
  foyer_call_reply (call, g_variant_new ("(o)", path));
}

static gboolean
on_cast (FoyerDBusManager *manager, GDBusMethodInvocation *invocation,
    const char *camera, const char *display, GVariant *options,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_cast, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
reply_unsaved (gpointer call)
{
  foyer_call_refuse (call, FOYER_ERROR_FAILED,
      "the lockdown is in force, but could not be saved: it ends with the "
      "service");
}

static void
do_lockdown (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_on;

  g_variant_get (call->parameters, "(b)", &is_on);
  if (foyer_house_set_lockdown (self->house, is_on, &error))
    foyer_house_when_silent (self->house, foyer_service_reply_silent, call);
  else if (is_on)
    foyer_house_when_silent (self->house, reply_unsaved, call);
  else
    foyer_call_fail (call, g_steal_pointer (&error));
}

static void
go_lockdown (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_lockdown);
}

static gboolean
on_set_lockdown (FoyerDBusManager *manager, GDBusMethodInvocation *invocation,
    gboolean is_on, gpointer user_data)
{
  FoyerService *self = user_data;

  /* Nothing stands between who sees a reason to and the end. */
  if (is_on)
    foyer_call_begin_for_anybody (self->calls, invocation, do_lockdown, self);
  else
    foyer_call_begin (self->calls, invocation, 0, go_lockdown, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* What could be a host at all: letters of names and addresses. */
static gboolean
is_host (const char *host)
{
  gsize n_bytes = strlen (host);

  if (n_bytes == 0 || n_bytes > MAX_HOST_BYTES || host[0] == '-')
    return FALSE;
  for (gsize i = 0; i < n_bytes; i++)
    if (!g_ascii_isalnum (host[i]) && strchr (".-_:%", host[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
do_add_display (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  FoyerDisplays *displays = foyer_house_get_parts (self->house)->displays;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  const FoyerDisplayEntry *display;
  const char *name, *host;
  guint16 port;

  g_variant_get (call->parameters, "(&s&sq)", &name, &host, &port);
  if (!foyer_text_is_name (name) || !is_host (host) || port == 0) {
    foyer_call_refuse (call, FOYER_ERROR_INVALID,
        !foyer_text_is_name (name)
            ? "a name has 1 to 64 letters that can be printed"
            : "that is no host, or no port");
    return;
  }
  display = foyer_displays_add (displays, name, host, port, &error);
  if (display == NULL) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  path = foyer_service_make_path ("display", display->id.v);
  foyer_call_reply (call, g_variant_new ("(o)", path));
}

static void
go_add_display (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_add_display);
}

static gboolean
on_add_display (FoyerDBusManager *manager, GDBusMethodInvocation *invocation,
    const char *name, const char *host, guint16 port, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_add_display, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_connect_manager (FoyerService *self)
{
  FoyerDBusManager *manager = self->of_house;

  foyer_dbus_manager_set_version (manager, FOYER_VERSION);
  g_signal_connect (manager, "handle-cast", G_CALLBACK (on_cast), self);
  g_signal_connect (manager, "handle-set-lockdown",
      G_CALLBACK (on_set_lockdown), self);
  g_signal_connect (manager, "handle-add-display", G_CALLBACK (on_add_display),
      self);
}

void
foyer_service_update_manager (FoyerService *self)
{
  g_auto (GStrv) problems = foyer_house_dup_problems (self->house);
  FoyerState *state = foyer_house_get_parts (self->house)->state;

  foyer_dbus_manager_set_locked_down (self->of_house,
      foyer_house_get_core (self->house)->is_locked_down);
  foyer_dbus_manager_set_problems (self->of_house,
      (const char *const *) problems);
  foyer_dbus_policy_set_damaged (self->of_policy,
      foyer_state_is_policy_damaged (state));
}
