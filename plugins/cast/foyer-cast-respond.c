/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-credentials.h"
#include "foyer-cast.pb-c.h"

/* The display's side of device authentication. openscreen
 * cast/receiver/channel/device_auth_namespace_handler.cc */

typedef Foyer__Cast__DeviceAuthMessage AuthMessage;
typedef Foyer__Cast__AuthChallenge AuthChallenge;
typedef Foyer__Cast__AuthResponse AuthResponse;

static void
auth_message_free (AuthMessage *message)
{
  foyer__cast__device_auth_message__free_unpacked (message, NULL);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuthMessage, auth_message_free)

static GBytes *
print_message (const AuthMessage *message)
{
  size_t n_bytes = foyer__cast__device_auth_message__get_packed_size (message);
  guint8 *bytes = g_malloc (n_bytes);

  foyer__cast__device_auth_message__pack (message, bytes);
  return g_bytes_new_take (bytes, n_bytes);
}

static GBytes *
print_error (Foyer__Cast__AuthError__ErrorType type)
{
  Foyer__Cast__AuthError error = FOYER__CAST__AUTH_ERROR__INIT;
  AuthMessage message = FOYER__CAST__DEVICE_AUTH_MESSAGE__INIT;

  error.error_type = type;
  message.error = &error;
  return print_message (&message);
}

/* A challenge with what only a display sends is not one. */
static AuthMessage *
parse_challenge (GBytes *bytes)
{
  g_autoptr (AuthMessage) message = NULL;
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  if (n_bytes > FOYER_CAST_MAX_MESSAGE_BYTES)
    return NULL;
  message = foyer__cast__device_auth_message__unpack (NULL, n_bytes, data);
  if (message == NULL || message->challenge == NULL ||
      message->response != NULL || message->error != NULL ||
      message->challenge->sender_nonce.len > FOYER_CAST_MAX_NONCE_BYTES)
    return NULL;
  return g_steal_pointer (&message);
}

static gnutls_sign_algorithm_t
get_algorithm (const AuthChallenge *challenge)
{
  if (challenge->signature_algorithm !=
          FOYER__CAST__SIGNATURE_ALGORITHM__UNSPECIFIED &&
      challenge->signature_algorithm !=
          FOYER__CAST__SIGNATURE_ALGORITHM__RSASSA_PKCS1v15)
    return GNUTLS_SIGN_UNKNOWN;
  if (challenge->hash_algorithm == FOYER__CAST__HASH_ALGORITHM__SHA1)
    return GNUTLS_SIGN_RSA_SHA1;
  if (challenge->hash_algorithm == FOYER__CAST__HASH_ALGORITHM__SHA256)
    return GNUTLS_SIGN_RSA_SHA256;
  return GNUTLS_SIGN_UNKNOWN;
}

static GBytes *
sign (const FoyerCastCredentials *self, const AuthChallenge *challenge,
    gnutls_sign_algorithm_t algorithm, GBytes *tls_leaf)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autoptr (GBytes) data = NULL;
  gsize n_leaf_bytes;
  const guint8 *leaf = g_bytes_get_data (tls_leaf, &n_leaf_bytes);

  g_byte_array_append (input, challenge->sender_nonce.data,
      (guint) challenge->sender_nonce.len);
  g_byte_array_append (input, leaf, (guint) n_leaf_bytes);
  data = g_byte_array_free_to_bytes (g_steal_pointer (&input));
  return foyer_cast_credentials_sign (self, algorithm, data);
}

/* Borrows the bytes. */
static ProtobufCBinaryData
borrow (GBytes *bytes)
{
  ProtobufCBinaryData data;
  gsize n_bytes;

  data.data = (guint8 *) g_bytes_get_data (bytes, &n_bytes);
  data.len = n_bytes;
  return data;
}

static GBytes *
print_response (const FoyerCastCredentials *self,
    const AuthChallenge *challenge, GBytes *signature)
{
  const GPtrArray *chain = foyer_cast_credentials_get_chain (self);
  g_autofree ProtobufCBinaryData *intermediates = g_new0 (ProtobufCBinaryData,
      chain->len);
  AuthResponse response = FOYER__CAST__AUTH_RESPONSE__INIT;
  AuthMessage message = FOYER__CAST__DEVICE_AUTH_MESSAGE__INIT;

  for (guint i = 1; i < chain->len; i++)
    intermediates[i - 1] = borrow (chain->pdata[i]);
  response.signature = borrow (signature);
  response.client_auth_certificate = borrow (chain->pdata[0]);
  response.intermediate_certificate = intermediates;
  response.n_intermediate_certificate = chain->len - 1;
  response.has_signature_algorithm = TRUE;
  response.signature_algorithm =
      FOYER__CAST__SIGNATURE_ALGORITHM__RSASSA_PKCS1v15;
  response.has_sender_nonce = challenge->has_sender_nonce;
  response.sender_nonce = challenge->sender_nonce;
  response.has_hash_algorithm = TRUE;
  response.hash_algorithm = challenge->hash_algorithm;
  message.response = &response;
  return print_message (&message);
}

GBytes *
foyer_cast_auth_answer (const FoyerCastCredentials *self, GBytes *challenge,
    GBytes *tls_leaf)
{
  g_autoptr (AuthMessage) message = parse_challenge (challenge);
  g_autoptr (GBytes) signature = NULL;
  gnutls_sign_algorithm_t algorithm;

  if (message == NULL)
    return NULL;
  algorithm = get_algorithm (message->challenge);
  if (algorithm == GNUTLS_SIGN_UNKNOWN)
    return print_error (
        FOYER__CAST__AUTH_ERROR__ERROR_TYPE__SIGNATURE_ALGORITHM_UNAVAILABLE);
  signature = sign (self, message->challenge, algorithm, tls_leaf);
  if (signature == NULL)
    return print_error (FOYER__CAST__AUTH_ERROR__ERROR_TYPE__INTERNAL_ERROR);
  return print_response (self, message->challenge, signature);
}
