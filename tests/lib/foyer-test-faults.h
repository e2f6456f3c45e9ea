/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-session.h"
#include "foyer-test-display.h"

G_BEGIN_DECLS

/* What each way in which a FoyerTestDisplay can misbehave must end in. */

#define FOYER_TEST_WELL          G_MAXINT /* no error */
#define FOYER_TEST_N_FAULT_CASES 33

/**
 * FoyerTestFaultCase:
 * @name: of the case
 * @fault: what the display does
 * @step: that fails, or that is reached
 * @code: the #FoyerCastError, or %FOYER_TEST_WELL
 * @is_slow: it takes a time limit to see
 * @auth: how sure to be of the display
 */
typedef struct
{
  const char *name;
  FoyerTestFault fault;
  FoyerCastStep step;
  int code;
  gboolean is_slow;
  FoyerCastAuthLevel auth;
} FoyerTestFaultCase;

extern const FoyerTestFaultCase foyer_test_fault_cases[];

G_END_DECLS
