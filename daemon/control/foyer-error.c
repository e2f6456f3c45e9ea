/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"

#include "foyer-text.h"

#include <string.h>

#define NAME(x) "org.foyer.Foyer1.Error." x

static const GDBusErrorEntry entries[] = {
  { FOYER_ERROR_FAILED, NAME ("Failed") },
  { FOYER_ERROR_DENIED, NAME ("Denied") },
  { FOYER_ERROR_NOT_AUTHORIZED, NAME ("NotAuthorized") },
  { FOYER_ERROR_NOT_FOUND, NAME ("NotFound") },
  { FOYER_ERROR_BUSY, NAME ("Busy") },
  { FOYER_ERROR_GONE, NAME ("Gone") },
  { FOYER_ERROR_FULL, NAME ("Full") },
  { FOYER_ERROR_INVALID, NAME ("Invalid") },
  { FOYER_ERROR_LOCKED_DOWN, NAME ("LockedDown") },
  { FOYER_ERROR_NOT_PAIRED, NAME ("NotPaired") },
  { FOYER_ERROR_KEY_CHANGED, NAME ("KeyChanged") },
  { FOYER_ERROR_NOT_VERIFIED, NAME ("NotVerified") },
  { FOYER_ERROR_DAMAGED, NAME ("Damaged") },
};
G_STATIC_ASSERT (G_N_ELEMENTS (entries) == FOYER_N_ERRORS);

GQuark
foyer_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("foyer-error-quark", &quark, entries,
      G_N_ELEMENTS (entries));
  return (GQuark) quark;
}

/* In a sentence, %c stands for the camera, %d for the display, %r for the rule
 * that decided, %o for options of the command, %a for how to ask again. The second
 * sentence is for when there is such a rule. */
typedef struct
{
  const char *word;
  FoyerError code;
  const char *sentence;
  const char *sentence_with_rule;
} ReasonText;

/* clang-format off */
static const ReasonText texts[] = {
  [FOYER_REASON_NONE] = { "", FOYER_ERROR_FAILED, "nothing is known of it" },
  [FOYER_REASON_DENIED] = { "denied", FOYER_ERROR_DENIED,
      "no rule allows to show the camera %c on %d: run foyerctl grant %C %D%o",
      "rule %r denies to show the camera %c on %d: run foyerctl rules to read "
      "it, foyerctl revoke %r to take it away" },
  [FOYER_REASON_LOCKDOWN] = { "lockdown", FOYER_ERROR_LOCKED_DOWN,
      "the house is locked down: run foyerctl lockdown off to end it" },
  [FOYER_REASON_NO_CAMERA] = { "no-camera", FOYER_ERROR_NOT_FOUND,
      "there is no camera %c: run foyerctl cameras to see those there are" },
  [FOYER_REASON_AMBIGUOUS] = { "ambiguous", FOYER_ERROR_INVALID,
      "another camera can't be told from %c: run foyerctl cameras to see both, "
      "and unplug one" },
  [FOYER_REASON_NO_TARGET] = { "no-target", FOYER_ERROR_NOT_FOUND,
      "there is no display %d: run foyerctl displays to see those there are" },
  [FOYER_REASON_BUSY] = { "busy", FOYER_ERROR_BUSY,
      "the display %d shows something already: run foyerctl sessions to see "
      "what, foyerctl stop %D to end it" },
  [FOYER_REASON_FULL] = { "full", FOYER_ERROR_FULL,
      "there are as many sessions as there can be: run foyerctl sessions to "
      "find one to stop" },
  [FOYER_REASON_MALFORMED] = { "malformed", FOYER_ERROR_INVALID,
      "such a session can't be: run foyerctl cast --help" },
  [FOYER_REASON_STOPPED] = { "stopped", FOYER_ERROR_GONE,
      "the session was stopped" },
  [FOYER_REASON_REVOKED] = { "revoked", FOYER_ERROR_DENIED,
      "the rules no longer allow to show the camera %c on %d: run foyerctl "
      "explain %C %D" },
  [FOYER_REASON_EXPIRED] = { "expired", FOYER_ERROR_GONE,
      "the session's time was over: %a for another" },
  [FOYER_REASON_CALLER_GONE] = { "caller-gone", FOYER_ERROR_GONE,
      "the program that asked for the session is gone" },
  [FOYER_REASON_CAMERA_GONE] = { "camera-gone", FOYER_ERROR_GONE,
      "the camera %c was unplugged: plug it in and %a" },
  [FOYER_REASON_CAMERA_FAILED] = { "camera-failed", FOYER_ERROR_FAILED,
      "the camera %c gave no picture: run foyerctl cameras, and see that no "
      "other program has it open" },
  [FOYER_REASON_NOT_PAIRED] = { "not-paired", FOYER_ERROR_NOT_PAIRED,
      "the display %d is not paired: run foyerctl pair %D" },
  [FOYER_REASON_KEY_CHANGED] = { "key-changed", FOYER_ERROR_KEY_CHANGED,
      "the display %d has another key than the one that was paired: it was "
      "reset or replaced, or something else answers in its name; if you know "
      "why, run foyerctl pair %D" },
  [FOYER_REASON_NOT_VERIFIED] = { "not-verified", FOYER_ERROR_NOT_VERIFIED,
      "the display %d did not prove who it is: run foyerctl pair %D to see "
      "what it shows" },
  [FOYER_REASON_TARGET_GONE] = { "target-gone", FOYER_ERROR_GONE,
      "the display %d was forgotten: run foyerctl pair %D to take it back" },
  [FOYER_REASON_DISPLAY_LOST] = { "display-lost", FOYER_ERROR_GONE,
      "the display %d no longer answers: see that it is on and in this "
      "network, then run foyerctl cast %C %D" },
  [FOYER_REASON_DISPLAY_FAILED] = { "display-failed", FOYER_ERROR_FAILED,
      "the display %d would not show it: restart it, then run foyerctl cast "
      "%C %D" },
  [FOYER_REASON_WORKER_DIED] = { "worker-died", FOYER_ERROR_FAILED,
      "the session's process died: %a" },
  [FOYER_REASON_WORKER_ROGUE] = { "worker-rogue", FOYER_ERROR_FAILED,
      "the session's process broke its rules and was ended: this is a fault of "
      "Foyer or an attack by the display %d; run foyerctl history" },
  [FOYER_REASON_TOO_SLOW] = { "too-slow", FOYER_ERROR_FAILED,
      "the session with the display %d did not start in time: see that it is "
      "on, then run foyerctl cast %C %D" },
  [FOYER_REASON_NO_ENCODER] = { "no-encoder", FOYER_ERROR_FAILED,
      "nothing on this machine codes video for the display %d: run apt install "
      "gstreamer1.0-plugins-ugly for H.264, or gstreamer1.0-plugins-good for "
      "VP8, then foyerctl cast %C %D" },
  [FOYER_REASON_NO_APP] = { "no-app", FOYER_ERROR_FAILED,
      "the display %d can't be shown a camera this way: to try another, run "
      "foyerctl cast%o %C %D" },
};
/* clang-format on */
G_STATIC_ASSERT (G_N_ELEMENTS (texts) == FOYER_N_REASONS);

