/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-displays.h"

#include "foyer-error.h"
#include "foyer-text.h"

#include <string.h>

#define STATIC      "static:"
#define FINGERPRINT "sha256:"

struct _FoyerDisplays
{
  FoyerState *state;
  const FoyerConfig *config;
  FoyerDiscovery *discovery;
  GPtrArray *displays; /* of FoyerDisplayEntry */
  const FoyerDisplaysEvents *events;
  gpointer user_data;
};

static void
display_free (gpointer data)
{
  FoyerDisplayEntry *display = data;

  g_free (display->identity);
  g_free (display->name);
  g_free (display->model);
  g_strfreev (display->hosts);
  g_free (display);
}

static FoyerDisplayEntry *
find_identity (FoyerDisplays *self, const char *identity)
{
  for (guint i = 0; i < self->displays->len; i++) {
    FoyerDisplayEntry *display = self->displays->pdata[i];

    if (g_str_equal (display->identity, identity))
      return display;
  }
  return NULL;
}

/* One that the configuration says the address of. */
static const FoyerConfigDisplay *
find_config (FoyerDisplays *self, const char *identity)
{
  for (guint i = 0; i < self->config->displays->len; i++) {
    const FoyerConfigDisplay *given = self->config->displays->pdata[i];
    const char *name = g_str_has_prefix (identity, STATIC)
        ? identity + strlen (STATIC)
        : NULL;

    if (given->host != NULL && g_strcmp0 (name, given->name) == 0)
      return given;
  }
  return NULL;
}

/* The owner's word at pairing, else the configuration's. */
static void
load_pairing (FoyerDisplays *self, FoyerDisplayEntry *display)
{
  const FoyerConfigDisplay *given = find_config (self, display->identity);
  FoyerPairing pairing;

  display->trust = given != NULL ? given->trust : FOYER_TRUST_DEVICE;
  display->is_paired = foyer_state_get_pairing (self->state, display->identity,
      &pairing);
  memset (display->key, 0, sizeof display->key);
  if (!display->is_paired)
    return;
  memcpy (display->key, pairing.key, sizeof display->key);
  display->trust = pairing.trust;
}

static FoyerDisplayEntry *
add_entry (FoyerDisplays *self, const char *identity)
{
  FoyerInterner *ids = foyer_state_get_ids (self->state);
  FoyerTargetId id = foyer_interner_intern_target (ids, FOYER_TARGET_DISPLAY,
      identity);
  FoyerDisplayEntry *display;

  if (id.v == 0 || self->displays->len >= FOYER_CORE_MAX_TARGETS)
    return NULL;
  display = g_new0 (FoyerDisplayEntry, 1);
  display->id = id;
  display->identity = g_strdup (identity);
  load_pairing (self, display);
  g_ptr_array_add (self->displays, display);
  return display;
}

static void
on_found (const FoyerFoundDisplay *found, gpointer user_data)
{
  FoyerDisplays *self = user_data;
  FoyerDisplayEntry *display = find_identity (self, found->identity);
  const char *given = foyer_state_get_name (self->state, found->identity);
  gboolean is_new = display == NULL;

  if (is_new)
    display = add_entry (self, found->identity);
  if (display == NULL) {
    g_autofree char *escaped = foyer_text_escape (found->identity);

    g_warning ("display %s has no place: nothing can be shown on it", escaped);
    return;
  }
  g_free (display->name);
  display->name = given != NULL ? g_strdup (given)
                                : foyer_text_escape (found->name);
  g_free (display->model);
  display->model = foyer_text_escape (found->model);
  g_strfreev (display->hosts);
  display->hosts = g_strdupv (found->hosts);
  display->port = found->port;
  display->kind = found->kind;
  if (is_new)
    self->events->added (display, self->user_data);
  else
    self->events->changed (display, self->user_data);
}

