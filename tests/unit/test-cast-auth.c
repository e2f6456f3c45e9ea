/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-auth.h"
#include "foyer-cast-error.h"
#include "foyer-test-data.h"
#include "foyer-test-folder.h"
#include "foyer-test-reply.h"
#include "foyer-test-x509.h"

#define ON_2019_12_12 ((gint64) 1576108800)
#define ON_2019_12_17 ((gint64) 1576540800)
#define ON_2019_12_19 ((gint64) 1576713600)
#define ON_2026_11_22 ((gint64) 1795305600)
#define HOUR_S        ((gint64) 3600)
#define DAY_S         (24 * HOUR_S)

#define GOOD -1 /* no problem */

#define AUTH "openscreen/auth/"
#define MINE "certificates/"

#define RECORDED_NONCE "1e42401c2bbc67f464be027c37114b44"
#define DEVICE_FINGERPRINT \
  "sha256:8044c13da8ec4eba090694f7207025ac08b60c65389b9424ec04e630a0c1306c"

static const guint8 our_nonce[FOYER_CAST_NONCE_BYTES] = { 0, 1, 2, 3, 4, 5, 6,
  7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const guint8 other_nonce[FOYER_CAST_NONCE_BYTES] = { 0, 1, 2, 3, 4, 5, 6,
  7, 8, 9, 10, 11, 12, 13, 14, 16 };

static void
test_challenge_is_known (void)
{
  g_autoptr (GBytes) challenge = foyer_cast_auth_print_challenge (our_nonce);

  foyer_test_assert_hex (g_bytes_get_data (challenge, NULL),
      g_bytes_get_size (challenge),
      "0a141210000102030405060708090a0b0c0d0e0f1801");
}

/* The payload of the CastMessage that openscreen recorded. */
static void
test_challenge_is_the_recorded_one (void)
{
  g_autoptr (GBytes) recorded = foyer_test_load (AUTH "auth_challenge.pb");
  g_autoptr (GBytes) nonce = foyer_test_hex (RECORDED_NONCE);
  g_autoptr (GBytes) challenge = foyer_cast_auth_print_challenge (
      g_bytes_get_data (nonce, NULL));
  gsize n_bytes = g_bytes_get_size (challenge);

  g_assert_cmpmem ((const guint8 *) g_bytes_get_data (recorded, NULL) +
          g_bytes_get_size (recorded) - n_bytes,
      n_bytes, g_bytes_get_data (challenge, NULL), n_bytes);
}

/* openscreen's recorded answer and what it was given for. */
typedef struct
{
  GByteArray *reply;
  GBytes *nonce;
  GByteArray *tls_leaf;
  FoyerCastTrust *trust;
} Recorded;

static FoyerCastTrust *
trust_pem (const char *pem)
{
  g_autofree char *folder = foyer_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "roots.pem", NULL);
  g_autoptr (GError) error = NULL;
  FoyerCastTrust *trust;

  foyer_test_folder_write (folder, "roots.pem", pem, 0600);
  trust = foyer_cast_trust_new_from_file (path, &error);
  g_assert_no_error (error);
  foyer_test_folder_remove (folder);
  return trust;
}

static FoyerCastTrust *
trust_last (const char *name)
{
  g_autoptr (GBytes) pem = foyer_test_load (name);
  g_autofree char *text = g_strndup (g_bytes_get_data (pem, NULL),
      g_bytes_get_size (pem));

  return trust_pem (g_strrstr (text, "-----BEGIN"));
}

static void
recorded_init (Recorded *self)
{
  g_autoptr (GBytes) response = foyer_test_load (AUTH "auth_response.pb");
  g_autoptr (GBytes) wrapped = foyer_test_hex ("129510"); /* 2069 bytes */

  self->reply = g_byte_array_new ();
  g_byte_array_append (self->reply, g_bytes_get_data (wrapped, NULL), 3);
  g_byte_array_append (self->reply, g_bytes_get_data (response, NULL),
      (guint) g_bytes_get_size (response));
  self->nonce = foyer_test_hex (RECORDED_NONCE);
  self->tls_leaf = g_bytes_unref_to_array (foyer_test_print_der (
      foyer_test_load_certificate (AUTH "device_tls.pem")));
  self->trust = trust_last (AUTH "device_chain.pem");
}

