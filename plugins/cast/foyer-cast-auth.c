/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-auth.h"

#include "foyer-cast-chain.h"
#include "foyer-cast-crl.h"
#include "foyer-cast-trust.h"
#include "foyer-cast.pb-c.h"

/* The order of verification, which names the first problem:
 *
 *   1. the reply is a DeviceAuthMessage with a response, not an error
 *   2. the TLS certificate lives now, and for four days at most
 *   3. the nonce is ours
 *   4. there is a signature
 *   5. it is the device key's, over our nonce || TLS certificate
 *   6. the chain leads to a trusted root
 *   7. no revocation list that is sent along and verified names it
 *
 * The reference checks the signature last; here it comes before the chain,
 * since who pinned a key asks for 1-5 alone. Every step is taken whatever the
 * ones before it said, as far as there is something to look at. */

/* "two-day life plus slack", openscreen cast/sender/channel/cast_auth_util.cc
 */
#define MAX_TLS_LIFE_S ((gint64) 4 * 24 * 60 * 60)

/* openscreen cast/common/certificate/cast_cert_validator.cc */
#define AUDIO_ONLY_POLICY "1.3.6.1.4.1.11129.2.5.2"

#define NO_FINGERPRINT "unknown"

typedef Foyer__Cast__DeviceAuthMessage AuthMessage;
typedef Foyer__Cast__AuthResponse AuthResponse;

static void
auth_message_free (AuthMessage *message)
{
  foyer__cast__device_auth_message__free_unpacked (message, NULL);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuthMessage, auth_message_free)

/* What one verification looks at. */
typedef struct
{
  const AuthResponse *response;
  const guint8 *nonce;
  GBytes *tls_leaf;
  gnutls_x509_crt_t tls;    /* nullable: it can't be read */
  gnutls_x509_crt_t device; /* nullable: likewise */
  const FoyerCastTrust *trust;
  gint64 now_s;
} Check;

void
foyer_cast_identity_clear (FoyerCastIdentity *self)
{
  g_clear_pointer (&self->fingerprint, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_error (&self->problem);
}

GBytes *
foyer_cast_auth_print_challenge (const guint8 *nonce)
{
  Foyer__Cast__AuthChallenge challenge = FOYER__CAST__AUTH_CHALLENGE__INIT;
  AuthMessage message = FOYER__CAST__DEVICE_AUTH_MESSAGE__INIT;
  size_t n_bytes;
  guint8 *bytes;

  /* The signature algorithm is the default, RSASSA_PKCS1v15, and not written.
   */
  challenge.has_sender_nonce = TRUE;
  challenge.sender_nonce.data = (guint8 *) nonce;
  challenge.sender_nonce.len = FOYER_CAST_NONCE_BYTES;
  challenge.has_hash_algorithm = TRUE;
  challenge.hash_algorithm = FOYER__CAST__HASH_ALGORITHM__SHA256;
  message.challenge = &challenge;
  n_bytes = foyer__cast__device_auth_message__get_packed_size (&message);
  bytes = g_malloc (n_bytes);
  foyer__cast__device_auth_message__pack (&message, bytes);
  return g_bytes_new_take (bytes, n_bytes);
}

static AuthMessage *
fail_reply (GError **error, int code, const char *what)
{
  g_set_error_literal (error, FOYER_CAST_ERROR, code, what);
  return NULL;
}

static AuthMessage *
parse_reply (GBytes *reply, GError **error)
{
  g_autoptr (AuthMessage) message = NULL;
  gsize n_bytes;
  const guint8 *bytes;

  if (reply == NULL)
    return fail_reply (error, FOYER_CAST_ERROR_AUTH_UNSUPPORTED,
        "display has no device authentication");
  bytes = g_bytes_get_data (reply, &n_bytes);
  if (n_bytes == 0 || n_bytes > FOYER_CAST_MAX_MESSAGE_BYTES)
    return fail_reply (error, FOYER_CAST_ERROR_MALFORMED,
        "authentication reply is empty or too large");
  message = foyer__cast__device_auth_message__unpack (NULL, n_bytes, bytes);
  if (message == NULL)
    return fail_reply (error, FOYER_CAST_ERROR_MALFORMED,
        "authentication reply can't be read");
  if (message->error != NULL)
    return fail_reply (error, FOYER_CAST_ERROR_AUTH_UNSUPPORTED,
        "display answered authentication with an error");
  if (message->response == NULL)
    return fail_reply (error, FOYER_CAST_ERROR_AUTH_UNSUPPORTED,
        "display answered authentication without a response");
  return g_steal_pointer (&message);
}

static gnutls_x509_crt_t
parse_quietly (const guint8 *der, gsize n_bytes)
{
  return foyer_cast_certificate_parse (der, n_bytes, NULL);
}

static void
identify (FoyerCastIdentity *identity, gnutls_x509_crt_t certificate)
{
  g_autofree char *fingerprint = foyer_cast_certificate_dup_fingerprint (
      certificate);

  g_free (identity->fingerprint);
  identity->fingerprint = fingerprint != NULL ? g_steal_pointer (&fingerprint)
                                              : g_strdup (NO_FINGERPRINT);
  g_free (identity->name);
  identity->name = foyer_cast_certificate_dup_name (certificate);
}

/* Any version of X.509 will do here: some TVs have version 1. */
static gboolean
check_tls_life (const Check *check, GError **error)
{
  const char *what = NULL;
  gint64 from_s = 0, to_s = 0;

  if (check->tls == NULL ||
      !foyer_cast_certificate_get_life (check->tls, &from_s, &to_s))
    what = "display's TLS certificate can't be read";
  else if (check->now_s < from_s)
    what = "display's TLS certificate is not valid yet";
  else if (check->now_s > to_s)
    what = "display's TLS certificate has expired";
  else if (to_s > check->now_s + MAX_TLS_LIFE_S)
    what = "display's TLS certificate lives longer than four days";
  if (what == NULL)
    return TRUE;
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_TLS_LIFE,
      what);
  return FALSE;
}