static void
drop_entry (FoyerDisplays *self, FoyerDisplayEntry *display)
{
  guint index;

  if (!g_ptr_array_find (self->displays, display, &index))
    return;
  g_ptr_array_steal_index (self->displays, index);
  self->events->removed (display, self->user_data);
  /* Unless a rule names it: strangers that come and go must not fill the table
   * of numbers. */
  foyer_interner_drop (foyer_state_get_ids (self->state), display->id.v);
  display_free (display);
}

/* One that is paired is still the owner's, wherever it is. */
static void
on_lost (const char *identity, gpointer user_data)
{
  FoyerDisplays *self = user_data;
  FoyerDisplayEntry *display = find_identity (self, identity);

  if (display == NULL)
    return;
  if (!display->is_paired) {
    drop_entry (self, display);
    return;
  }
  g_strfreev (display->hosts);
  display->hosts = g_new0 (char *, 1);
  display->port = 0;
  self->events->changed (display, self->user_data);
}

static void
on_problem (const char *words, gpointer user_data)
{
  FoyerDisplays *self = user_data;

  self->events->problem (words, self->user_data);
}

FoyerDisplays *
foyer_displays_new (FoyerState *state, const FoyerConfig *config)
{
  static const FoyerDiscoveryCallbacks callbacks = {
    .on_found = on_found,
    .on_lost = on_lost,
    .on_problem = on_problem,
  };
  FoyerDisplays *self = g_new0 (FoyerDisplays, 1);

  self->state = state;
  self->config = config;
  self->displays = g_ptr_array_new_with_free_func (display_free);
  self->discovery = foyer_discovery_new (&callbacks, self);
  return self;
}

static void
add_static (FoyerDisplays *self, const char *name, const char *host,
    guint16 port)
{
  if (!foyer_discovery_add (self->discovery, name, host, port)) {
    g_autofree char *escaped = foyer_text_escape (name);

    g_warning ("display %s has no place: there are too many", escaped);
  }
}

void
foyer_displays_start (FoyerDisplays *self, GDBusConnection *bus,
    const FoyerDisplaysEvents *events, gpointer user_data)
{
  GPtrArray *added = foyer_state_get_displays (self->state);

  self->events = events;
  self->user_data = user_data;
  for (guint i = 0; i < added->len; i++) {
    const FoyerStaticDisplay *display = added->pdata[i];

    add_static (self, display->name, display->host, display->port);
  }
  for (guint i = 0; i < self->config->displays->len; i++) {
    const FoyerConfigDisplay *display = self->config->displays->pdata[i];

    if (display->host != NULL)
      add_static (self, display->name, display->host, display->port);
  }
  if (bus != NULL)
    foyer_discovery_start (self->discovery, bus);
}

static FoyerDisplayEntry *
find_entry (FoyerDisplays *self, FoyerTargetId id)
{
  for (guint i = 0; i < self->displays->len; i++) {
    FoyerDisplayEntry *display = self->displays->pdata[i];

    if (foyer_target_id_equal (display->id, id))
      return display;
  }
  return NULL;
}

static FoyerDisplayEntry *
need_entry (FoyerDisplays *self, FoyerTargetId id, GError **error)
{
  FoyerDisplayEntry *display = find_entry (self, id);

  if (display == NULL)
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "that display is not known any more");
  return display;
}

const FoyerDisplayEntry *
foyer_displays_find (FoyerDisplays *self, FoyerTargetId id)
{
  return find_entry (self, id);
}

FoyerCodecs
foyer_displays_get_codecs (FoyerDisplays *self, FoyerTargetId id)
{
  const FoyerDisplayEntry *display = find_entry (self, id);

  for (guint i = 0; display != NULL && i < self->config->displays->len; i++) {
    const FoyerConfigDisplay *given = self->config->displays->pdata[i];

    if (g_strcmp0 (display->name, given->name) == 0)
      return given->codecs;
  }
  return FOYER_CODECS_ALL;
}

