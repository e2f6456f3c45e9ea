/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-chain.h"
#include "foyer-cast-trust.h"
#include "foyer-test-data.h"
#include "foyer-test-folder.h"
#include "foyer-test-x509.h"

/* Midnights, UTC. */
#define ON_2015_01_01 ((gint64) 1420070400)
#define ON_2016_04_01 ((gint64) 1459468800)
#define ON_2020_04_01 ((gint64) 1585699200)
#define ON_2025_03_10 ((gint64) 1741564800)
#define ON_2026_11_22 ((gint64) 1795305600)
#define ON_2032_12_13 ((gint64) 1986508800)
#define ON_2037_03_01 ((gint64) 2119478400)

#define GOOD         0
#define AUDIO_POLICY "1.3.6.1.4.1.11129.2.5.2"

#define CHAIN   FOYER_CAST_ERROR_AUTH_CHAIN
#define EXPIRED FOYER_CAST_ERROR_AUTH_EXPIRED

static void
assert_verdict (GError *error, int code, const char *what)
{
  if (code == GOOD) {
    g_assert_no_error (error);
    return;
  }
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, FOYER_CAST_ERROR, code);
  if (what != NULL)
    g_assert_nonnull (strstr (error->message, what));
}

/* The anchors are a name and a key; what they hold is what the published
 * certificates do. */
static void
assert_root (gnutls_x509_crt_t root, const char *name, const char *fingerprint,
    int path_length)
{
  g_autofree char *seen = foyer_cast_certificate_dup_fingerprint (root);
  gnutls_datum_t dn = { NULL, 0 };
  unsigned int is_ca = 0;
  int seen_length = 0;

  g_assert_cmpint (gnutls_x509_crt_get_dn3 (root, &dn, 0), ==, 0);
  g_assert_cmpstr ((char *) dn.data, ==, name);
  gnutls_free (dn.data);
  g_assert_cmpstr (seen, ==, fingerprint);
  g_assert_cmpint (gnutls_x509_crt_get_basic_constraints (root, NULL, &is_ca,
                       &seen_length),
      >=, 0);
  g_assert_cmpuint (is_ca, ==, 1);
  g_assert_cmpint (seen_length, ==, path_length);
}

static void
test_public_roots_are_the_published (void)
{
  g_autoptr (FoyerCastTrust) trust = foyer_cast_trust_new_public ();
  const GPtrArray *roots = foyer_cast_trust_get_roots (trust);
  const GPtrArray *crl_roots = foyer_cast_trust_get_crl_roots (trust);

  g_assert_cmpuint (roots->len, ==, 2);
  assert_root (roots->pdata[0],
      "CN=Cast Root CA,OU=Cast,O=Google Inc,L=Mountain View,ST=California,C=US",
      "sha256:b49cf037e09fa232a6116551b6f29ad500cd73d9045a22cf6402b9e5fd200fac",
      2);
  assert_root (roots->pdata[1],
      "CN=Eureka Root CA,OU=Google TV,O=Google Inc,L=Mountain View,ST=California,C=US",
      "sha256:2895524c80c5afea468334779829a850dde7337fa086fe340f492c1a5b9f1765",
      -1);
  g_assert_cmpuint (crl_roots->len, ==, 1);
  assert_root (crl_roots->pdata[0],
      "CN=Cast CRL Root CA,OU=Cast,O=Google Inc,L=Mountain View,ST=California,C=US",
      "sha256:4629beda622315f9195e8c54953df7a2fc50c4091ab650aa7beae970a847b4d7",
      1);
}

/* Byte for byte the names that are compared. */
static void
test_public_root_has_the_raw_name (void)
{
  g_autoptr (FoyerCastTrust) trust = foyer_cast_trust_new_public ();
  gnutls_x509_crt_t published = foyer_test_load_certificate (
      "openscreen/chains/cast_root_ca.pem");
  gnutls_datum_t ours = { NULL, 0 }, theirs = { NULL, 0 };

  g_assert_cmpint (gnutls_x509_crt_get_raw_dn (
                       foyer_cast_trust_get_roots (trust)->pdata[0], &ours),
      ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_raw_dn (published, &theirs), ==, 0);
  g_assert_cmpmem (ours.data, ours.size, theirs.data, theirs.size);
  gnutls_free (ours.data);
  gnutls_free (theirs.data);
}

