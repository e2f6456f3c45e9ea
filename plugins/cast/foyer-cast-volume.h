/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-launch.h"

G_BEGIN_DECLS

/* How a display is asked how loud it is, or told how loud to be. Pure, in the manner
 * of FoyerCastClean: after every call send what foyer_cast_volume_take_message()
 * gives, look at @state, and call foyer_cast_volume_tick() at @deadline_us. */

/**
 * FoyerCastVolumeChange:
 * @has_level: set the level
 * @level: 0.0…1.0
 * @has_muted: set whether it is muted
 * @is_muted: the sound is off
 *
 * What is to be; with neither it is only asked.
 */
typedef struct
{
  gboolean has_level;
  double level;
  gboolean has_muted;
  gboolean is_muted;
} FoyerCastVolumeChange;

/**
 * FoyerCastVolume:
 * @state: done once the display said what it is after that; failed if it would not,
 *   or not in time
 * @deadline_us: when to tick, monotonic
 * @level: what the display says: 0.0…1.0
 * @is_muted: likewise
 *
 * The rest is its own.
 */
typedef struct
{
  FoyerCastControlState state;
  gint64 deadline_us;
  double level;
  gboolean is_muted;

  FoyerCastVolumeChange change; /* what is still to be asked for */
  FoyerCastVolumeChange asked;  /* what was asked for last */
  gint64 request_id;            /* of what was asked last */
  char *message;
} FoyerCastVolume;

/**
 * foyer_cast_volume_init:
 * @self: (out caller-allocates): its first message is ready
 * @change: copied
 * @first_request_id: the first of four free numbers
 * @now_us: monotonic
 */
void foyer_cast_volume_init (FoyerCastVolume *self,
    const FoyerCastVolumeChange *change, gint64 first_request_id,
    gint64 now_us);

/* What receiver-0 said. */
void foyer_cast_volume_receive (FoyerCastVolume *self,
    const FoyerCastReply *reply, gint64 now_us);

/* Lets time pass up to @now_us; may be called at any time. */
void foyer_cast_volume_tick (FoyerCastVolume *self, gint64 now_us);

/* (transfer full) (nullable): what is to be sent now, once */
char *foyer_cast_volume_take_message (FoyerCastVolume *self);

void foyer_cast_volume_clear (FoyerCastVolume *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastVolume, foyer_cast_volume_clear)

G_END_DECLS
