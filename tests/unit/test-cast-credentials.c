/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-auth.h"
#include "foyer-cast-error.h"
#include "foyer-test-data.h"
#include "foyer-test-folder.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* 2026-11-22 */
#define NOW_S  ((gint64) 1795305600)
#define HOUR_S ((gint64) 3600)
#define DAY_S  (24 * HOUR_S)

#define GIVEN "openscreen/auth/"
#define GIVEN_FINGERPRINT \
  "sha256:8044c13da8ec4eba090694f7207025ac08b60c65389b9424ec04e630a0c1306c"

/* Keys made by others, laid out as ours are. */
static char *
make_given_folder (void)
{
  char *folder = foyer_test_folder_new ();
  g_autoptr (GBytes) key = foyer_test_load (GIVEN "device_key.pem");
  g_autoptr (GBytes) chain = foyer_test_load (GIVEN "device_chain.pem");
  g_autofree char *text = g_strdup_printf ("%.*s%.*s",
      (int) g_bytes_get_size (key), (const char *) g_bytes_get_data (key, NULL),
      (int) g_bytes_get_size (chain),
      (const char *) g_bytes_get_data (chain, NULL));

  foyer_test_folder_write (folder, "device.pem", text, 0600);
  return folder;
}

static GBytes *
load_tls_leaf (void)
{
  g_autoptr (GBytes) pem = foyer_test_load (GIVEN "device_tls.pem");
  g_autoptr (GTlsCertificate) tls = NULL;
  g_autoptr (GError) error = NULL;
  GByteArray *der = NULL;

  tls = g_tls_certificate_new_from_pem (g_bytes_get_data (pem, NULL),
      (gssize) g_bytes_get_size (pem), &error);
  g_assert_no_error (error);
  g_object_get (tls, "certificate", &der, NULL);
  return g_byte_array_free_to_bytes (der);
}

static FoyerCastCredentials *
open_good (const char *folder, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  FoyerCastCredentials *self = foyer_cast_credentials_open (folder, now_s,
      &error);

  g_assert_no_error (error);
  g_assert_nonnull (self);
  return self;
}

static void
assert_refused (const char *folder, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (foyer_cast_credentials_open (folder, NOW_S, &error));
  g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_CREDENTIALS);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, what));
  g_assert_nonnull (strstr (error->message, folder));
}

/* What openscreen's receiver answered with these keys, byte for byte but for an
 * empty crl at the end: PKCS #1 v1.5 has no chance in it. */
static void
test_answer_is_the_recorded_one (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, NOW_S);
  g_autoptr (GBytes) leaf = load_tls_leaf ();
  g_autoptr (GBytes) recorded = foyer_test_load (GIVEN "auth_response.pb");
  g_autoptr (GBytes) challenge = foyer_test_hex (
      "0a1412101e42401c2bbc67f464be027c37114b441801");
  g_autoptr (GBytes) answer = foyer_cast_auth_answer (self, challenge, leaf);
  const guint8 *bytes = g_bytes_get_data (answer, NULL);
  gsize n_bytes = g_bytes_get_size (answer);

  g_assert_cmpstr (foyer_cast_credentials_get_fingerprint (self), ==,
      GIVEN_FINGERPRINT);
  /* field 2, then its length in two bytes */
  g_assert_cmpuint (bytes[0], ==, 0x12);
  g_assert_cmpmem (bytes + 3, n_bytes - 3, g_bytes_get_data (recorded, NULL),
      n_bytes - 3);
  g_assert_cmpuint (g_bytes_get_size (recorded) - (n_bytes - 3), <=, 2);
  foyer_test_folder_remove (folder);
}

static GBytes *
dup_leaf (GTlsCertificate *tls)
{
  GByteArray *der = NULL;

  g_object_get (tls, "certificate", &der, NULL);
  return g_byte_array_free_to_bytes (der);
}

