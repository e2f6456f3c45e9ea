/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-trust.h"

#include "foyer-cast-certificate.h"
#include "foyer-cast-der.h"

#define MODULUS_BYTES      256
#define NO_PATH_LENGTH     (-1)
#define MAX_ROOTS          64
#define MAX_ROOTS_BYTES    (1024 * 1024)
#define KEY_CERT_SIGN_BITS "\x02\x04" /* 2 unused bits; RFC 5280 §4.2.1.3 */

struct _FoyerCastTrust
{
  GPtrArray *roots;     /* of gnutls_x509_crt_t */
  GPtrArray *crl_roots; /* of gnutls_x509_crt_t */
};

/* An anchor is a name and a key, RFC 5280 §6.1.1 (d). */
typedef struct
{
  const char *unit;
  const char *name;
  int path_length;
  const char *modulus; /* hex digits; the exponent is 65537 */
} Anchor;

/* clang-format off */

/* Recomputed from the published certificates, whose SHA-256 are
 * 809af147…26d6ca and caf6d1e3…f3bc46. openscreen
 * cast/common/certificate/cast_root_ca_cert_der-inc.h, eureka_root_ca_der-inc.h
 */
static const Anchor public_roots[] = {
  { .unit = "Cast", .name = "Cast Root CA", .path_length = 2,
    .modulus =
        "bad9659dda39d3c177f6d4d0ae8f580868394a95ed70cffd7908a9aae5e9b8a7"
        "2da067478a9ec9cf70b305876911ec709897c3e6c3c3ebbdc6b03dfc4fc15e38"
        "9fdacf7330065b7937c15e8c8747949a41922ad695c4715c275d08b180c692bd"
        "1be34197a1ec759f559e3e9f8f1cc7656407d3b396a1049f91c4de0a7b6cd9c8"
        "c07831a01942a9e883e3cefcf1cec22e2446950919cac046b2e501bad74ff3bf"
        "f669ad9904faa007390ee6df514707c0e4a95c4b94c52fb3a0307fe7956bb2af"
        "320df18cd56dcb7b47a708abcb27a34dcf4a5af105d1f862c5102a7469aae64b"
        "96fb9bd863e45866d3ad8a6eff7b5ef9a5561e2d82315bf0e224e6414a1fae13" },
  { .unit = "Google TV", .name = "Eureka Root CA",
    .path_length = NO_PATH_LENGTH,
    .modulus =
        "b911d0ea12dc32e1df5c336b19731d9d9ed03976bfa58409a6fd6e6de9dc8f36"
        "4ee98802bd9ff4e844fd4cf59a02566a472a636c5845cc7c6624dc7979c32aa4"
        "b28ba0f7a2b5cd067edbbeec0c86f20d24607484ca29238402d8a7ed3bf1ec26"
        "4754e3b12de6640ff672c5e9985217c0fcf22c20c840f847c9329e3b97b18bf5"
        "982470636619c152e804053d5f8dbcd84baf77986f1f78d1b650274de4ec1469"
        "671f58afa9a011263c9432077fd7e9691fae3f4f638a8f89d6f219785c218eb1"
        "b657d8c0e1ee7d6eddf13a0a6af1bafff9832fdcb5a420176336efc86219cc56"
        "ceb2ea31894b7858c1bf031399e012f288aa9b94dadd7679171e34d10ac40745" },
};

/* SHA-256 of the certificate 8b77c602…84831d. openscreen
 * cast/common/certificate/cast_crl_root_ca_cert_der-inc.h */
static const Anchor public_crl_roots[] = {
  { .unit = "Cast", .name = "Cast CRL Root CA", .path_length = 1,
    .modulus =
        "c27fc00921d3608928b5966efea6adfeaee06635bd996ee8938529bade445da8"
        "6bfce6cc37dd1d0fcf1e3a322c7fe01bc9bb4c34a91c97b5f86d429c4d066aa0"
        "2d95553f781d5cabe93aa6083b5aaff4ab5377149a6bb2372ecd6eeabc225d56"
        "5573fdbd032f545e7f8bc174361a181f64debf08804a120c4953b8c73bdb5fdc"
        "59772fb83a058af6b7472a9b7463083112e67b44d1c17cc887b850636d9fd7ba"
        "365372475fdc4343ebd72e11d18a7aa403f26ad388e6a7b89d81b2b08824c8a1"
        "fab0aadb08643e8b2a075c5a820599c2d5ca527521a7fac5a1daacf7fed0c744"
        "769aeb6bd3bdf47a31a6ad2f5ac4313a6df1dd7b448137cf13855d96ae7b962b" },
};