static void
recorded_clear (Recorded *self)
{
  g_byte_array_unref (self->reply);
  g_bytes_unref (self->nonce);
  g_byte_array_unref (self->tls_leaf);
  foyer_cast_trust_free (self->trust);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recorded, recorded_clear)

static void
recorded_verify (const Recorded *self, gint64 now_s,
    FoyerCastIdentity *identity)
{
  g_autoptr (GBytes) reply = g_bytes_new_static (self->reply->data,
      self->reply->len);
  g_autoptr (GBytes) leaf = g_bytes_new_static (self->tls_leaf->data,
      self->tls_leaf->len);

  foyer_cast_auth_verify (reply, g_bytes_get_data (self->nonce, NULL), leaf,
      self->trust, now_s, identity);
}

static void
test_recorded_is_accepted (void)
{
  g_auto (Recorded) recorded;
  g_auto (FoyerCastIdentity) identity = { NULL };

  recorded_init (&recorded);
  recorded_verify (&recorded, ON_2019_12_17, &identity);
  g_assert_no_error (identity.problem);
  g_assert_cmpstr (identity.fingerprint, ==, DEVICE_FINGERPRINT);
  g_assert_cmpstr (identity.name, ==, "Device");
  g_assert_true (identity.is_device);
  g_assert_true (identity.has_signed);
  g_assert_true (identity.has_chain);
  g_assert_false (identity.is_audio_only);
}

static void
assert_recorded_life (gint64 now_s, const char *what)
{
  g_auto (Recorded) recorded;
  g_auto (FoyerCastIdentity) identity = { NULL };

  recorded_init (&recorded);
  recorded_verify (&recorded, now_s, &identity);
  g_assert_error (identity.problem, FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_AUTH_TLS_LIFE);
  g_assert_nonnull (strstr (identity.problem->message, what));
  g_assert_cmpstr (identity.fingerprint, ==, DEVICE_FINGERPRINT);
  g_assert_false (identity.has_signed);
  g_assert_false (identity.has_chain);
}

static void
test_recorded_on_other_days (void)
{
  assert_recorded_life (ON_2019_12_12, "not valid yet");
  assert_recorded_life (ON_2019_12_19, "expired");
}

/* Each byte would take long; these are all kinds of them, and all of the small
 * fields at the end. */
#define STRIDE     37
#define TAIL_BYTES 24

/* Where a changed bit may pass: the tags of fields that are as their default,
 * and of the empty crl. Offsets are those of the recorded bytes. */
static gboolean
is_idle_byte (guint at)
{
  return at == 3 + 2045 || at == 3 + 2067;
}

static void
test_recorded_with_bytes_changed (void)
{
  g_auto (Recorded) recorded;

  recorded_init (&recorded);
  g_assert_cmpuint (recorded.reply->data[3 + 2045], ==, 0x20);
  g_assert_cmpuint (recorded.reply->data[3 + 2067], ==, 0x3a);
  for (guint i = 0; i < recorded.reply->len;
       i += i + TAIL_BYTES < recorded.reply->len ? STRIDE : 1) {
    g_auto (FoyerCastIdentity) identity = { NULL };

    recorded.reply->data[i] ^= 0x01;
    recorded_verify (&recorded, ON_2019_12_17, &identity);
    if (!is_idle_byte (i)) {
      g_assert_false (identity.has_chain);
      g_assert_nonnull (identity.problem);
    }
    g_assert_nonnull (identity.fingerprint);
    recorded.reply->data[i] ^= 0x01;
  }
}