static gpointer
open_in_thread (gpointer folder)
{
  return open_good (folder, NOW_S);
}

static void
assert_mode (const char *folder, const char *name, int mode)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, mode);
}

/* A sender that trusts FOLDER/root.pem accepts what the display answers. */
static void
assert_accepted (const char *folder, FoyerCastCredentials *self, gint64 now_s)
{
  static const guint8 nonce[FOYER_CAST_NONCE_BYTES] = { 7, 8, 9 };
  g_autofree char *root = g_build_filename (folder, "root.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerCastTrust) trust = foyer_cast_trust_new_from_file (root,
      &error);
  g_autoptr (GTlsCertificate) tls = NULL;
  g_autoptr (GBytes) leaf = NULL;
  g_autoptr (GBytes) challenge = foyer_cast_auth_print_challenge (nonce);
  g_autoptr (GBytes) answer = NULL;
  g_auto (FoyerCastIdentity) identity = { NULL };

  g_assert_no_error (error);
  tls = foyer_cast_credentials_ensure_tls (self, now_s, &error);
  g_assert_no_error (error);
  leaf = dup_leaf (tls);
  answer = foyer_cast_auth_answer (self, challenge, leaf);
  foyer_cast_auth_verify (answer, nonce, leaf, trust, now_s, &identity);
  g_assert_no_error (identity.problem);
  g_assert_true (identity.has_chain);
  g_assert_cmpstr (identity.name, ==, "Foyer Display");
  g_assert_cmpstr (identity.fingerprint, ==,
      foyer_cast_credentials_get_fingerprint (self));
  g_assert_true (foyer_cast_auth_decide (&identity, FOYER_CAST_AUTH_DEVICE,
      foyer_cast_credentials_get_fingerprint (self), TRUE, &error));
}

/* Making keys takes its time: the one test that does looks at all of it. Two
 * open the new folder at once. */
static void
test_open_makes_and_keeps (void)
{
  g_autofree char *parent = foyer_test_folder_new ();
  g_autofree char *folder = g_build_filename (parent, "keys", NULL);
  GThread *thread = g_thread_new ("opener", open_in_thread, folder);
  g_autoptr (FoyerCastCredentials) first = open_good (folder, NOW_S);
  g_autoptr (FoyerCastCredentials) second = g_thread_join (thread);
  g_autoptr (FoyerCastCredentials) later = open_good (folder, NOW_S + DAY_S);
  g_autofree char *names = foyer_test_folder_list (folder);

  g_assert_cmpstr (foyer_cast_credentials_get_fingerprint (first), ==,
      foyer_cast_credentials_get_fingerprint (second));
  g_assert_cmpstr (foyer_cast_credentials_get_fingerprint (first), ==,
      foyer_cast_credentials_get_fingerprint (later));
  g_assert_cmpstr (names, ==, "device.pem lock root.pem");
  assert_mode (parent, "keys", 0700);
  assert_mode (folder, "device.pem", 0600);
  assert_accepted (folder, first, NOW_S);
  assert_accepted (folder, later, NOW_S + 19 * 365 * DAY_S);
  foyer_test_folder_remove (folder);
  foyer_test_folder_remove (parent);
}

/* A crash between the two files. */
static void
test_open_writes_missing_root (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, NOW_S);
  g_autofree char *root = foyer_test_folder_read (folder, "root.pem");
  g_autoptr (GBytes) chain = foyer_test_load (GIVEN "device_chain.pem");

  g_assert_cmpstr (foyer_cast_credentials_get_fingerprint (self), ==,
      GIVEN_FINGERPRINT);
  g_assert_nonnull (root);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (chain, NULL),
      (gssize) g_bytes_get_size (chain), root));
  foyer_test_folder_remove (folder);
}