/* clang-format on */

/* Contents of OBJECT IDENTIFIERs. */
static const guint8 oid_country[] = { 0x55, 0x04, 0x06 };
static const guint8 oid_state[] = { 0x55, 0x04, 0x08 };
static const guint8 oid_locality[] = { 0x55, 0x04, 0x07 };
static const guint8 oid_organisation[] = { 0x55, 0x04, 0x0a };
static const guint8 oid_unit[] = { 0x55, 0x04, 0x0b };
static const guint8 oid_common_name[] = { 0x55, 0x04, 0x03 };
static const guint8 oid_basic_constraints[] = { 0x55, 0x1d, 0x13 };
static const guint8 oid_key_usage[] = { 0x55, 0x1d, 0x0f };

/* AlgorithmIdentifiers, whole: rsaEncryption, sha256WithRSAEncryption; RFC 8017
 * appendix A.2. */
static const guint8 rsa_key_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
  0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
static const guint8 rsa_sign_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
  0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00 };

static void
put_name_part (GByteArray *out, const guint8 *oid, guint8 tag, const char *text)
{
  GByteArray *part = g_byte_array_new ();
  GByteArray *set = g_byte_array_new ();

  foyer_cast_der_put (part, FOYER_CAST_DER_OID, oid, sizeof oid_common_name);
  foyer_cast_der_put (part, tag, text, strlen (text));
  foyer_cast_der_put_array (set, FOYER_CAST_DER_SEQUENCE, part);
  foyer_cast_der_put_array (out, FOYER_CAST_DER_SET, set);
}

/* Names are compared byte for byte, so the order of the parts and the types of
 * the strings are those that issued certificates carry. */
static void
put_name (GByteArray *out, const Anchor *anchor)
{
  GByteArray *name = g_byte_array_new ();

  put_name_part (name, oid_country, FOYER_CAST_DER_PRINTABLE_STRING, "US");
  put_name_part (name, oid_state, FOYER_CAST_DER_UTF8_STRING, "California");
  put_name_part (name, oid_locality, FOYER_CAST_DER_UTF8_STRING,
      "Mountain View");
  put_name_part (name, oid_organisation, FOYER_CAST_DER_UTF8_STRING,
      "Google Inc");
  put_name_part (name, oid_unit, FOYER_CAST_DER_UTF8_STRING, anchor->unit);
  put_name_part (name, oid_common_name, FOYER_CAST_DER_UTF8_STRING,
      anchor->name);
  foyer_cast_der_put_array (out, FOYER_CAST_DER_SEQUENCE, name);
}

static void
put_modulus (GByteArray *out, const char *hex)
{
  guint8 modulus[MODULUS_BYTES];

  for (guint i = 0; i < MODULUS_BYTES; i++)
    modulus[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 |
        g_ascii_xdigit_value (hex[2 * i + 1]));
  foyer_cast_der_put_unsigned (out, modulus, MODULUS_BYTES);
}

static void
put_key (GByteArray *out, const Anchor *anchor)
{
  static const guint8 exponent[] = { 0x01, 0x00, 0x01 };
  const guint8 no_unused_bits = 0;
  GByteArray *numbers = g_byte_array_new ();
  GByteArray *bits = g_byte_array_new ();
  GByteArray *key = g_byte_array_new ();

  put_modulus (numbers, anchor->modulus);
  foyer_cast_der_put_unsigned (numbers, exponent, sizeof exponent);
  g_byte_array_append (bits, &no_unused_bits, 1);
  foyer_cast_der_put_array (bits, FOYER_CAST_DER_SEQUENCE, numbers);
  g_byte_array_append (key, rsa_key_algorithm, sizeof rsa_key_algorithm);
  foyer_cast_der_put_array (key, FOYER_CAST_DER_BIT_STRING, bits);
  foyer_cast_der_put_array (out, FOYER_CAST_DER_SEQUENCE, key);
}

