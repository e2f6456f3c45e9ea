/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-identity.h"

#include "foyer-interner.h"

#define PORT_1 "pci-0000:00:14.0-usb-0:1:1.0"
#define PORT_2 "pci-0000:00:14.0-usb-0:2:1.0"

static const struct
{
  const char *name;
  FoyerCameraProperties properties;
  const char *own;
  const char *place;
} cases[] = {
  { "serial", { "046d", "0825", "SN123", PORT_1, "00", "usb-0000:00:14.0-1" },
      "usb:046d:0825:SN123", "path:" PORT_1 "@046d:0825:SN123" },
  { "no serial", { "046d", "0825", NULL, PORT_1, "00", "usb-0000:00:14.0-1" },
      "path:" PORT_1 "@046d:0825", "path:" PORT_1 "@046d:0825" },
  { "infrared", { "046d", "0825", "SN123", PORT_1, "02" },
      "usb:046d:0825:SN123/02", "path:" PORT_1 "@046d:0825:SN123/02" },
  { "second stream", { "046d", "0825", "SN123", PORT_1, "00", NULL, 2 },
      "usb:046d:0825:SN123#2", "path:" PORT_1 "@046d:0825:SN123#2" },
  { "forged", { "046d", "0825", "a/02:b\n#c \xff", PORT_1, "00" },
      "usb:046d:0825:a_02_b__c__", "path:" PORT_1 "@046d:0825:a_02_b__c__" },
  { "no vendor", { "46d", "0825", "SN123", PORT_1, "00" }, "path:" PORT_1,
      "path:" PORT_1 },
  { "CSI",
      { NULL, NULL, NULL, "platform-fe801000.csi", NULL,
          "platform:fe801000.csi" },
      "path:platform-fe801000.csi", "path:platform-fe801000.csi" },
  { "one of two",
      { NULL, NULL, NULL, "platform-vivid.0", NULL, "platform:vivid-001" },
      "path:platform-vivid.0/vivid-001", "path:platform-vivid.0/vivid-001" },
};

static void
test_forms (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (FoyerCameraIdentity) identity = { 0 };

    g_test_message ("%s", cases[i].name);
    g_assert_true (
        foyer_camera_identity_init (&identity, &cases[i].properties));
    g_assert_cmpstr (identity.own, ==, cases[i].own);
    g_assert_cmpstr (identity.place, ==, cases[i].place);
    g_assert_true (foyer_identity_is_valid (identity.own));
    g_assert_true (foyer_identity_is_valid (identity.place));
  }
}

static void
test_nowhere (void)
{
  FoyerCameraIdentity identity = { 0 };
  FoyerCameraProperties properties = cases[0].properties;

  properties.path = NULL;
  g_assert_false (foyer_camera_identity_init (&identity, &properties));
  properties.path = "";
  g_assert_false (foyer_camera_identity_init (&identity, &properties));
  g_assert_null (identity.own);
}

static void
assert_twins (FoyerCameraProperties a, FoyerCameraProperties b,
    gboolean are_twins)
{
  g_auto (FoyerCameraIdentity) first = { 0 };
  g_auto (FoyerCameraIdentity) second = { 0 };

  g_assert_true (foyer_camera_identity_init (&first, &a));
  g_assert_true (foyer_camera_identity_init (&second, &b));
  g_assert_cmpint (g_str_equal (first.kind, second.kind), ==, are_twins);
  g_assert_false (foyer_camera_identity_equal (&first, &second));
  g_assert_true (foyer_camera_identity_equal (&second, &second));
}

static void
test_twins (void)
{
  const FoyerCameraProperties usual = cases[0].properties;
  FoyerCameraProperties other = usual;

  /* Another port makes no other camera of the same number. */
  other.path = PORT_2;
  assert_twins (usual, other, TRUE);
  assert_twins (cases[1].properties,
      (FoyerCameraProperties){ "046d", "0825", "", PORT_2, "00" }, TRUE);
  other.serial = "SN124";
  assert_twins (usual, other, FALSE);
  other = usual;
  other.model = "0826";
  assert_twins (usual, other, FALSE);
  other = usual;
  other.interface = "02";
  assert_twins (usual, other, FALSE);
  other = usual;
  other.serial = NULL;
  assert_twins (usual, other, FALSE);
}

/* What libcamera calls a camera, and which sensor it has. */
static const struct
{
  const char *model;
  const char *id;
  const char *identity; /* NULL: none */
} sensors[] = {
  { "imx219", "/base/soc/i2c0mux/i2c@1/imx219@10",
      "csi:imx219@/base/soc/i2c0mux/i2c@1/imx219@10" },
  { "ov5693", "\\_SB_.PCI0.I2C2.CAMF", "csi:ov5693@__SB_.PCI0.I2C2.CAMF" },
  { "Sensor B", "platform/vimc.0 Sensor B", "csi:Sensor_B@platform/vimc.0" },
  { "a@b\n", "x y", "csi:a_b_@x_y" },
  { "", "/base/x", NULL },
  { "imx219", "", NULL },
  { "imx219", " imx219", NULL },
};

static void
test_sensors (void)
{
  g_autofree char *endless = g_strnfill (161, 'x');
  FoyerCameraIdentity none = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (sensors); i++) {
    g_auto (FoyerCameraIdentity) identity = { 0 };

    g_test_message ("%s", sensors[i].id);
    g_assert_cmpint (foyer_camera_identity_init_sensor (&identity,
                         sensors[i].model, sensors[i].id),
        ==, sensors[i].identity != NULL);
    g_assert_cmpstr (identity.own, ==, sensors[i].identity);
    g_assert_cmpstr (identity.place, ==, sensors[i].identity);
    g_assert_cmpstr (identity.kind, ==, sensors[i].identity);
    g_assert_cmpint (foyer_identity_is_valid (identity.own), ==,
        sensors[i].identity != NULL);
  }
  /* Cut, it could be taken for another. */
  g_assert_false (foyer_camera_identity_init_sensor (&none, "x", endless));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera-identity/forms", test_forms);
  g_test_add_func ("/camera-identity/sensors", test_sensors);
  g_test_add_func ("/camera-identity/nowhere", test_nowhere);
  g_test_add_func ("/camera-identity/twins", test_twins);
  return g_test_run ();
}
