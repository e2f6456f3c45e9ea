/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-node-host.h"
#include "foyer-state-text.h"
#include "foyer-text.h"

#include <string.h>

/* The file of nodes as text: a part of foyer-state-text.h.
 *
 *     [node 1]
 *     name=nursery
 *     camera=usb:046d:0825:SN123
 *     label=Foyer nursery
 *     user=1000
 *     groups=100,1000
 *     width=1280
 *     height=720
 *     fps=30
 */

#define MIN_PX  16
#define MAX_PX  4096
#define MAX_FPS 240
#define ANY     "*" /* groups that did not all fit */

void
foyer_state_node_free (gpointer data)
{
  FoyerStateNode *node = data;

  if (node == NULL)
    return;
  g_free (node->name);
  g_free (node->camera);
  g_free (node->label);
  g_free (node);
}

FoyerStateNode *
foyer_state_node_copy (const FoyerStateNode *node)
{
  FoyerStateNode *copy = g_memdup2 (node, sizeof *node);

  copy->name = g_strdup (node->name);
  copy->camera = g_strdup (node->camera);
  copy->label = g_strdup (node->label);
  return copy;
}

static gboolean
is_side (guint32 px)
{
  return px >= MIN_PX && px <= MAX_PX && px % 2 == 0;
}

/* As the device tells it, in one line. */
static gboolean
is_label (const char *label)
{
  return g_str_has_prefix (label, FOYER_NODE_LABEL) &&
      strlen (label) < FOYER_NODE_MAX_LABEL_BYTES &&
      g_utf8_validate (label, -1, NULL) && strpbrk (label, "\r\n") == NULL;
}

gboolean
foyer_state_text_is_node (const FoyerStateNode *node, GPtrArray *others)
{
  for (guint i = 0; i < others->len; i++) {
    const FoyerStateNode *other = others->pdata[i];

    if (strcmp (other->name, node->name) == 0 ||
        strcmp (other->label, node->label) == 0)
      return FALSE;
  }
  return foyer_text_is_name (node->name) &&
      foyer_identity_is_valid (node->name) &&
      foyer_identity_is_valid (node->camera) && is_label (node->label) &&
      is_side (node->width_px) && is_side (node->height_px) && node->fps > 0 &&
      node->fps <= MAX_FPS;
}

static void
print_groups (const FoyerSubject *subject, GString *out)
{
  for (uint32_t i = 0; i < subject->n_groups; i++)
    g_string_append_printf (out, "%s%u", i > 0 ? "," : "", subject->groups[i]);
  if (subject->has_more_groups)
    g_string_append (out, subject->n_groups > 0 ? "," ANY : ANY);
}

char *
foyer_state_text_print_nodes (GPtrArray *nodes)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < nodes->len; i++) {
    const FoyerStateNode *node = nodes->pdata[i];

    g_string_append_printf (out,
        "[node %u]\nname=%s\ncamera=%s\nlabel=%s\nuser=%u\ngroups=", i + 1,
        node->name, node->camera, node->label, node->subject.uid);
    print_groups (&node->subject, out);
    g_string_append_printf (out, "\nwidth=%u\nheight=%u\nfps=%u\n",
        node->width_px, node->height_px, node->fps);
  }
  return g_string_free (out, FALSE);
}

static gboolean
fail (const FoyerSection *section, const char *what, GError **error)
{
  g_set_error (error, FOYER_ERROR, FOYER_ERROR_DAMAGED, "line %u: %s",
      section->line, what);
  return FALSE;
}

static gboolean
parse_groups (const char *text, FoyerSubject *out)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    guint64 gid;

    if (g_str_equal (words[i], ANY) && words[i + 1] == NULL) {
      out->has_more_groups = TRUE;
      return TRUE;
    }
    if (out->n_groups >= FOYER_POLICY_MAX_GROUPS ||
        !g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXUINT32, &gid, NULL))
      return FALSE;
    out->groups[out->n_groups++] = (guint32) gid;
  }
  return TRUE;
}

/* %FALSE if it is not there, or no number. */
static gboolean
get_number (const FoyerSection *section, const char *key, guint32 *out)
{
  const FoyerEntry *entry = foyer_section_find (section, key);
  guint64 value = 0;

  if (entry == NULL ||
      !g_ascii_string_to_unsigned (entry->value, 10, 0, G_MAXUINT32, &value,
          NULL))
    return FALSE;
  *out = (guint32) value;
  return TRUE;
}

static gboolean
parse_node (const FoyerSection *section, GPtrArray *out, GError **error)
{
  const FoyerEntry *name = foyer_section_find (section, "name");
  const FoyerEntry *camera = foyer_section_find (section, "camera");
  const FoyerEntry *label = foyer_section_find (section, "label");
  const FoyerEntry *groups = foyer_section_find (section, "groups");
  FoyerStateNode node = { 0 };

  if (!g_str_has_prefix (section->name, "node "))
    return fail (section, "an unknown section", error);
  if (name == NULL || camera == NULL || label == NULL || groups == NULL)
    return fail (section, "name, camera, label or groups: it is missing",
        error);
  node.name = name->value;
  node.camera = camera->value;
  node.label = label->value;
  if (!get_number (section, "user", &node.subject.uid) ||
      !get_number (section, "width", &node.width_px) ||
      !get_number (section, "height", &node.height_px) ||
      !get_number (section, "fps", &node.fps))
    return fail (section, "user, width, height or fps: it is none", error);
  if (groups->value[0] != '\0' && !parse_groups (groups->value, &node.subject))
    return fail (section, "groups: they are none", error);
  if (out->len >= FOYER_STATE_MAX_NODES ||
      !foyer_state_text_is_node (&node, out))
    return fail (section, "a node that can't be, or is twice there", error);
  g_ptr_array_add (out, foyer_state_node_copy (&node));
  return TRUE;
}

gboolean
foyer_state_text_parse_nodes (GPtrArray *sections, GPtrArray *out,
    GError **error)
{
  for (guint i = 0; i < sections->len; i++) {
    if (!parse_node (sections->pdata[i], out, error)) {
      g_ptr_array_set_size (out, 0);
      return FALSE;
    }
  }
  return TRUE;
}