static void
test_recorded_with_tls_bytes_changed (void)
{
  g_auto (Recorded) recorded;

  recorded_init (&recorded);
  for (guint i = 0; i < recorded.tls_leaf->len; i += STRIDE) {
    g_auto (FoyerCastIdentity) identity = { NULL };

    recorded.tls_leaf->data[i] ^= 0x01;
    recorded_verify (&recorded, ON_2019_12_17, &identity);
    g_assert_false (identity.has_signed);
    g_assert_false (identity.has_chain);
    recorded.tls_leaf->data[i] ^= 0x01;
  }
}

static void
test_recorded_under_public_roots (void)
{
  g_auto (Recorded) recorded;
  g_auto (FoyerCastIdentity) identity = { NULL };

  recorded_init (&recorded);
  foyer_cast_trust_free (recorded.trust);
  recorded.trust = foyer_cast_trust_new_public ();
  recorded_verify (&recorded, ON_2019_12_17, &identity);
  g_assert_error (identity.problem, FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_AUTH_CHAIN);
  g_assert_true (identity.has_signed);
  g_assert_false (identity.has_chain);
}

/* One reply, wrong in a single thing each; see the fields' defaults below. */
typedef struct
{
  const char *title;
  int problem;
  gboolean is_device, has_signed, has_chain, is_audio_only;
  const char *device;                /* "device" */
  const char *intermediates;         /* "intermediate" */
  const char *key;                   /* "device" */
  const char *tls;                   /* "tls": of this connection */
  const char *signed_tls;            /* that one */
  const guint8 *signed_nonce;        /* ours */
  const guint8 *nonce;               /* that one */
  gsize n_nonce_bytes;               /* 16 */
  gnutls_sign_algorithm_t algorithm; /* RSA over SHA-256 */
  int signature_algorithm;           /* 1 */
  int hash_algorithm;                /* 1, one more than on the wire */
  gint64 now_s;                      /* noon of 2026-11-22 */
  gboolean has_no_signature, has_no_nonce, is_reversed, has_garbage_device;
} Case;

#define NONCE     FOYER_CAST_ERROR_AUTH_NONCE
#define LIFE      FOYER_CAST_ERROR_AUTH_TLS_LIFE
#define SIGNATURE FOYER_CAST_ERROR_AUTH_SIGNATURE
#define CHAIN     FOYER_CAST_ERROR_AUTH_CHAIN
#define EXPIRED   FOYER_CAST_ERROR_AUTH_EXPIRED

/* clang-format off */
#define SEEN     .is_device = TRUE
#define PROVEN   SEEN, .has_signed = TRUE
#define TRUSTED  .problem = GOOD, PROVEN, .has_chain = TRUE

