/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gst/gst.h>
#include <string.h>

/* What must be true of every element in the plugin as it was built. */

/* Up and down through all states in every order that matters: one letter per
 * step. A step up may fail where there is no display or no port. */
static const char *const orders[] = { "rn", "pn", "PN", "rprn", "rpPprn",
  "PpPpn", "PrPn", "rrppPPpprrnn" };

static GstState
state_of_letter (char letter)
{
  switch (letter) {
    case 'r':
      return GST_STATE_READY;
    case 'p':
      return GST_STATE_PAUSED;
    case 'P':
      return GST_STATE_PLAYING;
    default:
      return GST_STATE_NULL;
  }
}

static void
walk_states (GstElement *element, const char *order)
{
  for (; *order != '\0'; order++)
    gst_element_set_state (element, state_of_letter (*order));
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_NULL), ==,
      GST_STATE_CHANGE_SUCCESS);
}

static void
on_finalized (gpointer user_data, GObject *element)
{
  *(gboolean *) user_data = TRUE;
}

static void
test_states (gconstpointer user_data)
{
  const char *name = user_data;

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++) {
    GstElement *element = gst_element_factory_make (name, NULL);
    gboolean is_finalized = FALSE;

    g_assert_nonnull (element);
    gst_object_ref_sink (element);
    g_object_weak_ref (G_OBJECT (element), on_finalized, &is_finalized);
    walk_states (element, orders[i]);
    g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (element), ==, 1);
    gst_object_unref (element);
    g_assert_true (is_finalized);
  }
}

/* In a pipeline with a bus, twice. */
static void
test_pipeline (gconstpointer user_data)
{
  g_autoptr (GstElement) pipeline = gst_pipeline_new (NULL);
  GstElement *element = gst_element_factory_make (user_data, NULL);

  gst_object_ref_sink (element);
  gst_bin_add (GST_BIN (pipeline), element);
  walk_states (pipeline, "PN");
  walk_states (pipeline, "PN");
  gst_bin_remove (GST_BIN (pipeline), element);
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (element), ==, 1);
  gst_object_unref (element);
}

static void
test_is_documented (gconstpointer user_data)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (user_data);
  static const char *const keys[] = { GST_ELEMENT_METADATA_LONGNAME,
    GST_ELEMENT_METADATA_KLASS, GST_ELEMENT_METADATA_DESCRIPTION,
    GST_ELEMENT_METADATA_AUTHOR };

  g_assert_nonnull (factory);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    const char *text = gst_element_factory_get_metadata (factory, keys[i]);

    g_assert_nonnull (text);
    g_assert_cmpuint (strlen (text), >, 0);
  }
  g_assert_cmpuint (gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (factory)),
      ==, GST_RANK_NONE);
  g_assert_cmpuint (gst_element_factory_get_num_pad_templates (factory), >, 0);
}

/* Every property can be read at once, and says what it is for. */
static void
test_properties (gconstpointer user_data)
{
  GstElement *element = gst_element_factory_make (user_data, NULL);
  g_autofree GParamSpec **specs = NULL;
  guint n_specs = 0;

  gst_object_ref_sink (element);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element),
      &n_specs);
  for (guint i = 0; i < n_specs; i++) {
    g_auto (GValue) value = G_VALUE_INIT;
    const char *blurb = g_param_spec_get_blurb (specs[i]);

    g_assert_nonnull (blurb);
    g_assert_cmpuint (strlen (blurb), >, 0);
    if ((specs[i]->flags & G_PARAM_READABLE) == 0)
      continue;
    g_value_init (&value, specs[i]->value_type);
    g_object_get_property (G_OBJECT (element), specs[i]->name, &value);
    g_assert_cmpint (g_param_value_validate (specs[i], &value), ==, FALSE);
  }
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (element), ==, 1);
  gst_object_unref (element);
}

static void
test_plugin (void)
{
  g_autoptr (GstPlugin) plugin = gst_registry_find_plugin (gst_registry_get (),
      "foyer");

  g_assert_nonnull (plugin);
  g_assert_cmpstr (gst_plugin_get_license (plugin), ==, "LGPL");
  g_assert_cmpstr (gst_plugin_get_package (plugin), ==, "Foyer");
  g_assert_cmpstr (gst_plugin_get_version (plugin), ==, FOYER_VERSION);
}

static void
add_test (const char *name, const char *test, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/elements/%s/%s", name, test);

  g_test_add_data_func (path, name, func);
}

int
main (int argc, char **argv)
{
  g_autoptr (GstPlugin) plugin = NULL;
  g_autoptr (GError) error = NULL;
  GList *features;
  int status;

  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  plugin = gst_plugin_load_file (FOYER_TEST_PLUGIN, &error);
  g_assert_no_error (error);
  features = gst_registry_get_feature_list_by_plugin (gst_registry_get (),
      "foyer");
  g_assert_nonnull (features);
  g_test_add_func ("/elements/plugin", test_plugin);
  for (GList *item = features; item != NULL; item = item->next) {
    const char *name = gst_plugin_feature_get_name (item->data);

    add_test (name, "states", test_states);
    add_test (name, "pipeline", test_pipeline);
    add_test (name, "is-documented", test_is_documented);
    add_test (name, "properties", test_properties);
  }
  status = g_test_run ();
  gst_plugin_feature_list_free (features);
  return status;
}