static void
put_extension (GByteArray *out, const guint8 *oid, GByteArray *value)
{
  const guint8 is_critical = 0xff;
  GByteArray *extension = g_byte_array_new ();

  foyer_cast_der_put (extension, FOYER_CAST_DER_OID, oid,
      sizeof oid_basic_constraints);
  foyer_cast_der_put (extension, FOYER_CAST_DER_BOOLEAN, &is_critical, 1);
  foyer_cast_der_put_array (extension, FOYER_CAST_DER_OCTET_STRING, value);
  foyer_cast_der_put_array (out, FOYER_CAST_DER_SEQUENCE, extension);
}

static void
put_extensions (GByteArray *out, const Anchor *anchor)
{
  const guint8 is_ca = 0xff;
  const guint8 path_length = (guint8) anchor->path_length;
  GByteArray *constraints = g_byte_array_new ();
  GByteArray *value = g_byte_array_new ();
  GByteArray *usage = g_byte_array_new ();
  GByteArray *list = g_byte_array_new ();
  GByteArray *extensions = g_byte_array_new ();

  foyer_cast_der_put (constraints, FOYER_CAST_DER_BOOLEAN, &is_ca, 1);
  if (anchor->path_length != NO_PATH_LENGTH)
    foyer_cast_der_put (constraints, FOYER_CAST_DER_INTEGER, &path_length, 1);
  foyer_cast_der_put_array (value, FOYER_CAST_DER_SEQUENCE, constraints);
  put_extension (list, oid_basic_constraints, value);
  foyer_cast_der_put (usage, FOYER_CAST_DER_BIT_STRING, KEY_CERT_SIGN_BITS, 2);
  put_extension (list, oid_key_usage, usage);
  foyer_cast_der_put_array (extensions, FOYER_CAST_DER_SEQUENCE, list);
  foyer_cast_der_put_array (out, FOYER_CAST_DER_CONTEXT (3), extensions);
}

/* The life of an anchor is never looked at; something must stand there. */
static void
put_life (GByteArray *out)
{
  static const char from[] = "120101000000Z", to[] = "490101000000Z";
  GByteArray *life = g_byte_array_new ();

  foyer_cast_der_put (life, FOYER_CAST_DER_UTC_TIME, from, strlen (from));
  foyer_cast_der_put (life, FOYER_CAST_DER_UTC_TIME, to, strlen (to));
  foyer_cast_der_put_array (out, FOYER_CAST_DER_SEQUENCE, life);
}

static GByteArray *
print_unsigned (const Anchor *anchor)
{
  const guint8 version_3 = 2, serial = 1;
  GByteArray *version = g_byte_array_new ();
  GByteArray *content = g_byte_array_new ();

  foyer_cast_der_put_unsigned (version, &version_3, 1);
  foyer_cast_der_put_array (content, FOYER_CAST_DER_CONTEXT (0), version);
  foyer_cast_der_put_unsigned (content, &serial, 1);
  g_byte_array_append (content, rsa_sign_algorithm, sizeof rsa_sign_algorithm);
  put_name (content, anchor);
  put_life (content);
  put_name (content, anchor);
  put_key (content, anchor);
  put_extensions (content, anchor);
  return content;
}

/* GnuTLS wants its anchors as certificates. This one has the anchor's name, key
 * and path length, and a signature of one zero byte: nobody verifies it. */
static gnutls_x509_crt_t
make_anchor (const Anchor *anchor)
{
  static const guint8 no_signature[] = { 0, 0 };
  g_autoptr (GByteArray) der = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  GByteArray *content = g_byte_array_new ();
  gnutls_x509_crt_t made;

  foyer_cast_der_put_array (content, FOYER_CAST_DER_SEQUENCE,
      print_unsigned (anchor));
  g_byte_array_append (content, rsa_sign_algorithm, sizeof rsa_sign_algorithm);
  foyer_cast_der_put (content, FOYER_CAST_DER_BIT_STRING, no_signature,
      sizeof no_signature);
  foyer_cast_der_put_array (der, FOYER_CAST_DER_SEQUENCE, content);
  made = foyer_cast_certificate_parse (der->data, der->len, &error);
  if (made == NULL)
    g_critical ("anchor %s: %s", anchor->name, error->message);
  return made;
}

static void
add_anchors (GPtrArray *roots, const Anchor *anchors, guint n_anchors)
{
  for (guint i = 0; i < n_anchors; i++) {
    gnutls_x509_crt_t root = make_anchor (&anchors[i]);

    if (root != NULL)
      g_ptr_array_add (roots, root);
  }
}

