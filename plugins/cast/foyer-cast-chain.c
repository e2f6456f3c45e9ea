/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define G_LOG_DOMAIN "foyer"

#include "foyer-cast-chain.h"

#include "foyer-cast-names.h"

/* How many ways to an anchor are tried: more than one only if there are
 * several issuers of one name, as the roots of software displays. */
#define MAX_TRIES 64
/* How many steps the search makes in all. */
#define MAX_STEPS 64

/* The line between what GnuTLS would refuse and the Cast world needs:
 *
 * - SHA-1 signatures: displays of the first years have nothing else. MD5 and
 *   the like stay refused, by GnuTLS and by check_signature_kind().
 * - Time: the real intermediates of many displays ended in March 2025, and
 *   GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS spares only the anchor. So GnuTLS
 *   looks at no time at all, and check_leaf() and check_issuer() do, for each
 *   certificate by its part.
 *
 * The search has sorted the chain; GnuTLS must verify that and no other. */
#define VERIFY_FLAGS                                                        \
  (GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_DISABLE_TIME_CHECKS | \
      GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT |                           \
      GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN)

typedef struct
{
  const GPtrArray *intermediates;
  const GPtrArray *roots;
  gint64 now_s;
  guint n_tries;
  guint n_steps;
  GError *first; /* why the first way to an anchor failed */
} Search;

static gboolean
fail (GError **error, const char *what)
{
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_CHAIN,
      what);
  return FALSE;
}

static gboolean
check_signature_kind (gnutls_x509_crt_t certificate, GError **error)
{
  switch (gnutls_x509_crt_get_signature_algorithm (certificate)) {
    case GNUTLS_SIGN_RSA_SHA1:
    case GNUTLS_SIGN_RSA_SHA256:
    case GNUTLS_SIGN_RSA_SHA384:
    case GNUTLS_SIGN_RSA_SHA512:
      return TRUE;
    default: /* an enumeration of GnuTLS's that grows */
      return fail (error,
          "certificate is signed with an algorithm that is not allowed");
  }
}

static gboolean
check_leaf_life (gnutls_x509_crt_t leaf, gint64 now_s, GError **error)
{
  gint64 from_s, to_s;

  if (foyer_cast_certificate_get_life (leaf, &from_s, &to_s) &&
      from_s <= now_s && now_s <= to_s)
    return TRUE;
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_EXPIRED,
      "device certificate is not valid at this time");
  return FALSE;
}

