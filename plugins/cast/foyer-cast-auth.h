/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-limits.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Device authentication: who is at the other end of this TLS connection. Pure:
 * bytes, roots, nonce and time of day are handed in. A display proves that it
 * holds its device key by signing
 *
 *     our fresh nonce || DER of the TLS leaf of this very connection
 *
 * so that an answer is worth nothing on any other connection. openscreen
 * cast/sender/channel/cast_auth_util.cc */

#define FOYER_CAST_NONCE_BYTES 16

/* A trust anchor is a name and a key. */
typedef struct _FoyerCastTrust FoyerCastTrust;

/**
 * foyer_cast_trust_new_public:
 *
 * Returns: (transfer full): Cast Root CA and Eureka Root CA
 */
FoyerCastTrust *foyer_cast_trust_new_public (void);

/**
 * foyer_cast_trust_new_from_file:
 * @path: PEM file with one root or more
 * @error: return location
 *
 * Returns: (transfer full): those roots instead of the public ones, or %NULL
 */
FoyerCastTrust *foyer_cast_trust_new_from_file (const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_trust_new_from_bytes:
 * @pem: (transfer none): what such a file holds
 * @error: return location
 *
 * Returns: (transfer full): those roots instead of the public ones, or %NULL
 */
FoyerCastTrust *foyer_cast_trust_new_from_bytes (GBytes *pem,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

void foyer_cast_trust_free (FoyerCastTrust *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastTrust, foyer_cast_trust_free)

/* How sure of a display one must be. The safe one is 0. */
typedef enum
{
  FOYER_CAST_AUTH_DEVICE = 0, /* the chain must verify; and the pin, if any */
  FOYER_CAST_AUTH_PINNED,     /* the pinned key must sign */
  FOYER_CAST_AUTH_ANY,        /* anybody; tests only */
} FoyerCastAuthLevel;

/**
 * FoyerCastIdentity:
 * @fingerprint: "sha256:" and 64 hex digits over the SubjectPublicKeyInfo of
 *   the device certificate, or of the TLS leaf if the display has no device
 *   authentication
 * @name: (nullable): common name of the certificate, escaped for logs
 * @is_device: it authenticated with a device certificate
 * @has_signed: signature, nonce and TLS life are right
 * @has_chain: and its chain leads to a trusted root
 * @is_audio_only: its certificates allow no video
 * @problem: (nullable): what is wrong with it, the first in the order of
 *   verification
 *
 * What is known of a display once it answered. Whether that is enough is
 * foyer_cast_auth_decide()'s to say.
 */
typedef struct
{
  char *fingerprint;
  char *name;
  gboolean is_device;
  gboolean has_signed;
  gboolean has_chain;
  gboolean is_audio_only;
  GError *problem;
} FoyerCastIdentity;

void foyer_cast_identity_clear (FoyerCastIdentity *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastIdentity, foyer_cast_identity_clear)

/**
 * foyer_cast_auth_print_challenge:
 * @nonce: (array fixed-size=16): fresh for this connection
 *
 * Returns: (transfer full): the DeviceAuthMessage, asking for SHA-256
 */
GBytes *foyer_cast_auth_print_challenge (const guint8 *nonce);

/**
 * foyer_cast_auth_verify:
 * @reply: (transfer none) (nullable): the display's DeviceAuthMessage; %NULL if
 *   it said nothing
 * @nonce: (array fixed-size=16): ours
 * @tls_leaf: (transfer none): DER of the TLS certificate of this connection
 * @trust: the roots
 * @now_s: time of day, seconds since 1970
 * @identity: (out caller-allocates): who it is, always filled in
 */
void foyer_cast_auth_verify (GBytes *reply, const guint8 *nonce,
    GBytes *tls_leaf, const FoyerCastTrust *trust, gint64 now_s,
    FoyerCastIdentity *identity);

/**
 * foyer_cast_auth_normalize_pin:
 * @pin: a fingerprint as a person writes it: any case, "sha256:" and colons
 *   between the digits may be left out or in
 * @error: return location
 *
 * Returns: (transfer full): it as FoyerCastIdentity.fingerprint has it, or
 *   %NULL with %FOYER_CAST_ERROR_AUTH_PIN
 */
char *foyer_cast_auth_normalize_pin (const char *pin,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_auth_decide:
 * @identity: who it is
 * @level: how sure one must be
 * @pin: (nullable): the fingerprint it must have, at every level, in any form
 *   that foyer_cast_auth_normalize_pin() takes
 * @wants_video: a picture is to be shown
 * @error: return location
 *
 * Returns: %FALSE with one of FOYER_CAST_ERROR_AUTH_…, the message naming the
 *   fingerprint that was seen
 */
gboolean foyer_cast_auth_decide (const FoyerCastIdentity *identity,
    FoyerCastAuthLevel level, const char *pin, gboolean wants_video,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* the display's side */

typedef struct _FoyerCastCredentials FoyerCastCredentials;

/**
 * foyer_cast_credentials_open:
 * @folder: where its keys are kept; made with mode 0700 if it is not there
 * @now_s: time of day, seconds since 1970
 * @error: return location
 *
 * At first start makes a root, an intermediate and a device certificate
 * (RSA-2048) and writes them atomically, keys with mode 0600; the root's
 * certificate is FOLDER/root.pem, a sender's ca-file.
 *
 * Returns: (transfer full): the credentials, or %NULL with
 *   %FOYER_CAST_ERROR_CREDENTIALS
 */
FoyerCastCredentials *foyer_cast_credentials_open (const char *folder,
    gint64 now_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_credentials_get_fingerprint:
 * @self: credentials
 *
 * Returns: what a sender sees as FoyerCastIdentity.fingerprint
 */
const char *foyer_cast_credentials_get_fingerprint (
    const FoyerCastCredentials *self);

/**
 * foyer_cast_credentials_ensure_tls:
 * @self: credentials
 * @now_s: time of day, seconds since 1970
 * @error: return location
 *
 * A self-signed TLS certificate that lives two days, made anew after one: a
 * sender accepts at most four.
 *
 * Returns: (transfer full): certificate and key, or %NULL
 */
GTlsCertificate *foyer_cast_credentials_ensure_tls (FoyerCastCredentials *self,
    gint64 now_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_auth_answer:
 * @self: credentials
 * @challenge: (transfer none): the sender's DeviceAuthMessage
 * @tls_leaf: (transfer none): DER of our TLS certificate on this connection
 *
 * Returns: (transfer full) (nullable): the DeviceAuthMessage to answer, with a
 *   response or an error; %NULL if @challenge is to be ignored
 */
GBytes *foyer_cast_auth_answer (const FoyerCastCredentials *self,
    GBytes *challenge, GBytes *tls_leaf);

void foyer_cast_credentials_free (FoyerCastCredentials *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastCredentials,
    foyer_cast_credentials_free)

G_END_DECLS
