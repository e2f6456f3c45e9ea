/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a display says of itself in its TXT record (_googlecast._tcp). Strict: it
 * comes from anybody in the network. */

typedef enum
{
  FOYER_DISPLAY_AUDIO = 0, /* no picture; the safe one */
  FOYER_DISPLAY_GROUP,     /* of speakers */
  FOYER_DISPLAY_VIDEO,
} FoyerDisplayKind;

#define FOYER_DISPLAY_ID_MAX_BYTES 64

/**
 * FoyerDisplayTxt:
 * @id: "id": small letters, digits and "-", as in its identity "mdns:ID"
 * @name: (nullable): "fn", if it is a name (foyer_text_is_name())
 * @model: (nullable): "md", likewise
 * @kind: by "ca"; a display with picture if it says nothing
 */
typedef struct
{
  char *id;
  char *name;
  char *model;
  FoyerDisplayKind kind;
} FoyerDisplayTxt;

/**
 * foyer_display_txt_parse:
 * @strings: (array length=n_strings): the strings of the record, "key=value"
 * @lengths: (array length=n_strings): bytes of each
 * @n_strings: how many; over 64 is refused
 * @out: (out): cleared if it fails
 *
 * Keys are compared without regard to case; the first of a key counts (RFC 6763
 * §6.4). A record without a valid "id" is of no use; a "ca" that is no number
 * means no picture.
 *
 * Returns: %FALSE if it is of no use
 */
gboolean foyer_display_txt_parse (const guint8 *const *strings,
    const gsize *lengths, gsize n_strings,
    FoyerDisplayTxt *out) G_GNUC_WARN_UNUSED_RESULT;

/* "display", "audio" or "group". */
const char *foyer_display_kind_to_string (FoyerDisplayKind kind);

void foyer_display_txt_clear (FoyerDisplayTxt *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerDisplayTxt, foyer_display_txt_clear)

G_END_DECLS