static gboolean
check_leaf (gnutls_x509_crt_t leaf, gint64 now_s, GError **error)
{
  unsigned int usage = 0;

  if (!check_leaf_life (leaf, now_s, error) ||
      !foyer_cast_certificate_check_key (leaf, FOYER_CAST_ERROR_AUTH_CHAIN,
          error) ||
      !check_signature_kind (leaf, error))
    return FALSE;
  if (gnutls_x509_crt_get_key_usage (leaf, &usage, NULL) < 0 ||
      (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
    return fail (error, "device certificate is not one that may sign");
  return TRUE;
}

/* An issuer past its life passes: warn, not fail, is what owners of displays
 * want, and the leaf's own life still binds. */
static gboolean
check_issuer (gnutls_x509_crt_t issuer, gint64 now_s, gboolean *has_expired,
    GError **error)
{
  gint64 from_s, to_s;

  if (!foyer_cast_certificate_get_life (issuer, &from_s, &to_s))
    return fail (error, "intermediate certificate has no readable life");
  if (now_s < from_s)
    return fail (error, "intermediate certificate is not valid yet");
  if (now_s > to_s)
    *has_expired = TRUE;
  return foyer_cast_certificate_check_key (issuer, FOYER_CAST_ERROR_AUTH_CHAIN,
             error) &&
      check_signature_kind (issuer, error);
}

static gboolean
check_issuers (FoyerCastPath *path, gint64 now_s, GError **error)
{
  for (guint i = 1; i + 1 < path->n_certificates; i++) {
    if (!check_issuer (path->certificates[i], now_s, &path->has_expired_issuer,
            error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_status (unsigned int status, GError **error)
{
  gnutls_datum_t text = { NULL, 0 };

  if (status == 0)
    return TRUE;
  if (gnutls_certificate_verification_status_print (status, GNUTLS_CRT_X509,
          &text, 0) < 0)
    return fail (error, "chain is not verified");
  g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_CHAIN,
      "chain is not verified: %s", g_strstrip ((char *) text.data));
  gnutls_free (text.data);
  return FALSE;
}

/* Signatures, authorities, path lengths and critical extensions. */
static gboolean
check_signatures (FoyerCastPath *path, GError **error)
{
  guint n_sent = path->n_certificates - 1;
  gnutls_x509_trust_list_t list = NULL;
  unsigned int status = GNUTLS_CERT_INVALID;
  int result = gnutls_x509_trust_list_init (&list, 1);

  if (result >= 0)
    result = gnutls_x509_trust_list_add_cas (list, &path->certificates[n_sent],
        1, 0);
  if (result >= 0)
    result = gnutls_x509_trust_list_verify_crt2 (list, path->certificates,
        n_sent, NULL, 0, VERIFY_FLAGS, &status, NULL);
  if (list != NULL)
    gnutls_x509_trust_list_deinit (list, 0);
  if (result < 0) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_CHAIN,
        "chain is not verified: %s", gnutls_strerror (result));
    return FALSE;
  }
  return check_status (status, error);
}

static gboolean
check_path (FoyerCastPath *path, gint64 now_s, GError **error)
{
  path->has_expired_issuer = FALSE;
  if (!check_issuers (path, now_s, error) || !check_signatures (path, error))
    return FALSE;
  for (guint i = 1; i < path->n_certificates; i++) {
    if (!foyer_cast_names_check (path->certificates[i], path->certificates, i,
            error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_issued (gnutls_x509_crt_t issuer, gnutls_x509_crt_t subject)
{
  gnutls_datum_t issuer_name = { NULL, 0 }, wanted = { NULL, 0 };
  gboolean is_it = gnutls_x509_crt_get_raw_dn (issuer, &issuer_name) >= 0 &&
      gnutls_x509_crt_get_raw_issuer_dn (subject, &wanted) >= 0 &&
      issuer_name.size == wanted.size && wanted.size > 0 &&
      memcmp (issuer_name.data, wanted.data, wanted.size) == 0;

  gnutls_free (issuer_name.data);
  gnutls_free (wanted.data);
  return is_it;
}

static gboolean
is_on_path (const FoyerCastPath *path, gnutls_x509_crt_t certificate)
{
  for (guint i = 0; i < path->n_certificates; i++) {
    if (path->certificates[i] == certificate)
      return TRUE;
  }
  return FALSE;
}

/* Tries the anchors that @path may end in. */
static gboolean
try_roots (Search *search, FoyerCastPath *path)
{
  gnutls_x509_crt_t last = path->certificates[path->n_certificates - 1];

  for (guint i = 0; i < search->roots->len; i++) {
    gnutls_x509_crt_t root = search->roots->pdata[i];
    g_autoptr (GError) error = NULL;

    if (!has_issued (root, last) || search->n_tries++ >= MAX_TRIES)
      continue;
    path->certificates[path->n_certificates++] = root;
    if (check_path (path, search->now_s, &error))
      return TRUE;
    path->n_certificates--;
    if (search->first == NULL)
      search->first = g_steal_pointer (&error);
  }
  return FALSE;
}

/* Depth first, as the reference does. @path has room: no intermediate stands on
 * it twice, and there are fewer than FOYER_CAST_MAX_CERTIFICATES. */
static gboolean
search_from (Search *search, FoyerCastPath *path)
{
  gnutls_x509_crt_t last = path->certificates[path->n_certificates - 1];

  if (try_roots (search, path))
    return TRUE;
  for (guint i = 0; i < search->intermediates->len; i++) {
    gnutls_x509_crt_t issuer = search->intermediates->pdata[i];

    if (is_on_path (path, issuer) || !has_issued (issuer, last))
      continue;
    if (search->n_steps++ >= MAX_STEPS)
      return FALSE;
    path->certificates[path->n_certificates++] = issuer;
    if (search_from (search, path))
      return TRUE;
    path->n_certificates--;
  }
  return FALSE;
}

gboolean
foyer_cast_chain_verify (gnutls_x509_crt_t leaf, const GPtrArray *intermediates,
    const GPtrArray *roots, gint64 now_s, FoyerCastPath *path, GError **error)
{
  Search search = { intermediates, roots, now_s, 0, 0, NULL };

  *path = (FoyerCastPath){ .certificates = { leaf }, .n_certificates = 1 };
  if (intermediates->len >= FOYER_CAST_MAX_CERTIFICATES)
    return fail (error, "chain has too many certificates");
  if (!check_leaf (leaf, now_s, error))
    return FALSE;
  if (search_from (&search, path)) {
    g_clear_error (&search.first);
    if (path->has_expired_issuer)
      g_debug ("an issuer of the display's certificate has expired");
    return TRUE;
  }
  if (search.first == NULL)
    return fail (error, "chain leads to no trusted root");
  g_propagate_error (error, search.first);
  return FALSE;
}
