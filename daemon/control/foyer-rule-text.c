/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-rule-text.h"

#include "foyer-error.h"
#include "foyer-text.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#define SECTION    "rule "
#define MAX_ID     (G_MAXUINT32 - 1) /* the last is "no change" to chown() */
#define MAX_LISTED 16                /* texts in a list */

/* names of users and groups: getpwnam() and its like may ask a server, but are
 * called on the owner's commands alone, on the main thread. */

static gboolean
find_system_user (const char *name, guint32 *uid, gpointer user_data)
{
  const struct passwd *entry = getpwnam (name);

  if (entry == NULL)
    return FALSE;
  *uid = entry->pw_uid;
  return TRUE;
}

static gboolean
find_system_group (const char *name, guint32 *gid, gpointer user_data)
{
  const struct group *entry = getgrnam (name);

  if (entry == NULL)
    return FALSE;
  *gid = entry->gr_gid;
  return TRUE;
}

static char *
dup_system_user_name (guint32 uid, gpointer user_data)
{
  const struct passwd *entry = getpwuid (uid);

  return entry != NULL ? g_strdup (entry->pw_name) : NULL;
}

static char *
dup_system_group_name (guint32 gid, gpointer user_data)
{
  const struct group *entry = getgrgid (gid);

  return entry != NULL ? g_strdup (entry->gr_name) : NULL;
}

static gboolean
find_nobody (const char *name, guint32 *id, gpointer user_data)
{
  return FALSE;
}

static char *
dup_no_name (guint32 id, gpointer user_data)
{
  return NULL;
}

FoyerRuleNames
foyer_rule_names_get_system (FoyerInterner *ids)
{
  return (FoyerRuleNames){ ids, find_system_user, find_system_group,
    dup_system_user_name, dup_system_group_name, NULL };
}

FoyerRuleNames
foyer_rule_names_get_numeric (FoyerInterner *ids)
{
  return (FoyerRuleNames){ ids, find_nobody, find_nobody, dup_no_name,
    dup_no_name, NULL };
}

/* The setters and getters of each key. A setter returns what is wrong, or NULL;
 * one that has more to say sets the error itself. */

typedef struct
{
  FoyerRule *rule;
  const FoyerRuleNames *names;
  GError *error;
} Setting;

static const char *
set_verdict (Setting *self, GVariant *value)
{
  const char *text = g_variant_get_string (value, NULL);

  if (strcmp (text, "allow") == 0)
    self->rule->verdict = FOYER_VERDICT_ALLOW;
  else if (strcmp (text, "deny") == 0)
    self->rule->verdict = FOYER_VERDICT_DENY;
  else
    return "neither \"allow\" nor \"deny\"";
  return NULL;
}

static GVariant *
get_verdict (const FoyerRule *rule, const FoyerRuleNames *names)
{
  return g_variant_new_string (
      rule->verdict == FOYER_VERDICT_ALLOW ? "allow" : "deny");
}

/* A number stands for itself, so that it means the same whoever is asked. */
static gboolean
find_subject (const char *text,
    gboolean (*find) (const char *, guint32 *, gpointer), gpointer user_data,
    guint32 *out_id)
{
  guint64 number;

  if (*text != '\0' && strspn (text, G_CSET_DIGITS) == strlen (text)) {
    if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_ID, &number, NULL))
      return FALSE;
    *out_id = (guint32) number;
    return TRUE;
  }
  return *text != '\0' && find (text, out_id, user_data);
}

static const char *
set_subject (Setting *self, GVariant *value)
{
  const char *text = g_variant_get_string (value, NULL);
  const FoyerRuleNames *names = self->names;
  FoyerRule *rule = self->rule;

  rule->subject_id = 0;
  if (strcmp (text, "any") == 0) {
    rule->subject = FOYER_SUBJECT_ANY;
  } else if (g_str_has_prefix (text, "user:")) {
    rule->subject = FOYER_SUBJECT_USER;
    if (!find_subject (text + strlen ("user:"), names->find_user,
            names->user_data, &rule->subject_id))
      return "there is no such user";
  } else if (g_str_has_prefix (text, "group:")) {
    rule->subject = FOYER_SUBJECT_GROUP;
    if (!find_subject (text + strlen ("group:"), names->find_group,
            names->user_data, &rule->subject_id))
      return "there is no such group";
  } else {
    return "none of \"any\", \"user:NAME\", \"group:NAME\"";
  }
  return NULL;
}

