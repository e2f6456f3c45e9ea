/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-config.h"
#include "foyer-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>

static FoyerConfig *
parse (const char *text)
{
  return foyer_config_parse ("x.conf", text, strlen (text));
}

static void
assert_default (const FoyerConfig *config)
{
  g_assert_cmpuint (config->history_days, ==, 365);
  g_assert_cmpuint (config->history_megabytes, ==, 64);
  g_assert_cmpuint (config->max_age_ms, ==, 1000);
  g_assert_cmpuint (config->target_delay_ms, ==, 400);
  g_assert_cmpint (config->ticking, ==, FOYER_TICKING_AUTO);
  g_assert_cmpuint (config->cameras->len, ==, 0);
  g_assert_cmpuint (config->displays->len, ==, 0);
}

static void
test_ticking (void)
{
  static const struct
  {
    const char *text;
    FoyerTicking ticking;
  } cases[] = {
    { "[service]\nclock=true\n", FOYER_TICKING_ON },
    { "[service]\nclock=false\n", FOYER_TICKING_OFF },
    { "[service]\nclock=auto\n", FOYER_TICKING_AUTO },
    { "[service]\nclock=\n", FOYER_TICKING_AUTO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerConfig *config = foyer_config_parse ("x.conf", cases[i].text,
        strlen (cases[i].text));

    g_assert_cmpint (config->ticking, ==, cases[i].ticking);
    foyer_config_free (config);
  }
}

static void
test_all_keys (void)
{
  g_autoptr (FoyerConfig) config = parse (
      "[service]\nhistory-days=0\nhistory-megabytes=5\nmax-age-ms=200\n"
      "target-delay-ms=2000\nclock=false\n"
      "[camera Front Door]\nidentity=test:Front Door\n"
      "[display Kitchen]\nhost=fe80::1%eth0\nport=9\ntrust=pinned\n"
      "codec=h264\n"
      "[display Hall]\nhost=hall.local\n"
      "[display Announced]\ncodec=vp8\n");
  const FoyerConfigCamera *camera;
  const FoyerConfigDisplay *display;

  g_assert_cmpuint (config->problems->len, ==, 0);
  g_assert_cmpuint (config->history_days, ==, 0);
  g_assert_cmpuint (config->history_megabytes, ==, 5);
  g_assert_cmpuint (config->max_age_ms, ==, 200);
  g_assert_cmpuint (config->target_delay_ms, ==, 2000);
  g_assert_cmpint (config->ticking, ==, FOYER_TICKING_OFF);
  camera = g_ptr_array_index (config->cameras, 0);
  g_assert_cmpstr (camera->name, ==, "Front Door");
  g_assert_cmpstr (camera->identity, ==, "test:Front Door");
  display = g_ptr_array_index (config->displays, 0);
  g_assert_cmpstr (display->name, ==, "Kitchen");
  g_assert_cmpstr (display->host, ==, "fe80::1%eth0");
  g_assert_cmpuint (display->port, ==, 9);
  g_assert_cmpint (display->trust, ==, FOYER_TRUST_PINNED);
  g_assert_cmpint (display->codecs, ==, FOYER_CODECS_H264);
  display = g_ptr_array_index (config->displays, 1);
  g_assert_cmpuint (display->port, ==, 8009);
  g_assert_cmpint (display->trust, ==, FOYER_TRUST_DEVICE);
  g_assert_cmpint (display->codecs, ==, FOYER_CODECS_ALL);
  display = g_ptr_array_index (config->displays, 2);
  g_assert_cmpstr (display->host, ==, NULL);
  g_assert_cmpint (display->codecs, ==, FOYER_CODECS_VP8);
}

static void
test_problems (void)
{
  static const struct
  {
    const char *text;
    const char *prefix;
    guint n_displays;
  } cases[] = {
    { "[service]\nmax-age-ms=199\n",
        "x.conf, line 2: max-age-ms: no number from 200 to 5000", 0 },
    { "[service]\n\nhistory-days=-1\n", "x.conf, line 3: history-days: ", 0 },
    { "[service]\nclock=yes\n", "x.conf, line 2: clock: none of true", 0 },
    { "[service]\ncolour=red\n", "x.conf, line 2: colour: ", 0 },
    { "x=1\n", "x.conf, line 1: []: ", 0 },
    { "[kitchen]\n", "x.conf, line 1: [kitchen]: ", 0 },
    { "[camera A]\n", "x.conf, line 1: identity: ", 0 },
    { "[camera A]\nidentity=any\n", "x.conf, line 2: identity: ", 0 },
    { "[display A]\nport=1\n", "x.conf, line 1: host: ", 0 },
    { "[display A]\n", "x.conf, line 1: host: ", 0 },
    { "[display A]\ncodec=vp8\nport=1\n", "x.conf, line 1: host: ", 0 },
    { "[display A]\ncodec=vp9\n", "x.conf, line 2: codec: none of ", 0 },
    { "[display A]\nhost=a b\n", "x.conf, line 2: host: ", 0 },
    { "[display A]\nhost=a\nport=0\n", "x.conf, line 3: port: ", 0 },
    { "[display A]\nhost=a\ntrust=all\n", "x.conf, line 3: trust: ", 0 },
    { "[display A]\nhost=a\ntrust=any\n", "x.conf, line 3: trust=any ", 1 },
    { "[display A]\nhost=a\nx=1\n", "x.conf, line 3: x: ", 1 },
    { "nonsense", "x.conf: line 1: ", 0 },
    { "[display A]\nhost=a\n\xff", "x.conf: line 3: not UTF-8", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FoyerConfig) config = parse (cases[i].text);

    g_assert_cmpuint (config->problems->len, ==, 1);
    if (!g_str_has_prefix (g_ptr_array_index (config->problems, 0),
            cases[i].prefix))
      g_error ("%s", (char *) g_ptr_array_index (config->problems, 0));
    g_assert_cmpuint (config->displays->len, ==, cases[i].n_displays);
    g_ptr_array_set_size (config->displays, 0);
    assert_default (config);
  }
}

/* A wrong one opens none, rather than another than was meant. */
static void
test_microphone (void)
{
  static const struct
  {
    const char *text;
    const char *microphone;
    guint n_problems;
  } cases[] = {
    { "[camera A]\nidentity=usb:1:2:3\n", NULL, 0 },
    { "[camera A]\nidentity=usb:1:2:3\nmicrophone=hw:CARD=C920,DEV=1\n",
        "hw:CARD=C920,DEV=1", 0 },
    { "[camera A]\nidentity=usb:1:2:3\nmicrophone=none\n", "none", 0 },
    { "[camera A]\nidentity=usb:1:2:3\nmicrophone=plughw:0\n", "none", 1 },
    { "[camera A]\nidentity=usb:1:2:3\nmicrophone=\n", "none", 1 },
    { "[camera A]\nidentity=test:A\nmicrophone=none\n", NULL, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FoyerConfig) config = parse (cases[i].text);
    const FoyerConfigCamera *camera = g_ptr_array_index (config->cameras, 0);

    g_assert_cmpstr (camera->microphone, ==, cases[i].microphone);
    g_assert_cmpuint (config->problems->len, ==, cases[i].n_problems);
  }
}

/* What is wrong in it does not count; the camera is opened as usual then. */
static void
test_profile (void)
{
  static const struct
  {
    const char *text;
    guint16 width_px;
    guint16 height_px;
    guint16 fps;
    guint n_problems;
  } cases[] = {
    { "[profile A]\nsize=640x360\nfps=10\n", 640, 360, 10, 0 },
    { "[profile A]\nsize=1920x1080\nfps=60\n", 1920, 1080, 60, 0 },
    { "[profile A]\nfps=5\n", 1280, 720, 5, 0 },
    { "[profile A]\nsize=640\n", 1280, 720, 30, 1 },
    { "[profile A]\nsize=640x360x2\n", 1280, 720, 30, 1 },
    { "[profile A]\nsize=641x360\n", 1280, 720, 30, 1 },
    { "[profile A]\nsize=640x1922\n", 1280, 720, 30, 1 },
    { "[profile A]\nsize=x\nfps=0\n", 1280, 720, 30, 2 },
    { "[profile A]\nfps=61\n", 1280, 720, 30, 1 },
    { "[profile A]\nrate=3\nsize=320x180\n", 320, 180, 30, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
        g_strconcat ("[camera C]\nidentity=test:C\nprofile=A\n", cases[i].text,
            NULL);
    g_autoptr (FoyerConfig) config = parse (text);
    const FoyerConfigCamera *camera = g_ptr_array_index (config->cameras, 0);

    g_assert_nonnull (camera->profile);
    g_assert_cmpuint (camera->profile->width_px, ==, cases[i].width_px);
    g_assert_cmpuint (camera->profile->height_px, ==, cases[i].height_px);
    g_assert_cmpuint (camera->profile->fps, ==, cases[i].fps);
    g_assert_cmpuint (config->problems->len, ==, cases[i].n_problems);
  }
}

static void
test_no_profile (void)
{
  g_autoptr (FoyerConfig) config = parse (
      "[profile A]\n[camera C]\nidentity=test:C\nprofile=B\n");
  const FoyerConfigCamera *camera = g_ptr_array_index (config->cameras, 0);

  g_assert_null (camera->profile);
  g_assert_cmpuint (config->problems->len, ==, 1);
}

/* Two cameras that can't be told apart are not both named. */
static void
test_same_camera_twice (void)
{
  g_autoptr (FoyerConfig) config = parse (
      "[camera A]\nidentity=test:x\n[camera B]\nidentity=test:x\n");

  g_assert_cmpuint (config->cameras->len, ==, 1);
  g_assert_cmpuint (config->problems->len, ==, 1);
}

static void
test_too_many (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (FoyerConfig) config = NULL;

  for (int i = 0; i < 200; i++)
    g_string_append_printf (text,
        "[camera %d]\nidentity=test:%d\n[display %d]\nhost=h\n", i, i, i);
  config = parse (text->str);
  g_assert_cmpuint (config->cameras->len, ==, FOYER_CORE_MAX_CAMERAS);
  g_assert_cmpuint (config->displays->len, ==, FOYER_CORE_MAX_TARGETS);
  g_assert_cmpuint (config->problems->len, ==, 20);
}

static void
test_files (void)
{
  g_autofree char *folder = foyer_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "foyer.conf", NULL);
  g_autoptr (FoyerConfig) none = foyer_config_load (path);
  g_autoptr (FoyerConfig) some = NULL;
  g_autoptr (FoyerConfig) bad = foyer_config_load (folder);

  assert_default (none);
  g_assert_cmpuint (none->problems->len, ==, 0);
  foyer_test_folder_write (folder, "foyer.conf", "[service]\nclock=false\n",
      0600);
  some = foyer_config_load (path);
  g_assert_cmpint (some->ticking, ==, FOYER_TICKING_OFF);
  assert_default (bad);
  g_assert_cmpuint (bad->problems->len, ==, 1);
  foyer_test_folder_remove (folder);
}

/* The file that is installed has no problem, and says what counts without it. */
static void
test_installed (void)
{
  g_autoptr (FoyerConfig) config = foyer_config_load (FOYER_TEST_CONFIG);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (FoyerConfig) told = NULL;

  g_assert_true (g_file_get_contents (FOYER_TEST_CONFIG, &text, NULL, NULL));
  g_assert_cmpuint (config->problems->len, ==, 0);
  assert_default (config);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (!g_str_has_prefix (lines[i], "# "))
      g_string_append_printf (out, "%s\n",
          lines[i][0] == '#' ? lines[i] + 1 : lines[i]);
  told = parse (out->str);
  g_assert_cmpuint (told->problems->len, ==, 0);
  g_assert_cmpuint (told->cameras->len, ==, 1);
  g_assert_cmpuint (told->displays->len, ==, 2);
  g_ptr_array_set_size (told->cameras, 0);
  g_ptr_array_set_size (told->displays, 0);
  assert_default (told);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/all-keys", test_all_keys);
  g_test_add_func ("/config/ticking", test_ticking);
  g_test_add_func ("/config/microphone", test_microphone);
  g_test_add_func ("/config/profile", test_profile);
  g_test_add_func ("/config/no-profile", test_no_profile);
  g_test_add_func ("/config/problems", test_problems);
  g_test_add_func ("/config/same-camera-twice", test_same_camera_twice);
  g_test_add_func ("/config/too-many", test_too_many);
  g_test_add_func ("/config/files", test_files);
  g_test_add_func ("/config/installed", test_installed);
  return g_test_run ();
}
