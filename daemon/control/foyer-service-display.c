/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-service-private.h"
#include "foyer-state-text.h"
#include "foyer-text.h"

#include <string.h>

#define KIND       "display"
#define NAME       FOYER_SERVICE_NAME ".Display"
#define MAX_PROBES 4
#define PERMILLE   1000.0

/* One question to a display: who it is, or how loud. */
typedef struct
{
  FoyerService *service;
  FoyerCall *call;
  FoyerErrand *errand;
} Probe;

static void
fill (FoyerDBusDisplay *skeleton, const FoyerDisplayEntry *display)
{
  gboolean is_here = display->hosts != NULL && display->hosts[0] != NULL;
  g_autofree char *key = display->is_paired
      ? foyer_fingerprint_print (display->key)
      : NULL;
  g_autofree char *seen = display->has_seen
      ? foyer_fingerprint_print (display->seen_key)
      : NULL;

  foyer_dbus_display_set_name (skeleton, display->name);
  foyer_dbus_display_set_identity (skeleton, display->identity);
  foyer_dbus_display_set_model (skeleton, display->model);
  foyer_dbus_display_set_host (skeleton, is_here ? display->hosts[0] : "");
  foyer_dbus_display_set_port (skeleton, display->port);
  foyer_dbus_display_set_kind (skeleton,
      foyer_display_kind_to_string (display->kind));
  foyer_dbus_display_set_trust (skeleton,
      foyer_trust_to_string (display->trust));
  foyer_dbus_display_set_paired (skeleton, display->is_paired);
  foyer_dbus_display_set_fingerprint (skeleton, key != NULL ? key : "");
  foyer_dbus_display_set_seen_fingerprint (skeleton, seen != NULL ? seen : "");
}

static FoyerDisplays *
get_displays (FoyerService *self)
{
  return foyer_house_get_parts (self->house)->displays;
}

static void
do_pair (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  const char *fingerprint, *trust;
  g_autoptr (GError) error = NULL;
  guint8 key[FOYER_CORE_KEY_BYTES];
  gboolean is_device;

  g_variant_get (call->parameters, "(&s&s)", &fingerprint, &trust);
  is_device = g_str_equal (trust, "device-auth");
  if (!foyer_fingerprint_parse (fingerprint, key)) {
    foyer_call_refuse (call, FOYER_ERROR_INVALID,
        "a fingerprint is \"sha256:\" and 64 hexadecimal digits");
    return;
  }
  if (!is_device && !g_str_equal (trust, "pinned")) {
    foyer_call_refuse (call, FOYER_ERROR_INVALID,
        "trust is \"device-auth\" or \"pinned\"");
    return;
  }
  if (!foyer_house_pair (self->house, (FoyerTargetId){ call->object }, key,
          is_device ? FOYER_TRUST_DEVICE : FOYER_TRUST_PINNED,
          foyer_service_reply_silent, call, &error))
    foyer_call_fail (call, g_steal_pointer (&error));
}

static void
go_pair (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_pair);
}

static gboolean
on_pair (FoyerDBusDisplay *display, GDBusMethodInvocation *invocation,
    const char *fingerprint, const char *trust, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (display),
      go_pair, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
do_forget (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  g_autoptr (GError) error = NULL;

  if (!foyer_house_forget (self->house, call->subject.uid,
          (FoyerTargetId){ call->object }, NULL, NULL, &error)) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  foyer_house_when_silent (self->house, foyer_service_reply_silent, call);
}

static void
go_forget (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_forget);
}

static gboolean
on_forget (FoyerDBusDisplay *display, GDBusMethodInvocation *invocation,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (display),
      go_forget, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
probe_free (Probe *probe)
{
  g_ptr_array_remove_fast (probe->service->probes, probe);
  foyer_errand_free (probe->errand);
  g_free (probe);
}

static void
on_probed (const FoyerErrandResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  FoyerCall *call = probe->call;
  g_autofree char *fingerprint = foyer_fingerprint_print (result->key);
  g_autofree char *name = foyer_text_escape (result->text);

  if (!result->has_identity) {
    g_autofree char *words = foyer_text_escape (result->words);

    foyer_call_refuse (call, FOYER_ERROR_GONE, words);
  } else {
    foyer_displays_see (get_displays (probe->service),
        (FoyerTargetId){ call->object }, result->key, result->has_signed,
        result->has_chain);
    foyer_call_reply (call,
        g_variant_new ("(ssbs)", fingerprint, name, result->has_chain,
            result->has_signed ? "" : "it did not sign with that key"));
  }
  probe_free (probe);
}

/* NULL if it can't be asked: the call was answered. */
static Probe *
probe_new (FoyerCall *call, FoyerErrandDone done)
{
  FoyerService *self = call->user_data;
  const FoyerHouseParts *parts = foyer_house_get_parts (self->house);
  const FoyerDisplayEntry *display = foyer_displays_find (parts->displays,
      (FoyerTargetId){ call->object });
  Probe *probe;

  if (display == NULL || self->probes->len >= MAX_PROBES) {
    foyer_call_refuse (call,
        display == NULL ? FOYER_ERROR_NOT_FOUND : FOYER_ERROR_BUSY,
        display == NULL ? "that display is not known any more"
                        : "others are being asked already");
    return NULL;
  }
  probe = g_new0 (Probe, 1);
  probe->service = self;
  probe->call = call;
  g_ptr_array_add (self->probes, probe);
  /* No session: a number of its own, so that the log tells them apart. */
  probe->errand = foyer_errand_new (parts->launcher, parts->roots, display,
      (FoyerSessionId){ G_MAXUINT64 }, NULL, done, probe);
  return probe;
}

static void
do_probe (FoyerCall *call)
{
  probe_new (call, on_probed);
}

static void
go_probe (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_probe);
}

