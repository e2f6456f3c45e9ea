/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-core.h"
#include "foyer-file.h"
#include "foyer-interner.h"

#include "foyer-clock.h"

G_BEGIN_DECLS

/* What outlives foyerd, in a folder of its own (0700; files 0600):
 *
 *     policy    the rules
 *     pairings  which key each display must have
 *     names     what the owner calls things, and displays added by hand
 *     nodes     which camera is exposed on which node
 *     controls  what cameras are set to
 *     ids       numbers of identities, and those that may not be used again
 *     lockdown  there while the house is locked down
 *
 * A change is on the disk when its function returns %TRUE; when it returns
 * %FALSE nothing has changed, neither there nor here. Each file has a version
 * and ends with a checksum, so that one that was cut or written half is noticed.
 * A damaged file is kept beside as NAME.damaged-TIME and never written to:
 *
 *     policy    no rule is in force (so all is denied), and none can be added
 *               until the owner puts a good file there or takes the bad one away
 *     pairings  nothing is paired
 *     names     things have the names they give themselves
 *     nodes     nothing is exposed
 *     controls  cameras have the settings they are made with
 *     ids       numbers go on from one far above all that were given
 *     lockdown  is on, whatever the file holds
 *
 * Main thread. Writing blocks, for a few KiB and a few fsync, on the owner's
 * command alone: a rule must be on the disk before it is in force, and in order.
 */

typedef struct _FoyerState FoyerState;

/**
 * FoyerPairing:
 * @key: SHA-256 of the public key that the owner accepted
 * @trust: how sure to be
 */
typedef struct
{
  guint8 key[FOYER_CORE_KEY_BYTES];
  FoyerTrust trust;
} FoyerPairing;

/* A display that the owner added by hand; its identity is "static:NAME". */
typedef struct
{
  char *name;
  char *host;
  guint16 port;
} FoyerStaticDisplay;

/**
 * FoyerStateNode:
 * @name: what rules and people call it; no other node has it
 * @camera: identity of its camera
 * @label: of the device that it is on
 * @subject: who exposed it, with the groups of that time
 * @width_px: of its pictures
 * @height_px: likewise
 * @fps: frames a second that are announced
 *
 * A camera that is exposed.
 */
typedef struct
{
  char *name;
  char *camera;
  char *label;
  FoyerSubject subject;
  guint32 width_px;
  guint32 height_px;
  guint32 fps;
} FoyerStateNode;

/* (transfer full) (nullable) */
void foyer_state_node_free (gpointer node);

/* (transfer full) */
FoyerStateNode *foyer_state_node_copy (const FoyerStateNode *node);

#define FOYER_STATE_MAX_NODES           16
#define FOYER_STATE_MAX_STATIC_DISPLAYS 64
#define FOYER_STATE_MAX_PAIRINGS        256
#define FOYER_STATE_MAX_NAMES           512

/**
 * foyer_state_open:
 * @folder: where; made if it is not there
 * @clock: (transfer none): for the names of damaged files
 * @ops: (transfer none) (nullable): file calls of a test
 * @error: return location
 *
 * Reads all of it. Damage is no error: see foyer_state_get_problems(). Another
 * process that has the folder open is one.
 *
 * Returns: (transfer full): or %NULL if the folder can't be made, opened or
 *   locked
 */
