/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-test-forger.h"
#include "foyer-test-member.h"

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

/* usage: foyer-crowd [OPTION...]
 *
 * Many displays in one process. The first line on standard output tells their
 * ports and keys; each command on standard input is answered by a line:
 *
 *   counts        what came to each display since the beginning
 *   after N NS    what came to display N after that moment of CLOCK_MONOTONIC
 *   drop PERCENT  lose so many datagrams in each direction from now on
 *   close N       display N is gone, as if it had lost power
 *   open N K PORT display N is there again, with the keys of display K, on that
 *                 port, or on any if it is 0
 *   replay A B    B receives again what A has received (foyer-test-forger.h)
 *   steal A B     the keys of A's stream are tried on what B has received
 *   nag A B       the frames of B's stream are asked for again from A's socket
 *   quit          ends, as does the end of input
 */

#define MAX_DISPLAYS 512
#define PERCENT      100.0
#define MAX_NUMBERS  3 /* of a command */

typedef struct
{
  int n_displays;
  int port;
  int n_full;
  int every;
  int width_px;
  int height_px;
  int fps;
  int bps;
  double drop_percent;
  gboolean is_each;
  gboolean hears;
  char *address;
  char *credentials;
  char *frames;
} Options;

typedef struct
{
  Options options;
  FoyerTestCrowd crowd;
  FoyerCastCredentials *credentials[MAX_DISPLAYS]; /* one, or one each */
  FoyerTestMember *members[MAX_DISPLAYS];
} Program;

static void
say (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);
  printf ("%s\n", line);
  fflush (stdout);
  g_object_unref (builder);
}

static JsonBuilder *
line_new (void)
{
  JsonBuilder *builder = json_builder_new ();

  return json_builder_begin_object (builder);
}

static FoyerCastCredentials *
get_credentials (Program *self, int number)
{
  return self->credentials[self->options.is_each ? number : 0];
}

static char *
dup_folder (const Program *self, int number)
{
  g_autofree char *name = g_strdup_printf ("%d", number);

  return self->options.is_each
      ? g_build_filename (self->options.credentials, name, NULL)
      : g_strdup (self->options.credentials);
}

static gboolean
open_credentials (Program *self, GError **error)
{
  int n = self->options.is_each ? self->options.n_displays : 1;
  gint64 now_s = foyer_clock_get_wall_us (foyer_clock_get_system ()) /
      G_USEC_PER_SEC;

  for (int i = 0; i < n; i++) {
    g_autofree char *folder = dup_folder (self, i);
    g_autoptr (GTlsCertificate) tls = NULL;

    self->credentials[i] = foyer_cast_credentials_open (folder, now_s, error);
    if (self->credentials[i] == NULL)
      return FALSE;
    tls = foyer_cast_credentials_ensure_tls (self->credentials[i], now_s,
        error);
    if (tls == NULL)
      return FALSE;
  }
  return TRUE;
}

/* @keys: whose credentials it has. */
static gboolean
start_member (Program *self, int number, int keys, guint16 port, GError **error)
{
  const Options *options = &self->options;
  g_autofree char *name = g_strdup_printf ("Crowd %d", number);
  const FoyerCastDisplayConfig config = {
    .address = options->address,
    .port = port,
    .friendly_name = name,
    .credentials = get_credentials (self, keys),
    .codecs = { FOYER_CAST_CODEC_H264, FOYER_CAST_CODEC_OPUS },
    .n_codecs = options->hears ? 2 : 1,
    .width_px = (guint) options->width_px,
    .height_px = (guint) options->height_px,
    .fps = (guint) options->fps,
    .max_video_bps = (guint) options->bps,
    .drop_fraction = options->drop_percent / PERCENT,
  };

  self->members[number] = foyer_test_member_new (&self->crowd, (guint) number,
      (guint) keys, &config, number < options->n_full, error);
  return self->members[number] != NULL;
}