static GVariant *
get_subject (const FoyerRule *rule, const FoyerRuleNames *names)
{
  gboolean is_user = rule->subject == FOYER_SUBJECT_USER;
  g_autofree char *name = NULL;

  if (rule->subject == FOYER_SUBJECT_ANY)
    return g_variant_new_string ("any");
  name = is_user ? names->dup_user_name (rule->subject_id, names->user_data)
                 : names->dup_group_name (rule->subject_id, names->user_data);
  if (name == NULL || !g_utf8_validate (name, -1, NULL)) {
    g_free (name);
    name = g_strdup_printf ("%u", rule->subject_id);
  }
  return g_variant_new_printf ("%s:%s", is_user ? "user" : "group", name);
}

static const char *
set_camera (Setting *self, GVariant *value)
{
  const char *text = g_variant_get_string (value, NULL);
  FoyerRule *rule = self->rule;

  rule->camera = (FoyerCameraId){ 0 };
  rule->is_any_camera = strcmp (text, "any") == 0;
  if (rule->is_any_camera)
    return NULL;
  rule->camera = foyer_interner_intern_camera (self->names->ids, text);
  return rule->camera.v == 0 ? "neither \"any\" nor an identity of a camera"
                             : NULL;
}

static GVariant *
get_camera (const FoyerRule *rule, const FoyerRuleNames *names)
{
  const char *text = rule->is_any_camera
      ? "any"
      : foyer_interner_get_camera (names->ids, rule->camera);

  return g_variant_new_string (text != NULL ? text : "");
}

const char *
foyer_target_kind_to_string (FoyerTargetKind kind)
{
  switch (kind) {
    case FOYER_TARGET_NONE:
      break;
    case FOYER_TARGET_DISPLAY:
      return "display";
    case FOYER_TARGET_NODE:
      return "node";
    case FOYER_TARGET_APP:
      return "app";
    case FOYER_TARGET_ANY:
      return "any";
  }
  return "none";
}

gboolean
foyer_target_parse (const char *text, FoyerInterner *ids,
    FoyerTargetKind *out_kind, gboolean *out_is_any, FoyerTargetId *out_id)
{
  const char *rest = strchr (text, ':');

  *out_kind = FOYER_TARGET_NONE;
  *out_is_any = FALSE;
  *out_id = (FoyerTargetId){ 0 };
  if (strcmp (text, "any") == 0) {
    *out_kind = FOYER_TARGET_ANY;
    *out_is_any = TRUE;
    return TRUE;
  }
  for (guint i = FOYER_TARGET_DISPLAY; i < FOYER_TARGET_ANY; i++) {
    const char *kind = foyer_target_kind_to_string ((FoyerTargetKind) i);

    if (g_str_has_prefix (text, kind) && text[strlen (kind)] == ':')
      *out_kind = (FoyerTargetKind) i;
  }
  if (*out_kind == FOYER_TARGET_NONE)
    return FALSE;
  *out_is_any = strcmp (rest + 1, "any") == 0;
  if (!*out_is_any)
    *out_id = foyer_interner_intern_target (ids, *out_kind, rest + 1);
  return *out_is_any || out_id->v != 0;
}

static const char *
set_target (Setting *self, GVariant *value)
{
  gboolean is_any;

  if (!foyer_target_parse (g_variant_get_string (value, NULL), self->names->ids,
          &self->rule->target, &is_any, &self->rule->target_id))
    return "none of \"any\", \"display:any\", \"display:IDENTITY\", \"node:any\", \"node:NAME\", \"app:any\", \"app:NAME\"";
  self->rule->is_any_target = is_any;
  return NULL;
}

static GVariant *
get_target (const FoyerRule *rule, const FoyerRuleNames *names)
{
  const char *kind = foyer_target_kind_to_string (rule->target);
  const char *name;

  if (rule->target == FOYER_TARGET_ANY)
    return g_variant_new_string ("any");
  name = rule->is_any_target
      ? "any"
      : foyer_interner_get_target (names->ids, rule->target_id, NULL);
  return g_variant_new_printf ("%s:%s", kind, name != NULL ? name : "");
}

static const char *const media_names[] = { "video", "audio", "stills" };

gboolean
foyer_media_parse (const char *const *words, uint32_t *out_media)
{
  uint32_t media = FOYER_MEDIA_NONE;

  for (; *words != NULL; words++) {
    guint i = 0;

    while (
        i < G_N_ELEMENTS (media_names) && strcmp (*words, media_names[i]) != 0)
      i++;
    if (i == G_N_ELEMENTS (media_names))
      return FALSE;
    media |= 1u << i;
  }
  *out_media = media;
  return media != FOYER_MEDIA_NONE;
}