static const Case cases[] = {
  { "good", TRUSTED },
  { "SHA-1, as old displays", TRUSTED, .algorithm = GNUTLS_SIGN_RSA_SHA1,
    .hash_algorithm = -1 },
  { "SHA-1 by default", TRUSTED, .algorithm = GNUTLS_SIGN_RSA_SHA1,
    .hash_algorithm = -2 },
  { "algorithm by default", TRUSTED, .signature_algorithm = -2 },
  { "says SHA-1, is SHA-256", SIGNATURE, SEEN, .hash_algorithm = -1 },
  { "says SHA-256, is SHA-1", SIGNATURE, SEEN,
    .algorithm = GNUTLS_SIGN_RSA_SHA1 },
  { "SHA-512", SIGNATURE, SEEN, .algorithm = GNUTLS_SIGN_RSA_SHA512 },
  { "a hash nobody knows", SIGNATURE, SEEN, .hash_algorithm = 2 },
  { "says PSS", SIGNATURE, SEEN, .signature_algorithm = 2 },
  { "is PSS", SIGNATURE, SEEN, .algorithm = GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 },

  { "replayed", NONCE, SEEN, .signed_nonce = other_nonce },
  { "replayed, with our nonce on it", SIGNATURE, SEEN,
    .signed_nonce = other_nonce, .nonce = our_nonce },
  { "ours, with another nonce on it", NONCE, SEEN, .nonce = other_nonce },
  { "nonce cut", NONCE, SEEN, .nonce = our_nonce, .n_nonce_bytes = 15 },
  { "no nonce, as of 2014", NONCE, SEEN, .has_no_nonce = TRUE },

  { "no signature", SIGNATURE, SEEN, .has_no_signature = TRUE },
  { "right chain, wrong key", SIGNATURE, SEEN, .key = "other" },
  { "TLS certificate swapped", SIGNATURE, SEEN, .tls = "tls_v1",
    .signed_tls = "tls" },
  { "certificate before nonce", SIGNATURE, SEEN, .is_reversed = TRUE },

  { "TLS of version 1", TRUSTED, .tls = "tls_v1" },
  { "TLS at its first second", TRUSTED, .now_s = ON_2026_11_22 },
  { "TLS before it", LIFE, SEEN, .now_s = ON_2026_11_22 - 1 },
  { "TLS at its last second", TRUSTED, .now_s = ON_2026_11_22 + 2 * DAY_S },
  { "TLS after it", LIFE, SEEN, .now_s = ON_2026_11_22 + 2 * DAY_S + 1 },
  { "TLS for four days", TRUSTED, .tls = "tls_four_days",
    .now_s = ON_2026_11_22 },
  { "TLS for five days", LIFE, SEEN, .tls = "tls_five_days" },
  { "TLS for five days, on the second", TRUSTED, .tls = "tls_five_days",
    .now_s = ON_2026_11_22 + DAY_S },
  { "TLS for five days, a second before", LIFE, SEEN, .tls = "tls_five_days",
    .now_s = ON_2026_11_22 + DAY_S - 1 },

  { "self-made", CHAIN, PROVEN, .device = "root_other", .key = "other" },
  { "unknown intermediate", CHAIN, PROVEN, .intermediates = "" },
  { "expired device", EXPIRED, PROVEN, .device = "device_expired" },
  { "device of later", EXPIRED, PROVEN, .device = "device_future" },
  { "expired intermediate", TRUSTED, .intermediates = "intermediate_expired" },
  { "intermediate of later", CHAIN, PROVEN,
    .intermediates = "intermediate_future" },
  { "MD5", CHAIN, PROVEN, .device = "device_md5" },
  { "superfluous and unsorted", TRUSTED,
    .intermediates = "tls root device intermediate" },
  { "most certificates", TRUSTED,
    .intermediates = "tls tls tls tls tls tls intermediate" },
  { "too many certificates", CHAIN, PROVEN,
    .intermediates = "tls tls tls tls tls tls tls intermediate" },
  { "key of 1024 bits", SIGNATURE, SEEN, .device = "device_small",
    .key = "small" },
  { "key of 8192 bits", SIGNATURE, SEEN, .device = "device_large",
    .key = "large" },
  { "elliptic key", SIGNATURE, SEEN, .device = "device_ec", .key = "ec",
    .algorithm = GNUTLS_SIGN_ECDSA_SHA256 },
  { "no device certificate", SIGNATURE, .has_garbage_device = TRUE },

  { "speaker", TRUSTED, .device = "device_audio", .is_audio_only = TRUE },
  { "speaker of an unknown root", CHAIN, PROVEN, .device = "device_audio",
    .intermediates = "", .is_audio_only = TRUE },
  { "speaker's certificate, not on the way", TRUSTED,
    .intermediates = "device_audio intermediate" },

  { "all wrong: life", LIFE, SEEN, .tls = "tls_five_days",
    .nonce = other_nonce, .key = "other", .intermediates = "" },
  { "then the nonce", NONCE, SEEN, .nonce = other_nonce, .key = "other",
    .intermediates = "" },
  { "then the signature", SIGNATURE, SEEN, .key = "other",
    .intermediates = "" },
};
/* clang-format on */

static const char *
or_name (const char *name, const char *usual)
{
  return name != NULL ? name : usual;
}

static GBytes *
load_der (const char *name)
{
  g_autofree char *file = g_strdup_printf (MINE "%s.pem", name);

  return foyer_test_print_der (foyer_test_load_certificate (file));
}

