/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-interner.h"

#include <string.h>

#define CAMERA "camera"

typedef struct
{
  guint64 id; /* key of the other table */
  char *text;
  gboolean is_kept;
} Name;

struct _FoyerInterner
{
  guint64 next;
  guint64 reserved; /* the numbers below may be given */
  FoyerInternerReserve reserve;
  gpointer user_data;  /* for it */
  GHashTable *by_text; /* borrowed text → Name */
  GHashTable *by_id;   /* borrowed &id → owned Name */
};

static const char *const kinds[] = {
  [FOYER_TARGET_NONE] = NULL,
  [FOYER_TARGET_DISPLAY] = "display",
  [FOYER_TARGET_NODE] = "node",
  [FOYER_TARGET_APP] = "app",
};

static void
name_free (gpointer data)
{
  Name *self = data;

  g_free (self->text);
  g_free (self);
}

FoyerInterner *
foyer_interner_new (guint64 next)
{
  FoyerInterner *self = g_new0 (FoyerInterner, 1);

  self->next = MAX (next, 1);
  self->by_text = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
      name_free);
  return self;
}

void
foyer_interner_free (FoyerInterner *self)
{
  g_hash_table_unref (self->by_text);
  g_hash_table_unref (self->by_id);
  g_free (self);
}

gboolean
foyer_identity_is_valid (const char *identity)
{
  gsize n_bytes = identity != NULL ? strlen (identity) : 0;

  if (n_bytes < 1 || n_bytes > FOYER_IDENTITY_MAX_BYTES ||
      !g_utf8_validate (identity, -1, NULL) || strcmp (identity, "any") == 0 ||
      identity[0] == ' ' || identity[n_bytes - 1] == ' ')
    return FALSE;
  for (const char *at = identity; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar letter = g_utf8_get_char (at);

    if (!g_unichar_isprint (letter) ||
        g_unichar_type (letter) == G_UNICODE_FORMAT ||
        g_unichar_type (letter) == G_UNICODE_LINE_SEPARATOR ||
        g_unichar_type (letter) == G_UNICODE_PARAGRAPH_SEPARATOR)
      return FALSE;
  }
  return TRUE;
}

void
foyer_interner_set_reserve (FoyerInterner *self, FoyerInternerReserve reserve,
    gpointer user_data)
{
  self->reserve = reserve;
  self->user_data = user_data;
  self->reserved = self->next;
}

static void
add (FoyerInterner *self, guint64 id, const char *text, gboolean is_kept)
{
  Name *name = g_new0 (Name, 1);

  name->id = id;
  name->text = g_strdup (text);
  name->is_kept = is_kept;
  g_hash_table_insert (self->by_id, &name->id, name);
  g_hash_table_insert (self->by_text, name->text, name);
}

static const char *
kind_to_prefix (FoyerTargetKind kind)
{
  return (guint) kind < G_N_ELEMENTS (kinds) ? kinds[kind] : NULL;
}

static guint64
find (FoyerInterner *self, const char *prefix, const char *identity)
{
  g_autofree char *text = NULL;
  const Name *name;

  if (prefix == NULL || !foyer_identity_is_valid (identity))
    return 0;
  text = g_strconcat (prefix, ":", identity, NULL);
  name = g_hash_table_lookup (self->by_text, text);
  return name != NULL ? name->id : 0;
}

static guint64
intern (FoyerInterner *self, const char *prefix, const char *identity)
{
  g_autofree char *text = NULL;
  guint64 id = find (self, prefix, identity);

  if (id != 0 || prefix == NULL || !foyer_identity_is_valid (identity))
    return id;
  if (g_hash_table_size (self->by_id) >= FOYER_INTERNER_MAX ||
      self->next == G_MAXUINT64)
    return 0;
  if (self->reserve != NULL && self->next >= self->reserved)
    self->reserved = self->reserve (&self->next, self->user_data);
  id = self->next++;
  text = g_strconcat (prefix, ":", identity, NULL);
  add (self, id, text, FALSE);
  return id;
}

