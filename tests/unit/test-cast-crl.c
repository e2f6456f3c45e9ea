/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-crl.h"
#include "foyer-test-data.h"
#include "foyer-test-x509.h"

#define ON_2019_12_17 ((gint64) 1576540800)
#define DAY_S         ((gint64) 86400)

#define AUTH "openscreen/auth/"

#define UNUSABLE FOYER_CAST_CRL_UNUSABLE
#define CLEAR    FOYER_CAST_CRL_CLEAR
#define REVOKED  FOYER_CAST_CRL_REVOKED

/* The chain that openscreen's lists are about, and who may withdraw. */
typedef struct
{
  FoyerCastPath path;
  GPtrArray *roots;
} Scene;

static void
scene_init (Scene *self)
{
  g_autoptr (GPtrArray) chain = foyer_test_load_certificates (
      AUTH "device_chain.pem");

  self->path = (FoyerCastPath){ .n_certificates = 3 };
  for (guint i = 0; i < 3; i++)
    self->path.certificates[i] = chain->pdata[i];
  self->roots = foyer_test_load_certificates (AUTH "crl_root.pem");
}

static void
scene_clear (Scene *self)
{
  g_ptr_array_unref (self->roots);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static FoyerCastCrlVerdict
check (const Scene *scene, GBytes *bundle, gint64 now_s)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bundle, &n_bytes);

  return foyer_cast_crl_check (data, n_bytes, scene->roots, now_s,
      &scene->path);
}

/* openscreen cast/test/device_auth_test.cc. There a list is required, and one
 * that is not good fails; here it is not there. */
static const struct
{
  const char *name;
  FoyerCastCrlVerdict verdict;
} lists[] = {
  { "good", CLEAR },
  { "invalid_time", UNUSABLE },
  { "bad_signer_cert", UNUSABLE },
  { "bad_signature", UNUSABLE },
  { "issuer_revoked", REVOKED },
  { "device_revoked", REVOKED },
  { "issuer_serial_revoked", REVOKED },
  { "device_serial_revoked", REVOKED },
};

static GBytes *
load_list (const char *name)
{
  g_autofree char *file = g_strdup_printf (AUTH "%s_crl.pb", name);

  return foyer_test_load (file);
}

static void
test_known_lists (void)
{
  g_auto (Scene) scene;

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autoptr (GBytes) list = load_list (lists[i].name);

    g_test_message ("%s", lists[i].name);
    g_assert_cmpint (check (&scene, list, ON_2019_12_17), ==, lists[i].verdict);
  }
}

static void
test_other_times (void)
{
  g_autoptr (GBytes) list = load_list ("device_revoked");
  g_auto (Scene) scene;

  scene_init (&scene);
  g_assert_cmpint (check (&scene, list, ON_2019_12_17), ==, REVOKED);
  g_assert_cmpint (check (&scene, list, ON_2019_12_17 - 10 * DAY_S), ==,
      UNUSABLE);
  g_assert_cmpint (check (&scene, list, ON_2019_12_17 + 400 * DAY_S), ==,
      UNUSABLE);
  g_assert_cmpint (check (&scene, list, -1), ==, UNUSABLE);
}

static void
test_other_roots (void)
{
  g_autoptr (GBytes) list = load_list ("device_revoked");
  g_auto (Scene) scene;

  scene_init (&scene);
  g_ptr_array_set_size (scene.roots, 0);
  g_assert_cmpint (check (&scene, list, ON_2019_12_17), ==, UNUSABLE);
  g_ptr_array_add (scene.roots, scene.path.certificates[2]);
  g_assert_cmpint (check (&scene, list, ON_2019_12_17), ==, UNUSABLE);
}

static void
test_other_device (void)
{
  g_autoptr (GBytes) list = load_list ("device_revoked");
  g_autoptr (GBytes) serials = load_list ("device_serial_revoked");
  g_auto (Scene) scene;

  scene_init (&scene);
  scene.path.certificates[0] = foyer_test_load_certificate (
      "certificates/device.pem");
  g_assert_cmpint (check (&scene, list, ON_2019_12_17), ==, CLEAR);
  g_assert_cmpint (check (&scene, serials, ON_2019_12_17), ==, CLEAR);
}