typedef struct
{
  const char *name;
  gint64 now_s;
  int code;
  gboolean is_for_audio;
  const char *what;
} Vector;

static gboolean
is_for_audio (const FoyerCastPath *path)
{
  for (guint i = 0; i < path->n_certificates; i++) {
    if (foyer_cast_certificate_has_policy (path->certificates[i], AUDIO_POLICY))
      return TRUE;
  }
  return FALSE;
}

static void
run_vector (const Vector *vector, GPtrArray *chain, const GPtrArray *roots)
{
  gnutls_x509_crt_t leaf = chain->pdata[0];
  g_autoptr (GError) error = NULL;
  FoyerCastPath path;

  g_test_message ("%s at %" G_GINT64_FORMAT, vector->name, vector->now_s);
  g_ptr_array_remove_index (chain, 0);
  g_assert_cmpint (foyer_cast_chain_verify (leaf, chain, roots, vector->now_s,
                       &path, &error),
      ==, vector->code == GOOD);
  assert_verdict (error, vector->code, vector->what);
  if (vector->code == GOOD)
    g_assert_cmpint (is_for_audio (&path), ==, vector->is_for_audio);
}

/* Chains of real devices, and what openscreen expects of them under the public
 * roots (cast_cert_validator_unittest.cc); then where we differ. */
static const Vector public_vectors[] = {
  { "chromecast_gen1", ON_2016_04_01, GOOD, FALSE, NULL },
  { "chromecast_gen1_reissue", ON_2016_04_01, GOOD, FALSE, NULL },
  { "chromecast_gen2", ON_2016_04_01, GOOD, FALSE, NULL },
  { "fugu", ON_2016_04_01, GOOD, FALSE, NULL },
  { "vizio", ON_2016_04_01, GOOD, FALSE, NULL },
  { "chromecast_audio", ON_2016_04_01, GOOD, TRUE, NULL },
  { "mtk_audio_dev", ON_2015_01_01, GOOD, TRUE, NULL },
  { "audio_ref_dev_test_chain_3", ON_2016_04_01, GOOD, TRUE, NULL },
  { "unchained", ON_2016_04_01, CHAIN, FALSE, "no trusted root" },
  { "cast_root_ca", ON_2016_04_01, CHAIN, FALSE, "may sign" },
  { "chromecast_gen2", ON_2015_01_01, EXPIRED, FALSE, NULL },
  { "chromecast_gen2", ON_2037_03_01, EXPIRED, FALSE, NULL },
  /* openscreen refuses: the intermediate ended on 2025-03-09. It is the display
   * of many who can't help it; so it passes, until its own end. */
  { "chromecast_gen2", ON_2025_03_10, GOOD, FALSE, NULL },
  { "chromecast_gen2", ON_2026_11_22, GOOD, FALSE, NULL },
  { "chromecast_gen1_reissue", ON_2026_11_22, GOOD, FALSE, NULL },
  { "chromecast_gen1", ON_2032_12_13, GOOD, FALSE, NULL },
  { "vizio", ON_2026_11_22, EXPIRED, FALSE, NULL },
};

static void
test_public_chains (void)
{
  g_autoptr (FoyerCastTrust) trust = foyer_cast_trust_new_public ();

  for (guint i = 0; i < G_N_ELEMENTS (public_vectors); i++) {
    g_autofree char *file = g_strdup_printf ("openscreen/chains/%s.pem",
        public_vectors[i].name);
    g_autoptr (GPtrArray) chain = foyer_test_load_certificates (file);

    run_vector (&public_vectors[i], chain, foyer_cast_trust_get_roots (trust));
  }
}

