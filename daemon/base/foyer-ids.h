/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Numbers for things, each of a type of its own, so that the compiler rejects a
 * swapped argument. 0 is "none" and never granted. They are given once and never
 * reused. No GLib: policy, core and the gate stand on them. */

typedef struct
{
  uint64_t v;
} FoyerCameraId;

typedef struct
{
  uint64_t v;
} FoyerTargetId; /* a display, a node or an app */

typedef struct
{
  uint64_t v;
} FoyerSessionId;

typedef struct
{
  uint64_t v;
} FoyerRuleId;

/*@ assigns \nothing;
  @ ensures \result <==> a.v == b.v;
  @*/
static inline bool
foyer_camera_id_equal (FoyerCameraId a, FoyerCameraId b)
{
  return a.v == b.v;
}

/*@ assigns \nothing;
  @ ensures \result <==> a.v == b.v;
  @*/
static inline bool
foyer_target_id_equal (FoyerTargetId a, FoyerTargetId b)
{
  return a.v == b.v;
}

/*@ assigns \nothing;
  @ ensures \result <==> a.v == b.v;
  @*/
static inline bool
foyer_session_id_equal (FoyerSessionId a, FoyerSessionId b)
{
  return a.v == b.v;
}
