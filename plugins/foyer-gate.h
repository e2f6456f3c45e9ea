/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ids.h"

/* The gate's decision: may this frame leave for this session, now? Pure C11
 * without GLib: no clock, allocation, I/O or globals. A gate of all bits zero is
 * closed, and a gate that was closed never opens again. */

/**
 * FoyerGate:
 * @is_open: frames may pass at all
 * @is_over: it was closed, for good
 * @camera: the one camera of the grant
 * @generation: the one opening of it
 * @granted_us: frames captured before it never pass, monotonic
 * @ends_us: no frame passes from then on, monotonic; 0 for never
 * @max_age_us: nor one older than that
 * @last_sequence: of the last frame that passed; 0 before the first
 * @has_key: a key frame passed, and all since then: others may follow them
 *
 * What a grant allows, and what passed so far.
 */
typedef struct
{
  bool is_open;
  bool is_over;
  FoyerCameraId camera;
  uint64_t generation;
  int64_t granted_us;
  int64_t ends_us;
  int64_t max_age_us;
  uint64_t last_sequence;
  bool has_key;
} FoyerGate;

/**
 * FoyerGateFrame:
 * @is_tagged: it has a tag at all
 * @camera: the tag's
 * @generation: the tag's
 * @sequence: the tag's
 * @capture_us: the tag's, monotonic
 * @is_key: it refers to no other frame; true for raw ones
 *
 * What the gate knows of a frame.
 */
typedef struct
{
  bool is_tagged;
  FoyerCameraId camera;
  uint64_t generation;
  uint64_t sequence;
  int64_t capture_us;
  bool is_key;
} FoyerGateFrame;

/* Why a frame does not pass, or that it does. Asked in this order, but that
 * EXPIRED comes right after CLOSED: a gate whose time is over says so whatever
 * the frame is. */
typedef enum
{
  FOYER_GATE_CLOSED = 0,
  FOYER_GATE_UNTAGGED,
  FOYER_GATE_FOREIGN,    /* another camera */
  FOYER_GATE_GENERATION, /* another opening of it */
  FOYER_GATE_BEFORE,     /* captured before the grant */
  FOYER_GATE_FUTURE,     /* captured after now */
  FOYER_GATE_OLD,        /* over the age bound */
  FOYER_GATE_REPEATED,   /* its number does not increase */
  FOYER_GATE_NO_KEY,     /* no key frame passed since one was refused */
  FOYER_GATE_EXPIRED,    /* the grant's time is over */
  FOYER_GATE_PASS,
  FOYER_GATE_N_VERDICTS,
} FoyerGateVerdict;

/**
 * FoyerGrant:
 * @camera: the one camera
 * @generation: the one opening of it
 * @granted_us: when, monotonic
 * @ends_us: until when; 0 for no end
 * @max_age_us: how old a frame may be, above 0
 */
typedef struct
{
  FoyerCameraId camera;
  uint64_t generation;
  int64_t granted_us;
  int64_t ends_us;
  int64_t max_age_us;
} FoyerGrant;

/* What is proven about the gate stands in the comments that begin with @, for
 * Frama-C: docs/proofs.rst. */

/*@ // The grant is one that a gate may open for.
  @ predicate foyer_grant_is_one (FoyerGrant *grant) =
  @   grant->camera.v != 0 && grant->generation != 0 &&
  @   grant->granted_us >= 0 && grant->max_age_us > 0 &&
  @   (grant->ends_us == 0 || grant->ends_us > grant->granted_us);
  @
  @ // The gate was opened, was never closed, and its time is not over.
  @ predicate foyer_gate_is_live (FoyerGate *gate, integer now_us) =
  @   gate->is_open && !gate->is_over &&
  @   (gate->ends_us == 0 || now_us < gate->ends_us);
  @
  @ // The frame is of the one opening of the one camera.
  @ predicate foyer_gate_is_own (FoyerGate *gate, FoyerGateFrame *frame) =
  @   frame->is_tagged && frame->camera.v == gate->camera.v &&
  @   frame->generation == gate->generation;
  @
  @ // It was captured after the grant, not in the future, not too long ago.
  @ predicate foyer_gate_is_fresh (FoyerGate *gate, FoyerGateFrame *frame,
  @     integer now_us) =
  @   frame->capture_us >= gate->granted_us && frame->capture_us <= now_us &&
  @   now_us - frame->capture_us <= gate->max_age_us;
  @
  @ // Its number increases, and a key frame comes first.
  @ predicate foyer_gate_is_next (FoyerGate *gate, FoyerGateFrame *frame) =
  @   frame->sequence > gate->last_sequence &&
  @   (frame->is_key || gate->has_key);
  @
  @ // A frame that may leave again, and one that may leave at all.
  @ predicate foyer_gate_allows_again (FoyerGate *gate, FoyerGateFrame *frame,
  @     integer now_us) =
  @   foyer_gate_is_live (gate, now_us) && foyer_gate_is_own (gate, frame) &&
  @   foyer_gate_is_fresh (gate, frame, now_us);
  @ predicate foyer_gate_allows (FoyerGate *gate, FoyerGateFrame *frame,
  @     integer now_us) =
  @   foyer_gate_allows_again (gate, frame, now_us) &&
  @   foyer_gate_is_next (gate, frame);
  @*/

