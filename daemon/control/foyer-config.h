/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-core.h"

#include <glib.h>

G_BEGIN_DECLS

/* foyer.conf, see foyer.conf(5). Nothing in it can allow anything. What is wrong
 * in it is a problem to show, never a reason not to start: that line does not
 * count, or the whole file if it is no key file. */

#define FOYER_CONFIG_MAX_PROFILES 32
#define FOYER_CONFIG_MIN_SIDE_PX  16
#define FOYER_CONFIG_MAX_SIDE_PX  1920
#define FOYER_CONFIG_MAX_FPS      60

/* [profile NAME] */
typedef struct
{
  char *name;
  guint16 width_px;
  guint16 height_px;
  guint16 fps;
} FoyerConfigProfile;

/* [camera NAME] */
typedef struct
{
  char *name;
  char *identity;
  char *microphone;                  /* (nullable): as in foyer-microphone.h */
  const FoyerConfigProfile *profile; /* (nullable): one of the profiles */
} FoyerConfigCamera;

/* [display NAME] */
typedef struct
{
  char *name;
  char *host; /* (nullable): without, it is one that the network announces */
  guint16 port;
  FoyerTrust trust;
  FoyerCodecs codecs; /* what it may be offered */
} FoyerConfigDisplay;

/**
 * FoyerConfig:
 * @history_days: how long the log is kept; 0 for ever
 * @history_megabytes: how long it may grow; 0 for no bound
 * @max_age_ms: oldest frame that may leave, 200 to 5000
 * @target_delay_ms: 100 to 2000
 * @ticking: whether a ticking clock is drawn
 * @profiles: (element-type FoyerConfigProfile): how cameras are opened
 * @cameras: (element-type FoyerConfigCamera): names of cameras, and drawn ones
 * @displays: (element-type FoyerConfigDisplay): displays that are not announced,
 *   and what is to be known of those that are; one with trust "any" is a problem
 *   to show as well
 * @problems: (element-type utf8): sentences with file, line and key
 */
typedef struct
{
  guint history_days;
  guint history_megabytes;
  guint max_age_ms;
  guint target_delay_ms;
  FoyerTicking ticking;
  GPtrArray *profiles;
  GPtrArray *cameras;
  GPtrArray *displays;
  GPtrArray *problems;
} FoyerConfig;

/* The most that a camera is opened with if it has no profile. */
extern const FoyerConfigProfile foyer_config_usual_profile;

/**
 * foyer_config_load:
 * @path: the file; if there is none, all is default
 *
 * Returns: (transfer full): never %NULL
 */
FoyerConfig *foyer_config_load (const char *path);

/**
 * foyer_config_parse:
 * @path: what to call the file in problems
 * @text: its bytes, any
 * @n_bytes: how many
 *
 * Returns: (transfer full): never %NULL
 */
FoyerConfig *foyer_config_parse (const char *path, const char *text,
    gsize n_bytes);

void foyer_config_free (FoyerConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerConfig, foyer_config_free)

G_END_DECLS