static GPtrArray *
load_named (const char *names)
{
  g_auto (GStrv) list = g_strsplit (names, " ", 0);
  GPtrArray *certificates = g_ptr_array_new ();

  for (guint i = 0; list[i] != NULL && list[i][0] != '\0'; i++) {
    g_autofree char *file = g_strdup_printf (MINE "%s.pem", list[i]);

    g_ptr_array_add (certificates, foyer_test_load_certificate (file));
  }
  return certificates;
}

static GBytes *
sign_case (const Case *it)
{
  g_autofree char *key = g_strdup_printf (MINE "%s_key.pem",
      or_name (it->key, "device"));
  g_autoptr (GBytes) tls = load_der (
      or_name (it->signed_tls, or_name (it->tls, "tls")));
  const guint8 *nonce = it->signed_nonce != NULL ? it->signed_nonce : our_nonce;
  gsize n_nonce = it->has_no_nonce ? 0 : FOYER_CAST_NONCE_BYTES;
  gsize n_tls;
  const guint8 *leaf = g_bytes_get_data (tls, &n_tls);
  gnutls_sign_algorithm_t algorithm = it->algorithm != 0
      ? it->algorithm
      : GNUTLS_SIGN_RSA_SHA256;

  if (it->has_no_signature)
    return g_bytes_new_static ("", 0);
  if (it->is_reversed)
    return foyer_test_sign (key, algorithm, leaf, n_tls, nonce, n_nonce);
  return foyer_test_sign (key, algorithm, nonce, n_nonce, leaf, n_tls);
}

/* In the table 0 is the usual value, -1 is 0, and -2 no field. */
static int
get_number (int listed)
{
  if (listed == 0)
    return 1;
  return listed > 0 ? listed : -1 - listed == 0 ? 0 : -1;
}

static GBytes *
print_case (const Case *it)
{
  g_autoptr (GBytes) signature = sign_case (it);
  g_autoptr (GBytes) device = it->has_garbage_device
      ? foyer_test_hex ("300330033003")
      : load_der (or_name (it->device, "device"));
  g_autoptr (GPtrArray) intermediates = load_named (
      or_name (it->intermediates, "intermediate"));
  FoyerTestReply reply = {
    .signature = signature,
    .device = device,
    .intermediates = intermediates,
    .nonce = it->signed_nonce != NULL ? it->signed_nonce : our_nonce,
    .n_nonce_bytes = it->n_nonce_bytes > 0 ? it->n_nonce_bytes
                                           : FOYER_CAST_NONCE_BYTES,
    .signature_algorithm = get_number (it->signature_algorithm),
    .hash_algorithm = get_number (it->hash_algorithm),
  };

  if (it->nonce != NULL)
    reply.nonce = it->nonce;
  if (it->has_no_nonce)
    reply.nonce = NULL;
  return foyer_test_print_reply (&reply);
}

static void
assert_identity (const Case *it, const FoyerCastIdentity *identity)
{
  g_test_message ("%s: %s", it->title,
      identity->problem != NULL ? identity->problem->message : "good");
  if (it->problem == GOOD)
    g_assert_no_error (identity->problem);
  else
    g_assert_error (identity->problem, FOYER_CAST_ERROR, it->problem);
  g_assert_cmpint (identity->is_device, ==, it->is_device);
  g_assert_cmpint (identity->has_signed, ==, it->has_signed);
  g_assert_cmpint (identity->has_chain, ==, it->has_chain);
  g_assert_cmpint (identity->is_audio_only, ==, it->is_audio_only);
}

static void
test_cases (void)
{
  g_autoptr (FoyerCastTrust) trust = trust_last (MINE "root.pem");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *it = &cases[i];
    g_autoptr (GBytes) reply = print_case (it);
    g_autoptr (GBytes) leaf = load_der (or_name (it->tls, "tls"));
    g_auto (FoyerCastIdentity) identity = { NULL };

    foyer_cast_auth_verify (reply, our_nonce, leaf, trust,
        it->now_s != 0 ? it->now_s : ON_2026_11_22 + 12 * HOUR_S, &identity);
    assert_identity (it, &identity);
  }
}