/* A serial number counts under its issuer alone. */
static void
test_other_issuer (void)
{
  g_autoptr (GBytes) serials = load_list ("device_serial_revoked");
  g_auto (Scene) scene;

  scene_init (&scene);
  g_assert_cmpint (check (&scene, serials, ON_2019_12_17), ==, REVOKED);
  scene.path.certificates[1] = foyer_test_load_certificate (
      "certificates/intermediate.pem");
  g_assert_cmpint (check (&scene, serials, ON_2019_12_17), ==, CLEAR);
}

/* No change makes a list that revokes into one that is clear. */
static void
test_changed (void)
{
  g_autoptr (GBytes) list = load_list ("device_revoked");
  gsize n_bytes = g_bytes_get_size (list);
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (list, NULL), n_bytes);
  g_auto (Scene) scene;

  scene_init (&scene);
  for (gsize i = 0; i < n_bytes; i += 7) {
    bytes[i] ^= 0x10;
    g_assert_cmpint (foyer_cast_crl_check (bytes, n_bytes, scene.roots,
                         ON_2019_12_17, &scene.path),
        ==, UNUSABLE);
    bytes[i] ^= 0x10;
  }
}

/* The first that is good counts, of the first four. */
static void
test_bundle_of_several (void)
{
  g_autoptr (GBytes) bad = load_list ("bad_signature");
  g_autoptr (GBytes) good = load_list ("good");
  g_autoptr (GBytes) revoked = load_list ("device_revoked");
  g_auto (Scene) scene;
  const struct
  {
    GBytes *parts[5];
    FoyerCastCrlVerdict verdict;
  } bundles[] = {
    { { bad, revoked, good }, REVOKED },
    { { bad, good, revoked }, CLEAR },
    { { bad, bad, bad, revoked }, REVOKED },
    { { bad, bad, bad, bad, revoked }, UNUSABLE },
  };

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (bundles); i++) {
    g_autoptr (GByteArray) bundle = g_byte_array_new ();

    for (guint k = 0; k < 5 && bundles[i].parts[k] != NULL; k++)
      g_byte_array_append (bundle, g_bytes_get_data (bundles[i].parts[k], NULL),
          (guint) g_bytes_get_size (bundles[i].parts[k]));
    g_assert_cmpint (foyer_cast_crl_check (bundle->data, bundle->len,
                         scene.roots, ON_2019_12_17, &scene.path),
        ==, bundles[i].verdict);
  }
}

static void
test_garbage (void)
{
  static const char *const texts[] = { "", "0a00", "0a", "ff", "0a020a00",
    "0a060a0012001a00" };
  g_auto (Scene) scene;
  g_autoptr (GBytes) large =
      g_bytes_new_take (g_malloc0 (FOYER_CAST_MAX_MESSAGE_BYTES + 1),
          FOYER_CAST_MAX_MESSAGE_BYTES + 1);

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GBytes) bundle = foyer_test_hex (texts[i]);

    g_assert_cmpint (check (&scene, bundle, ON_2019_12_17), ==, UNUSABLE);
  }
  g_assert_cmpint (check (&scene, large, ON_2019_12_17), ==, UNUSABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-crl/known-lists", test_known_lists);
  g_test_add_func ("/cast-crl/other-times", test_other_times);
  g_test_add_func ("/cast-crl/other-roots", test_other_roots);
  g_test_add_func ("/cast-crl/other-device", test_other_device);
  g_test_add_func ("/cast-crl/other-issuer", test_other_issuer);
  g_test_add_func ("/cast-crl/changed", test_changed);
  g_test_add_func ("/cast-crl/bundle-of-several", test_bundle_of_several);
  g_test_add_func ("/cast-crl/garbage", test_garbage);
  return g_test_run ();
}