FoyerState *foyer_state_open (const char *folder, const FoyerClock *clock,
    const FoyerFileOps *ops, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_state_get_problems:
 * @self: the state
 *
 * Returns: (transfer none) (array zero-terminated=1): sentences for the owner,
 *   with file, line and reason
 */
const char *const *foyer_state_get_problems (FoyerState *self);

/* The policy file can't be used: all is denied, AddRule fails. */
gboolean foyer_state_is_policy_damaged (FoyerState *self);

/* The rules in force; borrowed until the next change. */
const FoyerPolicy *foyer_state_get_policy (FoyerState *self);

/* (transfer none): numbers of identities. What is interned there directly is
 * not kept on the disk until a rule, a pairing or a name needs it; its number
 * is not given again all the same. */
FoyerInterner *foyer_state_get_ids (FoyerState *self);

/**
 * foyer_state_add_rule:
 * @self: the state
 * @rule: (inout): a rule; given its id
 * @error: return location: FOYER_ERROR_INVALID, _FULL, _DAMAGED or _FAILED
 *
 * Returns: %TRUE when it is on the disk
 */
gboolean foyer_state_add_rule (FoyerState *self, FoyerRule *rule,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_state_remove_rule:
 * @self: the state
 * @id: which
 * @error: return location: FOYER_ERROR_NOT_FOUND, _DAMAGED or _FAILED
 *
 * Returns: %TRUE when it is off the disk
 */
gboolean foyer_state_remove_rule (FoyerState *self, FoyerRuleId id,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_state_remove_rules_for:
 * @self: the state
 * @target: a target; not a kind of them
 * @out_ids: (out) (transfer full) (element-type guint64): rules taken away
 * @error: return location
 *
 * Takes away every rule that names it, all or none. Rules that deny go too: a
 * target that was forgotten is not paired.
 */
gboolean foyer_state_remove_rules_for (FoyerState *self, FoyerTargetId target,
    GArray **out_ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a display is paired; and how, if @out is not %NULL. */
gboolean foyer_state_get_pairing (FoyerState *self, const char *identity,
    FoyerPairing *out);

/**
 * foyer_state_set_pairing:
 * @self: the state
 * @identity: of a display
 * @pairing: (nullable): %NULL to take it back
 * @error: return location
 */
gboolean foyer_state_set_pairing (FoyerState *self, const char *identity,
    const FoyerPairing *pairing, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (nullable): the name the owner gave to what has that identity. */
const char *foyer_state_get_name (FoyerState *self, const char *identity);

/**
 * foyer_state_set_name:
 * @self: the state
 * @identity: of a camera or display
 * @name: (nullable): %NULL for its own; see foyer_text_is_name()
 * @error: return location
 */
gboolean foyer_state_set_name (FoyerState *self, const char *identity,
    const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (nullable): what a camera's controls are to be, as in foyer-controls.h. */
const char *foyer_state_get_controls (FoyerState *self, const char *identity);

/* @line: (nullable): likewise; %NULL to keep none. */
gboolean foyer_state_set_controls (FoyerState *self, const char *identity,
    const char *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none) (element-type FoyerStaticDisplay): those added by hand;
 * borrowed until the next change. */
GPtrArray *foyer_state_get_displays (FoyerState *self);

/**
 * foyer_state_add_display:
 * @self: the state
 * @name: a name that no other display added by hand has
 * @host: name or address
 * @port: TCP port, not 0
 * @error: return location: FOYER_ERROR_INVALID, _FULL or _FAILED
 */
gboolean foyer_state_add_display (FoyerState *self, const char *name,
    const char *host, guint16 port, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes one away by its name; %TRUE too if there was none. */
gboolean foyer_state_remove_display (FoyerState *self, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none) (element-type FoyerStateNode): what is exposed; borrowed until
 * the next change. */
GPtrArray *foyer_state_get_nodes (FoyerState *self);

/**
 * foyer_state_add_node:
 * @self: the state
 * @node: (transfer none): one whose name and label no other has
 * @error: return location: FOYER_ERROR_INVALID, _FULL or _FAILED
 *
 * Returns: %TRUE when it is on the disk
 */
gboolean foyer_state_add_node (FoyerState *self, const FoyerStateNode *node,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes one away by its name; %TRUE too if there was none. */
gboolean foyer_state_remove_node (FoyerState *self, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the house is locked down. */
gboolean foyer_state_get_lockdown (FoyerState *self);

/**
 * foyer_state_set_lockdown:
 * @self: the state
 * @is_on: locked down
 * @error: return location
 *
 * Begin a lockdown first and save it then; end it only when this returned %TRUE.
 * If it fails with @is_on, the house is locked down here, but may not be after a
 * restart.
 */
gboolean foyer_state_set_lockdown (FoyerState *self, gboolean is_on,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

void foyer_state_free (FoyerState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerState, foyer_state_free)

G_END_DECLS
