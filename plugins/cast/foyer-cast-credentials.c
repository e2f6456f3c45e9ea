/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-credentials.h"

#include "foyer-cast-chain.h"
#include "foyer-cast-maker.h"
#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <sys/file.h>
#include <sys/stat.h>

/* The folder:
 *
 *   device.pem  0600  device key, its certificate, intermediates, root
 *   root.pem    0644  the root again, for senders
 *   lock        0600  held while the two are made
 *
 * All secrets are in one file, so that no crash can leave half of them. */
#define DEVICE_FILE    "device.pem"
#define ROOT_FILE      "root.pem"
#define LOCK_FILE      "lock"
#define FOLDER_MODE    0700
#define SECRET_MODE    0600
#define PUBLIC_MODE    0644
#define OTHERS_MODE    0077
#define MAX_FILE_BYTES 65536
#define TLS_RENEW_S    ((gint64) 24 * 60 * 60)

struct _FoyerCastCredentials
{
  gnutls_privkey_t key;
  GPtrArray *chain; /* of GBytes, DER */
  char *fingerprint;
  GTlsCertificate *tls; /* nullable */
  gint64 tls_made_s;
};

static gboolean G_GNUC_PRINTF (2, 3)
    fail (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_CREDENTIALS,
      text);
  return FALSE;
}

static gboolean
has_file (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

/* Temporary file, fsync, rename, fsync of the folder. */
static gboolean
write_file (const char *path, const char *text, int mode, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (g_file_set_contents_full (path, text, -1,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode,
          &cause))
    return TRUE;
  return fail (error, "%s", cause->message);
}

/* Fills @text, of MAX_FILE_BYTES + 1, up to the end of @fd. */
static gssize
read_all (int fd, char *text)
{
  gssize n_bytes = 0;

  while (n_bytes < MAX_FILE_BYTES) {
    gssize n = read (fd, text + n_bytes, (size_t) (MAX_FILE_BYTES - n_bytes));

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n < 0 ? n : n_bytes;
    n_bytes += n;
  }
  errno = EFBIG;
  return -1;
}

/* A text of a file that only its owner may read. */
static char *
read_secret (const char *path, GError **error)
{
  foyer_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat status;
  char *text;

  if (fd < 0 || fstat (fd, &status) < 0) {
    fail (error, "opening %s: %s", path, g_strerror (errno));
    return NULL;
  }
  if (!S_ISREG (status.st_mode) || (status.st_mode & OTHERS_MODE) != 0) {
    fail (error, "%s is not a file that only its owner may read", path);
    return NULL;
  }
  text = g_malloc0 (MAX_FILE_BYTES + 1);
  if (read_all (fd, text) >= 0)
    return text;
  fail (error, "reading %s: %s", path, g_strerror (errno));
  foyer_cast_maker_free_secret (text);
  return NULL;
}

static GPtrArray *
parse_certificates (const char *pem, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gnutls_x509_crt_deinit);
  gnutls_datum_t datum = { (guint8 *) pem, (unsigned int) strlen (pem) };
  gnutls_x509_crt_t *parsed = NULL;
  unsigned int n_parsed = 0;
  int result = gnutls_x509_crt_list_import2 (&parsed, &n_parsed, &datum,
      GNUTLS_X509_FMT_PEM, 0);

  if (result < 0) {
    fail (error, "its certificates can't be read: %s",
        gnutls_strerror (result));
    return NULL;
  }
  for (unsigned int i = 0; i < n_parsed; i++)
    g_ptr_array_add (list, parsed[i]);
  gnutls_free (parsed);
  return g_steal_pointer (&list);
}

static gboolean
parse_key (FoyerCastCredentials *self, const char *pem, GError **error)
{
  gnutls_datum_t datum = { (guint8 *) pem, (unsigned int) strlen (pem) };
  g_auto (gnutls_x509_privkey_t) key = NULL;
  int result = gnutls_x509_privkey_init (&key);

  if (result >= 0)
    result = gnutls_x509_privkey_import2 (key, &datum, GNUTLS_X509_FMT_PEM,
        NULL, GNUTLS_PKCS_PLAIN);
  if (result >= 0)
    result = gnutls_privkey_init (&self->key);
  if (result >= 0)
    result = gnutls_privkey_import_x509 (self->key, key,
        GNUTLS_PRIVKEY_IMPORT_COPY);
  return result >= 0 ||
      fail (error, "its key can't be read: %s", gnutls_strerror (result));
}