static void
test_open_refuses_root_alone (void)
{
  g_autofree char *folder = foyer_test_folder_new ();
  g_autofree char *names = NULL;

  foyer_test_folder_write (folder, "root.pem", "any", 0644);
  assert_refused (folder, "its keys, device.pem, are not");
  names = foyer_test_folder_list (folder);
  g_assert_cmpstr (names, ==, "lock root.pem");
  foyer_test_folder_remove (folder);
}

static void
test_open_refuses_other_root (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (GBytes) other = foyer_test_load (GIVEN "crl_root.pem");
  g_autofree char *text = g_strndup (g_bytes_get_data (other, NULL),
      g_bytes_get_size (other));
  g_autofree char *after = NULL;

  foyer_test_folder_write (folder, "root.pem", text, 0644);
  assert_refused (folder, "is not the root of device.pem");
  after = foyer_test_folder_read (folder, "root.pem");
  g_assert_cmpstr (after, ==, text);
  foyer_test_folder_remove (folder);
}

/* Every way that device.pem may be damaged: it is refused and stays as it is.
 */
static void
assert_damage (const char *text, int mode, const char *what)
{
  g_autofree char *folder = foyer_test_folder_new ();
  g_autofree char *after = NULL;
  g_autofree char *names = NULL;

  foyer_test_folder_write (folder, "device.pem", text, mode);
  assert_refused (folder, what);
  after = foyer_test_folder_read (folder, "device.pem");
  names = foyer_test_folder_list (folder);
  g_assert_cmpstr (after, ==, text);
  g_assert_cmpstr (names, ==, "device.pem");
  foyer_test_folder_remove (folder);
}

static char *
load_text (const char *name)
{
  g_autoptr (GBytes) bytes = foyer_test_load (name);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_open_refuses_damage (void)
{
  g_autofree char *key = load_text (GIVEN "device_key.pem");
  g_autofree char *chain = load_text (GIVEN "device_chain.pem");
  g_autofree char *leaf = g_strndup (chain,
      (gsize) (strstr (chain + 1, "-----BEGIN") - chain));
  g_autofree char *root = g_strdup (g_strrstr (chain, "-----BEGIN"));
  g_autofree char *good = g_strconcat (key, chain, NULL);
  g_autofree char *half = g_strndup (good, strlen (good) / 2);
  g_autofree char *no_way = g_strconcat (key, leaf, root, NULL);
  g_autofree char *other_key = g_strconcat (key, chain + strlen (leaf), NULL);
  g_autofree char *alone = g_strconcat (key, leaf, NULL);
  g_autofree char *huge = g_strnfill (70000, 'x');

  assert_damage ("", 0600, "certificates can't be read");
  assert_damage (key, 0600, "certificates can't be read");
  assert_damage (chain, 0600, "key can't be read");
  assert_damage (half, 0600, "certificates can't be read");
  assert_damage (no_way, 0600, "do not lead to its root");
  assert_damage (other_key, 0600, "not that of its first certificate");
  assert_damage (alone, 0600, "no device certificate and root");
  assert_damage (huge, 0600, "too large");
  assert_damage (good, 0640, "only its owner may read");
}

static void
test_open_refuses_foreign_key (void)
{
  g_autofree char *own = load_text ("certificates/other_key.pem");
  g_autofree char *chain = load_text (GIVEN "device_chain.pem");
  g_autofree char *text = g_strconcat (own, chain, NULL);

  assert_damage (text, 0600, "not that of its first certificate");
}

static void
test_open_refuses_link (void)
{
  g_autofree char *given = make_given_folder ();
  g_autofree char *target = g_build_filename (given, "device.pem", NULL);
  g_autofree char *folder = foyer_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "device.pem", NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
  assert_refused (folder, "opening");
  foyer_test_folder_remove (folder);
  foyer_test_folder_remove (given);
}

static void
test_open_refuses_what_is_no_folder (void)
{
  g_autofree char *folder = foyer_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "file", NULL);

  foyer_test_folder_write (folder, "file", "", 0600);
  assert_refused (path, "making folder");
  foyer_test_folder_remove (folder);
}

