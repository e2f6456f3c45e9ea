/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-maker.h"

#include "foyer-random.h"

#define RSA_BITS     2048
#define SERIAL_BYTES 16
#define DAY_S        ((gint64) 24 * 60 * 60)
#define LIFE_S       (20 * 365 * DAY_S)
#define TLS_EARLY_S  ((gint64) 60 * 60)
#define TLS_LIFE_S   (2 * DAY_S)
#define KEY_ID_BYTES 20
/* 2024-01-01. A board without a clock battery starts in 1970: what it makes
 * then must still be valid once it knows the time. */
#define EARLIEST_S ((gint64) 1704067200)

typedef struct
{
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
} Pair;

/* What a certificate is to be. */
typedef struct
{
  const char *name;
  unsigned int usage;
  int path_length; /* -1: no authority */
  const char *purpose;
  gint64 from_s;
  gint64 to_s;
} Plan;

static void
pair_clear (Pair *self)
{
  g_clear_pointer (&self->certificate, gnutls_x509_crt_deinit);
  g_clear_pointer (&self->key, gnutls_x509_privkey_deinit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

void
foyer_cast_maker_free_secret (char *text)
{
  if (text != NULL)
    gnutls_memset (text, 0, strlen (text));
  g_free (text);
}

static gboolean
fail (GError **error, const char *what, int result)
{
  g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_CREDENTIALS, "%s: %s",
      what, gnutls_strerror (result));
  return FALSE;
}

static int
set_serial (gnutls_x509_crt_t certificate)
{
  guint8 serial[SERIAL_BYTES];

  foyer_random_fill (serial, sizeof serial);
  /* neither negative nor with a leading zero */
  serial[0] = (guint8) ((serial[0] & 0x3f) | 0x40);
  return gnutls_x509_crt_set_serial (certificate, serial, sizeof serial);
}

static int
set_subject (gnutls_x509_crt_t certificate, const Plan *plan)
{
  int result = gnutls_x509_crt_set_version (certificate, 3);

  if (result >= 0)
    result = set_serial (certificate);
  if (result >= 0)
    result = gnutls_x509_crt_set_activation_time (certificate, plan->from_s);
  if (result >= 0)
    result = gnutls_x509_crt_set_expiration_time (certificate, plan->to_s);
  if (result >= 0)
    result = gnutls_x509_crt_set_dn_by_oid (certificate,
        GNUTLS_OID_X520_COMMON_NAME, 0, plan->name,
        (unsigned int) strlen (plan->name));
  return result;
}

static int
set_extensions (gnutls_x509_crt_t certificate, const Plan *plan)
{
  int result = gnutls_x509_crt_set_key_usage (certificate, plan->usage);

  if (result >= 0)
    result = gnutls_x509_crt_set_basic_constraints (certificate,
        plan->path_length >= 0, plan->path_length);
  if (result >= 0 && plan->purpose != NULL)
    result = gnutls_x509_crt_set_key_purpose_oid (certificate, plan->purpose,
        0);
  return result;
}

/* Who is meant by a key, when two roots share a name. */
static int
set_key_ids (gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer)
{
  guint8 own[KEY_ID_BYTES], issuers[KEY_ID_BYTES];
  size_t n_own = sizeof own, n_issuers = sizeof issuers;
  int result = gnutls_x509_crt_get_key_id (certificate, 0, own, &n_own);

  if (result >= 0)
    result = gnutls_x509_crt_get_key_id (issuer, 0, issuers, &n_issuers);
  if (result >= 0)
    result = gnutls_x509_crt_set_subject_key_id (certificate, own, n_own);
  if (result >= 0)
    result = gnutls_x509_crt_set_authority_key_id (certificate, issuers,
        n_issuers);
  return result;
}

/* Makes @out from its key, signed by @issuer, which may be itself. */
static gboolean
sign (Pair *out, const Plan *plan, const Pair *issuer, GError **error)
{
  int result = gnutls_x509_crt_init (&out->certificate);

  if (result >= 0)
    result = set_subject (out->certificate, plan);
  if (result >= 0)
    result = gnutls_x509_crt_set_key (out->certificate, out->key);
  if (result >= 0)
    result = set_extensions (out->certificate, plan);
  if (result >= 0)
    result = set_key_ids (out->certificate, issuer->certificate);
  if (result >= 0)
    result = gnutls_x509_crt_sign2 (out->certificate, issuer->certificate,
        issuer->key, GNUTLS_DIG_SHA256, 0);
  return result >= 0 || fail (error, "making a certificate", result);
}

static gboolean
make_key (Pair *out, gnutls_pk_algorithm_t algorithm, unsigned int bits,
    GError **error)
{
  int result = gnutls_x509_privkey_init (&out->key);

  if (result >= 0)
    result = gnutls_x509_privkey_generate (out->key, algorithm, bits, 0);
  return result >= 0 || fail (error, "making a key", result);
}

static gboolean
make_rsa (Pair *out, const Plan *plan, const Pair *issuer, GError **error)
{
  return make_key (out, GNUTLS_PK_RSA, RSA_BITS, error) &&
      sign (out, plan, issuer, error);
}

static gboolean
put_certificate (GString *out, gnutls_x509_crt_t certificate, GError **error)
{
  gnutls_datum_t pem = { NULL, 0 };
  int result = gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem);

  if (result < 0)
    return fail (error, "printing a certificate", result);
  g_string_append_len (out, (const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return TRUE;
}

static gboolean
put_key (GString *out, gnutls_x509_privkey_t key, GError **error)
{
  gnutls_datum_t pem = { NULL, 0 };
  int result = gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM,
      NULL, GNUTLS_PKCS_PLAIN, &pem);

  if (result < 0)
    return fail (error, "printing a key", result);
  g_string_append_len (out, (const char *) pem.data, pem.size);
  gnutls_memset (pem.data, 0, pem.size);
  gnutls_free (pem.data);
  return TRUE;
}

/* A text with room for all that is put into it, so that no copy of a key is
 * left behind by growing. */
#define SECRET_ROOM_BYTES 16384

static void
free_secret_string (GString *text)
{
  foyer_cast_maker_free_secret (g_string_free (text, FALSE));
}

static char *
finish (GString *text, gboolean is_good)
{
  if (is_good)
    return g_string_free (text, FALSE);
  free_secret_string (text);
  return NULL;
}

static gboolean
make_chain (Pair *root, Pair *intermediate, Pair *device, gint64 now_s,
    GError **error)
{
  gint64 from_s = MAX (now_s, EARLIEST_S) - DAY_S;
  Plan plan = { "Foyer Display Root", GNUTLS_KEY_KEY_CERT_SIGN, 1, NULL, from_s,
    from_s + LIFE_S };

  if (!make_rsa (root, &plan, root, error))
    return FALSE;
  plan.name = "Foyer Display Intermediate";
  plan.path_length = 0;
  if (!make_rsa (intermediate, &plan, root, error))
    return FALSE;
  plan.name = "Foyer Display";
  plan.usage = GNUTLS_KEY_DIGITAL_SIGNATURE;
  plan.path_length = -1;
  plan.purpose = GNUTLS_KP_TLS_WWW_CLIENT;
  return make_rsa (device, &plan, intermediate, error);
}

char *
foyer_cast_maker_print_identity (gint64 now_s, char **root_pem, GError **error)
{
  g_auto (Pair) root = { NULL, NULL };
  g_auto (Pair) intermediate = { NULL, NULL };
  g_auto (Pair) device = { NULL, NULL };
  g_autoptr (GString) root_text = g_string_new (NULL);
  GString *text;
  gboolean is_good;

  if (!make_chain (&root, &intermediate, &device, now_s, error) ||
      !put_certificate (root_text, root.certificate, error))
    return NULL;
  text = g_string_sized_new (SECRET_ROOM_BYTES);
  is_good = put_key (text, device.key, error) &&
      put_certificate (text, device.certificate, error) &&
      put_certificate (text, intermediate.certificate, error) &&
      put_certificate (text, root.certificate, error);
  if (is_good)
    *root_pem = g_string_free (g_steal_pointer (&root_text), FALSE);
  return finish (text, is_good);
}

static char *
print_pair (const Pair *pair, GError **error)
{
  GString *text = g_string_sized_new (SECRET_ROOM_BYTES);

  return finish (text,
      put_certificate (text, pair->certificate, error) &&
          put_key (text, pair->key, error));
}

/* ECDSA, for it is made anew every day, in a blink; only the device certificate
 * must be RSA. */
GTlsCertificate *
foyer_cast_maker_make_tls (gint64 now_s, GError **error)
{
  const Plan plan = { "Foyer Display", GNUTLS_KEY_DIGITAL_SIGNATURE, -1, NULL,
    now_s - TLS_EARLY_S, now_s - TLS_EARLY_S + TLS_LIFE_S };
  g_auto (Pair) pair = { NULL, NULL };
  GTlsCertificate *made;
  char *pem;

  if (!make_key (&pair, GNUTLS_PK_ECDSA,
          GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), error) ||
      !sign (&pair, &plan, &pair, error))
    return NULL;
  pem = print_pair (&pair, error);
  if (pem == NULL)
    return NULL;
  made = g_tls_certificate_new_from_pem (pem, -1, error);
  foyer_cast_maker_free_secret (pem);
  return made;
}
