/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"

#include "foyer-print.h"

#include <gio/gio.h>
#include <string.h>

#define ERROR_PREFIX "org.foyer.Foyer1.Error."
/* GLib 2.74 has no code for it. */
#define INTERACTIVE \
  "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
#define NO_SERVICE                                                              \
  "the service is not running; start it with: systemctl start foyerd, or have " \
  "one for yourself alone: foyerctl --session"

#define NO_ANSWER                                                               \
  "the service has not answered in time; see: systemctl status foyerd, or end " \
  "it and all that it shows: systemctl restart foyerd"

G_DEFINE_QUARK (foyer - ctl - error - quark, foyer_ctl_error)

/**
 * Remedy:
 * @reason: in small letters without dashes
 * @code: what it comes to
 * @words: (nullable): what to do; %c and %d stand for camera and display
 */
typedef struct
{
  const char *reason;
  FoyerCtlError code;
  const char *words;
} Remedy;

static const Remedy remedies[] = {
  { "denied", FOYER_CTL_ERROR_DENIED, "to allow it: foyerctl grant %c %d" },
  { "notauthorized", FOYER_CTL_ERROR_DENIED,
      "try it as root: sudo foyerctl …" },
  { "lockeddown", FOYER_CTL_ERROR_DENIED,
      "to end the lockdown: foyerctl lockdown off" },
  { "lockdown", FOYER_CTL_ERROR_DENIED,
      "to end the lockdown: foyerctl lockdown off" },
  { "revoked", FOYER_CTL_ERROR_DENIED, "see: foyerctl explain %c %d" },
  { "damaged", FOYER_CTL_ERROR_DENIED, "see: foyerctl status" },
  { "notpaired", FOYER_CTL_ERROR_FAILED,
      "to look at its key and accept it: foyerctl pair %d" },
  { "keychanged", FOYER_CTL_ERROR_FAILED,
      "to look at the new key: foyerctl pair %d" },
  { "notverified", FOYER_CTL_ERROR_FAILED,
      "to look at its key: foyerctl pair %d" },
  { "busy", FOYER_CTL_ERROR_FAILED, "to end what it shows: foyerctl stop %d" },
  { "full", FOYER_CTL_ERROR_FAILED, "to see what there is: foyerctl status" },
  { "ambiguous", FOYER_CTL_ERROR_FAILED, "see: foyerctl cameras" },
  { "notfound", FOYER_CTL_ERROR_NOT_FOUND, NULL },
  { "invalid", FOYER_CTL_ERROR_USAGE, NULL },
};

/* "NotPaired" and "not-paired" are one. */
static char *
dup_plain (const char *reason)
{
  GString *plain = g_string_new (NULL);

  for (; *reason != '\0'; reason++) {
    if (*reason != '-')
      g_string_append_c (plain, g_ascii_tolower (*reason));
  }
  return g_string_free (plain, FALSE);
}

static const Remedy *
find_remedy (const char *reason)
{
  g_autofree char *plain = dup_plain (reason);

  for (guint i = 0; i < G_N_ELEMENTS (remedies); i++) {
    if (g_str_equal (remedies[i].reason, plain))
      return &remedies[i];
  }
  return NULL;
}

/* (nullable): the words with the names put in; none if a name is not known. */
static char *
dup_words (const char *words, const FoyerCtlThing *camera,
    const FoyerCtlThing *display)
{
  GString *text = g_string_new (NULL);

  for (; *words != '\0'; words++) {
    const FoyerCtlThing *thing = words[1] == 'c' ? camera : display;
    g_autofree char *word = NULL;

    if (*words != '%') {
      g_string_append_c (text, *words);
      continue;
    }
    if (thing == NULL) {
      g_string_free (text, TRUE);
      return NULL;
    }
    word = foyer_ctl_thing_dup_word (thing);
    g_string_append (text, word);
    words++;
  }
  return g_string_free (text, FALSE);
}

void
foyer_ctl_error_set (GError **error, const char *reason, const char *message,
    const FoyerCtlThing *camera, const FoyerCtlThing *display)
{
  const Remedy *remedy = find_remedy (reason);
  g_autofree char *safe = foyer_print_dup_sentence (
      *message != '\0' ? message : reason);
  g_autofree char *words = NULL;

  g_set_error_literal (error, FOYER_CTL_ERROR,
      (int) (remedy != NULL ? remedy->code : FOYER_CTL_ERROR_FAILED), safe);
  if (remedy != NULL && remedy->words != NULL)
    words = dup_words (remedy->words, camera, display);
  if (words != NULL)
    foyer_ctl_error_add_way (error, words);
}

