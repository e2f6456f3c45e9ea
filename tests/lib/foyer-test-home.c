/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-home.h"

#include "foyer-test-folder.h"

#include <string.h>

static void
on_session_added (const FoyerSessionView *view, gpointer user_data)
{
  ((FoyerTestHome *) user_data)->n_added++;
}

static void
on_session_changed (const FoyerSessionView *view, gpointer user_data)
{
}

static void
on_session_ended (const FoyerSessionView *view, const char *words,
    gpointer user_data)
{
  FoyerTestHome *self = user_data;

  self->n_ended++;
  self->reason = view->reason;
  self->is_waiting = view->is_waiting;
}

static void
on_session_removed (FoyerSessionId id, gpointer user_data)
{
}

static void
on_camera_added (const FoyerCameraEntry *camera, gpointer user_data)
{
  ((FoyerTestHome *) user_data)->camera = camera->id;
}

static void
on_camera (const FoyerCameraEntry *camera, gpointer user_data)
{
}

static void
on_display_added (const FoyerDisplayEntry *display, gpointer user_data)
{
  ((FoyerTestHome *) user_data)->display = display->id;
}

static void
on_display (const FoyerDisplayEntry *display, gpointer user_data)
{
}

static void
on_node_added (const FoyerNodeView *view, gpointer user_data)
{
  FoyerTestHome *self = user_data;

  self->node = view->id;
  self->n_nodes++;
}

static void
on_node_changed (const FoyerNodeView *view, gpointer user_data)
{
}

static void
on_node_removed (FoyerTargetId id, gpointer user_data)
{
  ((FoyerTestHome *) user_data)->n_nodes--;
}

static void
on_rules_changed (gpointer user_data)
{
  ((FoyerTestHome *) user_data)->n_rules_changed++;
}

static void
on_house_changed (gpointer user_data)
{
}

static const FoyerHouseEvents events = {
  .session_added = on_session_added,
  .session_changed = on_session_changed,
  .session_ended = on_session_ended,
  .session_removed = on_session_removed,
  .camera_added = on_camera_added,
  .camera_changed = on_camera,
  .camera_removed = on_camera,
  .display_added = on_display_added,
  .display_changed = on_display,
  .display_removed = on_display,
  .node_added = on_node_added,
  .node_changed = on_node_changed,
  .node_removed = on_node_removed,
  .rules_changed = on_rules_changed,
  .house_changed = on_house_changed,
};

void
foyer_test_home_init (FoyerTestHome *self, const char *config)
{
  self->folder = foyer_test_folder_new ();
  self->run_folder = foyer_test_folder_new ();
  foyer_test_clock_init (&self->clock, FOYER_TEST_HOME_NOW_US,
      FOYER_TEST_HOME_WALL_US);
  foyer_test_workers_init (&self->launcher);
  self->config = foyer_config_parse ("foyer.conf", config, strlen (config));
}

void
foyer_test_home_build (FoyerTestHome *self)
{
  const FoyerHistoryLimits limits = { 0 };
  g_autofree char *log = g_build_filename (self->folder, "history.db", NULL);
  g_autoptr (GError) error = NULL;
  FoyerHouseParts parts = {
    .clock = &self->clock.clock,
    .launcher = &self->launcher.launcher,
    .config = self->config,
    .nodes = self->nodes,
    .run_folder = self->run_folder,
  };

  self->state = parts.state = foyer_state_open (self->folder, parts.clock, NULL,
      &error);
  g_assert_no_error (error);
  self->history = parts.history = foyer_history_open (log, &limits,
      self->run_folder, parts.clock, &error);
  g_assert_no_error (error);
  self->cameras = parts.cameras = foyer_cameras_new (self->state, self->config,
      NULL);
  self->displays = parts.displays = foyer_displays_new (self->state,
      self->config);
  self->house = foyer_house_new (&parts);
  foyer_house_start (self->house, &events, self, NULL);
  foyer_test_settle ();
}

void
foyer_test_home_drop (FoyerTestHome *self)
{
  g_clear_pointer (&self->house, foyer_house_free);
  g_clear_pointer (&self->displays, foyer_displays_free);
  g_clear_pointer (&self->cameras, foyer_cameras_free);
  g_clear_pointer (&self->history, foyer_history_free);
  g_clear_pointer (&self->state, foyer_state_free);
  self->n_nodes = 0;
}

void
foyer_test_home_clear (FoyerTestHome *self)
{
  foyer_test_home_drop (self);
  /* Whatever happened, nothing is left running. */
  for (guint i = 0; i < self->launcher.workers->len; i++)
    g_assert_true (
        ((FoyerTestWorker *) self->launcher.workers->pdata[i])->is_ended);
  foyer_test_workers_clear (&self->launcher);
  g_clear_pointer (&self->config, foyer_config_free);
  foyer_test_folder_remove (self->folder);
  foyer_test_folder_remove (self->run_folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->run_folder, g_free);
}

FoyerRuleId
foyer_test_home_allow (FoyerTestHome *self, FoyerTargetKind kind,
    FoyerTargetId id)
{
  FoyerRule rule = {
    .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_ANY,
    .camera = self->camera,
    .target = kind,
    .target_id = id,
    .media = FOYER_MEDIA_VIDEO,
  };
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_house_add_rule (self->house, FOYER_TEST_HOME_UID, &rule,
      NULL, NULL, &error));
  g_assert_no_error (error);
  return rule.id;
}

void
foyer_test_home_on_silent (gpointer home)
{
  ((FoyerTestHome *) home)->n_silent++;
}

GVariant *
foyer_test_home_get_last_row (FoyerTestHome *self)
{
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GError) error = NULL;

  rows = g_variant_ref_sink (foyer_history_list (self->history,
      g_variant_new ("a{sv}", NULL), TRUE, 0, &error));
  g_assert_no_error (error);
  return g_variant_get_child_value (rows, 0);
}
