/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-policy.h"

#include <glib.h>

G_BEGIN_DECLS

/* Numbers for identities: core and policy know cameras and targets by number
 * alone. One row of numbers for all, so that a camera's is never a display's;
 * never given twice, not to the same identity either once it was dropped. */

#define FOYER_INTERNER_MAX       4096
#define FOYER_IDENTITY_MAX_BYTES 255

typedef struct _FoyerInterner FoyerInterner;

/**
 * foyer_interner_new:
 * @next: first number to give; at least 1
 *
 * Returns: (transfer full): one that knows nobody
 */
FoyerInterner *foyer_interner_new (guint64 next);

/**
 * FoyerInternerReserve:
 * @next: the number that is about to be given
 * @user_data: whatever
 *
 * Returns: a number above @next, below which all may be given now
 */
typedef guint64 (*FoyerInternerReserve) (guint64 *next, gpointer user_data);

/**
 * foyer_interner_set_reserve:
 * @self: the interner
 * @reserve: called before the first number is given, and before each that was
 *   not reserved; may make the next one larger
 * @user_data: for it
 *
 * So that numbers that were given but are nowhere on the disk are not given
 * again after a restart, without a write for each.
 */
void foyer_interner_set_reserve (FoyerInterner *self,
    FoyerInternerReserve reserve, gpointer user_data);

/**
 * foyer_identity_is_valid:
 * @identity: (nullable): say, "usb:046d:0825:SN123"
 *
 * Returns: %TRUE if it is 1 to 255 bytes of UTF-8 that can be printed, without
 *   spaces at either end, and is not "any"
 */
gboolean foyer_identity_is_valid (const char *identity);

/* The number of a camera; given now if it had none. 0 if the identity is not
 * valid, or the table or the row of numbers is full. */
FoyerCameraId foyer_interner_intern_camera (FoyerInterner *self,
    const char *identity);
FoyerTargetId foyer_interner_intern_target (FoyerInterner *self,
    FoyerTargetKind kind, const char *identity);

/* The number it has; 0 for none. */
FoyerCameraId foyer_interner_find_camera (FoyerInterner *self,
    const char *identity);
FoyerTargetId foyer_interner_find_target (FoyerInterner *self,
    FoyerTargetKind kind, const char *identity);

/* (nullable): the identity, without the kind; borrowed until it is dropped. */
const char *foyer_interner_get_camera (FoyerInterner *self, FoyerCameraId id);
const char *foyer_interner_get_target (FoyerInterner *self, FoyerTargetId id,
    FoyerTargetKind *out_kind);

/**
 * foyer_interner_restore:
 * @self: the interner
 * @id: a number below the next one to give
 * @text: "camera:IDENTITY", "display:IDENTITY", "node:NAME" or "app:NAME"
 *
 * It is kept.
 *
 * Returns: %FALSE if either is there already or can't be
 */
gboolean foyer_interner_restore (FoyerInterner *self, guint64 id,
    const char *text) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_interner_drop:
 * @self: the interner
 * @id: a number that no rule, pairing, name, camera or target has any more
 *
 * Forgets the identity, unless it is kept. It gets another number if it comes
 * back.
 */
void foyer_interner_drop (FoyerInterner *self, guint64 id);

/* Whether it is one that files name. */
void foyer_interner_set_kept (FoyerInterner *self, guint64 id,
    gboolean is_kept);

/* The next number to give. */
guint64 foyer_interner_get_next (FoyerInterner *self);

/**
 * FoyerInternerFunc:
 * @id: number
 * @text: as for foyer_interner_restore()
 * @user_data: whatever
 */
typedef void (
    *FoyerInternerFunc) (guint64 id, const char *text, gpointer user_data);

/* Calls @func for each that is kept, in order of their numbers. */
void foyer_interner_foreach_kept (FoyerInterner *self, FoyerInternerFunc func,
    gpointer user_data);

void foyer_interner_free (FoyerInterner *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerInterner, foyer_interner_free)

G_END_DECLS
