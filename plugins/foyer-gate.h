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
 * @has_key: a key frame passed: others may follow it
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
  FOYER_GATE_NO_KEY,     /* no key frame passed yet */
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

/* Opens a gate for a grant, unless it was closed before, has a grant already, or
 * the grant is none: no camera or generation, a negative time, an end that is
 * not after it, an age bound not above 0. */
void foyer_gate_open (FoyerGate *gate, const FoyerGrant *grant);

/* Closes it for good. */
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
FoyerGateVerdict foyer_gate_decide (const FoyerGate *gate,
    const FoyerGateFrame *frame, int64_t now_us);

/* Decides, and remembers a frame that passes. */
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
FoyerGateVerdict foyer_gate_decide_again (const FoyerGate *gate,
    const FoyerGateFrame *frame, int64_t now_us);

/* "pass", "closed", "untagged", …: for logs and counters. */
const char *foyer_gate_verdict_to_string (FoyerGateVerdict verdict);
