/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-interner.h"
#include "foyer-sections.h"
#include "foyer-state.h"

G_BEGIN_DECLS

/* What the files of foyer-state.h hold, as text: pure, so that every way in which
 * a file can be damaged is tried without a disk.
 *
 *     # Written by foyerd …
 *     format=1
 *     [section]…
 *     [end]
 *     sha256=…          of all that stands before "[end]"
 *
 * A parser gives all or nothing, and an error that says "line N: why". */

/* Makes the text of a file of its sections. (transfer full) */
char *foyer_state_text_seal (const char *sections);

/**
 * foyer_state_text_open:
 * @text: bytes of a file, any
 * @n_bytes: how many
 * @error: return location
 *
 * Returns: (transfer full) (element-type FoyerSection): the sections between the
 *   first lines and the last, or %NULL if it was cut, changed or is of another
 *   format
 */
GPtrArray *foyer_state_text_open (const char *text, gsize n_bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sections of each file from what it holds; (transfer full). @pairings maps
 * identity to FoyerPairing, @names identity to name, @controls to a line of
 * controls, @displays holds FoyerStaticDisplay, @nodes FoyerStateNode. */
char *foyer_state_text_print_policy (const FoyerPolicy *policy,
    FoyerInterner *ids);
char *foyer_state_text_print_pairings (GHashTable *pairings);
char *foyer_state_text_print_names (GHashTable *names, GPtrArray *displays);
char *foyer_state_text_print_nodes (GPtrArray *nodes);
char *foyer_state_text_print_controls (GHashTable *controls);
char *foyer_state_text_print_ids (FoyerInterner *ids, guint64 reserved,
    guint64 last_rule);

/* And back; into tables that are empty, which is what they are after an error
 * too. */
gboolean foyer_state_text_parse_policy (GPtrArray *sections, FoyerInterner *ids,
    FoyerPolicy *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean foyer_state_text_parse_pairings (GPtrArray *sections, GHashTable *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean foyer_state_text_parse_names (GPtrArray *sections, GHashTable *out,
    GPtrArray *out_displays, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean foyer_state_text_parse_nodes (GPtrArray *sections, GPtrArray *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it can be one more of these. */
gboolean foyer_state_text_is_node (const FoyerStateNode *node,
    GPtrArray *others);
gboolean foyer_state_text_parse_controls (GPtrArray *sections, GHashTable *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_state_text_parse_ids:
 * @sections: of the file
 * @out_ids: (out) (transfer full): the interner; %NULL after an error
 * @out_last_rule: (out): highest number that a rule ever had
 * @error: return location
 */
gboolean foyer_state_text_parse_ids (GPtrArray *sections,
    FoyerInterner **out_ids, guint64 *out_last_rule,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "device-auth", "pinned" or "any". */
const char *foyer_trust_to_string (FoyerTrust trust);

/* %FALSE if it is none of these. */
gboolean foyer_trust_parse (const char *text, FoyerTrust *out_trust);

/* Whether it could be the name or the address of a host. */
gboolean foyer_host_is_valid (const char *host);

/* Tables as the functions above take them; (transfer full). */
GHashTable *foyer_state_text_new_table (void);
GPtrArray *foyer_state_text_new_displays (void);

/* One more, copied. */
void foyer_state_text_add_display (GPtrArray *displays, const char *name,
    const char *host, guint16 port);

G_END_DECLS