/* Whether @leaf is the certificate of the key. */
static gboolean
check_key (const FoyerCastCredentials *self, gnutls_x509_crt_t leaf,
    GError **error)
{
  static const guint8 sample[] = "foyer";
  g_autoptr (GBytes) data = g_bytes_new_static (sample, sizeof sample);
  g_autoptr (GBytes) signature = foyer_cast_credentials_sign (self,
      GNUTLS_SIGN_RSA_SHA256, data);

  if (signature != NULL &&
      foyer_cast_certificate_verify_data (leaf, GNUTLS_SIGN_RSA_SHA256, data,
          g_bytes_get_data (signature, NULL), g_bytes_get_size (signature)))
    return TRUE;
  return fail (error, "its key is not that of its first certificate");
}

/* Whether they lead from the first to the last. As of the day the first began:
 * how old they are is for senders to judge. */
static gboolean
check_chain (const GPtrArray *certificates, GError **error)
{
  g_autoptr (GPtrArray) between = g_ptr_array_new ();
  g_autoptr (GPtrArray) roots = g_ptr_array_new ();
  g_autoptr (GError) cause = NULL;
  FoyerCastPath path;
  gint64 from_s, to_s;

  if (certificates->len < 2 ||
      !foyer_cast_certificate_get_life (certificates->pdata[0], &from_s, &to_s))
    return fail (error, "it has no device certificate and root");
  for (guint i = 1; i + 1 < certificates->len; i++)
    g_ptr_array_add (between, certificates->pdata[i]);
  g_ptr_array_add (roots, certificates->pdata[certificates->len - 1]);
  if (foyer_cast_chain_verify (certificates->pdata[0], between, roots, from_s,
          &path, &cause))
    return TRUE;
  return fail (error, "its certificates do not lead to its root: %s",
      cause->message);
}

static GBytes *
dup_der (gnutls_x509_crt_t certificate)
{
  gnutls_datum_t der = { NULL, 0 };
  GBytes *bytes;

  if (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &der) < 0)
    return g_bytes_new_static ("", 0);
  bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  return bytes;
}

/* root.pem may be missing, after a crash between the two files; but then it
 * must be this root that goes there. */
static gboolean
ensure_root (const char *path, gnutls_x509_crt_t root, GError **error)
{
  g_autoptr (GPtrArray) there = NULL;
  g_autofree char *pem = NULL;
  gnutls_datum_t text = { NULL, 0 };
  gboolean is_good;

  if (g_file_get_contents (path, &pem, NULL, NULL)) {
    there = parse_certificates (pem, NULL);
    return (there != NULL && there->len == 1 &&
               gnutls_x509_crt_equals (there->pdata[0], root)) ||
        fail (error, "%s is not the root of %s", path, DEVICE_FILE);
  }
  if (has_file (path))
    return fail (error, "%s can't be read", path);
  if (gnutls_x509_crt_export2 (root, GNUTLS_X509_FMT_PEM, &text) < 0)
    return fail (error, "printing %s", path);
  is_good = write_file (path, (const char *) text.data, PUBLIC_MODE, error);
  gnutls_free (text.data);
  return is_good;
}

static gboolean
parse_device (FoyerCastCredentials *self, const char *pem,
    const char *root_path, GError **error)
{
  g_autoptr (GPtrArray) certificates = parse_certificates (pem, error);

  if (certificates == NULL || !parse_key (self, pem, error) ||
      !check_chain (certificates, error) ||
      !check_key (self, certificates->pdata[0], error))
    return FALSE;
  self->fingerprint = foyer_cast_certificate_dup_fingerprint (
      certificates->pdata[0]);
  for (guint i = 0; i + 1 < certificates->len; i++)
    g_ptr_array_add (self->chain, dup_der (certificates->pdata[i]));
  return ensure_root (root_path, certificates->pdata[certificates->len - 1],
      error);
}

static FoyerCastCredentials *
load (const char *device_path, const char *root_path, GError **error)
{
  g_autoptr (FoyerCastCredentials) self = g_new0 (FoyerCastCredentials, 1);
  char *pem;
  gboolean is_good;

  self->chain = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  pem = read_secret (device_path, error);
  if (pem == NULL)
    return NULL;
  is_good = parse_device (self, pem, root_path, error);
  foyer_cast_maker_free_secret (pem);
  if (is_good)
    return g_steal_pointer (&self);
  g_prefix_error (error, "reading %s: ", device_path);
  return NULL;
}

