/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-config.h"
#include "foyer-discovery.h"
#include "foyer-state.h"

G_BEGIN_DECLS

/* The displays of the house: where they were last found, and which key the owner
 * accepted for each. Being found is no identity; the key is. Main thread. */

/**
 * FoyerDisplayEntry:
 * @id: its number, the same after a restart if a rule or pairing names it
 * @identity: how it is found: "mdns:ID" or "static:NAME"
 * @name: what the owner calls it, or what it calls itself
 * @model: what it says it is; ""
 * @hosts: (array zero-terminated=1): where it was found; empty while it is lost
 * @port: TCP port there
 * @kind: only one that can show a picture is a target
 * @trust: how sure of it one must be
 * @is_paired: the owner accepted a key
 * @key: SHA-256 of that
 * @has_seen: it showed a key
 * @seen_key: the last one
 * @has_signed: it signed with that
 * @has_chain: and the chain leads to a trusted root
 */
typedef struct
{
  FoyerTargetId id;
  char *identity;
  char *name;
  char *model;
  char **hosts;
  guint16 port;
  FoyerDisplayKind kind;
  FoyerTrust trust;
  gboolean is_paired;
  guint8 key[FOYER_CORE_KEY_BYTES];
  gboolean has_seen;
  guint8 seen_key[FOYER_CORE_KEY_BYTES];
  gboolean has_signed;
  gboolean has_chain;
} FoyerDisplayEntry;

/**
 * FoyerDisplaysEvents:
 * @added: one more is known
 * @changed: something of one changed
 * @removed: one was forgotten; the entry is freed afterwards
 * @problem: (nullable words): of finding them; %NULL for none any more
 */
typedef struct
{
  void (*added) (const FoyerDisplayEntry *display, gpointer user_data);
  void (*changed) (const FoyerDisplayEntry *display, gpointer user_data);
  void (*removed) (const FoyerDisplayEntry *display, gpointer user_data);
  void (*problem) (const char *words, gpointer user_data);
} FoyerDisplaysEvents;

typedef struct _FoyerDisplays FoyerDisplays;

/**
 * foyer_displays_new:
 * @state: (transfer none): numbers, names, pairings and displays added by hand
 * @config: (transfer none): displays of the configuration
 *
 * Returns: (transfer full): a registry that knows none yet
 */
FoyerDisplays *foyer_displays_new (FoyerState *state,
    const FoyerConfig *config);

/**
 * foyer_displays_start:
 * @self: the registry
 * @bus: (transfer none) (nullable): where Avahi is; %NULL for not to look
 * @events: (transfer none): whom to tell
 * @user_data: for them
 */
void foyer_displays_start (FoyerDisplays *self, GDBusConnection *bus,
    const FoyerDisplaysEvents *events, gpointer user_data);

/* (nullable): the display of that number; borrowed until it is forgotten. */
const FoyerDisplayEntry *foyer_displays_find (FoyerDisplays *self,
    FoyerTargetId id);

/* What a display may be offered, by what the configuration says of
 * one of its name; all, if that is nothing. */
FoyerCodecs foyer_displays_get_codecs (FoyerDisplays *self, FoyerTargetId id);

/**
 * foyer_displays_add:
 * @self: the registry
 * @name: what it is called
 * @host: name or address
 * @port: TCP port
 * @error: return location: %FOYER_ERROR_INVALID, _FULL or _FAILED
 *
 * Returns: (transfer none): the new display, when it is on the disk
 */
const FoyerDisplayEntry *foyer_displays_add (FoyerDisplays *self,
    const char *name, const char *host, guint16 port,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_displays_see:
 * @self: the registry
 * @id: of a display
 * @key: (array fixed-size=32): SHA-256 of the key that it showed
 * @has_signed: it signed with it
 * @has_chain: and the chain verified
 *
 * Remembers what a display showed. It changes nothing of the pairing.
 */
void foyer_displays_see (FoyerDisplays *self, FoyerTargetId id,
    const guint8 *key, gboolean has_signed, gboolean has_chain);

/**
 * foyer_displays_pair:
 * @self: the registry
 * @id: of a display
 * @key: (array fixed-size=32): the key to accept
 * @trust: how sure to be of it
 * @error: return location: %FOYER_ERROR_NOT_FOUND, _NOT_VERIFIED or _FAILED
 *
 * Returns: %TRUE when it is on the disk
 */
gboolean foyer_displays_pair (FoyerDisplays *self, FoyerTargetId id,
    const guint8 *key, FoyerTrust trust,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_displays_forget:
 * @self: the registry
 * @id: of a display
 * @error: return location: %FOYER_ERROR_NOT_FOUND or _FAILED
 *
 * Takes its pairing back; one that was added by hand is no more. One that is
 * announced or in the configuration stays, unpaired.
 *
 * Returns: %TRUE when it is off the disk
 */
gboolean foyer_displays_forget (FoyerDisplays *self, FoyerTargetId id,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): "sha256:…" of a key */
char *foyer_fingerprint_print (const guint8 *key);

/* %FALSE if that is no fingerprint. */
gboolean foyer_fingerprint_parse (const char *text,
    guint8 *key) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable) */
void foyer_displays_free (FoyerDisplays *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerDisplays, foyer_displays_free)

G_END_DECLS