static void
tell_start (Program *self)
{
  g_autofree char *folder = dup_folder (self, 0);
  g_autofree char *ca_file = g_build_filename (folder, "root.pem", NULL);
  JsonBuilder *line = line_new ();

  json_builder_set_member_name (line, "ca_file");
  json_builder_add_string_value (line, ca_file);
  json_builder_set_member_name (line, "displays");
  json_builder_begin_array (line);
  for (int i = 0; i < self->options.n_displays; i++) {
    json_builder_begin_object (line);
    json_builder_set_member_name (line, "port");
    json_builder_add_int_value (line,
        foyer_cast_display_get_port (
            foyer_test_member_get_display (self->members[i])));
    json_builder_set_member_name (line, "fingerprint");
    json_builder_add_string_value (line,
        foyer_cast_credentials_get_fingerprint (get_credentials (self, i)));
    json_builder_end_object (line);
  }
  json_builder_end_array (line);
  say (line);
}

static void
tell_counts (Program *self)
{
  JsonBuilder *line = line_new ();

  json_builder_set_member_name (line, "displays");
  json_builder_begin_array (line);
  for (int i = 0; i < self->options.n_displays; i++) {
    json_builder_begin_object (line);
    if (self->members[i] != NULL)
      foyer_test_member_count (self->members[i], line);
    json_builder_end_object (line);
  }
  json_builder_end_array (line);
  say (line);
}

/* (transfer none) (nullable): a display that there is and that is open */
static FoyerTestMember *
find_member (Program *self, gint64 number)
{
  return number >= 0 && number < self->options.n_displays
      ? self->members[number]
      : NULL;
}

static void
tell_after (Program *self, const gint64 *numbers)
{
  FoyerTestMember *member = find_member (self, numbers[0]);
  JsonBuilder *line = line_new ();

  if (member != NULL)
    foyer_test_member_look (member, numbers[1], line);
  say (line);
}

static void
close_member (Program *self, const gint64 *numbers)
{
  FoyerTestMember *member = find_member (self, numbers[0]);

  if (member != NULL) {
    self->members[numbers[0]] = NULL;
    foyer_test_member_free (member);
  }
  say (line_new ());
}

static void
open_member (Program *self, const gint64 *numbers)
{
  g_autoptr (GError) error = NULL;
  int n_displays = self->options.n_displays;
  JsonBuilder *line = line_new ();
  gint64 port = 0;

  if (numbers[0] >= 0 && numbers[0] < n_displays && numbers[1] >= 0 &&
      numbers[1] < n_displays && self->members[numbers[0]] == NULL) {
    if (start_member (self, (int) numbers[0], (int) numbers[1],
            (guint16) numbers[2], &error))
      port = foyer_cast_display_get_port (
          foyer_test_member_get_display (self->members[numbers[0]]));
    else
      fprintf (stderr, "foyer-crowd: %s\n", error->message);
  }
  json_builder_set_member_name (line, "port");
  json_builder_add_int_value (line, port);
  say (line);
}

static void
forge (Program *self, FoyerTestForge what, const gint64 *numbers)
{
  FoyerTestMember *from = find_member (self, numbers[0]);
  FoyerTestMember *to = find_member (self, numbers[1]);
  JsonBuilder *line = line_new ();

  if (from != NULL && to != NULL)
    foyer_test_forge (what, foyer_test_member_get_tap (from),
        foyer_test_member_get_tap (to), line);
  say (line);
}

static void
set_drop (Program *self, double percent)
{
  self->options.drop_percent = percent;
  for (int i = 0; i < self->options.n_displays; i++)
    if (self->members[i] != NULL)
      foyer_cast_display_set_drop (foyer_test_member_get_display (
                                       self->members[i]),
          percent / PERCENT);
  say (line_new ());
}

static gboolean
obey (Program *self, const char *command)
{
  g_auto (GStrv) words = g_strsplit (command, " ", 1 + MAX_NUMBERS);
  const char *verb = words[0] != NULL ? words[0] : "";
  gint64 numbers[MAX_NUMBERS] = { 0 };

  for (guint i = 0; i < MAX_NUMBERS && words[0] != NULL && words[i + 1] != NULL;
       i++)
    numbers[i] = g_ascii_strtoll (words[i + 1], NULL, 10);
  if (g_str_equal (verb, "quit"))
    return FALSE;
  if (g_str_equal (verb, "counts"))
    tell_counts (self);
  else if (g_str_equal (verb, "after"))
    tell_after (self, numbers);
  else if (g_str_equal (verb, "drop") && words[1] != NULL)
    set_drop (self, g_ascii_strtod (words[1], NULL));
  else if (g_str_equal (verb, "close"))
    close_member (self, numbers);
  else if (g_str_equal (verb, "open"))
    open_member (self, numbers);
  else if (g_str_equal (verb, "replay"))
    forge (self, FOYER_TEST_FORGE_REPLAY, numbers);
  else if (g_str_equal (verb, "steal"))
    forge (self, FOYER_TEST_FORGE_STEAL, numbers);
  else if (g_str_equal (verb, "nag"))
    forge (self, FOYER_TEST_FORGE_NAG, numbers);
  else
    fprintf (stderr, "foyer-crowd: no command \"%s\"\n", command);
  return TRUE;
}