static void
test_unreadable_tls (void)
{
  static const Case usual = { .title = "usual" };
  g_autoptr (FoyerCastTrust) trust = trust_last (MINE "root.pem");
  g_autoptr (GBytes) reply = print_case (&usual);
  g_autoptr (GBytes) leaf = foyer_test_hex ("3000");
  g_auto (FoyerCastIdentity) identity = { NULL };
  g_auto (FoyerCastIdentity) silent = { NULL };

  foyer_cast_auth_verify (reply, our_nonce, leaf, trust, ON_2026_11_22,
      &identity);
  g_assert_error (identity.problem, FOYER_CAST_ERROR, LIFE);
  g_assert_cmpstr (identity.name, ==, "Test Device");
  foyer_cast_auth_verify (NULL, our_nonce, leaf, trust, ON_2026_11_22, &silent);
  g_assert_cmpstr (silent.fingerprint, ==, "unknown");
  g_assert_null (silent.name);
}

/* What a display without device authentication says. */
static const struct
{
  const char *reply;
  int problem;
} silences[] = {
  { NULL, FOYER_CAST_ERROR_AUTH_UNSUPPORTED },
  { "1a020800", FOYER_CAST_ERROR_AUTH_UNSUPPORTED },
  { "1a020801", FOYER_CAST_ERROR_AUTH_UNSUPPORTED },
  { "1a020802", FOYER_CAST_ERROR_AUTH_UNSUPPORTED },
  { "0a00", FOYER_CAST_ERROR_AUTH_UNSUPPORTED },
  { "0a141210000102030405060708090a0b0c0d0e0f1801",
      FOYER_CAST_ERROR_AUTH_UNSUPPORTED },
  { "", FOYER_CAST_ERROR_MALFORMED },
  { "1200", FOYER_CAST_ERROR_MALFORMED },
  { "ffff", FOYER_CAST_ERROR_MALFORMED },
};

static char *
get_tls_fingerprint (void)
{
  size_t n_bytes = 32;
  guint8 hash[32];
  GString *text = g_string_new ("sha256:");

  g_assert_cmpint (gnutls_x509_crt_get_key_id (foyer_test_load_certificate (
                                                   MINE "tls.pem"),
                       GNUTLS_KEYID_USE_SHA256, hash, &n_bytes),
      ==, 0);
  for (guint i = 0; i < n_bytes; i++)
    g_string_append_printf (text, "%02x", hash[i]);
  return g_string_free (text, FALSE);
}

static void
test_without_device_authentication (void)
{
  g_autoptr (FoyerCastTrust) trust = foyer_cast_trust_new_public ();
  g_autoptr (GBytes) leaf = load_der ("tls");
  g_autofree char *fingerprint = get_tls_fingerprint ();

  for (guint i = 0; i < G_N_ELEMENTS (silences); i++) {
    g_autoptr (GBytes) reply = silences[i].reply != NULL
        ? foyer_test_hex (silences[i].reply)
        : NULL;
    g_auto (FoyerCastIdentity) identity = { NULL };

    foyer_cast_auth_verify (reply, our_nonce, leaf, trust, ON_2026_11_22,
        &identity);
    g_assert_error (identity.problem, FOYER_CAST_ERROR, silences[i].problem);
    g_assert_false (identity.is_device);
    g_assert_false (identity.has_signed);
    g_assert_cmpstr (identity.fingerprint, ==, fingerprint);
    g_assert_cmpstr (identity.name, ==, "Test TLS");
  }
}

static void
test_too_large (void)
{
  g_autoptr (FoyerCastTrust) trust = foyer_cast_trust_new_public ();
  g_autoptr (GBytes) leaf = load_der ("tls");
  g_autoptr (GBytes) reply =
      g_bytes_new_take (g_malloc0 (FOYER_CAST_MAX_MESSAGE_BYTES + 1),
          FOYER_CAST_MAX_MESSAGE_BYTES + 1);
  g_auto (FoyerCastIdentity) identity = { NULL };

  foyer_cast_auth_verify (reply, our_nonce, leaf, trust, ON_2026_11_22,
      &identity);
  g_assert_error (identity.problem, FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_MALFORMED);
}