/* Chains whose last certificate is the root. */
static const Vector own_vectors[] = {
  { "expired_root", ON_2016_04_01, GOOD, FALSE, NULL },
  { "rsa2048_device_cert", ON_2016_04_01, GOOD, FALSE, NULL },
  { "rsa1024_device_cert", ON_2016_04_01, CHAIN, FALSE, "1024 bits" },
  { "violates_root_pathlen_constraint", ON_2016_04_01, CHAIN, FALSE,
      "not verified" },
  { "nc", ON_2020_04_01, GOOD, FALSE, NULL },
  { "nc_fail", ON_2020_04_01, CHAIN, FALSE, "that name" },
  { "policies_ica_anypolicy_leaf_anypolicy", ON_2016_04_01, GOOD, FALSE, NULL },
  { "policies_ica_anypolicy_leaf_audioonly", ON_2016_04_01, GOOD, TRUE, NULL },
  { "policies_ica_anypolicy_leaf_foo", ON_2016_04_01, GOOD, FALSE, NULL },
  { "policies_ica_anypolicy_leaf_none", ON_2016_04_01, GOOD, FALSE, NULL },
  { "policies_ica_audioonly_leaf_anypolicy", ON_2016_04_01, GOOD, TRUE, NULL },
  { "policies_ica_audioonly_leaf_audioonly", ON_2016_04_01, GOOD, TRUE, NULL },
  { "policies_ica_audioonly_leaf_foo", ON_2016_04_01, GOOD, TRUE, NULL },
  { "policies_ica_audioonly_leaf_none", ON_2016_04_01, GOOD, TRUE, NULL },
  { "policies_ica_none_leaf_anypolicy", ON_2016_04_01, GOOD, FALSE, NULL },
  { "policies_ica_none_leaf_audioonly", ON_2016_04_01, GOOD, TRUE, NULL },
  { "policies_ica_none_leaf_foo", ON_2016_04_01, GOOD, FALSE, NULL },
  { "policies_ica_none_leaf_none", ON_2016_04_01, GOOD, FALSE, NULL },
};

static void
test_own_chains (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (own_vectors); i++) {
    g_autofree char *file = g_strdup_printf ("openscreen/chains/%s.pem",
        own_vectors[i].name);
    g_autoptr (GPtrArray) chain = foyer_test_load_certificates (file);
    g_autoptr (GPtrArray) roots = g_ptr_array_new ();

    g_ptr_array_add (roots, g_ptr_array_steal_index (chain, chain->len - 1));
    run_vector (&own_vectors[i], chain, roots);
  }
}

/* Certificates of one change each: device, intermediates in the order they are
 * sent, roots; names with blanks between. */
typedef struct
{
  const char *device;
  const char *intermediates;
  const char *roots;
  int code;
  const char *what;
} Line;