/* A service often says itself what to type. */
static gboolean
has_way (const char *message)
{
  static const char *const commands[] = { "foyerctl ", "systemctl ",
    "getent " };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (strstr (message, commands[i]) != NULL)
      return TRUE;
  }
  return FALSE;
}

void
foyer_ctl_error_add_way (GError **error, const char *way)
{
  g_autofree char *words = NULL;

  if (error == NULL || *error == NULL || has_way ((*error)->message))
    return;
  words = g_strdup_printf ("%s; %s", (*error)->message, way);
  g_free ((*error)->message);
  (*error)->message = g_steal_pointer (&words);
}

void
foyer_ctl_error_end (GError **error, const char *verb)
{
  g_autofree char *usage = g_strdup_printf ("see: foyerctl %s --help", verb);

  if (error == NULL || *error == NULL)
    return;
  switch ((FoyerCtlError) (*error)->code) {
    case FOYER_CTL_ERROR_USAGE:
      foyer_ctl_error_add_way (error, usage);
      break;
    case FOYER_CTL_ERROR_DENIED:
      foyer_ctl_error_add_way (error, "see: foyerctl rules");
      break;
    case FOYER_CTL_ERROR_NOT_FOUND:
      foyer_ctl_error_add_way (error, "see: foyerctl status");
      break;
    case FOYER_CTL_ERROR_FAILED:
    case FOYER_CTL_ERROR_NO_SERVICE:
      foyer_ctl_error_add_way (error, "see: foyerctl doctor");
      break;
  }
}

void
foyer_ctl_error_set_no_service (GError **error)
{
  g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NO_SERVICE,
      NO_SERVICE);
}

static gboolean
is_no_service (const GError *remote)
{
  static const int codes[] = {
    G_DBUS_ERROR_SERVICE_UNKNOWN,
    G_DBUS_ERROR_NAME_HAS_NO_OWNER,
    G_DBUS_ERROR_DISCONNECTED,
    G_DBUS_ERROR_NO_SERVER,
    G_DBUS_ERROR_SPAWN_FAILED,
    G_DBUS_ERROR_SPAWN_CHILD_EXITED,
    G_DBUS_ERROR_SPAWN_CHILD_SIGNALED,
    G_DBUS_ERROR_SPAWN_EXEC_FAILED,
    G_DBUS_ERROR_SPAWN_SERVICE_INVALID,
    G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND,
    /* What the bus says of a service that died with a call in its hands. */
    G_DBUS_ERROR_NO_REPLY,
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++) {
    if (g_error_matches (remote, G_DBUS_ERROR, codes[i]))
      return TRUE;
  }
  return g_error_matches (remote, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

gboolean
foyer_ctl_error_is_timeout (const GError *remote)
{
  return g_error_matches (remote, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT);
}

/* What the bus or the service's library says, in the service's own words. */
static const char *
get_reason (const GError *remote, const char *name)
{
  if (name != NULL && g_str_has_prefix (name, ERROR_PREFIX))
    return name + strlen (ERROR_PREFIX);
  if (g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED) ||
      g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED) ||
      g_strcmp0 (name, INTERACTIVE) == 0)
    return "NotAuthorized";
  if (g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
    return "NotFound";
  if (g_error_matches (remote, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS))
    return "Invalid";
  return "Failed";
}

void
foyer_ctl_error_take_remote (GError **error, GError *remote,
    const FoyerCtlThing *camera, const FoyerCtlThing *display)
{
  g_autofree char *name = g_dbus_error_get_remote_error (remote);
  const char *reason = get_reason (remote, name);

  if (is_no_service (remote))
    foyer_ctl_error_set_no_service (error);
  else if (foyer_ctl_error_is_timeout (remote))
    g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
        NO_ANSWER);
  else {
    g_dbus_error_strip_remote_error (remote);
    foyer_ctl_error_set (error, reason, remote->message, camera, display);
  }
  g_error_free (remote);
}
