/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-discovery-txt.h"

#include "foyer-error.h"
#include "foyer-text.h"

#include <string.h>

#define MAX_STRINGS 64
/* Open Screen, cast/common/public/receiver_info.h */
#define CA_VIDEO_OUT (1u << 0)
/* Chromium, cast_channel capabilities: a group of speakers */
#define CA_MULTIZONE_GROUP (1u << 5)

static const char *const kind_names[] = {
  [FOYER_DISPLAY_AUDIO] = "audio",
  [FOYER_DISPLAY_GROUP] = "group",
  [FOYER_DISPLAY_VIDEO] = "display",
};

const char *
foyer_display_kind_to_string (FoyerDisplayKind kind)
{
  return kind_names[MIN ((guint) kind, FOYER_DISPLAY_VIDEO)];
}

/* (transfer full) (nullable): the value of the first string "KEY=value". */
static char *
find_value (const guint8 *const *strings, const gsize *lengths, gsize n_strings,
    const char *key)
{
  gsize n_key = strlen (key);

  for (gsize i = 0; i < n_strings; i++) {
    const char *text = (const char *) strings[i];

    if (lengths[i] <= n_key || text[n_key] != '=' ||
        g_ascii_strncasecmp (text, key, n_key) != 0)
      continue;
    /* A zero within would hide what comes after it. */
    if (memchr (text, '\0', lengths[i]) != NULL)
      return g_strdup ("");
    return g_strndup (text + n_key + 1, lengths[i] - n_key - 1);
  }
  return NULL;
}

static gboolean
is_id (const char *text)
{
  gsize n_bytes = text != NULL ? strlen (text) : 0;

  return n_bytes > 0 && n_bytes <= FOYER_DISPLAY_ID_MAX_BYTES &&
      strspn (text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-") == n_bytes;
}

/* Without a word of it, it is a display: senders take it for one, and old ones
 * say nothing. */
static FoyerDisplayKind
parse_kind (const char *text)
{
  guint64 bits;

  if (text == NULL)
    return FOYER_DISPLAY_VIDEO;
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &bits, NULL))
    return FOYER_DISPLAY_AUDIO;
  if ((bits & CA_MULTIZONE_GROUP) != 0)
    return FOYER_DISPLAY_GROUP;
  return (bits & CA_VIDEO_OUT) != 0 ? FOYER_DISPLAY_VIDEO : FOYER_DISPLAY_AUDIO;
}

static char *
take_name (char *text)
{
  if (foyer_text_is_name (text))
    return text;
  g_free (text);
  return NULL;
}

gboolean
foyer_display_txt_parse (const guint8 *const *strings, const gsize *lengths,
    gsize n_strings, FoyerDisplayTxt *out)
{
  g_autofree char *id = NULL;
  g_autofree char *kind = NULL;

  *out = (FoyerDisplayTxt){ 0 };
  if (n_strings > MAX_STRINGS)
    return FALSE;
  id = find_value (strings, lengths, n_strings, "id");
  if (!is_id (id))
    return FALSE;
  kind = find_value (strings, lengths, n_strings, "ca");
  out->id = g_ascii_strdown (id, -1);
  out->name = take_name (find_value (strings, lengths, n_strings, "fn"));
  out->model = take_name (find_value (strings, lengths, n_strings, "md"));
  out->kind = parse_kind (kind);
  return TRUE;
}

void
foyer_display_txt_clear (FoyerDisplayTxt *self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->model, g_free);
  self->kind = FOYER_DISPLAY_AUDIO;
}