static void
assert_life (GTlsCertificate *tls, gint64 from_s, gint64 to_s)
{
  g_autoptr (GDateTime) from = g_tls_certificate_get_not_valid_before (tls);
  g_autoptr (GDateTime) to = g_tls_certificate_get_not_valid_after (tls);

  g_assert_cmpint (g_date_time_to_unix (from), ==, from_s);
  g_assert_cmpint (g_date_time_to_unix (to), ==, to_s);
}

static GTlsCertificate *
ensure_tls (FoyerCastCredentials *self, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  GTlsCertificate *tls = foyer_cast_credentials_ensure_tls (self, now_s,
      &error);

  g_assert_no_error (error);
  return tls;
}

static void
test_tls_lives_two_days (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, NOW_S);
  g_autoptr (GTlsCertificate) tls = ensure_tls (self, NOW_S);
  g_autofree char *key = NULL;

  assert_life (tls, NOW_S - HOUR_S, NOW_S + 2 * DAY_S - HOUR_S);
  g_object_get (tls, "private-key-pem", &key, NULL);
  g_assert_nonnull (key);
  foyer_test_folder_remove (folder);
}

static void
test_tls_is_renewed (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, NOW_S);
  g_autoptr (GTlsCertificate) first = ensure_tls (self, NOW_S);
  g_autoptr (GTlsCertificate) same = ensure_tls (self, NOW_S + DAY_S - 1);
  g_autoptr (GTlsCertificate) next = ensure_tls (self, NOW_S + DAY_S);
  g_autoptr (GTlsCertificate) back = ensure_tls (self, NOW_S - 1);

  g_assert_true (first == same);
  g_assert_false (g_tls_certificate_is_same (first, next));
  assert_life (next, NOW_S + DAY_S - HOUR_S, NOW_S + 3 * DAY_S - HOUR_S);
  assert_life (back, NOW_S - 1 - HOUR_S, NOW_S - 1 + 2 * DAY_S - HOUR_S);
  foyer_test_folder_remove (folder);
}

/* A board that starts in 1970 has a TLS certificate of that day. */
static void
test_tls_in_1970 (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, DAY_S);
  g_autoptr (GTlsCertificate) tls = ensure_tls (self, DAY_S);

  assert_life (tls, DAY_S - HOUR_S, 3 * DAY_S - HOUR_S);
  foyer_test_folder_remove (folder);
}

/* Challenges, and the answers of the reference; NULL: none. */
static const struct
{
  const char *challenge;
  const char *answer;
} answers[] = {
  { "", NULL }, { "ff", NULL },
  { "1200", NULL },             /* a response, without its fields */
  { "1a020800", NULL },         /* an error */
  { "0a001a020800", NULL },     /* a challenge and an error */
  { "0a020802", "1a020802" },   /* RSASSA_PSS */
  { "0a020803", "1a020802" },   /* nothing known */
  { "0a021802", "1a020802" },   /* a hash nobody knows */
  { "0a04080218011a00", NULL }, /* an error without its field */
};

static void
test_answer_by_the_rules (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, NOW_S);
  g_autoptr (GBytes) leaf = load_tls_leaf ();

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    g_autoptr (GBytes) challenge = foyer_test_hex (answers[i].challenge);
    g_autoptr (GBytes) answer = foyer_cast_auth_answer (self, challenge, leaf);

    g_test_message ("%s", answers[i].challenge);
    if (answers[i].answer == NULL) {
      g_assert_null (answer);
    } else {
      g_assert_nonnull (answer);
      foyer_test_assert_hex (g_bytes_get_data (answer, NULL),
          g_bytes_get_size (answer), answers[i].answer);
    }
  }
  foyer_test_folder_remove (folder);
}

