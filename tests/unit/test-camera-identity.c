/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-identity.h"

#include <string.h>

#define MAX_PROPERTIES 6
#define PORT           "platform-vhci_hcd.0-usb-0:1:1.0"

typedef struct
{
  const char *name;
  const char *properties[MAX_PROPERTIES][2];
  const char *text; /* NULL if there is no identity */
  gboolean is_unique;
} IdentityCase;

#define USB(vendor, product)                       \
  { "ID_BUS", "usb" }, { "ID_VENDOR_ID", vendor }, \
  {                                                \
    "ID_MODEL_ID", product                         \
  }

/* clang-format off */
static const IdentityCase identity_cases[] = {
  { "serial", { USB ("046d", "082d"), { "ID_SERIAL_SHORT", "SN-1" }, { "ID_PATH", PORT } },
    "usb:046d:082d:SN-1", TRUE },
  { "no-serial", { USB ("046d", "082d"), { "ID_PATH", PORT } },
    "usb:046d:082d@port:" PORT, FALSE },
  { "empty-serial", { USB ("046d", "082d"), { "ID_SERIAL_SHORT", "" }, { "ID_PATH", PORT } },
    "usb:046d:082d@port:" PORT, FALSE },
  { "serial-without-port", { USB ("046d", "082d"), { "ID_SERIAL_SHORT", "SN-1" } },
    "usb:046d:082d:SN-1", TRUE },
  { "case-of-ids", { USB ("046D", "082d"), { "ID_SERIAL_SHORT", "aB" } },
    "usb:046d:082d:aB", TRUE },
  { "serial-that-pretends", { USB ("046d", "082d"), { "ID_SERIAL_SHORT", "@port:1\n%" } },
    "usb:046d:082d:%40port:1%0A%25", TRUE },
  { "no-usb", { { "ID_PATH", "platform-3f801000.csi" }, { "ID_SERIAL_SHORT", "SN-1" } },
    "other@port:platform-3f801000.csi", FALSE },
  { "nothing", { { NULL, NULL } }, NULL, FALSE },
  { "no-serial-no-port", { USB ("046d", "082d") }, NULL, FALSE },
  { "ids-no-numbers", { USB ("046g", "082d"), { "ID_SERIAL_SHORT", "SN-1" }, { "ID_PATH", PORT } },
    NULL, FALSE },
  { "ids-too-long", { USB ("0046d", "082d"), { "ID_SERIAL_SHORT", "SN-1" }, { "ID_PATH", PORT } },
    NULL, FALSE },
  { "ids-missing", { { "ID_BUS", "usb" }, { "ID_SERIAL_SHORT", "SN-1" }, { "ID_PATH", PORT } },
    NULL, FALSE },
};
/* clang-format on */

static const char *
get_of_case (const char *name, gpointer user_data)
{
  const IdentityCase *c = user_data;

  for (int i = 0; i < MAX_PROPERTIES; i++)
    if (g_strcmp0 (c->properties[i][0], name) == 0)
      return c->properties[i][1];
  return NULL;
}

static void
test_identity (gconstpointer data)
{
  const IdentityCase *c = data;
  FoyerCameraProperties properties = { get_of_case, (gpointer) c };
  g_auto (FoyerCameraIdentity) identity = { 0 };
  g_autofree char *text = NULL;

  if (!foyer_camera_identity_init (&identity, &properties)) {
    g_assert_null (c->text);
    g_assert_null (identity.what);
    return;
  }
  text = foyer_camera_identity_dup_text (&identity);
  g_assert_cmpstr (text, ==, c->text);
  g_assert_cmpint (identity.is_unique, ==, c->is_unique);
}

static void
test_identity_too_long (void)
{
  g_autofree char *serial = g_strnfill (FOYER_CAMERA_IDENTITY_MAX_BYTES, 'x');
  IdentityCase c = { .properties = { USB ("046d", "082d"),
                         { "ID_SERIAL_SHORT", serial } } };
  FoyerCameraProperties properties = { get_of_case, &c };
  g_auto (FoyerCameraIdentity) identity = { 0 };

  g_assert_false (foyer_camera_identity_init (&identity, &properties));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (identity_cases); i++) {
    g_autofree char *path = g_strconcat ("/camera-identity/",
        identity_cases[i].name, NULL);

    g_test_add_data_func (path, &identity_cases[i], test_identity);
  }
  g_test_add_func ("/camera-identity/too-long", test_identity_too_long);
  return g_test_run ();
}