static const char *
set_media (Setting *self, GVariant *value)
{
  g_autofree const char **words = g_variant_get_strv (value, NULL);

  return foyer_media_parse (words, &self->rule->media)
      ? NULL
      : "none, or not \"video\", \"audio\" or \"stills\"";
}

static GVariant *
get_media (const FoyerRule *rule, const FoyerRuleNames *names)
{
  const char *words[G_N_ELEMENTS (media_names)];
  gssize n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (media_names); i++)
    if ((rule->media >> i & 1) != 0)
      words[n++] = media_names[i];
  return g_variant_new_strv (words, n);
}

static const char *
set_schedule (Setting *self, GVariant *value)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);

  self->rule->n_windows = 0;
  for (guint i = 0; texts[i] != NULL; i++)
    if (!foyer_schedule_parse (texts[i], self->rule->windows,
            &self->rule->n_windows, &self->error))
      return "malformed";
  return NULL;
}

static GVariant *
get_schedule (const FoyerRule *rule, const FoyerRuleNames *names)
{
  g_auto (GStrv) texts = foyer_schedule_print (rule->windows, rule->n_windows);

  return g_variant_new_strv ((const char *const *) texts, -1);
}

static const char *
set_expires (Setting *self, GVariant *value)
{
  guint64 expires_s = g_variant_get_uint64 (value);

  if (expires_s > FOYER_POLICY_MAX_EXPIRES_S)
    return "beyond the end of time";
  self->rule->expires_s = (gint64) expires_s;
  return NULL;
}

static GVariant *
get_expires (const FoyerRule *rule, const FoyerRuleNames *names)
{
  return g_variant_new_uint64 ((guint64) rule->expires_s);
}

static const char *
set_max_session (Setting *self, GVariant *value)
{
  self->rule->max_session_s = g_variant_get_uint32 (value);
  return NULL;
}

static GVariant *
get_max_session (const FoyerRule *rule, const FoyerRuleNames *names)
{
  return g_variant_new_uint32 (rule->max_session_s);
}

static const char *
set_allow_clear (Setting *self, GVariant *value)
{
  self->rule->allows_clear = g_variant_get_boolean (value);
  return NULL;
}

static GVariant *
get_allow_clear (const FoyerRule *rule, const FoyerRuleNames *names)
{
  return g_variant_new_boolean (rule->allows_clear);
}

typedef struct
{
  const char *name;
  const char *type; /* of its value */
  const char *(*set) (Setting *self, GVariant *value);
  GVariant *(*get) (const FoyerRule *rule, const FoyerRuleNames *names);
} Key;

static const Key keys[] = {
  { "verdict", "s", set_verdict, get_verdict },
  { "subject", "s", set_subject, get_subject },
  { "camera", "s", set_camera, get_camera },
  { "target", "s", set_target, get_target },
  { "media", "as", set_media, get_media },
  { "schedule", "as", set_schedule, get_schedule },
  { "expires", "t", set_expires, get_expires },
  { "max-session-s", "u", set_max_session, get_max_session },
  { "allow-clear", "b", set_allow_clear, get_allow_clear },
};

static const Key *
find_key (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].name, name) == 0)
      return &keys[i];
  return NULL;
}

static gboolean
fail_key (const char *name, const char *problem, GError **error)
{
  g_autofree char *safe = foyer_text_escape (name);

  g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID, "%s: %s", safe,
      problem);
  return FALSE;
}

static gboolean
set_key (const char *name, GVariant *value, const FoyerRuleNames *names,
    FoyerRule *rule, GError **error)
{
  const Key *key = find_key (name);
  Setting setting = { rule, names, NULL };
  const char *problem;

  if (key == NULL)
    return fail_key (name, "there is no such key", error);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (key->type)))
    return fail_key (name, "its value is of another type", error);
  if (g_variant_is_container (value) &&
      g_variant_n_children (value) > MAX_LISTED)
    return fail_key (name, "too many", error);
  problem = key->set (&setting, value);
  if (setting.error != NULL) {
    g_propagate_prefixed_error (error, setting.error, "%s: ", key->name);
    return FALSE;
  }
  return problem == NULL || fail_key (name, problem, error);
}