/* Both sides of each line. */
static const Line lines[] = {
  { "device", "intermediate", "root", GOOD, NULL },
  /* signatures */
  { "device_sha1", "intermediate", "root", GOOD, NULL },
  { "device_sha512", "intermediate", "root", GOOD, NULL },
  { "device_md5", "intermediate", "root", CHAIN, "not allowed" },
  { "device", "intermediate_sha1", "root", GOOD, NULL },
  { "device", "intermediate_md5", "root", CHAIN, "not allowed" },
  /* life */
  { "device_expired", "intermediate", "root", EXPIRED, NULL },
  { "device_future", "intermediate", "root", EXPIRED, NULL },
  { "device", "intermediate_expired", "root", GOOD, NULL },
  { "device", "intermediate_future", "root", CHAIN, "not valid yet" },
  { "device", "intermediate", "root_future", GOOD, NULL },
  /* keys */
  { "device_small", "intermediate", "root", CHAIN, "1024 bits" },
  { "device_large", "intermediate", "root", CHAIN, "8192 bits" },
  { "device_ec", "intermediate", "root", CHAIN, "not RSA" },
  { "device_by_weak", "intermediate_weak", "root", CHAIN, "1024 bits" },
  /* what the device key may do */
  { "device_no_usage", "intermediate", "root", CHAIN, "may sign" },
  { "device_no_sign", "intermediate", "root", CHAIN, "may sign" },
  /* who may issue */
  { "device", "intermediate_no_usage", "root", GOOD, NULL },
  { "device", "intermediate_no_sign", "root", CHAIN, "not verified" },
  { "device", "intermediate_not_ca", "root", CHAIN, "not verified" },
  { "device", "intermediate_no_constraints", "root", CHAIN, "not verified" },
  { "device", "intermediate_v1", "root", CHAIN, "not verified" },
  { "device", "intermediate", "root_no_sign", CHAIN, "not verified" },
  { "device", "intermediate", "root_path_0", CHAIN, "not verified" },
  /* what is not known */
  { "device_critical", "intermediate", "root", CHAIN, "not verified" },
  { "device", "intermediate_critical", "root", CHAIN, "not verified" },
  /* names */
  { "device", "intermediate_permitted", "root", GOOD, NULL },
  { "device", "intermediate_elsewhere", "root", CHAIN, "that name" },
  { "device_escape", "intermediate_elsewhere", "root", CHAIN, "that name" },
  { "device", "intermediate_excluded", "root", CHAIN, "not verified" },
  /* ways */
  { "device", "", "root", CHAIN, "no trusted root" },
  { "device", "intermediate", "", CHAIN, "no trusted root" },
  { "device", "intermediate", "root_other", CHAIN, "not verified" },
  { "device", "intermediate", "root_other root", GOOD, NULL },
  { "device", "intermediate_other_key", "root", CHAIN, "not verified" },
  { "device", "intermediate_other_key intermediate", "root", GOOD, NULL },
  { "device", "intermediate_md5 intermediate_future intermediate", "root", GOOD,
      NULL },
  { "device", "root tls device_audio intermediate root_other", "root", GOOD,
      NULL },
  { "device", "device device_sha1 root", "root", CHAIN, "no trusted root" },
  { "intermediate", "", "root", CHAIN, "may sign" },
};

static GPtrArray *
load_named (const char *names)
{
  g_auto (GStrv) list = g_strsplit (names, " ", 0);
  GPtrArray *certificates = g_ptr_array_new ();

  for (guint i = 0; list[i] != NULL && list[i][0] != '\0'; i++) {
    g_autofree char *file = g_strdup_printf ("certificates/%s.pem", list[i]);

    g_ptr_array_add (certificates, foyer_test_load_certificate (file));
  }
  return certificates;
}

static void
test_lines (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    const Line *line = &lines[i];
    g_autoptr (GPtrArray) device = load_named (line->device);
    g_autoptr (GPtrArray) intermediates = load_named (line->intermediates);
    g_autoptr (GPtrArray) roots = load_named (line->roots);
    g_autoptr (GError) error = NULL;
    FoyerCastPath path;

    g_test_message ("%s <- %s <- %s", line->device, line->intermediates,
        line->roots);
    g_assert_cmpint (foyer_cast_chain_verify (device->pdata[0], intermediates,
                         roots, ON_2026_11_22, &path, &error),
        ==, line->code == GOOD);
    assert_verdict (error, line->code, line->what);
  }
}

static void
test_path_is_what_was_used (void)
{
  g_autoptr (GPtrArray) device = load_named ("device");
  g_autoptr (GPtrArray) sent = load_named ("root tls intermediate_expired");
  g_autoptr (GPtrArray) roots = load_named ("root_other root");
  g_autoptr (GError) error = NULL;
  FoyerCastPath path;

  g_assert_true (foyer_cast_chain_verify (device->pdata[0], sent, roots,
      ON_2026_11_22, &path, &error));
  g_assert_cmpuint (path.n_certificates, ==, 3);
  g_assert_true (path.certificates[0] == device->pdata[0]);
  g_assert_true (path.certificates[1] == sent->pdata[2]);
  g_assert_true (path.certificates[2] == roots->pdata[1]);
  g_assert_true (path.has_expired_issuer);
}