/* A list of withdrawn keys within the reply, end to end. */
static void
assert_revocation (const char *list, int problem)
{
  g_auto (Recorded) recorded;
  g_autofree char *path = g_strdup_printf (AUTH "%s_crl.pb", list);
  g_autoptr (GBytes) crl = foyer_test_load (path);
  g_autoptr (GBytes) pem = foyer_test_load (AUTH "crl_root.pem");
  g_autoptr (GBytes) chain = foyer_test_load (AUTH "device_chain.pem");
  g_autofree char *roots = g_strdup_printf ("%.*s%s",
      (int) g_bytes_get_size (pem), (const char *) g_bytes_get_data (pem, NULL),
      g_strrstr_len (g_bytes_get_data (chain, NULL),
          (gssize) g_bytes_get_size (chain), "-----BEGIN"));
  g_auto (FoyerCastIdentity) identity = { NULL };
  guint8 tail[3] = { 0x3a, 0, 0 };
  gsize n_crl = g_bytes_get_size (crl);
  gsize n_all;

  recorded_init (&recorded);
  foyer_cast_trust_free (recorded.trust);
  recorded.trust = trust_pem (roots);
  /* the empty crl makes way */
  tail[1] = (guint8) (n_crl | 0x80);
  tail[2] = (guint8) (n_crl >> 7);
  g_byte_array_set_size (recorded.reply, recorded.reply->len - 2);
  g_byte_array_append (recorded.reply, tail, 3);
  g_byte_array_append (recorded.reply, g_bytes_get_data (crl, NULL),
      (guint) n_crl);
  n_all = recorded.reply->len - 3;
  recorded.reply->data[1] = (guint8) (n_all | 0x80);
  recorded.reply->data[2] = (guint8) (n_all >> 7);
  recorded_verify (&recorded, ON_2019_12_17, &identity);
  if (problem == GOOD)
    g_assert_no_error (identity.problem);
  else
    g_assert_error (identity.problem, FOYER_CAST_ERROR, problem);
  g_assert_cmpint (identity.has_chain, ==, problem == GOOD);
  g_assert_true (identity.has_signed);
}

static void
test_revocation (void)
{
  assert_revocation ("good", GOOD);
  assert_revocation ("device_revoked", FOYER_CAST_ERROR_AUTH_REVOKED);
  /* optional: one that can't be verified is not there */
  assert_revocation ("bad_signature", GOOD);
}

static void
add_verify_tests (void)
{
  g_test_add_func ("/cast-auth/challenge/is-known", test_challenge_is_known);
  g_test_add_func ("/cast-auth/challenge/is-the-recorded-one",
      test_challenge_is_the_recorded_one);
  g_test_add_func ("/cast-auth/recorded/is-accepted",
      test_recorded_is_accepted);
  g_test_add_func ("/cast-auth/recorded/on-other-days",
      test_recorded_on_other_days);
  g_test_add_func ("/cast-auth/recorded/with-bytes-changed",
      test_recorded_with_bytes_changed);
  g_test_add_func ("/cast-auth/recorded/with-tls-bytes-changed",
      test_recorded_with_tls_bytes_changed);
  g_test_add_func ("/cast-auth/recorded/under-public-roots",
      test_recorded_under_public_roots);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_verify_tests ();
  g_test_add_func ("/cast-auth/verify/cases", test_cases);
  g_test_add_func ("/cast-auth/verify/unreadable-tls", test_unreadable_tls);
  g_test_add_func ("/cast-auth/verify/without-device-authentication",
      test_without_device_authentication);
  g_test_add_func ("/cast-auth/verify/too-large", test_too_large);
  g_test_add_func ("/cast-auth/verify/revocation", test_revocation);
  return g_test_run ();
}