gboolean
foyer_rule_from_variant (GVariant *dictionary, const FoyerRuleNames *names,
    FoyerRule *out_rule, GError **error)
{
  FoyerRule rule = { .subject = FOYER_SUBJECT_ANY,
    .is_any_camera = TRUE,
    .target = FOYER_TARGET_ANY,
    .is_any_target = TRUE,
    .media = FOYER_MEDIA_VIDEO };
  g_autoptr (GVariant) verdict = NULL;
  guint32 seen = 0;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  if (!g_variant_is_of_type (dictionary, G_VARIANT_TYPE_VARDICT))
    return fail_key ("rule", "it is no dictionary", error);
  verdict = g_variant_lookup_value (dictionary, "verdict", NULL);
  if (verdict == NULL)
    return fail_key ("verdict", "it is missing", error);
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value)) {
    g_autoptr (GVariant) owned = value;
    const Key *key = find_key (name);

    if (key != NULL && (seen >> (key - keys) & 1) != 0)
      return fail_key (name, "it is there twice", error);
    if (key != NULL)
      seen |= 1u << (key - keys);
    /* Its number is ours to give. */
    if (strcmp (name, "id") != 0 && !set_key (name, owned, names, &rule, error))
      return FALSE;
  }
  *out_rule = rule;
  return TRUE;
}

GVariant *
foyer_rule_to_variant (const FoyerRule *rule, const FoyerRuleNames *names)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "id",
      g_variant_new_uint64 (rule->id.v));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_variant_builder_add (&builder, "{sv}", keys[i].name,
        keys[i].get (rule, names));
  return g_variant_builder_end (&builder);
}

/* files */

static GVariant *
text_to_value (const char *type, const char *text)
{
  g_auto (GStrv) words = NULL;
  guint64 number;

  switch (*type) {
    case 's':
      return g_variant_new_string (text);
    case 'a':
      words = g_strsplit (text, ";", MAX_LISTED + 2);
      return g_variant_new_strv ((const char *const *) words, -1);
    case 't':
      return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &number,
                 NULL)
          ? g_variant_new_uint64 (number)
          : NULL;
    case 'u':
      return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number,
                 NULL)
          ? g_variant_new_uint32 ((guint32) number)
          : NULL;
    default:
      if (strcmp (text, "true") != 0 && strcmp (text, "false") != 0)
        return NULL;
      return g_variant_new_boolean (*text == 't');
  }
}

static char *
value_to_text (GVariant *value)
{
  g_autofree const char **words = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY)) {
    words = g_variant_get_strv (value, NULL);
    return g_strjoinv (";", (char **) words);
  }
  return g_variant_print (value, FALSE);
}

static gboolean
parse_id (const FoyerSection *section, FoyerRuleId *out_id)
{
  guint64 number;

  if (!g_str_has_prefix (section->name, SECTION) ||
      !g_ascii_string_to_unsigned (section->name + strlen (SECTION), 10, 1,
          G_MAXUINT64 - 1, &number, NULL))
    return FALSE;
  out_id->v = number;
  return TRUE;
}

static gboolean
set_entry (const FoyerEntry *entry, const FoyerRuleNames *names,
    FoyerRule *rule, GError **error)
{
  const Key *key = find_key (entry->key);
  g_autoptr (GVariant) value = NULL;

  if (key == NULL)
    return fail_key (entry->key, "there is no such key", error);
  value = text_to_value (key->type, entry->value);
  if (value == NULL)
    return fail_key (entry->key, "its value is of another type", error);
  g_variant_ref_sink (value);
  return set_key (entry->key, value, names, rule, error);
}

gboolean
foyer_rule_from_section (const FoyerSection *section,
    const FoyerRuleNames *names, FoyerRule *out_rule, GError **error)
{
  FoyerRule rule = { 0 };

  if (!parse_id (section, &rule.id)) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "line %u: a section is [rule NUMBER]", section->line);
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    const FoyerEntry *entry = foyer_section_find (section, keys[i].name);

    /* An empty list has no words in it, rather than one that is empty. */
    if (entry != NULL && *entry->value == '\0' &&
        strcmp (entry->key, "schedule") == 0)
      continue;
    if (entry == NULL) {
      g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
          "line %u: %s: it is missing", section->line, keys[i].name);
      return FALSE;
    }
    if (!set_entry (entry, names, &rule, error)) {
      g_prefix_error (error, "line %u: ", entry->line);
      return FALSE;
    }
  }
  if (section->entries->len != G_N_ELEMENTS (keys)) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "line %u: an unknown key", section->line);
    return FALSE;
  }
  *out_rule = rule;
  return TRUE;
}

void
foyer_rule_append_section (const FoyerRule *rule, const FoyerRuleNames *names,
    GString *out)
{
  g_string_append_printf (out, "[" SECTION "%" G_GUINT64_FORMAT "]\n",
      (guint64) rule->id.v);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autoptr (GVariant) value = g_variant_ref_sink (keys[i].get (rule, names));
    g_autofree char *text = value_to_text (value);

    g_string_append_printf (out, "%s=%s\n", keys[i].name, text);
  }
}
