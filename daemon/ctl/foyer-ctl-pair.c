/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FINGERPRINT_PREFIX   "sha256:"
#define N_FINGERPRINT_DIGITS 64
#define HEX_DIGITS           "0123456789abcdefABCDEF"

/**
 * Key:
 * @name: what the certificate calls the display
 * @fingerprint: of the key that it showed
 * @words: what is wrong, if anything
 * @is_verified: it leads to a public root
 * @is_known: it is the one that was accepted before
 * @is_other: another one was accepted before
 *
 * What a display answered, borrowed from the reply.
 */
typedef struct
{
  const char *name;
  const char *fingerprint;
  const char *words;
  gboolean is_verified;
  gboolean is_known;
  gboolean is_other;
} Key;

/* Standard output is for what was done; this is what it is about. */
static void
show_line (const char *name, const char *value)
{
  g_autofree char *safe = foyer_print_dup_safe (value);

  fprintf (stderr, "%-16s%s\n", name, *safe != '\0' ? safe : "-");
}

static void
show (FoyerDBusDisplay *display, const Key *key)
{
  show_line ("display", foyer_dbus_display_get_name (display));
  show_line ("model", foyer_dbus_display_get_model (display));
  show_line ("name in its key", key->name);
  show_line ("fingerprint", key->fingerprint);
  show_line ("device",
      key->is_verified
          ? "authentication leads to a public Cast root"
          : "NOT verified: it may be anybody; compare the fingerprint with "
            "what the display itself shows");
  if (*key->words != '\0')
    show_line ("but", key->words);
}

static void
warn_of_other_key (FoyerDBusDisplay *display, const Key *key)
{
  gboolean has_colour = foyer_print_has_colour (STDERR_FILENO);
  g_autofree char *before = foyer_print_dup_safe (
      foyer_dbus_display_get_fingerprint (display));

  fprintf (stderr,
      "%s\n"
      "WARNING: THIS IS NOT THE DISPLAY THAT WAS PAIRED BEFORE%s\n"
      "Its key was    %s\n"
      "A display that was reset or replaced has a new key; so has somebody who\n"
      "only claims to be it, and would see your cameras.%s\n\n",
      has_colour ? foyer_print_get_colour (FOYER_COLOUR_BAD) : "",
      has_colour ? FOYER_PRINT_END : "", before,
      !key->is_verified &&
              g_strcmp0 (foyer_dbus_display_get_trust (display),
                  "device-auth") == 0
          ? "\nThe one before was verified. This one is not."
          : "");
}

static gboolean
fail (GError **error, FoyerCtlError code, FoyerDBusDisplay *display,
    const char *words, const char *remedy)
{
  const FoyerCtlThing thing = foyer_ctl_get_display_thing (display);
  g_autofree char *word = foyer_ctl_thing_dup_word (&thing);

  g_set_error (error, FOYER_CTL_ERROR, (int) code, "%s: foyerctl pair %s%s",
      words, word, remedy);
  return FALSE;
}

/* Another key is accepted by whoever typed it, not by whoever says yes. */
static gboolean
check_words (FoyerCtl *ctl, FoyerDBusDisplay *display, const Key *key,
    GError **error)
{
  const char *wanted = foyer_ctl_line_get (ctl->line, "fingerprint");

  if (wanted != NULL && g_ascii_strcasecmp (wanted, key->fingerprint) != 0)
    return fail (error, FOYER_CTL_ERROR_FAILED, display,
        "the display showed another key than --fingerprint says, so nothing was "
        "accepted; to look at it",
        "");
  if (key->is_known)
    return TRUE;
  if (key->is_other &&
      (wanted == NULL || !foyer_ctl_line_has (ctl->line, "replace")))
    return fail (error, FOYER_CTL_ERROR_FAILED, display,
        "another key was accepted before, so nothing was accepted now; if you "
        "know why it changed",
        " --replace --fingerprint FINGERPRINT");
  if (wanted == NULL && !isatty (STDIN_FILENO))
    return fail (error, FOYER_CTL_ERROR_USAGE, display,
        "nobody can be asked here, so nothing was accepted; say which key",
        " --fingerprint FINGERPRINT");
  return TRUE;
}

static gboolean
ask (GError **error)
{
  char answer[16] = "";

  fprintf (stderr, "Accept this key? [y/N] ");
  fflush (stderr);
  if (fgets (answer, sizeof answer, stdin) != NULL &&
      (g_ascii_strcasecmp (answer, "y\n") == 0 ||
          g_ascii_strcasecmp (answer, "yes\n") == 0))
    return TRUE;
  g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
      "nothing was accepted");
  return FALSE;
}

