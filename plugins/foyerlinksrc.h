/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-link.h"
#include "foyer-wait-src.h"

G_BEGIN_DECLS

#define FOYER_TYPE_LINK_SRC (foyer_link_src_get_type ())

G_DECLARE_FINAL_TYPE (FoyerLinkSrc, foyer_link_src, FOYER, LINK_SRC,
    FoyerWaitSrc)

/**
 * foyer_link_src_take_fd:
 * @self: a source that has not started
 * @socket: (transfer full): the reading end of a link
 *
 * In the place of the property.
 */
void foyer_link_src_take_fd (FoyerLinkSrc *self, int socket);

/**
 * foyer_link_src_set_prompt:
 * @self: a source that has not started
 * @is_prompt: give out nothing once the writer has ended
 *
 * Otherwise frames that it sent before are still given out; but of a writer that
 * wipes them at its end they may be torn.
 */
void foyer_link_src_set_prompt (FoyerLinkSrc *self, gboolean is_prompt);

/**
 * foyer_link_src_set_rate:
 * @self: a source
 * @bps: the bit rate that can be passed on
 *
 * Tells the writer. Any thread.
 */
void foyer_link_src_set_rate (FoyerLinkSrc *self, guint32 bps);

/**
 * foyer_link_src_want_key:
 * @self: a source
 *
 * Asks the writer for a key frame, as an event from downstream does. Any thread.
 */
void foyer_link_src_want_key (FoyerLinkSrc *self);

GST_ELEMENT_REGISTER_DECLARE (foyerlinksrc)

G_END_DECLS