/* The second of an end, and the one after. */
static void
test_life_to_the_second (void)
{
  g_autoptr (GPtrArray) device = load_named ("device_expired");
  g_autoptr (GPtrArray) sent = load_named ("intermediate");
  g_autoptr (GPtrArray) roots = load_named ("root");
  FoyerCastPath path;
  gint64 from_s, to_s;

  g_assert_true (
      foyer_cast_certificate_get_life (device->pdata[0], &from_s, &to_s));
  g_assert_cmpint (to_s, ==, 1767225600); /* 2026-01-01 */
  g_assert_true (foyer_cast_chain_verify (device->pdata[0], sent, roots, from_s,
      &path, NULL));
  g_assert_false (foyer_cast_chain_verify (device->pdata[0], sent, roots,
      from_s - 1, &path, NULL));
  g_assert_true (foyer_cast_chain_verify (device->pdata[0], sent, roots, to_s,
      &path, NULL));
  g_assert_false (foyer_cast_chain_verify (device->pdata[0], sent, roots,
      to_s + 1, &path, NULL));
}

/* Many issuers of one name, all wrong, and each its own issuer's name: the
 * search ends. */
static void
test_search_is_bounded (void)
{
  g_autoptr (GPtrArray) device = load_named ("device");
  g_autoptr (GPtrArray) sent = g_ptr_array_new ();
  g_autoptr (GPtrArray) roots = g_ptr_array_new ();
  g_autoptr (GPtrArray) over = g_ptr_array_new ();
  g_autoptr (GPtrArray) other = load_named ("root_other");
  g_autoptr (GError) error = NULL;
  FoyerCastPath path;

  for (guint i = 0; i < FOYER_CAST_MAX_CERTIFICATES - 1; i++)
    g_ptr_array_add (sent,
        foyer_test_load_certificate (
            "certificates/intermediate_other_key.pem"));
  for (guint i = 0; i < 1000; i++)
    g_ptr_array_add (roots, other->pdata[0]);
  g_assert_false (foyer_cast_chain_verify (device->pdata[0], sent, roots,
      ON_2026_11_22, &path, &error));
  assert_verdict (error, CHAIN, "not verified");
  for (guint i = 0; i < FOYER_CAST_MAX_CERTIFICATES; i++)
    g_ptr_array_add (over, sent->pdata[0]);
  g_clear_error (&error);
  g_assert_false (foyer_cast_chain_verify (device->pdata[0], over, roots,
      ON_2026_11_22, &path, &error));
  assert_verdict (error, CHAIN, "too many");
}

static FoyerCastTrust *
open_text (const char *text, GError **error)
{
  g_autofree char *folder = foyer_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "roots.pem", NULL);
  FoyerCastTrust *trust;

  foyer_test_folder_write (folder, "roots.pem", text, 0644);
  trust = foyer_cast_trust_new_from_file (path, error);
  if (trust == NULL)
    g_assert_nonnull (strstr ((*error)->message, path));
  foyer_test_folder_remove (folder);
  return trust;
}