static gboolean
check_nonce (const Check *check, GError **error)
{
  ProtobufCBinaryData nonce = check->response->sender_nonce;

  if (check->response->has_sender_nonce &&
      nonce.len == FOYER_CAST_NONCE_BYTES &&
      memcmp (nonce.data, check->nonce, FOYER_CAST_NONCE_BYTES) == 0)
    return TRUE;
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_NONCE,
      nonce.len == 0 || !check->response->has_sender_nonce
          ? "display did not sign our nonce"
          : "display answered another challenge");
  return FALSE;
}

static gnutls_sign_algorithm_t
get_algorithm (const AuthResponse *response)
{
  /* Both fields have a default when absent. */
  if (response->signature_algorithm !=
      FOYER__CAST__SIGNATURE_ALGORITHM__RSASSA_PKCS1v15)
    return GNUTLS_SIGN_UNKNOWN;
  if (response->hash_algorithm == FOYER__CAST__HASH_ALGORITHM__SHA1)
    return GNUTLS_SIGN_RSA_SHA1;
  if (response->hash_algorithm == FOYER__CAST__HASH_ALGORITHM__SHA256)
    return GNUTLS_SIGN_RSA_SHA256;
  return GNUTLS_SIGN_UNKNOWN;
}

/* Over our own nonce, whatever the reply calls its nonce. */
static gboolean
is_signed (const Check *check, gnutls_sign_algorithm_t algorithm)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autoptr (GBytes) data = NULL;
  gsize n_leaf_bytes;
  const guint8 *leaf = g_bytes_get_data (check->tls_leaf, &n_leaf_bytes);

  g_byte_array_append (input, check->nonce, FOYER_CAST_NONCE_BYTES);
  g_byte_array_append (input, leaf, (guint) n_leaf_bytes);
  data = g_byte_array_free_to_bytes (g_steal_pointer (&input));
  return foyer_cast_certificate_verify_data (check->device, algorithm, data,
      check->response->signature.data, check->response->signature.len);
}

static gboolean
check_signature (const Check *check, GError **error)
{
  gnutls_sign_algorithm_t algorithm = get_algorithm (check->response);
  const char *what = NULL;

  if (check->response->signature.len == 0)
    what = "display sent no signature"; /* as one whose certificate expired */
  else if (check->device == NULL)
    what = "display's device certificate can't be read";
  else if (algorithm == GNUTLS_SIGN_UNKNOWN)
    what = "display signed with an algorithm nobody asked for";
  else if (!foyer_cast_certificate_check_key (check->device,
               FOYER_CAST_ERROR_AUTH_SIGNATURE, error))
    return FALSE;
  else if (!is_signed (check, algorithm))
    what = "display's signature is wrong";
  if (what == NULL)
    return TRUE;
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_SIGNATURE,
      what);
  return FALSE;
}

/* Those that can't be read can't be of use either. */
static GPtrArray *
parse_intermediates (const AuthResponse *response)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gnutls_x509_crt_deinit);

  for (size_t i = 0; i < response->n_intermediate_certificate &&
       i < FOYER_CAST_MAX_CERTIFICATES;
       i++) {
    ProtobufCBinaryData der = response->intermediate_certificate[i];
    gnutls_x509_crt_t certificate = parse_quietly (der.data, der.len);

    if (certificate != NULL)
      g_ptr_array_add (list, certificate);
  }
  return g_steal_pointer (&list);
}