static gboolean
accept_key (FoyerCtl *ctl, FoyerDBusDisplay *display, const Key *key,
    GError **error)
{
  const FoyerCtlThing thing = foyer_ctl_get_display_thing (display);
  FoyerCtlCall call = { .path = foyer_ctl_get_path (display),
    .interface = "org.foyer.Foyer1.Display",
    .method = "Pair",
    .display = &thing };
  g_autoptr (GVariant) reply = NULL;

  if (!check_words (ctl, display, key, error))
    return FALSE;
  if (key->is_known)
    return TRUE;
  if (isatty (STDIN_FILENO) && !foyer_ctl_line_has (ctl->line, "yes") &&
      !ask (error))
    return FALSE;
  call.arguments = g_variant_new ("(ss)", key->fingerprint,
      key->is_verified ? "device-auth" : "pinned");
  reply = foyer_ctl_call (ctl, &call, error);
  return reply != NULL;
}

static void
tell (FoyerCtl *ctl, FoyerDBusDisplay *display, const Key *key)
{
  const FoyerCtlThing thing = foyer_ctl_get_display_thing (display);
  g_autofree char *safe = foyer_print_dup_safe (thing.name);

  if (foyer_ctl_line_has (ctl->line, "json")) {
    g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

    foyer_ctl_json_add_number (json, "display", thing.number);
    foyer_ctl_json_add_string (json, "name", thing.name);
    foyer_ctl_json_add_string (json, "fingerprint", key->fingerprint);
    foyer_ctl_json_add_boolean (json, "verified", key->is_verified);
    foyer_ctl_json_add_boolean (json, "paired_before", key->is_known);
    foyer_ctl_json_print (json, FALSE);
  } else
    foyer_ctl_say (key->is_known ? "%s is paired already" : "%s is paired",
        safe);
}

/* A display that is off, or elsewhere, does not say who it is. */
static void
add_way (FoyerDBusDisplay *display, GError **error)
{
  const FoyerCtlThing thing = foyer_ctl_get_display_thing (display);
  g_autofree char *word = foyer_ctl_thing_dup_word (&thing);
  g_autofree char *way = g_strdup_printf (
      "see that it is on and in this network, then: foyerctl pair %s", word);

  if (g_error_matches (*error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED))
    foyer_ctl_error_add_way (error, way);
}

static gboolean
is_fingerprint (const char *text)
{
  const char *digits = text + strlen (FINGERPRINT_PREFIX);

  return g_ascii_strncasecmp (text, FINGERPRINT_PREFIX,
             strlen (FINGERPRINT_PREFIX)) == 0 &&
      strlen (digits) == N_FINGERPRINT_DIGITS &&
      strspn (digits, HEX_DIGITS) == N_FINGERPRINT_DIGITS;
}

/* What is no fingerprint is not one that a display could show. */
static gboolean
check_options (FoyerCtlLine *line, GError **error)
{
  const char *wanted = foyer_ctl_line_get (line, "fingerprint");

  if (wanted == NULL || is_fingerprint (wanted))
    return TRUE;
  g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
      "a fingerprint is sha256: and 64 hexadecimal digits");
  return FALSE;
}

gboolean
foyer_ctl_run_pair (FoyerCtl *ctl, GError **error)
{
  g_autoptr (FoyerDBusDisplay) display = NULL;
  g_autoptr (GVariant) reply = NULL;
  const char *before;
  Key key = { 0 };
  FoyerCtlCall call = { .interface = "org.foyer.Foyer1.Display",
    .method = "Probe",
    .reply = "(ssbs)" };

  if (!check_options (ctl->line, error) || !foyer_ctl_enter (ctl, error))
    return FALSE;
  display = foyer_ctl_find_display (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      error);
  if (display == NULL)
    return FALSE;
  call.path = foyer_ctl_get_path (display);
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL) {
    add_way (display, error);
    return FALSE;
  }
  g_variant_get (reply, "(&s&sb&s)", &key.fingerprint, &key.name,
      &key.is_verified, &key.words);
  before = foyer_dbus_display_get_fingerprint (display);
  if (before != NULL && *before != '\0') {
    key.is_known = g_str_equal (before, key.fingerprint);
    key.is_other = !key.is_known;
  }
  show (display, &key);
  if (key.is_other)
    warn_of_other_key (display, &key);
  if (!accept_key (ctl, display, &key, error))
    return FALSE;
  tell (ctl, display, &key);
  return TRUE;
}
