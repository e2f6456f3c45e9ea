/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-node-host.h"
#include "foyer-state-text.h"

#include <string.h>

/* The file of nodes as text. */

#define NODE                                                                \
  "[node 1]\nname=nursery\ncamera=test:Nursery\nlabel=Foyer 1\nuser=1000\n" \
  "groups=4,100,*\nwidth=1280\nheight=720\nfps=30\n"

static GPtrArray *
new_nodes (void)
{
  return g_ptr_array_new_with_free_func (foyer_state_node_free);
}

static gboolean
parse (const char *sections, GPtrArray *out, GError **error)
{
  g_autofree char *text = foyer_state_text_seal (sections);
  g_autoptr (GPtrArray) parsed = foyer_state_text_open (text, strlen (text),
      error);

  return parsed != NULL && foyer_state_text_parse_nodes (parsed, out, error);
}

static void
test_round_trip (void)
{
  g_autoptr (GPtrArray) nodes = new_nodes ();
  g_autoptr (GError) error = NULL;
  g_autofree char *again = NULL;
  const FoyerStateNode *node;

  g_assert_true (parse (NODE, nodes, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (nodes->len, ==, 1);
  node = nodes->pdata[0];
  g_assert_cmpstr (node->name, ==, "nursery");
  g_assert_cmpstr (node->camera, ==, "test:Nursery");
  g_assert_cmpstr (node->label, ==, "Foyer 1");
  g_assert_cmpuint (node->subject.uid, ==, 1000);
  g_assert_cmpuint (node->subject.n_groups, ==, 2);
  g_assert_cmpuint (node->subject.groups[1], ==, 100);
  g_assert_true (node->subject.has_more_groups);
  g_assert_cmpuint (node->width_px, ==, 1280);
  again = foyer_state_text_print_nodes (nodes);
  g_assert_cmpstr (again, ==, NODE);
}

/* One line changed: none of it is taken. */
static void
test_refused (void)
{
  static const char *const changes[][2] = {
    { "name=nursery\n", "" },
    { "name=nursery", "name=" },
    { "name=nursery", "name=any" },
    { "camera=test:Nursery", "camera=" },
    { "label=Foyer 1", "label=Loopback" },
    { "label=Foyer 1", "label=Foyer 1234567890123456789012345678" },
    { "user=1000", "user=-1" },
    { "user=1000", "user=4294967296" },
    { "groups=4,100,*", "groups=4,*,100" },
    { "groups=4,100,*", "groups=4,,100" },
    { "width=1280", "width=1281" },
    { "width=1280", "width=0" },
    { "height=720", "height=4098" },
    { "fps=30", "fps=0" },
    { "fps=30", "fps=241" },
    { "[node 1]", "[nodes 1]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_auto (GStrv) parts = g_strsplit (NODE, changes[i][0], 2);
    g_autofree char *text = g_strjoinv (changes[i][1], parts);
    g_autoptr (GPtrArray) nodes = new_nodes ();
    g_autoptr (GError) error = NULL;

    g_assert_cmpuint (g_strv_length (parts), ==, 2);
    g_test_message ("%s", changes[i][1]);
    g_assert_false (parse (text, nodes, &error));
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_DAMAGED);
    g_assert_cmpuint (nodes->len, ==, 0);
  }
}

/* Two nodes on one device, or of one name, can't be told apart. */
static void
test_twice (void)
{
  static const char *const others[] = {
    "[node 2]\nname=nursery\ncamera=test:Nursery\nlabel=Foyer 2\nuser=0\n"
    "groups=\nwidth=320\nheight=180\nfps=30\n",
    "[node 2]\nname=porch\ncamera=test:Nursery\nlabel=Foyer 1\nuser=0\n"
    "groups=\nwidth=320\nheight=180\nfps=30\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autofree char *text = g_strconcat (NODE, others[i], NULL);
    g_autoptr (GPtrArray) nodes = new_nodes ();
    g_autoptr (GError) error = NULL;

    g_assert_false (parse (text, nodes, &error));
    g_assert_cmpuint (nodes->len, ==, 0);
  }
}

/* As many whole letters as a device's label has room for. */
static void
test_label (void)
{
  g_autofree char *fits = foyer_node_label_make ("Nursery");
  g_autofree char *cut = foyer_node_label_make (
      "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
      "\u00e4\u00e4\u00e4\u00e4");

  g_assert_cmpstr (fits, ==, "Foyer Nursery");
  g_assert_true (g_utf8_validate (cut, -1, NULL));
  g_assert_cmpuint (strlen (cut), <, FOYER_NODE_MAX_LABEL_BYTES);
  g_assert_cmpuint (strlen (cut), >=, FOYER_NODE_MAX_LABEL_BYTES - 2);
  g_assert_true (foyer_node_is_ours ("v4l2 loopback", fits));
  g_assert_false (foyer_node_is_ours ("uvcvideo", fits));
  g_assert_false (foyer_node_is_ours ("v4l2 loopback", "Dummy"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/state-nodes/round-trip", test_round_trip);
  g_test_add_func ("/state-nodes/refused", test_refused);
  g_test_add_func ("/state-nodes/twice", test_twice);
  g_test_add_func ("/state-nodes/label", test_label);
  return g_test_run ();
}