const FoyerDisplayEntry *
foyer_displays_add (FoyerDisplays *self, const char *name, const char *host,
    guint16 port, GError **error)
{
  g_autofree char *identity = g_strconcat (STATIC, name, NULL);
  const FoyerDisplayEntry *display;

  if (find_config (self, identity) != NULL ||
      find_identity (self, identity) != NULL) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "there is a display of that name already");
    return NULL;
  }
  if (self->displays->len >= FOYER_CORE_MAX_TARGETS) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "there are too many displays");
    return NULL;
  }
  if (!foyer_state_add_display (self->state, name, host, port, error))
    return NULL;
  add_static (self, name, host, port);
  display = find_identity (self, identity);
  if (display == NULL)
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "there are too many displays");
  return display;
}

void
foyer_displays_see (FoyerDisplays *self, FoyerTargetId id, const guint8 *key,
    gboolean has_signed, gboolean has_chain)
{
  FoyerDisplayEntry *display = find_entry (self, id);

  if (display == NULL)
    return;
  display->has_seen = TRUE;
  memcpy (display->seen_key, key, sizeof display->seen_key);
  display->has_signed = has_signed;
  display->has_chain = has_chain;
  self->events->changed (display, self->user_data);
}

gboolean
foyer_displays_pair (FoyerDisplays *self, FoyerTargetId id, const guint8 *key,
    FoyerTrust trust, GError **error)
{
  FoyerDisplayEntry *display = need_entry (self, id, error);
  FoyerPairing pairing = { .trust = trust };
  gboolean is_verified;

  if (display == NULL)
    return FALSE;
  is_verified = display->has_seen && display->has_chain &&
      memcmp (display->seen_key, key, sizeof display->seen_key) == 0;
  if (trust == FOYER_TRUST_DEVICE && !is_verified) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_NOT_VERIFIED,
        "no chain from that key to a public Cast root was seen: the display "
        "can be paired as \"pinned\" alone");
    return FALSE;
  }
  memcpy (pairing.key, key, sizeof pairing.key);
  if (!foyer_state_set_pairing (self->state, display->identity, &pairing,
          error))
    return FALSE;
  load_pairing (self, display);
  self->events->changed (display, self->user_data);
  return TRUE;
}

gboolean
foyer_displays_forget (FoyerDisplays *self, FoyerTargetId id, GError **error)
{
  FoyerDisplayEntry *display = need_entry (self, id, error);
  g_autofree char *name = NULL;

  if (display == NULL ||
      !foyer_state_set_pairing (self->state, display->identity, NULL, error))
    return FALSE;
  display->has_seen = FALSE;
  load_pairing (self, display);
  if (!g_str_has_prefix (display->identity, STATIC) ||
      find_config (self, display->identity) != NULL) {
    self->events->changed (display, self->user_data);
    return TRUE;
  }
  name = g_strdup (display->identity + strlen (STATIC));
  if (!foyer_state_remove_display (self->state, name, error))
    return FALSE;
  foyer_discovery_remove (self->discovery, name);
  return TRUE;
}

char *
foyer_fingerprint_print (const guint8 *key)
{
  GString *text = g_string_new (FINGERPRINT);

  for (gsize i = 0; i < FOYER_CORE_KEY_BYTES; i++)
    g_string_append_printf (text, "%02x", key[i]);
  return g_string_free (text, FALSE);
}

gboolean
foyer_fingerprint_parse (const char *text, guint8 *key)
{
  const char *digits = text + strlen (FINGERPRINT);

  if (!g_str_has_prefix (text, FINGERPRINT) ||
      strlen (digits) != 2 * FOYER_CORE_KEY_BYTES)
    return FALSE;
  for (gsize i = 0; i < FOYER_CORE_KEY_BYTES; i++) {
    int high = g_ascii_xdigit_value (digits[2 * i]);
    int low = g_ascii_xdigit_value (digits[2 * i + 1]);

    if (high < 0 || low < 0)
      return FALSE;
    key[i] = (guint8) (high << 4 | low);
  }
  return TRUE;
}

void
foyer_displays_free (FoyerDisplays *self)
{
  if (self == NULL)
    return;
  foyer_discovery_free (self->discovery);
  g_ptr_array_unref (self->displays);
  g_free (self);
}
