/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-policy.h"

/* The rule that allows everything to everybody. Included by tests. */
static FoyerRule
make_rule (uint64_t id)
{
  return (FoyerRule){ .id = { id },
    .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_ANY,
    .is_any_camera = true,
    .target = FOYER_TARGET_ANY,
    .is_any_target = true,
    .media = FOYER_MEDIA_ALL };
}