/* Opens a gate for a grant, unless it was closed before, has a grant already, or
 * the grant is none: no camera or generation, a negative time, an end that is
 * not after it, an age bound not above 0. */
/*@ requires \valid (gate) && \valid_read (grant) && \separated (gate, grant);
  @ assigns *gate;
  @ behavior opens:
  @   assumes !gate->is_open && !gate->is_over && foyer_grant_is_one (grant);
  @   ensures gate->is_open && !gate->is_over;
  @   ensures gate->camera == grant->camera;
  @   ensures gate->generation == grant->generation;
  @   ensures gate->granted_us == grant->granted_us;
  @   ensures gate->ends_us == grant->ends_us;
  @   ensures gate->max_age_us == grant->max_age_us;
  @   ensures gate->last_sequence == 0 && !gate->has_key;
  @ behavior stays:
  @   assumes gate->is_open || gate->is_over || !foyer_grant_is_one (grant);
  @   ensures *gate == \old (*gate);
  @ complete behaviors;
  @ disjoint behaviors;
  @*/
void foyer_gate_open (FoyerGate *gate, const FoyerGrant *grant);

/* Closes it for good. */
/*@ requires \valid (gate);
  @ assigns gate->is_open, gate->is_over;
  @ ensures !gate->is_open && gate->is_over;
  @*/
void foyer_gate_close (FoyerGate *gate);

/**
 * foyer_gate_decide:
 * @gate: a gate
 * @frame: a frame that wants to pass for the first time
 * @now_us: monotonic time
 *
 * Changes nothing: foyer_gate_pass() does.
 *
 * Returns: FOYER_GATE_PASS, or the first reason against it
 */
/*@ requires \valid_read (gate) && \valid_read (frame);
  @ assigns \nothing;
  @ ensures \result == FOYER_GATE_PASS <==>
  @   foyer_gate_allows (gate, frame, now_us);
  @ ensures gate->is_over ==> \result == FOYER_GATE_CLOSED;
  @ ensures 0 <= \result <= FOYER_GATE_PASS;
  @*/
FoyerGateVerdict foyer_gate_decide (const FoyerGate *gate,
    const FoyerGateFrame *frame, int64_t now_us);

/* Decides, and remembers a frame that passes. One that does not leaves a hole: until
 * the next key frame others could refer to what never left. */
/*@ requires \valid (gate) && \valid_read (frame) && \separated (gate, frame);
  @ assigns gate->last_sequence, gate->has_key;
  @ ensures \result == FOYER_GATE_PASS <==>
  @   \old (foyer_gate_allows (gate, frame, now_us));
  @ ensures gate->has_key <==> \result == FOYER_GATE_PASS;
  @ ensures \result == FOYER_GATE_PASS ==>
  @   gate->last_sequence == frame->sequence;
  @ ensures \result == FOYER_GATE_PASS ==>
  @   gate->last_sequence > \old (gate->last_sequence);
  @ ensures \result != FOYER_GATE_PASS ==>
  @   gate->last_sequence == \old (gate->last_sequence);
  @ ensures \old (gate->is_over) ==> \result == FOYER_GATE_CLOSED;
  @*/
FoyerGateVerdict foyer_gate_pass (FoyerGate *gate, const FoyerGateFrame *frame,
    int64_t now_us);

/**
 * foyer_gate_decide_again:
 * @gate: a gate
 * @frame: a frame that passed before
 * @now_us: monotonic time
 *
 * For each packet of it, the first time and each time again: everything but
 * order and key holds still.
 *
 * Returns: FOYER_GATE_PASS, or the first reason against it
 */
/*@ requires \valid_read (gate) && \valid_read (frame);
  @ assigns \nothing;
  @ ensures \result == FOYER_GATE_PASS <==>
  @   foyer_gate_allows_again (gate, frame, now_us);
  @ ensures gate->is_over ==> \result == FOYER_GATE_CLOSED;
  @ ensures 0 <= \result <= FOYER_GATE_PASS;
  @*/
FoyerGateVerdict foyer_gate_decide_again (const FoyerGate *gate,
    const FoyerGateFrame *frame, int64_t now_us);

/* "pass", "closed", "untagged", …: for logs and counters. */
const char *foyer_gate_verdict_to_string (FoyerGateVerdict verdict);
