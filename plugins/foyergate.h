/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-clock.h"
#include "foyer-gate.h"

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define FOYER_TYPE_GATE_ELEMENT (foyer_gate_element_get_type ())

G_DECLARE_FINAL_TYPE (FoyerGateElement, foyer_gate_element, FOYER, GATE_ELEMENT,
    GstBaseTransform)

/**
 * foyer_gate_element_open:
 * @self: a gate
 * @grant: what may pass from now on
 *
 * Any thread.
 *
 * Returns: %FALSE if it was closed before, has a grant already, or @grant is none
 */
gboolean foyer_gate_element_open (FoyerGateElement *self,
    const FoyerGrant *grant) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_gate_element_close:
 * @self: a gate
 *
 * For good. When it returns, no frame is on its way through any more, and
 * what stands downstream was flushed. Any thread, but not while it holds
 * anything that a frame on its way waits for.
 */
void foyer_gate_element_close (FoyerGateElement *self);

/**
 * foyer_gate_element_get_counts:
 * @self: a gate
 * @counts: (out caller-allocates) (array fixed-size=11): frames, by
 *   #FoyerGateVerdict
 */
void foyer_gate_element_get_counts (FoyerGateElement *self,
    guint64 counts[FOYER_GATE_N_VERDICTS]);

/**
 * foyer_gate_element_set_clock:
 * @self: a gate that is not open and no frame has come to
 * @clock: (transfer none): which tells how old a frame is; without this call the
 *   machine's own
 */
void foyer_gate_element_set_clock (FoyerGateElement *self,
    const FoyerClock *clock);

GST_ELEMENT_REGISTER_DECLARE (foyergate)

G_END_DECLS