static gboolean
make (const char *device_path, const char *root_path, gint64 now_s,
    GError **error)
{
  g_autofree char *root = NULL;
  char *device = NULL;
  gboolean is_good;

  if (has_file (root_path))
    return fail (error, "%s is there but its keys, %s, are not", root_path,
        DEVICE_FILE);
  device = foyer_cast_maker_print_identity (now_s, &root, error);
  /* The keys first: a root without them would be of no use. */
  is_good = device != NULL &&
      write_file (device_path, device, SECRET_MODE, error) &&
      write_file (root_path, root, PUBLIC_MODE, error);
  foyer_cast_maker_free_secret (device);
  return is_good;
}

/* Waits for another process that makes keys in this folder, for about a second;
 * only at start, before there is a main loop to block. */
static int
lock (const char *path, GError **error)
{
  foyer_autofd int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
      SECRET_MODE);
  int result = -1;

  if (fd >= 0) {
    do
      result = flock (fd, LOCK_EX);
    while (result < 0 && errno == EINTR);
  }
  if (result == 0)
    return g_steal_fd (&fd);
  fail (error, "locking %s: %s", path, g_strerror (errno));
  return -1;
}

static gboolean
ensure_made (const char *folder, const char *device_path, const char *root_path,
    gint64 now_s, GError **error)
{
  g_autofree char *lock_path = g_build_filename (folder, LOCK_FILE, NULL);
  foyer_autofd int lock_fd = -1;

  /* Its appearance is atomic: no lock is needed to read it. */
  if (has_file (device_path))
    return TRUE;
  if (g_mkdir_with_parents (folder, FOLDER_MODE) < 0)
    return fail (error, "making folder: %s", g_strerror (errno));
  lock_fd = lock (lock_path, error);
  if (lock_fd < 0)
    return FALSE;
  return has_file (device_path) || make (device_path, root_path, now_s, error);
}

FoyerCastCredentials *
foyer_cast_credentials_open (const char *folder, gint64 now_s, GError **error)
{
  g_autofree char *device_path = g_build_filename (folder, DEVICE_FILE, NULL);
  g_autofree char *root_path = g_build_filename (folder, ROOT_FILE, NULL);
  FoyerCastCredentials *self = NULL;

  if (ensure_made (folder, device_path, root_path, now_s, error))
    self = load (device_path, root_path, error);
  if (self == NULL)
    g_prefix_error (error, "opening credentials in %s: ", folder);
  return self;
}

const char *
foyer_cast_credentials_get_fingerprint (const FoyerCastCredentials *self)
{
  return self->fingerprint;
}

GTlsCertificate *
foyer_cast_credentials_ensure_tls (FoyerCastCredentials *self, gint64 now_s,
    GError **error)
{
  /* A clock that went back counts as too old, too. */
  if (self->tls == NULL || now_s < self->tls_made_s ||
      now_s - self->tls_made_s >= TLS_RENEW_S) {
    GTlsCertificate *made = foyer_cast_maker_make_tls (now_s, error);

    if (made == NULL)
      return NULL;
    g_clear_object (&self->tls);
    self->tls = made;
    self->tls_made_s = now_s;
  }
  return g_object_ref (self->tls);
}

const GPtrArray *
foyer_cast_credentials_get_chain (const FoyerCastCredentials *self)
{
  return self->chain;
}

GBytes *
foyer_cast_credentials_sign (const FoyerCastCredentials *self,
    gnutls_sign_algorithm_t algorithm, GBytes *data)
{
  gsize n_bytes;
  gconstpointer bytes = g_bytes_get_data (data, &n_bytes);
  gnutls_datum_t datum = { (guint8 *) bytes, (unsigned int) n_bytes };
  gnutls_datum_t signature = { NULL, 0 };
  GBytes *out;

  if (gnutls_privkey_sign_data2 (self->key, algorithm, 0, &datum, &signature) <
      0)
    return NULL;
  out = g_bytes_new (signature.data, signature.size);
  gnutls_free (signature.data);
  return out;
}

void
foyer_cast_credentials_free (FoyerCastCredentials *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->key, gnutls_privkey_deinit);
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  g_clear_pointer (&self->fingerprint, g_free);
  g_clear_object (&self->tls);
  g_free (self);
}