static FoyerCastTrust *
new_empty (void)
{
  FoyerCastTrust *self = g_new0 (FoyerCastTrust, 1);

  self->roots = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gnutls_x509_crt_deinit);
  self->crl_roots = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gnutls_x509_crt_deinit);
  return self;
}

FoyerCastTrust *
foyer_cast_trust_new_public (void)
{
  FoyerCastTrust *self = new_empty ();

  add_anchors (self->roots, public_roots, G_N_ELEMENTS (public_roots));
  add_anchors (self->crl_roots, public_crl_roots,
      G_N_ELEMENTS (public_crl_roots));
  return self;
}

/* Adds all certificates of a PEM text, or says why not. */
static int
add_pem (GPtrArray *roots, const char *pem, gsize n_bytes)
{
  gnutls_datum_t datum = { (guint8 *) pem, (unsigned int) n_bytes };
  gnutls_x509_crt_t *list = NULL;
  unsigned int n_list = 0;
  int result = gnutls_x509_crt_list_import2 (&list, &n_list, &datum,
      GNUTLS_X509_FMT_PEM, 0);

  if (result < 0)
    return result;
  for (unsigned int i = 0; i < n_list; i++)
    g_ptr_array_add (roots, list[i]);
  gnutls_free (list);
  return 0;
}

static gboolean
check_are_authorities (const GPtrArray *roots, GError **error)
{
  if (roots->len == 0 || roots->len > MAX_ROOTS) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_CREDENTIALS,
        "%u certificates, 1 to %d are allowed", roots->len, MAX_ROOTS);
    return FALSE;
  }
  for (guint i = 0; i < roots->len; i++) {
    if (gnutls_x509_crt_get_ca_status (roots->pdata[i], NULL) <= 0) {
      g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_CREDENTIALS,
          "certificate %u is not one that may issue others", i + 1);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
load_roots (GPtrArray *roots, GBytes *bytes, GError **error)
{
  gsize n_bytes = 0;
  const char *pem = g_bytes_get_data (bytes, &n_bytes);
  int result;

  if (n_bytes > MAX_ROOTS_BYTES) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TOO_LARGE,
        "%" G_GSIZE_FORMAT " bytes, at most %d are read", n_bytes,
        MAX_ROOTS_BYTES);
    return FALSE;
  }
  result = add_pem (roots, pem, n_bytes);
  if (result < 0) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_CREDENTIALS,
        "no PEM certificates: %s", gnutls_strerror (result));
    return FALSE;
  }
  return check_are_authorities (roots, error);
}

static FoyerCastTrust *
new_from_bytes (GBytes *pem, GError **error)
{
  g_autoptr (FoyerCastTrust) self = new_empty ();

  /* Who keeps roots of their own withdraws with the same. */
  if (!load_roots (self->roots, pem, error) ||
      !load_roots (self->crl_roots, pem, error))
    return NULL;
  return g_steal_pointer (&self);
}

FoyerCastTrust *
foyer_cast_trust_new_from_file (const char *path, GError **error)
{
  FoyerCastTrust *self = NULL;
  g_autoptr (GBytes) pem = NULL;
  char *text = NULL;
  gsize n_bytes = 0;

  if (g_file_get_contents (path, &text, &n_bytes, error)) {
    pem = g_bytes_new_take (text, n_bytes);
    self = new_from_bytes (pem, error);
  }
  if (self == NULL)
    g_prefix_error (error, "reading roots from %s: ", path);
  return self;
}

FoyerCastTrust *
foyer_cast_trust_new_from_bytes (GBytes *pem, GError **error)
{
  FoyerCastTrust *self = new_from_bytes (pem, error);

  if (self == NULL)
    g_prefix_error (error, "reading given roots: ");
  return self;
}

const GPtrArray *
foyer_cast_trust_get_roots (const FoyerCastTrust *self)
{
  return self->roots;
}

const GPtrArray *
foyer_cast_trust_get_crl_roots (const FoyerCastTrust *self)
{
  return self->crl_roots;
}

void
foyer_cast_trust_free (FoyerCastTrust *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->roots);
  g_ptr_array_unref (self->crl_roots);
  g_free (self);
}
