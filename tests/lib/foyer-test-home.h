/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-house.h"
#include "foyer-test-clock.h"
#include "foyer-test-workers.h"

G_BEGIN_DECLS

/* A house as it ships, with workers that the test plays, a clock that it moves,
 * and folders of its own. It notes what it is told. */

#define FOYER_TEST_HOME_UID 4711
#define FOYER_TEST_HOME_NOW_US \
  (G_GINT64_CONSTANT (1) << 50) /* no timer rings */
#define FOYER_TEST_HOME_WALL_US G_GINT64_CONSTANT (1768000000000000)

/**
 * FoyerTestHome:
 * @nodes: (nullable): where nodes are; set before foyer_test_home_build()
 * @camera: the last one that came
 * @display: likewise
 * @node: likewise
 * @n_added: sessions that began
 * @n_ended: and are over
 * @n_nodes: that there are
 * @n_silent: how often foyer_test_home_on_silent() was called
 * @n_rules_changed: how often rules changed
 * @reason: of the last end
 * @is_waiting: it is tried again
 */
typedef struct
{
  char *folder;
  char *run_folder;
  FoyerTestClock clock;
  FoyerTestWorkers launcher;
  FoyerConfig *config;
  const FoyerNodeHost *nodes;
  FoyerState *state;
  FoyerHistory *history;
  FoyerCameras *cameras;
  FoyerDisplays *displays;
  FoyerHouse *house;
  FoyerCameraId camera;
  FoyerTargetId display;
  FoyerTargetId node;
  guint n_added;
  guint n_ended;
  guint n_nodes;
  guint n_silent;
  guint n_rules_changed;
  FoyerReason reason;
  gboolean is_waiting;
} FoyerTestHome;

/* Folders, clock and workers, and @config, the text of a configuration. */
void foyer_test_home_init (FoyerTestHome *self, const char *config);

/* Starts a house there, the first time or again. */
void foyer_test_home_build (FoyerTestHome *self);

/* Its end, as of a process. What is in the folders stays. */
void foyer_test_home_drop (FoyerTestHome *self);

/* Asserts that no worker was left running. */
void foyer_test_home_clear (FoyerTestHome *self);

/* A rule that lets anybody show the camera on that target. */
FoyerRuleId foyer_test_home_allow (FoyerTestHome *self, FoyerTargetKind kind,
    FoyerTargetId id);

/* A FoyerSilent: counts. */
void foyer_test_home_on_silent (gpointer home);

/* (transfer full): the newest row of the log */
GVariant *foyer_test_home_get_last_row (FoyerTestHome *self);

G_END_DECLS
