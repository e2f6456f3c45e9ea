/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-gate.h"

/*@ requires \valid_read (grant);
  @ assigns \nothing;
  @ ensures \result <==> foyer_grant_is_one (grant);
  @*/
static bool
grant_is_one (const FoyerGrant *grant)
{
  if (grant->camera.v == 0 || grant->generation == 0)
    return false;
  if (grant->granted_us < 0 || grant->max_age_us <= 0)
    return false;
  return grant->ends_us == 0 || grant->ends_us > grant->granted_us;
}

void
foyer_gate_open (FoyerGate *gate, const FoyerGrant *grant)
{
  if (gate->is_open || gate->is_over || !grant_is_one (grant))
    return;
  gate->camera = grant->camera;
  gate->generation = grant->generation;
  gate->granted_us = grant->granted_us;
  gate->ends_us = grant->ends_us;
  gate->max_age_us = grant->max_age_us;
  gate->last_sequence = 0;
  gate->has_key = false;
  gate->is_open = true;
}

void
foyer_gate_close (FoyerGate *gate)
{
  gate->is_open = false;
  gate->is_over = true;
}

/* I2. A frame that is not of the future may be from before the boot: neither
 * the sum nor the difference can wrap. */
/*@ requires \valid_read (gate) && capture_us <= now_us;
  @ assigns \nothing;
  @ ensures \result <==> now_us - capture_us > gate->max_age_us;
  @*/
static bool
is_too_old (const FoyerGate *gate, int64_t capture_us, int64_t now_us)
{
  if (gate->max_age_us < 0)
    return true;
  if (capture_us < 0)
    return now_us > capture_us + gate->max_age_us;
  return now_us - capture_us > gate->max_age_us;
}

FoyerGateVerdict
foyer_gate_decide_again (const FoyerGate *gate, const FoyerGateFrame *frame,
    int64_t now_us)
{
  if (!gate->is_open || gate->is_over) /* I4, I9 */
    return FOYER_GATE_CLOSED;
  if (gate->ends_us != 0 && now_us >= gate->ends_us) /* I4 */
    return FOYER_GATE_EXPIRED;
  if (!frame->is_tagged) /* I9 */
    return FOYER_GATE_UNTAGGED;
  if (!foyer_camera_id_equal (frame->camera, gate->camera)) /* I1 */
    return FOYER_GATE_FOREIGN;
  if (frame->generation != gate->generation) /* I1 */
    return FOYER_GATE_GENERATION;
  if (frame->capture_us < gate->granted_us) /* I3 */
    return FOYER_GATE_BEFORE;
  if (frame->capture_us > now_us) /* I2: its age can't be told */
    return FOYER_GATE_FUTURE;
  if (is_too_old (gate, frame->capture_us, now_us))
    return FOYER_GATE_OLD;
  return FOYER_GATE_PASS;
}

FoyerGateVerdict
foyer_gate_decide (const FoyerGate *gate, const FoyerGateFrame *frame,
    int64_t now_us)
{
  FoyerGateVerdict verdict = foyer_gate_decide_again (gate, frame, now_us);

  if (verdict != FOYER_GATE_PASS)
    return verdict;
  if (frame->sequence <= gate->last_sequence) /* I2 */
    return FOYER_GATE_REPEATED;
  if (!frame->is_key && !gate->has_key) /* I3 */
    return FOYER_GATE_NO_KEY;
  return FOYER_GATE_PASS;
}

FoyerGateVerdict
foyer_gate_pass (FoyerGate *gate, const FoyerGateFrame *frame, int64_t now_us)
{
  FoyerGateVerdict verdict = foyer_gate_decide (gate, frame, now_us);

  /* What follows a frame that was refused may refer to it. */
  gate->has_key = verdict == FOYER_GATE_PASS;
  if (verdict == FOYER_GATE_PASS)
    gate->last_sequence = frame->sequence;
  return verdict;
}

const char *
foyer_gate_verdict_to_string (FoyerGateVerdict verdict)
{
  switch (verdict) {
    case FOYER_GATE_CLOSED:
      return "closed";
    case FOYER_GATE_UNTAGGED:
      return "untagged";
    case FOYER_GATE_FOREIGN:
      return "foreign";
    case FOYER_GATE_GENERATION:
      return "generation";
    case FOYER_GATE_BEFORE:
      return "before";
    case FOYER_GATE_FUTURE:
      return "future";
    case FOYER_GATE_OLD:
      return "old";
    case FOYER_GATE_REPEATED:
      return "repeated";
    case FOYER_GATE_NO_KEY:
      return "no-key";
    case FOYER_GATE_EXPIRED:
      return "expired";
    case FOYER_GATE_PASS:
      return "pass";
    case FOYER_GATE_N_VERDICTS:
      break;
  }
  return "none";
}