static gboolean
on_probe (FoyerDBusDisplay *display, GDBusMethodInvocation *invocation,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (display),
      go_probe, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* how loud it is */

static void
on_tuned (const FoyerErrandResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  g_autofree char *words = result->words != NULL
      ? foyer_text_escape (result->words)
      : NULL;

  if (result->is_done && result->volume.has_level)
    foyer_call_reply (probe->call,
        g_variant_new ("(db)", result->volume.level_permille / PERMILLE,
            result->volume.is_muted));
  else
    foyer_call_refuse (probe->call, FOYER_ERROR_GONE,
        words != NULL ? words : "it did not say how loud it is");
  probe_free (probe);
}

static guint16
to_permille (double level)
{
  return (guint16) (((guint) (2 * level * PERMILLE) + 1) / 2);
}

/* What is no number between the two is refused. */
static gboolean
parse_change (GVariant *options, FoyerVolume *volume)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;
  gboolean is_good = TRUE;

  g_variant_iter_init (&iter, options);
  while (is_good && g_variant_iter_next (&iter, "{&sv}", &key, &value)) {
    if (g_str_equal (key, "level") &&
        g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE)) {
      double level = g_variant_get_double (value);

      is_good = level >= 0.0 && level <= 1.0;
      volume->has_level = TRUE;
      volume->level_permille = is_good ? to_permille (level) : 0;
    } else if (g_str_equal (key, "muted") &&
        g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)) {
      volume->has_muted = TRUE;
      volume->is_muted = g_variant_get_boolean (value);
    } else {
      is_good = FALSE;
    }
    g_variant_unref (value);
  }
  return is_good;
}

static void
do_volume (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  const FoyerDisplayEntry *display = foyer_displays_find (get_displays (self),
      (FoyerTargetId){ call->object });
  g_autoptr (GVariant) options = NULL;
  FoyerVolume volume = { 0 };
  Probe *probe;

  g_variant_get (call->parameters, "(@a{sv})", &options);
  if (!parse_change (options, &volume)) {
    foyer_call_refuse (call, FOYER_ERROR_INVALID,
        "\"level\" (d) is from 0.0 to 1.0, \"muted\" (b) true or false");
    return;
  }
  if (display != NULL && !display->is_paired &&
      display->trust != FOYER_TRUST_ANY) {
    foyer_call_refuse (call, FOYER_ERROR_NOT_PAIRED,
        "that display is not paired");
    return;
  }
  probe = probe_new (call, on_tuned);
  if (probe != NULL)
    foyer_errand_set_volume (probe->errand, &volume);
}

/* Whoever shows something there may say how loud. */
static gboolean
has_session_on (FoyerService *self, guint32 uid, guint64 display)
{
  const FoyerCore *core = foyer_house_get_core (self->house);

  for (guint i = 0; i < G_N_ELEMENTS (core->sessions); i++) {
    const FoyerSession *session = &core->sessions[i];

    if (session->id.v != 0 && session->target == FOYER_TARGET_DISPLAY &&
        session->target_id.v == display && session->request.subject.uid == uid)
      return TRUE;
  }
  return FALSE;
}

static void
go_volume (FoyerCall *call)
{
  if (has_session_on (call->user_data, call->subject.uid, call->object))
    do_volume (call);
  else
    foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_volume);
}

static gboolean
on_volume (FoyerDBusDisplay *display, GDBusMethodInvocation *invocation,
    GVariant *change, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (display),
      go_volume, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_free_probes (FoyerService *self)
{
  while (self->probes->len > 0) {
    Probe *probe = self->probes->pdata[0];

    foyer_call_refuse (probe->call, FOYER_ERROR_GONE, "the service ends");
    probe_free (probe);
  }
}

void
foyer_service_display_added (const FoyerDisplayEntry *display,
    gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusDisplay) skeleton = foyer_dbus_display_skeleton_new ();

  fill (skeleton, display);
  g_signal_connect (skeleton, "handle-pair", G_CALLBACK (on_pair), self);
  g_signal_connect (skeleton, "handle-forget", G_CALLBACK (on_forget), self);
  g_signal_connect (skeleton, "handle-probe", G_CALLBACK (on_probe), self);
  g_signal_connect (skeleton, "handle-volume", G_CALLBACK (on_volume), self);
  foyer_service_export (self, KIND, display->id.v, skeleton);
}

void
foyer_service_display_changed (const FoyerDisplayEntry *display,
    gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusDisplay) skeleton = foyer_service_get (self, KIND,
      display->id.v, NAME);

  if (skeleton != NULL)
    fill (skeleton, display);
}

void
foyer_service_display_removed (const FoyerDisplayEntry *display,
    gpointer user_data)
{
  foyer_service_unexport (user_data, KIND, display->id.v);
}