FoyerCameraId
foyer_interner_intern_camera (FoyerInterner *self, const char *identity)
{
  return (FoyerCameraId){ intern (self, CAMERA, identity) };
}

FoyerTargetId
foyer_interner_intern_target (FoyerInterner *self, FoyerTargetKind kind,
    const char *identity)
{
  return (FoyerTargetId){ intern (self, kind_to_prefix (kind), identity) };
}

FoyerCameraId
foyer_interner_find_camera (FoyerInterner *self, const char *identity)
{
  return (FoyerCameraId){ find (self, CAMERA, identity) };
}

FoyerTargetId
foyer_interner_find_target (FoyerInterner *self, FoyerTargetKind kind,
    const char *identity)
{
  return (FoyerTargetId){ find (self, kind_to_prefix (kind), identity) };
}

/* What follows "PREFIX:", or NULL. */
static const char *
after (const char *text, const char *prefix)
{
  gsize n_bytes = strlen (prefix);

  return strncmp (text, prefix, n_bytes) == 0 && text[n_bytes] == ':'
      ? text + n_bytes + 1
      : NULL;
}

static const char *
get_text (FoyerInterner *self, guint64 id)
{
  const Name *name = g_hash_table_lookup (self->by_id, &id);

  return name != NULL ? name->text : NULL;
}

const char *
foyer_interner_get_camera (FoyerInterner *self, FoyerCameraId id)
{
  const char *text = get_text (self, id.v);

  return text != NULL ? after (text, CAMERA) : NULL;
}

static const char *
after_kind (const char *text, FoyerTargetKind *out_kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const char *rest = kinds[i] != NULL ? after (text, kinds[i]) : NULL;

    if (rest != NULL) {
      *out_kind = (FoyerTargetKind) i;
      return rest;
    }
  }
  *out_kind = FOYER_TARGET_NONE;
  return NULL;
}

const char *
foyer_interner_get_target (FoyerInterner *self, FoyerTargetId id,
    FoyerTargetKind *out_kind)
{
  const char *text = get_text (self, id.v);
  FoyerTargetKind kind = FOYER_TARGET_NONE;
  const char *rest = text != NULL ? after_kind (text, &kind) : NULL;

  if (out_kind != NULL)
    *out_kind = kind;
  return rest;
}

gboolean
foyer_interner_restore (FoyerInterner *self, guint64 id, const char *text)
{
  FoyerTargetKind kind;
  const char *rest = after (text, CAMERA);

  if (rest == NULL)
    rest = after_kind (text, &kind);
  if (id == 0 || id >= self->next || !foyer_identity_is_valid (rest) ||
      g_hash_table_size (self->by_id) >= FOYER_INTERNER_MAX ||
      get_text (self, id) != NULL ||
      g_hash_table_contains (self->by_text, text))
    return FALSE;
  add (self, id, text, TRUE);
  return TRUE;
}

void
foyer_interner_drop (FoyerInterner *self, guint64 id)
{
  const Name *name = g_hash_table_lookup (self->by_id, &id);

  if (name == NULL || name->is_kept)
    return;
  g_hash_table_remove (self->by_text, name->text);
  g_hash_table_remove (self->by_id, &id);
}

void
foyer_interner_set_kept (FoyerInterner *self, guint64 id, gboolean is_kept)
{
  Name *name = g_hash_table_lookup (self->by_id, &id);

  if (name != NULL)
    name->is_kept = is_kept;
}

guint64
foyer_interner_get_next (FoyerInterner *self)
{
  return self->next;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  guint64 left = (*(Name *const *) a)->id;
  guint64 right = (*(Name *const *) b)->id;

  return left < right ? -1 : left > right;
}

void
foyer_interner_foreach_kept (FoyerInterner *self, FoyerInternerFunc func,
    gpointer user_data)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &name))
    if (((Name *) name)->is_kept)
      g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    const Name *at = g_ptr_array_index (names, i);

    func (at->id, at->text, user_data);
  }
}