static gboolean
is_reason (FoyerReason reason)
{
  return (guint) reason < G_N_ELEMENTS (texts);
}

const char *
foyer_reason_to_string (FoyerReason reason)
{
  return is_reason (reason) ? texts[reason].word : "unknown";
}

FoyerError
foyer_reason_get_error (FoyerReason reason)
{
  return is_reason (reason) ? texts[reason].code : FOYER_ERROR_FAILED;
}

/* What a name is in a sentence, between quotes, and in a command, where a shell
 * must take it for one word. */
static void
append_name (GString *out, const char *name, const char *unknown,
    gboolean is_command)
{
  g_autofree char *safe = foyer_text_escape (name);
  g_autofree char *quoted = NULL;

  if (name == NULL || *name == '\0') {
    g_string_append (out, unknown);
  } else if (!is_command) {
    g_string_append_printf (out, "\"%s\"", safe);
  } else {
    quoted = g_shell_quote (safe);
    g_string_append (out,
        strspn (safe, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.:") ==
                strlen (safe)
            ? safe
            : quoted);
  }
}

/* A program or a node is not asked for by foyerctl cast. */
static void
append_again (GString *out, const FoyerReasonWords *words)
{
  const char *target = words->target != NULL ? words->target : "";

  if (g_str_has_prefix (target, "app:") || g_str_has_prefix (target, "node:")) {
    g_string_append (out, "open it again");
    return;
  }
  g_string_append (out, "run foyerctl cast ");
  append_name (out, words->camera, "CAMERA", TRUE);
  g_string_append_c (out, ' ');
  append_name (out, words->target, "DISPLAY", TRUE);
}

static void
append_part (GString *out, char what, const FoyerReasonWords *words)
{
  switch (what) {
    case 'c':
      append_name (out, words->camera, "it", FALSE);
      break;
    case 'C':
      append_name (out, words->camera, "CAMERA", TRUE);
      break;
    case 'd':
      append_name (out, words->target, "it", FALSE);
      break;
    case 'D':
      append_name (out, words->target, "DISPLAY", TRUE);
      break;
    case 'o':
      if (words->options != NULL)
        g_string_append_printf (out, " %s", words->options);
      break;
    case 'a':
      append_again (out, words);
      break;
    case 'r':
      g_string_append_printf (out, "%" G_GUINT64_FORMAT,
          (guint64) words->rule.v);
      break;
    default:
      g_assert_not_reached (); /* the table above is ours */
  }
}

char *
foyer_reason_describe (FoyerReason reason, const FoyerReasonWords *words)
{
  const ReasonText *text = &texts[is_reason (reason) ? reason : 0];
  gboolean has_rule = words->rule.v != 0 && text->sentence_with_rule != NULL;
  const char *at = has_rule ? text->sentence_with_rule : text->sentence;
  GString *out = g_string_new (NULL);

  for (; *at != '\0'; at++) {
    if (*at == '%')
      append_part (out, *++at, words);
    else
      g_string_append_c (out, *at);
  }
  return g_string_free (out, FALSE);
}

GError *
foyer_error_new_from_reason (FoyerReason reason, const FoyerReasonWords *words)
{
  g_autofree char *message = foyer_reason_describe (reason, words);

  return g_error_new_literal (FOYER_ERROR,
      (int) foyer_reason_get_error (reason), message);
}