static char *
load_text (const char *name)
{
  g_autoptr (GBytes) bytes = foyer_test_load (name);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_file_with_two_roots (void)
{
  g_autofree char *one = load_text ("certificates/root.pem");
  g_autofree char *two = load_text ("certificates/root_other.pem");
  g_autofree char *text = g_strconcat ("# ours\n", one, two, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerCastTrust) trust = open_text (text, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (foyer_cast_trust_get_roots (trust)->len, ==, 2);
  g_assert_cmpuint (foyer_cast_trust_get_crl_roots (trust)->len, ==, 2);
}

static void
assert_no_roots (const char *text, int code, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_text (text, &error));
  assert_verdict (error, code, what);
}

static void
test_file_without_roots (void)
{
  g_autofree char *device = load_text ("certificates/root_not_ca.pem");
  g_autofree char *root = load_text ("certificates/root.pem");
  g_autofree char *half = g_strndup (root, strlen (root) / 2);
  g_autofree char *mixed = g_strconcat (root, device, NULL);
  g_autofree char *huge = g_strnfill (1024 * 1024 + 1, '\n');
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 65; i++)
    g_string_append (many, root);
  assert_no_roots ("", FOYER_CAST_ERROR_CREDENTIALS, "no PEM certificates");
  assert_no_roots (half, FOYER_CAST_ERROR_CREDENTIALS, "no PEM certificates");
  assert_no_roots (device, FOYER_CAST_ERROR_CREDENTIALS,
      "certificate 1 is not");
  assert_no_roots (mixed, FOYER_CAST_ERROR_CREDENTIALS, "certificate 2 is not");
  assert_no_roots (huge, FOYER_CAST_ERROR_TOO_LARGE, "bytes");
  assert_no_roots (many->str, FOYER_CAST_ERROR_CREDENTIALS, "65 certificates");
  g_assert_null (foyer_cast_trust_new_from_file ("/nonexistent/x", &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/x"));
}

/* Bytes are read as files are. */
static void
test_bytes (void)
{
  g_autofree char *device = load_text ("certificates/root_not_ca.pem");
  g_autofree char *root = load_text ("certificates/root.pem");
  g_autoptr (GBytes) good = g_bytes_new (root, strlen (root));
  g_autoptr (GBytes) bad = g_bytes_new (device, strlen (device));
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerCastTrust) trust = foyer_cast_trust_new_from_bytes (good,
      &error);

  g_assert_no_error (error);
  g_assert_cmpuint (foyer_cast_trust_get_roots (trust)->len, ==, 1);
  g_assert_cmpuint (foyer_cast_trust_get_crl_roots (trust)->len, ==, 1);
  g_assert_null (foyer_cast_trust_new_from_bytes (bad, &error));
  assert_verdict (error, FOYER_CAST_ERROR_CREDENTIALS, "certificate 1 is not");
  g_clear_error (&error);
  g_assert_null (foyer_cast_trust_new_from_bytes (empty, &error));
  assert_verdict (error, FOYER_CAST_ERROR_CREDENTIALS, "no PEM certificates");
}

static void
test_name_is_harmless (void)
{
  gnutls_x509_crt_t hostile = foyer_test_load_certificate (
      "certificates/device_hostile.pem");
  g_autofree char *name = foyer_cast_certificate_dup_name (hostile);

  g_assert_cmpstr (name, ==, "a\\u0022b\\u005cc\\u000ad\\u202ee");
}

static void
test_parse_is_capped (void)
{
  g_autoptr (GBytes) der = foyer_test_print_der (
      foyer_test_load_certificate ("certificates/device.pem"));
  gsize n_bytes = g_bytes_get_size (der);
  g_autofree guint8 *large = g_malloc0 (FOYER_CAST_MAX_CERTIFICATE_BYTES + 1);
  g_autoptr (GError) error = NULL;

  memcpy (large, g_bytes_get_data (der, NULL), n_bytes);
  g_assert_null (foyer_cast_certificate_parse (large,
      FOYER_CAST_MAX_CERTIFICATE_BYTES + 1, &error));
  g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (foyer_cast_certificate_parse (large, n_bytes - 1, &error));
  g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-trust/public/are-the-published",
      test_public_roots_are_the_published);
  g_test_add_func ("/cast-trust/public/has-the-raw-name",
      test_public_root_has_the_raw_name);
  g_test_add_func ("/cast-trust/public/chains", test_public_chains);
  g_test_add_func ("/cast-trust/own/chains", test_own_chains);
  g_test_add_func ("/cast-trust/chain/lines", test_lines);
  g_test_add_func ("/cast-trust/chain/path-is-what-was-used",
      test_path_is_what_was_used);
  g_test_add_func ("/cast-trust/chain/life-to-the-second",
      test_life_to_the_second);
  g_test_add_func ("/cast-trust/chain/search-is-bounded",
      test_search_is_bounded);
  g_test_add_func ("/cast-trust/file/with-two-roots", test_file_with_two_roots);
  g_test_add_func ("/cast-trust/file/without-roots", test_file_without_roots);
  g_test_add_func ("/cast-trust/bytes", test_bytes);
  g_test_add_func ("/cast-trust/certificate/name-is-harmless",
      test_name_is_harmless);
  g_test_add_func ("/cast-trust/certificate/parse-is-capped",
      test_parse_is_capped);
  return g_test_run ();
}