/* Commands are obeyed here, between them the displays' threads do it all. */
static void
listen_to_commands (Program *self)
{
  char command[256];

  while (fgets (command, sizeof command, stdin) != NULL)
    if (!obey (self, g_strchomp (command)))
      return;
}

static gboolean
run (Program *self, GError **error)
{
  self->crowd.every = (guint) self->options.every;
  self->crowd.key_decoder = foyer_test_decoder_new ();
  if (self->options.frames != NULL)
    self->crowd.frames = fopen (self->options.frames, "ae");
  if (!open_credentials (self, error))
    return FALSE;
  for (int i = 0; i < self->options.n_displays; i++) {
    int port = self->options.port != 0 ? self->options.port + i : 0;

    if (!start_member (self, i, i, (guint16) port, error))
      return FALSE;
  }
  tell_start (self);
  listen_to_commands (self);
  return TRUE;
}

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "displays", 0, 0, G_OPTION_ARG_INT, &options->n_displays, "How many (1)",
        "N" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port,
        "TCP port of the first, the others follow; 0 for any", "N" },
    { "address", 0, 0, G_OPTION_ARG_STRING, &options->address,
        "Address to listen on (127.0.0.1)", "ADDRESS" },
    { "credentials", 0, 0, G_OPTION_ARG_FILENAME, &options->credentials,
        "Folder with keys, made at first start", "DIR" },
    { "each", 0, 0, G_OPTION_ARG_NONE, &options->is_each,
        "Keys for each display, not for all", NULL },
    { "sound", 0, 0, G_OPTION_ARG_NONE, &options->hears,
        "They take sound as well; what decodes every frame listens to it",
        NULL },
    { "full", 0, 0, G_OPTION_ARG_INT, &options->n_full,
        "Displays that decode every frame, the first (0)", "N" },
    { "every", 0, 0, G_OPTION_ARG_INT, &options->every,
        "Others decode each so manieth key frame, and their first (1)", "N" },
    { "width", 0, 0, G_OPTION_ARG_INT, &options->width_px,
        "Of their picture (1280)", "PX" },
    { "height", 0, 0, G_OPTION_ARG_INT, &options->height_px,
        "Of their picture (720)", "PX" },
    { "fps", 0, 0, G_OPTION_ARG_INT, &options->fps, "Most frames a second (30)",
        "N" },
    { "bps", 0, 0, G_OPTION_ARG_INT, &options->bps,
        "Most bits a second of pictures (3000000)", "N" },
    { "drop", 0, 0, G_OPTION_ARG_DOUBLE, &options->drop_percent,
        "Lose so many datagrams in each direction", "PERCENT" },
    { "frames", 0, 0, G_OPTION_ARG_FILENAME, &options->frames,
        "Append a JSON line for each frame", "FILE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (
      "- many displays in one process");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc == 1 && options->credentials != NULL && options->n_displays > 0 &&
      options->n_displays <= MAX_DISPLAYS && options->every > 0)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--credentials is needed, and sound numbers");
  return FALSE;
}

int
main (int argc, char **argv)
{
  static Program self = { .options = { .n_displays = 1,
                              .every = 1,
                              .width_px = 1280,
                              .height_px = 720,
                              .fps = 30,
                              .bps = 3000000 } };
  g_autoptr (GError) error = NULL;

  gst_init (NULL, NULL);
  if (!parse_options (&self.options, &argc, &argv, &error) ||
      !run (&self, &error)) {
    fprintf (stderr, "foyer-crowd: %s\n", error->message);
    return EXIT_FAILURE;
  }
  for (int i = 0; i < self.options.n_displays; i++)
    foyer_test_member_free (self.members[i]);
  /* The system has the rest. */
  return EXIT_SUCCESS;
}