/* Of the verified path; or, if there is none, of all that was sent. */
static gboolean
is_audio_only (const Check *check, const GPtrArray *sent,
    const FoyerCastPath *path)
{
  for (guint i = 0; i < path->n_certificates; i++) {
    if (foyer_cast_certificate_has_policy (path->certificates[i],
            AUDIO_ONLY_POLICY))
      return TRUE;
  }
  for (guint i = 0; path->n_certificates == 0 && i < sent->len; i++) {
    if (foyer_cast_certificate_has_policy (sent->pdata[i], AUDIO_ONLY_POLICY))
      return TRUE;
  }
  return path->n_certificates == 0 &&
      foyer_cast_certificate_has_policy (check->device, AUDIO_ONLY_POLICY);
}

static gboolean
check_revocation (const Check *check, const FoyerCastPath *path, GError **error)
{
  ProtobufCBinaryData crl = check->response->crl;

  if (!check->response->has_crl || crl.len == 0 ||
      foyer_cast_crl_check (crl.data, crl.len,
          foyer_cast_trust_get_crl_roots (check->trust), check->now_s,
          path) != FOYER_CAST_CRL_REVOKED)
    return TRUE;
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_REVOKED,
      "display's key was withdrawn by its maker");
  return FALSE;
}

static gboolean
check_chain (const Check *check, gboolean *is_for_audio, GError **error)
{
  g_autoptr (GPtrArray) sent = parse_intermediates (check->response);
  FoyerCastPath path = { .n_certificates = 0 };
  gboolean has_path;

  if (check->device == NULL ||
      check->response->n_intermediate_certificate >=
          FOYER_CAST_MAX_CERTIFICATES) {
    g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_CHAIN,
        "display's chain is too long or can't be read");
    return FALSE;
  }
  has_path = foyer_cast_chain_verify (check->device, sent,
      foyer_cast_trust_get_roots (check->trust), check->now_s, &path, error);
  if (!has_path)
    path.n_certificates = 0;
  *is_for_audio = is_audio_only (check, sent, &path);
  return has_path && check_revocation (check, &path, error);
}

/* Keeps the first problem, and says whether there was none now. */
static gboolean
note (FoyerCastIdentity *identity, GError *problem)
{
  if (problem == NULL)
    return TRUE;
  if (identity->problem == NULL)
    identity->problem = problem;
  else
    g_error_free (problem);
  return FALSE;
}

static void
verify_response (const Check *check, FoyerCastIdentity *identity)
{
  GError *problem = NULL;
  gboolean has_path;

  identity->is_device = check->device != NULL;
  if (check->device != NULL)
    identify (identity, check->device);
  identity->has_signed = TRUE;
  if (!check_tls_life (check, &problem))
    identity->has_signed = note (identity, g_steal_pointer (&problem));
  if (!check_nonce (check, &problem))
    identity->has_signed = note (identity, g_steal_pointer (&problem));
  if (!check_signature (check, &problem))
    identity->has_signed = note (identity, g_steal_pointer (&problem));
  has_path = check_chain (check, &identity->is_audio_only, &problem);
  note (identity, g_steal_pointer (&problem));
  identity->has_chain = has_path && identity->has_signed;
}

void
foyer_cast_auth_verify (GBytes *reply, const guint8 *nonce, GBytes *tls_leaf,
    const FoyerCastTrust *trust, gint64 now_s, FoyerCastIdentity *identity)
{
  g_autoptr (AuthMessage) message = NULL;
  g_auto (gnutls_x509_crt_t) tls = NULL;
  g_auto (gnutls_x509_crt_t) device = NULL;
  Check check = { NULL, nonce, tls_leaf, NULL, NULL, trust, now_s };

  *identity = (FoyerCastIdentity){ .fingerprint = g_strdup (NO_FINGERPRINT) };
  tls = parse_quietly (g_bytes_get_data (tls_leaf, NULL),
      g_bytes_get_size (tls_leaf));
  if (tls != NULL)
    identify (identity, tls);
  message = parse_reply (reply, &identity->problem);
  if (message == NULL)
    return;
  check.response = message->response;
  device = parse_quietly (message->response->client_auth_certificate.data,
      message->response->client_auth_certificate.len);
  check.tls = tls;
  check.device = device;
  verify_response (&check, identity);
}
