/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-verbs.h"

#include <string.h>

#define CAMERA "org.foyer.Foyer1.Camera"

/* What a control is, of what the service said. */
typedef struct
{
  const char *name;
  const char *kind;
  gint32 min;
  gint32 max;
  gint32 step;
  gint32 standard;
  gint32 value;
  gboolean is_fixed;
  GStrv choices;
} Control;

static void
control_clear (Control *control)
{
  g_clear_pointer (&control->choices, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Control, control_clear)

static Control
read_control (GVariant *dictionary)
{
  Control control = { .name = "", .kind = "", .step = 1 };

  g_variant_lookup (dictionary, "name", "&s", &control.name);
  g_variant_lookup (dictionary, "kind", "&s", &control.kind);
  g_variant_lookup (dictionary, "min", "i", &control.min);
  g_variant_lookup (dictionary, "max", "i", &control.max);
  g_variant_lookup (dictionary, "step", "i", &control.step);
  g_variant_lookup (dictionary, "default", "i", &control.standard);
  g_variant_lookup (dictionary, "value", "i", &control.value);
  g_variant_lookup (dictionary, "fixed", "b", &control.is_fixed);
  g_variant_lookup (dictionary, "choices", "^as", &control.choices);
  return control;
}

/* (nullable): controls as the service tells them. */
static GVariant *
list (FoyerCtl *ctl, FoyerDBusCamera *camera, GError **error)
{
  const FoyerCtlCall call = { .path = foyer_ctl_get_path (camera),
    .interface = CAMERA,
    .method = "ListControls",
    .reply = "(aa{sv})" };
  g_autoptr (GVariant) reply = foyer_ctl_call (ctl, &call, error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* printing */

/* "0…255", "0…100 by 5", "0: off, 1: 50 Hz". */
static char *
dup_range (const Control *control)
{
  GString *range = g_string_new (NULL);

  if (control->choices == NULL) {
    g_string_append_printf (range, "%d…%d", control->min, control->max);
    if (control->step != 1)
      g_string_append_printf (range, " by %d", control->step);
    return g_string_free (range, FALSE);
  }
  for (gint32 i = 0; control->choices[i] != NULL; i++)
    if (*control->choices[i] != '\0')
      g_string_append_printf (range, "%s%d: %s", range->len > 0 ? ", " : "",
          control->min + i, control->choices[i]);
  return g_string_free (range, FALSE);
}

static void
print_table (GVariant *controls)
{
  static const char *const head[] = { "CONTROL", "VALUE", "DEFAULT", "RANGE",
    NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);
  GVariantIter iter;
  GVariant *dictionary;

  g_variant_iter_init (&iter, controls);
  while ((dictionary = g_variant_iter_next_value (&iter)) != NULL) {
    g_auto (Control) control = read_control (dictionary);
    g_autofree char *range = dup_range (&control);
    g_autofree char *value = g_strdup_printf ("%d", control.value);
    g_autofree char *standard = g_strdup_printf ("%d", control.standard);

    foyer_table_add (table, FOYER_COLOUR_NONE, control.name);
    foyer_table_add (table,
        control.is_fixed                        ? FOYER_COLOUR_WAIT
            : control.value == control.standard ? FOYER_COLOUR_NONE
                                                : FOYER_COLOUR_GOOD,
        value);
    foyer_table_add (table, FOYER_COLOUR_NONE, standard);
    foyer_table_add (table, FOYER_COLOUR_NONE, range);
    g_variant_unref (dictionary);
  }
  foyer_ctl_print_table (table, "this camera lets nothing be set");
}

static void
print_json (GVariant *controls)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();
  GVariantIter iter;
  GVariant *dictionary;

  foyer_ctl_json_begin_array (json, "controls");
  g_variant_iter_init (&iter, controls);
  while ((dictionary = g_variant_iter_next_value (&iter)) != NULL) {
    json_builder_begin_object (json);
    foyer_ctl_json_add_dictionary (json, dictionary);
    json_builder_end_object (json);
    g_variant_unref (dictionary);
  }
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

/* setting */

/* A number, "on", "off", or the words of a choice. */
static gboolean
parse_value (const Control *control, const char *text, gint32 *value)
{
  gint64 number = 0;

  if (g_str_equal (text, "on") || g_str_equal (text, "off")) {
    *value = g_str_equal (text, "on");
    return TRUE;
  }
  if (g_ascii_string_to_signed (text, 10, G_MININT32, G_MAXINT32, &number,
          NULL)) {
    *value = (gint32) number;
    return TRUE;
  }
  for (gint32 i = 0; control->choices != NULL && control->choices[i] != NULL;
       i++)
    if (g_ascii_strcasecmp (control->choices[i], text) == 0) {
      *value = control->min + i;
      return TRUE;
    }
  return FALSE;
}

static gboolean
set_one (FoyerCtl *ctl, FoyerDBusCamera *camera, GVariant *controls,
    const char *word, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);
  g_autoptr (GVariant) reply = NULL;
  FoyerCtlCall call = { .path = foyer_ctl_get_path (camera),
    .interface = CAMERA,
    .method = "SetControl" };
  GVariantIter iter;
  GVariant *dictionary;
  gboolean is_value = FALSE;
  gint32 value = 0;

  g_variant_iter_init (&iter, controls);
  while ((dictionary = g_variant_iter_next_value (&iter)) != NULL) {
    g_auto (Control) control = read_control (dictionary);

    if (g_str_equal (control.name, parts[0]))
      is_value = parse_value (&control, parts[1], &value);
    g_variant_unref (dictionary);
  }
  if (!is_value && !parse_value (&(Control){ 0 }, parts[1], &value)) {
    g_autofree char *safe = foyer_print_dup_safe (word);

    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "%s: no number, neither on nor off, and no choice; see: foyerctl "
        "control CAMERA",
        safe);
    return FALSE;
  }
  call.arguments = g_variant_new ("(si)", parts[0], value);
  reply = foyer_ctl_call (ctl, &call, error);
  return reply != NULL;
}

/* Nothing is set if any of them can't be meant. */
static gboolean
check_words (FoyerCtl *ctl, GError **error)
{
  for (guint i = 1; i < foyer_ctl_line_get_n_words (ctl->line); i++) {
    const char *word = foyer_ctl_line_get_word (ctl->line, i);
    g_autofree char *safe = foyer_print_dup_safe (word);

    if (strchr (word, '=') == NULL || *word == '=') {
      g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
          "%s: not NAME=VALUE", safe);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
foyer_ctl_run_control (FoyerCtl *ctl, GError **error)
{
  g_autoptr (FoyerDBusCamera) camera = NULL;
  g_autoptr (GVariant) controls = NULL;
  guint n_words = foyer_ctl_line_get_n_words (ctl->line);

  if (!check_words (ctl, error) || !foyer_ctl_enter (ctl, error))
    return FALSE;
  camera = foyer_ctl_find_camera (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      error);
  if (camera == NULL)
    return FALSE;
  controls = list (ctl, camera, error);
  if (controls == NULL)
    return FALSE;
  for (guint i = 1; i < n_words; i++)
    if (!set_one (ctl, camera, controls, foyer_ctl_line_get_word (ctl->line, i),
            error))
      return FALSE;
  if (n_words > 1) {
    g_variant_unref (controls);
    controls = list (ctl, camera, error);
    if (controls == NULL)
      return FALSE;
  }
  if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (controls);
  else if (n_words == 1)
    print_table (controls);
  return TRUE;
}
