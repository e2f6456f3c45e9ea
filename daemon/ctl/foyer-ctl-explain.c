/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-rule.h"
#include "foyer-ctl-verbs.h"

#include <unistd.h>

static gboolean
is_clear (FoyerCtlLine *line)
{
  return g_strcmp0 (foyer_ctl_line_get (line, "transport"), "http") == 0;
}

static gboolean
check_transport (FoyerCtlLine *line, GError **error)
{
  const char *transport = foyer_ctl_line_get (line, "transport");

  if (transport == NULL || is_clear (line) ||
      g_str_equal (transport, "streaming"))
    return TRUE;
  g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
      "--transport must be streaming or http");
  return FALSE;
}

static gboolean
add_options (FoyerCtlLine *line, GVariantDict *options, GError **error)
{
  const char *user = foyer_ctl_line_get (line, "user");
  const char *at = foyer_ctl_line_get (line, "at");
  static const char *const media[] = { "video", "audio", NULL };
  guint32 uid;
  gint64 at_s;

  if (!check_transport (line, error))
    return FALSE;
  if (is_clear (line))
    g_variant_dict_insert (options, "clear", "b", TRUE);
  if (user != NULL) {
    if (!foyer_ctl_find_user (user, &uid, error))
      return FALSE;
    g_variant_dict_insert (options, "user", "u", uid);
  }
  if (foyer_ctl_line_has (line, "audio"))
    g_variant_dict_insert_value (options, "media",
        g_variant_new_strv (media, -1));
  if (at != NULL) {
    if (!foyer_ctl_parse_time (at, &at_s, error))
      return FALSE;
    g_variant_dict_insert (options, "at", "t", (guint64) at_s);
  }
  return TRUE;
}

/* (nullable): what would let it be shown, as it is to be typed. */
static char *
dup_way (FoyerCtl *ctl, guint64 rule)
{
  const char *user = foyer_ctl_line_get (ctl->line, "user");
  g_autofree char *camera = foyer_print_dup_word (
      foyer_ctl_line_get_word (ctl->line, 0));
  g_autofree char *display = foyer_print_dup_word (
      foyer_ctl_line_get_word (ctl->line, 1));
  g_autofree char *who = user != NULL ? foyer_print_dup_word (user) : NULL;

  if (rule != 0)
    return g_strdup_printf (
        "to take it back: foyerctl revoke %" G_GUINT64_FORMAT, rule);
  if (camera == NULL || display == NULL || (user != NULL && who == NULL))
    return NULL;
  return g_strdup_printf ("to allow it: foyerctl grant %s %s%s%s%s%s", camera,
      display, who != NULL ? " --user " : "", who != NULL ? who : "",
      foyer_ctl_line_has (ctl->line, "audio") ? " --media video,audio" : "",
      is_clear (ctl->line) ? " --allow-clear" : "");
}

static void
tell (FoyerCtl *ctl, GVariant *reply)
{
  g_autofree char *way = NULL;
  gboolean is_allowed;
  guint64 rule;
  const char *words;
  g_autofree char *safe = NULL;
  gboolean has_colour = foyer_print_has_colour (STDOUT_FILENO);

  g_variant_get (reply, "(bt&s)", &is_allowed, &rule, &words);
  ctl->status = is_allowed ? 0 : FOYER_CTL_ERROR_DENIED;
  if (foyer_ctl_line_has (ctl->line, "json")) {
    g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

    foyer_ctl_json_add_boolean (json, "allowed", is_allowed);
    foyer_ctl_json_add_time (json, "rule", rule);
    foyer_ctl_json_add_string (json, "words", words);
    foyer_ctl_json_print (json, FALSE);
    return;
  }
  safe = foyer_print_dup_sentence (words);
  way = is_allowed ? NULL : dup_way (ctl, rule);
  foyer_ctl_say ("%s%s%s: %s%s%s",
      has_colour ? foyer_print_get_colour (
                       is_allowed ? FOYER_COLOUR_GOOD : FOYER_COLOUR_BAD)
                 : "",
      is_allowed ? "allowed" : "denied", has_colour ? FOYER_PRINT_END : "",
      safe, way != NULL ? "; " : "", way != NULL ? way : "");
}

gboolean
foyer_ctl_run_explain (FoyerCtl *ctl, GError **error)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *camera = NULL, *display = NULL, *target = NULL;
  g_autoptr (GVariant) reply = NULL;
  FoyerCtlCall call = { .interface = FOYER_CTL_POLICY,
    .method = "Explain",
    .reply = "(bts)" };

  if (!add_options (ctl->line, &options, error) ||
      !foyer_ctl_enter (ctl, error))
    return FALSE;
  camera = foyer_ctl_find_identity (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      "camera", error);
  if (camera == NULL)
    return FALSE;
  display = foyer_ctl_find_identity (ctl,
      foyer_ctl_line_get_word (ctl->line, 1), "display", error);
  if (display == NULL)
    return FALSE;
  target = foyer_ctl_rule_dup_target (display);
  call.arguments = g_variant_new ("(ss@a{sv})", camera, target,
      g_variant_dict_end (&options));
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  tell (ctl, reply);
  return TRUE;
}