/* The end of an answer: fields 4…6 as they must be. */
static void
assert_answer_ends (const FoyerCastCredentials *self, const char *challenge,
    const char *end)
{
  g_autoptr (GBytes) leaf = load_tls_leaf ();
  g_autoptr (GBytes) bytes = foyer_test_hex (challenge);
  g_autoptr (GBytes) wanted = foyer_test_hex (end);
  g_autoptr (GBytes) answer = foyer_cast_auth_answer (self, bytes, leaf);
  gsize n_wanted = g_bytes_get_size (wanted);

  g_assert_nonnull (answer);
  g_assert_cmpuint (g_bytes_get_size (answer), >, n_wanted);
  g_assert_cmpmem ((const guint8 *) g_bytes_get_data (answer, NULL) +
          g_bytes_get_size (answer) - n_wanted,
      n_wanted, g_bytes_get_data (wanted, NULL), n_wanted);
}

/* As of 2014, and with an algorithm left open. */
static void
test_answer_to_old_senders (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, NOW_S);

  assert_answer_ends (self, "0a00", "20013000");
  assert_answer_ends (self, "0a020800", "20013000");
  assert_answer_ends (self, "0a0412020102", "20012a0201023000");
  foyer_test_folder_remove (folder);
}

static void
test_answer_limits_the_nonce (void)
{
  g_autofree char *folder = make_given_folder ();
  g_autoptr (FoyerCastCredentials) self = open_good (folder, NOW_S);
  g_autofree char *digits = g_strnfill (2 * 65, 'a');
  g_autofree char *most = g_strdup_printf ("0a421240%.128s", digits);
  g_autofree char *over = g_strdup_printf ("0a431241%.130s", digits);
  g_autoptr (GBytes) leaf = load_tls_leaf ();
  g_autoptr (GBytes) most_bytes = foyer_test_hex (most);
  g_autoptr (GBytes) over_bytes = foyer_test_hex (over);
  g_autoptr (GBytes) answer = foyer_cast_auth_answer (self, most_bytes, leaf);

  g_assert_nonnull (answer);
  g_assert_null (foyer_cast_auth_answer (self, over_bytes, leaf));
  foyer_test_folder_remove (folder);
}

static void
add_open_tests (void)
{
  g_test_add_func ("/cast-credentials/open/makes-and-keeps",
      test_open_makes_and_keeps);
  g_test_add_func ("/cast-credentials/open/writes-missing-root",
      test_open_writes_missing_root);
  g_test_add_func ("/cast-credentials/open/refuses-root-alone",
      test_open_refuses_root_alone);
  g_test_add_func ("/cast-credentials/open/refuses-other-root",
      test_open_refuses_other_root);
  g_test_add_func ("/cast-credentials/open/refuses-damage",
      test_open_refuses_damage);
  g_test_add_func ("/cast-credentials/open/refuses-foreign-key",
      test_open_refuses_foreign_key);
  g_test_add_func ("/cast-credentials/open/refuses-link",
      test_open_refuses_link);
  g_test_add_func ("/cast-credentials/open/refuses-what-is-no-folder",
      test_open_refuses_what_is_no_folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_open_tests ();
  g_test_add_func ("/cast-credentials/tls/lives-two-days",
      test_tls_lives_two_days);
  g_test_add_func ("/cast-credentials/tls/is-renewed", test_tls_is_renewed);
  g_test_add_func ("/cast-credentials/tls/in-1970", test_tls_in_1970);
  g_test_add_func ("/cast-credentials/answer/is-the-recorded-one",
      test_answer_is_the_recorded_one);
  g_test_add_func ("/cast-credentials/answer/by-the-rules",
      test_answer_by_the_rules);
  g_test_add_func ("/cast-credentials/answer/to-old-senders",
      test_answer_to_old_senders);
  g_test_add_func ("/cast-credentials/answer/limits-the-nonce",
      test_answer_limits_the_nonce);
  return g_test_run ();
}
